package desk

import (
	"fmt"
	"regexp"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// Topic is what people come to an office for, with a queue of its own. Code is the letter by which its tokens are called.
type Topic struct {
	Place   Place
	Code    string
	Name    i18n.Text
	Minutes int // how long one takes
	Places  int // how many appointments there are at one time; 0: none are given
	Active  bool
}

var topicCode = regexp.MustCompile(`^[A-Z]$`)

func (t Topic) check() (wrong []fault.Field) {
	say := func(path, code string) { wrong = append(wrong, fault.Field{Path: path, Code: code}) }
	if !topicCode.MatchString(t.Code) {
		say("code", "desk.topic_code")
	}
	if t.Name.IsZero() {
		say("name", "desk.topic_name")
	}
	if t.Minutes < 5 || t.Minutes > 240 {
		say("minutes", "desk.topic_minutes")
	}
	if t.Places < 0 || t.Places > 50 {
		say("places", "desk.topic_places")
	}
	return wrong
}

// TicketStatus is the state of a token.
type TicketStatus string

// The states of a token: waiting → called → served, or absent where nobody came.
const (
	Waiting TicketStatus = "waiting"
	Called  TicketStatus = "called"
	Served  TicketStatus = "served"
	Absent  TicketStatus = "absent"
)

// Ticket is a token of somebody who waits. It names nobody.
type Ticket struct {
	ID          uuid.UUID
	Place       Place
	Topic       string
	Day         civil.Date
	Number      int
	Status      TicketStatus
	Appointment uuid.UUID  // uuid.Nil for who came without
	Due         *time.Time // of the appointment
	Counter     string     // where it was called to
	TakenAt     time.Time
	CalledAt    *time.Time
}

// Label is what is called out and shown: A007.
func (t Ticket) Label() string { return fmt.Sprintf("%s%03d", t.Topic, t.Number) }

// AppointmentStatus is the state of an appointment.
type AppointmentStatus string

// The states of an appointment: booked → arrived or cancelled.
const (
	Booked    AppointmentStatus = "booked"
	Cancelled AppointmentStatus = "cancelled"
	Arrived   AppointmentStatus = "arrived"
)

// Appointment is when somebody comes to an office.
type Appointment struct {
	ID     uuid.UUID
	Place  Place
	Topic  string
	Person uuid.UUID
	At     time.Time
	Status AppointmentStatus
}

// bookAhead is for how many days appointments are given, from today.
const bookAhead = 14

// bookBefore is how long before it begins an appointment can be booked at the latest.
const bookBefore = time.Hour

// earliest is how long before their appointment somebody can say that they are there.
const earliest = 2 * time.Hour

// Slots are the times at which appointments of some minutes fit the hours of a calendar, from a moment on and for as many days as
// appointments are given.
func Slots(cal calendar.Calendar, from time.Time, minutes int) (list []time.Time) {
	zone := cal.Zone
	if zone == nil {
		zone = time.UTC
	}
	length := time.Duration(minutes) * time.Minute
	for day, n := civil.Of(from.In(zone)), 0; n < bookAhead; day, n = day.AddDays(1), n+1 {
		if !cal.IsWorking(day) {
			continue
		}
		end := day.AddDays(1).In(zone)
		for at := day.In(zone); at.Before(end); at = at.Add(length) {
			if !at.Before(from) && cal.Open(at) && cal.Open(at.Add(length-time.Minute)) && cal.Between(at, at.Add(length)) == length {
				list = append(list, at)
			}
		}
	}
	return list
}

// Wait estimates how long somebody waits with so many before them.
func (t Topic) Wait(before, counters int) time.Duration {
	return time.Duration(before*t.Minutes/max(1, counters)) * time.Minute
}
