package identity_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

// company adds a business as somebody.
func (b *house) company(actor pg.Actor, name string) (business uuid.UUID, err error) {
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		business, err = b.service.AddBusiness(ctx, tx, name)
		return err
	})
	return business, err
}

func (b *house) appoint(actor pg.Actor, business, person uuid.UUID, until *time.Time) (d uuid.UUID, err error) {
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.service.AppointManager(ctx, tx, identity.Appointment{Business: business, Person: person, Proof: identity.ProofDocument, Until: until})
		return err
	})
	return d, err
}

func (b *house) join(actor pg.Actor, business uuid.UUID, address, kind string, until *time.Time, services ...string) (d uuid.UUID, err error) {
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = b.service.InviteMember(ctx, tx, identity.InviteMember{
			Business: business, Channel: "email", Address: address, Kind: kind, Services: services, Until: until,
		})
		return err
	})
	return d, err
}

// mayApply tries to act for a business in a service.
func (b *house) mayApply(account, business uuid.UUID, service string) error {
	return b.as(pg.Actor{ID: account, Kind: identity.KindPerson, OnBehalf: business}, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.MayRepresent(ctx, tx, business, service)
	})
}

func (b *house) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestBusiness(t *testing.T) {
	t.Parallel()
	b := build(t)
	alice, bob := b.signIn(t, mail("alice@posta.example")), b.signIn(t, mail("bob@posta.example"))
	one, two := alice.Principal.Actor(), bob.Principal.Actor()
	acme, err := b.company(one, "Acme, Lda.")
	b.must(t, err)

	// Nobody acts for it before it is confirmed, and nobody confirms it but who may, for somebody else.
	guest := b.guest(t)
	if _, err := b.company(guest.Principal.Actor(), "A guest's"); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("a guest adds one: %v", err)
	}
	if _, err := b.company(pg.Actor{ID: alice.Principal.Account, Kind: "person", OnBehalf: bob.Principal.Account}, "In Bob's name"); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("in another's name: %v", err)
	}
	if _, err := b.join(one, acme, "bob@posta.example", identity.Member, nil); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("inviting before it is confirmed: %v", err)
	}
	if err := b.mayApply(alice.Principal.Account, acme, "stall"); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("applying before it is confirmed: %v", err)
	}
	if _, err := b.appoint(one, acme, alice.Principal.Account, nil); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("confirming one's own: %v", err)
	}
	b.addStaff(t, "Alice", "alice@posta.example")
	officer := b.signIn(t, identity.StartCode{Channel: "email", Address: "alice@posta.example", Staff: true})
	b.grant(t, officer.Principal.Account, "companies", "")
	if _, err := b.appoint(officer.Principal.Actor(), acme, alice.Principal.Account, nil); !errors.Is(err, identity.ErrSelf) {
		t.Errorf("the claimant's own office account confirms: %v", err)
	}
	if err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := b.service.Restore(ctx, tx, acme); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("restoring what was never confirmed: %v", err)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Truncate(time.Second).AddDate(0, 0, 30)
	d, err := b.appoint(pg.System(), acme, alice.Principal.Account, &until)
	b.must(t, err)
	b.must(t, b.mayApply(alice.Principal.Account, acme, "stall"))
	if self := b.standing(t, officer.Principal.Account).Self; !slices.Contains(self, acme) {
		t.Errorf("the officer is not kept from the cases of their own business: %v", self)
	}

	// Its manager acts for it, and names others, for no longer than they may themselves.
	b.must(t, b.delegation(one, b.service.ActFor, d))
	p, err := b.session(alice.Token, 0)
	if err != nil || p.Acting == nil || !p.Acting.Business || p.Acting.Person != acme || p.Acting.Name != "Acme, Lda." || p.Actor().OnBehalf != acme {
		t.Fatalf("acting = %+v, %v", p.Acting, err)
	}
	if _, err := b.join(p.Actor(), acme, "bob@posta.example", identity.Member, nil); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("inviting in the business's name: %v", err)
	}
	later := until.AddDate(0, 0, 1)
	for name, c := range map[string]struct {
		kind     string
		until    *time.Time
		services []string
	}{"for longer": {identity.Member, &later, nil}, "as a helper": {identity.Helper, nil, nil}, "a manager of one service": {identity.Manager, nil, []string{"stall"}}} {
		if _, err := b.join(one, acme, "bob@posta.example", c.kind, c.until, c.services...); !errors.Is(err, identity.ErrDelegation) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.as(one, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.Invite(ctx, tx, identity.Invite{Person: alice.Principal.Account, Channel: "email", Address: "bob@posta.example", Kind: identity.Manager})
		return err
	}); !errors.Is(err, identity.ErrDelegation) {
		t.Errorf("a person has no managers: %v", err)
	}
	m, err := b.join(one, acme, "bob@posta.example", identity.Member, nil, "stall")
	b.must(t, err)
	if err := b.delegation(one, b.service.Accept, m); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("the manager takes up somebody else's invitation: %v", err)
	}
	b.must(t, b.delegation(two, b.service.Accept, m))
	b.must(t, b.mayApply(bob.Principal.Account, acme, "stall"))
	if err := b.mayApply(bob.Principal.Account, acme, "trade-licence"); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("another service: %v", err)
	}
	for name, do := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"inviting": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.InviteMember(ctx, tx, identity.InviteMember{Business: acme, Channel: "email", Address: "eve@posta.example", Kind: identity.Member})
			return err
		},
		"listing": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Representatives(ctx, tx, acme)
			return err
		},
	} {
		if err := b.as(two, do); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%s as a mere member: %v", name, err)
		}
	}
	if err := b.delegation(two, b.service.EndDelegation, d); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("a member dismisses the manager: %v", err)
	}

	// The last manager stays; a dismissed member is out in the middle of what they do.
	if err := b.delegation(one, b.service.EndDelegation, d); !errors.Is(err, identity.ErrLastManager) {
		t.Errorf("the last manager leaves: %v", err)
	}
	b.must(t, b.delegation(two, b.service.ActFor, m))
	b.must(t, b.delegation(one, b.service.EndDelegation, m))
	if p, err := b.session(bob.Token, 0); err != nil || p.Acting != nil {
		t.Errorf("a dismissed member still acts: %+v, %v", p.Acting, err)
	}
	if err := b.mayApply(bob.Principal.Account, acme, "stall"); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("a dismissed member applies: %v", err)
	}

	// Two managers: one may go, and who is a member by an older invitation is a manager by the newer.
	m, err = b.join(one, acme, "bob@posta.example", identity.Member, nil)
	b.must(t, err)
	b.must(t, b.delegation(two, b.service.Accept, m))
	m, err = b.join(one, acme, "bob@posta.example", identity.Manager, nil)
	b.must(t, err)
	b.must(t, b.delegation(two, b.service.Accept, m))
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		members, err := b.service.Members(ctx, tx, acme)
		if len(members) != 2 || members[1].Account != bob.Principal.Account || members[1].Kind != identity.Manager || members[1].Until == nil || !members[1].Until.Equal(until) {
			t.Errorf("members %+v", members)
		}
		return err
	})
	b.must(t, b.delegation(two, b.service.EndDelegation, d))
	if p, err := b.session(alice.Token, 0); err != nil || p.Acting != nil {
		t.Errorf("a dismissed manager still acts: %+v, %v", p.Acting, err)
	}

	// Authority runs out on its day; so does what an office has suspended, at once.
	b.must(t, b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, acme) }))
	if err := b.mayApply(bob.Principal.Account, acme, "stall"); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("for a suspended business: %v", err)
	}
	b.must(t, b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.Restore(ctx, tx, acme) }))
	b.must(t, b.mayApply(bob.Principal.Account, acme, "stall"))
	b.travel(t, 31*24*time.Hour)
	if err := b.mayApply(bob.Principal.Account, acme, "stall"); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("after the end: %v", err)
	}
	if _, err := b.join(two, acme, "eve@posta.example", identity.Member, nil); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("inviting after the end: %v", err)
	}
}

// TestBusinessesApart: members of one business, and people of another tenant, have nothing to do with another.
func TestBusinessesApart(t *testing.T) {
	t.Parallel()
	b, other := build(t), build(t)
	alice, eve, far := b.signIn(t, mail("alice@posta.example")), b.signIn(t, mail("eve@posta.example")), other.signIn(t, mail("alice@posta.example"))
	acme, err := b.company(alice.Principal.Actor(), "Acme")
	b.must(t, err)
	rival, err := b.company(eve.Principal.Actor(), "Rival")
	b.must(t, err)
	d, err := b.appoint(pg.System(), acme, alice.Principal.Account, nil)
	b.must(t, err)
	_, err = b.appoint(pg.System(), rival, eve.Principal.Account, nil)
	b.must(t, err)
	if err := b.mayApply(eve.Principal.Account, acme, "stall"); !errors.Is(err, identity.ErrRepresentative) {
		t.Errorf("a member of another business: %v", err)
	}
	if _, err := b.join(eve.Principal.Actor(), acme, "x@posta.example", identity.Member, nil); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("inviting into another business: %v", err)
	}
	for _, do := range []func(context.Context, *pg.Tx, uuid.UUID) error{b.service.ActFor, b.service.EndDelegation, b.service.Accept} {
		if err := b.delegation(eve.Principal.Actor(), do, d); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("with another's membership: %v", err)
		}
		if err := other.delegation(far.Principal.Actor(), do, d); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("from another tenant: %v", err)
		}
	}
	if _, err := other.appoint(pg.System(), acme, far.Principal.Account, nil); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("confirming another tenant's: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		if is, err := b.service.IsBusiness(ctx, tx, alice.Principal.Account); err != nil || is {
			t.Errorf("a person is a business: %v, %v", is, err)
		}
		return nil
	})
}
