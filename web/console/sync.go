package console

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// syncTag is the state of a comparison.
func syncTag(r *frame.Request, s identity.Sync) *ui.TagView {
	kind := map[string]ui.Kind{
		identity.SyncReading: ui.Info, identity.SyncApplying: ui.Info, identity.SyncHeld: ui.Warning, identity.SyncDone: ui.Success,
		identity.SyncFailed: ui.Danger, identity.SyncDropped: ui.Neutral,
	}[s.State]
	return &ui.TagView{Text: r.T("console.sync." + s.State), Kind: kind}
}

var syncColumns = []string{"started", "state", "entries#", "suspended#", "restored#", "regranted#"}

func (c *Console) syncCells(r *frame.Request, code string) func(identity.Sync) []ui.Cell {
	return func(s identity.Sync) []ui.Cell {
		number := func(n int) ui.Cell { return ui.Cell{Text: ui.Number(r.Context(), n)} }
		first := ui.Cell{Text: ui.DateTime(r.Context(), s.Started), Href: directories.href(code) + "/syncs/" + s.ID.String()}
		if s.DryRun {
			first.Sub = r.T("console.sync.dry")
		}
		return []ui.Cell{first, {Tag: syncTag(r, s)}, number(s.Entries), number(s.Suspended), number(s.Restored), number(s.Changed)}
	}
}

func (c *Console) syncTable(r *frame.Request, code string, rows []identity.Sync) *ui.TableView {
	t := &ui.TableView{
		Caption: r.T("console.syncs"), HideCaption: true, Stack: true, Columns: columns(r, syncColumns...),
		Empty: &ui.EmptyView{Icon: "refresh-cw", Title: r.T("console.syncs.none"), Text: r.T("console.syncs.none.text")},
	}
	cells := c.syncCells(r, code)
	for _, s := range rows {
		t.Rows = append(t.Rows, ui.Row{Cells: cells(s)})
	}
	return t
}

// syncs lists all comparisons with a directory that are kept.
func (c *Console) syncs(r *frame.Request) error {
	code := r.Param("code")
	var name string
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		name, err = c.sourceName(ctx, tx, r, directories)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.syncs")).back(directories.href(code), name)
	v.Lead = r.T("console.syncs.text")
	l := list[identity.Sync]{
		name: "syncs", columns: syncColumns, empty: empty(r, "syncs", "refresh-cw", nil), cells: c.syncCells(r, code),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[identity.Sync], error) {
			return c.deps.Identity.Syncs(ctx, tx, code, p)
		},
	}
	return l.serve(r, v)
}

// syncStart has the accounts compared, or shows what a comparison would do.
func (c *Console) syncStart(dry bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		var id uuid.UUID
		err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			id, err = c.deps.Identity.StartSync(ctx, tx, r.Param("code"), dry)
			return err
		})
		if err != nil {
			return err
		}
		return r.Redirect(directories.href(r.Param("code")) + "/syncs/" + id.String())
	}
}

// sync shows one comparison: how far it is, what it found and did, and asks where it waits for somebody.
func (c *Console) sync(r *frame.Request) error {
	s, known, err := c.readSync(r)
	if err != nil {
		return err
	}
	here := directories.href(s.Directory) + "/syncs/" + s.ID.String()
	v := view(r, r.T("console.sync.title", "when", ui.DateTime(r.Context(), s.Started))).back(directories.href(s.Directory), r.T("console.syncs"))
	v.Tag, v.Facts, v.Live = syncTag(r, s), syncFacts(r, s), here
	switch s.State {
	case identity.SyncReading, identity.SyncApplying:
		v.Refresh = true
		v.Notes = []ui.NoticeView{{Kind: ui.Info, Title: r.T("console.sync.running")}}
	case identity.SyncHeld:
		v.Notes = []ui.NoticeView{{Kind: ui.Warning, Title: r.T("console.sync.held.title", "n", s.Suspended), Text: r.T("console.sync.held.text")}}
		if manages(r) {
			v.Actions = []ui.ButtonView{{Label: r.T("console.sync.approve"), Href: here + "/approve", Variant: "warning"}}
			v.Sections = []section{{Title: r.T("console.sync.drop"), Text: r.T("console.sync.drop.text"), Posts: []postView{{Action: here + "/drop", Label: r.T("console.sync.drop")}}}}
		}
	case identity.SyncFailed:
		v.Notes = []ui.NoticeView{{Kind: ui.Danger, Title: r.T("console.problem." + s.Problem), Text: r.T("console.sync.failed.text")}}
	case identity.SyncDropped:
		v.Notes = []ui.NoticeView{{Kind: ui.Info, Title: r.T("console.sync.dropped.title"), Text: r.T("console.sync.dropped.text")}}
	}
	v.Chips = chips(r, "act", "console.act.", identity.ActSuspend, identity.ActRestore, identity.ActGrants)
	l := list[identity.SyncChange]{
		name: "sync", people: true, columns: []string{"name", "change", "why", "roles", "done"}, empty: empty(r, "sync", "refresh-cw", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[identity.SyncChange], error) {
			return c.deps.Identity.SyncChanges(ctx, tx, s.ID, r.Query("act"), p)
		},
		cells: func(x identity.SyncChange) []ui.Cell { return changeCells(r, x, known) },
	}
	return l.serve(r, v)
}

func (c *Console) readSync(r *frame.Request) (s identity.Sync, known called, err error) {
	id, err := r.UUID("sync")
	if err != nil {
		return s, known, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if s, err = c.deps.Identity.Sync(ctx, tx, id); err != nil {
			return err
		}
		if s.Directory != r.Param("code") {
			return identity.ErrNotFound
		}
		known, err = c.called(ctx, tx, r)
		return err
	})
	return s, known, err
}

func syncFacts(r *frame.Request, s identity.Sync) []ui.Fact {
	number := func(key string, n int) ui.Fact {
		return ui.Fact{Key: r.T("console.column." + key), Value: ui.Number(r.Context(), n)}
	}
	asked := r.T("console.sync.hourly")
	if s.AskedBy != uuid.Nil {
		asked = r.T("console.sync.by_hand")
	}
	facts := []ui.Fact{
		{Key: r.T("console.sync.why"), Value: asked},
		number("entries", s.Entries), number("linked", s.Linked), number("suspended", s.Suspended),
		number("restored", s.Restored), number("regranted", s.Changed),
	}
	if !s.Finished.IsZero() {
		facts = append(facts, ui.Fact{Key: r.T("console.column.finished"), Value: ui.DateTime(r.Context(), s.Finished)})
	}
	return facts
}

func changeCells(r *frame.Request, x identity.SyncChange, known called) []ui.Cell {
	var given []string
	for _, g := range x.Grants {
		text := known.role(g.Role)
		if g.Agency != "" {
			text += " · " + known.agency(g.Agency)
		}
		given = append(given, text)
	}
	kind := map[string]ui.Kind{identity.ActSuspend: ui.Danger, identity.ActRestore: ui.Success, identity.ActGrants: ui.Info}[x.Act]
	done := ui.Cell{Text: r.T("console.no")}
	if x.Done {
		done.Text = r.T("console.yes")
	}
	return []ui.Cell{
		{Text: nameOf(r, x.Name), Href: "/console/people/" + x.Account.String()},
		{Tag: &ui.TagView{Text: r.T("console.act." + x.Act), Kind: kind}},
		{Text: r.T("console.why." + x.Why)},
		{Text: strings.Join(given, ", ")},
		done,
	}
}

// syncApproveAsk asks before many are shut out.
func (c *Console) syncApproveAsk(r *frame.Request) error {
	s, _, err := c.readSync(r)
	if err != nil {
		return err
	}
	if s.State != identity.SyncHeld {
		return identity.ErrSyncState
	}
	back := directories.href(s.Directory) + "/syncs/" + s.ID.String()
	v := view(r, r.T("console.sync.approve.title", "n", s.Suspended))
	v.Facts = syncFacts(r, s)
	v.Confirm = &ui.ConfirmActView{
		Title: v.Title, Text: r.T("console.sync.approve.text"), Action: r.URL.Path, Submit: r.T("console.sync.approve"),
		Cancel: ui.Link{Label: r.T("console.cancel"), Href: back},
	}
	return r.HTML(consolePage(v))
}

func (c *Console) syncApprove(r *frame.Request) error {
	return c.changeSync(r, c.deps.Identity.ApproveSync)
}

func (c *Console) syncDrop(r *frame.Request) error { return c.changeSync(r, c.deps.Identity.DropSync) }

func (c *Console) changeSync(r *frame.Request, act func(context.Context, *pg.Tx, uuid.UUID) error) error {
	s, _, err := c.readSync(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, s.ID) }); err != nil {
		return err
	}
	return r.Redirect(directories.href(s.Directory) + "/syncs/" + s.ID.String())
}
