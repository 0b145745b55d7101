package calendar

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/civil"
)

// Span is a time of a day during which an office works, in minutes after midnight on the wall clock.
// Close may be 1440, the end of the day. Where In is given, the span is only of those weekdays of a month.
type Span struct {
	Open, Close int
	In          Nth
}

// String writes "08:00-16:00", or "08:00-12:00 (1, 3)" for the first and third of a month; ParseSpan reads it.
func (s Span) String() string {
	text := fmt.Sprintf("%02d:%02d-%02d:%02d", s.Open/60, s.Open%60, s.Close/60, s.Close%60)
	if s.In == 0 {
		return text
	}
	return text + " (" + s.In.String() + ")"
}

const minutesPerDay = 24 * 60

// Nth says which ones of a weekday in a month: the second and the fourth Saturday. The zero value is every one.
type Nth uint8

// mostInMonth is how often a weekday comes in a month at most.
const mostInMonth = 5

// NthOf returns the set of these numbers, each from 1 to 5; others are left out.
func NthOf(numbers ...int) (n Nth) {
	for _, x := range numbers {
		if x >= 1 && x <= mostInMonth {
			n |= 1 << (x - 1)
		}
	}
	return n
}

// Has reports whether the x-th one is meant.
func (n Nth) Has(x int) bool { return n == 0 || n&(1<<(x-1)) != 0 }

// String writes "2, 4"; nothing for every one.
func (n Nth) String() string {
	var parts []string
	for x := 1; n != 0 && x <= mostInMonth; x++ {
		if n.Has(x) {
			parts = append(parts, strconv.Itoa(x))
		}
	}
	return strings.Join(parts, ", ")
}

// nthOf tells the how-manieth of its weekday a day is in its month.
func nthOf(d civil.Date) int { return (d.Day-1)/7 + 1 }

// Week is the opening hours of a week. A weekday without spans is free; a week without any hours at all means
// that the office never closes.
type Week map[time.Weekday][]Span

// Office returns the week of a common public office: Monday to Friday, 8 to 16 o'clock.
func Office() Week {
	w := Week{}
	for d := time.Monday; d <= time.Friday; d++ {
		w[d] = []Span{{Open: 8 * 60, Close: 16 * 60}}
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

var (
	spanForm = regexp.MustCompile(`^(\d\d:\d\d)\s*-\s*(\d\d:\d\d)(?:\s*\(([1-5 ,]*)\))?$`)
	between  = regexp.MustCompile(`\([^)]*\)|,`)
)

// ParseSpan reads "08:00-16:00", the end of which may be 24:00, and "08:00-12:00 (2, 4)". Errors: for what is none, and
// for an end before the beginning.
func ParseSpan(text string) (Span, error) {
	wrong := fmt.Errorf("calendar: %q are no opening hours; write them as 08:00-16:00", text)
	m := spanForm.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return Span{}, wrong
	}
	from, ok1 := minute(m[1])
	to, ok2 := minute(m[2])
	if !ok1 || !ok2 || from >= to {
		return Span{}, wrong
	}
	s := Span{Open: from, Close: to}
	if strings.Contains(text, "(") {
		for _, x := range strings.FieldsFunc(m[3], func(r rune) bool { return r == ',' || r == ' ' }) {
			n, err := strconv.Atoi(x)
			if err != nil || n > mostInMonth {
				return Span{}, wrong
			}
			s.In |= NthOf(n)
		}
		if s.In == 0 {
			return Span{}, wrong
		}
	}
	return s, nil
}

// ParseHours reads the spans of a day, "08:00-12:00, 13:00-16:00 (1, 3)"; none for an empty text. Errors: as for ParseSpan.
func ParseHours(text string) (spans []Span, err error) {
	// The commas between spans, not those within brackets, part them.
	parted := between.ReplaceAllStringFunc(text, func(s string) string {
		if s == "," {
			return ";"
		}
		return s
	})
	for part := range strings.SplitSeq(parted, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		s, err := ParseSpan(part)
		if err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return spans, nil
}

// HoursText writes spans as ParseHours reads them.
func HoursText(spans []Span) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = s.String()
	}
	return strings.Join(parts, ", ")
}

func minute(s string) (int, bool) {
	if s == "24:00" {
		return minutesPerDay, true
	}
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}
