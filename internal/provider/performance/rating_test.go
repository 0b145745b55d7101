package performance_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/performance"
)

// TestRatings counts each person once, as they said it last, however the events come.
func TestRatings(t *testing.T) {
	t.Parallel()
	b := setup(t)
	rated := func(of uuid.UUID, service, agency string, stars, first, last int, good, bad []string) exchange.RequestRated {
		return exchange.RequestRated{ID: of, Service: service, Agency: agency, Stars: stars, Good: good, Bad: bad, RatedAt: b.at(first), At: b.at(last)}
	}
	twice := id.New()
	late := rated(twice, "licence", "cmp", 5, -9, -2, []string{"staff"}, nil)
	b.publish(late, rated(twice, "licence", "cmp", 1, -9, -9, nil, []string{"time"}), late, // the change comes before what it changes, and again
		rated(id.New(), "licence", "cmp", 2, -3, -3, nil, []string{"time", "news"}), rated(id.New(), "light", "iluminacao", 4, -3, -3, []string{"time"}, nil),
		rated(id.New(), "licence", "cmp", 1, -40, -40, nil, []string{"time"}))
	span := performance.Range{From: b.at(-10), To: b.at(0)}
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.service.Ratings(ctx, tx, analyst(""), span, "")
		want := []performance.Rated{
			{Agency: "cmp", Service: "licence", Stars: performance.Stars{0, 1, 0, 0, 1}}, {Agency: "iluminacao", Service: "light", Stars: performance.Stars{0, 0, 0, 1, 0}},
		}
		if diff := cmp.Diff(want, list); diff != "" {
			t.Error(diff)
		}
		if all, ok := performance.AllStars(list).Average(); !ok || performance.AllStars(list).Count() != 3 || all < 3.66 || all > 3.67 {
			t.Errorf("average %v, %v", all, ok)
		}
		return err
	})
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		course, err := b.service.RatingCourse(ctx, tx, analyst("cmp"), span, 4*24*time.Hour, "cmp", "licence")
		if diff := cmp.Diff([]performance.Stars{{0, 0, 0, 0, 1}, {0, 1, 0, 0, 0}, {}}, course); diff != "" {
			t.Error(diff)
		}
		return err
	})
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		aspects, err := b.service.RatingAspects(ctx, tx, analyst(""), span, "", "")
		want := []performance.Aspect{{Code: "time", Good: 1, Bad: 1}, {Code: "news", Bad: 1}, {Code: "staff", Good: 1}}
		if diff := cmp.Diff(want, aspects); diff != "" {
			t.Error(diff)
		}
		return err
	})
	b.tx(func(ctx context.Context, tx *pg.Tx) error {
		measured, err := b.service.Measured(ctx, tx, b.at(-90))
		want := []performance.Measured{{Service: "licence", Rated: 3, Stars: 8}, {Service: "light", Rated: 1, Stars: 4}}
		if diff := cmp.Diff(want, measured); diff != "" {
			t.Error(diff)
		}
		for _, ask := range []func() error{
			func() error { _, err := b.service.Ratings(ctx, tx, analyst("light"), span, "cmp"); return err },
			func() error {
				_, err := b.service.RatingCourse(ctx, tx, analyst("light"), span, time.Hour, "cmp", "")
				return err
			},
			func() error {
				_, err := b.service.RatingAspects(ctx, tx, analyst("light"), span, "cmp", "")
				return err
			},
		} {
			if err := ask(); err == nil {
				t.Error("another agency's ratings are shown")
			}
		}
		return err
	})
	if _, ok := (performance.Stars{}).Average(); ok {
		t.Error("nobody has an average")
	}
}
