package console

import (
	"context"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/internal/provider/console"
	"digit/web/frame"
	"digit/web/ui"
)

// home is the overview: what needs somebody to look, and how large the house is. Each reader sees the numbers of what
// they may open.
func (c *Console) home(r *frame.Request) error {
	v := view(r, r.T("site.console.home"))
	v.Lead = r.T("console.home.lead")
	var services catalog.Found
	var agencies []agency.Agency
	var backlogs []notification.Backlog
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if services, err = c.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang}, page.Request{Size: 100}); err != nil {
			return err
		}
		if agencies, err = c.deps.Agencies.Agencies(ctx, tx); err != nil {
			return err
		}
		if r.Principal.MayIn("notification:read", "") {
			backlogs, err = c.deps.Notification.Backlogs(ctx, tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	more := ""
	if services.Next != "" {
		more = "+"
	}
	tile := func(key, href string, n int64, bad bool) ui.TileView {
		return ui.TileView{Label: r.T(key), Href: href, Value: ui.Number(r.Context(), n), Bad: bad}
	}
	published := tile("console.home.services", "/console/services", int64(len(services.Rows)), false)
	published.Value += more
	v.Tiles = append(v.Tiles, published, tile("console.home.agencies", "/console/agencies", int64(len(agencies)), false))
	if r.Principal.MayIn("notification:read", "") {
		waiting, failed := int64(0), int64(0)
		for _, b := range backlogs {
			switch b.Status {
			case notification.Waiting:
				waiting += b.Count
			case notification.Failed:
				failed += b.Count
			}
		}
		v.Tiles = append(v.Tiles,
			tile("console.home.waiting", "/console/messages?status=waiting", waiting, waiting > 0),
			tile("console.home.failed", "/console/messages?status=failed", failed, failed > 0))
	}
	if r.Principal.MayIn(console.Jobs, "") {
		q, err := c.deps.Console.Queue(r.Context(), r.DB())
		if err != nil {
			return err
		}
		v.Tiles = append(v.Tiles, tile("console.home.jobs", "/console/queue", q.Discarded, q.Discarded > 0))
	}
	if r.Tenant.Kind != "production" && r.Principal.MayIn("tenancy:clock", "") {
		v.Actions = []ui.ButtonView{{Label: r.T("console.clock.title"), Href: "/console/clock", Icon: "clock", Variant: "secondary"}}
	}
	v.Sections = append(v.Sections, c.attention(r))
	return r.HTML(consolePage(v))
}

// attention lists the checks that are not well, or says that all are.
func (c *Console) attention(r *frame.Request) section {
	s := section{Title: r.T("console.home.attention")}
	t := &ui.TableView{
		Caption: s.Title, HideCaption: true, Stack: true, Columns: columns(r, "check", "state", "detail"),
		Empty: &ui.EmptyView{Icon: "circle-check", Title: r.T("console.home.well"), Text: r.T("console.home.well.text")},
	}
	for _, k := range c.checks(r) {
		if k.State != console.OK {
			t.Rows = append(t.Rows, checkRow(r, k))
		}
	}
	s.Table = t
	s.Actions = []ui.ButtonView{{Label: r.T("console.home.health"), Href: "/console/health", Variant: "secondary"}}
	return s
}

// checks are the health checks that concern the reader: those of other tenants are for who may see all tenants.
func (c *Console) checks(r *frame.Request) (out []console.Check) {
	for _, k := range c.deps.Console.Health(r.Context(), r.DB()) {
		if k.Tenant == "" || k.Tenant == r.Tenant.Slug || r.Principal.MayIn("tenancy:create", "") {
			out = append(out, k)
		}
	}
	return out
}

func checkRow(r *frame.Request, k console.Check) ui.Row {
	kind := map[console.State]ui.Kind{console.OK: ui.Success, console.Warn: ui.Warning, console.Fail: ui.Danger}[k.State]
	args := make([]any, 0, 2*len(k.Args))
	for name, value := range k.Args {
		if name == "channel" {
			value = r.T("console.channel." + value.(string))
		}
		args = append(args, name, value)
	}
	return ui.Row{Cells: []ui.Cell{
		{Text: r.T("console.check." + k.Name), Sub: k.Tenant},
		{Tag: &ui.TagView{Text: r.T("console.state." + string(k.State)), Kind: kind}},
		{Text: r.T(k.Key(), args...)},
	}}
}

// health shows all checks.
func (c *Console) health(r *frame.Request) error {
	v := view(r, r.T("site.console.health"))
	v.Lead = r.T("console.health.lead")
	v.Table = &ui.TableView{Caption: v.Title, HideCaption: true, Stack: true, Columns: columns(r, "check", "state", "detail")}
	checks := c.checks(r)
	for _, name := range console.Names {
		for _, k := range checks {
			if k.Name == name {
				v.Table.Rows = append(v.Table.Rows, checkRow(r, k))
			}
		}
	}
	switch console.Worst(checks) {
	case console.OK:
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Success, Title: r.T("console.home.well")})
	case console.Warn:
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("console.health.warn")})
	default:
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Danger, Title: r.T("console.health.fail")})
	}
	v.Actions = []ui.ButtonView{{Label: r.T("console.health.again"), Href: "/console/health", Icon: "refresh-cw", Variant: "secondary"}}
	return r.HTML(consolePage(v))
}

// queue shows how the job queue stands and leads to its own console.
func (c *Console) queue(r *frame.Request) error {
	q, err := c.deps.Console.Queue(r.Context(), r.DB())
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.jobs"))
	v.Lead = r.T("console.queue.lead")
	for _, t := range []struct {
		key string
		n   int64
		bad bool
	}{
		{"available", q.Available, q.Oldest.Minutes() > 5},
		{"running", q.Running, false},
		{"scheduled", q.Scheduled, false},
		{"retryable", q.Retryable, q.Retryable > 0},
		{"discarded", q.Discarded, q.Discarded > 0},
	} {
		v.Tiles = append(v.Tiles, ui.TileView{
			Label: r.T("console.queue." + t.key), Value: ui.Number(r.Context(), t.n), Bad: t.bad, Change: r.T("console.queue." + t.key + ".text"),
			Href: "/console/jobs/jobs?state=" + t.key,
		})
	}
	if !q.Leader {
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("console.health.queue.no_leader")})
	}
	v.Facts = []ui.Fact{{Key: r.T("console.queue.oldest"), Value: r.T("console.queue.minutes", "n", int(q.Oldest.Minutes()))}}
	v.Actions = []ui.ButtonView{{Label: r.T("console.queue.open"), Href: "/console/jobs", IconAfter: "external-link"}}
	return r.HTML(consolePage(v))
}
