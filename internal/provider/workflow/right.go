package workflow

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/servicespec"
)

// Object is the case as decisions see it, at the step of its present state.
func (i Instance) Object() identity.Object {
	return identity.Object{
		Kind: "case", Agency: i.Agency, Service: i.Service, State: i.State, Located: true, Areas: append(slices.Clone(i.BoundaryPath), i.Boundary),
		Role: i.Role, Person: i.Person,
	}
}

// step is the case at a step of a role.
func (i Instance) step(role string) identity.Object {
	on := i.Object()
	on.Role = role
	return on
}

// Reached reports whether a permission of a person reaches the case: granted in its agency, for its area, in force at now.
func (i Instance) Reached(by identity.Principal, permission string, now time.Time) bool {
	return by.Decide(permission, i.Object(), now).Allowed
}

// claimable says why a person may not take the case now; nil for who has a role in the present state: its own or one of
// its actions'. Errors: ErrRole, ErrOwn, identity.ErrPolicy.
func claimable(by identity.Principal, svc *servicespec.Service, i Instance, now time.Time) error {
	var err error = ErrRole.With("role", i.Role)
	for _, role := range rolesAt(svc, i) {
		d := by.Decide(decision.Claim, i.step(role), now)
		switch {
		case d.Allowed:
			return nil
		case d.Stop() == "own-case":
			err = ErrOwn
		default:
			err = by.Refused(d, err)
		}
	}
	return err
}

// concerned reports whether a person has to do with such cases at any of their steps, or puts them back.
func concerned(by identity.Principal, svc *servicespec.Service, i Instance, now time.Time) bool {
	if i.Assignee == by.Account || i.Reached(by, Release, now) {
		return true
	}
	if slices.ContainsFunc(i.Branches, func(b Branch) bool { return b.Assignee == by.Account }) {
		return true
	}
	var roles []string
	svc.Pack().Workflow.Each(func(_ string, st *servicespec.State, _, _ string) {
		roles = append(roles, st.Role)
		for _, e := range st.Escalate {
			roles = append(roles, e.Role)
		}
	})
	for _, a := range svc.Pack().Workflow.Actions {
		roles = append(roles, a.Role)
	}
	slices.Sort(roles)
	return slices.ContainsFunc(slices.Compact(roles), func(role string) bool { return by.Decide(decision.See, i.step(role), now).Allowed })
}

// taken is one taken action, as separation of duties looks at it.
type taken struct {
	action string
	actor  uuid.UUID
}

// again reports whether an action takes a case up that is over.
func again(a servicespec.Action) bool {
	return a.Kind == servicespec.KindReopen || a.Kind == servicespec.KindAppeal
}

// permitted says why a person may not take an action now in a place of a case; nil if they may, save for guard, reason and checklist.
func permitted(by identity.Principal, svc *servicespec.Service, a servicespec.Action, at Instance, before []taken, now time.Time, cal calendar.Calendar) error {
	switch {
	case at.Ended && !again(a):
		return ErrEnded
	case a.By != "staff" || !a.From.Has(at.State) || at.Branch != "" && !at.open:
		return ErrAction.With("state", at.State)
	case !a.InTime(ended(at), now, cal):
		return ErrTime
	}
	role := a.RoleFor(svc.StateOf(at.State), at.Role)
	on := at.step(role)
	for _, t := range before {
		if a.SeparateFrom != "" && t.action == a.SeparateFrom {
			on.EnteredBy = append(on.EnteredBy, t.actor)
		}
	}
	if d := by.Decide(decision.Act, on, now); !d.Allowed {
		switch d.Stop() {
		case "own-case":
			return ErrOwn
		case "separation":
			return ErrSeparation.With("action", a.SeparateFrom)
		}
		return by.Refused(d, ErrRole.With("role", role))
	}
	if at.Ended || at.Kind == KindParallel { // nobody has it
		return nil
	}
	switch at.Assignee {
	case by.Account:
		return nil
	case uuid.Nil:
		return ErrUnclaimed
	}
	return ErrNotYours.With("who", at.Assignee.String())
}
