package portal

import (
	"context"
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
}

// screenAsk asks the few questions by which anybody finds out whether a service is for them.
func (p *Portal) screenAsk(r *frame.Request) error { return p.screening(r, nil) }

// screen answers them: by no with the way to what helps instead, or with the way on.
func (p *Portal) screen(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if posted == nil {
		posted = url.Values{}
	}
	return p.screening(r, posted)
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
		for name, values := range posted {
			for _, value := range values {
				v.Hidden = append(v.Hidden, [2]string{name, value})
			}
		}
		slices.SortFunc(v.Hidden, func(x, y [2]string) int { return strings.Compare(x[0]+"\x00"+x[1], y[0]+"\x00"+y[1]) })
		return r.HTML(verdictPage(v))
	}
	if len(wrong) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, screenPage(v))
	}
	return r.HTML(screenPage(v))
}
