// Package calendar counts working time: when a promise of five working days falls due, how long an office has
// had a case. It knows opening hours by weekday, those of single weekdays of a month and of single days, holidays and the
// office's zone, and no clock.
package calendar

import (
	"cmp"
	"slices"
	"time"

	"digit/internal/infra/platform/civil"
)

// Calendar is the working time of one office. The zero Calendar is always open, in UTC. A Calendar is safe for
// concurrent use as long as nobody changes it.
type Calendar struct {
	Zone     *time.Location
	Hours    Week
	Holidays map[civil.Date]bool
	// Days are the hours of single days, in place of those of their weekday: half days, and days on which work is done
	// although the weekday, or a holiday, is free. A day without hours is free.
	Days map[civil.Date][]Span
}

// horizon bounds the search for working time, so that a calendar of nothing but holidays comes to an end.
const horizon = 20 * 366

func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func (c Calendar) noHours() bool {
	for _, spans := range c.Hours {
		if len(spans) > 0 {
			return false
		}
	}
	return true
}

// spans returns the working times of a day, in order and without overlap.
func (c Calendar) spans(d civil.Date) []Span {
	if own, ok := c.Days[d]; ok {
		return merge(own, d)
	}
	if c.Holidays[d] {
		return nil
	}
	if c.noHours() {
		return []Span{{Close: minutesPerDay}}
	}
	return merge(c.Hours[d.In(time.UTC).Weekday()], d)
}

// merge puts spans into their order, joins those that touch, and leaves out those that are not of this day of the month.
func merge(spans []Span, d civil.Date) []Span {
	in := slices.Clone(spans)
	slices.SortFunc(in, func(a, b Span) int { return cmp.Compare(a.Open, b.Open) })
	var out []Span
	for _, s := range in {
		if !s.In.Has(nthOf(d)) {
			continue
		}
		s = Span{Open: max(s.Open, 0), Close: min(s.Close, minutesPerDay)}
		switch {
		case s.Open >= s.Close:
		case len(out) > 0 && s.Open <= out[len(out)-1].Close:
			out[len(out)-1].Close = max(out[len(out)-1].Close, s.Close)
		default:
			out = append(out, s)
		}
	}
	return out
}

// at returns the instant of a wall-clock minute. On the day clocks change, a span is as long as it really is.
func (c Calendar) at(d civil.Date, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, minute, 0, 0, c.zone())
}

// IsWorking reports whether the office works at all on that day.
func (c Calendar) IsWorking(d civil.Date) bool { return len(c.spans(d)) > 0 }

// Open reports whether the office is at work at t.
func (c Calendar) Open(t time.Time) bool {
	d := civil.Of(t.In(c.zone()))
	for _, s := range c.spans(d) {
		if !t.Before(c.at(d, s.Open)) && t.Before(c.at(d, s.Close)) {
			return true
		}
	}
	return false
}

// Add returns the first moment at which `working` of working time has passed since from; from itself where
// working is not positive. A calendar without working days within twenty years gives the end of that time.
func (c Calendar) Add(from time.Time, working time.Duration) time.Time {
	if working <= 0 {
		return from
	}
	day := civil.Of(from.In(c.zone()))
	for i := range horizon {
		d := day.AddDays(i)
		for _, s := range c.spans(d) {
			start, end := c.at(d, s.Open), c.at(d, s.Close)
			if start.Before(from) {
				start = from
			}
			if !start.Before(end) {
				continue
			}
			if open := end.Sub(start); open < working {
				working -= open
				continue
			}
			return start.Add(working).In(from.Location())
		}
	}
	return c.at(day.AddDays(horizon), 0).In(from.Location())
}

// Between returns the working time from a to b; negative where b is before a.
func (c Calendar) Between(a, b time.Time) time.Duration {
	if b.Before(a) {
		return -c.Between(b, a)
	}
	var sum time.Duration
	last := civil.Of(b.In(c.zone()))
	for d := civil.Of(a.In(c.zone())); !last.Before(d); d = d.AddDays(1) {
		for _, s := range c.spans(d) {
			start, end := c.at(d, s.Open), c.at(d, s.Close)
			if start.Before(a) {
				start = a
			}
			if end.After(b) {
				end = b
			}
			if start.Before(end) {
				sum += end.Sub(start)
			}
		}
	}
	return sum
}

// AddDays returns the end of the n-th working day. The day of from does not count, as in administrative law:
// what is handed in on Monday and promised within one working day is due when the office closes on Tuesday.
// With n of 0 or less it is the end of the first working day from that day on.
func (c Calendar) AddDays(from time.Time, n int) time.Time {
	day := civil.Of(from.In(c.zone()))
	first := 1
	if n <= 0 {
		first, n = 0, 1
	}
	for i := first; i < horizon; i++ {
		d := day.AddDays(i)
		spans := c.spans(d)
		if len(spans) == 0 {
			continue
		}
		if n--; n == 0 {
			return c.at(d, spans[len(spans)-1].Close).In(from.Location())
		}
	}
	return c.at(day.AddDays(horizon), 0).In(from.Location())
}

// WorkingDays returns the number of working days after the day of a, up to and with the day of b; 0 where b is
// not after a.
func (c Calendar) WorkingDays(a, b time.Time) int {
	n := 0
	last := civil.Of(b.In(c.zone()))
	for d := civil.Of(a.In(c.zone())).AddDays(1); !last.Before(d); d = d.AddDays(1) {
		if c.IsWorking(d) {
			n++
		}
	}
	return n
}

// Workday is how long work goes on a day, on average of the weekdays on which it does; a whole day where it never does.
func (c Calendar) Workday() time.Duration {
	minutes, days := 0, 0
	for _, spans := range c.Hours {
		for n := 1; n <= mostInMonth; n++ {
			day := 0
			for _, s := range spans {
				if s.In.Has(n) {
					day += s.Close - s.Open
				}
			}
			if day > 0 {
				minutes, days = minutes+day, days+1
			}
		}
	}
	if days == 0 {
		return 24 * time.Hour
	}
	return time.Duration(minutes/days) * time.Minute
}
