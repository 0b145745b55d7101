package identity

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/pg"
)

// subjectIndex is the field of the indexes of whom providers know.
const subjectIndex = "identity.federated.subject"

// subjectPlace binds a subject to its link.
func subjectPlace(provider, kind string, account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "identity.federated", Column: "subject/" + provider + "/" + kind, Row: account}
}

// Columns tells what this module keeps sealed or indexed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "identity.account.name", Owner: encryption.People, Page: s.sealedNames},
		{Name: "identity.contact.address", Owner: encryption.People, Page: s.sealedAddresses},
		{Name: "identity.session.ip, device", Owner: encryption.People, Page: s.sealedSessions},
		{Name: "identity.federated.subject", Owner: encryption.People, Page: s.sealedSubjects},
		{Name: "identity.directory_link.entry", Owner: encryption.People, Page: s.sealedEntries},
		{Name: "identity.passkey.credential, name", Owner: encryption.People, Page: s.sealedPasskeys},
		{Name: "identity.totp.secret", Owner: encryption.People, Page: s.sealedApps},
		{Name: "identity.delegation.address", Owner: encryption.People, Page: s.sealedInvitations},
		{Name: "identity.emergency.reason", Owner: encryption.People, Page: s.sealedReasons},
		{Name: "identity.password.hash", Owner: encryption.Tenant, Page: s.sealedPasswords},
		{Name: "identity.directory.password", Owner: encryption.Tenant, Page: s.sealedBinds},
		{Name: "identity.code.address", Owner: encryption.Tenant, Page: s.sealedCodes},
		{Name: "identity.provider.client_secret", Owner: encryption.Tenant, Page: s.sealedSecrets},
		{Name: "identity.federation_state.verifier", Owner: encryption.Tenant, Page: s.sealedVerifiers},
		{Name: "identity.contact.address_index", Owner: encryption.Indexed, Fields: []string{"identity.contact.address"}, Page: s.indexedAddresses},
		{Name: "identity.name_token.token", Owner: encryption.Indexed, Fields: []string{nameIndex}, Page: s.indexedNames},
		{Name: "identity.delegation.address_index", Owner: encryption.Indexed, Fields: []string{"identity.contact.address"}, Page: s.indexedInvitations},
		{Name: "identity.directory_link.entry_index", Owner: encryption.Indexed, Fields: []string{entryIndex}, Page: s.indexedEntries},
		{Name: "identity.federated.subject_index", Owner: encryption.Indexed, Fields: []string{subjectIndex}, Page: s.indexedSubjects},
	}
}

func (s *Service) sealedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageAccountNames(ctx, tx, identitydb.PageAccountNamesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			a, err := queries.LockAccountName(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.encryption.Reseal(ctx, tx, a.ID, namePlace(a.ID), a.Name)
			if err != nil {
				return err
			}
			_, err = queries.SetAccountName(ctx, tx, identitydb.SetAccountNameParams{ID: a.ID, Name: fresh})
			return err
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedAddresses(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageContactAddresses(ctx, tx, identitydb.PageContactAddressesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := queries.LockContact(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.encryption.Reseal(ctx, tx, c.AccountID, contactPlace(c.ID), c.Address)
			if err != nil {
				return err
			}
			return queries.SetContactAddress(ctx, tx, identitydb.SetContactAddressParams{ID: c.ID, Address: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedAddresses(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageContactIndexes(ctx, tx, identitydb.PageContactIndexesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := queries.LockContact(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			text, err := s.encryption.OpenString(ctx, tx, c.AccountID, contactPlace(c.ID), c.Address)
			if err != nil {
				return err
			}
			indexes, err := s.addressIndexes(ctx, tx, address{c.Channel, text})
			if err != nil {
				return err
			}
			return queries.SetContactIndex(ctx, tx, identitydb.SetContactIndexParams{ID: c.ID, AddressIndex: indexes[0]})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageNameTokens(ctx, tx, identitydb.PageNameTokensParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			a, err := queries.LockAccountName(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			name, err := s.openName(ctx, tx, a.ID, a.Name)
			if err != nil {
				return err
			}
			return s.indexName(ctx, tx, a.ID, a.Kind, name)
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedCodes(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageCodeAddresses(ctx, tx, identitydb.PageCodeAddressesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := queries.LockCode(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.encryption.Reseal(ctx, tx, uuid.Nil, codePlace(c.ID), c.Address)
			if err != nil {
				return err
			}
			return queries.SetCodeAddress(ctx, tx, identitydb.SetCodeAddressParams{ID: c.ID, Address: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedSessions(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageSessions(ctx, tx, identitydb.PageSessionsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			x, err := queries.LockSealedSession(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			set := identitydb.SetSealedSessionParams{ID: x.ID, Device: x.Device}
			if set.Ip, err = s.encryption.Reseal(ctx, tx, x.AccountID, sessionPlace(x.ID, "ip"), x.Ip); err != nil {
				return err
			}
			if x.Device != nil {
				if set.Device, err = s.encryption.Reseal(ctx, tx, x.AccountID, sessionPlace(x.ID, "device"), x.Device); err != nil {
					return err
				}
			}
			return queries.SetSealedSession(ctx, tx, set)
		}, heads(r.Ip, r.Device)...))
	}
	return rows, err
}

// heads are those of what there is.
func heads(all ...[]byte) (list [][]byte) {
	for _, head := range all {
		if len(head) > 0 {
			list = append(list, head)
		}
	}
	return list
}

func (s *Service) sealedSecrets(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageProviderSecrets(ctx, tx, identitydb.PageProviderSecretsParams{After: of.After, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.Row{Key: r.Code, Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			sealed, err := queries.LockProviderSecret(ctx, tx, r.Code)
			if err != nil {
				return err
			}
			fresh, err := s.encryption.Reseal(ctx, tx, uuid.Nil, secretPlace(r.Code), sealed)
			if err != nil {
				return err
			}
			return queries.SetProviderSecret(ctx, tx, identitydb.SetProviderSecretParams{Code: r.Code, ClientSecret: fresh})
		}})
	}
	return rows, err
}

func (s *Service) sealedVerifiers(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := queries.PageVerifiers(ctx, tx, identitydb.PageVerifiersParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			sealed, err := queries.LockVerifier(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.encryption.Reseal(ctx, tx, uuid.Nil, verifierPlace(r.ID), sealed)
			if err != nil {
				return err
			}
			return queries.SetVerifier(ctx, tx, identitydb.SetVerifierParams{ID: r.ID, Verifier: fresh})
		}, r.Head))
	}
	return rows, err
}

// link is the key of a link to a provider, as the key of a row.
type link struct {
	provider, kind string
	index          []byte
}

func (l link) String() string { return l.provider + "|" + l.kind + "|" + hex.EncodeToString(l.index) }

// parseLink reads what String wrote; "" is the link before all.
func parseLink(key string) (l link) {
	parts := strings.SplitN(key, "|", 3)
	if len(parts) == 3 {
		l.provider, l.kind = parts[0], parts[1]
		l.index, _ = hex.DecodeString(parts[2]) // it was written by String
	}
	if l.index == nil {
		l.index = []byte{}
	}
	return l
}

func (s *Service) sealedSubjects(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseLink(of.After)
	found, err := queries.PageSubjects(ctx, tx, identitydb.PageSubjectsParams{
		Person: of.Person, Provider: after.provider, Kind: after.kind, SubjectIndex: after.index, Size: of.Limit,
	})
	for _, r := range found {
		rows = append(rows, s.linkRow(link{r.Provider, r.Kind, r.SubjectIndex}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedSubjects(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	after := parseLink(of.After)
	found, err := queries.PageSubjectIndexes(ctx, tx, identitydb.PageSubjectIndexesParams{
		Provider: after.provider, Kind: after.kind, SubjectIndex: after.index, Size: of.Limit,
	})
	for _, r := range found {
		rows = append(rows, s.linkRow(link{r.Provider, r.Kind, r.SubjectIndex}, r.SubjectIndex))
	}
	return rows, err
}

// linkRow renews a link as a whole, what is sealed and the index.
func (s *Service) linkRow(l link, head []byte) encryption.Row {
	return encryption.Row{Key: l.String(), Heads: [][]byte{head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
		f, err := queries.LockFederated(ctx, tx, identitydb.LockFederatedParams{Provider: l.provider, Kind: l.kind, SubjectIndex: l.index})
		if err != nil {
			return err
		}
		if f.Subject == nil { // one of before subjects were kept: its next sign-in brings it
			return encryption.ErrLater
		}
		subject, err := s.encryption.OpenString(ctx, tx, f.AccountID, subjectPlace(l.provider, l.kind, f.AccountID), f.Subject)
		if err != nil {
			return err
		}
		return s.setSubject(ctx, tx, l.provider, l.kind, l.index, f.AccountID, subject)
	}}
}

// setSubject keeps whom a provider knows, under the keys of now.
func (s *Service) setSubject(ctx context.Context, tx *pg.Tx, provider, kind string, index []byte, account uuid.UUID, subject string) error {
	sealed, err := s.encryption.SealString(ctx, tx, account, subjectPlace(provider, kind, account), subject)
	if err != nil {
		return err
	}
	fresh, err := s.encryption.BlindIndex(ctx, tx, subjectIndex, subject)
	if err != nil {
		return err
	}
	return queries.SetSubject(ctx, tx, identitydb.SetSubjectParams{
		Provider: provider, Kind: kind, SubjectIndex: index, Subject: sealed, FreshIndex: fresh,
	})
}

// Forget removes what of a person could still be recognised once the key is destroyed, or opened without it: indexes, links
// to providers and directories, what they signed in with, sign-ins and codes under way. The account stays, suspended, so that what it did keeps an author. It may be repeated.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	indexes, err := s.reachedBy(ctx, tx, person, false)
	if err != nil {
		return err
	}
	if err := queries.ForgetCodes(ctx, tx, identitydb.ForgetCodesParams{Person: &person, Indexes: indexes}); err != nil {
		return err
	}
	if err := queries.ForgetInvitations(ctx, tx, identitydb.ForgetInvitationsParams{Person: person, Indexes: indexes}); err != nil {
		return err
	}
	for _, forget := range []func(context.Context, identitydb.DBTX, uuid.UUID) error{
		queries.ForgetContacts, queries.ForgetNameTokens, queries.ForgetFederated, queries.ForgetEntries, queries.ForgetPasswords, queries.ForgetPasskeys, queries.ForgetApps,
		queries.ForgetRecovery, queries.ForgetHalves, queries.ForgetDevices,
	} {
		if err := forget(ctx, tx, person); err != nil {
			return err
		}
	}
	if _, err := queries.DeleteSessions(ctx, tx, person); err != nil {
		return err
	}
	_, err = queries.SetAccountStatus(ctx, tx, identitydb.SetAccountStatusParams{ID: person, Status: statusSuspended})
	return err
}
