package orchestration

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// The two sides of a conversation about an application.
const (
	citizenSide = "citizen"
	officeSide  = "office"
)

// The bounds of one message: characters, and files that go with it.
const (
	messageWords = 4000
	MessageFiles = 5
)

// Message is what one side wrote to the other about an application.
type Message struct {
	ID     uuid.UUID
	Office bool      // written by the office
	Author uuid.UUID // of the office's side: who of the staff
	Words  string
	Files  []exchange.File
	At     time.Time
	ReadAt *time.Time // by the other side
}

// WriteMessage is what an officer writes to the citizen. ID is the form's, so that a form that is sent twice is one message.
type WriteMessage struct {
	ID    uuid.UUID
	Words string
	Files []document.Upload
}

// Write sends a message to whoever applied. The same message again changes nothing. Permission: orchestration:message in the agency and for
// the area. Errors: ErrUnknown, ErrForbidden, ErrSilent, ErrMessage, ErrMessageFiles; document.ErrTooLarge, ErrType.
func (s *Service) Write(ctx context.Context, tx *pg.Tx, application uuid.UUID, by identity.Principal, in WriteMessage) (err error) {
	defer fault.Wrap(&err, "orchestration.Write(%s)", application)
	app, err := s.Application(ctx, tx, application, by)
	if err != nil {
		return err
	}
	if d := by.Decide(WriteTo, app.Case.Object(), tx.Now); !d.Allowed {
		return by.Refused(d, ErrForbidden.With("permission", WriteTo))
	}
	if owner, err := db.GetMessageOwner(ctx, tx, in.ID); err == nil && owner == app.ID {
		return nil
	} else if err == nil || in.ID == uuid.Nil {
		return ErrUnknown
	} else if !pg.NotFound(err) {
		return err
	}
	if app.Case.Ended {
		return ErrSilent
	}
	m := Message{ID: in.ID, Office: true, Author: by.Account, Words: strings.TrimSpace(in.Words), At: tx.Now}
	if n := utf8.RuneCountInString(m.Words); n == 0 || n > messageWords {
		return ErrMessage.WithFields(fault.Field{Path: "words", Code: ErrMessage.Code, Args: map[string]any{"max": messageWords}})
	}
	if len(in.Files) > MessageFiles {
		return ErrMessageFiles.WithFields(fault.Field{Path: "files", Code: ErrMessageFiles.Code, Args: map[string]any{"max": MessageFiles}})
	}
	for _, u := range in.Files {
		f, err := s.deps.Documents.Take(ctx, tx, document.Store{Person: app.Person, Purpose: "orchestration.message"}, u)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, exchange.File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size})
	}
	if _, err := s.insertMessage(ctx, tx, app, m); err != nil {
		return err
	}
	if err := s.deps.Exchange.SendResponse(ctx, tx, exchange.ServiceResponse{
		RequestID: app.ID, Kind: exchange.Message, Note: m.Words, Message: m.ID, Files: m.Files, At: tx.Now,
	}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "orchestration.write", Object: Subject, ObjectID: app.ID, Person: app.Person,
		Detail: map[string]any{"message": m.ID, "files": len(m.Files), "agency": app.Agency},
	})
}

// Thread returns what the citizen and the office wrote to each other, the first first. Whether the caller may see the application is the
// caller's to decide.
func (s *Service) Thread(ctx context.Context, tx *pg.Tx, app Application) (list []Message, err error) {
	defer fault.Wrap(&err, "orchestration.Thread(%s)", app.ID)
	rows, err := db.ListMessages(ctx, tx, app.ID)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		m := Message{ID: row.ID, Office: row.Side == officeSide, Author: given(row.AuthorID), At: row.At, ReadAt: row.ReadAt}
		if m.Words, m.Files, err = s.openMessage(ctx, tx, app.Person, row); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// ReadThread is Thread, and marks what the citizen wrote as read, of which they are told. Permission: orchestration:message; who reads
// without it (an auditor) leaves no mark. Errors: as Application.
func (s *Service) ReadThread(ctx context.Context, tx *pg.Tx, application uuid.UUID, by identity.Principal) (app Application, list []Message, err error) {
	defer fault.Wrap(&err, "orchestration.ReadThread(%s)", application)
	if app, err = s.Application(ctx, tx, application, by); err != nil {
		return app, nil, err
	}
	if list, err = s.Thread(ctx, tx, app); err != nil || !by.Decide(WriteTo, app.Case.Object(), tx.Now).Allowed {
		return app, list, err
	}
	var last time.Time
	for _, m := range list {
		if !m.Office {
			last = m.At
		}
	}
	n, err := db.SetMessagesRead(ctx, tx, orchestrationdb.SetMessagesReadParams{ApplicationID: app.ID, Side: citizenSide, Until: last, Now: tx.Now})
	if err != nil || n == 0 {
		return app, list, err
	}
	return app, list, s.deps.Exchange.SendResponse(ctx, tx, exchange.ServiceResponse{RequestID: app.ID, Kind: exchange.Seen, At: last})
}

// Unread returns how many messages of the citizen wait to be read, by application. That the caller may see them is the caller's to know.
func (s *Service) Unread(ctx context.Context, tx *pg.Tx, applications ...uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := db.CountUnreadMessages(ctx, tx, orchestrationdb.CountUnreadMessagesParams{ApplicationIds: applications, Side: citizenSide})
	counts := make(map[uuid.UUID]int, len(rows))
	for _, row := range rows {
		counts[row.ApplicationID] = int(row.Unread)
	}
	return counts, err
}

// receiveMessage takes in what the citizen wrote, or that they have read what the office wrote. The files are the citizen's own.
func (s *Service) receiveMessage(ctx context.Context, tx *pg.Tx, app Application, in exchange.ServiceRequest) error {
	if in.Kind == exchange.Seen {
		_, err := db.SetMessagesRead(ctx, tx, orchestrationdb.SetMessagesReadParams{ApplicationID: app.ID, Side: officeSide, Until: in.SubmittedAt, Now: tx.Now})
		return err
	}
	fresh, err := s.insertMessage(ctx, tx, app, Message{ID: in.Message, Words: in.Note, Files: in.Files, At: in.SubmittedAt})
	if err != nil || !fresh || app.Case.Assignee == uuid.Nil {
		return err
	}
	return s.tellHolder(ctx, tx, app, in.Message)
}

// tellHolder tells who has the case that the citizen has written.
func (s *Service) tellHolder(ctx context.Context, tx *pg.Tx, app Application, message uuid.UUID) error {
	link, err := s.deps.People.CaseURL(ctx, tx, app.ID)
	if err != nil {
		return err
	}
	return s.tellColleagues(ctx, tx, []uuid.UUID{app.Case.Assignee}, line{
		purpose: "orchestration.message", about: app.ID, once: message.String(),
		say: func(texts *i18n.Catalog, lang string) (string, string) {
			args := map[string]any{"reference": app.Reference, "link": link + "/messages"}
			return texts.T(lang, "notice.written.subject", args), texts.T(lang, "notice.written.text", args)
		},
	})
}

func (s *Service) insertMessage(ctx context.Context, tx *pg.Tx, app Application, m Message) (fresh bool, err error) {
	p := orchestrationdb.InsertMessageParams{ID: m.ID, ApplicationID: app.ID, Side: citizenSide, At: m.At}
	if m.Office {
		p.Side, p.AuthorID = officeSide, &m.Author
	}
	if p.Words, err = s.deps.Sealer.Seal(ctx, tx, app.Person, messagePlace("words", m.ID), []byte(m.Words)); err != nil {
		return false, err
	}
	if len(m.Files) > 0 {
		plain, err := json.Marshal(m.Files)
		if err != nil {
			return false, err
		}
		if p.Files, err = s.deps.Sealer.Seal(ctx, tx, app.Person, messagePlace("files", m.ID), plain); err != nil {
			return false, err
		}
	}
	n, err := db.InsertMessage(ctx, tx, p)
	return n > 0, err
}

func (s *Service) openMessage(ctx context.Context, tx *pg.Tx, person uuid.UUID, row orchestrationdb.ListMessagesRow) (words string, files []exchange.File, err error) {
	plain, err := s.deps.Sealer.Open(ctx, tx, person, messagePlace("words", row.ID), row.Words)
	if err != nil || row.Files == nil {
		return string(plain), nil, err
	}
	words = string(plain)
	if plain, err = s.deps.Sealer.Open(ctx, tx, person, messagePlace("files", row.ID), row.Files); err != nil {
		return words, nil, err
	}
	return words, files, json.Unmarshal(plain, &files)
}

func messagePlace(column string, row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "orchestration.message", Column: column, Row: row}
}

func (s *Service) sealedMessages(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageMessages(ctx, tx, orchestrationdb.PageMessagesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			m, err := db.LockMessage(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			p := orchestrationdb.SetMessageSealedParams{ID: r.ID}
			if p.Words, err = s.deps.Sealer.Reseal(ctx, tx, m.PersonID, messagePlace("words", r.ID), m.Words); err != nil {
				return err
			}
			if p.Files, err = s.deps.Sealer.Reseal(ctx, tx, m.PersonID, messagePlace("files", r.ID), m.Files); err != nil {
				return err
			}
			return db.SetMessageSealed(ctx, tx, p)
		}, r.Words, r.Files))
	}
	return rows, err
}
