package identity_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// issuer is an OpenID provider of the test's own.
type issuer struct {
	*httptest.Server
	key jose.Private

	mu     sync.Mutex
	grants map[string]url.Values // authorisation request by code
	claims map[string]any        // said of whoever signs in
	signer jose.Private
	iss    string // names itself in answers by this, where not empty
}

// says is whom the answer calls its sender.
func (p *issuer) says() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.iss
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := jose.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	p := &issuer{key: key, signer: key, grants: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"end_session_endpoint": p.URL + "/end", "authorization_response_iss_parameter_supported": p.says() != "",
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		public, _ := p.key.Public()
		set, _ := jose.Set(public)
		w.Write(set)
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

// authorize plays the browser's visit: it returns the code with which the provider sends it back.
func (p *issuer) authorize(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	code := id.Token(16)
	p.grants[code] = u.Query()
	return code
}

func (p *issuer) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, ok := p.grants[r.FormValue("code")]
	delete(p.grants, r.FormValue("code"))
	user, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if !ok || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || asked.Get("code_challenge_method") != "S256" ||
		asked.Get("redirect_uri") != r.FormValue("redirect_uri") || user != "digit" || secret != "s3cret" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant"})
		return
	}
	claims := map[string]any{
		"iss": p.URL, "aud": "digit", "sub": "one", "nonce": asked.Get("nonce"), "iat": clock.Now().Unix(), "exp": clock.Now().Add(time.Minute).Unix(),
	}
	for name, value := range p.claims {
		claims[name] = value
	}
	payload, _ := json.Marshal(claims)
	text, err := jose.Sign(p.signer, map[string]any{"typ": "JWT"}, payload)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": text})
}

const callback = "https://portal.example/sign-in/callback"

func (b *bundle) provide(t *testing.T, p *issuer, change func(*identity.Provider)) {
	t.Helper()
	provider, err := b.service.Discover(context.Background(), identity.Provider{
		Code: "idp", Name: i18n.Text{"pt": "Chave"}, Issuer: p.URL, ClientID: "digit", ClientSecret: "s3cret", Scopes: []string{"email"},
		Discovery: true, People: true, Staff: true, CreatePeople: true, TrustEmail: true, Enabled: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&provider)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.PutProvider(ctx, tx, provider) })
}

// visit signs in at the provider; meddle may change what comes back.
func (b *bundle) visit(t *testing.T, p *issuer, staff bool, claims map[string]any, meddle func(*identity.Pending, *string)) (identity.SignedIn, error) {
	t.Helper()
	return b.visitAt(t, p, "idp", staff, claims, meddle)
}

func (b *bundle) visitAt(t *testing.T, p *issuer, code string, staff bool, claims map[string]any, meddle func(*identity.Pending, *string)) (in identity.SignedIn, err error) {
	t.Helper()
	p.mu.Lock()
	p.claims = claims
	p.mu.Unlock()
	var address, state string
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		address, state, err = b.service.BeginFederated(ctx, tx, code, staff, callback)
		return err
	})
	if err != nil {
		return in, err
	}
	answer := p.authorize(t, address)
	var pending identity.Pending
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		pending, err = b.service.Pending(ctx, tx, state)
		return err
	})
	if err != nil {
		return in, err
	}
	if meddle != nil {
		meddle(&pending, &answer)
	}
	said, err := b.service.Redeem(context.Background(), pending, p.says(), answer)
	if err != nil {
		return in, err
	}
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = b.service.FinishFederated(ctx, tx, state, said)
		return err
	})
	if err == nil {
		again := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.FinishFederated(ctx, tx, state, said)
			return err
		})
		if !errors.Is(again, identity.ErrFederation) {
			t.Errorf("the same state again: %v", again)
		}
	}
	return in, err
}

func TestAPersonRegistersAtAProvider(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	claims := map[string]any{"sub": "p1", "name": "Maria Tavares", "email": "maria@example.org", "email_verified": true, "locale": "en-GB"}
	first, err := b.visit(t, p, false, claims, nil)
	if err != nil || !first.New || first.Principal.Name != "Maria Tavares" || first.Principal.Lang != "en" || first.Principal.Kind != identity.KindPerson {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := b.visit(t, p, false, map[string]any{"sub": "p1"}, nil)
	if err != nil || second.New || second.Principal.Account != first.Principal.Account {
		t.Fatalf("%+v, %v", second, err)
	}
	other, err := b.visit(t, p, false, map[string]any{"sub": "p2"}, nil)
	if err != nil || !other.New || other.Principal.Account == first.Principal.Account {
		t.Fatalf("%+v, %v", other, err)
	}
	// the address came with the account
	if in := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"}); in.New || in.Principal.Account != first.Principal.Account {
		t.Fatalf("by code: %+v", in)
	}
}

func TestAnAddressAloneOpensNobodysAccount(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	known := b.signIn(t, identity.StartCode{Channel: "email", Address: "maria@example.org"}).Principal.Account
	in, err := b.visit(t, p, false, map[string]any{"sub": "thief", "email": "maria@example.org", "email_verified": false}, nil)
	if err != nil || !in.New || in.Principal.Account == known {
		t.Fatalf("an address that the provider did not check: %+v, %v", in, err)
	}
	for _, verified := range []any{true, "true"} {
		if _, err = b.visit(t, p, false, map[string]any{"sub": "maria", "email": "Maria@Example.org", "email_verified": verified}, nil); !errors.Is(err, identity.ErrLinkFirst) {
			t.Fatalf("a checked address: %v", err)
		}
	}
	b.provide(t, p, func(p *identity.Provider) { p.TrustEmail, p.ClientSecret = false, "" })
	in, err = b.visit(t, p, false, map[string]any{"sub": "other", "email": "maria@example.org", "email_verified": true}, nil)
	if err != nil || !in.New || in.Principal.Account == known {
		t.Fatalf("a provider that is not trusted so far: %+v, %v", in, err)
	}
	b.provide(t, p, func(p *identity.Provider) { p.CreatePeople, p.ClientSecret = false, "" })
	if _, err = b.visit(t, p, false, map[string]any{"sub": "new"}, nil); !errors.Is(err, identity.ErrNoAccount) {
		t.Fatalf("a provider that makes no accounts: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, in.Principal.Account) })
	if _, err := b.visit(t, p, false, map[string]any{"sub": "other"}, nil); !errors.Is(err, identity.ErrSuspended) {
		t.Fatalf("a suspended account: %v", err)
	}
}

func TestStaffNeedAnAccount(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	account := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	nelson := map[string]any{"sub": "n", "email": "nelson@gov.example", "email_verified": true}
	for what, c := range map[string]struct {
		claims map[string]any
		want   error
	}{
		"a stranger":                  {map[string]any{"sub": "x", "email": "x@gov.example", "email_verified": true}, identity.ErrNotLinked},
		"whom an administrator added": {nelson, identity.ErrLinkFirst},
	} {
		if _, err := b.visit(t, p, true, c.claims, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.provide(t, p, func(p *identity.Provider) { p.StaffByEmail, p.ClientSecret = true, "" })
	in, err := b.visit(t, p, true, nelson, nil)
	if err != nil || in.Principal.Account != account || in.Principal.Kind != identity.KindStaff || in.New {
		t.Fatalf("%+v, %v", in, err)
	}
	citizen, err := b.visit(t, p, false, nelson, nil)
	if err != nil || citizen.Principal.Account == account || citizen.Principal.Kind != identity.KindPerson {
		t.Fatalf("the same subject at the other door: %+v, %v", citizen, err)
	}
	b.provide(t, p, func(p *identity.Provider) { p.Staff = false })
	if _, err := b.visit(t, p, true, nelson, nil); !errors.Is(err, identity.ErrNoProvider) {
		t.Fatalf("a provider not for staff: %v", err)
	}
}

func TestFederationRefusesWhatDoesNotCheckOut(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	for what, c := range map[string]struct {
		claims map[string]any
		meddle func(*identity.Pending, *string)
	}{
		"another nonce":    {claims: map[string]any{"nonce": "other"}},
		"another audience": {claims: map[string]any{"aud": "other"}},
		"another issuer":   {claims: map[string]any{"iss": "https://other.example"}},
		"an old token":     {claims: map[string]any{"exp": clock.Now().Add(-2 * time.Minute).Unix()}},
		"a future token":   {claims: map[string]any{"iat": clock.Now().Add(2 * time.Minute).Unix()}},
		"for several":      {claims: map[string]any{"aud": []string{"digit", "other"}}},
		"for another":      {claims: map[string]any{"aud": []string{"digit", "other"}, "azp": "other"}},
		"nobody":           {claims: map[string]any{"sub": ""}},
		"a made-up code":   {meddle: func(_ *identity.Pending, code *string) { *code = "made-up" }},
	} {
		if _, err := b.visit(t, p, false, c.claims, c.meddle); !errors.Is(err, identity.ErrFederation) {
			t.Errorf("%s: %v", what, err)
		}
	}
	stranger, err := jose.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.signer = stranger
	p.mu.Unlock()
	if _, err := b.visit(t, p, false, nil, nil); !errors.Is(err, identity.ErrFederation) {
		t.Errorf("a foreign key: %v", err)
	}
	p.mu.Lock()
	p.signer = p.key
	p.mu.Unlock()
	var state string
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		_, state, err = b.service.BeginFederated(ctx, tx, "idp", false, callback)
		return err
	})
	for what, later := range map[string]time.Duration{state: 11 * time.Minute, "made-up": 0} {
		err := b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
			tx.Wall = tx.Wall.Add(later)
			_, err := b.service.Pending(ctx, tx, what)
			return err
		})
		if !errors.Is(err, identity.ErrFederation) {
			t.Errorf("state %s after %s: %v", what, later, err)
		}
	}
	// claims of one sign-in do not finish another
	err = b.as(visitor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.FinishFederated(ctx, tx, state, identity.Claims{})
		return err
	})
	if !errors.Is(err, identity.ErrFederation) {
		t.Errorf("claims of another sign-in: %v", err)
	}
	p.Close()
	if _, err := b.visit(t, p, false, nil, nil); !errors.Is(err, identity.ErrProviderAway) {
		t.Errorf("a provider that is away: %v", err)
	}
}

func TestProvidersKeepTheirSecrets(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.service.Providers(ctx, tx)
		if len(all) != 1 || all[0].ClientSecret != "" || all[0].KeysURL != p.URL+"/keys" {
			t.Errorf("got %+v", all)
		}
		bad := all[0]
		bad.TokenURL, bad.ClientID, bad.StaffByEmail, bad.TrustEmail = "http://idp.example/token", "", true, false
		if err := b.service.PutProvider(ctx, tx, bad); !errors.Is(err, identity.ErrProvider) {
			t.Errorf("a token address without encryption: %v", err)
		}
		return err
	})
}
