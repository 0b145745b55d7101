package encryption

import (
	"context"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// SignText signs a text by the signer's active key, which is made when first needed, in the form that tools outside
// know: signature is ECDSA P-256 over SHA-256 in ASN.1 DER, public the key as SubjectPublicKeyInfo in DER.
// Errors: ErrSealed, ErrRoot.
func (s *Service) SignText(ctx context.Context, tx *pg.Tx, by Signer, text []byte) (signature, public []byte, err error) {
	defer fault.Wrap(&err, "encryption.SignText(%s, %s)", by.Owner, by.Use)
	key, err := s.signingKey(ctx, tx, by)
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

// TextKeys returns all public keys that a signer ever had, the newest first, as SubjectPublicKeyInfo in DER. Destroyed ones
// are among them: they sign no more, but a text that is kept for good goes on needing the key of its day, and whoever
// reads it looks at more than who signed it. It needs no root key.
func (s *Service) TextKeys(ctx context.Context, tx *pg.Tx, by Signer) (keys [][]byte, err error) {
	defer fault.Wrap(&err, "encryption.TextKeys(%s, %s)", by.Owner, by.Use)
	rows, err := readSigningKeys(ctx, tx, SigningFilter{Owner: by.Owner, Use: by.Use})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		key, err := jose.ParsePublic(row.Public)
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
