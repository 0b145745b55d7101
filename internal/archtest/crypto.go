package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// primitives are the libraries with which one does cryptography (prefixes of import paths).
var primitives = []string{
	"crypto", "crypto/", "math/rand", "golang.org/x/crypto/", "golang.org/x/mod/sumdb/", "github.com/tink-crypto/", "github.com/lestrrat-go/jwx",
	"github.com/go-jose/", "github.com/miekg/pkcs11", "github.com/alexedwards/argon2id", "github.com/go-webauthn/", "github.com/pquerna/otp", "filippo.io/age",
}

// harmless are packages below them that hold no primitive.
var harmless = []string{"crypto/subtle"} // compares without telling by time

// CryptoUse is one use of a primitive outside the encryption module, with the reason why it is there.
type CryptoUse struct {
	Import    string
	Package   string // and those below it
	Algorithm string
	Purpose   string
}

// keyModule is the one module that does cryptography for all others.
const keyModule = Root + "/internal/infra/encryption"

// CryptoUses are all uses of primitives outside the encryption module. A new line needs a reason that survives review:
// whatever needs a key belongs into the encryption module.
var CryptoUses = []CryptoUse{
	{"crypto/rand", "internal/infra/platform/id", "operating system's generator", "session tokens, links, one-time codes, places in status lists"},
	{"crypto/sha256", "internal/infra/platform/id", "SHA-256", "look-up of tokens that are kept by their digest only"},
	{"crypto/hmac", "internal/infra/platform/webhook", "HMAC-SHA-256", "signatures of messages between systems that share a secret (Standard Webhooks)"},
	{"crypto/sha256", "internal/infra/platform/webhook", "HMAC-SHA-256", "signatures of messages between systems that share a secret (Standard Webhooks)"},
	{"crypto/sha256", "internal/infra/platform/migrate", "SHA-256", "fingerprint of the migrations"},
	{"crypto/sha256", "internal/infra/platform/pdf", "SHA-256", "file identifiers and names of font subsets in PDF"},
	{"crypto/sha256", "internal/infra/platform/pg/cluster", "SHA-256", "name of a socket folder"},
	{"crypto/sha512", "internal/infra/platform/pg/cluster", "SHA-512", "check of PostgreSQL's programs against their published sum"},
	{"math/rand/v2", "internal/infra/platform/pg", "none (no secret)", "spreading of repeated transactions"},
	{"crypto/tls", "internal/infra/notification/smtp", "TLS 1.2 or newer", "connection to the mail server"},
	{"crypto/x509", "internal/infra/notification/smtp", "X.509", "check of the mail server's certificate"},
	{"crypto/hmac", "internal/infra/notification/whatsapp", "HMAC-SHA-256", "signatures of Meta's notices, by the secret that the tenant shares with it"},
	{"crypto/sha256", "internal/infra/notification/whatsapp", "HMAC-SHA-256", "signatures of Meta's notices, by the secret that the tenant shares with it"},
	{"crypto/hmac", "internal/infra/simulator", "HMAC-SHA-256", "signatures of the simulated WhatsApp"},
	{"crypto/sha256", "internal/infra/simulator", "HMAC-SHA-256", "signatures of the simulated WhatsApp"},
	{"crypto/tls", "cmd/digit/app", "TLS 1.2 or newer", "serving over https"},
	{"crypto/tls", "internal/infra/identity/ldap", "TLS 1.2 or newer", "connection to a directory"},
	{"crypto/x509", "internal/infra/identity/ldap", "X.509", "check of a directory's certificate"},
	{"github.com/alexedwards/argon2id", "internal/infra/identity/internal/argon", "Argon2id (19 MiB, 2 passes)", "passwords, whose hashes encryption seals"},
	{"github.com/go-webauthn/webauthn/protocol", "internal/infra/identity", "ES256, EdDSA, RS256 (verifying)", "passkeys (WebAuthn), whose public keys encryption seals"},
	{"github.com/go-webauthn/webauthn/webauthn", "internal/infra/identity", "ES256, EdDSA, RS256 (verifying)", "passkeys (WebAuthn), whose public keys encryption seals"},
	{"github.com/pquerna/otp", "internal/infra/identity", "HMAC-SHA-1 (RFC 6238)", "authenticator apps, whose secrets encryption seals"},
	{"github.com/pquerna/otp/hotp", "internal/infra/identity", "HMAC-SHA-1 (RFC 4226)", "authenticator apps, whose secrets encryption seals"},
	{"crypto/sha256", "internal/infra/audit", "SHA-256", "leaves of the audit record"},
	{"golang.org/x/mod/sumdb/tlog", "internal/infra/audit", "SHA-256", "tree of the audit record (RFC 6962)"},
	{"golang.org/x/mod/sumdb/note", "internal/infra/audit", "none of its own", "form of signed checkpoints; encryption signs them"},
	{"crypto/sha256", "internal/infra/document", "SHA-256", "check that a file is what was handed in"},
	{"crypto/sha256", "internal/provider/field", "SHA-256", "check that a file that came in pieces is what was announced"},
	{"crypto/sha256", "internal/infra/certificate", "SHA-256", "digests of selectively disclosable claims (RFC 9901) and of the issued PDF"},
	{"crypto/sha256", "internal/infra/exchange", "SHA-256", "body of a message to or from a provider, which its signature names; encryption signs"},
	{"crypto/sha256", "internal/infra/servicespec", "SHA-256", "fingerprint of a service's definition"},
	{"crypto/sha256", "internal/consumer/request", "SHA-256", "telling whether what comes with an idempotency key is what came before; encryption seals it"},
	{"crypto/sha256", "web/asset", "SHA-256", "names of files by their content"},
}

// CheckCrypto returns the broken rules about cryptography, one sentence each: a primitive where none is allowed, and a line
// of CryptoUses that nobody needs any more. Tests may use primitives, as judges of what the program does.
func CheckCrypto(packages []Package) []string {
	var broken []string
	needed := map[CryptoUse]bool{}
	for _, p := range packages {
		if p.Path == keyModule || strings.HasPrefix(p.Path, keyModule+"/") || testOnly(p.Path) {
			continue
		}
		for _, to := range p.Imports {
			if !primitive(to) {
				continue
			}
			i := slices.IndexFunc(CryptoUses, func(u CryptoUse) bool { return u.Import == to && below(p.Path, Root+"/"+u.Package) })
			if i < 0 {
				broken = append(broken, fmt.Sprintf("%s imports %s: cryptography belongs into infra/encryption, or into internal/archtest/crypto.go with its reason", p.Path, to))
				continue
			}
			needed[CryptoUses[i]] = true
		}
	}
	for _, u := range CryptoUses {
		if !needed[u] {
			broken = append(broken, fmt.Sprintf("%s does not import %s any more: take the line out of internal/archtest/crypto.go", u.Package, u.Import))
		}
	}
	return broken
}

func below(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func primitive(path string) bool {
	if slices.Contains(harmless, path) {
		return false
	}
	return slices.ContainsFunc(primitives, func(prefix string) bool {
		return path == prefix || strings.HasPrefix(path, prefix) && (strings.HasSuffix(prefix, "/") || strings.HasPrefix(path, prefix+"/"))
	})
}
