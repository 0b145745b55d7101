package agency_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type bundle struct {
	t      *testing.T
	db     *pg.DB
	tenant uuid.UUID
	svc    *agency.Service
	people *identity.Service
	vault  *encryption.Service
}

// noCodes stands where one-time codes would be sent.
type noCodes struct{}

func (noCodes) SendCode(context.Context, *pg.Tx, identity.CodeMessage) error { return nil }

func setup(t *testing.T) *bundle {
	db := pgtest.New(t)
	root, _, err := encryption.NewRoot()
	if err != nil {
		t.Fatal(err)
	}
	vault := encryption.New(encryption.Deps{Root: root})
	people := identity.New(identity.Deps{Encryption: vault, Tenancy: tenancy.New(tenancy.Deps{}), Codes: noCodes{}})
	return &bundle{t, db, pgtest.DemoTenant(t, db), agency.New(agency.Deps{Grants: people}), people, vault}
}

func (b *bundle) try(by identity.Principal, work func(ctx context.Context, tx *pg.Tx) error) error {
	actor := pg.System()
	if by.Account != uuid.Nil {
		actor = by.Actor()
	}
	return b.db.InTx(b.t.Context(), pg.Scope{Tenant: b.tenant, Actor: actor}, work)
}

func (b *bundle) in(work func(ctx context.Context, tx *pg.Tx) error) {
	b.t.Helper()
	if err := b.try(identity.Principal{}, work); err != nil {
		b.t.Fatal(err)
	}
}

func admin(agencyCode string, permissions ...string) identity.Principal {
	return identity.Principal{Account: id.New(), Kind: identity.KindStaff, Grants: []identity.Grant{{Role: "agency-admin", Agency: agencyCode, Permissions: permissions}}}
}

var works = agency.Agency{Code: "works", Name: i18n.Text{"pt": "Obras", "ar": "الأشغال"}, Purpose: i18n.Text{"pt": "Licenças"}, Boundary: "CV-PR", Email: "obras@example.org"}

func TestPut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	office := agency.Office{Agency: "works", Code: "plateau", Name: i18n.Text{"pt": "Plateau"}, Address: "Rua 5 de Julho", Hours: i18n.Text{"pt": "8h-16h"}}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.svc.Put(ctx, tx, identity.Principal{}, works); err != nil {
			return err
		}
		if err := b.svc.PutOffice(ctx, tx, identity.Principal{}, office); err != nil {
			return err
		}
		got, err := b.svc.Agency(ctx, tx, "works")
		if err != nil {
			return err
		}
		if diff := cmp.Diff(works, got, cmpopts.IgnoreFields(agency.Agency{}, "UpdatedAt")); diff != "" {
			t.Errorf("agency (-want +got):\n%s", diff)
		}
		offices, err := b.svc.Offices(ctx, tx, "works")
		if diff := cmp.Diff([]agency.Office{office}, offices, cmpopts.IgnoreFields(agency.Office{}, "UpdatedAt")); diff != "" {
			t.Errorf("offices (-want +got):\n%s", diff)
		}
		return err
	})
	changed := works
	changed.Closed, changed.Name = true, i18n.Text{"pt": "Obras Públicas"}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.svc.Put(ctx, tx, identity.Principal{}, changed); err != nil {
			return err
		}
		list, err := b.svc.Agencies(ctx, tx)
		if len(list) != 1 || !list[0].Closed || list[0].Name["ar"] != "" {
			t.Errorf("agencies = %+v, want the changed one alone", list)
		}
		return err
	})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.Put(ctx, tx, identity.Principal{}, works) })
	parks := admin("parks", agency.Manage)
	mine := admin("works", agency.Manage)
	tests := []struct {
		name string
		by   identity.Principal
		work func(ctx context.Context, tx *pg.Tx, by identity.Principal) error
		want error
	}{
		{"another agency's administrator", parks, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			return b.svc.Put(ctx, tx, by, works)
		}, agency.ErrForbidden},
		{"no permission to read", parks, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			_, err := b.svc.StaffOf(ctx, tx, by, "works", page.Request{})
			return err
		}, agency.ErrForbidden},
		{"a code with spaces", identity.Principal{}, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			return b.svc.Put(ctx, tx, by, agency.Agency{Code: "Public works", Name: works.Name})
		}, agency.ErrInvalid},
		{"no name", mine, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			return b.svc.Put(ctx, tx, by, agency.Agency{Code: "works", Name: i18n.Text{"pt": ""}})
		}, agency.ErrInvalid},
		{"an office of nobody", identity.Principal{}, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			return b.svc.PutOffice(ctx, tx, by, agency.Office{Agency: "none", Code: "a", Name: works.Name})
		}, agency.ErrUnknown},
		{"an office that is not there", mine, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			return b.svc.Assign(ctx, tx, by, agency.Staff{Account: id.New(), Agency: "works", Office: "none"})
		}, agency.ErrUnknownOffice},
		{"somebody who does not work there", mine, func(ctx context.Context, tx *pg.Tx, by identity.Principal) error {
			return b.svc.Dismiss(ctx, tx, by, id.New(), "works")
		}, agency.ErrNotStaff},
		{"an agency that is not there", mine, func(ctx context.Context, tx *pg.Tx, _ identity.Principal) error {
			_, err := b.svc.Agency(ctx, tx, "none")
			return err
		}, agency.ErrUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := b.try(tt.by, func(ctx context.Context, tx *pg.Tx) error { return tt.work(ctx, tx, tt.by) })
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestStaff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	boss := admin("works", agency.Manage, agency.Read)
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.Put(ctx, tx, identity.Principal{}, works) })
	var accounts []uuid.UUID
	for range 5 {
		accounts = append(accounts, id.New())
	}
	if err := b.try(boss, func(ctx context.Context, tx *pg.Tx) error {
		for _, a := range accounts {
			if err := b.svc.Assign(ctx, tx, boss, agency.Staff{Account: a, Agency: "works", Title: i18n.Text{"pt": "Fiscal"}}); err != nil {
				return err
			}
		}
		if err := b.svc.Dismiss(ctx, tx, boss, accounts[4], "works"); err != nil {
			return err
		}
		var got []uuid.UUID
		for req := (page.Request{Size: 3}); ; {
			p, err := b.svc.StaffOf(ctx, tx, boss, "works", req)
			if err != nil {
				return err
			}
			for _, w := range p.Rows {
				got = append(got, w.Account)
			}
			if req.After = p.Next; p.Next == "" {
				break
			}
		}
		if diff := cmp.Diff(accounts[:4], got); diff != "" {
			t.Errorf("staff (-want +got):\n%s", diff)
		}
		posts, err := b.svc.Posts(ctx, tx, accounts[0])
		if len(posts) != 1 || posts[0].Title["pt"] != "Fiscal" {
			t.Errorf("posts = %+v", posts)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	closed := works
	closed.Closed = true
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.Put(ctx, tx, identity.Principal{}, closed) })
	err := b.try(boss, func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.Assign(ctx, tx, boss, agency.Staff{Account: id.New(), Agency: "works"})
	})
	if !errors.Is(err, agency.ErrClosed) {
		t.Errorf("assigning to a closed agency: %v, want ErrClosed", err)
	}
}
