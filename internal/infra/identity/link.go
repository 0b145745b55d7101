package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Link is a provider or directory by which an account is known.
type Link struct {
	Source string // provider:<code> or directory:<code>
	Linked time.Time
	Used   time.Time // last sign-in by it; zero for none
}

// Links lists by what an account is known elsewhere. Permission: one's own account, or identity:manage over it.
// Errors: ErrForbidden.
func (s *Service) Links(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ []Link, err error) {
	defer fault.Wrap(&err, "identity.Links(%s)", account)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return nil, err
	}
	var links []Link
	add := func(source string, linked time.Time, used *time.Time) {
		l := Link{Source: source, Linked: linked}
		if used != nil {
			l.Used = *used
		}
		links = append(links, l)
	}
	providers, err := queries.ListFederated(ctx, tx, account)
	if err != nil {
		return nil, err
	}
	for _, l := range providers {
		add("provider:"+l.Provider, l.LinkedAt, l.UsedAt)
	}
	directories, err := queries.ListDirectoryLinks(ctx, tx, account)
	for _, l := range directories {
		add("directory:"+l.Directory, l.LinkedAt, l.UsedAt)
	}
	return links, err
}

// BeginLink starts a sign-in at a provider by which whoever is signed in will be known there too. The page asks for a fresh
// proof of who it is first: with the sign-in at the provider both sides are proved. The rest is as for BeginFederated, and
// ends with FinishLink. Permission: one's own account. Errors: ErrForbidden, ErrNoProvider.
func (s *Service) BeginLink(ctx context.Context, tx *pg.Tx, provider, callback string) (url, state string, err error) {
	defer fault.Wrap(&err, "identity.BeginLink(%s)", provider)
	if tx.Actor.ID == uuid.Nil || tx.Actor.Kind != KindPerson && tx.Actor.Kind != KindStaff {
		return "", "", ErrForbidden
	}
	return s.beginAt(ctx, tx, provider, tx.Actor.Kind, callback, &tx.Actor.ID)
}

// FinishLink links the account of whoever is signed in, who must be the one that began, with whom the provider knows. A
// state is good once. Permission: one's own account.
// Errors: ErrFederation, ErrLinkTaken, ErrLinkTwice.
func (s *Service) FinishLink(ctx context.Context, tx *pg.Tx, state string, c Claims) (err error) {
	defer fault.Wrap(&err, "identity.FinishLink")
	p, kind, account, err := s.takeState(ctx, tx, state, c, true)
	if err != nil {
		return err
	}
	if account != tx.Actor.ID || kind != tx.Actor.Kind {
		return ErrFederation
	}
	subject := subjectOf(c.said.Issuer, c.said.Subject)
	link, err := s.findLink(ctx, tx, p.Code, kind, subject)
	switch {
	case err == nil && link.AccountID == account:
		return nil
	case err == nil:
		return ErrLinkTaken
	case !pg.NotFound(err):
		return err
	}
	have, err := queries.ListFederated(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, l := range have {
		if l.Provider == p.Code {
			return ErrLinkTwice
		}
	}
	if err := s.addLink(ctx, tx, p.Code, kind, subject, account, nil); err != nil {
		return err
	}
	if kind == KindStaff {
		rules, err := loadRules(ctx, tx, p.Source())
		if err != nil {
			return err
		}
		grants := rules.grants(map[string]any{"claims": c.said.All})
		if err := setGrants(ctx, tx, reach{everywhere: true}, account, p.Source(), grants); err != nil {
			return err
		}
	}
	return recordLink(ctx, tx, "identity.link.add", account, p.Code)
}

// Unlink undoes a link: the account is no longer known by the provider, and loses the grants that follow from it and the
// sessions that stand on it, but for the one that asks. Permission: one's own account, or identity:manage over it.
// Errors: ErrForbidden, ErrNotFound, ErrLastWay.
func (s *Service) Unlink(ctx context.Context, tx *pg.Tx, account uuid.UUID, provider string) (err error) {
	defer fault.Wrap(&err, "identity.Unlink(%s, %s)", account, provider)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return err
	}
	owner, err := queries.LockAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := s.otherWay(ctx, tx, account, owner.Kind, provider); err != nil {
		return err
	}
	n, err := queries.DeleteFederated(ctx, tx, identitydb.DeleteFederatedParams{AccountID: account, Provider: provider})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	source := Provider{Code: provider}.Source()
	if owner.Kind == KindStaff {
		if err := setGrants(ctx, tx, reach{everywhere: true}, account, source, nil); err != nil {
			return err
		}
	}
	_, err = queries.DeleteAccountSessionsAt(ctx, tx, identitydb.DeleteAccountSessionsAtParams{AccountID: account, Source: source, Keep: tx.Actor.Session})
	if err != nil {
		return err
	}
	return recordLink(ctx, tx, "identity.link.remove", account, provider)
}

// otherWay refuses where an account would have no way in besides a provider. Errors: ErrLastWay.
func (s *Service) otherWay(ctx context.Context, tx *pg.Tx, account uuid.UUID, kind, besides string) error {
	ways, err := queries.CountWaysIn(ctx, tx, identitydb.CountWaysInParams{AccountID: account, Besides: besides})
	if err != nil {
		return err
	}
	local := ways.Contacts > 0
	if kind == KindStaff && local {
		local, err = s.localAllowed(ctx, tx, account)
		if err != nil {
			return err
		}
	}
	if !local && ways.Links == 0 {
		return ErrLastWay
	}
	return nil
}

func recordLink(ctx context.Context, tx *pg.Tx, action string, account uuid.UUID, provider string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"provider": provider},
	})
}
