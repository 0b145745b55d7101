package encryption

import (
	"encoding/json"

	"digit/internal/infra/encryption/jose"
	"digit/internal/infra/platform/fault"
)

// ErrKeys says that a text holds no key by which ES256 signatures verify: neither a JWK nor a JWK Set with one.
var ErrKeys = fault.Invalid("encryption.keys")

// OutsideKey is a public key of somebody else, as a JWK named by its RFC 7638 thumbprint.
type OutsideKey struct {
	ID  string
	JWK json.RawMessage
}

// OutsideKeys reads the P-256 keys of a JWK or JWK Set (RFC 7517) that somebody else published; others, and
// private ones, are passed over. Errors: ErrKeys.
func OutsideKeys(text []byte) ([]OutsideKey, error) {
	found, err := jose.ParseSet(text)
	if err != nil {
		return nil, ErrKeys.Because(err)
	}
	var keys []OutsideKey
	for _, k := range found {
		jwk, err := k.JSON()
		if err != nil {
			return nil, ErrKeys.Because(err)
		}
		keys = append(keys, OutsideKey{ID: k.ID(), JWK: jwk})
	}
	if len(keys) == 0 {
		return nil, ErrKeys
	}
	return keys, nil
}

// VerifyOutside returns what a compact JWS says, if one of somebody else's keys signed it. Which one, its header need not
// say by our name for it: they are tried. Errors: ErrSignature.
func VerifyOutside(keys []OutsideKey, text string) (Signed, error) {
	header, err := jose.Header(text)
	if err != nil {
		return Signed{}, ErrSignature.Because(err)
	}
	for _, k := range keys {
		key, err := jose.ParsePublic(k.JWK)
		if err != nil {
			return Signed{}, ErrKeys.Because(err)
		}
		if payload, err := jose.Verify(key, text); err == nil {
			return Signed{Payload: payload, KeyID: k.ID, Header: header}, nil
		}
	}
	return Signed{}, ErrSignature
}
