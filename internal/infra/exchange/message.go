package exchange

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
)

// Kinds of ServiceRequest.
const (
	Apply    = "apply"    // a new request
	Correct  = "correct"  // the answers again, after the provider asked for a correction
	Withdraw = "withdraw" // the citizen wants it no more
	Reopen   = "reopen"   // the citizen wants what was decided to be taken up again
	Appeal   = "appeal"   // the citizen does not accept what was decided
	Message  = "message"  // the citizen writes to the office; also the kind of a ServiceResponse by which the office writes
	Seen     = "seen"     // what the other side wrote until then was read; also a ServiceResponse
	Opinion  = "opinion"  // an agency asks another for its opinion; also the kind of a ServiceResponse: that opinion, and what a citizen is told of it
	Remind   = "remind"   // the opinion is late
	Recall   = "recall"   // the opinion is not needed any more
)

// OpinionAsked is what one agency asks another about a case. The request that carries it has an id of its own and says nothing of the
// case but its reference and the answers that are shown.
type OpinionAsked struct {
	Code     string    `json:"code"`
	Agency   string    `json:"agency"` // whom
	By       string    `json:"by"`     // which agency asks
	Question i18n.Text `json:"question,omitempty"`
	Due      time.Time `json:"due"`
}

// opinions is how services begin that are no services but opinions: opinion:<agency>.
const opinions = "opinion:"

// OpinionsOf names, in the directory, the giving of opinions by an agency. Where the directory says nothing, the agency gives them here.
func OpinionsOf(agency string) string { return opinions + agency }

// GivesOpinions returns the agency whose opinions an entry of the directory is about; "" for a service.
func GivesOpinions(service string) string {
	agency, found := strings.CutPrefix(service, opinions)
	if !found {
		return ""
	}
	return agency
}

// File is a document that goes with a message. It is kept by the document service, and nobody but the two sides of the request opens it.
type File struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"` // bytes
}

// ServiceRequest is what a consumer asks of a provider. It carries everything the provider needs, so that nothing has
// to be asked back.
type ServiceRequest struct {
	ID          uuid.UUID       `json:"id"` // the request's own id, the same for its corrections
	Kind        string          `json:"kind"`
	Reference   string          `json:"reference"` // for people
	Service     string          `json:"service"`
	Version     int             `json:"version"` // of the service, as the person saw it
	Person      uuid.UUID       `json:"person"`
	Name        string          `json:"name"`
	Business    bool            `json:"business,omitempty"` // the person is a business
	By          string          `json:"by,omitempty"`       // name of who sends it in the person's name; empty where the person does
	Lang        string          `json:"lang"`
	Answers     json.RawMessage `json:"answers"`
	Note        string          `json:"note,omitempty"`   // in the citizen's words: why they reopen or appeal, what they write
	Message     uuid.UUID       `json:"message,omitzero"` // of kind Message: its own id
	Files       []File          `json:"files,omitempty"`
	SubmittedAt time.Time       `json:"submitted_at"`
	Opinion     *OpinionAsked   `json:"opinion,omitempty"` // of the kinds Opinion, Remind and Recall
}

// Kinds of ServiceResponse.
const (
	Received    = "received"    // taken in; Promised says until when
	Refused     = "refused"     // the answers were not acceptable; Fields says why
	Moved       = "moved"       // a new state
	DemandMade  = "demand"      // something is to be paid
	Paid        = "paid"        // and was
	Correction  = "correction"  // Items are to be corrected, Note says why
	Certificate = "certificate" // a credential was issued
	Decided     = "decided"     // the end; Outcome says which
	Reopened    = "reopened"    // what was decided is taken up again
	Appealed    = "appealed"    // and so it is, since the citizen did not accept it
	Told        = "told"        // nothing has changed; Events says what there is to tell
	Letter      = "letter"      // a letter was written; Document is it
)

// responses are the kinds that a provider may send.
var responses = []string{Received, Refused, Moved, DemandMade, Paid, Correction, Certificate, Decided, Reopened, Appealed, Told, Letter, Message, Seen, Opinion}

// ServiceResponse is what a provider answers, each time something happened that the citizen should know.
type ServiceResponse struct {
	RequestID     uuid.UUID     `json:"request_id"`
	Kind          string        `json:"kind"`
	State         string        `json:"state,omitempty"`
	StateName     i18n.Text     `json:"state_name,omitempty"`
	Text          i18n.Text     `json:"text,omitempty"` // what it means for the citizen
	Note          string        `json:"note,omitempty"` // the officer's own words
	Items         []string      `json:"items,omitempty"`
	Reasons       []i18n.Text   `json:"reasons,omitempty"` // coded reasons, in words for the citizen
	Events        []string      `json:"events,omitempty"`  // what the service's notices may be written for; by Kind where empty
	Promised      *time.Time    `json:"promised,omitempty"`
	Demand        *DemandRef    `json:"demand,omitempty"`
	Receipt       string        `json:"receipt,omitempty"`
	Certificate   string        `json:"certificate,omitempty"` // its number
	CertificateID uuid.UUID     `json:"certificate_id,omitzero"`
	Title         i18n.Text     `json:"title,omitempty"`   // of a letter; whose opinion
	Document      uuid.UUID     `json:"document,omitzero"` // a letter's
	Outcome       string        `json:"outcome,omitempty"` // approved, rejected, withdrawn; of an opinion: no_objection, conditions, objection
	Fields        []fault.Field `json:"fields,omitempty"`
	Message       uuid.UUID     `json:"message,omitzero"` // of kind Message: its own id; Note is its words
	Files         []File        `json:"files,omitempty"`
	At            time.Time     `json:"at"`
}

// DemandRef points at what is to be paid.
type DemandRef struct {
	ID     uuid.UUID    `json:"id"`
	Amount money.Amount `json:"amount"`
}

// Local is the endpoint of a provider in this process.
const Local = "local"

// Route says who provides a service: the registered Provider of that code or, where it is "", Endpoint: Local or a foreign
// agency's URL, with which Key (a shared secret of at least 32 bytes) is then agreed.
type Route struct {
	Provider  string
	Service   string
	Agency    string
	Endpoint  string
	Key       []byte
	UpdatedAt time.Time
}

// MessageRow is a message as operators see it: never its content.
type MessageRow struct {
	ID          uuid.UUID
	Direction   string // request or response
	Kind        string
	Service     string
	RequestID   uuid.UUID
	Agency      string
	Provider    string // code of the registered provider, "" for others
	Status      string // queued, delivered, failed
	Failure     string // code, when failed
	Attempts    int    // in vain
	Problem     string // of the last of them: a status or a word
	SentAt      time.Time
	DeliveredAt *time.Time
}

// Filter narrows a list of messages; empty fields do not narrow.
type Filter struct {
	Status    string
	Service   string
	Provider  string
	RequestID uuid.UUID
}
