package channel

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/tenancy"
)

// The channels by which people talk.
const (
	SMS      = "sms"
	WhatsApp = "whatsapp"
	USSD     = "ussd"
)

// Offer is a service that somebody may apply for.
type Offer struct {
	Code string
	Name i18n.Text
}

// Catalogue finds services.
type Catalogue interface {
	// Find returns the services that have these words, best first; without words all of them by name.
	Find(ctx context.Context, tx *pg.Tx, words, lang string) ([]Offer, error)
	// Service returns what a service asks; version 0 is the newest one. It is refused where it takes no new requests.
	Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error)
}

// Profiles gives people a profile; profile does.
type Profiles interface {
	Ensure(ctx context.Context, tx *pg.Tx, account uuid.UUID, name, lang string) error
	// Stop ends the notices by a channel, Resume begins them again; false where nothing changes.
	Stop(ctx context.Context, tx *pg.Tx, account uuid.UUID, channel string) (bool, error)
	Resume(ctx context.Context, tx *pg.Tx, account uuid.UUID, channel string) (bool, error)
}

// Wallet knows where in somebody's wallet a credential is, as a path of the site; "" before it has arrived there.
type Wallet interface {
	Page(ctx context.Context, tx *pg.Tx, person, credential uuid.UUID) (string, error)
}

// Deps is what conversations need. Texts is the catalogue of the product's words; PublicURL returns where the transaction's tenant is
// reached; Spend counts one more time for a key that names somebody, and refuses what is more than most times a minute.
type Deps struct {
	Encryption   *encryption.Service
	Documents    *document.Service
	Identity     *identity.Service
	Notification *notification.Service
	Refdata      *refdata.Service
	Tenancy      *tenancy.Service
	Payments     *payment.Service
	Requests     *request.Service
	Catalogue    Catalogue
	Profiles     Profiles
	Wallet       Wallet
	Texts        *i18n.Catalog
	PublicURL    func(ctx context.Context, tx *pg.Tx) (string, error)
	Spend        func(ctx context.Context, tx *pg.Tx, key string, most int) error
}

// Service holds conversations. It is safe for concurrent use.
type Service struct {
	deps  Deps
	words dialogue.Vocabulary
}

// New makes the service.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Documents == nil || d.Identity == nil || d.Notification == nil || d.Refdata == nil || d.Tenancy == nil || d.Payments == nil || d.Requests == nil ||
		d.Catalogue == nil || d.Profiles == nil || d.Wallet == nil || d.Texts == nil || d.PublicURL == nil || d.Spend == nil {
		panic("channel.New: a dependency is missing")
	}
	return &Service{deps: d, words: dialogue.NewVocabulary(d.Texts)}
}

// Register registers the jobs.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.answerJob)
	job.AddTx(r, s.sweep)
}

// The times of a conversation.
const (
	// proofLasts is for how long a code that came by text message proves the number.
	proofLasts = 24 * time.Hour
	// pause is after how long somebody is asked whether to go on where they were.
	pause = 30 * time.Minute
	// remembered is for how long a provider's message is known; the longest of them repeats for a week.
	remembered = 8 * 24 * time.Hour
	// ticketLasts is for how long a link for a file is good.
	ticketLasts = 24 * time.Hour
	// perMinute is how many messages of a number are taken; a step of a dialogue is a message too.
	perMinute      = 40
	stepsPerMinute = 120
)
