package console

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const checkpointsPage = "/console/audit/checkpoints"

// auditCheckpoints lists what was signed of the log and where it was sent.
func (c *Console) auditCheckpoints(r *frame.Request) error {
	v, err := c.checkpointsView(r, "", "")
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func (c *Console) checkpointsView(r *frame.Request, kind, address string) (v pageView, err error) {
	var found page.Page[audit.CheckpointRow]
	var sinks []audit.SinkState
	var keys []audit.PublicKey
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if found, err = c.deps.Audit.Checkpoints(ctx, tx, r.Paging()); err != nil {
			return err
		}
		if sinks, err = c.deps.Audit.Sinks(ctx, tx); err != nil {
			return err
		}
		keys, err = c.deps.Audit.Keys(ctx, tx)
		return err
	})
	if err != nil {
		return v, err
	}
	v = view(r, r.T("site.console.audit"))
	v.Lead, v.Tabs = r.T("record.checkpoints.lead"), auditTabs(r, "checkpoints")
	v.Table = &ui.TableView{
		Caption: r.T("record.tab.checkpoints"), HideCaption: true, Stack: true, Columns: columns(r, "signed", "rows#", "root", "sent_to"),
		Empty: &ui.EmptyView{Icon: "shield-check", Title: r.T("record.checkpoints.none"), Text: r.T("record.checkpoints.none.text")},
	}
	for _, row := range found.Rows {
		root := base64.StdEncoding.EncodeToString(row.Root[:])
		v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: exact(r, row.SignedAt), Href: checkpointsPage + "/" + strconv.FormatInt(row.Size, 10)},
			{Text: ui.Number(r.Context(), row.Size)},
			{Body: code64(root[:12] + "…"), Text: root},
			c.deliveries(r, row.Deliveries),
		}})
	}
	v.Pager = r.Pager(found.Next)
	v.Sections = []section{c.sinkSection(r, sinks)}
	if r.Principal.May("audit:manage") {
		v.Sections = append(v.Sections, section{Title: r.T("record.sink.add"), Text: r.T("record.sink.add.text"), Form: c.sinkForm(r, kind, address)})
	}
	for _, key := range keys {
		v.Sections = append(v.Sections, section{Title: r.T("record.key"), Text: r.T("record.key.text"), Pre: key.PEM + key.Line, PreLabel: r.T("record.key.show")})
	}
	return v, nil
}

// deliveries tells where a checkpoint arrived; that it did not is told with the places.
func (c *Console) deliveries(r *frame.Request, list []audit.Delivery) ui.Cell {
	cell := ui.Cell{}
	for _, d := range list {
		if d.Failure != "" {
			continue
		}
		if cell.Text != "" {
			cell.Text += ", "
		}
		cell.Text += d.Sink
	}
	if cell.Text == "" {
		cell.Text = r.T("console.none")
	}
	return cell
}

// sinkSection lists the places outside and how the sending goes.
func (c *Console) sinkSection(r *frame.Request, sinks []audit.SinkState) section {
	s := section{Title: r.T("record.sinks"), Text: r.T("record.sinks.text"), Table: &ui.TableView{
		Caption: r.T("record.sinks"), HideCaption: true, Stack: true, Columns: columns(r, "destination", "kind", "arrived", "state", "act"),
		Empty: &ui.EmptyView{Icon: "send", Title: r.T("record.sinks.none"), Text: r.T("record.sinks.none.text")},
	}}
	manage := r.Principal.May("audit:manage")
	for _, x := range sinks {
		tag := &ui.TagView{Text: r.T("record.sink.waits"), Kind: ui.Neutral}
		switch {
		case x.Failure != "":
			tag = &ui.TagView{Text: c.word(r, "record.failure.", x.Failure), Kind: ui.Danger}
		case !x.Arrived.IsZero():
			tag = &ui.TagView{Text: r.T("record.sink.arrived"), Kind: ui.Success}
		}
		arrived := r.T("console.none")
		if !x.Arrived.IsZero() {
			arrived = ui.DateTime(r.Context(), x.Arrived)
		}
		act := ui.Cell{Text: r.T("record.sink.operator")}
		if x.ID != uuid.Nil {
			act = ui.Cell{}
			if manage {
				act = ui.Cell{Text: r.T("record.sink.remove"), Href: "/console/audit/sinks/" + x.ID.String() + "/remove"}
			}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: x.Label()}, {Text: r.T("record.sink.kind." + x.Kind)}, {Text: arrived}, {Tag: tag}, act}})
	}
	if manage && len(sinks) > 0 {
		s.Posts = []postView{{Action: "/console/audit/sinks/push", Label: r.T("record.push")}}
	}
	return s
}

func (c *Console) sinkForm(r *frame.Request, kind, address string) *formView {
	var kinds []ui.Option
	for _, k := range []string{audit.SinkEmail, audit.SinkHTTPS} {
		kinds = append(kinds, ui.Option{Value: k, Label: r.T("record.sink.kind." + k), Hint: r.T("record.sink.kind." + k + ".hint"), Checked: k == kind || kind == "" && k == audit.SinkEmail})
	}
	return &formView{FormPage: ui.FormPage{Action: "/console/audit/sinks/add", Submit: r.T("record.sink.add")}, Fields: []field{
		input(r, "kind", "", options(radioField, kinds), label(r.T("record.sink.kind"))),
		input(r, "address", address, label(r.T("record.sink.address")), func(f *field) { f.NoSpellcheck, f.Autocomplete = true, "off" }),
	}}
}

func (c *Console) sinkAdd(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	kind, address := posted.Get("kind"), trimmed(posted, "address")
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Audit.AddSink(ctx, tx, kind, address)
		return err
	})
	if err == nil {
		return r.Redirect(checkpointsPage + "?done=record.sink.added")
	}
	v, failed := c.checkpointsView(r, kind, address)
	if failed != nil {
		return failed
	}
	for i := range v.Sections { // the form is one of the page's sections
		if v.Form = v.Sections[i].Form; v.Form == nil {
			continue
		}
		if v.refused(r, err) {
			v.Form = nil
			return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
		}
	}
	return err
}

func (c *Console) sinkRemoveAsk(r *frame.Request) error {
	return confirm(r, r.T("record.sink.remove.title"), r.T("record.sink.remove.text"), r.T("record.sink.remove"), checkpointsPage)
}

func (c *Console) sinkRemove(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Audit.RemoveSink(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect(checkpointsPage + "?done=record.sink.removed")
}

// auditPush has the latest checkpoint sent now.
func (c *Console) auditPush(r *frame.Request) error {
	if err := r.Write(c.deps.Audit.PushNow); err != nil {
		return err
	}
	return r.Redirect(checkpointsPage + "?done=record.pushed")
}

// auditCheckpoint downloads a checkpoint as it was signed.
func (c *Console) auditCheckpoint(r *frame.Request) error {
	size, err := strconv.ParseInt(r.Param("size"), 10, 64)
	if err != nil {
		return frame.Lost(r)
	}
	var found audit.Checkpoint
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = c.deps.Audit.CheckpointAt(ctx, tx, size)
		return err
	})
	if err != nil {
		return err
	}
	return r.File(r.Tenant.Slug+"-"+r.Param("size")+".checkpoint", "text/plain; charset=utf-8", false, []byte(found.Note))
}
