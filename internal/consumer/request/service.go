package request

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
)

// Catalogue is where the consumer side learns what a service asks; version 0 is the newest published one.
type Catalogue interface {
	Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error)
}

// Documents keeps the files attached to answers.
type Documents interface {
	Take(ctx context.Context, tx *pg.Tx, in document.Store, u document.Upload) (document.File, error)
	Scans(ctx context.Context, tx *pg.Tx, files ...uuid.UUID) (map[uuid.UUID]document.Scan, error)
	File(ctx context.Context, tx *pg.Tx, id uuid.UUID) (document.File, error)
	Files(ctx context.Context, tx *pg.Tx, files ...uuid.UUID) (map[uuid.UUID]document.File, error)
	Copy(ctx context.Context, tx *pg.Tx, file uuid.UUID, in document.Store) (document.File, error)
	Delete(ctx context.Context, tx *pg.Tx, id uuid.UUID) error
	Begin(ctx context.Context, tx *pg.Tx, in document.BeginTransfer) (document.Transfer, error)
	Append(ctx context.Context, tx *pg.Tx, transfer uuid.UUID, at int64, content []byte) (document.Transfer, error)
	Transfer(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) (document.Transfer, error)
	Transfers(ctx context.Context, tx *pg.Tx, of uuid.UUID) (int, error)
	Arrived(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) (content []byte, damaged bool, err error)
	Finish(ctx context.Context, tx *pg.Tx, transfer, file uuid.UUID) error
	Drop(ctx context.Context, tx *pg.Tx, transfer uuid.UUID) error
}

// Preferences knows by which channels people want to be told of what, and from when on; profile does.
type Preferences interface {
	Reach(ctx context.Context, tx *pg.Tx, person uuid.UUID, purpose string) (channels []string, after time.Time, err error)
	// Stopped returns by which channels nothing at all is wanted.
	Stopped(ctx context.Context, tx *pg.Tx, person uuid.UUID) ([]string, error)
}

// Deps is what requests need. Texts returns the product's own notices, as the tenant
// says them. PublicURL returns where the transaction's tenant is reached, for links in messages.
type Deps struct {
	Encryption   *encryption.Service
	Exchange     *exchange.Service
	Documents    Documents
	Refdata      *refdata.Service
	Tenancy      *tenancy.Service
	Identity     *identity.Service
	Notification *notification.Service
	Services     Catalogue
	Sources      Sources
	Preferences  Preferences
	Texts        func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error)
	PublicURL    func(ctx context.Context, tx *pg.Tx) (string, error)
}

// Service is the citizen's side of service requests. Its methods take the person, and refuse every request that is
// not that person's with ErrNotFound. Who acts in that person's name does so for the services that the person agreed
// to, and is refused others with identity.ErrRepresentative.
type Service struct {
	deps Deps
}

// New makes the service.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Exchange == nil || d.Documents == nil || d.Refdata == nil || d.Tenancy == nil ||
		d.Identity == nil || d.Notification == nil || d.Services == nil || d.Sources == nil || d.Preferences == nil || d.PublicURL == nil || d.Texts == nil {
		panic("request.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// Spec returns the service in the version of this request, and the facts its rules are evaluated against.
// Errors: what the catalogue answers.
func (s *Service) Spec(ctx context.Context, tx *pg.Tx, r Request) (*servicespec.Service, servicespec.Facts, error) {
	return s.spec(ctx, tx, r, nil)
}

// spec is Spec for a post that may speak of other areas than the answers do.
func (s *Service) spec(ctx context.Context, tx *pg.Tx, r Request, posted map[string][]string) (*servicespec.Service, servicespec.Facts, error) {
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return nil, servicespec.Facts{}, err
	}
	facts, err := s.facts(ctx, tx, spec, spec.AreasIn(r.Answers, posted))
	facts.Found = r.Found
	return spec, facts, err
}

// facts looks up what rules may ask about the world: the day in the tenant's zone, its currency, code lists and areas.
func (s *Service) facts(ctx context.Context, tx *pg.Tx, spec *servicespec.Service, areas []string) (servicespec.Facts, error) {
	set, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return servicespec.Facts{}, err
	}
	facts, err := s.deps.Refdata.Facts(ctx, tx, spec, areas)
	facts.Today, facts.Region, facts.Currency = civil.Of(tx.Now.In(set.Location())), set.PhoneRegion, set.Currency
	return facts, err
}
