// Package calendar counts working time: when a promise of five working days falls due, how long an office has
// had a case. It knows opening hours by weekday, holidays and the office's zone, and no clock.
package calendar

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/civil"
)

// Span is a time of a day during which an office works, in minutes after midnight on the wall clock.
// Close may be 1440, the end of the day.
type Span struct{ Open, Close int }

// String writes "08:00-16:00", which ParseSpan reads.
func (s Span) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.Open/60, s.Open%60, s.Close/60, s.Close%60)
}

const minutesPerDay = 24 * 60

// Week is the opening hours of a week. A weekday without spans is free; a week without any hours at all means
// that the office never closes.
type Week map[time.Weekday][]Span

// Office returns the week of a common public office: Monday to Friday, 8 to 16 o'clock.
func Office() Week {
	w := Week{}
	for d := time.Monday; d <= time.Friday; d++ {
		w[d] = []Span{{8 * 60, 16 * 60}}
	}
	return w
}

var weekdayKeys = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// MarshalJSON writes the week as {"mon": ["08:00-12:00", "14:00-18:00"], …}.
func (w Week) MarshalJSON() ([]byte, error) {
	out := map[string][]string{}
	for d, spans := range w {
		for _, s := range spans {
			out[weekdayKeys[d]] = append(out[weekdayKeys[d]], s.String())
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes. Errors: for unknown weekdays, times that are none, and spans
// that end before they begin.
func (w *Week) UnmarshalJSON(data []byte) error {
	var in map[string][]string
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	out := Week{}
	for key, spans := range in {
		day := slices.Index(weekdayKeys[:], key)
		if day < 0 {
			return fmt.Errorf("calendar: %q is no weekday; use mon, tue, wed, thu, fri, sat, sun", key)
		}
		for _, s := range spans {
			span, err := ParseSpan(s)
			if err != nil {
				return err
			}
			out[time.Weekday(day)] = append(out[time.Weekday(day)], span)
		}
	}
	*w = out
	return nil
}

// ParseSpan reads "08:00-16:00"; the end may be 24:00.
func ParseSpan(s string) (Span, error) {
	from, to, ok := strings.Cut(s, "-")
	open, ok1 := minute(from)
	end, ok2 := minute(to)
	if !ok || !ok1 || !ok2 || open >= end {
		return Span{}, fmt.Errorf("calendar: %q are no opening hours; write them as 08:00-16:00", s)
	}
	return Span{open, end}, nil
}

func minute(s string) (int, bool) {
	if s == "24:00" {
		return minutesPerDay, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil && len(s) == len("15:04")
}

// Calendar is the working time of one office. The zero Calendar is always open, in UTC. A Calendar is safe for
// concurrent use as long as nobody changes it.
type Calendar struct {
	Zone     *time.Location
	Hours    Week
	Holidays map[civil.Date]bool
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
	if c.Holidays[d] {
		return nil
	}
	if c.noHours() {
		return []Span{{0, minutesPerDay}}
	}
	in := slices.Clone(c.Hours[d.In(time.UTC).Weekday()])
	slices.SortFunc(in, func(a, b Span) int { return cmp.Compare(a.Open, b.Open) })
	var out []Span
	for _, s := range in {
		s = Span{max(s.Open, 0), min(s.Close, minutesPerDay)}
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
		if len(spans) > 0 {
			days++
		}
		for _, s := range spans {
			minutes += s.Close - s.Open
		}
	}
	if days == 0 {
		return 24 * time.Hour
	}
	return time.Duration(minutes/days) * time.Minute
}
