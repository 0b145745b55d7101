package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

func mail(address string) identity.StartCode {
	return identity.StartCode{Channel: "email", Address: address}
}

// invite asks the owner of an address to act for a person.
func (b *house) invite(t *testing.T, person identity.Principal, address string, services ...string) uuid.UUID {
	t.Helper()
	var d uuid.UUID
	err := b.as(person.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.service.Invite(ctx, tx, identity.Invite{Person: person.Account, Channel: "email", Address: address, Kind: identity.Helper, Services: services})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (b *house) delegation(actor pg.Actor, do func(context.Context, *pg.Tx, uuid.UUID) error, d uuid.UUID) error {
	return b.as(actor, func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, d) })
}

func TestDelegation(t *testing.T) {
	t.Parallel()
	b := build(t)
	alice, bob := b.signIn(t, mail("alice@posta.example")), b.signIn(t, mail("bob@posta.example"))
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.Rename(ctx, tx, alice.Principal.Account, "Alice Évora")
	})
	d := b.invite(t, alice.Principal, "Bob@posta.example")
	if got := b.alerts.kinds(); !slices.Equal(got, []string{"delegation to Bob@posta.example"}) {
		t.Errorf("sent %v", got)
	}
	carol := b.signIn(t, mail("carol@posta.example"))
	for name, c := range map[string]struct {
		who  pg.Actor
		do   func(context.Context, *pg.Tx, uuid.UUID) error
		want error
	}{
		"acting before it is accepted":  {bob.Principal.Actor(), b.service.ActFor, identity.ErrNotFound},
		"another person accepts":        {carol.Principal.Actor(), b.service.Accept, identity.ErrNotFound},
		"the inviter accepts":           {alice.Principal.Actor(), b.service.Accept, identity.ErrNotFound},
		"another person declines":       {carol.Principal.Actor(), b.service.EndDelegation, identity.ErrNotFound},
		"another person acts":           {carol.Principal.Actor(), b.service.ActFor, identity.ErrNotFound},
		"acting under what there isn't": {bob.Principal.Actor(), func(ctx context.Context, tx *pg.Tx, _ uuid.UUID) error { return b.service.ActFor(ctx, tx, uuid.New()) }, identity.ErrNotFound},
	} {
		if err := b.delegation(c.who, c.do, d); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	var waiting []identity.Delegation
	if err := b.as(bob.Principal.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		waiting, err = b.service.Represented(ctx, tx, bob.Principal.Account)
		return err
	}); err != nil || len(waiting) != 1 || waiting[0].Name != "Alice Évora" || waiting[0].Status != identity.Invited || waiting[0].Address != "" {
		t.Errorf("invitations: %+v, %v", waiting, err)
	}
	for range 2 { // the second time changes nothing
		if err := b.delegation(bob.Principal.Actor(), b.service.Accept, d); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.delegation(bob.Principal.Actor(), b.service.ActFor, d); err != nil {
		t.Fatal(err)
	}
	p, err := b.session(bob.Token, 0)
	if err != nil || p.Acting == nil || p.Acting.Person != alice.Principal.Account || p.Acting.Name != "Alice Évora" || p.Account != bob.Principal.Account {
		t.Fatalf("acting = %+v, %v", p.Acting, err)
	}
	if actor := p.Actor(); actor.ID != bob.Principal.Account || actor.OnBehalf != alice.Principal.Account {
		t.Errorf("actor = %+v", actor)
	}
	// In Alice's name Bob changes neither her account nor who acts for her.
	for name, do := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"rename": func(ctx context.Context, tx *pg.Tx) error {
			return b.service.Rename(ctx, tx, alice.Principal.Account, "Eve")
		},
		"invite": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Invite(ctx, tx, identity.Invite{Person: alice.Principal.Account, Channel: "email", Address: "eve@posta.example", Kind: "helper"})
			return err
		},
		"invite own": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Invite(ctx, tx, identity.Invite{Person: bob.Principal.Account, Channel: "email", Address: "eve@posta.example", Kind: "helper"})
			return err
		},
		"sessions": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Sessions(ctx, tx, alice.Principal.Account)
			return err
		},
		"list": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Representatives(ctx, tx, alice.Principal.Account)
			return err
		},
	} {
		if err := b.as(p.Actor(), do); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", name, err)
		}
	}
	if err := b.delegation(p.Actor(), b.service.ActFor, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	if p, _ = b.session(bob.Token, 0); p.Acting != nil {
		t.Error("still acting")
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		found, err := audit.New(audit.Deps{Keys: audittest.NewKeys()}).Entries(ctx, tx, audit.Filter{Person: alice.Principal.Account, Object: "identity.session"}, page.Request{})
		var both int
		for _, row := range found.Rows {
			if row.Actor == bob.Principal.Account && row.OnBehalf == alice.Principal.Account && row.Action == "identity.delegation.leave" {
				both++
			}
		}
		if both != 1 {
			t.Errorf("recorded %+v", found.Rows)
		}
		return err
	})
	if strings.Contains(dump(t), "bob@posta") {
		t.Error("an address stands in the clear")
	}
}

func TestDelegationEnds(t *testing.T) {
	t.Parallel()
	b := build(t)
	alice, bob := b.signIn(t, mail("alice@posta.example")), b.signIn(t, mail("bob@posta.example"))
	acts := func() bool {
		p, err := b.session(bob.Token, 0)
		if err != nil {
			t.Fatal(err)
		}
		return p.Acting != nil
	}
	begin := func(d uuid.UUID) {
		t.Helper()
		for _, do := range []func(context.Context, *pg.Tx, uuid.UUID) error{b.service.Accept, b.service.ActFor} {
			if err := b.delegation(bob.Principal.Actor(), do, d); err != nil {
				t.Fatal(err)
			}
		}
		if !acts() {
			t.Fatal("does not act")
		}
	}
	for name, side := range map[string]identity.Principal{"the person": alice.Principal, "the representative": bob.Principal} {
		d := b.invite(t, alice.Principal, "bob@posta.example")
		begin(d)
		for range 2 {
			if err := b.delegation(side.Actor(), b.service.EndDelegation, d); err != nil {
				t.Fatal(err)
			}
		}
		if acts() {
			t.Errorf("ended by %s, and goes on", name)
		}
		if err := b.delegation(bob.Principal.Actor(), b.service.ActFor, d); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("acting under what %s has ended: %v", name, err)
		}
	}
	var d uuid.UUID // one with an end
	if err := b.as(alice.Principal.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		until := tx.Now.Add(24 * time.Hour)
		d, err = b.service.Invite(ctx, tx, identity.Invite{Person: alice.Principal.Account, Channel: "email", Address: "bob@posta.example", Kind: identity.Agent, Until: &until})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	begin(d)
	b.travel(t, 25*time.Hour)
	if acts() {
		t.Error("it outlives its end")
	}
	if err := b.delegation(bob.Principal.Actor(), b.service.ActFor, d); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("acting after its end: %v", err)
	}
	d = b.invite(t, alice.Principal, "bob@posta.example")
	begin(d)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, alice.Principal.Account) })
	if acts() {
		t.Error("acts for who is suspended")
	}
	declined := b.invite(t, bob.Principal, "dora@posta.example")
	dora := b.signIn(t, mail("dora@posta.example"))
	if err := b.delegation(dora.Principal.Actor(), b.service.EndDelegation, declined); err != nil {
		t.Errorf("declining: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.service.Representatives(ctx, tx, bob.Principal.Account)
		if len(list) != 1 || list[0].Status != identity.Ended || list[0].Address != "dora@posta.example" || list[0].Open(tx.Now) || list[0].EndedBy != dora.Principal.Account {
			t.Errorf("given: %+v", list)
		}
		return err
	})
}

func TestInvitationsAreRefused(t *testing.T) {
	t.Parallel()
	b := build(t)
	alice := b.signIn(t, mail("alice@posta.example")).Principal
	good := identity.Invite{Person: alice.Account, Channel: "email", Address: "bob@posta.example", Kind: identity.Guardian}
	past := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		change func(*identity.Invite)
		want   error
	}{
		"oneself":           {func(i *identity.Invite) { i.Address = "ALICE@posta.example" }, identity.ErrSelf},
		"no address":        {func(i *identity.Invite) { i.Address = "bob" }, identity.ErrAddress},
		"no kind":           {func(i *identity.Invite) { i.Kind = "friend" }, identity.ErrDelegation},
		"over already":      {func(i *identity.Invite) { i.Until = &past }, identity.ErrDelegation},
		"for somebody else": {func(i *identity.Invite) { i.Person = uuid.New() }, identity.ErrForbidden},
		"for nobody":        {func(i *identity.Invite) { i.Person = uuid.Nil }, identity.ErrForbidden},
	} {
		in := good
		c.change(&in)
		err := b.as(alice.Actor(), func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.Invite(ctx, tx, in); return err })
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for n := range 11 {
		err := b.as(alice.Actor(), func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.Invite(ctx, tx, good); return err })
		if n < 10 && err != nil || n == 10 && !errors.Is(err, identity.ErrDelegation) {
			t.Errorf("invitation %d: %v", n+1, err)
		}
	}
}

// TestNobodyRepresentsThemselves: a clerk is no representative of the citizen they are, though they have two accounts.
func TestNobodyRepresentsThemselves(t *testing.T) {
	t.Parallel()
	b := build(t)
	home := b.signIn(t, mail("alice@posta.example")).Principal
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.AddStaff(ctx, tx, identity.AddStaff{Name: "Alice", Email: "alice@posta.example", Phone: "9921122", Lang: "pt"})
		return err
	})
	b.signIn(t, identity.StartCode{Channel: "email", Address: "alice@posta.example", Staff: true})
	work := b.signIn(t, identity.StartCode{Channel: "sms", Address: "9921122", Staff: true}).Principal
	var d uuid.UUID
	err := b.as(home.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.service.Invite(ctx, tx, identity.Invite{Person: home.Account, Channel: "sms", Address: "9921122", Kind: identity.Helper})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.delegation(work.Actor(), b.service.Accept, d); !errors.Is(err, identity.ErrSelf) {
		t.Errorf("got %v, want ErrSelf", err)
	}
}

func TestMayRepresent(t *testing.T) {
	t.Parallel()
	b := build(t)
	alice, bob := b.signIn(t, mail("alice@posta.example")), b.signIn(t, mail("bob@posta.example"))
	d := b.invite(t, alice.Principal, "bob@posta.example", "birth-certificate")
	if err := b.delegation(bob.Principal.Actor(), b.service.Accept, d); err != nil {
		t.Fatal(err)
	}
	may := func(actor pg.Actor, person uuid.UUID, service string) error {
		return b.as(actor, func(ctx context.Context, tx *pg.Tx) error { return b.service.MayRepresent(ctx, tx, person, service) })
	}
	acting := bob.Principal.Actor()
	acting.OnBehalf = alice.Principal.Account
	for name, c := range map[string]struct {
		actor   pg.Actor
		person  uuid.UUID
		service string
		want    error
	}{
		"the service":          {acting, alice.Principal.Account, "birth-certificate", nil},
		"another service":      {acting, alice.Principal.Account, "trade-licence", identity.ErrRepresentative},
		"in another's name":    {acting, bob.Principal.Account, "birth-certificate", identity.ErrRepresentative},
		"for oneself":          {bob.Principal.Actor(), bob.Principal.Account, "trade-licence", nil},
		"a job they caused":    {pg.Actor{Kind: "system", OnBehalf: bob.Principal.Account}, alice.Principal.Account, "trade-licence", nil},
		"without a delegation": {pg.Actor{ID: uuid.New(), Kind: "person", OnBehalf: alice.Principal.Account}, alice.Principal.Account, "birth-certificate", identity.ErrRepresentative},
	} {
		if err := may(c.actor, c.person, c.service); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	all := b.invite(t, alice.Principal, "bob@posta.example")
	if err := b.delegation(bob.Principal.Actor(), b.service.Accept, all); err != nil {
		t.Fatal(err)
	}
	if err := may(acting, alice.Principal.Account, "trade-licence"); err != nil {
		t.Errorf("a second delegation for all services: %v", err)
	}
}
