package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	counter "digit/internal/provider/desk"
	"digit/web/frame"
	"digit/web/ui"
)

type appointmentsView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Rows   []appointmentView
	Where  ui.TableView // for what, and where, one can be booked
}

type appointmentView struct {
	ID, When, Office, Topic string
	Tag                     ui.TagView
	Open                    bool
}

// appointments lists a person's appointments, and what more can be booked.
func (d *Desk) appointments(r *frame.Request) error {
	v := appointmentsView{Site: r.Site(frame.Portal), Notice: r.Done(), Where: ui.TableView{
		ID: "where", Caption: r.T("desk.appointment.where"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("desk.queue.topic")}, {Label: r.T("desk.office")}},
		Empty:   &ui.EmptyView{Icon: "calendar", Title: r.T("desk.appointment.nowhere"), Text: r.T("desk.appointment.nowhere_text")},
	}}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		list, err := d.deps.Desk.Appointments(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		for _, a := range list {
			office, err := d.placeName(ctx, tx, r, a.Place)
			if err != nil {
				return err
			}
			topics, err := d.deps.Desk.Topics(ctx, tx, a.Place)
			if err != nil {
				return err
			}
			v.Rows = append(v.Rows, appointmentView{
				ID: a.ID.String(), When: ui.DateTime(r.Context(), a.At), Office: office, Topic: topicName(r, topics, a.Topic), Tag: appointmentTag(r, a.Status),
				Open: a.Status == counter.Booked && r.Now.Before(a.At),
			})
		}
		all, err := d.deps.Desk.Bookable(ctx, tx)
		for _, t := range all {
			office, err := d.placeName(ctx, tx, r, t.Place)
			if err != nil {
				return err
			}
			v.Where.Rows = append(v.Where.Rows, ui.Row{Cells: []ui.Cell{
				{Text: r.Text(t.Name), Href: "/appointments/new/" + t.Place.Agency + "/" + t.Place.Office + "/" + t.Code}, {Text: office},
			}})
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(appointmentsPage(v))
}

type bookView struct {
	Site          ui.Site
	Office, Topic string
	Action        string
	Day           string // the one that is shown
	Days          []ui.Chip
	Time          ui.Field
	Problems      []ui.Problem
}

// bookAsk shows the times that are free, a day at a time.
func (d *Desk) bookAsk(r *frame.Request) error { return d.bookPage(r, http.StatusOK, nil) }

func (d *Desk) bookPage(r *frame.Request, status int, refused *fault.Error) error {
	at, topic := counter.Place{Agency: r.Param("agency"), Office: r.Param("office")}, r.Param("topic")
	v := bookView{Site: r.Site(frame.Portal), Action: "/appointments/new/" + at.Agency + "/" + at.Office + "/" + topic}
	var free []time.Time
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if free, err = d.deps.Desk.Free(ctx, tx, at, topic); err != nil {
			return err
		}
		if v.Office, err = d.placeName(ctx, tx, r, at); err != nil {
			return err
		}
		topics, err := d.deps.Desk.Topics(ctx, tx, at)
		v.Topic = topicName(r, topics, topic)
		return err
	})
	if err != nil {
		return err
	}
	v.Time = ui.Field{Name: "at", Label: r.T("desk.appointment.time"), Inline: true}
	day := r.Query("day")
	for _, slot := range free {
		local := slot.In(r.Settings.Location())
		date := local.Format("2006-01-02")
		if day == "" {
			day = date
		}
		if n := len(v.Days); n == 0 || !strings.HasSuffix(v.Days[n-1].Href, date) {
			v.Days = append(v.Days, ui.Chip{Label: ui.DateLong(r.Context(), slot), Href: v.Action + "?day=" + date, On: date == day})
		}
		if date == day {
			v.Day = ui.DateLong(r.Context(), slot)
			v.Time.Options = append(v.Time.Options, ui.Option{Value: strconv.FormatInt(slot.Unix(), 10), Label: local.Format("15:04")})
		}
	}
	v.Action += "?day=" + day
	if refused != nil {
		v.Time.Error = r.Sentence(refused)
		v.Problems = []ui.Problem{{Field: "at", Text: v.Time.Error}}
	}
	return r.HTMLStatus(status, bookPage(v))
}

// errNoTime says that no time was chosen.
var errNoTime = fault.Invalid("desk.no_time")

// book gives the person the appointment that they chose.
func (d *Desk) book(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(posted.Get("at"), 10, 64)
	if err != nil {
		return d.bookPage(r, http.StatusUnprocessableEntity, errNoTime)
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := d.deps.Desk.Book(ctx, tx, r.Person(), counter.Place{Agency: r.Param("agency"), Office: r.Param("office")}, r.Param("topic"), time.Unix(seconds, 0).UTC())
		return err
	})
	if errors.Is(err, counter.ErrSlotTaken) || errors.Is(err, counter.ErrBooked) {
		f := fault.Of(err)
		return d.bookPage(r, r.Status(f), f)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/appointments?done=desk.booked")
}

type cancelView struct {
	Site ui.Site
	ID   string
}

// cancelAsk asks before an appointment is given back.
func (d *Desk) cancelAsk(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	return r.HTML(cancelPage(cancelView{Site: r.Site(frame.Portal), ID: id.String()}))
}

// cancelAppointment gives an appointment back.
func (d *Desk) cancelAppointment(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return d.deps.Desk.Cancel(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect("/appointments?done=desk.cancelled")
}
