package desk

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/provider/desk/internal/deskdb"
)

// Bookable lists the topics of all offices for which appointments are given; they are public.
func (s *Service) Bookable(ctx context.Context, tx *pg.Tx) (list []Topic, err error) {
	defer fault.Wrap(&err, "desk.Bookable")
	all, err := allTopics(ctx, tx)
	return slices.DeleteFunc(all, func(t Topic) bool { return t.Places == 0 }), err
}

// Free lists the times at which there is an appointment left. It is public. Errors: ErrNoTopic.
func (s *Service) Free(ctx context.Context, tx *pg.Tx, at Place, topic string) (list []time.Time, err error) {
	defer fault.Wrap(&err, "desk.Free(%s, %s)", at.label(), topic)
	all, err := topics(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(t Topic) bool { return t.Code == topic && t.Active && t.Places > 0 })
	if i < 0 {
		return nil, ErrNoTopic
	}
	return s.free(ctx, tx, all[i])
}

func (s *Service) free(ctx context.Context, tx *pg.Tx, t Topic) ([]time.Time, error) {
	cal, err := s.deps.Calendars.CalendarOf(ctx, tx, refdata.Workplace{Agency: t.Place.Agency, Office: t.Place.Office})
	if err != nil {
		return nil, err
	}
	slots := Slots(cal, tx.Now.Add(bookBefore), t.Minutes)
	if len(slots) == 0 {
		return nil, nil
	}
	rows, err := db.CountAppointments(ctx, tx, deskdb.CountAppointmentsParams{
		Agency: t.Place.Agency, Office: t.Place.Office, Topic: t.Code, Since: slots[0], Until: slots[len(slots)-1].Add(time.Minute),
	})
	taken := map[int64]int{}
	for _, r := range rows {
		taken[r.At.Unix()] = int(r.N)
	}
	return slices.DeleteFunc(slots, func(at time.Time) bool { return taken[at.Unix()] >= t.Places }), err
}

// Book gives a person an appointment, and has them reminded the day before. One person has one at a time for a topic.
// Permission: the person themselves, or who acts for them. Errors: ErrForbidden, ErrNoTopic, ErrSlotTaken, ErrBooked.
func (s *Service) Book(ctx context.Context, tx *pg.Tx, person uuid.UUID, at Place, topic string, when time.Time) (a Appointment, err error) {
	defer fault.Wrap(&err, "desk.Book(%s, %s)", at.label(), topic)
	if err := own(tx, person); err != nil {
		return a, err
	}
	t, err := lockTopic(ctx, tx, at, topic) // who books at the same time waits
	if err != nil {
		return a, err
	}
	if !t.Active || t.Places == 0 {
		return a, ErrNoTopic
	}
	free, err := s.free(ctx, tx, t)
	if err != nil {
		return a, err
	}
	if !slices.ContainsFunc(free, when.Equal) {
		return a, ErrSlotTaken
	}
	a = Appointment{ID: id.New(), Place: at, Topic: topic, Person: person, At: when, Status: Booked}
	if err := insertAppointment(ctx, tx, a); err != nil {
		return a, err
	}
	if err := tx.At(ctx, when.Add(-24*time.Hour), remindKey(a.ID), &RemindArgs{Appointment: a.ID}); err != nil {
		return a, err
	}
	if err := s.deps.Notices.TellAppointment(ctx, tx, a, "booked"); err != nil {
		return a, err
	}
	return a, audit.Record(ctx, tx, audit.Entry{
		Action: "desk.appointment.book", Object: "desk.appointment", ObjectID: a.ID, Person: person, Detail: map[string]any{"agency": at.Agency, "office": at.Office, "topic": topic},
	})
}

// own lets a person pass for themselves, and who acts for them.
func own(tx *pg.Tx, person uuid.UUID) error {
	if person == uuid.Nil || tx.Actor.ID != person && tx.Actor.OnBehalf != person {
		return ErrForbidden
	}
	return nil
}

// Appointments lists a person's appointments, the latest first. Permission: the person themselves, or who acts for them.
// Errors: ErrForbidden.
func (s *Service) Appointments(ctx context.Context, tx *pg.Tx, person uuid.UUID) (list []Appointment, err error) {
	defer fault.Wrap(&err, "desk.Appointments(%s)", person)
	if err := own(tx, person); err != nil {
		return nil, err
	}
	rows, err := db.ListPersonAppointments(ctx, tx, deskdb.ListPersonAppointmentsParams{PersonID: person, Limit: 50})
	for _, r := range rows {
		list = append(list, toAppointment(r))
	}
	return list, err
}

// Cancel gives an appointment back. Cancelling twice is cancelling once. Permission: whose it is, or who acts for them.
// Errors: ErrForbidden, ErrNoAppointment, ErrOver.
func (s *Service) Cancel(ctx context.Context, tx *pg.Tx, appointment uuid.UUID) (err error) {
	defer fault.Wrap(&err, "desk.Cancel(%s)", appointment)
	a, err := lockAppointment(ctx, tx, appointment)
	if err != nil {
		return err
	}
	if own(tx, a.Person) != nil { // somebody else's is nobody's
		return ErrNoAppointment
	}
	switch {
	case a.Status == Cancelled:
		return nil
	case a.Status != Booked || !tx.Now.Before(a.At):
		return ErrOver
	}
	if err := setAppointment(ctx, tx, a.ID, Cancelled); err != nil {
		return err
	}
	if err := tx.CancelTimer(ctx, remindKey(a.ID)); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "desk.appointment.cancel", Object: "desk.appointment", ObjectID: a.ID, Person: a.Person})
}

// Today lists the appointments of the day at an office, by time. The look is on record. Permission: desk:use at the office.
// Errors: ErrForbidden.
func (s *Service) Today(ctx context.Context, tx *pg.Tx, by identity.Principal, at Place) (list []Appointment, err error) {
	defer fault.Wrap(&err, "desk.Today(%s)", at.label())
	if err := s.authorise(ctx, tx, by, Use, at); err != nil {
		return nil, err
	}
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return nil, err
	}
	day, err := s.today(ctx, tx)
	if err != nil {
		return nil, err
	}
	rows, err := db.ListDayAppointments(ctx, tx, deskdb.ListDayAppointmentsParams{
		Agency: at.Agency, Office: at.Office, Since: day.In(set.Location()), Until: day.AddDays(1).In(set.Location()),
	})
	ids := make([]uuid.UUID, 0, len(rows))
	for _, r := range rows {
		list, ids = append(list, toAppointment(r)), append(ids, r.ID)
	}
	audit.ReadList(ctx, tx, audit.Entry{Action: "desk.appointment.list", Object: "desk.appointment"}, ids...)
	return list, err
}

// Arrive says that whoever has an appointment is there, and gives them a token that is called when it is due. Arriving twice gives
// the same token. Permission: desk:use at the office, or whose appointment it is. Errors: ErrForbidden, ErrNoAppointment, ErrOver, ErrEarly.
func (s *Service) Arrive(ctx context.Context, tx *pg.Tx, by identity.Principal, appointment uuid.UUID) (t Ticket, err error) {
	defer fault.Wrap(&err, "desk.Arrive(%s)", appointment)
	a, err := lockAppointment(ctx, tx, appointment)
	if err != nil {
		return t, err
	}
	if own(tx, a.Person) != nil {
		if err := s.authorise(ctx, tx, by, Use, a.Place); err != nil {
			return t, err
		}
	}
	switch {
	case a.Status == Arrived:
		return ticketOf(ctx, tx, a.ID)
	case a.Status == Cancelled:
		return t, ErrOver
	case tx.Now.Before(a.At.Add(-earliest)):
		return t, ErrEarly
	}
	if err := setAppointment(ctx, tx, a.ID, Arrived); err != nil {
		return t, err
	}
	if err := tx.CancelTimer(ctx, remindKey(a.ID)); err != nil {
		return t, err
	}
	if t, err = s.ticket(ctx, tx, a.Place, a.Topic, a.ID); err != nil {
		return t, err
	}
	return t, audit.Record(ctx, tx, audit.Entry{Action: "desk.appointment.arrive", Object: "desk.appointment", ObjectID: a.ID, Person: a.Person})
}

func remindKey(appointment uuid.UUID) string { return "desk.remind:" + appointment.String() }

// RemindArgs are the arguments of the job desk.remind, which reminds somebody of their appointment.
type RemindArgs struct {
	job.Tenant
	Appointment uuid.UUID `json:"appointment"`
}

// Kind names the job.
func (RemindArgs) Kind() string { return "desk.remind" }

// Register adds the module's jobs.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, in RemindArgs) error {
		a, err := lockAppointment(ctx, tx, in.Appointment)
		if err != nil || a.Status != Booked || !tx.Now.Before(a.At) {
			return err
		}
		return s.deps.Notices.TellAppointment(ctx, tx, a, "remind")
	})
}
