package workbench

import (
	"context"
	"net/url"
	"slices"
	"time"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

type opinionsView struct {
	Site                    ui.Site
	Notice                  *ui.NoticeView
	Queues                  []ui.NavItem
	Tabs                    []ui.NavItem
	Search                  ui.SearchView
	Standing, Filters, Sort []ui.Chip
	Table                   ui.TableView
	Pager                   ui.Pager
	ExportURL               string
}

// askedOf is a list of what other agencies ask, with what is needed to show it.
type askedOf struct {
	filter   orchestration.ConsultationFilter
	page     page.Page[orchestration.Consultation]
	tally    orchestration.Tally
	agencies map[string]i18n.Text
}

// opinionFilter reads the list that an address is of; what it does not know it leaves out.
func opinionFilter(q url.Values) orchestration.ConsultationFilter {
	f := orchestration.ConsultationFilter{
		Done: q.Get("show") == "done", Asker: q.Get("asker"), Service: q.Get("service"), Text: q.Get("q"),
	}
	f.Late = !f.Done && q.Get("due") == "late"
	if f.Done && slices.Contains(answersOver, q.Get("answer")) {
		f.Answer = q.Get("answer")
	}
	if sort := q.Get("sort"); slices.Contains(opinionOrders, sort) {
		f.Sort = sort
	}
	return f
}

var (
	answersOver   = append(servicespec.Opinions(), orchestration.ConsultationRecalled)
	opinionOrders = []string{workflow.SortDue, workflow.SortOldest, workflow.SortNewest}
)

// opinions lists what other agencies ask: what waits, or what is over.
func (w *Workbench) opinions(r *frame.Request) error {
	l := askedOf{filter: opinionFilter(r.URL.Query())}
	v := opinionsView{Site: r.Site(frame.Workbench), Notice: r.Done()}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if l.page, err = w.deps.Applications.Consultations(ctx, tx, *r.Principal, l.filter, r.Paging()); err != nil {
			return err
		}
		if l.tally, err = w.deps.Applications.Tally(ctx, tx, *r.Principal, l.filter); err != nil {
			return err
		}
		if l.agencies, err = w.allAgencies(ctx, tx); err != nil {
			return err
		}
		n, err := w.nav(ctx, tx, r)
		v.Queues = queues(r, n, bench.Filter{Queue: "opinions"})
		return err
	})
	if err != nil {
		return err
	}
	v.Tabs = []ui.NavItem{
		{Label: r.T("opinion.waiting"), Href: opinionsPath, Current: !l.filter.Done},
		{Label: r.T("opinion.over"), Href: opinionsPath + "?show=done", Current: l.filter.Done},
	}
	v.Search = opinionSearch(r, l.filter)
	v.Standing, v.Filters, v.Sort = l.standing(r), l.filters(r), l.orders(r)
	v.Table, v.Pager = l.table(r), r.Pager(l.page.Next)
	v.ExportURL = exportURL(r, opinionsPath+"/export.csv")
	return r.HTML(opinionsPage(v))
}

func opinionSearch(r *frame.Request, f orchestration.ConsultationFilter) ui.SearchView {
	s := ui.SearchView{
		Action: opinionsPath, Label: r.T("workbench.search"), HideLabel: true, Compact: true, Placeholder: r.T("workbench.search_hint"), Value: f.Text,
	}
	for _, name := range []string{"show", "due", "answer", "asker", "service", "sort"} {
		if value := r.Query(name); value != "" {
			s.Hidden = append(s.Hidden, [2]string{name, value})
		}
	}
	return s
}

// standing narrows by how what is asked stands, each with how much there is.
func (l askedOf) standing(r *frame.Request) []ui.Chip {
	count := func(c ui.Chip, n int) ui.Chip {
		c.Count, c.Over = &n, l.tally.Capped
		return c
	}
	if !l.filter.Done {
		return []ui.Chip{
			count(ui.Chip{Label: r.T("workbench.due.all"), Href: r.With("due", ""), On: !l.filter.Late}, l.tally.All),
			count(ui.Chip{Label: r.T("opinion.late"), Href: r.With("due", "late"), On: l.filter.Late}, l.tally.Late),
		}
	}
	chips := []ui.Chip{count(ui.Chip{Label: r.T("workbench.due.all"), Href: r.With("answer", ""), On: l.filter.Answer == ""}, l.tally.All)}
	for _, answer := range answersOver {
		label := "opinion.recalled"
		if answer != orchestration.ConsultationRecalled {
			label = "opinion.answer." + answer
		}
		chips = append(chips, count(ui.Chip{Label: r.T(label), Href: r.With("answer", answer), On: l.filter.Answer == answer}, l.tally.Answers[answer]))
	}
	return chips
}

// filters offer who asks and about which service, and show what narrows the list with a way to take it away.
func (l askedOf) filters(r *frame.Request) (chips []ui.Chip) {
	offer := func(name, on string, codes []string, label func(code string) string) {
		if on != "" {
			chips = append(chips, ui.Chip{Label: label(on), Href: r.With(name, ""), On: true, Remove: true})
		} else if len(codes) > 1 { // one is no choice
			for _, code := range codes {
				chips = append(chips, ui.Chip{Label: label(code), Href: r.With(name, code)})
			}
		}
	}
	offer("asker", l.filter.Asker, l.tally.Askers, func(code string) string { return nameOr(r, l.agencies[code], code) })
	var services []string
	for code := range l.tally.Services {
		services = append(services, code)
	}
	slices.Sort(services)
	offer("service", l.filter.Service, services, func(code string) string { return nameOr(r, l.tally.Services[code], code) })
	offer("q", l.filter.Text, nil, func(text string) string { return text })
	return chips
}

func (l askedOf) orders(r *frame.Request) (chips []ui.Chip) {
	usual := orchestration.ConsultationFilter{Done: l.filter.Done}.Order()
	for _, sort := range opinionOrders {
		href := sort
		if sort == usual {
			href = ""
		}
		chips = append(chips, ui.Chip{Label: r.T("bench.sort." + sort), Href: r.With("sort", href), On: l.filter.Order() == sort})
	}
	return chips
}

func (l askedOf) table(r *frame.Request) ui.TableView {
	t := ui.TableView{
		ID: "opinions", Caption: r.T("opinion.table"), HideCaption: true, Stack: true,
		Columns: []ui.Column{
			{Label: r.T("opinion.column.reference")},
			{Label: r.T("opinion.column.service")},
			{Label: r.T("opinion.column.asker")},
			{Label: r.T("opinion.asked_at"), Date: true},
			{Label: r.T("opinion.column.due")},
			{Label: r.T("opinion.column.status")},
		},
		Empty: &ui.EmptyView{Icon: "message-square", Title: r.T("opinion.empty"), Text: r.T("opinion.empty.text")},
	}
	if l.filter.Narrowed() {
		clear := opinionsPath
		if l.filter.Done {
			clear += "?show=done"
		}
		t.Empty = &ui.EmptyView{
			Icon: "search", Title: r.T("opinion.empty.filter"), Text: r.T("workbench.empty_text.filter"),
			Action: &ui.ButtonView{Label: r.T("workbench.filter.clear"), Href: clear, Variant: "secondary"},
		}
	}
	for _, c := range l.page.Rows {
		tag := consultationTag(r, c)
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: c.Reference, Href: opinionsPath + "/" + c.ID.String()},
			{Text: nameOr(r, c.Name, c.Service)},
			{Text: nameOr(r, l.agencies[c.Asker], c.Asker)},
			{Text: ui.Date(r.Context(), c.AskedAt)},
			{Text: ui.DateTime(r.Context(), c.DueAt)},
			{Tag: &tag},
		}})
	}
	return t
}

// exportOpinions writes the list as it is filtered as a file for spreadsheets.
func (w *Workbench) exportOpinions(r *frame.Request) error {
	l := askedOf{filter: opinionFilter(r.URL.Query())}
	var rows []orchestration.Consultation
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if l.agencies, err = w.allAgencies(ctx, tx); err != nil {
			return err
		}
		for next := (page.Request{Size: 100}); len(rows) < exportLimit; {
			list, err := w.deps.Applications.Consultations(ctx, tx, *r.Principal, l.filter, next)
			if err != nil {
				return err
			}
			rows = append(rows, list.Rows...)
			if next.After = list.Next; next.After == "" {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	lines := [][]string{{
		r.T("opinion.column.reference"), r.T("opinion.column.service"), r.T("opinion.column.asker"), r.T("opinion.asked_at"), r.T("opinion.column.due"),
		r.T("opinion.column.status"), r.T("opinion.given_at"),
	}}
	zone := r.Settings.Location()
	for _, c := range rows {
		answered := ""
		if c.AnsweredAt != nil {
			answered = c.AnsweredAt.In(zone).Format(time.DateOnly)
		}
		lines = append(lines, []string{
			c.Reference, nameOr(r, c.Name, c.Service), nameOr(r, l.agencies[c.Asker], c.Asker), c.AskedAt.In(zone).Format(time.DateOnly),
			c.DueAt.In(zone).Format(time.DateOnly), consultationTag(r, c).Text, answered,
		})
	}
	return spreadsheet(r, r.T("opinion.export.name"), lines)
}
