package audit_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// TestTheChainBecomesALog takes the schema back to the chain, fills it as the chain was, and brings it forward again:
// entries keep the order of the chain, the end of the chain is in the first checkpoint, addresses are gone.
func TestTheChainBecomesALog(t *testing.T) {
	t.Parallel()
	owner, app := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	b := setupIn(t, pgtest.Open(t, app))
	other := setupIn(t, b.db)
	asOwner, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer asOwner.Close(context.WithoutCancel(t.Context()))
	run(t, asOwner, "down")
	super, err := pgx.Connect(t.Context(), pgtest.SuperOf(t, owner))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.WithoutCancel(t.Context()))
	head := old(t, super, b.tenant, 9)
	old(t, super, other.tenant, 3)
	old(t, super, pgtest.Tenant(t, b.db), 0) // one whose entries were never sealed
	if _, err := super.Exec(t.Context(), `SET session_replication_role = replica; DELETE FROM audit.link WHERE tenant_id = '`+other.tenant.String()+`'`); err != nil {
		t.Fatal(err)
	}
	run(t, asOwner, "up")

	if r := b.verify(t); !r.Whole() || r.Rows != 9 || r.Checkpoints != 0 {
		t.Fatalf("the chain's entries: %+v", r)
	}
	b.sequence(t)
	other.sequence(t)
	b.whole(t, 9)
	other.whole(t, 3)
	first := b.latest(t)
	if len(first.Extra) != 1 || first.Extra[0] != "chain "+base64.StdEncoding.EncodeToString(head) || first.Size != 9 {
		t.Errorf("the first checkpoint: %+v", first)
	}
	if c := other.latest(t); len(c.Extra) != 0 {
		t.Errorf("a tenant without a chain: %+v", c)
	}
	b.record(t, 2)
	b.whole(t, 11)
	if c := b.latest(t); len(c.Extra) != 0 {
		t.Errorf("the second checkpoint: %+v", c)
	}
	rows := b.entries(t, audit.Filter{Object: "old"})
	for i, row := range rows { // newest first by id, and the chain ran the other way round
		if p := b.prove(t, row.ID); p.Index != int64(i) || row.Network != fmt.Sprintf("192.0.%d.0/24", 8-i) {
			t.Errorf("entry %d: place %d, %s", i, p.Index, row.Network)
		}
	}
	if n := len(b.entries(t, audit.Filter{Object: "old", Kind: audit.KindRead})); n != 1 {
		t.Errorf("%d looks", n)
	}
}

// run runs the migration as its file has it.
func run(t *testing.T, conn *pgx.Conn, way string) {
	t.Helper()
	b, err := os.ReadFile("../../../db/migrations/audit/000002_log." + way + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), string(b)); err != nil {
		t.Fatalf("%s: %v", way, err)
	}
}

// old fills the tables of the chain: entry n came from 192.0.n.7 and is link 9-n.
func old(t *testing.T, super *pgx.Conn, tenant uuid.UUID, n int) []byte {
	t.Helper()
	for i := range max(n, 1) {
		entry, at, action := id.New(), time.Now().Add(time.Duration(-i)*time.Second), "old.act"
		if i == 4 {
			action = "orchestration.read"
		}
		_, err := super.Exec(t.Context(), `INSERT INTO audit.entry (tenant_id, id, at, recorded_at, actor_id, actor_kind, on_behalf_id, session_id, ip, request,
			action, object, object_id, person_id, reason, detail, leaf) VALUES ($1, $2, $3, $3, $4, 'staff', NULL, $5, $6, 'r', $7, 'old', NULL, $8, 'ção', '{"a": 1}', sha256('x'))`,
			tenant, entry, at, id.New(), id.New(), fmt.Sprintf("192.0.%d.7", i), action, id.New())
		if err != nil {
			t.Fatal(err)
		}
		hash := []byte(strings.Repeat(string(rune('a'+i)), 32))
		if n > 0 {
			_, err = super.Exec(t.Context(), `INSERT INTO audit.link (tenant_id, seq, entry_id, prev, hash, sealed_at) VALUES ($1, $2, $3, $4, $5, now())`,
				tenant, n-i, entry, make([]byte, 32), hash)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return []byte(strings.Repeat("a", 32)) // of the highest link
}

// TestDownLeavesWhatWasRecorded takes a filled log back to where it came from.
func TestDownLeavesWhatWasRecorded(t *testing.T) {
	t.Parallel()
	owner, app := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	b := setupIn(t, pgtest.Open(t, app))
	b.record(t, 3)
	conn, err := pgx.Connect(t.Context(), owner)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	run(t, conn, "down")
	run(t, conn, "up")
	b.in(t, pg.Scope{}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.Sequence(ctx, tx)
		return err
	})
	b.whole(t, 3)
}
