package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// FreshFor is how long a proof of who somebody is counts for what reaches far: changing factors and addresses here, and
// whatever else asks for it.
const FreshFor = 10 * time.Minute

// ConfirmWays are the ways in which somebody signed in can prove himself afresh.
type ConfirmWays struct {
	Passkey, TOTP, Recovery, Password bool
	Contacts                          []Contact // to which a code can be sent
}

// None reports whether there is no way but to sign in anew.
func (w ConfirmWays) None() bool {
	return !w.Passkey && !w.TOTP && !w.Recovery && !w.Password && len(w.Contacts) == 0
}

// ConfirmWays returns what the actor can prove himself by. Who has an authenticator app is not asked for a code instead,
// and staff who have an app or a passkey prove themselves by these: nothing that is worth less may change them.
// Permission: one's own account.
func (s *Service) ConfirmWays(ctx context.Context, tx *pg.Tx) (w ConfirmWays, err error) {
	defer fault.Wrap(&err, "identity.ConfirmWays(%s)", tx.Actor.ID)
	strong, err := queries.CountStrong(ctx, tx, tx.Actor.ID)
	if err != nil {
		return w, err
	}
	has, err := queries.GetFactors(ctx, tx, tx.Actor.ID)
	if pg.NotFound(err) {
		return w, ErrConfirm
	}
	if err != nil {
		return w, err
	}
	w.Passkey, w.TOTP = strong.Passkeys > 0, strong.Totp > 0
	w.Recovery = has.RecoveryLeft > 0
	if tx.Actor.Kind == KindStaff && (w.Passkey || w.TOTP) {
		return w, nil
	}
	w.Password = has.PasswordAt != nil
	if w.TOTP {
		return w, nil
	}
	all, err := s.contacts(ctx, tx, tx.Actor.ID)
	for _, c := range all[tx.Actor.ID] {
		if c.Verified {
			w.Contacts = append(w.Contacts, c)
		}
	}
	return w, err
}

// mayConfirm refuses a way of proving oneself that the actor does not have. Errors: ErrConfirm.
func (s *Service) mayConfirm(ctx context.Context, tx *pg.Tx, method string) error {
	w, err := s.ConfirmWays(ctx, tx)
	if err != nil {
		return err
	}
	has := map[string]bool{
		MethodPasskey: w.Passkey, MethodTOTP: w.TOTP, MethodRecovery: w.Recovery, MethodPassword: w.Password,
		ChannelSMS: len(w.Contacts) > 0, ChannelEmail: len(w.Contacts) > 0,
	}
	if !has[method] {
		return ErrConfirm
	}
	return nil
}

// StartConfirmCode sends a code to one of the actor's own proved addresses and returns the id under which ConfirmCode
// takes it. Errors: ErrConfirm, ErrTooManyCodes.
func (s *Service) StartConfirmCode(ctx context.Context, tx *pg.Tx, contact uuid.UUID) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartConfirmCode(%s)", contact)
	w, err := s.ConfirmWays(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	owner, err := queries.GetAccount(ctx, tx, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	for _, c := range w.Contacts {
		if c.ID == contact {
			return s.sendCode(ctx, tx, codeFor{purpose: forConfirm, kind: owner.Kind, account: owner.ID, to: address{c.Channel, c.Address}, lang: owner.Lang})
		}
	}
	return uuid.Nil, ErrConfirm
}

// ConfirmCode proves the actor afresh by a code. It returns the session's new token; the old one is dead at once, whoever
// has it. A wrong try is counted although an error is returned (pg.Keep).
// Errors: ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrConfirm, ErrNoSession.
func (s *Service) ConfirmCode(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.ConfirmCode(%s)", code)
	if err := s.mayConfirm(ctx, tx, ChannelSMS); err != nil {
		return SignedIn{}, err
	}
	row, found, err := s.takeCode(ctx, tx, code, forConfirm, tx.Actor.ID, text)
	if err != nil {
		return SignedIn{}, err
	}
	if found.account != tx.Actor.ID { // the address went to another account meanwhile
		return SignedIn{}, ErrCodeExpired
	}
	return s.rotate(ctx, tx, row.Channel)
}

// ConfirmTOTP proves the actor afresh by the authenticator app, like ConfirmCode.
// Errors: ErrTOTPWrong, ErrTooManyTries, ErrConfirm, ErrNoSession.
func (s *Service) ConfirmTOTP(ctx context.Context, tx *pg.Tx, code string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.ConfirmTOTP")
	if err := s.mayConfirm(ctx, tx, MethodTOTP); err != nil {
		return SignedIn{}, err
	}
	if err := s.checkTOTP(ctx, tx, tx.Actor.ID, code); err != nil {
		return SignedIn{}, err
	}
	return s.rotate(ctx, tx, MethodTOTP)
}

// ConfirmRecovery proves the actor afresh by a code on paper, like ConfirmCode; the owner is told.
// Errors: ErrRecoveryWrong, ErrTooManyTries, ErrConfirm, ErrNoSession.
func (s *Service) ConfirmRecovery(ctx context.Context, tx *pg.Tx, code string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.ConfirmRecovery")
	if err := s.mayConfirm(ctx, tx, MethodRecovery); err != nil {
		return SignedIn{}, err
	}
	if err := s.checkRecovery(ctx, tx, tx.Actor.ID, code); err != nil {
		return SignedIn{}, err
	}
	return s.rotate(ctx, tx, MethodRecovery)
}

// rotate gives the actor's session a new token, since it is worth more from now on, and notes by what.
func (s *Service) rotate(ctx context.Context, tx *pg.Tx, method string) (SignedIn, error) {
	row, err := queries.LockSession(ctx, tx, identitydb.LockSessionParams{ID: tx.Actor.Session, AccountID: tx.Actor.ID})
	if pg.NotFound(err) {
		return SignedIn{}, ErrNoSession
	}
	if err != nil {
		return SignedIn{}, err
	}
	p := proof{methods: row.Methods, level: int(row.Level)}.and(method)
	token := id.Token(tokenBytes)
	idle, _ := lifetime(row.Kind)
	err = queries.RotateSession(ctx, tx, identitydb.RotateSessionParams{
		ID: tx.Actor.Session, TokenHash: digest(token), Methods: p.methods, Level: int16(p.level), Now: tx.Wall, IdleUntil: tx.Wall.Add(idle),
	})
	if err != nil {
		return SignedIn{}, err
	}
	principal, err := s.Session(ctx, tx, token)
	if err != nil {
		return SignedIn{}, err
	}
	return SignedIn{Token: token, Principal: principal}, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.session.confirm", Object: "identity.session", ObjectID: tx.Actor.Session, Person: tx.Actor.ID,
		Detail: map[string]any{"method": method, "level": p.level},
	})
}

// requireFresh refuses whoever did not prove lately that the account he acts in is his own. Staff who have a passkey or
// an authenticator app must have proved two factors. Errors: ErrConfirm, ErrNoSession.
func (s *Service) requireFresh(ctx context.Context, tx *pg.Tx) error {
	row, err := queries.LockSession(ctx, tx, identitydb.LockSessionParams{ID: tx.Actor.Session, AccountID: tx.Actor.ID})
	if pg.NotFound(err) {
		return ErrNoSession
	}
	if err != nil {
		return err
	}
	if row.Status != statusActive || !tx.Wall.Before(row.ExpiresAt) || !tx.Wall.Before(row.IdleUntil) {
		return ErrNoSession
	}
	if tx.Wall.Sub(row.AuthenticatedAt) >= FreshFor {
		return ErrConfirm
	}
	if row.Kind != KindStaff || row.Level >= 2 {
		return nil
	}
	strong, err := queries.CountStrong(ctx, tx, tx.Actor.ID)
	if err == nil && strong.Totp+strong.Passkeys > 0 {
		err = ErrConfirm
	}
	return err
}

// changed records that an account's factors changed, and tells its owner.
func (s *Service) changed(ctx context.Context, tx *pg.Tx, account uuid.UUID, action, notice string) error {
	if err := s.tell(ctx, tx, account, Notice{Kind: notice}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "identity.account", ObjectID: account, Person: account})
}
