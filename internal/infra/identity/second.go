package identity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// halfLasts is how long the second step of a sign-in is waited for.
const halfLasts = 10 * time.Minute

// half notes that the first factor is proved, for the second to follow.
func (s *Service) half(ctx context.Context, tx *pg.Tx, account uuid.UUID, method string, v *voucher) (SignedIn, error) {
	token, half := id.Token(tokenBytes), id.New()
	vouched, err := json.Marshal(v)
	if err != nil {
		return SignedIn{}, err
	}
	err = queries.InsertHalf(ctx, tx, identitydb.InsertHalfParams{
		ID: half, TokenHash: digest(token), AccountID: account, Method: method, Voucher: vouched, ExpiresAt: tx.Wall.Add(halfLasts),
	})
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Second: token}, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.first_factor", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"method": method},
	})
}

// FinishTOTP signs in, after the first step that returned second, with the code that the authenticator app shows. Count is
// kept of wrong codes: it must be the last thing of its unit of work.
// Errors: ErrHalfOver, ErrTOTPWrong, ErrTooManyTries, ErrSuspended.
func (s *Service) FinishTOTP(ctx context.Context, tx *pg.Tx, second, code string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishTOTP")
	return s.finishHalf(ctx, tx, second, MethodTOTP, func(account uuid.UUID) error { return s.checkTOTP(ctx, tx, account, code) })
}

// FinishRecovery signs in, after the first step that returned second, with one of the codes on paper, which is good for
// nothing afterwards; the owner is told. Count is kept of wrong codes: it must be the last thing of its unit of work.
// Errors: ErrHalfOver, ErrRecoveryWrong, ErrTooManyTries, ErrSuspended.
func (s *Service) FinishRecovery(ctx context.Context, tx *pg.Tx, second, code string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishRecovery")
	return s.finishHalf(ctx, tx, second, MethodRecovery, func(account uuid.UUID) error { return s.checkRecovery(ctx, tx, account, code) })
}

func (s *Service) finishHalf(ctx context.Context, tx *pg.Tx, second, method string, check func(account uuid.UUID) error) (SignedIn, error) {
	row, err := queries.LockHalf(ctx, tx, digest(second))
	if pg.NotFound(err) || err == nil && !tx.Wall.Before(row.ExpiresAt) {
		return SignedIn{}, ErrHalfOver
	}
	if err != nil {
		return SignedIn{}, err
	}
	if row.Status != statusActive {
		return SignedIn{}, ErrSuspended
	}
	if err := check(row.AccountID); err != nil {
		return SignedIn{}, err
	}
	if err := queries.DeleteHalf(ctx, tx, row.ID); err != nil {
		return SignedIn{}, err
	}
	in, err := s.begin(ctx, tx, row.AccountID, proof{}.and(row.Method).and(method), false)
	var v *voucher
	if err != nil || json.Unmarshal(row.Voucher, &v) != nil || v == nil {
		return in, err
	}
	return in, v.note(ctx, tx, in.Principal.Session)
}
