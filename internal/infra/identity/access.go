package identity

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/pg"
)

// reach is where an actor has a permission: in the whole tenant, or in some agencies.
type reach struct {
	everywhere bool
	agencies   []string
}

func (r reach) none() bool { return !r.everywhere && len(r.agencies) == 0 }

func (r reach) covers(agency string) bool {
	return r.everywhere || agency != "" && slices.Contains(r.agencies, agency)
}

// reachOf asks the database where the transaction's actor has the permission at this moment. The system has it
// everywhere; people, machines and strangers nowhere.
func reachOf(ctx context.Context, tx *pg.Tx, permission string) (reach, error) {
	if tx.Actor.Kind == "system" {
		return reach{everywhere: true}, nil
	}
	if tx.Actor.Kind != KindStaff {
		return reach{}, nil
	}
	rows, err := queries.ListPermissions(ctx, tx, identitydb.ListPermissionsParams{AccountID: tx.Actor.ID, Now: tx.Now})
	var r reach
	for _, row := range rows {
		if !slices.Contains(row.Permissions, permission) {
			continue
		}
		if row.Agency == "" {
			r.everywhere = true
		} else {
			r.agencies = append(r.agencies, row.Agency)
		}
	}
	return r, err
}

// require refuses an actor who has the permission nowhere.
func require(ctx context.Context, tx *pg.Tx, permission string) (reach, error) {
	r, err := reachOf(ctx, tx, permission)
	if err == nil && r.none() {
		err = ErrForbidden
	}
	return r, err
}

// requireOver refuses an actor who has not the permission over the account. Who has it in some agencies only has it
// over staff who work in these and nowhere else, and over staff who have no work yet.
func requireOver(ctx context.Context, tx *pg.Tx, permission string, account uuid.UUID) (reach, error) {
	r, err := require(ctx, tx, permission)
	if err != nil || r.everywhere {
		return r, err
	}
	row, err := queries.GetAccount(ctx, tx, account)
	if pg.NotFound(err) || err == nil && row.Kind != KindStaff {
		return r, ErrForbidden
	}
	if err != nil {
		return r, err
	}
	grants, err := queries.ListGrants(ctx, tx, []uuid.UUID{account})
	if err != nil {
		return r, err
	}
	for _, g := range grants {
		if !r.covers(g.Agency) {
			return r, ErrForbidden
		}
	}
	return r, nil
}

func (s *Service) ownOrManage(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	if tx.Actor.ID == account && account != uuid.Nil {
		return nil
	}
	_, err := requireOver(ctx, tx, permissionManage, account)
	return err
}

// stateOnly are the beginnings of permissions that count in the whole tenant wherever they are granted. Who manages one
// agency cannot give them, or he could give himself the state.
var stateOnly = []string{"tenancy:", "encryption:", "audit:"}

func grantableInAgency(permissions []string) bool {
	return !slices.ContainsFunc(permissions, func(code string) bool {
		return slices.ContainsFunc(stateOnly, func(prefix string) bool { return strings.HasPrefix(code, prefix) })
	})
}
