package request

import (
	"context"
	"io"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/civil"
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
	Store(ctx context.Context, tx *pg.Tx, in document.Store, r io.Reader) (document.File, error)
	File(ctx context.Context, tx *pg.Tx, id uuid.UUID) (document.File, error)
	Delete(ctx context.Context, tx *pg.Tx, id uuid.UUID) error
}

// Deps is what requests need. PublicURL returns where the transaction's tenant is reached, for links in messages.
type Deps struct {
	Encryption   *encryption.Service
	Exchange     *exchange.Service
	Documents    Documents
	Refdata      *refdata.Service
	Tenancy      *tenancy.Service
	Identity     *identity.Service
	Notification *notification.Service
	Services     Catalogue
	PublicURL    func(ctx context.Context, tx *pg.Tx) (string, error)
}

// Service is the citizen's side of service requests. Its methods take the person, and refuse every request that is
// not that person's with ErrNotFound.
type Service struct {
	deps Deps
}

// New makes the service.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Exchange == nil || d.Documents == nil || d.Refdata == nil || d.Tenancy == nil ||
		d.Identity == nil || d.Notification == nil || d.Services == nil || d.PublicURL == nil {
		panic("request.New: a dependency is missing")
	}
	return &Service{deps: d}
}

// Spec returns the service in the version of this request, and the facts its rules are evaluated against.
// Errors: what the catalogue answers.
func (s *Service) Spec(ctx context.Context, tx *pg.Tx, r Request) (*servicespec.Service, servicespec.Facts, error) {
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return nil, servicespec.Facts{}, err
	}
	facts, err := s.facts(ctx, tx, spec)
	return spec, facts, err
}

// facts looks up what rules may ask about the world: the day in the tenant's zone, its currency, and which areas and
// codes there are of the kinds the form asks for. All of it is read now, since a page is shown after the transaction.
func (s *Service) facts(ctx context.Context, tx *pg.Tx, spec *servicespec.Service) (servicespec.Facts, error) {
	set, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return servicespec.Facts{}, err
	}
	known := map[string]bool{}
	for _, page := range spec.Pack().Form.Pages {
		for _, q := range page.Questions {
			if err := s.know(ctx, tx, known, q); err != nil {
				return servicespec.Facts{}, err
			}
		}
	}
	return servicespec.Facts{
		Today: civil.Of(tx.Now.In(set.Location())), Region: set.PhoneRegion, Currency: set.Currency,
		Boundary: func(code string) bool { return known["area:"+code] },
		RefData:  func(list, code string) bool { return known[list+":"+code] },
	}, nil
}

// know adds the areas or codes that a question may be answered with.
func (s *Service) know(ctx context.Context, tx *pg.Tx, known map[string]bool, q servicespec.Question) error {
	if q.Kind == servicespec.KindBoundary && !known["level:"+q.Level] {
		known["level:"+q.Level] = true
		areas, err := s.deps.Refdata.Boundaries(ctx, tx, q.Level, "")
		if err != nil {
			return err
		}
		for _, a := range areas {
			known["area:"+a.Code] = true
		}
	}
	if q.RefData != "" {
		codes, err := s.deps.Refdata.Codes(ctx, tx, q.RefData)
		if err != nil {
			return err
		}
		for _, c := range codes {
			known[q.RefData+":"+c.Code] = true
		}
	}
	return nil
}
