package identity

import (
	"context"
	"maps"
	"slices"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// BringRoles gives the tenant the product's own roles: those that it lacks whole, of the others the permissions that a later release has
// brought. What an administrator took away from a role, or called otherwise, stays so: a permission comes once. Where nothing is noted of
// what came before, as in tenants from before it was, what some role has counts as come. Doing it again changes nothing. Permission:
// identity:manage in the whole tenant. Errors: ErrForbidden, ErrRole.
func (s *Service) BringRoles(ctx context.Context, tx *pg.Tx, own []Role) (err error) {
	defer fault.Wrap(&err, "identity.BringRoles")
	have, err := lockRoles(ctx, tx)
	if err != nil {
		return err
	}
	list, err := queries.ListKnown(ctx, tx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, code := range list {
		known[code] = true
	}
	if len(list) == 0 {
		for _, role := range have {
			for _, code := range role.Permissions {
				known[code] = true
			}
		}
	}
	came := maps.Clone(known)
	for _, role := range own {
		for _, code := range role.Permissions {
			came[code] = true
		}
		if err := s.bringRole(ctx, tx, role, have, known); err != nil {
			return err
		}
	}
	if len(came) == len(list) {
		return nil
	}
	return queries.InsertKnown(ctx, tx, identitydb.InsertKnownParams{Permissions: slices.Sorted(maps.Keys(came)), Now: tx.Now})
}

// bringRole puts a role where it lacks something that is not known yet.
func (s *Service) bringRole(ctx context.Context, tx *pg.Tx, own Role, have map[string]Role, known map[string]bool) error {
	role, found := have[own.Code]
	if !found {
		return s.PutRole(ctx, tx, own)
	}
	var lacks []string
	for _, code := range own.Permissions {
		if !known[code] && !slices.Contains(role.Permissions, code) {
			lacks = append(lacks, code)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	role.Permissions = slices.Concat(role.Permissions, lacks)
	return s.PutRole(ctx, tx, role)
}
