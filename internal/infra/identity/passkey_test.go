package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

var site = identity.Site{Host: "servicos.example", Origin: "https://servicos.example"}

// key is an authenticator with one passkey in it.
type key struct {
	device virtualwebauthn.Authenticator
	cred   virtualwebauthn.Credential
	at     virtualwebauthn.RelyingParty
}

func newKey(account uuid.UUID) *key {
	return &key{
		device: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: account[:]}),
		cred:   newCredential(), at: virtualwebauthn.RelyingParty{ID: site.Host, Name: "Cabo Verde", Origin: site.Origin},
	}
}

// newCredential is one whose public key is written in full: the library drops zeros at the beginning of its numbers, of
// which one key in a hundred has some.
func newCredential() (c virtualwebauthn.Credential) {
	const whole = 77
	for len(c.ID) == 0 || len(c.Key.AttestationData()) != whole {
		c = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	return c
}

func (k *key) make(t *testing.T, c identity.Ceremony) []byte {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(string(c.Options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(k.at, k.device, k.cred, *o))
}

func (k *key) answer(t *testing.T, c identity.Ceremony) []byte {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(string(c.Options))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAssertionResponse(k.at, k.device, k.cred, *o))
}

// addPasskey makes a passkey for whoever is signed in.
func (b *bundle) addPasskey(t *testing.T, in identity.SignedIn, name string) (k *key, codes []string) {
	t.Helper()
	k = newKey(in.Principal.Account)
	var c identity.Ceremony
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.service.BeginPasskey(ctx, tx, site)
		return err
	})
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		codes, err = b.service.AddPasskey(ctx, tx, site, c.ID, name, k.make(t, c))
		return err
	})
	return k, codes
}

func (b *bundle) challenge(t *testing.T) (c identity.Ceremony) {
	t.Helper()
	err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = b.service.StartPasskey(ctx, tx, site)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (b *bundle) withPasskey(c identity.Ceremony, answer []byte, later time.Duration) (in identity.SignedIn, err error) {
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		tx.Wall = tx.Wall.Add(later)
		in, err = b.service.FinishPasskey(ctx, tx, site, c.ID, answer)
		return err
	})
	return in, err
}

func TestAPasskeySignsInByItself(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.signIn(t, sms)
	b.box.told()
	k, codes := b.addPasskey(t, first, "  Telefone   da Ana ")
	if got := b.box.told(); len(codes) != 0 || len(got) != 1 || got[0] != "passkey_added +2389911111" {
		t.Errorf("codes %v, told %v", codes, got)
	}
	k.cred.Counter = 1
	c := b.challenge(t)
	in, err := b.withPasskey(c, k.answer(t, c), 4*time.Minute)
	if err != nil || in.Principal.Account != first.Principal.Account || in.Principal.Level != 2 || !slices.Equal(in.Principal.Methods, []string{"passkey"}) {
		t.Fatalf("%+v, %v", in.Principal, err)
	}
	if _, err := b.withPasskey(c, k.answer(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("a challenge is good twice: %v", err)
	}
	c = b.challenge(t)
	if _, err := b.withPasskey(c, k.answer(t, c), 5*time.Minute); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("after five minutes: %v", err)
	}
	two, _ := b.addPasskey(t, in, "Portátil")
	c = b.challenge(t)
	two.cred.Counter = 7
	if in, err := b.withPasskey(c, two.answer(t, c), 0); err != nil || in.Principal.Account != first.Principal.Account {
		t.Errorf("a second device: %v", err)
	}
	var f identity.Factors
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.service.Factors(ctx, tx, in.Principal.Account)
		return err
	})
	if len(f.Passkeys) != 2 || f.Passkeys[0].Name != "Telefone da Ana" || f.Passkeys[1].Name != "Portátil" || f.Passkeys[0].Used == nil || f.Passkeys[0].Host != site.Host {
		t.Fatalf("%+v", f.Passkeys)
	}
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.RenamePasskey(ctx, tx, f.Passkeys[0].ID, "Telemóvel")
	})
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePasskey(ctx, tx, f.Passkeys[0].ID) })
	c = b.challenge(t)
	k.cred.Counter = 9
	if _, err := b.withPasskey(c, k.answer(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("after it was removed: %v", err)
	}
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"removed twice": func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePasskey(ctx, tx, f.Passkeys[0].ID) },
		"renamed when gone": func(ctx context.Context, tx *pg.Tx) error {
			return b.service.RenamePasskey(ctx, tx, f.Passkeys[0].ID, "x")
		},
	} {
		if err := b.act(in, 0, act); !errors.Is(err, identity.ErrNoFactor) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"", " ", strings.Repeat("x", 61)} {
		if err := b.act(in, 0, func(ctx context.Context, tx *pg.Tx) error {
			return b.service.RenamePasskey(ctx, tx, f.Passkeys[1].ID, name)
		}); !errors.Is(err, identity.ErrPasskeyName) {
			t.Errorf("the name %q: %v", name, err)
		}
	}
}

// TestPasskeysAreRefused tries every answer that is not the owner's, unlocked, here, to this challenge.
func TestPasskeysAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ana, rui := b.signIn(t, sms), b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	k, _ := b.addPasskey(t, ana, "Ana")
	other, _ := b.addPasskey(t, rui, "Rui")
	for what, change := range map[string]func(k *key){
		"not unlocked by its owner":          func(k *key) { k.device.Options.UserNotVerified = true },
		"nobody touched it":                  func(k *key) { k.device.Options.UserNotPresent = true },
		"of a page of another site":          func(k *key) { k.at.Origin = "https://servicos.example.evil" },
		"for another site":                   func(k *key) { k.at.ID = "evil.example" },
		"another key under the same name":    func(k *key) { k.cred.Key = newCredential().Key },
		"one that was never made here":       func(k *key) { k.cred = newCredential() },
		"with another account's handle":      func(k *key) { k.device.Options.UserHandle = rui.Principal.Account[:] },
		"without saying whose":               func(k *key) { k.device.Options.UserHandle = nil },
		"suddenly kept by a cloud service":   func(k *key) { k.device.Options.BackupEligible = true },
		"another's, with the owner's handle": func(k *key) { k.cred = other.cred },
	} {
		wrong := *k
		wrong.cred.Counter = 5
		change(&wrong)
		c := b.challenge(t)
		if _, err := b.withPasskey(c, wrong.answer(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
			t.Errorf("%s: %v", what, err)
		}
	}
	c, later := b.challenge(t), b.challenge(t)
	if _, err := b.withPasskey(later, k.answer(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("the answer to another challenge: %v", err)
	}
	for _, answer := range []string{"", "{}", "null", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`, strings.Repeat("[", 5000)} {
		c := b.challenge(t)
		if _, err := b.withPasskey(c, []byte(answer), 0); !errors.Is(err, identity.ErrPasskey) {
			t.Errorf("the answer %.20q: %v", answer, err)
		}
	}
	if _, err := b.withPasskey(identity.Ceremony{ID: id.New()}, k.answer(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("a challenge that was never given: %v", err)
	}
	err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.StartPasskey(ctx, tx, identity.Site{Host: "127.0.0.1", Origin: "http://127.0.0.1"})
		return err
	})
	if !errors.Is(err, identity.ErrPasskeyHost) {
		t.Errorf("a host that is a number: %v", err)
	}
	// Two sites of the same state are two: what was made for one is nothing at the other.
	elsewhere := identity.Site{Host: "outro.example", Origin: "https://outro.example"}
	at := *k
	at.cred.Counter, at.at = 6, virtualwebauthn.RelyingParty{ID: elsewhere.Host, Origin: elsewhere.Origin}
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := b.service.StartPasskey(ctx, tx, elsewhere)
		if err != nil {
			return err
		}
		_, err = b.service.FinishPasskey(ctx, tx, elsewhere, c.ID, at.answer(t, c))
		return err
	})
	if !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("at another host: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, ana.Principal.Account) })
	c = b.challenge(t)
	k.cred.Counter = 8
	if _, err := b.withPasskey(c, k.answer(t, c), 0); !errors.Is(err, identity.ErrSuspended) {
		t.Errorf("a suspended account: %v", err)
	}
}

// TestACopiedPasskeyIsShutOut: of two authenticators with the same key, one must fall behind in counting.
func TestACopiedPasskeyIsShutOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	k, _ := b.addPasskey(t, in, "Chave")
	sign := func(counter uint32) error {
		k.cred.Counter = counter
		c := b.challenge(t)
		_, err := b.withPasskey(c, k.answer(t, c), 0)
		return err
	}
	for _, counter := range []uint32{1, 2, 10} {
		if err := sign(counter); err != nil {
			t.Fatal(err)
		}
	}
	b.box.told()
	if err := sign(3); !errors.Is(err, identity.ErrPasskeySuspect) {
		t.Errorf("a counter that goes back: %v", err)
	}
	if got := b.box.told(); len(got) != 1 || got[0] != "passkey_suspect +2389911111" {
		t.Errorf("told %v", got)
	}
	if err := sign(11); !errors.Is(err, identity.ErrPasskeySuspect) {
		t.Errorf("the other of the two: %v", err)
	}
	var f identity.Factors
	b.must(t, in, func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = b.service.Factors(ctx, tx, in.Principal.Account)
		return err
	})
	if len(f.Passkeys) != 1 || f.Passkeys[0].Suspect == nil {
		t.Errorf("%+v", f.Passkeys)
	}
}

func TestMakingAPasskey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := b.signIn(t, sms)
	begin := func(who identity.SignedIn, later time.Duration) (c identity.Ceremony, err error) {
		err = b.act(who, later, func(ctx context.Context, tx *pg.Tx) (err error) {
			c, err = b.service.BeginPasskey(ctx, tx, site)
			return err
		})
		return c, err
	}
	add := func(who identity.SignedIn, c identity.Ceremony, answer []byte, later time.Duration) error {
		return b.act(who, later, func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.AddPasskey(ctx, tx, site, c.ID, "x", answer)
			return err
		})
	}
	if _, err := begin(in, 11*time.Minute); !errors.Is(err, identity.ErrConfirm) {
		t.Errorf("eleven minutes after the sign-in: %v", err)
	}
	unlocked := newKey(in.Principal.Account)
	unlocked.device.Options.UserNotVerified = true
	c, err := begin(in, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := add(in, c, unlocked.make(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("one that is not unlocked by its owner: %v", err)
	}
	k := newKey(in.Principal.Account)
	if err := add(in, c, k.make(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("a challenge that was used: %v", err)
	}
	c, err = begin(in, 0)
	if err != nil {
		t.Fatal(err)
	}
	thief := b.signIn(t, identity.StartCode{Channel: "sms", Address: "992 22 22"})
	if err := add(thief, c, k.make(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("another account's challenge: %v", err)
	}
	c, err = begin(in, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := add(in, c, k.make(t, c), 0); err != nil {
		t.Fatal(err)
	}
	c, err = begin(thief, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := add(thief, c, k.make(t, c), 0); !errors.Is(err, identity.ErrPasskey) {
		t.Errorf("a passkey that another account has: %v", err)
	}
	c, err = begin(in, 0)
	if err != nil || !strings.Contains(string(c.Options), `"excludeCredentials":[{`) || !strings.Contains(string(c.Options), `"userVerification":"required"`) ||
		!strings.Contains(string(c.Options), `"residentKey":"required"`) {
		t.Errorf("the options are %s, %v", c.Options, err)
	}
}

// TestForgottenChallengesDoNotPileUp: who asks for more takes old ones away.
func TestForgottenChallengesDoNotPileUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for range 30 {
		b.challenge(t)
	}
	for range 4 {
		err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
			tx.Wall = tx.Wall.Add(6 * time.Minute)
			_, err := b.service.StartPasskey(ctx, tx, site)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM identity.ceremony`); n != 4 {
		t.Errorf("%d challenges stay", n)
	}
}
