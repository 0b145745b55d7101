package workflow

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/servicespec"
)

// Kinds of states: who acts next.
const (
	KindWork    = "work"    // staff
	KindField   = "field"   // staff, outside
	KindPayment = "payment" // the citizen, by paying
	KindCitizen = "citizen" // the citizen
	KindEnd     = "end"     // nobody

	KindParallel = "parallel" // whoever acts in its branches
	KindHeld     = "held"     // nobody, until a decision takes effect
)

// Instance is a case on its way. Role is whose work the present state is, "" where staff has none; Assignee who has
// taken it, uuid.Nil for nobody. TotalDueAt is the promise; StateDueAt the target of the state; DueAt the earlier of
// both. PausedAt is set while the clock stands; PausedFor is the working time of the pauses that are over. Warned says
// that most of the promised time has gone, Overdue that all has. Branches are those of the parallel state where the case is, or was
// last. HeldUntil is when the decision that is held takes effect, HeldItems the questions
// that it sends back, or that the one sent back which was undone last. Branch names the one that State, Kind, Role, Assignee and the targets speak of; "" is the case itself.
type Instance struct {
	ID           uuid.UUID // the application's
	Reference    string
	Service      string
	Version      int
	Person       uuid.UUID
	Agency       string
	Boundary     string
	BoundaryPath []string
	State        string
	Kind         string
	Role         string
	Assignee     uuid.UUID
	ClaimedAt    *time.Time
	Rev          int64
	StartedAt    time.Time
	EnteredAt    time.Time
	StateDueAt   *time.Time
	TotalDueAt   *time.Time
	DueAt        *time.Time
	PausedAt     *time.Time
	PausedFor    time.Duration
	Warned       bool
	Overdue      bool
	Ended        bool
	EndedAt      *time.Time
	Outcome      string
	Fired        []string // escalations of the present stay that were
	HeldUntil    *time.Time
	HeldItems    []string
	Branch       string
	Branches     []Branch

	open  bool  // of a branch: something is left to do
	since int64 // of a branch: rev of its last change
}

// Dwell is how long a case was in a state.
type Dwell struct{ Working, Calendar time.Duration }

// Staffed reports whether staff acts in the present state.
func (i Instance) Staffed() bool { return i.Kind == KindWork || i.Kind == KindField }

// Held reports whether a decision waits before it takes effect: nobody acts on the case meanwhile.
func (i Instance) Held() bool { return i.Kind == KindHeld }

// Kept reports whether the promise was kept, or still can be at now; a case without promise keeps it.
func (i Instance) Kept(now time.Time) bool {
	if i.EndedAt != nil {
		now = *i.EndedAt
	}
	if i.TotalDueAt == nil || i.PausedAt != nil {
		return i.TotalDueAt == nil || !i.PausedAt.After(*i.TotalDueAt)
	}
	return !now.After(*i.TotalDueAt)
}

// Worked is the working time the agency has had the case until now: pauses do not count.
func (i Instance) Worked(now time.Time, cal calendar.Calendar) time.Duration {
	until := now
	if i.EndedAt != nil {
		until = *i.EndedAt
	}
	if i.PausedAt != nil {
		until = *i.PausedAt
	}
	return max(0, cal.Between(i.StartedAt, until)-i.PausedFor)
}

// begin puts a new case into the first state and makes the promise.
func (i *Instance) begin(st *servicespec.State, promise servicespec.Target, now time.Time, cal calendar.Calendar) {
	i.Rev, i.StartedAt, i.EnteredAt = 1, now, now
	switch {
	case promise.WorkingDays > 0:
		due := cal.AddDays(now, promise.WorkingDays)
		i.TotalDueAt = &due
	case promise.WorkingHours > 0:
		due := cal.Add(now, time.Duration(promise.WorkingHours)*time.Hour)
		i.TotalDueAt = &due
	}
	i.settle(st, now, cal)
}

// enter moves the case into a state and says how long the one before lasted. Its clock stands while the citizen acts:
// when it runs again the promise has moved by the working time of the pause.
func (i *Instance) enter(st *servicespec.State, now time.Time, cal calendar.Calendar) Dwell {
	d := dwell(i.EnteredAt, now, cal)
	i.resume(now, cal)
	i.reopen(now, cal)
	same := st.Code == i.State
	due := i.StateDueAt
	if st.Role != i.Role || st.Kind == KindEnd {
		i.Assignee, i.ClaimedAt = uuid.Nil, nil
	}
	for n := range i.Branches {
		i.Branches[n].Closed, i.Branches[n].Assignee, i.Branches[n].ClaimedAt = true, uuid.Nil, nil
	}
	i.Rev++
	i.EnteredAt = now
	i.settle(st, now, cal)
	if same && due != nil && i.StateDueAt != nil { // going round does not win time
		i.StateDueAt = due
		i.setDue()
	}
	return d
}

func (i *Instance) resume(now time.Time, cal calendar.Calendar) {
	if i.PausedAt == nil {
		return
	}
	since := *i.PausedAt
	i.PausedAt = nil
	i.postpone(since, now, cal)
}

// reopen takes a case up again that was over: the time in which it was does not count.
func (i *Instance) reopen(now time.Time, cal calendar.Calendar) {
	if i.EndedAt == nil {
		return
	}
	since := *i.EndedAt
	i.Ended, i.EndedAt, i.Outcome = false, nil, ""
	i.postpone(since, now, cal)
}

// postpone moves the promise by the working time of a pause.
func (i *Instance) postpone(since, now time.Time, cal calendar.Calendar) {
	pause := max(0, cal.Between(since, now))
	i.PausedFor += pause
	if i.TotalDueAt != nil {
		due := cal.Add(*i.TotalDueAt, pause)
		i.TotalDueAt = &due
	}
}

// settle sets what follows from the state alone.
func (i *Instance) settle(st *servicespec.State, now time.Time, cal calendar.Calendar) {
	i.State, i.Kind, i.Role = st.Code, st.Kind, st.Role
	i.StateDueAt, i.Fired, i.HeldUntil, i.HeldItems = nil, nil, nil, nil
	switch {
	case st.Kind == KindEnd:
		i.Ended, i.EndedAt, i.Outcome = true, &now, st.Outcome
	case st.Clock == "pause":
		i.PausedAt = &now
	default:
		i.StateDueAt = target(st.Target, now, cal)
	}
	i.setDue()
}

func (i *Instance) setDue() {
	i.DueAt = i.TotalDueAt
	if i.StateDueAt != nil && (i.DueAt == nil || i.StateDueAt.Before(*i.DueAt)) {
		i.DueAt = i.StateDueAt
	}
}

// target returns when a length of working time from now is over; nil for none.
func target(within string, now time.Time, cal calendar.Calendar) *time.Time {
	w, err := servicespec.ParseWithin(within)
	if err != nil { // a compiled service has no unreadable ones: there is none
		return nil
	}
	due := cal.Add(now, time.Duration(w.Hours)*time.Hour)
	if w.Days > 0 {
		due = cal.AddDays(now, w.Days)
	}
	return &due
}

// warnAt returns when percent of the promised working time will have gone; nil without promise or while paused.
func (i Instance) warnAt(percent int, now time.Time, cal calendar.Calendar) *time.Time {
	if i.TotalDueAt == nil || i.PausedAt != nil || i.Ended {
		return nil
	}
	whole := cal.Between(i.StartedAt, *i.TotalDueAt) - i.PausedFor
	left := cal.Between(now, *i.TotalDueAt)
	at := cal.Add(now, left-whole*time.Duration(100-percent)/100)
	return &at
}
