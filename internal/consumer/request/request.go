package request

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// Status is where a request stands for the citizen.
type Status string

// The statuses: a draft is the citizen's alone; in correction the ball is with the citizen again.
const (
	Draft      Status = "draft"
	Submitted  Status = "submitted"
	Correction Status = "correction"
	Closed     Status = "closed"
	Discarded  Status = "discarded"
)

// Request is a service request as its citizen sees it.
type Request struct {
	ID          uuid.UUID
	Person      uuid.UUID
	Service     string
	Version     int
	Lang        string
	Status      Status
	Reference   string // "" until submitted
	Answers     servicespec.Answers
	Sources     map[string]string                        // where answers were filled in from, by question, until they are changed
	Found       map[servicespec.LookupKey]map[string]any // records looked up with the person's consent
	LastPage    string                                   // the page answered last, where "continue" leads to
	Items       []string                                 // in correction: the questions to answer again
	Note        string                                   // in correction: the officer's words
	State       string
	StateName   i18n.Text
	StateText   i18n.Text
	Outcome     string // approved, rejected, withdrawn; "" while open
	Promised    *time.Time
	Demand      *exchange.DemandRef // what is, or was, to be paid
	Receipt     string              // set once paid
	Certificate uuid.UUID           // uuid.Nil while there is none
	Subject     uuid.UUID           // for whom of the person's household it is; uuid.Nil for the person
	CreatedAt   time.Time
	UpdatedAt   time.Time
	SubmittedAt *time.Time
	Timeline    []Entry // oldest first; only from Service.Request
}

// Entry is one line of the timeline.
type Entry struct {
	Kind   string // submitted, corrected, withdrawn, or a kind of exchange.ServiceResponse
	Name   i18n.Text
	Text   i18n.Text
	Note   string
	Detail Detail
	At     time.Time
}

// Detail holds the numbers that belong to an entry.
type Detail struct {
	Receipt     string              `json:"receipt,omitempty"`
	Certificate string              `json:"certificate,omitempty"`
	Demand      *exchange.DemandRef `json:"demand,omitempty"`
	Items       []string            `json:"items,omitempty"`
	Document    uuid.UUID           `json:"document,omitzero"` // a letter
	Opinion     string              `json:"opinion,omitempty"` // what another agency said; empty when it was asked
}

// ToPay reports whether a demand is open.
func (r Request) ToPay() bool { return r.Demand != nil && r.Receipt == "" && r.Status != Closed }

// Editable reports whether the question may be answered now: any of a draft, the questioned ones of a correction. A question
// of a row is named by its path: members.2.age.
func (r Request) Editable(question string) bool {
	return r.Status == Draft || r.Status == Correction && servicespec.Asked(r.Items, question)
}

// Touches reports whether the question, or one in its rows, may be answered now.
func (r Request) Touches(question string) bool {
	return r.Status == Draft || r.Status == Correction && servicespec.Touches(r.Items, question)
}

// apply changes the request by what the provider answered. What has ended is not opened again, unless the provider says so.
func (r *Request) apply(m exchange.ServiceResponse) {
	if m.Kind == exchange.Told || m.Kind == exchange.Letter || m.Kind == exchange.Opinion {
		return
	}
	if r.Status == Closed && (m.Kind == exchange.Refused || m.Kind == exchange.Correction || m.Kind == exchange.Received) {
		return
	}
	if m.State != "" {
		r.State, r.StateName, r.StateText = m.State, m.StateName, m.Text
	}
	if m.Promised != nil {
		r.Promised = m.Promised
	}
	switch m.Kind {
	case exchange.Refused:
		// The answers go back to the citizen as they were, with the questions at fault open.
		r.Status, r.Items, r.Note = Correction, nil, m.Note
		for _, f := range m.Fields {
			r.Items = append(r.Items, f.Path)
		}
	case exchange.Correction:
		r.Status, r.Items, r.Note = Correction, m.Items, m.Note
	case exchange.DemandMade:
		r.Demand, r.Receipt = m.Demand, ""
	case exchange.Paid:
		r.Receipt = m.Receipt
	case exchange.Certificate:
		r.Certificate = m.CertificateID
	case exchange.Reopened, exchange.Appealed:
		r.Status, r.Outcome, r.Items, r.Note = Submitted, "", nil, ""
	case exchange.Decided:
		r.Status, r.Outcome, r.Items, r.Note = Closed, m.Outcome, nil, ""
	}
}

// Filter narrows the list of a citizen's requests.
type Filter struct {
	OpenOnly bool
	Service  string
}
