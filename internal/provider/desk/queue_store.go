package desk

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/desk/internal/deskdb"
)

func dateOf(d civil.Date) pgtype.Date { return pgtype.Date{Time: d.In(time.UTC), Valid: true} }

func toTopic(r deskdb.DeskTopic) (Topic, error) {
	t := Topic{Place: Place{r.Agency, r.Office}, Code: r.Code, Minutes: int(r.Minutes), Places: int(r.Places), Active: r.Active}
	return t, json.Unmarshal(r.Name, &t.Name)
}

func toTopics(rows []deskdb.DeskTopic, err error) ([]Topic, error) {
	if err != nil {
		return nil, err
	}
	list := make([]Topic, len(rows))
	for i, r := range rows {
		if list[i], err = toTopic(r); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func topics(ctx context.Context, tx *pg.Tx, at Place) ([]Topic, error) {
	return toTopics(db.ListTopics(ctx, tx, deskdb.ListTopicsParams{Agency: at.Agency, Office: at.Office}))
}

func allTopics(ctx context.Context, tx *pg.Tx) ([]Topic, error) {
	return toTopics(db.ListAllTopics(ctx, tx))
}

func lockTopic(ctx context.Context, tx *pg.Tx, at Place, code string) (Topic, error) {
	r, err := db.LockTopic(ctx, tx, deskdb.LockTopicParams{Agency: at.Agency, Office: at.Office, Code: code})
	if pg.NotFound(err) {
		return Topic{}, ErrNoTopic
	}
	if err != nil {
		return Topic{}, err
	}
	return toTopic(r)
}

func putTopic(ctx context.Context, tx *pg.Tx, t Topic) error {
	name, err := json.Marshal(t.Name)
	if err != nil {
		return err
	}
	return db.PutTopic(ctx, tx, deskdb.PutTopicParams{
		Agency: t.Place.Agency, Office: t.Place.Office, Code: t.Code, Name: name, Minutes: int32(t.Minutes), Places: int32(t.Places), Active: t.Active,
	})
}

func toTicket(r deskdb.DeskTicket) Ticket {
	return Ticket{
		ID: r.ID, Place: Place{r.Agency, r.Office}, Topic: r.Topic, Day: civil.Of(r.Day.Time), Number: int(r.Number), Status: TicketStatus(r.Status),
		Appointment: orZero(r.AppointmentID), Counter: r.Counter, TakenAt: r.TakenAt, CalledAt: r.CalledAt,
	}
}

func oneTicket(r deskdb.DeskTicket, err error) (Ticket, error) {
	if pg.NotFound(err) {
		return Ticket{}, ErrNoTicket
	}
	return toTicket(r), err
}

func getTicket(ctx context.Context, tx *pg.Tx, ticket uuid.UUID) (Ticket, error) {
	return oneTicket(db.GetTicket(ctx, tx, ticket))
}

func ticketOf(ctx context.Context, tx *pg.Tx, appointment uuid.UUID) (Ticket, error) {
	return oneTicket(db.GetTicketOf(ctx, tx, appointment))
}

func nextTicket(ctx context.Context, tx *pg.Tx, t Ticket) (int, error) {
	n, err := db.NextTicket(ctx, tx, deskdb.NextTicketParams{Agency: t.Place.Agency, Office: t.Place.Office, Topic: t.Topic, Day: dateOf(t.Day)})
	return int(n), err
}

func insertTicket(ctx context.Context, tx *pg.Tx, t Ticket) error {
	return db.InsertTicket(ctx, tx, deskdb.InsertTicketParams{
		ID: t.ID, Agency: t.Place.Agency, Office: t.Place.Office, Topic: t.Topic, Day: dateOf(t.Day), Number: int32(t.Number),
		AppointmentID: orNil(t.Appointment), TakenAt: t.TakenAt,
	})
}

func listTickets(ctx context.Context, tx *pg.Tx, at Place, day civil.Date, statuses []TicketStatus) (list []Ticket, err error) {
	in := deskdb.ListTicketsParams{Agency: at.Agency, Office: at.Office, Day: dateOf(day), Size: boardMost}
	for _, s := range statuses {
		in.Statuses = append(in.Statuses, string(s))
	}
	rows, err := db.ListTickets(ctx, tx, in)
	for _, r := range rows {
		t := Ticket{
			ID: r.ID, Place: at, Topic: r.Topic, Day: day, Number: int(r.Number), Status: TicketStatus(r.Status), Appointment: orZero(r.AppointmentID), Due: r.Due,
			Counter: r.Counter, TakenAt: r.TakenAt, CalledAt: r.CalledAt,
		}
		list = append(list, t)
	}
	return list, err
}

func toAppointment(r deskdb.DeskAppointment) Appointment {
	return Appointment{ID: r.ID, Place: Place{r.Agency, r.Office}, Topic: r.Topic, Person: r.PersonID, At: r.At, Status: AppointmentStatus(r.Status)}
}

func lockAppointment(ctx context.Context, tx *pg.Tx, appointment uuid.UUID) (Appointment, error) {
	r, err := db.LockAppointment(ctx, tx, appointment)
	if pg.NotFound(err) {
		return Appointment{}, ErrNoAppointment
	}
	return toAppointment(r), err
}

func insertAppointment(ctx context.Context, tx *pg.Tx, a Appointment) error {
	err := db.InsertAppointment(ctx, tx, deskdb.InsertAppointmentParams{
		ID: a.ID, Agency: a.Place.Agency, Office: a.Place.Office, Topic: a.Topic, PersonID: a.Person, At: a.At, BookedAt: tx.Now,
	})
	if pg.Constraint(err) == "appointment_person_key" {
		return ErrBooked.Because(err)
	}
	return err
}

func setAppointment(ctx context.Context, tx *pg.Tx, appointment uuid.UUID, status AppointmentStatus) error {
	return db.SetAppointment(ctx, tx, deskdb.SetAppointmentParams{ID: appointment, Status: string(status), ChangedAt: tx.Now})
}
