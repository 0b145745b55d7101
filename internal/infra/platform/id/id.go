// Package id makes identifiers: UUIDv7 for rows, random tokens for secrets in links and cookies.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"

	"github.com/google/uuid"
)

// New returns a UUIDv7 (RFC 9562), which sorts by the time it was made. It is no secret and no reference for people.
func New() uuid.UUID {
	return uuid.Must(uuid.NewV7())
}

// Token returns n random bytes as unpadded base64url; 32 bytes for a session, 16 at least for anything in a link.
func Token(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24: the program stops instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// Base32 returns n random bytes in the letters A to Z and 2 to 7 (RFC 4648) without padding, for secrets that people type.
func Base32(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}
