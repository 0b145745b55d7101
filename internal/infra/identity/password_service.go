package identity

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/argon"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// hashesAtOnce is how many passwords one process checks at the same time.
const hashesAtOnce = 2

func passwordPlace(account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.password", Column: "hash", Row: account}
}

// PasswordTry is a password about to be checked. It comes from a unit of work that has counted the try, is checked outside
// of any, since that takes a while, and goes into the next.
type PasswordTry struct {
	account   uuid.UUID // uuid.Nil where no account has the address
	subject   string
	hash      string // nobody's where there is no account or no password
	sealed    []byte
	long      bool
	suspended bool

	match bool
	fresh string // a hash with today's parameters, where the old one was made with others
}

// StartPassword counts a try to sign in with a password, and returns it to be checked by CheckPassword. Answer and effort
// are the same for accounts that are known, unknown, or have no password. Staff and people have separate doors. Anybody
// may call it. Errors: ErrAddress, ErrTooManyTries.
func (s *Service) StartPassword(ctx context.Context, tx *pg.Tx, typed string, staff bool) (_ PasswordTry, err error) {
	defer fault.Wrap(&err, "identity.StartPassword")
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return PasswordTry{}, err
	}
	at, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return PasswordTry{}, err
	}
	indexes, err := s.addressIndexes(ctx, tx, at)
	if err != nil {
		return PasswordTry{}, err
	}
	kind := KindPerson
	if staff {
		kind = KindStaff
	}
	found, err := findContact(ctx, tx, kind, indexes)
	if err != nil {
		return PasswordTry{}, err
	}
	if !found.verified { // whoever has it did not prove it, so that it is nobody's yet
		found.account = uuid.Nil
	}
	return s.passwordTry(ctx, tx, found.account, subject(found.account, at), found.suspended)
}

// StartPasswordConfirm counts a try of whoever is signed in to prove himself by the password again.
// Errors: ErrConfirm, ErrTooManyTries.
func (s *Service) StartPasswordConfirm(ctx context.Context, tx *pg.Tx) (_ PasswordTry, err error) {
	defer fault.Wrap(&err, "identity.StartPasswordConfirm")
	if err := s.mayConfirm(ctx, tx, MethodPassword); err != nil {
		return PasswordTry{}, err
	}
	return s.passwordTry(ctx, tx, tx.Actor.ID, tx.Actor.ID.String(), false)
}

func (s *Service) passwordTry(ctx context.Context, tx *pg.Tx, account uuid.UUID, subject string, suspended bool) (PasswordTry, error) {
	t := PasswordTry{account: account, subject: subject, hash: argon.Nobody, suspended: suspended}
	if _, err := s.try(ctx, tx, tryPassword, subject); err != nil {
		return PasswordTry{}, err
	}
	row, err := queries.GetPassword(ctx, tx, account)
	if pg.NotFound(err) {
		return t, nil
	}
	if err != nil {
		return PasswordTry{}, err
	}
	t.long, t.sealed = row.Long, row.Hash
	t.hash, err = s.encryption.OpenString(ctx, tx, uuid.Nil, passwordPlace(account), row.Hash)
	return t, err
}

// CheckPassword compares a password with the try's, waiting for its turn. It computes for tens of milliseconds: not in a
// transaction. Whether it fits is for FinishPassword and ConfirmPassword to say. Errors: ErrBusy.
func (s *Service) CheckPassword(ctx context.Context, t PasswordTry, password string) (_ PasswordTry, err error) {
	defer fault.Wrap(&err, "identity.CheckPassword")
	password = normalPassword(password)
	if utf8.RuneCountInString(password) > passwordMax { // nobody has one, and it would only take the longer
		password = ""
	}
	match, stale, err := s.hasher.Check(ctx, password, t.hash)
	if err != nil {
		return PasswordTry{}, busy(err)
	}
	t.match = match && t.hash != argon.Nobody
	if t.match && stale {
		if t.fresh, err = s.hasher.Hash(ctx, password); err != nil {
			return PasswordTry{}, busy(err)
		}
	}
	return t, nil
}

func busy(err error) error {
	if errors.Is(err, argon.ErrBusy) {
		return ErrBusy.Because(err)
	}
	return err
}

// FinishPassword signs in if the password was the right one. A wrong one leaves a record although an error is returned
// (pg.Keep). Where the account has a second step, the answer says so instead.
// Errors: ErrPasswordWrong, ErrPasswordAlone, ErrSuspended.
func (s *Service) FinishPassword(ctx context.Context, tx *pg.Tx, t PasswordTry) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishPassword")
	if err := s.passwordRight(ctx, tx, t); err != nil {
		return SignedIn{}, err
	}
	if t.suspended {
		return SignedIn{}, ErrSuspended
	}
	in, err := s.signIn(ctx, tx, t.account, MethodPassword, false)
	if err != nil || t.long || in.Second != "" {
		return in, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return SignedIn{}, err
	}
	if in.Principal.Kind != KindStaff || settings.StaffSecondFactor != tenancy.Required {
		return SignedIn{}, ErrPasswordAlone // and the session is rolled back
	}
	return in, nil
}

// passwordRight records a wrong try, or forgets the tries before a right one.
func (s *Service) passwordRight(ctx context.Context, tx *pg.Tx, t PasswordTry) error {
	if !t.match {
		err := audit.Record(ctx, tx, audit.Entry{
			Action: "identity.password.wrong", Object: "identity.account", ObjectID: t.account, Person: t.account,
		})
		if err != nil {
			return err
		}
		return pg.Keep(ErrPasswordWrong)
	}
	index, err := s.encryption.BlindIndex(ctx, tx, "identity.attempt", t.subject)
	if err != nil {
		return err
	}
	if err := queries.DeleteAttempt(ctx, tx, identitydb.DeleteAttemptParams{Kind: tryPassword, SubjectIndex: index}); err != nil {
		return err
	}
	if t.fresh == "" {
		return nil
	}
	sealed, err := s.encryption.SealString(ctx, tx, uuid.Nil, passwordPlace(t.account), t.fresh)
	if err != nil {
		return err
	}
	return queries.RehashPassword(ctx, tx, identitydb.RehashPasswordParams{AccountID: t.account, Hash: sealed, Old: t.sealed})
}

// ConfirmPassword proves whoever is signed in afresh, if the password was the right one. See Confirm… for what it returns.
// Errors: ErrPasswordWrong, ErrNoSession.
func (s *Service) ConfirmPassword(ctx context.Context, tx *pg.Tx, t PasswordTry) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.ConfirmPassword")
	if t.account != tx.Actor.ID {
		return SignedIn{}, ErrConfirm
	}
	if err := s.passwordRight(ctx, tx, t); err != nil {
		return SignedIn{}, err
	}
	return s.rotate(ctx, tx, MethodPassword)
}

// PasswordRules is what a new password of one account must satisfy. It comes from a unit of work.
type PasswordRules struct {
	Min int // characters
	passwordRules
}

// PasswordRules returns the rules for the actor's next password: shorter ones do where the tenant asks for a second factor.
// Permission: one's own account.
func (s *Service) PasswordRules(ctx context.Context, tx *pg.Tx) (_ PasswordRules, err error) {
	defer fault.Wrap(&err, "identity.PasswordRules(%s)", tx.Actor.ID)
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return PasswordRules{}, err
	}
	name, err := s.Name(ctx, tx, tx.Actor.ID)
	if err != nil {
		return PasswordRules{}, err
	}
	all, err := s.contacts(ctx, tx, tx.Actor.ID)
	if err != nil {
		return PasswordRules{}, err
	}
	known := []string{name, "digit"}
	for _, c := range all[tx.Actor.ID] {
		local, _, _ := strings.Cut(c.Address, "@")
		known = append(known, c.Address, local)
	}
	for _, text := range settings.Name {
		known = append(known, text)
	}
	r := PasswordRules{Min: passwordAlone, passwordRules: passwordRules{min: passwordAlone, own: ownWords(known...)}}
	if tx.Actor.Kind == KindStaff && settings.StaffSecondFactor == tenancy.Required {
		r.Min, r.min = passwordBeside, passwordBeside
	}
	return r, nil
}

// NewPassword is a password that may be set.
type NewPassword struct {
	hash string
	long bool
}

// MakePassword checks a password against the rules and hashes it, waiting for its turn. It computes for tens of
// milliseconds: not in a transaction. Errors: ErrPassword, ErrBusy.
func (s *Service) MakePassword(ctx context.Context, rules PasswordRules, password string) (_ NewPassword, err error) {
	defer fault.Wrap(&err, "identity.MakePassword")
	password = normalPassword(password)
	if err := rules.check(password); err != nil {
		return NewPassword{}, err
	}
	hash, err := s.hasher.Hash(ctx, password)
	return NewPassword{hash: hash, long: utf8.RuneCountInString(password) >= passwordAlone}, busy(err)
}

// SetPassword gives the actor's account a password, or another one, and ends its other sessions; the owner is told.
// Permission: one's own account, proved afresh. Errors: ErrConfirm, ErrNoSession.
func (s *Service) SetPassword(ctx context.Context, tx *pg.Tx, p NewPassword) (err error) {
	defer fault.Wrap(&err, "identity.SetPassword(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return err
	}
	account := tx.Actor.ID
	sealed, err := s.encryption.SealString(ctx, tx, uuid.Nil, passwordPlace(account), p.hash)
	if err != nil {
		return err
	}
	err = queries.PutPassword(ctx, tx, identitydb.PutPasswordParams{AccountID: account, Hash: sealed, Long: p.long, SetAt: tx.Wall})
	if err != nil {
		return err
	}
	if _, err := s.EndOtherSessions(ctx, tx, account); err != nil {
		return err
	}
	return s.changed(ctx, tx, account, "identity.password.set", NoticePasswordSet)
}

// RemovePassword takes the password away from the actor's account; the owner is told. Permission: one's own account,
// proved afresh. Errors: ErrConfirm, ErrNoSession, ErrNoFactor.
func (s *Service) RemovePassword(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "identity.RemovePassword(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return err
	}
	n, err := queries.DeletePassword(ctx, tx, tx.Actor.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoFactor
	}
	return s.changed(ctx, tx, tx.Actor.ID, "identity.password.remove", NoticePasswordRemoved)
}

// channelOf is the channel of an address as typed.
func channelOf(typed string) string {
	if strings.Contains(typed, "@") {
		return ChannelEmail
	}
	return ChannelSMS
}
