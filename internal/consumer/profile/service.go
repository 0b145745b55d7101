package profile

import (
	"context"
	"io"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// Settings tells the tenant's languages; tenancy is one.
type Settings interface {
	Settings(ctx context.Context, tx *pg.Tx) (tenancy.Settings, error)
}

// Accounts keeps the name and the language by which an account is spoken to; identity is one.
type Accounts interface {
	Rename(ctx context.Context, tx *pg.Tx, account uuid.UUID, name string) error
	SetLang(ctx context.Context, tx *pg.Tx, account uuid.UUID, lang string) error
}

// Areas knows the areas of the tenant; refdata can be one.
type Areas interface {
	// Known reports whether there is an area of that code.
	Known(ctx context.Context, tx *pg.Tx, code string) (bool, error)
}

// Documents keeps the copies of people's data; document does.
type Documents interface {
	Store(ctx context.Context, tx *pg.Tx, in document.Store, r io.Reader) (document.File, error)
	File(ctx context.Context, tx *pg.Tx, file uuid.UUID) (document.File, error)
	Read(ctx context.Context, tx *pg.Tx, file uuid.UUID, w io.Writer) error
	Delete(ctx context.Context, tx *pg.Tx, file uuid.UUID) error
}

// Notices sends messages; notification does.
type Notices interface {
	Send(ctx context.Context, tx *pg.Tx, m notification.Message) (uuid.UUID, error)
	// Carries reports whether a channel has a provider.
	Carries(ctx context.Context, tx *pg.Tx, channel string) (bool, error)
}

// Contacts knows where people are reached; identity does.
type Contacts interface {
	Contacts(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]identity.Contact, error)
}

// Deps are what the module stands on. Texts is the catalogue of its notices and of what goes with copies; PublicURL returns where the
// transaction's tenant is reached.
type Deps struct {
	Encryption *encryption.Service
	Tenancy    Settings
	Documents  Documents
	Notices    Notices
	Contacts   Contacts
	Keeper     Keeper
	Texts      *i18n.Catalog
	PublicURL  func(ctx context.Context, tx *pg.Tx) (string, error)
	Accounts   Accounts // may be nil: the account then keeps its own name and language
	Areas      Areas    // may be nil: any area is then believed
}

// Service keeps profiles. It is safe for concurrent use.
type Service struct {
	deps    Deps
	keeper  Keeper
	sources []Source
}

// New builds the module. It panics if a dependency is missing.
func New(deps Deps) *Service {
	if deps.Encryption == nil || deps.Tenancy == nil || deps.Documents == nil || deps.Notices == nil || deps.Contacts == nil || deps.Keeper == nil ||
		deps.Texts == nil || deps.PublicURL == nil {
		panic("profile.New: a dependency is missing")
	}
	return &Service{deps: deps, keeper: deps.Keeper}
}

// Register registers the jobs: the making of copies, their end, and erasing.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.makeExport)
	job.AddTx(r, s.expireExport)
	job.AddTx(r, s.erase)
}

// own refuses everybody but the person, acting for themselves, and the system: who represents somebody changes nothing about them.
func own(tx *pg.Tx, account uuid.UUID) error {
	if tx.Actor.Kind == "system" || account != uuid.Nil && tx.Actor.ID == account && tx.Actor.OnBehalf == uuid.Nil {
		return nil
	}
	return ErrForbidden
}

func namePlace(account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "profile.person", Column: "name", Row: account}
}

// Ensure gives the account a profile unless it has one, which then stays as it is. Permission: one's own.
// Errors: ErrForbidden.
func (s *Service) Ensure(ctx context.Context, tx *pg.Tx, account uuid.UUID, name, lang string) (err error) {
	defer fault.Wrap(&err, "profile.Ensure(%s)", account)
	if err := own(tx, account); err != nil {
		return err
	}
	settings, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	p := Profile{Name: name, Lang: i18n.Match(lang, settings.Languages)}.normal()
	sealed, err := s.deps.Encryption.SealString(ctx, tx, account, namePlace(account), p.Name)
	if err != nil {
		return err
	}
	added, err := insertPerson(ctx, tx, account, sealed, p.Lang)
	if err != nil || !added {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "profile.person.add", Object: "profile.person", ObjectID: account, Person: account})
}

// Profile returns what the account told about itself. It asks for no permission: what a page shows is the page's to ask
// for. Errors: ErrNotFound.
func (s *Service) Profile(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ Profile, err error) {
	defer fault.Wrap(&err, "profile.Profile(%s)", account)
	row, err := getPerson(ctx, tx, account)
	if err != nil {
		return Profile{}, err
	}
	name, err := s.deps.Encryption.OpenString(ctx, tx, account, namePlace(account), row.Name)
	if err != nil {
		return Profile{}, err
	}
	return Profile{
		Name: name, Lang: row.Lang, Boundary: row.Boundary, Channels: but(row.Channels, row.Stopped), Reminders: but(row.Reminders, row.Stopped),
		Quiet: Quiet{int(row.QuietFrom), int(row.QuietTo)},
	}, audit.Read(ctx, tx, audit.Entry{
		Action: "profile.person.read", Object: "profile.person", ObjectID: account, Person: account,
	})
}

// Change replaces the profile, and the name and language of the account with it. Permission: one's own.
// Errors: ErrForbidden, ErrProfile, ErrNotFound.
func (s *Service) Change(ctx context.Context, tx *pg.Tx, account uuid.UUID, p Profile) (err error) {
	defer fault.Wrap(&err, "profile.Change(%s)", account)
	if err := own(tx, account); err != nil {
		return err
	}
	settings, err := s.deps.Tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	p = p.normal()
	if err := p.check(settings.Languages); err != nil {
		return err
	}
	if p.Boundary != "" && s.deps.Areas != nil {
		known, err := s.deps.Areas.Known(ctx, tx, p.Boundary)
		if err != nil {
			return err
		}
		if !known {
			return ErrProfile.WithFields(fault.Field{Path: "boundary", Code: "profile.boundary"})
		}
	}
	sealed, err := s.deps.Encryption.SealString(ctx, tx, account, namePlace(account), p.Name)
	if err != nil {
		return err
	}
	if err := setPerson(ctx, tx, account, sealed, p); err != nil {
		return err
	}
	if s.deps.Accounts != nil {
		if err := s.deps.Accounts.Rename(ctx, tx, account, p.Name); err != nil {
			return err
		}
		if err := s.deps.Accounts.SetLang(ctx, tx, account, p.Lang); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "profile.person.change", Object: "profile.person", ObjectID: account, Person: account,
		Detail: map[string]any{"lang": p.Lang, "boundary": p.Boundary, "channels": p.Channels, "reminders": p.Reminders, "quiet": p.Quiet != Quiet{}},
	})
}
