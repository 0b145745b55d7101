package console

import (
	"bytes"
	"context"
	"net/url"

	"digit/internal/infra/audit"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const exportsPage = "/console/audit/exports"

// auditExports lists the files that the reader asked for and asks for another, of what the address narrows to.
func (c *Console) auditExports(r *frame.Request) error {
	q, err := c.auditQuery(r, r.URL.Query())
	if err != nil {
		return err
	}
	var files []audit.Export
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		files, err = c.deps.Audit.Exports(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.audit"))
	v.Lead, v.Tabs = r.T("record.exports.lead", "n", audit.ExportMost), auditTabs(r, "exports")
	f := &formView{FormPage: ui.FormPage{Action: exportsPage, Submit: r.T("record.export.make")}}
	asked := c.auditChips(r, q)
	for _, x := range asked {
		if x.On || x.Remove {
			v.Chips = append(v.Chips, x)
		}
	}
	for name, values := range r.URL.Query() {
		if name != "after" && name != "done" && len(values) > 0 && values[0] != "" {
			f.Hidden = append(f.Hidden, [2]string{name, values[0]})
		}
	}
	v.Form = f
	s := section{Title: r.T("record.exports"), Table: &ui.TableView{
		Caption: r.T("record.exports"), HideCaption: true, Stack: true, Columns: columns(r, "asked", "rows#", "state", "act"),
		Empty: &ui.EmptyView{Icon: "download", Title: r.T("record.exports.none"), Text: r.T("record.exports.none.text")},
	}}
	for _, x := range files {
		kind := map[string]ui.Kind{"ready": ui.Success, "failed": ui.Danger, "waiting": ui.Info}[x.State]
		act := ui.Cell{}
		if x.State == "ready" {
			act = ui.Cell{Text: r.T("record.export.download"), Href: exportsPage + "/" + x.ID.String()}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(r.Context(), x.Asked)},
			{Text: ui.Number(r.Context(), x.Rows)},
			{Tag: &ui.TagView{Text: r.T("record.export.state." + x.State), Kind: kind}},
			act,
		}})
		if x.State == "waiting" && len(v.Notes) == 0 {
			v.Notes = []ui.NoticeView{{Kind: ui.Info, Title: r.T("record.export.waits"), Link: &ui.Link{Href: exportsPage, Label: r.T("console.health.again")}}}
		}
	}
	v.Sections = []section{s}
	return r.HTML(consolePage(v))
}

// auditExportAsk has a file made in the background.
func (c *Console) auditExportAsk(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	q, err := c.auditQuery(r, posted)
	if err != nil {
		return err
	}
	if len(q.wrong) > 0 {
		kept := url.Values{}
		for name := range posted {
			kept.Set(name, posted.Get(name))
		}
		return r.Redirect("/console/audit?" + kept.Encode()) // where what is wrong is told
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Audit.AskExport(ctx, tx, q.Filter)
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect(exportsPage + "?done=record.export.asked")
}

// auditExport downloads a file that the reader asked for.
func (c *Console) auditExport(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		x, err := c.deps.Audit.Export(ctx, tx, id)
		if err != nil {
			return err
		}
		if x.State != "ready" {
			return audit.ErrNotFound
		}
		if f, err = c.deps.Documents.File(ctx, tx, x.File); err != nil {
			return err
		}
		return c.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, "text/csv; charset=utf-8", false, body.Bytes())
}
