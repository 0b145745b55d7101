package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/test/outside"
)

// vault is a bundle whose keys can be changed while a test waits.
type vault struct {
	*bundle
	keys *encryption.Service
	jobs *job.Registry
}

func openVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{bundle: setup(t), jobs: job.NewRegistry()}
	const soon = 30 * time.Millisecond
	v.keys = encryption.New(encryption.Deps{Root: v.root, Times: encryption.Times{Spread: soon, Settle: soon, Publish: soon, Retention: soon}})
	v.service = identity.New(identity.Deps{
		Encryption: v.keys, Tenancy: v.tenancy(), Codes: v.box, Notices: v.box, Alerts: v.alarms, Outbound: outbound.New(outbound.Options{Networks: outbound.Loopback}),
		Permissions: append(decision.Named(), "orchestration:read", "payment:refund"),
	})
	v.keys.AddColumns(v.service.Columns()...)
	v.keys.OnForget(v.service.Forget)
	v.keys.Register(v.jobs)
	return v
}

// change changes a key until the old one is destroyed, and returns how many rows of each column were looked at.
func (v *vault) change(t *testing.T, purpose encryption.Purpose, person uuid.UUID) (rows map[string]int64) {
	t.Helper()
	var rotation uuid.UUID
	v.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		rotation, err = v.keys.Rotate(ctx, tx, purpose, person)
		return err
	})
	var p encryption.Progress
	for end := time.Now().Add(time.Minute); p.State != encryption.Done; time.Sleep(5 * time.Millisecond) {
		if p.State == encryption.Blocked || time.Now().After(end) {
			t.Fatalf("%s: %+v", purpose, p)
		}
		v.in(t, func(ctx context.Context, tx *pg.Tx) error {
			return errors.Join(v.keys.Tend(ctx, tx), tx.Enqueue(ctx, encryption.RotateArgs{Rotation: rotation}))
		})
		pgtest.Work(t, v.db, v.jobs)
		v.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
			p, err = v.keys.Rotation(ctx, tx, rotation)
			return err
		})
	}
	rows = map[string]int64{}
	for _, c := range p.Columns {
		if rows[c.Name] = c.Total; c.Remaining != 0 || c.Unreadable != 0 {
			t.Errorf("%s leaves %+v", purpose, c)
		}
	}
	return rows
}

// changeAll changes every key under which something of these people stands.
func (v *vault) changeAll(t *testing.T, people ...uuid.UUID) {
	t.Helper()
	rows := v.change(t, encryption.ForSealing, uuid.Nil)
	for name, n := range v.change(t, encryption.ForIndexes, uuid.Nil) {
		rows[name] += n
	}
	for _, person := range people {
		for name, n := range v.change(t, encryption.ForPerson, person) {
			rows[name] += n
		}
	}
	v.change(t, encryption.ForMACs, uuid.Nil)
	for _, c := range v.service.Columns() {
		if rows[c.Name] == 0 {
			t.Errorf("nothing stands in %s: the test proves nothing of it", c.Name)
		}
	}
}

const frase = "uma frase que ninguém adivinha"

// everything is somebody who has everything to sign in with, and a member of staff whom a directory knows.
type everything struct {
	person, staff, friend identity.SignedIn
	app                   app
	codes                 []string
	key                   *key
	issuer                *issuer
	directory             *outside.Directory
	emergency, asked      uuid.UUID
}

func (v *vault) everything(t *testing.T) (e everything) {
	t.Helper()
	e.friend, e.person = v.signIn(t, identity.StartCode{Channel: "email", Address: "amiga@example.org"}), v.signIn(t, sms)
	v.must(t, e.person, func(ctx context.Context, tx *pg.Tx) error {
		if _, err := v.service.Recognise(ctx, tx, e.person, identity.Browser{UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}); err != nil {
			return err
		}
		var err error
		e.asked, err = v.service.Invite(ctx, tx, identity.Invite{Person: e.person.Principal.Account, Channel: "email", Address: "amiga@example.org", Kind: identity.Helper})
		return err
	})
	if err := v.setPassword(e.person, frase); err != nil {
		t.Fatal(err)
	}
	e.issuer = newIssuer(t)
	v.provide(t, e.issuer, nil)
	if err := v.link(t, e.issuer, person(e.person), person(e.person), map[string]any{"sub": "ana"}); err != nil {
		t.Fatal(err)
	}
	e.person, e.app, e.codes = v.withApp(t, e.person)
	e.key, _ = v.addPasskey(t, e.person, "Telefone")

	e.directory = outside.NewDirectory(t)
	e.directory.AddPerson("rui", "Rui Barros", "rui@gov.example", "battery staple")
	v.putDirectory(t, ldapDirectory(e.directory))
	v.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return v.service.PutRole(ctx, tx, identity.Role{Code: "guard", Name: i18n.Text{"pt": "Guarda"}, Permissions: []string{"identity:break-glass"}})
	})
	v.rule(t, "directory:staff", "true", "guard", "")
	var err error
	if e.staff, err = v.bind(t, visitor(), "rui", "battery staple"); err != nil {
		t.Fatal(err)
	}
	v.must(t, e.staff, func(ctx context.Context, tx *pg.Tx) (err error) {
		e.emergency, err = v.service.TakeInEmergency(ctx, tx, identity.TakeRole{Role: "registrar", For: time.Hour, Reason: "O arquivo está debaixo de água"})
		return err
	})
	v.pending(t)
	return e
}

// pending leaves a sign-in at the provider and one by a code, of which nobody comes back.
func (v *vault) pending(t *testing.T) {
	t.Helper()
	err := v.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
		if _, _, err := v.service.BeginFederated(ctx, tx, "idp", false, callback); err != nil {
			return err
		}
		_, err := v.service.StartCode(ctx, tx, identity.StartCode{Channel: "email", Address: "mais.alguem@example.org"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryWayInOutlivesItsKeys changes every key there is until the old ones are destroyed. Everybody signs in as before, by each way,
// and what was asked and explained is read as before.
func TestEveryWayInOutlivesItsKeys(t *testing.T) {
	t.Parallel()
	v := openVault(t)
	e := v.everything(t)
	who, staff := e.person.Principal.Account, e.staff.Principal.Account
	v.changeAll(t, who, staff, e.friend.Principal.Account)

	second := func(what string, in identity.SignedIn, err error, code string, at time.Time, recovery bool) {
		t.Helper()
		if err != nil || in.Second == "" {
			t.Fatalf("%s: %+v, %v", what, in, err)
		}
		if in, err = v.second(in.Second, code, at, recovery); err != nil || in.Principal.Account != who {
			t.Errorf("%s, and the second step: %+v, %v", what, in.Principal, err)
		}
	}
	in, err := v.enter(t.Context(), "+2389911111", frase, false, time.Minute)
	second("the password", in, err, e.app.code(t, 1), e.app.step(1), false)
	second("a code by phone", v.signIn(t, sms), nil, e.codes[0], time.Now(), true)
	in, err = v.visit(t, e.issuer, false, map[string]any{"sub": "ana"}, nil)
	second("the provider", in, err, e.codes[1], time.Now(), true)
	c := v.challenge(t)
	e.key.cred.Counter++
	if in, err := v.withPasskey(c, e.key.answer(t, c), 0); err != nil || in.Principal.Account != who {
		t.Errorf("the passkey: %+v, %v", in.Principal, err)
	}
	if in, err := v.bind(t, visitor(), "rui", "battery staple"); err != nil || in.Principal.Account != staff || in.New {
		t.Errorf("the directory: %+v, %v", in, err)
	}
	v.in(t, func(ctx context.Context, tx *pg.Tx) error {
		f, err := v.service.Factors(ctx, tx, who)
		if err != nil || len(f.Passkeys) != 1 || f.Passkeys[0].Name != "Telefone" {
			t.Errorf("the passkeys: %+v, %v", f.Passkeys, err)
		}
		given, err := v.service.Representatives(ctx, tx, who)
		if err != nil || len(given) != 1 || given[0].Address != "amiga@example.org" {
			t.Errorf("whom they asked: %+v, %v", given, err)
		}
		return err
	})
	v.must(t, e.person, func(ctx context.Context, tx *pg.Tx) error {
		sessions, err := v.service.Sessions(ctx, tx, who)
		if !slices.ContainsFunc(sessions, func(s identity.Session) bool { return s.Device.Browser == "Firefox" }) {
			t.Errorf("the sessions: %+v", sessions)
		}
		return err
	})
	v.must(t, e.staff, func(ctx context.Context, tx *pg.Tx) error {
		x, err := v.service.Emergency(ctx, tx, e.emergency)
		if x.Reason != "O arquivo está debaixo de água" {
			t.Errorf("the emergency: %+v", x)
		}
		return err
	})
	v.must(t, e.friend, func(ctx context.Context, tx *pg.Tx) error {
		got, err := v.service.Represented(ctx, tx, e.friend.Principal.Account)
		if err != nil || len(got) != 1 || got[0].ID != e.asked {
			t.Errorf("who is asked sees %+v, %v", got, err)
		}
		return v.service.Accept(ctx, tx, e.asked)
	})
}

// TestNothingIsLeftOfWhoIsForgotten destroys the keys of three people, who are then in no table but as authors of what they did.
func TestNothingIsLeftOfWhoIsForgotten(t *testing.T) {
	t.Parallel()
	v := openVault(t)
	e := v.everything(t)
	v.must(t, e.person, func(ctx context.Context, tx *pg.Tx) error {
		_, err := v.service.StartContact(ctx, tx, "outra@example.org")
		return err
	})
	friend, who := e.friend.Principal.Account, e.person.Principal.Account
	forget := func(people ...uuid.UUID) {
		t.Helper()
		for _, one := range slices.Concat(people, people) { // it may be repeated
			v.in(t, func(ctx context.Context, tx *pg.Tx) error { return v.keys.Forget(ctx, tx, one) })
		}
	}
	forget(friend)
	v.must(t, e.person, func(ctx context.Context, tx *pg.Tx) error {
		given, err := v.service.Representatives(ctx, tx, who)
		if err != nil || len(given) != 1 || given[0].Address != "" {
			t.Errorf("where the friend was reached is kept: %+v, %v", given, err)
		}
		return v.service.EndDelegation(ctx, tx, e.asked)
	})
	forget(who, e.staff.Principal.Account)
	for _, table := range strings.Fields("contact name_token session password passkey totp recovery_code half_sign_in device federated directory_link code") {
		for _, one := range []uuid.UUID{friend, who, e.staff.Principal.Account} {
			if n := v.count(t, `SELECT count(*) FROM identity.`+table+` WHERE account_id = $1`, one); n > 0 {
				t.Errorf("%d rows in identity.%s", n, table)
			}
		}
	}
	for what, sql := range map[string]string{
		"codes":               `SELECT count(*) FROM identity.code WHERE purpose <> 'sign_in'`,
		"sessions elsewhere":  `SELECT count(*) FROM identity.federated_session`,
		"indexed invitations": `SELECT count(*) FROM identity.delegation WHERE address_index <> ''`,
	} {
		if n := v.count(t, sql); n > 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
	for _, c := range v.service.Columns() {
		if c.Owner&encryption.People == 0 {
			continue
		}
		for _, one := range []uuid.UUID{friend, who, e.staff.Principal.Account} {
			v.in(t, func(ctx context.Context, tx *pg.Tx) error {
				rows, err := c.Page(ctx, tx, encryption.Span{Person: one, Limit: 100})
				for _, row := range rows {
					if err := row.Renew(ctx, tx); !errors.Is(err, encryption.ErrForgotten) {
						t.Errorf("%s %s can be read: %v", c.Name, row.Key, err)
					}
				}
				return err
			})
		}
	}
	if in, err := v.enter(t.Context(), "+2389911111", frase, false, time.Minute); !errors.Is(err, identity.ErrPasswordWrong) {
		t.Errorf("who is forgotten signs in: %+v, %v", in, err)
	}
}

func TestALogoutFindsSessionsFromBeforeTheKeysChanged(t *testing.T) {
	t.Parallel()
	v, p := openVault(t), newIssuer(t)
	v.provide(t, p, nil)
	enter := func(sid string) string {
		in, err := v.visit(t, p, false, map[string]any{"sub": "maria", "sid": sid}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return in.Token
	}
	first, second := enter("s1"), enter("s2")
	v.change(t, encryption.ForIndexes, uuid.Nil)
	for i, c := range []struct {
		token string
		said  map[string]any
	}{{first, map[string]any{"sid": "s1"}}, {second, map[string]any{"sub": "maria"}}} {
		if _, err := v.session(c.token, 0); err != nil {
			t.Fatalf("session %d before: %v", i, err)
		}
		if err := v.logout(t, p.logoutToken(t, c.said)); err != nil {
			t.Fatal(err)
		}
		if _, err := v.session(c.token, 0); err == nil {
			t.Errorf("session %d outlives its logout", i)
		}
	}
}
