package orchestration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// TestConsultationsArePaged goes through what an agency is asked in each order, three at a time: each once, in order, and the same as are counted.
func TestConsultationsArePaged(t *testing.T) {
	t.Parallel()
	s := digging(t, 30)
	for n := range 7 {
		s.req.ID, s.req.Person, s.req.Reference = id.New(), id.New(), fmt.Sprintf("ST-%d", n+1)
		s.apply()
	}
	walk := func(f orchestration.ConsultationFilter) (references []string) {
		for next := (page.Request{Size: 3}); ; {
			s.In(s.water.Actor(), func(ctx context.Context, tx *pg.Tx) error {
				p, err := s.Applications.Consultations(ctx, tx, s.water, f, next)
				for _, c := range p.Rows {
					references = append(references, c.Reference)
				}
				next.After = p.Next
				return err
			})
			if next.After == "" {
				return references
			}
		}
	}
	all := []string{"ST-1", "ST-2", "ST-3", "ST-4", "ST-5", "ST-6", "ST-7"}
	back := slices.Clone(all)
	slices.Reverse(back)
	for sort, want := range map[string][]string{"": all, workflow.SortDue: all, workflow.SortOldest: all, workflow.SortNewest: back} {
		if got := walk(orchestration.ConsultationFilter{Sort: sort}); !slices.Equal(got, want) {
			t.Errorf("sorted by %q: %v", sort, got)
		}
	}
	if err := s.advise(s.water, s.asked(s.water, false)[0].ID, servicespec.OpinionClear, ""); err != nil {
		t.Fatal(err)
	}
	s.In(s.water.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		open, err := s.Applications.Tally(ctx, tx, s.water, orchestration.ConsultationFilter{})
		over, err2 := s.Applications.Tally(ctx, tx, s.water, orchestration.ConsultationFilter{Done: true})
		none, err3 := s.Applications.Tally(ctx, tx, s.water, orchestration.ConsultationFilter{Asker: "parks"})
		if open.All != 6 || open.Late != 0 || open.Capped || !slices.Equal(open.Askers, []string{"roads"}) || open.Services["street"]["en"] == "" ||
			over.Answers[servicespec.OpinionClear] != 1 || none.All != 0 {
			t.Errorf("counted %+v, %+v and %+v", open, over, none)
		}
		return errors.Join(err, err2, err3)
	})
	if got := walk(orchestration.ConsultationFilter{Done: true, Answer: servicespec.OpinionClear}); !slices.Equal(got, all[:1]) {
		t.Errorf("answered %v", got)
	}
	if err := s.Try(s.clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := s.Applications.Consultations(ctx, tx, s.water, orchestration.ConsultationFilter{}, page.Request{After: "nonsense"})
		return err
	}); !errors.Is(err, page.ErrCursor) {
		t.Errorf("a cursor of nobody: %v", err)
	}
}
