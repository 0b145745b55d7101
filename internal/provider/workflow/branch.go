package workflow

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/servicespec"
)

// KindDone is the kind of the last state of a branch.
const KindDone = "done"

// Branch is one of the ways that a case in a parallel state goes at once: with a state, a role, an officer and a target of its own,
// and the promise of the case. Rev is the case's when the branch changed last; Outcome that of the state in which it was done. Closed
// says that the case has left the parallel state: the branch stays for what its outcome tells.
type Branch struct {
	ID         uuid.UUID
	Code       string
	State      string
	Kind       string // work, field or done
	Role       string
	Assignee   uuid.UUID
	ClaimedAt  *time.Time
	Rev        int64
	EnteredAt  time.Time
	StateDueAt *time.Time
	Fired      []string
	Outcome    string
	Closed     bool
}

// Open reports whether something is left to do in the branch.
func (b Branch) Open() bool { return !b.Closed && b.Kind != KindDone }

// In returns the case as who works in one of its branches sees it: state, role, officer and targets are the branch's. "" is the case
// itself. found is false where the case has no such branch.
func (i Instance) In(branch string) (_ Instance, found bool) {
	if branch == "" {
		return i, true
	}
	for _, b := range i.Branches {
		if b.Code == branch {
			return i.as(b), true
		}
	}
	return i, false
}

func (i Instance) as(b Branch) Instance {
	i.Branch, i.State, i.Kind, i.Role, i.Assignee, i.ClaimedAt = b.Code, b.State, b.Kind, b.Role, b.Assignee, b.ClaimedAt
	i.EnteredAt, i.StateDueAt, i.Fired, i.open, i.since = b.EnteredAt, b.StateDueAt, b.Fired, b.Open(), b.Rev
	i.setDue()
	return i
}

// Places returns the case itself, where it is no parallel state, or else the case in each of its open branches: where somebody acts.
func (i Instance) Places() []Instance {
	if i.Kind != KindParallel {
		return []Instance{i}
	}
	var all []Instance
	for _, b := range i.Branches {
		if b.Open() {
			all = append(all, i.as(b))
		}
	}
	return all
}

// stale reports whether what somebody saw at a revision is so no more. A branch is its own: what happened in another one does not
// matter to who works in it.
func (i Instance) stale(rev int64) bool {
	if i.Branch == "" {
		return rev != i.Rev
	}
	return rev < i.since || rev > i.Rev
}

// Standing is where the case stands for what happens by itself. paid says that nothing is left to pay.
func (i Instance) Standing(paid bool, now time.Time, cal calendar.Calendar) servicespec.Standing {
	at := servicespec.Standing{
		State: i.State, Branches: map[string]string{}, Entered: map[string]time.Time{i.State: i.EnteredAt}, Fired: map[string]bool{},
		Paid: paid, Ended: i.Ended, Now: now, Calendar: cal,
	}
	fired := func(state string, codes []string) {
		for _, code := range codes {
			at.Fired[servicespec.FiredKey(state, code)] = true
		}
	}
	fired(i.State, i.Fired)
	for _, b := range i.Branches {
		if !b.Closed && i.Kind == KindParallel {
			at.Branches[b.Code], at.Entered[b.State] = b.State, b.EnteredAt
			fired(b.State, b.Fired)
		}
	}
	if i.TotalDueAt != nil && i.PausedAt == nil {
		at.Promise = *i.TotalDueAt
	}
	return at
}

// Outcomes returns the outcomes of the branches that are done, by branch: those of the present parallel state, or of the last one.
func (i Instance) Outcomes() map[string]string {
	done := map[string]string{}
	for _, b := range i.Branches {
		if b.Kind == KindDone {
			done[b.Code] = b.Outcome
		}
	}
	return done
}

// fork begins the branches of the parallel state that the case has come into.
func (i *Instance) fork(svc *servicespec.Service, branches []servicespec.Branch, now time.Time, cal calendar.Calendar) {
	i.Branches = nil
	for _, of := range branches {
		b := Branch{ID: id.New(), Code: of.Code}
		b.settle(svc.StateOf(of.Start), now, cal)
		b.Rev = i.Rev
		i.Branches = append(i.Branches, b)
	}
	slices.SortFunc(i.Branches, func(a, b Branch) int { return strings.Compare(a.Code, b.Code) })
}

// enterBranch moves a branch into a state and says how long the one before lasted.
func (i *Instance) enterBranch(code string, st *servicespec.State, now time.Time, cal calendar.Calendar) Dwell {
	b := i.branch(code)
	d := dwell(b.EnteredAt, now, cal)
	same, due := st.Code == b.State, b.StateDueAt
	if st.Role != b.Role || st.Kind == KindDone {
		b.Assignee, b.ClaimedAt = uuid.Nil, nil
	}
	i.Rev++
	b.settle(st, now, cal)
	b.Rev = i.Rev
	if same && due != nil && b.StateDueAt != nil { // going round does not win time
		b.StateDueAt = due
	}
	return d
}

func (b *Branch) settle(st *servicespec.State, now time.Time, cal calendar.Calendar) {
	b.State, b.Kind, b.Role, b.Outcome, b.EnteredAt, b.Fired = st.Code, st.Kind, st.Role, st.Outcome, now, nil
	b.StateDueAt = target(st.Target, now, cal)
}

// branch returns a branch to be changed; nil where there is none.
func (i *Instance) branch(code string) *Branch {
	for n := range i.Branches {
		if i.Branches[n].Code == code {
			return &i.Branches[n]
		}
	}
	return nil
}

// hold gives a place of the case to somebody, uuid.Nil to nobody.
func (i *Instance) hold(branch string, who uuid.UUID, now time.Time) {
	var at *time.Time
	if who != uuid.Nil {
		at = &now
	}
	if b := i.branch(branch); b != nil && branch != "" {
		b.Assignee, b.ClaimedAt = who, at
		return
	}
	i.Assignee, i.ClaimedAt = who, at
}

// touch notes in which place the case has changed.
func (i *Instance) touch(branch string) {
	i.Rev++
	if b := i.branch(branch); b != nil && branch != "" {
		b.Rev = i.Rev
	}
}

func dwell(since, now time.Time, cal calendar.Calendar) Dwell {
	return Dwell{Working: max(0, cal.Between(since, now)), Calendar: max(0, now.Sub(since))}
}
