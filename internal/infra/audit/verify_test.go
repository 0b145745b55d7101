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
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// tamper does what only somebody with the whole database in hand can: past triggers, past row security. @entry is the
// second of the tenant.
func (b *bundle) tamper(t testing.TB, statements ...string) {
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
	if err := tx.QueryRow(ctx, "SELECT entry_id FROM audit.sequence WHERE tenant_id = $1 AND seq = 1", b.tenant).Scan(&entry); err != nil && !pg.NotFound(err) {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, "SET LOCAL session_replication_role = replica"); err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		statement = strings.NewReplacer("@tenant", "'"+b.tenant.String()+"'", "@entry", "'"+entry.String()+"'").Replace(statement)
		tag, err := tx.Exec(ctx, statement)
		if err != nil || tag.RowsAffected() == 0 {
			t.Fatalf("%s: %v, %v", statement, tag, err)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
}

// exchange are the statements that swap two rows of the log, except for what set leaves behind.
func exchange(a, b int, columns string) []string {
	return []string{
		fmt.Sprintf(`CREATE TEMP TABLE swap ON COMMIT DROP AS SELECT * FROM audit.sequence WHERE tenant_id = @tenant AND seq IN (%d, %d)`, a, b),
		fmt.Sprintf(`UPDATE audit.sequence SET entry_id = gen_random_uuid() WHERE tenant_id = @tenant AND seq IN (%d, %d)`, a, b),
		fmt.Sprintf(`UPDATE audit.sequence s SET (%[1]s) = (SELECT %[1]s FROM swap o WHERE o.seq = %[2]d + %[3]d - s.seq) WHERE tenant_id = @tenant AND seq IN (%[2]d, %[3]d)`, columns, a, b),
	}
}

// digest gives rows of the log the digest they should have, as whoever knows how would.
const digest = `UPDATE audit.sequence SET digest = sha256('\x03'::bytea || int8send(seq) || uuid_send(entry_id)
	|| int8send((extract(epoch FROM sequenced_at) * 1000000)::bigint) || hashes) WHERE tenant_id = @tenant`

func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what  string
		do    []string
		code  string
		first int64 // row named first
		count int
	}{
		{"one letter", []string{"UPDATE audit.entry SET action = 'payment.demand.raisf' WHERE id = @entry"}, audit.Altered, 1, 1},
		{"the leaf", []string{"UPDATE audit.entry SET leaf = set_bit(leaf, 17, 1 - get_bit(leaf, 17)) WHERE id = @entry"}, audit.Altered, 1, 1},
		{"the time", []string{"UPDATE audit.entry SET at = at + interval '1 microsecond' WHERE id = @entry"}, audit.Altered, 1, 1},
		{"who", []string{"UPDATE audit.entry SET actor_id = NULL WHERE id = @entry"}, audit.Altered, 1, 1},
		{"about whom", []string{"UPDATE audit.entry SET person_id = gen_random_uuid() WHERE id = @entry"}, audit.Altered, 1, 1},
		{"the detail", []string{"UPDATE audit.entry SET detail = detail || ' ' WHERE id = @entry"}, audit.Altered, 1, 1},
		{"from where", []string{"UPDATE audit.entry SET network = '192.0.3.0/24' WHERE id = @entry"}, audit.Altered, 1, 1},
		{"the sealed address", []string{"UPDATE audit.entry SET origin = NULL WHERE id = @entry"}, audit.Altered, 1, 1},
		{"blanked by nobody", []string{`UPDATE audit.entry SET person_id = NULL, salt = NULL, erased = '{"salt":"","salts":{},"hashes":{},"by":{}}' WHERE id = @entry`}, audit.Altered, 1, 1},
		{"a row of the log", []string{"UPDATE audit.sequence SET hashes = set_bit(hashes, 3, 1 - get_bit(hashes, 3)) WHERE entry_id = @entry"}, audit.Touched, 1, 1},
		{"its time", []string{"UPDATE audit.sequence SET sequenced_at = sequenced_at + interval '1 second' WHERE entry_id = @entry"}, audit.Touched, 1, 1},
		{"entry removed", []string{"DELETE FROM audit.entry WHERE id = @entry"}, audit.Removed, 1, 1},
		{"row removed", []string{"DELETE FROM audit.sequence WHERE entry_id = @entry"}, audit.Missing, 1, 1},
		{"entry and row removed", []string{"DELETE FROM audit.sequence WHERE entry_id = @entry", "DELETE FROM audit.entry WHERE id = @entry"}, audit.Missing, 1, 1},
		{"the first ones removed", []string{"DELETE FROM audit.sequence WHERE tenant_id = @tenant AND seq < 5"}, audit.Missing, 0, 1},
		{"rows swapped", exchange(1, 5, "entry_id, sequenced_at, hashes, digest"), audit.Touched, 1, 2},
		{"neighbours swapped", exchange(2, 3, "entry_id"), audit.Touched, 2, 2},
		{"a row moved away", []string{"UPDATE audit.sequence SET seq = 1000000000000 WHERE entry_id = @entry"}, audit.Missing, 1, 2},
		{"a row moved before", []string{"UPDATE audit.sequence SET seq = 900 WHERE tenant_id = @tenant AND seq = 3", "UPDATE audit.sequence SET seq = 3 WHERE entry_id = @entry"}, audit.Missing, 1, 3},
		{"rows swapped by one who knows how", append(exchange(2, 5, "entry_id, sequenced_at"),
			`UPDATE audit.sequence s SET hashes = overlay(hashes PLACING (SELECT leaf FROM audit.entry e WHERE e.id = s.entry_id) FROM 1) WHERE tenant_id = @tenant AND seq IN (2, 5)`, digest), audit.Rehashed, 2, 2},
		{"an entry exchanged by one who knows how", []string{
			`UPDATE audit.entry SET detail = '{}', leaf = sha256(convert_to('x', 'UTF8')) WHERE id = @entry`,
			`UPDATE audit.sequence SET hashes = overlay(hashes PLACING sha256(convert_to('x', 'UTF8')) FROM 1) WHERE entry_id = @entry`, digest,
		}, audit.Rehashed, 0, 2},
		{"the last rows cut off", []string{"DELETE FROM audit.sequence WHERE tenant_id = @tenant AND seq >= 8", "DELETE FROM audit.entry e WHERE tenant_id = @tenant AND NOT EXISTS (SELECT FROM audit.sequence s WHERE s.entry_id = e.id)"}, audit.Truncated, 8, 1},
		{"a checkpoint's size", []string{"UPDATE audit.checkpoint SET size = 9 WHERE tenant_id = @tenant AND size = 10"}, audit.Forged, -1, 1},
		{"a checkpoint's root", []string{"UPDATE audit.checkpoint SET root = set_bit(root, 0, 1 - get_bit(root, 0)) WHERE tenant_id = @tenant AND size = 10"}, audit.Forged, -1, 1},
		{"a checkpoint's note", []string{"UPDATE audit.checkpoint SET note = replace(note, 'digit.audit', 'digit.audix') WHERE tenant_id = @tenant AND size = 10"}, audit.Forged, -1, 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.record(t, 10)
			b.tamper(t, c.do...)
			r := b.verify(t)
			if len(r.Findings) != c.count || r.Findings[0].Code != c.code || r.Findings[0].Seq != c.first {
				t.Fatalf("found %+v, want %d, the first %s at row %d", r.Findings, c.count, c.code, c.first)
			}
		})
	}
}

// TestALogWrittenAnew: who puts a false entry in the place of a true one and makes all hashes anew cannot sign for them. The
// rows since the last checkpoint that still holds are named; without those in the database, one kept outside tells.
func TestALogWrittenAnew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 3)
	b.record(t, 3)
	b.record(t, 3)
	kept := b.latest(t)
	at := b.entries(t, audit.Filter{})[4].RecordedAt
	b.tamper(t, `DELETE FROM audit.entry WHERE id = (SELECT entry_id FROM audit.sequence WHERE tenant_id = @tenant AND seq = 4)`,
		`DELETE FROM audit.sequence WHERE tenant_id = @tenant AND seq >= 3`)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		tx.Wall = at
		return audit.Record(ctx, tx, audit.Entry{Action: "a.false", Object: "a"})
	})
	b.sequence(t)
	if r := b.verify(t); len(r.Findings) != 1 || r.Findings[0].Code != audit.Rewritten || r.Findings[0].Seq != 3 || r.Findings[0].To != 5 {
		t.Fatalf("%+v", r.Findings)
	}
	b.tamper(t, `DELETE FROM audit.checkpoint WHERE tenant_id = @tenant AND size > 3`)
	b.whole(t, 9)
	if r := b.verify(t, kept); len(r.Findings) != 1 || r.Findings[0].Code != audit.Rewritten || r.Findings[0].Seq != 3 || r.Findings[0].Size != 9 {
		t.Fatalf("with the one kept outside: %+v", r.Findings)
	}
}

// TestOnlyACheckpointKeptOutsideTellsOfACutOffEnd: with the rows, the entries and the checkpoints gone, the database looks
// whole.
func TestOnlyACheckpointKeptOutsideTellsOfACutOffEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 4)
	early := b.latest(t)
	b.record(t, 4)
	kept := b.latest(t)
	b.tamper(t, "DELETE FROM audit.sequence WHERE tenant_id = @tenant AND seq >= 4",
		"DELETE FROM audit.entry e WHERE tenant_id = @tenant AND NOT EXISTS (SELECT FROM audit.sequence s WHERE s.entry_id = e.id)",
		"DELETE FROM audit.checkpoint WHERE tenant_id = @tenant AND size > 4")
	b.whole(t, 4)
	if r := b.verify(t, early); !r.Whole() {
		t.Fatalf("an early one: %+v", r.Findings)
	}
	if r := b.verify(t, early, kept); len(r.Findings) != 1 || r.Findings[0].Code != audit.Truncated || r.Findings[0].Seq != 4 || r.Findings[0].To != 7 {
		t.Fatalf("%+v", r.Findings)
	}
	forged := kept
	forged.Note = strings.Replace(kept.Note, "\n8\n", "\n80\n", 1)
	forged.Size = 80
	if r := b.verify(t, forged); len(r.Findings) != 1 || r.Findings[0].Code != audit.Forged {
		t.Fatalf("a forged one: %+v", r.Findings)
	}
	other := setupIn(t, b.db)
	other.record(t, 1)
	if r := b.verify(t, other.latest(t)); len(r.Findings) != 1 || r.Findings[0].Code != audit.Foreign {
		t.Fatalf("another tenant's: %+v", r.Findings)
	}
	// all of it gone, and the keys as well
	b.tamper(t, "DELETE FROM audit.checkpoint WHERE tenant_id = @tenant", "DELETE FROM audit.entry WHERE tenant_id = @tenant", "DELETE FROM audit.sequence WHERE tenant_id = @tenant")
	if r := b.verify(t, kept); len(r.Findings) != 1 || r.Findings[0].Code != audit.Truncated || r.Findings[0].Seq != 0 {
		t.Fatalf("all gone: %+v", r.Findings)
	}
}

// TestKeysKeptOutside: who holds the keys' table can sign anew; a key kept outside is not fooled.
func TestKeysKeptOutside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.record(t, 2)
	var mine []audit.PublicKey
	b.in(t, pg.Scope{ReadOnly: true, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) (err error) {
		mine, err = b.service.Keys(ctx, tx)
		return err
	})
	der, err := audit.ParsePublicKey([]byte(mine[0].Line))
	if err != nil {
		t.Fatal(err)
	}
	check := func(key []byte) audit.Report {
		r, err := b.service.Verify(t.Context(), b.db, b.tenant, audit.VerifyOptions{Keys: [][]byte{key}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := check(der); !r.Whole() || r.Checkpoints != 1 {
		t.Fatalf("%+v", r)
	}
	b.keys.Rotate(b.tenant) // the thief's
	b.record(t, 1)
	if r := check(der); len(r.Findings) != 1 || r.Findings[0].Code != audit.Forged || r.Findings[0].Size != 3 {
		t.Fatalf("%+v", r.Findings)
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
	b.sequence(t)
	if r := b.verify(t); len(r.Findings) != 1 || r.Findings[0].Code != audit.Inserted {
		t.Fatalf("found %+v", r.Findings)
	}
}

// TestTheFirstHundredAreNamed: all are counted.
func TestTheFirstHundredAreNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		for range 130 {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "a.b", Object: "a"}); err != nil {
				return err
			}
		}
		return nil
	})
	b.sequence(t)
	b.tamper(t, "UPDATE audit.entry SET reason = 'x' WHERE tenant_id = @tenant")
	if r := b.verify(t); len(r.Findings) != 100 || r.Broken != 130 || r.Findings[99].Seq != 99 {
		t.Fatalf("%d named of %d", len(r.Findings), r.Broken)
	}
}
