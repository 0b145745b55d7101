//go:build pkcs11

package hsm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/miekg/pkcs11"

	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/hsm"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// library finds SoftHSM's module.
func library(t *testing.T) string {
	t.Helper()
	for _, path := range []string{
		os.Getenv("DIGIT_SOFTHSM"), "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so",
		"/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so",
	} {
		if _, err := os.Stat(path); path != "" && err == nil {
			return path
		}
	}
	t.Fatal("SoftHSM is not installed: scripts/need.sh peers, or name its library in DIGIT_SOFTHSM")
	return ""
}

// token makes a token with a key in SoftHSM, and returns the key's address.
func token(t *testing.T) (address string, pin string) {
	t.Helper()
	dir, module := t.TempDir(), library(t)
	conf := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", dir), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	out, err := exec.CommandContext(t.Context(), "softhsm2-util", "--init-token", "--free", "--label", "digit", "--so-pin", "so-4711", "--pin", "4711").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := pkcs11.New(module)
	check(t, p.Initialize())
	defer func() { p.Destroy() }()
	slots, err := p.GetSlotList(true)
	check(t, err)
	session, err := p.OpenSession(slots[0], pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	check(t, err)
	check(t, p.Login(session, pkcs11.CKU_USER, "4711"))
	_, err = p.GenerateKey(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_AES_KEY_GEN, nil)}, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, "root"), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, 32),
		pkcs11.NewAttribute(pkcs11.CKA_ENCRYPT, true), pkcs11.NewAttribute(pkcs11.CKA_DECRYPT, true),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
	})
	check(t, err)
	check(t, p.CloseSession(session))
	check(t, p.Finalize())
	file := filepath.Join(dir, "pin")
	check(t, os.WriteFile(file, []byte("4711\n"), 0o600))
	return "pkcs11:token=digit;object=root?module-path=" + module + "&pin-source=file:" + file, file
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSoftHSM(t *testing.T) {
	address, pin := token(t)
	m, err := hsm.Open(address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, plain, binding := context.Background(), []byte("a keyset"), []byte("root|1")
	wrapped, err := m.Wrap(ctx, plain, binding)
	if err != nil || bytes.Contains(wrapped, plain) {
		t.Fatalf("%x, %v", wrapped, err)
	}
	if got, err := m.Unwrap(ctx, wrapped, binding); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%q, %v", got, err)
	}
	altered := bytes.Clone(wrapped)
	altered[len(altered)-1] ^= 1
	for what, bad := range map[string]struct{ wrapped, binding []byte }{"bound to another": {wrapped, []byte("root|2")}, "altered": {altered, binding}, "cut": {wrapped[:5], binding}} {
		if _, err := m.Unwrap(ctx, bad.wrapped, bad.binding); err == nil || errors.Is(err, encryption.ErrAway) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check(t, os.WriteFile(pin, []byte("0000"), 0o600))
	if _, err := m.Wrap(ctx, plain, binding); !errors.Is(err, encryption.ErrAway) {
		t.Errorf("with a wrong PIN: %v", err)
	}
	check(t, os.Remove(pin))
	if _, err := m.Wrap(ctx, plain, binding); !errors.Is(err, encryption.ErrAway) {
		t.Errorf("without a PIN: %v", err)
	}
}

// TestAnInstallationOnSoftHSM keeps the root key of an installation in the module: one process seals, another, with nothing
// but the database and the module, opens.
func TestAnInstallationOnSoftHSM(t *testing.T) {
	address, _ := token(t)
	ownerURL, appURL := pgtest.Scratch(t)
	check(t, migrate.Up(t.Context(), ownerURL))
	db := pgtest.Open(t, appURL)
	start := func() *encryption.Service {
		m, err := hsm.Open(address)
		check(t, err)
		s := encryption.New(encryption.Deps{RootKey: encryption.RootIn(m)})
		check(t, s.Unseal(t.Context(), db))
		return s
	}
	one := start()
	tenant, person := pgtest.Tenant(t, db), id.New()
	place := encryption.Place{Table: "identity.contact", Column: "address", Row: id.New()}
	scope := pg.Scope{Tenant: tenant, Actor: pg.System()}
	var sealed []byte
	check(t, db.InTx(t.Context(), scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		sealed, err = one.SealString(ctx, tx, person, place, "+2389911111")
		return err
	}))
	other := start()
	check(t, db.InTx(t.Context(), scope, func(ctx context.Context, tx *pg.Tx) error {
		plain, err := other.OpenString(ctx, tx, person, place, sealed)
		if plain != "+2389911111" {
			t.Errorf("got %q", plain)
		}
		return err
	}))
	if c := other.Custody(); c.Sealed || c.Kept != "pkcs11:token=digit;object=root" || c.Moved() {
		t.Errorf("%+v", c)
	}
}
