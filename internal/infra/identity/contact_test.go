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

// startContact asks for a code to a further address.
func (b *bundle) startContact(in identity.SignedIn, typed string) (code uuid.UUID, err error) {
	err = b.act(in, 0, func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = b.service.StartContact(ctx, tx, typed)
		return err
	})
	return code, err
}

func TestAddingAndRemovingAddresses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	b.relax(t)
	b.box.told()
	code, err := b.startContact(in, "ana@example.org")
	if err != nil || b.box.last(t).Address != "ana@example.org" {
		t.Fatalf("%+v, %v", b.box.last(t), err)
	}
	text := b.box.last(t).Code
	finish := func(who identity.SignedIn, code uuid.UUID, text string) error {
		return b.act(who, 0, func(ctx context.Context, tx *pg.Tx) error { return b.service.FinishContact(ctx, tx, code, text) })
	}
	if _, err := b.finish(code, text, 0); !errors.Is(err, identity.ErrCodeExpired) {
		t.Errorf("it signs somebody in: %v", err)
	}
	if err := finish(in, code, "x"); !errors.Is(err, identity.ErrCodeWrong) {
		t.Errorf("a wrong code: %v", err)
	}
	if err := finish(in, code, text); err != nil {
		t.Fatal(err)
	}
	if got := b.box.told(); !slices.Equal(got, []string{"contact_added +2389911111"}) {
		t.Errorf("told %v", got)
	}
	if same := b.signIn(t, identity.StartCode{Channel: "email", Address: "ana@example.org"}); same.Principal.Account != in.Principal.Account {
		t.Error("the new address leads to another account")
	}
	// Once more the same: nothing changes.
	b.relax(t)
	if code, err = b.startContact(in, "Ana@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := finish(in, code, b.box.last(t).Code); err != nil || len(b.box.told()) != 0 {
		t.Errorf("the same address again: %v", err)
	}
	var contacts []identity.Contact
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		contacts, err = b.service.Contacts(ctx, tx, in.Principal.Account)
		return err
	})
	if len(contacts) != 2 {
		t.Fatalf("contacts %+v", contacts)
	}
	slices.SortFunc(contacts, func(a, b identity.Contact) int { return strings.Compare(b.Channel, a.Channel) }) // the telephone first
	remove := func(who identity.SignedIn, contact uuid.UUID, later time.Duration) error {
		return b.act(who, later, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveContact(ctx, tx, contact) })
	}
	thief := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	if err := remove(thief, contacts[0].ID, 0); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("another's address: %v", err)
	}
	if err := remove(in, contacts[0].ID, 10*time.Minute); !errors.Is(err, identity.ErrConfirm) {
		t.Errorf("without a fresh proof: %v", err)
	}
	if err := remove(in, contacts[0].ID, 0); err != nil {
		t.Fatal(err)
	}
	got := b.box.told()
	slices.Sort(got)
	if !slices.Equal(got, []string{"contact_removed +2389911111", "contact_removed ana@example.org"}) {
		t.Errorf("told %v", got)
	}
	if err := remove(in, contacts[1].ID, 0); !errors.Is(err, identity.ErrLastContact) {
		t.Errorf("the last one: %v", err)
	}
	if other := b.signIn(t, sms); !other.New {
		t.Error("the address that was removed still leads to the account")
	}
}

// TestAddressesOfOthers: what somebody else has proved is found out only by who receives the code.
func TestAddressesOfOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	b.signIn(t, identity.StartCode{Channel: "email", Address: "rui@example.org"})
	b.relax(t)
	code, err := b.startContact(in, "rui@example.org")
	if err != nil {
		t.Fatalf("asking tells that it is taken: %v", err)
	}
	text := b.box.last(t).Code
	err = b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error { return b.service.FinishContact(ctx, tx, code, text) })
	if !errors.Is(err, identity.ErrContactTaken) {
		t.Errorf("got %v", err)
	}
	if _, err := b.startContact(in, "12"); !errors.Is(err, identity.ErrAddress) {
		t.Errorf("no address: %v", err)
	}
	old := b.act(in, 11*time.Minute, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.StartContact(ctx, tx, "novo@example.org")
		return err
	})
	if !errors.Is(old, identity.ErrConfirm) {
		t.Errorf("without a fresh proof: %v", old)
	}
}

// TestAddressesOfStaff are the administrator's to change.
func TestAddressesOfStaff(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clerk := b.clerk(t, "nelson@gov.example")
	boss, other := b.addStaff(t, "Sofia", "sofia@gov.example"), b.addStaff(t, "Rui", "rui@gov.example")
	b.grant(t, boss, "administrator", "")
	account := clerk.Principal.Account
	add := func(by pg.Actor, to uuid.UUID, typed string) error {
		return b.as(by, func(ctx context.Context, tx *pg.Tx) error { return b.service.AddStaffContact(ctx, tx, to, typed) })
	}
	citizen := b.signIn(t, sms)
	for what, c := range map[string]struct {
		by    pg.Actor
		to    uuid.UUID
		typed string
		want  error
	}{
		"a colleague":   {staff(other), account, "novo@gov.example", identity.ErrForbidden},
		"oneself":       {clerk.Principal.Actor(), account, "novo@gov.example", identity.ErrForbidden},
		"nobody":        {staff(boss), uuid.New(), "novo@gov.example", identity.ErrNotFound},
		"a citizen":     {staff(boss), citizen.Principal.Account, "novo@gov.example", identity.ErrNotStaff},
		"no address":    {staff(boss), account, "12", identity.ErrAddress},
		"a colleague's": {staff(boss), account, "rui@gov.example", identity.ErrContactTaken},
	} {
		if err := add(c.by, c.to, c.typed); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.box.told()
	if err := add(staff(boss), account, "993 12 34"); err != nil {
		t.Fatal(err)
	}
	if got := b.box.told(); !slices.Equal(got, []string{"contact_added nelson@gov.example"}) {
		t.Errorf("told %v", got)
	}
	if in := b.signIn(t, identity.StartCode{Channel: "sms", Address: "993 12 34", Staff: true}); in.Principal.Account != account {
		t.Error("the new address leads elsewhere")
	}
	var contacts []identity.Contact
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		contacts, err = b.service.Contacts(ctx, tx, account)
		return err
	})
	remove := func(by pg.Actor, contact uuid.UUID) error {
		return b.as(by, func(ctx context.Context, tx *pg.Tx) error {
			return b.service.RemoveStaffContact(ctx, tx, account, contact)
		})
	}
	if err := remove(clerk.Principal.Actor(), contacts[0].ID); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("oneself: %v", err)
	}
	if err := remove(staff(boss), contacts[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := remove(staff(boss), contacts[1].ID); !errors.Is(err, identity.ErrLastContact) {
		t.Errorf("the last: %v", err)
	}
}
