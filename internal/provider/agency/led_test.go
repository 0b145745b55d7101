package agency_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
)

// TestLed: whoever holds a position leads those who hold the ones below, whoever manages the agency all but themself, and what they may enter
// AskAbsence takes.
func TestLed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff, by := b.office()
	led := func(name string) (accounts []uuid.UUID) {
		t.Helper()
		if err := b.try(by[name], func(ctx context.Context, tx *pg.Tx) (err error) {
			accounts, err = b.svc.Led(ctx, tx, by[name], "works")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return accounts
	}
	if got := led("Rui"); !slices.Equal(got, []uuid.UUID{staff["Ana"]}) {
		t.Errorf("the head leads %v, want Ana alone", got)
	}
	for _, name := range []string{"Ana", "Eva"} {
		if got := led(name); len(got) != 0 {
			t.Errorf("%s leads %v", name, got)
		}
	}
	if got := led("Local"); len(got) != 3 || slices.Contains(got, staff["Local"]) {
		t.Errorf("the agency's administrator leads %v, want all but themself", got)
	}
	until := b.now().AddDate(0, 0, 3)
	if _, err := b.ask(by["Rui"], agency.AskAbsence{Agency: "works", Account: staff["Ana"], StandIn: staff["Eva"], Until: until}); err != nil {
		t.Error(err)
	}
	if got := led("Rui"); !slices.Equal(got, []uuid.UUID{staff["Ana"]}) { // who stands in is not led by that
		t.Errorf("with Eva standing in the head leads %v, want Ana alone", got)
	}
}
