package identity

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// Filter narrows the accounts; what is "" does not narrow.
type Filter struct {
	Kind   string // KindPerson or KindStaff
	Status string // active or suspended
	Agency string // holds a role there
	Role   string // holds this role
	Query  string // an exact telephone number or e-mail address, or beginnings of a staff member's names

	within []string // nil for everybody; else staff with a role in one of these agencies, or with none at all
}

// AccountRow is one account in a list.
type AccountRow struct {
	ID       uuid.UUID
	Kind     string
	Name     string
	Lang     string
	Status   string // active or suspended
	Created  time.Time
	Contacts []Contact
	Grants   []Grant // also those not yet or no longer in force
}

// AccountView is one account in full.
type AccountView struct {
	AccountRow
}

// Accounts lists accounts, the newest first. Permission: identity:read; who has it in some agencies only sees staff of
// these, and staff who work nowhere yet. Who looks is on record, which needs a transaction that writes. Errors:
// ErrForbidden, page.ErrCursor.
func (s *Service) Accounts(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (_ page.Page[AccountRow], err error) {
	defer fault.Wrap(&err, "identity.Accounts")
	reader, err := actorOf(ctx, tx)
	if err != nil {
		return page.Page[AccountRow]{}, err
	}
	allowed := reader.reach(permissionRead, tx.Now)
	if allowed.none() || f.Agency != "" && !allowed.covers(f.Agency) {
		return page.Page[AccountRow]{}, forbidden(permissionRead)
	}
	f.within = reader.within(permissionRead)
	if !reader.Touched(permissionRead) {
		return s.accounts(ctx, tx, f, r)
	}
	return page.Keep(r, func(r page.Request) (page.Page[AccountRow], error) { return s.accounts(ctx, tx, f, r) }, func(row AccountRow) bool {
		return reader.Decide(permissionRead, objectOf(row.ID, row.Kind, row.Grants), tx.Now).Allowed
	})
}

// accounts is a page of accounts as far as SQL narrows them.
func (s *Service) accounts(ctx context.Context, tx *pg.Tx, f Filter, r page.Request) (_ page.Page[AccountRow], err error) {
	after := uuid.Nil
	if r.After != "" {
		parts, err := page.Decode(r.After, 1)
		if err != nil {
			return page.Page[AccountRow]{}, err
		}
		if after, err = uuid.Parse(parts[0]); err != nil {
			return page.Page[AccountRow]{}, page.ErrCursor.Because(err)
		}
	}
	var found []identitydb.ListAccountsRow
	if strings.TrimSpace(f.Query) == "" {
		found, err = listAccounts(ctx, tx, f, after, r.Limit()+1)
	} else {
		found, err = s.find(ctx, tx, f, after, r.Limit()+1)
	}
	if err != nil {
		return page.Page[AccountRow]{}, err
	}
	rows, err := s.rows(ctx, tx, found)
	if err != nil {
		return page.Page[AccountRow]{}, err
	}
	p := page.Of(r, rows, func(row AccountRow) []string { return []string{row.ID.String()} })
	ids := make([]uuid.UUID, 0, len(p.Rows))
	for _, row := range p.Rows {
		ids = append(ids, row.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "identity.account.list", Object: "identity.account"}, ids...)
	return p, nil
}

// find searches by blind indexes: of the query as an address, and of its words as beginnings of names.
func (s *Service) find(ctx context.Context, tx *pg.Tx, f Filter, after uuid.UUID, size int) ([]identitydb.ListAccountsRow, error) {
	settings, err := s.tenancy.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	var addresses [][]byte
	for _, channel := range []string{ChannelEmail, ChannelSMS} {
		a, err := parseAddress(channel, f.Query, settings.PhoneRegion)
		if err != nil {
			continue // it is not that, then
		}
		indexes, err := s.addressIndexes(ctx, tx, a)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, indexes...)
	}
	tokens, words, err := s.encryption.SoughtIndexes(ctx, tx, nameIndex, f.Query, tokenMin, tokenMax)
	if err != nil {
		return nil, err
	}
	return findAccounts(ctx, tx, f, addresses, tokens, words, after, size)
}

// rows opens the accounts of one page in a fixed number of queries.
func (s *Service) rows(ctx context.Context, tx *pg.Tx, found []identitydb.ListAccountsRow) ([]AccountRow, error) {
	ids := make([]uuid.UUID, 0, len(found))
	for _, a := range found {
		ids = append(ids, a.ID)
	}
	if err := s.encryption.Warm(ctx, tx, ids...); err != nil {
		return nil, err
	}
	contacts, err := s.contacts(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	grants, err := listGrants(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	rows := make([]AccountRow, 0, len(found))
	for _, a := range found {
		name, err := s.openName(ctx, tx, a.ID, a.Name)
		if err != nil {
			return nil, err
		}
		rows = append(rows, AccountRow{
			ID: a.ID, Kind: a.Kind, Name: name, Lang: a.Lang, Status: a.Status, Created: a.CreatedAt, Contacts: contacts[a.ID], Grants: grants[a.ID],
		})
	}
	return rows, nil
}

// Account returns one account. Permission: one's own, or identity:read over it; who looks at another's is on record, which
// needs a transaction that writes. Errors: ErrForbidden, ErrNotFound.
func (s *Service) Account(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ AccountView, err error) {
	defer fault.Wrap(&err, "identity.Account(%s)", account)
	if tx.Actor.ID != account || account == uuid.Nil {
		if _, err := requireOver(ctx, tx, permissionRead, account); err != nil {
			return AccountView{}, err
		}
	}
	a, err := queries.GetAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return AccountView{}, ErrNotFound
	}
	if err != nil {
		return AccountView{}, err
	}
	rows, err := s.rows(ctx, tx, []identitydb.ListAccountsRow{identitydb.ListAccountsRow(a)})
	if err != nil {
		return AccountView{}, err
	}
	if tx.Actor.ID == account { // staff see their own, too
		return AccountView{rows[0]}, nil
	}
	return AccountView{rows[0]}, audit.Read(ctx, tx, audit.Entry{
		Action: "identity.account.read", Object: "identity.account", ObjectID: account, Person: account,
	})
}

// Contacts returns an account's addresses, for modules that write to people. It asks for no permission: what a page
// shows is the page's to ask for.
func (s *Service) Contacts(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ []Contact, err error) {
	defer fault.Wrap(&err, "identity.Contacts(%s)", account)
	all, err := s.contacts(ctx, tx, account)
	return all[account], err
}

func (s *Service) contacts(ctx context.Context, tx *pg.Tx, accounts ...uuid.UUID) (map[uuid.UUID][]Contact, error) {
	rows, err := queries.ListContacts(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	contacts := map[uuid.UUID][]Contact{}
	for _, c := range rows {
		text, err := s.encryption.OpenString(ctx, tx, c.AccountID, contactPlace(c.ID), c.Address)
		if err != nil {
			return nil, err
		}
		contacts[c.AccountID] = append(contacts[c.AccountID], Contact{ID: c.ID, Channel: c.Channel, Address: text, Verified: c.VerifiedAt != nil})
	}
	return contacts, nil
}

// reachedBy are all indexes under which the addresses of an account may stand, of those that it has proved alone where proved is asked
// for: an index of one row is not compared with that of another, since they are not renewed at once.
func (s *Service) reachedBy(ctx context.Context, tx *pg.Tx, account uuid.UUID, proved bool) ([][]byte, error) {
	all, err := s.contacts(ctx, tx, account)
	if err != nil {
		return nil, err
	}
	found := [][]byte{} // nil would be NULL, of which nothing is known
	for _, c := range all[account] {
		if proved && !c.Verified {
			continue
		}
		indexes, err := s.addressIndexes(ctx, tx, address{c.Channel, c.Address})
		if err != nil {
			return nil, err
		}
		found = append(found, indexes...)
	}
	return found, nil
}

// Name returns an account's name, "" where none was given yet or it was forgotten, for modules that write to people or name who acted. It
// asks for no permission: what a page shows is the page's to ask for. Errors: ErrNotFound.
func (s *Service) Name(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ string, err error) {
	defer fault.Wrap(&err, "identity.Name(%s)", account)
	row, err := queries.GetAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return "", ErrNotFound
	}
	if err != nil {
		return "", err
	}
	return s.openName(ctx, tx, account, row.Name)
}

// Names returns the names of accounts, as Name does, in one go; those of accounts that there are not are left out.
func (s *Service) Names(ctx context.Context, tx *pg.Tx, accounts ...uuid.UUID) (names map[uuid.UUID]string, err error) {
	defer fault.Wrap(&err, "identity.Names(%d)", len(accounts))
	names = make(map[uuid.UUID]string, len(accounts))
	if len(accounts) == 0 {
		return names, nil
	}
	rows, err := queries.ListAccountNames(ctx, tx, accounts)
	if err != nil {
		return nil, err
	}
	if err := s.encryption.Warm(ctx, tx, accounts...); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if names[r.ID], err = s.openName(ctx, tx, r.ID, r.Name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Language returns the language in which an account is spoken to, for modules that write to people; it asks for no permission.
// Errors: ErrNotFound.
func (s *Service) Language(ctx context.Context, tx *pg.Tx, account uuid.UUID) (_ string, err error) {
	defer fault.Wrap(&err, "identity.Language(%s)", account)
	row, err := queries.GetAccount(ctx, tx, account)
	if pg.NotFound(err) {
		return "", ErrNotFound
	}
	return row.Lang, err
}

// openName opens a name; one that was forgotten is empty.
func (s *Service) openName(ctx context.Context, tx *pg.Tx, account uuid.UUID, sealed []byte) (string, error) {
	return s.openKept(ctx, tx, account, namePlace(account), sealed)
}

// openKept opens what is kept of somebody, "" where they were forgotten.
func (s *Service) openKept(ctx context.Context, tx *pg.Tx, account uuid.UUID, at encryption.Place, sealed []byte) (string, error) {
	text, err := s.encryption.OpenString(ctx, tx, account, at, sealed)
	if errors.Is(err, encryption.ErrForgotten) {
		return "", nil
	}
	return text, err
}
