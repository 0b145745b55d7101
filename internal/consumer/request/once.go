package request

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// remembered is for how long a key is known; after it the same key makes another request.
const remembered = 7 * 24 * time.Hour

// longestKey is in characters.
const longestKey = 64

// Once does work that makes a request, but not again for a key that the person has given before: then it returns the request
// that came of it, as it stands now. body is what was asked, and another one under the same key is refused. Work that fails
// leaves the key unused. Without a key the work is done each time.
// (draft-ietf-httpapi-idempotency-key-header.)
// Errors: ErrKey, ErrKeyReused, ErrKeyRunning, and those of the work.
func (s *Service) Once(ctx context.Context, tx *pg.Tx, person uuid.UUID, key string, body []byte, work func() (Request, error)) (r Request, err error) {
	if key == "" {
		return work()
	}
	defer fault.Wrap(&err, "request.Once(%s)", person)
	if !visible(key) {
		return r, ErrKey
	}
	indexes, err := s.keyIndexes(ctx, tx, person, key)
	if err != nil {
		return r, err
	}
	for _, index := range slices.Backward(indexes) { // that before a change of the tenant's key first, which all know
		free, err := tryKey(ctx, tx, index)
		if err != nil {
			return r, err
		}
		if !free {
			return r, ErrKeyRunning
		}
	}
	digest := sha256.Sum256(body)
	before, found, err := s.findKey(ctx, tx, person, indexes)
	switch {
	case err != nil:
		return r, err
	case found && !bytes.Equal(before.digest, digest[:]):
		return r, ErrKeyReused
	case found:
		return s.load(ctx, tx, person, before.request, false)
	}
	if r, err = work(); err != nil {
		return r, err
	}
	return r, s.keepKey(ctx, tx, r, key, indexes[0], digest[:])
}

// visible says whether a key is of 1 to 64 visible characters of ASCII.
func visible(key string) bool {
	return len(key) <= longestKey && !strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' })
}

// keyField is what the index of keys is made of.
const keyField = "request.key"

// keyIndexes are the indexes under which a key may be kept, that of today first.
func (s *Service) keyIndexes(ctx context.Context, tx *pg.Tx, person uuid.UUID, key string) ([][]byte, error) {
	return s.deps.Encryption.BlindIndexes(ctx, tx, keyField, person.String()+" "+key)
}

// tryKey takes a key until the end of the unit of work; false when another one has it.
func tryKey(ctx context.Context, tx *pg.Tx, index []byte) (free bool, err error) {
	name := "request.key " + tx.Tenant.String() + " " + hex.EncodeToString(index)
	err = tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))", name).Scan(&free)
	return free, err
}

// spent is a key that made a request, with the digest of the body that came with it.
type spent struct {
	request uuid.UUID
	digest  []byte
}

func keyPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "request.key", Column: "body", Row: row}
}

func (s *Service) findKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, indexes [][]byte) (spent, bool, error) {
	row, err := db.GetKey(ctx, tx, requestdb.GetKeyParams{PersonID: person, Keys: indexes})
	if pg.NotFound(err) {
		return spent{}, false, nil
	}
	if err != nil {
		return spent{}, false, err
	}
	digest, _, err := s.openKey(ctx, tx, person, row.ID, row.Body)
	return spent{row.RequestID, digest}, err == nil, err
}

// openKey opens what is sealed of a key: the digest of the body that came with it, and the key itself.
func (s *Service) openKey(ctx context.Context, tx *pg.Tx, person, row uuid.UUID, sealed []byte) (digest []byte, key string, err error) {
	plain, err := s.deps.Encryption.Open(ctx, tx, person, keyPlace(row), sealed)
	if err != nil {
		return nil, "", err
	}
	if len(plain) < sha256.Size {
		return nil, "", fmt.Errorf("a key of %d bytes", len(plain))
	}
	return plain[:sha256.Size], string(plain[sha256.Size:]), nil
}

func (s *Service) keepKey(ctx context.Context, tx *pg.Tx, r Request, key string, index, digest []byte) error {
	row := id.New()
	sealed, err := s.deps.Encryption.Seal(ctx, tx, r.Person, keyPlace(row), append(slices.Clone(digest), key...))
	if err != nil {
		return err
	}
	if err := db.InsertKey(ctx, tx, requestdb.InsertKeyParams{
		ID: row, PersonID: r.Person, Key: index, Body: sealed, RequestID: r.ID, Now: tx.Now,
	}); err != nil {
		return err
	}
	return tx.At(ctx, tx.Now.Add(remembered), "request.forget_key:"+row.String(), &ForgetKeyArgs{Key: row})
}

// ForgetKeyArgs names a key that has been known long enough.
type ForgetKeyArgs struct {
	job.Tenant
	Key uuid.UUID `json:"key"` // row, not what the program chose
}

// Kind is the job's name.
func (ForgetKeyArgs) Kind() string { return "request.forget_key" }

func (s *Service) forgetKey(ctx context.Context, tx *pg.Tx, a ForgetKeyArgs) error {
	return db.DeleteKey(ctx, tx, a.Key)
}
