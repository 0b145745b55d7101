package encryption

import (
	"context"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// SignText signs a text by the owner's active key, which is made when first needed, in the form that tools outside
// know: signature is ECDSA P-256 over SHA-256 in ASN.1 DER, public the key as SubjectPublicKeyInfo in DER.
// Errors: ErrSealed, ErrRoot.
func (s *Service) SignText(ctx context.Context, tx *pg.Tx, owner string, text []byte) (signature, public []byte, err error) {
	defer fault.Wrap(&err, "encryption.SignText(%s)", owner)
	key, err := s.signingKey(ctx, tx, owner)
	if err != nil {
		return nil, nil, err
	}
	open, err := key.Public()
	if err != nil {
		return nil, nil, err
	}
	if public, err = open.DER(); err != nil {
		return nil, nil, err
	}
	signature, err = jose.SignText(key, text)
	return signature, public, err
}

// TextKeys returns the owner's public keys, active and retired, as SubjectPublicKeyInfo in DER. It needs no root key.
func (s *Service) TextKeys(ctx context.Context, tx *pg.Tx, owner string) (keys [][]byte, err error) {
	defer fault.Wrap(&err, "encryption.TextKeys(%s)", owner)
	rows, err := readSigningKeys(ctx, tx, owner)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.status == "revoked" {
			continue
		}
		key, err := jose.ParsePublic(row.public)
		if err != nil {
			return nil, err
		}
		der, err := key.DER()
		if err != nil {
			return nil, err
		}
		keys = append(keys, der)
	}
	return keys, nil
}

// VerifyText checks a signature of SignText, of this installation or another. Errors: ErrSignature.
func (s *Service) VerifyText(public, text, signature []byte) error {
	return VerifyText(public, text, signature)
}

// VerifyText is Service.VerifyText for who has no service: it needs nothing but the key. Errors: ErrSignature.
func VerifyText(public, text, signature []byte) error {
	if err := jose.VerifyText(public, text, signature); err != nil {
		return ErrSignature.Because(err)
	}
	return nil
}
