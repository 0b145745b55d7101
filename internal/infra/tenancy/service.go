package tenancy

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Deps are what the module stands on: nothing but the platform and the audit record.
type Deps struct{}

// Service keeps the settings and the directory. It is safe for concurrent use.
type Service struct{}

// New builds the module.
func New(Deps) *Service { return &Service{} }

// Tenant is one entry of the directory.
type Tenant struct {
	ID          uuid.UUID
	Slug        string // short name in addresses: "cv"
	Kind        string // production, sandbox or demo
	Status      string // active or suspended
	Host        string // first of its host names, "" where it has none
	ClockOffset time.Duration
	Created     time.Time
}

// NewTenant is a tenant to be set up.
type NewTenant struct {
	Slug, Kind, Host string // Host may be empty
	Settings         Settings
}

// Settings returns the tenant's settings. It is one read by primary key and always true: no copy is kept that could be
// out of date in another process. Errors: ErrNoSettings.
func (s *Service) Settings(ctx context.Context, tx *pg.Tx) (_ Settings, err error) {
	defer fault.Wrap(&err, "tenancy.Settings")
	return readSettings(ctx, tx)
}

// Change replaces the settings. Permission: tenancy:change, which the page asks for; people and strangers are refused here
// too. Errors: ErrForbidden, ErrSettings.
func (s *Service) Change(ctx context.Context, tx *pg.Tx, in Settings) (err error) {
	defer fault.Wrap(&err, "tenancy.Change")
	if !official(tx.Actor) {
		return ErrForbidden
	}
	in = in.normal()
	if err := in.check(); err != nil {
		return err
	}
	if err := writeSettings(ctx, tx, in); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "tenancy.setting.change", Object: "tenancy.setting", ObjectID: tx.Tenant,
		Detail: map[string]any{
			"languages": in.Languages, "currency": in.Currency, "zone": in.Zone, "staff_second_factor": in.StaffSecondFactor,
			"kept_decided_years": in.KeptDecidedYears, "kept_paid_years": in.KeptPaidYears,
		},
	})
}

// Create enters a tenant into the directory and gives it its settings. Permission: tenancy:create, held by the operator of
// the installation. Where the second half fails the first stays and Create may be repeated under another slug.
// Errors: ErrSettings, ErrSlugTaken, an invalid fault for a bad slug or kind.
func (s *Service) Create(ctx context.Context, db *pg.DB, in NewTenant) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "tenancy.Create(%s)", in.Slug)
	if in.Settings.StaffSecondFactor == "" && in.Kind == "production" {
		in.Settings.StaffSecondFactor = Required
	}
	settings := in.Settings.normal()
	if err := settings.check(); err != nil {
		return uuid.Nil, err
	}
	tenant := id.New()
	if err := db.CreateTenant(ctx, pg.TenantRow{ID: tenant, Slug: in.Slug, Kind: in.Kind}); err != nil {
		return uuid.Nil, err
	}
	err = db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		if err := writeSettings(ctx, tx, settings); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Action: "tenancy.create", Object: "platform.tenant", ObjectID: tenant, Detail: map[string]any{"slug": in.Slug, "kind": in.Kind},
		})
	})
	if err == nil && in.Host != "" {
		err = db.SetDomain(ctx, in.Host, tenant)
	}
	return tenant, err
}

// Tenants lists the directory by short name. Permission: the operator's.
func (s *Service) Tenants(ctx context.Context, db *pg.DB) (_ []Tenant, err error) {
	defer fault.Wrap(&err, "tenancy.Tenants")
	rows, err := db.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	hosts, err := readHosts(ctx, db)
	if err != nil {
		return nil, err
	}
	tenants := make([]Tenant, 0, len(rows))
	for _, r := range rows {
		tenants = append(tenants, Tenant{
			ID: r.ID, Slug: r.Slug, Kind: r.Kind, Status: r.Status, Host: hosts[r.ID], ClockOffset: r.Offset, Created: r.CreatedAt,
		})
	}
	return tenants, nil
}

// AdvanceClock moves the clock of a demonstration or sandbox forward; what falls due on the way happens. Permission:
// tenancy:clock, which the page asks for; people and strangers are refused here too.
// Errors: ErrForbidden, ErrProduction, pg.ErrClockBackwards.
func (s *Service) AdvanceClock(ctx context.Context, db *pg.DB, scope pg.Scope, by time.Duration) (err error) {
	defer fault.Wrap(&err, "tenancy.AdvanceClock(%s, %s)", scope.Tenant, by)
	if !official(scope.Actor) {
		return ErrForbidden
	}
	if err := db.AdvanceClock(ctx, scope.Tenant, by); err != nil {
		return err
	}
	return db.InTx(ctx, pg.Scope{Tenant: scope.Tenant, Actor: scope.Actor}, func(ctx context.Context, tx *pg.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{
			Action: "tenancy.clock.advance", Object: "platform.tenant", ObjectID: scope.Tenant, Detail: map[string]any{"seconds": int64(by.Seconds())},
		})
	})
}

// official says whether an actor can hold permissions at all. Which ones is identity's to know, which this module stands below.
func official(a pg.Actor) bool { return a.Kind == "staff" || a.Kind == "system" }
