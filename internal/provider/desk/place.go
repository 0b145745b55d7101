package desk

import (
	"context"
	"slices"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Place is an office of an agency, by their codes.
type Place struct {
	Agency, Office string
}

// Places are the offices at which somebody may serve people: those where they work and have desk:use.
func (s *Service) Places(ctx context.Context, tx *pg.Tx, by identity.Principal) (list []Place, err error) {
	defer fault.Wrap(&err, "desk.Places")
	posts, err := s.deps.Posts.Posts(ctx, tx, by.Account)
	for _, p := range posts {
		if p.Office != "" && by.MayIn(Use, p.Agency) {
			list = append(list, p)
		}
	}
	return list, err
}

// authorise lets those pass who work at the office and have the permission there. The system passes.
func (s *Service) authorise(ctx context.Context, tx *pg.Tx, by identity.Principal, permission string, at Place) error {
	if tx.Actor.Kind == "system" {
		return nil
	}
	if !by.MayIn(permission, at.Agency) || by.Account != tx.Actor.ID {
		return ErrForbidden.With("permission", permission)
	}
	posts, err := s.deps.Posts.Posts(ctx, tx, by.Account)
	if err == nil && !slices.Contains(posts, at) {
		err = ErrForbidden.With("permission", permission)
	}
	return err
}
