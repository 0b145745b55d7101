package studio

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

// caseFrom shows the case that the story has come to.
func (s *Studio) caseFrom(r *frame.Request, d *desk, svc *servicespec.Service, st story, wrong *ui.Problem) error {
	t, err := svc.Tell(&st.Scenario, true)
	if err != nil {
		return err
	}
	if t.Case == nil {
		st.Page, st.Sent = 0, false
		return s.showTryForm(r, d, svc, st, nil, t.Faults)
	}
	v := s.caseView(r, d, svc, st, t)
	if wrong != nil {
		v.Problems, d.status = []ui.Problem{*wrong}, http.StatusUnprocessableEntity
	}
	return s.render(r, d, look{Title: r.T("studio.try.case"), Canvas: tryCasePage(v)})
}

func (s *Studio) caseView(r *frame.Request, d *desk, svc *servicespec.Service, st story, t servicespec.Telling) caseView {
	m := t.Case
	v := caseView{Action: d.here("/step"), Keep: d.here("/keep"), Quit: d.here(""), Story: encodeStory(st), Rev: strconv.Itoa(d.Head), ReadOnly: !d.design, CanBack: len(st.Scenario.Steps) > 0, Ended: m.Ended}
	state := s.stateName(r, d, m.State)
	for _, b := range slices.Sorted(maps.Keys(m.Branches)) {
		state += "; " + b + ": " + s.stateName(r, d, m.Branches[b])
	}
	due := r.T("studio.target.none")
	if !m.Due.IsZero() {
		due = i18n.FormatDateTime(r.Lang, m.Due, m.Now.Location())
		if m.Overdue() {
			due += " – " + r.T("studio.try.overdue")
		} else if m.Paused {
			due += " – " + r.T("studio.try.paused")
		}
	}
	v.Facts = []ui.Fact{
		{Key: r.T("studio.try.state"), Value: state}, {Key: r.T("studio.try.now"), Value: i18n.FormatDateTime(r.Lang, m.Now, m.Now.Location())}, {Key: r.T("studio.try.due"), Value: due},
	}
	for _, l := range m.Fees {
		v.Facts = append(v.Facts, ui.Fact{Key: l.Name.In(r.Lang, d.lang()), Value: i18n.FormatMoney(r.Lang, money.Amount{Minor: l.Minor, Currency: r.Settings.Currency})})
	}
	v.CanPay = m.Total() > 0 && !m.Paid
	for _, step := range t.Steps {
		v.Timeline = append(v.Timeline, s.stepView(r, d, svc, t, step))
	}
	v.Opinions = s.answerFields(r, d, svc, m.Opinions())
	for _, code := range m.Can() {
		v.Acts = append(v.Acts, s.actView(r, d, svc, t, code))
	}
	for _, a := range d.Pack.Workflow.Actions {
		if a.On == servicespec.OnSubmitted && a.From.Has(m.State) {
			v.CanCorrect = true
		}
	}
	return v
}

func (s *Studio) stateName(r *frame.Request, d *desk, code string) string {
	if st := stateOf(d.Pack, code); st != nil {
		return s.say(r, d, st.Name, code)
	}
	return code
}

// stepView is a step of the timeline, with what came of it.
func (s *Studio) stepView(r *frame.Request, d *desk, svc *servicespec.Service, t servicespec.Telling, step servicespec.StepLog) trialStep {
	v := trialStep{What: r.T("studio.try.submitted"), State: s.stateName(r, d, step.State), When: i18n.FormatDateTime(r.Lang, step.At, step.At.Location())}
	word, of, _ := strings.Cut(step.What, " ")
	switch {
	case word == "wait":
		v.What = r.T("studio.try.waited", "time", of)
	case word == "correct":
		v.What = r.T("studio.try.corrected")
	case word == "opinions":
		v.What = r.T("studio.try.opinions")
	case word == "paid":
		v.What = r.T("studio.try.paid")
	case word != "submit":
		if a := find(d.Pack.Workflow.Actions, actionKey, word); a != nil {
			v.What = s.say(r, d, a.Name, word) + " – " + s.actor(r, d, a)
		}
	}
	fields := s.samples(r, d, r.Lang)
	words := svc.Words(r.Lang, t.Facts)
	for _, e := range step.Events {
		switch e.Kind {
		case "notice":
			for _, n := range d.Pack.Notices {
				if n.On != e.Code {
					continue
				}
				text := maps.Clone(fields)
				maps.Copy(text, svc.AnswerFields(n.Text, t.Answers, t.Facts, r.Lang, words))
				v.Came = append(v.Came, r.T("studio.try.notice", "to", strings.Join(e.To, ", "), "text", servicespec.Fill(n.Text.In(r.Lang, d.lang()), text)))
			}
		case "certificate":
			c := find(d.Pack.Certificates, certificateKey, e.Code)
			if c == nil {
				continue
			}
			var facts []string
			for _, claim := range c.Claims {
				if value, ok := e.Claims[claim.Name]; ok {
					facts = append(facts, claim.Label.In(r.Lang, d.lang())+": "+plain(r, d.Pack, value))
				}
			}
			v.Came = append(v.Came, r.T("studio.try.certificate", "name", s.say(r, d, c.Title, e.Code), "says", strings.Join(facts, "; ")))
		case "letter", "record", "demand", "correction", "escalation", "reassessed", "asked", "reminded", "recalled", "opinion":
			v.Came = append(v.Came, r.T("studio.try."+e.Kind, "name", e.Code))
		}
	}
	return v
}

// actView is an action that can be taken now, with what it asks for.
func (s *Studio) actView(r *frame.Request, d *desk, svc *servicespec.Service, t servicespec.Telling, code string) trialAct {
	a := svc.Action(code)
	v := trialAct{Code: code, Name: s.say(r, d, a.Name, code), Who: s.actor(r, d, a), Comment: a.Comment != "none" && a.Comment != ""}
	for _, x := range a.Reasons {
		if reason := svc.Reason(x); reason != nil {
			v.Reasons = append(v.Reasons, ui.Option{Value: x, Label: s.say(r, d, reason.Name, x), Checked: len(v.Reasons) == 0})
		}
	}
	if a.Has(servicespec.EffectCorrection) {
		for _, pg := range svc.Pages(t.Answers, t.Facts) {
			for _, q := range pg.Questions {
				if q.Kind != servicespec.KindInfo && q.Kind != servicespec.KindComputed {
					v.Items = append(v.Items, ui.Option{Value: q.Code, Label: s.say(r, d, q.Label, q.Code)})
				}
			}
		}
	}
	for i := range a.Questions {
		q := &a.Questions[i]
		f := ui.Field{Name: "found:" + code + ":" + q.Code, Label: s.say(r, d, q.Label, q.Code)}
		switch q.Kind {
		case servicespec.KindYesNo, servicespec.KindDeclaration:
			f.Options = []ui.Option{{Value: "true", Label: r.T("answer.yes")}, {Value: "false", Label: r.T("answer.no")}}
		case servicespec.KindDate:
			f.Type = "date"
		}
		for _, o := range q.Options {
			f.Options = append(f.Options, ui.Option{Value: o.Code, Label: s.say(r, d, o.Label, o.Code)})
		}
		v.Questions = append(v.Questions, f)
	}
	return v
}
