package analytics

import (
	"slices"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/money"
)

// maxDays bounds a range: two years and a day.
const maxDays = 731

// Range is a stretch of days in the tenant's zone, both ends included.
type Range struct{ From, To civil.Date }

// LastDays returns the n days that end with today.
func LastDays(today civil.Date, n int) Range { return Range{From: today.AddDays(1 - n), To: today} }

// Days is how many days the range has.
func (r Range) Days() int { return r.To.Sub(r.From) + 1 }

// Before returns the range of the same length that ends where this one begins, for comparison.
func (r Range) Before() Range {
	return Range{From: r.From.AddDays(-r.Days()), To: r.From.AddDays(-1)}
}

func (r Range) check() error {
	if n := r.Days(); n < 1 || n > maxDays {
		return ErrRange.With("max", maxDays)
	}
	return nil
}

// Figures are counts of some days. Approved, Rejected and Withdrawn are the parts of Decided, Kept those decided within
// the promised time, Overdue the promises that passed. Working is the working time of all that was decided. Revenue has
// a sum for each currency that was paid in.
type Figures struct {
	Received, Decided             int64
	Approved, Rejected, Withdrawn int64
	Kept, Overdue, Moved          int64
	Working                       time.Duration
	Revenue                       []money.Amount
}

// Average is the working time of a decision; nothing where nothing was decided.
func (f Figures) Average() time.Duration {
	if f.Decided == 0 {
		return 0
	}
	return f.Working / time.Duration(f.Decided)
}

// Paid is the sum that was paid in a currency.
func (f Figures) Paid(currency string) money.Amount {
	for _, a := range f.Revenue {
		if a.Currency == currency {
			return a
		}
	}
	return money.Amount{Currency: currency}
}

// Day is the figures of one day.
type Day struct {
	Day civil.Date
	Figures
}

// ServiceFigures are the figures of one service of an agency.
type ServiceFigures struct {
	Agency, Service string
	Figures
}

// reach is whose figures a person may see: all, or those of some agencies.
type reach struct {
	everywhere bool
	agencies   []string
}

// Sees reports whether a person may see the figures of an agency.
func Sees(by identity.Principal, agency string) bool {
	_, err := reachOf(by, agency)
	return err == nil
}

// reachOf derives it from the roles held; agency "" asks for all there are. A role that is limited to an area opens no
// figures, since they are of whole agencies. Errors: ErrForbidden.
func reachOf(by identity.Principal, agency string) (reach, error) {
	r := reach{agencies: []string{}}
	everywhere, agencies := by.Reach(Read)
	switch {
	case agency == "":
		r.everywhere, r.agencies = everywhere, append(r.agencies, agencies...)
	case everywhere, slices.Contains(agencies, agency):
		r.agencies = append(r.agencies, agency)
	}
	if !r.everywhere && len(r.agencies) == 0 {
		return r, ErrForbidden.With("permission", Read)
	}
	return r, nil
}
