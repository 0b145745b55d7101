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
	"digit/internal/infra/tenancy"
)

// reproves returns what becomes of a session by an act of its owner, after some time.
func (b *bundle) reprove(in identity.SignedIn, later time.Duration, act func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error)) (out identity.SignedIn, err error) {
	err = b.act(in, later, func(ctx context.Context, tx *pg.Tx) (err error) {
		out, err = act(ctx, tx)
		return err
	})
	return out, err
}

func (b *bundle) ways(t *testing.T, in identity.SignedIn) (w identity.ConfirmWays) {
	t.Helper()
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		w, err = b.service.ConfirmWays(ctx, tx)
		return err
	})
	return w
}

func TestConfirmByCode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	w := b.ways(t, in)
	if len(w.Contacts) != 1 || w.Password || w.TOTP || w.Passkey || w.Recovery || w.None() {
		t.Fatalf("ways %+v", w)
	}
	b.relax(t)
	const later = 2 * time.Hour
	var code uuid.UUID
	err := b.act(in, later, func(ctx context.Context, tx *pg.Tx) (err error) {
		code, err = b.service.StartConfirmCode(ctx, tx, w.Contacts[0].ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := b.box.last(t).Code
	if _, err := b.finish(code, text, 0); !errors.Is(err, identity.ErrCodeExpired) {
		t.Errorf("a code to confirm signs in: %v", err)
	}
	thief := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	if _, err := b.reprove(thief, later, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmCode(ctx, tx, code, text)
	}); !errors.Is(err, identity.ErrCodeExpired) {
		t.Errorf("another account confirms with it: %v", err)
	}
	if _, err := b.reprove(in, later, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmCode(ctx, tx, code, "x")
	}); !errors.Is(err, identity.ErrCodeWrong) {
		t.Errorf("a wrong code: %v", err)
	}
	out, err := b.reprove(in, later, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmCode(ctx, tx, code, text)
	})
	if err != nil {
		t.Fatal(err)
	}
	p := out.Principal
	if p.Session != in.Principal.Session || out.Token == in.Token || p.Authenticated.Sub(in.Principal.Authenticated) < later || !slices.Equal(p.Methods, []string{"sms"}) || p.Level != 1 {
		t.Errorf("before %+v, after %+v", in.Principal, p)
	}
	if _, err := b.session(in.Token, later); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the token before: %v", err)
	}
	if _, err := b.session(out.Token, later); err != nil {
		t.Errorf("the new one: %v", err)
	}
	if err := b.act(thief, 0, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.StartConfirmCode(ctx, tx, w.Contacts[0].ID)
		return err
	}); !errors.Is(err, identity.ErrConfirm) {
		t.Errorf("a code to another's address: %v", err)
	}
}

func TestConfirmByPassword(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	if err := b.setPassword(in, passphrase); err != nil {
		t.Fatal(err)
	}
	confirm := func(who identity.SignedIn, password string) (identity.SignedIn, error) {
		var try identity.PasswordTry
		err := b.act(who, time.Hour, func(ctx context.Context, tx *pg.Tx) (err error) {
			try, err = b.service.StartPasswordConfirm(ctx, tx)
			return err
		})
		if err != nil {
			return identity.SignedIn{}, err
		}
		if try, err = b.service.CheckPassword(context.Background(), try, password); err != nil {
			return identity.SignedIn{}, err
		}
		return b.reprove(who, time.Hour, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
			return b.service.ConfirmPassword(ctx, tx, try)
		})
	}
	if _, err := confirm(in, "wrong"); !errors.Is(err, identity.ErrPasswordWrong) {
		t.Errorf("a wrong one: %v", err)
	}
	out, err := confirm(in, passphrase)
	if err != nil || !slices.Equal(out.Principal.Methods, []string{"sms", "password"}) || out.Principal.Level != 1 {
		t.Errorf("%+v, %v", out.Principal, err)
	}
	if _, err := confirm(b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"}), passphrase); !errors.Is(err, identity.ErrConfirm) {
		t.Errorf("without a password: %v", err)
	}
}

// TestConfirmByStrongerFactors: what a session is worth rises with what its owner shows.
func TestConfirmByStrongerFactors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	before := b.signIn(t, sms) // a session of before the app
	in, a, codes := b.withApp(t, b.signIn(t, sms))
	w := b.ways(t, in)
	if !w.TOTP || !w.Recovery || len(w.Contacts) > 0 {
		t.Errorf("ways %+v", w)
	}
	out, err := b.reprove(before, 0, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		tx.Wall = a.step(4)
		return b.service.ConfirmTOTP(ctx, tx, a.code(t, 4))
	})
	if err != nil || out.Principal.Level != 2 {
		t.Errorf("%+v, %v", out.Principal, err)
	}
	out, err = b.reprove(out, time.Hour, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmRecovery(ctx, tx, codes[0])
	})
	if err != nil || !slices.Equal(out.Principal.Methods, []string{"sms", "totp", "recovery"}) {
		t.Errorf("%+v, %v", out.Principal, err)
	}
	k, _ := b.addPasskey(t, in, "Chave")
	var c identity.Ceremony
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.service.StartPasskeyConfirm(ctx, tx, site)
		return err
	})
	thief := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	stolen, _ := b.addPasskey(t, thief, "Outra")
	k.cred.Counter, stolen.cred.Counter = 1, 1
	if _, err := b.reprove(in, 0, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmPasskey(ctx, tx, site, c.ID, stolen.answer(t, c))
	}); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("with another account's passkey: %v", err)
	}
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.service.StartPasskeyConfirm(ctx, tx, site)
		return err
	})
	out, err = b.reprove(in, 0, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmPasskey(ctx, tx, site, c.ID, k.answer(t, c))
	})
	if err != nil || !slices.Equal(out.Principal.Methods, []string{"sms", "totp", "passkey"}) {
		t.Errorf("%+v, %v", out.Principal, err)
	}
	err = b.act(out, 0, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.StartPasskeyConfirm(ctx, tx, identity.Site{Host: "outro.example", Origin: "https://outro.example"})
		return err
	})
	if !errors.Is(err, identity.ErrConfirm) {
		t.Errorf("at a host without a passkey: %v", err)
	}
}

// TestStaffFactorsGuardThemselves: with a passkey or an app there, no code to a mailbox can change anything about them.
func TestStaffFactorsGuardThemselves(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.require(t, tenancy.Required)
	clerk := b.clerk(t, "nelson@gov.example")
	if clerk.Principal.Level != 1 {
		t.Fatalf("a code is worth %d", clerk.Principal.Level)
	}
	_, codes := b.addPasskey(t, clerk, "Chave")
	if len(codes) != 10 {
		t.Errorf("%d recovery codes", len(codes))
	}
	intruder := b.signIn(t, identity.StartCode{Channel: "email", Address: "nelson@gov.example", Staff: true})
	w := b.ways(t, intruder)
	if len(w.Contacts) > 0 || w.Password || !w.Passkey || !w.Recovery {
		t.Errorf("ways %+v", w)
	}
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"an app": func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.BeginTOTP(ctx, tx); return err },
		"another passkey": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.BeginPasskey(ctx, tx, site)
			return err
		},
		"recovery codes": func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.NewRecoveryCodes(ctx, tx); return err },
		"a password": func(ctx context.Context, tx *pg.Tx) error {
			return b.service.SetPassword(ctx, tx, identity.NewPassword{})
		},
		"a passkey less": func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePasskey(ctx, tx, uuid.New()) },
		"another address": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.StartContact(ctx, tx, "a@b.example")
			return err
		},
	} {
		if err := b.act(intruder, 0, act); !errors.Is(err, identity.ErrConfirm) {
			t.Errorf("%s: %v", what, err)
		}
	}
	in, err := b.reprove(intruder, 0, func(ctx context.Context, tx *pg.Tx) (identity.SignedIn, error) {
		return b.service.ConfirmRecovery(ctx, tx, codes[0])
	})
	if err != nil || in.Principal.Level != 2 {
		t.Fatalf("with a code on paper: %v", err)
	}
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error { _, err := b.service.BeginTOTP(ctx, tx); return err })
	if err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.StartContact(ctx, tx, "a@b.example")
		return err
	}); !errors.Is(err, identity.ErrContactStaff) {
		t.Errorf("staff change their addresses: %v", err)
	}
}

func TestResetFactors(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clerk := b.clerk(t, "nelson@gov.example")
	k, codes := b.addPasskey(t, clerk, "Chave")
	if len(codes) == 0 {
		t.Fatal("no codes")
	}
	boss, stranger := b.addStaff(t, "Sofia", "sofia@gov.example"), b.addStaff(t, "Rui", "rui@gov.example")
	b.grant(t, boss, "administrator", "")
	reset := func(by pg.Actor, account uuid.UUID) error {
		return b.as(by, func(ctx context.Context, tx *pg.Tx) error { return b.service.ResetFactors(ctx, tx, account) })
	}
	for what, c := range map[string]struct {
		by   pg.Actor
		who  uuid.UUID
		want error
	}{
		"a colleague":  {staff(stranger), clerk.Principal.Account, identity.ErrForbidden},
		"oneself":      {staff(boss), boss, identity.ErrSelf},
		"no account":   {staff(boss), uuid.New(), identity.ErrNotFound},
		"as a citizen": {b.signIn(t, sms).Principal.Actor(), clerk.Principal.Account, identity.ErrForbidden},
	} {
		if err := reset(c.by, c.who); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.box.told()
	if err := reset(staff(boss), clerk.Principal.Account); err != nil {
		t.Fatal(err)
	}
	if got := b.box.told(); len(got) != 1 || got[0] != "factors_reset nelson@gov.example" {
		t.Errorf("told %v", got)
	}
	if _, err := b.session(clerk.Token, 0); !errors.Is(err, identity.ErrNoSession) {
		t.Errorf("the session: %v", err)
	}
	c := b.challenge(t)
	k.cred.Counter = 1
	if _, err := b.withPasskey(c, k.answer(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("the passkey: %v", err)
	}
	var f identity.Factors
	err := b.as(staff(boss), func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.service.Factors(ctx, tx, clerk.Principal.Account)
		return err
	})
	if err != nil || f.Any() || f.Strong() {
		t.Errorf("%+v, %v", f, err)
	}
	if err := b.as(staff(stranger), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.Factors(ctx, tx, clerk.Principal.Account)
		return err
	}); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("a colleague looks: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM audit.entry WHERE action = 'identity.factor.reset' AND person_id = $1`, clerk.Principal.Account); n != 1 {
		t.Errorf("%d records", n)
	}
}

func TestEndOtherSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	one, two, three := b.signIn(t, sms), b.signIn(t, sms), b.signIn(t, sms)
	other := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	if err := b.act(other, 0, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.EndOtherSessions(ctx, tx, one.Principal.Account)
		return err
	}); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("another's: %v", err)
	}
	b.must(t, two, func(ctx context.Context, tx *pg.Tx) error {
		n, err := b.service.EndOtherSessions(ctx, tx, two.Principal.Account)
		if n != 2 {
			t.Errorf("%d ended", n)
		}
		return err
	})
	for token, want := range map[string]error{one.Token: identity.ErrNoSession, two.Token: nil, three.Token: identity.ErrNoSession, other.Token: nil} {
		if _, err := b.session(token, 0); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	const (
		phone = "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0"
		desk  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"
	)
	for agent, want := range map[string]identity.Device{
		phone: {Browser: "Firefox", System: "Android"}, desk: {Browser: "Edge", System: "Windows"}, "": {}, "curl/8": {},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": {Browser: "Safari", System: "iPhone"},
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36":                           {Browser: "Chrome", System: "Linux"},
	} {
		if got := identity.DeviceOf(agent); got != want {
			t.Errorf("%q: %+v", agent, got)
		}
	}
	b := setup(t)
	recognise := func(in identity.SignedIn, agent, known string) (keep string) {
		b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
			keep, err = b.service.Recognise(ctx, tx, in, identity.Browser{UserAgent: agent, Known: known})
			return err
		})
		return keep
	}
	clerk := b.clerk(t, "nelson@gov.example")
	again := func() identity.SignedIn {
		return b.signIn(t, identity.StartCode{Channel: "email", Address: "nelson@gov.example", Staff: true})
	}
	b.box.told()
	first := recognise(clerk, phone, "")
	same := recognise(again(), phone, first)
	if got := b.box.told(); first == "" || same != first || len(got) != 0 {
		t.Errorf("in the same browser: told %v", got)
	}
	last := again()
	second := recognise(last, desk, "")
	if got := b.box.told(); second == first || len(got) != 1 || got[0] != "new_device nelson@gov.example" {
		t.Errorf("in another: told %v", got)
	}
	citizen := b.signIn(t, sms)
	if shared := recognise(citizen, desk, second); shared != second {
		t.Error("a browser that two use gets another token")
	}
	recognise(b.signIn(t, sms), phone, "")
	if got := b.box.told(); len(got) != 0 {
		t.Errorf("a citizen is told %v", got)
	}
	b.must(t, last, func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.service.Sessions(ctx, tx, last.Principal.Account)
		if len(all) != 3 || all[0].Device != (identity.Device{Browser: "Edge", System: "Windows"}) || all[2].Device.System != "Android" {
			t.Errorf("%+v", all)
		}
		return err
	})
}
