package portal

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// eligible reports whether nothing that the person has answered rules the service out.
func (a application) eligible() bool { return a.spec.Eligible(a.Answers, a.facts).Eligible }

// reason is one condition with what it means for the reader.
type reason struct {
	Text, Instead string
	Link          string
	Holds         bool
}

// reasons tell a verdict: what rules the service out first, then what the reader should know, then what speaks for them.
func reasons(r *frame.Request, v servicespec.Verdict) []reason {
	var out []reason
	for _, f := range v.Failing() {
		out = append(out, reason{Text: r.Text(f.No), Instead: r.Text(f.Instead), Link: f.Link})
	}
	for _, f := range v.Reasons {
		if f.Holds != nil && *f.Holds && !f.Yes.IsZero() {
			out = append(out, reason{Text: r.Text(f.Yes), Holds: true})
		}
	}
	return out
}

type stopView struct {
	Site            ui.Site
	Name, Back      string
	Change, Discard string
	Reasons         []reason
}

// stop says why the reader cannot have the service with what they have answered, and what to do instead. The answers stay, and
// can be changed.
func (p *Portal) stop(r *frame.Request) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if !a.answerable() || a.eligible() {
		return r.Redirect(a.path())
	}
	failing := reasons(r, a.spec.Eligible(a.Answers, a.facts))
	v := stopView{
		Site: r.Site(frame.Portal), Name: r.Text(a.spec.Pack().Name), Back: a.path(), Change: a.path(),
		Reasons: slices.DeleteFunc(failing, func(x reason) bool { return x.Holds }),
	}
	if a.LastPage != "" {
		v.Change = a.path() + "/pages/" + a.LastPage
	}
	if a.Status == request.Draft {
		v.Discard = a.path() + "/discard"
	}
	return r.HTML(stopPage(v))
}

type screenView struct {
	Site         ui.Site
	Code, Name   string
	Form         form.View
	Problems     []ui.Problem
	Answered, No bool // whether there is a verdict, and whether it is no
	Reasons      []reason
	Hidden       [][2]string // what was answered, for the application
	Begin        string      // where that goes
}

// screenAsk asks the few questions by which anybody finds out whether a service is for them.
func (p *Portal) screenAsk(r *frame.Request) error { return p.screening(r, nil) }

// screen answers them: by no with the way to what helps instead, or with the way on. Whoever goes on without being signed in
// takes the answers along in their own browser.
func (p *Portal) screen(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if posted == nil {
		posted = url.Values{}
	}
	if r.Query("begin") != "" {
		code := r.Param("code")
		if kept := posted.Encode(); len(kept) <= mostScreened {
			r.Remember(screenCookie, code+"?"+kept)
		}
		return r.Redirect("/services/" + url.PathEscape(code) + "/start")
	}
	return p.screening(r, posted)
}

// screenCookie keeps what was answered before signing in, for as long as that takes; mostScreened is how many bytes it may.
const (
	screenCookie = "screened"
	mostScreened = 3000
)

// screened returns what was answered before signing in, for the application to a service.
func screened(r *frame.Request, code string) [][2]string {
	query, ok := strings.CutPrefix(r.Recall(screenCookie), code+"?")
	posted, err := url.ParseQuery(query)
	if !ok || err != nil {
		return nil
	}
	return hidden(posted)
}

// hidden are posted values for a form that posts them again, in order.
func hidden(posted url.Values) [][2]string {
	var out [][2]string
	for _, name := range slices.Sorted(maps.Keys(posted)) {
		for _, value := range posted[name] {
			out = append(out, [2]string{name, value})
		}
	}
	return out
}

func (p *Portal) screening(r *frame.Request, posted url.Values) error {
	var v screenView
	var wrong []fault.Field
	_, refresh := form.TakeAct(posted)
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		e, err := p.deps.Catalog.Offered(ctx, tx, r.Param("code"))
		if err != nil {
			return err
		}
		spec, err := p.deps.Catalog.Service(ctx, tx, e.Code, e.Version)
		if err != nil {
			return err
		}
		if len(spec.Pack().Eligibility.Questions) == 0 {
			return catalog.ErrUnknown
		}
		s, err := p.deps.Requests.Screen(ctx, tx, spec, posted)
		if err != nil {
			return err
		}
		if wrong = s.Wrong; refresh {
			wrong = nil
		}
		v = screenView{Site: r.Site(frame.Portal), Code: e.Code, Name: r.Text(e.Name)}
		v.Answered = posted != nil && !refresh && len(wrong) == 0
		v.No, v.Reasons = !s.Verdict.Eligible, reasons(r, s.Verdict)
		a := application{Request: request.Request{Status: request.Draft, Answers: s.Answers}, spec: spec, facts: s.Facts}
		v.Form, err = p.formView(ctx, tx, r, a, s.Page, shown{posted: posted, wrong: wrong})
		return err
	})
	if err != nil {
		return err
	}
	v.Form.Title = r.T("eligible.title")
	v.Problems = problems(r, v.Form, wrong)
	if v.Answered {
		v.Hidden, v.Begin = hidden(posted), "/services/"+v.Code+"/start"
		if r.Principal == nil {
			v.Begin = "/services/" + v.Code + "/check?begin=1"
		}
		return r.HTML(verdictPage(v))
	}
	if len(wrong) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, screenPage(v))
	}
	return r.HTML(screenPage(v))
}
