package desk

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Visit is one person served at a counter with their consent.
type Visit struct {
	ID       uuid.UUID // of the delegation
	Person   uuid.UUID
	Operator uuid.UUID
	Place
	Proof    string // identity.ProofCode or identity.ProofDocument
	Document uuid.UUID
	BegunAt  time.Time
	Until    time.Time // tenant's clock, excluded
	EndedAt  *time.Time
}

// StartCode sends a code to the person at the counter, at an address as the operator typed or chose it. It returns the id under
// which FinishCode takes it. Permission: desk:use at the office. Errors: ErrForbidden and those of identity.StartVisit.
func (s *Service) StartCode(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, person uuid.UUID, address string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "desk.StartCode(%s)", person)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return uuid.Nil, err
	}
	return s.deps.People.StartVisit(ctx, tx, person, address)
}

// FinishCode begins the visit with the code that the person told. A wrong try is counted although an error is returned
// (pg.Keep). Permission: desk:use at the office. Errors: ErrForbidden and those of identity.FinishVisit.
func (s *Service) FinishCode(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, person, code uuid.UUID, text string) (v Visit, err error) {
	defer fault.Wrap(&err, "desk.FinishCode(%s)", person)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return v, err
	}
	d, err := s.deps.People.FinishVisit(ctx, tx, person, code, text)
	if err != nil {
		return v, err
	}
	return s.begun(ctx, tx, at, d, uuid.Nil)
}

// paperMax is how large a scanned paper may be, in bytes.
const paperMax = 10 << 20

// BeginOnPaper begins the visit on a paper that the person signed, scanned. Permission: desk:use at the office.
// Errors: ErrForbidden, what document.Take answers, and those of identity.VisitOnPaper.
func (s *Service) BeginOnPaper(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, person uuid.UUID, paper document.Upload) (v Visit, err error) {
	defer fault.Wrap(&err, "desk.BeginOnPaper(%s)", person)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return v, err
	}
	d, err := s.deps.People.VisitOnPaper(ctx, tx, person)
	if err != nil {
		return v, err
	}
	kept, err := s.deps.Documents.Take(ctx, tx, document.Store{Person: person, Purpose: "desk.consent", MaxSize: paperMax}, paper)
	if err != nil {
		return v, err
	}
	return s.begun(ctx, tx, at, d, kept.ID)
}

// begun keeps a visit; whatever the operator had open before ended with it.
func (s *Service) begun(ctx context.Context, tx *pg.Tx, at Place, d identity.Delegation, paper uuid.UUID) (Visit, error) {
	v := Visit{
		ID: d.ID, Person: d.Person, Operator: d.Delegate, Place: at, Proof: d.Proof, Document: paper, BegunAt: tx.Now, Until: *d.Until,
	}
	if err := endVisits(ctx, tx, d.Delegate); err != nil {
		return v, err
	}
	if err := insertVisit(ctx, tx, v); err != nil {
		return v, err
	}
	return v, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.visit.begin", Object: "desk.visit", ObjectID: v.ID, Person: v.Person,
		Detail: map[string]any{"agency": at.Agency, "office": at.Office, "proof": v.Proof},
	})
}

// End ends what the operator may do for the person before them. Without a visit nothing happens. Permission: one's own.
// Errors: identity.ErrForbidden.
func (s *Service) End(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "desk.End(%s)", tx.Actor.ID)
	if err := s.deps.People.EndVisits(ctx, tx); err != nil {
		return err
	}
	return endVisits(ctx, tx, tx.Actor.ID)
}

// Current returns the visit under which the operator acts now, at the office. Permission: desk:use at the office.
// Errors: ErrForbidden, ErrNoVisit.
func (s *Service) Current(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place) (v Visit, err error) {
	defer fault.Wrap(&err, "desk.Current(%s)", by.Account)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return v, err
	}
	if by.Acting == nil {
		return v, ErrNoVisit
	}
	v, err = getVisit(ctx, tx, by.Acting.Delegation)
	if pg.NotFound(err) || err == nil && (v.Place != at || v.Operator != by.Account || v.EndedAt != nil) {
		return Visit{}, ErrNoVisit
	}
	return v, err
}

// VisitFilter chooses visits of an office; zero fields choose all.
type VisitFilter struct {
	Operator, Person uuid.UUID
}

// Visits lists the visits of an office, the newest first. The look is on record. Permission: desk:use at the office.
// Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Visits(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, f VisitFilter, r page.Request) (p page.Page[Visit], err error) {
	defer fault.Wrap(&err, "desk.Visits")
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := listVisits(ctx, tx, at, f, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	p = page.Of(r, rows, func(v Visit) []string { return []string{v.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, v := range p.Rows {
		ids = append(ids, v.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "desk.visit.list", Object: "desk.visit"}, ids...)
	return p, nil
}
