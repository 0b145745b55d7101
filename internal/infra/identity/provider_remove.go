package identity

import (
	"context"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Loss is what goes with a provider or a directory.
type Loss struct {
	Accounts  int // that are linked to it
	Stranded  int // of these, those who have no other way in
	Suspended int // that the directory has shut out, and who stay so
	Grants    int // that follow from it
	Sessions  int // that stand on it
}

// ProviderLoss tells what RemoveProvider would take away. Permission: identity:read in the whole tenant.
// Errors: ErrForbidden, ErrNoProvider.
func (s *Service) ProviderLoss(ctx context.Context, tx *pg.Tx, code string) (_ Loss, err error) {
	defer fault.Wrap(&err, "identity.ProviderLoss(%s)", code)
	if _, err := requireEverywhere(ctx, tx, permissionRead); err != nil {
		return Loss{}, err
	}
	p, err := s.provider(ctx, tx, code)
	if err != nil {
		return Loss{}, err
	}
	linked, err := queries.CountFederated(ctx, tx, code)
	if err != nil {
		return Loss{}, err
	}
	loss, err := lossOf(ctx, tx, p.Source())
	loss.Accounts, loss.Stranded = int(linked.Accounts), int(linked.Stranded)
	return loss, err
}

func lossOf(ctx context.Context, tx *pg.Tx, source string) (Loss, error) {
	grants, err := queries.CountSourceGrants(ctx, tx, source)
	if err != nil {
		return Loss{}, err
	}
	sessions, err := queries.CountFederatedSessions(ctx, tx, source)
	return Loss{Grants: int(grants), Sessions: int(sessions)}, err
}

// RemoveProvider removes a provider with its rules, its links, the grants that follow from it and the sessions that stand
// on it. The accounts stay. Permission: identity:manage in the whole tenant. Errors: ErrForbidden, ErrNoProvider, ErrDoor.
func (s *Service) RemoveProvider(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "identity.RemoveProvider(%s)", code)
	r, err := requireEverywhere(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	p, err := s.provider(ctx, tx, code)
	if err != nil {
		return err
	}
	if err := dropSource(ctx, tx, r, p.Source()); err != nil {
		return err
	}
	if _, err := queries.DeleteFederatedAll(ctx, tx, code); err != nil {
		return err
	}
	if err := queries.DeleteStates(ctx, tx, code); err != nil {
		return err
	}
	if _, err := queries.DeleteProvider(ctx, tx, code); err != nil {
		return err
	}
	if err := s.keepDoorOpen(ctx, tx); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.provider.remove", Object: "identity.provider", Detail: map[string]any{"provider": code}})
}

// dropSource takes back the grants of a source, forgets its rules and ends the sessions that stand on it.
func dropSource(ctx context.Context, tx *pg.Tx, r reach, source string) error {
	accounts, err := queries.ListSourceAccounts(ctx, tx, source)
	if err != nil {
		return err
	}
	for _, account := range accounts {
		if err := setGrants(ctx, tx, r, account, source, nil); err != nil {
			return err
		}
	}
	if err := queries.DeleteRules(ctx, tx, source); err != nil {
		return err
	}
	_, err = queries.DeleteSessionsAt(ctx, tx, source)
	return err
}
