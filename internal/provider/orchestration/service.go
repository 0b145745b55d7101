package orchestration

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/event"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
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
	BlindIndex(ctx context.Context, tx *pg.Tx, field, value string) ([]byte, error)
	BlindIndexes(ctx context.Context, tx *pg.Tx, field string, values ...string) ([][]byte, error)
}

// Answerer carries answers to the consumer, and questions to other agencies; exchange does.
type Answerer interface {
	SendRequest(ctx context.Context, tx *pg.Tx, r exchange.ServiceRequest) error
	SendResponse(ctx context.Context, tx *pg.Tx, r exchange.ServiceResponse) error
}

// Payments raises what is to be paid; payment does.
type Payments interface {
	Raise(ctx context.Context, tx *pg.Tx, in payment.RaiseDemand) (payment.Demand, error)
	Demand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (payment.Demand, error)
	Cancel(ctx context.Context, tx *pg.Tx, demand uuid.UUID, reason string) error
	LockCredit(ctx context.Context, tx *pg.Tx, subject string, subjectID uuid.UUID) (payment.Credit, error)
	PutCredit(ctx context.Context, tx *pg.Tx, in payment.PutCredit) error
	Credit(ctx context.Context, tx *pg.Tx, subject string, subjectID uuid.UUID) (payment.Credit, error)
}

// Certificates issues credentials; certificate does.
type Certificates interface {
	Issue(ctx context.Context, tx *pg.Tx, in certificate.Issue) (certificate.Credential, error)
	Credential(ctx context.Context, tx *pg.Tx, id uuid.UUID) (certificate.Credential, error)
}

// Registers keeps the agencies' registers; registry does.
type Registers interface {
	Write(ctx context.Context, tx *pg.Tx, r registry.Record) (uuid.UUID, error)
	Find(ctx context.Context, tx *pg.Tx, register, key string) (registry.Entry, error)
}

// World is what rules may ask of it: areas, code lists, working hours; and it gives numbers. refdata is it.
type World interface {
	Facts(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, areas []string) (servicespec.Facts, error)
	NextNumber(ctx context.Context, tx *pg.Tx, format string) (string, error)
}

// Settings are the tenant's; tenancy knows them.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Documents keeps letters, and the files that go with messages; document does.
type Documents interface {
	Store(ctx context.Context, tx *pg.Tx, in document.Store, r io.Reader) (document.File, error)
	Take(ctx context.Context, tx *pg.Tx, in document.Store, u document.Upload) (document.File, error)
	Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) error
}

// People knows who of the staff is to be told what, how they are reached, and where they find a case; identity does, with the address of
// the site.
type People interface {
	Holders(ctx context.Context, tx *pg.Tx, agency, role string, areas []string) ([]uuid.UUID, error)
	HoldersOf(ctx context.Context, tx *pg.Tx, agency, permission string) ([]uuid.UUID, error)
	Contacts(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]identity.Contact, error)
	// Language is the one in which the account is spoken to.
	Language(ctx context.Context, tx *pg.Tx, account uuid.UUID) (string, error)
	CaseURL(ctx context.Context, tx *pg.Tx, application uuid.UUID) (string, error)
	OpinionURL(ctx context.Context, tx *pg.Tx, consultation uuid.UUID) (string, error)
}

// Messages sends notices to staff; notification does.
type Messages interface {
	Send(ctx context.Context, tx *pg.Tx, m notification.Message) (uuid.UUID, error)
}

// Deps is what orchestration needs. Texts returns the labels of letters and the notices of messages, as the
// tenant says them.
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
	Documents    Documents
	People       People
	Messages     Messages
	Texts        func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error)
}

// Service takes applications in and sees them through.
type Service struct{ deps Deps }

// New returns the service and makes it the observer of workflow; it panics if a dependency is missing. cmd/digit gives
// Receive to the exchange.
func New(d Deps) *Service {
	if d.Services == nil || d.Workflow == nil || d.Agencies == nil || d.Sealer == nil || d.Exchange == nil || d.Payments == nil ||
		d.Certificates == nil || d.Registers == nil || d.World == nil || d.Settings == nil ||
		d.Documents == nil || d.People == nil || d.Messages == nil || d.Texts == nil {
		panic("orchestration.New: a dependency is missing")
	}
	s := &Service{deps: d}
	d.Workflow.Observe(s)
	return s
}

// Subscribe hears of payments.
func (s *Service) Subscribe(b *event.Bus) {
	event.Subscribe(b, "orchestration.paid", s.paid)
	event.Subscribe(b, "orchestration.reopened", s.reopened)
}

// facts returns what the rules of a service are evaluated on for an application, with the tenant's day at a moment.
func (s *Service) facts(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, app Application, at time.Time) (f servicespec.Facts, err error) {
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return f, err
	}
	if f, err = s.deps.World.Facts(ctx, tx, svc, svc.AreasIn(app.all(), nil)); err != nil {
		return f, err
	}
	zone := time.UTC
	if f.Calendar != nil && f.Calendar.Zone != nil {
		zone = f.Calendar.Zone
	}
	f.Today, f.Region, f.Currency, f.Found = civil.Of(at.In(zone)), set.PhoneRegion, set.Currency, app.Found
	if app.Reference != "" {
		said, err := s.heard(ctx, tx, svc, app.ID)
		if err != nil {
			return f, err
		}
		f.Case = &servicespec.Case{
			Opinions:  said,
			Reference: app.Reference, Holder: app.Name, SubmittedOn: civil.Of(app.SubmittedAt.In(zone)), DecidedOn: f.Today, IssuedOn: f.Today,
			State: app.Case.State, Outcome: app.Case.Outcome, Branches: app.Case.Outcomes(), Findings: app.Findings.Answers, Reasons: app.Findings.Reasons,
		}
	}
	return f, nil
}
