package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// holidayHere is the workplace's own day of the path. Errors: page.not_found.
func (c *Console) holidayHere(r *frame.Request, w workplace) (h refdata.Holiday, err error) {
	day, err := civil.Parse(r.Param("day"))
	if err != nil {
		return h, frame.Lost(r)
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		days, err := c.deps.Refdata.Holidays(ctx, tx, w.Workplace)
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

// holidayForm asks for a day, what it is called and, where work is done on it, when.
func (c *Console) holidayForm(r *frame.Request, w workplace, day, hours string, name i18n.Text) pageView {
	v := view(r, r.T("console.holidays.new")).back(w.path, r.T("site.console.calendar"))
	if w.Agency != "" {
		v.Caption = w.name
	}
	known := r.Param("day") != ""
	if known {
		v.Title, v.Caption = r.Text(name), day
		v.Actions = []ui.ButtonView{{Label: r.T("console.holidays.remove"), Href: w.path + "/holidays/" + day + "/remove", Icon: "trash-2", Variant: "tertiary"}}
	}
	fields := []field{input(r, "day", day, readOnly(known), func(f *field) { f.Type, f.Width = "date", "10" })}
	fields = append(fields, c.texts(r, "name", name)...)
	open := input(r, "hours", hours, optional, code, width("30"), label(r.T("console.holidays.hours")), hint(r.T("console.holidays.hours.hint")))
	open.Attrs = map[string]any{"dir": "ltr"}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: append(fields, open)}
	return v
}

func (c *Console) holidayAsk(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	if r.Param("day") != "" {
		h, err := c.holidayHere(r, w)
		if err != nil {
			return err
		}
		return r.HTML(consolePage(c.holidayForm(r, w, h.Day.String(), calendar.HoursText(h.Hours), h.Name)))
	}
	day, err := civil.Parse(r.Query("day"))
	if err != nil {
		return r.HTML(consolePage(c.holidayForm(r, w, "", "", nil)))
	}
	var above refdata.Holiday // the day as it is now, to be said otherwise
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		days, err := c.deps.Refdata.Days(ctx, tx, w.Workplace)
		if i := slices.IndexFunc(days, func(x refdata.Holiday) bool { return x.Day == day }); i >= 0 {
			above = days[i]
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.holidayForm(r, w, day.String(), calendar.HoursText(above.Hours), above.Name)))
}

func (c *Console) holidaySave(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if r.Param("day") != "" {
		if _, err := c.holidayHere(r, w); err != nil {
			return err
		}
		posted.Set("day", r.Param("day"))
	}
	h, v := c.holidayOfForm(r, w, posted)
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Refdata.PutHolidays(ctx, tx, w.Workplace, []refdata.Holiday{h})
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(w.path + "?done=console.saved")
}

// holidayOfForm reads a day as typed, and the form with what is wrong with it.
func (c *Console) holidayOfForm(r *frame.Request, w workplace, posted url.Values) (h refdata.Holiday, v pageView) {
	h.Name = textOf(posted, "name")
	v = c.holidayForm(r, w, trimmed(posted, "day"), posted.Get("hours"), h.Name)
	var err error
	if h.Day, err = civil.Parse(trimmed(posted, "day")); err != nil {
		v.Form.wrong("day", r.T("console.date.wrong"))
	}
	if h.Name[r.Settings.DefaultLanguage] == "" {
		v.Form.wrong("name", r.T("console.holidays.name"))
	}
	if h.Hours, err = calendar.ParseHours(posted.Get("hours")); err != nil || monthly(h.Hours) {
		v.Form.wrong("hours", r.T("console.hours.wrong"))
	}
	return h, v
}

// monthly reports whether hours are of some weekdays of a month only, which a single day has no use for.
func monthly(spans []calendar.Span) bool {
	return slices.ContainsFunc(spans, func(s calendar.Span) bool { return s.In != 0 })
}

func (c *Console) holidayRemoveAsk(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	h, err := c.holidayHere(r, w)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.holidays.remove.title", "name", r.Text(h.Name)), r.T("console.holidays.remove.text"), r.T("console.holidays.remove"), w.path)
}

func (c *Console) holidayRemove(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	h, err := c.holidayHere(r, w)
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Refdata.DeleteHoliday(ctx, tx, w.Workplace, h.Day)
	}); err != nil {
		return err
	}
	return r.Redirect(w.path + "?done=console.saved")
}
