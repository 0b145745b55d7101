package studio

import (
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

func actionKey(list []servicespec.Action, i int) string { return list[i].Code }

func actionList(p *servicespec.Pack) *[]servicespec.Action { return &p.Workflow.Actions }

// actionShelf has the ways from state to state.
func (s *Studio) actionShelf() shelf {
	sh := shelve("action", "workflow.actions", actionList, actionKey, func(p *servicespec.Pack, code string, called i18n.Text) servicespec.Action {
		a := servicespec.Action{Code: code, Name: called}
		if w := p.Workflow; len(w.States) > 0 {
			a.From, a.To = servicespec.Codes{w.States[0].Code}, w.States[len(w.States)-1].Code
		}
		return a
	}, func(x *servicespec.Action, code string) { x.Code = code })
	sh.names = servicespec.NamesAction
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		a := find(*actionList(d.Pack), actionKey, k)
		if a == nil {
			return k, ""
		}
		to := a.To
		if st := stateOf(d.Pack, a.To); st != nil {
			to = s.say(r, d, st.Name, a.To)
		}
		return s.say(r, d, a.Name, k), r.T("studio.action.sub", "by", s.actor(r, d, a), "to", to)
	}
	sh.fields, sh.take = s.actionFields, s.takeAction
	return sh
}

// actionOptions are actions to choose from.
func (s *Studio) actionOptions(r *frame.Request, d *desk, chosen string) (out []ui.Option) {
	for _, a := range d.Pack.Workflow.Actions {
		out = append(out, ui.Option{Value: a.Code, Label: s.say(r, d, a.Name, a.Code), Checked: a.Code == chosen})
	}
	return out
}

func (s *Studio) actionFields(r *frame.Request, d *desk, key, path string) []field {
	a := find(*actionList(d.Pack), actionKey, key)
	by := a.By
	if by == "" {
		by = servicespec.ByStaff
	}
	by = d.value("act_by", by)
	out := s.text(r, d, "act_name", a.Name, path+".name")
	from := s.stateOptions(r, d, "", func(st *servicespec.State, _ string) bool { return true })
	for i := range from {
		from[i].Checked = d.ticked("act_from", from[i].Value, a.From.Has(from[i].Value))
	}
	out = append(out,
		input(r, "act_from", "", options(boxesField, from), wrongText(s.wrongAt(r, d, "act_from", path+".from"))),
		input(r, "act_to", "", options(selectField, s.stateOptions(r, d, d.value("act_to", a.To), func(*servicespec.State, string) bool { return true })), wrongText(s.wrongAt(r, d, "act_to", path+".to"))),
		input(r, "act_by", "", options(radioField, choose(r, "studio.by.", by, servicespec.ByStaff, servicespec.ByCitizen, servicespec.BySystem))),
	)
	switch by {
	case servicespec.BySystem:
		out = append(out, input(r, "act_on", "", options(selectField, choose(r, "studio.on.", d.value("act_on", a.On),
			servicespec.OnPaid, servicespec.OnSubmitted, servicespec.OnTimer, servicespec.OnCondition, servicespec.OnJoined, servicespec.OnOpinions)), wrongText(s.wrongAt(r, d, "act_on", path+".on"))))
		out = append(out, within(r, d, "act_after", a.After, hint(r.T("studio.action.after.hint")))...)
	default:
		if by == servicespec.ByStaff {
			out = append(out, input(r, "act_role", "", optional, hint(r.T("studio.action.role.hint")), options(selectField, orNone(r, s.roleOptions(r, d, d.value("act_role", a.Role))))))
		}
		out = append(out, s.meansFields(r, d, a)...)
		out = append(out, s.prepareFields(r, d, a, path))
		if by == servicespec.ByStaff {
			out = append(out, s.findingFields(r, d, a, path))
		}
	}
	guard := s.rule(r, d, "act_guard", a.Guard, path+".guard", ruleSubject{Path: []string{"workflow", "actions", key, "guard"}}, hint(r.T("studio.action.guard.hint")))
	out = append(out, foldOf(r.T("studio.action.guard"), a.Guard != "" || guard.Error != "" || d.posted != nil && d.posted.Get("act_guard") != "",
		append([]field{guard}, s.text(r, d, "act_message", a.Message, path+".message", optional)...)...))
	return append(out, s.effectFields(r, d, a, path))
}

// ticked is whether a box of several is ticked: as it was posted, or as it stands.
func (d *desk) ticked(name, value string, otherwise bool) bool {
	if d.posted != nil {
		return slices.Contains(d.posted[name], value)
	}
	return otherwise
}

func (s *Studio) meansFields(r *frame.Request, d *desk, a *servicespec.Action) []field {
	kind := append([]ui.Option{{Value: "none", Label: r.T("studio.means.none"), Checked: d.value("act_kind", a.Kind) == ""}},
		choose(r, "studio.means.", d.value("act_kind", a.Kind), "approve", "reject", "send_back", "withdraw", "reopen", "appeal")...)
	comment, style := a.Comment, a.Style
	if comment == "" {
		comment = "none"
	}
	if style == "" {
		style = "secondary"
	}
	return []field{
		input(r, "act_kind", "", options(selectField, kind)),
		input(r, "act_comment", "", options(selectField, choose(r, "studio.comment.", d.value("act_comment", comment), "none", "optional", "required"))),
		input(r, "act_style", "", options(selectField, choose(r, "studio.style.", d.value("act_style", style), "primary", "secondary", "warning"))),
	}
}

// prepareFields are what must be there before the action: reasons, a checklist, files, another person.
func (s *Studio) prepareFields(r *frame.Request, d *desk, a *servicespec.Action, path string) field {
	var reasons []ui.Option
	for _, x := range d.Pack.Workflow.Reasons {
		reasons = append(reasons, ui.Option{Value: x.Code, Label: s.say(r, d, x.Name, x.Code), Checked: d.ticked("act_reasons", x.Code, slices.Contains(a.Reasons, x.Code))})
	}
	var list []field
	if len(reasons) > 0 {
		list = append(list, input(r, "act_reasons", "", optional, options(boxesField, reasons)))
	}
	var checks, files [][]string
	for _, c := range a.Checklist {
		checks = append(checks, []string{c.Label[d.lang()], c.When, c.Code})
	}
	for _, f := range a.Documents {
		files = append(files, []string{f.Label[d.lang()], strings.Join(f.Accept, ", "), map[bool]string{true: "yes"}[f.Optional], f.Code})
	}
	code := gridColumn{Name: "code", Label: r.T("studio.col.code"), Code: true}
	list = append(list,
		s.checked(r, d, gridView{Name: "checklist", Label: r.T("studio.field.checklist"), Values: checks, Columns: []gridColumn{
			{Name: "label", Label: r.T("studio.col.label")}, {Name: "when", Label: r.T("studio.col.when"), Code: true, Path: path + ".checklist.%d.when", Condition: true}, code,
		}}),
		d.grid(gridView{Name: "files", Label: r.T("studio.field.files"), Values: files, Columns: []gridColumn{
			{Name: "label", Label: r.T("studio.col.label")},
			{Name: "accept", Label: r.T("studio.col.accept"), Code: true},
			{Name: "optional", Label: r.T("studio.col.optional"), Options: []ui.Option{{Value: "yes", Label: r.T("answer.yes")}}},
			code,
		}}),
		input(r, "act_separate", "", optional, hint(r.T("studio.action.separate.hint")), options(selectField, s.actionOptions(r, d, d.value("act_separate", a.SeparateFrom)))),
	)
	list = append(list, within(r, d, "act_within", a.Within, hint(r.T("studio.action.within.hint")))...)
	open := len(a.Reasons)+len(a.Checklist)+len(a.Documents) > 0 || a.SeparateFrom != "" || a.Within != ""
	return foldOf(r.T("studio.action.prepare"), open, list...)
}

// effectFields are what the action brings about.
func (s *Studio) effectFields(r *frame.Request, d *desk, a *servicespec.Action, path string) field {
	var list []ui.Option
	add := func(effect, label string) {
		list = append(list, ui.Option{Value: effect, Label: label, Checked: d.ticked("act_effect", effect, slices.Contains(a.Effect, effect))})
	}
	for _, e := range []string{servicespec.EffectCorrection, servicespec.EffectDemand, servicespec.EffectReassess} {
		add(e, r.T("studio.effect."+e))
	}
	if len(d.Pack.Certificates) > 0 {
		add(servicespec.EffectCertificate, r.T("studio.effect.issue_certificate"))
	}
	for _, c := range d.Pack.Certificates {
		add(servicespec.EffectCertificate+":"+c.Type, r.T("studio.effect.issue_certificate.of", "name", s.say(r, d, c.Title, c.Type)))
	}
	for _, l := range d.Pack.Letters {
		add(servicespec.EffectLetter+":"+l.Code, r.T("studio.effect.send_letter.of", "name", s.say(r, d, l.Title, l.Code)))
	}
	for _, x := range d.Pack.Records {
		add(servicespec.EffectRecord+":"+x.Registry, r.T("studio.effect.record.of", "name", x.Registry))
	}
	for _, e := range a.Effect {
		if !slices.ContainsFunc(list, func(o ui.Option) bool { return o.Value == e }) {
			add(e, e)
		}
	}
	return input(r, "act_effect", "", optional, options(boxesField, list), wrongText(s.wrongAt(r, d, "act_effect", path+".effect")))
}

// takeAction puts what was posted into an action. What its kind has no fields for is taken out of it.
func (s *Studio) takeAction(_ *frame.Request, posted url.Values, p *servicespec.Pack, key string) error {
	a := find(*actionList(p), actionKey, key)
	var wrong []fault.Field
	period := func(name string, into *string) {
		v, bad := withinOf(posted, name)
		if *into = v; bad != nil {
			wrong = append(wrong, *bad)
		}
	}
	a.Name, a.Message = textOf(posted, "act_name", a.Name), textOf(posted, "act_message", a.Message)
	a.From, a.To, a.Guard, a.Effect = servicespec.Codes(posted["act_from"]), posted.Get("act_to"), trimmed(posted, "act_guard"), posted["act_effect"]
	by := posted.Get("act_by")
	a.By = map[bool]string{true: "", false: by}[by == servicespec.ByStaff]
	if by == servicespec.BySystem {
		a.On = posted.Get("act_on")
		period("act_after", &a.After)
		a.Role, a.Kind, a.Comment, a.Style, a.Reasons, a.Checklist, a.Documents, a.Questions, a.SeparateFrom, a.Within = "", "", "", "", nil, nil, nil, nil, "", ""
		if a.On != servicespec.OnTimer {
			a.After = ""
		}
	} else {
		a.After = ""
		if a.On != servicespec.OnSubmitted || by != servicespec.ByCitizen {
			a.On = ""
		}
		a.Role = posted.Get("act_role")
		takeMeans(a, posted)
		if posted.Has("checklist.0.label") {
			takePreparation(a, posted, p.Languages[0])
			period("act_within", &a.Within)
		}
		if posted.Has("findings.0.label") {
			a.Questions = takeFindings(a, posted, p.Languages[0])
		}
	}
	if len(a.From) == 0 {
		wrong = append(wrong, fault.Field{Path: "act_from", Code: "studio.from_missing"})
	}
	if len(wrong) > 0 {
		return refused(wrong...)
	}
	return nil
}

func takeMeans(a *servicespec.Action, posted url.Values) {
	plain := func(name string, usual string) string {
		if v := posted.Get(name); v != usual {
			return v
		}
		return ""
	}
	a.Kind, a.Comment, a.Style = plain("act_kind", "none"), plain("act_comment", "none"), plain("act_style", "secondary")
}

func takePreparation(a *servicespec.Action, posted url.Values, lang string) {
	a.Reasons, a.SeparateFrom = posted["act_reasons"], posted.Get("act_separate")
	var checks []servicespec.ChecklistItem
	var files []servicespec.ActionFile
	var codes []string
	fresh := func(code, label string) string {
		if code == "" {
			code = unused(studio.CodeOf(label), codes)
		}
		codes = append(codes, code)
		return code
	}
	for _, row := range gridRows(posted, "checklist") {
		c := servicespec.ChecklistItem{Code: fresh(row["code"], row["label"]), When: row["when"]}
		if was := find(a.Checklist, func(l []servicespec.ChecklistItem, i int) string { return l[i].Code }, c.Code); was != nil {
			c.Label = *deep(&was.Label)
		}
		c.Label = reworded(c.Label, lang, row["label"])
		checks = append(checks, c)
	}
	codes = nil
	for _, row := range gridRows(posted, "files") {
		f := servicespec.ActionFile{Code: fresh(row["code"], row["label"]), Accept: words(row["accept"]), Optional: row["optional"] == "yes"}
		if was := find(a.Documents, func(l []servicespec.ActionFile, i int) string { return l[i].Code }, f.Code); was != nil {
			f.Label = *deep(&was.Label)
		}
		f.Label = reworded(f.Label, lang, row["label"])
		files = append(files, f)
	}
	a.Checklist, a.Documents = checks, files
}

// reworded is a text with other words in one language.
func reworded(t i18n.Text, lang, words string) i18n.Text {
	if t == nil {
		t = i18n.Text{}
	}
	t[lang] = words
	return t
}
