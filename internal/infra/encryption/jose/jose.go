// Package jose is the one place that knows how signed texts and keys are written (RFC 7515, 7517, 7638). Only ES256 is
// spoken: a text that names another algorithm is refused before anything else of it is believed.
package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// ErrSignature is returned for a text that the given key did not sign.
var ErrSignature = errors.New("signature does not verify")

// Algorithm is the one that is spoken: ECDSA over P-256 with SHA-256 (RFC 7518).
const (
	Algorithm = "ES256"
	Bits      = 256 // of a key
)

// Private is a key that signs.
type Private struct {
	key jwk.Key
	id  string
}

// Public is a key that verifies.
type Public struct {
	key jwk.Key
	id  string
}

// NewKey makes a P-256 key named by its thumbprint.
func NewKey() (Private, error) {
	raw, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Private{}, err
	}
	key, err := jwk.FromRaw(raw)
	if err != nil {
		return Private{}, err
	}
	return private(key)
}

// ParsePrivate reads a private key from its JWK.
func ParsePrivate(text []byte) (Private, error) {
	key, err := jwk.ParseKey(text)
	if err != nil {
		return Private{}, err
	}
	return private(key)
}

func private(key jwk.Key) (Private, error) {
	var raw ecdsa.PrivateKey
	if err := key.Raw(&raw); err != nil {
		return Private{}, fmt.Errorf("no private P-256 key: %w", err)
	}
	id, err := describe(key, raw.Curve)
	return Private{key, id}, err
}

// ParsePublic reads a public key from its JWK.
func ParsePublic(text []byte) (Public, error) {
	key, err := jwk.ParseKey(text)
	if err != nil {
		return Public{}, err
	}
	return public(key)
}

func public(key jwk.Key) (Public, error) {
	var raw ecdsa.PublicKey
	if err := key.Raw(&raw); err != nil {
		return Public{}, fmt.Errorf("no public P-256 key: %w", err)
	}
	id, err := describe(key, raw.Curve)
	return Public{key, id}, err
}

// describe names the key by its thumbprint and says what it is for.
func describe(key jwk.Key, curve elliptic.Curve) (string, error) {
	if curve != elliptic.P256() {
		return "", errors.New("not a P-256 key")
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return "", err
	}
	id := base64.RawURLEncoding.EncodeToString(sum)
	return id, errors.Join(key.Set(jwk.KeyIDKey, id), key.Set(jwk.AlgorithmKey, jwa.ES256), key.Set(jwk.KeyUsageKey, "sig"))
}

// ID is the RFC 7638 thumbprint (SHA-256, base64url).
func (k Private) ID() string { return k.id }

// ID is the RFC 7638 thumbprint (SHA-256, base64url).
func (k Public) ID() string { return k.id }

// Public returns the part that verifies.
func (k Private) Public() (Public, error) {
	key, err := jwk.PublicKeyOf(k.key)
	if err != nil {
		return Public{}, err
	}
	return public(key)
}

// JSON writes the key as a JWK, the secret part too.
func (k Private) JSON() ([]byte, error) { return json.Marshal(k.key) }

// JSON writes the key as a JWK.
func (k Public) JSON() ([]byte, error) { return json.Marshal(k.key) }

// Sign returns payload as a compact JWS. header may add what the key does not decide ("typ", "x5c", …).
func Sign(key Private, header map[string]any, payload []byte) (string, error) {
	headers := jws.NewHeaders()
	for name, value := range header {
		if name == "alg" || name == "kid" || name == "crit" || name == "b64" {
			return "", fmt.Errorf("header %q is not the caller's to set", name)
		}
		if err := headers.Set(name, value); err != nil {
			return "", err
		}
	}
	if err := headers.Set(jws.KeyIDKey, key.id); err != nil {
		return "", err
	}
	text, err := jws.Sign(payload, jws.WithKey(jwa.ES256, key.key, jws.WithProtectedHeaders(headers)))
	return string(text), err
}

// Header reads a compact JWS's header without believing it: to learn which key to verify with.
func Header(text string) (map[string]any, error) {
	head, _, ok := strings.Cut(text, ".")
	if !ok || strings.Count(text, ".") != 2 {
		return nil, errors.New("not a compact JWS")
	}
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return nil, err
	}
	var header map[string]any
	if err := json.Unmarshal(raw, &header); err != nil {
		return nil, err
	}
	if header["alg"] != Algorithm {
		return nil, fmt.Errorf("algorithm %v is not %s", header["alg"], Algorithm)
	}
	if _, critical := header["crit"]; critical {
		return nil, errors.New("critical header not understood")
	}
	return header, nil
}

// Verify returns the payload of a compact JWS that key signed. Errors: ErrSignature.
func Verify(key Public, text string) ([]byte, error) {
	if _, err := Header(text); err != nil {
		return nil, errors.Join(ErrSignature, err)
	}
	payload, err := jws.Verify([]byte(text), jws.WithCompact(), jws.WithKey(jwa.ES256, key.key))
	if err != nil {
		return nil, errors.Join(ErrSignature, err)
	}
	return payload, nil
}

// Set writes keys as a JWK Set.
func Set(keys ...Public) ([]byte, error) {
	list := make([]jwk.Key, 0, len(keys))
	for _, k := range keys {
		list = append(list, k.key)
	}
	return json.Marshal(map[string]any{"keys": list})
}

// ParseSet reads the P-256 keys of a JWK Set and passes over others.
func ParseSet(text []byte) ([]Public, error) {
	set, err := jwk.Parse(text)
	if err != nil {
		return nil, err
	}
	var keys []Public
	for i := range set.Len() {
		key, _ := set.Key(i)
		if k, err := public(key); err == nil {
			keys = append(keys, k)
		}
	}
	return keys, nil
}
