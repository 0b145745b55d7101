package encryption

import (
	"context"
	"encoding/json"
	"time"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// KeyState is where a signing key is in its life.
type KeyState string

// The states of a signing key, in their order.
const (
	KeyNext      KeyState = "next"      // published, signs nothing yet
	KeyActive    KeyState = "active"    // signs
	KeyRetired   KeyState = "retired"   // only verifies; its private part is gone
	KeyDestroyed KeyState = "destroyed" // does neither, and is no longer published
)

// SigningKey is one signing key. All times are the machine's.
type SigningKey struct {
	ID          string // RFC 7638 thumbprint
	Signer      Signer
	State       KeyState
	Public      []byte // JWK
	CreatedAt   time.Time
	ReadyAt     time.Time // becomes active no earlier
	ActiveAt    *time.Time
	RetiredAt   *time.Time
	DestroyedAt *time.Time
}

// Living is what a key may have signed that is still in force.
type Living struct {
	Count int64
	Until time.Time // of the last that ends; tenant's clock
	Never bool      // some of it never ends
}

// LastUse tells what an owner issued up to a moment of the tenant's clock that is still in force; certificates know.
type LastUse func(ctx context.Context, tx *pg.Tx, owner string, before time.Time) (Living, error)

// KnowUse sets who knows what was signed and is still in force. It is called before traffic.
func (s *Service) KnowUse(f LastUse) { s.lastUse = f }

// Living returns what a key may have signed that is still in force: whatever its owner issued before it was retired; nothing
// for keys that sign what does not last.
func (s *Service) Living(ctx context.Context, tx *pg.Tx, k SigningKey) (Living, error) {
	if s.lastUse == nil || k.Signer.Use != UseCredential {
		return Living{}, nil
	}
	before := tx.Now
	if k.RetiredAt != nil { // on the machine's clock; a demonstration's is ahead of it, and was less so then
		before = k.RetiredAt.Add(tx.Now.Sub(tx.Wall))
	}
	return s.lastUse(ctx, tx, k.Signer.Owner, before)
}

// SigningFilter narrows a list of signing keys; empty fields do not narrow.
type SigningFilter struct {
	Owner string
	Use   Use
	State KeyState
}

// SigningKeys lists signing keys by owner, use and age, the newest first. Permission: encryption:manage or
// encryption:read, which the page asks for.
func (s *Service) SigningKeys(ctx context.Context, tx *pg.Tx, f SigningFilter) (_ []SigningKey, err error) {
	defer fault.Wrap(&err, "encryption.SigningKeys")
	return readSigningKeys(ctx, tx, f)
}

// SigningKey returns one signing key. Permission: as for SigningKeys. Errors: ErrNoKey.
func (s *Service) SigningKey(ctx context.Context, tx *pg.Tx, kid string) (_ SigningKey, err error) {
	defer fault.Wrap(&err, "encryption.SigningKey(%s)", kid)
	k, err := readSigningKey(ctx, tx, kid)
	if pg.NotFound(err) {
		return k, ErrNoKey
	}
	return k, err
}

// RotateSigning publishes the next key of a signer, which takes the place of the present one after the publish period; the
// one before goes on verifying what it signed. A signer that has no key yet gets one that signs at once. Permission:
// encryption:manage, which the page asks for; people and strangers are refused here too.
// Errors: ErrForbidden, ErrSealed, ErrRoot, ErrRotating.
func (s *Service) RotateSigning(ctx context.Context, tx *pg.Tx, by Signer) (err error) {
	defer fault.Wrap(&err, "encryption.RotateSigning(%s, %s)", by.Owner, by.Use)
	if !official(tx.Actor) {
		return ErrForbidden
	}
	if err := db.LockSigner(ctx, tx, by.Owner+"|"+string(by.Use)); err != nil {
		return err
	}
	have, err := readSigningKeys(ctx, tx, SigningFilter{Owner: by.Owner, Use: by.Use})
	if err != nil {
		return err
	}
	state := KeyActive
	for _, k := range have {
		switch k.State {
		case KeyNext:
			return ErrRotating
		case KeyActive:
			state = KeyNext
		}
	}
	if err := s.makeSigningKey(ctx, tx, by, state); err != nil {
		return err
	}
	return s.recordSigning(ctx, tx, "publish", by, "")
}

// promoteSigning lets the next keys sign whose publish period is over.
func (s *Service) promoteSigning(ctx context.Context, tx *pg.Tx) error {
	due, err := db.ListDueSigningKeys(ctx, tx, &tx.Wall)
	if err != nil {
		return err
	}
	for _, k := range due {
		by := Signer{k.Owner, Use(k.Purpose)}
		if err := db.LockSigner(ctx, tx, by.Owner+"|"+string(by.Use)); err != nil {
			return err
		}
		if err := db.RetireSigningKey(ctx, tx, encryptiondb.RetireSigningKeyParams{Owner: k.Owner, Purpose: k.Purpose, At: &tx.Wall}); err != nil {
			return err
		}
		if err := db.ActivateSigningKey(ctx, tx, encryptiondb.ActivateSigningKeyParams{Kid: k.Kid, At: &tx.Wall}); err != nil {
			return err
		}
		if err := s.changed(ctx, tx, signingKeyName(tx, by)); err != nil {
			return err
		}
		if err := s.recordSigning(ctx, tx, "activate", by, k.Kid); err != nil {
			return err
		}
	}
	return nil
}

// destroySigning makes a key useless: neither signs it nor is believed what it signed. Another signs at once in the place of
// one that was stolen, since nothing could be signed until then.
func (s *Service) destroySigning(ctx context.Context, tx *pg.Tx, kid string) error {
	k, err := s.SigningKey(ctx, tx, kid)
	if err != nil {
		return err
	}
	n, err := db.DestroySigningKey(ctx, tx, encryptiondb.DestroySigningKeyParams{Kid: kid, At: &tx.Wall})
	if err != nil || n == 0 {
		return err
	}
	if err := s.recordSigning(ctx, tx, "destroy", k.Signer, kid); err != nil {
		return err
	}
	if k.State == KeyActive {
		if err := s.stepIn(ctx, tx, k.Signer); err != nil {
			return err
		}
	}
	return s.changed(ctx, tx, signingKeyName(tx, k.Signer))
}

// stepIn lets the next key of a signer sign, before its time, or makes one that does.
func (s *Service) stepIn(ctx context.Context, tx *pg.Tx, by Signer) error {
	if err := db.LockSigner(ctx, tx, by.Owner+"|"+string(by.Use)); err != nil {
		return err
	}
	next, err := readSigningKeys(ctx, tx, SigningFilter{Owner: by.Owner, Use: by.Use, State: KeyNext})
	if err != nil {
		return err
	}
	if len(next) == 0 {
		if err := s.makeSigningKey(ctx, tx, by, KeyActive); err != nil {
			return err
		}
		return s.recordSigning(ctx, tx, "publish", by, "")
	}
	if err := db.ActivateSigningKey(ctx, tx, encryptiondb.ActivateSigningKeyParams{Kid: next[0].ID, At: &tx.Wall}); err != nil {
		return err
	}
	return s.recordSigning(ctx, tx, "activate", by, next[0].ID)
}

func (s *Service) recordSigning(ctx context.Context, tx *pg.Tx, step string, by Signer, kid string) error {
	detail := map[string]any{"owner": by.Owner, "use": by.Use}
	if kid != "" {
		detail["kid"] = kid
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "encryption.signing_key." + step, Object: "encryption.signing_key", Detail: detail})
}

// published are the keys of an owner that verifiers may see, or those of all agencies for "".
func (s *Service) published(ctx context.Context, tx *pg.Tx, owner string) (keys []SigningKey, public []jose.Public, err error) {
	all, err := readSigningKeys(ctx, tx, SigningFilter{Owner: owner})
	if err != nil {
		return nil, nil, err
	}
	for _, k := range all {
		if k.State == KeyDestroyed || owner == "" && k.Signer.Use == UseToken {
			continue
		}
		p, err := jose.ParsePublic(k.Public)
		if err != nil {
			return nil, nil, err
		}
		keys, public = append(keys, k), append(public, p)
	}
	return keys, public, nil
}

// JWKS returns the public keys of an owner, or those of all agencies for "", as a JWK Set (RFC 7517): those that sign, those
// that will and those that did; an empty set where there are none. Anybody may ask.
func (s *Service) JWKS(ctx context.Context, tx *pg.Tx, owner string) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.JWKS(%s)", owner)
	_, public, err := s.published(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	return jose.Set(public...)
}

// didMethod is one key of a DID document, in the form of the suite JsonWebKey2020.
type didMethod struct {
	ID         string          `json:"id"`
	Type       string          `json:"type"`
	Controller string          `json:"controller"`
	JWK        json.RawMessage `json:"publicKeyJwk"`
}

// didDocument is a DID document (W3C DID Core 1.0).
type didDocument struct {
	Context    []string    `json:"@context"`
	ID         string      `json:"id"`
	Methods    []didMethod `json:"verificationMethod"`
	Assertion  []string    `json:"assertionMethod"`
	Controller string      `json:"controller,omitempty"`
}

// DIDDocument returns the document of a decentralised identifier (did:web) with the public keys of an owner, or those of all
// agencies for "". Controller is the identifier that answers for it, "" for itself. Anybody may ask.
func (s *Service) DIDDocument(ctx context.Context, tx *pg.Tx, did, controller, owner string) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.DIDDocument(%s)", did)
	keys, public, err := s.published(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	doc := didDocument{
		Context: []string{"https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"},
		ID:      did, Controller: controller, Methods: []didMethod{}, Assertion: []string{},
	}
	for i, k := range keys {
		jwk, err := public[i].JSON()
		if err != nil {
			return nil, err
		}
		method := did + "#" + k.ID
		doc.Methods = append(doc.Methods, didMethod{ID: method, Type: "JsonWebKey2020", Controller: did, JWK: jwk})
		doc.Assertion = append(doc.Assertion, method)
	}
	return json.Marshal(doc)
}
