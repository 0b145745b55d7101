package agency

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
)

// employment is what a row says of somebody's work: where, as what, and in which position from when until when.
type employment struct {
	account  uuid.UUID // uuid.Nil: to be entered
	staff    Staff
	position string
	from     time.Time
	until    *time.Time
	holds    *Holding // the one that the row speaks of, where it stands
}

// employmentOf reads a row; what is wrong with it is noted.
func (w present) employmentOf(j *judged) (e employment) {
	email, phone := j.cells["email"], j.cells["phone"]
	byEmail, byPhone := w.accounts[email], w.accounts[phone]
	e.account = byEmail
	switch {
	case email == "" && phone == "":
		j.wrong("email", "agency.import.contact")
	case byEmail != byPhone && byEmail != uuid.Nil && byPhone != uuid.Nil:
		j.wrong("phone", "agency.import.two_people")
	case e.account == uuid.Nil:
		e.account = byPhone
	}
	if e.account == uuid.Nil {
		j.addresses(w.region, email, phone, "", "")
	}
	e.staff = w.staff[e.account]
	e.staff.Account, e.staff.Agency = e.account, w.agency
	j.set("office", &e.staff.Office)
	j.setText("title", &e.staff.Title)
	e.position = j.cells["position"]
	for _, h := range w.held[e.account] {
		if h.Position == e.position {
			e.holds = &h
			break
		}
	}
	e.from, e.until = w.days(j)
	return e
}

// days read from when until when a position is held; from is zero where it is not said.
func (w present) days(j *judged) (from time.Time, until *time.Time) {
	for _, column := range []string{"from", "until"} {
		text := j.cells[column]
		if text == "" {
			continue
		}
		d, err := civil.Parse(text)
		switch {
		case err != nil:
			j.wrong(column, "agency.import.day")
		case j.cells["position"] == "":
			j.wrong(column, "agency.import.no_position")
		case column == "from":
			from = d.In(w.zone)
		default:
			end := d.AddDays(1).In(w.zone)
			until = &end
		}
	}
	if until != nil && !from.Before(*until) {
		j.wrong("until", ErrTime.Code)
	}
	return from, until
}

func (w present) judgeStaff(j *judged) {
	e := w.employmentOf(j)
	if j.account = e.account; j.account != uuid.Nil {
		j.key = j.account.String() + "/" + e.position
	} else if contact := orText(j.cells["email"], j.cells["phone"]); contact != "" {
		j.key = strings.ToLower(contact) + "/" + e.position
	}
	name := j.cells["name"]
	old, works := w.staff[e.account]
	switch {
	case name == "":
		j.wrong("name", "agency.import.name")
	case e.account != uuid.Nil && name != w.names[e.account]:
		j.wrong("name", "agency.import.other_name")
	}
	w.office(j, e.staff.Office)
	if p, ok := w.positions[e.position]; e.position != "" && !ok {
		j.wrong("position", ErrUnknownPosition.Code)
	} else if ok && e.holds == nil && p.Closed {
		j.wrong("position", ErrClosed.Code)
	}
	if h := e.holds; h != nil {
		_, saysFrom := j.cells["from"]
		if saysFrom && !e.from.IsZero() && civil.Of(h.From.In(w.zone)) != civil.Of(e.from.In(w.zone)) {
			j.wrong("from", "agency.import.held")
		}
		if _, says := j.cells["until"]; says && !sameDay(h.Until, e.until, w.zone) {
			j.wrong("until", "agency.import.held")
		}
	}
	j.differs("office", e.staff.Office != old.Office)
	j.differsText("title", e.staff.Title, old.Title)
	j.differs("position", e.position != "" && e.holds == nil)
	j.settle(works)
}

// sameDay reports whether two ends are of the same day.
func sameDay(a, b *time.Time, zone *time.Location) bool {
	if a == nil || b == nil {
		return a == b
	}
	last := func(t *time.Time) civil.Date { return civil.Of(t.Add(-time.Second).In(zone)) }
	return last(a) == last(b)
}
