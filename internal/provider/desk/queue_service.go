package desk

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/desk/internal/deskdb"
)

// PutTopic opens a topic of an office, changes it, or closes it. Permission: desk:supervise at the office. Errors: ErrForbidden,
// ErrTopic with its fields.
func (s *Service) PutTopic(ctx context.Context, tx *pg.Tx, by identity.Principal, t Topic) (err error) {
	defer fault.Wrap(&err, "desk.PutTopic(%s)", t.Code)
	if err := s.authorise(ctx, tx, by, Supervise, t.Place); err != nil {
		return err
	}
	if wrong := t.check(); wrong != nil {
		return ErrTopic.WithFields(wrong...)
	}
	if err := putTopic(ctx, tx, t); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Action: "desk.topic.put", Object: "desk.topic", Detail: map[string]any{"agency": t.Place.Agency, "office": t.Place.Office, "topic": t.Code, "active": t.Active},
	})
}

// Topics lists the topics of an office, closed ones too; they are public.
func (s *Service) Topics(ctx context.Context, tx *pg.Tx, at Place) (list []Topic, err error) {
	defer fault.Wrap(&err, "desk.Topics(%s)", at.label())
	return topics(ctx, tx, at)
}

// today is the day at the tenant's offices.
func (s *Service) today(ctx context.Context, tx *pg.Tx) (civil.Date, error) {
	set, err := s.deps.Settings.Settings(ctx, tx)
	return civil.Of(tx.Now.In(set.Location())), err
}

// TakeTicket gives somebody a token. Anybody may take one. That it was taken is on record, by whom is not. Errors: ErrNoTopic.
func (s *Service) TakeTicket(ctx context.Context, tx *pg.Tx, at Place, topic string) (t Ticket, err error) {
	defer fault.Wrap(&err, "desk.TakeTicket(%s, %s)", at.label(), topic)
	if t, err = s.ticket(ctx, tx, at, topic, uuid.Nil); err != nil {
		return t, err
	}
	return t, recordTicket(ctx, tx, "desk.ticket.take", t, true)
}

// recordTicket puts on record what was done with a token; nameless where whoever did it is not to be known.
func recordTicket(ctx context.Context, tx *pg.Tx, action string, t Ticket, nameless bool) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "desk.ticket", ObjectID: t.ID, Nameless: nameless,
		Detail: map[string]any{"agency": t.Place.Agency, "office": t.Place.Office, "topic": t.Topic, "number": t.Number, "status": string(t.Status)},
	})
}

// ticket gives the next token of a topic; who takes one at the same time waits.
func (s *Service) ticket(ctx context.Context, tx *pg.Tx, at Place, topic string, appointment uuid.UUID) (t Ticket, err error) {
	of, err := lockTopic(ctx, tx, at, topic)
	if err != nil {
		return t, err
	}
	if !of.Active && appointment == uuid.Nil {
		return t, ErrNoTopic
	}
	day, err := s.today(ctx, tx)
	if err != nil {
		return t, err
	}
	t = Ticket{ID: id.New(), Place: at, Topic: topic, Day: day, Status: Waiting, Appointment: appointment, TakenAt: tx.Now}
	if t.Number, err = nextTicket(ctx, tx, t); err != nil {
		return t, err
	}
	return t, insertTicket(ctx, tx, t)
}

// Ticket returns a token; who has its id, has taken it. Errors: ErrNoTicket.
func (s *Service) Ticket(ctx context.Context, tx *pg.Tx, ticket uuid.UUID) (t Ticket, err error) {
	defer fault.Wrap(&err, "desk.Ticket(%s)", ticket)
	return getTicket(ctx, tx, ticket)
}

// boardMost is how many tokens a screen, or an operator's list, shows.
const boardMost = 200

// Board returns the tokens of today that were called, the last first, and those that wait, in the order in which they are called but
// for appointments. It names nobody and is public.
func (s *Service) Board(ctx context.Context, tx *pg.Tx, at Place) (called, waiting []Ticket, err error) {
	defer fault.Wrap(&err, "desk.Board(%s)", at.label())
	day, err := s.today(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	list, err := listTickets(ctx, tx, at, day, []TicketStatus{Waiting, Called})
	for _, t := range list {
		if t.Status == Called {
			called = append(called, t)
		} else {
			waiting = append(waiting, t)
		}
	}
	return called, waiting, err
}

// CallNext calls who is next to the operator's counter: of some topics, or of all where none is named. Whoever the operator called
// before is served. Permission: desk:use at the office. Errors: ErrForbidden, ErrTillFields, ErrNobodyWaits.
func (s *Service) CallNext(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, counter string, of []string) (t Ticket, err error) {
	defer fault.Wrap(&err, "desk.CallNext(%s)", at.label())
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return t, err
	}
	counter = strings.Join(strings.Fields(counter), " ")
	if n := len([]rune(counter)); n == 0 || n > counterMax {
		return t, ErrTillFields.WithFields(fault.Field{Path: "counter", Code: "desk.counter_name"})
	}
	if err := s.endCalled(ctx, tx, Served); err != nil {
		return t, err
	}
	day, err := s.today(ctx, tx)
	if err != nil {
		return t, err
	}
	if of == nil {
		of = []string{}
	}
	row, err := db.NextWaiting(ctx, tx, deskdb.NextWaitingParams{Agency: at.Agency, Office: at.Office, Day: dateOf(day), Topics: of, Now: tx.Now})
	if pg.NotFound(err) {
		return t, pg.Keep(ErrNobodyWaits) // who was served stays so
	}
	if err != nil {
		return t, err
	}
	return s.call(ctx, tx, row.ID, counter)
}

// call shows a token as called to a counter.
func (s *Service) call(ctx context.Context, tx *pg.Tx, ticket uuid.UUID, counter string) (t Ticket, err error) {
	if err := db.CallTicket(ctx, tx, deskdb.CallTicketParams{ID: ticket, Counter: counter, CalledBy: tx.Actor.ID, Now: tx.Now}); err != nil {
		return t, err
	}
	if t, err = getTicket(ctx, tx, ticket); err != nil {
		return t, err
	}
	return t, recordTicket(ctx, tx, "desk.ticket.call", t, false)
}

// endCalled ends what the operator has called, if anything.
func (s *Service) endCalled(ctx context.Context, tx *pg.Tx, as TicketStatus) error {
	row, err := db.GetCalled(ctx, tx, tx.Actor.ID)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := db.EndTicket(ctx, tx, deskdb.EndTicketParams{ID: row.ID, Status: string(as), Now: tx.Now}); err != nil {
		return err
	}
	t := toTicket(row)
	t.Status = as
	return recordTicket(ctx, tx, "desk.ticket.end", t, false)
}

// Calling returns the token that the operator has called and not ended. Permission: desk:use at the office. Errors: ErrForbidden,
// ErrNoTicket.
func (s *Service) Calling(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place) (t Ticket, err error) {
	defer fault.Wrap(&err, "desk.Calling(%s)", by.Account)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return t, err
	}
	row, err := db.GetCalled(ctx, tx, tx.Actor.ID)
	if pg.NotFound(err) {
		return t, ErrNoTicket
	}
	return toTicket(row), err
}

// EndCall says what became of who was called: served, or absent where nobody came; waiting calls them again. Nothing called is
// nothing to end. Permission: desk:use at the office. Errors: ErrForbidden.
func (s *Service) EndCall(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place, as TicketStatus) (err error) {
	defer fault.Wrap(&err, "desk.EndCall(%s)", as)
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return err
	}
	if as != Waiting {
		return s.endCalled(ctx, tx, as)
	}
	row, err := db.GetCalled(ctx, tx, tx.Actor.ID)
	if pg.NotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.call(ctx, tx, row.ID, row.Counter)
	return err
}

// Ahead returns how many wait before a token, among those of its topic.
func Ahead(t Ticket, waiting []Ticket) int {
	before := 0
	for _, w := range waiting {
		if w.Topic == t.Topic && w.ID != t.ID && w.Number < t.Number {
			before++
		}
	}
	return before
}

// OfTopic keeps the tokens of a topic.
func OfTopic(list []Ticket, topic string) []Ticket {
	return slices.DeleteFunc(slices.Clone(list), func(t Ticket) bool { return t.Topic != topic })
}
