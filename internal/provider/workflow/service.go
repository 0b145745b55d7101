package workflow

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
)

// Services knows the published services; catalog does.
type Services interface {
	Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error)
}

// Places knows areas, and the working hours by which the targets of a case are counted; refdata and agency do, joined.
type Places interface {
	Boundary(ctx context.Context, tx *pg.Tx, code string) (refdata.Boundary, error)
	// Hours returns the working hours of the office that has the cases of an area, given with all above it, of its agency
	// where it has no office for the area, and of the state where agency is "".
	Hours(ctx context.Context, tx *pg.Tx, agency string, path []string) (calendar.Calendar, error)
}

// Sealer protects what officers write about a person; encryption does.
type Sealer interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
}

// Observer is whoever runs the cases (orchestration): it is told what happens by itself, in the same transaction, and
// knows the answers that guards look at.
type Observer interface {
	// Moved is called when a timer has moved a case.
	Moved(ctx context.Context, tx *pg.Tx, m Moved) error
	// Escalated is called once when a state has lasted too long, in each of its stays.
	Escalated(ctx context.Context, tx *pg.Tx, e Escalated) error
	// Overdue is called once when the promise of a case has passed.
	Overdue(ctx context.Context, tx *pg.Tx, i Instance) error
	// Ground returns what the guards of a case are to be evaluated on.
	Ground(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (Ground, error)
}

// Ground is what rules look at: guards, assignments, branches. Paid says that nothing is left to pay.
type Ground struct {
	Answers servicespec.Answers
	Facts   servicespec.Facts
	Paid    bool
}

// Staff knows who can be given work; identity and agency do, joined.
type Staff interface {
	// Holders returns who has a role now in an agency where it counts for one of the areas, in a fixed order.
	Holders(ctx context.Context, tx *pg.Tx, agency, role string, areas []string) ([]uuid.UUID, error)
	// Seated returns who holds a position of an agency now, in a fixed order.
	Seated(ctx context.Context, tx *pg.Tx, agency, position string) ([]uuid.UUID, error)
}

// Deps is what workflow needs.
type Deps struct {
	Services Services
	Places   Places
	Sealer   Sealer
	Staff    Staff
}

// Service moves cases. The one who runs them calls Observe once, before traffic.
type Service struct {
	services Services
	places   Places
	sealer   Sealer
	staff    Staff
	observer Observer
}

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Services == nil || d.Places == nil || d.Sealer == nil || d.Staff == nil {
		panic("workflow.New: a dependency is missing")
	}
	return &Service{services: d.Services, places: d.Places, sealer: d.Sealer, staff: d.Staff}
}

// Observe sets who is told of what happens by itself; it panics when called twice.
func (s *Service) Observe(o Observer) {
	if o == nil || s.observer != nil {
		panic("workflow.Observe: there is one observer")
	}
	s.observer = o
}

func commentPlace(instance uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workflow.transition", Column: "comment", Row: instance}
}

func findingsPlace(instance uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workflow.transition", Column: "findings", Row: instance}
}

func becausePlace(instance uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workflow.transition", Column: "because", Row: instance}
}
