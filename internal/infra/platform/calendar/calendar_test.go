package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// open is the definition to test against: is the wall clock within the hours of the day, or within those of the weekday
// on a day that is no holiday? A span that is only of some weekdays of a month counts on those.
func open(c calendar.Calendar, t time.Time) bool {
	local := t.In(c.Zone)
	spans, own := c.Days[civil.Of(local)]
	if !own {
		if c.Holidays[civil.Of(local)] {
			return false
		}
		spans = c.Hours[local.Weekday()]
	}
	nth := 1
	for earlier := local.AddDate(0, 0, -7); earlier.Month() == local.Month(); earlier = earlier.AddDate(0, 0, -7) {
		nth++
	}
	m := local.Hour()*60 + local.Minute()
	for _, s := range spans {
		if m >= s.Open && m < s.Close && (s.In == 0 || s.In&calendar.NthOf(nth) != 0) {
			return true
		}
	}
	return false
}

// aCalendar draws a week with at least one span, lunch breaks, spans of some weekdays of a month only, holidays, half
// days and days of their own. Hours begin at 6, since the hour that clocks repeat in autumn has no single answer; Lisbon
// changes its clocks on 29 March and 25 October 2026.
func aCalendar(t *rapid.T) calendar.Calendar {
	c := calendar.Calendar{Hours: calendar.Week{}, Holidays: map[civil.Date]bool{}}
	c.Zone = zone(t, rapid.SampledFrom([]string{"Atlantic/Cape_Verde", "Europe/Lisbon", "Asia/Kolkata"}).Draw(t, "zone"))
	c.Days = map[civil.Date][]calendar.Span{}
	aSpan := func() calendar.Span {
		from := rapid.IntRange(360, 1380).Draw(t, "open")
		return calendar.Span{Open: from, Close: rapid.IntRange(from+60, 1440).Draw(t, "close")}
	}
	for range rapid.IntRange(1, 9).Draw(t, "spans") {
		day := time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday"))
		c.Hours[day] = append(c.Hours[day], aSpan())
	}
	for range rapid.IntRange(0, 3).Draw(t, "alternate") {
		s := aSpan()
		s.In = calendar.NthOf(rapid.SliceOfN(rapid.IntRange(1, 5), 1, 3).Draw(t, "nth")...)
		c.Hours[time.Saturday] = append(c.Hours[time.Saturday], s)
	}
	for range rapid.IntRange(0, 5).Draw(t, "days") {
		day := civil.Date{Year: 2026, Month: 10, Day: 10}.AddDays(rapid.IntRange(0, 30).Draw(t, "day"))
		c.Days[day] = nil
		for range rapid.IntRange(0, 2).Draw(t, "of the day") {
			c.Days[day] = append(c.Days[day], aSpan())
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "holidays") {
		c.Holidays[civil.Date{Year: 2026, Month: 10, Day: 1}.AddDays(rapid.IntRange(0, 40).Draw(t, "holiday"))] = true
	}
	return c
}

func aMinute(t *rapid.T, label string) time.Time {
	return time.Date(2026, 10, 15, 0, rapid.IntRange(0, 20*1440).Draw(t, label), 0, 0, time.UTC)
}

func TestBetweenCountsEveryMinute(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := aCalendar(t)
		a, b := aMinute(t, "a"), aMinute(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		var want time.Duration
		for m := a; m.Before(b); m = m.Add(time.Minute) {
			if open(c, m) != c.Open(m) {
				t.Fatalf("Open(%v) = %v", m, c.Open(m))
			}
			if open(c, m) {
				want += time.Minute
			}
		}
		if got := c.Between(a, b); got != want {
			t.Fatalf("%v to %v: %v, want %v", a, b, got, want)
		}
		if got := c.Between(b, a); got != -want {
			t.Fatalf("backwards: %v", got)
		}
	})
}

func TestAddIsTheFirstMomentThatEnoughTimeHasPassed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := aCalendar(t)
		from := aMinute(t, "from")
		working := time.Duration(rapid.IntRange(1, 900).Draw(t, "working")) * time.Minute
		got := c.Add(from, working)
		left := working
		m := from
		for ; left > 0; m = m.Add(time.Minute) {
			if open(c, m) {
				left -= time.Minute
			}
		}
		if !got.Equal(m) {
			t.Fatalf("%v + %v = %v, want %v", from, working, got, m)
		}
		if c.Between(from, got) != working {
			t.Fatalf("%v lie between", c.Between(from, got))
		}
	})
}

func TestAddDaysIsTheLastMinuteOfTheNthWorkingDay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := aCalendar(t)
		from := aMinute(t, "from")
		n := rapid.IntRange(1, 6).Draw(t, "n")
		got := c.AddDays(from, n)
		today := civil.Of(from.In(c.Zone))
		days, last, end := 0, today, time.Time{}
		for m := from; days <= n && m.Before(from.AddDate(0, 4, 0)); m = m.Add(time.Minute) {
			if d := civil.Of(m.In(c.Zone)); open(c, m) && d != today {
				if d != last {
					days, last = days+1, d
				}
				if days == n {
					end = m.Add(time.Minute)
				}
			}
		}
		if !got.Equal(end) {
			t.Fatalf("%v + %d days = %v, want %v", from, n, got, end)
		}
		if c.WorkingDays(from, got.Add(-time.Minute)) != n {
			t.Fatalf("%d working days", c.WorkingDays(from, got))
		}
	})
}

func TestPromises(t *testing.T) {
	t.Parallel()
	praia := zone(t, "Atlantic/Cape_Verde")
	c := calendar.Calendar{Zone: praia, Hours: calendar.Office(), Holidays: map[civil.Date]bool{{Year: 2026, Month: 11, Day: 2}: true}}
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, praia)
	}
	thursday := at(10, 29, 15, 0)
	for _, tc := range []struct{ got, want time.Time }{
		{c.AddDays(thursday, 0), at(10, 29, 16, 0)},
		{c.AddDays(thursday, 1), at(10, 30, 16, 0)},
		{c.AddDays(thursday, 2), at(11, 3, 16, 0)}, // over a weekend and All Souls' Day
		{c.AddDays(at(10, 31, 9, 0), 0), at(11, 3, 16, 0)},
		{c.Add(thursday, 2*time.Hour), at(10, 30, 9, 0)},
		{c.Add(thursday, time.Hour), at(10, 29, 16, 0)},
		{c.Add(thursday, 0), thursday},
		{c.Add(thursday, -time.Hour), thursday},
		{c.Add(at(10, 30, 17, 0), time.Minute), at(11, 3, 8, 1)},
	} {
		if !tc.got.Equal(tc.want) {
			t.Errorf("%v, want %v", tc.got, tc.want)
		}
	}
}

func TestAlwaysOpenAndNeverOpen(t *testing.T) {
	t.Parallel()
	from := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var always calendar.Calendar
	if got := always.Add(from, 36*time.Hour); !got.Equal(from.Add(36*time.Hour)) || !always.Open(from) {
		t.Errorf("the zero calendar: %v", got)
	}
	never := calendar.Calendar{Hours: calendar.Office(), Holidays: map[civil.Date]bool{}}
	for i := range 21 * 366 {
		never.Holidays[civil.Of(from).AddDays(i)] = true
	}
	if got := never.Add(from, time.Minute); got.Year() != 2046 {
		t.Errorf("Add found %v", got)
	}
	if got := never.AddDays(from, 1); got.Year() != 2046 {
		t.Errorf("AddDays found %v", got)
	}
}

func TestWeekJSON(t *testing.T) {
	t.Parallel()
	w := calendar.Office()
	w[time.Saturday] = []calendar.Span{{Open: 9*60 + 5, Close: 1440, In: calendar.NthOf(2, 4)}}
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	var back calendar.Week
	if err := json.Unmarshal(data, &back); err != nil || !cmp.Equal(w, back) {
		t.Errorf("%s: %v\n%s", data, err, cmp.Diff(w, back))
	}
	for _, s := range []string{`{"xyz": []}`, `{"mon": ["9-10"]}`, `{"mon": ["10:00-09:00"]}`, `{"mon": ["10:00"]}`, `{"mon": ["25:00-26:00"]}`, `3`} {
		if err := json.Unmarshal([]byte(s), &back); err == nil {
			t.Errorf("%s was taken", s)
		}
	}
}

func TestWorkday(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		week calendar.Week
		want time.Duration
	}{
		"never open":      {calendar.Week{}, 24 * time.Hour},
		"half a Saturday": {calendar.Week{time.Monday: {{Open: 480, Close: 960}}, time.Saturday: {{Open: 480, Close: 720, In: calendar.NthOf(2)}}}, 7*time.Hour + 20*time.Minute},
		"two days":        {calendar.Week{time.Monday: {{Open: 480, Close: 720}, {Open: 780, Close: 960}}, time.Friday: {{Open: 480, Close: 660}}}, 5 * time.Hour},
	} {
		if got := (calendar.Calendar{Hours: tt.week}).Workday(); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestHoursAsText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]calendar.Span{
		"":                           nil,
		" , ":                        nil,
		"08:00-12:00, 14:00 - 24:00": {{Open: 480, Close: 720}, {Open: 840, Close: 1440}},
		"08:00-12:00 (1, 3),13:00-14:00(2 4)": {
			{Open: 480, Close: 720, In: calendar.NthOf(1, 3)}, {Open: 780, Close: 840, In: calendar.NthOf(2, 4)},
		},
	} {
		got, err := calendar.ParseHours(text)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("%q: %v %s", text, err, cmp.Diff(want, got))
		}
		if back, err := calendar.ParseHours(calendar.HoursText(got)); err != nil || !cmp.Equal(back, want) {
			t.Errorf("%q written as %q: %v", text, calendar.HoursText(got), err)
		}
	}
	for _, text := range []string{"8-12", "08:00-12:00 (6)", "08:00-12:00 ()", "08:00-12:00 (0)", "08:00-12:00 (12)", "08:00-12:00 (1", "12:00-12:00", "08:00-12:00 13:00-14:00", "25:00-26:00"} {
		if got, err := calendar.ParseHours(text); err == nil {
			t.Errorf("%q was taken as %v", text, got)
		}
	}
}

// TestAlternateSaturdays: banks of some states close on the second and the fourth Saturday of a month.
func TestAlternateSaturdays(t *testing.T) {
	t.Parallel()
	c := calendar.Calendar{Zone: zone(t, "Asia/Kolkata"), Hours: calendar.Office()}
	c.Hours[time.Saturday] = []calendar.Span{{Open: 480, Close: 720, In: calendar.NthOf(1, 3, 5)}}
	c.Holidays = map[civil.Date]bool{{Year: 2026, Month: 10, Day: 17}: true}
	c.Days = map[civil.Date][]calendar.Span{{Year: 2026, Month: 10, Day: 24}: {{Open: 600, Close: 660}}}
	for day, want := range map[int]bool{3: true, 10: false, 17: false, 24: true, 31: true} {
		if got := c.IsWorking(civil.Date{Year: 2026, Month: 10, Day: day}); got != want {
			t.Errorf("Saturday %d October: works %v", day, got)
		}
	}
}
