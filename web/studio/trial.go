package studio

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	webform "digit/web/form"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// story is a trial as it goes from page to page in its own form: nothing of it is kept before somebody keeps it as a scenario,
// and playing it again from the beginning is quick. It is made up by the designer; whoever changes it changes their own trial.
type story struct {
	Scenario servicespec.Scenario `json:"scenario"`
	Page     int                  `json:"page"` // of the form
	Sent     bool                 `json:"sent"`
}

func (s *Studio) tryPart() part {
	return part{
		code: "try", icon: "eye", group: "publish", areas: []string{"scenarios"}, wide: true, show: s.showTry,
		posts: []action{
			{path: "", do: s.tryForm}, {path: "/form", do: s.tryForm}, {path: "/step", do: s.tryStep}, {path: "/keep", do: s.tryKeep}, {path: "/drop", do: s.tryDrop}, {path: "/open", do: s.tryOpen},
		},
	}
}

// tryable is the service as it can be tried: rows of groups stand on the page. It is nil where the definition has errors.
func tryable(p *servicespec.Pack) *servicespec.Service {
	part := deep(p)
	for i := range part.Form.Pages {
		for j := range part.Form.Pages[i].Questions {
			if q := &part.Form.Pages[i].Questions[j]; q.Kind == servicespec.KindGroup {
				q.Layout = "table"
			}
		}
	}
	svc, whole := studio.Mended(part) // what is not translated yet is tried in the language it has
	if !whole {
		return nil
	}
	return svc
}

// showTry lists the scenarios with how they come out now, and begins a trial.
func (s *Studio) showTry(r *frame.Request, d *desk) error {
	svc := tryable(d.Pack)
	v := tryView{Begin: d.here("/form"), Rev: strconv.Itoa(d.Head), ReadOnly: !d.design, Story: encodeStory(story{Scenario: servicespec.Scenario{Today: s.today(r).String(), Holder: r.T("studio.sample.name")}})}
	if svc == nil {
		v.Note = r.T("studio.try.errors")
	}
	for i := range d.Pack.Scenarios {
		sc := &d.Pack.Scenarios[i]
		x := scenarioView{Name: sc.Name, Steps: len(sc.Steps), Drop: d.here("/drop"), Open: d.here("/open"), Rev: v.Rev}
		if svc != nil {
			played := svc.RunScenario(sc)
			x.Tag = &ui.TagView{Text: r.T("studio.try.passes"), Kind: ui.Success}
			if !played.OK() {
				x.Tag = &ui.TagView{Text: r.T("studio.try.differs"), Kind: ui.Danger}
				for _, f := range played.Failures[:min(5, len(played.Failures))] {
					x.Failures = append(x.Failures, locale.Failure(s.deps.Texts, r.Lang, f))
				}
			}
		}
		v.Scenarios = append(v.Scenarios, x)
	}
	return s.render(r, d, look{Canvas: tryPage(v)})
}

func encodeStory(st story) string {
	data, err := json.Marshal(st)
	if err != nil {
		panic(err) // a scenario is plain data
	}
	return string(data)
}

// told reads the story that was posted, and the service it is about. ok is false where there is none to be told.
func (s *Studio) told(r *frame.Request, d *desk) (st story, svc *servicespec.Service, posted url.Values, ok bool, err error) {
	if posted, err = r.Form(); err != nil {
		return st, nil, nil, false, err
	}
	svc = tryable(d.Pack)
	ok = json.Unmarshal([]byte(posted.Get("story")), &st) == nil && svc != nil
	return st, svc, posted, ok, nil
}

// tryOpen begins a trial where a kept scenario ends.
func (s *Studio) tryOpen(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	svc := tryable(d.Pack)
	for _, sc := range d.Pack.Scenarios {
		if sc.Name == posted.Get("name") && svc != nil {
			return s.caseFrom(r, d, svc, story{Scenario: sc, Sent: true}, nil)
		}
	}
	return r.Redirect(d.here(""))
}

// tryForm takes a page of the form as the citizen fills it in, and shows the next; after the last the case begins.
func (s *Studio) tryForm(r *frame.Request, d *desk) error {
	st, svc, posted, ok, err := s.told(r, d)
	if err != nil {
		return err
	}
	if !ok {
		return r.Redirect(d.here(""))
	}
	t, err := svc.Tell(&st.Scenario, false)
	if err != nil {
		return s.refuse(r, d, posted, err)
	}
	page := pageAt(svc, t, st.Page)
	if posted.Has("back") {
		st.Page = max(0, st.Page-1)
		return s.showTryForm(r, d, svc, st, nil, nil)
	}
	if page == nil || !posted.Has("page") {
		return s.showTryForm(r, d, svc, st, nil, nil)
	}
	extra := map[string]int{}
	act, acted := webform.TakeAct(posted)
	if acted {
		switch act.Name {
		case webform.Add:
			extra[act.Group] = 1
		case webform.Remove:
			webform.DropRow(posted, act.Group, act.Row)
		}
	}
	sent := url.Values{}
	for name, values := range posted {
		if name != "story" && name != "page" && name != "rev" {
			sent[name] = values
		}
	}
	read, faults := svc.Read(page.Code, sent, t.Answers, t.Facts)
	s.takePage(&st, svc, *page, read)
	if acted {
		return s.showTryForm(r, d, svc, st, sent, nil, extra)
	}
	faults = slices.DeleteFunc(faults, func(f servicespec.FieldFault) bool { return sampled(svc, f.Path) })
	if len(faults) > 0 {
		return s.showTryForm(r, d, svc, st, sent, faults)
	}
	st.Page++
	return s.showTryForm(r, d, svc, st, nil, nil)
}

// takePage puts the answers of a page into the story, with samples for what cannot be typed.
func (s *Studio) takePage(st *story, svc *servicespec.Service, page servicespec.PageView, read servicespec.Answers) {
	answers := maps.Clone(st.Scenario.Answers)
	if answers == nil {
		answers = map[string]any{}
	}
	for _, q := range page.Questions {
		delete(answers, q.Code)
		switch q.Kind {
		case servicespec.KindFile:
			answers[q.Code] = true
		case servicespec.KindSignature:
			answers[q.Code] = st.Scenario.Holder
		case servicespec.KindDocument:
			if q.Document != nil && len(q.Document.Proofs) > 0 {
				answers[q.Code] = q.Document.Proofs[0].Code
			}
		}
	}
	for code, v := range servicespec.PlainAnswers(read) {
		if !sampled(svc, code) {
			answers[code] = v
		}
	}
	st.Scenario.Answers = answers
}

// sampled reports whether a question is answered by a sample in trials, since a file or a signature cannot be made up by typing.
func sampled(svc *servicespec.Service, path string) bool {
	code, _, _ := strings.Cut(path, ".")
	q := svc.Question(code)
	return q != nil && slices.Contains([]string{servicespec.KindFile, servicespec.KindSignature, servicespec.KindDocument}, q.Kind)
}

// pageAt is a page of the form as it is asked of these answers; nil after the last.
func pageAt(svc *servicespec.Service, t servicespec.Telling, i int) *servicespec.PageView {
	pages := svc.Pages(t.Answers, t.Facts)
	if i < 0 || i >= len(pages) {
		return nil
	}
	return &pages[i]
}

// showTryForm shows the page of the form that the story is at, as the citizen sees it; after the last one the case.
func (s *Studio) showTryForm(r *frame.Request, d *desk, svc *servicespec.Service, st story, posted url.Values, faults []servicespec.FieldFault, extra ...map[string]int) error {
	t, err := svc.Tell(&st.Scenario, false)
	if err != nil {
		return err
	}
	page := pageAt(svc, t, st.Page)
	if page == nil {
		if len(t.Faults) > 0 { // an answer that was right is not any more: back to its page
			for i := range svc.Pages(t.Answers, t.Facts) {
				if p := pageAt(svc, t, i); slices.ContainsFunc(p.Questions, func(q servicespec.QuestionView) bool { return q.Code == strings.SplitN(t.Faults[0].Path, ".", 2)[0] }) {
					st.Page = i
					return s.showTryForm(r, d, svc, st, nil, t.Faults)
				}
			}
		}
		st.Sent = true
		return s.caseFrom(r, d, svc, st, nil)
	}
	v := tryFormView{Action: d.here("/form"), Story: encodeStory(st), Page: strconv.Itoa(st.Page + 1), Of: strconv.Itoa(len(svc.Pages(t.Answers, t.Facts))), First: st.Page == 0, Quit: d.here("")}
	facts := t.Facts
	facts.Region, facts.Currency = r.Settings.PhoneRegion, r.Settings.Currency
	words := servicespec.Words{T: func(key string) string { return r.T(key) }, Boundary: func(code string) string { return code }, RefData: func(_, code string) string { return code }, Currency: facts.Currency, Fallback: d.lang()}
	form := webform.View{Page: *page, Caption: d.Pack.Name.In(r.Lang, d.lang()), Lang: r.Lang, Words: words, Facts: facts, Answers: t.Answers, Posted: posted, Purposes: map[string]string{}, Errors: map[string]string{}}
	if len(extra) > 0 {
		form.Extra = extra[0]
	}
	form.Page.Questions = slices.DeleteFunc(slices.Clone(page.Questions), func(q servicespec.QuestionView) bool {
		if sampled(svc, q.Code) {
			v.Sampled = append(v.Sampled, q.Text(q.Label, r.Lang, words))
			return true
		}
		return false
	})
	for _, p := range r.Problems(faults) {
		if form.Errors[p.Field] == "" {
			form.Errors[p.Field] = p.Text
			v.Problems = append(v.Problems, p)
		}
	}
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) error { return s.choices(ctx, tx, r, &form) }); err != nil {
		return err
	}
	v.Title, v.Body = page.Text(page.Title, r.Lang, words), webform.Questions(form)
	if len(faults) > 0 {
		d.status, d.wrong = http.StatusUnprocessableEntity, nil
	}
	return s.render(r, d, look{Title: r.T("studio.try.form"), Canvas: tryFormPage(v)})
}

// tryStep takes a step of the case: an action, a payment, time that passes, the form sent in again, or the last step back.
func (s *Studio) tryStep(r *frame.Request, d *desk) error {
	st, svc, posted, ok, err := s.told(r, d)
	if err != nil {
		return err
	}
	if !ok {
		return r.Redirect(d.here(""))
	}
	before := *deep(&st)
	what, of, _ := strings.Cut(posted.Get("step"), ":")
	switch what {
	case "back":
		if n := len(st.Scenario.Steps); n > 0 {
			st.Scenario.Steps = st.Scenario.Steps[:n-1]
		}
	case "pay":
		st.Scenario.Steps = append(st.Scenario.Steps, servicespec.Step{Signal: "paid"})
	case "wait":
		n, bad := strconv.Atoi(trimmed(posted, "wait"))
		if bad != nil || n < 1 || n > 999 {
			return s.caseFrom(r, d, svc, st, &ui.Problem{Field: "wait", Text: r.T("error.studio.within")})
		}
		st.Scenario.Steps = append(st.Scenario.Steps, servicespec.Step{Wait: strconv.Itoa(n) + " working " + posted.Get("unit")})
	case "correct":
		st.Scenario.Steps = append(st.Scenario.Steps, servicespec.Step{Correct: map[string]any{}})
	case "opinions":
		if said := answersOf(svc, posted); said != nil {
			st.Scenario.Steps = append(st.Scenario.Steps, servicespec.Step{Opinions: said})
		}
	case "do":
		step := servicespec.Step{Do: of, Comment: trimmed(posted, "comment"), Person: trimmed(posted, "person"), Reasons: posted["reason:"+of], Items: posted["item:"+of]}
		step.Findings = findingsOf(svc, of, posted)
		st.Scenario.Steps = append(st.Scenario.Steps, step)
	}
	t, err := svc.Tell(&st.Scenario, true)
	if err != nil {
		return s.refuse(r, d, posted, err)
	}
	if t.Refused != nil {
		return s.caseFrom(r, d, svc, before, &ui.Problem{Text: r.T("studio.try.refused." + t.Refused.Why)})
	}
	return s.caseFrom(r, d, svc, st, nil)
}

// findingsOf reads what staff found out for an action, in the shapes of the JSON API.
func findingsOf(svc *servicespec.Service, code string, posted url.Values) map[string]any {
	a := svc.Action(code)
	if a == nil || len(a.Questions) == 0 {
		return nil
	}
	out := map[string]any{}
	for i := range a.Questions {
		q := &a.Questions[i]
		text := trimmed(posted, "found:"+code+":"+q.Code)
		if text == "" {
			continue
		}
		switch q.Kind {
		case servicespec.KindYesNo, servicespec.KindDeclaration:
			out[q.Code] = text == "true"
		case servicespec.KindNumber, servicespec.KindMoney:
			if n, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64); err == nil {
				out[q.Code] = n
			}
		case servicespec.KindChoices:
			out[q.Code] = []any{text}
		case servicespec.KindFile:
			out[q.Code] = true
		default:
			out[q.Code] = text
		}
	}
	return out
}

// tryKeep keeps the trial as a scenario of the definition.
func (s *Studio) tryKeep(r *frame.Request, d *desk) error {
	st, svc, posted, ok, err := s.told(r, d)
	if err != nil {
		return err
	}
	if !ok {
		return r.Redirect(d.here(""))
	}
	name := trimmed(posted, "name")
	switch {
	case name == "":
		return s.caseFrom(r, d, svc, st, &ui.Problem{Field: "name", Text: r.T("studio.shelf.unnamed")})
	case slices.ContainsFunc(d.Pack.Scenarios, func(x servicespec.Scenario) bool { return x.Name == name }):
		return s.caseFrom(r, d, svc, st, &ui.Problem{Field: "name", Text: r.T("studio.try.taken")})
	}
	st.Scenario.Name = name
	kept, err := svc.Expecting(st.Scenario)
	if err != nil {
		return s.refuse(r, d, posted, err)
	}
	return s.change(r, d, studio.Step{Code: "scenario.keep", Part: []string{"scenarios", name}, Args: map[string]string{"name": name}}, d.here("?done=studio.scenario"), func(p *servicespec.Pack) error {
		p.Scenarios = append(p.Scenarios, kept)
		return nil
	})
}

func (s *Studio) tryDrop(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	name := posted.Get("name")
	return s.change(r, d, studio.Step{Code: "shelf.drop", Part: []string{"scenarios", name}, Args: map[string]string{"name": name}}, d.here("?done=studio.dropped"), func(p *servicespec.Pack) error {
		p.Scenarios = slices.DeleteFunc(p.Scenarios, func(x servicespec.Scenario) bool { return x.Name == name })
		return nil
	})
}
