package identity

import (
	"context"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Factors are what an account can prove itself by, besides codes to its addresses. Times are the machine's.
type Factors struct {
	Password *time.Time // when it was set; nil for none
	TOTP     *time.Time // since when the authenticator app counts; nil for none
	TOTPUsed *time.Time
	Passkeys []Passkey // the oldest first
	Recovery int       // codes on paper that are left
}

// Any reports whether there is anything to reset.
func (f Factors) Any() bool {
	return f.Password != nil || f.TOTP != nil || len(f.Passkeys) > 0 || f.Recovery > 0
}

// Strong reports whether there is a factor that two are proved with.
func (f Factors) Strong() bool { return f.TOTP != nil || len(f.Passkeys) > 0 }

// Factors returns what an account can prove itself by. Permission: one's own account, or identity:manage over it.
// Errors: ErrForbidden, ErrNotFound.
func (s *Service) Factors(ctx context.Context, tx *pg.Tx, account uuid.UUID) (f Factors, err error) {
	defer fault.Wrap(&err, "identity.Factors(%s)", account)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return f, err
	}
	row, err := queries.GetFactors(ctx, tx, account)
	if pg.NotFound(err) {
		return f, ErrNotFound
	}
	if err != nil {
		return f, err
	}
	f = Factors{Password: row.PasswordAt, TOTP: row.TotpAt, TOTPUsed: row.TotpUsedAt, Recovery: int(row.RecoveryLeft)}
	rows, err := queries.ListPasskeys(ctx, tx, account)
	if err != nil {
		return f, err
	}
	for _, r := range rows {
		k := Passkey{ID: r.ID, Host: r.Host, Created: r.CreatedAt, Used: r.UsedAt, Suspect: r.SuspectAt}
		if k.Name, err = s.encryption.OpenString(ctx, tx, account, passkeyPlace(r.ID, "name"), r.Name); err != nil {
			return f, err
		}
		var c webauthn.Credential
		if err := s.encryption.OpenJSON(ctx, tx, account, passkeyPlace(r.ID, "credential"), r.Credential, &c); err != nil {
			return f, err
		}
		k.Synced = c.Flags.BackupState
		f.Passkeys = append(f.Passkeys, k)
	}
	return f, nil
}

// ResetFactors takes passkeys, authenticator app, recovery codes and password away from an account whose owner has lost
// them, and ends its sessions, so that he begins anew with a code to his address. He is told. Permission: identity:manage
// over the account; nobody resets his own. Errors: ErrForbidden, ErrSelf, ErrNotFound.
func (s *Service) ResetFactors(ctx context.Context, tx *pg.Tx, account uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.ResetFactors(%s)", account)
	if _, err := requireOver(ctx, tx, permissionManage, account); err != nil {
		return err
	}
	if account == tx.Actor.ID {
		return ErrSelf
	}
	if _, err := queries.LockAccount(ctx, tx, account); pg.NotFound(err) {
		return ErrNotFound
	} else if err != nil {
		return err
	}
	gone := map[string]any{}
	for what, remove := range map[string]func() (int64, error){
		"passkeys":  func() (int64, error) { return queries.DeletePasskeys(ctx, tx, account) },
		"totp":      func() (int64, error) { return queries.DeleteTOTP(ctx, tx, account) },
		"recovery":  func() (int64, error) { return queries.DeleteRecoveryCodes(ctx, tx, account) },
		"passwords": func() (int64, error) { return queries.DeletePassword(ctx, tx, account) },
		"sessions":  func() (int64, error) { return queries.DeleteSessions(ctx, tx, account) },
		"halves":    func() (int64, error) { return queries.DeleteHalves(ctx, tx, account) },
	} {
		if gone[what], err = remove(); err != nil {
			return err
		}
	}
	delete(gone, "halves")
	if err := s.tell(ctx, tx, account, Notice{Kind: NoticeFactorsReset}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.factor.reset", Object: "identity.account", ObjectID: account, Person: account, Detail: gone,
	})
}
