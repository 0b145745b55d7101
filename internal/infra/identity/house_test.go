package identity_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

// pigeon takes alerts instead of notification, and like it sends none twice.
type pigeon struct {
	mu   sync.Mutex
	sent []identity.Alert
	once map[string]bool
}

func (p *pigeon) SendAlert(_ context.Context, _ *pg.Tx, a identity.Alert) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.Once != "" && p.once[a.Once] {
		return nil
	}
	p.once[a.Once] = true
	p.sent = append(p.sent, a)
	return nil
}

// kinds returns what was sent to whom.
func (p *pigeon) kinds() (out []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, a := range p.sent {
		out = append(out, a.Kind+" to "+a.Address)
	}
	return out
}

func (p *pigeon) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = nil
}

// house is a bundle whose tenant's clock can be moved.
type house struct {
	*bundle
	alerts *pigeon
	jobs   *job.Registry
}

func build(t *testing.T) *house {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	h := &house{bundle: &bundle{db: db, box: &postbox{}, root: root, tenant: pgtest.DemoTenant(t, db)}, alerts: &pigeon{once: map[string]bool{}}, jobs: job.NewRegistry()}
	h.service = h.rated(0)
	h.service.Register(h.jobs)
	h.in(t, func(ctx context.Context, tx *pg.Tx) error {
		if err := tenancy.New(tenancy.Deps{}).Change(ctx, tx, tenancy.Settings{
			Name: i18n.Text{"pt": "Cabo Verde"}, Languages: []string{"pt", "en", "ar"}, DefaultLanguage: "pt", Currency: "CVE",
			Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
		}); err != nil {
			return err
		}
		for code, permissions := range map[string][]string{
			"administrator": {"identity:read", "identity:manage", "identity:machines", "identity:break-glass", "tenancy:change"}, "auditor": {"audit:read"},
			"agency-admin": {"identity:read", "identity:manage", "identity:machines", "identity:break-glass"},
			"registrar":    {"orchestration:read", "identity:break-glass"}, "companies": {"identity:businesses"}, "clerk": {"orchestration:read"}, "operator": {"tenancy:create"},
		} {
			if err := h.service.PutRole(ctx, tx, identity.Role{Code: code, Name: textOf(code), Permissions: permissions}); err != nil {
				return err
			}
		}
		return nil
	})
	return h
}

func textOf(s string) i18n.Text { return i18n.Text{"pt": s} }

// rated is a service of this house with another limit for machines.
func (h *house) rated(perMinute int) *identity.Service {
	return identity.New(identity.Deps{
		Encryption: encryption.New(encryption.Deps{Root: h.root}), Tenancy: tenancy.New(tenancy.Deps{}), Codes: h.box, Alerts: h.alerts, Rate: perMinute,
		Permissions: append(decision.Named(), "orchestration:read", "payment:refund", "identity:businesses"),
	})
}

// travel moves the tenant's clock and does what is due.
func (h *house) travel(t *testing.T, by time.Duration) {
	t.Helper()
	if err := h.db.AdvanceClock(t.Context(), h.tenant, by); err != nil {
		t.Fatal(err)
	}
	pgtest.Work(t, h.db, h.jobs)
}

// timers returns when those are due whose keys begin so, in order.
func (h *house) timers(t *testing.T, key string) (due []time.Time) {
	t.Helper()
	h.in(t, func(ctx context.Context, tx *pg.Tx) error {
		rows, err := tx.Query(ctx, `SELECT due_at FROM platform.timer WHERE starts_with(key, $1) ORDER BY due_at`, key)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var at time.Time
			if err := rows.Scan(&at); err != nil {
				return err
			}
			due = append(due, at)
		}
		return rows.Err()
	})
	return due
}

// standing is an account as a session would bring it.
func (h *house) standing(t *testing.T, account uuid.UUID) (p identity.Principal) {
	t.Helper()
	h.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = h.service.Standing(ctx, tx, account)
		return err
	})
	return p
}
