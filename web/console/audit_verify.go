package console

import (
	"context"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const verifyPage = "/console/audit/verify"

// auditVerify shows the walks over the log, the last one's findings first, and lets one begin.
func (c *Console) auditVerify(r *frame.Request) error {
	var found page.Page[audit.Verification]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = c.deps.Audit.Verifications(ctx, tx, r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.audit"))
	v.Lead, v.Tabs = r.T("record.verify.lead"), auditTabs(r, "verify")
	if len(found.Rows) > 0 && r.Query("after") == "" {
		c.latest(r, &v, found.Rows[0])
	}
	walks := section{Title: r.T("record.walks"), Pager: r.Pager(found.Next), Table: &ui.TableView{
		Caption: r.T("record.walks"), HideCaption: true, Stack: true, Columns: columns(r, "began", "extent", "rows#", "state"),
		Empty: &ui.EmptyView{Icon: "shield-check", Title: r.T("record.walks.none"), Text: r.T("record.walks.none.text")},
	}}
	for _, w := range found.Rows {
		extent := r.T("record.walk.whole")
		if w.Quick {
			extent = r.T("record.walk.quick")
		}
		walks.Table.Rows = append(walks.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: ui.DateTime(r.Context(), w.Started)}, {Text: extent}, {Text: ui.Number(r.Context(), w.Rows)}, {Tag: walkTag(r, w)},
		}})
	}
	v.Sections = append(v.Sections, walks, section{Title: r.T("record.walk.begin"), Text: r.T("record.walk.begin.text"), Posts: []postView{
		{Action: verifyPage, Label: r.T("record.walk.begin.whole")}, {Action: verifyPage + "?quick=yes", Label: r.T("record.walk.begin.quick")},
	}})
	return r.HTML(consolePage(v))
}

func walkTag(r *frame.Request, w audit.Verification) *ui.TagView {
	kind := map[string]ui.Kind{"whole": ui.Success, "broken": ui.Danger, "failed": ui.Warning, "running": ui.Info}[w.State]
	return &ui.TagView{Text: r.T("record.walk.state." + w.State), Kind: kind}
}

// latest tells what the last walk found, or how far it is.
func (c *Console) latest(r *frame.Request, v *pageView, w audit.Verification) {
	switch {
	case w.State == "running":
		v.Notes = append(v.Notes, ui.NoticeView{
			Kind: ui.Info, Title: r.T("record.walk.running"), Text: r.T("record.walk.progress", "rows", ui.Number(r.Context(), w.Rows), "total", ui.Number(r.Context(), w.Total)),
			Link: &ui.Link{Href: verifyPage, Label: r.T("console.health.again")},
		})
	case w.State == "whole":
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Success, Title: r.T("console.audit.whole"), Text: r.T("console.audit.whole.text")})
	case w.State == "failed":
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("record.walk.failed"), Text: r.T("record.walk.failed.text")})
	default:
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Danger, Title: r.T("console.audit.broken", "n", w.Report.Broken), Text: r.T("console.audit.broken.text")})
	}
	if w.Report == nil {
		return
	}
	v.Facts = []ui.Fact{
		{Key: r.T("console.audit.rows"), Value: ui.Number(r.Context(), w.Report.Rows)},
		{Key: r.T("record.waiting"), Value: ui.Number(r.Context(), w.Report.Waiting)},
		{Key: r.T("record.erased.count"), Value: ui.Number(r.Context(), w.Report.Erased)},
		{Key: r.T("record.compared"), Value: ui.Number(r.Context(), w.Report.Checkpoints)},
		{Key: r.T("record.root"), Body: code64(w.Report.Root)},
	}
	if len(w.Report.Findings) == 0 {
		return
	}
	t := &ui.TableView{Caption: r.T("console.audit.places"), HideCaption: true, Columns: columns(r, "where")}
	for _, f := range w.Report.Findings {
		args := make([]any, 0, 8)
		for name, value := range f.Args() {
			args = append(args, name, value)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.T("audit.finding."+f.Code, args...)}}})
	}
	v.Sections = append(v.Sections, section{Title: r.T("console.audit.places"), Table: t})
}

// auditVerifyStart begins a walk over the log, in the background.
func (c *Console) auditVerifyStart(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Audit.StartVerification(ctx, tx, r.Query("quick") == "yes")
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect(verifyPage + "?done=record.walk.began")
}
