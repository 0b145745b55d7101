// Package decision decides one act on one object by policies written in Cedar: those of the house (house.cedar, which is to be
// read by officials too) and a tenant's own, which can only forbid. It is pure: who asks and what about is handed in, nothing is
// looked up. Lists are not decided row by row but narrowed by SQL; tests hold both to the same answer.
package decision

import (
	"iter"
	"slices"
	"time"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
)

// The acts that are no permission of a role: the service's definition, or a person's consent, gives them.
const (
	Act       = "workflow:act"   // to take a step of a case
	Claim     = "workflow:claim" // to take a case
	See       = "workflow:see"   // to find a case in a queue
	Represent = "request:act"    // to do something in another person's name
)

// Subject is who asks.
type Subject struct {
	ID       uuid.UUID
	Kind     string      // person, staff, machine, system or anonymous
	Level    int         // how sure the sign-in is (NIST SP 800-63B), 0 for none
	Self     []uuid.UUID // accounts of the same human being on the other side of the counter
	For      uuid.UUID   // whom they represent, uuid.Nil for nobody
	Services []string    // the services for which they do, nil for all
	Grants   []Grant
}

// Grant is a role held: everywhere where Agency and Boundary are "".
type Grant struct {
	Role, Agency, Boundary string
	Source                 string   // what it comes from, "" for one given by hand
	Permissions            []string // "module:action"
	From, Until            *time.Time
}

// Object is what is asked about. What is zero is not known or does not apply.
type Object struct {
	Kind        string // case, account, agency, …
	Agency      string // whose it is; "" for the whole state's
	Service     string // of a case
	State       string // of a case
	Areas       []string
	Located     bool   // it lies in Areas; without, it lies nowhere in particular and jurisdiction does not ask
	Role        string // whose step it is
	Person      uuid.UUID
	EnteredBy   []uuid.UUID // who took the step from which this one is kept apart
	Acted       []uuid.UUID // who has acted on it
	Sensitivity string      // "", personal or special
	Account     uuid.UUID   // of an account: itself
	Staff       bool        // of an account
	Agencies    []string    // of an account: where it holds roles
}

// Circumstances are the rest of what policies look at.
type Circumstances struct {
	Now    time.Time // the tenant's clock
	Tenant string    // active or suspended; "" counts as active
}

// Verdict is what the policies say of one role: Grant is its place among the subject's, or None. It lets pass where Permits is not
// empty and Forbids is.
type Verdict struct {
	Grant            int
	Permits, Forbids []string // ids of policies, in the order of their files
}

// None is the place of the verdict that asks under no role at all.
const None = -1

func (v Verdict) passes() bool { return len(v.Permits) > 0 && len(v.Forbids) == 0 }

// Decision is the answer, with the verdicts it follows from.
type Decision struct {
	Allowed  bool
	Verdicts []Verdict
}

// reach are the policies by which a role does not count here and now: who is stopped by them lacks the role.
var reach = []string{"not-yet", "no-longer", "agency", "area", "account-elsewhere"}

// Stop returns the policy that stops somebody who could otherwise pass: the first of the verdict that is nearest to passing. It is
// "" where the decision allows, and where no role would let them pass in the first place.
func (d Decision) Stop() string {
	if d.Allowed {
		return ""
	}
	var nearest []string
	for _, v := range d.Verdicts {
		outside := slices.ContainsFunc(v.Forbids, func(id string) bool { return slices.Contains(reach, id) })
		if len(v.Permits) == 0 || outside {
			continue
		}
		if nearest == nil || len(v.Forbids) < len(nearest) {
			nearest = v.Forbids
		}
	}
	if nearest == nil {
		return ""
	}
	return nearest[0]
}

// Law is a set of policies: the house's with a tenant's own. It is immutable and safe for concurrent use.
type Law struct {
	side
	by map[string]side // by action: those that may have a say in it; "" for actions that none names
}

// side are policies that let pass and policies that stop.
type side struct{ permits, forbids ordered }

// ordered are policies in the order of their files, which is the order in which they are named.
type ordered []named

type named struct {
	id     cedar.PolicyID
	policy *cedar.Policy
}

// All yields the policies.
func (o ordered) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, n := range o {
			if !yield(n.id, n.policy) {
				return
			}
		}
	}
}

// Decide answers whether the asker may. Roles that cannot let them pass are not asked, nor any more after one that does.
func (l *Law) Decide(who *Asker, action string, on Object, in Circumstances) Decision {
	return l.decide(who, action, on, in, false)
}

// Explain is Decide with a verdict for each role, also for those that do not have the permission.
func (l *Law) Explain(who *Asker, action string, on Object, in Circumstances) Decision {
	return l.decide(who, action, on, in, true)
}

func (l *Law) decide(who *Asker, action string, on Object, in Circumstances, all bool) (d Decision) {
	q := newQuestion(who, action, on, in)
	for i, g := range who.Grants {
		if !all && !g.helps(action, on) {
			continue
		}
		if d.add(l.ask(q, i)); d.Allowed && !all {
			return d
		}
	}
	d.add(l.ask(q, None))
	return d
}

// helps reports whether the role could let anybody pass at all: the policies that let pass ask for one of these.
func (g Grant) helps(action string, on Object) bool {
	switch {
	case slices.Contains(g.Permissions, action):
		return true
	case action == Act, action == Claim:
		return g.Role == on.Role
	case action == See:
		return g.Role == on.Role || len(on.Acted) > 0 || slices.Contains(g.Permissions, "workflow:release")
	}
	return false
}

func (d *Decision) add(v Verdict) {
	d.Verdicts = append(d.Verdicts, v)
	d.Allowed = d.Allowed || v.passes()
}

// ask asks under one role. A policy that forbids and cannot be worked out forbids.
func (l *Law) ask(q *question, grant int) Verdict {
	request, policies := q.under(grant), l.sides(string(q.action.ID))
	v := Verdict{Grant: grant}
	_, why := cedar.Authorize(policies.permits, q, request)
	for _, r := range why.Reasons {
		v.Permits = append(v.Permits, string(r.PolicyID))
	}
	_, why = cedar.Authorize(policies.forbids, q, request)
	for _, r := range why.Reasons {
		v.Forbids = append(v.Forbids, string(r.PolicyID))
	}
	for _, e := range why.Errors {
		v.Forbids = append(v.Forbids, string(e.PolicyID))
	}
	return v
}
