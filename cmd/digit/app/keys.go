package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"digit/internal/infra/encryption"
	"digit/internal/infra/encryption/hsm"
	"digit/internal/infra/encryption/vault"
	"digit/internal/infra/platform/pg"
)

// rootKey is where this process's root key is kept: in the configured place, else in the environment or a mounted file, else
// in root.key in the data folder.
func (c Config) rootKey() (encryption.RootKey, error) {
	if c.RootKey != "" {
		return ParseRootKey(c.RootKey)
	}
	if os.Getenv("DIGIT_ROOT_KEY") != "" {
		return encryption.RootEnv(), nil
	}
	if path := os.Getenv("DIGIT_ROOT_KEY_FILE"); path != "" {
		return encryption.RootMount(path), nil
	}
	dir, err := c.DataDir()
	return encryption.RootFile(filepath.Join(dir, "root.key")), err
}

// ParseRootKey reads where a root key is kept: file:PATH, env, vault:ADDRESS or pkcs11:URI.
func ParseRootKey(text string) (encryption.RootKey, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case "file":
		path, err := filepath.Abs(rest)
		if rest == "" {
			err = errors.New("root-key: file: names no file")
		}
		return encryption.RootFile(path), err
	case "env":
		return encryption.RootEnv(), nil
	case "vault":
		engine, err := vault.Open(rest)
		if err != nil {
			return encryption.RootKey{}, err
		}
		return encryption.RootIn(engine), nil
	case "pkcs11":
		module, err := hsm.Open(text)
		if err != nil {
			return encryption.RootKey{}, err
		}
		return encryption.RootIn(module), nil
	}
	return encryption.RootKey{}, fmt.Errorf("root-key: %q is none of file:PATH, env, vault:https://HOST/MOUNT/KEY and pkcs11:URI", text)
}

// unseal opens the root key at start. A process that cannot starts all the same, sealed, and says so.
func unseal(ctx context.Context, keys *encryption.Service, db *pg.DB, log *slog.Logger) {
	if err := keys.Unseal(ctx, db); err != nil {
		log.ErrorContext(ctx, "the root key cannot be had: personal data stays sealed until it can", "kept", keys.Custody().Kept, "error", err)
	}
}
