package orchestration

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/registry"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/catalog"
	"digit/internal/provider/workflow"
)

// Subject is what demands, certificates and register entries of this module are for; their subject id is the
// application's.
const Subject = "orchestration.application"

// Services is the catalogue; catalog is it.
type Services interface {
	Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error)
	Offered(ctx context.Context, tx *pg.Tx, code string) (catalog.Entry, error)
}

// Agencies knows the names of agencies; agency does.
type Agencies interface {
	Name(ctx context.Context, tx *pg.Tx, code string) (i18n.Text, error)
}

// Sealer protects names, answers and reasons; encryption does.
type Sealer interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Warm(ctx context.Context, tx *pg.Tx, people ...uuid.UUID) error
}

// Answerer carries answers to the consumer; exchange does.
type Answerer interface {
	SendResponse(ctx context.Context, tx *pg.Tx, r exchange.ServiceResponse) error
}

// Payments raises what is to be paid; payment does.
type Payments interface {
	Raise(ctx context.Context, tx *pg.Tx, in payment.RaiseDemand) (payment.Demand, error)
	Demand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (payment.Demand, error)
	Cancel(ctx context.Context, tx *pg.Tx, demand uuid.UUID, reason string) error
}

// Certificates issues credentials; certificate does.
type Certificates interface {
	Issue(ctx context.Context, tx *pg.Tx, in certificate.Issue) (certificate.Credential, error)
}

// Registers keeps the agencies' registers; registry does.
type Registers interface {
	Write(ctx context.Context, tx *pg.Tx, r registry.Record) (uuid.UUID, error)
}

// World is what rules may ask of it: areas, code lists, working hours, numbers; refdata is it.
type World interface {
	Boundary(ctx context.Context, tx *pg.Tx, code string) (refdata.Boundary, error)
	Codes(ctx context.Context, tx *pg.Tx, list string) ([]refdata.Code, error)
	Calendar(ctx context.Context, tx *pg.Tx) (calendar.Calendar, error)
	NextNumber(ctx context.Context, tx *pg.Tx, format string) (string, error)
}

// Settings are the tenant's; tenancy knows them.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Deps is what orchestration needs.
type Deps struct {
	Services     Services
	Workflow     *workflow.Service
	Agencies     Agencies
	Sealer       Sealer
	Exchange     Answerer
	Payments     Payments
	Certificates Certificates
	Registers    Registers
	World        World
	Settings     Settings
}

// Service takes applications in and sees them through.
type Service struct{ deps Deps }

// New returns the service and makes it the observer of workflow; it panics if a dependency is missing. cmd/digit gives
// Receive to the exchange.
func New(d Deps) *Service {
	if d.Services == nil || d.Workflow == nil || d.Agencies == nil || d.Sealer == nil || d.Exchange == nil || d.Payments == nil ||
		d.Certificates == nil || d.Registers == nil || d.World == nil || d.Settings == nil {
		panic("orchestration.New: a dependency is missing")
	}
	s := &Service{deps: d}
	d.Workflow.Observe(s)
	return s
}

// Subscribe hears of payments.
func (s *Service) Subscribe(b *event.Bus) {
	event.Subscribe(b, "orchestration.paid", s.paid)
}

// facts returns what rules are evaluated on, with the tenant's day at a moment.
func (s *Service) facts(ctx context.Context, tx *pg.Tx, at time.Time) (f servicespec.Facts, err error) {
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return f, err
	}
	cal, err := s.deps.World.Calendar(ctx, tx)
	if err != nil {
		return f, err
	}
	zone := cal.Zone
	if zone == nil {
		zone = time.UTC
	}
	words := s.words(ctx, tx, set.DefaultLanguage, set.DefaultLanguage)
	return servicespec.Facts{
		Today: civil.Of(at.In(zone)), Region: set.PhoneRegion, Currency: set.Currency,
		Boundary: func(code string) bool {
			_, err := s.deps.World.Boundary(ctx, tx, code)
			return err == nil
		},
		RefData: func(list, code string) bool {
			codes, err := s.deps.World.Codes(ctx, tx, list)
			return err == nil && slices.ContainsFunc(codes, func(c refdata.Code) bool { return c.Code == code && c.Active })
		},
		BoundaryName: words.Boundary, RefDataLabel: words.RefData,
	}, nil
}

// words names areas and codes in a language.
func (s *Service) words(ctx context.Context, tx *pg.Tx, lang, fallback string) servicespec.Words {
	return servicespec.Words{
		Fallback: fallback,
		Boundary: func(code string) string {
			b, err := s.deps.World.Boundary(ctx, tx, code)
			if err != nil {
				return code
			}
			return b.Name.In(lang, fallback)
		},
		RefData: func(list, code string) string {
			codes, _ := s.deps.World.Codes(ctx, tx, list)
			for _, c := range codes {
				if c.Code == code {
					return c.Name.In(lang, fallback)
				}
			}
			return code
		},
	}
}
