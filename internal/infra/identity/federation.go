package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/google/uuid"
	"golang.org/x/oauth2"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	stateTime       = 10 * time.Minute
	methodFederated = "federated"
)

// Pending is a sign-in under way at a provider. It holds secrets: it is not for pages or logs.
type Pending struct {
	Provider Provider
	Staff    bool
	callback string
	state    string
	nonce    string
	verifier string
}

// Claims are what a provider says of somebody, its signature verified. They are good for FinishFederated with the state
// that they were redeemed for.
type Claims struct {
	Issuer, Subject string
	Name            string
	Email           string
	EmailVerified   bool
	Phone           string
	PhoneVerified   bool
	Lang            string

	provider, state string
}

func verifierPlace(state uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.federation_state", Column: "verifier", Row: state}
}

func (p Provider) oauth(callback string) oauth2.Config {
	return oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, RedirectURL: callback, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: p.AuthorizeURL, TokenURL: p.TokenURL},
	}
}

// BeginFederated starts a sign-in at a provider: the browser is sent to the returned URL and comes back to callback with
// the returned state, which the page also keeps in a cookie and compares. Anybody may call it. Errors: ErrNoProvider.
func (s *Service) BeginFederated(ctx context.Context, tx *pg.Tx, provider string, staff bool, callback string) (url, state string, err error) {
	defer fault.Wrap(&err, "identity.BeginFederated(%s)", provider)
	p, err := s.provider(ctx, tx, provider)
	if err != nil {
		return "", "", err
	}
	if !p.Enabled || staff && !p.Staff || !staff && !p.People {
		return "", "", ErrNoProvider
	}
	pending := id.New()
	state, nonce, verifier := id.Token(tokenBytes), id.Token(tokenBytes), oauth2.GenerateVerifier()
	sealed, err := s.encryption.SealString(ctx, tx, uuid.Nil, verifierPlace(pending), verifier)
	if err != nil {
		return "", "", err
	}
	err = queries.InsertState(ctx, tx, identitydb.InsertStateParams{
		ID: pending, StateHash: digest(state), Provider: p.Code, Staff: staff, Callback: callback, Nonce: nonce, Verifier: sealed,
		AskedAt: tx.Wall, ExpiresAt: tx.Wall.Add(stateTime),
	})
	if err != nil {
		return "", "", err
	}
	config := p.oauth(callback)
	return config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), state, nil
}

// Pending finds the sign-in that was begun with the state. Errors: ErrFederation, ErrNoProvider.
func (s *Service) Pending(ctx context.Context, tx *pg.Tx, state string) (_ Pending, err error) {
	defer fault.Wrap(&err, "identity.Pending")
	row, err := queries.GetState(ctx, tx, digest(state))
	if pg.NotFound(err) || err == nil && !tx.Wall.Before(row.ExpiresAt) {
		return Pending{}, ErrFederation
	}
	if err != nil {
		return Pending{}, err
	}
	p, err := s.provider(ctx, tx, row.Provider)
	if err != nil {
		return Pending{}, err
	}
	verifier, err := s.encryption.OpenString(ctx, tx, uuid.Nil, verifierPlace(row.ID), row.Verifier)
	return Pending{Provider: p, Staff: row.Staff, callback: row.Callback, state: state, nonce: row.Nonce, verifier: verifier}, err
}

// Redeem exchanges the provider's code for what it says of the person, and checks signature, issuer, audience, time and
// nonce. It speaks over the network: not in a transaction. Errors: ErrFederation, ErrProviderAway.
func (s *Service) Redeem(ctx context.Context, p Pending, code string) (_ Claims, err error) {
	defer fault.Wrap(&err, "identity.Redeem(%s)", p.Provider.Code)
	ctx = oidc.ClientContext(ctx, s.http)
	config := p.Provider.oauth(p.callback)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(p.verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < 500 {
		return Claims{}, ErrFederation.Because(err)
	}
	if err != nil {
		return Claims{}, ErrProviderAway.Because(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Claims{}, ErrFederation.Because(errors.New("no id_token in the answer"))
	}
	verifier := oidc.NewVerifier(p.Provider.Issuer, s.keySet(p.Provider.KeysURL), &oidc.Config{
		ClientID: p.Provider.ClientID, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256, oidc.PS256, oidc.EdDSA},
	})
	idToken, err := verifier.Verify(ctx, raw)
	if err != nil {
		return Claims{}, ErrFederation.Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(p.nonce)) != 1 {
		return Claims{}, ErrFederation.Because(errors.New("another nonce"))
	}
	var said struct {
		Name          string `json:"name"`
		Email         string `json:"email"`
		EmailVerified bool   `json:"email_verified"`
		Phone         string `json:"phone_number"`
		PhoneVerified bool   `json:"phone_number_verified"`
		Locale        string `json:"locale"`
	}
	if err := idToken.Claims(&said); err != nil {
		return Claims{}, ErrFederation.Because(err)
	}
	return Claims{
		Issuer: idToken.Issuer, Subject: idToken.Subject, Name: said.Name, Email: said.Email, EmailVerified: said.EmailVerified,
		Phone: said.Phone, PhoneVerified: said.PhoneVerified, Lang: said.Locale, provider: p.Provider.Code, state: p.state,
	}, nil
}

// keySet returns the provider's keys, which are fetched when an unknown one turns up. They outlive the request.
func (s *Service) keySet(url string) *oidc.RemoteKeySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, ok := s.keys[url]
	if !ok {
		keys = oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), s.http), url)
		s.keys[url] = keys
	}
	return keys
}

// FinishFederated signs in whom the provider knows. Somebody who came before has his account; else a verified e-mail leads
// to the account that has proved the same address (for staff: also to one that an administrator entered with it, where
// the provider is trusted so far); else a person is registered, and staff are refused. A state is good once.
// Errors: ErrFederation, ErrNotLinked, ErrSuspended.
func (s *Service) FinishFederated(ctx context.Context, tx *pg.Tx, state string, c Claims) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishFederated")
	row, err := queries.TakeState(ctx, tx, digest(state))
	if pg.NotFound(err) || err == nil && (!tx.Wall.Before(row.ExpiresAt) || c.state != state || c.provider != row.Provider) {
		return SignedIn{}, ErrFederation
	}
	if err != nil {
		return SignedIn{}, err
	}
	p, err := s.provider(ctx, tx, row.Provider)
	if err != nil {
		return SignedIn{}, err
	}
	kind := KindPerson
	if row.Staff {
		kind = KindStaff
	}
	subject := c.Issuer + "\x00" + c.Subject
	indexes, err := s.encryption.BlindIndexes(ctx, tx, subjectIndex, subject)
	if err != nil {
		return SignedIn{}, err
	}
	if err := lockIndexes(ctx, tx, indexes); err != nil { // two tabs at once make one account
		return SignedIn{}, err
	}
	link, err := queries.FindFederated(ctx, tx, identitydb.FindFederatedParams{Provider: p.Code, Kind: kind, Indexes: indexes})
	if err == nil {
		if !link.Renewable {
			if err := s.setSubject(ctx, tx, p.Code, kind, link.SubjectIndex, link.AccountID, subject); err != nil {
				return SignedIn{}, err
			}
		}
		if link.Status == statusSuspended {
			return SignedIn{}, ErrSuspended
		}
		return s.signIn(ctx, tx, link.AccountID, methodFederated, false)
	}
	if !pg.NotFound(err) {
		return SignedIn{}, err
	}
	account, made, err := s.federatedAccount(ctx, tx, p, kind, c)
	if err != nil {
		return SignedIn{}, err
	}
	sealed, err := s.encryption.SealString(ctx, tx, account, subjectPlace(p.Code, kind, account), subject)
	if err != nil {
		return SignedIn{}, err
	}
	err = queries.InsertFederated(ctx, tx, identitydb.InsertFederatedParams{
		Provider: p.Code, Kind: kind, SubjectIndex: indexes[0], Subject: sealed, AccountID: account, LinkedAt: tx.Now,
	})
	if err != nil {
		return SignedIn{}, err
	}
	return s.signIn(ctx, tx, account, methodFederated, made)
}

// federatedAccount finds or makes the account of somebody who comes from the provider for the first time.
func (s *Service) federatedAccount(ctx context.Context, tx *pg.Tx, p Provider, kind string, c Claims) (_ uuid.UUID, made bool, err error) {
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, false, err
	}
	found, err := s.byEmail(ctx, tx, kind, c)
	if err != nil {
		return uuid.Nil, false, err
	}
	if found.account != uuid.Nil && (found.verified || kind == KindStaff && p.StaffByEmail) {
		if found.suspended {
			return uuid.Nil, false, ErrSuspended
		}
		return found.account, false, nil
	}
	if kind == KindStaff {
		return uuid.Nil, false, ErrNotLinked
	}
	name, err := cleanName(c.Name)
	if err != nil {
		name = "" // he will be asked for it
	}
	account, err := s.insertAccount(ctx, tx, kind, name, i18n.Match(c.Lang, settings.Languages))
	if err != nil {
		return uuid.Nil, false, err
	}
	for _, said := range []struct {
		channel, text string
		verified      bool
	}{{ChannelEmail, c.Email, c.EmailVerified}, {ChannelSMS, c.Phone, c.PhoneVerified}} {
		if !said.verified || strings.TrimSpace(said.text) == "" {
			continue
		}
		if err := s.adoptContact(ctx, tx, account, kind, said.channel, said.text, settings.PhoneRegion); err != nil {
			return uuid.Nil, false, err
		}
	}
	return account, true, nil
}

// byEmail finds the account that has the e-mail which the provider vouches for.
func (s *Service) byEmail(ctx context.Context, tx *pg.Tx, kind string, c Claims) (contactRow, error) {
	if !c.EmailVerified {
		return contactRow{}, nil
	}
	a, err := parseAddress(ChannelEmail, c.Email, "")
	if err != nil {
		return contactRow{}, nil //nolint:nilerr // an address that we cannot read leads to nobody
	}
	indexes, err := s.addressIndexes(ctx, tx, a)
	if err != nil {
		return contactRow{}, err
	}
	return findContact(ctx, tx, kind, indexes)
}

// adoptContact gives a new account an address that the provider vouches for, unless it is no address or another's.
func (s *Service) adoptContact(ctx context.Context, tx *pg.Tx, account uuid.UUID, kind, channel, text, region string) error {
	a, err := parseAddress(channel, text, region)
	if err != nil {
		return nil //nolint:nilerr // the account does without
	}
	indexes, err := s.addressIndexes(ctx, tx, a)
	if err != nil {
		return err
	}
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return err
	}
	found, err := findContact(ctx, tx, kind, indexes)
	if err != nil || found.account != uuid.Nil {
		return err
	}
	return s.insertContact(ctx, tx, account, kind, a, true)
}
