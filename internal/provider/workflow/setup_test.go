package workflow_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// shop has one service; the real catalogue stands beside workflow, not below it.
type shop struct{ svc *servicespec.Service }

func (s shop) Service(context.Context, *pg.Tx, string, int) (*servicespec.Service, error) {
	return s.svc, nil
}

// places are real areas with office hours in UTC.
type places struct{ *refdata.Service }

func (places) Hours(context.Context, *pg.Tx, string, []string) (calendar.Calendar, error) {
	return calendar.Calendar{Zone: time.UTC, Hours: calendar.Office()}, nil
}

// crew is who can be given work, by role; every position is held by nobody.
type crew map[string][]uuid.UUID

func (c crew) Holders(_ context.Context, _ *pg.Tx, _, role string, _ []string) ([]uuid.UUID, error) {
	return slices.Clone(c[role]), nil
}

func (c crew) Seated(_ context.Context, _ *pg.Tx, _, position string) ([]uuid.UUID, error) {
	return slices.Clone(c["position:"+position]), nil
}

// watcher remembers what the observer was told and knows the answers.
type watcher struct {
	moved   []workflow.Moved
	overdue []workflow.Instance
	answers servicespec.Answers

	escalated []workflow.Escalated
}

func (w *watcher) Moved(_ context.Context, _ *pg.Tx, m workflow.Moved) error {
	w.moved = append(w.moved, m)
	return nil
}

func (w *watcher) Overdue(_ context.Context, _ *pg.Tx, i workflow.Instance) error {
	w.overdue = append(w.overdue, i)
	return nil
}

func (w *watcher) Escalated(_ context.Context, _ *pg.Tx, e workflow.Escalated) error {
	w.escalated = append(w.escalated, e)
	return nil
}

func (w *watcher) Ground(context.Context, *pg.Tx, uuid.UUID) (workflow.Ground, error) {
	return workflow.Ground{Answers: w.answers}, nil
}

type bundle struct {
	t      testing.TB
	db     *pg.DB
	tenant uuid.UUID
	jobs   *job.Registry
	flow   *workflow.Service
	seen   *watcher
	crew   crew
}

func setup(t *testing.T) *bundle {
	t.Helper()
	return setupFor(t, permit(t))
}

func setupFor(t testing.TB, svc *servicespec.Service) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	b := &bundle{t: t, db: db, tenant: pgtest.DemoTenant(t, db), jobs: job.NewRegistry(), crew: crew{}, seen: &watcher{answers: servicespec.Answers{"area": int64(50)}}}
	ref := refdata.New(refdata.Deps{Zone: func(context.Context, *pg.Tx) (*time.Location, error) { return time.UTC, nil }})
	b.flow = workflow.New(workflow.Deps{Services: shop{svc}, Places: places{ref}, Sealer: encryption.New(encryption.Deps{Root: root}), Staff: b.crew})
	b.flow.Observe(b.seen)
	b.flow.Register(b.jobs)
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return ref.PutBoundaries(ctx, tx, []refdata.Boundary{
			{Code: "X", Level: "country", Name: i18n.Text{"en": "X"}},
			{Code: "X-N", Parent: "X", Level: "region", Name: i18n.Text{"en": "North"}},
			{Code: "X-S", Parent: "X", Level: "region", Name: i18n.Text{"en": "South"}},
		})
	})
	return b
}

func (b *bundle) try(work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: pg.System()}, work)
}

func (b *bundle) in(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(work); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) start(boundary string) (i workflow.Instance) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		i, err = b.flow.Start(ctx, tx, workflow.Start{ID: id.New(), Reference: "P-" + id.Token(6), Service: "permit", Version: 1, Person: id.New(), Boundary: boundary})
		return err
	})
	return i
}

func (b *bundle) now(instance uuid.UUID) (i workflow.Instance) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		i, err = b.flow.Instance(ctx, tx, instance)
		return err
	})
	return i
}

func (b *bundle) claim(by identity.Principal, instance uuid.UUID, rev int64) error {
	return b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.flow.Claim(ctx, tx, instance, "", by, rev)
		return err
	})
}

func (b *bundle) act(by identity.Principal, instance uuid.UUID, action string, rev int64, comment string) error {
	return b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: instance, Action: action, By: by, Rev: rev, Comment: comment, Checklist: []string{"plan", "fee"}})
		return err
	})
}

// do claims where needed and acts.
func (b *bundle) do(by identity.Principal, instance uuid.UUID, action, comment string) error {
	b.t.Helper()
	i := b.now(instance)
	if i.Assignee == uuid.Nil {
		if err := b.claim(by, instance, i.Rev); err != nil {
			return err
		}
		i.Rev++
	}
	return b.act(by, instance, action, i.Rev, comment)
}

func (b *bundle) travel(d time.Duration) {
	b.t.Helper()
	if err := b.db.AdvanceClock(b.t.Context(), b.tenant, d); err != nil {
		b.t.Fatal(err)
	}
	pgtest.Work(b.t, b.db, b.jobs)
}

func officer(grants ...identity.Grant) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: grants}
}

func grant(role, agency, boundary string, permissions ...string) identity.Grant {
	return identity.Grant{Role: role, Agency: agency, Boundary: boundary, Permissions: permissions}
}

func wants(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}
