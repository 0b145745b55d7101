package console

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// auditRow is a recorded act with the names of those who did it, where they are staff.
type auditRow struct {
	audit.Row
	Name, Behalf string
}

// auditTabs are the parts of the record's pages.
func auditTabs(r *frame.Request, current string) []ui.NavItem {
	var tabs []ui.NavItem
	for _, t := range [][2]string{{"entries", "/console/audit"}, {"checkpoints", "/console/audit/checkpoints"}, {"verify", "/console/audit/verify"}, {"exports", "/console/audit/exports"}} {
		tabs = append(tabs, ui.NavItem{Label: r.T("record.tab." + t[0]), Href: t[1], Current: t[0] == current})
	}
	return tabs
}

// audit lists who did and saw what, the newest first. Filters: action, object, kind, purpose, actor, person, object_id,
// request, reference (of an application), from, to (days).
func (c *Console) audit(r *frame.Request) error {
	v := view(r, r.T("site.console.audit"))
	v.Lead, v.Tabs = r.T("console.audit.lead"), auditTabs(r, "entries")
	q, err := c.auditQuery(r, r.URL.Query())
	if err != nil {
		return err
	}
	v.Filter, v.FilterLabel = c.auditForm(r, q.wrong), r.T("console.audit.narrow")
	v.Chips = c.auditChips(r, q)
	v.Actions = []ui.ButtonView{{Label: r.T("record.export"), Href: "/console/audit/exports?" + r.URL.RawQuery, Icon: "download", Variant: "secondary"}}
	l := list[auditRow]{
		name: "audit", people: true, only: true, columns: []string{"time", "who", "action", "object", "network", "detail"}, empty: empty(r, "audit", "history", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[auditRow], err error) {
			if len(q.wrong) > 0 {
				return out, nil
			}
			found, err := c.deps.Audit.Entries(ctx, tx, q.Filter, p)
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
	name := func(id uuid.UUID, kind string) (string, error) {
		if _, known := names[id]; known || id == uuid.Nil || kind != identity.KindStaff {
			return names[id], nil
		}
		name, err := c.deps.Identity.Name(ctx, tx, id)
		if e := fault.Of(err); e != nil && e.Kind != fault.KindNotFound {
			return "", err
		}
		names[id] = name
		return name, nil
	}
	var out []auditRow
	for _, row := range rows {
		who, err := name(row.Actor, row.ActorKind)
		if err != nil {
			return nil, err
		}
		out = append(out, auditRow{Row: row, Name: who})
	}
	return out, nil
}

func (c *Console) auditCells(r *frame.Request, a auditRow) []ui.Cell {
	who := ui.Cell{Text: orText(a.Name, r.T("console.actor."+a.ActorKind))}
	if a.Actor != uuid.Nil {
		who.Href = r.With("actor", a.Actor.String())
	}
	switch {
	case a.OnBehalf != uuid.Nil && a.ActorKind == "system":
		who.Sub = r.T("record.caused")
	case a.OnBehalf != uuid.Nil:
		who.Sub = r.T("record.behalf")
	}
	act := ui.Cell{Text: c.word(r, "audit.", a.Action), Href: r.With("action", a.Action)}
	if act.Text != a.Action {
		act.Sub = a.Action
	}
	return []ui.Cell{
		{Text: exact(r, a.At), Href: "/console/audit/" + a.ID.String()},
		who, act,
		{Text: a.Object, Href: r.With("object", a.Object)},
		{Text: orNone(r, a.Network)},
		{Text: strings.Join(c.auditDetail(r, a.Row), ", ")},
	}
}

// exact writes a moment short, to the second, and the same in every language.
func exact(r *frame.Request, t time.Time) string {
	s := t.In(r.Settings.Location()).Format("2006-01-02 15:04:05")
	if i18n.Dir(r.Lang) == "rtl" { // the day stays before the hour
		return "\u2066" + s + "\u2069"
	}
	return s
}

func (c *Console) auditDetail(r *frame.Request, a audit.Row) []string {
	var detail []string
	if a.Purpose != "" {
		detail = append(detail, c.word(r, "audit.purpose.", a.Purpose))
	}
	if a.Reason != "" {
		detail = append(detail, a.Reason)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Detail)) {
		value := fmt.Sprint(a.Detail[name])
		if len(value) > 40 { // digests and lists; the entry's own page has them whole
			value = value[:12] + "…"
		}
		detail = append(detail, name+": "+value)
	}
	if a.Erased {
		detail = append(detail, r.T("record.erased"))
	}
	return detail
}

// auditQuery is what an address asks of the record; wrong names the fields that are none.
type auditQuery struct {
	audit.Filter
	whose uuid.UUID // of whom the application is that was asked for
	wrong map[string]string
}

// auditQuery reads the filter from an address or a form.
func (c *Console) auditQuery(r *frame.Request, from url.Values) (q auditQuery, err error) {
	get := func(name string) string { return strings.TrimSpace(from.Get(name)) }
	q.wrong = map[string]string{}
	q.Filter = audit.Filter{Action: get("action"), Object: get("object"), Kind: get("kind"), Purpose: get("purpose"), Request: get("request")}
	q.Actor, _ = uuid.Parse(get("actor")) // anything else narrows nothing
	q.Person, _ = uuid.Parse(get("person"))
	q.ObjectID, _ = uuid.Parse(get("object_id"))
	for _, name := range []string{"from", "to"} {
		s := get(name)
		if s == "" {
			continue
		}
		day, err := civil.Parse(s)
		switch {
		case err != nil:
			q.wrong[name] = r.T("console.date.wrong")
		case name == "from":
			q.From = day.In(r.Settings.Location())
		default:
			q.To = day.AddDays(1).In(r.Settings.Location())
		}
	}
	reference := strings.ToUpper(get("reference"))
	if reference == "" {
		return q, nil
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		q.ObjectID, q.whose, err = c.deps.Applications.Find(ctx, tx, reference)
		return err
	})
	if f := fault.Of(err); f != nil && f.Kind == fault.KindNotFound {
		q.wrong["reference"], err = r.T("record.reference.wrong"), nil
	}
	return q, err
}

func (c *Console) auditChips(r *frame.Request, q auditQuery) []ui.Chip {
	out := chips(r, "kind", "record.kind.", audit.KindRead, audit.KindChange)
	for _, name := range []string{"action", "object", "purpose", "actor", "person", "object_id", "request", "from", "to"} {
		value := r.Query(name)
		if value == "" {
			continue
		}
		word := value
		switch name {
		case "action":
			word = c.word(r, "audit.", value)
		case "purpose":
			word = c.word(r, "audit.purpose.", value)
		case "actor", "person", "object_id", "request":
			word = short(value)
		}
		out = append(out, chip(r, name, value, r.T("console.field."+name)+": "+word))
	}
	if reference := r.Query("reference"); reference != "" && len(q.wrong) == 0 {
		out = append(out, chip(r, "reference", reference, r.T("console.column.reference")+": "+reference),
			ui.Chip{Label: r.T("record.person.all"), Href: "/console/audit?person=" + q.whose.String()})
	}
	return out
}

// short is the end of an id, by which a reader tells it from others.
func short(id string) string {
	if len(id) > 12 {
		return "…" + id[len(id)-12:]
	}
	return id
}

func (c *Console) auditForm(r *frame.Request, wrong map[string]string) *formView {
	day := func(f *field) { f.Type, f.Width, f.Optional = "date", "10", true }
	choice := func(name, prefix string, values ...string) field {
		all := []ui.Option{{Label: r.T("record.any"), Checked: r.Query(name) == ""}}
		for _, v := range values {
			all = append(all, ui.Option{Value: v, Label: r.T(prefix + v), Checked: r.Query(name) == v})
		}
		return input(r, name, "", options(selectField, all), optional)
	}
	f := &formView{FormPage: ui.FormPage{Action: "/console/audit", Method: "get", Submit: r.T("console.audit.show")}, Fields: []field{
		input(r, "reference", r.Query("reference"), optional, width("20"), label(r.T("console.column.reference")), hint(r.T("record.reference.hint"))),
		input(r, "action", r.Query("action"), optional, hint(r.T("console.audit.action.hint"))),
		input(r, "object", r.Query("object"), optional),
		choice("kind", "record.kind.", audit.KindRead, audit.KindChange),
		choice("purpose", "audit.purpose.", audit.PurposeCasework, audit.PurposeAdministration, audit.PurposeOversight, audit.PurposeAccounting,
			audit.PurposeVerification, audit.PurposeExchange, audit.PurposeOwn),
		input(r, "from", r.Query("from"), day), input(r, "to", r.Query("to"), day),
	}}
	for _, name := range slices.Sorted(maps.Keys(wrong)) {
		f.wrong(name, wrong[name])
	}
	return f
}
