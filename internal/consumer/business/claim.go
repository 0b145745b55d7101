package business

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/business/internal/businessdb"
	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// NewClaim registers a business and claims that the actor may act for it.
type NewClaim struct {
	Business Business         // Account, Status and RegisteredAt are not read
	Paper    *document.Upload // nil where the register is the proof
	Until    *time.Time       // when the authority ends, tenant's clock, excluded; nil until somebody ends it
	Lang     string           // in which the claimant is told
}

// Claim registers a business with a claim that the actor may act for it. Where the number is registered and none of its managers is left,
// it is a claim on that business, whose name and address stay. Nobody acts for it until an office has confirmed the claim. Permission:
// people with an account, in nobody else's name. Errors: ErrBusiness with the fields at fault, ErrTaken, ErrWaiting, ErrMany,
// identity.ErrForbidden, those of document.Take.
func (s *Service) Claim(ctx context.Context, tx *pg.Tx, in NewClaim) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "business.Claim(%s)", tx.Actor.ID)
	if err := s.deps.Identity.MayAddBusiness(ctx, tx); err != nil {
		return uuid.Nil, err
	}
	b, proof, err := s.check(ctx, tx, in)
	if err != nil {
		return uuid.Nil, err
	}
	n, err := db.CountOpenClaims(ctx, tx, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	if n >= openMost {
		return uuid.Nil, ErrMany.With("max", openMost)
	}
	b.Account, err = s.free(ctx, tx, b.Number)
	if err == nil && b.Account == uuid.Nil {
		b.Account, err = s.add(ctx, tx, b)
	}
	if err != nil {
		return uuid.Nil, err
	}
	row := businessdb.InsertClaimParams{ID: id.New(), AccountID: b.Account, Claimant: tx.Actor.ID, Proof: proof, Until: in.Until, Lang: in.Lang, Now: tx.Now}
	if in.Paper != nil {
		f, err := s.deps.Documents.Take(ctx, tx, document.Store{
			Person: b.Account, Purpose: "business.claim", Accept: []string{"application/pdf", "image/jpeg", "image/png"},
		}, *in.Paper)
		if err != nil {
			return uuid.Nil, err
		}
		row.DocumentID = &f.ID
	}
	err = db.InsertClaim(ctx, tx, row)
	if pg.Constraint(err) == "claim_open_key" {
		return uuid.Nil, ErrWaiting.Because(err)
	}
	if err != nil {
		return uuid.Nil, err
	}
	return row.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "business.claim.make", Object: "business.claim", ObjectID: row.ID, Person: b.Account,
		Detail: map[string]any{"form": b.Form, "proof": proof, "until": in.Until},
	})
}

// check brings a business into the form in which it is kept, and finds on what the claim rests.
func (s *Service) check(ctx context.Context, tx *pg.Tx, in NewClaim) (b Business, proof string, err error) {
	settings, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return b, "", err
	}
	b, wrong := in.Business.normal(settings.PhoneRegion)
	if wrong, err = s.checkArea(ctx, tx, b.Boundary, wrong); err != nil {
		return b, "", err
	}
	if in.Until != nil && !in.Until.After(tx.Now) {
		wrong = append(wrong, fault.Field{Path: "until", Code: "business.until"})
	}
	holder, err := s.deps.Registers.Holder(ctx, tx, Register, b.Number)
	if err != nil {
		return b, "", err
	}
	proof = identity.ProofDocument
	if holder == tx.Actor.ID {
		proof = identity.ProofRegister
	} else if in.Paper == nil {
		wrong = append(wrong, fault.Field{Path: "paper", Code: "business.paper"})
	}
	if len(wrong) > 0 {
		return b, "", ErrBusiness.WithFields(wrong...)
	}
	return b, proof, nil
}

func (s *Service) checkArea(ctx context.Context, tx *pg.Tx, code string, wrong []fault.Field) ([]fault.Field, error) {
	if code == "" {
		return wrong, nil
	}
	known, err := s.deps.Areas.Known(ctx, tx, code)
	if err == nil && !known {
		wrong = append(wrong, fault.Field{Path: "boundary", Code: "business.boundary"})
	}
	return wrong, err
}

// free returns the business of a number that nobody manages any more, uuid.Nil where the number is new. Errors: ErrTaken, ErrWaiting.
func (s *Service) free(ctx context.Context, tx *pg.Tx, number string) (uuid.UUID, error) {
	indexes, err := s.deps.Encryption.BlindIndexes(ctx, tx, numberField, number)
	if err != nil {
		return uuid.Nil, err
	}
	row, err := db.LockByNumber(ctx, tx, indexes)
	if pg.NotFound(err) {
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, err
	}
	_, err = db.OpenClaim(ctx, tx, row.AccountID)
	if err == nil {
		return uuid.Nil, ErrWaiting
	}
	if !pg.NotFound(err) {
		return uuid.Nil, err
	}
	members, err := s.deps.Identity.Members(ctx, tx, row.AccountID)
	for _, m := range members {
		if m.Kind == identity.Manager {
			return uuid.Nil, ErrTaken
		}
	}
	return row.AccountID, err
}

// add makes a business of which nobody has confirmed anything. Errors: ErrWaiting where somebody claims the number at this moment.
func (s *Service) add(ctx context.Context, tx *pg.Tx, b Business) (_ uuid.UUID, err error) {
	if b.Account, err = s.deps.Identity.AddBusiness(ctx, tx, b.Name); err != nil {
		return uuid.Nil, err
	}
	sealed, err := s.deps.Encryption.SealJSON(ctx, tx, b.Account, aboutPlace(b.Account), b.about())
	if err != nil {
		return uuid.Nil, err
	}
	index, err := s.deps.Encryption.BlindIndex(ctx, tx, numberField, b.Number)
	if err != nil {
		return uuid.Nil, err
	}
	err = db.InsertBusiness(ctx, tx, businessdb.InsertBusinessParams{
		AccountID: b.Account, Form: b.Form, About: sealed, NumberIndex: index, Boundary: b.Boundary, Now: tx.Now,
	})
	if pg.Constraint(err) == "business_number_key" {
		return uuid.Nil, ErrWaiting.Because(err)
	}
	if err != nil {
		return uuid.Nil, err
	}
	return b.Account, s.indexName(ctx, tx, b.Account, b.Name)
}

// Confirm confirms a claim: its claimant manages the business from now on, until the day that they named, and is told. Confirming twice
// does nothing. Permission: identity:businesses in the whole tenant, and not for oneself.
// Errors: ErrNotFound, ErrDecided, ErrLapsed, identity.ErrForbidden, identity.ErrSelf.
func (s *Service) Confirm(ctx context.Context, tx *pg.Tx, claim uuid.UUID) (err error) {
	defer fault.Wrap(&err, "business.Confirm(%s)", claim)
	c, err := s.lockClaim(ctx, tx, claim)
	if err != nil || c.Status == Confirmed {
		return err
	}
	switch {
	case c.Status != Open:
		return ErrDecided
	case c.Until != nil && !tx.Now.Before(*c.Until):
		return ErrLapsed
	}
	_, err = s.deps.Identity.AppointManager(ctx, tx, identity.Appointment{Business: c.AccountID, Person: c.Claimant, Proof: c.Proof, Until: c.Until})
	if err != nil {
		return err
	}
	if err := db.SetBusinessStatus(ctx, tx, businessdb.SetBusinessStatusParams{AccountID: c.AccountID, Status: Confirmed, Now: tx.Now}); err != nil {
		return err
	}
	return s.decide(ctx, tx, c, Confirmed, []byte{})
}

// Refuse refuses a claim, and tells the claimant why. The number of a business of which nothing was confirmed before is free again.
// Refusing twice does nothing. Permission: identity:businesses in the whole tenant, and not for oneself.
// Errors: ErrNotFound, ErrDecided, ErrReason, identity.ErrForbidden, identity.ErrSelf.
func (s *Service) Refuse(ctx context.Context, tx *pg.Tx, claim uuid.UUID, reason string) (err error) {
	defer fault.Wrap(&err, "business.Refuse(%s)", claim)
	c, err := s.lockClaim(ctx, tx, claim)
	if err != nil || c.Status == Refused {
		return err
	}
	if c.Status != Open {
		return ErrDecided
	}
	if reason, err = cleanReason(reason); err != nil {
		return err
	}
	sealed, err := s.deps.Encryption.SealString(ctx, tx, c.AccountID, reasonPlace(c.ID), reason)
	if err != nil {
		return err
	}
	b, err := db.LockBusiness(ctx, tx, c.AccountID)
	if err != nil {
		return err
	}
	if b.Status == Unconfirmed {
		if err := db.SetBusinessStatus(ctx, tx, businessdb.SetBusinessStatusParams{AccountID: c.AccountID, Status: Refused, Now: tx.Now}); err != nil {
			return err
		}
	}
	return s.decide(ctx, tx, c, Refused, sealed)
}

// lockClaim locks a claim that the actor may decide. Errors: ErrNotFound, identity.ErrForbidden, identity.ErrSelf.
func (s *Service) lockClaim(ctx context.Context, tx *pg.Tx, claim uuid.UUID) (c businessdb.LockClaimRow, err error) {
	if err := s.deps.Identity.MayReadBusinesses(ctx, tx); err != nil {
		return c, err
	}
	c, err = db.LockClaim(ctx, tx, claim)
	if pg.NotFound(err) {
		return c, ErrNotFound
	}
	if err != nil {
		return c, err
	}
	return c, s.deps.Identity.MayConfirmBusiness(ctx, tx, c.Claimant)
}

func (s *Service) decide(ctx context.Context, tx *pg.Tx, c businessdb.LockClaimRow, status string, reason []byte) error {
	err := db.DecideClaim(ctx, tx, businessdb.DecideClaimParams{ID: c.ID, Status: status, Reason: reason, Now: tx.Now, By: tx.Actor.ID})
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, c, "business_"+status); err != nil {
		return err
	}
	action := map[string]string{Confirmed: "business.claim.confirm", Refused: "business.claim.refuse"}[status]
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "business.claim", ObjectID: c.ID, Person: c.AccountID, Detail: map[string]any{"claimant": c.Claimant, "proof": c.Proof},
	})
}
