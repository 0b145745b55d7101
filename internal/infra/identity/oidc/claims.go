package oidc

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"digit/internal/infra/platform/clock"
)

// skew is by how much a provider's clock may be off.
const skew = time.Minute

// Verifier returns a new PKCE code verifier (RFC 7636).
func Verifier() string { return oauth2.GenerateVerifier() }

// Asked is a sign-in that was begun: what the answer is compared with. It holds secrets.
type Asked struct {
	Callback, Nonce, Verifier string
}

// Claims are what a provider says of somebody.
type Claims struct {
	Issuer, Subject string
	Session         string // sid, "" where the provider names none
	Name            string
	Email, Phone    string
	EmailVerified   bool // as the provider says
	PhoneVerified   bool
	Lang            string
	ACR             string
	AMR             []string
	AuthTime        time.Time      // zero where the provider does not say when it saw the person
	All             map[string]any // of the ID token and, beside it, the userinfo endpoint
}

func (p Provider) oauth(callback string) oauth2.Config {
	style := oauth2.AuthStyleInHeader
	if p.TokenAuth == AuthPost || p.ClientSecret == "" {
		style = oauth2.AuthStyleInParams
	}
	return oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: callback, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: p.Authorize, TokenURL: p.Token, AuthStyle: style},
	}
}

// AuthorizeURL is where the browser is sent to sign in.
func (p Provider) AuthorizeURL(a Asked, state string) string {
	config := p.oauth(a.Callback)
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if len(p.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(p.ACR, " ")))
	}
	return config.AuthCodeURL(state, options...)
}

// CheckIssuer compares who claims to have answered with who was asked (RFC 9207), before the code goes anywhere.
// Errors: ErrRefused.
func (p Provider) CheckIssuer(iss string) error {
	if iss == "" && !p.IssRequired || iss == p.Issuer {
		return nil
	}
	return fmt.Errorf("%w: the answer is from %q", ErrRefused, iss)
}

// Redeem exchanges the code for what the provider says of the person: the ID token, its signature, issuer, audience, time
// and nonce checked, and what the userinfo endpoint adds. Errors: ErrRefused, ErrAway.
func (c *Client) Redeem(ctx context.Context, p Provider, a Asked, code string) (Claims, error) {
	ctx = oidc.ClientContext(ctx, c.http)
	config := p.oauth(a.Callback)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(a.Verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) { // its text holds the answer, which is the provider's to keep
		kind := ErrRefused
		if refused.Response.StatusCode >= 500 {
			kind = ErrAway
		}
		return Claims{}, fmt.Errorf("%w: the token endpoint answers %d %q", kind, refused.Response.StatusCode, refused.ErrorCode)
	}
	if err != nil {
		return Claims{}, errors.Join(ErrAway, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Claims{}, fmt.Errorf("%w: no id_token in the answer", ErrRefused)
	}
	said, err := c.identify(ctx, p, raw, a.Nonce, token.AccessToken)
	if err != nil {
		return Claims{}, err
	}
	if p.UserInfo == "" {
		return said, nil
	}
	more, err := c.userInfo(ctx, p, token)
	if err != nil {
		return Claims{}, err
	}
	if more["sub"] != said.Subject { // Core 1.0, 5.3.2
		return Claims{}, fmt.Errorf("%w: the userinfo endpoint speaks of somebody else", ErrRefused)
	}
	maps.Copy(more, said.All) // what is signed wins
	said.All = more
	said.read()
	return said, nil
}

func (c *Client) userInfo(ctx context.Context, p Provider, token *oauth2.Token) (map[string]any, error) {
	config := oidc.ProviderConfig{IssuerURL: p.Issuer, UserInfoURL: p.UserInfo, JWKSURL: p.Keys, Algorithms: algorithms}
	info, err := config.NewProvider(ctx).UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, fmt.Errorf("%w: the userinfo endpoint", ErrAway) // its text may tell of the person
	}
	all := map[string]any{}
	if err := info.Claims(&all); err != nil {
		return nil, fmt.Errorf("%w: the userinfo endpoint", ErrAway)
	}
	return all, nil
}

func (c *Client) verifier(p Provider) *oidc.IDTokenVerifier {
	return oidc.NewVerifier(p.Issuer, c.keySet(p.Keys), &oidc.Config{
		ClientID: p.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return clock.Now().Add(-skew) },
	})
}

// identify checks an ID token (Core 1.0, 3.1.3.7).
func (c *Client) identify(ctx context.Context, p Provider, raw, nonce, access string) (Claims, error) {
	if err := typed(raw, "", "jwt"); err != nil {
		return Claims{}, err
	}
	token, err := c.verifier(p).Verify(ctx, raw)
	if err != nil {
		return Claims{}, judge(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 || nonce == "" {
		return Claims{}, fmt.Errorf("%w: another nonce", ErrRefused)
	}
	if token.IssuedAt.After(clock.Now().Add(skew)) {
		return Claims{}, fmt.Errorf("%w: issued in the future", ErrRefused)
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(access); err != nil {
			return Claims{}, errors.Join(ErrRefused, err)
		}
	}
	said := Claims{Issuer: p.Issuer, Subject: token.Subject, All: map[string]any{}}
	if said.Subject == "" {
		return Claims{}, fmt.Errorf("%w: no subject", ErrRefused)
	}
	if err := token.Claims(&said.All); err != nil {
		return Claims{}, errors.Join(ErrRefused, err)
	}
	azp, _ := said.All["azp"].(string)
	if azp != "" && azp != p.ClientID || azp == "" && len(token.Audience) > 1 {
		return Claims{}, fmt.Errorf("%w: issued to another client", ErrRefused)
	}
	said.read()
	return said, nil
}

// judge tells a token that does not check out from a provider that could not be asked for its keys.
func judge(err error) error {
	if strings.Contains(err.Error(), "fetching keys") { // the library's own words, and all there is
		return errors.Join(ErrAway, err)
	}
	return errors.Join(ErrRefused, err)
}

// typed refuses a token that says it is of another sort (RFC 8725, 3.11). Its header is otherwise believed in nothing: a
// key that stands in it, or an address of one, is not looked at.
func typed(raw string, allowed ...string) error {
	head, _, _ := strings.Cut(raw, ".")
	b, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return errors.Join(ErrRefused, err)
	}
	var header struct {
		Type     string          `json:"typ"`
		Critical json.RawMessage `json:"crit"`
	}
	if err := json.Unmarshal(b, &header); err != nil {
		return errors.Join(ErrRefused, err)
	}
	sort := strings.TrimPrefix(strings.ToLower(header.Type), "application/")
	if !slices.Contains(allowed, sort) || header.Critical != nil {
		return fmt.Errorf("%w: a token of the type %q", ErrRefused, header.Type)
	}
	return nil
}

// read fills in what is known of the person from All. Providers write these claims in more ways than the standard has; what
// cannot be read was not said.
func (c *Claims) read() {
	c.Session, c.Name, c.Lang, c.ACR = c.text("sid"), c.text("name"), strings.ReplaceAll(c.text("locale"), "_", "-"), c.text("acr")
	if c.Name == "" {
		c.Name = strings.TrimSpace(c.text("given_name") + " " + c.text("family_name"))
	}
	c.Email, c.EmailVerified, c.Phone, c.PhoneVerified = c.text("email"), c.truth("email_verified"), c.text("phone_number"), c.truth("phone_number_verified")
	c.AMR = nil
	methods, _ := c.All["amr"].([]any)
	for _, m := range methods {
		if text, ok := m.(string); ok {
			c.AMR = append(c.AMR, text)
		}
	}
	c.AuthTime = time.Time{}
	if seconds, ok := c.All["auth_time"].(float64); ok && seconds > 0 {
		c.AuthTime = time.Unix(int64(seconds), 0).UTC()
	}
}

func (c *Claims) text(name string) string {
	text, _ := c.All[name].(string)
	return text
}

// truth reads true and "true".
func (c *Claims) truth(name string) bool { return c.All[name] == true || c.All[name] == "true" }
