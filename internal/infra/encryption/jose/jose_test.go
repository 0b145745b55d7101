package jose_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"digit/internal/infra/encryption/jose"
)

// The key of RFC 7515 appendix A.3, and what it signed there.
const (
	rfcKey  = `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	rfcText = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ." +
		"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)

func TestTheExampleOfTheStandardVerifies(t *testing.T) {
	t.Parallel()
	key, err := jose.ParsePublic([]byte(rfcKey))
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jose.Verify(key, rfcText)
	if err != nil || !strings.Contains(string(payload), `"iss":"joe"`) {
		t.Fatalf("%q, %v", payload, err)
	}
	for i := range rfcText {
		if rfcText[i] == '.' {
			continue
		}
		other := byte('A')
		if rfcText[i] == other {
			other = 'B'
		}
		altered := rfcText[:i] + string(other) + rfcText[i+1:]
		if i == len(rfcText)-1 || rfcText[i+1] == '.' { // last letters carry spare bits that say nothing
			continue
		}
		if _, err := jose.Verify(key, altered); !errors.Is(err, jose.ErrSignature) {
			t.Fatalf("letter %d altered: %v", i, err)
		}
	}
}

func TestKeysGoOutAndComeBack(t *testing.T) {
	t.Parallel()
	key, err := jose.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	text, err := key.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := jose.ParsePrivate(text)
	if err != nil || again.ID() != key.ID() {
		t.Fatalf("%v", err)
	}
	signed, err := jose.Sign(again, map[string]any{"typ": "JWT"}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.Public()
	if err != nil || public.ID() != key.ID() {
		t.Fatal(err)
	}
	if payload, err := jose.Verify(public, signed); err != nil || string(payload) != "x" {
		t.Fatalf("%q, %v", payload, err)
	}
	header, err := jose.Header(signed)
	if err != nil || header["kid"] != key.ID() || header["typ"] != "JWT" {
		t.Fatalf("%v, %v", header, err)
	}
	for _, name := range []string{"alg", "kid", "crit", "b64"} {
		if _, err := jose.Sign(key, map[string]any{name: "x"}, nil); err == nil {
			t.Errorf("the caller sets %s", name)
		}
	}
	for _, foreign := range []string{`{}`, `{"kty":"oct","k":"AAAA"}`, `{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}`} {
		if _, err := jose.ParsePublic([]byte(foreign)); err == nil {
			t.Errorf("%s is taken for a P-256 key", foreign)
		}
	}
}

func TestOtherAlgorithmsAreRefused(t *testing.T) {
	t.Parallel()
	key, err := jose.ParsePublic([]byte(rfcKey))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(rfcText, ".")
	for _, header := range []string{`{"alg":"none"}`, `{"alg":"HS256"}`, `{"alg":"ES384"}`, `{}`, `{"alg":"ES256","crit":["x"],"x":1}`, `[]`} {
		text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1] + "." + parts[2]
		if _, err := jose.Verify(key, text); !errors.Is(err, jose.ErrSignature) {
			t.Errorf("%s: %v", header, err)
		}
	}
}
