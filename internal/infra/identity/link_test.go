package identity_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

// link links the actor's account with whom the provider knows by these claims; another may try to finish it.
func (b *bundle) link(t *testing.T, p *issuer, actor, finisher pg.Actor, claims map[string]any) error {
	t.Helper()
	p.mu.Lock()
	p.claims = claims
	p.mu.Unlock()
	var address, state string
	err := b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		address, state, err = b.service.BeginLink(ctx, tx, "idp", callback)
		return err
	})
	if err != nil {
		return err
	}
	var pending identity.Pending
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		pending, err = b.service.Pending(ctx, tx, state)
		return err
	})
	if !pending.Link {
		t.Error("what was begun to link is not known as such")
	}
	said, err := b.service.Redeem(context.Background(), pending, p.says(), p.authorize(t, address))
	if err != nil {
		return err
	}
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.FinishFederated(ctx, tx, state, said)
		return err
	})
	if !errors.Is(err, identity.ErrFederation) {
		t.Errorf("what was begun to link signs in: %v", err)
	}
	return b.as(finisher, func(ctx context.Context, tx *pg.Tx) error { return b.service.FinishLink(ctx, tx, state, said) })
}

func person(in identity.SignedIn) pg.Actor { return in.Principal.Actor() }

func (b *bundle) links(t *testing.T, account uuid.UUID) (links []identity.Link) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		links, err = b.service.Links(ctx, tx, account)
		return err
	})
	return links
}

func TestWhoProvesBothSidesLinksThem(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	maria := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"})
	said := map[string]any{"sub": "maria", "email": "maria@example.org", "email_verified": true}
	if _, err := b.visit(t, p, false, said, nil); !errors.Is(err, identity.ErrLinkFirst) {
		t.Fatalf("before: %v", err)
	}
	for range 2 { // twice is once
		if err := b.link(t, p, person(maria), person(maria), said); err != nil {
			t.Fatal(err)
		}
	}
	if links := b.links(t, maria.Principal.Account); len(links) != 1 || links[0].Source != "provider:idp" || !links[0].Used.IsZero() {
		t.Errorf("links: %+v", links)
	}
	in, err := b.visit(t, p, false, said, nil)
	if err != nil || in.Principal.Account != maria.Principal.Account {
		t.Fatalf("after: %+v, %v", in, err)
	}
	if links := b.links(t, maria.Principal.Account); links[0].Used.IsZero() {
		t.Errorf("links: %+v", links)
	}
	other := b.signIn(t, identity.StartCode{Channel: "email", Address: "joao@example.org"})
	if err := b.link(t, p, person(other), person(other), said); !errors.Is(err, identity.ErrLinkTaken) {
		t.Errorf("whom somebody else is: %v", err)
	}
	if err := b.link(t, p, person(maria), person(maria), map[string]any{"sub": "maria2"}); !errors.Is(err, identity.ErrLinkTwice) {
		t.Errorf("a second one: %v", err)
	}
}

func TestNobodyLinksForAnother(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	maria := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"})
	mallory := b.signIn(t, identity.StartCode{Channel: "email", Address: "mallory@example.org"})
	for who, finisher := range map[string]pg.Actor{"another": person(mallory), "nobody": visitor(), "staff of the same id": staff(maria.Principal.Account)} {
		if err := b.link(t, p, person(maria), finisher, map[string]any{"sub": who}); !errors.Is(err, identity.ErrFederation) {
			t.Errorf("%s: %v", who, err)
		}
	}
	for who, actor := range map[string]pg.Actor{"a stranger": visitor(), "the system": pg.System()} {
		err := b.as(actor, func(ctx context.Context, tx *pg.Tx) error {
			_, _, err := b.service.BeginLink(ctx, tx, "idp", callback)
			return err
		})
		if !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%s begins: %v", who, err)
		}
	}
	// claims of a link finish no other sign-in, and the other way round
	if _, err := b.visit(t, p, false, map[string]any{"sub": "x"}, nil); err != nil {
		t.Fatal(err)
	}
}

func TestALinkIsUndone(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	unlink := func(actor pg.Actor, account uuid.UUID) error {
		return b.as(actor, func(ctx context.Context, tx *pg.Tx) error { return b.service.Unlink(ctx, tx, account, "idp") })
	}
	maria := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"})
	if err := b.link(t, p, person(maria), person(maria), map[string]any{"sub": "maria"}); err != nil {
		t.Fatal(err)
	}
	there, err := b.visit(t, p, false, map[string]any{"sub": "maria"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := b.signIn(t, identity.StartCode{Channel: "email", Address: "joao@example.org"})
	if err := unlink(person(other), maria.Principal.Account); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("by somebody else: %v", err)
	}
	if err := unlink(person(maria), maria.Principal.Account); err != nil {
		t.Fatal(err)
	}
	if err := unlink(person(maria), maria.Principal.Account); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("again: %v", err)
	}
	if _, err := b.session(there.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("a session that stood on it: %v", err)
	}
	if _, err := b.session(maria.Token, 0); err != nil {
		t.Errorf("the other session: %v", err)
	}
	fresh, err := b.visit(t, p, false, map[string]any{"sub": "maria"}, nil)
	if err != nil || !fresh.New {
		t.Fatalf("whom the provider knows is somebody new: %+v, %v", fresh, err)
	}
	if err := unlink(person(fresh), fresh.Principal.Account); !errors.Is(err, identity.ErrLastWay) {
		t.Errorf("the only way in: %v", err)
	}
}

func TestALinkOfStaffBringsAndTakesRoles(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	b.rule(t, "provider:idp", `"auditors" in claims.groups`, "auditor", "")
	nelson := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	if err := b.link(t, p, staff(nelson), staff(nelson), map[string]any{"sub": "n", "groups": []string{"auditors"}}); err != nil {
		t.Fatal(err)
	}
	if got := b.held(t, nelson); len(got) != 1 || got[0] != "auditor   provider:idp" {
		t.Errorf("linked: %q", got)
	}
	if err := b.as(staff(nelson), func(ctx context.Context, tx *pg.Tx) error { return b.service.Unlink(ctx, tx, nelson, "idp") }); err != nil {
		t.Fatal(err)
	}
	if got := b.held(t, nelson); len(got) != 0 {
		t.Errorf("unlinked: %q", got)
	}
}
