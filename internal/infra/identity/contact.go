package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// StartContact sends a code to a further address of the actor's account and returns the id under which FinishContact takes
// it. Answer and effort are the same whether somebody has the address or not. Permission: people, their own account, proved
// afresh. Errors: ErrConfirm, ErrNoSession, ErrContactStaff, ErrAddress, ErrTooManyCodes.
func (s *Service) StartContact(ctx context.Context, tx *pg.Tx, typed string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.StartContact(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return uuid.Nil, err
	}
	owner, err := queries.GetAccount(ctx, tx, tx.Actor.ID)
	if err != nil {
		return uuid.Nil, err
	}
	if owner.Kind != KindPerson {
		return uuid.Nil, ErrContactStaff
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	return s.sendCode(ctx, tx, codeFor{purpose: forContact, kind: owner.Kind, account: owner.ID, to: to, lang: owner.Lang})
}

// FinishContact adds the address to which the code was sent, since it is proved now; the addresses that the account had
// are told. A wrong try is counted although an error is returned (pg.Keep). Permission: as for StartContact.
// Errors: ErrConfirm, ErrNoSession, ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrContactTaken.
func (s *Service) FinishContact(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (err error) {
	defer fault.Wrap(&err, "identity.FinishContact(%s)", code)
	if err := s.requireFresh(ctx, tx); err != nil {
		return err
	}
	account := tx.Actor.ID
	before, err := s.proved(ctx, tx, account)
	if err != nil {
		return err
	}
	row, found, err := s.takeCode(ctx, tx, code, forContact, account, text)
	if err != nil {
		return err
	}
	switch found.account {
	case uuid.Nil:
		typed, err := s.encryption.OpenString(ctx, tx, uuid.Nil, codePlace(row.ID), row.Address)
		if err != nil {
			return err
		}
		if err := s.insertContact(ctx, tx, account, KindPerson, address{row.Channel, typed}, true); err != nil {
			return err
		}
	case account:
		if err := queries.VerifyContact(ctx, tx, identitydb.VerifyContactParams{ID: found.contact, VerifiedAt: &tx.Now}); err != nil || found.verified {
			return err // it was proved before: nothing is new
		}
	default:
		return pg.Keep(ErrContactTaken)
	}
	if err := s.claimByCode(ctx, tx, account, row); err != nil {
		return err
	}
	return s.tellAt(ctx, tx, account, Notice{Kind: NoticeContactAdded}, before...)
}

// RemoveContact takes an address away from the actor's account; it is told, and so are those that are left. The last one
// that is proved stays, or nobody could sign in any longer. Permission: people, their own account, proved afresh.
// Errors: ErrConfirm, ErrNoSession, ErrContactStaff, ErrNotFound, ErrLastContact.
func (s *Service) RemoveContact(ctx context.Context, tx *pg.Tx, contact uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.RemoveContact(%s)", contact)
	if err := s.requireFresh(ctx, tx); err != nil {
		return err
	}
	if tx.Actor.Kind != KindPerson {
		return ErrContactStaff
	}
	return s.removeContact(ctx, tx, tx.Actor.ID, contact, true)
}

// removeContact takes an address away, unless it is the last one, or the last one that is proved where proved is set.
func (s *Service) removeContact(ctx context.Context, tx *pg.Tx, account, contact uuid.UUID, proved bool) error {
	told, err := s.proved(ctx, tx, account)
	if err != nil {
		return err
	}
	rows, err := queries.LockContacts(ctx, tx, account)
	if err != nil {
		return err
	}
	left, channel := 0, ""
	for _, c := range rows {
		if c.ID == contact {
			channel = c.Channel
		} else if c.VerifiedAt != nil || !proved {
			left++
		}
	}
	switch {
	case channel == "":
		return ErrNotFound
	case left == 0:
		return ErrLastContact
	}
	if _, err := queries.DeleteContact(ctx, tx, identitydb.DeleteContactParams{AccountID: account, ID: contact}); err != nil {
		return err
	}
	if err := s.tellAt(ctx, tx, account, Notice{Kind: NoticeContactRemoved}, told...); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.contact.remove", Object: "identity.contact", ObjectID: contact, Person: account, Detail: map[string]any{"channel": channel},
	})
}

// AddStaffContact gives a member of staff a further address, by which he signs in from now on; those that he has proved are
// told. Permission: identity:manage over the account. Errors: ErrForbidden, ErrNotFound, ErrNotStaff, ErrAddress, ErrContactTaken.
func (s *Service) AddStaffContact(ctx context.Context, tx *pg.Tx, account uuid.UUID, typed string) (err error) {
	defer fault.Wrap(&err, "identity.AddStaffContact(%s)", account)
	if err := s.manageStaff(ctx, tx, account); err != nil {
		return err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	a, err := parseAddress(channelOf(typed), typed, settings.PhoneRegion)
	if err != nil {
		return err
	}
	if err := s.insertContact(ctx, tx, account, KindStaff, a, false); err != nil {
		return err
	}
	return s.tell(ctx, tx, account, Notice{Kind: NoticeContactAdded})
}

// RemoveStaffContact takes an address away from a member of staff, but the last; it is told where it was proved.
// Permission: identity:manage over the account. Errors: ErrForbidden, ErrNotFound, ErrNotStaff, ErrLastContact.
func (s *Service) RemoveStaffContact(ctx context.Context, tx *pg.Tx, account, contact uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.RemoveStaffContact(%s, %s)", account, contact)
	if err := s.manageStaff(ctx, tx, account); err != nil {
		return err
	}
	return s.removeContact(ctx, tx, account, contact, false)
}

// manageStaff refuses whoever may not look after the account, and accounts that are not staff's.
func (s *Service) manageStaff(ctx context.Context, tx *pg.Tx, account uuid.UUID) error {
	if _, err := requireOver(ctx, tx, permissionManage, account); err != nil {
		return err
	}
	owner, err := queries.LockAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err == nil && owner.Kind != KindStaff {
		err = ErrNotStaff
	}
	return err
}
