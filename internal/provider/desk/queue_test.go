package desk_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/provider/desk"
)

// TestSlots holds for any hours: every slot lies in them whole, none comes before the moment, and none overlaps another.
func TestSlots(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Atlantic/Cape_Verde")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		open := rapid.IntRange(7*60, 9*60).Draw(t, "open")
		noon := rapid.IntRange(11*60, 13*60).Draw(t, "noon")
		cal := calendar.Calendar{Zone: zone, Hours: calendar.Week{}, Holidays: map[civil.Date]bool{{Year: 2026, Month: 3, Day: 4}: true}}
		for d := time.Monday; d <= time.Friday; d++ {
			cal.Hours[d] = []calendar.Span{{Open: open, Close: noon}, {Open: noon + 60, Close: 17 * 60}}
		}
		from := time.Date(2026, 3, 2, rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, zone)
		minutes := rapid.IntRange(5, 240).Draw(t, "minutes")
		last := time.Time{}
		for _, at := range desk.Slots(cal, from, minutes) {
			end := at.Add(time.Duration(minutes) * time.Minute)
			if at.Before(from) || at.Before(last) {
				t.Fatalf("%s comes before %s or %s", at, from, last)
			}
			for m := at; m.Before(end); m = m.Add(time.Minute) {
				if !cal.Open(m) {
					t.Fatalf("the slot of %s is closed at %s", at, m)
				}
			}
			last = end
		}
	})
}

func TestLabel(t *testing.T) {
	t.Parallel()
	if got := (desk.Ticket{Topic: "B", Number: 7}).Label(); got != "B007" {
		t.Error(got)
	}
}

func TestDenominations(t *testing.T) {
	t.Parallel()
	for _, currency := range []string{"CVE", "EUR", "USD", "INR", "XOF", "JPY"} {
		list := desk.Denominations(currency)
		for i, worth := range list {
			if worth <= 0 || i > 0 && worth >= list[i-1] {
				t.Errorf("%s: %v", currency, list)
			}
		}
	}
	if sum := (desk.Counts{200_000: 2, 500: 3}).Sum(); sum != 401_500 {
		t.Error(sum)
	}
}
