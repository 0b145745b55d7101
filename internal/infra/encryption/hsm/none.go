//go:build !pkcs11

package hsm

import (
	"errors"

	"digit/internal/infra/encryption"
)

// Open says that this program cannot use security modules.
func Open(text string) (encryption.Keystore, error) {
	if _, err := parse(text); err != nil {
		return nil, err
	}
	return nil, errors.New("hsm: this program was built without PKCS#11: build it with `go build -tags pkcs11`")
}
