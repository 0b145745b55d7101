package exchange

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/webhook"
)

// HeaderSignature carries, on a message to or from a provider, a JSON Web Token (RFC 7519, ES256) that says who sent the body
// to whom, and when.
const HeaderSignature = "exchange-signature"

// signatureType is the token's typ, so that it is taken for no other sort of token (RFC 8725, 3.11).
const signatureType = "exchange+jwt"

// claims are what a signature says. Body is the SHA-256 of the body, base64url without padding.
type claims struct {
	Issuer   string `json:"iss"` // the state's address, or the provider's code
	Audience string `json:"aud"` // the other of the two
	ID       string `json:"jti"` // of the message, the same each time it is sent
	IssuedAt int64  `json:"iat"`
	Body     string `json:"body_sha256"`
}

func claimsOf(issuer, audience, id string, at time.Time, body []byte) claims {
	sum := sha256.Sum256(body)
	return claims{Issuer: issuer, Audience: audience, ID: id, IssuedAt: at.Unix(), Body: base64.RawURLEncoding.EncodeToString(sum[:])}
}

// Why a signature is not believed.
var (
	errUnsigned  = errors.New("exchange: no signature")
	errSignature = errors.New("exchange: signed by none of the provider's keys")
	errClaims    = errors.New("exchange: signed by or for somebody else, or for another body")
	errTime      = errors.New("exchange: signed too long ago or in the future")
)

// verify checks a message of a provider and returns its id. now is the machine's time.
func verify(keys []encryption.OutsideKey, header http.Header, issuer, audience string, now time.Time, body []byte) (id string, err error) {
	text := header.Get(HeaderSignature)
	if text == "" {
		return "", errUnsigned
	}
	signed, err := encryption.VerifyOutside(keys, text)
	if err != nil {
		return "", errors.Join(errSignature, err)
	}
	var said claims
	if err := json.Unmarshal(signed.Payload, &said); err != nil || signed.Header["typ"] != signatureType {
		return "", errClaims
	}
	want := claimsOf(issuer, audience, said.ID, time.Unix(said.IssuedAt, 0), body)
	if said != want || said.ID == "" || len(said.ID) > 200 {
		return "", errClaims
	}
	if now.Sub(time.Unix(said.IssuedAt, 0)).Abs() > webhook.Tolerance {
		return "", errTime
	}
	return said.ID, nil
}

// issuerOf tells who a message says it is from. Nothing of it is believed yet.
func issuerOf(header http.Header) string {
	parts := splitToken(header.Get(HeaderSignature))
	if parts == nil {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var said claims
	if json.Unmarshal(raw, &said) != nil {
		return ""
	}
	return said.Issuer
}
