package encryption

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Root is a root keyset in memory, which wraps tenants' keysets. The zero Root is none.
type Root struct {
	id     string // Tink key id of its primary key, in hexadecimal
	handle *keyset.Handle
	aead   tink.AEAD
}

// ID names the root keyset; it is no secret.
func (r Root) ID() string { return r.id }

// ParseRoot reads a root keyset from Tink's JSON. Errors: ErrSealed.
func ParseRoot(text []byte) (Root, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return Root{}, ErrSealed.Because(err)
	}
	root, err := rootOf(handle)
	if err != nil {
		return Root{}, ErrSealed.Because(err)
	}
	return root, nil
}

// NewRoot makes a root keyset and its text in Tink's JSON, which is as secret as everything it protects.
func NewRoot() (Root, []byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Root{}, nil, err
	}
	root, err := rootOf(handle)
	if err != nil {
		return Root{}, nil, err
	}
	text, err := root.plain()
	return root, text, err
}

func rootOf(handle *keyset.Handle) (Root, error) {
	primary, err := handle.Primary()
	if err != nil {
		return Root{}, err
	}
	key, err := aead.New(handle)
	return Root{id: fmt.Sprintf("%08x", primary.KeyID()), handle: handle, aead: key}, err
}

// plain is the keyset itself, in Tink's JSON.
func (r Root) plain() ([]byte, error) {
	var text bytes.Buffer
	err := insecurecleartextkeyset.Write(r.handle, keyset.NewJSONWriter(&text))
	return text.Bytes(), err
}

// Keystore wraps and unwraps with a key that it never gives away: a transit engine, a security module. It is asked outside
// of transactions, when a process starts or a root keyset is changed. Errors of Wrap and Unwrap: ErrAway where it cannot
// be reached or asks us to wait, any other where it refuses.
type Keystore interface {
	// Name says which keystore and which key of it, without secrets: "vault:https://vault.example:8200/transit/digit".
	Name() string
	Wrap(ctx context.Context, plain, binding []byte) ([]byte, error)
	Unwrap(ctx context.Context, wrapped, binding []byte) ([]byte, error)
}

// rootSet are the root keysets that a process knows. It is never changed, only exchanged for another.
type rootSet struct {
	own    string // the one the process was started with
	active string // the one that wraps
	byID   map[string]Root
}

// one is the set of a process whose root keyset never followed another.
func one(r Root) *rootSet { return &rootSet{own: r.id, active: r.id, byID: map[string]Root{r.id: r}} }

// of returns the root keyset that wrapped a tenant's keyset; what was wrapped before they were told apart is the own one's.
func (s *rootSet) of(id *string) (Root, bool) {
	name := s.own
	if id != nil {
		name = *id
	}
	r, ok := s.byID[name]
	return r, ok
}

// grow returns the set with what copies wrapped by a known root keyset hold, and with the last successor as the active one.
func (s *rootSet) grow(keys []rootRow, copies []copyRow) *rootSet {
	next := &rootSet{own: s.own, active: s.own, byID: map[string]Root{}}
	for id, r := range s.byID {
		next.byID[id] = r
	}
	for found := true; found; {
		found = false
		for _, c := range copies {
			by, known := next.byID[c.wrappedBy]
			if _, have := next.byID[c.root]; have || !known {
				continue
			}
			if handle, err := unwrap(c.wrapped, by.aead, copyBinding(c.root)); err == nil {
				if r, err := rootOf(handle); err == nil && r.id == c.root {
					next.byID[r.id], found = r, true
				}
			}
		}
	}
	for moved := true; moved; {
		moved = false
		for _, k := range keys {
			_, known := next.byID[k.id]
			if known && k.state == rootActive && k.succeeds == next.active {
				next.active, moved = k.id, true
			}
		}
	}
	return next
}

// The states of a root keyset that took part in a change.
const (
	rootNext    = "next"
	rootActive  = "active"
	rootRetired = "retired"
)

func copyBinding(root string) []byte { return []byte("encryption.root_copy|" + root) }

// copyOf wraps one root keyset by another.
func copyOf(r, by Root) ([]byte, error) { return wrap(r.handle, by.aead, copyBinding(r.id)) }

// keyName shows a Tink key id as people see it in the console and on the command line.
func keyName(id uint32) string { return fmt.Sprintf("%08x", id) }

// parseKey reads what keyName wrote.
func parseKey(name string) (uint32, error) {
	id, err := strconv.ParseUint(name, 16, 32)
	return uint32(id), err
}
