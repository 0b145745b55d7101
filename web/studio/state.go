package studio

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// stateList finds the list that a state stands in: that of the case, or that of a branch.
func stateList(p *servicespec.Pack, code string) (list *[]servicespec.State, i int) {
	w := &p.Workflow
	at := func(list *[]servicespec.State) int {
		return slices.IndexFunc(*list, func(st servicespec.State) bool { return st.Code == code })
	}
	if i := at(&w.States); i >= 0 {
		return &w.States, i
	}
	for j := range w.States {
		for k := range w.States[j].Branches {
			inside := &w.States[j].Branches[k].States
			if i := at(inside); i >= 0 {
				return inside, i
			}
		}
	}
	return &w.States, -1
}

func stateOf(p *servicespec.Pack, code string) *servicespec.State {
	if list, i := stateList(p, code); i >= 0 {
		return &(*list)[i]
	}
	return nil
}

// stateShelf has all states, those of branches too.
func (s *Studio) stateShelf() shelf {
	sh := shelf{name: "state", names: servicespec.NamesState, area: func(*servicespec.Pack) string { return "workflow.states" }}
	sh.keys = func(p *servicespec.Pack) (out []string) {
		p.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) { out = append(out, st.Code) })
		return out
	}
	sh.path = func(p *servicespec.Pack, key string) (path string) {
		p.Workflow.Each(func(at string, st *servicespec.State, _, _ string) {
			if st.Code == key && path == "" {
				path = at
			}
		})
		return path
	}
	sh.add = func(p *servicespec.Pack, called i18n.Text) string {
		code := ""
		for _, text := range called {
			code = unused(studio.CodeOf(text), sh.keys(p))
		}
		p.Workflow.States = append(p.Workflow.States, servicespec.State{Code: code, Name: called})
		if p.Workflow.Start == "" {
			p.Workflow.Start = code
		}
		return code
	}
	sh.move = func(p *servicespec.Pack, key string, by int) {
		list, i := stateList(p, key)
		if j := i + by; i >= 0 && j >= 0 && j < len(*list) {
			(*list)[i], (*list)[j] = (*list)[j], (*list)[i]
		}
	}
	sh.copy = func(p *servicespec.Pack, key string) string {
		list, i := stateList(p, key)
		if i < 0 {
			return key
		}
		twin := *deep(&(*list)[i])
		twin.Code, twin.Branches = unused(key, sh.keys(p)), nil
		*list = slices.Insert(*list, i+1, twin)
		return twin.Code
	}
	sh.drop = func(p *servicespec.Pack, key string) {
		if list, i := stateList(p, key); i >= 0 {
			*list = slices.Delete(*list, i, i+1)
		}
	}
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		if st := stateOf(d.Pack, k); st != nil {
			return s.say(r, d, st.Name, k), s.stateSub(r, d, st)
		}
		return k, ""
	}
	sh.fields, sh.take = s.stateFields, s.takeState
	return sh
}

// stateFields are the form of a state: what it is, and folded away what few states need.
func (s *Studio) stateFields(r *frame.Request, d *desk, key, path string) []field {
	st := stateOf(d.Pack, key)
	kind := d.value("state_kind", kindOf(st))
	out := s.text(r, d, "state_name", st.Name, path+".name")
	out = append(out, input(r, "state_kind", "", hint(r.T("studio.kind.hint")), options(selectField, choose(r, "studio.kind.", kind,
		servicespec.StateWork, servicespec.StateField, servicespec.StatePayment, servicespec.StateCitizen, servicespec.StateParallel, servicespec.StateDone, servicespec.StateEnd))))
	switch kind {
	case servicespec.StateWork, servicespec.StateField:
		out = append(out, input(r, "state_role", "", options(selectField, s.roleOptions(r, d, d.value("state_role", st.Role))), wrongText(s.wrongAt(r, d, "state_role", path+".role"))))
		out = append(out, within(r, d, "state_target", st.Target, hint(r.T("studio.state.target.hint")))...)
	case servicespec.StateEnd:
		out = append(out, input(r, "state_outcome", "", options(radioField, choose(r, "studio.outcome.", d.value("state_outcome", st.Outcome), "approved", "rejected", "withdrawn")), wrongText(s.wrongAt(r, d, "state_outcome", path+".outcome"))))
	case servicespec.StateDone:
		out = append(out, input(r, "state_outcome", d.value("state_outcome", st.Outcome), hint(r.T("studio.state.done.hint")), wrongText(s.wrongAt(r, d, "state_outcome", path+".outcome"))))
	case servicespec.StateParallel:
		out = append(out, s.branchFields(r, d, st, path)...)
	}
	out = append(out, foldOf(r.T("studio.state.citizen"), st.CitizenName[d.lang()] != "" || st.CitizenText[d.lang()] != "",
		append(s.text(r, d, "state_citizen_name", st.CitizenName, path+".citizen_name", optional), s.text(r, d, "state_citizen_text", st.CitizenText, path+".citizen_text", long, optional)...)...))
	if places := s.branchOptions(r, d, key); len(places) > 1 {
		out = append(out, input(r, "state_in", "", options(selectField, places)))
	}
	if kind == servicespec.StateWork || kind == servicespec.StateField {
		out = append(out, s.assignFields(r, d, st, path))
		out = append(out, s.opinionFields(r, d, st, path))
	}
	if kind != servicespec.StateEnd && kind != servicespec.StateDone {
		out = append(out, s.escalationFields(r, d, st, path))
	}
	return out
}

// foldOf folds fields away, or shows them where they say something.
func foldOf(label string, open bool, list ...field) field {
	f := field{Kind: foldField, Fold: list, Open: open}
	f.Label = label
	return f
}

// branchOptions are where a state can stand: in the case itself, or in a branch.
func (s *Studio) branchOptions(r *frame.Request, d *desk, key string) []ui.Option {
	here := "/"
	d.Pack.Workflow.Each(func(_ string, st *servicespec.State, parent, branch string) {
		if st.Code == key && branch != "" {
			here = parent + "/" + branch
		}
	})
	here = d.value("state_in", here)
	out := []ui.Option{{Value: "/", Label: r.T("studio.state.in.case"), Checked: here == "/"}}
	for _, st := range d.Pack.Workflow.States {
		for _, b := range st.Branches {
			at := st.Code + "/" + b.Code
			out = append(out, ui.Option{Value: at, Label: s.say(r, d, st.Name, st.Code) + ": " + s.say(r, d, b.Name, b.Code), Checked: at == here})
		}
	}
	return out
}

func (s *Studio) branchFields(r *frame.Request, d *desk, st *servicespec.State, path string) []field {
	var rows [][]string
	var inside []ui.Option
	for _, b := range st.Branches {
		rows = append(rows, []string{b.Code, b.Name[d.lang()], b.Start, b.When})
		for _, x := range b.States {
			inside = append(inside, ui.Option{Value: x.Code, Label: s.say(r, d, x.Name, x.Code)})
		}
	}
	if len(inside) == 0 {
		inside = []ui.Option{{Value: "", Label: r.T("studio.state.branch.none")}}
	}
	joins := []ui.Option{}
	join := d.value("state_join", st.Join)
	if join == "" {
		join = servicespec.JoinAll
	}
	for _, j := range []string{servicespec.JoinAll, servicespec.JoinAny, "2", "3"} {
		joins = append(joins, ui.Option{Value: j, Label: r.T("studio.join." + j), Checked: j == join})
	}
	return []field{
		s.checked(r, d, gridView{Name: "branches", Label: r.T("studio.field.branches"), Hint: r.T("studio.state.branches.hint"), Values: rows, Columns: []gridColumn{
			{Name: "code", Label: r.T("studio.col.code"), Code: true},
			{Name: "name", Label: r.T("studio.col.name")},
			{Name: "start", Label: r.T("studio.col.start"), Options: inside},
			{Name: "when", Label: r.T("studio.col.when"), Code: true, Path: path + ".branches.%d.when", Condition: true},
		}}),
		input(r, "state_join", "", options(selectField, joins)),
	}
}

func (s *Studio) assignFields(r *frame.Request, d *desk, st *servicespec.State, path string) field {
	a := servicespec.Assignment{}
	if st.Assign != nil {
		a = *st.Assign
	}
	by := input(r, "assign_by", "", options(selectField, append([]ui.Option{{Value: "none", Label: r.T("studio.assign.none"), Checked: d.value("assign_by", a.By) == ""}},
		choose(r, "studio.assign.", d.value("assign_by", a.By), "load", "round_robin", "named", "same")...)))
	var places []ui.Option
	for _, pg := range d.Pack.Form.Pages {
		for _, q := range pg.Questions {
			if q.Kind == servicespec.KindBoundary || q.Kind == servicespec.KindAddress {
				places = append(places, ui.Option{Value: q.Code, Label: s.say(r, d, q.Label, q.Code), Checked: q.Code == d.value("assign_area", a.Area)})
			}
		}
	}
	list := []field{by}
	if len(places) > 0 {
		list = append(list, input(r, "assign_area", "", optional, options(selectField, places)))
	}
	list = append(list,
		input(r, "assign_to", d.value("assign_to", a.To), optional, hint(r.T("studio.assign.to.hint"))),
		input(r, "assign_as", "", optional, options(selectField, s.actionOptions(r, d, d.value("assign_as", a.As)))),
		s.rule(r, d, "assign_when", a.When, path+".assign.when", ruleSubject{Path: []string{"workflow", "states", st.Code, "assign", "when"}}),
	)
	return foldOf(r.T("studio.state.assign"), st.Assign != nil, list...)
}

func (s *Studio) escalationFields(r *frame.Request, d *desk, st *servicespec.State, path string) field {
	var rows [][]string
	for _, e := range st.Escalate {
		at, length := "after", e.After
		if e.Before != "" {
			at, length = "before", e.Before
		}
		n, unit, _ := strings.Cut(length, " ")
		unit = map[bool]string{true: "hours", false: "days"}[strings.Contains(unit, "hour")]
		rows = append(rows, []string{n, unit, at, strings.Join(e.Notify, ", "), e.Role, e.Action, e.Code})
	}
	var system []ui.Option
	for _, a := range d.Pack.Workflow.Actions {
		if a.By == servicespec.BySystem {
			system = append(system, ui.Option{Value: a.Code, Label: s.say(r, d, a.Name, a.Code)})
		}
	}
	if len(system) == 0 {
		system = []ui.Option{{Value: "", Label: r.T("studio.none")}}
	}
	return foldOf(r.T("studio.state.escalate"), len(rows) > 0, s.checked(r, d, gridView{
		Name: "escalate", Label: r.T("studio.state.escalate"), Hint: r.T("studio.state.escalate.hint"), Values: rows, Columns: []gridColumn{
			{Name: "n", Label: r.T("studio.col.length"), InputMode: "numeric", Path: path + ".escalate.%d"},
			{Name: "unit", Label: r.T("studio.col.unit"), Options: choose(r, "studio.unit.", "", "days", "hours")},
			{Name: "at", Label: r.T("studio.col.at"), Options: []ui.Option{{Value: "after", Label: r.T("studio.col.after_in")}, {Value: "before", Label: r.T("studio.col.before_due")}}},
			{Name: "notify", Label: r.T("studio.col.notify"), Code: true},
			{Name: "role", Label: r.T("studio.col.role"), Options: orNone(r, s.roleOptions(r, d, ""))},
			{Name: "action", Label: r.T("studio.col.action"), Options: system},
			{Name: "code", Label: r.T("studio.col.code"), Code: true},
		},
	}))
}

func orNone(r *frame.Request, list []ui.Option) []ui.Option {
	if len(list) == 0 {
		return []ui.Option{{Value: "", Label: r.T("studio.none")}}
	}
	return list
}

// takeState puts what was posted into a state.
func (s *Studio) takeState(_ *frame.Request, posted url.Values, p *servicespec.Pack, key string) error {
	st := stateOf(p, key)
	var wrong []fault.Field
	st.Name = textOf(posted, "state_name", st.Name)
	st.CitizenName, st.CitizenText = textOf(posted, "state_citizen_name", st.CitizenName), textOf(posted, "state_citizen_text", st.CitizenText)
	was := kindOf(st)
	if st.Kind = posted.Get("state_kind"); st.Kind == servicespec.StateWork {
		st.Kind = ""
	}
	if posted.Has("state_role") {
		st.Role = posted.Get("state_role")
	}
	if posted.Has("state_outcome") {
		st.Outcome = trimmed(posted, "state_outcome")
	}
	if posted.Has("state_target") {
		target, bad := withinOf(posted, "state_target")
		if st.Target = target; bad != nil {
			wrong = append(wrong, *bad)
		}
	}
	if posted.Has("state_join") {
		takeBranches(st, posted, p.Languages[0])
	}
	if posted.Has("opinion_agency.0") {
		wrong = append(wrong, takeOpinions(st, posted, p.Workflow.OpinionCodes())...)
	}
	if kindOf(st) != was {
		fitKind(st)
	}
	if posted.Has("assign_by") {
		takeAssignment(st, posted)
	}
	if posted.Has("escalate.0.n") {
		wrong = append(wrong, takeEscalations(st, posted)...)
	}
	if len(wrong) > 0 {
		return refused(wrong...)
	}
	if in := posted.Get("state_in"); in != "" {
		moveState(p, key, in)
	}
	return nil
}

// fitKind takes out of a state what its new kind has no use for.
func fitKind(st *servicespec.State) {
	st.Clock = ""
	if k := kindOf(st); k != servicespec.StateWork && k != servicespec.StateField {
		st.Role, st.Target, st.Assign, st.Opinions = "", "", nil, nil
	}
	if st.Kind != servicespec.StateEnd && st.Kind != servicespec.StateDone {
		st.Outcome = ""
	} else {
		st.Escalate = nil
	}
	if st.Kind == servicespec.StateEnd && !slices.Contains([]string{"approved", "rejected", "withdrawn"}, st.Outcome) {
		st.Outcome = "approved"
	}
	if st.Kind != servicespec.StateParallel && len(st.Opinions) == 0 {
		st.Join = ""
	}
}

func takeBranches(st *servicespec.State, posted url.Values, lang string) {
	if st.Join = posted.Get("state_join"); st.Join == servicespec.JoinAll {
		st.Join = ""
	}
	var branches []servicespec.Branch
	var codes []string
	for _, row := range gridRows(posted, "branches") {
		b := servicespec.Branch{Code: row["code"], Name: i18n.Text{}}
		if b.Code == "" {
			b.Code = unused(studio.CodeOf(row["name"]), codes)
		}
		for _, was := range st.Branches {
			if was.Code == b.Code {
				b = *deep(&was)
			}
		}
		if b.Name == nil {
			b.Name = i18n.Text{}
		}
		b.Name[lang], b.When = row["name"], row["when"]
		if b.Start = row["start"]; b.Start == "" && len(b.States) > 0 {
			b.Start = b.States[0].Code
		}
		branches, codes = append(branches, b), append(codes, b.Code)
	}
	st.Branches = branches
}

func takeAssignment(st *servicespec.State, posted url.Values) {
	by := posted.Get("assign_by")
	if by == "" || by == "none" {
		st.Assign = nil
		return
	}
	a := servicespec.Assignment{By: by, Area: posted.Get("assign_area"), When: trimmed(posted, "assign_when")}
	switch by {
	case "named":
		a.To = trimmed(posted, "assign_to")
	case "same":
		a.As = posted.Get("assign_as")
	}
	st.Assign = &a
}

func takeEscalations(st *servicespec.State, posted url.Values) (wrong []fault.Field) {
	var list []servicespec.Escalation
	for i, row := range gridRows(posted, "escalate") {
		e := servicespec.Escalation{Code: row["code"], Role: row["role"], Action: row["action"], Notify: words(row["notify"])}
		if row["n"] != "" {
			length := row["n"] + " working " + cmp.Or(row["unit"], "days")
			if row["at"] == "before" {
				e.Before = length
			} else {
				e.After = length
			}
		}
		if e.Code == "" {
			e.Code = "escalation-" + strconv.Itoa(i+1)
		}
		for _, t := range []string{e.After, e.Before} {
			if _, err := servicespec.ParseWithin(t); t != "" && err != nil {
				wrong = append(wrong, fault.Field{Path: "escalate", Code: "studio.within"})
			}
		}
		list = append(list, e)
	}
	st.Escalate = list
	return wrong
}

// moveState puts a state into a branch ("parent/branch"), or out of one ("/").
func moveState(p *servicespec.Pack, key, to string) {
	list, i := stateList(p, key)
	parent, branch, _ := strings.Cut(to, "/")
	target := &p.Workflow.States
	if parent != "" {
		b := branchOf(p, parent, branch)
		if b == nil || parent == key {
			return
		}
		target = &b.States
	}
	if target == list || i < 0 {
		return
	}
	st := (*list)[i]
	*target = append(*target, st)
	list, i = &p.Workflow.States, -1 // appending may have moved the lists
	for _, l := range append([]*[]servicespec.State{&p.Workflow.States}, branchLists(p)...) {
		if same := l == target; !same {
			if j := slices.IndexFunc(*l, func(x servicespec.State) bool { return x.Code == key }); j >= 0 {
				list, i = l, j
			}
		}
	}
	if i >= 0 {
		*list = slices.Delete(*list, i, i+1)
	}
	if b := branchOf(p, parent, branch); b != nil && b.Start == "" {
		b.Start = key
	}
}

func branchOf(p *servicespec.Pack, parent, code string) *servicespec.Branch {
	for i := range p.Workflow.States {
		for j := range p.Workflow.States[i].Branches {
			if b := &p.Workflow.States[i].Branches[j]; p.Workflow.States[i].Code == parent && b.Code == code {
				return b
			}
		}
	}
	return nil
}

func branchLists(p *servicespec.Pack) (out []*[]servicespec.State) {
	for i := range p.Workflow.States {
		for j := range p.Workflow.States[i].Branches {
			out = append(out, &p.Workflow.States[i].Branches[j].States)
		}
	}
	return out
}
