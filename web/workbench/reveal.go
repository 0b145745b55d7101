package workbench

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/web/frame"
	"digit/web/ui"
)

// hidden is what stands in place of an answer of a special kind: whom to ask for it, and the way to have it shown for a reason.
func hidden(r *frame.Request, c opened, q servicespec.QuestionView) ui.Fact {
	label := q.Text(q.Label, r.Lang, c.words(r))
	v := hiddenView{Text: r.T("workbench.hidden")}
	if len(c.special) > 0 {
		v.Text = r.T("workbench.hidden.ask", "roles", strings.Join(c.special, ", "))
	}
	if c.Application.Revealable {
		v.Href, v.Question = casePath(c.Application.ID)+"/reveal/"+q.Code, label
	}
	return ui.Fact{Key: label, Body: hiddenAnswer(v)}
}

type hiddenView struct{ Text, Href, Question string }

// mayReadSpecial are the names of the roles that read answers of a special kind.
func mayReadSpecial(r *frame.Request, roles []identity.Role) (names []string) {
	for _, role := range roles {
		if slices.Contains(role.Permissions, orchestration.ReadSpecial) {
			names = append(names, r.Text(role.Name))
		}
	}
	return names
}

type revealView struct {
	Site                              ui.Site
	Reference, Question, Action, Back string
	Reason                            ui.Field
	Problems                          []ui.Problem
}

// revealView asks why an answer is to be shown. Errors: orchestration.ErrNothingHidden, and those of reading the case.
func (w *Workbench) revealView(r *frame.Request, reason string) (v revealView, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return v, err
	}
	var c opened
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = w.open(ctx, tx, r, id)
		return err
	})
	if err != nil {
		return v, err
	}
	q := c.Spec.Question(r.Param("question"))
	if q == nil || !slices.Contains(c.Application.Hidden, q.Code) || !c.Application.Revealable {
		return v, orchestration.ErrNothingHidden
	}
	back := casePath(id)
	return revealView{
		Site: r.Site(frame.Workbench), Reference: c.Application.Reference, Question: r.Text(q.Label), Back: back, Action: back + "/reveal/" + q.Code,
		Reason: ui.Field{Name: "reason", Label: r.T("workbench.reveal.reason"), Hint: r.T("workbench.reveal.hint"), Rows: 3, MaxLength: 500, Value: reason},
	}, nil
}

func (w *Workbench) revealAsk(r *frame.Request) error {
	v, err := w.revealView(r, "")
	if err != nil {
		return err
	}
	return r.HTML(revealPage(v))
}

// reveal has the answer shown on the case's page for a while.
func (w *Workbench) reveal(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	reason := posted.Get("reason")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return w.deps.Applications.RevealAnswer(ctx, tx, orchestration.RevealAnswer{Application: id, Question: r.Param("question"), By: *r.Principal, Reason: reason})
	})
	if errors.Is(err, orchestration.ErrReason) {
		v, failed := w.revealView(r, reason)
		if failed != nil {
			return failed
		}
		v.Problems = r.Problems(fault.Of(err).Fields)
		v.Reason.Error = v.Problems[0].Text
		return r.HTMLStatus(http.StatusUnprocessableEntity, revealPage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(casePath(id) + "?done=workbench.revealed")
}
