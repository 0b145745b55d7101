package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator"
	"digit/internal/infra/tenancy"
)

// realSettings are those of a state that speaks one language.
var realSettings = tenancy.Settings{
	Name: i18n.Text{"en": "A real state"}, Languages: []string{"en"}, DefaultLanguage: "en", Currency: "CVE", Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
}

// TestProduction: in a state that is real nothing is simulated and the clock cannot be moved, whichever way one tries.
func TestProduction(t *testing.T) {
	t.Parallel()
	h := open(t)
	slug := fmt.Sprintf("real%d", next())
	tenant, err := h.Tenancy.Create(t.Context(), h.DB, tenancy.NewTenant{Slug: slug, Kind: "production", Settings: realSettings})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.as(t, tenant, h.SeedRoles); err != nil {
		t.Fatal(err)
	}
	if n := h.count(t, `SELECT count(*) FROM identity.account WHERE tenant_id = $1`, tenant); n != 0 {
		t.Errorf("%d accounts are there before anybody entered one", n)
	}
	c := h.visitorAt(t, slug)
	if a := c.get("/"); a.status != http.StatusOK || strings.Contains(a.body, "/simulator") {
		t.Errorf("its first page: %d, or it leads to the simulator", a.status)
	}
	doors := 0
	for _, r := range h.Routes {
		if !strings.HasPrefix(r.Pattern, "/sim") || strings.HasPrefix(r.Pattern, "/sign") {
			continue
		}
		doors++
		if a := c.send(r.Method, fillPath(r.Pattern, nil), strings.NewReader(""), map[string]string{"Content-Type": formType}); a.status != http.StatusNotFound {
			t.Errorf("%s %s: got %d, want 404", r.Method, r.Pattern, a.status)
		}
	}
	if doors < 15 {
		t.Errorf("only %d doors of the simulator were tried", doors)
	}
	for _, a := range []answer{c.get("/console/clock"), c.post("/console/clock", "by", "day")} {
		if a.status != http.StatusNotFound {
			t.Errorf("/console/clock: got %d, want 404", a.status)
		}
	}

	if err := h.Tenancy.AdvanceClock(t.Context(), h.DB, pg.Scope{Tenant: tenant, Actor: pg.System()}, time.Hour); !errors.Is(err, tenancy.ErrProduction) {
		t.Errorf("moving the clock: %v", err)
	}
	if _, err := h.DB.Pool().Exec(t.Context(), `UPDATE platform.tenant SET clock_offset = '1 hour' WHERE id = $1`, tenant); pg.Constraint(err) != "tenant_clock_fixed_check" {
		t.Errorf("moving the clock by hand: %v", err)
	}
	for what, do := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"a message": func(ctx context.Context, tx *pg.Tx) error {
			return h.Simulator.Deliver(ctx, tx, carrier.Out{ID: uuid.New(), Channel: "sms", To: "+2389911111", Text: "x", Lang: "en"})
		},
		"the mailboxes": func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Simulator.Messages(ctx, tx, simulator.MessageFilter{}, page.Request{})
			return err
		},
		"a charge": func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Simulator.CreateCharge(ctx, tx, simulator.ChargeOrder{Reference: "x", Amount: money.Amount{Minor: 1, Currency: "CVE"}, ReturnURL: c.base + "/", WebhookURL: c.base + "/"})
			return err
		},
		"a merchant": func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Simulator.Merchant(ctx, tx)
			return err
		},
		"people": func(ctx context.Context, tx *pg.Tx) error {
			return h.Simulator.PutPeople(ctx, tx, []simulator.Person{{Subject: "x", Name: "X"}})
		},
	} {
		if err := h.as(t, tenant, do); !errors.Is(err, simulator.ErrProduction) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for table, insert := range map[string]string{
		"message":      `(id, channel, address, address_index, text, lang, received_at) VALUES (gen_random_uuid(), 'sms', '', '', '', 'en', now())`,
		"charge":       `(id, reference, amount_minor, currency, description, return_url, webhook_url, status, created_at) VALUES (gen_random_uuid(), 'x', 1, 'CVE', '', '', '', 'open', now())`,
		"person":       `(id, subject, claims) VALUES (gen_random_uuid(), 'x', '')`,
		"auth_code":    `(hash, client_id, redirect_uri, subject, nonce, challenge, expires_at) VALUES ('', '', '', '', '', '', now())`,
		"foreign_case": `(id, agency, service, reference, request, status, received_at) VALUES (gen_random_uuid(), '', '', '', '', 'open', now())`,
		"media":        `(id, media_type, size, content, made_at) VALUES (gen_random_uuid(), 'image/png', 1, '', now())`,
		"secret":       `(purpose, id, secret) VALUES ('x', gen_random_uuid(), '')`,
	} {
		err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO simulator.`+table+` `+insert)
			return err
		})
		if pg.Constraint(err) != "simulator_production_check" {
			t.Errorf("INSERT INTO simulator.%s: %v", table, err)
		}
		if err := h.as(t, h.tenant(t, "sandbox"), func(ctx context.Context, tx *pg.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO simulator.`+table+` `+insert); err != nil {
				return err
			}
			return errDone
		}); !errors.Is(err, errDone) {
			t.Errorf("the same in a sandbox: %v", err)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'simulator' AND c.relkind = 'r'`); n != 7 {
		t.Errorf("the simulator has %d tables, seven were tried", n)
	}
}

// errDone ends a transaction that shall leave nothing.
var errDone = errors.New("done")
