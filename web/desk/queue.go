package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

// counterCookie remembers at which counter an operator calls.
const counterCookie = "desk-counter"

type queueView struct {
	Site         ui.Site
	Notice       *ui.NoticeView
	Office       string
	Screen       string // the page for the waiting room
	Calling      *counter.Ticket
	CallingTopic string
	Counter      ui.Field
	Topics       ui.Field
	Problems     []ui.Problem
	Waiting      ui.TableView
	Appointments ui.TableView
	Take         []ui.Option // topics of which a token can be given at the desk
	Super        bool
}

// queue is where an operator calls who is next.
func (d *Desk) queue(r *frame.Request) error { return d.queuePage(r, http.StatusOK, nil) }

func (d *Desk) queuePage(r *frame.Request, status int, refused *fault.Error) error {
	v := queueView{Site: r.Site(frame.Desk), Notice: r.Done()}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		v.Screen, v.Super = "/queue/"+at.Agency+"/"+at.Office, r.Principal.MayIn(counter.Supervise, at.Agency)
		topics, err := d.deps.Desk.Topics(ctx, tx, at)
		if err != nil {
			return err
		}
		v.callForm(r, topics)
		t, err := d.deps.Desk.Calling(ctx, tx, *r.Principal, at)
		if err == nil {
			v.Calling, v.CallingTopic = &t, topicName(r, topics, t.Topic)
		} else if !errors.Is(err, counter.ErrNoTicket) {
			return err
		}
		_, waiting, err := d.deps.Desk.Board(ctx, tx, at)
		if err != nil {
			return err
		}
		v.Waiting = waitingTable(r, topics, waiting)
		v.Appointments, err = d.dayTable(ctx, tx, r, at, topics)
		return err
	})
	if err != nil {
		return err
	}
	if refused != nil {
		v.Counter.Error = r.Sentence(refused)
		if len(refused.Fields) > 0 {
			v.Counter.Error = r.FieldSentence(refused.Fields[0])
		}
		v.Problems = []ui.Problem{{Field: "counter", Text: v.Counter.Error}}
	}
	return r.HTMLStatus(status, queuePage(v))
}

// callForm asks to which counter to call, and of what.
func (v *queueView) callForm(r *frame.Request, topics []counter.Topic) {
	counterName, chosen, _ := strings.Cut(r.Recall(counterCookie), "|")
	if name, err := url.QueryUnescape(counterName); err == nil {
		counterName = name
	}
	v.Counter = ui.Field{Name: "counter", Label: r.T("desk.till.counter"), Value: counterName, Width: "20", Autocomplete: "off"}
	v.Topics = ui.Field{Name: "topic", Label: r.T("desk.queue.of"), Hint: r.T("desk.queue.of_hint"), Optional: true}
	for _, t := range topics {
		if !t.Active {
			continue
		}
		label := t.Code + " · " + r.Text(t.Name)
		v.Topics.Options = append(v.Topics.Options, ui.Option{Value: t.Code, Label: label, Checked: strings.Contains(chosen, t.Code)})
		v.Take = append(v.Take, ui.Option{Value: t.Code, Label: label})
	}
}

func waitingTable(r *frame.Request, topics []counter.Topic, waiting []counter.Ticket) ui.TableView {
	t := ui.TableView{
		ID: "waiting", Caption: r.T("desk.queue.waiting", "n", len(waiting)), Stack: true, Empty: &ui.EmptyView{Icon: "users", Title: r.T("desk.queue.nobody")},
		Columns: []ui.Column{{Label: r.T("desk.queue.token")}, {Label: r.T("desk.queue.topic")}, {Label: r.T("desk.queue.since")}, {Label: r.T("desk.queue.appointment")}},
	}
	for _, w := range waiting {
		due := ""
		if w.Due != nil {
			due = ui.DateTime(r.Context(), *w.Due)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: w.Label()}, {Text: topicName(r, topics, w.Topic)}, {Text: ui.DateTime(r.Context(), w.TakenAt)}, {Text: due}}})
	}
	return t
}

// dayTable lists the appointments of the day, with a button for who is there.
func (d *Desk) dayTable(ctx context.Context, tx *pg.Tx, r *frame.Request, at counter.Place, topics []counter.Topic) (ui.TableView, error) {
	t := ui.TableView{
		ID: "day", Caption: r.T("desk.queue.day"), Stack: true, Empty: &ui.EmptyView{Icon: "calendar", Title: r.T("desk.queue.day_none")},
		Columns: []ui.Column{{Label: r.T("desk.appointment.at")}, {Label: r.T("desk.person.name")}, {Label: r.T("desk.queue.topic")}, {Label: r.T("desk.state")}, {Label: r.T("desk.appointment.arrive"), HideLabel: true}},
	}
	list, err := d.deps.Desk.Today(ctx, tx, *r.Principal, at)
	if err != nil {
		return t, err
	}
	for _, a := range list {
		name, err := d.nameOf(ctx, tx, a.Person)
		if err != nil {
			return t, err
		}
		if name == "" {
			name = r.T("desk.nameless")
		}
		tag := appointmentTag(r, a.Status)
		row := ui.Row{Cells: []ui.Cell{{Text: ui.DateTime(r.Context(), a.At)}, {Text: name, Href: "/desk/people/" + a.Person.String()}, {Text: topicName(r, topics, a.Topic)}, {Tag: &tag}, {}}}
		if a.Status == counter.Booked {
			row.Cells[4].Body = actButton("/desk/appointments/"+a.ID.String()+"/arrive", r.T("desk.appointment.arrive"), name)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

func appointmentTag(r *frame.Request, s counter.AppointmentStatus) ui.TagView {
	kind := map[counter.AppointmentStatus]ui.Kind{counter.Booked: ui.Info, counter.Arrived: ui.Success, counter.Cancelled: ui.Neutral}[s]
	return ui.TagView{Text: r.T("desk.appointment.status." + string(s)), Kind: kind}
}

// callNext calls who is next to the reader's counter.
func (d *Desk) callNext(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	r.Keep(counterCookie, url.QueryEscape(posted.Get("counter"))+"|"+strings.Join(posted["topic"], ""), placeLasts)
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		_, err = d.deps.Desk.CallNext(ctx, tx, *r.Principal, at, posted.Get("counter"), posted["topic"])
		return err
	})
	if errors.Is(err, counter.ErrTillFields) {
		return d.queuePage(r, http.StatusUnprocessableEntity, fault.Of(err))
	}
	if errors.Is(err, counter.ErrNobodyWaits) {
		return r.Redirect("/desk/queue?done=desk.nobody_waits")
	}
	if err != nil {
		return err
	}
	return r.Redirect("/desk/queue?done=desk.called")
}

// endCall says what became of who was called.
func (d *Desk) endCall(r *frame.Request) error {
	as := counter.TicketStatus(r.Param("as"))
	done := map[counter.TicketStatus]string{counter.Waiting: "desk.call_waiting", counter.Served: "desk.call_served", counter.Absent: "desk.call_absent"}[as]
	if done == "" {
		return counter.ErrNoTicket
	}
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		at, err := d.at(ctx, tx, r)
		if err != nil {
			return err
		}
		return d.deps.Desk.EndCall(ctx, tx, *r.Principal, at, as)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/desk/queue?done=" + done)
}

// arrive gives whoever has an appointment their token.
func (d *Desk) arrive(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := d.deps.Desk.Arrive(ctx, tx, *r.Principal, id)
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect("/desk/queue?done=desk.arrived")
}

// takeTicket gives a token to whoever asks, at the kiosk or by telephone.
func (d *Desk) takeTicket(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := counter.Place{Agency: r.Param("agency"), Office: r.Param("office")}
	var t counter.Ticket
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		t, err = d.deps.Desk.TakeTicket(ctx, tx, at, posted.Get("topic"))
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect("/queue/tickets/" + t.ID.String())
}

type ticketView struct {
	Site                        ui.Site
	Label, Office, Topic, State string
	Counter, Ahead, Wait, Path  string
	Live                        bool
}

// ticket shows a token to who took it: how many are before them, and to which counter they are called.
func (d *Desk) ticket(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := ticketView{Site: r.Site("")}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		t, err := d.deps.Desk.Ticket(ctx, tx, id)
		if err != nil {
			return err
		}
		topics, err := d.deps.Desk.Topics(ctx, tx, t.Place)
		if err != nil {
			return err
		}
		if v.Office, err = d.placeName(ctx, tx, r, t.Place); err != nil {
			return err
		}
		called, waiting, err := d.deps.Desk.Board(ctx, tx, t.Place)
		before := counter.Ahead(t, waiting)
		v.Label, v.Topic, v.Counter, v.State = t.Label(), topicName(r, topics, t.Topic), t.Counter, string(t.Status)
		v.Live, v.Path = t.Status == counter.Waiting || t.Status == counter.Called, "/queue/tickets/"+t.ID.String()
		if t.Status == counter.Waiting {
			v.Ahead = r.T("desk.ticket.ahead", "n", before)
			for _, of := range topics {
				if of.Code == t.Topic {
					v.Wait = r.T("desk.board.wait", "time", r.Duration(max(time.Minute, of.Wait(before, len(called)))))
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(ticketPage(v))
}

// hiddenAfter is what is said after a button's label to readers who hear the page, where the label would not tell which.
func hiddenAfter(which string) string {
	if which == "" {
		return ""
	}
	return ": " + which
}
