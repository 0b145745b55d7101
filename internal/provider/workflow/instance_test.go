package workflow_test

import (
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

func permit(t testing.TB) *servicespec.Service {
	t.Helper()
	data, err := os.ReadFile("testdata/permit.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pack, problems := servicespec.Parse(data)
	if problems != nil {
		t.Fatal(problems)
	}
	svc, err := servicespec.Compile(pack)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

// office works Monday to Friday, 8 to 16 o'clock in Praia, and not on 1 January 2027.
func office() calendar.Calendar {
	return calendar.Calendar{
		Zone: time.FixedZone("CVT", -3600), Hours: calendar.Office(),
		Holidays: map[civil.Date]bool{{Year: 2027, Month: time.January, Day: 1}: true},
	}
}

// at is a moment of a December 2026 that begins on a Tuesday, in Praia.
func at(day, hour int) time.Time {
	return time.Date(2026, time.December, day, hour, 0, 0, 0, office().Zone).UTC()
}

func TestPauseMovesThePromise(t *testing.T) {
	t.Parallel()
	svc, cal := permit(t), office()
	start := svc.StateOf("check")
	tests := []struct {
		name            string
		paused, resumed time.Time
		due             time.Time
		pausedFor       time.Duration
	}{
		{"over a weekend alone", at(4, 16), at(7, 8), at(8, 16), 0},
		{"within a day", at(2, 9), at(2, 12), at(9, 11), 3 * time.Hour},
		{"over night and weekend", at(4, 14), at(7, 10), at(9, 12), 4 * time.Hour},
		{"a whole week", at(2, 8), at(9, 8), at(15, 16), 40 * time.Hour},
		{"after it was due", at(9, 10), at(10, 10), at(9, 16), 8 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var i workflow.Instance
			i.Begin(start, svc.Pack().Target, at(1, 10), cal)
			if want := at(8, 16); !i.TotalDueAt.Equal(want) {
				t.Fatalf("promised for %s, want %s", i.TotalDueAt, want)
			}
			i.Enter(svc.StateOf("answer"), tt.paused, cal)
			if i.PausedAt == nil || i.StateDueAt != nil {
				t.Fatalf("the clock runs while the citizen acts: %+v", i)
			}
			i.Enter(start, tt.resumed, cal)
			if !i.TotalDueAt.Equal(tt.due) || i.PausedFor != tt.pausedFor {
				t.Errorf("due %s after a pause of %s, want %s after %s", i.TotalDueAt, i.PausedFor, tt.due, tt.pausedFor)
			}
		})
	}
}

func TestDueIsTheEarlier(t *testing.T) {
	t.Parallel()
	svc, cal := permit(t), office()
	var i workflow.Instance
	i.Begin(svc.StateOf("check"), svc.Pack().Target, at(1, 10), cal)
	if want := at(3, 16); !i.DueAt.Equal(want) {
		t.Errorf("due %s, want the state's %s", i.DueAt, want)
	}
	before := *i.StateDueAt
	i.Enter(svc.StateOf("check"), at(2, 10), cal)
	if !i.StateDueAt.Equal(before) {
		t.Errorf("going round won time: due %s instead of %s", i.StateDueAt, before)
	}
	i.Enter(svc.StateOf("visit"), at(2, 14), cal)
	if want := at(3, 10); !i.DueAt.Equal(want) {
		t.Errorf("due %s, want four working hours later, %s", i.DueAt, want)
	}
	i.Enter(svc.StateOf("sign"), at(3, 9), cal)
	if !i.DueAt.Equal(*i.TotalDueAt) {
		t.Errorf("a state without target is due %s, want the promise, %s", i.DueAt, i.TotalDueAt)
	}
	if i.Worked(at(3, 9), cal) != 15*time.Hour {
		t.Errorf("worked %s, want 15h", i.Worked(at(3, 9), cal))
	}
	i.Enter(svc.StateOf("granted"), at(9, 9), cal)
	if !i.Ended || i.Kept(at(9, 9)) {
		t.Errorf("decided a day late and kept: %+v", i)
	}
}

func TestWarning(t *testing.T) {
	t.Parallel()
	svc, cal := permit(t), office()
	var i workflow.Instance
	i.Begin(svc.StateOf("check"), svc.Pack().Target, at(1, 16), cal) // 40 working hours from the 2nd, 8 o'clock
	if got, want := i.WarnAt(80, at(1, 16), cal), at(7, 16); !got.Equal(want) {
		t.Errorf("warns at %s, want %s", got, want)
	}
	i.Enter(svc.StateOf("answer"), at(2, 8), cal)
	if i.WarnAt(80, at(2, 8), cal) != nil {
		t.Error("warns while the clock stands")
	}
	i.Enter(svc.StateOf("check"), at(3, 8), cal)
	if got, want := i.WarnAt(80, at(3, 8), cal), at(8, 16); !got.Equal(want) {
		t.Errorf("warns at %s after a day's pause, want %s", got, want)
	}
}

// TestPausesAgainstEveryMinute counts a case with pauses minute by minute: over lunch breaks, alternate Saturdays, holidays,
// half days, the change of clocks, and pauses that follow at once upon each other, fall into closed hours or begin in them.
func TestPausesAgainstEveryMinute(t *testing.T) {
	t.Parallel()
	svc := permit(t)
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	spans := func(text string) []calendar.Span {
		s, err := calendar.ParseHours(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	usual := spans("08:00-12:00, 13:30-17:00")
	cal := calendar.Calendar{ // clocks go back on Sunday, 25 October 2026
		Zone: lisbon, Hours: calendar.Week{
			time.Sunday: spans("06:00-07:30"), time.Monday: usual, time.Tuesday: usual, time.Thursday: usual, time.Friday: spans("08:00-12:00"), time.Saturday: spans("09:00-12:00 (2, 4)"),
		},
		Holidays: map[civil.Date]bool{{Year: 2026, Month: 10, Day: 20}: true},
		Days:     map[civil.Date][]calendar.Span{{Year: 2026, Month: 10, Day: 22}: spans("08:00-10:00"), {Year: 2026, Month: 10, Day: 28}: spans("09:00-10:00")},
	}
	work, pause := svc.StateOf("check"), svc.StateOf("answer")
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 10, 12, 0, rapid.IntRange(0, 5*1440).Draw(t, "start"), 0, 0, lisbon)
		promised := rapid.IntRange(1, 60).Draw(t, "hours")
		var i workflow.Instance
		i.Begin(work, servicespec.Target{WorkingHours: promised}, start, cal)
		now, paused := start, false
		var left, worked, stood time.Duration = time.Duration(promised) * time.Hour, 0, 0
		until := func(end time.Time) {
			for ; now.Before(end); now = now.Add(time.Minute) {
				switch {
				case !cal.Open(now):
				case paused:
					stood += time.Minute
				default:
					worked += time.Minute
				}
			}
		}
		for range rapid.IntRange(0, 5).Draw(t, "pauses") {
			until(now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "works")) * time.Minute))
			if worked >= left { // what stands after the promise has passed moves it too: another test's
				break
			}
			i.Enter(pause, now, cal)
			paused = true
			until(now.Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "stands")) * time.Minute))
			if got := i.Worked(now, cal); got != worked {
				t.Fatalf("in the pause: %s worked, want %s", got, worked)
			}
			i.Enter(work, now, cal)
			paused = false
		}
		if got := i.Worked(now, cal); got != worked || i.PausedFor != stood {
			t.Fatalf("%s worked and %s stood, want %s and %s", got, i.PausedFor, worked, stood)
		}
		if worked < left {
			for now.Before(start.AddDate(1, 0, 0)) && worked < left {
				until(now.Add(time.Minute))
			}
			if !i.TotalDueAt.Equal(now) {
				t.Fatalf("due %s, and the last promised minute ends %s", i.TotalDueAt, now)
			}
		}
	})
}

// TestWalks takes random ways through the states at random moments.
func TestWalks(t *testing.T) {
	t.Parallel()
	svc, cal := permit(t), office()
	var states []*servicespec.State
	for _, s := range svc.Pack().Workflow.States {
		states = append(states, svc.StateOf(s.Code))
	}
	rapid.Check(t, func(t *rapid.T) {
		now := at(1, 0).Add(time.Duration(rapid.IntRange(0, 10_000).Draw(t, "start")) * time.Minute)
		began := now
		var i workflow.Instance
		i.Begin(rapid.SampledFrom(states[:4]).Draw(t, "first"), svc.Pack().Target, now, cal)
		promise := *i.TotalDueAt
		var sum workflow.Dwell
		for n := range rapid.IntRange(0, 12).Draw(t, "moves") {
			if i.Ended {
				break
			}
			now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(t, "minutes")) * time.Minute)
			d := i.Enter(rapid.SampledFrom(states).Draw(t, "to"), now, cal)
			sum.Working, sum.Calendar = sum.Working+d.Working, sum.Calendar+d.Calendar
			if i.Rev != int64(n)+2 {
				t.Fatalf("rev %d after %d moves", i.Rev, n+1)
			}
		}
		if sum.Calendar != now.Sub(began) {
			t.Fatalf("the states lasted %s, the case %s", sum.Calendar, now.Sub(began))
		}
		if sum.Working != cal.Between(began, now) {
			t.Fatalf("the states lasted %s of working time, the case %s", sum.Working, cal.Between(began, now))
		}
		if want := cal.Add(promise, i.PausedFor); !i.TotalDueAt.Equal(want) {
			t.Fatalf("promise %s moved to %s after %s of pauses, want %s", promise, i.TotalDueAt, i.PausedFor, want)
		}
		if i.Ended && (i.PausedAt != nil || i.Staffed()) || i.PausedAt != nil && i.Staffed() {
			t.Fatalf("contradiction: %+v", i)
		}
		if worked := i.Worked(now, cal); worked < 0 || worked > sum.Working {
			t.Fatalf("worked %s of %s", worked, sum.Working)
		}
	})
}
