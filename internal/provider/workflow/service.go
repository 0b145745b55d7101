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

// Places knows areas and working hours; refdata does.
type Places interface {
	Boundary(ctx context.Context, tx *pg.Tx, code string) (refdata.Boundary, error)
	Calendar(ctx context.Context, tx *pg.Tx) (calendar.Calendar, error)
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
	// Overdue is called once when the promise of a case has passed.
	Overdue(ctx context.Context, tx *pg.Tx, i Instance) error
	// Ground returns what the guards of a case are to be evaluated on.
	Ground(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (Ground, error)
}

// Ground is what a guard looks at.
type Ground struct {
	Answers servicespec.Answers
	Facts   servicespec.Facts
}

// Deps is what workflow needs.
type Deps struct {
	Services Services
	Places   Places
	Sealer   Sealer
}

// Service moves cases. The one who runs them calls Observe once, before traffic.
type Service struct {
	services Services
	places   Places
	sealer   Sealer
	observer Observer
}

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Services == nil || d.Places == nil || d.Sealer == nil {
		panic("workflow.New: a dependency is missing")
	}
	return &Service{services: d.Services, places: d.Places, sealer: d.Sealer}
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
