// Package api is /api/v1, for programs that act for a person or look things up: the services on offer, requests for
// them, and whether a certificate is genuine; for the systems of agencies, which call with a key or an OAuth access token:
// applications by their reference and entries of registers. Beside it is the endpoint that issues those tokens, and the addresses at which anybody finds what verifies our
// certificates without us: status lists, public keys, and the types of certificates. Failures are RFC 9457 problems.
// openapi.json describes it all and is tested against the routes.
package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"

	"digit/internal/consumer/request"
	"digit/internal/infra/certificate"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/registry"
	"digit/internal/provider/catalog"
	"digit/internal/provider/orchestration"
	"digit/web/frame"
)

// Deps is what the API calls. PublicURL is where the transaction's tenant is reached, without a slash at the end.
type Deps struct {
	Catalog      *catalog.Service
	Requests     *request.Service
	Certificates *certificate.Service
	Encryption   *encryption.Service
	Identity     *identity.Service
	Applications *orchestration.Service
	Registers    *registry.Service
	Permissions  []string // of all modules
	PublicURL    func(ctx context.Context, tx *pg.Tx) (string, error)
}

// API holds the handlers.
type API struct{ deps Deps }

// New makes the API.
func New(d Deps) *API {
	if d.Catalog == nil || d.Requests == nil || d.Certificates == nil || d.Encryption == nil || d.Identity == nil || d.Applications == nil ||
		d.Registers == nil || d.PublicURL == nil {
		panic("api.New: a dependency is missing")
	}
	return &API{deps: d}
}

// Limits of bodies: answers are words, and a credential that is verified has no pictures.
const (
	requestLimit = 256 << 10
	verifyLimit  = 64 << 10
	tokenLimit   = 16 << 10
)

// perMinute is how often one person or address may send, verify, or ask for a token.
const perMinute = 60

//go:embed openapi.json
var openAPI []byte

// Routes lists the API's routes.
func (a *API) Routes() []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	route := func(method, pattern, permission string, h func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.API, Handler: h}
	}
	submit := route(post, "/api/v1/requests", frame.Citizen, a.submit)
	submit.MaxBody, submit.PerMinute = requestLimit, perMinute
	verify := route(post, "/api/v1/verify", frame.Public, a.verify)
	verify.MaxBody, verify.PerMinute = verifyLimit, perMinute
	token := route(post, "/oauth/token", frame.Public, a.token)
	token.MaxBody, token.PerMinute = tokenLimit, perMinute
	verify.MaxBody = verifyLimit
	keys := func(act, permission string, h func(*frame.Request) error) frame.Route {
		r := route(post, "/api/v1/encryption/"+act, permission, h)
		r.MaxBody = encryptionLimit
		return r
	}
	return []frame.Route{
		keys("encrypt", encryption.Encrypts, a.encrypt),
		keys("decrypt", encryption.Decrypts, a.decrypt),
		keys("sign", encryption.Signs, a.sign),
		keys("verify", encryption.Verifies, a.verifyData),
		route(get, "/api/v1/openapi.json", frame.Public, describe),
		route(get, "/api/v1/services", frame.Public, a.services),
		route(get, "/api/v1/services/{code}", frame.Public, a.service),
		route(get, "/api/v1/services/{code}/schema", frame.Public, a.schema),
		route(get, "/api/v1/services/{code}/openapi.json", frame.Public, a.serviceDescription),
		route(get, "/api/v1/requests", frame.Citizen, a.requests),
		submit,
		route(get, "/api/v1/requests/{id}", frame.Citizen, a.request),
		verify,
		route(get, "/api/v1/applications/{reference}", orchestration.Read, a.application),
		route(get, "/api/v1/registers/{register}/{key}", "registry:read", a.record),
		token,
		route(get, "/.well-known/oauth-authorization-server", frame.Public, a.authorizationServer),
		route(get, "/status/{list}", frame.Public, a.statusList),
		route(get, "/.well-known/jwks.json", frame.Public, a.jwks),
		route(get, "/.well-known/jwks/{agency}.json", frame.Public, a.jwks),
		route(get, "/.well-known/did.json", frame.Public, a.did),
		route(get, "/agencies/{agency}/did.json", frame.Public, a.did),
		route(get, "/vct/{type}", frame.Public, a.credentialType),
	}
}

// describe is the description of this API (OpenAPI 3.1).
func describe(r *frame.Request) error { return r.JSON(http.StatusOK, json.RawMessage(openAPI)) }

// shared lets pages of any site read an answer, which anybody may know, and keep it for some seconds.
func shared(r *frame.Request, mediaType, cache string, body []byte) error {
	h := r.W.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", cache)
	_, err := r.W.Write(body)
	return err
}
