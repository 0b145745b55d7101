package oidc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/outbound"
)

// forge is a provider whose tokens are made by the test, right or wrong.
type forge struct {
	*httptest.Server
	key       *ecdsa.PrivateKey
	published []jose.JSONWebKey
	asked     atomic.Int64 // for keys
	token     string       // the next id_token
	info      string       // answer of the userinfo endpoint
	status    int          // of the token endpoint, where it is no success
}

func newForge(t *testing.T) *forge {
	t.Helper()
	f := &forge{key: newKey(t)}
	f.publish(&f.key.PublicKey, "one")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		f.asked.Add(1)
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: f.published})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if f.status != 0 {
			w.WriteHeader(f.status)
			json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": "maria@example.org did it"})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": f.token})
	})
	mux.HandleFunc("GET /info", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" || f.info == "" {
			w.WriteHeader(http.StatusForbidden)
			w.Write([]byte("maria@example.org may not"))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(f.info))
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (f *forge) publish(key any, kid string) {
	f.published = append(f.published, jose.JSONWebKey{Key: key, KeyID: kid, Use: "sig"})
}

func (f *forge) provider() oidc.Provider {
	return oidc.Provider{
		Issuer: f.URL, ClientID: "digit", ClientSecret: "s3cret",
		Endpoints: oidc.Endpoints{Authorize: f.URL + "/authorize", Token: f.URL + "/token", Keys: f.URL + "/keys"},
	}
}

const nonce = "n-0S6_WzA2Mj"

// claims are those of a good ID token, changed; nil takes one away.
func (f *forge) claims(change map[string]any) map[string]any {
	return merge(map[string]any{
		"iss": f.URL, "aud": "digit", "sub": "one", "nonce": nonce, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}, change)
}

// logout are the claims of a good logout token, changed.
func (f *forge) logout(change map[string]any) map[string]any {
	return merge(map[string]any{
		"iss": f.URL, "aud": "digit", "sub": "one", "sid": "s1", "jti": "j1", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}, change)
}

func merge(claims, change map[string]any) map[string]any {
	for name, v := range change {
		if claims[name] = v; v == nil {
			delete(claims, name)
		}
	}
	return claims
}

// sign makes a token with any header.
func sign(t *testing.T, alg jose.SignatureAlgorithm, key any, header map[string]any, claims map[string]any) string {
	t.Helper()
	opt := &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{}}
	for name, v := range header {
		opt.ExtraHeaders[jose.HeaderKey(name)] = v
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opt)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	object, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := object.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// raw makes a token by hand, with a signature of the caller's own.
func raw(t *testing.T, header, claims map[string]any, signature string) string {
	t.Helper()
	var parts []string
	for _, part := range []map[string]any{header, claims} {
		b, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(b))
	}
	return strings.Join(append(parts, signature), ".")
}

func client() *oidc.Client {
	return oidc.New(outbound.New(outbound.Options{Networks: outbound.Loopback}).Client())
}

func (f *forge) redeem(token string) (oidc.Claims, error) {
	f.token = token
	return client().Redeem(context.Background(), f.provider(), oidc.Asked{Callback: "https://site.example/callback", Nonce: nonce, Verifier: "v"}, "code")
}

// hostile are tokens that nobody may believe, for a set of claims and the type that they are to have.
func (f *forge) hostile(t *testing.T, typ string, good map[string]any, with func(change map[string]any) map[string]any) map[string]string {
	t.Helper()
	mallory := newKey(t)
	public := jose.JSONWebKey{Key: &mallory.PublicKey, KeyID: "one"}
	der, err := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	secret := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	jwk, err := json.Marshal(f.published[0])
	if err != nil {
		t.Fatal(err)
	}
	ours := sign(t, jose.ES256, f.key, map[string]any{"typ": typ, "kid": "one"}, good)
	parts := strings.Split(ours, ".")
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.Error("an address in a token's header was asked")
		json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}})
	}))
	t.Cleanup(elsewhere.Close)
	header := func(more map[string]any) map[string]any { return merge(map[string]any{"typ": typ, "kid": "one"}, more) }
	signed := func(claims map[string]any) string { return sign(t, jose.ES256, f.key, header(nil), claims) }
	return map[string]string{
		"no algorithm":                     raw(t, header(map[string]any{"alg": "none"}), good, ""),
		"no algorithm, in capitals":        raw(t, header(map[string]any{"alg": "NONE"}), good, ""),
		"no algorithm, the old signature":  raw(t, header(map[string]any{"alg": "none"}), good, parts[2]),
		"the public key as a secret (PEM)": sign(t, jose.HS256, secret, header(nil), good),
		"the public key as a secret (JWK)": sign(t, jose.HS256, jwk, header(nil), good),
		"the client's secret":              sign(t, jose.HS256, append([]byte("s3cret"), make([]byte, 32)...), header(nil), good),
		"a foreign key":                    sign(t, jose.ES256, mallory, header(nil), good),
		"a foreign key in the header":      sign(t, jose.ES256, mallory, header(map[string]any{"jwk": public}), good),
		"an address of keys in the header": sign(t, jose.ES256, mallory, header(map[string]any{"jku": elsewhere.URL}), good),
		"an address of certificates":       sign(t, jose.ES256, mallory, header(map[string]any{"x5u": elsewhere.URL}), good),
		"a key that nobody published":      sign(t, jose.ES256, mallory, map[string]any{"typ": typ, "kid": "two"}, good),
		"no signature":                     parts[0] + "." + parts[1] + ".",
		"an altered claim":                 parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"two"}`)) + "." + parts[2],
		"no token":                         "no token",
		"nothing":                          "",
		"a critical header":                raw(t, header(map[string]any{"alg": "ES256", "crit": []string{"x"}, "x": 1}), good, parts[2]),
		"another issuer":                   signed(with(map[string]any{"iss": "https://other.example"})),
		"an issuer with a slash":           signed(with(map[string]any{"iss": f.URL + "/"})),
		"no issuer":                        signed(with(map[string]any{"iss": nil})),
		"another audience":                 signed(with(map[string]any{"aud": "other"})),
		"no audience":                      signed(with(map[string]any{"aud": nil})),
		"expired":                          signed(with(map[string]any{"exp": time.Now().Add(-2 * time.Minute).Unix()})),
		"no end":                           signed(with(map[string]any{"exp": nil})),
		"issued in the future":             signed(with(map[string]any{"iat": time.Now().Add(3 * time.Minute).Unix()})),
		"a type of another use (at+jwt)":   sign(t, jose.ES256, f.key, map[string]any{"typ": "at+jwt", "kid": "one"}, good),
		"a type of another use (secevent)": sign(t, jose.ES256, f.key, map[string]any{"typ": "secevent+jwt", "kid": "one"}, good),
	}
}

func TestAGoodTokenIsBelieved(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	claims := f.claims(map[string]any{
		"sid": "s1", "given_name": "Maria", "family_name": "Tavares", "email": "maria@example.org", "email_verified": "true", "phone_number": "+2389911111",
		"phone_number_verified": true, "locale": "pt_CV", "acr": "high", "amr": []string{"pwd", "otp"}, "auth_time": at.Unix(), "groups": []string{"a", "b"},
		"aud": []string{"digit"}, "azp": "digit", "exp": time.Now().Add(-30 * time.Second).Unix(), // within the skew
	})
	for _, typ := range []any{"JWT", "jwt", nil} {
		c, err := f.redeem(sign(t, jose.ES256, f.key, merge(map[string]any{"kid": "one"}, map[string]any{"typ": typ}), claims))
		if err != nil {
			t.Fatal(err)
		}
		if c.Issuer != f.URL || c.Subject != "one" || c.Session != "s1" || c.Name != "Maria Tavares" || c.Email != "maria@example.org" || !c.EmailVerified ||
			c.Phone != "+2389911111" || !c.PhoneVerified || c.Lang != "pt-CV" || c.ACR != "high" || strings.Join(c.AMR, " ") != "pwd otp" || !c.AuthTime.Equal(at) {
			t.Errorf("got %+v", c)
		}
		if groups, _ := c.All["groups"].([]any); len(groups) != 2 {
			t.Errorf("claims for rules: %v", c.All)
		}
	}
	if _, err := f.redeem(sign(t, jose.ES256, f.key, map[string]any{"kid": "one"}, f.claims(map[string]any{"name": 7, "amr": "pwd", "auth_time": "then", "locale": nil}))); err != nil {
		t.Errorf("claims written in other ways: %v", err)
	}
}

func TestTokensThatNobodyMayBelieve(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	all := f.hostile(t, "JWT", f.claims(nil), f.claims)
	signed := func(change map[string]any) string {
		return sign(t, jose.ES256, f.key, map[string]any{"kid": "one"}, f.claims(change))
	}
	all["a logout token"] = sign(t, jose.ES256, f.key, map[string]any{"typ": "logout+jwt", "kid": "one"}, f.logout(map[string]any{"nonce": nonce}))
	all["another nonce"] = signed(map[string]any{"nonce": "other"})
	all["no nonce"] = signed(map[string]any{"nonce": nil})
	all["no subject"] = signed(map[string]any{"sub": nil})
	all["for several, issued to nobody"] = signed(map[string]any{"aud": []string{"digit", "other"}})
	all["for several, issued to another"] = signed(map[string]any{"aud": []string{"digit", "other"}, "azp": "other"})
	all["issued to another"] = signed(map[string]any{"azp": "other"})
	all["of another access token"] = signed(map[string]any{"at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng"})
	all["not yet good"] = signed(map[string]any{"nbf": time.Now().Add(10 * time.Minute).Unix()})
	for what, token := range all {
		if c, err := f.redeem(token); !errors.Is(err, oidc.ErrRefused) {
			t.Errorf("%s: %+v, %v", what, c, err)
		}
	}
	f.status = http.StatusBadRequest
	if _, err := f.redeem("x"); !errors.Is(err, oidc.ErrRefused) || strings.Contains(err.Error(), "maria") {
		t.Errorf("a refused code: %v", err)
	}
	f.status = http.StatusBadGateway
	if _, err := f.redeem("x"); !errors.Is(err, oidc.ErrAway) || strings.Contains(err.Error(), "maria") {
		t.Errorf("a broken provider: %v", err)
	}
}

func TestLogoutTokens(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	c := client()
	typed := func(claims map[string]any) string {
		return sign(t, jose.ES256, f.key, map[string]any{"typ": "logout+jwt", "kid": "one"}, claims)
	}
	for what, change := range map[string]map[string]any{"both": nil, "a session": {"sub": nil}, "a subject": {"sid": nil}} {
		said, err := c.Logout(t.Context(), f.provider(), typed(f.logout(change)))
		if err != nil || said.ID != "j1" || said.Issuer != f.URL {
			t.Errorf("%s: %+v, %v", what, said, err)
		}
	}
	all := f.hostile(t, "logout+jwt", f.logout(nil), f.logout)
	all["an ID token"] = sign(t, jose.ES256, f.key, map[string]any{"typ": "JWT", "kid": "one"}, f.claims(nil))
	all["an ID token with the event"] = sign(t, jose.ES256, f.key, map[string]any{"typ": "JWT", "kid": "one"}, f.logout(nil))
	all["no type"] = sign(t, jose.ES256, f.key, map[string]any{"kid": "one"}, f.logout(nil))
	for what, change := range map[string]map[string]any{
		"a nonce": {"nonce": nonce}, "an empty nonce": {"nonce": ""}, "no events": {"events": nil}, "another event": {"events": map[string]any{"https://other.example": map[string]any{}}},
		"an event that says nothing":      {"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": nil}},
		"an event that is no object":      {"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": "yes"}},
		"neither a session nor a subject": {"sub": nil, "sid": nil}, "no number": {"jti": nil}, "nobody knows when it was issued": {"iat": nil},
	} {
		all[what] = typed(f.logout(change))
	}
	for what, token := range all {
		if said, err := c.Logout(t.Context(), f.provider(), token); !errors.Is(err, oidc.ErrRefused) {
			t.Errorf("%s: %+v, %v", what, said, err)
		}
	}
	f.Close()
	if _, err := client().Logout(t.Context(), f.provider(), typed(f.logout(nil))); !errors.Is(err, oidc.ErrAway) {
		t.Errorf("a provider whose keys cannot be had: %v", err)
	}
}

func TestKeysTurnOverAndAreNotAskedForTooOften(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	c := client()
	logout := func(key *ecdsa.PrivateKey, kid string) error {
		_, err := c.Logout(t.Context(), f.provider(), sign(t, jose.ES256, key, map[string]any{"typ": "logout+jwt", "kid": kid}, f.logout(nil)))
		return err
	}
	for range 20 {
		if err := logout(f.key, "one"); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.asked.Load(); n != 1 {
		t.Errorf("known keys were asked for %d times", n)
	}
	next := newKey(t)
	f.published = nil
	f.publish(&next.PublicKey, "two")
	if err := logout(next, "two"); err != nil {
		t.Errorf("a new key: %v", err)
	}
	if err := logout(f.key, "one"); err == nil {
		t.Error("a key that is no longer published is believed")
	}
	for range 50 {
		if err := logout(newKey(t), "made-up"); err == nil {
			t.Fatal("a made-up key is believed")
		}
	}
	if n := f.asked.Load(); n > 6 {
		t.Errorf("made-up keys made us ask %d times", n)
	}
	if err := logout(next, "two"); err != nil {
		t.Errorf("a known key, meanwhile: %v", err)
	}
}

func TestTheUserinfoEndpointAddsWhatTheTokenLeavesOut(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	redeem := func() (oidc.Claims, error) {
		f.token = sign(t, jose.ES256, f.key, map[string]any{"kid": "one"}, f.claims(map[string]any{"name": "Maria"}))
		p := f.provider()
		p.UserInfo = f.URL + "/info"
		return client().Redeem(t.Context(), p, oidc.Asked{Nonce: nonce}, "code")
	}
	f.info = `{"sub":"one","name":"Somebody","email":"maria@example.org","email_verified":true,"groups":["a"]}`
	c, err := redeem()
	if err != nil || c.Name != "Maria" || c.Email != "maria@example.org" || !c.EmailVerified || c.All["groups"] == nil {
		t.Errorf("%+v, %v", c, err)
	}
	f.info = `{"sub":"two","email":"thief@example.org"}`
	if _, err := redeem(); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("somebody else's: %v", err)
	}
	f.info = ""
	if _, err := redeem(); !errors.Is(err, oidc.ErrAway) || strings.Contains(err.Error(), "maria") {
		t.Errorf("no answer: %v", err)
	}
}

func TestWhoAnswersIsWhoWasAsked(t *testing.T) {
	t.Parallel()
	p := oidc.Provider{Issuer: "https://a.example"}
	for iss, good := range map[string]bool{"": true, "https://a.example": true, "https://a.example/": false, "https://b.example": false} {
		if err := p.CheckIssuer(iss); (err == nil) != good {
			t.Errorf("%q: %v", iss, err)
		}
	}
	p.IssRequired = true
	if err := p.CheckIssuer(""); !errors.Is(err, oidc.ErrRefused) {
		t.Errorf("nobody: %v", err)
	}
}
