package encryption

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Deps are what the module stands on. A process has either the root keyset itself or, to be opened by Unseal, the place
// where it is kept; with neither every method answers ErrSealed.
type Deps struct {
	Root    Root
	RootKey RootKey
	Times   Times
}

// Times are how long things take that processes and verifiers must learn of. Zero values stand for the defaults.
type Times struct {
	// Spread is from making a key until it is used, so that every process knows it: longer than a key is cached. Default
	// 40 seconds.
	Spread time.Duration
	// Settle is from using a new key, and from renewing the last value, until the old key may be disabled: longer than any
	// transaction takes, since what one sealed with the old key shows only when it commits, and one that reads sees what was. Default 5 minutes.
	Settle time.Duration
	// Publish is from publishing a signing key until it signs, so that every verifier has it. Default 24 hours.
	Publish time.Duration
	// Retention is from disabling a key, which can be taken back, until it is destroyed. Default 30 days.
	Retention time.Duration
	// Standstill is after how long without a batch a rotation is taken up again whose process died: longer than a batch takes.
	// Default 90 seconds.
	Standstill time.Duration
}

func (t Times) orDefaults() Times {
	orElse := func(d, byDefault time.Duration) time.Duration {
		if d == 0 {
			return byDefault
		}
		return d
	}
	return Times{
		Spread: orElse(t.Spread, cacheTime+10*time.Second), Settle: orElse(t.Settle, 5*time.Minute), Publish: orElse(t.Publish, 24*time.Hour), Retention: orElse(t.Retention, 30*24*time.Hour),
		Standstill: orElse(t.Standstill, 90*time.Second),
	}
}

// Service seals, opens, indexes and signs. It is safe for concurrent use.
type Service struct {
	deps    Deps
	times   Times
	roots   atomic.Pointer[rootSet]
	why     atomic.Pointer[error] // why it is sealed
	wake    chan struct{}
	keys    *cache
	columns []Column
	hooks   []func(ctx context.Context, tx *pg.Tx, person uuid.UUID) error
	lastUse LastUse
}

// New builds the module.
func New(deps Deps) *Service {
	s := &Service{deps: deps, times: deps.Times.orDefaults(), keys: newCache(), wake: make(chan struct{}, 1)}
	if deps.Root.aead != nil {
		s.roots.Store(one(deps.Root))
	}
	s.columns = s.own()
	return s
}

// Place is where a sealed value lives. The value can be opened only there.
type Place struct {
	Table  string // with its schema: "identity.contact"
	Column string
	Row    uuid.UUID
}

// format is the first byte of every sealed value, so that another construction could follow this one.
const format = 1

func (p Place) bind(tenant uuid.UUID) []byte {
	return []byte(tenant.String() + "|" + p.Table + "|" + p.Column + "|" + p.Row.String())
}

// Seal encrypts plain for a person, or with the tenant's own key where person is uuid.Nil, so that only Open with the
// same person and place gives it back. A person's key is made when first needed.
// Errors: ErrSealed, ErrRoot, ErrForgotten.
func (s *Service) Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, plain []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.Seal(%s.%s, %s)", p.Table, p.Column, p.Row)
	key, err := s.dataKey(ctx, tx, person, true)
	if err != nil {
		return nil, err
	}
	return key.seal(plain, p.bind(tx.Tenant))
}

// Open decrypts what Seal made. Errors: ErrSealed, ErrRoot, ErrForgotten, ErrUnreadable.
func (s *Service) Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, sealed []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.Open(%s.%s, %s)", p.Table, p.Column, p.Row)
	if len(sealed) == 0 || sealed[0] != format {
		return nil, ErrUnreadable
	}
	key, err := s.dataKey(ctx, tx, person, false)
	if err != nil {
		return nil, err
	}
	if !key.knows(sealed) { // another process seals with a key that our copy of the keyset does not have yet
		s.keys.remove(dataKeyName(tx.Tenant, person))
		if key, err = s.dataKey(ctx, tx, person, false); err != nil {
			return nil, err
		}
	}
	plain, err := key.Decrypt(sealed[1:], p.bind(tx.Tenant))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	return plain, nil
}

// Reseal seals a stored value again, for the same person and place, with the key that seals now; nil stays nil.
// Errors: those of Open.
func (s *Service) Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, sealed []byte) (_ []byte, err error) {
	if sealed == nil {
		return nil, nil
	}
	plain, err := s.Open(ctx, tx, person, p, sealed)
	if err != nil {
		return nil, err
	}
	return s.Seal(ctx, tx, person, p, plain)
}

// SealString is Seal for text.
func (s *Service) SealString(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, plain string) ([]byte, error) {
	return s.Seal(ctx, tx, person, p, []byte(plain))
}

// OpenString is Open for text.
func (s *Service) OpenString(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, sealed []byte) (string, error) {
	plain, err := s.Open(ctx, tx, person, p, sealed)
	return string(plain), err
}

// SealJSON is Seal for a value that encoding/json can write.
func (s *Service) SealJSON(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, v any) (_ []byte, err error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return s.Seal(ctx, tx, person, p, plain)
}

// OpenJSON is Open into what v points at.
func (s *Service) OpenJSON(ctx context.Context, tx *pg.Tx, person uuid.UUID, p Place, sealed []byte, v any) error {
	plain, err := s.Open(ctx, tx, person, p, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, v)
}
