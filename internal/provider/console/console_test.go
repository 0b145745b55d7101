package console_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/provider/console"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// outside plays what the checks look at: the tenant whose keys do not open, and what waits to be sent.
type outside struct {
	custody encryption.Custody
	locked  uuid.UUID
	waits   map[uuid.UUID][]notification.Backlog
	has     []notification.ProviderView
	record  map[uuid.UUID]audit.Status
}

func (o outside) Custody() encryption.Custody { return o.custody }

func (o outside) CheckRoot(_ context.Context, tx *pg.Tx) error {
	if tx.Tenant == o.locked {
		return encryption.ErrRoot
	}
	return nil
}

func (o outside) Backlogs(_ context.Context, tx *pg.Tx) ([]notification.Backlog, error) {
	return o.waits[tx.Tenant], nil
}

func (o outside) Providers(context.Context, *pg.Tx) ([]notification.ProviderView, error) {
	return o.has, nil
}

func (o outside) Status(_ context.Context, tx *pg.Tx) (audit.Status, error) {
	return o.record[tx.Tenant], nil
}

func service(t *testing.T, o outside) *console.Service {
	t.Helper()
	return console.New(console.Deps{Encryption: o, Notification: o, Audit: o, URL: pgtest.AppURL(t), DataDir: t.TempDir()})
}

// found returns the codes of the checks of one name, for one tenant ("" for the installation), sorted.
func found(checks []console.Check, name, tenant string) (codes []string) {
	for _, c := range checks {
		if c.Name == name && c.Tenant == tenant {
			codes = append(codes, string(c.State)+" "+c.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

func slug(t *testing.T, db *pg.DB, tenant uuid.UUID) string {
	t.Helper()
	all, err := db.Tenants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range all {
		if row.ID == tenant {
			return row.Slug
		}
	}
	t.Fatal(errors.New("no such tenant"))
	return ""
}

func TestHealth(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	real, demo := pgtest.Tenant(t, db), pgtest.DemoTenant(t, db)
	if err := db.AdvanceClock(t.Context(), demo, 50*time.Hour); err != nil {
		t.Fatal(err)
	}
	o := outside{locked: demo, waits: map[uuid.UUID][]notification.Backlog{
		demo: {{Channel: "sms", Status: notification.Failed, Count: 2}, {Channel: "sms", Status: notification.Queued, Count: 9}},
	}}
	checks := service(t, o).Health(t.Context(), db)
	realSlug, demoSlug := slug(t, db, real), slug(t, db, demo)
	for _, c := range []struct {
		name, tenant string
		want         []string
	}{
		{"database", "", []string{"ok database.ok"}},
		{"role", "", []string{"ok role.ok"}},
		{"migrations", "", []string{"ok migrations.ok"}},
		{"root", "", []string{"ok root.ok"}},
		{"storage", "", []string{"ok storage.database", "ok storage.disk"}},
		{"keys", realSlug, []string{"ok keys.ok"}},
		{"keys", demoSlug, []string{"fail keys.locked"}},
		{"messages", realSlug, []string{"warn messages.no_provider", "warn messages.no_provider"}},
		{"messages", demoSlug, []string{"warn messages.failed"}},
		{"clock", realSlug, nil},
		{"clock", demoSlug, []string{"ok clock.ahead"}},
	} {
		if got := found(checks, c.name, c.tenant); !slices.Equal(got, c.want) {
			t.Errorf("%s of %q: %q, want %q", c.name, c.tenant, got, c.want)
		}
	}
	if got := console.Worst(checks); got != console.Fail {
		t.Errorf("the worst is %s", got)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	checks := service(t, outside{}).Ready(t.Context(), db)
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"database", "migrations", "root", "queue"}) || console.Worst(checks) == console.Fail {
		t.Errorf("ready: %+v", checks)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if checks := service(t, outside{}).Ready(cancelled, db); len(checks) != 1 || checks[0].Code != "database.away" {
		t.Errorf("without a database: %+v", checks)
	}
}

func TestUpcoming(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant, other := pgtest.DemoTenant(t, db), pgtest.DemoTenant(t, db)
	s := service(t, outside{})
	in := func(tenant uuid.UUID, work func(ctx context.Context, tx *pg.Tx) error) {
		t.Helper()
		if err := db.InTx(t.Context(), pg.Scope{Tenant: tenant, Actor: pg.System()}, work); err != nil {
			t.Fatal(err)
		}
	}
	in(tenant, func(ctx context.Context, tx *pg.Tx) error {
		if err := tx.At(ctx, tx.Now.Add(2*time.Hour), "later", pg.SweepTimers{TenantID: tenant}); err != nil {
			return err
		}
		return tx.At(ctx, tx.Now.Add(time.Hour), "sooner", pg.SweepTimers{TenantID: tenant})
	})
	for of, want := range map[uuid.UUID]int{tenant: 2, other: 0} {
		in(of, func(ctx context.Context, tx *pg.Tx) error {
			due, err := s.Upcoming(ctx, tx, 10)
			if err != nil {
				return err
			}
			if len(due) != want || want == 2 && !due[0].At.Before(due[1].At) {
				t.Errorf("upcoming: %+v, want %d in order", due, want)
			}
			return nil
		})
	}
}

func TestRootKey(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	tenant := slug(t, db, pgtest.Tenant(t, db))
	for _, c := range []struct {
		custody encryption.Custody
		want    string
		keys    int
	}{
		{encryption.Custody{Kept: "env", Root: "1", Active: "1"}, "ok root.ok", 1},
		{encryption.Custody{Kept: "env", Root: "1", Active: "2"}, "warn root.moved", 1},
		{encryption.Custody{Kept: "env", Sealed: true, Why: encryption.ErrAway}, "fail root.sealed", 0},
	} {
		checks := service(t, outside{custody: c.custody}).Health(t.Context(), db)
		if got := found(checks, "root", ""); !slices.Equal(got, []string{c.want}) || len(found(checks, "keys", tenant)) != c.keys {
			t.Errorf("%+v: %v, keys %v", c.custody, got, found(checks, "keys", tenant))
		}
	}
}
