package identity

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	statusActive    = "active"
	statusSuspended = "suspended"
	nameMax         = 120
)

// Contact is one address of an account.
type Contact struct {
	ID       uuid.UUID
	Channel  string // ChannelSMS or ChannelEmail
	Address  string
	Verified bool // the account proved that it is reached there
}

// AddStaff enters somebody who works for the state. At least one address is needed to sign in.
type AddStaff struct {
	Name, Email, Phone, Lang string
}

// AddStaff enters a staff account without any role. Permission: identity:manage.
// Errors: ErrForbidden, ErrName, ErrAddress, ErrContactTaken.
func (s *Service) AddStaff(ctx context.Context, tx *pg.Tx, in AddStaff) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "identity.AddStaff")
	if _, err := require(ctx, tx, permissionManage); err != nil {
		return uuid.Nil, err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return uuid.Nil, err
	}
	name, err := cleanName(in.Name)
	if err != nil {
		return uuid.Nil, err
	}
	var contacts []address
	for _, given := range []address{{ChannelEmail, in.Email}, {ChannelSMS, in.Phone}} {
		if strings.TrimSpace(given.text) == "" {
			continue
		}
		a, err := parseAddress(given.channel, given.text, settings.PhoneRegion)
		if err != nil {
			return uuid.Nil, err
		}
		contacts = append(contacts, a)
	}
	if len(contacts) == 0 {
		return uuid.Nil, ErrAddress
	}
	account, err := s.insertAccount(ctx, tx, KindStaff, name, i18n.Match(in.Lang, settings.Languages))
	if err != nil {
		return uuid.Nil, err
	}
	for _, a := range contacts {
		if err := s.insertContact(ctx, tx, account, KindStaff, a, false); err != nil {
			return uuid.Nil, err
		}
	}
	return account, nil
}

// insertAccount makes an account and records it.
func (s *Service) insertAccount(ctx context.Context, tx *pg.Tx, kind, name, lang string) (uuid.UUID, error) {
	account := id.New()
	sealed, err := s.encryption.SealString(ctx, tx, account, namePlace(account), name)
	if err != nil {
		return uuid.Nil, err
	}
	err = queries.InsertAccount(ctx, tx, identitydb.InsertAccountParams{ID: account, Kind: kind, Name: sealed, Lang: lang, CreatedAt: tx.Now})
	if err != nil {
		return uuid.Nil, err
	}
	if err := s.indexName(ctx, tx, account, kind, name); err != nil {
		return uuid.Nil, err
	}
	return account, audit.Record(ctx, tx, audit.Entry{
		Action: "identity.account.add", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"kind": kind},
	})
}

// indexName makes staff findable by the beginnings of their names.
func (s *Service) indexName(ctx context.Context, tx *pg.Tx, account uuid.UUID, kind, name string) error {
	if kind != KindStaff {
		return nil
	}
	tokens, err := s.encryption.PrefixIndexes(ctx, tx, nameIndex, name, tokenMin, tokenMax)
	if err != nil {
		return err
	}
	if err := queries.DeleteNameTokens(ctx, tx, account); err != nil {
		return err
	}
	return queries.InsertNameTokens(ctx, tx, identitydb.InsertNameTokensParams{AccountID: account, Tokens: tokens})
}

// nameIndex is the field of the indexes of staff names.
const nameIndex = "identity.account.name"

func (s *Service) insertContact(ctx context.Context, tx *pg.Tx, account uuid.UUID, kind string, a address, verified bool) error {
	indexes, err := s.addressIndexes(ctx, tx, a)
	if err != nil {
		return err
	}
	if len(indexes) > 1 && kind != kindGuest { // what was stored under another key does not meet the constraint
		taken, err := findContact(ctx, tx, kind, indexes)
		if err != nil {
			return err
		}
		if taken.account != uuid.Nil {
			return ErrContactTaken
		}
	}
	contact := id.New()
	sealed, err := s.encryption.SealString(ctx, tx, account, contactPlace(contact), a.text)
	if err != nil {
		return err
	}
	var verifiedAt *time.Time
	if verified {
		verifiedAt = &tx.Now
	}
	err = queries.InsertContact(ctx, tx, identitydb.InsertContactParams{
		ID: contact, AccountID: account, Kind: kind, Channel: a.channel, Address: sealed, AddressIndex: indexes[0], VerifiedAt: verifiedAt, CreatedAt: tx.Now,
	})
	if pg.Constraint(err) == "contact_address_key" {
		return ErrContactTaken.Because(err)
	}
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.contact.add", Object: "identity.contact", ObjectID: contact, Person: account, Detail: map[string]any{"channel": a.channel, "verified": verified},
	})
}

// Suspend keeps an account from signing in and ends its sessions. Permission: identity:manage over the account.
// Errors: ErrForbidden, ErrNotFound, ErrSelf, ErrDoor.
func (s *Service) Suspend(ctx context.Context, tx *pg.Tx, account uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.Suspend(%s)", account)
	if account == tx.Actor.ID {
		return ErrSelf
	}
	if err := s.setStatus(ctx, tx, account, statusSuspended); err != nil {
		return err
	}
	if _, err := queries.DeleteSessions(ctx, tx, account); err != nil {
		return err
	}
	return s.keepDoorOpen(ctx, tx)
}

// Restore lets a suspended account sign in again. Permission: identity:manage over the account.
// Errors: ErrForbidden, ErrNotFound.
func (s *Service) Restore(ctx context.Context, tx *pg.Tx, account uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.Restore(%s)", account)
	return s.setStatus(ctx, tx, account, statusActive)
}

func (s *Service) setStatus(ctx context.Context, tx *pg.Tx, account uuid.UUID, status string) error {
	if _, err := requireOver(ctx, tx, permissionManage, account); err != nil {
		return err
	}
	n, err := queries.SetAccountStatus(ctx, tx, identitydb.SetAccountStatusParams{ID: account, Status: status})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.account.status", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"status": status},
	})
}

// Rename changes the name. Permission: one's own account, or identity:manage over it.
// Errors: ErrForbidden, ErrName, ErrNotFound.
func (s *Service) Rename(ctx context.Context, tx *pg.Tx, account uuid.UUID, name string) (err error) {
	defer fault.Wrap(&err, "identity.Rename(%s)", account)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return err
	}
	if name, err = cleanName(name); err != nil {
		return err
	}
	row, err := queries.LockAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	sealed, err := s.encryption.SealString(ctx, tx, account, namePlace(account), name)
	if err != nil {
		return err
	}
	if _, err := queries.SetAccountName(ctx, tx, identitydb.SetAccountNameParams{ID: account, Name: sealed}); err != nil {
		return err
	}
	if err := s.indexName(ctx, tx, account, row.Kind, name); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.account.rename", Object: "identity.account", ObjectID: account, Person: account})
}

// SetLang changes the language in which the account is spoken to, to the nearest that the tenant offers. Permission: one's
// own account, or identity:manage over it. Errors: ErrForbidden, ErrNotFound.
func (s *Service) SetLang(ctx context.Context, tx *pg.Tx, account uuid.UUID, lang string) (err error) {
	defer fault.Wrap(&err, "identity.SetLang(%s, %s)", account, lang)
	if err := s.ownOrManage(ctx, tx, account); err != nil {
		return err
	}
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	lang = i18n.Match(lang, settings.Languages)
	n, err := queries.SetAccountLang(ctx, tx, identitydb.SetAccountLangParams{ID: account, Lang: lang})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "identity.account.lang", Object: "identity.account", ObjectID: account, Person: account, Detail: map[string]any{"lang": lang},
	})
}
