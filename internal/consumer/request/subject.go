package request

import (
	"context"
	"maps"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Relative is somebody of the person's household for whom a request can be.
type Relative struct {
	ID       uuid.UUID
	Name     string
	Born     civil.Date
	Relation string // what they are to the person
}

// fromSubject begins the sources of answers that are about whom the request is for.
const fromSubject = "subject."

// AsksSubject reports whether a service fills in answers about whom the request is for.
func AsksSubject(spec *servicespec.Service) bool {
	for _, source := range spec.Prefills() {
		if strings.HasPrefix(source, fromSubject) {
			return true
		}
	}
	return false
}

// SetSubject says for whom of the household a draft is, uuid.Nil for the person themselves. Answers that came from whom it was for before go,
// and those of the new one are filled in where nobody has typed anything. Only the person chooses: who acts for them does not see the
// household. Errors: ErrNotFound, ErrNotEditable, ErrNoRelative, identity.ErrRepresentative.
func (s *Service) SetSubject(ctx context.Context, tx *pg.Tx, person, request, member uuid.UUID) (err error) {
	defer fault.Wrap(&err, "request.SetSubject(%s)", request)
	if tx.Actor.OnBehalf != uuid.Nil {
		return identity.ErrRepresentative
	}
	r, err := s.editable(ctx, tx, person, request)
	if err != nil {
		return err
	}
	if r.Status != Draft {
		return ErrNotEditable
	}
	spec, facts, err := s.Spec(ctx, tx, r)
	if err != nil {
		return err
	}
	known := map[string]string{}
	if member != uuid.Nil {
		of, err := s.relative(ctx, tx, person, member)
		if err != nil {
			return err
		}
		known = map[string]string{"name": of.Name, "birth_date": of.Born.String()}
	}
	before := r.Answers
	r.Subject, r.Answers, r.Sources = member, maps.Clone(r.Answers), maps.Clone(r.Sources)
	for code, source := range spec.Prefills() {
		field, ok := strings.CutPrefix(source, fromSubject)
		if !ok {
			continue
		}
		if r.Sources[code] == source {
			delete(r.Answers, code)
			delete(r.Sources, code)
		}
		if v := known[field]; v != "" && r.Answers[code] == nil {
			r.fill(spec, facts, code, v, source)
		}
	}
	if err := s.keep(ctx, tx, r, before); err != nil {
		return err
	}
	p := requestdb.SetSubjectParams{ID: r.ID, Now: tx.Now}
	if member != uuid.Nil {
		p.SubjectID = &member
	}
	if err := db.SetSubject(ctx, tx, p); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "request.subject", Object: "request.request", ObjectID: r.ID, Person: person})
}

func (s *Service) relative(ctx context.Context, tx *pg.Tx, person, member uuid.UUID) (Relative, error) {
	household, err := s.deps.Sources.Household(ctx, tx, person)
	if err != nil {
		return Relative{}, err
	}
	for _, of := range household {
		if of.ID == member {
			return of, nil
		}
	}
	return Relative{}, ErrNoRelative
}
