package console

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// auditRow is a recorded act with the name of who did it.
type auditRow struct {
	audit.Row
	Name string
}

// audit lists who did what, the newest first. Filters: action, object, actor, person, object_id, from, to (days).
func (c *Console) audit(r *frame.Request) error {
	v := view(r, r.T("site.console.audit"))
	v.Lead = r.T("console.audit.lead")
	filter, wrong := auditFilter(r)
	v.Filter, v.FilterLabel = c.auditForm(r, wrong), r.T("console.audit.narrow")
	v.Actions = []ui.ButtonView{{Label: r.T("console.audit.verify"), Href: "/console/audit/verify", Icon: "shield-check", Variant: "secondary"}}
	for _, name := range []string{"action", "object", "actor", "person"} {
		if value := r.Query(name); value != "" {
			v.Chips = append(v.Chips, chip(r, name, value, r.T("console.field."+name)+": "+c.word(r, "audit.", value)))
		}
	}
	l := list[auditRow]{
		name: "audit", columns: []string{"time", "who", "action", "object", "ip", "detail"}, empty: empty(r, "audit", "history", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[auditRow], err error) {
			found, err := c.deps.Audit.Entries(ctx, tx, filter, p)
			if err != nil {
				return out, err
			}
			out.Next = found.Next
			out.Rows, err = c.named(ctx, tx, found.Rows)
			return out, err
		},
		cells: func(a auditRow) []ui.Cell { return c.auditCells(r, a) },
	}
	return l.serve(r, v)
}

// named puts the names of staff to what they did; of people, the record says no more than that it was one.
func (c *Console) named(ctx context.Context, tx *pg.Tx, rows []audit.Row) ([]auditRow, error) {
	names := map[uuid.UUID]string{}
	var out []auditRow
	for _, row := range rows {
		if _, known := names[row.Actor]; !known && row.ActorKind == identity.KindStaff {
			name, err := c.deps.Identity.Name(ctx, tx, row.Actor)
			if e := fault.Of(err); e != nil && e.Kind != fault.KindNotFound {
				return nil, err
			}
			names[row.Actor] = name
		}
		out = append(out, auditRow{row, names[row.Actor]})
	}
	return out, nil
}

func (c *Console) auditCells(r *frame.Request, a auditRow) []ui.Cell {
	who := ui.Cell{Text: orText(a.Name, r.T("console.actor."+a.ActorKind))}
	if a.Actor != uuid.Nil {
		who.Href = r.With("actor", a.Actor.String())
	}
	var detail []string
	if a.Reason != "" {
		detail = append(detail, a.Reason)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Detail)) {
		detail = append(detail, fmt.Sprintf("%s: %v", name, a.Detail[name]))
	}
	act := ui.Cell{Text: c.word(r, "audit.", a.Action), Href: r.With("action", a.Action)}
	if act.Text != a.Action {
		act.Sub = a.Action
	}
	at := a.At.In(r.Settings.Location()).Format("2006-01-02 15:04:05") // short, and the same in every language
	return []ui.Cell{
		{Text: at},
		who, act,
		{Text: a.Object, Href: r.With("object", a.Object)},
		{Text: a.IP},
		{Text: strings.Join(detail, ", ")},
	}
}

// auditFilter reads the filter from the address; wrong names the fields that are none.
func auditFilter(r *frame.Request) (f audit.Filter, wrong []string) {
	f = audit.Filter{Action: r.Query("action"), Object: r.Query("object")}
	f.Actor, _ = uuid.Parse(r.Query("actor")) // anything else narrows nothing
	f.Person, _ = uuid.Parse(r.Query("person"))
	f.ObjectID, _ = uuid.Parse(r.Query("object_id"))
	for _, name := range []string{"from", "to"} {
		s := r.Query(name)
		if s == "" {
			continue
		}
		day, err := civil.Parse(s)
		switch {
		case err != nil:
			wrong = append(wrong, name)
		case name == "from":
			f.From = day.In(r.Settings.Location())
		default:
			f.To = day.AddDays(1).In(r.Settings.Location())
		}
	}
	return f, wrong
}

func (c *Console) auditForm(r *frame.Request, wrong []string) *formView {
	day := func(f *field) { f.Type, f.Width, f.Optional = "date", "10", true }
	f := &formView{FormPage: ui.FormPage{Action: "/console/audit", Method: "get", Submit: r.T("console.audit.show")}, Fields: []field{
		input(r, "action", r.Query("action"), optional, hint(r.T("console.audit.action.hint"))), input(r, "object", r.Query("object"), optional),
		input(r, "from", r.Query("from"), day), input(r, "to", r.Query("to"), day),
	}}
	for _, name := range wrong {
		f.wrong(name, r.T("console.date.wrong"))
	}
	return f
}

// auditVerify walks the whole record and tells whether anybody touched it.
func (c *Console) auditVerify(r *frame.Request) error {
	var report audit.Report
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		report, err = c.deps.Audit.Verify(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.audit.verify")).back("/console/audit", r.T("site.console.audit"))
	if len(report.Broken) == 0 {
		v.Notes = []ui.NoticeView{{Kind: ui.Success, Title: r.T("console.audit.whole"), Text: r.T("console.audit.whole.text")}}
	} else {
		v.Notes = []ui.NoticeView{{Kind: ui.Danger, Title: r.T("console.audit.broken", "n", len(report.Broken)), Text: r.T("console.audit.broken.text")}}
	}
	v.Facts = []ui.Fact{
		{Key: r.T("console.audit.rows"), Value: ui.Number(r.Context(), report.Rows)},
		{Key: r.T("console.audit.sealed"), Value: ui.Number(r.Context(), report.Sealed)},
		{Key: r.T("console.audit.head"), Value: hex.EncodeToString(report.Head)},
	}
	if len(report.Broken) > 0 {
		t := &ui.TableView{Caption: r.T("console.audit.places"), HideCaption: true, Columns: columns(r, "where")}
		for _, b := range report.Broken {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: b}}})
		}
		v.Sections = []section{{Title: r.T("console.audit.places"), Table: t}}
	}
	return r.HTML(consolePage(v))
}
