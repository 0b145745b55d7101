package workbench_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/policy"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
)

// hired makes somebody of the staff whose roles stand in the database, as jobs look them up.
func hired(h *orchestrationtest.House, name, role string) (by identity.Principal) {
	h.T.Helper()
	var account uuid.UUID
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		if err = h.Identity.PutRole(ctx, tx, identity.Role{
			Code: role, Name: i18n.Text{"pt": role}, Permissions: policy.ForRole(role, workflow.Policy, orchestration.Policy, workbench.Policy),
		}); err != nil {
			return err
		}
		if account, err = h.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: id.Token(6) + "@example.org", Lang: "pt"}); err != nil {
			return err
		}
		_, err = h.Identity.GrantFor(ctx, tx, identity.NewGrant{Account: account, Role: role, Agency: "dgrni"})
		return err
	})
	h.In(pg.Actor{ID: account, Kind: identity.KindStaff}, func(ctx context.Context, tx *pg.Tx) (err error) {
		by, err = h.Identity.Standing(ctx, tx, account)
		return err
	})
	return by
}

// many is somebody dealing with many cases at once.
type many struct {
	*orchestrationtest.House
	bench *workbench.Service
	by    identity.Principal
	id    uuid.UUID
}

func choose(h *orchestrationtest.House, bench *workbench.Service, by identity.Principal, cases ...uuid.UUID) *many {
	h.T.Helper()
	m := &many{House: h, bench: bench, by: by}
	h.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		var ticked []workbench.Chosen
		for _, c := range cases {
			i, err := h.Workflow.Instance(ctx, tx, c)
			if err != nil {
				return err
			}
			ticked = append(ticked, workbench.Chosen{Application: c, Rev: i.Rev})
		}
		m.id, err = bench.Choose(ctx, tx, by, ticked, nil)
		return err
	})
	return m
}

func (m *many) start(in workbench.StartBulk) error {
	in.By, in.Bulk = m.by, m.id
	return m.Try(m.by.Actor(), func(ctx context.Context, tx *pg.Tx) error { return m.bench.Start(ctx, tx, in) })
}

// results runs the job and returns how each case stands, in the order in which they were chosen.
func (m *many) results() (list []string) {
	m.T.Helper()
	m.Work()
	m.In(m.by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		b, err := m.bench.Bulk(ctx, tx, m.by, m.id)
		for _, i := range b.Items {
			list = append(list, i.Status+" "+i.Code)
		}
		return err
	})
	return list
}

func (m *many) want(what string, want ...string) {
	m.T.Helper()
	if diff := cmp.Diff(want, m.results()); diff != "" {
		m.T.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (m *many) call(f func(ctx context.Context, tx *pg.Tx, by identity.Principal, bulk uuid.UUID) error) error {
	return m.Try(m.by.Actor(), func(ctx context.Context, tx *pg.Tx) error { return f(ctx, tx, m.by, m.id) })
}

// TestManyCasesChangeHands gives cases to a colleague, of whom one cannot be given, and takes that back; what somebody has gone on with stays.
func TestManyCasesChangeHands(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	bench.Register(h.Jobs)
	clerk, other, chief := hired(h, "Clara Clerk", "registry-clerk"), hired(h, "Carlos Clerk", "registry-clerk"), hired(h, "Rui Registrar", "registrar")
	free, taken, gone, waits := paid(h, "A"), paid(h, "B"), paid(h, "C"), unpaid(h, "D")
	h.Claim(other, taken)

	m := choose(h, bench, chief, free, taken, gone, waits)
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkAssign}); !errors.Is(err, workbench.ErrBulk) {
		t.Errorf("given to nobody: %v", err)
	}
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkAssign, To: clerk.Account}); err != nil {
		t.Fatal(err)
	}
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkClaim}); !errors.Is(err, workbench.ErrStarted) {
		t.Errorf("started twice: %v", err)
	}
	m.want("giving", "done ", "done ", "done ", "failed workflow.ended")
	for _, c := range []uuid.UUID{free, taken, gone} {
		if h.Case(c).Assignee != clerk.Account {
			t.Errorf("%s is with %s", c, h.Case(c).Assignee)
		}
	}
	if err := m.call(bench.Retry); err != nil {
		t.Fatal(err)
	}
	m.want("trying again", "done ", "done ", "done ", "failed workflow.ended")

	if err := h.Act(clerk, gone, "verify", ""); err != nil {
		t.Fatal(err)
	}
	if err := m.call(bench.Undo); err != nil {
		t.Fatal(err)
	}
	m.want("undoing", "undone ", "undone ", "kept workflow.meanwhile", "failed workflow.ended")
	if h.Case(free).Assignee != uuid.Nil || h.Case(taken).Assignee != other.Account {
		t.Errorf("after undoing: %s, %s", h.Case(free).Assignee, h.Case(taken).Assignee)
	}
	if err := m.call(bench.Undo); !errors.Is(err, workbench.ErrUndo) {
		t.Errorf("undone twice: %v", err)
	}
	colleague := &many{House: h, bench: bench, by: other, id: m.id}
	if err := colleague.call(bench.Retry); !errors.Is(err, workbench.ErrNoBulk) {
		t.Errorf("a colleague finds it: %v", err)
	}
}

// TestManyAreTakenAndPutBack takes cases, of which one changed meanwhile and one is a colleague's, and puts them back.
func TestManyAreTakenAndPutBack(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	bench.Register(h.Jobs)
	clerk, other := hired(h, "Clara Clerk", "registry-clerk"), hired(h, "Carlos Clerk", "registry-clerk")
	a, b, c := paid(h, "A"), paid(h, "B"), paid(h, "C")
	h.Claim(other, b)
	m := choose(h, bench, clerk, a, b, c)
	h.Claim(other, c)
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkClaim}); err != nil {
		t.Fatal(err)
	}
	m.want("taking", "done ", "failed workflow.not_yours", "failed workflow.meanwhile")
	back := choose(h, bench, clerk, a, b)
	if err := back.start(workbench.StartBulk{Kind: workbench.BulkRelease}); err != nil {
		t.Fatal(err)
	}
	back.want("putting back", "done ", "failed workflow.release")
	if err := back.call(bench.Undo); err != nil {
		t.Fatal(err)
	}
	back.want("undoing that", "undone ", "failed workflow.release")
	if h.Case(a).Assignee != clerk.Account {
		t.Error("the case did not come back")
	}
}

// TestManyAreMovedOn verifies several cases at once: what is missing is said before anything happens, and each is checked by itself.
func TestManyAreMovedOn(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	bench.Register(h.Jobs)
	clerk := hired(h, "Clara Clerk", "registry-clerk")
	a, b, done := paid(h, "A"), paid(h, "B"), paid(h, "C")
	if err := h.Act(clerk, done, "verify", ""); err != nil {
		t.Fatal(err)
	}
	m := choose(h, bench, clerk, a, b, done)
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		bulk, err := bench.Bulk(ctx, tx, clerk, m.id)
		if err != nil {
			return err
		}
		acts, err := bench.BulkActs(ctx, tx, clerk, bulk)
		for _, act := range acts {
			if act.Code == "ask-correction" {
				t.Error("a correction is asked of many at once")
			}
			if act.Code == "verify" && (act.Cases != 2 || act.Decides) {
				t.Errorf("verify = %d cases, decides %v", act.Cases, act.Decides)
			}
		}
		return err
	})
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkAct, Action: "nonsense"}); !errors.Is(err, workbench.ErrBulk) {
		t.Errorf("an act nobody knows: %v", err)
	}
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkAct, Action: "verify", Checklist: []string{"record-found", "details-match", "may-receive"}}); err != nil {
		t.Fatal(err)
	}
	m.want("verifying", "done ", "done ", "failed workflow.role")
	for _, c := range []uuid.UUID{a, b} {
		if i := h.Case(c); i.Role != "registrar" {
			t.Errorf("%s stands at %s", c, i.State)
		}
	}
	if err := m.call(bench.Undo); !errors.Is(err, workbench.ErrUndo) {
		t.Errorf("a decision is undone: %v", err)
	}
}

func TestAllOfAListIsChosen(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk, stranger := hired(h, "Clara Clerk", "registry-clerk"), h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	app := paid(h, "A")
	paid(h, "B")
	pick := func(by identity.Principal, ticked []workbench.Chosen, all *workbench.Filter) (n int, err error) {
		err = h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			bulk, err := bench.Choose(ctx, tx, by, ticked, all)
			if err != nil {
				return err
			}
			b, err := bench.Bulk(ctx, tx, by, bulk)
			n = len(b.Items)
			return err
		})
		return n, err
	}
	if n, err := pick(clerk, nil, &workbench.Filter{Queue: workflow.QueueTeam}); n != 2 || err != nil {
		t.Errorf("all of the list: %d, %v", n, err)
	}
	if _, err := pick(clerk, nil, nil); !errors.Is(err, workbench.ErrNoneChosen) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := pick(stranger, []workbench.Chosen{{Application: app, Rev: 1}}, nil); !errors.Is(err, workbench.ErrNoneChosen) {
		t.Errorf("what one cannot see: %v", err)
	}
	if _, err := pick(clerk, nil, &workbench.Filter{Queue: workflow.QueueDone}); !errors.Is(err, workbench.ErrFilter) {
		t.Errorf("what is done: %v", err)
	}
}

func TestTakingOver(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk, other, chief := hired(h, "Clara Clerk", "registry-clerk"), hired(h, "Carlos Clerk", "registry-clerk"), hired(h, "Rui Registrar", "registrar")
	app := paid(h, "Maria Évora")
	h.Claim(other, app)
	give := func(by identity.Principal, to uuid.UUID, reason string) error {
		return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := bench.Give(ctx, tx, workbench.GiveCase{By: by, Application: app, To: to, Reason: reason, Rev: h.Case(app).Rev})
			return err
		})
	}
	for what, tt := range map[string]struct {
		by   identity.Principal
		to   uuid.UUID
		why  string
		want error
	}{
		"without a reason":          {clerk, uuid.Nil, " ", workbench.ErrHandover},
		"by who supervises nothing": {clerk, clerk.Account, "please", workflow.ErrAssign},
		"to who has no role":        {chief, uuid.New(), "", workflow.ErrAble},
	} {
		if err := give(tt.by, tt.to, tt.why); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", what, err, tt.want)
		}
	}
	if err := give(clerk, uuid.Nil, "Carlos is ill"); err != nil || h.Case(app).Assignee != clerk.Account {
		t.Fatalf("taking over: %v", err)
	}
	if err := give(chief, other.Account, ""); err != nil || h.Case(app).Assignee != other.Account {
		t.Fatalf("giving back: %v", err)
	}
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := bench.Case(ctx, tx, clerk, app)
		if err != nil {
			return err
		}
		type line struct{ From, To, By, Reason string }
		var got []line
		for _, o := range c.Handovers {
			got = append(got, line{o.FromName, o.ToName, o.ByName, o.Reason})
		}
		want := []line{{"Carlos Clerk", "Clara Clerk", "Clara Clerk", "Carlos is ill"}, {"Clara Clerk", "Carlos Clerk", "Rui Registrar", ""}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("on the case (-want +got):\n%s", diff)
		}
		if !c.Choice.CanTake || c.Choice.CanAssign {
			t.Errorf("a colleague can take it, not give it: %+v", c.Choice)
		}
		return nil
	})
}

// TestManyDecisionsAreUndone approves cases of which one has changed meanwhile, and takes that back: nothing has gone out, and cases that nobody
// had are nobody's again. What took effect stays.
func TestManyDecisionsAreUndone(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	bench.Register(h.Jobs)
	h.Undoable(60)
	clerk, registrar := hired(h, "Clara Clerk", "registry-clerk"), hired(h, "Rui Registrar", "registrar")
	var cases []uuid.UUID
	for _, name := range []string{"A", "B", "C"} {
		app := paid(h, name)
		if err := h.Act(clerk, app, "verify", ""); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, app)
	}
	h.Work()
	h.Responses()
	m := choose(h, bench, registrar, cases...)
	h.Claim(registrar, cases[2])
	if err := m.start(workbench.StartBulk{Kind: workbench.BulkAct, Action: "approve"}); err != nil {
		t.Fatal(err)
	}
	m.want("approving", "done ", "done ", "failed workflow.meanwhile")
	h.In(registrar.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		b, err := bench.Bulk(ctx, tx, registrar, m.id)
		if !b.Undoable() || b.Held != 2 || b.HeldUntil == nil {
			t.Errorf("undoable %v, %d held until %v", b.Undoable(), b.Held, b.HeldUntil)
		}
		counts, err2 := bench.Counts(ctx, tx, registrar)
		if counts.Mine != 1 || counts.Team != 1 {
			t.Errorf("counts with two decided = %+v", counts)
		}
		return errors.Join(err, err2)
	})
	if err := m.call(bench.Undo); err != nil {
		t.Fatal(err)
	}
	h.Travel(2 * time.Minute) // the job was late
	m.want("undoing", "undone ", "undone ", "failed workflow.meanwhile")
	for _, c := range cases[:2] {
		if i := h.Case(c); i.State != "approval" || i.Held() || i.Assignee != uuid.Nil {
			t.Errorf("after undoing: %s, %s, with %s", i.State, i.Kind, i.Assignee)
		}
	}
	if got := h.Responses(); len(got) > 0 {
		t.Errorf("the citizens have heard of %d things", len(got))
	}
	h.In(registrar.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		counts, err := bench.Counts(ctx, tx, registrar)
		if counts.Mine != 1 || counts.Unclaimed != 2 || counts.Team != 3 {
			t.Errorf("counts after undoing = %+v", counts)
		}
		return err
	})

	again := choose(h, bench, registrar, cases[:2]...)
	if err := again.start(workbench.StartBulk{Kind: workbench.BulkAct, Action: "approve"}); err != nil {
		t.Fatal(err)
	}
	again.want("approving again", "done ", "done ")
	h.Travel(2 * time.Minute)
	if err := again.call(bench.Undo); !errors.Is(err, workbench.ErrUndo) {
		t.Errorf("undone too late: %v", err)
	}
}
