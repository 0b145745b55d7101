package decision

import (
	"slices"

	"github.com/cedar-policy/cedar-go"
	"github.com/google/uuid"
)

const (
	accountType = cedar.EntityType("Account")
	objectType  = cedar.EntityType("Object")
	actionType  = cedar.EntityType("Action")
)

// Asker is a subject put into Cedar's words once, for all that it asks. It is immutable and safe for concurrent use.
type Asker struct {
	Subject
	entity cedar.Entity
	grants []cedar.Record
}

// NewAsker returns the subject as one who asks.
func NewAsker(s Subject) *Asker {
	a := &Asker{Subject: s, entity: s.entity(), grants: make([]cedar.Record, len(s.Grants))}
	for i, g := range s.Grants {
		a.grants[i] = g.record()
	}
	return a
}

// question is a request in Cedar's words: who asks, about what, and the context but for the role.
type question struct {
	who      *Asker
	resource cedar.Entity
	action   cedar.EntityUID
	context  cedar.RecordMap
}

// Get returns the entity of that name, for Cedar.
func (q *question) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch uid {
	case q.who.entity.UID:
		return q.who.entity, true
	case q.resource.UID:
		return q.resource, true
	}
	return cedar.Entity{}, false
}

func newQuestion(who *Asker, action string, on Object, in Circumstances) *question {
	tenant := in.Tenant
	if tenant == "" {
		tenant = "active"
	}
	everywhere, agencies := who.reach(action, in)
	return &question{
		who: who, action: cedar.NewEntityUID(actionType, cedar.String(action)), resource: on.entity(),
		context: cedar.RecordMap{
			"permission": cedar.String(action), "now": cedar.NewDatetime(in.Now), "tenant": cedar.String(tenant),
			"everywhere": cedar.Boolean(everywhere), "agencies": texts(agencies),
		},
	}
}

// reach is where the subject has a permission at the moment: for the whole state, else in which agencies.
func (s Subject) reach(permission string, in Circumstances) (everywhere bool, agencies []string) {
	for _, g := range s.Grants {
		switch {
		case !slices.Contains(g.Permissions, permission), g.From != nil && in.Now.Before(*g.From), g.Until != nil && !in.Now.Before(*g.Until):
		case g.Agency == "":
			everywhere = true
		default:
			agencies = append(agencies, g.Agency)
		}
	}
	return everywhere, agencies
}

// under is the request under one role.
func (q *question) under(grant int) cedar.Request {
	if grant == None {
		delete(q.context, "grant")
	} else {
		q.context["grant"] = q.who.grants[grant]
	}
	return cedar.Request{Principal: q.who.entity.UID, Action: q.action, Resource: q.resource.UID, Context: cedar.NewRecord(q.context)}
}

func (g Grant) record() cedar.Record {
	m := cedar.RecordMap{
		"role": cedar.String(g.Role), "agency": cedar.String(g.Agency), "boundary": cedar.String(g.Boundary), "source": cedar.String(g.Source),
		"permissions": texts(g.Permissions),
	}
	if g.From != nil {
		m["from"] = cedar.NewDatetime(*g.From)
	}
	if g.Until != nil {
		m["until"] = cedar.NewDatetime(*g.Until)
	}
	return cedar.NewRecord(m)
}

func (s Subject) entity() cedar.Entity {
	m := cedar.RecordMap{
		"kind": cedar.String(s.Kind), "level": cedar.Long(s.Level), "self": accounts(s.Self), "services": texts(s.Services),
	}
	if s.For != uuid.Nil {
		m["acting_for"] = account(s.For)
	}
	return cedar.Entity{UID: account(s.ID), Attributes: cedar.NewRecord(m)}
}

func (o Object) entity() cedar.Entity {
	m := cedar.RecordMap{
		"kind": cedar.String(o.Kind), "agency": cedar.String(o.Agency), "service": cedar.String(o.Service), "state": cedar.String(o.State),
		"entered_by": accounts(o.EnteredBy), "acted": accounts(o.Acted), "sensitivity": cedar.String(o.Sensitivity), "staff": cedar.Boolean(o.Staff),
		"agencies": texts(o.Agencies),
	}
	if o.Located {
		m["areas"] = texts(o.Areas)
	}
	if o.Role != "" {
		m["role"] = cedar.String(o.Role)
	}
	if o.Person != uuid.Nil {
		m["person"] = account(o.Person)
	}
	if o.Account != uuid.Nil {
		m["account"] = account(o.Account)
	}
	return cedar.Entity{UID: cedar.NewEntityUID(objectType, "this"), Attributes: cedar.NewRecord(m)}
}

func account(id uuid.UUID) cedar.EntityUID {
	return cedar.NewEntityUID(accountType, cedar.String(id.String()))
}

var empty = cedar.NewSet()

func accounts(ids []uuid.UUID) cedar.Set {
	if len(ids) == 0 {
		return empty
	}
	values := make([]cedar.Value, len(ids))
	for i, id := range ids {
		values[i] = account(id)
	}
	return cedar.NewSet(values...)
}

func texts(list []string) cedar.Set {
	if len(list) == 0 {
		return empty
	}
	values := make([]cedar.Value, len(list))
	for i, s := range list {
		values[i] = cedar.String(s)
	}
	return cedar.NewSet(values...)
}
