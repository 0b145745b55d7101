package edge

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

// basic is what a client of the token endpoint proves itself with (RFC 6749, section 2.3.1).
func (c *client) basic(id, secret string, pairs ...string) answer {
	c.t.Helper()
	req, err := http.NewRequest(http.MethodPost, c.base, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.SetBasicAuth(id, secret)
	return c.send(http.MethodPost, "/oauth/token", strings.NewReader(values(pairs).Encode()), map[string]string{
		"Content-Type": formType, "Authorization": req.Header.Get("Authorization"),
	})
}

// TestTokenEndpoint: a program gets a token for what it may, for ten minutes, by its own secret and by no other way; the token
// opens what its scope says in its own tenant, and is dead with the client.
func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	h := open(t)
	id, secret := h.addMachine(t, "", identity.NewMachine{Name: "Banco", Kind: identity.MachineClient, Permissions: []string{"registry:read", "orchestration:read"}})
	_, key := h.addMachine(t, "", identity.NewMachine{Name: "Chave", Kind: identity.MachineKey, Permissions: []string{"registry:read"}})
	c, client := h.visitor(t), id.String()
	for what, try := range map[string]struct {
		id, secret string
		pairs      []string
		status     int
		code       string
	}{
		"another secret":          {client, key, []string{"grant_type", "client_credentials"}, 401, "invalid_client"},
		"no secret":               {client, "", []string{"grant_type", "client_credentials"}, 401, "invalid_client"},
		"another client":          {newID(), secret, []string{"grant_type", "client_credentials"}, 401, "invalid_client"},
		"a password":              {client, secret, []string{"grant_type", "password", "username", "x", "password", "y"}, 400, "unsupported_grant_type"},
		"a code":                  {client, secret, []string{"grant_type", "authorization_code", "code", "x"}, 400, "unsupported_grant_type"},
		"a refresh token":         {client, secret, []string{"grant_type", "refresh_token", "refresh_token", "x"}, 400, "unsupported_grant_type"},
		"nothing":                 {client, secret, nil, 400, "invalid_request"},
		"twice":                   {client, secret, []string{"grant_type", "client_credentials", "scope", "registry:read", "scope", "orchestration:read"}, 400, "invalid_request"},
		"more than it may":        {client, secret, []string{"grant_type", "client_credentials", "scope", "registry:read payment:refund"}, 400, "invalid_scope"},
		"in two ways":             {client, secret, []string{"grant_type", "client_credentials", "client_secret", secret}, 400, "invalid_request"},
		"in somebody else's name": {client, secret, []string{"grant_type", "client_credentials", "client_id", newID()}, 400, "invalid_request"},
	} {
		a := c.basic(try.id, try.secret, try.pairs...)
		var said struct{ Error string }
		if err := json.Unmarshal([]byte(a.body), &said); err != nil || a.status != try.status || said.Error != try.code || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s, %v", what, a.status, a.body, err)
		}
	}
	if a := c.get("/oauth/token?grant_type=client_credentials&client_id=" + client + "&client_secret=" + secret); a.status != http.StatusMethodNotAllowed && a.status != http.StatusNotFound {
		t.Errorf("a secret in an address: %d", a.status)
	}
	for _, want := range []string{"code=identity.client", "code=identity.scope"} {
		if !strings.Contains(h.Log.String(), want) {
			t.Errorf("the log does not say that a client was refused: %s", want)
		}
	}
	var token struct {
		Text    string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Scope   string `json:"scope"`
	}
	a := c.want(c.basic(client, secret, "grant_type", "client_credentials", "scope", "registry:read"), http.StatusOK, "its own")
	if err := json.Unmarshal([]byte(a.body), &token); err != nil || token.Type != "Bearer" || token.Expires != 600 || token.Scope != "registry:read" {
		t.Fatalf("%s, %v", a.body, err)
	}
	c.bearer = token.Text
	const register, application = "/api/v1/registers/births/none", "/api/v1/applications/NONE"
	for path, want := range map[string]int{register: http.StatusNotFound, application: http.StatusForbidden, "/api/v1/requests": http.StatusForbidden, "/workbench": http.StatusSeeOther} {
		if a := c.get(path); a.status != want {
			t.Errorf("%s with the token: %d", path, a.status)
		}
	}
	if a := c.at("sandbox").get(register); a.status != http.StatusUnauthorized {
		t.Errorf("in another tenant: %d", a.status)
	}
	if a := h.visitor(t).get(register + "?access_token=" + token.Text); a.status != http.StatusUnauthorized {
		t.Errorf("in the address: %d", a.status)
	}
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error { return h.Identity.RevokeMachine(ctx, tx, id) })
	if a := c.get(register); a.status != http.StatusUnauthorized {
		t.Errorf("after the client was revoked: %d", a.status)
	}
}
