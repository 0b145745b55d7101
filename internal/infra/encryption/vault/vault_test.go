package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/vault"
	"digit/internal/infra/encryption/vault/vaulttest"
)

// These tests set the environment, so that none of them runs beside another.

func TestTransit(t *testing.T) {
	s := vaulttest.New(t)
	t.Setenv("DIGIT_VAULT_TOKEN", s.Token)
	v, err := vault.Open(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if v.Name() != "vault:"+s.URL {
		t.Errorf("called %s", v.Name())
	}
	ctx, plain, binding := context.Background(), []byte("a keyset \x00\xff"), []byte("root|1")
	wrapped, err := v.Wrap(ctx, plain, binding)
	if err != nil || !bytes.HasPrefix(wrapped, []byte("vault:v1:")) || bytes.Contains(wrapped, []byte("keyset")) {
		t.Fatalf("%s, %v", wrapped, err)
	}
	s.Rotate(t)
	if got, err := v.Unwrap(ctx, wrapped, binding); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%q, %v", got, err)
	}
	again, err := v.Wrap(ctx, plain, binding)
	if err != nil || !bytes.HasPrefix(again, []byte("vault:v2:")) {
		t.Fatalf("%s, %v", again, err)
	}
	for what, bad := range map[string]struct{ wrapped, binding []byte }{
		"bound to another": {wrapped, []byte("root|2")}, "altered": {append(bytes.Clone(wrapped[:len(wrapped)-4]), "AAAA"...), binding}, "no ciphertext": {[]byte("x"), binding},
	} {
		if _, err := v.Unwrap(ctx, bad.wrapped, bad.binding); err == nil || errors.Is(err, encryption.ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnEngineThatIsAway(t *testing.T) {
	s := vaulttest.New(t)
	v, err := vault.Open(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	away := func(what string) {
		t.Helper()
		_, err := v.Wrap(context.Background(), []byte("x"), nil)
		if !errors.Is(err, encryption.ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && strings.Contains(err.Error(), s.Token) {
			t.Errorf("%s: the failure tells the token: %v", what, err)
		}
	}
	away("without a token")
	file := filepath.Join(t.TempDir(), "token")
	t.Setenv("DIGIT_VAULT_TOKEN_FILE", file)
	away("with a file that is not there yet")
	if err := os.WriteFile(file, []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	away("with another token")
	if err := os.WriteFile(file, []byte(s.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Wrap(context.Background(), []byte("x"), nil); err != nil {
		t.Fatalf("with the token: %v", err)
	}
	s.Seal(true)
	away("sealed")
	s.Seal(false)
	s.Within("agencies/health")
	away("in another namespace")
	if v, err = vault.Open(s.URL + "?namespace=agencies/health"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Wrap(context.Background(), []byte("x"), nil); err != nil {
		t.Fatalf("in the namespace: %v", err)
	}
	if v, err = vault.Open("http://localhost:1/transit/digit"); err != nil {
		t.Fatal(err)
	}
	away("nobody there")
	if v, err = vault.Open(strings.TrimSuffix(s.URL, "digit") + "other"); err != nil {
		t.Fatal(err)
	}
	away("another key")
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{
		"", "vault.example/transit/digit", "https://vault.example", "https://vault.example/digit", "http://vault.example/transit/digit",
		"https://root:token@vault.example/transit/digit", "ftp://localhost/transit/digit",
	} {
		if v, err := vault.Open(bad); err == nil {
			t.Errorf("%q is taken for %s", bad, v.Name())
		}
	}
	v, err := vault.Open("https://vault.example:8200/secrets/transit/digit?namespace=x")
	if err != nil || v.Name() != "vault:https://vault.example:8200/secrets/transit/digit" {
		t.Errorf("%v, %v", v, err)
	}
}
