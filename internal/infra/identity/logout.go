package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/identity/oidc"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
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
	find := identitydb.ListFederatedSessionsParams{Source: in.provider.Source()}
	if in.said.Session != "" {
		if find.SidIndex, err = s.sidIndex(ctx, tx, find.Source, in.said.Session); err != nil {
			return err
		}
	}
	if in.said.Subject != "" {
		if find.SubjectIndex, err = s.subjectIndex(ctx, tx, in.said.Issuer, in.said.Subject); err != nil {
			return err
		}
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

// SignOutElsewhere tells where a session's owner can sign out at the provider too, on which the session stands (OpenID
// Connect RP-Initiated Logout 1.0); back is where the provider sends them afterwards. The URL is "" where there is nothing
// to offer. Ask before SignOut. Permission: one's own session.
func (s *Service) SignOutElsewhere(ctx context.Context, tx *pg.Tx, session uuid.UUID, back string) (name i18n.Text, url string, err error) {
	defer fault.Wrap(&err, "identity.SignOutElsewhere")
	if session == uuid.Nil || session != tx.Actor.Session {
		return nil, "", nil
	}
	row, err := queries.GetFederatedSession(ctx, tx, session)
	if pg.NotFound(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	providers, err := s.Providers(ctx, tx)
	for _, p := range providers {
		if p.Source() == row.Source {
			return p.Name, p.remote().EndSessionURL(back), err
		}
	}
	return nil, "", err
}
