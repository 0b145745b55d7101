package encryption

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"digit/internal/infra/platform/fault"
)

// Root is the root keyset, which wraps every tenant's keysets. The zero Root is sealed: it unwraps nothing.
type Root struct {
	aead tink.AEAD
}

// Sealed reports whether there is no root keyset.
func (r Root) Sealed() bool { return r.aead == nil }

// OpenRoot reads the root keyset: from the environment variable DIGIT_ROOT_KEY if it is set (the keyset itself, in
// Tink's JSON), else from the file that DIGIT_ROOT_KEY_FILE names, else from path, a file that nobody but its owner may
// read. Where that file is missing, create makes it, whole or not at all; of several processes that start together one
// makes it and the others read it. Losing the keyset loses everything sealed: keep a copy apart from the database's.
// Errors: ErrSealed.
func OpenRoot(path string, create bool) (_ Root, err error) {
	defer fault.Wrap(&err, "encryption.OpenRoot(%s)", path)
	if text := os.Getenv("DIGIT_ROOT_KEY"); text != "" {
		return ParseRoot([]byte(text))
	}
	given := os.Getenv("DIGIT_ROOT_KEY_FILE")
	if given != "" {
		path, create = given, false
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		text, err = createRoot(path)
	}
	if err != nil {
		return Root{}, ErrSealed.Because(err)
	}
	if given == "" { // the file system of a mounted secret has modes of its own
		if err := private(path); err != nil {
			return Root{}, ErrSealed.Because(err)
		}
	}
	return ParseRoot(text)
}

// ParseRoot reads a root keyset from Tink's JSON. Errors: ErrSealed.
func ParseRoot(text []byte) (Root, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return Root{}, ErrSealed.Because(err)
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return Root{}, ErrSealed.Because(err)
	}
	return Root{aead: primitive}, nil
}

// NewRoot makes a root keyset and its text in Tink's JSON, which is as secret as everything it protects.
func NewRoot() (Root, []byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Root{}, nil, err
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return Root{}, nil, err
	}
	root, err := ParseRoot(text.Bytes())
	return root, text.Bytes(), err
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
