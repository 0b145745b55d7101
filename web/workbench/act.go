package workbench

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// typed is what an officer has filled in, kept when the page must be shown again, with what was wrong.
type typed struct {
	action, comment, note string
	items, checklist      []string
	reasons               []string
	posted                url.Values // answers to the action's questions, by the names of their inputs
	findings              servicespec.Answers
	problems              []ui.Problem
	errors                map[string]string // sentence by part: comment, items, checklist, note
	notice                *ui.NoticeView
	uploads               map[string][]form.Upload
	handed                handed
}

// handed is what was filled in to give a case away or to take it over.
type handed struct{ form, branch, to, reason string }

// actionView is an act that can be taken now; without fields it is a plain button.
type actionView struct {
	Code, Label, Variant, Icon string
	Open                       bool
	Items, Checklist, Comment  *ui.Field
	Reasons                    *ui.Field
	Questions                  templ.Component
	Documents                  []ui.Field
	Templates                  []ui.Link // that its message can begin with
}

func (a actionView) plain() bool {
	return a.Items == nil && a.Checklist == nil && a.Comment == nil && a.Reasons == nil && a.Questions == nil && a.Documents == nil
}

// encoding lets a form carry files.
func (a actionView) encoding() templ.Attributes {
	if len(a.Documents) == 0 {
		return nil
	}
	return templ.Attributes{"enctype": "multipart/form-data"}
}

// correction is the effect of an action that asks the citizen to correct answers.
const correction = "request_correction"

func actionOf(r *frame.Request, c opened, a servicespec.Action, in typed) actionView {
	v := actionView{Code: a.Code, Label: r.Text(a.Name), Variant: "secondary"}
	switch a.Style {
	case "primary":
		v.Variant, v.Icon = "", "check"
	case "warning":
		v.Variant = "warning"
	}
	if in.action != a.Code {
		in = typed{}
	}
	v.Open = in.action == a.Code
	if slices.Contains(a.Effect, correction) {
		in = proposed(r, c, in)
		v.Icon = "undo-2"
		f := ui.Field{Name: "items", ID: a.Code + "-items", Label: r.T("workbench.act.items"), Hint: r.T("workbench.act.items_hint"), Error: in.errors["items"]}
		f.Options = c.items(r)
		for n := range f.Options {
			f.Options[n].Checked = slices.Contains(in.items, f.Options[n].Value)
		}
		v.Items = &f
	}
	v.asks(r, c, a, in)
	if list := c.Spec.ChecklistOf(a.Code, c.ground(), c.Facts); len(list) > 0 {
		f := ui.Field{Name: "checklist", ID: a.Code + "-checklist", Label: r.T("workbench.act.checklist"), Error: in.errors["checklist"]}
		for _, item := range list {
			f.Options = append(f.Options, ui.Option{Value: item.Code, Label: r.Text(item.Label), Checked: slices.Contains(in.checklist, item.Code)})
		}
		v.Checklist = &f
	}
	if a.Comment == "required" || a.Comment == "optional" {
		v.Comment = &ui.Field{
			Name: "comment", ID: a.Code + "-comment", Label: r.T("workbench.act.reason"), Hint: r.T("workbench.act.reason_hint"), Rows: 3, MaxLength: 2000,
			Value: in.comment, Error: in.errors["comment"],
		}
		v.Templates = templateLinks(c, a.Code)
		if a.Comment == "optional" {
			v.Comment.Label, v.Comment.Optional = r.T("workbench.act.message"), true
		}
	}
	return v
}

// ground are the answers that rules see, those too that the reader does not.
func (c opened) ground() servicespec.Answers { return c.Application.Ground(c.Facts).Answers }

// asks adds what the officer has found out, chooses and attaches.
func (v *actionView) asks(r *frame.Request, c opened, a servicespec.Action, in typed) {
	if len(a.Reasons) > 0 {
		f := ui.Field{Name: "reasons", ID: a.Code + "-reasons", Label: r.T("workbench.act.reasons"), Hint: r.T("workbench.act.reasons_hint"), Error: in.errors["reasons"]}
		for _, code := range a.Reasons {
			if reason := c.Spec.Reason(code); reason != nil {
				f.Options = append(f.Options, ui.Option{Value: code, Label: r.Text(reason.Name), Checked: slices.Contains(in.reasons, code)})
			}
		}
		v.Reasons = &f
	}
	if len(a.Questions) > 0 {
		fv := form.View{
			Page: c.Spec.FindingsPage(a.Code, in.findings, c.ground(), c.Facts), Lang: r.Lang, Words: c.words(r), Facts: c.Facts, Answers: c.ground(),
			Prefix: a.Code + ".", Posted: in.posted, Errors: in.errors, Codes: c.lists(r),
		}
		v.Questions = form.Questions(fv)
	}
	for _, d := range a.Documents {
		v.Documents = append(v.Documents, ui.Field{
			Name: "documents." + d.Code, ID: a.Code + "-documents." + d.Code, Label: r.Text(d.Label), Optional: d.Optional,
			Accept: strings.Join(d.Accept, ","), Error: in.errors["documents."+d.Code],
		})
	}
}

// lists are the code lists that the questions of actions choose from.
func (c opened) lists(r *frame.Request) map[string][]form.Code {
	lists := map[string][]form.Code{}
	for name, codes := range c.codes {
		for _, code := range codes {
			lists[name] = append(lists[name], form.Code{Code: code.Code, Label: r.Text(code.Name)})
		}
	}
	return lists
}

// openFirst unfolds the act that moves the case on, unless another is being filled in.
func openFirst(actions []actionView) {
	if slices.ContainsFunc(actions, func(a actionView) bool { return a.Open }) {
		return
	}
	for n, a := range actions {
		if !a.plain() && a.Variant == "" {
			actions[n].Open = true
			return
		}
	}
}

// blocked says why an officer who sees open work can do nothing with it.
func blocked(r *frame.Request, c opened) string {
	i := c.Application.Case
	if i.Ended || len(c.Choice.Actions) > 0 || c.Choice.CanClaim {
		return ""
	}
	switch {
	case i.Held():
		return r.T("workbench.blocked.held", "at", timeOf(r, *i.HeldUntil))
	case !i.Staffed():
		return r.T("workbench.blocked.citizen")
	case i.Person == r.Person():
		return r.T("workbench.blocked.own")
	case i.Assignee != uuid.Nil && i.Assignee != r.Person():
		return r.T("workbench.blocked.taken", "name", c.AssigneeName)
	}
	return r.T("workbench.blocked.role", "role", nameOr(r, c.roles[i.Role], i.Role))
}

// revOf is the revision the officer saw; anything that is none is older than all.
func revOf(form url.Values) int64 {
	rev, err := strconv.ParseInt(form.Get("rev"), 10, 64)
	if err != nil {
		return 0
	}
	return max(0, rev)
}

// post runs a change of the case that the path names and shows the case again; what it refuses stands on the page with
// everything typed still there.
func (w *Workbench) post(r *frame.Request, done string, work func(ctx context.Context, tx *pg.Tx, id uuid.UUID, form url.Values, in *typed) error) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	var in typed
	if err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return work(ctx, tx, id, form, &in) }); err != nil {
		return w.again(r, id, err, in)
	}
	return r.Redirect(casePath(id) + "?done=" + done)
}

func (w *Workbench) claim(r *frame.Request) error {
	return w.post(r, "workbench.claimed", func(ctx context.Context, tx *pg.Tx, id uuid.UUID, form url.Values, _ *typed) error {
		_, err := w.deps.Workbench.Claim(ctx, tx, *r.Principal, id, form.Get("branch"), revOf(form))
		return err
	})
}

func (w *Workbench) release(r *frame.Request) error {
	return w.post(r, "workbench.released", func(ctx context.Context, tx *pg.Tx, id uuid.UUID, form url.Values, _ *typed) error {
		_, err := w.deps.Workbench.Release(ctx, tx, *r.Principal, id, form.Get("branch"), revOf(form))
		return err
	})
}

// give hands the case to a colleague, or to the officer, who takes it over.
func (w *Workbench) give(r *frame.Request) error {
	return w.post(r, "bench.given", func(ctx context.Context, tx *pg.Tx, id uuid.UUID, form url.Values, in *typed) error {
		in.handed = handed{form: form.Get("form"), branch: form.Get("branch"), to: form.Get("to"), reason: form.Get("reason")}
		give := bench.GiveCase{By: *r.Principal, Application: id, Branch: in.handed.branch, Reason: in.handed.reason, Rev: revOf(form)}
		if _, err := w.deps.Applications.Application(ctx, tx, id, *r.Principal); err != nil {
			return err // before anything is said of what was typed
		}
		if in.handed.form != "take" {
			to, err := uuid.Parse(in.handed.to)
			if err != nil {
				return bench.ErrHandover.WithFields(fault.Field{Path: "to", Code: "workbench.to"})
			}
			give.To = to
		}
		_, err := w.deps.Workbench.Give(ctx, tx, give)
		return err
	})
}

func (w *Workbench) act(r *frame.Request) error {
	uploads, err := w.inspect(r)
	if err != nil {
		return err
	}
	return w.post(r, "workbench.acted", func(ctx context.Context, tx *pg.Tx, id uuid.UUID, posted url.Values, in *typed) error {
		in.uploads = uploads
		in.action, in.comment, in.items, in.checklist = r.Param("action"), posted.Get("comment"), posted["items"], posted["checklist"]
		in.reasons = posted["reasons"]
		found, err := w.found(ctx, tx, r, id, posted, in)
		if err != nil {
			return err
		}
		if err := w.sure(ctx, tx, r, id, in.action); err != nil {
			return err
		}
		_, err = w.deps.Applications.Decide(ctx, tx, orchestration.Act{
			Application: id, Action: in.action, By: *r.Principal, Comment: in.comment, Items: in.items, Checklist: in.checklist, Reasons: in.reasons,
			Findings: found, Rev: revOf(posted),
		})
		return err
	})
}

// found reads what the officer has found out and keeps what they attached, where the form asked for that.
func (w *Workbench) found(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID, posted url.Values, in *typed) (f workflow.Findings, err error) {
	if posted.Get("asks") == "" {
		return f, nil
	}
	app, err := w.deps.Applications.Application(ctx, tx, id, *r.Principal)
	if err != nil {
		return f, err
	}
	svc, facts, err := w.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return f, err
	}
	in.posted = url.Values{}
	plain := map[string][]string{}
	for name, values := range posted {
		if own, ok := strings.CutPrefix(name, in.action+"."); ok {
			in.posted[name], plain[own] = values, values
		}
	}
	var wrong []fault.Field
	in.findings, wrong = svc.ReadFindings(in.action, plain, app.Ground(facts).Answers, facts)
	for n := range wrong {
		wrong[n].Path = "findings." + wrong[n].Path
	}
	f.Answers = in.findings
	if f.Files, err = w.attach(ctx, tx, app, svc.Action(in.action), in.uploads, &wrong); err != nil {
		return f, err
	}
	if len(wrong) > 0 {
		return f, workflow.ErrFindings.WithFields(wrong...)
	}
	return f, nil
}

// sure asks for a fresh proof of who acts where the act decides a case for which much was paid: how much, the state says.
func (w *Workbench) sure(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID, action string) error {
	over := r.Settings.ApprovalStepUpOver
	if over == nil {
		return nil
	}
	paid, err := w.deps.Workbench.Stakes(ctx, tx, *r.Principal, id, action)
	if err != nil || paid.Currency == "" || paid.Minor < *over {
		return err
	}
	return r.RequireFresh(frame.FreshFor)
}

func (w *Workbench) note(r *frame.Request) error {
	return w.post(r, "workbench.noted", func(ctx context.Context, tx *pg.Tx, id uuid.UUID, form url.Values, in *typed) error {
		in.note = form.Get("note")
		_, err := w.deps.Workbench.Note(ctx, tx, *r.Principal, id, in.note)
		return err
	})
}

// again shows the case as it stands now with what was typed and why it was not taken. What the officer may not see, or
// what failed for another reason, is answered as everywhere.
func (w *Workbench) again(r *frame.Request, id uuid.UUID, refused error, in typed) error {
	e := fault.Of(refused)
	status := map[fault.Kind]int{
		fault.KindInvalid: http.StatusUnprocessableEntity, fault.KindConflict: http.StatusConflict, fault.KindForbidden: http.StatusForbidden,
	}[e.Kind]
	if status == 0 {
		return refused
	}
	var c opened
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = w.open(ctx, tx, r, id)
		return err
	}); err != nil {
		return refused
	}
	in.explain(r, c, e)
	return r.HTMLStatus(status, casePage(viewOf(r, c, in)))
}

// explain turns a refusal into the words on the page: lines of the error summary for fields, a notice for the rest.
func (in *typed) explain(r *frame.Request, c opened, e *fault.Error) {
	in.errors = map[string]string{}
	for _, f := range e.Fields {
		part, rest, _ := strings.Cut(f.Path, ".")
		id := in.action + "-" + part
		switch {
		case part == "findings":
			part, id = in.action+"."+rest, in.action+"."+rest
		case part == "documents":
			part, id = f.Path, in.action+"-"+f.Path
		case in.handed.form == "take":
			id = "take" + in.handed.branch
		case in.handed.form != "" && part == "to":
			id = "give" + in.handed.branch
		case in.handed.form != "":
			id = "give-reason" + in.handed.branch
		case in.action == "":
			id = part
		}
		if in.errors[part] != "" {
			continue
		}
		in.errors[part] = r.FieldSentence(f)
		if part == "checklist" {
			in.errors[part] = r.Sentence(e)
		}
		in.problems = append(in.problems, ui.Problem{Field: id, Text: in.errors[part]})
	}
	if len(in.problems) > 0 {
		return
	}
	in.notice = &ui.NoticeView{Kind: ui.Warning, Title: r.Sentence(e)}
	if errors.Is(e, workflow.ErrMeanwhile) {
		in.notice.Title, in.notice.Text = r.T("workbench.meanwhile.title"), meanwhile(r, c, e)
	}
}

// meanwhile says who did what since the officer looked, and where the case stands now.
func meanwhile(r *frame.Request, c opened, e *fault.Error) string {
	code, _ := e.Args["who"].(string)
	who, what := r.T("workbench.meanwhile.somebody"), r.T("workbench.meanwhile.moved")
	if account, err := uuid.Parse(code); err == nil {
		if name := nameOf(c, account); name != "" {
			who = name
		}
	}
	action, _ := e.Args["action"].(string)
	if a := c.Spec.Action(action); a != nil {
		what = r.Text(a.Name)
	} else if action == "claim" || action == "undo" {
		what = r.T("workbench.meanwhile." + action)
	}
	at, _ := e.Args["at"].(time.Time)
	return r.T("workbench.meanwhile.text", "who", who, "what", what, "at", ui.DateTime(r.Context(), at), "state", nameOr(r, c.State.Name, c.State.Code))
}

func nameOf(c opened, account uuid.UUID) string {
	if account == c.Application.Case.Assignee {
		return c.AssigneeName
	}
	for _, s := range c.History {
		if s.Actor == account {
			return s.ActorName
		}
	}
	return ""
}
