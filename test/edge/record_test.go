package edge

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"digit/cmd/digit/app"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/pg"
)

// TestRecord: each step of the way is on record, the looking as well, and a record that somebody changed is found.
func TestRecord(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	c := h.citizen(t, "Joana Lima")
	a, item, credential := h.issued(t, c)
	officer := h.staff(t, clerk)
	officer.want(officer.post("/workbench/cases/"+a.ID+"/note", "note", "visto"), http.StatusSeeOther, "a note")
	c.want(c.post("/wallet/"+item+"/hide"), http.StatusSeeOther, "hiding")
	admin := h.staff(t, administrator)
	admin.want(admin.get("/console/certificates/"+credential), http.StatusOK, "looking at a certificate")

	pool := h.look(t)
	rows, err := pool.Query(t.Context(), `SELECT DISTINCT e.action FROM audit.entry e`)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for rows.Next() {
		var action string
		if err := rows.Scan(&action); err != nil {
			t.Fatal(err)
		}
		actions = append(actions, action)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"identity.code.send", "identity.session.begin", "identity.account.add", "identity.account.rename", "profile.person.add", "document.store",
		"request.submit", "orchestration.receive", "workflow.start", "payment.demand.raise", "payment.charge.start", "payment.payment.applied",
		"workflow.claim", "workflow.move", "orchestration.read", "certificate.issue", "registry.write", "wallet.hide", "workbench.note",
	} {
		if !slices.Contains(actions, want) {
			t.Errorf("%s is not on record; there are %v", want, actions)
		}
	}
	for what, sql := range map[string]string{
		"reads by the clerk of the citizen's data": `SELECT count(*) FROM audit.entry e JOIN orchestration.application a ON a.id = e.object_id
			WHERE a.id = $1 AND e.action = 'orchestration.read' AND e.actor_kind = 'staff' AND e.actor_id IS NOT NULL AND e.person_id = a.person_id`,
		"moves by staff with who and from where": `SELECT count(*) FROM audit.entry WHERE object_id = $1 AND action = 'workflow.move' AND actor_kind = 'staff' AND actor_id IS NOT NULL AND network <> '' AND origin IS NOT NULL AND request <> ''`,
		"submissions by the person":              `SELECT count(*) FROM audit.entry e WHERE object_id = $1 AND action = 'request.submit' AND actor_kind = 'person' AND actor_id = person_id`,
	} {
		if h.count(t, sql, a.ID) == 0 {
			t.Errorf("no %s on record", what)
		}
	}

	tenant := h.tenant(t, "cv")
	verify := func() audit.Report {
		t.Helper()
		if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Audit.Sequence(ctx, tx)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		r, err := h.Audit.Verify(t.Context(), h.DB, tenant, audit.VerifyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := verify(); !r.Whole() || r.Rows == 0 || r.Checkpoints == 0 {
		t.Fatalf("before anybody touched it: %+v", r)
	}
	for who, pool := range map[string]*pgxpool.Pool{"the application": h.DB.Pool(), "the superuser": pool} {
		for _, change := range []string{`UPDATE audit.entry SET action = action`, `DELETE FROM audit.entry`, `UPDATE audit.sequence SET seq = seq`, `TRUNCATE audit.sequence`, `DELETE FROM audit.checkpoint`} {
			if _, err := pool.Exec(t.Context(), change); err == nil {
				t.Errorf("%s can do %s", who, change)
			}
		}
	}
	for what, change := range map[string]string{
		"a byte of the detail": `UPDATE audit.entry SET detail = overlay(detail PLACING ' }' FROM length(detail)) WHERE id = (SELECT id FROM audit.entry WHERE action = 'request.submit' LIMIT 1)`,
		"another actor":        `UPDATE audit.entry SET actor_id = object_id WHERE id = (SELECT id FROM audit.entry WHERE action = 'workflow.move' AND actor_kind = 'staff' LIMIT 1)`,
		"another time":         `UPDATE audit.entry SET at = at + interval '1 second' WHERE id = (SELECT id FROM audit.entry WHERE action = 'orchestration.read' LIMIT 1)`,
		"a byte of the leaf":   `UPDATE audit.entry SET leaf = set_byte(leaf, 0, get_byte(leaf, 0) # 1) WHERE id = (SELECT id FROM audit.entry WHERE action = 'certificate.issue' LIMIT 1)`,
	} {
		before := verify().Broken
		err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil { // past the triggers
				return err
			}
			tag, err := tx.Exec(t.Context(), change)
			if err == nil && tag.RowsAffected() != 1 {
				t.Errorf("%s: %d rows changed", what, tag.RowsAffected())
			}
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if after := verify().Broken; after != before+1 {
			t.Errorf("%s: %d broken places, want %d", what, after, before+1)
		}
	}
}
