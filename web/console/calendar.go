package console

import (
	"context"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// weekdays in the order in which people write a week down.
var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// calendar shows when a workplace works: its opening hours, and the days that are otherwise, by which promises are counted.
func (c *Console) calendar(r *frame.Request) error {
	w, err := c.workplaceHere(r)
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.calendar"))
	v.Lead, v.Tabs = r.T("console.calendar.lead"), calendarTabs(r, false)
	if w.Agency != "" {
		v = view(r, w.name).back("/console/agencies/"+w.Agency, r.T("console.calendar.to_agency"))
		v.Caption, v.Lead = r.T("site.console.calendar"), r.T("console.calendar.lead.own")
	}
	v.Search = search(r, "console.calendar.search")
	var first *ui.ButtonView
	if w.may {
		first = &ui.ButtonView{Label: r.T("console.holidays.new"), Href: w.path + "/holidays/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first,
			ui.ButtonView{Label: r.T("console.hours.edit"), Href: w.path + "/hours", Icon: "clock", Variant: "secondary"},
			ui.ButtonView{Label: r.T("console.holidays.import"), Href: w.path + "/holidays/import", Icon: "upload", Variant: "secondary"})
	}
	var names map[refdata.Workplace]string
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if names, err = c.workplaceNames(ctx, tx, r); err != nil {
			return err
		}
		v.Facts, err = c.hoursFacts(ctx, tx, r, w, names)
		return err
	})
	if err != nil {
		return err
	}
	v.Sections = officeCalendars(r, w, names)
	return c.dayList(r, w, names, first).serve(r, v)
}

// hoursFacts are the hours of each weekday and, for an agency or office, whose they are.
func (c *Console) hoursFacts(ctx context.Context, tx *pg.Tx, r *frame.Request, w workplace, names map[refdata.Workplace]string) ([]ui.Fact, error) {
	week, of, err := c.deps.Refdata.Hours(ctx, tx, w.Workplace)
	if err != nil {
		return nil, err
	}
	var facts []ui.Fact
	if w.Agency != "" {
		whose := r.T("console.workplaces.own_hours")
		if of != w.Workplace {
			whose = r.T("console.hours.as", "name", names[of])
		}
		facts = append(facts, ui.Fact{Key: r.T("console.hours.whose"), Value: whose})
	}
	for _, d := range weekdays {
		facts = append(facts, ui.Fact{Key: weekdayName(r, d), Value: orText(hoursWords(r, week[d]), r.T("console.hours.closed"))})
	}
	return facts, nil
}

// officeCalendars lead from an agency's calendar to those of its offices.
func officeCalendars(r *frame.Request, w workplace, names map[refdata.Workplace]string) []section {
	if w.Agency == "" || w.Office != "" || r.Query("format") != "" {
		return nil
	}
	s := section{Title: r.T("console.calendar.offices")}
	for of, name := range names {
		if of.Agency == w.Agency && of.Office != "" {
			s.Actions = append(s.Actions, ui.ButtonView{Label: name, Href: calendarPath + "/" + of.Code(), Icon: "map-pin", Variant: "secondary"})
		}
	}
	if len(s.Actions) == 0 {
		return nil
	}
	slices.SortFunc(s.Actions, func(a, b ui.ButtonView) int { return strings.Compare(a.Label, b.Label) })
	return []section{s}
}

// dayList lists the days that hold at a workplace. What comes from above can be said otherwise here.
func (c *Console) dayList(r *frame.Request, w workplace, names map[refdata.Workplace]string, first *ui.ButtonView) list[refdata.Holiday] {
	l := list[refdata.Holiday]{
		name: "holidays", columns: []string{"day", "weekday", "holiday", "hours"}, empty: empty(r, "holidays", "calendar", first),
		orders: map[string]func(a, b refdata.Holiday) int{
			"day":     func(a, b refdata.Holiday) int { return a.Day.Sub(b.Day) },
			"holiday": words(func(h refdata.Holiday) string { return r.Text(h.Name) }),
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[refdata.Holiday], error) {
			days, err := c.deps.Refdata.Days(ctx, tx, w.Workplace)
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(days, func(h refdata.Holiday) bool {
				return !strings.Contains(strings.ToLower(h.Day.String()+" "+r.Text(h.Name)), q)
			}), err)
		},
		cells: func(h refdata.Holiday) []ui.Cell {
			first := ui.Cell{Text: ui.Date(r.Context(), h.Day.In(r.Settings.Location())), Sub: h.Day.String()}
			switch {
			case w.may && h.Of == w.Workplace:
				first.Href = w.path + "/holidays/" + h.Day.String()
			case w.may:
				first.Href = w.path + "/holidays/new?day=" + h.Day.String()
			}
			cells := []ui.Cell{first, {Text: weekdayName(r, h.Day.In(time.UTC).Weekday())}, {Text: r.Text(h.Name)}, {Text: orText(hoursWords(r, h.Hours), r.T("console.hours.closed"))}}
			if w.Agency != "" {
				cells = append(cells, ui.Cell{Text: names[h.Of]})
			}
			return cells
		},
	}
	if w.Agency != "" {
		l.columns = append(l.columns, "whose")
	}
	return l
}

func weekdayName(r *frame.Request, d time.Weekday) string { return i18n.WeekdayName(r.Lang, d) }

// hoursWords writes the hours of a day for people: "08:00-12:00 and, on the 1st and 3rd of the month, …" would be long in
// every language, so the numbers stand in brackets with a word.
func hoursWords(r *frame.Request, spans []calendar.Span) string {
	parts := make([]string, len(spans))
	for i, s := range spans {
		parts[i] = calendar.Span{Open: s.Open, Close: s.Close}.String()
		if s.In != 0 {
			parts[i] = r.T("console.hours.nth", "hours", parts[i], "nth", s.In.String())
		}
	}
	return strings.Join(parts, ", ")
}

// calendarButton leads from an agency's page to its calendar, for who may see it.
func calendarButton(r *frame.Request, a agency.Agency) []ui.ButtonView {
	if !r.Principal.MayIn(agency.Read, a.Code) {
		return nil
	}
	return []ui.ButtonView{{Label: r.T("site.console.calendar"), Href: calendarPath + "/" + refdata.Workplace{Agency: a.Code}.Code(), Icon: "calendar", Variant: "secondary"}}
}
