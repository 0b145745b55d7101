package identity

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Explanation is a decision with what it rests on. Policies are named by their ids; words for those of the house stand in the
// catalogue under "decision.policy.", those of the tenant's own are in Reasons by code.
type Explanation struct {
	Allowed   bool
	Suspended bool // the account may not sign in at all
	Action    string
	Object    Object
	At        time.Time // tenant's clock
	Verdicts  []Verdict
	Reasons   map[string]i18n.Text
}

// Verdict is what the policies say of one role; Grant is nil for what needs none.
type Verdict struct {
	Grant            *Grant
	Permits, Forbids []string
}

// Passes reports whether this role lets the account pass.
func (v Verdict) Passes() bool { return len(v.Permits) > 0 && len(v.Forbids) == 0 }

// Explain answers whether an account may do something to one object now, and why. All its roles are asked, also those whose time has
// not come or is over. Permission: one's own account, or identity:read over it. Errors: ErrForbidden, ErrNotFound.
func (s *Service) Explain(ctx context.Context, tx *pg.Tx, account uuid.UUID, action string, on Object) (e Explanation, err error) {
	defer fault.Wrap(&err, "identity.Explain(%s, %s)", account, action)
	if tx.Actor.ID != account || account == uuid.Nil {
		if _, err := requireOver(ctx, tx, permissionRead, account); err != nil {
			return e, err
		}
	}
	p, status, err := standingOf(ctx, tx, account)
	if err != nil {
		return e, err
	}
	grants, err := listGrants(ctx, tx, account)
	if err != nil {
		return e, err
	}
	p.Grants, p.asker = grants[account], nil
	d := p.explain(action, on, tx.Now)
	e = Explanation{
		Suspended: status != statusActive, Action: action, Object: on, At: tx.Now, Reasons: p.reasons,
	}
	e.Allowed = d.Allowed && !e.Suspended
	for _, v := range d.Verdicts {
		told := Verdict{Permits: v.Permits, Forbids: v.Forbids}
		if v.Grant != decision.None {
			told.Grant = &p.Grants[v.Grant]
		}
		e.Verdicts = append(e.Verdicts, told)
	}
	return e, nil
}

// Standing returns an account as it stands now, without a session: what modules ask that act in its name later. Permission: one's own
// account, or identity:read over it. Errors: ErrForbidden, ErrNotFound.
func (s *Service) Standing(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ Principal, err error) {
	defer fault.Wrap(&err, "identity.Standing(%s)", account)
	if tx.Actor.ID != account || account == uuid.Nil {
		if _, err := requireOver(ctx, tx, permissionRead, account); err != nil {
			return Principal{}, err
		}
	}
	p, status, err := standingOf(ctx, tx, account)
	if err == nil && status != statusActive {
		p.Grants, p.asker = nil, nil
	}
	return p, err
}

// Giver is somebody who can give roles.
type Giver struct {
	Account uuid.UUID
	Name    string
	Agency  string // "" for the whole state
}

// mostGivers is how many are named: enough that one of them is there.
const mostGivers = 5

// Givers names who can give roles in an agency, those of the agency itself first; agency "" asks for the whole state's. Only staff is
// told. Errors: ErrForbidden.
func (s *Service) Givers(ctx context.Context, tx *pg.Tx, agency string) (_ []Giver, err error) {
	defer fault.Wrap(&err, "identity.Givers(%s)", agency)
	if tx.Actor.Kind != KindStaff && tx.Actor.Kind != "system" {
		return nil, ErrForbidden
	}
	rows, err := queries.ListGivers(ctx, tx, identitydb.ListGiversParams{Agency: agency, Permission: permissionManage, Now: tx.Now, Size: mostGivers})
	if err != nil {
		return nil, err
	}
	givers := make([]Giver, 0, len(rows))
	for _, row := range rows {
		if slices.ContainsFunc(givers, func(g Giver) bool { return g.Account == row.ID }) {
			continue
		}
		name, err := s.openName(ctx, tx, row.ID, row.Name)
		if err != nil {
			return nil, err
		}
		givers = append(givers, Giver{Account: row.ID, Name: name, Agency: row.Agency})
	}
	return givers, nil
}

// GrantRow is one role held, with who holds it.
type GrantRow struct {
	Grant
	Account uuid.UUID
	Name    string
	Status  string // of the account
}

// GrantFilter narrows the roles held; what is "" does not narrow.
type GrantFilter struct {
	Role, Agency, Permission string
	Query                    string // beginnings of the holder's names
	Source                   string // what it follows from, up to the colon: "position"; "hand" for those given by hand
	Ending                   bool   // those with an end alone

	within []string // nil for all; else roles in one of these agencies
}

// Grants lists who holds which role where and when, the latest given first. Permission: identity:read; who has it in some agencies only
// sees the roles held there. Who looks is on record, which needs a transaction that writes. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Grants(ctx context.Context, tx *pg.Tx, f GrantFilter, r page.Request) (_ page.Page[GrantRow], err error) {
	defer fault.Wrap(&err, "identity.Grants")
	reader, err := actorOf(ctx, tx)
	if err != nil {
		return page.Page[GrantRow]{}, err
	}
	allowed := reader.reach(permissionRead, tx.Now)
	if allowed.none() || f.Agency != "" && !allowed.covers(f.Agency) {
		return page.Page[GrantRow]{}, forbidden(permissionRead)
	}
	f.within = reader.within(permissionRead)
	if !reader.Touched(permissionRead) {
		return s.grants(ctx, tx, f, r)
	}
	return page.Keep(r, func(r page.Request) (page.Page[GrantRow], error) { return s.grants(ctx, tx, f, r) }, func(row GrantRow) bool {
		return reader.Decide(permissionRead, Object{Agency: row.Agency}, tx.Now).Allowed
	})
}

// grants is a page of roles held as far as SQL narrows them.
func (s *Service) grants(ctx context.Context, tx *pg.Tx, f GrantFilter, r page.Request) (page.Page[GrantRow], error) {
	after, err := r.AfterID()
	if err != nil {
		return page.Page[GrantRow]{}, err
	}
	tokens, words, err := s.encryption.SoughtIndexes(ctx, tx, nameIndex, f.Query, tokenMin, tokenMax)
	if err != nil {
		return page.Page[GrantRow]{}, err
	}
	if tokens == nil {
		tokens = [][]byte{} // nil would be NULL, of which nothing is known
	}
	in := identitydb.ListHoldersParams{
		Role: optional(f.Role), Agency: optional(f.Agency), Permission: optional(f.Permission), Source: optional(f.Source), Ending: f.Ending,
		Tokens: tokens, Words: int32(words), Within: f.within, After: optional(after), Size: int32(r.Limit() + 1),
	}
	rows, err := queries.ListHolders(ctx, tx, in)
	if err != nil {
		return page.Page[GrantRow]{}, err
	}
	found := page.Of(r, rows, func(row identitydb.ListHoldersRow) []string { return []string{row.ID.String()} })
	accounts := make([]uuid.UUID, 0, len(found.Rows))
	for _, row := range found.Rows {
		accounts = append(accounts, row.AccountID)
	}
	if err := s.encryption.Warm(ctx, tx, accounts...); err != nil {
		return page.Page[GrantRow]{}, err
	}
	out := page.Page[GrantRow]{Next: found.Next}
	for _, row := range found.Rows {
		name, err := s.openName(ctx, tx, row.AccountID, row.Name)
		if err != nil {
			return page.Page[GrantRow]{}, err
		}
		out.Rows = append(out.Rows, GrantRow{
			Account: row.AccountID, Name: name, Status: row.Status, Grant: Grant{
				ID: row.ID, Role: row.Role, Agency: row.Agency, Boundary: row.Boundary, Source: row.Source, Permissions: row.Permissions,
				From: row.ValidFrom, Until: row.ValidUntil,
			},
		})
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "identity.grant.list", Object: "identity.account"}, accounts...)
	return out, nil
}
