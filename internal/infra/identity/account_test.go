package identity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

func (b *bundle) accounts(actor pg.Actor, f identity.Filter, r page.Request) (found page.Page[identity.AccountRow], err error) {
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = b.service.Accounts(ctx, tx, f, r)
		return err
	})
	return found, err
}

func TestAccountsAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	joao := b.addStaff(t, "João Évora da Silva", "joao@gov.example")
	b.addStaff(t, "Joana Silveira", "joana@gov.example")
	person := b.signIn(t, sms).Principal.Account
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Rename(ctx, tx, person, "João Cidadão") })
	for query, want := range map[string]int{
		"joao": 1, "JOÃO evo": 1, "jo": 2, "silv": 2, "silva joão": 1, "évora joana": 0, "j": 0, "cidadao": 0, "joao@GOV.example": 1, "9911111": 1,
		"+238 991 11 11": 1, "nobody@gov.example": 0, "%": 0,
	} {
		found, err := b.accounts(pg.System(), identity.Filter{Query: query}, page.Request{})
		if err != nil || len(found.Rows) != want {
			t.Errorf("%q finds %d, want %d (%v)", query, len(found.Rows), want, err)
		}
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Rename(ctx, tx, joao, "José Évora") })
	for query, want := range map[string]int{"joao": 0, "jose": 1} {
		if found, _ := b.accounts(pg.System(), identity.Filter{Query: query, Kind: identity.KindStaff}, page.Request{}); len(found.Rows) != want {
			t.Errorf("after the renaming %q finds %d", query, len(found.Rows))
		}
	}
}

func TestAccountsArePaged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 7 {
		account := b.addStaff(t, fmt.Sprintf("Pessoa %c", 'A'+i), fmt.Sprintf("p%d@gov.example", i))
		b.grant(t, account, "registrar", "dgrni")
	}
	seen := map[uuid.UUID]bool{}
	r := page.Request{Size: 3}
	for range 3 {
		found, err := b.accounts(pg.System(), identity.Filter{Kind: identity.KindStaff, Role: "registrar", Agency: "dgrni", Status: "active"}, r)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range found.Rows {
			if seen[row.ID] || row.Name == "" || len(row.Contacts) != 1 || row.Contacts[0].Verified || len(row.Grants) != 1 {
				t.Errorf("row %+v", row)
			}
			seen[row.ID] = true
		}
		r.After = found.Next
	}
	if len(seen) != 7 || r.After != "" {
		t.Fatalf("%d rows, next %q", len(seen), r.After)
	}
	if _, err := b.accounts(pg.System(), identity.Filter{}, page.Request{After: "x"}); !errors.Is(err, page.ErrCursor) {
		t.Fatalf("a bad cursor: %v", err)
	}
}

func TestWhoMayManage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.grant(t, chief, "administrator", "")
	local := b.addStaff(t, "Local", "local@gov.example")
	b.grant(t, local, "agency-admin", "dgrni")
	clerk := b.addStaff(t, "Escrivã", "clerk@gov.example")
	b.grant(t, clerk, "registrar", "dgrni")
	foreign := b.addStaff(t, "Outro", "outro@gov.example")
	b.grant(t, foreign, "registrar", "cmp")
	fresh := b.addStaff(t, "Novo", "novo@gov.example")
	person := b.signIn(t, sms).Principal
	s := b.service
	give := func(account uuid.UUID, role, agency string) func(context.Context, *pg.Tx) error {
		return func(ctx context.Context, tx *pg.Tx) error { return s.Grant(ctx, tx, account, role, agency, "") }
	}
	suspend := func(account uuid.UUID) func(context.Context, *pg.Tx) error {
		return func(ctx context.Context, tx *pg.Tx) error { return s.Suspend(ctx, tx, account) }
	}
	read := func(account uuid.UUID) func(context.Context, *pg.Tx) error {
		return func(ctx context.Context, tx *pg.Tx) error { _, err := s.Account(ctx, tx, account); return err }
	}
	list := func(agency string) func(context.Context, *pg.Tx) error {
		return func(ctx context.Context, tx *pg.Tx) error {
			found, err := s.Accounts(ctx, tx, identity.Filter{Agency: agency}, page.Request{})
			for _, row := range found.Rows {
				if tx.Actor.ID == local && row.ID == foreign {
					t.Error("an agency's administrator sees another agency's staff")
				}
			}
			return err
		}
	}
	put := func(ctx context.Context, tx *pg.Tx) error {
		return s.PutRole(ctx, tx, identity.Role{Code: "helper", Name: i18n.Text{"pt": "Ajudante"}, Permissions: []string{"workflow:act"}})
	}
	no := identity.ErrForbidden
	for i, c := range []struct {
		who  pg.Actor
		do   func(context.Context, *pg.Tx) error
		want error
	}{
		{staff(chief), give(fresh, "registrar", "cmp"), nil},
		{staff(chief), give(fresh, "administrator", ""), nil},
		{staff(chief), give(person.Account, "registrar", "cmp"), identity.ErrNotStaff},
		{staff(chief), give(id.New(), "registrar", "cmp"), identity.ErrNotFound},
		{staff(chief), give(fresh, "emperor", ""), identity.ErrNoRole},
		{staff(chief), suspend(chief), identity.ErrSelf},
		{staff(chief), put, nil},
		{staff(chief), list(""), nil},
		{staff(local), give(clerk, "registrar", "dgrni"), nil},
		{staff(local), give(clerk, "registrar", "cmp"), no},
		{staff(local), give(clerk, "registrar", ""), no},
		{staff(local), give(clerk, "administrator", "dgrni"), no},
		{staff(local), give(local, "auditor", "dgrni"), no},
		{staff(local), suspend(foreign), no},
		{staff(local), suspend(person.Account), no},
		{staff(local), suspend(chief), no},
		{staff(local), put, no},
		{staff(local), list(""), nil},
		{staff(local), list("cmp"), no},
		{staff(local), read(clerk), nil},
		{staff(local), read(foreign), no},
		{staff(clerk), give(clerk, "administrator", ""), no},
		{staff(clerk), list("dgrni"), no},
		{staff(clerk), read(clerk), nil},
		{staff(clerk), read(person.Account), no},
		{person.Actor(), give(person.Account, "administrator", ""), no},
		{person.Actor(), read(clerk), no},
		{person.Actor(), read(person.Account), nil},
		{pg.Actor{ID: chief, Kind: "person"}, suspend(clerk), no},
		{visitor(), list(""), no},
	} {
		enough := errors.New("enough")
		err := b.as(c.who, func(ctx context.Context, tx *pg.Tx) error {
			if err := c.do(ctx, tx); err != nil {
				return err
			}
			return enough // nothing stays for the next case
		})
		if c.want == nil && !errors.Is(err, enough) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("case %d: got %v, want %v", i, err, c.want)
		}
	}
	b.in(t, suspend(chief))
	if err := b.as(staff(chief), put); !errors.Is(err, no) {
		t.Errorf("a suspended administrator: %v", err)
	}
}

func TestGrantsHaveTheirTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	in := b.signIn(t, identity.StartCode{Channel: "email", Address: "nelson@gov.example", Staff: true})
	var grant uuid.UUID
	var now time.Time
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		now = tx.Now
		from, until := now.Add(24*time.Hour), now.Add(48*time.Hour)
		if _, err := b.service.GrantFor(ctx, tx, identity.NewGrant{Account: account, Role: "registrar", From: &until, Until: &from}); !errors.Is(err, identity.ErrValidity) {
			t.Errorf("ends before it begins: %v", err)
		}
		grant, err = b.service.GrantFor(ctx, tx, identity.NewGrant{Account: account, Role: "registrar", Agency: "dgrni", Boundary: "CV-PR", From: &from, Until: &until})
		return err
	})
	holds := func(later time.Duration) (n int) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			tx.Now = now.Add(later)
			p, err := b.service.Session(ctx, tx, in.Token)
			if len(p.Grants) == 1 && (p.Grants[0].Boundary != "CV-PR" || p.Grants[0].Until == nil) {
				t.Errorf("got %+v", p.Grants[0])
			}
			n = len(p.Grants)
			return err
		})
		return n
	}
	if holds(0) != 0 || holds(24*time.Hour) != 1 || holds(48*time.Hour) != 0 {
		t.Fatal("the grant is not held just in its time")
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Revoke(ctx, tx, grant) })
	if holds(24*time.Hour) != 0 {
		t.Fatal("the grant outlives its revocation")
	}
	if err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.Revoke(ctx, tx, grant) }); !errors.Is(err, identity.ErrNotFound) {
		t.Fatalf("revoking twice: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addStaff(t, "Ana", "ana@gov.example")
	for what, c := range map[string]struct {
		do   func(ctx context.Context, tx *pg.Tx) error
		want error
	}{
		"no name": {func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AddStaff(ctx, tx, identity.AddStaff{Name: " ", Email: "x@gov.example"})
			return err
		}, identity.ErrName},
		"no address": {func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AddStaff(ctx, tx, identity.AddStaff{Name: "X"})
			return err
		}, identity.ErrAddress},
		"taken address": {func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AddStaff(ctx, tx, identity.AddStaff{Name: "X", Email: "ANA@gov.example"})
			return err
		}, identity.ErrContactTaken},
		"bad permission": {func(ctx context.Context, tx *pg.Tx) error {
			return b.service.PutRole(ctx, tx, identity.Role{Code: "x-role", Name: i18n.Text{"pt": "x"}, Permissions: []string{"everything"}})
		}, identity.ErrRole},
		"bad role": {func(ctx context.Context, tx *pg.Tx) error {
			return b.service.PutRole(ctx, tx, identity.Role{Code: "X", Name: i18n.Text{"pt": "x"}})
		}, identity.ErrRole},
	} {
		if err := b.as(pg.System(), c.do); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

func TestEveryChangeIsRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	account := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	b.grant(t, account, "registrar", "dgrni")
	b.signIn(t, identity.StartCode{Channel: "email", Address: "nelson@gov.example", Staff: true})
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, account) })
	var done []string
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		found, err := audit.New(audit.Deps{Keys: audittest.NewKeys()}).Entries(ctx, tx, audit.Filter{Person: account}, page.Request{})
		for _, row := range found.Rows {
			done = append(done, row.Action)
		}
		return err
	})
	want := []string{
		"identity.account.status", "identity.session.begin", "identity.code.send", "identity.grant.give", "identity.contact.add", "identity.account.add",
	}
	if fmt.Sprint(done) != fmt.Sprint(want) {
		t.Fatalf("recorded %v, want %v", done, want)
	}
}
