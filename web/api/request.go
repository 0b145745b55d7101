package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
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

// newRequest is the body of POST /api/v1/requests. Answers are by question code: text, whole number, true or false,
// or a list of texts, as the kind of the question says.
type newRequest struct {
	Service string         `json:"service"`
	Lang    string         `json:"lang"`
	Answers map[string]any `json:"answers"`
}

// submit starts a request, takes the answers page by page as the portal would, and sends it; all of it or nothing.
// Answers that cannot be accepted are all told at once.
func (a *API) submit(r *frame.Request) error {
	var in newRequest
	if err := r.Decode(&in); err != nil {
		return err
	}
	if in.Lang == "" {
		in.Lang = r.Lang
	}
	var sent request.Request
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if _, err := a.deps.Catalog.Offered(ctx, tx, in.Service); err != nil {
			return err
		}
		q, err := a.deps.Requests.Start(ctx, tx, r.Person(), in.Service, in.Lang)
		if err != nil {
			return err
		}
		if err := a.answer(ctx, tx, r.Person(), q, in); err != nil {
			return err
		}
		sent, err = a.deps.Requests.Submit(ctx, tx, r.Person(), q.ID)
		return err
	})
	if err != nil {
		return err
	}
	r.W.Header().Set("Location", "/api/v1/requests/"+sent.ID.String())
	return r.JSON(http.StatusCreated, viewOf(sent, false))
}

// answer fills the form. Which pages are asked depends on the answers of earlier ones, so they are taken in order.
// Errors: errAnswers with every field at fault.
func (a *API) answer(ctx context.Context, tx *pg.Tx, person uuid.UUID, q request.Request, in newRequest) error {
	spec, facts, err := a.deps.Requests.Spec(ctx, tx, q)
	if err != nil {
		return err
	}
	values, wrong := typed(spec, in.Answers)
	asked := map[string]bool{}
	for _, p := range spec.Pack().Form.Pages {
		if !visible(spec, q.Answers, facts, p.Code) {
			continue
		}
		posted := map[string][]string{}
		for _, question := range p.Questions {
			asked[question.Code] = true
			for name, value := range servicespec.Posted(question, values[question.Code], facts) {
				posted[name] = value
			}
		}
		refused, err := a.deps.Requests.SavePage(ctx, tx, person, q.ID, p.Code, in.Lang, posted)
		if err != nil {
			return err
		}
		for _, f := range refused {
			if !slices.ContainsFunc(wrong, func(w fault.Field) bool { return w.Path == f.Path }) {
				wrong = append(wrong, f)
			}
		}
		if q, err = a.deps.Requests.Request(ctx, tx, person, q.ID); err != nil {
			return err
		}
	}
	for code := range values {
		if !asked[code] {
			wrong = append(wrong, fault.Field{Path: code, Code: "api.answer.not_asked"})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortStableFunc(wrong, func(x, y fault.Field) int { return cmp.Compare(x.Path, y.Path) })
	return errAnswers.WithFields(wrong...)
}

func visible(spec *servicespec.Service, answers servicespec.Answers, facts servicespec.Facts, code string) bool {
	return slices.ContainsFunc(spec.Pages(answers, facts), func(p servicespec.PageView) bool { return p.Code == code })
}

// typed gives the posted answers the types that the form's questions have, and names those that have another.
func typed(spec *servicespec.Service, posted map[string]any) (servicespec.Answers, []fault.Field) {
	values, wrong := servicespec.Answers{}, []fault.Field(nil)
	for code, v := range posted {
		q := spec.Question(code)
		switch {
		case q == nil || q.Kind == servicespec.KindInfo:
			wrong = append(wrong, fault.Field{Path: code, Code: "api.answer.unknown"})
		case q.Kind == servicespec.KindFile:
			wrong = append(wrong, fault.Field{Path: code, Code: "api.answer.file"})
		default:
			value, ok := valueOf(q.Kind, v)
			if !ok {
				wrong = append(wrong, fault.Field{Path: code, Code: "api.answer.type", Args: map[string]any{"kind": q.Kind}})
				continue
			}
			values[code] = value
		}
	}
	return values, wrong
}

// exactly is the largest whole number that JSON numbers carry unchanged everywhere.
const exactly = 1 << 53

// valueOf returns a JSON value in the normal form of answers of a kind.
func valueOf(kind string, v any) (any, bool) {
	switch kind {
	case servicespec.KindYesNo, servicespec.KindDeclaration:
		b, ok := v.(bool)
		return b, ok
	case servicespec.KindNumber, servicespec.KindMoney:
		n, ok := v.(float64)
		return int64(n), ok && n == float64(int64(n)) && n < exactly && n > -exactly
	case servicespec.KindChoices:
		list, ok := v.([]any)
		out := make([]string, 0, len(list))
		for _, x := range list {
			s, isText := x.(string)
			ok = ok && isText
			out = append(out, s)
		}
		return out, ok
	}
	s, ok := v.(string)
	return s, ok
}
