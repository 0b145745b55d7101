package audit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// bits is how many single bits are changed; each must be found, and the right row named.
const bits = 1000

// TestEveryBitCounts changes random bits of random columns of the record's tables, one at a time, as a superuser past
// triggers and constraints, on a database of its own.
func TestEveryBitCounts(t *testing.T) {
	t.Parallel()
	owner, app := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	b := setupIn(t, pgtest.Open(t, app))
	citizen := id.New()
	for range 5 { // some entries of which something is erased, some about other people
		b.record(t, 4)
		b.in(t, pg.Scope{Actor: pg.Actor{ID: citizen, Kind: "person", Session: id.New(), IP: "2001:db8::1", RequestID: "r"}}, func(ctx context.Context, tx *pg.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Action: "request.submit", Object: "request.request", ObjectID: id.New(), Person: citizen})
		})
		b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
			return audit.Read(ctx, tx, audit.Entry{Action: "orchestration.read", Object: "a", ObjectID: citizen, Person: citizen})
		})
	}
	b.forget(t, citizen)
	b.record(t, 3)
	if r := b.verify(t); !r.Whole() || r.Erased != 10 {
		t.Fatalf("before: %+v", r)
	}
	super, err := pgx.Connect(t.Context(), pgtest.SuperOf(t, owner))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	if _, err := super.Exec(t.Context(), `SET session_replication_role = replica`); err != nil {
		t.Fatal(err)
	}
	dropChecks(t, super)
	seed := rand.Uint64()
	m := &mischief{conn: super, rand: rand.New(rand.NewPCG(seed, 1))}
	m.load(t)
	changed := map[string]int{}
	for n := range bits {
		row := m.rows[m.rand.IntN(len(m.rows))]
		what, undo := m.change(t, row)
		r := b.verify(t)
		named := len(r.Findings) > 0 && (r.Findings[0].Seq == row.seq || r.Findings[0].Entry == row.entry)
		if !named || len(r.Findings) > 3 {
			t.Fatalf("seed %d, change %d: %s of row %d (%s): found %+v", seed, n, what, row.seq, row.entry, r.Findings)
		}
		changed[what]++
		undo()
	}
	if r := b.verify(t); !r.Whole() {
		t.Fatalf("after all was put back: %+v", r.Findings)
	}
	if len(changed) != m.columns {
		t.Errorf("only %d of %d columns were changed: %v", len(changed), m.columns, changed)
	}
}

func dropChecks(t *testing.T, super *pgx.Conn) {
	t.Helper()
	rows, err := super.Query(t.Context(), `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
		WHERE contype = 'c' AND conrelid IN ('audit.entry'::regclass, 'audit.sequence'::regclass)`)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := super.Exec(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

// mischief changes bits.
type mischief struct {
	conn    *pgx.Conn
	rand    *rand.Rand
	rows    []target
	columns int
}

// target is a row of one of the two tables.
type target struct {
	table, key string // key finds it again: a condition
	seq        int64
	entry      uuid.UUID
	columns    []column
}

type column struct{ Name, Kind string }

func (m *mischief) load(t *testing.T) {
	t.Helper()
	all := map[string][]column{}
	for _, table := range []string{"entry", "sequence"} {
		rows, err := m.conn.Query(t.Context(), `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'audit' AND table_name = $1`, table)
		if err != nil {
			t.Fatal(err)
		}
		if all[table], err = pgx.CollectRows(rows, pgx.RowToStructByPos[column]); err != nil {
			t.Fatal(err)
		}
		m.columns += len(all[table])
	}
	rows, err := m.conn.Query(t.Context(), `SELECT seq, entry_id FROM audit.sequence`)
	if err != nil {
		t.Fatal(err)
	}
	var seq int64
	var entry uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&seq, &entry}, func() error {
		m.rows = append(m.rows, target{"audit.entry", fmt.Sprintf("id = '%s'", entry), seq, entry, all["entry"]},
			target{"audit.sequence", fmt.Sprintf("seq = %d", seq), seq, entry, all["sequence"]})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// change flips one bit of one column that has any and returns what puts it back.
func (m *mischief) change(t *testing.T, row target) (what string, undo func()) {
	t.Helper()
	for {
		c := row.columns[m.rand.IntN(len(row.columns))]
		old, changed := m.flip(t, row, c)
		if changed == nil {
			continue
		}
		set := map[string]string{"timestamp with time zone": `'epoch'::timestamptz + $1::bigint * interval '1 microsecond'`, "uuid": "$1::uuid", "bytea": "$1::bytea", "text": "$1::text", "bigint": "$1::bigint"}[c.Kind]
		var place string
		err := m.conn.QueryRow(t.Context(), fmt.Sprintf(`UPDATE %s SET %s = %s WHERE %s RETURNING ctid::text`, row.table, c.Name, set, row.key), changed).Scan(&place)
		if err != nil { // such a row is there already, or no such value can be
			continue
		}
		return row.table + "." + c.Name, func() {
			t.Helper()
			tag, err := m.conn.Exec(t.Context(), fmt.Sprintf(`UPDATE %s SET %s = %s WHERE ctid = '%s'`, row.table, c.Name, set, place), old)
			if err != nil || tag.RowsAffected() != 1 {
				t.Fatalf("putting back %s: %v %v", c.Name, tag, err)
			}
		}
	}
}

// flip returns a column's value and the value with one bit changed; nil where it has no bits, or the change makes no value.
func (m *mischief) flip(t *testing.T, row target, c column) (old, changed any) {
	t.Helper()
	read := func(expression string, into any) {
		if err := m.conn.QueryRow(t.Context(), fmt.Sprintf(`SELECT %s FROM %s WHERE %s`, expression, row.table, row.key)).Scan(into); err != nil {
			t.Fatalf("%s.%s: %v", row.table, c.Name, err)
		}
	}
	bytes := func(b []byte) []byte {
		if len(b) == 0 {
			return nil
		}
		b = append([]byte{}, b...)
		b[m.rand.IntN(len(b))] ^= 1 << m.rand.IntN(8)
		return b
	}
	switch c.Kind {
	case "uuid":
		var u *uuid.UUID
		if read(c.Name, &u); u == nil {
			return nil, nil
		}
		return *u, uuid.UUID(bytes(u[:]))
	case "bytea":
		var b []byte
		if read(c.Name, &b); b == nil {
			return nil, nil
		}
		return b, bytes(b)
	case "text":
		var s *string
		if read(c.Name, &s); s == nil || *s == "" {
			return nil, nil
		}
		b := bytes([]byte(*s))
		if !utf8.Valid(b) || string(b) == *s {
			return nil, nil
		}
		return *s, string(b)
	case "bigint":
		var n int64
		read(c.Name, &n)
		return n, n ^ 1<<m.rand.IntN(64)
	case "timestamp with time zone":
		var n int64
		read("(extract(epoch FROM "+c.Name+") * 1000000)::bigint", &n)
		return n, n ^ 1<<m.rand.IntN(51)
	}
	t.Fatalf("%s has a type that this test does not know: %s", c.Name, c.Kind)
	return nil, nil
}
