package exchange

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange/internal/exchangedb"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "exchange.message.payload", Owner: encryption.People | encryption.Tenant, Page: s.sealedPayloads},
		{Name: "exchange.route.key", Owner: encryption.Tenant, Page: s.sealedKeys},
	}
}

func (s *Service) sealedPayloads(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PagePayloads(ctx, tx, exchangedb.PagePayloadsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			m, err := db.LockPayload(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, m.PersonID, place(r.ID), m.Payload)
			if err != nil {
				return err
			}
			return db.SetPayload(ctx, tx, exchangedb.SetPayloadParams{ID: r.ID, Payload: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedKeys(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageRouteKeys(ctx, tx, exchangedb.PageRouteKeysParams{After: of.After, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.Row{Key: r.Service, Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			route, err := db.LockRouteKey(ctx, tx, r.Service)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, uuid.Nil, keyPlace(route.KeyID), route.Key)
			if err != nil {
				return err
			}
			return db.SetRouteKey(ctx, tx, exchangedb.SetRouteKeyParams{Service: r.Service, Key: fresh})
		}})
	}
	return rows, err
}
