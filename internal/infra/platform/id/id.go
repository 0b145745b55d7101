// Package id makes identifiers: UUIDv7 for rows, random tokens and codes for secrets in links, cookies and messages.
package id

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"

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

// Digest returns the SHA-256 of a token, by which the token is found again without being kept. It is for secrets that cannot
// be guessed; what people choose or is short needs a key (encryption.MAC) or a slow hash.
func Digest(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Below returns a random number from 0 up to n-1, each as likely as any other. n must be positive.
func Below(n int) int {
	if n <= 0 {
		panic("id.Below: n must be positive")
	}
	limit := ^uint64(0) - ^uint64(0)%uint64(n) // beyond it the first numbers would be likelier
	for {
		var b [8]byte
		rand.Read(b[:])
		if v := binary.BigEndian.Uint64(b[:]); v < limit {
			return int(v % uint64(n))
		}
	}
}

// Digits returns a random code of n digits.
func Digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + Below(10))
	}
	return string(b)
}

// Base32 returns n random bytes in the letters A to Z and 2 to 7 (RFC 4648) without padding, for secrets that people type.
func Base32(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)
}
