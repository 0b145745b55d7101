package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"digit/internal/infra/platform/clock"
)

// Logout is a provider's word that somebody signed out there.
type Logout struct {
	ID      string // jti: good once
	Issuer  string
	Subject string // "" where only the session is named
	Session string // sid; "" for all of the subject's
	Expires time.Time
}

// backChannel is the event of a logout token.
const backChannel = "http://schemas.openid.net/event/backchannel-logout"

// Logout checks a logout token (Back-Channel Logout 1.0, 2.6). That it comes once is for the caller to see.
// Errors: ErrRefused, ErrAway.
func (c *Client) Logout(ctx context.Context, p Provider, raw string) (Logout, error) {
	if err := typed(raw, "logout+jwt"); err != nil {
		return Logout{}, err
	}
	token, err := c.verifier(p).VerifyLogout(ctx, raw)
	if err != nil {
		return Logout{}, judge(err)
	}
	if token.IssuedAt.IsZero() || token.IssuedAt.After(clock.Now().Add(skew)) {
		return Logout{}, fmt.Errorf("%w: issued in the future, or nobody knows when", ErrRefused)
	}
	var said struct {
		Events map[string]json.RawMessage `json:"events"`
	}
	if err := token.Claims(&said); err != nil {
		return Logout{}, errors.Join(ErrRefused, err)
	}
	var event map[string]any
	if err := json.Unmarshal(said.Events[backChannel], &event); err != nil || event == nil {
		return Logout{}, fmt.Errorf("%w: no logout event", ErrRefused)
	}
	return Logout{ID: token.TokenID, Issuer: token.Issuer, Subject: token.Subject, Session: token.SessionID, Expires: token.Expiry}, nil
}

// EndSessionURL is where a browser is sent to sign out at the provider too, and from where it comes back (RP-Initiated
// Logout 1.0); "" where the provider has no such place. The ID token is not sent along: it would put what is known of the
// person into an address, and a provider that misses it asks the person.
func (p Provider) EndSessionURL(back string) string {
	u, err := url.Parse(p.EndSession)
	if p.EndSession == "" || err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}
