package payment

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/payment/internal/paymentdb"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "payment.demand.payer_name", Owner: encryption.People | encryption.Tenant, Page: s.sealedNames},
		{Name: "payment.collection.detail", Owner: encryption.People, Page: s.sealedDetails},
		{Name: "payment.gateway.settings", Owner: encryption.Tenant, Page: s.sealedSettings},
	}
}

func (s *Service) sealedNames(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PagePayerNames(ctx, tx, paymentdb.PagePayerNamesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			d, err := db.LockDemand(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, d.PayerID, payerPlace(d.ID), d.PayerName)
			if err != nil {
				return err
			}
			return db.SetPayerName(ctx, tx, paymentdb.SetPayerNameParams{ID: d.ID, PayerName: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedSettings(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageGatewaySettings(ctx, tx, paymentdb.PageGatewaySettingsParams{After: of.After, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.Row{Key: r.Code, Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			g, err := db.LockGateway(ctx, tx, r.Code)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, uuid.Nil, settingsPlace(g.ID), g.Settings)
			if err != nil {
				return err
			}
			return db.SetGatewaySettings(ctx, tx, paymentdb.SetGatewaySettingsParams{Code: r.Code, Settings: fresh})
		}})
	}
	return rows, err
}

func (s *Service) sealedDetails(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageCollectionDetails(ctx, tx, paymentdb.PageCollectionDetailsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := db.LockCollection(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, of.Person, detailPlace(r.ID), c.Detail)
			if err != nil {
				return err
			}
			return db.SetCollectionDetail(ctx, tx, paymentdb.SetCollectionDetailParams{ID: r.ID, Detail: fresh})
		}, r.Head))
	}
	return rows, err
}
