package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/desk/internal/deskdb"
)

// Ways in which somebody asked, and what came of it.
var (
	Ways     = []string{"phone_in", "phone_out", "counter"}
	Outcomes = []string{"answered", "follow_up", "not_reached"}
)

// Call is a note of what somebody asked, by telephone or at the counter.
type Call struct {
	ID        uuid.UUID
	Person    uuid.UUID
	Way       string // of Ways
	Outcome   string // of Outcomes
	Reference string // of the application it was about, "" for none
	Text      string
	By        uuid.UUID
	At        time.Time
}

// callMax is how long a note may be.
const callMax = 2000

// NoteCall writes down what somebody asked. Permission: desk:use at the office. Errors: ErrForbidden, ErrCall with its fields,
// identity.ErrNotPerson.
func (s *Service) NoteCall(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, c Call) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "desk.NoteCall(%s)", c.Person)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return uuid.Nil, err
	}
	if _, err := s.deps.People.Visitor(ctx, tx, c.Person); err != nil {
		return uuid.Nil, err
	}
	var wrong []fault.Field
	if !slices.Contains(Ways, c.Way) {
		wrong = append(wrong, fault.Field{Path: "way", Code: "desk.call_way"})
	}
	if !slices.Contains(Outcomes, c.Outcome) {
		wrong = append(wrong, fault.Field{Path: "outcome", Code: "desk.call_outcome"})
	}
	c.Text, c.Reference = strings.TrimSpace(c.Text), strings.ToUpper(strings.TrimSpace(c.Reference))
	if n := utf8.RuneCountInString(c.Text); n == 0 || n > callMax {
		wrong = append(wrong, fault.Field{Path: "text", Code: "desk.call_text", Args: map[string]any{"max": callMax}})
	}
	if utf8.RuneCountInString(c.Reference) > idMax {
		wrong = append(wrong, fault.Field{Path: "reference", Code: "desk.call_reference"})
	}
	if wrong != nil {
		return uuid.Nil, ErrCall.WithFields(wrong...)
	}
	c.ID = id.New()
	sealed, err := s.deps.Encryption.SealString(ctx, tx, c.Person, callPlace(c.ID), c.Text)
	if err != nil {
		return uuid.Nil, err
	}
	err = db.InsertCall(ctx, tx, deskdb.InsertCallParams{
		ID: c.ID, Agency: at.Agency, Office: at.Office, PersonID: c.Person, Way: c.Way, Outcome: c.Outcome, Reference: c.Reference, Text: sealed, ByID: tx.Actor.ID, At: tx.Now,
	})
	if err != nil {
		return uuid.Nil, err
	}
	return c.ID, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.call.note", Object: "desk.call", ObjectID: c.ID, Person: c.Person, Detail: map[string]any{"way": c.Way, "outcome": c.Outcome},
	})
}

// Calls lists notes, the newest first: of a person, wherever they asked, or of the office where person is uuid.Nil; outcome "" for
// all. The look is on record. Permission: desk:use at the office. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) Calls(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, person uuid.UUID, outcome string, r page.Request) (p page.Page[Call], err error) {
	defer fault.Wrap(&err, "desk.Calls")
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := db.ListCalls(ctx, tx, deskdb.ListCallsParams{
		Person: orNil(person), Agency: at.Agency, Office: at.Office, Outcome: outcome, Before: orNil(before), Size: int32(r.Limit() + 1),
	})
	if err != nil {
		return p, err
	}
	list, ids := make([]Call, 0, len(rows)), make([]uuid.UUID, 0, len(rows))
	for _, row := range rows {
		c := Call{ID: row.ID, Person: row.PersonID, Way: row.Way, Outcome: row.Outcome, Reference: row.Reference, By: row.ByID, At: row.At}
		c.Text, err = s.deps.Encryption.OpenString(ctx, tx, c.Person, callPlace(c.ID), row.Text)
		if err != nil && !errors.Is(err, encryption.ErrForgotten) { // that somebody asked stays, what does not
			return p, err
		}
		list, ids = append(list, c), append(ids, c.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "desk.call.list", Object: "desk.call", Person: person}, ids...)
	return page.Of(r, list, func(c Call) []string { return []string{c.ID.String()} }), nil
}

func callPlace(call uuid.UUID) encryption.Place {
	return encryption.Place{Table: "desk.call", Column: "text", Row: call}
}

func (s *Service) sealedCalls(ctx context.Context, tx *pg.Tx, of encryption.Span) (rows []encryption.Row, err error) {
	found, err := db.PageCalls(ctx, tx, deskdb.PageCallsParams{Person: of.Person, After: of.AfterID(), Size: of.Limit})
	for _, r := range found {
		rows = append(rows, encryption.RowOf(r.ID, func(ctx context.Context, tx *pg.Tx) error {
			text, err := db.LockCall(ctx, tx, r.ID)
			if err != nil {
				return err
			}
			fresh, err := s.deps.Encryption.Reseal(ctx, tx, of.Person, callPlace(r.ID), text)
			if err != nil {
				return err
			}
			return db.SetCall(ctx, tx, deskdb.SetCallParams{ID: r.ID, Text: fresh})
		}, r.Head))
	}
	return rows, err
}
