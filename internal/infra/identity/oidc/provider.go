// Package oidc speaks with OpenID providers as a relying party: it discovers where they are, sends people there and takes
// back what is said of them, and hears when they signed out there (OpenID Connect Core 1.0, Discovery 1.0, Back-Channel
// Logout 1.0; RFC 6749, 7636, 9207). It knows no accounts and no database, and believes nothing that is not signed by a
// key which the provider publishes at the address that was agreed.
package oidc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"digit/internal/infra/platform/clock"
)

// Errors of this package. What lies behind them is for logs.
var (
	// ErrAway says that the provider did not answer, or that its answer makes no sense.
	ErrAway = errors.New("the provider does not answer")
	// ErrRefused says that what came back does not check out.
	ErrRefused = errors.New("what the provider says does not check out")
	// ErrIssuer says that the provider calls itself by another issuer than the one asked for.
	ErrIssuer = errors.New("the provider calls itself by another issuer")
	// ErrUnfit says that the provider cannot do what is asked of it here: sign with a pair of keys.
	ErrUnfit = errors.New("the provider signs with no algorithm that is believed here")
)

// algorithms are those with a pair of keys: a secret shared with us would let us, or whoever reads our database, speak
// for the provider.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
}

// The ways in which a client proves itself at the token endpoint (OpenID Connect Core 1.0, 9).
const (
	AuthBasic = "basic" // client_secret_basic
	AuthPost  = "post"  // client_secret_post
)

// Endpoints are where a provider is, and what it is able to do.
type Endpoints struct {
	Authorize, Token, Keys string
	UserInfo, EndSession   string // "" where there is none
	TokenAuth              string // AuthBasic or AuthPost
	IssRequired            bool   // its answers name it, so that one without a name is not its own (RFC 9207)
}

// Provider is one provider as this client knows it.
type Provider struct {
	Endpoints
	Issuer       string // exactly as it stands in tokens
	ClientID     string
	ClientSecret string   // "" for a public client
	Scopes       []string // beside openid
	ACR          []string // asked for, the best liked first
}

// Client speaks with providers. It is safe for concurrent use.
type Client struct {
	http *http.Client

	mu      sync.Mutex
	keys    map[string]keys // by address
	reached map[string]time.Time
}

// New returns a client that calls by this one.
func New(client *http.Client) *Client {
	return &Client{http: client, keys: map[string]keys{}, reached: map[string]time.Time{}}
}

// Discover asks an issuer where it is. Errors: ErrAway, ErrIssuer, ErrUnfit.
func (c *Client) Discover(ctx context.Context, issuer string) (Endpoints, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, c.http), issuer)
	var mismatch *oidc.IssuerMismatchError
	switch {
	case errors.As(err, &mismatch):
		return Endpoints{}, errors.Join(ErrIssuer, err)
	case err != nil:
		return Endpoints{}, errors.Join(ErrAway, err)
	}
	var said struct {
		Keys       string   `json:"jwks_uri"`
		EndSession string   `json:"end_session_endpoint"`
		TokenAuth  []string `json:"token_endpoint_auth_methods_supported"`
		Iss        bool     `json:"authorization_response_iss_parameter_supported"`
		Algorithms []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := found.Claims(&said); err != nil {
		return Endpoints{}, errors.Join(ErrAway, err)
	}
	known := func(alg string) bool { return slices.Contains(algorithms, alg) }
	if len(said.Algorithms) > 0 && !slices.ContainsFunc(said.Algorithms, known) {
		return Endpoints{}, ErrUnfit
	}
	e := Endpoints{
		Authorize: found.Endpoint().AuthURL, Token: found.Endpoint().TokenURL, Keys: said.Keys, UserInfo: found.UserInfoEndpoint(),
		EndSession: said.EndSession, TokenAuth: AuthBasic, IssRequired: said.Iss,
	}
	if len(said.TokenAuth) > 0 && !slices.Contains(said.TokenAuth, "client_secret_basic") && slices.Contains(said.TokenAuth, "client_secret_post") {
		e.TokenAuth = AuthPost
	}
	return e, nil
}

const (
	// reachPatience is how long somebody who wants to sign in waits to learn that the provider is away.
	reachPatience = 4 * time.Second
	// reachedFor is how long a provider that answered is taken to be there.
	reachedFor = 5 * time.Second
)

// Reach asks the provider for its keys, to learn whether it is there before anybody is sent to it. Errors: ErrAway.
func (c *Client) Reach(ctx context.Context, p Provider) error {
	c.mu.Lock()
	last := c.reached[p.Keys]
	c.mu.Unlock()
	if clock.Now().Sub(last) < reachedFor {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reachPatience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Keys, nil)
	if err != nil {
		return errors.Join(ErrAway, err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return errors.Join(ErrAway, err)
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return errors.Join(ErrAway, err)
	}
	if res.StatusCode != http.StatusOK {
		return errors.Join(ErrAway, errors.New(res.Status))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reached[p.Keys] = clock.Now()
	return nil
}

// keys are a provider's published keys. Unknown ones are asked for as they turn up; all are forgotten after an hour, so
// that one which the provider withdrew is not believed for good.
type keys struct {
	set  *oidc.RemoteKeySet
	born time.Time
}

const keysFor = time.Hour

// keySet returns the keys at an address. They outlive the request.
func (c *Client) keySet(url string) *oidc.RemoteKeySet {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := clock.Now()
	k, ok := c.keys[url]
	if !ok || now.Sub(k.born) > keysFor {
		calls := &http.Client{Timeout: c.http.Timeout, CheckRedirect: c.http.CheckRedirect, Transport: &sparing{next: c.http}}
		k = keys{oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), calls), url), now}
		c.keys[url] = k
	}
	return k.set
}

// sparing repeats the last answer to those who ask too often: anybody can post a token with a key that nobody knows, and
// must not make us ask the provider each time.
type sparing struct {
	next *http.Client

	mu     sync.Mutex
	since  time.Time
	asked  int
	status int
	header http.Header
	body   []byte
}

const (
	askedWindow = 10 * time.Second
	askedMost   = 5 // in a window
)

// RoundTrip asks, or remembers.
func (s *sparing) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := clock.Now(); now.Sub(s.since) > askedWindow {
		s.since, s.asked = now, 0
	}
	if s.asked++; s.asked > askedMost {
		if s.status == 0 {
			return nil, ErrAway
		}
		return s.answer(r), nil
	}
	res, err := s.next.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it was only read
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	s.status, s.header, s.body = res.StatusCode, res.Header, body
	return s.answer(r), nil
}

func (s *sparing) answer(r *http.Request) *http.Response {
	return &http.Response{
		Status: http.StatusText(s.status), StatusCode: s.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: s.header.Clone(), Body: io.NopCloser(bytes.NewReader(s.body)), ContentLength: int64(len(s.body)), Request: r,
	}
}
