package profile_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/consumer/profile"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// settings are the tenant's, whichever it is.
type settings struct{}

func (settings) Settings(context.Context, *pg.Tx) (tenancy.Settings, error) {
	return tenancy.Settings{Languages: []string{"pt", "en"}, DefaultLanguage: "pt"}, nil
}

// accounts notes what reaches the account.
type accounts struct{ name, lang string }

func (a *accounts) Rename(_ context.Context, _ *pg.Tx, _ uuid.UUID, name string) error {
	a.name = name
	return nil
}

func (a *accounts) SetLang(_ context.Context, _ *pg.Tx, _ uuid.UUID, lang string) error {
	a.lang = lang
	return nil
}

type areas struct{}

func (areas) Known(_ context.Context, _ *pg.Tx, code string) (bool, error) {
	return code == "CV-PR", nil
}

type bundle struct {
	db       *pg.DB
	tenant   uuid.UUID
	service  *profile.Service
	accounts *accounts
}

func setup(t *testing.T) *bundle {
	t.Helper()
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	b := &bundle{db: pgtest.New(t), accounts: &accounts{}}
	b.tenant = pgtest.Tenant(t, b.db)
	b.service = profile.New(profile.Deps{
		Encryption: encryption.New(encryption.Deps{Root: root}), Tenancy: settings{}, Accounts: b.accounts, Areas: areas{},
		Documents: &document.Service{}, Notices: &desk{}, Contacts: &desk{}, Keeper: &desk{}, Texts: func(context.Context, *pg.Tx) (*i18n.Catalog, error) { return &i18n.Catalog{}, nil },
		PublicURL: func(context.Context, *pg.Tx) (string, error) { return "https://cv.example.org", nil },
	})
	return b
}

func (b *bundle) as(account uuid.UUID, work func(ctx context.Context, tx *pg.Tx) error) error {
	return b.db.InTx(context.Background(), pg.Scope{Tenant: b.tenant, Actor: pg.Actor{ID: account, Kind: "person"}}, work)
}

func TestProfile(t *testing.T) {
	t.Parallel()
	b, me := setup(t), id.New()
	want := profile.Profile{Name: "Dulce  Canarinha ", Lang: "en", Boundary: "CV-PR", Channels: []string{"sms", "email", "sms"}, Reminders: []string{"sms"}}
	err := b.as(me, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := b.service.Profile(ctx, tx, me); !errors.Is(err, profile.ErrNotFound) {
			t.Errorf("before: %v", err)
		}
		for _, name := range []string{"Dulce", "Somebody else"} {
			if err := b.service.Ensure(ctx, tx, me, name, "fr"); err != nil {
				return err
			}
		}
		first, err := b.service.Profile(ctx, tx, me)
		if diff := cmp.Diff(profile.Profile{Name: "Dulce", Lang: "pt", Channels: []string{"sms", "email"}, Reminders: []string{"sms", "email"}}, first); diff != "" {
			t.Error(diff)
		}
		if err != nil {
			return err
		}
		return b.service.Change(ctx, tx, me, want)
	})
	if err != nil {
		t.Fatal(err)
	}
	want.Name, want.Channels = "Dulce Canarinha", []string{"email", "sms"}
	var row string
	err = b.as(me, func(ctx context.Context, tx *pg.Tx) error {
		got, err := b.service.Profile(ctx, tx, me)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT p::text || encode(p.name, 'escape') FROM profile.person p`).Scan(&row)
	})
	if err != nil || strings.Contains(row, "Canarinha") {
		t.Fatalf("%v; the row reads %q", err, row)
	}
	if b.accounts.name != want.Name || b.accounts.lang != "en" {
		t.Fatalf("the account got %+v", b.accounts)
	}
}

func TestProfilesAreTheirOwners(t *testing.T) {
	t.Parallel()
	b, me := setup(t), id.New()
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Ensure(ctx, tx, me, "Dulce", "pt") }); err != nil {
		t.Fatal(err)
	}
	mine := profile.Profile{Name: "X", Lang: "pt"}
	if err := b.as(id.New(), func(ctx context.Context, tx *pg.Tx) error { return b.service.Change(ctx, tx, me, mine) }); !errors.Is(err, profile.ErrForbidden) {
		t.Errorf("somebody else: %v", err)
	}
	b.tenant = pgtest.Tenant(t, b.db)
	if err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Change(ctx, tx, me, mine) }); !errors.Is(err, profile.ErrNotFound) {
		t.Errorf("in another tenant: %v", err)
	}
}

func TestProfilesAreChecked(t *testing.T) {
	t.Parallel()
	b, me := setup(t), id.New()
	good := profile.Profile{Name: "Dulce", Lang: "pt", Boundary: "CV-PR"}
	for path, spoil := range map[string]func(*profile.Profile){
		"name": func(p *profile.Profile) { p.Name = "  " }, "lang": func(p *profile.Profile) { p.Lang = "fr" },
		"boundary": func(p *profile.Profile) { p.Boundary = "XX" }, "channels": func(p *profile.Profile) { p.Channels = []string{"pigeon"} },
	} {
		bad := good
		spoil(&bad)
		err := b.as(me, func(ctx context.Context, tx *pg.Tx) error { return b.service.Change(ctx, tx, me, bad) })
		if !errors.Is(err, profile.ErrProfile) || fault.Of(err).Fields[0].Path != path {
			t.Errorf("%s: %v", path, err)
		}
	}
}
