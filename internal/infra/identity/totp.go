package identity

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	// totpStep is how long a code is shown (RFC 6238).
	totpStep = 30 * time.Second
	// totpSkew is how many steps a telephone's clock may be wrong.
	totpSkew = 1
	// totpEnrol is how long a secret shown waits for its first code.
	totpEnrol = time.Hour
)

var totpOptions = hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1} // what every app understands

func totpPlace(account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.totp", Column: "secret", Row: account}
}

// TOTPSecret is what an authenticator app needs to know: as text to type, and as an address in a QR code to scan.
type TOTPSecret struct {
	Text string // base32
	URI  string // otpauth://totp/…
}

// BeginTOTP returns the secret for the actor's authenticator app, which counts once ActivateTOTP has seen a code of it; it
// stays the same for an hour, so that a page can be looked at again. Permission: one's own account, proved afresh.
// Errors: ErrConfirm, ErrNoSession, ErrTOTPThere.
func (s *Service) BeginTOTP(ctx context.Context, tx *pg.Tx) (_ TOTPSecret, err error) {
	defer fault.Wrap(&err, "identity.BeginTOTP(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return TOTPSecret{}, err
	}
	account := tx.Actor.ID
	row, err := queries.LockTOTP(ctx, tx, account)
	if err != nil && !pg.NotFound(err) {
		return TOTPSecret{}, err
	}
	var secret string
	switch {
	case err == nil && row.ConfirmedAt != nil:
		return TOTPSecret{}, ErrTOTPThere
	case err == nil && tx.Wall.Sub(row.BegunAt) < totpEnrol:
		if secret, err = s.encryption.OpenString(ctx, tx, account, totpPlace(account), row.Secret); err != nil {
			return TOTPSecret{}, err
		}
	default:
		secret = id.Base32(20) // the length of the hash's output (RFC 4226)
		sealed, err := s.encryption.SealString(ctx, tx, account, totpPlace(account), secret)
		if err != nil {
			return TOTPSecret{}, err
		}
		if err := queries.InsertTOTP(ctx, tx, identitydb.InsertTOTPParams{AccountID: account, Secret: sealed, BegunAt: tx.Wall}); err != nil {
			return TOTPSecret{}, err
		}
	}
	return s.totpSecret(ctx, tx, account, secret)
}

// totpSecret writes the secret as apps read it, with the state's name and the owner's address to know it again by.
func (s *Service) totpSecret(ctx context.Context, tx *pg.Tx, account uuid.UUID, secret string) (TOTPSecret, error) {
	issuer, owner, err := s.labels(ctx, tx, account)
	if err != nil {
		return TOTPSecret{}, err
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + owner}
	u.RawQuery = "secret=" + secret + "&issuer=" + url.PathEscape(issuer) // apps read a plus sign as one
	return TOTPSecret{Text: secret, URI: u.String()}, nil
}

// labels are by what an account is known in an app or a passkey manager: the state's name, and the owner's address, or
// name where he has none.
func (s *Service) labels(ctx context.Context, tx *pg.Tx, account uuid.UUID) (issuer, owner string, err error) {
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return "", "", err
	}
	row, err := queries.GetAccount(ctx, tx, account)
	if err != nil {
		return "", "", err
	}
	issuer = settings.Name.In(row.Lang, settings.DefaultLanguage)
	all, err := s.contacts(ctx, tx, account)
	if err != nil {
		return "", "", err
	}
	for _, c := range all[account] {
		if c.Verified {
			return issuer, c.Address, nil
		}
	}
	owner, err = s.openName(ctx, tx, account, row.Name)
	return issuer, owner, err
}

// ActivateTOTP makes the authenticator app count, given a first code of it. From now on the app is asked for at every
// sign-in that proves one factor only. The session proves two from here on: it gets a new token, and with it come
// recovery codes, to be shown once, where the account has none yet. The owner is told. A wrong try is counted although
// an error is returned (pg.Keep). Permission: one's own account, proved afresh.
// Errors: ErrConfirm, ErrNoSession, ErrNoFactor, ErrTOTPWrong, ErrTooManyTries, ErrTOTPThere.
func (s *Service) ActivateTOTP(ctx context.Context, tx *pg.Tx, code string) (_ SignedIn, codes []string, err error) {
	defer fault.Wrap(&err, "identity.ActivateTOTP(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return SignedIn{}, nil, err
	}
	account := tx.Actor.ID
	row, err := queries.LockTOTP(ctx, tx, account)
	switch {
	case pg.NotFound(err):
		return SignedIn{}, nil, ErrNoFactor
	case err != nil:
		return SignedIn{}, nil, err
	case row.ConfirmedAt != nil:
		return SignedIn{}, nil, ErrTOTPThere
	}
	if err := s.checkTOTP(ctx, tx, account, code); err != nil {
		return SignedIn{}, nil, err
	}
	if err := s.changed(ctx, tx, account, "identity.totp.add", NoticeTOTPAdded); err != nil {
		return SignedIn{}, nil, err
	}
	if codes, err = s.firstRecoveryCodes(ctx, tx, account); err != nil {
		return SignedIn{}, nil, err
	}
	in, err := s.rotate(ctx, tx, MethodTOTP)
	return in, codes, err
}

// RemoveTOTP takes the authenticator app away from the actor's account, and the recovery codes where no other factor is
// left that they stand in for; the owner is told. Permission: one's own account, proved afresh.
// Errors: ErrConfirm, ErrNoSession, ErrNoFactor.
func (s *Service) RemoveTOTP(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "identity.RemoveTOTP(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return err
	}
	row, err := queries.LockTOTP(ctx, tx, tx.Actor.ID)
	if pg.NotFound(err) || err == nil && row.ConfirmedAt == nil {
		return ErrNoFactor
	}
	if err != nil {
		return err
	}
	if _, err := queries.DeleteTOTP(ctx, tx, tx.Actor.ID); err != nil {
		return err
	}
	if err := s.lastRecoveryCodes(ctx, tx, tx.Actor.ID); err != nil {
		return err
	}
	return s.changed(ctx, tx, tx.Actor.ID, "identity.totp.remove", NoticeTOTPRemoved)
}

// checkTOTP takes the code of a step that is about now and later than any taken before. A try is counted, and so is a
// wrong one (pg.Keep). Errors: ErrTOTPWrong, ErrTooManyTries.
func (s *Service) checkTOTP(ctx context.Context, tx *pg.Tx, account uuid.UUID, code string) error {
	forgive, err := s.try(ctx, tx, tryTOTP, account.String())
	if err != nil {
		return err
	}
	row, err := queries.LockTOTP(ctx, tx, account)
	if pg.NotFound(err) {
		return s.wrong(ctx, tx, account, "identity.totp.wrong", ErrTOTPWrong)
	}
	if err != nil {
		return err
	}
	secret, err := s.encryption.OpenString(ctx, tx, account, totpPlace(account), row.Secret)
	if err != nil {
		return err
	}
	step := stepOf(digits(code), secret, tx.Wall)
	if step <= row.LastStep {
		return s.wrong(ctx, tx, account, "identity.totp.wrong", ErrTOTPWrong)
	}
	if err := queries.UseTOTP(ctx, tx, identitydb.UseTOTPParams{AccountID: account, LastStep: step, Now: &tx.Wall}); err != nil {
		return err
	}
	return forgive()
}

// stepOf is the step about now whose code it is, the latest first; zero for none.
func stepOf(code, secret string, now time.Time) int64 {
	current := now.Unix() / int64(totpStep.Seconds())
	for step := current + totpSkew; step >= current-totpSkew; step-- {
		if ok, err := hotp.ValidateCustom(code, uint64(step), secret, totpOptions); ok && err == nil {
			return step
		}
	}
	return 0
}

// wrong records that something was guessed wrongly, and keeps the count although it refuses.
func (s *Service) wrong(ctx context.Context, tx *pg.Tx, account uuid.UUID, action string, refusal error) error {
	err := audit.Record(ctx, tx, audit.Entry{Action: action, Object: "identity.account", ObjectID: account, Person: account})
	if err != nil {
		return err
	}
	return pg.Keep(refusal)
}
