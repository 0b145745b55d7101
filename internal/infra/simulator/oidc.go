package simulator

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// idpSigner is as whom the simulated identity provider signs.
var idpSigner = encryption.Signer{Owner: "simulator-idp", Use: encryption.UseToken}

const (
	codeLife  = 5 * time.Minute // real time
	tokenLife = time.Hour
	// ClientID is the one client that the simulated identity provider knows.
	ClientID = "digit"
)

// Discovery is the OpenID provider's configuration.
type Discovery struct {
	Issuer        string   `json:"issuer"`
	Authorization string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	UserInfo      string   `json:"userinfo_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	ResponseTypes []string `json:"response_types_supported"`
	SubjectTypes  []string `json:"subject_types_supported"`
	Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	Scopes        []string `json:"scopes_supported"`
	ClientAuth    []string `json:"token_endpoint_auth_methods_supported"`
	Challenges    []string `json:"code_challenge_methods_supported"`
	Claims        []string `json:"claims_supported"`
}

// Issuer returns the identity provider's issuer. Errors: ErrProduction.
func (s *Service) Issuer(ctx context.Context, tx *pg.Tx) (string, error) {
	if err := allowed(ctx, tx); err != nil {
		return "", err
	}
	base, err := s.baseURL(ctx, tx)
	return base + "/sim/idp", err
}

// Discovery returns what stands under /.well-known/openid-configuration. Errors: ErrProduction.
func (s *Service) Discovery(ctx context.Context, tx *pg.Tx) (Discovery, error) {
	issuer, err := s.Issuer(ctx, tx)
	return Discovery{
		Issuer: issuer, Authorization: issuer + "/authorize", Token: issuer + "/token", UserInfo: issuer + "/userinfo",
		JWKS: issuer + "/jwks", ResponseTypes: []string{"code"}, SubjectTypes: []string{"public"}, Algorithms: []string{"ES256"},
		Scopes: []string{"openid", "profile", "email", "phone"}, ClientAuth: []string{"client_secret_basic", "client_secret_post"},
		Challenges: []string{"S256"}, Claims: []string{"sub", "name", "email", "email_verified", "phone_number", "phone_number_verified"},
	}, err
}

// JWKS returns the keys with which tokens are checked. Errors: ErrProduction.
func (s *Service) JWKS(ctx context.Context, tx *pg.Tx) ([]byte, error) {
	if err := allowed(ctx, tx); err != nil {
		return nil, err
	}
	return s.keys.JWKS(ctx, tx, idpSigner.Owner)
}

// ClientSecret returns the secret of the one client, for identity.PutProvider. Errors: ErrProduction.
func (s *Service) ClientSecret(ctx context.Context, tx *pg.Tx) (string, error) {
	if err := allowed(ctx, tx); err != nil {
		return "", err
	}
	return s.secret(ctx, tx, "idp.client")
}

// SignInRequest holds the parameters of GET /authorize.
type SignInRequest struct {
	ResponseType, ClientID, RedirectURI, Scope, State, Nonce, CodeChallenge, CodeChallengeMethod string
}

// CheckSignIn refuses a request that must not lead to a redirect: the page says so itself.
// Errors: ErrProduction, ErrClient.
func (s *Service) CheckSignIn(ctx context.Context, tx *pg.Tx, r SignInRequest) error {
	if err := allowed(ctx, tx); err != nil {
		return err
	}
	base, err := s.baseURL(ctx, tx)
	if err != nil {
		return err
	}
	openid := strings.Contains(" "+r.Scope+" ", " openid ")
	pkce := r.CodeChallenge == "" && r.CodeChallengeMethod == "" || r.CodeChallenge != "" && r.CodeChallengeMethod == "S256"
	if r.ClientID != ClientID || r.ResponseType != "code" || !openid || !pkce || !strings.HasPrefix(r.RedirectURI, base+"/") {
		return ErrClient
	}
	return nil
}

// Authorize signs the person in and returns where to send the browser, with a code good for five minutes and once.
// Errors: ErrProduction, ErrClient, ErrUnknown for a subject nobody has.
func (s *Service) Authorize(ctx context.Context, tx *pg.Tx, r SignInRequest, subject string) (redirect string, err error) {
	defer fault.Wrap(&err, "simulator.Authorize(%s)", subject)
	if err := s.CheckSignIn(ctx, tx, r); err != nil {
		return "", err
	}
	if _, err := s.getPerson(ctx, tx, subject); err != nil {
		return "", err
	}
	code := id.Token(32)
	if err := insertAuthCode(ctx, tx, id.Digest(code), r, subject, tx.Wall.Add(codeLife)); err != nil {
		return "", err
	}
	return withQuery(r.RedirectURI, url.Values{"code": {code}, "state": {r.State}})
}

// Deny returns where to send the browser of somebody who did not want to sign in. Errors: ErrProduction, ErrClient.
func (s *Service) Deny(ctx context.Context, tx *pg.Tx, r SignInRequest) (redirect string, err error) {
	defer fault.Wrap(&err, "simulator.Deny")
	if err := s.CheckSignIn(ctx, tx, r); err != nil {
		return "", err
	}
	return withQuery(r.RedirectURI, url.Values{"error": {"access_denied"}, "state": {r.State}})
}

func withQuery(to string, add url.Values) (string, error) {
	u, err := url.Parse(to)
	if err != nil {
		return "", ErrClient.Because(err)
	}
	q := u.Query()
	for k, v := range add {
		q[k] = v
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// TokenRequest holds the parameters of POST /token, the client's id and secret from the form or the header.
type TokenRequest struct {
	GrantType, Code, RedirectURI, ClientID, ClientSecret, CodeVerifier string
}

// Tokens is the answer of POST /token.
type Tokens struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
	IDToken     string `json:"id_token"`
	Scope       string `json:"scope"`
}

// claims of both tokens; the machine's time, since who checks them knows no other.
type claims struct {
	Issuer        string `json:"iss"`
	Subject       string `json:"sub"`
	Audience      string `json:"aud"`
	IssuedAt      int64  `json:"iat"`
	Expires       int64  `json:"exp"`
	Nonce         string `json:"nonce,omitempty"`
	Name          string `json:"name,omitempty"`
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
	Phone         string `json:"phone_number,omitempty"`
	PhoneVerified bool   `json:"phone_number_verified,omitempty"`
}

// Exchange redeems an authorization code, once. Errors: ErrProduction, ErrKey (OAuth's invalid_client), ErrGrant
// (invalid_grant).
func (s *Service) Exchange(ctx context.Context, tx *pg.Tx, r TokenRequest) (t Tokens, err error) {
	defer fault.Wrap(&err, "simulator.Exchange")
	issuer, err := s.Issuer(ctx, tx)
	if err != nil {
		return t, err
	}
	secret, err := s.ClientSecret(ctx, tx)
	if err != nil {
		return t, err
	}
	if r.ClientID != ClientID || subtle.ConstantTimeCompare([]byte(r.ClientSecret), []byte(secret)) != 1 {
		return t, ErrKey
	}
	if r.GrantType != "authorization_code" {
		return t, ErrGrant
	}
	code, err := takeAuthCode(ctx, tx, id.Digest(r.Code))
	if err != nil {
		return t, err
	}
	verified := code.Challenge == "" || code.Challenge == base64.RawURLEncoding.EncodeToString(id.Digest(r.CodeVerifier))
	if code.RedirectUri != r.RedirectURI || !verified || tx.Wall.After(code.ExpiresAt) {
		return t, ErrGrant
	}
	p, err := s.getPerson(ctx, tx, code.Subject)
	if err != nil {
		return t, err
	}
	c := claims{
		Issuer: issuer, Subject: p.Subject, Audience: ClientID, IssuedAt: tx.Wall.Unix(), Expires: tx.Wall.Add(tokenLife).Unix(),
		Nonce: code.Nonce, Name: p.Name, Email: p.Email, EmailVerified: p.Email != "", Phone: p.Phone, PhoneVerified: p.Phone != "",
	}
	if t.IDToken, err = s.sign(ctx, tx, "JWT", c); err != nil {
		return t, err
	}
	c = claims{Issuer: issuer, Subject: p.Subject, Audience: issuer + "/userinfo", IssuedAt: c.IssuedAt, Expires: c.Expires}
	t.AccessToken, err = s.sign(ctx, tx, "at+jwt", c)
	t.TokenType, t.ExpiresIn, t.Scope = "Bearer", int(tokenLife.Seconds()), "openid profile email phone"
	return t, err
}

func (s *Service) sign(ctx context.Context, tx *pg.Tx, typ string, c claims) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return s.keys.Sign(ctx, tx, idpSigner, map[string]any{"typ": typ}, payload)
}

// UserInfo is the answer of GET /userinfo.
type UserInfo struct {
	Subject       string `json:"sub"`
	Name          string `json:"name"`
	Email         string `json:"email,omitempty"`
	EmailVerified bool   `json:"email_verified,omitempty"`
	Phone         string `json:"phone_number,omitempty"`
	PhoneVerified bool   `json:"phone_number_verified,omitempty"`
}

// UserInfo tells who an access token belongs to. Errors: ErrProduction, ErrKey.
func (s *Service) UserInfo(ctx context.Context, tx *pg.Tx, accessToken string) (u UserInfo, err error) {
	defer fault.Wrap(&err, "simulator.UserInfo")
	issuer, err := s.Issuer(ctx, tx)
	if err != nil {
		return u, err
	}
	signed, err := s.keys.Verify(ctx, tx, accessToken)
	if err != nil || signed.Signer != idpSigner {
		return u, ErrKey.Because(err)
	}
	var c claims
	if err := json.Unmarshal(signed.Payload, &c); err != nil || c.Audience != issuer+"/userinfo" || c.Expires < tx.Wall.Unix() {
		return u, ErrKey.Because(err)
	}
	p, err := s.getPerson(ctx, tx, c.Subject)
	return UserInfo{Subject: p.Subject, Name: p.Name, Email: p.Email, EmailVerified: p.Email != "", Phone: p.Phone, PhoneVerified: p.Phone != ""}, err
}
