package frame

import (
	"encoding/json"
	"net/http"
	"net/url"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/web/ui"
)

var statusOf = map[fault.Kind]int{
	fault.KindInternal: http.StatusInternalServerError, fault.KindInvalid: http.StatusUnprocessableEntity,
	fault.KindUnauthenticated: http.StatusUnauthorized, fault.KindForbidden: http.StatusForbidden,
	fault.KindNotFound: http.StatusNotFound, fault.KindConflict: http.StatusConflict,
	fault.KindTooMany: http.StatusTooManyRequests, fault.KindUnavailable: http.StatusServiceUnavailable,
	fault.KindUnsupported: http.StatusNotImplemented,
}

// Problem is a failure told to a program (RFC 9457). Type names the code and does not resolve; Instance is the
// reference under which the failure is logged.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Code     string         `json:"code"`
	Instance string         `json:"instance"`
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is one input at fault.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// fail answers a failure once, in the form the caller reads. What is not a fault is logged with its chain and told
// only as a reference.
func (r *Request) fail(err error) {
	e := fault.Of(err)
	status := statusOf[e.Kind]
	log := r.frame.deps.Log.With("request", r.ID, "route", r.Route.Pattern, "status", status, "code", e.Code)
	switch {
	case e.Kind == fault.KindInternal:
		log.ErrorContext(r.Context(), "failed", "error", err)
	case e.Kind == fault.KindUnavailable:
		log.WarnContext(r.Context(), "unavailable", "error", err)
	default:
		log.InfoContext(r.Context(), "refused")
	}
	if r.Route.Kind == API || r.Route.Kind == Hook {
		r.problem(e, status)
		return
	}
	if e.Kind == fault.KindUnauthenticated && r.Method == http.MethodGet {
		http.Redirect(r.W, r.Request, r.signInPath(), http.StatusSeeOther)
		return
	}
	if err := r.HTMLStatus(status, failPage(r, e, r.help(e))); err != nil {
		log.ErrorContext(r.Context(), "error page", "error", err)
		http.Error(r.W, http.StatusText(status), status)
	}
}

// signInPath leads to the sign-in of the surface and back to where the reader wanted to go.
func (r *Request) signInPath() string {
	path := "/sign-in"
	if r.Route.Permission != Citizen && r.Route.Permission != SignedIn {
		path = "/staff/sign-in"
	}
	return path + "?next=" + url.QueryEscape(r.URL.RequestURI())
}

func (r *Request) problem(e *fault.Error, status int) {
	r.challenge(e)
	p := Problem{
		Type: "urn:digit:problem:" + e.Code, Title: r.Sentence(e), Status: status, Code: e.Code, Instance: "urn:digit:request:" + r.ID,
	}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: f.Path, Code: f.Code, Detail: r.FieldSentence(f)})
	}
	b, err := json.Marshal(p)
	if err != nil {
		http.Error(r.W, http.StatusText(status), status)
		return
	}
	r.W.Header().Set("Content-Type", "application/problem+json")
	r.W.Header().Set("Cache-Control", "no-store")
	r.W.WriteHeader(status)
	_, err = r.W.Write(append(b, '\n'))
	_ = r.gone(err)
}

// Sentence tells a failure in the reader's language.
func (r *Request) Sentence(e *fault.Error) string {
	args := make(map[string]any, len(e.Args))
	for name, v := range e.Args {
		if t, ok := v.(i18n.Text); ok {
			v = r.Text(t)
		}
		args[name] = v
	}
	return r.frame.deps.Catalog.T(r.Lang, e.Key(), args)
}

// FieldSentence tells what is wrong with a field and how to mend it. A service's author may have written the sentence,
// and a checked service definition has its own.
func (r *Request) FieldSentence(f fault.Field) string {
	args := make(map[string]any, len(f.Args))
	for name, v := range f.Args {
		if t, ok := v.(i18n.Text); ok {
			v = r.Text(t)
		}
		args[name] = v
	}
	for _, own := range []string{"message", "sentence"} {
		if text, ok := args[own].(string); ok && text != "" {
			return text
		}
	}
	return r.frame.deps.Catalog.T(r.Lang, "error."+f.Code, args)
}

// Problems turns the fields at fault into lines of the error summary.
func (r *Request) Problems(fields []fault.Field) []ui.Problem {
	out := make([]ui.Problem, 0, len(fields))
	for _, f := range fields {
		out = append(out, ui.Problem{Field: f.Path, Text: r.FieldSentence(f)})
	}
	return out
}
