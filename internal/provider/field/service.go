package field

import (
	"context"
	"io"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/field/internal/fielddb"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

var db = fielddb.New()

// Services knows the published services; catalog does.
type Services interface {
	Services(ctx context.Context, tx *pg.Tx, refs []servicespec.Ref) (map[servicespec.Ref]*servicespec.Service, error)
}

// Documents keeps files; document does.
type Documents interface {
	Take(ctx context.Context, tx *pg.Tx, in document.Store, u document.Upload) (document.File, error)
	File(ctx context.Context, tx *pg.Tx, file uuid.UUID) (document.File, error)
	Read(ctx context.Context, tx *pg.Tx, file uuid.UUID, w io.Writer) error
	Begin(ctx context.Context, tx *pg.Tx, in document.BeginTransfer) (document.Transfer, error)
	Append(ctx context.Context, tx *pg.Tx, transfer uuid.UUID, at int64, content []byte) (document.Transfer, error)
	Arrived(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) (content []byte, damaged bool, err error)
	Finish(ctx context.Context, tx *pg.Tx, transfer, file uuid.UUID) error
	Drop(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) error
}

// People knows the names of staff; identity does.
type People interface {
	Names(ctx context.Context, tx *pg.Tx, accounts ...uuid.UUID) (map[uuid.UUID]string, error)
}

// Sealer protects what was found; encryption does.
type Sealer interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
}

// Deps is what the module needs.
type Deps struct {
	Services     Services
	Workflow     *workflow.Service
	Applications *orchestration.Service
	Documents    Documents
	People       People
	Sealer       Sealer
}

// Service takes visits outside and back.
type Service struct{ deps Deps }

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Services == nil || d.Workflow == nil || d.Applications == nil || d.Documents == nil || d.People == nil || d.Sealer == nil {
		panic("field.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// authorise lets whoever may work outside pass; on which cases, their roles decide.
func authorise(tx *pg.Tx, by identity.Principal) error {
	if !by.MayAt(Use, tx.Now) {
		return ErrForbidden.With("permission", Use)
	}
	return nil
}

// madeOutside refuses ids that devices do not make.
func madeOutside(ids ...uuid.UUID) error {
	for _, id := range ids {
		if id.Version() != 7 {
			return ErrID.WithFields(fault.Field{Path: "id", Code: ErrID.Code})
		}
	}
	return nil
}
