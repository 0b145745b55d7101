package catalog_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
)

func passport() catalog.Elsewhere {
	return catalog.Elsewhere{
		Agency: "def", Name: i18n.Text{"pt": "Passaporte eletrónico", "en": "Electronic passport"}, Summary: i18n.Text{"pt": "Pedir ou renovar o passaporte", "en": "Apply for or renew your passport"},
		Languages: []string{"pt"}, LifeEvents: []string{"moving-abroad"}, URL: "https://passaporte.example.org/pedir?novo=1",
	}
}

// TestElsewhere lists services of other sites, finds them as others are found, and withdraws and restores them.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	b := setup(t)
	put := func(e catalog.Elsewhere) (which uuid.UUID) {
		t.Helper()
		b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
			which, err = b.svc.PutElsewhere(ctx, tx, identity.Principal{}, e)
			return err
		})
		return which
	}
	which := put(passport())
	other := passport()
	other.Name, other.Summary, other.LifeEvents, other.Agency = i18n.Text{"pt": "Carta de condução"}, i18n.Text{"pt": "Trocar a carta estrangeira"}, nil, "dgtr"
	put(other)
	find := func(q catalog.Query) string {
		t.Helper()
		var names []string
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			list, err := b.svc.Elsewheres(ctx, tx, q)
			for _, e := range list {
				names = append(names, e.Name["pt"])
			}
			return err
		})
		return strings.Join(names, ", ")
	}
	const pass, carta = "Passaporte eletrónico", "Carta de condução"
	for q, want := range map[*catalog.Query]string{
		{Lang: "pt"}:                              carta + ", " + pass,
		{Lang: "pt", Text: "passaporte"}:          pass,
		{Lang: "pt", Text: "PASSAPORTES renovar"}: pass,
		{Lang: "pt", Text: "pasaporte"}:           pass,
		{Lang: "ar", Text: "passport"}:            pass,
		{Lang: "pt", Text: "condu"}:               carta,
		{Lang: "pt", Text: "passaporte conducao"}: "",
		{Lang: "pt", Text: "???"}:                 "",
		{Lang: "pt", LifeEvent: "moving-abroad"}:  pass,
		{Lang: "pt", Agencies: []string{"dgtr"}}:  carta,
		{Lang: "pt", Cost: catalog.CostFree}:      "",
	} {
		if got := find(*q); got != want {
			t.Errorf("%+v finds %q, want %q", *q, got, want)
		}
	}
	for range 2 { // pressed twice
		b.in(func(ctx context.Context, tx *pg.Tx) error {
			return b.svc.WithdrawElsewhere(ctx, tx, identity.Principal{}, which)
		})
	}
	if got := find(catalog.Query{Lang: "pt"}); got != carta {
		t.Errorf("withdrawn and found: %q", got)
	}
	if got := find(catalog.Query{Lang: "pt", Withdrawn: true}); got != carta+", "+pass {
		t.Errorf("with withdrawn ones: %q", got)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.RestoreElsewhere(ctx, tx, identity.Principal{}, which)
	})
	changed := passport()
	changed.ID, changed.Name = which, i18n.Text{"pt": "Passaporte"}
	if put(changed) != which || find(catalog.Query{Lang: "pt", Text: "passaporte"}) != "Passaporte" {
		t.Error("what is said of it cannot be changed")
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		e, err := b.svc.Elsewhere(ctx, tx, which)
		if e.Host() != "passaporte.example.org" {
			t.Errorf("host %q", e.Host())
		}
		return err
	})
}

// TestElsewhereRefused refuses addresses by which people could be led astray, and who may not speak for an agency.
func TestElsewhereRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff := pg.Actor{Kind: "staff", ID: id.New()}
	mine := identity.Principal{Account: staff.ID, Kind: identity.KindStaff, Grants: []identity.Grant{{Role: "agency-admin", Agency: "def", Permissions: []string{catalog.Publish}}}}
	try := func(e catalog.Elsewhere) error {
		return b.db.InTx(t.Context(), pg.Scope{Tenant: b.tenant, Actor: staff}, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.svc.PutElsewhere(ctx, tx, mine, e)
			return err
		})
	}
	for _, url := range []string{
		"", "http://passaporte.example.org", "javascript:alert(1)", "https://", "https://localhost/x", "https://10.0.0.1/x", "https://passaporte.example.org@evil.example/",
		"https://ex ample.org", "https://exämple.org", "//example.org", "https://example.org/" + strings.Repeat("a", 1000),
	} {
		e := passport()
		e.URL = url
		if err := try(e); !errors.Is(err, catalog.ErrElsewhere) || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Path != "url" {
			t.Errorf("%q: %v", url, err)
		}
	}
	e := passport()
	e.Name, e.Summary = i18n.Text{"en": "Passport"}, i18n.Text{"pt": strings.Repeat("a", 1001)}
	if err := try(e); !errors.Is(err, catalog.ErrElsewhere) || len(fault.Of(err).Fields) != 2 {
		t.Errorf("texts: %v", err)
	}
	e = passport()
	e.Agency = "cmp"
	if err := try(e); !errors.Is(err, catalog.ErrForbidden) {
		t.Errorf("another agency: %v", err)
	}
	e = passport()
	e.ID = id.New()
	if err := try(e); !errors.Is(err, catalog.ErrUnknown) {
		t.Errorf("one that there is not: %v", err)
	}
	if err := try(passport()); err != nil {
		t.Error(err)
	}
}
