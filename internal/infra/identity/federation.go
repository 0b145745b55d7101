package identity

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/outbound"
	"digit/internal/infra/platform/pg"
)

const (
	stateTime = 10 * time.Minute
)

// Pending is a sign-in under way at a provider. It holds secrets: it is not for pages or logs.
type Pending struct {
	Provider Provider
	Staff    bool
	Link     bool // is there to link the provider to whoever is signed in, and ends with FinishLink
	state    string
	asked    oidc.Asked
}

// Claims are what a provider says of somebody, its signature verified. They are good for FinishFederated or FinishLink with
// the state that they were redeemed for.
type Claims struct {
	said            oidc.Claims
	provider, state string
}

func verifierPlace(state uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.federation_state", Column: "verifier", Row: state}
}

// BeginFederated starts a sign-in at a provider: the browser is sent to the returned URL and comes back to callback with
// the returned state, which the page also keeps in a cookie and compares. Anybody may call it. Errors: ErrNoProvider.
func (s *Service) BeginFederated(ctx context.Context, tx *pg.Tx, provider string, staff bool, callback string) (url, state string, err error) {
	defer fault.Wrap(&err, "identity.BeginFederated(%s)", provider)
	kind := KindPerson
	if staff {
		kind = KindStaff
	}
	return s.beginAt(ctx, tx, provider, kind, callback, nil)
}

// beginAt notes what was asked of the provider and returns where to send the browser.
func (s *Service) beginAt(ctx context.Context, tx *pg.Tx, provider, kind, callback string, link *uuid.UUID) (url, state string, err error) {
	p, err := s.provider(ctx, tx, provider)
	if err != nil {
		return "", "", err
	}
	if !p.serves(kind) {
		return "", "", ErrNoProvider
	}
	pending := id.New()
	state = id.Token(tokenBytes)
	asked := oidc.Asked{Callback: callback, Nonce: id.Token(tokenBytes), Verifier: oidc.Verifier()}
	sealed, err := s.encryption.SealString(ctx, tx, uuid.Nil, verifierPlace(pending), asked.Verifier)
	if err != nil {
		return "", "", err
	}
	err = queries.InsertState(ctx, tx, identitydb.InsertStateParams{
		ID: pending, StateHash: digest(state), Provider: p.Code, Staff: kind == KindStaff, Callback: callback, Nonce: asked.Nonce, Verifier: sealed,
		AskedAt: tx.Wall, ExpiresAt: tx.Wall.Add(stateTime), AccountID: link,
	})
	if err != nil {
		return "", "", err
	}
	return p.remote().AuthorizeURL(asked, state), state, nil
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
	return Pending{
		Provider: p, Staff: row.Staff, Link: row.AccountID != nil, state: state,
		asked: oidc.Asked{Callback: row.Callback, Nonce: row.Nonce, Verifier: verifier},
	}, err
}

// Redeem exchanges the provider's code for what it says of the person, and checks who answered (iss, "" where the answer
// names nobody), signature, issuer, audience, time and nonce. It speaks over the network: not in a transaction.
// Errors: ErrFederation, ErrProviderAway.
func (s *Service) Redeem(ctx context.Context, p Pending, iss, code string) (_ Claims, err error) {
	defer fault.Wrap(&err, "identity.Redeem(%s)", p.Provider.Code)
	remote := p.Provider.remote()
	if err := remote.CheckIssuer(iss); err != nil {
		return Claims{}, ErrFederation.Because(err)
	}
	said, err := s.oidc.Redeem(ctx, remote, p.asked, code)
	if err != nil {
		return Claims{}, unredeemed(err)
	}
	return Claims{said: said, provider: p.Provider.Code, state: p.state}, nil
}

// unredeemed tells a provider that is away, or that we may not call, from one whose word does not check out.
func unredeemed(err error) error {
	if errors.Is(err, oidc.ErrAway) || errors.Is(err, outbound.ErrAddress) {
		return ErrProviderAway.Because(err)
	}
	return ErrFederation.Because(err)
}

// FinishFederated signs in whom the provider knows. Somebody who came before has his account. Else an e-mail that the
// provider is trusted for leads staff to the account that an administrator entered with it, where the provider may do
// that; somebody who has an account by such an address otherwise proves both and links them (BeginLink); and who has none
// gets one, where the provider may do that: people, and staff whom a rule gives a role. Grants that follow from the
// provider's claims are set anew for staff. A state is good once.
// Errors: ErrFederation, ErrNotLinked, ErrLinkFirst, ErrNoAccount, ErrSuspended.
func (s *Service) FinishFederated(ctx context.Context, tx *pg.Tx, state string, c Claims) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishFederated")
	p, kind, _, err := s.takeState(ctx, tx, state, c, false)
	if err != nil {
		return SignedIn{}, err
	}
	subject := subjectOf(c.said.Issuer, c.said.Subject)
	rules, err := loadRules(ctx, tx, p.Source())
	if err != nil {
		return SignedIn{}, err
	}
	grants := rules.grants(map[string]any{"claims": c.said.All})
	link, err := s.findLink(ctx, tx, p.Code, kind, subject)
	account, made := link.AccountID, false
	switch {
	case pg.NotFound(err):
		account, made, err = s.admit(ctx, tx, newcomer{
			kind: kind, name: c.said.Name, email: trusted(c.said.Email, c.said.EmailVerified && p.TrustEmail),
			phone: trusted(c.said.Phone, c.said.PhoneVerified && p.TrustEmail), lang: c.said.Lang, byEmail: p.StaffByEmail,
			create: kind == KindPerson && p.CreatePeople || kind == KindStaff && p.CreateStaff, grants: grants,
		})
		if err == nil {
			err = s.addLink(ctx, tx, p.Code, kind, subject, account, &tx.Now)
		}
	case err == nil && link.Status == statusSuspended:
		return SignedIn{}, ErrSuspended
	case err == nil:
		err = queries.UseFederated(ctx, tx, identitydb.UseFederatedParams{UsedAt: &tx.Now, Provider: p.Code, Kind: kind, SubjectIndex: link.SubjectIndex})
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.enter(ctx, tx, account, made, entrance{
		source: p.Source(), sid: c.said.Session, acr: c.said.ACR, level: p.level(c.said), at: c.said.AuthTime, grants: grants,
	})
}

// trusted is an address that may be believed, or "".
func trusted(text string, yes bool) string {
	if !yes {
		return ""
	}
	return text
}

// takeState ends what was begun with the state, a link or a sign-in, and locks the subject, so that two tabs at once make
// one account.
func (s *Service) takeState(ctx context.Context, tx *pg.Tx, state string, c Claims, link bool) (p Provider, kind string, account uuid.UUID, err error) {
	row, err := queries.TakeState(ctx, tx, digest(state))
	if pg.NotFound(err) {
		return p, "", uuid.Nil, ErrFederation
	}
	if err != nil {
		return p, "", uuid.Nil, err
	}
	if !tx.Wall.Before(row.ExpiresAt) || c.state != state || c.provider != row.Provider || link != (row.AccountID != nil) {
		return p, "", uuid.Nil, ErrFederation
	}
	if row.AccountID != nil {
		account = *row.AccountID
	}
	kind = KindPerson
	if row.Staff {
		kind = KindStaff
	}
	if p, err = s.provider(ctx, tx, row.Provider); err != nil {
		return p, "", uuid.Nil, err
	}
	if !p.serves(kind) {
		return p, "", uuid.Nil, ErrNoProvider
	}
	indexes, err := s.encryption.BlindIndexes(ctx, tx, subjectIndex, subjectOf(c.said.Issuer, c.said.Subject))
	if err != nil {
		return p, "", uuid.Nil, err
	}
	return p, kind, account, lockIndexes(ctx, tx, indexes)
}

// subjectOf is what the index of somebody whom a provider knows is taken of.
func subjectOf(issuer, subject string) string { return issuer + "\x00" + subject }

// findLink finds whom a provider calls by a subject, and keeps the subject where it was not kept yet.
func (s *Service) findLink(ctx context.Context, tx *pg.Tx, provider, kind, subject string) (identitydb.FindFederatedRow, error) {
	indexes, err := s.encryption.BlindIndexes(ctx, tx, subjectIndex, subject)
	if err != nil {
		return identitydb.FindFederatedRow{}, err
	}
	link, err := queries.FindFederated(ctx, tx, identitydb.FindFederatedParams{Provider: provider, Kind: kind, Indexes: indexes})
	if err != nil || link.Renewable {
		return link, err
	}
	if err := s.setSubject(ctx, tx, provider, kind, link.SubjectIndex, link.AccountID, subject); err != nil {
		return link, err
	}
	link.SubjectIndex = indexes[0]
	return link, nil
}

// addLink links an account with whom a provider calls by a subject.
func (s *Service) addLink(ctx context.Context, tx *pg.Tx, provider, kind, subject string, account uuid.UUID, used *time.Time) error {
	index, err := s.encryption.BlindIndex(ctx, tx, subjectIndex, subject)
	if err != nil {
		return err
	}
	sealed, err := s.encryption.SealString(ctx, tx, account, subjectPlace(provider, kind, account), subject)
	if err != nil {
		return err
	}
	return queries.InsertFederated(ctx, tx, identitydb.InsertFederatedParams{
		Provider: provider, Kind: kind, SubjectIndex: index, Subject: sealed, AccountID: account, LinkedAt: tx.Now, UsedAt: used,
	})
}

// sidHash is what a provider's own session is found by again; nil for none.
func sidHash(source, sid string) []byte {
	if sid == "" {
		return nil
	}
	return digest(source + "\x00" + sid)
}
