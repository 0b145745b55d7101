package audit_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var clerk = pg.Actor{
	ID: id.New(), Kind: "staff", Session: id.New(), IP: "192.0.2.7", RequestID: id.New().String(), OnBehalf: id.New(), Purpose: "casework",
}

type bundle struct {
	db      *pg.DB
	tenant  uuid.UUID
	slug    string
	keys    *audittest.Keys
	service *audit.Service
	jobs    *job.Registry
	mail    *post
	files   *shelf
}

func setup(t testing.TB, sinks ...audit.Sink) *bundle {
	t.Helper()
	return setupIn(t, pgtest.New(t), sinks...)
}

func setupIn(t testing.TB, db *pg.DB, sinks ...audit.Sink) *bundle {
	t.Helper()
	b := &bundle{db: db, keys: audittest.NewKeys(), jobs: job.NewRegistry(), mail: &post{}, files: &shelf{}}
	b.service = audit.New(audit.Deps{Keys: b.keys, Mail: b.mail, Files: b.files, Client: http.DefaultClient, Sinks: sinks})
	b.tenant = pgtest.Tenant(t, b.db)
	b.slug = "t" + strings.ReplaceAll(b.tenant.String(), "-", "")
	b.service.Register(b.jobs)
	return b
}

// post keeps the mails that would go out.
type post struct {
	sent  []string
	fault error
}

func (p *post) SendCheckpoint(_ context.Context, _ *pg.Tx, address string, c audit.Checkpoint, keys []audit.PublicKey) error {
	if p.fault != nil {
		return p.fault
	}
	p.sent = append(p.sent, address+"\n"+c.Note+keys[0].PEM)
	return nil
}

// shelf keeps files.
type shelf struct{ files map[uuid.UUID][]byte }

func (s *shelf) Keep(_ context.Context, _ *pg.Tx, _ string, _ uuid.UUID, content []byte) (uuid.UUID, error) {
	if s.files == nil {
		s.files = map[uuid.UUID][]byte{}
	}
	file := id.New()
	s.files[file] = content
	return file, nil
}

func (b *bundle) in(t testing.TB, scope pg.Scope, work func(ctx context.Context, tx *pg.Tx) error) {
	t.Helper()
	scope.Tenant = b.tenant
	if scope.Actor.Kind == "" {
		scope.Actor = clerk
	}
	if err := b.db.InTx(context.Background(), scope, work); err != nil {
		t.Fatal(err)
	}
}

// record writes n entries, each in its own transaction, and makes them part of the log.
func (b *bundle) record(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			origin, err := b.service.SealOrigin(ctx, tx, uuid.MustParse(tx.Actor.RequestID), tx.Actor.IP)
			if err != nil {
				return err
			}
			tx.Actor.Origin = origin
			return audit.Record(ctx, tx, audit.Entry{
				Action: "payment.demand.raise", Object: "payment.demand", ObjectID: id.New(), Person: id.New(), Reason: "fee",
				Detail: map[string]any{"minor": 1e21 + float64(i), "currency": "CVE", "tags": []string{"<a>", "ção"}},
			})
		})
	}
	b.sequence(t)
}

func (b *bundle) sequence(t testing.TB) {
	t.Helper()
	b.in(t, pg.Scope{Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.Sequence(ctx, tx)
		return err
	})
}

func (b *bundle) verify(t testing.TB, outside ...audit.Checkpoint) audit.Report {
	t.Helper()
	report, err := b.service.Verify(context.Background(), b.db, b.tenant, audit.VerifyOptions{Outside: outside})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// whole fails unless the log of so many rows verifies.
func (b *bundle) whole(t testing.TB, rows int64) audit.Report {
	t.Helper()
	r := b.verify(t)
	if !r.Whole() || r.Rows != rows || r.Size != rows {
		t.Fatalf("want %d whole rows: %+v", rows, r)
	}
	return r
}

func (b *bundle) entries(t testing.TB, f audit.Filter) (rows []audit.Row) {
	t.Helper()
	b.in(t, pg.Scope{Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.service.Entries(ctx, tx, f, page.Request{Size: 100})
		rows = p.Rows
		return err
	})
	return rows
}

func TestEntriesTellWhoDidWhat(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 3)
	var first, second page.Page[audit.Row]
	b.in(t, pg.Scope{ReadOnly: true, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) (err error) {
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
	if row.Actor != clerk.ID || row.ActorKind != "staff" || row.OnBehalf != clerk.OnBehalf || row.Session != clerk.Session || row.Kind != audit.KindChange ||
		row.Network != "192.0.2.0/24" || !row.Placed || row.Request != clerk.RequestID || row.Reason != "fee" || row.Purpose != "casework" ||
		row.Detail["currency"] != "CVE" || !row.Sequenced || row.Erased {
		t.Fatalf("got %+v", row)
	}
	for what, f := range map[string]audit.Filter{
		"action": {Action: "x"}, "object": {Object: "x"}, "object id": {ObjectID: id.New()}, "actor": {Actor: id.New()}, "person": {Person: id.New()},
		"from": {From: time.Now().Add(time.Hour)}, "to": {To: time.Now().Add(-time.Hour)}, "kind": {Kind: audit.KindRead}, "purpose": {Purpose: "x"},
		"request": {Request: "x"},
	} {
		if none := b.entries(t, f); len(none) != 0 {
			t.Errorf("%s does not narrow: %d rows", what, len(none))
		}
	}
	if all := b.entries(t, audit.Filter{Kind: audit.KindChange, Purpose: "casework", Request: clerk.RequestID}); len(all) != 3 {
		t.Errorf("%d rows", len(all))
	}
}

func TestNetworks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for ip, want := range map[string]string{
		"198.51.100.77": "198.51.100.0/24", "::ffff:198.51.100.77": "198.51.100.0/24", "2001:db8:1:2:3::4": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48",
		"": "", "nowhere": "",
	} {
		object := id.New()
		actor := clerk
		actor.IP, actor.Kind = ip, "anonymous"
		b.in(t, pg.Scope{Actor: actor}, func(ctx context.Context, tx *pg.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a", ObjectID: object})
		})
		if got := b.entries(t, audit.Filter{ObjectID: object}); len(got) != 1 || got[0].Network != want {
			t.Errorf("%q: got %+v, want %q", ip, got, want)
		}
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
		audit.ReadList(ctx, tx, audit.Entry{Action: "a.list", Object: "a"}, id.New())
		return stop
	})
	b.sequence(t)
	b.whole(t, 0)
}

func TestAnEntryNamesItsActionAndItsObject(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, e := range []audit.Entry{{Action: "a.b"}, {Object: "a"}, {Action: "a.b", Object: "a", Detail: map[string]any{"x": make(chan int)}}} {
		err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error { return audit.Record(ctx, tx, e) })
		if err == nil {
			t.Errorf("%+v was recorded", e)
		}
	}
}

// TestLooksAreRecorded: those of others at somebody's data, once for a list however long, and no others.
func TestLooksAreRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, helper := id.New(), id.New()
	look := func(ctx context.Context, tx *pg.Tx) error {
		audit.ReadList(ctx, tx, audit.Entry{Action: "a.list", Object: "a", Person: person, Detail: map[string]any{"agency": "x"}}, person, helper)
		audit.ReadList(ctx, tx, audit.Entry{Action: "a.list", Object: "a", Person: person}, clerk.ID)
		audit.ReadList(ctx, tx, audit.Entry{Action: "a.list", Object: "a", Person: person})
		return audit.Read(ctx, tx, audit.Entry{Action: "a.read", Object: "a", ObjectID: person, Person: person})
	}
	for name, c := range map[string]struct {
		actor pg.Actor
		want  int
	}{
		"staff":                 {pg.Actor{ID: clerk.ID, Kind: "staff"}, 2},
		"the person":            {pg.Actor{ID: person, Kind: "person"}, 0},
		"another person":        {pg.Actor{ID: helper, Kind: "person"}, 2},
		"somebody acting for":   {pg.Actor{ID: helper, Kind: "person", OnBehalf: person}, 2},
		"a stranger":            {pg.Actor{Kind: "anonymous"}, 2},
		"a machine":             {pg.Actor{ID: helper, Kind: "machine"}, 2},
		"a job of the person's": {pg.Actor{Kind: "system", OnBehalf: person}, 0},
	} {
		actor := c.actor
		actor.RequestID = name
		b.in(t, pg.Scope{Actor: actor}, look)
		rows := b.entries(t, audit.Filter{Request: name, Kind: audit.KindRead})
		if len(rows) != c.want {
			t.Errorf("%s: %d looks on record, want %d", name, len(rows), c.want)
		}
		for _, row := range rows {
			if row.Action == "a.list" && (row.Detail["count"] != 3.0 || row.Detail["agency"] != "x" || len(row.Detail["ids"].(string)) != 64) {
				t.Errorf("%s: the list's entry says %+v", name, row.Detail)
			}
		}
	}
	err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: clerk, ReadOnly: true}, look)
	if err == nil {
		t.Error("somebody looked in a transaction that cannot tell of it")
	}
}

func TestPeopleSeeWhoElseLooked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	person, helper := id.New(), id.New()
	for _, a := range []pg.Actor{
		{ID: person, Kind: "person"}, {ID: clerk.ID, Kind: "staff"}, {Kind: "system", OnBehalf: person}, {ID: helper, Kind: "person", OnBehalf: person}, {Kind: "anonymous"},
	} {
		b.in(t, pg.Scope{Actor: a}, func(ctx context.Context, tx *pg.Tx) error {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "a.change", Object: "a", Person: person}); err != nil {
				return err
			}
			return audit.Read(ctx, tx, audit.Entry{Action: "a.read", Object: "a", Person: person})
		})
	}
	ask := func(actor pg.Actor, f audit.AboutFilter) (kinds []string, err error) {
		var after string
		for more := true; more; {
			err = b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
				p, err := b.service.About(ctx, tx, person, f, page.Request{Size: 2, After: after})
				for _, row := range p.Rows {
					kinds = append(kinds, row.ActorKind+" "+row.Kind)
				}
				after, more = p.Next, err == nil && p.Next != ""
				return err
			})
		}
		return kinds, err
	}
	got, err := ask(pg.Actor{ID: person, Kind: "person"}, audit.AboutFilter{})
	want := []string{"anonymous read", "person read", "person change", "staff read", "staff change"}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("all: %v, %v", got, err)
	}
	got, err = ask(pg.Actor{ID: helper, Kind: "person", OnBehalf: person}, audit.AboutFilter{Kind: audit.KindRead, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)})
	if want := []string{"anonymous read", "person read", "staff read"}; err != nil || !cmp.Equal(got, want) {
		t.Errorf("looks: %v, %v", got, err)
	}
	if got, err = ask(pg.Actor{ID: person, Kind: "person"}, audit.AboutFilter{To: time.Now().Add(-time.Hour)}); err != nil || len(got) != 0 {
		t.Errorf("before: %v, %v", got, err)
	}
	if _, err = ask(pg.Actor{ID: helper, Kind: "person"}, audit.AboutFilter{}); err == nil {
		t.Error("somebody else may see it")
	}
}

func TestTheWholeAddressIsSealed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 1)
	row := b.entries(t, audit.Filter{})[0]
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		var dump string
		if err := tx.QueryRow(ctx, `SELECT string_agg(e::text, '') FROM audit.entry e`).Scan(&dump); err != nil || strings.Contains(dump, clerk.IP) {
			t.Errorf("in clear: %v, %v", strings.Contains(dump, clerk.IP), err)
		}
		ip, err := b.service.Origin(ctx, tx, row.ID, "incident")
		if ip != clerk.IP {
			t.Errorf("got %q", ip)
		}
		return err
	})
	if asked := b.entries(t, audit.Filter{Action: "audit.origin.read"}); len(asked) != 1 || asked[0].ObjectID != row.ID || asked[0].Reason != "incident" || asked[0].Person != row.Person {
		t.Errorf("who asked is not on record: %+v", asked)
	}
	for _, entry := range []uuid.UUID{b.entries(t, audit.Filter{Action: "audit.origin.read"})[0].ID, id.New()} {
		err := b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: clerk}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Origin(ctx, tx, entry, "incident")
			return err
		})
		if err == nil {
			t.Errorf("%s has an address", entry)
		}
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
		"UPDATE audit.entry SET reason = 'other'", "DELETE FROM audit.entry", "UPDATE audit.sequence SET seq = seq + 1", "DELETE FROM audit.sequence",
		"TRUNCATE audit.sequence", "TRUNCATE audit.entry CASCADE", "UPDATE audit.checkpoint SET size = size + 1", "DELETE FROM audit.checkpoint",
		"UPDATE audit.entry SET person_id = NULL", "UPDATE audit.entry SET salt = NULL, erased = '{}', person_id = actor_id",
		"UPDATE audit.entry SET salt = NULL, erased = '{}', action = 'x'", "UPDATE audit.entry SET network = '10.0.0.0/24', salt = NULL, erased = '{}'",
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
