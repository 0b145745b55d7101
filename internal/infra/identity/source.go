package identity

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// sourceShape is what a source of grants is called: the sort of thing, and which one.
var sourceShape = regexp.MustCompile(`^[a-z]+:[a-z0-9-]{1,80}$`)

// place is what makes a grant the same grant: a role, somewhere.
type place struct{ role, agency, boundary string }

// SetGrants makes the account's grants of one source exactly these: what follows from a provider's claims
// ("provider:eid"), from a directory's groups or from a position ("position:<id>"). Those that are gone are taken back,
// new ones given, others left alone; grants given by hand or by another source stay as they are. No grants takes all of
// the source back. NewGrant.Account is not read. A role that reaches beyond the tenant comes from no source.
// Permission: the system's, or identity:manage wherever a grant is given or taken, as for giving it by hand.
// Errors: ErrForbidden, ErrNotFound, ErrNotStaff, ErrNoRole, ErrValidity, ErrSource.
func (s *Service) SetGrants(ctx context.Context, tx *pg.Tx, account uuid.UUID, source string, grants []NewGrant) (err error) {
	defer fault.Wrap(&err, "identity.SetGrants(%s, %s)", account, source)
	r, err := require(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	return setGrants(ctx, tx, r, account, source, grants)
}

// heldBy is what the sources of grants begin with that follow from positions.
const heldBy = "position:"

// Lend makes the account's grants of one source exactly these, as SetGrants does, while it stands in for their owner: roles that the owner
// has from positions, in the same agency and area, and no others. That nobody is given what is not held already stands in for the
// permission to give roles; who may decide on it is the caller's to check. No grants takes all of the source back.
// Permission: none, it is called by modules. Errors: ErrForbidden, ErrNotFound, ErrNotStaff, ErrNoRole, ErrValidity, ErrSource.
func (s *Service) Lend(ctx context.Context, tx *pg.Tx, owner, account uuid.UUID, source string, grants []NewGrant) (err error) {
	defer fault.Wrap(&err, "identity.Lend(%s, %s, %s)", owner, account, source)
	have, err := listGrants(ctx, tx, owner)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if !slices.ContainsFunc(have[owner], func(o Grant) bool {
			return strings.HasPrefix(o.Source, heldBy) && o.Role == g.Role && o.Agency == g.Agency && o.Boundary == g.Boundary
		}) {
			return ErrForbidden
		}
	}
	return setGrants(ctx, tx, reach{everywhere: true}, account, source, grants)
}

// setGrants is SetGrants for somebody who may give grants within reach.
func setGrants(ctx context.Context, tx *pg.Tx, r reach, account uuid.UUID, source string, grants []NewGrant) error {
	if !sourceShape.MatchString(source) {
		return ErrSource
	}
	holder, err := queries.LockAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if holder.Kind != KindStaff {
		return ErrNotStaff
	}
	have, err := queries.ListSourceGrants(ctx, tx, identitydb.ListSourceGrantsParams{AccountID: account, Source: source})
	if err != nil {
		return err
	}
	wanted := map[place]NewGrant{}
	for _, g := range grants {
		wanted[place{g.Role, g.Agency, g.Boundary}] = g
	}
	for _, old := range have {
		at := place{old.Role, old.Agency, old.Boundary}
		if g, ok := wanted[at]; ok && sameTime(g.From, old.ValidFrom) && sameTime(g.Until, old.ValidUntil) {
			delete(wanted, at)
			continue
		}
		if err := takeBack(ctx, tx, r, account, source, old); err != nil {
			return err
		}
	}
	for _, g := range grants { // in the caller's order
		at := place{g.Role, g.Agency, g.Boundary}
		if _, ok := wanted[at]; !ok {
			continue
		}
		delete(wanted, at)
		if err := give(ctx, tx, r, account, source, g); err != nil {
			return err
		}
	}
	return nil
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Truncate(time.Microsecond).Equal(*b) // as exactly as the database keeps it
}

func takeBack(ctx context.Context, tx *pg.Tx, r reach, account uuid.UUID, source string, old identitydb.ListSourceGrantsRow) error {
	if !r.covers(old.Agency) || !r.everywhere && !grantableInAgency(old.Permissions) {
		return ErrForbidden
	}
	if err := queries.DeleteGrant(ctx, tx, old.ID); err != nil {
		return err
	}
	return recordSourced(ctx, tx, "identity.grant.revoke", old.ID, account, source, place{old.Role, old.Agency, old.Boundary})
}

func give(ctx context.Context, tx *pg.Tx, r reach, account uuid.UUID, source string, g NewGrant) error {
	if !r.covers(g.Agency) {
		return ErrForbidden
	}
	if g.From != nil && g.Until != nil && !g.From.Before(*g.Until) {
		return ErrValidity
	}
	role, err := queries.GetRole(ctx, tx, g.Role)
	if pg.NotFound(err) {
		return ErrNoRole.With("role", g.Role)
	}
	if err != nil {
		return err
	}
	if reachesBeyond(role.Permissions) || !r.everywhere && !grantableInAgency(role.Permissions) {
		return ErrForbidden
	}
	grant, err := queries.InsertGrant(ctx, tx, identitydb.InsertGrantParams{
		ID: id.New(), AccountID: account, Role: g.Role, Agency: g.Agency, Boundary: g.Boundary, Source: source,
		ValidFrom: g.From, ValidUntil: g.Until, GrantedAt: tx.Now, GrantedBy: optional(tx.Actor.ID),
	})
	if err != nil {
		return err
	}
	if err := watchGrant(ctx, tx, grant, g.Until); err != nil {
		return err
	}
	return recordSourced(ctx, tx, "identity.grant.give", grant, account, source, place{g.Role, g.Agency, g.Boundary})
}

func recordSourced(ctx context.Context, tx *pg.Tx, action string, grant, account uuid.UUID, source string, at place) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "identity.role_grant", ObjectID: grant, Person: account,
		Detail: map[string]any{"role": at.role, "agency": at.agency, "boundary": at.boundary, "source": source},
	})
}
