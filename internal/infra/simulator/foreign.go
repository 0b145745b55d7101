package simulator

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
)

// Case is a request at the foreign agency.
type Case struct {
	ID         uuid.UUID // the request's
	Agency     string
	Service    string
	Reference  string
	Name       string          // of the person
	Answers    json.RawMessage // as they came
	Status     string          // open, answered, withdrawn
	Outcome    string          // approved or rejected, when answered
	ReceivedAt time.Time
	AnsweredAt *time.Time
}

// foreignRequest is what the foreign agency reads of a ServiceRequest.
type foreignRequest struct {
	ID        uuid.UUID       `json:"id"`
	Kind      string          `json:"kind"` // apply, correct, withdraw
	Reference string          `json:"reference"`
	Service   string          `json:"service"`
	Name      string          `json:"name"`
	Answers   json.RawMessage `json:"answers"`
}

// foreignResponse is what it writes of a ServiceResponse.
type foreignResponse struct {
	RequestID uuid.UUID `json:"request_id"`
	Kind      string    `json:"kind"`
	State     string    `json:"state"`
	Text      i18n.Text `json:"text,omitempty"`
	Note      string    `json:"note,omitempty"`
	Outcome   string    `json:"outcome,omitempty"`
	At        time.Time `json:"at"`
}

// AgencyKey returns the secret that the foreign agency shares with the exchange, for exchange.PutRoute; 32 bytes.
// Errors: ErrProduction.
func (s *Service) AgencyKey(ctx context.Context, tx *pg.Tx) ([]byte, error) {
	if err := allowed(ctx, tx); err != nil {
		return nil, err
	}
	return s.key(ctx, tx, "agency")
}

// Take receives a signed ServiceRequest for an agency, and has the agency say so. The same again changes nothing; a correction opens the case
// again, a withdrawal ends it. Errors: ErrProduction, ErrSignature, ErrRequest.
func (s *Service) Take(ctx context.Context, tx *pg.Tx, agency string, header http.Header, body []byte) (err error) {
	defer fault.Wrap(&err, "simulator.Take(%s)", agency)
	key, err := s.AgencyKey(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := webhook.Verify(key, header, tx.Wall, body); err != nil {
		return ErrSignature.Because(err)
	}
	var r foreignRequest
	if err := json.Unmarshal(body, &r); err != nil || r.ID == uuid.Nil || !slices.Contains([]string{"apply", "correct", "withdraw"}, r.Kind) {
		return ErrRequest.Because(err)
	}
	fresh, err := s.insertCase(ctx, tx, agency, r, body)
	if err == nil && fresh && r.Kind != "withdraw" {
		err = tx.Enqueue(ctx, &ReceivedArgs{Case: r.ID})
	}
	if err != nil || fresh || r.Kind == "apply" {
		return err
	}
	status := "open"
	if r.Kind == "withdraw" {
		status = "withdrawn"
	}
	return s.renewCase(ctx, tx, r.ID, status, body)
}

// Cases lists the foreign agency's cases with a status ("" for all), the newest first.
// Errors: ErrProduction, page.ErrCursor.
func (s *Service) Cases(ctx context.Context, tx *pg.Tx, status string, r page.Request) (p page.Page[Case], err error) {
	defer fault.Wrap(&err, "simulator.Cases")
	if err := allowed(ctx, tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := s.listCases(ctx, tx, status, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	return page.Of(r, rows, func(c Case) []string { return []string{c.ID.String()} }), nil
}

// Case returns one case. Errors: ErrProduction, ErrUnknown.
func (s *Service) Case(ctx context.Context, tx *pg.Tx, request uuid.UUID) (c Case, err error) {
	defer fault.Wrap(&err, "simulator.Case(%s)", request)
	if err := allowed(ctx, tx); err != nil {
		return c, err
	}
	return s.getCase(ctx, tx, request)
}

// Decision is how the foreign agency answers: Outcome approved or rejected, Note in the officer's words.
type Decision struct {
	Outcome string
	Note    string
}

// Answer decides a case and has the signed answer posted. Errors: ErrProduction, ErrUnknown, ErrDecision, ErrAnswered.
func (s *Service) Answer(ctx context.Context, tx *pg.Tx, request uuid.UUID, d Decision) (err error) {
	defer fault.Wrap(&err, "simulator.Answer(%s)", request)
	if err := allowed(ctx, tx); err != nil {
		return err
	}
	if d.Outcome != "approved" && d.Outcome != "rejected" {
		return ErrDecision
	}
	status, err := lockCase(ctx, tx, request)
	if err != nil {
		return err
	}
	if status != "open" {
		return ErrAnswered
	}
	body, err := json.Marshal(foreignResponse{RequestID: request, Kind: "decided", State: d.Outcome, Note: d.Note, Outcome: d.Outcome, At: tx.Now})
	if err != nil {
		return err
	}
	if err := s.answerCase(ctx, tx, request, d.Outcome, body); err != nil {
		return err
	}
	return tx.Enqueue(ctx, &AnswerArgs{Case: request})
}

// postReceived tells that a request has arrived. The same case says it in the same words at every try, so that the
// exchange takes it once.
func (s *Service) postReceived(ctx context.Context, db *pg.DB, j *river.Job[ReceivedArgs]) (err error) {
	defer fault.Wrap(&err, "simulator.received(%s)", j.Args.Case)
	return s.reply(ctx, db, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (body []byte, id string, err error) {
		c, err := s.getCase(ctx, tx, j.Args.Case)
		if err != nil {
			return nil, "", err
		}
		body, err = json.Marshal(foreignResponse{RequestID: c.ID, Kind: "received", State: "received", At: c.ReceivedAt})
		return body, "rec_" + c.ID.String(), err
	})
}

// postAnswer posts the kept answer; its id is that of the answer, so that the exchange takes it once.
func (s *Service) postAnswer(ctx context.Context, db *pg.DB, j *river.Job[AnswerArgs]) (err error) {
	defer fault.Wrap(&err, "simulator.answer(%s)", j.Args.Case)
	return s.reply(ctx, db, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (body []byte, id string, err error) {
		return s.keptAnswer(ctx, tx, j.Args.Case)
	})
}

// reply posts what the agency has to say to the exchange.
func (s *Service) reply(ctx context.Context, db *pg.DB, scope pg.Scope, what func(context.Context, *pg.Tx) ([]byte, string, error)) error {
	var p parcel
	err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if p.key, err = s.AgencyKey(ctx, tx); err != nil {
			return err
		}
		base, err := s.baseURL(ctx, tx)
		if err != nil {
			return err
		}
		p.url = base + "/hooks/exchange"
		p.body, p.id, err = what(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return s.post(ctx, p)
}
