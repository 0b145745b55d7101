package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// hoursAsk asks for the hours of each weekday.
func (c *Console) hoursAsk(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	typed := url.Values{}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		week, of, err := c.deps.Refdata.Hours(ctx, tx, w.Workplace)
		if of != w.Workplace { // the fields stay empty: so it is that the hours of above hold
			return err
		}
		for _, d := range weekdays {
			typed.Set(hoursField(d), calendar.HoursText(week[d]))
		}
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(hoursForm(r, w, typed)))
}

func hoursField(d time.Weekday) string { return "hours." + strings.ToLower(d.String()[:3]) }

func hoursForm(r *frame.Request, w workplace, typed url.Values) pageView {
	v := view(r, r.T("console.hours.edit")).back(w.path, r.T("site.console.calendar"))
	v.Lead = r.T("console.hours.lead")
	if w.Agency != "" {
		v.Caption, v.Lead = w.name, r.T("console.hours.lead")+" "+r.T("console.hours.lead.own")
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}}
	for _, d := range weekdays {
		f := input(r, hoursField(d), typed.Get(hoursField(d)), optional, code, width("30"), label(weekdayName(r, d)))
		f.Attrs = map[string]any{"dir": "ltr"}
		v.Form.Fields = append(v.Form.Fields, f)
	}
	return v
}

// hoursSave puts the hours as typed. No hours at all mean those of above; of the state they are refused, since they would
// mean that it never closes.
func (c *Console) hoursSave(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, week := hoursForm(r, w, posted), calendar.Week{}
	for _, d := range weekdays {
		spans, err := calendar.ParseHours(posted.Get(hoursField(d)))
		if err != nil {
			v.Form.wrong(hoursField(d), r.T("console.hours.wrong"))
		}
		if len(spans) > 0 {
			week[d] = spans
		}
	}
	if len(week) == 0 && len(v.Form.Problems) == 0 && w.Workplace == (refdata.Workplace{}) {
		v.Form.wrong(hoursField(time.Monday), r.T("console.hours.none"))
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Refdata.PutOpening(ctx, tx, w.Workplace, week)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(w.path + "?done=console.saved")
}
