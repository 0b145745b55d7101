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
	return []encryption.Column{
		{Name: "workbench.note.text", Owner: encryption.People, Page: s.sealedNotes},
		{Name: "workbench.handover.reason", Owner: encryption.People, Page: s.sealedReasons},
		{Name: "workbench.verdict.reason", Owner: encryption.People, Page: s.sealedVerdicts},
		{Name: "workbench.twin.reason", Owner: encryption.People, Page: s.sealedTwins},
		{Name: "workbench.bulk.comment", Owner: encryption.Tenant, Page: s.sealedComments},
	}
}

// written is what a colleague wrote about a case: for whom it is sealed, its application knows.
type written struct {
	id, application uuid.UUID
	head            []byte
	place           encryption.Place
	lock            func(ctx context.Context, tx *pg.Tx) ([]byte, error)
	set             func(ctx context.Context, tx *pg.Tx, fresh []byte) error
}

// sealedNotes looks through all notes. Those for others have no heads.
func (s *Service) sealedNotes(ctx context.Context, tx *pg.Tx, of encryption.Span) ([]encryption.Row, error) {
	found, err := db.PageNotes(ctx, tx, workbenchdb.PageNotesParams{After: of.AfterID(), Size: of.Limit})
	if err != nil {
		return nil, err
	}
	var all []written
	for _, r := range found {
		all = append(all, written{
			r.ID, r.ApplicationID, r.Head, notePlace(r.ID),
			func(ctx context.Context, tx *pg.Tx) ([]byte, error) { return db.LockNote(ctx, tx, r.ID) },
			func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return db.SetNoteText(ctx, tx, workbenchdb.SetNoteTextParams{ID: r.ID, Text: fresh})
			},
		})
	}
	return s.ofPerson(ctx, tx, of.Person, all)
}

// sealedReasons looks through the reasons of hand-overs in the same way.
func (s *Service) sealedReasons(ctx context.Context, tx *pg.Tx, of encryption.Span) ([]encryption.Row, error) {
	found, err := db.PageHandovers(ctx, tx, workbenchdb.PageHandoversParams{After: of.AfterID(), Size: of.Limit})
	if err != nil {
		return nil, err
	}
	var all []written
	for _, r := range found {
		all = append(all, written{
			r.ID, r.ApplicationID, r.Head, handoverPlace(r.ID),
			func(ctx context.Context, tx *pg.Tx) ([]byte, error) { return db.LockHandover(ctx, tx, r.ID) },
			func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return db.SetHandoverReason(ctx, tx, workbenchdb.SetHandoverReasonParams{ID: r.ID, Reason: fresh})
			},
		})
	}
	return s.ofPerson(ctx, tx, of.Person, all)
}

// sealedVerdicts looks through what was found about answers in the same way.
func (s *Service) sealedVerdicts(ctx context.Context, tx *pg.Tx, of encryption.Span) ([]encryption.Row, error) {
	found, err := db.PageVerdicts(ctx, tx, workbenchdb.PageVerdictsParams{After: of.AfterID(), Size: of.Limit})
	if err != nil {
		return nil, err
	}
	var all []written
	for _, r := range found {
		all = append(all, written{
			r.ID, r.ApplicationID, r.Head, verdictPlace(r.ID),
			func(ctx context.Context, tx *pg.Tx) ([]byte, error) { return db.LockVerdict(ctx, tx, r.ID) },
			func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return db.SetVerdictReason(ctx, tx, workbenchdb.SetVerdictReasonParams{ID: r.ID, Reason: fresh})
			},
		})
	}
	return s.ofPerson(ctx, tx, of.Person, all)
}

// sealedTwins looks through what was said about two applications in the same way.
func (s *Service) sealedTwins(ctx context.Context, tx *pg.Tx, of encryption.Span) ([]encryption.Row, error) {
	found, err := db.PageTwins(ctx, tx, workbenchdb.PageTwinsParams{After: of.AfterID(), Size: of.Limit})
	if err != nil {
		return nil, err
	}
	var all []written
	for _, r := range found {
		all = append(all, written{
			r.ID, r.FirstID, r.Head, twinPlace(r.ID),
			func(ctx context.Context, tx *pg.Tx) ([]byte, error) { return db.LockTwin(ctx, tx, r.ID) },
			func(ctx context.Context, tx *pg.Tx, fresh []byte) error {
				return db.SetTwinReason(ctx, tx, workbenchdb.SetTwinReasonParams{ID: r.ID, Reason: fresh})
			},
		})
	}
	return s.ofPerson(ctx, tx, of.Person, all)
}

// ofPerson are the rows of what was written about cases; what is sealed for others has no heads.
func (s *Service) ofPerson(ctx context.Context, tx *pg.Tx, person uuid.UUID, all []written) (rows []encryption.Row, err error) {
	applications := make([]uuid.UUID, 0, len(all))
	for _, w := range all {
		applications = append(applications, w.application)
	}
	people, err := s.deps.Applications.People(ctx, tx, applications...)
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		if people[w.application] != person {
			rows = append(rows, encryption.RowOf(w.id, nil))
			continue
		}
		rows = append(rows, encryption.RowOf(w.id, func(ctx context.Context, tx *pg.Tx) error {
			sealed, err := w.lock(ctx, tx)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Sealer.Reseal(ctx, tx, person, w.place, sealed)
			if err != nil {
				return err
			}
			return w.set(ctx, tx, fresh)
		}, w.head))
	}
	return rows, nil
}

func (s *Service) sealedComments(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageBulkComments(ctx, tx, workbenchdb.PageBulkCommentsParams{After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			b, err := db.LockBulk(ctx, tx, r.ID)
			if err != nil || b.Comment == nil { // it is done by now, and nothing is kept
				return err
			}
			fresh, err := s.deps.Sealer.Reseal(ctx, tx, uuid.Nil, bulkPlace(r.ID), b.Comment)
			if err != nil {
				return err
			}
			return db.SetBulkComment(ctx, tx, workbenchdb.SetBulkCommentParams{ID: r.ID, Comment: fresh})
		}, r.Head))
	}
	return rows, err
}
