package frame

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"digit/internal/infra/identity"
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

// Status is the status by which a failure is answered.
func (r *Request) Status(e *fault.Error) int { return statusOf[e.Kind] }

// Refused logs a failure that a handler answers with a page of its own, as those are logged that it leaves to the frame.
func (r *Request) Refused(err error) {
	e := fault.Of(err)
	status := statusOf[e.Kind]
	note := noteOf(r.Context())
	log := r.frame.deps.Log.With("request", r.ID, "route", r.Route.Pattern, "status", status, "code", e.Code, "tenant", note.Tenant, "kind", note.Kind, "actor", note.Actor)
	switch {
	case e.Kind == fault.KindInternal:
		log.ErrorContext(r.Context(), "failed", "error", err)
	case e.Kind == fault.KindUnavailable:
		log.WarnContext(r.Context(), "unavailable", "error", err)
	default:
		log.InfoContext(r.Context(), "refused")
	}
}

// fail answers a failure once, in the form the caller reads. What is not a fault is logged with its chain and told
// only as a reference.
func (r *Request) fail(err error) {
	e := fault.Of(err)
	status := statusOf[e.Kind]
	r.Refused(err)
	RetryAfter(r.W, e)
	if r.Route.Kind == API || r.Route.Kind == Hook {
		r.problem(e, status)
		return
	}
	if err := r.failPage(e, status); err != nil {
		r.frame.deps.Log.ErrorContext(r.Context(), "error page", "request", r.ID, "error", err)
		http.Error(r.W, http.StatusText(status), status)
	}
}

// failPage answers a person: where they can mend it by proving who they are, by asking for that.
func (r *Request) failPage(e *fault.Error, status int) error {
	switch {
	case errors.Is(e, errOneFactor):
		return r.Redirect("/staff/second-factor?next=" + url.QueryEscape(r.Resume().To))
	case errors.Is(e, identity.ErrConfirm):
		return r.confirm(e, status)
	case e.Kind == fault.KindUnauthenticated && r.Method == http.MethodGet:
		return r.Redirect(r.signInPath())
	case e.Kind == fault.KindUnauthenticated && len(r.Resume().Fields) > 0:
		return r.HTMLStatus(status, lapsedPage(r, r.Resume()))
	}
	return r.HTMLStatus(status, failPage(r, e, r.help(e)))
}

// signInDoor is where those sign in for whom the route is.
func (r *Request) signInDoor() string {
	if r.Route.Permission != Citizen && r.Route.Permission != SignedIn {
		return "/staff/sign-in"
	}
	return "/sign-in"
}

// signInPath leads to the sign-in of the surface and back to where the reader wanted to go. Who was signed in until now
// is told why not any longer.
func (r *Request) signInPath() string {
	path := r.signInDoor() + "?next=" + url.QueryEscape(r.Resume().To)
	if r.sessionToken() != "" {
		path += "&lapsed=1"
	}
	return path
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
	return r.texts.T(r.Lang, e.Key(), r.spelt(e.Args))
}

// spelt returns a sentence's arguments with durations and names in the reader's words.
func (r *Request) spelt(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for name, v := range args {
		switch x := v.(type) {
		case time.Duration:
			v = r.Duration(x)
		case i18n.Text:
			v = r.Text(x)
		}
		out[name] = v
	}
	return out
}

// Duration says how long something takes, in the largest unit that is not too coarse to wait by; parts count as whole.
func (r *Request) Duration(d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d < time.Minute:
		return r.T("page.wait.seconds", "n", max(1, up(time.Second)))
	case d < 90*time.Minute:
		return r.T("page.wait.minutes", "n", up(time.Minute))
	}
	return r.T("page.wait.hours", "n", up(time.Hour))
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
	return r.texts.T(r.Lang, "error."+f.Code, args)
}

// Problems turns the fields at fault into lines of the error summary.
func (r *Request) Problems(fields []fault.Field) []ui.Problem {
	out := make([]ui.Problem, 0, len(fields))
	for _, f := range fields {
		out = append(out, ui.Problem{Field: f.Path, Text: r.FieldSentence(f)})
	}
	return out
}
