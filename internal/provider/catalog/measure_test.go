package catalog_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
)

// TestMeasures takes measures twice: what is asked for no longer goes, and what the catalogue does not know stays out.
func TestMeasures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, p := range packs() {
		b.publish(p)
	}
	popular := func(n int) (codes []string) {
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			list, err := b.svc.Popular(ctx, tx, "en", n)
			for _, e := range list {
				codes = append(codes, e.Code)
			}
			return err
		})
		return codes
	}
	take := func(list ...catalog.Measure) {
		svc := catalog.New(catalog.Deps{Settings: state{"pt", "en", "ar"}, Measures: measures(list)})
		b.in(svc.TakeMeasures)
	}
	birth, trade, light := "birth-certificate", "trade-licence", "streetlight-complaint"
	if diff := cmp.Diff([]string{birth, light, trade}, popular(3)); diff != "" {
		t.Errorf("before anything is measured, by name (-want +got):\n%s", diff)
	}
	day := 8 * time.Hour
	measured := catalog.Measure{Service: trade, Received: 9, Decided: 5, Median: 2 * day, Most: 9 * day, Rated: 6, Stars: 27}
	take(measured, catalog.Measure{Service: birth, Received: 3}, catalog.Measure{Service: "elsewhere", Received: 99})
	if diff := cmp.Diff([]string{trade, birth, light}, popular(3)); diff != "" {
		t.Errorf("most asked for first (-want +got):\n%s", diff)
	}
	for code, want := range map[string]catalog.Measure{trade: measured, birth: {Service: birth, Received: 3}, light: {Service: light}, "elsewhere": {Service: "elsewhere"}} {
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			got, err := b.svc.Measure(ctx, tx, code)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", code, diff)
			}
			return err
		})
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.Withdraw(ctx, tx, identity.Principal{}, trade, "reform")
	})
	if diff := cmp.Diff([]string{birth}, popular(1)); diff != "" {
		t.Errorf("a withdrawn service is offered (-want +got):\n%s", diff)
	}
	take(catalog.Measure{Service: light, Received: 1})
	if diff := cmp.Diff([]string{light, birth}, popular(2)); diff != "" {
		t.Errorf("after new measures (-want +got):\n%s", diff)
	}
}
