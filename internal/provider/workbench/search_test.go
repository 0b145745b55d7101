package workbench_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
)

// names are the applicants that a list shows.
func names(h *orchestrationtest.House, bench *workbench.Service, by identity.Principal, f workbench.Filter) (found []string, err error) {
	err = h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		p, err := bench.Inbox(ctx, tx, by, f, page.Request{})
		for _, r := range p.Rows {
			found = append(found, r.Name)
		}
		return err
	})
	return found, err
}

func TestPeopleAreFoundByName(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	stranger := h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	maria, joao := paid(h, "Maria da Luz Évora"), paid(h, "João Évora")
	for _, tt := range []struct {
		by    identity.Principal
		typed string
		want  []string
	}{
		{clerk, "evora", []string{"João Évora", "Maria da Luz Évora"}},
		{clerk, "ÉVORA maria", []string{"Maria da Luz Évora"}},
		{clerk, "joao", []string{"João Évora"}},
		{clerk, "Évor", nil}, // beginnings would tell too much
		{clerk, "x", nil},
		{stranger, "evora", nil},
	} {
		for _, queue := range []string{workflow.QueueTeam, workbench.QueueFound} {
			got, err := names(h, bench, tt.by, workbench.Filter{Queue: queue, Name: tt.typed})
			if slices.Sort(got); err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("%s for %q in %s: %v, %v, want %v", tt.by.Name, tt.typed, queue, got, err, tt.want)
			}
		}
	}
	got, err := names(h, bench, clerk, workbench.Filter{Queue: workbench.QueueFound, Text: strings.ToLower(h.Case(joao).Reference)})
	if err != nil || !slices.Equal(got, []string{"João Évora"}) {
		t.Errorf("by reference: %v, %v", got, err)
	}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return h.Applications.Forget(ctx, tx, h.Case(maria).Person)
	})
	if got, _ := names(h, bench, clerk, workbench.Filter{Queue: workflow.QueueTeam, Name: "maria"}); got != nil {
		t.Errorf("somebody who was forgotten is found: %v", got)
	}
}

// TestNamesAreIndexedLater finds who applied before names were indexed, once the job has run.
func TestNamesAreIndexedLater(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	app := paid(h, "Maria Évora")
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := h.Applications.Forget(ctx, tx, h.Case(app).Person); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE orchestration.application SET named = false`); err != nil {
			return err
		}
		return tx.Enqueue(ctx, orchestration.IndexNamesArgs{})
	})
	h.Work()
	got, err := names(h, bench, clerk, workbench.Filter{Queue: workflow.QueueTeam, Name: "maria"})
	if err != nil || !slices.Equal(got, []string{"Maria Évora"}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	for _, name := range []string{"A", "B", "C"} {
		paid(h, name)
		h.Travel(1)
	}
	for sort, want := range map[string][]string{workflow.SortOldest: {"A", "B", "C"}, workflow.SortNewest: {"C", "B", "A"}, "": {"A", "B", "C"}} {
		for _, size := range []int{1, 2, 10} {
			var got []string
			h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
				for req := (page.Request{Size: size}); ; {
					p, err := bench.Inbox(ctx, tx, clerk, workbench.Filter{Queue: workflow.QueueTeam, Sort: sort}, req)
					if err != nil {
						return err
					}
					for _, r := range p.Rows {
						got = append(got, r.Name)
					}
					if req.After = p.Next; p.Next == "" {
						return nil
					}
				}
			})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q by %d (-want +got):\n%s", sort, size, diff)
			}
		}
	}
	if _, err := names(h, bench, clerk, workbench.Filter{Sort: "name"}); !errors.Is(err, workbench.ErrFilter) {
		t.Errorf("an order nobody knows: %v", err)
	}
}

// TestRoundTripsDoNotGrow shows a list of one case and one of many: the database is asked as often.
func TestRoundTripsDoNotGrow(t *testing.T) {
	t.Parallel()
	h, bench := setup(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	trips := func() (n int) {
		h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			ctx, count := pg.CountRoundTrips(ctx)
			if _, err := bench.Counts(ctx, tx, clerk); err != nil {
				return err
			}
			if _, err := bench.Lists(ctx, tx, clerk); err != nil {
				return err
			}
			_, err := bench.Inbox(ctx, tx, clerk, workbench.Filter{Queue: workflow.QueueTeam}, page.Request{})
			n = count.N()
			return err
		})
		return n
	}
	paid(h, "A")
	for range 7 { // statements are prepared once a connection, and planned anew for a while
		trips()
	}
	one := trips()
	for _, name := range []string{"B", "C", "D", "E", "F"} {
		colleague := h.Staff("Colleague "+name, "registry-clerk", "dgrni", "")
		h.Claim(colleague, paid(h, name))
	}
	trips()
	if many := trips(); many > one+1 { // one more for keys that are not in memory yet
		t.Errorf("%d round trips for six cases, %d for one", many, one)
	}
}
