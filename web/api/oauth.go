package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// serverMetadata says how programs get an access token (RFC 8414).
type serverMetadata struct {
	Issuer        string   `json:"issuer"`
	TokenEndpoint string   `json:"token_endpoint"`
	Scopes        []string `json:"scopes_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	Grants        []string `json:"grant_types_supported"`
	AuthMethods   []string `json:"token_endpoint_auth_methods_supported"`
	Documentation string   `json:"service_documentation"`
}

func (a *API) authorizationServer(r *frame.Request) error {
	var issuer string
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		issuer, err = a.deps.PublicURL(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, serverMetadata{
		Issuer: issuer, TokenEndpoint: issuer + "/oauth/token", Scopes: a.scopes(), ResponseTypes: []string{}, Grants: []string{clientCredentials},
		AuthMethods: []string{"client_secret_basic", "client_secret_post"}, Documentation: issuer + "/api/v1/openapi.json",
	})
}

// scopes are the permissions that a machine can have.
func (a *API) scopes() []string {
	return slices.DeleteFunc(slices.Sorted(slices.Values(a.deps.Permissions)), func(p string) bool { return !identity.Grantable(p) })
}

const clientCredentials = "client_credentials"

// tokenError is a refusal of the token endpoint, in the words of RFC 6749, section 5.2.
type tokenError struct {
	Code   string `json:"error"`
	Detail string `json:"error_description,omitempty"`
}

func refuseToken(r *frame.Request, status int, code, detail string) error {
	if status == http.StatusUnauthorized {
		r.W.Header().Set("WWW-Authenticate", `Basic realm="digit", charset="UTF-8"`)
	}
	return r.JSON(status, tokenError{code, detail})
}

// token changes a client's secret for an access token (RFC 6749, section 4.4).
func (a *API) token(r *frame.Request) error {
	r.W.Header().Set("Pragma", "no-cache")
	posted, err := r.Form()
	if err != nil {
		return refuseToken(r, http.StatusBadRequest, "invalid_request", "The body is no form.")
	}
	for name, values := range posted {
		if len(values) > 1 {
			return refuseToken(r, http.StatusBadRequest, "invalid_request", "A parameter stands twice: "+name)
		}
	}
	id, secret, problem := client(r, posted)
	switch {
	case problem != "":
		return refuseToken(r, http.StatusBadRequest, "invalid_request", problem)
	case posted.Get("grant_type") == "":
		return refuseToken(r, http.StatusBadRequest, "invalid_request", "grant_type is missing.")
	case posted.Get("grant_type") != clientCredentials:
		return refuseToken(r, http.StatusBadRequest, "unsupported_grant_type", "Only client_credentials is offered.")
	case id == "":
		return refuseToken(r, http.StatusUnauthorized, "invalid_client", "The client did not say who it is.")
	}
	var made identity.Token
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		made, err = a.deps.Identity.IssueToken(ctx, tx, id, secret, strings.Fields(posted.Get("scope")))
		return err
	})
	switch {
	case errors.Is(err, identity.ErrClient):
		r.Refused(err)
		return refuseToken(r, http.StatusUnauthorized, "invalid_client", "There is no such client, or its secret is another.")
	case errors.Is(err, identity.ErrScope):
		r.Refused(err)
		return refuseToken(r, http.StatusBadRequest, "invalid_scope", "The client has not all of the scopes.")
	case errors.Is(err, identity.ErrRate):
		r.Refused(err)
		frame.RetryAfter(r.W, fault.Of(err))
		return refuseToken(r, http.StatusTooManyRequests, "temporarily_unavailable", "The client calls too often.")
	case err != nil:
		return err
	}
	return r.JSON(http.StatusOK, struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
		Scope   string `json:"scope"`
	}{made.Text, "Bearer", int(made.Expires.Seconds()), strings.Join(made.Scope, " ")})
}

// client reads who asks and its secret, from the Authorization header or from the body, never from both (RFC 6749, section 2.3).
func client(r *frame.Request, posted url.Values) (id, secret, problem string) {
	user, password, basic := r.BasicAuth()
	inBody := posted.Has("client_secret")
	if basic && inBody {
		return "", "", "The client proves itself in two ways."
	}
	if !basic {
		return posted.Get("client_id"), posted.Get("client_secret"), ""
	}
	id, err := url.QueryUnescape(user)
	if err != nil {
		return "", "", "The Authorization header cannot be read."
	}
	if secret, err = url.QueryUnescape(password); err != nil {
		return "", "", "The Authorization header cannot be read."
	}
	if named := posted.Get("client_id"); named != "" && named != id {
		return "", "", "Two clients are named."
	}
	return id, secret, ""
}
