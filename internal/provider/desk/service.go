package desk

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// People knows accounts, and lets staff act for people who stand before them; identity does.
type People interface {
	AddVisitor(ctx context.Context, tx *pg.Tx, name, lang string) (uuid.UUID, error)
	VisitorsAt(ctx context.Context, tx *pg.Tx, typed string) ([]uuid.UUID, error)
	Visitor(ctx context.Context, tx *pg.Tx, person uuid.UUID) (identity.Visitor, error)
	StartVisit(ctx context.Context, tx *pg.Tx, person uuid.UUID, typed string) (uuid.UUID, error)
	FinishVisit(ctx context.Context, tx *pg.Tx, person, code uuid.UUID, text string) (identity.Delegation, error)
	VisitOnPaper(ctx context.Context, tx *pg.Tx, person uuid.UUID) (identity.Delegation, error)
	EndVisits(ctx context.Context, tx *pg.Tx) error
	Name(ctx context.Context, tx *pg.Tx, account uuid.UUID) (string, error)
}

// Posts knows where staff work; agency does.
type Posts interface {
	Posts(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]Place, error)
}

// References knows whose a number of an application is; orchestration does.
type References interface {
	Find(ctx context.Context, tx *pg.Tx, reference string) (application, person uuid.UUID, err error)
}

// Documents keeps signed papers.
type Documents interface {
	Take(ctx context.Context, tx *pg.Tx, in document.Store, u document.Upload) (document.File, error)
}

// Settings tells the tenant's telephone region and zone; tenancy is one.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Deps is what the desk needs.
type Deps struct {
	People     People
	Posts      Posts
	References References
	Documents  Documents
	Settings   Settings
	Encryption *encryption.Service
}

// Service is the desk. It is safe for concurrent use.
type Service struct{ deps Deps }

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.People == nil || d.Posts == nil || d.References == nil || d.Documents == nil || d.Settings == nil || d.Encryption == nil {
		panic("desk.New: a dependency is missing")
	}
	return &Service{deps: d}
}
