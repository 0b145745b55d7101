package notification

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/notification/internal/notificationdb"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "notification.message.address, subject, text", Owner: encryption.People | encryption.Tenant, Page: s.sealedMessages},
		{Name: "notification.provider.settings", Owner: encryption.Tenant, Page: s.sealedSettings},
	}
}

func (s *Service) sealedMessages(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	var found []notificationdb.PageMessagesOfRow
	if of.Person != uuid.Nil {
		found, err = db.PageMessagesOf(ctx, tx, notificationdb.PageMessagesOfParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	} else {
		var nobodys []notificationdb.PageMessagesOfNobodyRow
		nobodys, err = db.PageMessagesOfNobody(ctx, tx, notificationdb.PageMessagesOfNobodyParams{After: of.AfterID(), Size: of.Limit})
		for _, r := range nobodys {
			found = append(found, notificationdb.PageMessagesOfRow(r))
		}
	}
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.renewMessage(ctx, tx, r.ID) }, r.Address, r.Subject, r.Text))
	}
	return rows, err
}

func (s *Service) renewMessage(ctx context.Context, tx *pg.Tx, message uuid.UUID) error {
	m, err := db.LockMessage(ctx, tx, message)
	if err != nil {
		return err
	}
	p := notificationdb.SetMessageSealedParams{ID: message}
	for _, part := range []struct {
		column string
		sealed []byte
		into   *[]byte
	}{{"address", m.Address, &p.Address}, {"subject", m.Subject, &p.Subject}, {"text", m.Text, &p.Text}} {
		if *part.into, err = s.keys.Reseal(ctx, tx, orZero(m.PersonID), place(part.column, message), part.sealed); err != nil {
			return err
		}
	}
	return db.SetMessageSealed(ctx, tx, p)
}

func (s *Service) sealedSettings(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageProviderSettings(ctx, tx, notificationdb.PageProviderSettingsParams{After: of.After, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.Row{Key: r.Channel, Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			p, err := db.LockProvider(ctx, tx, r.Channel)
			if err != nil {
				return err
			}
			fresh, err := s.keys.Reseal(ctx, tx, uuid.Nil, providerPlace(p.ID), p.Settings)
			if err != nil {
				return err
			}
			return db.SetProviderSettings(ctx, tx, notificationdb.SetProviderSettingsParams{Channel: r.Channel, Settings: fresh})
		}})
	}
	return rows, err
}
