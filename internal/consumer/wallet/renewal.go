package wallet

import (
	"context"

	"digit/internal/consumer/wallet/internal/walletdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{{Name: "wallet.share.purpose", Owner: encryption.People, Page: s.sealedPurposes}}
}

func (s *Service) sealedPurposes(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PagePurposes(ctx, tx, walletdb.PagePurposesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			have, err := db.LockPurpose(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, have.PersonID, sharePlace(r.ID), have.Purpose)
			if err != nil {
				return err
			}
			return db.SetPurpose(ctx, tx, walletdb.SetPurposeParams{ID: r.ID, Purpose: fresh})
		}, r.Head))
	}
	return rows, err
}
