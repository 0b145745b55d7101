package channel

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"digit/internal/consumer/channel/dialogue"
	"digit/internal/consumer/request"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/servicespec"
)

// screening asks the questions before applying: the next one, and what the answers come to.
func (c *call) screening() (dialogue.Form, dialogue.Spot, request.Screened, bool, error) {
	spec, err := c.offered()
	if err != nil {
		return dialogue.Form{}, dialogue.Spot{}, request.Screened{}, false, err
	}
	posted := c.Screened
	if posted == nil {
		posted = map[string][]string{}
	}
	judged, err := c.s.deps.Requests.Screen(c.ctx, c.tx, spec, posted)
	form := c.formOf(spec, judged.Facts, request.Request{Answers: judged.Answers})
	form.Editable, form.Touches = nil, nil
	for _, q := range judged.Page.Questions {
		if q.Value == nil && q.Kind != servicespec.KindInfo && q.Kind != servicespec.KindComputed && !slices.Contains(c.Skipped, q.Code) {
			return form, dialogue.Spot{Page: judged.Page.Code, Path: q.Code, Question: q}, judged, true, err
		}
	}
	return form, dialogue.Spot{}, judged, false, err
}

func (c *call) showScreening() (dialogue.Screen, error) {
	form, spot, judged, more, err := c.screening()
	if err != nil {
		return dialogue.Screen{}, err
	}
	if !judged.Verdict.Eligible {
		lines := []string{c.say("talk.not_eligible")}
		for _, r := range judged.Verdict.Failing() {
			lines = append(lines, r.No.In(c.Lang, form.Words.Fallback))
			if instead := r.Instead.In(c.Lang, form.Words.Fallback); instead != "" {
				lines = append(lines, instead)
			}
		}
		return dialogue.Screen{Text: strings.Join(lines, "\n"), Options: c.options("again", "menu")}, nil
	}
	if !more {
		c.Step, c.Progress = stepBegin, dialogue.Progress{}
		return steps[c.Step].show(c)
	}
	screen, err := form.Screen(spot)
	screen.Foot = c.foot(screen.Free)
	return screen, err
}

func (c *call) takeScreening() error {
	form, spot, judged, more, err := c.screening()
	if err != nil {
		return err
	}
	if !judged.Verdict.Eligible {
		switch c.chose() {
		case "again":
			c.Screened, c.Progress = nil, dialogue.Progress{}
		case "menu":
			c.reset(stepMenu)
		default:
			c.note("talk.choose")
		}
		return nil
	}
	if !more {
		return nil
	}
	taken, err := form.Take(spot, c.in)
	switch {
	case err != nil:
		return err
	case taken.Skip || taken.Keep:
		form.Settle(spot, true)
		return nil
	case taken.Inputs == nil:
		if taken.Problem != "" {
			c.notes = append(c.notes, taken.Problem)
		}
		return nil
	}
	posted := maps.Clone(c.Screened)
	if posted == nil {
		posted = map[string][]string{}
	}
	maps.Copy(posted, taken.Inputs)
	again, err := c.s.deps.Requests.Screen(c.ctx, c.tx, form.Spec, posted)
	if err != nil {
		return err
	}
	c.Parts = nil
	for _, f := range again.Wrong {
		if f.Path == spot.Path {
			c.notes = append(c.notes, c.sentence(f))
			return nil
		}
	}
	c.Screened = posted
	return nil
}

// sentence tells what is wrong with an answer, as a page does: in the words of the service's author where there are any.
func (c *call) sentence(f fault.Field) string {
	args := map[string]any{}
	for name, v := range f.Args {
		if t, ok := v.(i18n.Text); ok {
			v = t.In(c.Lang, c.set.DefaultLanguage)
		}
		args[name] = v
	}
	for _, own := range []string{"message", "sentence"} {
		if text, ok := args[own].(string); ok && text != "" {
			return text
		}
	}
	return c.s.deps.Texts.T(c.Lang, "error."+f.Code, args)
}

// showBegin starts the request, or takes up the draft that is there, and asks its first question.
func (c *call) showBegin() (dialogue.Screen, error) {
	r, err := c.s.deps.Requests.Start(c.ctx, c.tx, c.Person, c.Service, c.Lang)
	if err != nil {
		return dialogue.Screen{}, err
	}
	if r.LastPage != "" {
		c.note("talk.draft")
	} else if len(c.Screened) > 0 {
		if err := c.s.deps.Requests.Carry(c.ctx, c.tx, c.Person, r.ID, c.Screened); err != nil {
			return dialogue.Screen{}, err
		}
	}
	if err := c.ownName(); err != nil {
		return dialogue.Screen{}, err
	}
	c.Request, c.Step, c.Screened, c.acted = r.ID, stepAsk, nil, "begin"
	c.Progress = dialogue.Progress{}
	return c.showAsk()
}

// ownName says to who acts for others that they apply for themselves here, and where they act for others.
func (c *call) ownName() error {
	others, err := c.s.deps.Identity.Represented(c.ctx, c.tx, c.Person)
	if err != nil || !slices.ContainsFunc(others, func(d identity.Delegation) bool { return d.AcceptedAt != nil && d.EndedAt == nil }) {
		return err
	}
	site, err := c.s.deps.PublicURL(c.ctx, c.tx)
	c.note("talk.own", "link", site)
	return err
}

// open loads the request of the conversation with its form.
func (c *call) open() (request.Request, dialogue.Form, error) {
	r, err := c.s.deps.Requests.Request(c.ctx, c.tx, c.Person, c.Request)
	if err != nil {
		return r, dialogue.Form{}, err
	}
	spec, facts, err := c.s.deps.Requests.Spec(c.ctx, c.tx, r)
	if err != nil {
		return r, dialogue.Form{}, err
	}
	return r, c.formOf(spec, facts, r), nil
}

func (c *call) formOf(spec *servicespec.Service, facts servicespec.Facts, r request.Request) dialogue.Form {
	f := dialogue.Form{
		Spec: spec, Facts: facts, Answers: r.Answers, Lang: c.Lang, Words: c.wordsOf(spec, facts), Progress: &c.Progress,
		Say: func(key string, args map[string]any) string { return c.s.deps.Texts.T(c.Lang, key, args) }, Lists: c.lists(spec, r),
		Editable: r.Editable, Touches: r.Touches,
	}
	if r.Status == request.Correction {
		f.Again = func(path string) bool { return slices.Contains(r.Items, path) && !slices.Contains(c.Trail, path) }
	}
	return f
}

func (c *call) wordsOf(spec *servicespec.Service, facts servicespec.Facts) servicespec.Words {
	fallback := spec.Pack().Languages[0]
	return servicespec.Words{
		T: func(key string) string { return c.say(key) }, Currency: c.set.Currency, Fallback: fallback,
		Boundary: func(code string) string {
			if facts.Area != nil {
				if a, ok := facts.Area(code); ok {
					return a.Name.In(c.Lang, fallback)
				}
			}
			return code
		},
		RefData: func(list, code string) string {
			if facts.Code != nil {
				if known, ok := facts.Code(list, code); ok {
					return known.Name.In(c.Lang, fallback)
				}
			}
			return code
		},
	}
}

// lists reads what questions are answered from.
func (c *call) lists(spec *servicespec.Service, r request.Request) dialogue.Lists {
	fallback := spec.Pack().Languages[0]
	return dialogue.Lists{
		Areas: func(level, within string) (out []dialogue.Option, err error) {
			choices, err := c.s.deps.Refdata.Choices(c.ctx, c.tx, level, within)
			for _, a := range choices {
				label := a.Name.In(c.Lang, fallback)
				if within == "" && a.Depth > 3 {
					label += ", " + a.In.In(c.Lang, fallback)
				}
				out = append(out, dialogue.Option{Value: a.Code, Label: label})
			}
			slices.SortFunc(out, func(a, b dialogue.Option) int {
				return strings.Compare(dialogue.Plain(a.Label), dialogue.Plain(b.Label))
			})
			return out, err
		},
		Codes: func(list, of string) (out []dialogue.Option, err error) {
			codes, err := c.s.deps.Refdata.Codes(c.ctx, c.tx, list)
			for _, code := range codes {
				if belongs, _ := code.Attributes["of"].(string); code.Active && (of == "" || belongs == of) {
					out = append(out, dialogue.Option{Value: code.Code, Label: code.Name.In(c.Lang, fallback)})
				}
			}
			return out, err
		},
		Credentials: func(kind string) (out []dialogue.Option, err error) {
			held, err := c.s.deps.Requests.Credentials(c.ctx, c.tx, r, spec)
			for _, h := range held {
				if h.Type == kind {
					out = append(out, dialogue.Option{Value: h.ID.String(), Label: h.Title.In(c.Lang, fallback) + " " + h.Number})
				}
			}
			return out, err
		},
		File: c.fileWords,
	}
}

// showAsk asks the next question of the form; where there is none, what was answered is checked.
func (c *call) showAsk() (dialogue.Screen, error) {
	r, form, err := c.open()
	if err != nil {
		return dialogue.Screen{}, err
	}
	if r.Status != request.Draft && r.Status != request.Correction { // sent meanwhile, from a page
		c.Step = stepStatus
		return c.showStatus()
	}
	spot, more := form.Next()
	if !more {
		c.Step = stepCheck
		return c.showCheck()
	}
	if c.Asked != spot.Path {
		c.Parts, c.Asked = nil, spot.Path
	}
	screen, err := form.Screen(spot)
	screen.Foot = c.foot(screen.Free)
	if r.Status == request.Correction && len(c.Trail) == 0 && r.Note != "" {
		screen.Text = r.Note + "\n" + screen.Text
	}
	return screen, err
}

func (c *call) takeAsk() error {
	_, form, err := c.open()
	if err != nil {
		return err
	}
	spot, more := form.Next()
	if !more {
		return nil
	}
	at, err := form.File(spot)
	if err != nil {
		return err
	}
	if at != "" && c.chose() == linkValue {
		return c.sendFileLink(at)
	}
	taken, err := form.Take(spot, c.in)
	if err != nil {
		return err
	}
	switch {
	case taken.Problem != "":
		c.notes = append(c.notes, taken.Problem)
	case taken.Add:
		form.Begin(spot)
	case taken.Done:
		form.Close(spot)
	case taken.Remove:
		return c.s.deps.Requests.RemoveRow(c.ctx, c.tx, c.Person, c.Request, spot.Path, len(spot.Question.Rows)-1)
	case taken.Skip, taken.Keep:
		form.Settle(spot, taken.Skip)
	case taken.Sent: // a file that has come is an answer, and another question would be asked
		c.note("talk.file.missing")
	case taken.Inputs != nil:
		return c.save(form, spot, taken.Inputs)
	}
	return nil
}

// save keeps an answer by the same rules as a page does; what is not acceptable is asked again, with why.
func (c *call) save(form dialogue.Form, spot dialogue.Spot, inputs map[string][]string) (err error) {
	posted := form.Post(spot, inputs)
	var wrong []fault.Field
	if spot.Group != "" {
		wrong, err = c.s.deps.Requests.SaveRow(c.ctx, c.tx, c.Person, c.Request, spot.Group, spot.Row, c.Lang, posted)
	} else {
		wrong, err = c.s.deps.Requests.SavePage(c.ctx, c.tx, c.Person, c.Request, spot.Page, c.Lang, posted)
	}
	if err != nil {
		return err
	}
	c.Parts = nil
	for _, f := range wrong {
		if f.Path == spot.Path {
			c.notes = append(c.notes, c.sentence(f))
			return nil
		}
	}
	form.Settle(spot, false)
	return nil
}

func (c *call) backAsk() error {
	if !c.is() {
		return nil
	}
	_, form, err := c.open()
	if err != nil {
		return err
	}
	if c.Step = stepAsk; !form.Return() {
		c.note("talk.first")
	}
	return nil
}

// summary writes the answers, a line each.
func (c *call) summary(form dialogue.Form) (lines []string, questions []dialogue.Option) {
	for _, p := range form.Spec.Pages(form.Answers, form.Facts) {
		for _, q := range p.Questions {
			answer := servicespec.Display(q.Question, q.Value, c.Lang, form.Words)
			if e, ok := q.Value.(servicespec.Evidence); ok && q.Document != nil {
				answer = servicespec.DisplayEvidence(q.Document, e, c.Lang, form.Words)
			}
			if q.Kind == servicespec.KindInfo || answer == "" && q.Kind == servicespec.KindComputed {
				continue
			}
			line := q.Text(q.Label, c.Lang, form.Words) + ": " + strings.ReplaceAll(strings.TrimSpace(answer), "\n", ", ")
			lines = append(lines, line)
			if q.Kind != servicespec.KindComputed && (form.Editable == nil || form.Editable(q.Code)) {
				questions = append(questions, dialogue.Option{Value: q.Code, Label: line})
			}
		}
	}
	return lines, questions
}

// cost says what there will be to pay, where the answers tell.
func (c *call) cost(form dialogue.Form) string {
	fees, err := form.Spec.Fees(form.Answers, form.Facts)
	if err != nil || len(fees) == 0 {
		return ""
	}
	sum := int64(0)
	for _, f := range fees {
		sum += f.Minor
	}
	return c.say("talk.cost", "amount", i18n.FormatMoney(c.Lang, money.Amount{Minor: sum, Currency: c.set.Currency}))
}

// mend leads to the first answer that will not do; false where all will.
func (c *call) mend(form dialogue.Form, wrong []fault.Field) bool {
	for _, f := range wrong {
		if form.Spec.Question(f.Path) == nil || form.Editable != nil && !form.Editable(f.Path) && !form.Touches(f.Path) {
			continue
		}
		c.notes = append(c.notes, c.sentence(f))
		form.Goto(f.Path)
		c.Step = stepAsk
		return true
	}
	return false
}

func (c *call) showCheck() (dialogue.Screen, error) {
	_, form, err := c.open()
	if err != nil {
		return dialogue.Screen{}, err
	}
	wrong := form.Spec.Validate(form.Spec.Clean(form.Answers, form.Facts), form.Facts)
	if c.mend(form, wrong) {
		return c.showAsk()
	}
	lines, _ := c.summary(form)
	screen := dialogue.Screen{Options: c.options("submit", "change", "later")}
	for _, f := range wrong { // not for whom it is: no answer of the form can be sent
		lines = append(lines, c.sentence(f))
		screen.Options = c.options("change", "later")
	}
	if c.Channel == USSD && len(wrong) == 0 {
		lines = []string{c.say("talk.check.short", "n", len(lines))}
		screen.Options = c.options("submit", "read", "change", "later")
	} else if len(wrong) == 0 {
		lines = append([]string{c.say("talk.check")}, lines...)
	}
	if cost := c.cost(form); cost != "" {
		lines = append(lines, cost)
	}
	screen.Text, screen.Foot = strings.Join(lines, "\n"), c.foot(false)
	return screen, nil
}

func (c *call) takeCheck() error {
	switch c.chose() {
	case "submit":
		return c.submit()
	case "read":
		c.Step = stepRead
	case "change":
		c.Step = stepChange
	case "later":
		c.note("talk.later")
		c.reset(stepMenu)
	default:
		c.note("talk.choose")
	}
	return nil
}

func (c *call) submit() error {
	_, form, err := c.open()
	if err != nil {
		return err
	}
	_, err = c.s.deps.Requests.Submit(c.ctx, c.tx, c.Person, c.Request)
	if errors.Is(err, request.ErrIncomplete) {
		c.mend(form, fault.Of(err).Fields)
		return nil
	}
	if err != nil {
		return err
	}
	c.Step, c.acted, c.Progress = stepSent, "submit", dialogue.Progress{}
	return nil
}

func (c *call) showRead() (dialogue.Screen, error) {
	_, form, err := c.open()
	lines, _ := c.summary(form)
	return dialogue.Screen{Text: strings.Join(lines, "\n"), Options: c.options("return"), Foot: c.foot(false)}, err
}

func (c *call) takeRead() error {
	c.Step = stepCheck
	return nil
}

func (c *call) showChange() (dialogue.Screen, error) {
	_, form, err := c.open()
	if err != nil {
		return dialogue.Screen{}, err
	}
	_, questions := c.summary(form)
	return dialogue.Screen{Text: c.say("talk.change"), Options: questions, Foot: c.foot(false)}, nil
}

func (c *call) takeChange() error {
	_, form, err := c.open()
	if err != nil {
		return err
	}
	code := c.chose()
	if form.Spec.Question(code) == nil {
		c.note("talk.choose")
		return nil
	}
	form.Goto(code)
	c.Step = stepAsk
	return nil
}
