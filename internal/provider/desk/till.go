package desk

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/money"
)

// TillStatus is the state of a till session.
type TillStatus string

// The states of a till: open → counted (nothing more is taken) → closed by a supervisor, or back to open to be counted anew.
const (
	TillOpen    TillStatus = "open"
	TillCounted TillStatus = "counted"
	TillClosed  TillStatus = "closed"
)

// Till is a session of one operator at one counter with one drawer.
type Till struct {
	ID       uuid.UUID
	Place    Place
	Counter  string
	Operator uuid.UUID
	Status   TillStatus
	Float    money.Amount // what lay in the drawer at the beginning
	OpenedAt time.Time
	Counts   Counts
	Counted  money.Amount // cash in the drawer, as counted
	Expected money.Amount // cash in the drawer, as booked
	Reason   string       // of a difference
	CountAt  *time.Time
	ClosedBy uuid.UUID
	ClosedAt *time.Time
	Slip     string       // number of the deposit slip
	Deposit  money.Amount // what the slip is over
}

// Difference is what the count is above the books, below zero where something is missing.
func (t Till) Difference() money.Amount {
	return money.Amount{Minor: t.Counted.Minor - t.Expected.Minor, Currency: t.Counted.Currency}
}

// Counts are how many there are of each note and coin, by its worth in minor units.
type Counts map[int64]int

// Sum is what they are worth, in minor units.
func (c Counts) Sum() (sum int64) {
	for worth, n := range c {
		sum += worth * int64(n)
	}
	return sum
}

// countMost bounds how many of one note or coin lie in a drawer.
const countMost = 100_000

// denominations are the notes and coins of currencies in minor units, the largest first, as their central banks issue them.
var denominations = map[string][]int64{
	"CVE": {500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 100},
	"EUR": {50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1},
	"USD": {10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 25, 10, 5, 1},
	"INR": {50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100},
}

// Denominations returns the notes and coins of a currency in minor units, the largest first. Of a currency that the desk does not
// know the powers of ten count, so that any sum can be told.
func Denominations(currency string) []int64 {
	if have := denominations[currency]; have != nil {
		return slices.Clone(have)
	}
	var list []int64
	for worth := int64(1_000_000); worth > 0; worth /= 10 {
		list = append(list, worth)
	}
	return list
}

// check reports whether the counts are of the currency's notes and coins, in numbers that can be.
func (c Counts) check(currency string) bool {
	have := Denominations(currency)
	for worth, n := range c {
		if n < 0 || n > countMost || !slices.Contains(have, worth) {
			return false
		}
	}
	return true
}
