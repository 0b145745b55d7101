// Package id makes identifiers: UUIDv7 for rows, random tokens for secrets in links and cookies.
package id

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/google/uuid"
)

// New returns a UUIDv7 (RFC 9562), which sorts by the time it was made. It is no secret and no reference for people.
func New() uuid.UUID {
	return uuid.Must(uuid.NewV7())
}

// Random returns n random bytes: salts, and secrets that are not written as text.
func Random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24: the program stops instead
	return b
}

// Token returns n random bytes as unpadded base64url; 32 bytes for a session, 16 at least for anything in a link.
func Token(n int) string {
	return base64.RawURLEncoding.EncodeToString(Random(n))
}
