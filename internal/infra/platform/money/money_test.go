package money_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/money"
)

func TestDecimalAndParseAreInverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount{
			Minor:    rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "minor"),
			Currency: rapid.SampledFrom([]string{"CVE", "JPY", "TND", "CLF"}).Draw(t, "currency"),
		}
		b, err := money.Parse(a.Decimal(), a.Currency)
		if err != nil || a != b {
			t.Fatalf("%v → %q → %v, %v", a, a.Decimal(), b, err)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "-", "1.234", "1,5", "+1", "1_0", "1e3", ".5", "99999999999999999999"} {
		if a, err := money.Parse(s, "CVE"); err == nil {
			t.Errorf("%q became %v", s, a)
		}
	}
}

func TestAddRefusesMixedCurrenciesAndOverflow(t *testing.T) {
	t.Parallel()
	if _, err := (money.Amount{1, "CVE"}).Add(money.Amount{1, "EUR"}); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("got %v", err)
	}
	if _, err := (money.Amount{math.MaxInt64, "CVE"}).Add(money.Amount{1, "CVE"}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("got %v", err)
	}
	if got, err := (money.Amount{5, "CVE"}).Add(money.Amount{0, "CVE"}); err != nil || got.Minor != 5 {
		t.Errorf("adding nothing: %v %v", got, err)
	}
}
