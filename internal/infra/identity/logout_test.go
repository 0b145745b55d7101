package identity_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// logoutToken is the provider's word that somebody signed out.
func (p *issuer) logoutToken(t *testing.T, change map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"iss": p.URL, "aud": "digit", "jti": id.Token(9), "iat": clock.Now().Unix(), "exp": clock.Now().Add(time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	for name, v := range change {
		claims[name] = v
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jose.Sign(p.signer, map[string]any{"typ": "logout+jwt"}, payload)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (b *bundle) logout(t *testing.T, token string) error {
	t.Helper()
	said, err := b.service.CheckLogout(t.Context(), b.provider(t), token)
	if err != nil {
		return err
	}
	return b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error { return b.service.Logout(ctx, tx, said) })
}

func TestWhoSignsOutThereIsSignedOutHere(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	enter := func(sub, sid string) string {
		in, err := b.visit(t, p, false, map[string]any{"sub": sub, "sid": sid}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return in.Token
	}
	first, second, other := enter("maria", "s1"), enter("maria", "s2"), enter("joao", "s3")
	here := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"}).Token
	alive := func(what string, want ...bool) {
		t.Helper()
		for i, token := range []string{first, second, other, here} {
			if _, err := b.session(token, 0); (err == nil) != want[i] {
				t.Errorf("%s: session %d alive: %t", what, i, err == nil)
			}
		}
	}
	if err := b.logout(t, p.logoutToken(t, map[string]any{"sid": "s9"})); err != nil {
		t.Errorf("a session that nobody knows: %v", err)
	}
	if err := b.logout(t, p.logoutToken(t, map[string]any{"sid": "s1", "sub": "joao"})); err != nil {
		t.Errorf("a session of somebody else: %v", err)
	}
	alive("nothing was signed out of", true, true, true, true)
	token := p.logoutToken(t, map[string]any{"sid": "s1"})
	if err := b.logout(t, token); err != nil {
		t.Fatal(err)
	}
	alive("one session", false, true, true, true)
	if err := b.logout(t, token); !errors.Is(err, identity.ErrLogout) {
		t.Errorf("the same token again: %v", err)
	}
	first = enter("maria", "s4")
	if err := b.logout(t, p.logoutToken(t, map[string]any{"sub": "maria"})); err != nil {
		t.Fatal(err)
	}
	alive("all of a subject", false, false, true, true)
	for what, change := range map[string]map[string]any{
		"a nonce": {"sub": "joao", "nonce": "x"}, "another audience": {"sub": "joao", "aud": "other"}, "nobody": {}, "expired": {"sub": "joao", "exp": 1},
	} {
		if err := b.logout(t, p.logoutToken(t, change)); !errors.Is(err, identity.ErrLogout) {
			t.Errorf("%s: %v", what, err)
		}
	}
	alive("what does not check out", false, false, true, true)
}

func TestAProviderEndsItsOwnSessionsAlone(t *testing.T) {
	t.Parallel()
	b, one, two := setup(t), newIssuer(t), newIssuer(t)
	b.provide(t, one, nil)
	b.provide(t, two, func(p *identity.Provider) { p.Code = "other" })
	in, err := b.visitAt(t, two, "other", false, map[string]any{"sub": "maria", "sid": "s1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []map[string]any{{"sub": "maria"}, {"sid": "s1"}} {
		if err := b.logout(t, one.logoutToken(t, change)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.session(in.Token, 0); err != nil {
		t.Errorf("another provider ended the session: %v", err)
	}
}

func TestSigningOutThereIsOffered(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	in, err := b.visit(t, p, false, map[string]any{"sub": "maria"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(actor pg.Actor) (address string) {
		err := b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
			at, there, err := b.service.SignedInAt(ctx, tx, in.Principal.Session)
			if there {
				address = at.SignOutURL("https://site.example/signed-out")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return address
	}
	u, err := url.Parse(ask(person(in)))
	if err != nil || u.Path != "/end" || u.Query().Get("client_id") != "digit" || u.Query().Get("post_logout_redirect_uri") != "https://site.example/signed-out" || len(u.Query()) != 2 {
		t.Errorf("%s, %v", u, err)
	}
	if address := ask(visitor()); address != "" {
		t.Errorf("somebody else is told %s", address)
	}
}
