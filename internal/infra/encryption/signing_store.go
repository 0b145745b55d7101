package encryption

import (
	"context"

	"digit/internal/infra/encryption/internal/encryptiondb"
	"digit/internal/infra/platform/pg"
)

func readActiveSigningKey(ctx context.Context, tx *pg.Tx, by Signer) (encryptiondb.GetActiveSigningKeyRow, error) {
	return db.GetActiveSigningKey(ctx, tx, encryptiondb.GetActiveSigningKeyParams{Owner: by.Owner, Purpose: string(by.Use)})
}

func toSigningKey(r encryptiondb.GetSigningKeyRow) SigningKey {
	k := SigningKey{
		ID: r.Kid, Signer: Signer{r.Owner, Use(r.Purpose)}, State: KeyState(r.Status), Public: r.PublicJwk, CreatedAt: r.CreatedAt,
		ReadyAt: r.CreatedAt, ActiveAt: r.ActiveAt, RetiredAt: r.RetiredAt, DestroyedAt: r.DestroyedAt,
	}
	if r.ReadyAt != nil {
		k.ReadyAt = *r.ReadyAt
	}
	return k
}

func readSigningKey(ctx context.Context, tx *pg.Tx, kid string) (SigningKey, error) {
	row, err := db.GetSigningKey(ctx, tx, kid)
	return toSigningKey(row), err
}

func readSigningKeys(ctx context.Context, tx *pg.Tx, f SigningFilter) ([]SigningKey, error) {
	rows, err := db.ListSigningKeys(ctx, tx, encryptiondb.ListSigningKeysParams{Owner: f.Owner, Purpose: string(f.Use), Status: string(f.State)})
	keys := make([]SigningKey, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, toSigningKey(encryptiondb.GetSigningKeyRow(row)))
	}
	return keys, err
}

func insertSigningKey(ctx context.Context, tx *pg.Tx, k SigningKey, wrapped []byte, by uint32) error {
	wrappedBy := int64(by)
	p := encryptiondb.InsertSigningKeyParams{
		Kid: k.ID, Owner: k.Signer.Owner, Purpose: string(k.Signer.Use), Status: string(k.State), PublicJwk: k.Public, Wrapped: wrapped,
		WrappedBy: &wrappedBy, ReadyAt: &k.ReadyAt,
	}
	if k.State == KeyActive {
		p.ActiveAt = &tx.Wall
	}
	return db.InsertSigningKey(ctx, tx, p)
}

func (s *Service) wrappedSigningKeys(ctx context.Context, tx *pg.Tx, of Span) ([]Row, error) {
	found, err := db.PageSigningKeys(ctx, tx, encryptiondb.PageSigningKeysParams{After: of.After, Size: of.Limit})
	rows := make([]Row, 0, len(found))
	for _, r := range found {
		rows = append(rows, Row{Key: r.Kid, Heads: [][]byte{wrappedHead(r.WrappedBy)}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			return s.rewrapSigningKey(ctx, tx, r.Kid)
		}})
	}
	return rows, err
}

func (s *Service) rewrapSigningKey(ctx context.Context, tx *pg.Tx, kid string) error {
	row, err := db.LockSigningKey(ctx, tx, kid)
	if err != nil || row.Wrapped == nil {
		return err
	}
	secret, err := s.openSigningKey(ctx, tx, kid, row.Wrapped)
	if err != nil {
		return err
	}
	by, err := s.sealKey(ctx, tx, purposeSeal)
	if err != nil {
		return err
	}
	wrapped, err := by.Encrypt(secret, signingBinding(tx, kid))
	if err != nil {
		return err
	}
	key := int64(by.primary)
	return db.SetSigningWrapped(ctx, tx, encryptiondb.SetSigningWrappedParams{Kid: kid, Wrapped: wrapped, WrappedBy: &key})
}
