package encryption

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Deps are what the module stands on.
type Deps struct {
	Root Root // a sealed one makes every method answer ErrSealed
}

// Service seals, opens, indexes and signs. It is safe for concurrent use.
type Service struct {
	root Root
	keys *cache
}

// New builds the module.
func New(deps Deps) *Service {
	return &Service{root: deps.Root, keys: newCache()}
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
	sealed, err := key.Encrypt(plain, p.bind(tx.Tenant))
	if err != nil {
		return nil, err
	}
	return append([]byte{format}, sealed...), nil
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
	plain, err := key.Decrypt(sealed[1:], p.bind(tx.Tenant))
	if err == nil {
		return plain, nil
	}
	// a process that rotated the keyset meanwhile seals with a key that our copy does not have yet
	s.keys.drop(dataKeyName(tx.Tenant, person))
	if key, err = s.dataKey(ctx, tx, person, false); err != nil {
		return nil, err
	}
	if plain, err = key.Decrypt(sealed[1:], p.bind(tx.Tenant)); err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	return plain, nil
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

// BlindIndex returns 32 bytes that are the same for the same tenant, field and value and tell nothing else. Normalise
// the value first. A reading transaction of a tenant that never indexed anything gets bytes that match nothing.
// Errors: ErrSealed, ErrRoot.
func (s *Service) BlindIndex(ctx context.Context, tx *pg.Tx, field, value string) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.BlindIndex(%s)", field)
	return s.digest(ctx, tx, purposeIndex, field, []byte(value))
}

// MAC returns a 32 byte authentication code of data, different for every tenant and purpose.
// Errors: ErrSealed, ErrRoot.
func (s *Service) MAC(ctx context.Context, tx *pg.Tx, purpose string, data []byte) (_ []byte, err error) {
	defer fault.Wrap(&err, "encryption.MAC(%s)", purpose)
	return s.digest(ctx, tx, purposeMAC, purpose, data)
}

func (s *Service) digest(ctx context.Context, tx *pg.Tx, purpose, label string, data []byte) ([]byte, error) {
	set, err := s.digestKey(ctx, tx, purpose)
	if err != nil {
		return nil, err
	}
	if set == nil {
		return make([]byte, digestSize), nil
	}
	input := append([]byte(label+"\x00"), data...)
	return set.ComputePrimaryPRF(input, digestSize)
}
