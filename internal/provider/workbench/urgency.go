package workbench

import (
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
)

// Severities: how urgent open work is, in the order in which it is listed.
const (
	SeverityCritical = "critical" // overdue by more than three working days
	SeverityOverdue  = "overdue"
	SeveritySoon     = "soon" // due by the end of the next working day
	SeverityOK       = "ok"

	// SeverityLate narrows a list to what is overdue, by however much; no case has it.
	SeverityLate = "late"
)

// criticalDays is after how many working days overdue work becomes critical.
const criticalDays = 3

// urgency has the moments at which severities change. Work is listed by its due time, so each severity is one stretch
// of the list.
type urgency struct{ critical, now, soon time.Time }

func urgencyAt(now time.Time, cal calendar.Calendar) urgency {
	zone := cal.Zone
	if zone == nil {
		zone = time.UTC
	}
	day := civil.Of(now.In(zone))
	for left := criticalDays + 1; left > 0; day = day.AddDays(-1) {
		if cal.IsWorking(day) {
			left--
		}
		if civil.Of(now).Sub(day) > 366 { // a calendar of nothing but holidays
			break
		}
	}
	return urgency{critical: day.AddDays(1).In(zone).UTC(), now: now, soon: cal.AddDays(now, 1)}
}

// of returns the severity of work due at a moment; nil is never due.
func (u urgency) of(due *time.Time) string {
	switch {
	case due == nil:
		return SeverityOK
	case due.Before(u.critical):
		return SeverityCritical
	case due.Before(u.now):
		return SeverityOverdue
	case due.Before(u.soon):
		return SeveritySoon
	}
	return SeverityOK
}

// bounds returns the stretch of due times of a severity; nil where it is open. ok is false for a severity there is not.
func (u urgency) bounds(severity string) (from, until *time.Time, ok bool) {
	switch severity {
	case "":
		return nil, nil, true
	case SeverityCritical:
		return nil, &u.critical, true
	case SeverityOverdue:
		return &u.critical, &u.now, true
	case SeverityLate:
		return nil, &u.now, true
	case SeveritySoon:
		return &u.now, &u.soon, true
	case SeverityOK:
		return &u.soon, nil, true
	}
	return nil, nil, false
}
