package workflow_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

// TestInboxReadsItsStretch looks at how the database finds a page of the inbox among many cases: row security must not
// have it read them all.
func TestInboxReadsItsStretch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO workflow.instance (id, reference, service, version, person_id, agency, boundary, boundary_path, state, kind, role,
			rev, started_at, entered_at, total_due_at)
			SELECT gen_random_uuid(), 'P-' || n, 'permit', 1, gen_random_uuid(), 'works', 'X-N', '{X,X-N}', 'check', 'work', 'role-' || n % 40, 1, now(), now(),
			now() + n * interval '1 second' FROM generate_series(1, 20000) n`)
		return err
	})
	super, err := pgx.Connect(t.Context(), pgtest.SuperURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(t.Context())
	if _, err := super.Exec(t.Context(), "ANALYZE workflow.instance"); err != nil { // as a house that runs has done by itself
		t.Fatal(err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		rows, err := tx.Query(ctx, `EXPLAIN SELECT i.* FROM (SELECT unnest('{works,works}'::text[]) AS agency, unnest('{role-1,role-2}'::text[]) AS role) g
			CROSS JOIN LATERAL (SELECT w.* FROM workflow.instance w WHERE w.agency = g.agency AND w.role = g.role AND w.kind IN ('work', 'field')
				AND (w.due_key, w.id) > (now(), '00000000-0000-0000-0000-000000000000'::uuid) ORDER BY w.due_key, w.id LIMIT 26) i
			ORDER BY i.due_key, i.id LIMIT 26`)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if plan := strings.Join(lines, "\n"); !strings.Contains(plan, "Index Scan using instance_open_idx") {
			t.Errorf("the inbox does not use its index:\n%s", plan)
		}
		return err
	})
}
