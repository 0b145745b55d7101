package pg

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/fault"
)

// Errors of the directory.
var (
	// ErrSlugTaken says that another tenant has that short name.
	ErrSlugTaken = fault.Conflict("tenancy.slug_taken")
	// ErrClockFixed says that the clock of a production tenant is the real one.
	ErrClockFixed = fault.Unsupported("tenancy.clock_fixed")
	// ErrClockBackwards says that a tenant's clock only goes forward.
	ErrClockBackwards = fault.Invalid("tenancy.clock_backwards")
	errBadTenant      = fault.Invalid("tenancy.invalid")
)

// TenantRow is one entry of the directory.
type TenantRow struct {
	ID        uuid.UUID
	Slug      string // short name in addresses: "cv"
	Kind      string // production, sandbox or demo
	Status    string // active or suspended
	Offset    time.Duration
	CreatedAt time.Time
}

// Querier reads.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Directory reads tables without row security (the directory of tenants) outside any tenant's transaction.
func (db *DB) Directory() Querier { return db.pool }

const tenantColumns = `t.id, t.slug, t.kind, t.status, (extract(epoch FROM t.clock_offset) * 1000000)::bigint, t.created_at`

func scanTenant(row pgx.CollectableRow) (TenantRow, error) {
	var t TenantRow
	var micros int64
	err := row.Scan(&t.ID, &t.Slug, &t.Kind, &t.Status, &micros, &t.CreatedAt)
	t.Offset = time.Duration(micros) * time.Microsecond
	return t, err
}

// Tenants lists all tenants by short name, suspended ones too.
func (db *DB) Tenants(ctx context.Context) (_ []TenantRow, err error) {
	defer fault.Wrap(&err, "pg.Tenants")
	rows, err := db.pool.Query(ctx, `SELECT `+tenantColumns+` FROM platform.tenant t ORDER BY t.slug`)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanTenant)
	return all, translate(err)
}

// TenantBySlug finds a tenant by its short name. Errors: ErrUnknownTenant, ErrUnavailable.
func (db *DB) TenantBySlug(ctx context.Context, slug string) (TenantRow, error) {
	return db.oneTenant(ctx, `SELECT `+tenantColumns+` FROM platform.tenant t WHERE t.slug = $1`, slug)
}

// TenantByHost finds the tenant that answers under a host name. Errors: ErrUnknownTenant, ErrUnavailable.
func (db *DB) TenantByHost(ctx context.Context, host string) (TenantRow, error) {
	return db.oneTenant(ctx, `SELECT `+tenantColumns+` FROM platform.tenant t JOIN platform.domain d ON d.tenant_id = t.id WHERE d.host = lower($1)`, host)
}

func (db *DB) oneTenant(ctx context.Context, query, arg string) (_ TenantRow, err error) {
	defer fault.Wrap(&err, "pg.tenant(%s)", arg)
	var t TenantRow
	err = db.again(func() error {
		rows, err := db.pool.Query(ctx, query, arg)
		if err != nil {
			return err
		}
		t, err = pgx.CollectExactlyOneRow(rows, scanTenant)
		return err
	})
	if NotFound(err) {
		return TenantRow{}, ErrUnknownTenant
	}
	return t, translate(err)
}

// CreateTenant enters a tenant into the directory. ID, Slug and Kind are given; who may do so is for the caller
// to know. Errors: ErrSlugTaken, ErrUnavailable, an invalid fault for a bad slug or kind.
func (db *DB) CreateTenant(ctx context.Context, t TenantRow) (err error) {
	defer fault.Wrap(&err, "pg.CreateTenant(%s)", t.Slug)
	_, err = db.pool.Exec(ctx, `INSERT INTO platform.tenant (id, slug, kind) VALUES ($1, $2, $3)`, t.ID, t.Slug, t.Kind)
	switch Constraint(err) {
	case "tenant_slug_key", "tenant_pkey":
		return ErrSlugTaken.Because(err)
	case "tenant_slug_check", "tenant_kind_check":
		return errBadTenant.Because(err)
	}
	return translate(err)
}

// SetTenantStatus suspends a tenant or makes it active again. Errors: ErrUnknownTenant, ErrUnavailable.
func (db *DB) SetTenantStatus(ctx context.Context, tenant uuid.UUID, status string) (err error) {
	defer fault.Wrap(&err, "pg.SetTenantStatus(%s, %s)", tenant, status)
	tag, err := db.pool.Exec(ctx, `UPDATE platform.tenant SET status = $2 WHERE id = $1`, tenant, status)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrUnknownTenant
	}
	return translate(err)
}

// SetDomain lets a tenant answer under a host name, taking it from another that had it. Errors: ErrUnavailable.
func (db *DB) SetDomain(ctx context.Context, host string, tenant uuid.UUID) (err error) {
	defer fault.Wrap(&err, "pg.SetDomain(%s)", host)
	_, err = db.pool.Exec(ctx, `INSERT INTO platform.domain (host, tenant_id) VALUES (lower($1), $2)
		ON CONFLICT (host) DO UPDATE SET tenant_id = EXCLUDED.tenant_id`, host, tenant)
	if Constraint(err) == "domain_tenant_id_fkey" {
		return ErrUnknownTenant.Because(err)
	}
	return translate(err)
}

// AdvanceClock moves the clock of a demonstration or sandbox forward and fires the timers it passes; production
// keeps real time. Errors: ErrClockBackwards, ErrClockFixed, ErrUnknownTenant, ErrUnavailable.
func (db *DB) AdvanceClock(ctx context.Context, tenant uuid.UUID, by time.Duration) (err error) {
	defer fault.Wrap(&err, "pg.AdvanceClock(%s, %s)", tenant, by)
	if by <= 0 {
		return ErrClockBackwards
	}
	return db.InTx(ctx, Scope{Tenant: tenant, Actor: System()}, func(ctx context.Context, tx *Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE platform.tenant SET clock_offset = clock_offset + make_interval(secs => $2)
			WHERE id = $1 AND kind IN ('demo', 'sandbox')`, tenant, by.Seconds())
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return ErrClockFixed
		}
		return tx.Enqueue(ctx, SweepTimers{})
	})
}
