package business

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// Identity keeps the account of a business and who may act for it; identity is it.
type Identity interface {
	AddBusiness(ctx context.Context, tx *pg.Tx, name string) (uuid.UUID, error)
	MayAddBusiness(ctx context.Context, tx *pg.Tx) error
	AppointManager(ctx context.Context, tx *pg.Tx, in identity.Appointment) (uuid.UUID, error)
	MayConfirmBusiness(ctx context.Context, tx *pg.Tx, person uuid.UUID) error
	MayReadBusinesses(ctx context.Context, tx *pg.Tx) error
	Members(ctx context.Context, tx *pg.Tx, business uuid.UUID) ([]identity.Membership, error)
	Manages(ctx context.Context, tx *pg.Tx, business uuid.UUID) error
	Contacts(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]identity.Contact, error)
}

// Documents keeps the papers by which claimants prove their authority; document does.
type Documents interface {
	Take(ctx context.Context, tx *pg.Tx, in document.Store, u document.Upload) (document.File, error)
	Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) error
}

// Registers knows the state's register of businesses; registry can be one.
type Registers interface {
	// Holder returns whom an entry of a register names as its holder; uuid.Nil where there is no such entry.
	Holder(ctx context.Context, tx *pg.Tx, register, key string) (uuid.UUID, error)
}

// Areas knows the areas of the tenant; refdata can be one.
type Areas interface {
	// Known reports whether there is an area of that code.
	Known(ctx context.Context, tx *pg.Tx, code string) (bool, error)
}

// Settings tells the tenant's country; tenancy does.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Notices sends messages; notification does.
type Notices interface {
	Send(ctx context.Context, tx *pg.Tx, m notification.Message) (uuid.UUID, error)
}

// Deps are what the module stands on. Texts returns the catalogue of its notices, as the tenant words it; PublicURL returns where the transaction's tenant is reached.
type Deps struct {
	Encryption *encryption.Service
	Identity   Identity
	Documents  Documents
	Registers  Registers
	Areas      Areas
	Settings   Settings
	Notices    Notices
	Texts      func(ctx context.Context, tx *pg.Tx) (*i18n.Catalog, error)
	PublicURL  func(ctx context.Context, tx *pg.Tx) (string, error)
}

// Service keeps businesses. It is safe for concurrent use.
type Service struct{ deps Deps }

// New builds the module. It panics if a dependency is missing.
func New(d Deps) *Service {
	if d.Encryption == nil || d.Identity == nil || d.Documents == nil || d.Registers == nil || d.Areas == nil || d.Settings == nil || d.Notices == nil ||
		d.Texts == nil || d.PublicURL == nil {
		panic("business.New: a dependency is missing")
	}
	return &Service{deps: d}
}
