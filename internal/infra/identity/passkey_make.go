package identity

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// BeginPasskey returns a challenge by which a new passkey is made for the actor's account; authenticators that hold one of
// it already make no second. Permission: one's own account, proved afresh. Errors: ErrConfirm, ErrNoSession, ErrPasskeyHost.
func (s *Service) BeginPasskey(ctx context.Context, tx *pg.Tx, site Site) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "identity.BeginPasskey(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return Ceremony{}, err
	}
	h, err := s.holder(ctx, tx, site, tx.Actor.ID)
	if err != nil {
		return Ceremony{}, err
	}
	w, err := party(site, h.issuer)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return s.ceremony(ctx, tx, toRegister, &tx.Actor.ID, options, session)
}

// AddPasskey keeps the passkey that answered to the ceremony's challenge, under a name. Staff get recovery codes with
// their first factor of this strength, to be shown once. The owner is told. Permission: one's own account, proved afresh.
// Errors: ErrConfirm, ErrNoSession, ErrPasskey, ErrPasskeyName.
func (s *Service) AddPasskey(ctx context.Context, tx *pg.Tx, site Site, ceremony uuid.UUID, name string, answer []byte) (codes []string, err error) {
	defer fault.Wrap(&err, "identity.AddPasskey(%s)", tx.Actor.ID)
	if err := s.requireFresh(ctx, tx); err != nil {
		return nil, err
	}
	if name, err = cleanPasskeyName(name); err != nil {
		return nil, err
	}
	account := tx.Actor.ID
	session, err := takeCeremony(ctx, tx, toRegister, ceremony, account)
	if err != nil {
		return nil, err
	}
	h := holder{account: account}
	w, err := party(site, site.Host)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, pg.Keep(ErrPasskey.Because(err))
	}
	made, err := w.CreateCredential(h, session, parsed)
	if err != nil {
		return nil, pg.Keep(ErrPasskey.Because(err))
	}
	if err := s.insertPasskey(ctx, tx, account, site, name, made); err != nil {
		return nil, err
	}
	if err := s.changed(ctx, tx, account, "identity.passkey.add", NoticePasskeyAdded); err != nil {
		return nil, err
	}
	if tx.Actor.Kind == KindStaff {
		codes, err = s.firstRecoveryCodes(ctx, tx, account)
	}
	return codes, err
}

func (s *Service) insertPasskey(ctx context.Context, tx *pg.Tx, account uuid.UUID, site Site, name string, c *webauthn.Credential) error {
	row := identitydb.InsertPasskeyParams{ID: id.New(), AccountID: account, CredentialID: c.ID, Host: site.Host, CreatedAt: tx.Wall}
	var err error
	if row.Credential, err = s.encryption.SealJSON(ctx, tx, account, passkeyPlace(row.ID, "credential"), c); err != nil {
		return err
	}
	if row.Name, err = s.encryption.SealString(ctx, tx, account, passkeyPlace(row.ID, "name"), name); err != nil {
		return err
	}
	err = queries.InsertPasskey(ctx, tx, row)
	if pg.Constraint(err) == "passkey_credential_id_key" {
		return ErrPasskey.Because(err)
	}
	return err
}

func cleanPasskeyName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || utf8.RuneCountInString(name) > passkeyName {
		return "", ErrPasskeyName.WithFields(fault.Field{Path: "name", Code: "identity.passkey_name", Args: map[string]any{"n": passkeyName}})
	}
	return name, nil
}

// RenamePasskey gives a passkey of the actor's account another name. Permission: one's own account.
// Errors: ErrPasskeyName, ErrNoFactor.
func (s *Service) RenamePasskey(ctx context.Context, tx *pg.Tx, passkey uuid.UUID, name string) (err error) {
	defer fault.Wrap(&err, "identity.RenamePasskey(%s)", passkey)
	if name, err = cleanPasskeyName(name); err != nil {
		return err
	}
	sealed, err := s.encryption.SealString(ctx, tx, tx.Actor.ID, passkeyPlace(passkey, "name"), name)
	if err != nil {
		return err
	}
	n, err := queries.RenamePasskey(ctx, tx, identitydb.RenamePasskeyParams{AccountID: tx.Actor.ID, ID: passkey, Name: sealed})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoFactor
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "identity.passkey.rename", Object: "identity.passkey", ObjectID: passkey, Person: tx.Actor.ID})
}

// RemovePasskey takes a passkey away from the actor's account; the owner is told. Permission: one's own account, proved
// afresh. Errors: ErrConfirm, ErrNoSession, ErrNoFactor.
func (s *Service) RemovePasskey(ctx context.Context, tx *pg.Tx, passkey uuid.UUID) (err error) {
	defer fault.Wrap(&err, "identity.RemovePasskey(%s)", passkey)
	if err := s.requireFresh(ctx, tx); err != nil {
		return err
	}
	n, err := queries.DeletePasskey(ctx, tx, identitydb.DeletePasskeyParams{AccountID: tx.Actor.ID, ID: passkey})
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNoFactor
	}
	if err := s.lastRecoveryCodes(ctx, tx, tx.Actor.ID); err != nil {
		return err
	}
	return s.changed(ctx, tx, tx.Actor.ID, "identity.passkey.remove", NoticePasskeyRemoved)
}
