package identity

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/pg"
)

// entryIndex is the field of the indexes of whom directories know.
const entryIndex = "identity.directory_link.entry"

// entryPlace binds the name of a directory's entry to its link.
func entryPlace(directory string, account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.directory_link", Column: "entry/" + directory, Row: account}
}

// sealedValue is one value in its row, to be renewed by itself: read with a lock, and written back.
type sealedValue struct {
	owner uuid.UUID
	place encryption.Place
	lock  func(ctx context.Context, tx *pg.Tx) ([]byte, error)
	set   func(ctx context.Context, tx *pg.Tx, fresh []byte) error
}

// renew seals the value with the key of now; a row that is gone is no error.
func (s *Service) renew(v sealedValue) func(ctx context.Context, tx *pg.Tx) error {
	return func(ctx context.Context, tx *pg.Tx) error {
		sealed, err := v.lock(ctx, tx)
		if pg.NotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		fresh, err := s.encryption.Reseal(ctx, tx, v.owner, v.place, sealed)
		if err != nil {
			return err
		}
		return v.set(ctx, tx, fresh)
	}
}

func (s *Service) sealedPasswords(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PagePasswords(ctx, tx, identitydb.PagePasswordsParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, s.renew(sealedValue{
			owner: uuid.Nil, place: passwordPlace(r.AccountID),
			lock: func(ctx context.Context, tx *pg.Tx) ([]byte, error) {
				return queries.LockPassword(ctx, tx, r.AccountID)
			},
			set: func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return queries.SetPasswordHash(ctx, tx, identitydb.SetPasswordHashParams{AccountID: r.AccountID, Hash: fresh})
			},
		}), r.Head))
	}
	return rows, err
}

func (s *Service) sealedApps(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageTOTP(ctx, tx, identitydb.PageTOTPParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, s.renew(sealedValue{
			owner: r.AccountID, place: totpPlace(r.AccountID),
			lock: func(ctx context.Context, tx *pg.Tx) ([]byte, error) {
				return queries.LockTOTPSecret(ctx, tx, r.AccountID)
			},
			set: func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return queries.SetTOTPSecret(ctx, tx, identitydb.SetTOTPSecretParams{AccountID: r.AccountID, Secret: fresh})
			},
		}), r.Head))
	}
	return rows, err
}

func (s *Service) sealedReasons(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageReasons(ctx, tx, identitydb.PageReasonsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, s.renew(sealedValue{
			owner: r.AccountID, place: reasonPlace(r.ID),
			lock: func(ctx context.Context, tx *pg.Tx) ([]byte, error) { return queries.LockReason(ctx, tx, r.ID) },
			set: func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return queries.SetReason(ctx, tx, identitydb.SetReasonParams{ID: r.ID, Reason: fresh})
			},
		}), r.Head))
	}
	return rows, err
}

func (s *Service) sealedBinds(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageBinds(ctx, tx, identitydb.PageBindsParams{After: of.After, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.Row{Key: r.Code, Heads: heads(r.Head), Renew: s.renew(sealedValue{
			owner: uuid.Nil, place: bindPlace(r.Code),
			lock: func(ctx context.Context, tx *pg.Tx) ([]byte, error) { return queries.LockBind(ctx, tx, r.Code) },
			set: func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return queries.SetBind(ctx, tx, identitydb.SetBindParams{Code: r.Code, Password: fresh})
			},
		})})
	}
	return rows, err
}

func (s *Service) sealedPasskeys(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PagePasskeys(ctx, tx, identitydb.PagePasskeysParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			k, err := queries.LockSealedPasskey(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			set := identitydb.SetSealedPasskeyParams{ID: k.ID}
			if set.Credential, err = s.encryption.Reseal(ctx, tx, k.AccountID, passkeyPlace(k.ID, "credential"), k.Credential); err != nil {
				return err
			}
			if set.Name, err = s.encryption.Reseal(ctx, tx, k.AccountID, passkeyPlace(k.ID, "name"), k.Name); err != nil {
				return err
			}
			return queries.SetSealedPasskey(ctx, tx, set)
		}, r.Credential, r.Name))
	}
	return rows, err
}

func (s *Service) sealedInvitations(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageInvitations(ctx, tx, identitydb.PageInvitationsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, s.renewInvitation(r.ID), r.Head))
	}
	return rows, err
}

func (s *Service) indexedInvitations(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageInvitationIndexes(ctx, tx, identitydb.PageInvitationIndexesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, s.renewInvitation(r.ID), heads(r.Head)...))
	}
	return rows, err
}

// renewInvitation renews where an invitation went, what is sealed and the index.
func (s *Service) renewInvitation(delegation uuid.UUID) func(ctx context.Context, tx *pg.Tx) error {
	return func(ctx context.Context, tx *pg.Tx) error {
		d, err := queries.LockInvitation(ctx, tx, delegation)
		if err != nil {
			return err
		}
		text, err := s.encryption.OpenString(ctx, tx, d.PersonID, delegationPlace(d.ID), d.Address)
		if err != nil {
			return err
		}
		set := identitydb.SetInvitationParams{ID: d.ID}
		if set.Address, err = s.encryption.SealString(ctx, tx, d.PersonID, delegationPlace(d.ID), text); err != nil {
			return err
		}
		set.AddressIndex = d.AddressIndex
		if len(d.AddressIndex) > 0 {
			indexes, err := s.addressIndexes(ctx, tx, address{d.Channel, text})
			if err != nil {
				return err
			}
			set.AddressIndex = indexes[0]
		}
		return queries.SetInvitation(ctx, tx, set)
	}
}

func (s *Service) sealedEntries(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseLink(of.After)
	found, err := queries.PageEntries(ctx, tx, identitydb.PageEntriesParams{Person: of.Person, Directory: after.provider, EntryIndex: after.index, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, s.entryRow(link{provider: r.Directory, index: r.EntryIndex}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedEntries(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseLink(of.After)
	found, err := queries.PageEntryIndexes(ctx, tx, identitydb.PageEntryIndexesParams{Directory: after.provider, EntryIndex: after.index, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, s.entryRow(link{provider: r.Directory, index: r.EntryIndex}, r.EntryIndex))
	}
	return rows, err
}

// entryRow renews a link to a directory as a whole, what is sealed and the index.
func (s *Service) entryRow(l link, head []byte) encryption.Row {
	return encryption.Row{Key: l.String(), Heads: [][]byte{head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
		e, err := queries.LockEntry(ctx, tx, identitydb.LockEntryParams{Directory: l.provider, EntryIndex: l.index})
		if pg.NotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		name, err := s.encryption.OpenString(ctx, tx, e.AccountID, entryPlace(l.provider, e.AccountID), e.Entry)
		if err != nil {
			return err
		}
		set := identitydb.SetEntryParams{Directory: l.provider, EntryIndex: l.index}
		if set.Entry, err = s.encryption.SealString(ctx, tx, e.AccountID, entryPlace(l.provider, e.AccountID), name); err != nil {
			return err
		}
		indexes, err := s.entryIndexes(ctx, tx, l.provider, name)
		if err != nil {
			return err
		}
		set.FreshIndex = indexes[0]
		return queries.SetEntry(ctx, tx, set)
	}}
}
