// Package money has amounts in minor units of a currency. There are no floats and no silent rounding.
package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ErrCurrency is returned when amounts of two currencies meet.
var ErrCurrency = errors.New("money: different currencies")

// ErrOverflow is returned when a sum does not fit.
var ErrOverflow = errors.New("money: amount out of range")

// Amount is a sum of money: Minor counts the currency's minor unit (cents; whole yen), Currency is its ISO 4217 code.
type Amount struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

// exponents lists the currencies whose minor unit is not a hundredth (ISO 4217, 2024 list).
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
	"UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}

// Exponent returns the number of decimals of a currency (ISO 4217).
func Exponent(currency string) int {
	if e, ok := exponents[currency]; ok {
		return e
	}
	return 2
}

// IsZero reports whether the amount is nothing.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Add returns a+b. Errors: ErrCurrency, ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %s and %s", ErrCurrency, a.Currency, b.Currency)
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) {
		return Amount{}, ErrOverflow
	}
	return Amount{sum, a.Currency}, nil
}

// Decimal returns the amount as a plain decimal number, such as "1500.00".
func (a Amount) Decimal() string {
	e := Exponent(a.Currency)
	sign, digits := "", strconv.FormatUint(magnitude(a.Minor), 10)
	if a.Minor < 0 {
		sign = "-"
	}
	if e == 0 {
		return sign + digits
	}
	if len(digits) <= e {
		digits = strings.Repeat("0", e-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)-e] + "." + digits[len(digits)-e:]
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// String returns the decimal and the currency, for logs; people get i18n.FormatMoney.
func (a Amount) String() string { return a.Decimal() + " " + a.Currency }

// Parse reads a plain decimal number ("1500", "1500.5") and refuses more decimals than the currency has.
func Parse(decimal, currency string) (Amount, error) {
	e := Exponent(currency)
	whole, frac, _ := strings.Cut(decimal, ".")
	if len(frac) > e {
		return Amount{}, fmt.Errorf("money: %q has more than %d decimals", decimal, e)
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", e-len(frac)), 10, 64)
	if err != nil || whole == "" || whole == "-" || strings.ContainsAny(decimal, "+_") || n == math.MinInt64 {
		return Amount{}, fmt.Errorf("money: %q is no amount", decimal)
	}
	return Amount{n, currency}, nil
}
