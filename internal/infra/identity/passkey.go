package identity

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity/internal/identitydb"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

const (
	// ceremonyLasts is how long a passkey has to sign a challenge.
	ceremonyLasts = 5 * time.Minute
	passkeyName   = 60
)

// What a challenge is for.
const (
	toSignIn   = "sign_in"
	toConfirm  = "confirm"
	toRegister = "register"
)

func passkeyPlace(passkey uuid.UUID, column string) encryption.Place {
	return encryption.Place{Table: "identity.passkey", Column: column, Row: passkey}
}

// Site is where a passkey is made and used: under one host name, and nowhere else.
type Site struct {
	Host   string // without a port: "services.example.gov"
	Origin string // "https://services.example.gov"
}

// Ceremony is a challenge for a passkey: Options go to the browser's navigator.credentials, what it answers comes back
// with ID. It is good once, for five minutes.
type Ceremony struct {
	ID      uuid.UUID
	Options json.RawMessage // {"publicKey": …} as of WebAuthn
}

// Passkey is one passkey of an account, for its owner to look at.
type Passkey struct {
	ID      uuid.UUID
	Name    string
	Host    string     // where it can be used
	Synced  bool       // kept by a service that copies it to the owner's other devices
	Created time.Time  // machine's clock, like Used and Suspect
	Used    *time.Time // nil for never
	Suspect *time.Time // when it seemed to have been copied; it signs nobody in since
}

// holder is an account as the WebAuthn library sees it.
type holder struct {
	account     uuid.UUID
	issuer      string
	name        string
	credentials []webauthn.Credential
}

// WebAuthnID is the account's id: it says nothing about the owner.
func (h holder) WebAuthnID() []byte { return h.account[:] }

// WebAuthnName is by what the owner tells this account from others in a list of passkeys; it stays with the authenticator.
func (h holder) WebAuthnName() string { return h.name }

// WebAuthnDisplayName is the name once more.
func (h holder) WebAuthnDisplayName() string { return h.name }

// WebAuthnCredentials are the passkeys made for the site.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// party is the state as passkeys know it: one relying party for each host. User verification is always required, so that
// a passkey is two factors.
func party(site Site, name string) (*webauthn.WebAuthn, error) {
	w, err := webauthn.New(&webauthn.Config{
		RPID: site.Host, RPDisplayName: name, RPOrigins: []string{site.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: ceremonyLasts, TimeoutUVD: ceremonyLasts},
			Registration: webauthn.TimeoutConfig{Timeout: ceremonyLasts, TimeoutUVD: ceremonyLasts},
		},
	})
	if err != nil {
		return nil, ErrPasskeyHost.Because(err)
	}
	return w, nil
}

// StartPasskey returns a challenge by which whoever has a passkey for the site signs in. Anybody may call it.
// Errors: ErrPasskeyHost.
func (s *Service) StartPasskey(ctx context.Context, tx *pg.Tx, site Site) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "identity.StartPasskey")
	w, err := party(site, site.Host)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := w.BeginDiscoverableLogin()
	if err != nil {
		return Ceremony{}, err
	}
	return s.ceremony(ctx, tx, toSignIn, nil, options, session)
}

// ceremony keeps a challenge until it comes back, and forgets some that never will, so that nobody fills the table by
// asking for more.
func (s *Service) ceremony(ctx context.Context, tx *pg.Tx, purpose string, account *uuid.UUID, options any, session *webauthn.SessionData) (Ceremony, error) {
	if _, err := queries.DeleteSomeCeremonies(ctx, tx, tx.Wall); err != nil {
		return Ceremony{}, err
	}
	data, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, err
	}
	text, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, err
	}
	c := Ceremony{ID: id.New(), Options: text}
	return c, queries.InsertCeremony(ctx, tx, identitydb.InsertCeremonyParams{
		ID: c.ID, Purpose: purpose, AccountID: account, Data: data, ExpiresAt: tx.Wall.Add(ceremonyLasts),
	})
}

// takeCeremony ends a ceremony. It is over even where the answer does not check out.
func takeCeremony(ctx context.Context, tx *pg.Tx, purpose string, ceremony uuid.UUID, account uuid.UUID) (session webauthn.SessionData, err error) {
	row, err := queries.TakeCeremony(ctx, tx, identitydb.TakeCeremonyParams{ID: ceremony, Purpose: purpose})
	if pg.NotFound(err) {
		return session, ErrPasskey
	}
	if err != nil {
		return session, err
	}
	if !tx.Wall.Before(row.ExpiresAt) || row.AccountID != nil && *row.AccountID != account {
		return session, pg.Keep(ErrPasskey)
	}
	return session, json.Unmarshal(row.Data, &session)
}

// FinishPasskey signs in with what a passkey answered to the ceremony's challenge. Such a sign-in proves two factors. One
// whose counter went backwards has been copied: it is refused from then on, and its owner told. A refusal is kept
// although an error is returned (pg.Keep). Anybody may call it. Errors: ErrPasskey, ErrPasskeySuspect, ErrSuspended.
func (s *Service) FinishPasskey(ctx context.Context, tx *pg.Tx, site Site, ceremony uuid.UUID, answer []byte) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.FinishPasskey(%s)", ceremony)
	session, err := takeCeremony(ctx, tx, toSignIn, ceremony, uuid.Nil)
	if err != nil {
		return SignedIn{}, err
	}
	owner, err := s.checkPasskey(ctx, tx, site, session, answer, uuid.Nil)
	if err != nil {
		return SignedIn{}, err
	}
	if owner.Status != statusActive {
		return SignedIn{}, pg.Keep(ErrSuspended)
	}
	return s.signIn(ctx, tx, owner.AccountID, MethodPasskey, false)
}

// StartPasskeyConfirm returns a challenge by which the actor proves himself afresh with a passkey of his own.
// Errors: ErrConfirm, ErrPasskeyHost.
func (s *Service) StartPasskeyConfirm(ctx context.Context, tx *pg.Tx, site Site) (_ Ceremony, err error) {
	defer fault.Wrap(&err, "identity.StartPasskeyConfirm")
	if err := s.mayConfirm(ctx, tx, MethodPasskey); err != nil {
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
	if len(h.credentials) == 0 { // those there are were made under another host
		return Ceremony{}, ErrConfirm
	}
	options, session, err := w.BeginLogin(h)
	if err != nil {
		return Ceremony{}, err
	}
	return s.ceremony(ctx, tx, toConfirm, &tx.Actor.ID, options, session)
}

// ConfirmPasskey proves the actor afresh, like ConfirmCode. Errors: ErrPasskey, ErrPasskeySuspect, ErrNoSession.
func (s *Service) ConfirmPasskey(ctx context.Context, tx *pg.Tx, site Site, ceremony uuid.UUID, answer []byte) (_ SignedIn, err error) {
	defer fault.Wrap(&err, "identity.ConfirmPasskey(%s)", ceremony)
	session, err := takeCeremony(ctx, tx, toConfirm, ceremony, tx.Actor.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if _, err := s.checkPasskey(ctx, tx, site, session, answer, tx.Actor.ID); err != nil {
		return SignedIn{}, err
	}
	return s.rotate(ctx, tx, MethodPasskey)
}

// checkPasskey verifies an answer and returns whose passkey gave it: anybody's, or the account's where one is given.
func (s *Service) checkPasskey(ctx context.Context, tx *pg.Tx, site Site, session webauthn.SessionData, answer []byte, account uuid.UUID) (row identitydb.LockPasskeyRow, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return row, pg.Keep(ErrPasskey.Because(err))
	}
	row, err = queries.LockPasskey(ctx, tx, parsed.RawID)
	if pg.NotFound(err) || err == nil && account != uuid.Nil && row.AccountID != account {
		return row, pg.Keep(ErrPasskey)
	}
	if err != nil {
		return row, err
	}
	if row.SuspectAt != nil {
		return row, s.refusePasskey(ctx, tx, row, ErrPasskeySuspect)
	}
	w, err := party(site, site.Host)
	if err != nil {
		return row, err
	}
	h := holder{account: row.AccountID}
	if row.Host == site.Host {
		var c webauthn.Credential
		if err := s.encryption.OpenJSON(ctx, tx, row.AccountID, passkeyPlace(row.ID, "credential"), row.Credential, &c); err != nil {
			return row, err
		}
		h.credentials = []webauthn.Credential{c}
	}
	used, err := verifyPasskey(w, h, session, parsed)
	if err != nil {
		return row, s.refusePasskey(ctx, tx, row, ErrPasskey.Because(err))
	}
	if used.Authenticator.CloneWarning {
		return row, s.suspectPasskey(ctx, tx, row)
	}
	sealed, err := s.encryption.SealJSON(ctx, tx, row.AccountID, passkeyPlace(row.ID, "credential"), used)
	if err != nil {
		return row, err
	}
	return row, queries.UsePasskey(ctx, tx, identitydb.UsePasskeyParams{ID: row.ID, Credential: sealed, UsedAt: &tx.Wall})
}

func verifyPasskey(w *webauthn.WebAuthn, h holder, session webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	if len(session.UserID) > 0 {
		session.AllowedCredentialIDs = nil // that it is one of the account's own is known already
		return w.ValidateLogin(h, session, parsed)
	}
	_, c, err := w.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != string(h.account[:]) {
			return nil, errors.New("another account's handle")
		}
		return h, nil
	}, session, parsed)
	return c, err
}

func (s *Service) refusePasskey(ctx context.Context, tx *pg.Tx, row identitydb.LockPasskeyRow, refusal error) error {
	err := audit.Record(ctx, tx, audit.Entry{Action: "identity.passkey.refused", Object: "identity.passkey", ObjectID: row.ID, Person: row.AccountID})
	if err != nil {
		return err
	}
	return pg.Keep(refusal)
}

// suspectPasskey shuts out a passkey of which there seem to be two.
func (s *Service) suspectPasskey(ctx context.Context, tx *pg.Tx, row identitydb.LockPasskeyRow) error {
	if err := queries.SuspectPasskey(ctx, tx, identitydb.SuspectPasskeyParams{ID: row.ID, SuspectAt: &tx.Wall}); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, row.AccountID, Notice{Kind: NoticePasskeySuspect}); err != nil {
		return err
	}
	return s.refusePasskey(ctx, tx, row, ErrPasskeySuspect)
}

// holder is the account with its passkeys of the site that may still be used.
func (s *Service) holder(ctx context.Context, tx *pg.Tx, site Site, account uuid.UUID) (h holder, err error) {
	h.account = account
	if h.issuer, h.name, err = s.labels(ctx, tx, account); err != nil {
		return h, err
	}
	rows, err := queries.ListPasskeys(ctx, tx, account)
	for _, r := range rows {
		if r.Host != site.Host || r.SuspectAt != nil {
			continue
		}
		var c webauthn.Credential
		if err := s.encryption.OpenJSON(ctx, tx, account, passkeyPlace(r.ID, "credential"), r.Credential, &c); err != nil {
			return h, err
		}
		h.credentials = append(h.credentials, c)
	}
	return h, err
}
