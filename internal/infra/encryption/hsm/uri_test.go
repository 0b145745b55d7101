package hsm_test

import (
	"testing"

	"digit/internal/infra/encryption/hsm"
)

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"", "softhsm", "pkcs11:", "pkcs11:token=digit", "pkcs11:token=digit;object=root", "pkcs11:token=digit;object=root;id=%01?module-path=/x",
		"pkcs11:token=digit;object=%zz?module-path=/x", "pkcs11:token=digit;object=root?module-path=/x&pin-value=1234",
	} {
		if _, err := hsm.Open(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
