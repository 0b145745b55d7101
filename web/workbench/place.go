package workbench

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/servicespec"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

// placeView is what can be done with the case, or with a branch of it.
type placeView struct {
	Branch, Title        string
	CanClaim, CanRelease bool
	Actions              []actionView
	Later                []string
	Held                 []heldView
	Blocked              string
	Take                 *ui.Field // why it is taken from the colleague who has it
	TakeLabel            string
	GiveTo, GiveReason   *ui.Field
	Form                 string // which of the two was filled in: "take", "give"
}

// heldView is an act that its condition holds back, with why.
type heldView struct{ Label, Why string }

// quiet reports whether there is nothing to do or to say.
func (p placeView) quiet() bool {
	return !p.CanClaim && !p.CanRelease && len(p.Actions)+len(p.Held) == 0 && p.Blocked == "" && p.Take == nil && p.GiveTo == nil
}

// places are the case and its open branches, those with something to do.
func places(r *frame.Request, c opened, in typed) (list []placeView) {
	whole := place(r, c, c.Choice, in)
	if c.Application.Case.Kind != workflow.KindParallel {
		whole.Blocked = blocked(r, c)
	}
	list = append(list, whole)
	for _, b := range c.Choice.Branches {
		at, _ := c.Application.Case.In(b.Branch)
		v := place(r, c, b, in)
		v.Title = c.branchName(r, b.Branch) + " – " + nameOr(r, c.Spec.StateOf(at.State).Name, at.State)
		if v.quiet() {
			v.Blocked = r.T("workbench.blocked.role", "role", nameOr(r, c.roles[at.Role], at.Role))
			if at.Assignee != uuid.Nil {
				v.Blocked = r.T("workbench.blocked.taken", "name", c.Holders[at.Assignee])
			}
		}
		list = append(list, v)
	}
	var all []actionView
	for _, p := range list {
		all = append(all, p.Actions...)
	}
	openFirst(all)
	for n := range list {
		for m := range list[n].Actions {
			k := slices.IndexFunc(all, func(a actionView) bool { return a.Code == list[n].Actions[m].Code })
			list[n].Actions[m].Open = all[k].Open
		}
	}
	return list
}

func place(r *frame.Request, c opened, choice workflow.Choice, in typed) placeView {
	v := placeView{Branch: choice.Branch, CanClaim: choice.CanClaim, CanRelease: choice.CanRelease}
	v.handing(r, c, choice, in)
	for _, a := range choice.Actions {
		v.Actions = append(v.Actions, actionOf(r, c, a, in))
	}
	for _, a := range choice.Later {
		v.Later = append(v.Later, r.Text(a.Name))
	}
	for _, a := range choice.Held {
		why := r.Text(a.Message)
		if why == "" {
			why = r.T("error.workflow.guard")
		}
		v.Held = append(v.Held, heldView{Label: r.Text(a.Name), Why: why})
	}
	return v
}

// handing offers to take the case from the colleague who has it, and to give it to somebody.
func (v *placeView) handing(r *frame.Request, c opened, choice workflow.Choice, in typed) {
	was := handed{}
	if in.handed.branch == choice.Branch {
		was = in.handed
	}
	at, _ := c.Application.Case.In(choice.Branch)
	if choice.CanTake {
		holder := c.Holders[at.Assignee]
		if choice.Branch == "" {
			holder = c.AssigneeName
		}
		v.TakeLabel = r.T("bench.take", "name", holder)
		v.Take = &ui.Field{Name: "reason", ID: "take" + choice.Branch, Label: r.T("bench.take.reason"), Hint: r.T("bench.take.hint", "name", holder), Rows: 2, MaxLength: 500}
		if was.form == "take" {
			v.Form, v.Take.Value, v.Take.Error = was.form, was.reason, in.errors["reason"]
		}
	}
	if people := c.Colleagues[choice.Branch]; len(people) > 0 {
		v.GiveTo = &ui.Field{Name: "to", ID: "give" + choice.Branch, Label: r.T("bench.give.to"), Options: []ui.Option{{Label: r.T("bench.bulk.to_choose"), Checked: was.to == ""}}}
		for _, p := range people {
			v.GiveTo.Options = append(v.GiveTo.Options, ui.Option{Value: p.ID.String(), Label: p.Name, Checked: was.to == p.ID.String()})
		}
		v.GiveReason = &ui.Field{Name: "reason", ID: "give-reason" + choice.Branch, Label: r.T("bench.give.reason"), Optional: true, Rows: 2, MaxLength: 500}
		if was.form == "give" {
			v.Form, v.GiveReason.Value, v.GiveTo.Error, v.GiveReason.Error = was.form, was.reason, in.errors["to"], in.errors["reason"]
		}
	}
}

// handovers tell how the case went from hand to hand, the last first.
func handovers(r *frame.Request, c opened) (events []ui.Event) {
	for _, h := range slices.Backward(c.Handovers) {
		key := "bench.handover.to"
		switch {
		case h.By == h.To:
			key = "bench.handover.took"
		case h.From != uuid.Nil:
			key = "bench.handover.from"
		}
		events = append(events, ui.Event{State: ui.Done, Title: r.T(key, "by", h.ByName, "from", h.FromName, "to", h.ToName), Time: h.At, Text: h.Reason})
	}
	return events
}

// offered reports whether an action can be taken now, in the case or a branch of it.
func offered(c workflow.Choice, action string) bool {
	return slices.ContainsFunc(c.Actions, func(a servicespec.Action) bool { return a.Code == action }) ||
		slices.ContainsFunc(c.Branches, func(b workflow.Choice) bool { return offered(b, action) })
}

func (c opened) branchName(r *frame.Request, branch string) string {
	for _, st := range c.Spec.Pack().Workflow.States {
		for _, b := range st.Branches {
			if b.Code == branch {
				return nameOr(r, b.Name, branch)
			}
		}
	}
	return branch
}

// branches tells how far the case is in each of its ways.
func branches(r *frame.Request, c opened) *ui.TableView {
	i := c.Application.Case
	if len(i.Branches) == 0 {
		return nil
	}
	t := &ui.TableView{
		Caption: r.T("workbench.branches"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.branch")}, {Label: r.T("workbench.step")}, {Label: r.T("workbench.due")}, {Label: r.T("workbench.holder")}},
	}
	for _, b := range i.Branches {
		state := ui.Cell{Text: nameOr(r, c.Spec.StateOf(b.State).Name, b.State)}
		due, holder := ui.Cell{Text: "–"}, ui.Cell{Text: c.Holders[b.Assignee]}
		switch at, _ := i.In(b.Code); {
		case b.Kind == workflow.KindDone:
			state = ui.Cell{Tag: &ui.TagView{Text: state.Text, Kind: ui.Success, Icon: "check"}}
		case b.Closed:
			state = ui.Cell{Tag: &ui.TagView{Text: r.T("workbench.branch.closed"), Kind: ui.Neutral}}
		case at.DueAt != nil:
			due.Text = dueText(r, *at.DueAt)
		}
		if holder.Text == "" {
			holder.Text = "–"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: c.branchName(r, b.Code)}, state, due, holder}})
	}
	return t
}

// stays tells how long the case was where: working time counts, the rest is beside it.
func stays(r *frame.Request, c opened) *ui.TableView {
	t := &ui.TableView{
		Caption: r.T("workbench.stays"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.step")}, {Label: r.T("workbench.stays.working")}, {Label: r.T("workbench.stays.calendar")}, {Label: r.T("workbench.stays.times")}},
	}
	for _, s := range c.Stays {
		name := ui.Cell{Text: nameOr(r, s.Name, s.State)}
		if s.Now {
			name.Sub = r.T("workbench.stays.now")
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{name, {Text: span(r, s.Working)}, {Text: span(r, s.Calendar)}, {Text: r.T("workbench.times", "n", s.Times)}}})
	}
	return t
}

// movedHere says what brought the case where it is.
func movedHere(r *frame.Request, c opened) string {
	for _, s := range slices.Backward(c.History) {
		if s.Branch == "" && s.From != s.To && !workflow.Still(s.Cause) {
			if s.Cause == workflow.CauseStart {
				return ""
			}
			return nameOr(r, s.ActionName, s.Action) + " · " + actor(r, s)
		}
	}
	return ""
}

// stepText is what was said and found out with a move.
func stepText(r *frame.Request, c opened, s bench.Step) string {
	var lines []string
	if s.Cause == workflow.CauseLapsed && len(s.Reasons) > 0 {
		return whyFailed(r, s.Reasons[0])
	}
	for _, code := range s.Reasons {
		if reason := c.Spec.Reason(code); reason != nil {
			lines = append(lines, r.Text(reason.Name))
		}
	}
	if s.Comment != "" {
		lines = append(lines, s.Comment)
	}
	if a := c.Spec.Action(s.Action); a != nil {
		for _, q := range a.Questions {
			if v, ok := s.Findings.Answers[q.Code]; ok {
				lines = append(lines, r.Text(q.Label)+": "+c.display(r, c.Spec.Finding(q.Code), v))
			}
		}
		for _, d := range a.Documents {
			for _, f := range s.Findings.Files[d.Code] {
				lines = append(lines, r.Text(d.Label)+": "+f.Name)
			}
		}
	}
	return strings.Join(lines, "\n")
}

// roundView is a decision that was taken up again.
type roundView struct {
	Title string
	Facts []ui.Fact
}

func rounds(r *frame.Request, c opened) (list []roundView) {
	for n, d := range c.Earlier {
		list = append(list, roundView{Title: r.T("workbench.round", "n", n+1), Facts: decisionFacts(r, c, d)})
	}
	return list
}

// versionView is what a correction changed.
type versionView struct {
	Title string
	Table ui.TableView
}

// versions set beside each other what each correction but the last changed; the last stands on its own.
func versions(r *frame.Request, c opened) (list []versionView) {
	for n := 0; n+1 < len(c.Versions); n++ {
		before, after := c.Versions[n], c.Versions[n+1]
		t := ui.TableView{
			Caption: r.T("workbench.version", "n", n+1), HideCaption: true, Stack: true,
			Columns: []ui.Column{{Label: r.T("workbench.question")}, {Label: r.T("workbench.before")}, {Label: r.T("workbench.after")}},
		}
		for _, code := range c.Spec.Questions() {
			q := c.Spec.Question(code)
			if q == nil || servicespec.Same(before.Answers[code], after.Answers[code]) {
				continue
			}
			if q.Kind == servicespec.KindGroup {
				t.Rows = append(t.Rows, c.rowChanges(r, q, before.Answers[code], after.Answers[code])...)
				continue
			}
			t.Rows = append(t.Rows, c.changed(r, r.Text(q.Label), q, before.Answers[code], after.Answers[code]))
		}
		if len(t.Rows) > 0 {
			list = append(list, versionView{Title: r.T("workbench.version.title", "n", n+1, "date", ui.DateTime(r.Context(), before.Until)), Table: t})
		}
	}
	return list
}

// findings are what officers found out and attached, of each question the last answer.
func findings(r *frame.Request, c opened) (facts []ui.Fact) {
	seen := map[string]bool{}
	for _, s := range slices.Backward(c.History) {
		a := c.Spec.Action(s.Action)
		if a == nil {
			continue
		}
		for _, q := range a.Questions {
			if v, ok := s.Findings.Answers[q.Code]; ok && !seen[q.Code] {
				seen[q.Code] = true
				facts = append(facts, ui.Fact{Key: r.Text(q.Label), Value: c.display(r, c.Spec.Finding(q.Code), v)})
			}
		}
		for _, d := range a.Documents {
			var files []ui.FileItem
			for _, f := range s.Findings.Files[d.Code] {
				files = append(files, ui.FileItem{Name: f.Name, Href: casePath(c.Application.ID) + "/files/" + f.ID.String()})
			}
			if files != nil {
				facts = append(facts, ui.Fact{Key: r.Text(d.Label), Body: ui.FileList(files)})
			}
		}
	}
	return facts
}

// letters are those that were sent to the person; one whose PDF is being made has no address yet.
func letters(r *frame.Request, c opened) (files []ui.FileItem) {
	for _, l := range c.Letters {
		f := ui.FileItem{Name: r.Text(l.Title)}
		if l.Document != uuid.Nil {
			f.Href = casePath(c.Application.ID) + "/files/" + l.Document.String()
		}
		files = append(files, f)
	}
	return files
}
