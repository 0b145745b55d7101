package tenancy_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func settings() tenancy.Settings {
	return tenancy.Settings{
		Name: i18n.Text{"pt": "Cabo Verde", "en": "Cabo Verde", "ar": "الرأس الأخضر"}, Tagline: i18n.Text{"pt": "Serviços públicos"},
		Languages: []string{"pt", "en", "ar"}, DefaultLanguage: "pt", Currency: "CVE", Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV",
		Accent: "#003893", ContactEmail: "ajuda@gov.example", ContactPhone: "2600000",
	}
}

func create(t *testing.T, db *pg.DB, kind string) uuid.UUID {
	t.Helper()
	slug := "t" + strings.ReplaceAll(id.New().String(), "-", "")[8:]
	tenant, err := tenancy.New(tenancy.Deps{}).Create(context.Background(), db, tenancy.NewTenant{Slug: slug, Kind: kind, Host: slug + ".Example", Settings: settings()})
	if err != nil {
		t.Fatal(err)
	}
	return tenant
}

func TestCreateAndChange(t *testing.T) {
	t.Parallel()
	db, service, ctx := pgtest.New(t), tenancy.New(tenancy.Deps{}), context.Background()
	tenant := create(t, db, "demo")
	want := settings()
	want.StaffSecondFactor = tenancy.Optional
	want.KeptDecidedYears, want.KeptPaidYears = tenancy.UsualKeptDecided, tenancy.UsualKeptPaid
	read := func() (got tenancy.Settings) {
		err := db.InTx(ctx, pg.Scope{Tenant: tenant, ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) (err error) {
			got, err = service.Settings(ctx, tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Fatal(diff)
	}
	want.Accent, want.Zone = "#00689D", "Africa/Dakar"
	over := int64(500_000)
	want.KeptDecidedYears, want.KeptPaidYears = 7, 12
	want.StaffSecondFactor, want.ApprovalStepUpOver = tenancy.Required, &over
	change := func(kind string) error {
		return db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.Actor{Kind: kind, ID: id.New()}}, func(ctx context.Context, tx *pg.Tx) error {
			return service.Change(ctx, tx, want)
		})
	}
	if err := change("person"); !errors.Is(err, tenancy.ErrForbidden) {
		t.Fatalf("a citizen changes the settings: %v", err)
	}
	if err := change("staff"); err != nil {
		t.Fatal(err)
	}
	want.Accent = "#00689d"
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Fatal(diff)
	}
	if got := read().Location().String(); got != "Africa/Dakar" {
		t.Fatalf("zone %s", got)
	}
	tenants, err := service.Tenants(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	for _, tn := range tenants {
		if tn.ID == tenant && (tn.Kind != "demo" || tn.Host != tn.Slug+".example" || tn.Status != "active") {
			t.Fatalf("directory says %+v", tn)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	t.Parallel()
	db, service := pgtest.New(t), tenancy.New(tenancy.Deps{})
	for path, spoil := range map[string]func(*tenancy.Settings){
		"name":             func(s *tenancy.Settings) { s.Name = i18n.Text{"en": "x"} },
		"tagline":          func(s *tenancy.Settings) { s.Tagline = i18n.Text{"pt": strings.Repeat("ã", 241)} },
		"languages":        func(s *tenancy.Settings) { s.Languages = []string{"pt", "portuguese!"} },
		"default_language": func(s *tenancy.Settings) { s.DefaultLanguage = "fr"; s.Name = i18n.Text{"fr": "x"} },
		"currency":         func(s *tenancy.Settings) { s.Currency = "ESC" },
		"zone":             func(s *tenancy.Settings) { s.Zone = "Atlantic/Praia" },
		"phone_region":     func(s *tenancy.Settings) { s.PhoneRegion = "QQ" },
		"accent":           func(s *tenancy.Settings) { s.Accent = "blue" },
		"contact_email":    func(s *tenancy.Settings) { s.ContactEmail = "Ajuda <a@b>" },
		"contact_phone":    func(s *tenancy.Settings) { s.ContactPhone = "call us" },

		"kept_decided_years":    func(s *tenancy.Settings) { s.KeptDecidedYears = -1 },
		"kept_paid_years":       func(s *tenancy.Settings) { s.KeptPaidYears = tenancy.LeastKeptPaid - 1 },
		"staff_second_factor":   func(s *tenancy.Settings) { s.StaffSecondFactor = "sometimes" },
		"approval_step_up_over": func(s *tenancy.Settings) { less := int64(-1); s.ApprovalStepUpOver = &less },
	} {
		bad := settings()
		spoil(&bad)
		_, err := service.Create(context.Background(), db, tenancy.NewTenant{Slug: "never", Kind: "demo", Settings: bad})
		if !errors.Is(err, tenancy.ErrSettings) || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestAnotherTenantHasNoSettingsOfOurs(t *testing.T) {
	t.Parallel()
	db, service := pgtest.New(t), tenancy.New(tenancy.Deps{})
	create(t, db, "production")
	other := pgtest.Tenant(t, db)
	err := db.InTx(context.Background(), pg.Scope{Tenant: other}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := service.Settings(ctx, tx)
		return err
	})
	if !errors.Is(err, tenancy.ErrNoSettings) {
		t.Fatalf("got %v", err)
	}
}

func TestOnlyDemonstrationsTravelInTime(t *testing.T) {
	t.Parallel()
	db, service, ctx := pgtest.New(t), tenancy.New(tenancy.Deps{}), context.Background()
	staff := pg.Actor{Kind: "staff", ID: id.New()}
	demo, real := create(t, db, "demo"), create(t, db, "production")
	if err := service.AdvanceClock(ctx, db, pg.Scope{Tenant: demo, Actor: staff}, 48*time.Hour); err != nil {
		t.Fatal(err)
	}
	_ = db.InTx(ctx, pg.Scope{Tenant: demo}, func(_ context.Context, tx *pg.Tx) error {
		if got := tx.Now.Sub(tx.Wall); got != 48*time.Hour {
			t.Errorf("the clock is %s ahead", got)
		}
		return nil
	})
	for what, c := range map[string]struct {
		tenant uuid.UUID
		actor  pg.Actor
		want   error
	}{"production": {real, staff, tenancy.ErrProduction}, "a citizen": {demo, pg.Actor{Kind: "person"}, tenancy.ErrForbidden}} {
		if err := service.AdvanceClock(ctx, db, pg.Scope{Tenant: c.tenant, Actor: c.actor}, time.Hour); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestProductionAsksForTwoFactors unless it is told otherwise; where nothing is real, nobody is held up by it.
func TestProductionAsksForTwoFactors(t *testing.T) {
	t.Parallel()
	db, service := pgtest.New(t), tenancy.New(tenancy.Deps{})
	for kind, want := range map[string]string{"production": tenancy.Required, "sandbox": tenancy.Optional, "demo": tenancy.Optional} {
		err := db.InTx(context.Background(), pg.Scope{Tenant: create(t, db, kind), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
			got, err := service.Settings(ctx, tx)
			if got.StaffSecondFactor != want || got.ApprovalStepUpOver != nil {
				t.Errorf("%s: %q, %v", kind, got.StaffSecondFactor, got.ApprovalStepUpOver)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
