package workbench

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
)

var db = workbenchdb.New()

// maxNote is the length of a note in characters.
const maxNote = 4000

// Note is what a colleague wrote about a case, for colleagues.
type Note struct {
	ID         uuid.UUID
	Author     uuid.UUID
	AuthorName string
	Text       string
	At         time.Time
}

// Note writes a note about a case. Permission: workbench:use and orchestration:read for the case. Errors: ErrForbidden,
// ErrNote, orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) Note(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID, text string) (note uuid.UUID, err error) {
	defer fault.Wrap(&err, "workbench.Note(%s)", application)
	if err := authorise(tx, by); err != nil {
		return note, err
	}
	app, err := s.deps.Applications.Application(ctx, tx, application, by)
	if err != nil {
		return note, err
	}
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n == 0 || n > maxNote {
		return note, ErrNote.WithFields(fault.Field{Path: "note", Code: ErrNote.Code})
	}
	note = id.New()
	sealed, err := s.deps.Sealer.Seal(ctx, tx, app.Person, notePlace(note), []byte(text))
	if err != nil {
		return note, err
	}
	if err := db.InsertNote(ctx, tx, workbenchdb.InsertNoteParams{
		ID: note, ApplicationID: app.ID, AuthorID: by.Account, Text: sealed, WrittenAt: tx.Now,
	}); err != nil {
		return note, err
	}
	return note, audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.note", Object: "workbench.note", ObjectID: note, Person: app.Person,
		Detail: map[string]any{"application": app.ID.String(), "agency": app.Agency},
	})
}

// TakeAlong puts on record that somebody takes a case along as a file, with the notes between colleagues or without. Permission: workbench:use and
// orchestration:read for the case. Errors: ErrForbidden, orchestration.ErrUnknown, orchestration.ErrForbidden.
func (s *Service) TakeAlong(ctx context.Context, tx *pg.Tx, by identity.Principal, application uuid.UUID, notes bool) (err error) {
	defer fault.Wrap(&err, "workbench.TakeAlong(%s)", application)
	if err := authorise(tx, by); err != nil {
		return err
	}
	app, err := s.deps.Applications.Application(ctx, tx, application, by)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "workbench.take_along", Object: orchestration.Subject, ObjectID: app.ID, Person: app.Person,
		Detail: map[string]any{"notes": notes, "agency": app.Agency, "service": app.Service},
	})
}

func (s *Service) notes(ctx context.Context, tx *pg.Tx, app orchestration.Application, staff *names) ([]Note, error) {
	rows, err := db.ListNotes(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	list := make([]Note, 0, len(rows))
	for _, r := range rows {
		plain, err := s.deps.Sealer.Open(ctx, tx, app.Person, notePlace(r.ID), r.Text)
		if err != nil {
			return nil, err
		}
		n := Note{ID: r.ID, Author: r.AuthorID, Text: string(plain), At: r.WrittenAt}
		if n.AuthorName, err = staff.of(ctx, tx, r.AuthorID); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

func notePlace(note uuid.UUID) encryption.Place {
	return encryption.Place{Table: "workbench.note", Column: "text", Row: note}
}
