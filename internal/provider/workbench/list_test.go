package workbench_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
)

// The world of the property: few of each, so that draws meet.
var (
	agencies = []string{"dgrni", "cmp", "parks"}
	roles    = []string{"registry-clerk", "registrar", "licence-clerk"}
	places   = [][]string{{"CV", "CV-PR"}, {"CV", "CV-PR", "CV-PR-NSG"}, {"CV", "CV-SV"}, {}}
)

// fill puts cases of all sorts into the workflow's table, some of them taken and acted on by me.
func fill(h *orchestrationtest.House, me uuid.UUID) {
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for n := range 90 {
			kind, ended := "work", false
			if n%7 == 0 {
				kind, ended = "end", true
			}
			path := places[n%len(places)]
			boundary := ""
			if len(path) > 0 {
				boundary = path[len(path)-1]
			}
			var assignee *uuid.UUID
			if n%4 == 1 && !ended {
				assignee = &me
			}
			instance := id.New()
			_, err := tx.Exec(ctx, `INSERT INTO workflow.instance (id, reference, service, version, person_id, agency, boundary, boundary_path, state, kind, role,
				assignee, claimed_at, rev, started_at, entered_at, total_due_at, ended_at, outcome)
				VALUES ($1, $2, 'birth-certificate', 1, gen_random_uuid(), $3, $4, $5, 'verification', $6, $7, $8::uuid, CASE WHEN $8::uuid IS NULL THEN NULL ELSE now() END,
				1, now(), now(), now() + $9 * interval '1 hour', CASE WHEN $10 THEN now() END, CASE WHEN $10 THEN 'approved' ELSE '' END)`,
				instance, fmt.Sprintf("P-%03d", n), agencies[n%len(agencies)], boundary, path, kind, roles[n/3%len(roles)], assignee, n%11, ended)
			if err != nil {
				return err
			}
			if n%5 == 0 {
				_, err = tx.Exec(ctx, `INSERT INTO workflow.transition (instance_id, rev, action, cause, from_state, to_state, kind, actor_id, role, checklist, at, working, calendar)
					VALUES ($1, 1, 'verify', 'staff', 'a', 'b', 'work', $2, '', '{}', now(), 0, 0)`, instance, me)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// everything reads all cases, with who has acted on each.
func everything(h *orchestrationtest.House) (all []workflow.Instance, acted map[uuid.UUID][]uuid.UUID) {
	acted = map[uuid.UUID][]uuid.UUID{}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		rows, err := tx.Query(ctx, `SELECT i.id, array_remove(array_agg(t.actor_id), NULL) FROM workflow.instance i
			LEFT JOIN workflow.transition t ON t.instance_id = i.id GROUP BY i.id`)
		if err != nil {
			return err
		}
		var ids []uuid.UUID
		for rows.Next() {
			var instance uuid.UUID
			var actors []uuid.UUID
			if err := rows.Scan(&instance, &actors); err != nil {
				return err
			}
			ids, acted[instance] = append(ids, instance), actors
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, instance := range ids {
			i, err := h.Workflow.Instance(ctx, tx, instance)
			if err != nil {
				return err
			}
			all = append(all, i)
		}
		return nil
	})
	return all, acted
}

// holders draws what somebody may hold.
func holders(now time.Time) *rapid.Generator[[]identity.Grant] {
	before, later := now.Add(-time.Hour), now.Add(time.Hour)
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) identity.Grant {
		g := identity.Grant{
			Role:     rapid.SampledFrom(append([]string{"analyst"}, roles...)).Draw(t, "role"),
			Agency:   rapid.SampledFrom(append([]string{""}, agencies...)).Draw(t, "agency"),
			Boundary: rapid.SampledFrom([]string{"", "", "CV", "CV-PR", "CV-PR-NSG", "CV-SV"}).Draw(t, "boundary"),
			From:     rapid.SampledFrom([]*time.Time{nil, nil, &before, &later}).Draw(t, "from"),
			Until:    rapid.SampledFrom([]*time.Time{nil, nil, &later}).Draw(t, "until"),
		}
		g.Permissions = []string{workbench.Use}
		if rapid.Bool().Draw(t, "supervises") {
			g.Permissions = append(g.Permissions, workflow.Release)
		}
		if g.From != nil && g.Until != nil && !g.From.Before(*g.Until) {
			g.Until = nil
		}
		return g
	}), 1, 4)
}

// own are laws of a tenant, the first without any of its own.
var own = [][]decision.Policy{
	nil,
	{{Code: "not-praia", Text: `forbid (principal, action == Action::"workflow:see", resource) when { resource has areas && resource.areas.contains("CV-PR") };`}},
	{{Code: "registrars-alone", Text: `forbid (principal, action, resource) unless { context has grant && context.grant.role == "registrar" };`}},
	{{Code: "no-refunds", Text: `forbid (principal, action == Action::"payment:refund", resource);`}},
}

// TestInboxIsWhatDecisionsAllow: SQL narrows the queues, Cedar decides each case, and both say the same, for everybody.
func TestInboxIsWhatDecisionsAllow(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	me := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	fill(h, me.Account)
	all, acted := everything(h)
	rapid.Check(t, func(t *rapid.T) {
		h.In(me.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			by := me
			by.Grants = holders(tx.Now).Draw(t, "grants")
			by, err := by.Under(rapid.SampledFrom(own).Draw(t, "law"))
			if err != nil {
				return err
			}
			if !by.MayAt(workbench.Use, tx.Now) {
				return nil
			}
			for _, queue := range []string{workflow.QueueTeam, workflow.QueueUnclaimed, workflow.QueueMine, workflow.QueueDone} {
				want := map[string]bool{}
				for _, i := range all {
					on := i.Object()
					open, mine := i.Staffed(), i.Assignee == me.Account
					switch queue {
					case workflow.QueueDone:
						if on.Acted = acted[i.ID]; !slices.Contains(on.Acted, me.Account) {
							continue
						}
					case workflow.QueueMine:
						open = open && mine
					case workflow.QueueUnclaimed:
						open = open && i.Assignee == uuid.Nil
					}
					if (open || queue == workflow.QueueDone) && by.Decide(decision.See, on, tx.Now).Allowed {
						want[i.Reference] = true
					}
				}
				got := map[string]bool{}
				for req := (page.Request{Size: 20}); ; {
					p, err := bench.Inbox(ctx, tx, by, workbench.Filter{Queue: queue}, req)
					if err != nil {
						return err
					}
					for _, row := range p.Rows {
						if got[row.Reference] {
							t.Fatalf("%s shows %s twice", queue, row.Reference)
						}
						got[row.Reference] = true
					}
					if req.After = p.Next; p.Next == "" {
						break
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s of %+v (-decided +listed):\n%s", queue, by.Grants, diff)
				}
				if queue != workflow.QueueTeam {
					continue
				}
				counts, err := bench.Counts(ctx, tx, by)
				if err != nil {
					return err
				}
				if counts.Team != len(want) {
					t.Fatalf("%d counted, %d decided", counts.Team, len(want))
				}
			}
			return nil
		})
	})
}
