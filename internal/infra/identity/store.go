package identity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

var queries = identitydb.New()

// contactRow is what a blind index leads to; zero where it leads nowhere.
type contactRow struct {
	contact, account    uuid.UUID
	verified, suspended bool
}

// findContact looks for every index that an address may stand under.
func findContact(ctx context.Context, tx *pg.Tx, kind string, indexes [][]byte) (contactRow, error) {
	row, err := queries.FindContact(ctx, tx, identitydb.FindContactParams{Kind: kind, Indexes: indexes})
	if pg.NotFound(err) {
		return contactRow{}, nil
	}
	return contactRow{row.ID, row.AccountID, row.VerifiedAt != nil, row.Status == statusSuspended}, err
}

func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func listAccounts(ctx context.Context, tx *pg.Tx, f Filter, after uuid.UUID, size int) ([]identitydb.ListAccountsRow, error) {
	return queries.ListAccounts(ctx, tx, identitydb.ListAccountsParams{
		Kind: optional(f.Kind), Status: optional(f.Status), Agency: optional(f.Agency), Role: optional(f.Role), After: optional(after), Size: int32(size),
		Within: f.within,
	})
}

func findAccounts(ctx context.Context, tx *pg.Tx, f Filter, addresses, tokens [][]byte, words int, after uuid.UUID, size int) ([]identitydb.ListAccountsRow, error) {
	if addresses == nil {
		addresses = [][]byte{} // nil would be NULL, of which nothing is known
	}
	found, err := queries.FindAccounts(ctx, tx, identitydb.FindAccountsParams{
		Addresses: addresses, Tokens: tokens, Words: int32(words),
		Kind: optional(f.Kind), Status: optional(f.Status), Agency: optional(f.Agency), Role: optional(f.Role), After: optional(after), Size: int32(size),
		Within: f.within,
	})
	rows := make([]identitydb.ListAccountsRow, 0, len(found))
	for _, a := range found {
		rows = append(rows, identitydb.ListAccountsRow(a))
	}
	return rows, err
}

func listGrants(ctx context.Context, tx *pg.Tx, accounts ...uuid.UUID) (map[uuid.UUID][]Grant, error) {
	rows, err := queries.ListGrants(ctx, tx, accounts)
	grants := map[uuid.UUID][]Grant{}
	for _, g := range rows {
		grants[g.AccountID] = append(grants[g.AccountID], Grant{
			ID: g.ID, Role: g.Role, Agency: g.Agency, Boundary: g.Boundary, Source: g.Source, Permissions: g.Permissions, From: g.ValidFrom, Until: g.ValidUntil,
		})
	}
	return grants, err
}

func listRoles(ctx context.Context, tx *pg.Tx) ([]Role, error) {
	rows, err := queries.ListRoles(ctx, tx)
	if err != nil {
		return nil, err
	}
	roles := make([]Role, 0, len(rows))
	for _, r := range rows {
		role, err := toRole(r.Code, r.Name, r.Permissions)
		if err != nil {
			return nil, err
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// lockRoles lists the roles by code; nobody changes one before tx is over.
func lockRoles(ctx context.Context, tx *pg.Tx) (map[string]Role, error) {
	rows, err := queries.LockRoles(ctx, tx)
	if err != nil {
		return nil, err
	}
	roles := map[string]Role{}
	for _, r := range rows {
		if roles[r.Code], err = toRole(r.Code, r.Name, r.Permissions); err != nil {
			return nil, err
		}
	}
	return roles, nil
}

func toRole(code string, name json.RawMessage, permissions []string) (Role, error) {
	role := Role{Code: code, Name: i18n.Text{}, Permissions: permissions}
	return role, json.Unmarshal(name, &role.Name)
}

func putRole(ctx context.Context, tx *pg.Tx, role Role) error {
	name, err := json.Marshal(role.Name)
	if err != nil {
		return err
	}
	permissions := role.Permissions
	if permissions == nil {
		permissions = []string{}
	}
	return queries.PutRole(ctx, tx, identitydb.PutRoleParams{Code: role.Code, Name: name, Permissions: permissions, ChangedAt: tx.Now})
}

// syncsFor is how long comparisons with directories are kept to be looked at.
const syncsFor = 90 * 24 * time.Hour

// sweepAfter is how long what is over stays to be looked into.
const sweepAfter = 24 * time.Hour

func sweep(ctx context.Context, tx *pg.Tx) error {
	before := tx.Wall.Add(-sweepAfter)
	for _, of := range []func(context.Context, identitydb.DBTX, time.Time) (int64, error){
		queries.DeleteOldCodes, queries.DeleteOldSessions, queries.DeleteOldStates, queries.DeleteOldHalves, queries.DeleteOldCeremonies,
		queries.DeleteOldLogoutTokens, queries.DeleteOldDirectoryTries,
	} {
		if _, err := of(ctx, tx, before); err != nil {
			return err
		}
	}
	if _, err := queries.DeleteOldAttempts(ctx, tx, tx.Wall.Add(-triesForget)); err != nil {
		return err
	}
	if _, err := queries.DeleteOldDevices(ctx, tx, tx.Wall.Add(-deviceForget)); err != nil {
		return err
	}
	if _, err := queries.DeleteOldSyncs(ctx, tx, tx.Wall.Add(-syncsFor)); err != nil {
		return err
	}
	return sweepMachines(ctx, tx)
}
