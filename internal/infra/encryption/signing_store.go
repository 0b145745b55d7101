package encryption

import (
	"context"

	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/pg"
)

type signingRow struct {
	kid, owner, status string
	public, wrapped    []byte
	settled            bool
}

func readActiveSigningKey(ctx context.Context, tx *pg.Tx, owner string) (signingRow, error) {
	row, err := db.GetActiveSigningKey(ctx, tx, owner)
	return signingRow{kid: row.Kid, owner: owner, status: "active", wrapped: row.Wrapped, settled: row.Settled}, err
}

func readSigningKey(ctx context.Context, tx *pg.Tx, kid string) (signingRow, error) {
	row, err := db.GetSigningKey(ctx, tx, kid)
	return signingRow{kid: row.Kid, owner: row.Owner, status: row.Status, public: row.PublicJwk}, err
}

func readSigningKeys(ctx context.Context, tx *pg.Tx, owner string) ([]signingRow, error) {
	rows, err := db.ListSigningKeys(ctx, tx, owner)
	keys := make([]signingRow, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, signingRow{kid: row.Kid, owner: row.Owner, status: row.Status, public: row.PublicJwk})
	}
	return keys, err
}

func insertSigningKey(ctx context.Context, tx *pg.Tx, kid, owner string, public, wrapped []byte) error {
	return db.InsertSigningKey(ctx, tx, encryptiondb.InsertSigningKeyParams{Kid: kid, Owner: owner, PublicJwk: public, Wrapped: wrapped})
}

func retireSigningKey(ctx context.Context, tx *pg.Tx, owner string) error {
	return db.RetireSigningKey(ctx, tx, owner)
}
