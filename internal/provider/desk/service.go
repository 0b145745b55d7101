package desk

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
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

// Payments takes money at counters and books it; payment does.
type Payments interface {
	Collect(ctx context.Context, tx *pg.Tx, in payment.Collect) (payment.Collection, error)
	OpenTill(ctx context.Context, tx *pg.Tx, till uuid.UUID, float money.Amount) error
	TillBalance(ctx context.Context, tx *pg.Tx, till uuid.UUID) (payment.Entries, error)
	CloseTill(ctx context.Context, tx *pg.Tx, till uuid.UUID, counted, float money.Amount) (payment.Entries, error)
	Clear(ctx context.Context, tx *pg.Tx, collection uuid.UUID) error
	Return(ctx context.Context, tx *pg.Tx, collection uuid.UUID, as payment.CollectionStatus, reason string) (payment.Collection, error)
	Collection(ctx context.Context, tx *pg.Tx, collection uuid.UUID) (payment.Collection, error)
	Collections(ctx context.Context, tx *pg.Tx, f payment.CollectionFilter, r page.Request) (page.Page[payment.Collection], error)
}

// Numbers gives out human numbers without gaps; refdata does.
type Numbers interface {
	NextNumber(ctx context.Context, tx *pg.Tx, format string) (string, error)
}

// Notices tells people what a counter has to tell them; cmd/digit plugs notification in.
type Notices interface {
	// TellReturned tells the payer that money was taken back and the bill is open again.
	TellReturned(ctx context.Context, tx *pg.Tx, c payment.Collection) error
	// TellAppointment tells whose it is of their appointment; kind is "booked" or "remind".
	TellAppointment(ctx context.Context, tx *pg.Tx, a Appointment, kind string) error
}

// Calendars knows when offices are open; refdata does.
type Calendars interface {
	CalendarOf(ctx context.Context, tx *pg.Tx, w refdata.Workplace) (calendar.Calendar, error)
}

// Deps is what the desk needs.
type Deps struct {
	People     People
	Posts      Posts
	References References
	Documents  Documents
	Settings   Settings
	Payments   Payments
	Numbers    Numbers
	Notices    Notices
	Calendars  Calendars
	Encryption *encryption.Service
}

// Service is the desk. It is safe for concurrent use.
type Service struct{ deps Deps }

// New returns the service; it panics if a dependency is missing.
func New(d Deps) *Service {
	if d.People == nil || d.Posts == nil || d.References == nil || d.Documents == nil || d.Settings == nil || d.Payments == nil || d.Numbers == nil || d.Notices == nil || d.Calendars == nil || d.Encryption == nil {
		panic("desk.New: a dependency is missing")
	}
	return &Service{deps: d}
}
