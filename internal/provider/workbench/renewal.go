package workbench

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workbench/internal/workbenchdb"
)

// Columns tells what this module keeps sealed, so that it can be renewed under another key.
func (s *Service) Columns() []encryption.Column {
	return []encryption.Column{{Name: "workbench.note.text", Owner: encryption.People, Page: s.sealedNotes}}
}

// sealedNotes looks through all notes: for whom one is sealed, its application knows. Those for others have no heads.
func (s *Service) sealedNotes(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageNotes(ctx, tx, workbenchdb.PageNotesParams{After: of.AfterID(), Size: of.Limit})
	if err != nil {
		return nil, err
	}
	applications := make([]uuid.UUID, 0, len(found))
	for _, r := range found {
		applications = append(applications, r.ApplicationID)
	}
	people, err := s.deps.Applications.People(ctx, tx, applications...)
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		if people[r.ApplicationID] != of.Person {
			rows = append(rows, encryption.RowOf(r.ID, nil))
			continue
		}
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			text, err := db.LockNote(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Sealer.Reseal(ctx, tx, of.Person, notePlace(r.ID), text)
			if err != nil {
				return err
			}
			return db.SetNoteText(ctx, tx, workbenchdb.SetNoteTextParams{ID: r.ID, Text: fresh})
		}, r.Head))
	}
	return rows, nil
}
