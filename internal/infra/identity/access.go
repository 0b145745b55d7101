package identity

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
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

// actorOf returns who acts in the transaction, with what decisions look at, in one round trip. The system, strangers and whoever has
// no active account stand there with nothing; so do machines, which manage nobody.
func actorOf(ctx context.Context, tx *pg.Tx) (Principal, error) {
	p := Principal{Account: tx.Actor.ID, Kind: tx.Actor.Kind, Session: tx.Actor.Session, at: tx.Now}
	if tx.Actor.Kind != KindStaff {
		return p, nil
	}
	found, status, err := standingOf(ctx, tx, tx.Actor.ID)
	if fault.Of(err) != nil && fault.Of(err).Kind == fault.KindNotFound || err == nil && (status != statusActive || found.Kind != KindStaff) {
		return p, nil
	}
	found.Session = tx.Actor.Session
	return found, err
}

// standingOf returns an account with what decisions look at, and its status, in one round trip. Errors: ErrNotFound.
func standingOf(ctx context.Context, tx *pg.Tx, account uuid.UUID) (p Principal, status string, err error) {
	row, err := queries.GetActor(ctx, tx, identitydb.GetActorParams{AccountID: account, Now: tx.Now})
	if pg.NotFound(err) {
		return p, "", ErrNotFound
	}
	if err != nil {
		return p, "", err
	}
	var st standing
	if err := json.Unmarshal(row.Standing, &st); err != nil {
		return p, "", err
	}
	p = Principal{Account: account, Kind: row.Kind, Lang: row.Lang}
	err = st.give(&p, tx.Now)
	return p, row.Status, err
}

// reachOf asks the database where the transaction's actor has the permission at this moment. The system has it
// everywhere; people, machines and strangers nowhere.
func reachOf(ctx context.Context, tx *pg.Tx, permission string) (reach, error) {
	p, err := actorOf(ctx, tx)
	return p.reach(permission, tx.Now), err
}

// require refuses an actor who has the permission nowhere.
func require(ctx context.Context, tx *pg.Tx, permission string) (reach, error) {
	r, err := reachOf(ctx, tx, permission)
	if err == nil && r.none() {
		err = forbidden(permission)
	}
	return r, err
}

// forbidden is the refusal that names the permission which is missing.
func forbidden(permission string) error { return ErrForbidden.With("permission", permission) }

// requireOver refuses an actor who has not the permission over the account. Who has it in some agencies only has it
// over staff: to look at those who work there too, to change those who work nowhere else.
func requireOver(ctx context.Context, tx *pg.Tx, permission string, account uuid.UUID) (reach, error) {
	p, err := actorOf(ctx, tx)
	if err != nil {
		return reach{}, err
	}
	r := p.reach(permission, tx.Now)
	if r.none() {
		return r, forbidden(permission)
	}
	if r.everywhere && !p.Touched(permission) {
		return r, nil
	}
	on, err := accountObject(ctx, tx, account)
	if err != nil {
		return r, err
	}
	if !p.Decide(permission, on, tx.Now).Allowed {
		return r, forbidden(permission)
	}
	return r, nil
}

// accountObject is an account as decisions see it. One that is not there is nobody's.
func accountObject(ctx context.Context, tx *pg.Tx, account uuid.UUID) (Object, error) {
	row, err := queries.GetAccount(ctx, tx, account)
	if err != nil && !pg.NotFound(err) {
		return Object{}, err
	}
	grants, err := listGrants(ctx, tx, account)
	return objectOf(account, row.Kind, grants[account]), err
}

// objectOf is accountObject for an account that is at hand with all its grants.
func objectOf(account uuid.UUID, kind string, grants []Grant) Object {
	on := Object{Kind: "account", Account: account, Staff: kind == KindStaff}
	if !on.Staff {
		on.Person = account
	}
	for _, g := range grants {
		if !slices.Contains(on.Agencies, g.Agency) {
			on.Agencies = append(on.Agencies, g.Agency)
		}
	}
	return on
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
