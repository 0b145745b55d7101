package studio

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// history lists what was done to the draft, newest first; each revision can be looked at and restored.
func (s *Studio) history(r *frame.Request, d *desk) error {
	var found page.Page[studio.Revision]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if found, err = s.deps.Studio.Revisions(ctx, tx, *r.Principal, d.ID, r.Paging()); err != nil {
			return err
		}
		for _, rev := range found.Rows {
			d.know(rev.By)
		}
		return s.name(ctx, tx, d.names)
	})
	if err != nil {
		return err
	}
	t := ui.TableView{Caption: r.T("studio.part.history"), HideCaption: true, Stack: true, Columns: []ui.Column{
		{Label: r.T("studio.column.revision"), Num: true}, {Label: r.T("studio.column.what")}, {Label: r.T("studio.column.who")}, {Label: r.T("studio.column.when"), Date: true}, {Label: r.T("studio.column.act")},
	}}
	for _, rev := range found.Rows {
		act := ui.Cell{Tag: &ui.TagView{Text: r.T("studio.history.now"), Kind: ui.Success}}
		if rev.No != d.Head {
			act = ui.Cell{}
			if d.design {
				act.Body = postButton(d.here("/"+strconv.Itoa(rev.No)+"/restore"), ui.ButtonView{Label: r.T("studio.restore"), Hidden: " " + strconv.Itoa(rev.No), Variant: "secondary", Small: true})
			}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: strconv.Itoa(rev.No)}, {Text: stepLabel(r, &rev)}, {Text: d.who(r, rev.By)}, {Text: ui.DateTime(r.Context(), rev.At)}, act,
		}})
	}
	return s.render(r, d, look{Canvas: templ.Join(ui.Table(t), ui.Pagination(r.Pager(found.Next)))})
}

// restore makes what a revision said the newest one.
func (s *Studio) restore(r *frame.Request, d *desk) error {
	no, err := strconv.Atoi(r.Param("revision"))
	if err != nil {
		return fault.NotFound("page.not_found")
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := s.deps.Studio.Restore(ctx, tx, *r.Principal, d.ID, no)
		return err
	})
	if err != nil {
		if e := fault.Of(err); e.Kind == fault.KindConflict {
			d.wrong, d.status = []ui.Problem{{Text: r.Sentence(e)}}, http.StatusConflict
			return s.history(r, d)
		}
		return err
	}
	return r.Redirect(d.here("?done=studio.restored"))
}
