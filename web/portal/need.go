package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

const (
	needPath = "/what-do-i-need"
	// needMost is how many services are looked through for one moment of life.
	needMost = 20
)

// needed is a service that is looked through, with what was answered and what that comes to.
type needed struct {
	entry    catalog.Entry
	spec     *servicespec.Service
	screened request.Screened
	open     []servicespec.QuestionView // questions that nobody has answered
}

// owner names the inputs of a service's question. A question that services ask in the same words, of the same kind and with the same choices is
// asked once: under the name of the first of them. Questions that merely have the same code may mean different things.
type owner struct {
	service  string
	services []string // all that ask it
	question servicespec.QuestionView
}

// needAsk asks what has happened in the reader's life, and then what decides which services are for them.
func (p *Portal) needAsk(r *frame.Request) error {
	events := r.URL.Query()["event"]
	if len(events) == 0 {
		return p.needEvents(r)
	}
	return p.needPage(r, events, nil)
}

// need answers which services are for the reader, by what they say. Nothing of it is kept.
func (p *Portal) need(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if posted == nil {
		posted = url.Values{}
	}
	return p.needPage(r, r.URL.Query()["event"], posted)
}

type needEventsView struct {
	Site   ui.Site
	Events ui.Field
}

func (p *Portal) needEvents(r *frame.Request) error {
	var facets catalog.Facets
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		facets, err = p.deps.Catalog.Facets(ctx, tx, r.Lang)
		return err
	})
	if err != nil {
		return err
	}
	v := needEventsView{Site: r.Site(frame.Portal), Events: ui.Field{Name: "event", Label: r.T("need.events"), Hint: r.T("need.events_hint")}}
	for _, e := range facets.LifeEvents {
		v.Events.Options = append(v.Events.Options, ui.Option{Value: e, Label: r.T("life." + e), Hint: r.T("life." + e + ".text")})
	}
	return r.HTML(needEventsPage(v))
}

type needView struct {
	Site      ui.Site
	Action    string
	Forms     []form.View
	Problems  []ui.Problem
	Hidden    [][2]string // what was answered, to be shown again
	For, Open []needCard
	Not       []needCard
	Asked     bool // there were questions
}

// Live reports whether a part of the page follows the answers.
func (v *needView) Live() bool { return slices.ContainsFunc(v.Forms, form.View.Live) }

// needCard is a service with why it is, may be or is not for the reader.
type needCard struct {
	Name, Agency, Text, Href string
	Reasons                  []reason
	Check                    string // where the rest is asked
}

func (p *Portal) needPage(r *frame.Request, events []string, posted url.Values) error {
	v := needView{Site: r.Site(frame.Portal), Action: needPath + "?" + url.Values{"event": events}.Encode()}
	var wrong []fault.Field
	var list []needed
	var agencies map[string]agency.Agency
	var others []catalog.Elsewhere
	_, refresh := form.TakeAct(posted)
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if list, err = p.needed(ctx, tx, r, events); err != nil {
			return err
		}
		if agencies, err = p.agencies(ctx, tx); err != nil {
			return err
		}
		if others, err = p.neededElsewhere(ctx, tx, r, events); err != nil {
			return err
		}
		owners := ownersOf(list)
		for i := range list {
			faults, err := p.screenNeeded(ctx, tx, &list[i], owners, posted)
			if err != nil {
				return err
			}
			wrong = append(wrong, faults...)
		}
		v.Forms, err = p.needForms(ctx, tx, r, list, owners, posted, wrong)
		return err
	})
	if err != nil {
		return err
	}
	v.Asked = len(v.Forms) > 0
	if v.Asked && (posted == nil || refresh) {
		return r.HTML(needQuestionsPage(&v))
	}
	if len(wrong) > 0 {
		v.Problems = r.Problems(wrong)
		return r.HTMLStatus(http.StatusUnprocessableEntity, needQuestionsPage(&v))
	}
	v.Hidden = append(hidden(posted), [2]string{form.Refresh, "1"})
	for _, n := range list {
		v.put(r, n, agencies)
	}
	for _, e := range others {
		v.For = append(v.For, needCard{
			Name: r.Text(e.Name), Agency: r.Text(agencies[e.Agency].Name), Text: r.Text(e.Summary), Href: "/elsewhere/" + e.ID.String(),
			Reasons: []reason{{Text: r.T("need.elsewhere", "host", e.Host())}},
		})
	}
	return r.HTML(needFoundPage(&v))
}

// needed loads the services that exist for some moments of life, each once, by name.
func (p *Portal) needed(ctx context.Context, tx *pg.Tx, r *frame.Request, events []string) (list []needed, err error) {
	seen := map[string]bool{}
	for _, event := range events {
		found, err := p.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang, LifeEvent: event}, page.Request{Size: needMost})
		if err != nil {
			return nil, err
		}
		for _, e := range found.Rows {
			if seen[e.Code] {
				continue
			}
			spec, err := p.deps.Catalog.Service(ctx, tx, e.Code, e.Version)
			if err != nil {
				return nil, err
			}
			seen[e.Code] = true
			n := needed{entry: e, spec: spec}
			if n.screened, err = p.deps.Requests.Screen(ctx, tx, spec, nil); err != nil {
				return nil, err
			}
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b needed) int { return strings.Compare(a.entry.Code, b.entry.Code) })
	return list, nil
}

// neededElsewhere are the services on other sites for some moments of life, each once; what decides about them is asked there.
func (p *Portal) neededElsewhere(ctx context.Context, tx *pg.Tx, r *frame.Request, events []string) (list []catalog.Elsewhere, err error) {
	for _, event := range events {
		found, err := p.deps.Catalog.Elsewheres(ctx, tx, catalog.Query{Lang: r.Lang, LifeEvent: event})
		if err != nil {
			return nil, err
		}
		for _, e := range found {
			if !slices.ContainsFunc(list, func(o catalog.Elsewhere) bool { return o.ID == e.ID }) {
				list = append(list, e)
			}
		}
	}
	return list, nil
}

// sameness is what two questions have in common that are asked once.
func sameness(q servicespec.QuestionView) string {
	q.Question.Required = ""
	b, err := json.Marshal(q.Question)
	if err != nil { // a question that cannot be written down is like no other
		return q.Code
	}
	return string(bytes.TrimSpace(b))
}

// ownersOf finds which question is asked for which services.
func ownersOf(list []needed) map[string]*owner {
	owners := map[string]*owner{}
	for _, n := range list {
		for _, q := range n.screened.Page.Questions {
			key := sameness(q)
			if owners[key] == nil {
				owners[key] = &owner{service: n.entry.Code, question: q}
			}
			owners[key].services = append(owners[key].services, n.entry.Code)
		}
	}
	return owners
}

// screenNeeded judges a service by what was posted under the names of its questions. An answer that is missing is no fault here; one that
// cannot be read is.
func (p *Portal) screenNeeded(ctx context.Context, tx *pg.Tx, n *needed, owners map[string]*owner, posted url.Values) (wrong []fault.Field, err error) {
	own, names := url.Values{}, map[string]string{}
	for _, q := range n.screened.Page.Questions {
		at := owners[sameness(q)].service + "." + q.Code
		names[q.Code] = at
		for name, values := range posted {
			if rest, ok := strings.CutPrefix(name, at); ok && (rest == "" || rest[0] == '.') && strings.Join(values, "") != "" {
				own[q.Code+rest] = values
			}
		}
	}
	asked := n.screened.Page.Questions
	if n.screened, err = p.deps.Requests.Screen(ctx, tx, n.spec, own); err != nil {
		return nil, err
	}
	for _, f := range n.screened.Wrong {
		if at := names[f.Path]; typed(own, f.Path) && strings.HasPrefix(at, n.entry.Code+".") { // told once, where it is asked
			f.Path = at
			wrong = append(wrong, f)
		}
	}
	n.open = nil
	for _, q := range append(asked, n.screened.Page.Questions...) {
		if _, answered := n.screened.Answers[q.Code]; !answered && q.Kind != servicespec.KindInfo && !slices.ContainsFunc(n.open, func(o servicespec.QuestionView) bool { return o.Code == q.Code }) {
			n.open = append(n.open, q)
		}
	}
	return wrong, nil
}

// typed reports whether something stands in an input of a question.
func typed(posted url.Values, question string) bool {
	for name := range posted {
		if name == question || strings.HasPrefix(name, question+".") {
			return true
		}
	}
	return false
}

// needForms are the questions, those first that count for several services, each under the names of the services that ask it.
func (p *Portal) needForms(ctx context.Context, tx *pg.Tx, r *frame.Request, list []needed, owners map[string]*owner, posted url.Values, wrong []fault.Field) ([]form.View, error) {
	names := map[string]string{}
	for _, n := range list {
		names[n.entry.Code] = r.Text(n.entry.Name)
	}
	var shared, own []form.View
	for _, n := range list {
		parts := map[string][]servicespec.QuestionView{} // by the services that ask them
		var order []string
		for _, q := range n.screened.Page.Questions {
			o := owners[sameness(q)]
			if o == nil || o.service != n.entry.Code {
				continue
			}
			var title []string
			for _, code := range o.services {
				title = append(title, names[code])
			}
			key := strings.Join(title, " · ")
			if parts[key] == nil {
				order = append(order, key)
			}
			parts[key] = append(parts[key], q)
		}
		for _, title := range order {
			a := application{Request: request.Request{Status: request.Draft, Answers: n.screened.Answers}, spec: n.spec, facts: n.screened.Facts}
			at := n.screened.Page
			at.Questions = parts[title]
			v, err := p.formView(ctx, tx, r, a, at, shown{posted: posted, wrong: wrong, prefix: n.entry.Code + ".", title: title})
			if err != nil {
				return nil, err
			}
			v.Whole = []servicespec.PageView{at}
			if title == names[n.entry.Code] {
				own = append(own, v)
			} else {
				shared = append(shared, v)
			}
		}
	}
	return append(shared, own...), nil
}

// put puts a service where it belongs: ruled out by an answer, for the reader as far as can be told, or hanging on what was not answered.
func (v *needView) put(r *frame.Request, n needed, agencies map[string]agency.Agency) {
	c := needCard{Name: r.Text(n.entry.Name), Agency: r.Text(agencies[n.entry.Agency].Name), Text: r.Text(n.entry.Summary), Href: "/services/" + n.entry.Code}
	all := reasons(r, n.screened.Verdict)
	switch {
	case !n.screened.Verdict.Eligible:
		c.Reasons = slices.DeleteFunc(all, func(x reason) bool { return x.Holds })
		v.Not = append(v.Not, c)
	case len(n.open) > 0:
		for _, q := range n.open {
			c.Reasons = append(c.Reasons, reason{Text: q.Text(q.Label, r.Lang, n.spec.Words(r.Lang, n.screened.Facts))})
		}
		c.Check = c.Href + "/check"
		v.Open = append(v.Open, c)
	default:
		c.Reasons = all
		if text := r.Text(n.spec.Pack().Eligibility.Text); text != "" {
			c.Reasons = append(c.Reasons, reason{Text: text})
		}
		v.For = append(v.For, c)
	}
}
