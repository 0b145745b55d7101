package workbench

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	bench "digit/internal/provider/workbench"
	"digit/web/frame"
	"digit/web/ui"
)

// tick is how a chosen case stands in a form: its id, the revision that the list showed, its branch.
func tick(c bench.Row) string {
	return c.ID.String() + "." + strconv.FormatInt(c.Rev, 10) + "." + c.Branch
}

// ticked reads what was chosen; what is no case is left out.
func ticked(values []string) (list []bench.Chosen) {
	for _, v := range values {
		parts := strings.SplitN(v, ".", 3)
		if len(parts) < 3 {
			continue
		}
		id, err := uuid.Parse(parts[0])
		rev, wrong := strconv.ParseInt(parts[1], 10, 64)
		if err == nil && wrong == nil {
			list = append(list, bench.Chosen{Application: id, Rev: rev, Branch: parts[2]})
		}
	}
	return list
}

// choose keeps which cases of a list are to be dealt with at once and leads to what can be done with them.
func (w *Workbench) choose(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var all *bench.Filter
	if posted.Get("all") == "1" {
		q, err := url.ParseQuery(posted.Get("filter"))
		if err != nil {
			q = url.Values{}
		}
		f := bench.FilterOf(q)
		all = &f
	}
	var bulk uuid.UUID
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		bulk, err = w.deps.Workbench.Choose(ctx, tx, *r.Principal, ticked(posted["select"]), all)
		return err
	})
	if e := fault.Of(err); e != nil && e.Code == bench.ErrNoneChosen.Code {
		return w.noneChosen(r, posted.Get("filter"))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/workbench/bulk/" + bulk.String())
}

// noneChosen shows the list again and says what is missing.
func (w *Workbench) noneChosen(r *frame.Request, filter string) error {
	q, err := url.ParseQuery(filter)
	if err != nil {
		q = url.Values{}
	}
	l := listed{filter: bench.FilterOf(q)}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return w.list(ctx, tx, r, &l) }); err != nil {
		return err
	}
	r.URL.Path, r.URL.RawQuery = "/workbench", q.Encode() // the links of the page lead to the list, not here
	v := w.inboxView(r, l)
	v.Problems = []ui.Problem{{Field: "case-table", Text: r.T("error.workbench.none_chosen")}}
	return r.HTMLStatus(http.StatusUnprocessableEntity, inboxPage(v))
}

type bulkView struct {
	Site        ui.Site
	Back        string
	Notice      *ui.NoticeView
	Queues      []ui.NavItem
	Path, Title string
	Problems    []ui.Problem
	Chosen      []ui.Link
	Running     bool
	Progress    ui.ProgressView
	Acts        []bulkAct
	Results     *ui.TableView
	Retry, Undo bool
	Summary     string
	Held        string // decisions that wait to take effect, or why none can be undone
	UndoLabel   string
	Receivers   *ui.Field
}

// bulkAct is an action that can be taken on some of the chosen cases.
type bulkAct struct {
	Code, Label, Variant, Note  string
	Open                        bool
	Reasons, Checklist, Comment *ui.Field
}

// given is what was posted to be done, shown again where it was not taken.
type given struct {
	kind, action, comment string
	checklist, reasons    []string
	problems              []ui.Problem
	errors                map[string]string
}

func (w *Workbench) bulk(r *frame.Request) error { return w.showBulk(r, http.StatusOK, given{}) }

func (w *Workbench) showBulk(r *frame.Request, status int, in given) error {
	id, err := r.UUID("bulk")
	if err != nil {
		return err
	}
	var b bench.Bulk
	var acts []bench.BulkChoice
	var receivers []bench.Colleague
	var n nav
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if b, err = w.deps.Workbench.Bulk(ctx, tx, *r.Principal, id); err != nil {
			return err
		}
		if n, err = w.nav(ctx, tx, r); err != nil || b.Status != bench.BulkChosen {
			return err
		}
		if acts, err = w.deps.Workbench.BulkActs(ctx, tx, *r.Principal, b); err != nil {
			return err
		}
		receivers, err = w.deps.Workbench.Receivers(ctx, tx, *r.Principal, b)
		return err
	}); err != nil {
		return err
	}
	v := bulkView{
		Site: r.Site(frame.Workbench), Back: listPath(r), Notice: r.Done(), Queues: queues(r, n, bench.Filter{}), Path: "/workbench/bulk/" + id.String(), Problems: in.problems,
		Title: r.T("bench.bulk.title", "n", len(b.Items)),
	}
	if b.Status == bench.BulkChosen {
		v.choices(r, b, acts, receivers, in)
	} else {
		v.results(r, b)
	}
	return r.HTMLStatus(status, bulkPage(v))
}

// choices are what can be done with the chosen cases.
func (v *bulkView) choices(r *frame.Request, b bench.Bulk, acts []bench.BulkChoice, receivers []bench.Colleague, in given) {
	for _, i := range b.Items {
		v.Chosen = append(v.Chosen, ui.Link{Label: i.Reference, Href: casePath(i.Application)})
	}
	if len(receivers) > 0 {
		v.Receivers = &ui.Field{Name: "to", Label: r.T("bench.bulk.to"), Error: in.errors["to"], Options: []ui.Option{{Value: "", Label: r.T("bench.bulk.to_choose"), Checked: true}}}
		for _, c := range receivers {
			v.Receivers.Options = append(v.Receivers.Options, ui.Option{Value: c.ID.String(), Label: c.Name})
		}
	}
	for _, a := range acts {
		act := bulkAct{Code: a.Code, Label: r.Text(a.Name), Variant: "secondary", Note: r.T("bench.bulk.act_note", "n", a.Cases)}
		if a.Style == "warning" {
			act.Variant = "warning"
		}
		was := given{}
		if in.action == a.Code {
			was, act.Open = in, true
		}
		if len(a.Reasons) > 0 {
			act.Reasons = &ui.Field{Name: "reasons", ID: a.Code + "-reasons", Label: r.T("workbench.act.reasons"), Error: was.errors["reasons"]}
			for _, code := range a.Reasons {
				if reason := a.Reason(code); reason != nil {
					act.Reasons.Options = append(act.Reasons.Options, ui.Option{Value: code, Label: r.Text(reason.Name), Checked: slices.Contains(was.reasons, code)})
				}
			}
		}
		if len(a.Checklist) > 0 {
			act.Checklist = &ui.Field{Name: "checklist", ID: a.Code + "-checklist", Label: r.T("bench.bulk.checklist"), Error: was.errors["checklist"]}
			for _, item := range a.Checklist {
				act.Checklist.Options = append(act.Checklist.Options, ui.Option{Value: item.Code, Label: r.Text(item.Label), Checked: slices.Contains(was.checklist, item.Code)})
			}
		}
		if a.Comment == "required" || a.Comment == "optional" {
			act.Comment = &ui.Field{
				Name: "comment", ID: a.Code + "-comment", Label: r.T("workbench.act.reason"), Hint: r.T("bench.bulk.comment_hint"), Rows: 3, MaxLength: 2000,
				Value: was.comment, Error: was.errors["comment"], Optional: a.Comment == "optional",
			}
		}
		v.Acts = append(v.Acts, act)
	}
}

// failures are the refusals that have words of their own in a list of results; others share a sentence.
var failures = []string{
	"workflow.meanwhile", "workflow.not_yours", "workflow.role", "workflow.separation", "workflow.own", "workflow.guard", "workflow.checklist", "workflow.action",
	"workflow.ended", "workflow.able", "workflow.assign", "workflow.release", "orchestration.forbidden", "workbench.forbidden", "orchestration.credit",
	"workflow.late", "workflow.held",
}

// whyFailed says why a case was not dealt with.
func whyFailed(r *frame.Request, code string) string {
	if slices.Contains(failures, code) {
		return r.T("bench.failed." + code)
	}
	return r.T("bench.failed.other")
}

// results say how far it is, and what became of each case: those that failed first.
func (v *bulkView) results(r *frame.Request, b bench.Bulk) {
	total, settled := len(b.Items), len(b.Items)-b.Counts[bench.ItemWaiting]
	v.Running = b.Status == bench.BulkRunning || b.Status == bench.BulkUndoing
	if b.Status == bench.BulkUndoing {
		settled = total - b.Counts[bench.ItemDone]
	}
	v.Title = r.T("bench.bulk.did."+b.Kind, "n", total, "action", r.Text(b.ActionName), "name", b.ToName)
	v.Progress = ui.ProgressView{Label: r.T("bench.bulk.progress"), Text: r.T("bench.bulk.of", "n", settled, "total", total), Percent: settled * 100 / max(1, total)}
	v.Summary = r.T("bench.bulk.summary", "done", b.Counts[bench.ItemDone], "failed", b.Counts[bench.ItemFailed])
	if b.Status == bench.BulkUndone {
		v.Summary = r.T("bench.bulk.summary_undone", "undone", b.Counts[bench.ItemUndone], "kept", b.Counts[bench.ItemKept])
	}
	v.Retry, v.Undo, v.UndoLabel = b.Status == bench.BulkDone && b.Counts[bench.ItemFailed] > 0, b.Undoable(), r.T("bench.bulk.undo")
	switch {
	case b.Status != bench.BulkDone || b.Kind != bench.BulkAct || b.Counts[bench.ItemDone] == 0:
	case b.HeldUntil != nil:
		at := timeOf(r, *b.HeldUntil)
		v.Held, v.UndoLabel = r.T("bench.bulk.held", "n", b.Held, "at", at), r.T("held.undo", "at", at)
	default:
		v.Held = r.T("bench.bulk.gone")
	}
	t := ui.TableView{
		ID: "results", Caption: r.T("bench.bulk.results"), Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.case")}, {Label: r.T("bench.bulk.result")}, {Label: r.T("bench.bulk.why")}},
	}
	rank := map[string]int{bench.ItemFailed: 0, bench.ItemKept: 1, bench.ItemWaiting: 2, bench.ItemDone: 3, bench.ItemUndone: 4}
	slices.SortStableFunc(b.Items, func(x, y bench.BulkItem) int { return rank[x.Status] - rank[y.Status] })
	kinds := map[string]ui.Kind{bench.ItemDone: ui.Success, bench.ItemFailed: ui.Danger, bench.ItemKept: ui.Warning, bench.ItemUndone: ui.Neutral, bench.ItemWaiting: ui.Neutral}
	for _, i := range b.Items {
		reason := ""
		if i.Code != "" {
			reason = whyFailed(r, i.Code)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: i.Reference, Href: casePath(i.Application)}, {Tag: &ui.TagView{Text: r.T("bench.item." + i.Status), Kind: kinds[i.Status]}}, {Text: reason},
		}})
	}
	v.Results = &t
}

// start has the chosen cases dealt with; a decision on much money needs a fresh proof of who decides, as for one case.
func (w *Workbench) start(r *frame.Request) error {
	id, err := r.UUID("bulk")
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := given{kind: posted.Get("kind"), action: posted.Get("action"), comment: posted.Get("comment"), checklist: posted["checklist"], reasons: posted["reasons"]}
	to, _ := uuid.Parse(posted.Get("to")) // what is nobody is refused below
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if in.kind == bench.BulkAct && r.Settings.ApprovalStepUpOver != nil {
			if err := w.sureOfMany(ctx, tx, r, id, in.action); err != nil {
				return err
			}
		}
		return w.deps.Workbench.Start(ctx, tx, bench.StartBulk{
			By: *r.Principal, Bulk: id, Kind: in.kind, Action: in.action, To: to, Comment: in.comment, Checklist: in.checklist, Reasons: in.reasons,
		})
	})
	if e := fault.Of(err); e != nil && e.Kind == fault.KindInvalid {
		in.errors = map[string]string{}
		for _, f := range e.Fields {
			field := f.Path
			if in.action != "" {
				field = in.action + "-" + f.Path
			}
			in.errors[f.Path] = r.FieldSentence(f)
			in.problems = append(in.problems, ui.Problem{Field: field, Text: in.errors[f.Path]})
		}
		return w.showBulk(r, http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/workbench/bulk/" + id.String())
}

// sureOfMany asks for a fresh proof where an action decides cases: what is paid for each is not looked up one by one.
func (w *Workbench) sureOfMany(ctx context.Context, tx *pg.Tx, r *frame.Request, bulk uuid.UUID, action string) error {
	b, err := w.deps.Workbench.Bulk(ctx, tx, *r.Principal, bulk)
	if err != nil {
		return err
	}
	acts, err := w.deps.Workbench.BulkActs(ctx, tx, *r.Principal, b)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(acts, func(a bench.BulkChoice) bool { return a.Code == action && a.Decides }) {
		return r.RequireFresh(frame.FreshFor)
	}
	return nil
}

func (w *Workbench) retry(r *frame.Request) error { return w.onBulk(r, w.deps.Workbench.Retry) }

func (w *Workbench) undo(r *frame.Request) error { return w.onBulk(r, w.deps.Workbench.Undo) }

func (w *Workbench) onBulk(r *frame.Request, act func(ctx context.Context, tx *pg.Tx, by identity.Principal, bulk uuid.UUID) error) error {
	id, err := r.UUID("bulk")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, *r.Principal, id) }); err != nil {
		return err
	}
	return r.Redirect("/workbench/bulk/" + id.String())
}
