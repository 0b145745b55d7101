package request

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/consumer/request/internal/requestdb"
	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// The two sides of a conversation about a request.
const (
	Citizen = "citizen"
	Office  = "office"
)

// MessageFiles is how many files go with one message.
const MessageFiles = 5

// Message is what one side wrote to the other about a request.
type Message struct {
	ID     uuid.UUID
	Side   string    // Citizen or Office
	Author uuid.UUID // of the citizen's side: the account that wrote, theirs or who acts for them
	Words  string
	Files  []exchange.File
	At     time.Time
	ReadAt *time.Time // by the other side
}

// WriteMessage is what the citizen writes to the office. ID is the form's, so that a form that is sent twice is one message.
type WriteMessage struct {
	ID    uuid.UUID
	Words string
	Files []document.Upload
}

// Converses reports whether the person and the office can write to each other now: once the office has the request, until it is closed.
func (s *Service) Converses(ctx context.Context, tx *pg.Tx, r Request) (bool, error) {
	if r.State == "" || r.Status != Submitted && r.Status != Correction {
		return false, nil
	}
	return s.deps.Exchange.Converses(ctx, tx, r.Service)
}

// Write sends a message to the office that works on the request. The same message again changes nothing.
// Errors: ErrNotFound, ErrSilent, ErrWords, ErrTooManyFiles; document.ErrTooLarge, ErrType.
func (s *Service) Write(ctx context.Context, tx *pg.Tx, person, request uuid.UUID, in WriteMessage) (err error) {
	defer fault.Wrap(&err, "request.Write(%s)", request)
	r, err := s.load(ctx, tx, person, request, true)
	if err != nil {
		return err
	}
	if owner, err := db.GetMessageOwner(ctx, tx, in.ID); err == nil && owner == r.ID {
		return nil
	} else if err == nil || in.ID == uuid.Nil {
		return ErrNotFound
	} else if !pg.NotFound(err) {
		return err
	}
	open, err := s.Converses(ctx, tx, r)
	if err != nil {
		return err
	}
	if !open {
		return ErrSilent
	}
	m := Message{ID: in.ID, Side: Citizen, Author: tx.Actor.ID, Words: strings.TrimSpace(in.Words), At: tx.Now}
	if n := utf8.RuneCountInString(m.Words); n == 0 || n > wordsMost {
		return ErrWords.WithFields(fault.Field{Path: "words", Code: ErrWords.Code, Args: map[string]any{"max": wordsMost}})
	}
	if len(in.Files) > MessageFiles {
		return ErrTooManyFiles.WithFields(fault.Field{Path: "files", Code: ErrTooManyFiles.Code, Args: map[string]any{"max": MessageFiles}})
	}
	for _, u := range in.Files {
		f, err := s.deps.Documents.Take(ctx, tx, document.Store{Person: person, Purpose: "request.message"}, u)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, exchange.File{ID: f.ID, Name: f.Name, MediaType: f.MediaType, Size: f.Size})
	}
	if err := s.insertMessage(ctx, tx, r, m); err != nil {
		return err
	}
	if err := s.deps.Exchange.SendRequest(ctx, tx, exchange.ServiceRequest{
		ID: r.ID, Kind: exchange.Message, Reference: r.Reference, Service: r.Service, Version: r.Version, Person: r.Person, Lang: r.Lang,
		Note: m.Words, Message: m.ID, Files: m.Files, SubmittedAt: tx.Now,
	}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "request.write", Object: "request.request", ObjectID: r.ID, Person: person, Detail: map[string]any{"message": m.ID, "files": len(m.Files)},
	})
}

// Thread returns what the person and the office wrote to each other, the first first. Whether the caller may see the request is decided by
// who asks for it: r comes from Request.
func (s *Service) Thread(ctx context.Context, tx *pg.Tx, r Request) (list []Message, err error) {
	defer fault.Wrap(&err, "request.Thread(%s)", r.ID)
	rows, err := db.ListMessages(ctx, tx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		m := Message{ID: row.ID, Side: row.Side, At: row.At, ReadAt: row.ReadAt}
		if row.AuthorID != nil {
			m.Author = *row.AuthorID
		}
		if m.Words, m.Files, err = s.openMessage(ctx, tx, r.Person, row); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// ReadThread is Thread, and marks what the office wrote as read, of which the office is told. Errors: ErrNotFound.
func (s *Service) ReadThread(ctx context.Context, tx *pg.Tx, person, request uuid.UUID) (list []Message, err error) {
	defer fault.Wrap(&err, "request.ReadThread(%s)", request)
	r, err := s.load(ctx, tx, person, request, false)
	if err != nil {
		return nil, err
	}
	if list, err = s.Thread(ctx, tx, r); err != nil {
		return nil, err
	}
	var last time.Time
	for _, m := range list {
		if m.Side == Office {
			last = m.At
		}
	}
	n, err := db.SetMessagesRead(ctx, tx, requestdb.SetMessagesReadParams{RequestID: r.ID, Side: Office, Until: last, Now: tx.Now})
	if err != nil || n == 0 {
		return list, err
	}
	return list, s.deps.Exchange.SendRequest(ctx, tx, exchange.ServiceRequest{
		ID: r.ID, Kind: exchange.Seen, Reference: r.Reference, Service: r.Service, Version: r.Version, Person: r.Person, SubmittedAt: last,
	})
}

// Unread returns how many messages of the office wait to be read, by request. Whose requests they are is the caller's to know.
func (s *Service) Unread(ctx context.Context, tx *pg.Tx, requests ...uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := db.CountUnreadMessages(ctx, tx, requestdb.CountUnreadMessagesParams{RequestIds: requests, Side: Office})
	counts := make(map[uuid.UUID]int, len(rows))
	for _, row := range rows {
		counts[row.RequestID] = int(row.Unread)
	}
	return counts, err
}

// receiveMessage takes in what the office wrote, or that it has read what the person wrote.
func (s *Service) receiveMessage(ctx context.Context, tx *pg.Tx, r Request, in exchange.ServiceResponse) error {
	if in.Kind == exchange.Seen {
		_, err := db.SetMessagesRead(ctx, tx, requestdb.SetMessagesReadParams{RequestID: r.ID, Side: Citizen, Until: in.At, Now: tx.Now})
		return err
	}
	if err := s.insertMessage(ctx, tx, r, Message{ID: in.Message, Side: Office, Words: in.Note, Files: in.Files, At: in.At}); err != nil {
		return err
	}
	return s.tell(ctx, tx, r, "message", in.Message.String())
}

func (s *Service) insertMessage(ctx context.Context, tx *pg.Tx, r Request, m Message) (err error) {
	p := requestdb.InsertMessageParams{ID: m.ID, RequestID: r.ID, Side: m.Side, At: m.At}
	if m.Author != uuid.Nil {
		p.AuthorID = &m.Author
	}
	if p.Words, err = s.deps.Encryption.SealString(ctx, tx, r.Person, messagePlace("words", m.ID), m.Words); err != nil {
		return err
	}
	if len(m.Files) > 0 {
		if p.Files, err = s.deps.Encryption.SealJSON(ctx, tx, r.Person, messagePlace("files", m.ID), m.Files); err != nil {
			return err
		}
	}
	_, err = db.InsertMessage(ctx, tx, p)
	return err
}

func (s *Service) openMessage(ctx context.Context, tx *pg.Tx, person uuid.UUID, row requestdb.ListMessagesRow) (words string, files []exchange.File, err error) {
	if words, err = s.deps.Encryption.OpenString(ctx, tx, person, messagePlace("words", row.ID), row.Words); err != nil || row.Files == nil {
		return words, nil, err
	}
	plain, err := s.deps.Encryption.Open(ctx, tx, person, messagePlace("files", row.ID), row.Files)
	if err != nil {
		return words, nil, err
	}
	return words, files, json.Unmarshal(plain, &files)
}

func messagePlace(column string, row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "request.message", Column: column, Row: row}
}

func (s *Service) sealedMessages(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageMessages(ctx, tx, requestdb.PageMessagesParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			m, err := db.LockMessage(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			p := requestdb.SetMessageSealedParams{ID: r.ID}
			if p.Words, err = s.deps.Encryption.Reseal(ctx, tx, m.PersonID, messagePlace("words", r.ID), m.Words); err != nil {
				return err
			}
			if p.Files, err = s.deps.Encryption.Reseal(ctx, tx, m.PersonID, messagePlace("files", r.ID), m.Files); err != nil {
				return err
			}
			return db.SetMessageSealed(ctx, tx, p)
		}, r.Words, r.Files))
	}
	return rows, err
}
