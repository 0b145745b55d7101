package encryption

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/pg"
)

var db = encryptiondb.New()

// keyRow is a wrapped key; settled says that its row was committed before this transaction began.
type keyRow struct {
	wrapped []byte
	settled bool
	root    *string // of a tenant's keyset: the root keyset that wrapped it
	bare    *int64  // of a keyset for digests: the key whose digests carry no mark
}

func readTenantKey(ctx context.Context, tx *pg.Tx, purpose string) (keyRow, error) {
	row, err := db.GetTenantKey(ctx, tx, purpose)
	return keyRow{wrapped: row.Wrapped, settled: row.Settled, root: row.RootID, bare: row.BareKey}, err
}

func lockTenantKey(ctx context.Context, tx *pg.Tx, purpose string) (keyRow, error) {
	row, err := db.LockTenantKey(ctx, tx, purpose)
	return keyRow{wrapped: row.Wrapped, root: row.RootID, bare: row.BareKey}, err
}

// insertTenantKey stores the key unless another transaction was first; mine says which.
func insertTenantKey(ctx context.Context, tx *pg.Tx, purpose string, wrapped []byte, root string) (mine bool, err error) {
	n, err := db.InsertTenantKey(ctx, tx, encryptiondb.InsertTenantKeyParams{Purpose: purpose, Wrapped: wrapped, RootID: &root})
	return n == 1, err
}

func setTenantKey(ctx context.Context, tx *pg.Tx, purpose string, row keyRow) error {
	return db.SetTenantKey(ctx, tx, encryptiondb.SetTenantKeyParams{Purpose: purpose, Wrapped: row.wrapped, RootID: row.root, BareKey: row.bare})
}

func readPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID) (keyRow, error) {
	row, err := db.GetPersonKey(ctx, tx, person)
	return keyRow{wrapped: row.Wrapped, settled: row.Settled}, err
}

func lockPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID) (keyRow, error) {
	row, err := db.LockPersonKey(ctx, tx, person)
	return keyRow{wrapped: row.Wrapped}, err
}

// insertPersonKey stores the key unless another transaction was first, and returns the one that stands.
func insertPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, wrapped []byte, by uint32) (keyRow, error) {
	key := int64(by)
	if err := db.InsertPersonKey(ctx, tx, encryptiondb.InsertPersonKeyParams{PersonID: person, Wrapped: wrapped, WrappedBy: &key}); err != nil {
		return keyRow{}, err
	}
	return readPersonKey(ctx, tx, person)
}

func setPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, wrapped []byte, by uint32) error {
	key := int64(by)
	return db.SetPersonKey(ctx, tx, encryptiondb.SetPersonKeyParams{PersonID: person, Wrapped: wrapped, WrappedBy: &key})
}

func readPersonKeys(ctx context.Context, tx *pg.Tx, people []uuid.UUID) (map[uuid.UUID]keyRow, error) {
	rows, err := db.ListPersonKeys(ctx, tx, people)
	keys := make(map[uuid.UUID]keyRow, len(rows))
	for _, row := range rows {
		keys[row.PersonID] = keyRow{wrapped: row.Wrapped, settled: row.Settled}
	}
	return keys, err
}

// rootRow is a root keyset that took part in a change or that a keystore holds.
type rootRow struct {
	id, kept, state, succeeds string
	encryptiondb.EncryptionRootKey
}

// copyRow is a wrapped root keyset.
type copyRow struct {
	root, wrappedBy string
	keystore        bool
	wrapped         []byte
}

func readRoots(ctx context.Context, from encryptiondb.DBTX) ([]rootRow, []copyRow, error) {
	rows, err := db.ListRootKeys(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	keys := make([]rootRow, 0, len(rows))
	for _, r := range rows {
		k := rootRow{id: r.ID, kept: r.Kept, state: r.State, EncryptionRootKey: r}
		if r.Succeeds != nil {
			k.succeeds = *r.Succeeds
		}
		keys = append(keys, k)
	}
	found, err := db.ListRootCopies(ctx, from)
	copies := make([]copyRow, 0, len(found))
	for _, r := range found {
		copies = append(copies, copyRow{root: r.RootID, wrappedBy: r.WrappedBy, keystore: r.Keystore, wrapped: r.Wrapped})
	}
	return keys, copies, err
}

// insertFirstRoot stores the first root keyset that a keystore holds, unless another process was first.
func insertFirstRoot(ctx context.Context, to encryptiondb.DBTX, root, kept string, wrapped []byte) error {
	return db.InsertFirstRoot(ctx, to, encryptiondb.InsertFirstRootParams{ID: root, Kept: kept, ReadyAt: clock.Now(), Wrapped: wrapped})
}
