package business

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/business/internal/businessdb"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Filter narrows the list of claims; empty values do not.
type Filter struct {
	Status string
	Form   string
	Query  string // a registration number, or words with which those of the name begin
	Oldest bool   // the oldest first
}

// Claims lists claims for the office, the newest first. Who looks is on record, which needs a transaction that writes. Permission:
// identity:businesses in the whole tenant. Errors: identity.ErrForbidden, page.ErrCursor.
func (s *Service) Claims(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (found page.Page[Claim], err error) {
	defer fault.Wrap(&err, "business.Claims")
	if err := s.deps.Identity.MayReadBusinesses(ctx, tx); err != nil {
		return found, err
	}
	after, err := r.AfterID()
	if err != nil {
		return found, err
	}
	p := businessdb.ListClaimsParams{Oldest: f.Oldest, Size: int32(r.Limit() + 1), Status: some(f.Status), Form: some(f.Form)}
	if after != uuid.Nil {
		p.After = &after
	}
	if p.Sought = strings.TrimSpace(f.Query) != ""; p.Sought {
		words := 0
		if p.Tokens, words, err = s.deps.Encryption.SoughtIndexes(ctx, tx, nameField, f.Query, tokenMin, tokenMax); err != nil {
			return found, err
		}
		number, _ := servicespec.Number("", f.Query)
		if p.Numbers, err = s.deps.Encryption.BlindIndexes(ctx, tx, numberField, number); err != nil {
			return found, err
		}
		p.Words = int32(words)
	}
	rows, err := db.ListClaims(ctx, tx, p)
	if err != nil {
		return found, err
	}
	list := make([]Claim, 0, len(rows))
	ids := make([]uuid.UUID, 0, len(rows))
	for _, row := range rows {
		c, err := s.open(ctx, tx, businessdb.GetClaimRow(row))
		if err != nil {
			return found, err
		}
		list, ids = append(list, c), append(ids, c.Business.Account)
	}
	found = page.Of(r, list, func(c Claim) []string { return []string{c.ID.String()} })
	audit.ReadList(ctx, tx, audit.Entry{Action: "business.claim.list", Object: "business.business"}, ids[:len(found.Rows)]...)
	return found, nil
}

func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// OfficeClaim returns a claim for the office; the look is on record, which needs a transaction that writes. Permission:
// identity:businesses in the whole tenant. Errors: ErrNotFound, identity.ErrForbidden.
func (s *Service) OfficeClaim(ctx context.Context, tx *pg.Tx, claim uuid.UUID) (c Claim, err error) {
	defer fault.Wrap(&err, "business.OfficeClaim(%s)", claim)
	if err := s.deps.Identity.MayReadBusinesses(ctx, tx); err != nil {
		return c, err
	}
	row, err := db.GetClaim(ctx, tx, claim)
	if pg.NotFound(err) {
		return c, ErrNotFound
	}
	if err != nil {
		return c, err
	}
	if c, err = s.open(ctx, tx, row); err != nil {
		return c, err
	}
	return c, audit.Read(ctx, tx, audit.Entry{Action: "business.claim.read", Object: "business.claim", ObjectID: c.ID, Person: c.Business.Account})
}

// Claimed returns a person's claims, the newest first. Permission: one's own, in nobody else's name, and the system's.
// Errors: ErrForbidden.
func (s *Service) Claimed(ctx context.Context, tx *pg.Tx, person uuid.UUID) (list []Claim, err error) {
	defer fault.Wrap(&err, "business.Claimed(%s)", person)
	if tx.Actor.Kind != "system" && (tx.Actor.ID != person || tx.Actor.OnBehalf != uuid.Nil) {
		return nil, ErrForbidden
	}
	rows, err := db.ListClaimsOf(ctx, tx, businessdb.ListClaimsOfParams{Claimant: person, Size: mineMost})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		c, err := s.open(ctx, tx, businessdb.GetClaimRow(row))
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// Business returns a business. Permission: its members, who act for it at the moment, and the system. Errors: ErrNotFound.
func (s *Service) Business(ctx context.Context, tx *pg.Tx, account uuid.UUID) (b Business, err error) {
	defer fault.Wrap(&err, "business.Business(%s)", account)
	if err := s.mayRead(ctx, tx, account); err != nil {
		return b, err
	}
	row, err := db.GetBusiness(ctx, tx, account)
	if pg.NotFound(err) {
		return b, ErrNotFound
	}
	if err != nil {
		return b, err
	}
	b, err = s.business(ctx, tx, businessdb.LockBusinessRow(row))
	if err != nil {
		return b, err
	}
	return b, audit.Read(ctx, tx, audit.Entry{Action: "business.read", Object: "business.business", ObjectID: account, Person: account})
}

// mayRead refuses everybody but the members of a business with ErrNotFound.
func (s *Service) mayRead(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	if tx.Actor.Kind == "system" {
		return nil
	}
	members, err := s.deps.Identity.Members(ctx, tx, account)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m.Account == tx.Actor.ID && (tx.Actor.OnBehalf == uuid.Nil || tx.Actor.OnBehalf == account) {
			return nil
		}
	}
	return ErrNotFound
}

// Change keeps where a business is and how it is reached. Permission: who manages it, in nobody else's name.
// Errors: ErrNotFound, ErrBusiness, identity.ErrForbidden.
func (s *Service) Change(ctx context.Context, tx *pg.Tx, account uuid.UUID, to Reach) (err error) {
	defer fault.Wrap(&err, "business.Change(%s)", account)
	if err := s.deps.Identity.Manages(ctx, tx, account); err != nil {
		return err
	}
	settings, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return err
	}
	to, wrong := to.normal(settings.PhoneRegion)
	if wrong, err = s.checkArea(ctx, tx, to.Boundary, wrong); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return ErrBusiness.WithFields(wrong...)
	}
	row, err := db.LockBusiness(ctx, tx, account)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	b, err := s.business(ctx, tx, row)
	if err != nil {
		return err
	}
	b.Reach = to
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, account, aboutPlace(account), b.about())
	if err != nil {
		return err
	}
	err = db.SetBusinessAbout(ctx, tx, businessdb.SetBusinessAboutParams{AccountID: account, About: sealed, Boundary: to.Boundary, Now: tx.Now})
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "business.change", Object: "business.business", ObjectID: account, Person: account})
}
