package simulator_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/webhook"
	"digit/internal/infra/simulator"
)

var maria = simulator.Person{Subject: "maria-tavares", Name: "Maria Tavares", Email: "maria@posta.cv", Phone: "+2389912345"}

func signIn(b *bundle, verifier string) simulator.SignInRequest {
	hash := sha256.Sum256([]byte(verifier))
	return simulator.SignInRequest{
		ResponseType: "code", ClientID: simulator.ClientID, RedirectURI: b.hook.URL + "/signed-in?x=1", Scope: "openid profile",
		State: "st", Nonce: "no", CodeChallenge: base64.RawURLEncoding.EncodeToString(hash[:]), CodeChallengeMethod: "S256",
	}
}

// TestSignIn goes the whole way, and has a foreign library check the token against the published keys.
func TestSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const verifier = "a-verifier-that-only-the-client-knows-0123456789"
	r := signIn(b, verifier)
	var redirect, secret string
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) {
		err = b.PutPeople(ctx, tx, []simulator.Person{maria, {Subject: "carlos", Name: "Carlos Semedo", Staff: true}})
		if err == nil {
			redirect, err = b.Authorize(ctx, tx, r, maria.Subject)
		}
		if err == nil {
			secret, err = b.ClientSecret(ctx, tx)
		}
		return err
	})
	to, err := url.Parse(redirect)
	if err != nil || to.Query().Get("state") != "st" || to.Query().Get("x") != "1" || to.Query().Get("code") == "" {
		t.Fatalf("redirect %s: %v", redirect, err)
	}
	ask := simulator.TokenRequest{
		GrantType: "authorization_code", Code: to.Query().Get("code"), RedirectURI: r.RedirectURI,
		ClientID: simulator.ClientID, ClientSecret: secret, CodeVerifier: verifier,
	}
	var tokens simulator.Tokens
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) { tokens, err = b.Exchange(ctx, tx, ask); return err })
	err = b.try(func(ctx context.Context, tx *pg.Tx) error { _, err := b.Exchange(ctx, tx, ask); return err })
	if !errors.Is(err, simulator.ErrGrant) {
		t.Errorf("a code used twice: %v", err)
	}

	provider := b.publish()
	var doc simulator.Discovery
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) { doc, err = b.Discovery(ctx, tx); return err })
	keys := oidc.NewRemoteKeySet(context.Background(), provider.URL)
	check := oidc.NewVerifier(doc.Issuer, keys, &oidc.Config{ClientID: simulator.ClientID, SupportedSigningAlgs: doc.Algorithms})
	token, err := check.Verify(context.Background(), tokens.IDToken)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Name, Email string
		Phone       string `json:"phone_number"`
	}
	if err := token.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if token.Subject != maria.Subject || token.Nonce != "no" || claims.Name != maria.Name || claims.Email != maria.Email || claims.Phone != maria.Phone {
		t.Errorf("claims: %+v %+v", token, claims)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		got, err := b.UserInfo(ctx, tx, tokens.AccessToken)
		want := simulator.UserInfo{Subject: maria.Subject, Name: maria.Name, Email: maria.Email, EmailVerified: true, Phone: maria.Phone, PhoneVerified: true}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
	// The one token is not the other, and neither survives a change.
	for name, text := range map[string]string{"id token": tokens.IDToken, "altered": tokens.AccessToken[:len(tokens.AccessToken)-4] + "AAAA", "nonsense": "x"} {
		err := b.try(func(ctx context.Context, tx *pg.Tx) error { _, err := b.UserInfo(ctx, tx, text); return err })
		if !errors.Is(err, simulator.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// publish serves the keys over HTTP, as the door will.
func (b *bundle) publish() *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		b.do(func(ctx context.Context, tx *pg.Tx) error {
			keys, err := b.JWKS(ctx, tx)
			w.Write(keys)
			return err
		})
	}))
	b.t.Cleanup(s.Close)
	return s
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.do(func(ctx context.Context, tx *pg.Tx) error { return b.PutPeople(ctx, tx, []simulator.Person{maria}) })
	for name, change := range map[string]func(*simulator.SignInRequest){
		"another client":       func(r *simulator.SignInRequest) { r.ClientID = "other" },
		"a foreign address":    func(r *simulator.SignInRequest) { r.RedirectURI = "https://evil.example/" },
		"a look-alike address": func(r *simulator.SignInRequest) { r.RedirectURI = b.hook.URL + ".evil.example/" },
		"implicit flow":        func(r *simulator.SignInRequest) { r.ResponseType = "token" },
		"not openid":           func(r *simulator.SignInRequest) { r.Scope = "profile" },
		"plain challenge":      func(r *simulator.SignInRequest) { r.CodeChallengeMethod = "plain" },
	} {
		r := signIn(b, "v")
		change(&r)
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.Authorize(ctx, tx, r, maria.Subject)
			return err
		})
		if !errors.Is(err, simulator.ErrClient) {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.Authorize(ctx, tx, signIn(b, "v"), "nobody")
		return err
	})
	if !errors.Is(err, simulator.ErrUnknown) {
		t.Errorf("nobody: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*simulator.TokenRequest)
		want   error
	}{
		"wrong secret":    {func(r *simulator.TokenRequest) { r.ClientSecret = "x" }, simulator.ErrKey},
		"wrong verifier":  {func(r *simulator.TokenRequest) { r.CodeVerifier = "x" }, simulator.ErrGrant},
		"another address": {func(r *simulator.TokenRequest) { r.RedirectURI += "2" }, simulator.ErrGrant},
		"unknown code":    {func(r *simulator.TokenRequest) { r.Code = "x" }, simulator.ErrGrant},
		"other grant":     {func(r *simulator.TokenRequest) { r.GrantType = "password" }, simulator.ErrGrant},
	} {
		err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			r := signIn(b, "v")
			redirect, err := b.Authorize(ctx, tx, r, maria.Subject)
			if err != nil {
				return err
			}
			to, err := url.Parse(redirect)
			if err != nil {
				return err
			}
			secret, err := b.ClientSecret(ctx, tx)
			if err != nil {
				return err
			}
			ask := simulator.TokenRequest{
				GrantType: "authorization_code", Code: to.Query().Get("code"), RedirectURI: r.RedirectURI,
				ClientID: simulator.ClientID, ClientSecret: secret, CodeVerifier: "v",
			}
			c.change(&ask)
			_, err = b.Exchange(ctx, tx, ask)
			return err
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForeignAgency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var key []byte
	b.do(func(ctx context.Context, tx *pg.Tx) (err error) { key, err = b.AgencyKey(ctx, tx); return err })
	request := uuid.New()
	post := func(key []byte, kind string) error {
		body, err := json.Marshal(map[string]any{"id": request, "kind": kind, "reference": "TRA-2026-1", "service": "driving-licence", "name": "Maria Tavares", "answers": map[string]string{"category": "B"}})
		if err != nil {
			return err
		}
		return b.try(func(ctx context.Context, tx *pg.Tx) error {
			return b.Take(ctx, tx, "dgt", webhook.Sign(key, "msg_1", tx.Wall, body), body)
		})
	}
	if err := post([]byte("some other secret of thirty-two b"), "apply"); !errors.Is(err, simulator.ErrSignature) {
		t.Errorf("wrong key: %v", err)
	}
	if err := post(key, "eat"); !errors.Is(err, simulator.ErrRequest) {
		t.Errorf("wrong kind: %v", err)
	}
	for range 2 {
		if err := post(key, "apply"); err != nil {
			t.Fatal(err)
		}
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.Cases(ctx, tx, "open", page.Request{})
		if len(p.Rows) != 1 || p.Rows[0].Name != "Maria Tavares" || string(p.Rows[0].Answers) != `{"category":"B"}` {
			t.Errorf("cases: %+v", p.Rows)
		}
		if err := b.Answer(ctx, tx, request, simulator.Decision{Outcome: "maybe"}); !errors.Is(err, simulator.ErrDecision) {
			t.Errorf("maybe: %v", err)
		}
		return errors.Join(err, b.Answer(ctx, tx, request, simulator.Decision{Outcome: "approved", Note: "Boa viagem"}))
	})
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		return b.Answer(ctx, tx, request, simulator.Decision{Outcome: "rejected"})
	})
	if !errors.Is(err, simulator.ErrAnswered) {
		t.Errorf("answered twice: %v", err)
	}
	b.hook.fail = 1
	pgtest.Work(t, b.db, b.jobs)
	if len(b.hook.got) != 2 {
		t.Fatalf("posted: %+v", b.hook.got)
	}
	said := ""
	for _, p := range b.hook.got {
		b.do(func(_ context.Context, tx *pg.Tx) error {
			_, err := webhook.Verify(key, p.header, tx.Wall, p.body)
			return err
		})
		if p.path != "/hooks/exchange" || !strings.Contains(string(p.body), request.String()) {
			t.Errorf("posted to %s: %s", p.path, p.body)
		}
		said += string(p.body)
	}
	if !strings.Contains(said, `"kind":"received"`) || !strings.Contains(said, `"kind":"decided"`) || !strings.Contains(said, `"outcome":"approved"`) {
		t.Errorf("answers: %s", said)
	}
	if err := post(key, "correct"); err != nil {
		t.Fatal(err)
	}
	if err := post(key, "withdraw"); err != nil {
		t.Fatal(err)
	}
	b.do(func(ctx context.Context, tx *pg.Tx) error {
		c, err := b.Case(ctx, tx, request)
		if c.Status != "withdrawn" {
			t.Errorf("case: %+v", c)
		}
		return err
	})
}
