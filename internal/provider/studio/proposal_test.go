package studio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	paging "digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/internal/provider/studio"
)

func (b *bundle) propose(d studio.Draft, on civil.Date) (p studio.Proposal, err error) {
	err = b.try(b.ana, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.svc.Propose(ctx, tx, b.ana, d.ID, d.Head, on, "pronto")
		return err
	})
	return p, err
}

func (b *bundle) approve(by identity.Principal, proposal uuid.UUID) (p studio.Proposal, err error) {
	err = b.try(by, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = b.svc.Approve(ctx, tx, by, proposal, "")
		return err
	})
	return p, err
}

func (b *bundle) live(code string) (version int) {
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		e, err := b.catalog.Entry(ctx, tx, code)
		if errors.Is(err, catalog.ErrUnknown) {
			return nil
		}
		version = e.Version
		return err
	})
	return version
}

// TestPipeline brings a draft to publication: proposed, refused, proposed again, approved by somebody who did not write it.
func TestPipeline(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	p, err := b.propose(d, civil.Date{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.propose(d, civil.Date{}); !errors.Is(err, studio.ErrWaiting) {
		t.Errorf("proposed twice: %v", err)
	}
	both := staff("dgrni", "both", studio.Read, studio.Approve, studio.Design, catalog.Publish)
	both.Account = b.ana.Account
	for who, by := range map[string]identity.Principal{"the author": both, "no approver": b.rui, "another agency's": staff("cmp", "x", studio.Approve, catalog.Publish)} {
		if _, err := b.approve(by, p.ID); !errors.Is(err, studio.ErrAuthor) && !errors.Is(err, studio.ErrForbidden) {
			t.Errorf("%s approves: %v", who, err)
		}
	}
	refuse := func(answer string) error {
		return b.try(b.chefe, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.Refuse(ctx, tx, b.chefe, p.ID, answer)
			return err
		})
	}
	if err := refuse(" "); !errors.Is(err, studio.ErrAnswer) {
		t.Errorf("refused without a word: %v", err)
	}
	if err := refuse("falta a base legal"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.approve(b.chefe, p.ID); !errors.Is(err, studio.ErrDecided) {
		t.Errorf("approved what is refused: %v", err)
	}
	if p, err = b.propose(d, civil.Date{}); err != nil {
		t.Fatal(err)
	}
	if p, err = b.approve(b.chefe, p.ID); err != nil || p.State != studio.Published || p.Version != 1 || b.live(d.Code) != 1 {
		t.Fatalf("approved: %+v, %v", p, err)
	}
	if len(b.directory.routes) != 1 || b.directory.routes[0].Service != d.Code {
		t.Errorf("requests do not find it: %v", b.directory.routes)
	}
	if _, err := b.propose(d, civil.Date{}); !errors.Is(err, studio.ErrUnchanged) {
		t.Errorf("the same again: %v", err)
	}
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		found, err := b.svc.Proposals(ctx, tx, b.ana, studio.ProposalQuery{Code: d.Code}, paging.Request{Size: 1})
		if err != nil || len(found.Rows) != 1 || found.Rows[0].State != studio.Published || found.Next == "" {
			t.Errorf("the list: %+v, %v", found, err)
		}
		after, err := b.svc.Draft(ctx, tx, b.ana, d.ID)
		if after.Base != 1 {
			t.Errorf("the draft follows version %d", after.Base)
		}
		return err
	})
	what := studio.Step{Code: "texts.save"}
	if _, err := b.edit(b.ana, d.ID, d.Head, what, func(p *servicespec.Pack) error { p.Code = "other"; return nil }); !errors.Is(err, studio.ErrLive) {
		t.Errorf("the code of a published service: %v", err)
	}
}

// TestNotReady refuses what has errors, lacks translations, or whose scenarios come out otherwise.
func TestNotReady(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, change := range map[string]func(p *servicespec.Pack){
		"an error":      func(p *servicespec.Pack) { p.Workflow.Start = "nowhere" },
		"a translation": func(p *servicespec.Pack) { p.Languages = append(p.Languages, "en") },
		"a scenario": func(p *servicespec.Pack) {
			p.Scenarios = []servicespec.Scenario{{Name: "falha", Today: "2026-06-01", Answers: map[string]any{"full_name": "Ana", "details": "x"}, Expect: &servicespec.Expect{State: "approved"}}}
		},
	} {
		in := blank
		in.Name = name
		d := b.begin(in)
		d, err := b.edit(b.ana, d.ID, d.Head, studio.Step{Code: "texts.save"}, func(p *servicespec.Pack) error { change(p); return nil })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.propose(d, civil.Date{}); !errors.Is(err, studio.ErrNotReady) {
			t.Errorf("%s: %v, want ErrNotReady", name, err)
		}
	}
}

// TestSchedule publishes on the day, once, however often the job runs; and not what was withdrawn.
func TestSchedule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	var today civil.Date
	b.in(b.ana, func(_ context.Context, tx *pg.Tx) error { today = civil.Of(tx.Now.UTC()); return nil })
	if _, err := b.propose(d, today.AddDays(-1)); !errors.Is(err, studio.ErrDay) {
		t.Errorf("a day that has passed: %v", err)
	}
	p, err := b.propose(d, today.AddDays(3))
	if err != nil {
		t.Fatal(err)
	}
	if p, err = b.approve(b.chefe, p.ID); err != nil || p.State != studio.Scheduled || b.live(d.Code) != 0 {
		t.Fatalf("approved for a day: %+v, %v", p, err)
	}
	later := func() {
		if err := b.db.AdvanceClock(t.Context(), b.tenant, 4*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		pgtest.Work(t, b.db, b.jobs)
	}
	later()
	later()
	if b.live(d.Code) != 1 {
		t.Errorf("version %d is live on the day", b.live(d.Code))
	}
	what, change := page("applicant", "Outro")
	if d, err = b.edit(b.ana, d.ID, d.Head, what, change); err != nil {
		t.Fatal(err)
	}
	if p, err = b.propose(d, today.AddDays(20)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.approve(b.chefe, p.ID); err != nil {
		t.Fatal(err)
	}
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error { return b.svc.Withdraw(ctx, tx, b.ana, p.ID) })
	for range 4 {
		later()
	}
	if b.live(d.Code) != 1 {
		t.Error("what was withdrawn is live")
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	first := servicespec.Hash(b.pack(d.ID))
	for _, title := range []string{"", "Segunda"} {
		if title != "" {
			what, change := page("applicant", title)
			var err error
			if d, err = b.edit(b.ana, d.ID, d.Head, what, change); err != nil {
				t.Fatal(err)
			}
		}
		p, err := b.propose(d, civil.Date{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.approve(b.chefe, p.ID); err != nil {
			t.Fatal(err)
		}
	}
	back := func(by identity.Principal, reason string) error {
		return b.try(by, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.Rollback(ctx, tx, by, d.Code, 1, reason)
			return err
		})
	}
	if err := back(b.ana, "erro"); !errors.Is(err, studio.ErrForbidden) {
		t.Errorf("a designer rolls back: %v", err)
	}
	if err := back(b.chefe, ""); !errors.Is(err, studio.ErrAnswer) {
		t.Errorf("without a reason: %v", err)
	}
	if err := back(b.chefe, "erro na segunda"); err != nil {
		t.Fatal(err)
	}
	b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.catalog.Pack(ctx, tx, d.Code, 0)
		if err != nil {
			return err
		}
		if p.Version != 3 {
			t.Errorf("version %d is live, want 3", p.Version)
		}
		p.Version = 1
		if servicespec.Hash(&p) != first {
			t.Error("it does not say what the first said")
		}
		return nil
	})
}

func TestPublishFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	admin := staff("dgrni", "agency-admin", studio.Read, studio.Publish, catalog.Publish)
	p := b.pack(b.begin(blank).ID)
	publish := func(by identity.Principal) error {
		return b.try(by, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.PublishFile(ctx, tx, by, p)
			return err
		})
	}
	if err := publish(b.chefe); !errors.Is(err, studio.ErrForbidden) {
		t.Errorf("an approver publishes a file: %v", err)
	}
	if err := publish(admin); err != nil || b.live(p.Code) != 1 {
		t.Errorf("an administrator: %v", err)
	}
	if err := publish(admin); !errors.Is(err, catalog.ErrUnchanged) {
		t.Errorf("the same again: %v", err)
	}
}
