package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// weekdays in the order in which people write a week down.
var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

const calendarPath = "/console/calendar"

// calendar shows when the state works: its opening hours, and the holidays, which promises are counted by.
func (c *Console) calendar(r *frame.Request) error {
	v := view(r, r.T("site.console.calendar"))
	v.Lead = r.T("console.calendar.lead")
	v.Search = search(r, "console.calendar.search")
	var first *ui.ButtonView
	if r.Principal.MayIn("refdata:manage", "") {
		first = &ui.ButtonView{Label: r.T("console.holidays.new"), Href: calendarPath + "/holidays/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first,
			ui.ButtonView{Label: r.T("console.hours.edit"), Href: calendarPath + "/hours", Icon: "clock", Variant: "secondary"},
			ui.ButtonView{Label: r.T("console.holidays.import"), Href: calendarPath + "/holidays/import", Icon: "upload", Variant: "secondary"})
	}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		cal, err := c.deps.Refdata.Calendar(ctx, tx)
		for _, d := range weekdays {
			v.Facts = append(v.Facts, ui.Fact{Key: weekdayName(r, d), Value: orText(hoursText(cal.Hours[d]), r.T("console.hours.closed"))})
		}
		return err
	})
	if err != nil {
		return err
	}
	l := list[refdata.Holiday]{
		name: "holidays", columns: []string{"day", "weekday", "holiday"}, empty: empty(r, "holidays", "calendar", first),
		orders: map[string]func(a, b refdata.Holiday) int{
			"day":     func(a, b refdata.Holiday) int { return a.Day.Sub(b.Day) },
			"holiday": words(func(h refdata.Holiday) string { return r.Text(h.Name) }),
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (page.Page[refdata.Holiday], error) {
			days, err := c.deps.Refdata.Holidays(ctx, tx)
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(days, func(h refdata.Holiday) bool {
				return !strings.Contains(strings.ToLower(h.Day.String()+" "+r.Text(h.Name)), q)
			}), err)
		},
		cells: func(h refdata.Holiday) []ui.Cell {
			first := ui.Cell{Text: ui.Date(r.Context(), h.Day.In(r.Settings.Location())), Sub: h.Day.String()}
			if r.Principal.MayIn("refdata:manage", "") {
				first.Href = calendarPath + "/holidays/" + h.Day.String()
			}
			return []ui.Cell{first, {Text: weekdayName(r, h.Day.In(time.UTC).Weekday())}, {Text: r.Text(h.Name)}}
		},
	}
	return l.serve(r, v)
}

func weekdayName(r *frame.Request, d time.Weekday) string { return i18n.WeekdayName(r.Lang, d) }

// hoursText writes the hours of a day as they are typed: "08:00-12:00, 14:00-16:00".
func hoursText(spans []calendar.Span) string {
	var parts []string
	for _, s := range spans {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}

// hoursAsk asks for the hours of each weekday.
func (c *Console) hoursAsk(r *frame.Request) error {
	typed := url.Values{}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		cal, err := c.deps.Refdata.Calendar(ctx, tx)
		for _, d := range weekdays {
			typed.Set(hoursField(d), hoursText(cal.Hours[d]))
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(hoursForm(r, typed)))
}

func hoursField(d time.Weekday) string { return "hours." + strings.ToLower(d.String()[:3]) }

func hoursForm(r *frame.Request, typed url.Values) pageView {
	v := view(r, r.T("console.hours.edit")).back(calendarPath, r.T("site.console.calendar"))
	v.Lead = r.T("console.hours.lead")
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}}
	for _, d := range weekdays {
		f := input(r, hoursField(d), typed.Get(hoursField(d)), optional, code, label(weekdayName(r, d)))
		f.Attrs = map[string]any{"dir": "ltr"}
		v.Form.Fields = append(v.Form.Fields, f)
	}
	return v
}

// hoursSave puts the hours as typed; a week without any is refused here, since it would mean that the state never closes.
func (c *Console) hoursSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, week := hoursForm(r, posted), calendar.Week{}
	for _, d := range weekdays {
		for text := range strings.SplitSeq(posted.Get(hoursField(d)), ",") {
			if text = strings.ReplaceAll(text, " ", ""); text == "" {
				continue
			}
			span, err := calendar.ParseSpan(text)
			if err != nil {
				v.Form.wrong(hoursField(d), r.T("console.hours.wrong"))
				break
			}
			week[d] = append(week[d], span)
		}
	}
	if len(week) == 0 && len(v.Form.Problems) == 0 {
		v.Form.wrong(hoursField(time.Monday), r.T("console.hours.none"))
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Refdata.PutOpening(ctx, tx, week) })
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(calendarPath + "?done=console.saved")
}

// holidayHere is the holiday of the path. Errors: page.not_found.
func (c *Console) holidayHere(r *frame.Request) (h refdata.Holiday, err error) {
	day, err := civil.Parse(r.Param("day"))
	if err != nil {
		return h, frame.Lost(r)
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		days, err := c.deps.Refdata.Holidays(ctx, tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(days, func(x refdata.Holiday) bool { return x.Day == day })
		if i < 0 {
			return frame.Lost(r)
		}
		h = days[i]
		return nil
	})
	return h, err
}

func (c *Console) holidayForm(r *frame.Request, day string, name i18n.Text) pageView {
	v := view(r, r.T("console.holidays.new")).back(calendarPath, r.T("site.console.calendar"))
	known := r.Param("day") != ""
	if known {
		v.Title, v.Caption = r.Text(name), day
		v.Actions = []ui.ButtonView{{Label: r.T("console.holidays.remove"), Href: calendarPath + "/holidays/" + day + "/remove", Icon: "trash-2", Variant: "tertiary"}}
	}
	fields := []field{input(r, "day", day, readOnly(known), func(f *field) { f.Type, f.Width = "date", "10" })}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: append(fields, c.texts(r, "name", name)...)}
	return v
}

func (c *Console) holidayAsk(r *frame.Request) error {
	var h refdata.Holiday
	day := ""
	if r.Param("day") != "" {
		var err error
		if h, err = c.holidayHere(r); err != nil {
			return err
		}
		day = h.Day.String()
	}
	return r.HTML(consolePage(c.holidayForm(r, day, h.Name)))
}

func (c *Console) holidaySave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	day := trimmed(posted, "day")
	if r.Param("day") != "" {
		if _, err := c.holidayHere(r); err != nil {
			return err
		}
		day = r.Param("day")
	}
	h := refdata.Holiday{Name: textOf(posted, "name")}
	v := c.holidayForm(r, day, h.Name)
	if h.Day, err = civil.Parse(day); err != nil {
		v.Form.wrong("day", r.T("console.date.wrong"))
	}
	if h.Name[r.Settings.DefaultLanguage] == "" {
		v.Form.wrong("name", r.T("console.holidays.name"))
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Refdata.PutHolidays(ctx, tx, []refdata.Holiday{h})
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(calendarPath + "?done=console.saved")
}

func (c *Console) holidayRemoveAsk(r *frame.Request) error {
	h, err := c.holidayHere(r)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.holidays.remove.title", "name", r.Text(h.Name)), r.T("console.holidays.remove.text"), r.T("console.holidays.remove"), calendarPath)
}

func (c *Console) holidayRemove(r *frame.Request) error {
	h, err := c.holidayHere(r)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Refdata.DeleteHoliday(ctx, tx, h.Day) }); err != nil {
		return err
	}
	return r.Redirect(calendarPath + "?done=console.saved")
}
