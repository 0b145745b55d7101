package identity

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// kindGuest is the kind of a guest's address: by it nobody signs in, and several guests may have the same.
const kindGuest = "guest"

// guestLasts is how long a guest who sent nothing is kept at least, even without a session.
const guestLasts = 24 * time.Hour

// StartGuest lets somebody in who wants no account: a person with a key of their own, no name and no address, and a session
// that is good for what guests may do. Anybody who is not signed in may call it; how often is for the page to limit.
// Errors: ErrForbidden.
func (s *Service) StartGuest(ctx context.Context, tx *pg.Tx, lang string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.StartGuest")
	if tx.Actor.ID != uuid.Nil {
		return SignedIn{}, ErrForbidden
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return SignedIn{}, err
	}
	guest, err := s.insertAccount(ctx, tx, KindPerson, "", i18n.Match(lang, settings.Languages))
	if err != nil {
		return SignedIn{}, err
	}
	if err := queries.InsertGuest(ctx, tx, identitydb.InsertGuestParams{AccountID: guest, BegunAt: tx.Wall}); err != nil {
		return SignedIn{}, err
	}
	return s.begin(ctx, tx, guest, proof{methods: []string{}, level: 1}, true)
}

// StartGuestContact sends a code to where the acting guest says they are reached, and keeps how they are called; FinishGuestContact
// takes it. Answer and effort are the same whether an account has the address or not. Permission: guests, for themselves.
// Errors: ErrForbidden, ErrName, ErrAddress, ErrTooManyCodes.
func (s *Service) StartGuestContact(ctx context.Context, tx *pg.Tx, name, typed string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartGuestContact(%s)", tx.Actor.ID)
	if err := mustBeGuest(ctx, tx); err != nil {
		return uuid.Nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	if name, err = cleanName(name); err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	sealed, err := s.encryption.SealString(ctx, tx, tx.Actor.ID, namePlace(tx.Actor.ID), name)
	if err != nil {
		return uuid.Nil, err
	}
	if _, err := queries.SetAccountName(ctx, tx, identitydb.SetAccountNameParams{ID: tx.Actor.ID, Name: sealed}); err != nil {
		return uuid.Nil, err
	}
	owner, err := queries.GetAccount(ctx, tx, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	return s.sendCode(ctx, tx, codeFor{purpose: forGuest, kind: KindPerson, account: owner.ID, to: to, lang: owner.Lang})
}

// FinishGuestContact keeps the address to which the code was sent as the one where the acting guest is reached; another one from
// before goes. Where an account has proved the same address, all of the guest is that account's from now on. A wrong try is counted
// although an error is returned (pg.Keep). Permission: guests, for themselves.
// Errors: ErrForbidden, ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed.
func (s *Service) FinishGuestContact(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (err error) {
	defer fault.Wrap(&err, "identity.FinishGuestContact(%s)", code)
	if err := mustBeGuest(ctx, tx); err != nil {
		return err
	}
	guest := tx.Actor.ID
	row, account, err := s.takeCode(ctx, tx, code, forGuest, guest, text)
	if err != nil {
		return err
	}
	to, indexes, err := s.codeAddress(ctx, tx, row)
	if err != nil {
		return err
	}
	if err := lockIndexes(ctx, tx, indexes); err != nil { // who registers by the address at this moment finds the guest, or is found
		return err
	}
	if err := queries.DeleteGuestContacts(ctx, tx, guest); err != nil {
		return err
	}
	if err := s.insertContact(ctx, tx, guest, kindGuest, to, true); err != nil {
		return err
	}
	if account.account == uuid.Nil || !account.verified || account.suspended {
		return nil
	}
	return s.claimGuests(ctx, tx, account.account, indexes)
}

// StartReturn sends a code to somebody who applied as a guest and says by which address; guest is whose application it is, uuid.Nil
// where there is none of that reference. Answer, effort and limits are the same whether it is there and whether the address is theirs;
// only then is something sent. Anybody may call it. Errors: ErrAddress, ErrTooManyCodes.
func (s *Service) StartReturn(ctx context.Context, tx *pg.Tx, guest uuid.UUID, typed, lang string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartReturn")
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	indexes, err := s.addressIndexes(ctx, tx, to)
	if err != nil {
		return uuid.Nil, err
	}
	theirs, err := queries.GuestIsAt(ctx, tx, identitydb.GuestIsAtParams{AccountID: guest, Indexes: indexes})
	if err != nil {
		return uuid.Nil, err
	}
	if !theirs {
		guest = uuid.Nil
	}
	return s.sendCode(ctx, tx, codeFor{purpose: forReturn, kind: KindPerson, account: guest, to: to, lang: i18n.Match(lang, settings.Languages)})
}

// FinishReturn lets a guest in again with the code that StartReturn sent. A wrong try is counted although an error is returned
// (pg.Keep). Anybody may call it. Errors: ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrSuspended.
func (s *Service) FinishReturn(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishReturn(%s)", code)
	row, _, err := s.takeCode(ctx, tx, code, forReturn, uuid.Nil, text)
	if err != nil {
		return SignedIn{}, err
	}
	owner, err := queries.GetAccount(ctx, tx, *row.AccountID)
	if err != nil {
		return SignedIn{}, err
	}
	if owner.Status != statusActive {
		return SignedIn{}, pg.Keep(ErrSuspended)
	}
	return s.begin(ctx, tx, owner.ID, proof{}.and(row.Channel), false)
}

// GuestReached reports for a guest whether they have proved where they are reached; it is true for everybody who is none.
// Permission: the caller's to ask for.
func (s *Service) GuestReached(ctx context.Context, tx *pg.Tx, person uuid.UUID) (_ bool, err error) {
	defer fault.Wrap(&err, "identity.GuestReached(%s)", person)
	g, err := queries.GetGuest(ctx, tx, person)
	if pg.NotFound(err) {
		return true, nil
	}
	return g.Reached, err
}

// GuestSent notes that a guest has sent something, so that they are not swept; others it does not touch. Errors: ErrGuestAddress where a
// guest has not proved where they are reached.
func (s *Service) GuestSent(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.GuestSent(%s)", person)
	g, err := queries.GetGuest(ctx, tx, person)
	switch {
	case pg.NotFound(err):
		return nil
	case err != nil:
		return err
	case !g.Reached:
		return ErrGuestAddress
	}
	return queries.SetGuestSent(ctx, tx, identitydb.SetGuestSentParams{AccountID: person, Now: &tx.Now})
}

// ClaimedGuests returns as whom an account applied as a guest before, which is all theirs. Permission: the system's, and one's own.
// Errors: ErrForbidden.
func (s *Service) ClaimedGuests(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ []uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.ClaimedGuests(%s)", account)
	if tx.Actor.Kind != "system" && (tx.Actor.ID != account || tx.Actor.OnBehalf != uuid.Nil) {
		return nil, ErrForbidden
	}
	return queries.ListClaimedGuests(ctx, tx, account)
}

// LostGuests returns guests who sent nothing and cannot come back, the oldest first, at most size. Permission: the system's.
// Errors: ErrForbidden.
func (s *Service) LostGuests(ctx context.Context, tx *pg.Tx, size int) (_ []uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.LostGuests")
	if tx.Actor.Kind != "system" {
		return nil, ErrForbidden
	}
	return queries.ListLostGuests(ctx, tx, identitydb.ListLostGuestsParams{Before: tx.Wall.Add(-guestLasts), Now: tx.Wall, Size: int32(size)})
}

// DropGuest deletes a guest who sent nothing, with their key. Permission: the system's. Errors: ErrForbidden.
func (s *Service) DropGuest(ctx context.Context, tx *pg.Tx, guest uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.DropGuest(%s)", guest)
	if tx.Actor.Kind != "system" {
		return ErrForbidden
	}
	n, err := queries.DeleteLostGuest(ctx, tx, guest)
	if err != nil || n == 0 { // has sent something since
		return err
	}
	if err := s.encryption.Forget(ctx, tx, guest); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.guest.drop", Object: "identity.account", ObjectID: guest, Person: guest})
}

// claimGuests makes what was applied for as a guest under an address the account's that has just proved the same address.
func (s *Service) claimGuests(ctx context.Context, tx *pg.Tx, account uuid.UUID, indexes [][]byte) error {
	claimed, err := queries.ClaimGuests(ctx, tx, identitydb.ClaimGuestsParams{ClaimedBy: account, Now: tx.Now, Indexes: indexes})
	if err != nil {
		return err
	}
	for _, guest := range claimed {
		err := audit.Record(ctx, tx, audit.Entry{
			Action: "identity.guest.claim", Object: "identity.account", ObjectID: guest, Person: account, Detail: map[string]any{"guest": guest},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// claimHere makes what was begun as a guest in this browser, and is reached nowhere yet, the account's that signs in there: nobody else
// could come back to it.
func (s *Service) claimHere(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	guest := tx.Actor.ID
	n, err := queries.ClaimUnreachedGuest(ctx, tx, identitydb.ClaimUnreachedGuestParams{ClaimedBy: account, Now: tx.Now, Guest: guest})
	if err != nil || n == 0 {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.guest.claim", Object: "identity.account", ObjectID: guest, Person: account, Detail: map[string]any{"guest": guest},
	})
}

// claimByCode is claimGuests for the address to which a code was sent.
func (s *Service) claimByCode(ctx context.Context, tx *pg.Tx, account uuid.UUID, row identitydb.LockCodeRow) error {
	_, indexes, err := s.codeAddress(ctx, tx, row)
	if err != nil {
		return err
	}
	return s.claimGuests(ctx, tx, account, indexes)
}

func mustBeGuest(ctx context.Context, tx *pg.Tx) error {
	_, err := queries.GetGuest(ctx, tx, tx.Actor.ID)
	if pg.NotFound(err) {
		return ErrForbidden
	}
	return err
}
