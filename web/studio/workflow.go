package studio

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/studio/graph"
	"digit/web/ui"
)

func (s *Studio) workflowPart() part {
	states, actions, reasons := s.stateShelf(), s.actionShelf(), s.reasonShelf()
	posts := slices.Concat(s.shelfPosts(states), s.shelfPosts(actions), s.shelfPosts(reasons))
	posts = append(posts, action{path: "", do: s.keepWorkflow})
	return part{
		code: "workflow", icon: "workflow", group: "work", areas: []string{"workflow", "roles"}, spot: shelfSpot(states, actions, reasons), posts: posts,
		show: func(r *frame.Request, d *desk) error { return s.showWorkflow(r, d, states, actions, reasons) },
	}
}

// showWorkflow shows the graph and below it what it is made of, with the properties of what is chosen beside it.
func (s *Studio) showWorkflow(r *frame.Request, d *desk, shelves ...shelf) error {
	var l look
	var views []shelfView
	for _, sh := range shelves {
		views = append(views, s.shelfView(r, d, sh))
		if l.Properties == nil {
			l.Properties, l.PropertiesTitle = s.properties(r, d, sh)
			l.Chosen = l.Properties != nil
		}
	}
	if l.Properties == nil {
		f := d.form(r, "")
		f.Fields = s.workflowFields(r, d)
		f.wrong(d.wrong)
		l.Properties, l.PropertiesTitle = shelfForm(f, nil), r.T("studio.workflow.whole")
	}
	picture := graph.Layout(s.graphOf(r, d))
	if ui.LocaleOf(r.Context()).Dir == "rtl" {
		picture = picture.Mirrored()
	}
	l.Canvas = workflowCanvas(picture, s.wayTable(r, d), views)
	return s.render(r, d, l)
}

// workflowFields are what the workflow as a whole says: where a case begins, and what the roles are called.
func (s *Studio) workflowFields(r *frame.Request, d *desk) []field {
	var roles [][]string
	for _, role := range d.Pack.Roles {
		roles = append(roles, []string{role.Code, role.Name[d.lang()]})
	}
	return []field{
		input(r, "start", "", options(selectField, s.stateOptions(r, d, d.value("start", d.Pack.Workflow.Start), func(_ *servicespec.State, branch string) bool { return branch == "" }))),
		d.grid(gridView{Name: "roles", Label: r.T("studio.field.roles"), Hint: r.T("studio.workflow.roles.hint"), Values: roles, Columns: []gridColumn{
			{Name: "code", Label: r.T("studio.col.code"), Code: true}, {Name: "name", Label: r.T("studio.col.name")},
		}}),
	}
}

func (s *Studio) keepWorkflow(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	return s.change(r, d, studio.Step{Code: "workflow.begin", Part: []string{"workflow", "start"}}, d.here("?done=studio.kept"), func(p *servicespec.Pack) error {
		p.Workflow.Start = trimmed(posted, "start")
		var roles []servicespec.Role
		for _, row := range gridRows(posted, "roles") {
			role := servicespec.Role{Code: row["code"], Name: i18n.Text{}}
			for _, was := range p.Roles {
				if was.Code == role.Code {
					role.Name = *deep(&was.Name)
				}
			}
			role.Name[p.Languages[0]] = row["name"]
			if role.Code == "" {
				role.Code = studio.CodeOf(row["name"])
			}
			roles = append(roles, role)
		}
		p.Roles = roles
		return nil
	})
}

// stateOptions are states to choose from.
func (s *Studio) stateOptions(r *frame.Request, d *desk, chosen string, fits func(st *servicespec.State, branch string) bool) (out []ui.Option) {
	d.Pack.Workflow.Each(func(_ string, st *servicespec.State, parent, branch string) {
		if fits(st, branch) {
			label := s.say(r, d, st.Name, st.Code)
			if branch != "" {
				label = branchName(r, d, parent, branch) + ": " + label
			}
			out = append(out, ui.Option{Value: st.Code, Label: label, Checked: st.Code == chosen})
		}
	})
	return out
}

func branchName(r *frame.Request, d *desk, parent, branch string) string {
	for _, st := range d.Pack.Workflow.States {
		for _, b := range st.Branches {
			if st.Code == parent && b.Code == branch {
				return b.Name.In(r.Lang, d.lang())
			}
		}
	}
	return branch
}

// say writes a text of the definition in the reader's language, or else what it is known by.
func (s *Studio) say(r *frame.Request, d *desk, t i18n.Text, otherwise string) string {
	if text := t.In(r.Lang, d.lang()); text != "" {
		return text
	}
	return otherwise
}

// roleOptions are the roles to choose from: those that the definition names, those of the state's staff, and one that
// stands there already.
func (s *Studio) roleOptions(r *frame.Request, d *desk, chosen string) (out []ui.Option) {
	add := func(code, label string) {
		if code != "" && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == code }) {
			out = append(out, ui.Option{Value: code, Label: label, Checked: code == chosen})
		}
	}
	for _, role := range d.Pack.Roles {
		add(role.Code, s.say(r, d, role.Name, role.Code))
	}
	for _, role := range s.staffRoles(r, d) {
		add(role.Code, s.say(r, d, role.Name, role.Code))
	}
	add(chosen, chosen)
	return out
}

// staffRoles are the roles that staff of the state have.
func (s *Studio) staffRoles(r *frame.Request, d *desk) []identity.Role {
	if d.roles == nil {
		d.roles = []identity.Role{}
		err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			d.roles, err = s.deps.Identity.Roles(ctx, tx)
			return err
		})
		if err != nil {
			d.roles = []identity.Role{} // those that the definition names remain
		}
	}
	return d.roles
}

func (s *Studio) roleName(r *frame.Request, d *desk, code string) string {
	for _, role := range d.Pack.Roles {
		if role.Code == code {
			return s.say(r, d, role.Name, code)
		}
	}
	for _, role := range s.staffRoles(r, d) {
		if role.Code == code {
			return s.say(r, d, role.Name, code)
		}
	}
	return code
}

func kindOf(st *servicespec.State) string {
	if st.Kind == "" {
		return servicespec.StateWork
	}
	return st.Kind
}

// graphOf is the workflow as a graph, with what is wrong with its states.
func (s *Studio) graphOf(r *frame.Request, d *desk) graph.Graph {
	troubles := s.troubles(r, d)
	node := func(st *servicespec.State) graph.Node {
		n := graph.Node{ID: st.Code, Label: s.say(r, d, st.Name, st.Code), Sub: s.stateSub(r, d, st), Trouble: troubles[st.Code], Href: d.href("workflow") + "?state=" + url.QueryEscape(st.Code) + "#properties", Shape: graph.Work}
		switch st.Kind {
		case servicespec.StateCitizen, servicespec.StatePayment:
			n.Shape = graph.Wait
		case servicespec.StateEnd, servicespec.StateDone:
			n.Shape = graph.End
		}
		return n
	}
	g := graph.Graph{Start: d.Pack.Workflow.Start}
	for i := range d.Pack.Workflow.States {
		st := &d.Pack.Workflow.States[i]
		n := node(st)
		for _, b := range st.Branches {
			branch := graph.Branch{Label: s.say(r, d, b.Name, b.Code), Graph: graph.Graph{Start: b.Start}}
			for k := range b.States {
				branch.Nodes = append(branch.Nodes, node(&b.States[k]))
			}
			n.Branches = append(n.Branches, branch)
		}
		g.Nodes = append(g.Nodes, n)
	}
	for i := range d.Pack.Workflow.Actions {
		a := &d.Pack.Workflow.Actions[i]
		for _, from := range a.From {
			g.Edges = append(g.Edges, graph.Edge{ID: a.Code, From: from, To: a.To, Label: s.say(r, d, a.Name, a.Code), Auto: a.By == servicespec.BySystem})
		}
	}
	return g
}

func (s *Studio) stateSub(r *frame.Request, d *desk, st *servicespec.State) string {
	switch kindOf(st) {
	case servicespec.StateWork, servicespec.StateField:
		if st.Role != "" {
			return s.roleName(r, d, st.Role)
		}
	case servicespec.StateEnd:
		if st.Outcome != "" {
			return r.T("studio.outcome." + st.Outcome)
		}
	case servicespec.StateDone:
		if st.Outcome != "" {
			return st.Outcome
		}
	}
	return r.T("studio.kind." + kindOf(st))
}

// troubles says in a few words what is wrong with states, by code.
func (s *Studio) troubles(r *frame.Request, d *desk) map[string]string {
	out := map[string]string{}
	d.Pack.Workflow.Each(func(path string, st *servicespec.State, _, _ string) {
		for _, p := range d.problems {
			if p.Warning || untranslated(p) || p.Path != path && !strings.HasPrefix(p.Path, path+".") || strings.HasPrefix(p.Path, path+".branches.") {
				continue
			}
			switch p.Code {
			case "state_unreachable":
				out[st.Code] = r.T("studio.trouble.unreachable")
				return
			case "state_dead_end", "payment_stuck", "citizen_stuck", "staff_stuck":
				out[st.Code] = r.T("studio.trouble.stuck")
			default:
				if out[st.Code] == "" {
					out[st.Code] = r.T("studio.trouble.other")
				}
			}
		}
	})
	return out
}

// wayTable is the graph as a table.
func (s *Studio) wayTable(r *frame.Request, d *desk) ui.TableView {
	t := ui.TableView{Caption: r.T("studio.workflow.table"), HideCaption: true, Stack: true, Columns: []ui.Column{
		{Label: r.T("studio.col.action")}, {Label: r.T("studio.col.from")}, {Label: r.T("studio.col.to")}, {Label: r.T("studio.col.by")}, {Label: r.T("studio.col.condition")},
	}}
	name := map[string]string{}
	d.Pack.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) { name[st.Code] = s.say(r, d, st.Name, st.Code) })
	for i := range d.Pack.Workflow.Actions {
		a := &d.Pack.Workflow.Actions[i]
		var from []string
		for _, code := range a.From {
			from = append(from, name[code])
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: s.say(r, d, a.Name, a.Code), Href: d.here("?action=" + url.QueryEscape(a.Code))},
			{Text: strings.Join(from, ", ")},
			{Text: name[a.To]},
			{Text: s.actor(r, d, a)},
			{Text: s.saying(r, d, "workflow.actions.0.guard").Plain(servicespec.ReadClause(a.Guard))},
		}})
	}
	return t
}

// actor is who takes an action, in words.
func (s *Studio) actor(r *frame.Request, d *desk, a *servicespec.Action) string {
	switch a.By {
	case servicespec.ByCitizen:
		return r.T("studio.by.citizen")
	case servicespec.BySystem:
		if a.On != "" {
			return r.T("studio.on." + a.On)
		}
		return r.T("studio.by.system")
	}
	role := a.Role
	if role == "" && len(a.From) > 0 {
		d.Pack.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) {
			if st.Code == a.From[0] {
				role = st.Role
			}
		})
	}
	if role == "" {
		return r.T("studio.by.staff")
	}
	return s.roleName(r, d, role)
}

// reasonShelf has the coded reasons that actions offer.
func (s *Studio) reasonShelf() shelf {
	key := func(list []servicespec.Reason, i int) string { return list[i].Code }
	list := func(p *servicespec.Pack) *[]servicespec.Reason { return &p.Workflow.Reasons }
	sh := shelve("reason", "workflow.reasons", list, key, func(_ *servicespec.Pack, code string, called i18n.Text) servicespec.Reason {
		return servicespec.Reason{Code: code, Name: called}
	}, func(x *servicespec.Reason, code string) { x.Code = code })
	sh.names = servicespec.NamesReason
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		if x := find(*list(d.Pack), key, k); x != nil {
			return s.say(r, d, x.Name, k), s.say(r, d, x.Text, "")
		}
		return k, ""
	}
	sh.fields = func(r *frame.Request, d *desk, k, path string) []field {
		x := find(*list(d.Pack), key, k)
		return append(s.text(r, d, "reason_name", x.Name, path+".name"), s.text(r, d, "reason_text", x.Text, path+".text", long, optional)...)
	}
	sh.take = func(_ *frame.Request, posted url.Values, p *servicespec.Pack, k string) error {
		x := find(*list(p), key, k)
		x.Name, x.Text = textOf(posted, "reason_name", x.Name), textOf(posted, "reason_text", x.Text)
		return nil
	}
	return sh
}

// within asks for a length of working time: how much, and of what.
func within(r *frame.Request, d *desk, name, value string, change ...func(*field)) []field {
	n, unit, _ := strings.Cut(value, " ")
	kind := "days"
	if strings.HasPrefix(strings.TrimPrefix(unit, "working "), "hour") {
		kind = "hours"
	}
	amount := input(r, name, d.value(name, n), append([]func(*field){digits, optional}, change...)...)
	units := input(r, "working_unit", "", named(name+".unit"), label(r.T("studio.field.working_unit")), options(selectField, choose(r, "studio.unit.", d.value(name+".unit", kind), "days", "hours")))
	return []field{amount, units}
}

// withinOf reads what within asked for.
func withinOf(posted url.Values, name string) (string, *fault.Field) {
	n := trimmed(posted, name)
	if n == "" {
		return "", nil
	}
	text := n + " working " + posted.Get(name+".unit")
	if _, err := servicespec.ParseWithin(text); err != nil {
		return "", &fault.Field{Path: name, Code: "studio.within"}
	}
	return text, nil
}

// named gives an input another name than its words have.
func named(name string) func(*field) { return func(f *field) { f.Name = name } }
