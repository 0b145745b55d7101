package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"digit/internal/consumer/request"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// place is a row of a group on a page of the form.
type place struct {
	page, group string
	row         int
}

func placeOf(r *frame.Request) (place, error) {
	row, err := strconv.Atoi(r.Param("row"))
	if err != nil || row < 0 {
		return place{}, request.ErrUnknownQuestion.With("question", r.Param("group"))
	}
	return place{page: r.Param("page"), group: r.Param("group"), row: row}, nil
}

func (w place) at() string { return w.group + "." + strconv.Itoa(w.row) }

// rowPath is where a button of a group leads: to a row, to a new one, or to the question whether a row is to go.
func (a application) rowPath(page string, act form.Act) string {
	row := act.Row
	if act.Name == form.Add {
		rows, _ := a.Answers[act.Group].(servicespec.Rows)
		row = len(rows)
	}
	path := fmt.Sprintf("%s/pages/%s/rows/%s/%d", a.path(), page, url.PathEscape(act.Group), row)
	if act.Name == form.Remove {
		path += "/remove"
	}
	return path
}

// viewRow is the page of a row, with what it is called.
func (p *Portal) viewRow(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, w place, in shown) (pageView, error) {
	row, group, ok := a.spec.RowView(w.group, w.row, a.Answers, a.facts)
	page, _, onPage := a.page(w.page)
	if !ok || !onPage || a.spec.PageOf(w.group) != w.page || !a.Editable(w.group) && !a.Touches(w.at()) {
		return pageView{}, request.ErrUnknownQuestion.With("question", w.group)
	}
	title := row.Title(r.Lang, a.words(r))
	if title == "" {
		title = r.T("form.rows.number", "n", w.row+1)
	}
	v := pageView{
		Site: r.Site(frame.Portal), Name: title, Action: a.path() + "/pages/" + w.page + "/rows/" + w.group + "/" + strconv.Itoa(w.row) + editQuery(r),
		Note: a.Note, Correction: a.Status == request.Correction, Back: &ui.Link{Href: a.path() + "/pages/" + w.page + editQuery(r)},
	}
	var err error
	page.Questions, in.prefix, in.title = row.Questions, w.at()+".", title
	if v.Form, err = p.formView(ctx, tx, r, a, page, in); err != nil {
		return v, err
	}
	v.Form.Caption = group.Label.In(r.Lang, a.words(r).Fallback)
	v.Problems = problems(r, v.Form, in.wrong)
	v.Device = a.device(r, v.Action, a.path()+"/pages/"+w.page)
	return v, nil
}

// showRow shows one row of a group with what was answered so far; the one after the last is new.
func (p *Portal) showRow(r *frame.Request) error {
	w, err := placeOf(r)
	if err != nil {
		return err
	}
	var a application
	var v pageView
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || !a.answerable() {
			return err
		}
		var in shown
		if row, _, ok := a.spec.RowView(w.group, w.row, a.Answers, a.facts); ok {
			in.wrong = a.infected(w.at()+".", row.Questions)
		}
		v, err = p.viewRow(ctx, tx, r, a, w, in)
		return err
	})
	if err != nil {
		return err
	}
	if !a.answerable() {
		return r.Redirect(a.path())
	}
	return r.HTML(questionPage(v))
}

// answerRow keeps a row and leads back to the list of all.
func (p *Portal) answerRow(r *frame.Request) error {
	w, err := placeOf(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	leaves, itself := posted.Has(later), posted.Get(later) == byItself
	posted.Del(later)
	base := posted.Get(baseInput)
	_, acted := form.TakeAct(posted)
	at, file, takes := form.TakeEarlier(posted)
	var before, after application
	var wrong []fault.Field
	var preview *pageView
	uploads, err := p.inspect(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if itself {
			if err := p.unchanged(ctx, tx, r, base); err != nil {
				return err
			}
		}
		if before, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if acted {
			preview, err = p.previewRow(ctx, tx, r, before, w, posted)
			return err
		}
		if takes {
			if wrong, err = p.reuse(ctx, tx, r, before, posted, nil, at, file); err != nil {
				return err
			}
		}
		more, err := p.saveRow(ctx, tx, r, before, w, posted, uploads)
		if err != nil {
			return err
		}
		wrong = form.MergeFields(wrong, more)
		after, err = p.open(ctx, tx, r)
		return err
	})
	switch {
	case itself:
		return savedItself(r, err, after, wrong)
	case err != nil:
		return err
	case preview != nil:
		return r.HTML(questionPage(*preview))
	case takes && !serious(wrong, ""):
		return r.Redirect(r.URL.RequestURI() + "#" + at)
	case leaves && !serious(wrong, ""):
		return r.Redirect("/requests?done=request.saved")
	case len(wrong) > 0 && before.freshRow(wrong, w, posted):
		return r.Redirect(r.URL.RequestURI())
	case len(wrong) > 0:
		return p.rowAgain(r, after, w, shown{posted: posted, wrong: wrong})
	}
	return r.Redirect(after.path() + "/pages/" + w.page + editQuery(r) + "#" + w.group)
}

func (p *Portal) saveRow(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, w place, posted url.Values, uploads map[string][]form.Upload) ([]fault.Field, error) {
	row, _, ok := a.spec.RowView(w.group, w.row, a.Answers, a.facts)
	if !ok || a.spec.PageOf(w.group) != w.page {
		return nil, request.ErrUnknownQuestion.With("question", w.group)
	}
	wrong, err := p.attach(ctx, tx, r, a, w.at()+".", row.Questions, uploads)
	if err != nil {
		return nil, err
	}
	more, err := p.deps.Requests.SaveRow(ctx, tx, r.Person(), a.ID, w.group, w.row, r.Lang, posted)
	return form.MergeFields(wrong, more), err
}

// freshRow reports whether all faults are of questions that the row did not show when it was filled in.
func (a application) freshRow(wrong []fault.Field, w place, posted url.Values) bool {
	row, _, ok := a.spec.RowView(w.group, w.row, a.Answers, a.facts)
	for _, f := range wrong {
		_, _, field, _ := servicespec.SplitPath(f.Path)
		if !ok || posted.Has(f.Path) || f.Code != "required" {
			return false
		}
		for _, q := range row.Questions {
			if q.Code == field {
				return false
			}
		}
	}
	return true
}

func (p *Portal) previewRow(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, w place, posted url.Values) (*pageView, error) {
	var err error
	if a.Request, a.spec, a.facts, err = p.deps.Requests.PreviewRow(ctx, tx, a.Request, w.group, w.row, posted); err != nil {
		return nil, err
	}
	v, err := p.viewRow(ctx, tx, r, a, w, shown{posted: posted})
	return &v, err
}

func (p *Portal) rowAgain(r *frame.Request, a application, w place, in shown) error {
	var v pageView
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		v, err = p.viewRow(ctx, tx, r, a, w, in)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTMLStatus(http.StatusUnprocessableEntity, questionPage(v))
}

// removeRowAsk asks before a row goes.
func (p *Portal) removeRowAsk(r *frame.Request) error {
	w, err := placeOf(r)
	if err != nil {
		return err
	}
	var a application
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	row, group, ok := a.spec.RowView(w.group, w.row, a.Answers, a.facts)
	rows, _ := a.Answers[w.group].(servicespec.Rows)
	if !ok || w.row >= len(rows) {
		return r.Redirect(a.path() + "/pages/" + w.page + editQuery(r))
	}
	title := row.Title(r.Lang, a.words(r))
	if title == "" {
		title = r.T("form.rows.number", "n", w.row+1)
	}
	return r.HTML(removeRowPage(removeFileView{
		Site: r.Site(frame.Portal), Name: title + " – " + group.Label.In(r.Lang, a.words(r).Fallback), Action: r.URL.RequestURI(),
		Cancel: a.path() + "/pages/" + w.page + editQuery(r),
	}))
}

func (p *Portal) removeRow(r *frame.Request) error {
	w, err := placeOf(r)
	if err != nil {
		return err
	}
	var a application
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		err = p.deps.Requests.RemoveRow(ctx, tx, r.Person(), a.ID, w.group, w.row)
		if errors.Is(err, request.ErrUnknownQuestion) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect(a.path() + "/pages/" + w.page + editQuery(r) + "#" + w.group)
}
