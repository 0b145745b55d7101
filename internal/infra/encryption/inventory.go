package encryption

import (
	"fmt"
	"time"

	aesgcmpb "github.com/tink-crypto/tink-go/v2/proto/aes_gcm_go_proto"
	hmacprfpb "github.com/tink-crypto/tink-go/v2/proto/hmac_prf_go_proto"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"google.golang.org/protobuf/proto"

	"digit/internal/infra/encryption/jose"
)

// KeyKind is one kind of key in the inventory.
type KeyKind struct {
	Key       string // what it is called
	Algorithm string
	Bits      int // of the key
	Purpose   string
	Kept      string
	Changed   string // how often it should be
}

// Inventory lists the kinds of keys there are, with the algorithms that they are made for in this program.
func Inventory() ([]KeyKind, error) {
	kinds := []KeyKind{
		{Key: "root", Purpose: "wraps the keysets of all tenants", Kept: "a file, the environment, or the database wrapped by a transit engine or a security module", Changed: "by hand (`digit keys rotate-root`)"},
		{Key: "tenant, seal", Purpose: "wraps people's and signing keys; seals what belongs to no person", Kept: "`encryption.tenant_key`, wrapped by the root key", Changed: every(lifetimes[ForSealing])},
		{Key: "tenant, index", Purpose: "blind indexes, by which sealed values are found", Kept: "`encryption.tenant_key`, wrapped by the root key", Changed: every(lifetimes[ForIndexes])},
		{Key: "tenant, mac", Purpose: "authentication codes of one-time codes and the like", Kept: "`encryption.tenant_key`, wrapped by the root key", Changed: every(lifetimes[ForMACs])},
		{Key: "tenant, api", Purpose: "seals for other systems", Kept: "`encryption.tenant_key`, wrapped by the root key", Changed: every(lifetimes[ForAPI])},
		{Key: "tenant, record", Purpose: "seals what stands in the audit record", Kept: "`encryption.tenant_key`, wrapped by the root key", Changed: every(lifetimes[ForRecord])},
		{Key: "person", Purpose: "seals what belongs to one person; destroying it erases the person", Kept: "`encryption.person_key`, wrapped by the tenant's seal key", Changed: "when needed"},
	}
	for i, purpose := range []string{purposeSeal, purposeSeal, purposeIndex, purposeMAC, purposeAPI, purposeRecord, purposeSeal} {
		algorithm, bits, err := describe(template(purpose))
		if err != nil {
			return nil, err
		}
		kinds[i].Algorithm, kinds[i].Bits = algorithm, bits
	}
	for _, use := range []struct {
		use     Use
		purpose string
	}{
		{UseCredential, "signs certificates and the codes printed on them"},
		{UseStatus, "signs lists of which certificates are in force"},
		{UseReceipt, "for receipts; nobody signs any yet"},
		{UseExchange, "signs what other systems vouch for"},
		{UseWebhook, "signs messages to providers elsewhere"},
		{UseCheckpoint, "signs checkpoints of the audit record"},
		{UseToken, "signs tokens of the simulated identity provider"},
	} {
		kinds = append(kinds, KeyKind{
			Key: "agency, " + string(use.use), Algorithm: jose.Algorithm, Bits: jose.Bits, Purpose: use.purpose,
			Kept: "`encryption.signing_key`, wrapped by the tenant's seal key until it is retired", Changed: every(SigningLifetime),
		})
	}
	return kinds, nil
}

func every(d time.Duration) string {
	if days := int(d / day); days%365 == 0 && days > 365 {
		return fmt.Sprintf("every %d years", days/365)
	}
	return "every year"
}

// describe reads what a template makes keys for.
func describe(t *tinkpb.KeyTemplate) (algorithm string, bits int, err error) {
	switch t.GetTypeUrl() {
	case "type.googleapis.com/google.crypto.tink.AesGcmKey":
		var f aesgcmpb.AesGcmKeyFormat
		err := proto.Unmarshal(t.GetValue(), &f)
		return "AES-GCM", int(f.GetKeySize()) * 8, err
	case "type.googleapis.com/google.crypto.tink.HmacPrfKey":
		var f hmacprfpb.HmacPrfKeyFormat
		err := proto.Unmarshal(t.GetValue(), &f)
		return "HMAC-" + f.GetParams().GetHash().String() + " (PRF)", int(f.GetKeySize()) * 8, err
	}
	return "", 0, fmt.Errorf("unknown kind of key %s", t.GetTypeUrl())
}
