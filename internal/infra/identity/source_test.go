package identity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// held lists the account's grants as text, sorted: "role agency boundary source".
func (b *bundle) held(t *testing.T, account uuid.UUID) (list []string) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		a, err := b.service.Account(ctx, tx, account)
		for _, g := range a.Grants {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", g.Role, g.Agency, g.Boundary, g.Source)))
		}
		return err
	})
	slices.Sort(list)
	return list
}

func (b *bundle) set(actor pg.Actor, account uuid.UUID, source string, grants ...identity.NewGrant) error {
	return b.as(actor, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.SetGrants(ctx, tx, account, source, grants)
	})
}

func TestASourceReplacesItsOwnGrantsAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nelson := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	b.grant(t, nelson, "registrar", "civil")
	clerk, auditor := identity.NewGrant{Role: "registrar", Agency: "civil"}, identity.NewGrant{Role: "auditor"}
	for step, s := range []struct {
		source string
		grants []identity.NewGrant
		want   []string
	}{
		{"provider:eid", []identity.NewGrant{clerk, auditor, auditor}, []string{"auditor   provider:eid", "registrar civil", "registrar civil  provider:eid"}},
		{"directory:ad", []identity.NewGrant{auditor}, []string{"auditor   directory:ad", "auditor   provider:eid", "registrar civil", "registrar civil  provider:eid"}},
		{"provider:eid", []identity.NewGrant{{Role: "registrar", Agency: "civil", Boundary: "praia"}}, []string{"auditor   directory:ad", "registrar civil", "registrar civil praia provider:eid"}},
		{"provider:eid", nil, []string{"auditor   directory:ad", "registrar civil"}},
		{"directory:ad", nil, []string{"registrar civil"}},
	} {
		if err := b.set(pg.System(), nelson, s.source, s.grants...); err != nil {
			t.Fatalf("step %d: %v", step, err)
		}
		if got := b.held(t, nelson); !slices.Equal(got, s.want) {
			t.Errorf("step %d: got %q, want %q", step, got, s.want)
		}
	}
}

func TestAnUnchangedGrantIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nelson := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(1, 0, 0)
	ids := func() (ids []uuid.UUID) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			a, err := b.service.Account(ctx, tx, nelson)
			for _, g := range a.Grants {
				ids = append(ids, g.ID)
			}
			return err
		})
		return ids
	}
	give := func(g identity.NewGrant) []uuid.UUID {
		if err := b.set(pg.System(), nelson, "position:1", g); err != nil {
			t.Fatal(err)
		}
		return ids()
	}
	first := give(identity.NewGrant{Role: "auditor", From: &from, Until: &until})
	if again := give(identity.NewGrant{Role: "auditor", From: &from, Until: &until}); !slices.Equal(first, again) {
		t.Errorf("the same grant was given anew: %v, %v", first, again)
	}
	later := until.AddDate(1, 0, 0)
	if changed := give(identity.NewGrant{Role: "auditor", From: &from, Until: &later}); slices.Equal(first, changed) || len(changed) != 1 {
		t.Errorf("another time: %v, %v", first, changed)
	}
}

func TestWhoMaySetGrants(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nelson, head := b.addStaff(t, "Nelson Brito", "nelson@gov.example"), b.addStaff(t, "Rui Barros", "rui@gov.example")
	b.grant(t, head, "agency-admin", "civil")
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.PutRole(ctx, tx, identity.Role{Code: "operator", Name: i18n.Text{"pt": "x"}, Permissions: []string{"tenancy:create"}})
	})
	person := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"}).Principal.Account
	early, late := time.Now(), time.Now().Add(time.Hour)
	mine := identity.NewGrant{Role: "registrar", Agency: "civil"}
	for what, c := range map[string]struct {
		actor   pg.Actor
		account uuid.UUID
		source  string
		grant   identity.NewGrant
		want    error
	}{
		"the head, in the agency":            {staff(head), nelson, "position:1", mine, nil},
		"the head, elsewhere":                {staff(head), nelson, "position:2", identity.NewGrant{Role: "registrar", Agency: "police"}, identity.ErrForbidden},
		"the head, a role of the state":      {staff(head), nelson, "position:2", identity.NewGrant{Role: "auditor", Agency: "civil"}, identity.ErrForbidden},
		"somebody without the permission":    {staff(nelson), nelson, "position:2", mine, identity.ErrForbidden},
		"a stranger":                         {visitor(), nelson, "position:2", mine, identity.ErrForbidden},
		"a role over other tenants":          {pg.System(), nelson, "position:2", identity.NewGrant{Role: "operator"}, identity.ErrForbidden},
		"a role that is not there":           {pg.System(), nelson, "position:2", identity.NewGrant{Role: "nobody"}, identity.ErrNoRole},
		"a grant that ends before it begins": {pg.System(), nelson, "position:2", identity.NewGrant{Role: "registrar", From: &late, Until: &early}, identity.ErrValidity},
		"a citizen":                          {pg.System(), person, "position:2", mine, identity.ErrNotStaff},
		"nobody":                             {pg.System(), uuid.New(), "position:2", mine, identity.ErrNotFound},
		"no source":                          {pg.System(), nelson, "", mine, identity.ErrSource},
		"a source by another name":           {pg.System(), nelson, "Provider EID", mine, identity.ErrSource},
	} {
		if err := b.set(c.actor, c.account, c.source, c.grant); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	if err := b.set(pg.System(), nelson, "position:3", identity.NewGrant{Role: "auditor"}); err != nil {
		t.Fatal(err)
	}
	if err := b.set(staff(head), nelson, "position:3"); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("the head takes back what holds in the whole state: %v", err)
	}
}

func TestASourcedGrantIsNotRevokedByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	nelson := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	if err := b.set(pg.System(), nelson, "provider:eid", identity.NewGrant{Role: "registrar", Agency: "civil"}); err != nil {
		t.Fatal(err)
	}
	err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		a, err := b.service.Account(ctx, tx, nelson)
		if err != nil {
			return err
		}
		return b.service.Revoke(ctx, tx, a.Grants[0].ID)
	})
	if !errors.Is(err, identity.ErrSourced) {
		t.Fatalf("got %v", err)
	}
}
