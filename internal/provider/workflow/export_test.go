package workflow

import (
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/servicespec"
)

// Begin lets tests start a case without a database.
func (i *Instance) Begin(st *servicespec.State, promise servicespec.Target, now time.Time, cal calendar.Calendar) {
	i.begin(st, promise, now, cal)
}

// Enter lets tests move a case without a database.
func (i *Instance) Enter(st *servicespec.State, now time.Time, cal calendar.Calendar) Dwell {
	return i.enter(st, now, cal)
}

// WarnAt lets tests ask for the warning.
func (i Instance) WarnAt(percent int, now time.Time, cal calendar.Calendar) *time.Time {
	return i.warnAt(percent, now, cal)
}

// TimesOf lets tests hold figures that the database made against acts one by one.
func TimesOf(moves []Move, byActor bool) []StepTime { return timesOf(moves, byActor) }

// ReasonsOf does the same with reasons.
func ReasonsOf(moves []Move) []ReasonCount { return reasonsOf(moves) }
