package workbench

import (
	"context"
	"io"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// Services knows the published services; catalog does.
type Services interface {
	Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error)
	Services(ctx context.Context, tx *pg.Tx, refs []servicespec.Ref) (map[servicespec.Ref]*servicespec.Service, error)
}

// People knows staff: their names, who has a role where, and what somebody may do as things stand; identity does.
type People interface {
	Name(ctx context.Context, tx *pg.Tx, account uuid.UUID) (string, error)
	Names(ctx context.Context, tx *pg.Tx, accounts ...uuid.UUID) (map[uuid.UUID]string, error)
	Holders(ctx context.Context, tx *pg.Tx, agency, role string, areas []string) ([]uuid.UUID, error)
	Standing(ctx context.Context, tx *pg.Tx, account uuid.UUID) (identity.Principal, error)
}

// Payments knows what is to be paid and what is; payment does.
type Payments interface {
	Demand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (payment.Demand, error)
	Receipt(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (payment.Receipt, error)
}

// Sealer protects notes; encryption does.
type Sealer interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
}

// Documents keeps the files of cases; document does.
type Documents interface {
	File(ctx context.Context, tx *pg.Tx, file uuid.UUID) (document.File, error)
	Read(ctx context.Context, tx *pg.Tx, file uuid.UUID, w io.Writer) error
	Store(ctx context.Context, tx *pg.Tx, in document.Store, r io.Reader) (document.File, error)
	Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) error
}

// Deps is what the workbench needs.
type Deps struct {
	Services     Services
	Workflow     *workflow.Service
	Applications *orchestration.Service
	People       People
	Payments     Payments
	Sealer       Sealer
	Documents    Documents
}

// Service shows staff their work.
type Service struct{ deps Deps }

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Services == nil || d.Workflow == nil || d.Applications == nil || d.People == nil || d.Payments == nil || d.Sealer == nil || d.Documents == nil {
		panic("workbench.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// authorise lets whoever may use the workbench of some agency pass; what they see there, their roles decide.
func authorise(tx *pg.Tx, by identity.Principal) error {
	if !by.MayAt(Use, tx.Now) {
		return ErrForbidden.With("permission", Use)
	}
	return nil
}

// Claim takes a case, or the branch of it that is named. Permission: workbench:use and a role in its state. Errors: ErrForbidden and those of
// workflow.Claim.
func (s *Service) Claim(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID, branch string, rev int64) (i workflow.Instance, err error) {
	defer fault.Wrap(&err, "workbench.Claim(%s)", application)
	if err := authorise(tx, by); err != nil {
		return i, err
	}
	return s.deps.Workflow.Claim(ctx, tx, application, branch, by, rev)
}

// Release puts a case, or the branch of it that is named, back. Permission: workbench:use, and to have it or workflow:release. Errors: ErrForbidden and
// those of workflow.Release.
func (s *Service) Release(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID, branch string, rev int64) (i workflow.Instance, err error) {
	defer fault.Wrap(&err, "workbench.Release(%s)", application)
	if err := authorise(tx, by); err != nil {
		return i, err
	}
	return s.deps.Workflow.Release(ctx, tx, application, branch, by, rev)
}

// names looks the names of accounts up, each once.
type names struct {
	people People
	known  map[uuid.UUID]string
}

func (n *names) of(ctx context.Context, tx *pg.Tx, account uuid.UUID) (string, error) {
	if account == uuid.Nil {
		return "", nil
	}
	if name, ok := n.known[account]; ok {
		return name, nil
	}
	name, err := n.people.Name(ctx, tx, account)
	if err != nil && fault.Of(err).Kind != fault.KindNotFound { // an account that is gone leaves a nameless trace
		return "", err
	}
	if n.known == nil {
		n.known = map[uuid.UUID]string{}
	}
	n.known[account] = name
	return name, nil
}
