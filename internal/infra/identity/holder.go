package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Holders returns the active accounts that have a role now in an agency, where it counts for one of the areas, ordered by id: who can be
// given work. Permission: none, it is called by modules.
func (s *Service) Holders(ctx context.Context, tx *pg.Tx, agency, role string, areas []string) (accounts []uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.Holders(%s %s)", agency, role)
	if areas == nil {
		areas = []string{}
	}
	rows, err := queries.ListHoldersOfRole(ctx, tx, identitydb.ListHoldersOfRoleParams{Agency: agency, Role: role, Areas: areas, Now: tx.Now})
	for _, r := range rows {
		accounts = append(accounts, r.ID)
	}
	return accounts, err
}

// HoldersOf returns the active accounts that have a permission now where it counts for an agency, ordered by id. Permission: none, it is called
// by modules.
func (s *Service) HoldersOf(ctx context.Context, tx *pg.Tx, agency, permission string) (accounts []uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.HoldersOf(%s %s)", agency, permission)
	rows, err := queries.ListHoldersOf(ctx, tx, identitydb.ListHoldersOfParams{Agency: agency, Permissions: []string{permission}, Now: tx.Now})
	for _, r := range rows {
		accounts = append(accounts, r.ID)
	}
	return accounts, err
}
