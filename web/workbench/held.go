package workbench

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

// waitingView is a decision that waits to take effect; Undo says how long it can be taken back, "" where the reader cannot.
type waitingView struct{ Title, Text, Undo string }

// timeOf is the time of a moment of today, in the tenant's zone.
func timeOf(r *frame.Request, at time.Time) string { return i18n.FormatTime(at, r.Settings.Location()) }

// holding shows a decision that waits, or why one did not take effect.
func (v *caseView) holding(r *frame.Request, c opened) {
	i := c.Application.Case
	if len(c.History) == 0 {
		return
	}
	last := c.History[len(c.History)-1]
	action := nameOr(r, last.ActionName, last.Action)
	switch {
	case i.Held() && last.Cause == workflow.CauseHeld:
		at := timeOf(r, *i.HeldUntil)
		v.Notice = nil // this says it better
		v.Held = &waitingView{Title: r.T("held.title", "action", action), Text: r.T("held.text.other", "name", c.AssigneeName, "at", at)}
		if i.Assignee == r.Person() {
			v.Held.Text = r.T("held.text.mine", "at", at)
		}
		if c.Choice.CanUndo {
			v.Held.Undo = r.T("held.undo", "at", at)
		}
	case last.Cause == workflow.CauseLapsed && len(last.Reasons) > 0:
		v.Notice = &ui.NoticeView{Kind: ui.Warning, Title: r.T("held.lapsed", "action", action), Text: whyFailed(r, last.Reasons[0])}
	}
}

// takenBack is what the officer had filled in for the decision that they have just undone: it stands in its form again.
func takenBack(r *frame.Request, c opened) (in typed) {
	n := len(c.History)
	if n < 2 || c.History[n-1].Cause != workflow.CauseUndone && c.History[n-1].Cause != workflow.CauseLapsed {
		return in
	}
	held := c.History[n-2]
	if held.Cause != workflow.CauseHeld || held.Actor != r.Person() || !offered(c.Choice, held.Action) {
		return in
	}
	in.action, in.comment, in.checklist, in.reasons = held.Action, held.Comment, slices.Clone(held.Checklist), slices.Clone(held.Reasons)
	in.findings, in.items = held.Findings.Answers, slices.Clone(c.Application.Case.HeldItems)
	return in
}

// undoDecision takes back a decision that is held.
func (w *Workbench) undoDecision(r *frame.Request) error {
	return w.post(r, "workbench.undone", func(ctx context.Context, tx *pg.Tx, id uuid.UUID, form url.Values, _ *typed) error {
		if _, err := w.deps.Applications.Application(ctx, tx, id, *r.Principal); err != nil {
			return err // before anything is said of the case
		}
		_, err := w.deps.Applications.Undo(ctx, tx, id, *r.Principal, revOf(form))
		return err
	})
}

// sinceView says whether a case that is open has changed.
type sinceView struct {
	Case, Rev string
	Changed   bool
}

// since answers a page of a case that asks whether it is still true.
func (w *Workbench) since(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	v := sinceView{Case: casePath(id), Rev: strconv.FormatInt(revOf(r.URL.Query()), 10)}
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		v.Changed, err = w.deps.Workbench.Since(ctx, tx, *r.Principal, id, revOf(r.URL.Query()))
		return err
	}); err != nil {
		return err
	}
	return r.HTML(since(v))
}
