package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Caller returns the account of the person at a telephone number that a provider vouches for, as it does for calls: the number is proved
// by that. Who has none is registered. An account with a second step cannot be opened by a number alone. It begins no session. Permission:
// whoever has checked the provider's word; people have not. Errors: ErrForbidden, ErrAddress, ErrSuspended, ErrCallerSecond.
func (s *Service) Caller(ctx context.Context, tx *pg.Tx, number, lang string) (account uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.Caller")
	if tx.Actor.ID != uuid.Nil {
		return uuid.Nil, ErrForbidden
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(ChannelSMS, number, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	indexes, err := s.addressIndexes(ctx, tx, to)
	if err != nil {
		return uuid.Nil, err
	}
	if err := lockIndexes(ctx, tx, indexes); err != nil {
		return uuid.Nil, err
	}
	found, err := findContact(ctx, tx, KindPerson, indexes)
	if err != nil {
		return uuid.Nil, err
	}
	if found.account == uuid.Nil {
		if account, err = s.insertAccount(ctx, tx, KindPerson, "", i18n.Match(lang, settings.Languages)); err != nil {
			return uuid.Nil, err
		}
		if err := s.insertContact(ctx, tx, account, KindPerson, to, true); err != nil {
			return uuid.Nil, err
		}
	}
	return s.let(ctx, tx, found, account, "provider")
}

// Known returns whose account has proved a telephone number; uuid.Nil where nobody has. Permission: the system's. Errors: ErrForbidden,
// ErrAddress.
func (s *Service) Known(ctx context.Context, tx *pg.Tx, number string) (account uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.Known")
	if tx.Actor.Kind != "system" {
		return uuid.Nil, ErrForbidden
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	to, err := parseAddress(ChannelSMS, number, settings.PhoneRegion)
	if err != nil {
		return uuid.Nil, err
	}
	indexes, err := s.addressIndexes(ctx, tx, to)
	if err != nil {
		return uuid.Nil, err
	}
	found, err := findContact(ctx, tx, KindPerson, indexes)
	if err != nil || !found.verified {
		return uuid.Nil, err
	}
	return found.account, nil
}

// Calls reports whether an account may still be opened by a telephone number that was proved before: it is the account's own, which is not
// suspended and asks for no second step. Permission: the system's. Errors: ErrForbidden, ErrAddress.
func (s *Service) Calls(ctx context.Context, tx *pg.Tx, account uuid.UUID, number string) (bool, error) {
	known, err := s.Known(ctx, tx, number)
	if err != nil || known != account || account == uuid.Nil {
		return false, err
	}
	a, err := queries.GetAccount(ctx, tx, account)
	if err != nil || a.Status == statusSuspended {
		return false, err
	}
	strong, err := queries.CountStrong(ctx, tx, account)
	return err == nil && strong.Totp == 0, err
}

// FinishCaller is FinishCode for somebody who writes by telephone and needs no session: it takes the code that StartCode sent there and
// returns whose number it is. A wrong try is counted where the unit of work is kept. Anybody may call it.
// Errors: ErrCodeWrong, ErrCodeTries, ErrCodeExpired, ErrCodeUsed, ErrSuspended, ErrCallerSecond.
func (s *Service) FinishCaller(ctx context.Context, tx *pg.Tx, code uuid.UUID, text string) (account uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.FinishCaller(%s)", code)
	row, found, err := s.takeCode(ctx, tx, code, forSignIn, uuid.Nil, text)
	if err != nil {
		return uuid.Nil, err
	}
	if found.account == uuid.Nil {
		if account, err = s.registerByCode(ctx, tx, row); err != nil {
			return uuid.Nil, err
		}
	}
	return s.let(ctx, tx, found, account, "code")
}

// let lets a caller in whose number was found, or who was just registered.
func (s *Service) let(ctx context.Context, tx *pg.Tx, found contactRow, made uuid.UUID, proof string) (uuid.UUID, error) {
	account := made
	if found.account != uuid.Nil {
		if account = found.account; found.suspended {
			return uuid.Nil, ErrSuspended
		}
		strong, err := queries.CountStrong(ctx, tx, account)
		if err != nil {
			return uuid.Nil, err
		}
		if strong.Totp > 0 {
			return uuid.Nil, ErrCallerSecond
		}
		if err := queries.VerifyContact(ctx, tx, identitydb.VerifyContactParams{ID: found.contact, VerifiedAt: &tx.Now}); err != nil {
			return uuid.Nil, err
		}
	}
	return account, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.caller.prove", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"proof": proof},
	})
}
