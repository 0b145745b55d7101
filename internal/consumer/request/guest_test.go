package request_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// begin has somebody apply without an account.
func (b *bundle) begin() (guest pg.Actor, r request.Request) {
	b.t.Helper()
	b.as(pg.Actor{Kind: "anonymous"}, func(ctx context.Context, tx *pg.Tx) error {
		in, err := b.people.StartGuest(ctx, tx, "en")
		if err != nil {
			return err
		}
		guest = in.Principal.Actor()
		tx.Actor = guest
		r, err = b.Start(ctx, tx, guest.ID, "stall", "en")
		return err
	})
	return guest, r
}

// TestGuest: a guest sends nothing before they can be reached; then the application is found by its reference, and is their account's.
func TestGuest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guest, r := b.begin()
	me := b.person
	b.person = guest.ID // the bundle's steps are the guest's
	b.fill(r.ID, "who", "name=Gina CANARIO", "partner=no")
	_, err := b.attach(r.ID, "deed", "titulo.pdf", deed)
	b.must(err)
	b.fill(r.ID, "place", "place=CV-PR", "wish=CANARIO")
	_, err = b.submit(r.ID)
	b.want(err, identity.ErrGuestAddress)
	var code uuid.UUID
	b.as(guest, func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = b.people.StartGuestContact(ctx, tx, "Gina CANARIO", "9912345") // where Dulce's account is reached
		return err
	})
	b.as(guest, func(ctx context.Context, tx *pg.Tx) error {
		return b.people.FinishGuestContact(ctx, tx, code, b.post.code)
	})
	r, err = b.submit(r.ID)
	b.must(err)
	b.work()
	if len(b.got) != 1 || b.got[0].Name != "Gina CANARIO" || b.got[0].Person != guest.ID {
		t.Fatalf("the provider got %+v", b.got)
	}
	for _, reference := range []string{r.Reference, " " + r.Reference, "NONE-1"} {
		b.as(pg.Actor{Kind: "anonymous"}, func(ctx context.Context, tx *pg.Tx) (err error) {
			code, err = b.StartReturn(ctx, tx, reference, "9912345", "en")
			return err
		})
		err := b.try(pg.Actor{Kind: "anonymous"}, func(ctx context.Context, tx *pg.Tx) error {
			in, err := b.people.FinishReturn(ctx, tx, code, b.post.code)
			if err == nil && in.Principal.Account != guest.ID {
				t.Errorf("%q leads to somebody else", reference)
			}
			return err
		})
		if reference == "NONE-1" {
			b.want(err, identity.ErrCodeWrong)
		} else {
			b.must(err)
		}
		b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE identity.code SET asked_at = asked_at - interval '2 days'`)
			return err
		})
	}
	// Dulce proved the address before, so it is hers; to others it is not there.
	dulce := pg.Actor{ID: me, Kind: "person", Guests: []uuid.UUID{guest.ID}}
	b.as(dulce, func(ctx context.Context, tx *pg.Tx) error {
		claimed, err := b.people.ClaimedGuests(ctx, tx, me)
		if err != nil || len(claimed) != 1 || claimed[0] != guest.ID {
			t.Errorf("claimed: %v, %v", claimed, err)
		}
		list, err := b.Mine(ctx, tx, me, request.Filter{}, page.Request{})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].Answers["name"] != "Gina CANARIO" {
			t.Errorf("the list: %+v, %v", list.Rows, err)
		}
		return b.Withdraw(ctx, tx, me, r.ID)
	})
	other := b.register("sms", "9922222", "Other")
	b.want(b.try(pg.Actor{ID: other, Kind: "person"}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Request(ctx, tx, other, r.ID)
		return err
	}), request.ErrNotFound)
	b.want(b.try(pg.Actor{ID: other, Kind: "person", OnBehalf: me}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Request(ctx, tx, me, r.ID)
		return err
	}), request.ErrNotFound)
}

// TestGuestsAreSwept: a draft that nobody can come back to goes, with its files and its person.
func TestGuestsAreSwept(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guest, r := b.begin()
	b.person = guest.ID
	f, err := b.attach(r.ID, "deed", "titulo.pdf", deed)
	b.must(err)
	sweep := func() {
		b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return tx.Enqueue(ctx, &request.SweepGuestsArgs{}) })
		b.work()
	}
	sweep()
	if n := b.count(`SELECT count(*) FROM request.request WHERE id = $1`, r.ID); n != 1 || !b.stored(f.ID) {
		t.Fatal("swept while the browser can come back")
	}
	b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE identity.session SET idle_until = now() - interval '1 day'`)
		if err == nil {
			_, err = tx.Exec(ctx, `UPDATE identity.guest SET begun_at = begun_at - interval '8 days'`)
		}
		return err
	})
	sweep()
	if n := b.count(`SELECT count(*) FROM request.request WHERE id = $1`, r.ID); n != 0 || b.stored(f.ID) {
		t.Error("the draft is still there")
	}
	if n := b.count(`SELECT count(*) FROM identity.account WHERE id = $1`, guest.ID); n != 0 {
		t.Error("the guest is still there")
	}
}
