package channel

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/consumer/channel/internal/channeldb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "channel.talk.body", Owner: encryption.People | encryption.Tenant, Page: s.sealedTalks},
		{Name: "channel.talk.number_index", Owner: encryption.Indexed, Fields: []string{numberField}, Page: s.indexedTalks},
		{Name: "channel.heard.body", Owner: encryption.People | encryption.Tenant, Page: s.sealedHeard},
	}
}

func (s *Service) sealedTalks(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	var found []channeldb.PageTalksOfRow
	if of.Person != uuid.Nil {
		found, err = db.PageTalksOf(ctx, tx, channeldb.PageTalksOfParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	} else {
		var nobodys []channeldb.PageTalksOfNobodyRow
		nobodys, err = db.PageTalksOfNobody(ctx, tx, channeldb.PageTalksOfNobodyParams{After: of.AfterID(), Size: of.Limit})
		for _, r := range nobodys {
			found = append(found, channeldb.PageTalksOfRow(r))
		}
	}
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			have, err := db.LockTalk(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, orZero(have.PersonID), talkPlace(r.ID), have.Body)
			if err != nil {
				return err
			}
			return db.SetTalkBody(ctx, tx, channeldb.SetTalkBodyParams{ID: r.ID, Body: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedTalks(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageTalkNumbers(ctx, tx, channeldb.PageTalkNumbersParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			t, err := s.lockTalk(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.BlindIndex(ctx, tx, numberField, t.Number)
			if err != nil {
				return err
			}
			return db.SetTalkNumber(ctx, tx, channeldb.SetTalkNumberParams{ID: r.ID, NumberIndex: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedHeard(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	var found []channeldb.PageHeardOfRow
	if of.Person != uuid.Nil {
		found, err = db.PageHeardOf(ctx, tx, channeldb.PageHeardOfParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	} else {
		var nobodys []channeldb.PageHeardOfNobodyRow
		nobodys, err = db.PageHeardOfNobody(ctx, tx, channeldb.PageHeardOfNobodyParams{After: of.AfterID(), Size: of.Limit})
		for _, r := range nobodys {
			found = append(found, channeldb.PageHeardOfRow(r))
		}
	}
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			have, err := db.LockHeard(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, orZero(have.PersonID), heardPlace(r.ID), have.Body)
			if err != nil {
				return err
			}
			return db.SetHeardBody(ctx, tx, channeldb.SetHeardBodyParams{ID: r.ID, Body: fresh})
		}, r.Head))
	}
	return rows, err
}

// Forget takes away the conversations of a person; encryption calls it before the person's key goes.
func (s *Service) Forget(ctx context.Context, tx *pg.Tx, person uuid.UUID) error {
	return db.DeleteTalksOf(ctx, tx, person)
}
