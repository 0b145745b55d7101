package console

import (
	"context"
	"slices"
	"strings"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

const calendarPath = "/console/calendar"

// workplace is whose calendar a page is about: what it is called, where its pages are and whether the reader may change it.
type workplace struct {
	refdata.Workplace
	name, path string
	may        bool
}

// workplaceHere is the workplace of the path, the state where it names none. The permission asked for is the state's to read
// its calendar, and the agency's for its own and those of its offices. Errors: page.permission, page.not_found.
func (c *Console) workplaceHere(r *frame.Request) (w workplace, err error) {
	code := r.Param("calendar")
	if code == "" {
		return workplace{name: r.T("console.calendar.state"), path: calendarPath, may: r.Principal.MayIn("refdata:manage", "")}, nil
	}
	of, err := refdata.ParseWorkplace(code)
	if err != nil || of.Agency == "" {
		return w, frame.Lost(r)
	}
	w = workplace{Workplace: of, path: calendarPath + "/" + code, may: r.Principal.MayIn(agency.Manage, of.Agency)}
	if !w.may && (!r.Principal.MayIn(agency.Read, of.Agency) || r.Method != "GET") {
		return w, errPermission
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		names, err := c.workplaceNames(ctx, tx, r)
		if err != nil {
			return err
		}
		if w.name = names[of]; w.name == "" {
			return frame.Lost(r)
		}
		return nil
	})
	return w, err
}

// managed is workplaceHere for who is to change the calendar.
func (c *Console) managed(r *frame.Request) (workplace, error) {
	w, err := c.workplaceHere(r)
	if err == nil && !w.may {
		err = errPermission
	}
	return w, err
}

// workplaceNames are what agencies and their offices are called, closed ones too.
func (c *Console) workplaceNames(ctx context.Context, tx *pg.Tx, r *frame.Request) (map[refdata.Workplace]string, error) {
	names := map[refdata.Workplace]string{{}: r.T("console.calendar.state")}
	agencies, err := c.deps.Agencies.Agencies(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, a := range agencies {
		names[refdata.Workplace{Agency: a.Code}] = r.Text(a.Name)
		offices, err := c.deps.Agencies.Offices(ctx, tx, a.Code)
		if err != nil {
			return nil, err
		}
		for _, o := range offices {
			names[refdata.Workplace{Agency: a.Code, Office: o.Code}] = r.Text(o.Name)
		}
	}
	return names, nil
}

// workplaceRow is a workplace in the list of them.
type workplaceRow struct {
	refdata.Workplace
	name, agency string
	hours        string // whose
	days         int    // of its own
}

// workplaces lists the agencies and offices that the reader may see, with what their calendars say themselves.
func (c *Console) workplaces(r *frame.Request) error {
	v := view(r, r.T("site.console.calendar"))
	v.Lead, v.Tabs = r.T("console.workplaces.lead"), calendarTabs(r, true)
	v.Search = search(r, "console.workplaces.search")
	v.Chips = []ui.Chip{chip(r, "own", "yes", r.T("console.workplaces.own"))}
	l := list[workplaceRow]{
		name: "calendars", columns: []string{"workplace", "agency", "hours_of", "own_days#"}, empty: empty(r, "workplaces", "calendar", nil),
		orders: map[string]func(a, b workplaceRow) int{
			"workplace": words(func(w workplaceRow) string { return w.name }), "agency": words(func(w workplaceRow) string { return w.agency }),
			"own_days": func(a, b workplaceRow) int { return a.days - b.days },
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[workplaceRow], error) {
			return all(c.workplaceRows(ctx, tx, r))
		},
		cells: func(w workplaceRow) []ui.Cell {
			return []ui.Cell{{Text: w.name, Href: calendarPath + "/" + w.Code()}, {Text: w.agency}, {Text: w.hours}, {Text: ui.Number(r.Context(), w.days)}}
		},
	}
	return l.serve(r, v)
}

func (c *Console) workplaceRows(ctx context.Context, tx *pg.Tx, r *frame.Request) (rows []workplaceRow, err error) {
	names, err := c.workplaceNames(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	own, err := c.deps.Refdata.Calendars(ctx, tx)
	if err != nil {
		return nil, err
	}
	q := strings.ToLower(r.Query("q"))
	for w, name := range names {
		if w.Agency == "" || !r.Principal.MayIn(agency.Read, w.Agency) || r.Query("own") != "" && !slices.Contains(own, w) {
			continue
		}
		row := workplaceRow{Workplace: w, name: name, agency: names[refdata.Workplace{Agency: w.Agency}]}
		if !strings.Contains(strings.ToLower(row.name+" "+row.agency+" "+w.Code()), q) {
			continue
		}
		_, of, err := c.deps.Refdata.Hours(ctx, tx, w)
		if err != nil {
			return nil, err
		}
		row.hours = r.T("console.workplaces.own_hours")
		if of != w {
			row.hours = names[of]
		}
		days, err := c.deps.Refdata.Holidays(ctx, tx, w)
		if err != nil {
			return nil, err
		}
		row.days = len(days)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b workplaceRow) int {
		return strings.Compare(a.agency+"\x00"+a.Office, b.agency+"\x00"+b.Office)
	})
	return rows, nil
}

// calendarTabs lead from the state's calendar to those of agencies and offices, for who may see any.
func calendarTabs(r *frame.Request, places bool) []ui.NavItem {
	if !r.Principal.May("refdata:read") || !r.Principal.May(agency.Read) {
		return nil
	}
	return []ui.NavItem{
		{Label: r.T("console.calendar.state"), Href: calendarPath, Current: !places},
		{Label: r.T("console.workplaces"), Href: calendarPath + "/workplaces", Current: places},
	}
}
