package identity

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	recoveryCodes = 10
	// recoveryBytes of chance are 80 bits, 16 letters.
	recoveryBytes = 10
	// RecoveryFew is from how many codes left on the owner is asked to make new ones.
	RecoveryFew = 3
)

// NewRecoveryCodes makes ten codes for who has lost the second factor, each good once, and returns them to be shown once;
// those before are good no longer. The owner is told. Permission: one's own account, proved afresh.
// Errors: ErrConfirm, ErrNoSession, ErrNoFactor where there is no second factor that they could stand in for.
func (s *Service) NewRecoveryCodes(ctx context.Context, tx *pg.Tx) (_ []string, err error) {
	defer fault.Wrap(&err, "identity.NewRecoveryCodes(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return nil, err
	}
	strong, err := queries.CountStrong(ctx, tx, tx.Actor.ID)
	if err != nil {
		return nil, err
	}
	if strong.Totp+strong.Passkeys == 0 {
		return nil, ErrNoFactor
	}
	codes, err := s.makeRecoveryCodes(ctx, tx, tx.Actor.ID)
	if err != nil {
		return nil, err
	}
	return codes, s.changed(ctx, tx, tx.Actor.ID, "identity.recovery.make", NoticeRecoveryMade)
}

func (s *Service) makeRecoveryCodes(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]string, error) {
	if _, err := queries.DeleteRecoveryCodes(ctx, tx, account); err != nil {
		return nil, err
	}
	codes, macs := make([]string, 0, recoveryCodes), make([][]byte, 0, recoveryCodes)
	for range recoveryCodes {
		code := strings.ToLower(id.Base32(recoveryBytes))
		mac, err := s.encryption.MAC(ctx, tx, recoveryPurpose, recoveryContent(account, code))
		if err != nil {
			return nil, err
		}
		codes, macs = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:]), append(macs, mac)
	}
	return codes, queries.InsertRecoveryCodes(ctx, tx, identitydb.InsertRecoveryCodesParams{AccountID: account, Macs: macs, MadeAt: tx.Wall})
}

// firstRecoveryCodes makes codes with the first factor that they stand in for; nil where there are some.
func (s *Service) firstRecoveryCodes(ctx context.Context, tx *pg.Tx, account uuid.UUID) ([]string, error) {
	left, err := queries.CountRecoveryCodes(ctx, tx, account)
	if err != nil || left > 0 {
		return nil, err
	}
	return s.makeRecoveryCodes(ctx, tx, account)
}

// lastRecoveryCodes takes the codes away with the last factor that they stand in for.
func (s *Service) lastRecoveryCodes(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	strong, err := queries.CountStrong(ctx, tx, account)
	if err != nil || strong.Totp+strong.Passkeys > 0 {
		return err
	}
	_, err = queries.DeleteRecoveryCodes(ctx, tx, account)
	return err
}

// recoveryContent is what the authentication code is made of that is kept of a code: dashes, spaces and capital letters do not matter, and zero and one, which are not
// among the letters, are read as the letters they look like.
func recoveryContent(account uuid.UUID, code string) []byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '2' && r <= '7':
			return r
		case r == '0':
			return 'o'
		case r == '1':
			return 'l'
		}
		return -1
	}, strings.ToLower(digits(code)))
	return append(account[:], plain...)
}

// checkRecovery takes a code, once, and tells the owner. A try is counted, and so is a wrong one (pg.Keep).
// Errors: ErrRecoveryWrong, ErrTooManyTries.
func (s *Service) checkRecovery(ctx context.Context, tx *pg.Tx, account uuid.UUID, code string) error {
	forgive, err := s.try(ctx, tx, tryRecovery, account.String())
	if err != nil {
		return err
	}
	used, err := s.useRecovery(ctx, tx, account, recoveryContent(account, code))
	if err != nil {
		return err
	}
	if !used {
		return s.wrong(ctx, tx, account, "identity.recovery.wrong", ErrRecoveryWrong)
	}
	if err := s.changed(ctx, tx, account, "identity.recovery.use", NoticeRecoveryUsed); err != nil {
		return err
	}
	return forgive()
}

// recoveryPurpose is for what authentication codes of recovery codes are made.
const recoveryPurpose = "identity.recovery_code"

// useRecovery marks the code as used whose content it is, whichever of the tenant's keys it was kept under; false where
// there is none.
func (s *Service) useRecovery(ctx context.Context, tx *pg.Tx, account uuid.UUID, content []byte) (bool, error) {
	macs, err := queries.LockRecoveryCodes(ctx, tx, account)
	if err != nil {
		return false, err
	}
	for _, mac := range macs {
		right, err := s.encryption.CheckMAC(ctx, tx, recoveryPurpose, content, mac)
		if err != nil {
			return false, err
		}
		if right {
			n, err := queries.UseRecoveryCode(ctx, tx, identitydb.UseRecoveryCodeParams{AccountID: account, Mac: mac, Now: &tx.Wall})
			return n > 0, err
		}
	}
	return false, nil
}
