package request

import (
	"context"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{
		{Name: "request.request.answers, note, found", Owner: encryption.People, Page: s.sealedRequests},
		{Name: "request.entry.note", Owner: encryption.People, Page: s.sealedEntries},
		{Name: "request.message.words, files", Owner: encryption.People, Page: s.sealedMessages},
		{Name: "request.rating.words", Owner: encryption.People, Page: s.sealedRatings},
		{Name: "request.key.body", Owner: encryption.People, Page: s.sealedKeys},
		{Name: "request.key.key", Owner: encryption.Indexed, Fields: []string{keyField}, Page: s.indexedKeys},
	}
}

func (s *Service) sealedRequests(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageRequests(ctx, tx, requestdb.PageRequestsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			have, err := db.LockSealed(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			p := requestdb.SetSealedParams{ID: r.ID}
			if p.Answers, err = s.deps.Encryption.Reseal(ctx, tx, have.PersonID, place("answers", r.ID), have.Answers); err != nil {
				return err
			}
			if p.Note, err = s.deps.Encryption.Reseal(ctx, tx, have.PersonID, place("note", r.ID), have.Note); err != nil {
				return err
			}
			if p.Found, err = s.deps.Encryption.Reseal(ctx, tx, have.PersonID, place("found", r.ID), have.Found); err != nil {
				return err
			}
			return db.SetSealed(ctx, tx, p)
		}, r.Answers, r.Note, r.Found))
	}
	return rows, err
}

func (s *Service) sealedEntries(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageEntries(ctx, tx, requestdb.PageEntriesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			e, err := db.LockEntry(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, e.PersonID, entryPlace(r.ID), e.Note)
			if err != nil {
				return err
			}
			return db.SetEntryNote(ctx, tx, requestdb.SetEntryNoteParams{ID: r.ID, Note: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) sealedKeys(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageKeys(ctx, tx, requestdb.PageKeysParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			k, err := db.LockKey(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, k.PersonID, keyPlace(r.ID), k.Body)
			if err != nil {
				return err
			}
			return db.SetKeyBody(ctx, tx, requestdb.SetKeyBodyParams{ID: r.ID, Body: fresh})
		}, r.Head))
	}
	return rows, err
}

func (s *Service) indexedKeys(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageKeyIndexes(ctx, tx, requestdb.PageKeyIndexesParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			k, err := db.LockKey(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			_, key, err := s.openKey(ctx, tx, k.PersonID, r.ID, k.Body)
			if err != nil {
				return err
			}
			indexes, err := s.keyIndexes(ctx, tx, k.PersonID, key)
			if err != nil {
				return err
			}
			return db.SetKeyIndex(ctx, tx, requestdb.SetKeyIndexParams{ID: r.ID, Key: indexes[0]})
		}, r.Head))
	}
	return rows, err
}
