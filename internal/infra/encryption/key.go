package encryption

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"github.com/tink-crypto/tink-go/v2/tink"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// The purposes of a tenant's keysets.
const (
	purposeSeal   = "seal"
	purposeIndex  = "index"
	purposeMAC    = "mac"
	purposeAPI    = "api"
	purposeRecord = "record"
)

// template is of what kind the keys of a purpose are: AES-256-GCM where they seal, HMAC-SHA-256 where they make digests.
func template(purpose string) *tinkpb.KeyTemplate {
	if purpose == purposeIndex || purpose == purposeMAC {
		return prf.HMACSHA256PRFKeyTemplate()
	}
	return aead.AES256GCMKeyTemplate()
}

// sealer is an unwrapped keyset that seals.
type sealer struct {
	tink.AEAD
	primary uint32
	ids     []uint32 // those that open
}

func sealerOf(handle *keyset.Handle) (*sealer, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	s := &sealer{AEAD: primitive}
	s.primary, s.ids, err = enabled(handle)
	return s, err
}

// headSize is how many bytes at the beginning of a sealed value tell its key: the format, Tink's version, the key id.
const headSize = 6

// head is how values begin that are sealed with a key.
func head(key uint32) []byte { return binary.BigEndian.AppendUint32([]byte{format, 1}, key) }

func (s *sealer) seal(plain, binding []byte) ([]byte, error) {
	sealed, err := s.Encrypt(plain, binding)
	if err != nil {
		return nil, err
	}
	return append([]byte{format}, sealed...), nil
}

// knows reports whether the keyset has the key that a value was sealed with.
func (s *sealer) knows(sealed []byte) bool {
	return len(sealed) >= headSize && slices.Contains(s.ids, binary.BigEndian.Uint32(sealed[2:headSize]))
}

// enabled returns a keyset's primary key and the keys that are not disabled.
func enabled(handle *keyset.Handle) (primary uint32, ids []uint32, err error) {
	for i := range handle.Len() {
		e, err := handle.Entry(i)
		if err != nil {
			return 0, nil, err
		}
		if e.IsPrimary() {
			primary = e.KeyID()
		}
		if e.KeyStatus() == keyset.Enabled {
			ids = append(ids, e.KeyID())
		}
	}
	return primary, ids, nil
}

// The cache holds a key only once its row is known to be committed; else a rolled back transaction would leave
// behind a key that others seal with and nobody finds again.

func tenantKeyName(tenant uuid.UUID, purpose string) string { return tenant.String() + "|" + purpose }

func dataKeyName(tenant, person uuid.UUID) string {
	if person == uuid.Nil {
		return tenantKeyName(tenant, purposeSeal)
	}
	return tenant.String() + "|person|" + person.String()
}

func keysetBinding(tenant uuid.UUID, purpose string) []byte {
	return []byte(tenantKeyName(tenant, purpose))
}

func personBinding(tenant, person uuid.UUID) []byte {
	return []byte(tenant.String() + "|encryption.person_key|wrapped|" + person.String())
}

func wrap(handle *keyset.Handle, key tink.AEAD, binding []byte) ([]byte, error) {
	var out bytes.Buffer
	err := handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&out), key, binding)
	return out.Bytes(), err
}

func unwrap(wrapped []byte, key tink.AEAD, binding []byte) (*keyset.Handle, error) {
	return keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(wrapped)), key, binding)
}

// tenantKeyset reads the tenant's keyset of a purpose, making it where it is missing; nil in a transaction that only
// reads.
func (s *Service) tenantKeyset(ctx context.Context, tx *pg.Tx, purpose string) (*keyset.Handle, keyRow, error) {
	if s.Sealed() {
		return nil, keyRow{}, ErrSealed
	}
	row, err := readTenantKey(ctx, tx, purpose)
	if pg.NotFound(err) {
		if tx.ReadOnly {
			return nil, keyRow{}, nil
		}
		row, err = s.makeTenantKeyset(ctx, tx, purpose)
	}
	if err != nil {
		return nil, row, err
	}
	handle, err := s.unwrapTenant(ctx, tx, purpose, row)
	return handle, row, err
}

func (s *Service) unwrapTenant(ctx context.Context, tx *pg.Tx, purpose string, row keyRow) (*keyset.Handle, error) {
	root, err := s.rootFor(ctx, tx, row.root)
	if err != nil {
		return nil, err
	}
	handle, err := unwrap(row.wrapped, root.aead, keysetBinding(tx.Tenant, purpose))
	if err != nil {
		return nil, ErrRoot.Because(err)
	}
	return handle, nil
}

// makeTenantKeyset stores a new keyset unless another transaction was first, and returns the one that stands.
func (s *Service) makeTenantKeyset(ctx context.Context, tx *pg.Tx, purpose string) (keyRow, error) {
	root, err := s.wrapping()
	if err != nil {
		return keyRow{}, err
	}
	handle, err := keyset.NewHandle(template(purpose))
	if err != nil {
		return keyRow{}, err
	}
	wrapped, err := wrap(handle, root.aead, keysetBinding(tx.Tenant, purpose))
	if err != nil {
		return keyRow{}, err
	}
	mine, err := insertTenantKey(ctx, tx, purpose, wrapped, root.id)
	if err != nil {
		return keyRow{}, err
	}
	if mine {
		primary, err := handle.Primary()
		if err != nil {
			return keyRow{}, err
		}
		if err := insertKeyVersion(ctx, tx, purpose, primary.KeyID(), versionActive); err != nil {
			return keyRow{}, err
		}
	}
	if mine && purpose == purposeSeal { // with the first comes the one for records: what comes in without writing cannot make it
		if _, err := s.makeTenantKeyset(ctx, tx, purposeRecord); err != nil {
			return keyRow{}, err
		}
	}
	return readTenantKey(ctx, tx, purpose)
}

// sealKey returns the tenant's own key of a purpose, nil where there is none and none may be made.
func (s *Service) sealKey(ctx context.Context, tx *pg.Tx, purpose string) (*sealer, error) {
	name := tenantKeyName(tx.Tenant, purpose)
	if key, ok := s.keys.get(name); ok {
		return key.(*sealer), nil
	}
	handle, row, err := s.tenantKeyset(ctx, tx, purpose)
	if err != nil || handle == nil {
		return nil, err
	}
	key, err := sealerOf(handle)
	if err != nil {
		return nil, err
	}
	if row.settled {
		s.keys.put(name, key, tx.Wall)
	}
	return key, nil
}

// dataKey returns the key that seals for a person; the tenant's own for uuid.Nil.
func (s *Service) dataKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, create bool) (*sealer, error) {
	if s.Sealed() {
		return nil, ErrSealed
	}
	if key, ok := s.keys.get(dataKeyName(tx.Tenant, person)); ok {
		return key.(*sealer), nil
	}
	tenantKey, err := s.sealKey(ctx, tx, purposeSeal)
	if err != nil {
		return nil, err
	}
	if tenantKey == nil { // nothing was ever sealed here
		return nil, ErrUnreadable
	}
	if person == uuid.Nil {
		return tenantKey, nil
	}
	row, err := readPersonKey(ctx, tx, person)
	if pg.NotFound(err) {
		if !create {
			return nil, ErrUnreadable
		}
		row, err = makePersonKey(ctx, tx, person, tenantKey)
	}
	if err != nil {
		return nil, err
	}
	return s.unwrapPerson(ctx, tx, person, row)
}

// makePersonKey stores a new key unless another transaction was first, and returns the one that stands.
func makePersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, by *sealer) (keyRow, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return keyRow{}, err
	}
	wrapped, err := wrap(handle, by, personBinding(tx.Tenant, person))
	if err != nil {
		return keyRow{}, err
	}
	return insertPersonKey(ctx, tx, person, wrapped, by.primary)
}

// personKeyset unwraps a person's keyset. Errors: ErrForgotten, ErrUnreadable.
func (s *Service) personKeyset(ctx context.Context, tx *pg.Tx, person uuid.UUID, row keyRow) (*keyset.Handle, error) {
	if row.wrapped == nil {
		return nil, ErrForgotten
	}
	tenantKey, err := s.sealKey(ctx, tx, purposeSeal)
	if err != nil {
		return nil, err
	}
	binding := personBinding(tx.Tenant, person)
	handle, err := unwrap(row.wrapped, tenantKey, binding)
	if err != nil { // wrapped by a key that was added to the tenant's keyset since we read it
		s.keys.remove(tenantKeyName(tx.Tenant, purposeSeal))
		if tenantKey, err = s.sealKey(ctx, tx, purposeSeal); err != nil {
			return nil, err
		}
		if handle, err = unwrap(row.wrapped, tenantKey, binding); err != nil {
			return nil, ErrUnreadable.Because(err)
		}
	}
	return handle, nil
}

func (s *Service) unwrapPerson(ctx context.Context, tx *pg.Tx, person uuid.UUID, row keyRow) (*sealer, error) {
	handle, err := s.personKeyset(ctx, tx, person, row)
	if err != nil {
		return nil, err
	}
	key, err := sealerOf(handle)
	if err != nil {
		return nil, err
	}
	if row.settled {
		s.keys.put(dataKeyName(tx.Tenant, person), key, tx.Wall)
	}
	return key, nil
}

// Warm reads the keys of many people in one round trip, before a list of them is opened. People without a key and
// forgotten ones are passed over. Errors: ErrSealed, ErrRoot.
func (s *Service) Warm(ctx context.Context, tx *pg.Tx, people ...uuid.UUID) (err error) {
	defer fault.Wrap(&err, "encryption.Warm(%d)", len(people))
	if s.Sealed() {
		return ErrSealed
	}
	var missing []uuid.UUID
	for _, person := range people {
		if _, ok := s.keys.get(dataKeyName(tx.Tenant, person)); !ok && person != uuid.Nil {
			missing = append(missing, person)
		}
	}
	if len(missing) < 2 {
		return nil
	}
	rows, err := readPersonKeys(ctx, tx, missing)
	if err != nil {
		return err
	}
	for person, row := range rows {
		if _, err := s.unwrapPerson(ctx, tx, person, row); err != nil && !errors.Is(err, ErrForgotten) {
			return err
		}
	}
	return nil
}

// CheckRoot finds out whether this process can read what the tenant has sealed: nil where it can, or where the tenant
// has no keys yet. It asks the database each time. Errors: ErrSealed, ErrRoot.
func (s *Service) CheckRoot(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "encryption.CheckRoot")
	if s.Sealed() {
		return ErrSealed
	}
	_, err = s.opens(ctx, tx)
	return err
}

// opens unwraps all keysets of the tenant and returns how many there are.
func (s *Service) opens(ctx context.Context, tx *pg.Tx) (int, error) {
	rows, err := db.ListTenantKeys(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		if _, err := s.unwrapTenant(ctx, tx, row.Purpose, keyRow{wrapped: row.Wrapped, root: row.RootID}); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
