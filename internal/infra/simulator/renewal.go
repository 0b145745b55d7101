package simulator

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/simulator/internal/simulatordb"
)

// Columns tells what this module keeps sealed or indexed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "simulator.message.address, subject, text", Owner: encryption.Tenant, Page: s.sealedMessages},
		{Name: "simulator.message.address_index", Owner: encryption.Indexed, Fields: []string{addressField}, Page: s.indexedMessages},
		{Name: "simulator.media.content", Owner: encryption.Tenant, Page: s.sealedMedia},
		{Name: "simulator.person.claims", Owner: encryption.Tenant, Page: s.sealedPeople},
		{Name: "simulator.foreign_case.request, answer", Owner: encryption.Tenant, Page: s.sealedCases},
		{Name: "simulator.secret.secret", Owner: encryption.Tenant, Page: s.sealedSecrets},
	}
}

func (s *Service) sealedMessages(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageMessages(ctx, tx, simulatordb.PageMessagesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.renewMessage(ctx, tx, r.ID) }, r.Address, r.Subject, r.Text))
	}
	return rows, err
}

func (s *Service) indexedMessages(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageMessages(ctx, tx, simulatordb.PageMessagesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error { return s.renewMessage(ctx, tx, r.ID) }, r.AddressIndex))
	}
	return rows, err
}

// renewMessage writes a message as a whole, what is sealed and the index.
func (s *Service) renewMessage(ctx context.Context, tx *pg.Tx, message uuid.UUID) error {
	m, err := db.LockMessage(ctx, tx, message)
	if err != nil {
		return err
	}
	to, err := s.open(ctx, tx, "message", "address", message, m.Address)
	if err != nil {
		return err
	}
	p := simulatordb.SetMessageSealedParams{ID: message}
	if p.AddressIndex, err = s.keys.BlindIndex(ctx, tx, addressField, string(to)); err != nil {
		return err
	}
	if p.Address, err = s.reseal(ctx, tx, "message", "address", message, m.Address); err != nil {
		return err
	}
	if p.Subject, err = s.reseal(ctx, tx, "message", "subject", message, m.Subject); err != nil {
		return err
	}
	if p.Text, err = s.reseal(ctx, tx, "message", "text", message, m.Text); err != nil {
		return err
	}
	return db.SetMessageSealed(ctx, tx, p)
}

func (s *Service) sealedPeople(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PagePeople(ctx, tx, simulatordb.PagePeopleParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			sealed, err := db.LockClaims(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.reseal(ctx, tx, "person", "claims", r.ID, sealed)
			if err != nil {
				return err
			}
			return db.SetClaims(ctx, tx, simulatordb.SetClaimsParams{ID: r.ID, Claims: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedCases(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageCases(ctx, tx, simulatordb.PageCasesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			c, err := db.LockCase(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			p := simulatordb.SetCaseSealedParams{ID: r.ID}
			if p.Request, err = s.reseal(ctx, tx, "foreign_case", "request", r.ID, c.Request); err != nil {
				return err
			}
			if p.Answer, err = s.reseal(ctx, tx, "foreign_case", "answer", r.ID, c.Answer); err != nil {
				return err
			}
			return db.SetCaseSealed(ctx, tx, p)
		}, r.Request, r.Answer))
	}
	return rows, err
}

func (s *Service) sealedSecrets(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageSecrets(ctx, tx, simulatordb.PageSecretsParams{After: of.After, Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.Row{Key: r.Purpose, Heads: [][]byte{r.Head}, Renew: func(ctx context.Context, tx *pg.Tx) error {
			have, err := db.LockSecret(ctx, tx, r.Purpose)
			if err != nil {
				return err
			}
			fresh, err := s.reseal(ctx, tx, "secret", "secret", have.ID, have.Secret)
			if err != nil {
				return err
			}
			return db.SetSecret(ctx, tx, simulatordb.SetSecretParams{Purpose: r.Purpose, Secret: fresh})
		}})
	}
	return rows, err
}
