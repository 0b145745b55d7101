package archtest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digit/internal/archtest"
	"digit/internal/infra/encryption"
)

var update = flag.Bool("update", false, "write the inventory anew")

func packages(t *testing.T) (all []archtest.Package) {
	t.Helper()
	for _, p := range list(t) {
		all = append(all, archtest.Package{Path: p.ImportPath, Imports: p.Imports})
	}
	return all
}

func TestNobodyElseDoesCryptography(t *testing.T) {
	t.Parallel()
	for _, broken := range archtest.CheckCrypto(packages(t)) {
		t.Error(broken)
	}
}

func TestBrokenCryptographyIsFound(t *testing.T) {
	t.Parallel()
	const in = "digit/internal/"
	for _, c := range []struct {
		from, to string
		found    bool
	}{
		{in + "infra/payment", "crypto/aes", true},
		{in + "infra/payment", "crypto/hmac", true},
		{in + "infra/payment", "crypto", true},
		{in + "infra/payment", "crypto/subtle", false},
		{in + "infra/payment", "math/rand/v2", true},
		{in + "infra/payment", "golang.org/x/crypto/argon2", true},
		{in + "infra/payment", "github.com/lestrrat-go/jwx/v2/jwt", true},
		{in + "infra/payment", "cryptic/names", false},
		{in + "infra/encryption/jose", "crypto/ecdsa", false},
		{in + "infra/document", "crypto/sha256", false},
		{in + "infra/document", "crypto/md5", true},
		{"digit/web/portal", "crypto/rand", true},
	} {
		got := strings.Join(archtest.CheckCrypto([]archtest.Package{{Path: c.from, Imports: []string{c.to}}}), "\n")
		if strings.Contains(got, c.from+" imports "+c.to) != c.found {
			t.Errorf("%s imports %s: found is %v", c.from, c.to, !c.found)
		}
	}
}

// TestInventory holds docs/crypto-inventory.md to the code; run with -update to write it.
func TestInventory(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("# What is encrypted, signed and digested\n\nMade by `go test ./internal/archtest -run TestInventory -update` from the code; the same test holds it current.\n\n" +
		"## Keys\n\nAll of them are the encryption module's (`internal/infra/encryption`), which no other package does without.\n\n" +
		"| key | algorithm | bits | what for | where it lies | changed |\n| --- | --- | --- | --- | --- | --- |\n")
	keys, err := encryption.Inventory()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s |\n", k.Key, k.Algorithm, k.Bits, k.Purpose, k.Kept, k.Changed)
	}
	b.WriteString("\n## Other uses\n\nWithout keys of ours, or with keys of others. Nobody else may import a cryptographic package (a test says so).\n\n" +
		"| algorithm | package | import | what for |\n| --- | --- | --- | --- |\n")
	for _, u := range archtest.CryptoUses {
		fmt.Fprintf(&b, "| %s | `%s` | `%s` | %s |\n", u.Algorithm, u.Package, u.Import, u.Purpose)
	}
	path := filepath.Join(root, "docs", "crypto-inventory.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Errorf("%s is not current: run this test with -update. It should be\n%s", path, b.String())
	}
}
