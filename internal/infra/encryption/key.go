package encryption

import (
	"bytes"
	"context"
	"errors"

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
	purposeSeal  = "seal"
	purposeIndex = "index"
	purposeMAC   = "mac"
)

const digestSize = 32

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

// wrapNew makes a keyset of the template, wrapped by key.
func wrapNew(template *tinkpb.KeyTemplate, key tink.AEAD, binding []byte) ([]byte, error) {
	handle, err := keyset.NewHandle(template)
	if err != nil {
		return nil, err
	}
	return wrap(handle, key, binding)
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
// reads. settled says that the row is committed.
func (s *Service) tenantKeyset(ctx context.Context, tx *pg.Tx, purpose string) (_ *keyset.Handle, settled bool, err error) {
	if s.root.Sealed() {
		return nil, false, ErrSealed
	}
	binding := keysetBinding(tx.Tenant, purpose)
	row, err := readTenantKey(ctx, tx, purpose)
	if pg.NotFound(err) {
		if tx.ReadOnly {
			return nil, false, nil
		}
		template := aead.AES256GCMKeyTemplate()
		if purpose != purposeSeal {
			template = prf.HMACSHA256PRFKeyTemplate()
		}
		wrapped, err := wrapNew(template, s.root.aead, binding)
		if err != nil {
			return nil, false, err
		}
		if row, err = insertTenantKey(ctx, tx, purpose, wrapped); err != nil {
			return nil, false, err
		}
	} else if err != nil {
		return nil, false, err
	}
	handle, err := unwrap(row.wrapped, s.root.aead, binding)
	if err != nil {
		return nil, false, ErrRoot.Because(err)
	}
	return handle, row.settled, nil
}

// sealKey returns the tenant's own key, nil where there is none and none may be made.
func (s *Service) sealKey(ctx context.Context, tx *pg.Tx) (tink.AEAD, error) {
	name := tenantKeyName(tx.Tenant, purposeSeal)
	if key, ok := s.keys.get(name); ok {
		return key.(tink.AEAD), nil
	}
	handle, settled, err := s.tenantKeyset(ctx, tx, purposeSeal)
	if err != nil || handle == nil {
		return nil, err
	}
	key, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	if settled {
		s.keys.put(name, key)
	}
	return key, nil
}

// digestKey returns the tenant's key for digests, nil where there is none and none may be made.
func (s *Service) digestKey(ctx context.Context, tx *pg.Tx, purpose string) (*prf.Set, error) {
	name := tenantKeyName(tx.Tenant, purpose)
	if key, ok := s.keys.get(name); ok {
		return key.(*prf.Set), nil
	}
	handle, settled, err := s.tenantKeyset(ctx, tx, purpose)
	if err != nil || handle == nil {
		return nil, err
	}
	key, err := prf.NewPRFSet(handle)
	if err != nil {
		return nil, err
	}
	if settled {
		s.keys.put(name, key)
	}
	return key, nil
}

// dataKey returns the key that seals for a person; the tenant's own for uuid.Nil.
func (s *Service) dataKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, create bool) (tink.AEAD, error) {
	if s.root.Sealed() {
		return nil, ErrSealed
	}
	if key, ok := s.keys.get(dataKeyName(tx.Tenant, person)); ok {
		return key.(tink.AEAD), nil
	}
	tenantKey, err := s.sealKey(ctx, tx)
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
		wrapped, err := wrapNew(aead.AES256GCMKeyTemplate(), tenantKey, personBinding(tx.Tenant, person))
		if err != nil {
			return nil, err
		}
		if row, err = insertPersonKey(ctx, tx, person, wrapped); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	return s.unwrapPerson(ctx, tx, person, row)
}

func (s *Service) unwrapPerson(ctx context.Context, tx *pg.Tx, person uuid.UUID, row keyRow) (tink.AEAD, error) {
	if row.wrapped == nil {
		return nil, ErrForgotten
	}
	tenantKey, err := s.sealKey(ctx, tx)
	if err != nil {
		return nil, err
	}
	binding := personBinding(tx.Tenant, person)
	handle, err := unwrap(row.wrapped, tenantKey, binding)
	if err != nil { // wrapped by a key that was added to the tenant's keyset since we read it
		s.keys.drop(tenantKeyName(tx.Tenant, purposeSeal))
		if tenantKey, err = s.sealKey(ctx, tx); err != nil {
			return nil, err
		}
		if handle, err = unwrap(row.wrapped, tenantKey, binding); err != nil {
			return nil, ErrUnreadable.Because(err)
		}
	}
	key, err := aead.New(handle)
	if err != nil {
		return nil, err
	}
	if row.settled {
		s.keys.put(dataKeyName(tx.Tenant, person), key)
	}
	return key, nil
}

// Warm reads the keys of many people in one round trip, before a list of them is opened. People without a key and
// forgotten ones are passed over. Errors: ErrSealed, ErrRoot.
func (s *Service) Warm(ctx context.Context, tx *pg.Tx, people ...uuid.UUID) (err error) {
	defer fault.Wrap(&err, "encryption.Warm(%d)", len(people))
	if s.root.Sealed() {
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

// Forget destroys the person's key: all that was sealed for the person is unreadable from now on, in this process after
// the commit, in others a minute later. It may be repeated. Who may ask for it is the caller's to decide and to audit.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) (err error) {
	defer fault.Wrap(&err, "encryption.Forget(%s)", person)
	if err := forgetPersonKey(ctx, tx, person); err != nil {
		return err
	}
	name := dataKeyName(tx.Tenant, person)
	s.keys.drop(name)
	tx.AfterCommit(func() { s.keys.drop(name) }) // another transaction may have read the key meanwhile
	return nil
}

// CheckRoot finds out whether this process can read what the tenant has sealed: nil where it can, or where the tenant
// has no keys yet. It asks the database each time. Errors: ErrSealed, ErrRoot.
func (s *Service) CheckRoot(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "encryption.CheckRoot")
	if s.root.Sealed() {
		return ErrSealed
	}
	rows, err := readTenantKeys(ctx, tx)
	if err != nil {
		return err
	}
	for purpose, wrapped := range rows {
		if _, err := unwrap(wrapped, s.root.aead, keysetBinding(tx.Tenant, purpose)); err != nil {
			return ErrRoot.Because(err)
		}
	}
	return nil
}
