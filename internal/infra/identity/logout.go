package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// LogoutSaid is a provider's word, verified, that somebody signed out there. It is good for one Logout.
type LogoutSaid struct {
	said     oidc.Logout
	provider Provider
}

// CheckLogout verifies a logout token of a provider (OpenID Connect Back-Channel Logout 1.0). It may speak over the network:
// not in a transaction. Errors: ErrLogout, ErrProviderAway.
func (s *Service) CheckLogout(ctx context.Context, p Provider, token string) (_ LogoutSaid, err error) {
	defer fault.Wrap(&err, "identity.CheckLogout(%s)", p.Code)
	said, err := s.oidc.Logout(ctx, p.remote(), token)
	if err != nil {
		if f := fault.Of(unredeemed(err)); f.Code == ErrProviderAway.Code {
			return LogoutSaid{}, f
		}
		return LogoutSaid{}, ErrLogout.Because(err)
	}
	return LogoutSaid{said, p}, nil
}

// Logout ends the sessions that stand on what somebody signed out of at a provider: that session there, or all of the
// subject's where none is named. A token is good once; where nobody is signed in by it, that is fine. The signature is
// the permission. Errors: ErrLogout.
func (s *Service) Logout(ctx context.Context, tx *pg.Tx, in LogoutSaid) (err error) {
	defer fault.Wrap(&err, "identity.Logout(%s)", in.provider.Code)
	token, err := s.encryption.BlindIndex(ctx, tx, "identity.logout_token", in.said.ID)
	if err != nil {
		return err
	}
	fresh, err := queries.InsertLogoutToken(ctx, tx, identitydb.InsertLogoutTokenParams{Provider: in.provider.Code, TokenIndex: token, ExpiresAt: in.said.Expires})
	if err != nil {
		return err
	}
	if fresh == 0 {
		return ErrLogout
	}
	find := identitydb.ListFederatedSessionsParams{Source: in.provider.Source(), Accounts: []uuid.UUID{}}
	find.Sid = sidHash(find.Source, in.said.Session)
	if in.said.Subject != "" {
		indexes, err := s.encryption.BlindIndexes(ctx, tx, subjectIndex, subjectOf(in.said.Issuer, in.said.Subject))
		if err != nil {
			return err
		}
		find.Accounts, err = queries.ListSubjectAccounts(ctx, tx, identitydb.ListSubjectAccountsParams{Provider: in.provider.Code, Indexes: indexes})
		if err != nil || len(find.Accounts) == 0 {
			return err
		}
	}
	if _, err := queries.DeleteVouchedHalves(ctx, tx, identitydb.DeleteVouchedHalvesParams(find)); err != nil {
		return err
	}
	sessions, err := queries.ListFederatedSessions(ctx, tx, find)
	if err != nil {
		return err
	}
	for _, row := range sessions {
		if _, err := queries.DeleteSession(ctx, tx, identitydb.DeleteSessionParams{AccountID: row.AccountID, ID: row.SessionID}); err != nil {
			return err
		}
		err := audit.Record(ctx, tx, audit.Entry{
			Action: "identity.session.end", Object: "identity.session", ObjectID: row.SessionID, Person: row.AccountID, Reason: "provider_logout",
			Detail: map[string]any{"provider": in.provider.Code},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SignedInAt tells at which provider the session was begun, so that its owner can sign out there too; false where it was
// not, or by no provider. Ask before SignOut. Permission: one's own session.
func (s *Service) SignedInAt(ctx context.Context, tx *pg.Tx, session uuid.UUID) (_ Provider, there bool, err error) {
	defer fault.Wrap(&err, "identity.SignedInAt")
	if session == uuid.Nil || session != tx.Actor.Session {
		return Provider{}, false, nil
	}
	row, err := queries.GetFederatedSession(ctx, tx, session)
	if pg.NotFound(err) {
		return Provider{}, false, nil
	}
	if err != nil {
		return Provider{}, false, err
	}
	providers, err := s.Providers(ctx, tx)
	for _, p := range providers {
		if p.Source() == row.Source {
			return p, true, err
		}
	}
	return Provider{}, false, err
}

// SignOutURL is where somebody signs out at the provider too, and from where they come back (OpenID Connect RP-Initiated
// Logout 1.0); "" where the provider has no such place.
func (p Provider) SignOutURL(back string) string { return p.remote().EndSessionURL(back) }
