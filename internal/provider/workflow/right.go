package workflow

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/servicespec"
)

// holds reports whether a person has a role in the case's agency and for its area at now. A grant without agency
// counts in all.
func holds(by identity.Principal, role string, i Instance, now time.Time) bool {
	return role != "" && slices.ContainsFunc(by.Grants, func(g identity.Grant) bool {
		return g.Role == role && (g.Agency == i.Agency || g.Agency == "") && i.within(g.Boundary) && valid(g, now)
	})
}

func valid(g identity.Grant, now time.Time) bool {
	return (g.From == nil || !now.Before(*g.From)) && (g.Until == nil || now.Before(*g.Until))
}

// Reached reports whether a permission of a person reaches the case: granted in its agency, for its area, valid at now.
func (i Instance) Reached(by identity.Principal, permission string, now time.Time) bool {
	return slices.ContainsFunc(by.Grants, func(g identity.Grant) bool {
		return slices.Contains(g.Permissions, permission) && (g.Agency == i.Agency || g.Agency == "") && i.within(g.Boundary) && valid(g, now)
	})
}

// involved reports whether a person has a role in the present state: its own or one of its actions'.
func involved(by identity.Principal, svc *servicespec.Service, i Instance, now time.Time) bool {
	if holds(by, i.Role, i, now) {
		return true
	}
	return slices.ContainsFunc(svc.ActionsFrom(i.State), func(a servicespec.Action) bool {
		return a.By == "staff" && holds(by, a.Role, i, now)
	})
}

// concerned reports whether a person has to do with such cases at any of their steps, or puts them back.
func concerned(by identity.Principal, svc *servicespec.Service, i Instance, now time.Time) bool {
	flow := svc.Pack().Workflow
	return i.Assignee == by.Account || i.Reached(by, Release, now) ||
		slices.ContainsFunc(flow.States, func(st servicespec.State) bool { return holds(by, st.Role, i, now) }) ||
		slices.ContainsFunc(flow.Actions, func(a servicespec.Action) bool { return holds(by, a.Role, i, now) })
}

// step is one taken action, as separation of duties looks at it.
type step struct {
	action string
	actor  uuid.UUID
}

// permitted says why a person may not take an action now; nil if they may, save for guard, reason and checklist.
func permitted(by identity.Principal, a servicespec.Action, i Instance, steps []step, now time.Time) error {
	if i.Ended {
		return ErrEnded
	}
	if a.By != "staff" || !a.From.Has(i.State) {
		return ErrAction.With("state", i.State)
	}
	if !holds(by, a.Role, i, now) {
		return ErrRole.With("role", a.Role)
	}
	if by.Account == i.Person {
		return ErrOwn
	}
	if a.SeparateFrom != "" && slices.Contains(steps, step{a.SeparateFrom, by.Account}) {
		return ErrSeparation.With("action", a.SeparateFrom)
	}
	switch i.Assignee {
	case by.Account:
		return nil
	case uuid.Nil:
		return ErrUnclaimed
	}
	return ErrNotYours.With("who", i.Assignee.String())
}
