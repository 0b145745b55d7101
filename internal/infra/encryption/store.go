package encryption

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/pg"
)

var db = encryptiondb.New()

// keyRow is a wrapped key; settled says that its row was committed before this transaction began.
type keyRow struct {
	wrapped []byte
	settled bool
}

func readTenantKey(ctx context.Context, tx *pg.Tx, purpose string) (keyRow, error) {
	row, err := db.GetTenantKey(ctx, tx, purpose)
	return keyRow{row.Wrapped, row.Settled}, err
}

// insertTenantKey stores the key unless another transaction was first, and returns the one that stands.
func insertTenantKey(ctx context.Context, tx *pg.Tx, purpose string, wrapped []byte) (keyRow, error) {
	if err := db.InsertTenantKey(ctx, tx, encryptiondb.InsertTenantKeyParams{Purpose: purpose, Wrapped: wrapped}); err != nil {
		return keyRow{}, err
	}
	return readTenantKey(ctx, tx, purpose)
}

func readTenantKeys(ctx context.Context, tx *pg.Tx) (map[string][]byte, error) {
	rows, err := db.ListTenantKeys(ctx, tx)
	keys := make(map[string][]byte, len(rows))
	for _, row := range rows {
		keys[row.Purpose] = row.Wrapped
	}
	return keys, err
}

func readPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID) (keyRow, error) {
	row, err := db.GetPersonKey(ctx, tx, person)
	return keyRow{row.Wrapped, row.Settled}, err
}

// insertPersonKey stores the key unless another transaction was first, and returns the one that stands.
func insertPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID, wrapped []byte) (keyRow, error) {
	if err := db.InsertPersonKey(ctx, tx, encryptiondb.InsertPersonKeyParams{PersonID: person, Wrapped: wrapped}); err != nil {
		return keyRow{}, err
	}
	return readPersonKey(ctx, tx, person)
}

func readPersonKeys(ctx context.Context, tx *pg.Tx, people []uuid.UUID) (map[uuid.UUID]keyRow, error) {
	rows, err := db.ListPersonKeys(ctx, tx, people)
	keys := make(map[uuid.UUID]keyRow, len(rows))
	for _, row := range rows {
		keys[row.PersonID] = keyRow{row.Wrapped, row.Settled}
	}
	return keys, err
}

func forgetPersonKey(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	_, err := db.ForgetPersonKey(ctx, tx, person)
	return err
}

func setTenantKey(ctx context.Context, tx *pg.Tx, purpose string, wrapped []byte) error {
	return db.SetTenantKey(ctx, tx, encryptiondb.SetTenantKeyParams{Purpose: purpose, Wrapped: wrapped})
}
