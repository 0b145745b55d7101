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
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Role is a named set of permissions.
type Role struct {
	Code        string // "registry-clerk"
	Name        i18n.Text
	Permissions []string // "module:action", sorted
}

var (
	codeShape       = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`)
	permissionShape = regexp.MustCompile(`^[a-z]+:[a-z_]+$`)
)

// Roles lists the tenant's roles by code. Their names are no secret: anybody may ask.
func (s *Service) Roles(ctx context.Context, tx *pg.Tx) (_ []Role, err error) {
	defer fault.Wrap(&err, "identity.Roles")
	return listRoles(ctx, tx)
}

// PutRole makes or replaces a role; whoever holds it has its permissions from the next request on. Permission:
// identity:manage in the whole tenant. Errors: ErrForbidden, ErrRole.
func (s *Service) PutRole(ctx context.Context, tx *pg.Tx, role Role) (err error) {
	defer fault.Wrap(&err, "identity.PutRole(%s)", role.Code)
	r, err := require(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	if !r.everywhere {
		return ErrForbidden
	}
	role.Permissions = slices.Clone(role.Permissions)
	slices.Sort(role.Permissions)
	role.Permissions = slices.Compact(role.Permissions)
	if !codeShape.MatchString(role.Code) || role.Name.IsZero() {
		return ErrRole
	}
	for _, code := range role.Permissions {
		if !permissionShape.MatchString(code) {
			return ErrRole.With("permission", code)
		}
	}
	if reachesTenants(tx, role.Permissions) {
		return ErrForbidden
	}
	if err := putRole(ctx, tx, role); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.role.put", Object: "identity.role", Detail: map[string]any{"role": role.Code, "permissions": role.Permissions},
	})
}

// reachesTenants reports whether somebody inside a tenant is about to hand out power over other tenants: only whoever
// operates the installation does that, from its command line.
func reachesTenants(tx *pg.Tx, permissions []string) bool {
	return tx.Actor.Kind != "system" && reachesBeyond(permissions)
}

func reachesBeyond(permissions []string) bool { return slices.Contains(permissions, "tenancy:create") }

// NewGrant gives a role.
type NewGrant struct {
	Account     uuid.UUID
	Role        string
	Agency      string     // code; "" for the whole tenant
	Boundary    string     // code; "" for everywhere
	From, Until *time.Time // tenant's clock; nil for at once and for good
}

// Grant gives staff a role, at once and for good; giving it twice is giving it once. Permission and errors: see GrantFor.
func (s *Service) Grant(ctx context.Context, tx *pg.Tx, account uuid.UUID, role, agency, boundary string) error {
	_, err := s.GrantFor(ctx, tx, NewGrant{Account: account, Role: role, Agency: agency, Boundary: boundary})
	return err
}

// GrantFor gives staff a role for a time; where the same role is held there already, its time is replaced. Permission:
// identity:manage in the whole tenant, or in that agency for a role that has no say beyond it.
// Errors: ErrForbidden, ErrNotFound, ErrNotStaff, ErrNoRole, ErrValidity.
func (s *Service) GrantFor(ctx context.Context, tx *pg.Tx, in NewGrant) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.GrantFor(%s, %s, %s)", in.Account, in.Role, in.Agency)
	r, err := require(ctx, tx, permissionManage)
	if err != nil {
		return uuid.Nil, err
	}
	if !r.covers(in.Agency) {
		return uuid.Nil, ErrForbidden
	}
	if in.From != nil && in.Until != nil && !in.From.Before(*in.Until) {
		return uuid.Nil, ErrValidity
	}
	account, err := queries.LockAccount(ctx, tx, in.Account)
	if pg.NotFound(err) {
		return uuid.Nil, ErrNotFound
	}
	if err != nil {
		return uuid.Nil, err
	}
	if account.Kind != KindStaff {
		return uuid.Nil, ErrNotStaff
	}
	role, err := queries.GetRole(ctx, tx, in.Role)
	if pg.NotFound(err) {
		return uuid.Nil, ErrNoRole
	}
	if err != nil {
		return uuid.Nil, err
	}
	if !r.everywhere && !grantableInAgency(role.Permissions) {
		return uuid.Nil, ErrForbidden
	}
	if reachesTenants(tx, role.Permissions) {
		return uuid.Nil, ErrForbidden
	}
	var by *uuid.UUID
	if tx.Actor.ID != uuid.Nil {
		by = &tx.Actor.ID
	}
	grant, err := queries.InsertGrant(ctx, tx, identitydb.InsertGrantParams{
		ID: id.New(), AccountID: in.Account, Role: in.Role, Agency: in.Agency, Boundary: in.Boundary,
		ValidFrom: in.From, ValidUntil: in.Until, GrantedAt: tx.Now, GrantedBy: by,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return grant, recordGrant(ctx, tx, "identity.grant.give", grant, in.Account, in.Role, in.Agency, in.Boundary)
}

// Revoke takes back a grant that was given by hand, from the next request on; one that follows from something else would
// come again, and is lost there. Permission: as for giving it. Errors: ErrForbidden, ErrNotFound, ErrSourced.
func (s *Service) Revoke(ctx context.Context, tx *pg.Tx, grant uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.Revoke(%s)", grant)
	r, err := require(ctx, tx, permissionManage)
	if err != nil {
		return err
	}
	row, err := queries.GetGrant(ctx, tx, grant)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if !r.covers(row.Agency) {
		return ErrForbidden
	}
	if row.Source != "" {
		return ErrSourced
	}
	if err := queries.DeleteGrant(ctx, tx, grant); err != nil {
		return err
	}
	return recordGrant(ctx, tx, "identity.grant.revoke", grant, row.AccountID, row.Role, row.Agency, row.Boundary)
}

func recordGrant(ctx context.Context, tx *pg.Tx, action string, grant, account uuid.UUID, role, agency, boundary string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "identity.role_grant", ObjectID: grant, Person: account,
		Detail: map[string]any{"role": role, "agency": agency, "boundary": boundary},
	})
}

func cleanName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len([]rune(name)) > nameMax {
		return "", ErrName
	}
	return name, nil
}
