package notification

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/notification/internal/notificationdb"
	"digit/internal/infra/platform/pg"
)

// instead sends a message that was not carried by its other way, where it has one, and notes which went. It is asked with the failure, in the
// same transaction, and once.
func (s *Service) instead(ctx context.Context, tx *pg.Tx, message uuid.UUID) error {
	m, err := db.LockInstead(ctx, tx, message)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	person := orZero(m.PersonID)
	address, err := s.keys.Open(ctx, tx, person, place("address", message), m.Address)
	if err != nil {
		return err
	}
	text, err := s.keys.Open(ctx, tx, person, place("text", message), m.Text)
	if err != nil {
		return err
	}
	other := Message{Person: person, Channel: m.InsteadChannel, Address: string(address), Text: string(text), Lang: m.Lang, Purpose: m.Purpose, Related: orZero(m.RelatedID)}
	if m.InsteadOnce != nil {
		other.Once = *m.InsteadOnce
	}
	sent, err := s.Send(ctx, tx, other)
	if err != nil {
		return err
	}
	return db.SetInstead(ctx, tx, notificationdb.SetInsteadParams{ID: message, InsteadID: &sent})
}
