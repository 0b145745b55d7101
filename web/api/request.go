package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
)

var errAnswers = fault.Invalid("api.answers")

// requestView is a person's request.
type requestView struct {
	ID          uuid.UUID           `json:"id"`
	Service     string              `json:"service"`
	Version     int                 `json:"version"`
	Status      request.Status      `json:"status"`
	Reference   string              `json:"reference,omitempty"`
	State       string              `json:"state,omitempty"`
	StateName   i18n.Text           `json:"state_name,omitempty"`
	Outcome     string              `json:"outcome,omitempty"`
	Promised    *time.Time          `json:"promised,omitempty"`
	ToPay       *money.Amount       `json:"to_pay,omitempty"`
	Receipt     string              `json:"receipt,omitempty"`
	Certificate *uuid.UUID          `json:"certificate,omitempty"`
	Correct     []string            `json:"correct,omitempty"` // questions to answer again
	Note        string              `json:"note,omitempty"`
	SubmittedAt *time.Time          `json:"submitted_at,omitempty"`
	Answers     servicespec.Answers `json:"answers,omitempty"`
	Timeline    []entryView         `json:"timeline,omitempty"`
}

type entryView struct {
	Kind string    `json:"kind"`
	Name i18n.Text `json:"name,omitempty"`
	Text i18n.Text `json:"text,omitempty"`
	Note string    `json:"note,omitempty"`
	At   time.Time `json:"at"`
}

func viewOf(q request.Request, whole bool) requestView {
	v := requestView{
		ID: q.ID, Service: q.Service, Version: q.Version, Status: q.Status, Reference: q.Reference, State: q.State, StateName: q.StateName,
		Outcome: q.Outcome, Promised: q.Promised, Receipt: q.Receipt, Correct: q.Items, Note: q.Note, SubmittedAt: q.SubmittedAt,
	}
	if q.ToPay() && q.Demand != nil {
		v.ToPay = &q.Demand.Amount
	}
	if q.Certificate != uuid.Nil {
		v.Certificate = &q.Certificate
	}
	if whole {
		v.Answers = q.Answers
		for _, e := range q.Timeline {
			v.Timeline = append(v.Timeline, entryView{e.Kind, e.Name, e.Text, e.Note, e.At})
		}
	}
	return v
}

// requests lists the person's own requests.
func (a *API) requests(r *frame.Request) error {
	var found page.Page[request.Request]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		filter := request.Filter{OpenOnly: r.Query("open") == "true", Service: r.Query("service")}
		found, err = a.deps.Requests.Mine(ctx, tx, r.Person(), filter, r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	out := listOf[requestView]{Items: []requestView{}, Next: found.Next}
	for _, q := range found.Rows {
		out.Items = append(out.Items, viewOf(q, false))
	}
	return r.JSON(http.StatusOK, out)
}

// request is one of the person's own requests with its answers and its timeline.
func (a *API) request(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var q request.Request
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		q, err = a.deps.Requests.Request(ctx, tx, r.Person(), id)
		return err
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, viewOf(q, true))
}

// newRequest is the body of POST /api/v1/requests. Answers are by question code, in the shapes that the service's schema
// publishes.
type newRequest struct {
	Service string          `json:"service"`
	Lang    string          `json:"lang"`
	Answers json.RawMessage `json:"answers"`
}

// submit starts a request, takes the answers, and sends it; all of it or nothing. Answers that cannot be accepted are all
// told at once. With an Idempotency-Key the same again is answered with the request that came of it the first time.
func (a *API) submit(r *frame.Request) error {
	var in newRequest
	if err := r.Decode(&in); err != nil {
		return err
	}
	key, err := idempotencyKey(r.Header)
	if err != nil {
		return err
	}
	asked, err := canonical(in)
	if err != nil {
		return err
	}
	if in.Lang == "" {
		in.Lang = r.Lang
	}
	var sent request.Request
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		sent, err = a.deps.Requests.Once(ctx, tx, r.Person(), key, asked, func() (request.Request, error) { return a.send(ctx, tx, r.Person(), in) })
		return err
	})
	if err != nil {
		return err
	}
	r.W.Header().Set("Location", "/api/v1/requests/"+sent.ID.String())
	return r.JSON(http.StatusCreated, viewOf(sent, false))
}

func (a *API) send(ctx context.Context, tx *pg.Tx, person uuid.UUID, in newRequest) (request.Request, error) {
	if _, err := a.deps.Catalog.Offered(ctx, tx, in.Service); err != nil {
		return request.Request{}, err
	}
	q, err := a.deps.Requests.Start(ctx, tx, person, in.Service, in.Lang)
	if err != nil {
		return q, err
	}
	wrong, err := a.deps.Requests.Fill(ctx, tx, person, q.ID, in.Lang, in.Answers)
	if err != nil {
		return q, err
	}
	if len(wrong) > 0 {
		return q, errAnswers.WithFields(wrong...)
	}
	return a.deps.Requests.Submit(ctx, tx, person, q.ID)
}
