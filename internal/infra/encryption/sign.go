package encryption

import (
	"context"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Signed is a signed text whose signature was verified.
type Signed struct {
	Payload []byte
	KeyID   string // RFC 7638 thumbprint
	Owner   string // code of the agency whose key it is
	Header  map[string]any
}

// Sign returns payload as a compact JWS (ES256) by the owner's active key, which is made when first needed. The header
// gets alg and kid by itself. Errors: ErrSealed, ErrRoot.
func (s *Service) Sign(ctx context.Context, tx *pg.Tx, owner string, header map[string]any, payload []byte) (_ string, err error) {
	defer fault.Wrap(&err, "encryption.Sign(%s)", owner)
	key, err := s.signingKey(ctx, tx, owner)
	if err != nil {
		return "", err
	}
	return jose.Sign(key, header, payload)
}

// Verify returns what a compact JWS says, if an active or retired key of this tenant signed it. Errors: ErrSignature.
func (s *Service) Verify(ctx context.Context, tx *pg.Tx, text string) (_ Signed, err error) {
	defer fault.Wrap(&err, "encryption.Verify")
	header, err := jose.Header(text)
	if err != nil {
		return Signed{}, ErrSignature.Because(err)
	}
	kid, _ := header["kid"].(string)
	row, err := readSigningKey(ctx, tx, kid)
	if pg.NotFound(err) || err == nil && row.status == "revoked" {
		return Signed{}, ErrSignature
	}
	if err != nil {
		return Signed{}, err
	}
	key, err := jose.ParsePublic(row.public)
	if err != nil {
		return Signed{}, err
	}
	payload, err := jose.Verify(key, text)
	if err != nil {
		return Signed{}, ErrSignature.Because(err)
	}
	return Signed{Payload: payload, KeyID: kid, Owner: row.owner, Header: header}, nil
}

// JWKS returns the owner's public keys, active and retired, as a JWK Set (RFC 7517); an empty set where it never signed.
func (s *Service) JWKS(ctx context.Context, tx *pg.Tx, owner string) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.JWKS(%s)", owner)
	rows, err := readSigningKeys(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	var keys []jose.Public
	for _, row := range rows {
		if row.status == "revoked" {
			continue
		}
		key, err := jose.ParsePublic(row.public)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return jose.Set(keys...)
}

func signingBinding(tx *pg.Tx, kid string) []byte {
	return []byte(tx.Tenant.String() + "|encryption.signing_key|wrapped|" + kid)
}

func signingKeyName(tx *pg.Tx, owner string) string { return tx.Tenant.String() + "|sign|" + owner }

func (s *Service) signingKey(ctx context.Context, tx *pg.Tx, owner string) (jose.Private, error) {
	if s.root.Sealed() {
		return jose.Private{}, ErrSealed
	}
	name := signingKeyName(tx, owner)
	if key, ok := s.keys.get(name); ok {
		return key.(jose.Private), nil
	}
	row, err := readActiveSigningKey(ctx, tx, owner)
	if pg.NotFound(err) {
		if err := s.makeSigningKey(ctx, tx, owner); err != nil {
			return jose.Private{}, err
		}
		row, err = readActiveSigningKey(ctx, tx, owner)
	}
	if err != nil {
		return jose.Private{}, err
	}
	tenantKey, err := s.sealKey(ctx, tx)
	if err != nil {
		return jose.Private{}, err
	}
	if tenantKey == nil {
		return jose.Private{}, ErrUnreadable
	}
	text, err := tenantKey.Decrypt(row.wrapped, signingBinding(tx, row.kid))
	if err != nil {
		return jose.Private{}, ErrUnreadable.Because(err)
	}
	key, err := jose.ParsePrivate(text)
	if err != nil {
		return jose.Private{}, err
	}
	if row.settled {
		s.keys.put(name, key)
	}
	return key, nil
}

// makeSigningKey stores a new active key for the owner unless another transaction was first.
func (s *Service) makeSigningKey(ctx context.Context, tx *pg.Tx, owner string) error {
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
	tenantKey, err := s.sealKey(ctx, tx)
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
	return insertSigningKey(ctx, tx, key.ID(), owner, open, wrapped)
}
