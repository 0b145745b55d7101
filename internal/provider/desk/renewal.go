package desk

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/desk/internal/deskdb"
)

// Columns tells what this module keeps sealed or indexed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "desk.person.card", Owner: encryption.People, Page: s.sealedCards},
		{Name: "desk.call.text", Owner: encryption.People, Page: s.sealedCalls},
		{Name: "desk.person_token.token", Owner: encryption.Indexed, Fields: []string{idField, phoneField, emailField, bornField}, Page: s.indexedCards},
	}
}

func (s *Service) sealedCards(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageCards(ctx, tx, deskdb.PageCardsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			card, err := db.LockCard(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, r.AccountID, cardPlace(r.AccountID), card)
			if err != nil {
				return err
			}
			return db.SetCard(ctx, tx, deskdb.SetCardParams{AccountID: r.AccountID, Card: fresh})
		}, r.Head))
	}
	return rows, err
}

// indexedCards renews all indexes of a card at once: they stand under one key.
func (s *Service) indexedCards(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageTokens(ctx, tx, deskdb.PageTokensParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.AccountID, func(ctx context.Context, tx *pg.Tx) error {
			sealed, err := db.LockCard(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			card, err := s.openCard(ctx, tx, r.AccountID, sealed)
			if err != nil {
				return err
			}
			name, err := s.deps.People.Name(ctx, tx, r.AccountID)
			if err != nil {
				return err
			}
			return s.index(ctx, tx, r.AccountID, name, card)
		}, r.Head))
	}
	return rows, err
}

// Forget takes away what counters know of a person; encryption calls it before the person's key goes.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	return db.DeletePerson(ctx, tx, person)
}
