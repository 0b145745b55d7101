package encryption

import (
	"context"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Use is what a signing key signs. Each use has a key of its own, so that a signature made for one thing is never taken for
// another, and one key that fell into wrong hands spoils one thing.
type Use string

// The uses.
const (
	UseCredential Use = "credential" // certificates and the codes printed on them
	UseStatus     Use = "status"     // lists of which certificates are in force
	UseReceipt    Use = "receipt"
	UseExchange   Use = "exchange" // what other systems have signed here, and messages between agencies
	UseWebhook    Use = "webhook"
	UseCheckpoint Use = "checkpoint" // of the audit record
	UseToken      Use = "token"      // of the simulated identity provider
)

// Signer is who signs, by the code of the agency, and what.
type Signer struct {
	Owner string
	Use   Use
}

// Signed is a signed text whose signature was verified.
type Signed struct {
	Payload []byte
	KeyID   string // RFC 7638 thumbprint
	Signer  Signer // whose key it is
	Header  map[string]any
}

// Sign returns payload as a compact JWS (ES256) by the signer's active key, which is made when first needed. The header
// gets alg and kid by itself. Errors: ErrSealed, ErrRoot.
func (s *Service) Sign(ctx context.Context, tx *pg.Tx, by Signer, header map[string]any, payload []byte) (_ string, err error) {
	defer fault.Wrap(&err, "encryption.Sign(%s, %s)", by.Owner, by.Use)
	key, err := s.signingKey(ctx, tx, by)
	if err != nil {
		return "", err
	}
	return jose.Sign(key, header, payload)
}

// KeyID returns the id of the key that signed a compact JWS, "" for a text that is none. It verifies nothing.
func KeyID(text string) string {
	header, err := jose.Header(text)
	if err != nil {
		return ""
	}
	kid, _ := header["kid"].(string)
	return kid
}

// Verify returns what a compact JWS says, if an active or retired key of this tenant signed it. The caller looks whether the
// signer is the one who should have. Errors: ErrSignature.
func (s *Service) Verify(ctx context.Context, tx *pg.Tx, text string) (_ Signed, err error) {
	defer fault.Wrap(&err, "encryption.Verify")
	header, err := jose.Header(text)
	if err != nil {
		return Signed{}, ErrSignature.Because(err)
	}
	kid, _ := header["kid"].(string)
	row, err := readSigningKey(ctx, tx, kid)
	if pg.NotFound(err) || err == nil && row.State != KeyActive && row.State != KeyRetired {
		return Signed{}, ErrSignature
	}
	if err != nil {
		return Signed{}, err
	}
	key, err := jose.ParsePublic(row.Public)
	if err != nil {
		return Signed{}, err
	}
	payload, err := jose.Verify(key, text)
	if err != nil {
		return Signed{}, ErrSignature.Because(err)
	}
	return Signed{Payload: payload, KeyID: kid, Signer: row.Signer, Header: header}, nil
}

func signingBinding(tx *pg.Tx, kid string) []byte {
	return []byte(tx.Tenant.String() + "|encryption.signing_key|wrapped|" + kid)
}

func signingKeyName(tx *pg.Tx, by Signer) string {
	return tx.Tenant.String() + "|sign|" + by.Owner + "|" + string(by.Use)
}

func (s *Service) signingKey(ctx context.Context, tx *pg.Tx, by Signer) (jose.Private, error) {
	if s.Sealed() {
		return jose.Private{}, ErrSealed
	}
	name := signingKeyName(tx, by)
	if key, ok := s.keys.get(name); ok {
		return key.(jose.Private), nil
	}
	row, err := readActiveSigningKey(ctx, tx, by)
	if pg.NotFound(err) {
		if err := s.makeSigningKey(ctx, tx, by, KeyActive); err != nil {
			return jose.Private{}, err
		}
		row, err = readActiveSigningKey(ctx, tx, by)
	}
	if err != nil {
		return jose.Private{}, err
	}
	text, err := s.openSigningKey(ctx, tx, row.Kid, row.Wrapped)
	if err != nil {
		return jose.Private{}, err
	}
	key, err := jose.ParsePrivate(text)
	if err != nil {
		return jose.Private{}, err
	}
	if row.Settled {
		s.keys.put(name, key, tx.Wall)
	}
	return key, nil
}

// openSigningKey returns the private part of a key, as a JWK.
func (s *Service) openSigningKey(ctx context.Context, tx *pg.Tx, kid string, wrapped []byte) ([]byte, error) {
	binding := signingBinding(tx, kid)
	tenantKey, err := s.sealKey(ctx, tx, purposeSeal)
	if err != nil {
		return nil, err
	}
	if tenantKey == nil {
		return nil, ErrUnreadable
	}
	text, err := tenantKey.Decrypt(wrapped, binding)
	if err != nil { // wrapped by a key that was added to the tenant's keyset since we read it
		s.keys.remove(tenantKeyName(tx.Tenant, purposeSeal))
		if tenantKey, err = s.sealKey(ctx, tx, purposeSeal); err != nil {
			return nil, err
		}
		if text, err = tenantKey.Decrypt(wrapped, binding); err != nil {
			return nil, ErrUnreadable.Because(err)
		}
	}
	return text, nil
}

// makeSigningKey stores a new key of the signer in a state unless another transaction was first.
func (s *Service) makeSigningKey(ctx context.Context, tx *pg.Tx, by Signer, state KeyState) error {
	key, err := jose.NewKey()
	if err != nil {
		return err
	}
	secret, err := key.JSON()
	if err != nil {
		return err
	}
	public, err := key.Public()
	if err != nil {
		return err
	}
	open, err := public.JSON()
	if err != nil {
		return err
	}
	tenantKey, err := s.sealKey(ctx, tx, purposeSeal)
	if err != nil {
		return err
	}
	if tenantKey == nil {
		return ErrUnreadable
	}
	wrapped, err := tenantKey.Encrypt(secret, signingBinding(tx, key.ID()))
	if err != nil {
		return err
	}
	k := SigningKey{ID: key.ID(), Signer: by, State: state, Public: open, ReadyAt: tx.Wall}
	if state == KeyNext {
		k.ReadyAt = tx.Wall.Add(s.times.Publish)
	}
	return insertSigningKey(ctx, tx, k, wrapped, tenantKey.primary)
}
