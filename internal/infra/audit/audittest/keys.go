// Package audittest has what tests of the record need beside it.
package audittest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"sync"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
)

// Keys are an audit.Keys that lives in memory, with a signing key for each tenant: what encryption does, by the standard
// library alone.
type Keys struct {
	mu    sync.Mutex
	sign  map[uuid.UUID][]*ecdsa.PrivateKey
	seal  cipher.AEAD
	Fault error // what signing and sealing answer, where set
}

// NewKeys makes the keys.
func NewKeys() *Keys {
	block, err := aes.NewCipher([]byte(rand.Text())[:16])
	if err != nil {
		panic(err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return &Keys{sign: map[uuid.UUID][]*ecdsa.PrivateKey{}, seal: seal}
}

// Rotate gives a tenant a new signing key; the old one verifies what it signed.
func (k *Keys) Rotate(tenant uuid.UUID) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.sign[tenant] = append(k.sign[tenant], key)
}

// SignText signs as encryption does.
func (k *Keys) SignText(_ context.Context, tx *pg.Tx, _ string, text []byte) (signature, public []byte, err error) {
	if k.Fault != nil {
		return nil, nil, k.Fault
	}
	if len(k.keys(tx.Tenant)) == 0 {
		k.Rotate(tx.Tenant)
	}
	keys := k.keys(tx.Tenant)
	key := keys[len(keys)-1]
	if public, err = x509.MarshalPKIXPublicKey(&key.PublicKey); err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(text)
	signature, err = ecdsa.SignASN1(rand.Reader, key, sum[:])
	return signature, public, err
}

func (k *Keys) keys(tenant uuid.UUID) []*ecdsa.PrivateKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.sign[tenant]
}

// TextKeys returns the tenant's public keys.
func (k *Keys) TextKeys(_ context.Context, tx *pg.Tx, _ string) (out [][]byte, err error) {
	for _, key := range k.keys(tx.Tenant) {
		der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			return nil, err
		}
		out = append(out, der)
	}
	return out, nil
}

// VerifyText checks a signature.
func (k *Keys) VerifyText(public, text, signature []byte) error {
	parsed, err := x509.ParsePKIXPublicKey(public)
	if err != nil {
		return err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	sum := sha256.Sum256(text)
	if !ok || !ecdsa.VerifyASN1(key, sum[:], signature) {
		return errors.New("not signed by this key")
	}
	return nil
}

// SealIn seals for one place.
func (k *Keys) SealIn(_ context.Context, tx *pg.Tx, table, column string, row uuid.UUID, plain []byte) ([]byte, error) {
	if k.Fault != nil {
		return nil, k.Fault
	}
	return k.seal.Seal(nil, nil, plain, []byte(tx.Tenant.String()+table+column+row.String())), nil
}

// OpenIn opens what SealIn sealed.
func (k *Keys) OpenIn(_ context.Context, tx *pg.Tx, table, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	return k.seal.Open(nil, nil, sealed, []byte(tx.Tenant.String()+table+column+row.String()))
}

// SealEntry seals for one column of an entry.
func (k *Keys) SealEntry(ctx context.Context, tx *pg.Tx, column string, row uuid.UUID, plain []byte) ([]byte, error) {
	return k.SealIn(ctx, tx, "audit.entry", column, row, plain)
}

// OpenEntry opens what SealEntry sealed.
func (k *Keys) OpenEntry(ctx context.Context, tx *pg.Tx, column string, row uuid.UUID, sealed []byte) ([]byte, error) {
	return k.OpenIn(ctx, tx, "audit.entry", column, row, sealed)
}
