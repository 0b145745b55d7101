package identity_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

// alarms takes alerts instead of notification.
type alarms struct {
	mu   sync.Mutex
	sent []identity.Alert
}

func (a *alarms) SendAlert(_ context.Context, _ *pg.Tx, alert identity.Alert) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = append(a.sent, alert)
	return nil
}

func (a *alarms) take() []identity.Alert {
	a.mu.Lock()
	defer a.mu.Unlock()
	sent := a.sent
	a.sent = nil
	return sent
}

func (b *bundle) door(local string) error {
	return b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.PutStaffDoor(ctx, tx, local) })
}

func (b *bundle) emergency(account uuid.UUID, yes bool) error {
	return b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return b.service.SetEmergency(ctx, tx, account, yes) })
}

// knock signs a member of staff in by a code.
func (b *bundle) knock(t *testing.T, email string) (identity.SignedIn, error) {
	t.Helper()
	code, err := b.start(visitor(), identity.StartCode{Channel: "email", Address: email, Staff: true})
	if err != nil {
		t.Fatal(err)
	}
	return b.finish(code, b.box.last(t).Code, 0)
}

func TestStaffComeThroughAProviderAlone(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, func(p *identity.Provider) { p.StaffByEmail = true })
	nelson, sofia := b.addStaff(t, "Nelson Brito", "nelson@gov.example"), b.addStaff(t, "Sofia Andrade", "sofia@gov.example")
	guard := b.addStaff(t, "Vidro Partido", "vidro@gov.example")
	b.grant(t, sofia, "administrator", "")
	b.grant(t, nelson, "agency-admin", "civil")
	if err := b.door(identity.DoorEmergency); !errors.Is(err, identity.ErrDoor) {
		t.Fatalf("shut without an emergency account: %v", err)
	}
	if err := b.emergency(guard, true); err != nil {
		t.Fatal(err)
	}
	if err := b.door("nonsense"); !errors.Is(err, identity.ErrDoor) {
		t.Fatalf("a door that there is not: %v", err)
	}
	if err := b.door(identity.DoorEmergency); err != nil {
		t.Fatal(err)
	}
	if _, err := b.knock(t, "nelson@gov.example"); !errors.Is(err, identity.ErrShut) {
		t.Errorf("staff at the local door: %v", err)
	}
	if in, err := b.visit(t, p, true, map[string]any{"sub": "n", "email": "nelson@gov.example", "email_verified": true}, nil); err != nil || in.Principal.Account != nelson {
		t.Errorf("staff through the provider: %v", err)
	}
	if sent := b.alarms.take(); len(sent) != 0 {
		t.Errorf("alerts: %+v", sent)
	}
	in, err := b.knock(t, "vidro@gov.example")
	if err != nil || in.Principal.Account != guard {
		t.Fatalf("an emergency account: %v", err)
	}
	sent := b.alarms.take()
	if len(sent) != 1 || sent[0].Kind != identity.AlertEmergencyAccount || sent[0].Address != "sofia@gov.example" || sent[0].Args["name"] != "Vidro Partido" || sent[0].Lang != "pt" {
		t.Errorf("alerts: %+v", sent)
	}
	if !strings.Contains(dump(t), "identity.session.begin_emergency") {
		t.Error("the audit record does not tell of it apart")
	}
	// people are not concerned
	if in := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"}); in.Principal.Kind != identity.KindPerson {
		t.Error("a citizen is shut out")
	}
}

func TestNobodyShutsEverybodyOut(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	guard := b.addStaff(t, "Vidro Partido", "vidro@gov.example")
	if err := b.emergency(guard, true); err != nil {
		t.Fatal(err)
	}
	if err := b.door(identity.DoorEmergency); err != nil {
		t.Fatal(err)
	}
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"unmark the only emergency account":  func(ctx context.Context, tx *pg.Tx) error { return b.service.SetEmergency(ctx, tx, guard, false) },
		"suspend the only emergency account": func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, guard) },
		"disable the only provider":          func(ctx context.Context, tx *pg.Tx) error { return b.service.EnableProvider(ctx, tx, "idp", false) },
		"remove the only provider":           func(ctx context.Context, tx *pg.Tx) error { return b.service.RemoveProvider(ctx, tx, "idp") },
		"have the only provider serve people alone": func(ctx context.Context, tx *pg.Tx) error {
			all, err := b.service.Providers(ctx, tx)
			if err != nil {
				return err
			}
			all[0].Staff = false
			return b.service.PutProvider(ctx, tx, all[0])
		},
	} {
		if err := b.as(pg.System(), act); !errors.Is(err, identity.ErrDoor) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := b.door(identity.DoorAllowed); err != nil {
		t.Fatal(err)
	}
	if err := b.emergency(guard, false); err != nil {
		t.Error(err)
	}
}

func TestEmergencyAccountsAreFew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i, name := range []string{"a", "b", "c", "d", "e", "f"} {
		account := b.addStaff(t, "Pessoa", name+"@gov.example")
		err := b.emergency(account, true)
		if i < 5 && err != nil || i == 5 && !errors.Is(err, identity.ErrEmergencyMany) {
			t.Errorf("number %d: %v", i+1, err)
		}
		if i == 4 {
			if err := b.emergency(account, true); err != nil {
				t.Errorf("the fifth again: %v", err)
			}
		}
	}
	citizen := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"}).Principal.Account
	if err := b.emergency(citizen, true); !errors.Is(err, identity.ErrNotStaff) {
		t.Errorf("a citizen: %v", err)
	}
	if err := b.emergency(uuid.New(), true); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		rows, err := b.service.EmergencyAccounts(ctx, tx)
		if len(rows) != 5 || rows[0].Name != "Pessoa" {
			t.Errorf("%d accounts", len(rows))
		}
		return err
	})
	nobody := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"mark": func(ctx context.Context, tx *pg.Tx) error { return b.service.SetEmergency(ctx, tx, nobody, true) },
		"door": func(ctx context.Context, tx *pg.Tx) error {
			return b.service.PutStaffDoor(ctx, tx, identity.DoorAllowed)
		},
		"list": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.EmergencyAccounts(ctx, tx)
			return err
		},
	} {
		if err := b.as(staff(nobody), act); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
