package exchange

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/money"
)

// Case is what every case event tells: which case of which service, where, and when. It holds no personal data.
type Case struct {
	ID       uuid.UUID `json:"id"`
	Service  string    `json:"service"`
	Agency   string    `json:"agency"`
	Boundary string    `json:"boundary"`
	At       time.Time `json:"at"`
}

// EventSubject is the case's id.
func (c Case) EventSubject() string { return c.ID.String() }

// CaseReceived says that a provider took a request in. DueAt is nil where nothing was promised.
type CaseReceived struct {
	Case
	DueAt *time.Time `json:"due_at,omitempty"`
}

// EventName returns the event's name and version.
func (CaseReceived) EventName() string { return "exchange.case.received.v1" }

// CaseMoved says that a case changed its state. Working is the working time spent in From, in seconds; DueAt the
// promised date as it stands now, which pauses may have moved; Paused whether its clock stands.
type CaseMoved struct {
	Case
	From    string     `json:"from"`
	To      string     `json:"to"`
	Action  string     `json:"action"`
	Kind    string     `json:"kind"` // of the new state: work, payment, citizen, field, parallel, end
	Actor   uuid.UUID  `json:"actor"`
	Working int64      `json:"working"`
	DueAt   *time.Time `json:"due_at,omitempty"`
	Paused  bool       `json:"paused"`
}

// EventName returns the event's name and version.
func (CaseMoved) EventName() string { return "exchange.case.moved.v1" }

// CaseDecided says that a case ended: Kept whether the promised date was kept, Working the working time in seconds
// from receipt, pauses not counted.
type CaseDecided struct {
	Case
	Outcome string `json:"outcome"` // approved, rejected, withdrawn
	Kept    bool   `json:"kept"`
	Working int64  `json:"working"`
}

// EventName returns the event's name and version.
func (CaseDecided) EventName() string { return "exchange.case.decided.v1" }

// CasePaid says that a case's fee was paid.
type CasePaid struct {
	Case
	Amount money.Amount `json:"amount"`
}

// EventName returns the event's name and version.
func (CasePaid) EventName() string { return "exchange.case.paid.v1" }

// RequestRated says how a person found a service after the decision: from 1 to 5 stars, what was good and what could be better, in the
// request's own list. ID is the rating's alone, so that nothing leads from figures to the request or to whose it is. RatedAt is when they
// first said so, At when they said it like this.
type RequestRated struct {
	ID      uuid.UUID `json:"id"`
	Service string    `json:"service"`
	Agency  string    `json:"agency"`
	Stars   int       `json:"stars"`
	Good    []string  `json:"good"`
	Bad     []string  `json:"bad"`
	RatedAt time.Time `json:"rated_at"`
	At      time.Time `json:"at"`
}

// EventName returns the event's name and version.
func (RequestRated) EventName() string { return "exchange.request.rated.v1" }

// EventSubject is the rating's id.
func (r RequestRated) EventSubject() string { return r.ID.String() }

// CaseOverdue says that a case's promised date has passed.
type CaseOverdue struct {
	Case
	DueAt time.Time `json:"due_at"`
}

// EventName returns the event's name and version.
func (CaseOverdue) EventName() string { return "exchange.case.overdue.v1" }
