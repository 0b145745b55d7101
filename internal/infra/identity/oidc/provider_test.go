package oidc_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/outbound"
)

// publish serves a discovery document.
func publish(t *testing.T, document func(issuer string) map[string]any) *httptest.Server {
	t.Helper()
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d := document(s.URL)
		if r.URL.Path != "/.well-known/openid-configuration" || d == nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(d)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestDiscovery(t *testing.T) {
	t.Parallel()
	full := func(change map[string]any) func(string) map[string]any {
		return func(issuer string) map[string]any {
			return merge(map[string]any{
				"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
				"userinfo_endpoint": issuer + "/info", "end_session_endpoint": issuer + "/end", "authorization_response_iss_parameter_supported": true,
				"id_token_signing_alg_values_supported": []string{"RS256"}, "token_endpoint_auth_methods_supported": []string{"client_secret_post"},
			}, change)
		}
	}
	s := publish(t, full(nil))
	got, err := client().Discover(t.Context(), s.URL)
	want := oidc.Endpoints{
		Authorize: s.URL + "/authorize", Token: s.URL + "/token", Keys: s.URL + "/keys", UserInfo: s.URL + "/info", EndSession: s.URL + "/end",
		TokenAuth: oidc.AuthPost, IssRequired: true,
	}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	plain := publish(t, full(map[string]any{"token_endpoint_auth_methods_supported": nil, "end_session_endpoint": nil, "authorization_response_iss_parameter_supported": nil}))
	if got, err := client().Discover(t.Context(), plain.URL); err != nil || got.TokenAuth != oidc.AuthBasic || got.EndSession != "" || got.IssRequired {
		t.Errorf("%+v, %v", got, err)
	}
	for what, c := range map[string]struct {
		document func(string) map[string]any
		want     error
	}{
		"another issuer":      {full(map[string]any{"issuer": "https://other.example"}), oidc.ErrIssuer},
		"only shared secrets": {full(map[string]any{"id_token_signing_alg_values_supported": []string{"HS256", "none"}}), oidc.ErrUnfit},
		"nothing there":       {func(string) map[string]any { return nil }, oidc.ErrAway},
	} {
		if _, err := client().Discover(t.Context(), publish(t, c.document).URL); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	strict := oidc.New(outbound.New(outbound.Options{}).Client())
	if _, err := strict.Discover(t.Context(), "https://127.0.0.1"); !errors.Is(err, outbound.ErrAddress) {
		t.Errorf("a network that is not called: %v", err)
	}
}

func TestWhereBrowsersAreSent(t *testing.T) {
	t.Parallel()
	p := oidc.Provider{
		Issuer: "https://a.example", ClientID: "digit", Scopes: []string{"email"}, ACR: []string{"high", "low"},
		Endpoints: oidc.Endpoints{Authorize: "https://a.example/authorize?x=1", EndSession: "https://a.example/end?y=2"},
	}
	verifier := oidc.Verifier()
	u, err := url.Parse(p.AuthorizeURL(oidc.Asked{Callback: "https://site.example/callback", Nonce: nonce, Verifier: verifier}, "state"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"x": "1", "client_id": "digit", "response_type": "code", "redirect_uri": "https://site.example/callback", "scope": "openid email", "state": "state",
		"nonce": nonce, "code_challenge_method": "S256", "acr_values": "high low",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q", name, q.Get(name))
		}
	}
	if len(q.Get("code_challenge")) != 43 || q.Get("code_challenge") == verifier || oidc.Verifier() == verifier {
		t.Errorf("code challenge %q", q.Get("code_challenge"))
	}
	end, err := url.Parse(p.EndSessionURL("https://site.example/signed-out"))
	if err != nil || end.Query().Get("y") != "2" || end.Query().Get("client_id") != "digit" || end.Query().Get("post_logout_redirect_uri") != "https://site.example/signed-out" {
		t.Errorf("%s, %v", end, err)
	}
	if p.EndSession = ""; p.EndSessionURL("x") != "" {
		t.Error("a place to sign out that is not there")
	}
}

func TestReach(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	c := client()
	if err := c.Reach(t.Context(), f.provider()); err != nil {
		t.Fatal(err)
	}
	if err := c.Reach(t.Context(), f.provider()); err != nil || f.asked.Load() != 1 {
		t.Errorf("asked %d times, %v", f.asked.Load(), err)
	}
	broken := publish(t, func(string) map[string]any { return nil })
	for what, keys := range map[string]string{"not there": broken.URL + "/keys", "nobody listens": "http://localhost:1/keys", "no address": "::"} {
		if err := c.Reach(t.Context(), oidc.Provider{Endpoints: oidc.Endpoints{Keys: keys}}); !errors.Is(err, oidc.ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
