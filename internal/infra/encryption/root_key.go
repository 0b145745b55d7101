package encryption

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"digit/internal/infra/platform/fault"
)

// RootKey says where the root keyset is kept: as it is, in a file or in the environment, or wrapped in the database by a
// keystore that holds the key to it. The zero RootKey is nowhere: its process stays sealed.
type RootKey struct {
	path     string
	mounted  bool // a file with modes of its own, of somebody else's making
	existing bool // it is not made where it is missing
	env      bool
	store    Keystore
}

// rootEnv is the environment variable that can hold the root keyset itself.
const rootEnv = "DIGIT_ROOT_KEY"

// RootFile keeps the root keyset in a file that nobody but its owner may read. Losing it loses everything sealed: keep a
// copy apart from the database's.
func RootFile(path string) RootKey { return RootKey{path: path} }

// RootMount reads the root keyset from a file that the surroundings provide, such as a mounted secret.
func RootMount(path string) RootKey { return RootKey{path: path, mounted: true, existing: true} }

// RootEnv reads the root keyset, in Tink's JSON, from the environment variable DIGIT_ROOT_KEY.
func RootEnv() RootKey { return RootKey{env: true} }

// RootIn keeps the root keyset in the database, wrapped by a keystore.
func RootIn(store Keystore) RootKey { return RootKey{store: store} }

// Existing is the same place for a process that only looks: a root keyset that is not there is not made.
func (k RootKey) Existing() RootKey {
	k.existing = true
	return k
}

// Name says where the root keyset is kept, without secrets.
func (k RootKey) Name() string {
	switch {
	case k.env:
		return "env"
	case k.store != nil:
		return k.store.Name()
	case k.path != "":
		return "file:" + k.path
	}
	return "none"
}

// local reads a root keyset that is kept as it is, making the file where it is missing and create allows it: whole or not
// at all; of several processes that start together one makes it and the others read it. Errors: ErrSealed.
func (k RootKey) local(create bool) (_ Root, err error) {
	defer fault.Wrap(&err, "encryption.RootKey(%s)", k.Name())
	if k.env {
		text := os.Getenv(rootEnv)
		if text == "" {
			return Root{}, ErrSealed.Because(errors.New(rootEnv + " is not set"))
		}
		return ParseRoot([]byte(text))
	}
	if k.path == "" {
		return Root{}, ErrSealed
	}
	text, err := os.ReadFile(k.path)
	if errors.Is(err, fs.ErrNotExist) && create && !k.existing {
		text, err = createRoot(k.path)
	}
	if err != nil {
		return Root{}, ErrSealed.Because(err)
	}
	if !k.mounted {
		if err := private(k.path); err != nil {
			return Root{}, ErrSealed.Because(err)
		}
	}
	return ParseRoot(text)
}

func private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s has mode %04o: others may read it; chmod 600", path, info.Mode().Perm())
	}
	return nil
}

// createRoot writes a new keyset beside path and links it into place, which fails where another process was first.
func createRoot(path string) (text []byte, err error) {
	_, text, err = NewRoot()
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	temp, err := os.CreateTemp(dir, "."+strings.TrimPrefix(filepath.Base(path), ".")+"-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(text)
	if err == nil {
		err = temp.Sync()
	}
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	err = os.Link(temp.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	if folder, err := os.Open(dir); err == nil { // so that the name survives a power cut too
		_ = folder.Sync()
		_ = folder.Close()
	}
	return text, nil
}

// kept opens the root keyset that a keystore holds: the first of those in the database that it can unwrap, the newest
// first. Errors: ErrAway, ErrRoot, ErrSealed where it holds none.
func (k RootKey) kept(ctx context.Context, copies []copyRow) (_ Root, err error) {
	defer fault.Wrap(&err, "encryption.RootKey(%s)", k.Name())
	refused := error(ErrSealed)
	for i := len(copies) - 1; i >= 0; i-- {
		c := copies[i]
		if !c.keystore {
			continue
		}
		plain, err := k.store.Unwrap(ctx, c.wrapped, copyBinding(c.root))
		if errors.Is(err, ErrAway) {
			return Root{}, err
		}
		if err != nil {
			refused = ErrRoot.Because(err)
			continue
		}
		return ParseRoot(plain)
	}
	return Root{}, refused
}
