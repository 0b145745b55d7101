package jose

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
)

// SignText returns the signature over a text as openssl and most other tools write it: ECDSA over SHA-256, ASN.1 DER
// (RFC 3279, 2.2.3).
func SignText(key Private, text []byte) ([]byte, error) {
	var raw ecdsa.PrivateKey
	if err := key.key.Raw(&raw); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return ecdsa.SignASN1(rand.Reader, &raw, sum[:])
}

// DER writes the key as a SubjectPublicKeyInfo (RFC 5480).
func (k Public) DER() ([]byte, error) {
	var raw ecdsa.PublicKey
	if err := k.key.Raw(&raw); err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(&raw)
}

// VerifyText checks a signature of SignText by the key whose SubjectPublicKeyInfo is given. Errors: ErrSignature.
func VerifyText(der, text, signature []byte) error {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return errors.Join(ErrSignature, err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	sum := sha256.Sum256(text)
	if !ok || !ecdsa.VerifyASN1(key, sum[:], signature) {
		return ErrSignature
	}
	return nil
}
