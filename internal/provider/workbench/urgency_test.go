package workbench

import (
	"testing"
	"time"

	"digit/internal/infra/platform/calendar"
)

func TestUrgency(t *testing.T) {
	t.Parallel()
	cal := calendar.Calendar{Zone: time.UTC, Hours: calendar.Office()}
	at := func(day, hour int) *time.Time {
		due := time.Date(2026, time.December, day, hour, 0, 0, 0, time.UTC)
		return &due
	}
	u := urgencyAt(*at(9, 10), cal) // Wednesday
	tests := []struct {
		name string
		due  *time.Time
		want string
	}{
		{"never", nil, SeverityOK},
		{"four working days ago", at(3, 16), SeverityCritical},
		{"on Friday, three working days ago", at(4, 16), SeverityOverdue},
		{"on Monday", at(7, 8), SeverityOverdue},
		{"an hour ago", at(9, 9), SeverityOverdue},
		{"now", at(9, 10), SeveritySoon},
		{"tomorrow", at(10, 15), SeveritySoon},
		{"the day after tomorrow", at(11, 9), SeverityOK},
	}
	for _, tt := range tests {
		if got := u.of(tt.due); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		for _, severity := range []string{SeverityCritical, SeverityOverdue, SeveritySoon, SeverityOK} {
			from, until, ok := u.bounds(severity)
			in := ok && (tt.due == nil && until == nil || tt.due != nil && (from == nil || !tt.due.Before(*from)) && (until == nil || tt.due.Before(*until)))
			if in != (severity == tt.want) {
				t.Errorf("%s: the list of %s has it: %v", tt.name, severity, in)
			}
		}
	}
}

func TestUrgencyWithoutWorkingDays(t *testing.T) {
	t.Parallel()
	cal := calendar.Calendar{Hours: calendar.Week{time.Sunday: {{Open: 0, Close: 1}}}}
	if u := urgencyAt(time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC), cal); !u.critical.Before(u.now) {
		t.Errorf("critical from %s", u.critical)
	}
}
