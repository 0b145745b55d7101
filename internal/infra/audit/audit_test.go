package audit_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var clerk = pg.Actor{ID: id.New(), Kind: "staff", Session: id.New(), IP: "192.0.2.7", RequestID: "r-1", OnBehalf: id.New()}

type bundle struct {
	db      *pg.DB
	tenant  uuid.UUID
	service *audit.Service
	jobs    *job.Registry
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{db: pgtest.New(t), service: audit.New(audit.Deps{}), jobs: job.NewRegistry()}
	b.tenant = pgtest.Tenant(t, b.db)
	b.service.Register(b.jobs)
	return b
}

func (b *bundle) in(t *testing.T, scope pg.Scope, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	scope.Tenant = b.tenant
	if scope.Actor.Kind == "" {
		scope.Actor = clerk
	}
	if err := b.db.InTx(context.Background(), scope, work); err != nil {
		t.Fatal(err)
	}
}

// record writes n entries, each in its own transaction, and has the job seal them.
func (b *bundle) record(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{
				Action: "payment.demand.raise", Object: "payment.demand", ObjectID: id.New(), Person: id.New(), Reason: "fee",
				Detail: map[string]any{"minor": 1e21 + float64(i), "currency": "CVE", "tags": []string{"<a>", "ção"}},
			})
		})
	}
	b.seal(t)
}

func (b *bundle) seal(t *testing.T) {
	t.Helper()
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, audit.SealArgs{}) })
	pgtest.Work(t, b.db, b.jobs)
}

func (b *bundle) verify(t *testing.T) (report audit.Report) {
	t.Helper()
	b.in(t, pg.Scope{ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
		report, err = b.service.Verify(ctx, tx)
		return err
	})
	return report
}

func TestEntriesTellWhoDidWhat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 3)
	var first, second page.Page[audit.Row]
	b.in(t, pg.Scope{ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
		if first, err = b.service.Entries(ctx, tx, audit.Filter{Action: "payment.demand.raise"}, page.Request{Size: 2}); err != nil {
			return err
		}
		second, err = b.service.Entries(ctx, tx, audit.Filter{Actor: clerk.OnBehalf}, page.Request{Size: 2, After: first.Next})
		return err
	})
	if len(first.Rows) != 2 || len(second.Rows) != 1 || second.Next != "" {
		t.Fatalf("pages of %d and %d, next %q", len(first.Rows), len(second.Rows), second.Next)
	}
	row := first.Rows[0]
	if row.Actor != clerk.ID || row.ActorKind != "staff" || row.OnBehalf != clerk.OnBehalf || row.Session != clerk.Session ||
		row.IP != clerk.IP || row.RequestID != "r-1" || row.Reason != "fee" || row.Detail["currency"] != "CVE" || !row.Sealed {
		t.Fatalf("got %+v", row)
	}
	for what, f := range map[string]audit.Filter{
		"action": {Action: "x"}, "object": {Object: "x"}, "object id": {ObjectID: id.New()}, "actor": {Actor: id.New()}, "person": {Person: id.New()},
		"from": {From: time.Now().Add(time.Hour)}, "to": {To: time.Now().Add(-time.Hour)},
	} {
		b.in(t, pg.Scope{ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
			none, err := b.service.Entries(ctx, tx, f, page.Request{})
			if len(none.Rows) != 0 {
				t.Errorf("%s does not narrow: %d rows", what, len(none.Rows))
			}
			return err
		})
	}
}

func TestAnActThatWasRolledBackIsNotRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	stop := fmt.Errorf("stop")
	_ = b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error {
		if err := audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"}); err != nil {
			t.Error(err)
		}
		return stop
	})
	if r := b.verify(t); r.Rows != 0 {
		t.Fatalf("%d rows", r.Rows)
	}
}

func TestTheWholeRecordVerifies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 3)
	b.record(t, 2)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"})
	})
	if r := b.verify(t); r.Rows != 6 || r.Sealed != 5 || len(r.Broken) != 0 || len(r.Head) != 32 {
		t.Fatalf("got %+v", r)
	}
	elsewhere := setup(t)
	if r := elsewhere.verify(t); r.Rows != 0 {
		t.Fatalf("another tenant sees %d rows", r.Rows)
	}
}

func TestNobodyChangesARecord(t *testing.T) { // not parallel: it asks for whole tables, which others write to
	b := setup(t)
	b.record(t, 1)
	owner, err := pgx.Connect(context.Background(), pgtest.OwnerURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(context.Background())
	super, err := pgx.Connect(context.Background(), pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background())
	for _, statement := range []string{
		"UPDATE audit.entry SET reason = 'other'", "DELETE FROM audit.entry", "UPDATE audit.link SET seq = seq + 1", "DELETE FROM audit.link",
		"TRUNCATE audit.link", "TRUNCATE audit.entry CASCADE",
	} {
		err := b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, statement)
			return err
		})
		if err == nil {
			t.Errorf("the application may: %s", statement)
		}
		if _, err := super.Exec(context.Background(), statement); err == nil || !strings.Contains(err.Error(), "never changed") {
			t.Errorf("the superuser: %s: %v", statement, err)
		}
		// the owner is bound by row security too: he finds no row of any tenant, or is refused
		tag, err := owner.Exec(context.Background(), statement)
		if err == nil && tag.RowsAffected() > 0 {
			t.Errorf("the owner may: %s", statement)
		}
	}
}

func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ what, do, want string }{
		{"one letter", "UPDATE audit.entry SET action = 'payment.demand.raisf' WHERE id = @entry", "was altered"},
		{"one bit of the leaf", "UPDATE audit.entry SET leaf = set_bit(leaf, 17, 1 - get_bit(leaf, 17)) WHERE id = @entry", "was altered"},
		{"the time", "UPDATE audit.entry SET at = at + interval '1 microsecond' WHERE id = @entry", "was altered"},
		{"who", "UPDATE audit.entry SET actor_id = NULL WHERE id = @entry", "was altered"},
		{"the detail", "UPDATE audit.entry SET detail = detail || ' ' WHERE id = @entry", "was altered"},
		{"one bit of a link", "UPDATE audit.link SET hash = set_bit(hash, 3, 1 - get_bit(hash, 3)) WHERE entry_id = @entry", "does not"},
		{"entry removed", "DELETE FROM audit.entry WHERE id = @entry", "was removed"},
		{"link removed", "DELETE FROM audit.link WHERE entry_id = @entry", "are missing"},
		{"entry and link removed", "DELETE FROM audit.link WHERE entry_id = @entry; DELETE FROM audit.entry WHERE id = @entry", "are missing"},
		{"links reordered", "UPDATE audit.link SET seq = 1000 WHERE tenant_id = @tenant AND seq = 2; UPDATE audit.link SET seq = 2 WHERE tenant_id = @tenant AND seq = 3; " +
			"UPDATE audit.link SET seq = 3 WHERE tenant_id = @tenant AND seq = 1000", "does not follow"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.record(t, 4)
			b.tamper(t, c.do)
			r := b.verify(t)
			if len(r.Broken) == 0 || !strings.Contains(strings.Join(r.Broken, "; "), c.want) {
				t.Fatalf("found %q", r.Broken)
			}
		})
	}
}

// tamper does what only somebody with the whole database in hand can: past triggers, past row security. @entry is the
// second of the tenant.
func (b *bundle) tamper(t *testing.T, statement string) {
	t.Helper()
	ctx := context.Background()
	super, err := pgx.Connect(ctx, pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(ctx)
	tx, err := super.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	var entry uuid.UUID
	if err := tx.QueryRow(ctx, "SELECT entry_id FROM audit.link WHERE tenant_id = $1 AND seq = 2", b.tenant).Scan(&entry); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "SET LOCAL session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	statement = strings.NewReplacer("@tenant", "'"+b.tenant.String()+"'", "@entry", "'"+entry.String()+"'").Replace(statement)
	tag, err := tx.Exec(ctx, statement)
	if err != nil || tag.RowsAffected() == 0 {
		t.Fatalf("%s: %v, %v", statement, tag, err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestAnEntryPutInLaterIsFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 2)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		tx.Wall = tx.Wall.Add(-2 * time.Hour)
		return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"})
	})
	b.seal(t)
	if r := b.verify(t); len(r.Broken) != 1 || !strings.Contains(r.Broken[0], "older than the chain") {
		t.Fatalf("found %q", r.Broken)
	}
}
