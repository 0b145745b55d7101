package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

func (b *bundle) guest(t *testing.T) (in identity.SignedIn) {
	t.Helper()
	if err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = b.service.StartGuest(ctx, tx, "en")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return in
}

// reach has a guest prove an address.
func (b *bundle) reach(t *testing.T, in identity.SignedIn, typed string) {
	t.Helper()
	b.relax(t)
	var code uuid.UUID
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = b.service.StartGuestContact(ctx, tx, "Gina CANARIO", typed)
		return err
	})
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.FinishGuestContact(ctx, tx, code, b.box.last(t).Code)
	})
}

func (b *bundle) sent(t *testing.T, in identity.SignedIn) error {
	return b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error { return b.service.GuestSent(ctx, tx, in.Principal.Account) })
}

// comeBack asks for a code to come back with, and says whether one was sent.
func (b *bundle) comeBack(t *testing.T, guest uuid.UUID, typed string) (code uuid.UUID, sent bool) {
	t.Helper()
	b.relax(t)
	count := func() (n int) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM platform.timer WHERE kind = 'test.send' AND key = $1`, "send:"+b.box.last(t).Address).Scan(&n)
		})
		return n
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM platform.timer WHERE kind = 'test.send'`)
		return err
	})
	if err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = b.service.StartReturn(ctx, tx, guest, typed, "en")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return code, count() == 1
}

// TestGuests: somebody applies without an account, proves where they are reached, and comes back by it, and by nothing else.
func TestGuests(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.guest(t)
	p, err := b.session(in.Token, 0)
	if err != nil || !p.Guest || p.Kind != identity.KindPerson || p.Account != in.Principal.Account {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := b.sent(t, in); !errors.Is(err, identity.ErrGuestAddress) {
		t.Errorf("sent without an address: %v", err)
	}
	for typed, want := range map[string]error{"nonsense": identity.ErrAddress} {
		if err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.StartGuestContact(ctx, tx, "Gina", typed)
			return err
		}); !errors.Is(err, want) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	b.reach(t, in, "gina.canario@example.org")
	b.reach(t, in, "991 77 77") // thought better of it
	var contacts []identity.Contact
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		contacts, err = b.service.Contacts(ctx, tx, in.Principal.Account)
		return err
	})
	if len(contacts) != 1 || contacts[0].Channel != identity.ChannelSMS || !contacts[0].Verified {
		t.Fatalf("reached at %+v", contacts)
	}
	if err := b.sent(t, in); err != nil {
		t.Fatal(err)
	}
	// What is there answers like what is not; only who is meant gets a code.
	for name, ask := range map[string]struct {
		guest uuid.UUID
		typed string
	}{"no application": {uuid.Nil, "991 77 77"}, "another's": {in.Principal.Account, "992 00 00"}, "not a guest": {b.signIn(t, sms).Principal.Account, "991 11 11"}} {
		code, sent := b.comeBack(t, ask.guest, ask.typed)
		if sent {
			t.Errorf("%s: a code was sent", name)
		}
		if err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.FinishReturn(ctx, tx, code, b.box.last(t).Code)
			return err
		}); !errors.Is(err, identity.ErrCodeWrong) {
			t.Errorf("%s: a guessed code: %v", name, err)
		}
	}
	code, sent := b.comeBack(t, in.Principal.Account, "+238 991 77 77")
	if !sent || !b.box.last(t).Guest {
		t.Fatal("the guest gets no code")
	}
	if _, err := b.finish(code, b.box.last(t).Code, 0); !errors.Is(err, identity.ErrCodeExpired) {
		t.Errorf("it signs somebody in: %v", err)
	}
	var back identity.SignedIn
	if err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		back, err = b.service.FinishReturn(ctx, tx, code, b.box.last(t).Code)
		return err
	}); err != nil || back.Principal.Account != in.Principal.Account || !back.Principal.Guest {
		t.Fatalf("%+v, %v", back.Principal, err)
	}
	if all := dump(t); strings.Contains(all, "CANARIO") || strings.Contains(all, "gina.canario") || strings.Contains(all, "9917777") {
		t.Error("a guest is kept in clear")
	}
	thief := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	if err := b.act(thief, 0, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.StartGuestContact(ctx, tx, "Thief", "992 22 22")
		return err
	}); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("who is no guest: %v", err)
	}
	if err := b.act(thief, 0, func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.StartGuest(ctx, tx, "en"); return err }); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("signed in, and a guest besides: %v", err)
	}
}

// TestGuestsAreClaimed: what somebody applied for as a guest is their account's, whichever of the two proves the address later.
func TestGuestsAreClaimed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second, stranger := b.guest(t), b.guest(t), b.guest(t)
	b.reach(t, first, "gina@example.org")
	b.reach(t, stranger, "other@example.org")
	account := b.signIn(t, identity.StartCode{Channel: "email", Address: "Gina@example.org"})
	if got := account.Principal.Guests; !slices.Equal(got, []uuid.UUID{first.Principal.Account}) {
		t.Fatalf("a new account claims %v", got)
	}
	b.reach(t, second, "gina@example.org") // the account is there already
	p, err := b.session(account.Token, 0)
	if err != nil || len(p.Guests) != 2 || !p.Actor().Owns(second.Principal.Account) || p.Actor().Owns(stranger.Principal.Account) {
		t.Errorf("%v, %v", p.Guests, err)
	}
	if still, err := b.session(second.Token, 0); err != nil || !still.Guest || len(still.Guests) != 0 {
		t.Errorf("the guest's own session: %+v, %v", still, err)
	}
	b.relax(t)
	code, err := b.startContact(account, "other@example.org")
	if err != nil {
		t.Fatal(err)
	}
	b.must(t, account, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.FinishContact(ctx, tx, code, b.box.last(t).Code)
	})
	var claimed []uuid.UUID
	b.must(t, account, func(ctx context.Context, tx *pg.Tx) (err error) {
		claimed, err = b.service.ClaimedGuests(ctx, tx, account.Principal.Account)
		return err
	})
	if len(claimed) != 3 {
		t.Errorf("a further address claims %v", claimed)
	}
	// Who signs in where a draft was begun keeps it, unless the guest is reached elsewhere.
	draft, reached := b.guest(t), b.guest(t)
	b.reach(t, reached, "elsewhere@example.org")
	for in, want := range map[*identity.SignedIn]bool{&draft: true, &reached: false} {
		b.relax(t)
		code, err := b.start(visitor(), identity.StartCode{Channel: "email", Address: "late@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		var late identity.SignedIn
		b.must(t, *in, func(ctx context.Context, tx *pg.Tx) (err error) {
			late, err = b.service.FinishCode(ctx, tx, code, b.box.last(t).Code)
			return err
		})
		if got := late.Principal.Actor().Owns(in.Principal.Account); got != want {
			t.Errorf("signing in where somebody began: owns %v, want %v", got, want)
		}
	}
}

// TestLostGuests: who sent nothing and has no session left goes with their key; who sent something stays.
func TestLostGuests(t *testing.T) {
	t.Parallel()
	b := setup(t)
	lost, kept := b.guest(t), b.guest(t)
	b.reach(t, kept, "kept@example.org")
	if err := b.sent(t, kept); err != nil {
		t.Fatal(err)
	}
	list := func(later time.Duration) (list []uuid.UUID) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
			tx.Wall = tx.Wall.Add(later)
			list, err = b.service.LostGuests(ctx, tx, 10)
			return err
		})
		return list
	}
	if got := list(2 * 24 * time.Hour); len(got) != 0 {
		t.Errorf("lost while a session lasts: %v", got)
	}
	if got := list(8 * 24 * time.Hour); !slices.Equal(got, []uuid.UUID{lost.Principal.Account}) {
		t.Errorf("lost: %v", got)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		for _, g := range []identity.SignedIn{lost, kept} {
			if err := b.service.DropGuest(ctx, tx, g.Principal.Account); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := b.session(lost.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the lost one's session: %v", err)
	}
	if _, err := b.session(kept.Token, 0); err != nil {
		t.Errorf("the other one's: %v", err)
	}
}
