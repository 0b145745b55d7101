package studio

import (
	"context"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

func (s *Studio) targetsPart() part {
	return part{
		code: "targets", icon: "clock", group: "work", areas: []string{"target"}, posts: []action{{path: "", do: s.keepTarget}}, show: s.showTarget,
	}
}

func (s *Studio) showTarget(r *frame.Request, d *desk) error {
	f := d.form(r, "")
	f.Fields = s.targetFields(r, d)
	f.wrong(d.wrong)
	v, err := s.targetView(r, d)
	if err != nil {
		return err
	}
	return s.render(r, d, look{Canvas: targetExample(v), Properties: shelfForm(f, s.otherProblems(r, d, "target", f.Fields)), PropertiesTitle: r.T("studio.part.targets"), Chosen: true})
}

func (s *Studio) targetFields(r *frame.Request, d *desk) []field {
	t := d.Pack.Target
	var rows [][]string
	for _, c := range t.Cases {
		rows = append(rows, []string{c.When, numberText(int64(c.WorkingDays)), numberText(int64(c.WorkingHours))})
	}
	return []field{
		input(r, "target_days", d.value("target_days", numberText(int64(t.WorkingDays))), optional, digits),
		input(r, "target_hours", d.value("target_hours", numberText(int64(t.WorkingHours))), optional, digits, hint(r.T("studio.target.hours.hint"))),
		input(r, "target_warn", d.value("target_warn", numberText(int64(t.WarnPercent))), optional, digits, hint(r.T("studio.target.warn.hint"))),
		s.checked(r, d, gridView{Name: "cases", Label: r.T("studio.field.target_cases"), Hint: r.T("studio.target.cases.hint"), Values: rows, Columns: []gridColumn{
			{Name: "when", Label: r.T("studio.col.when"), Code: true, Path: "target.cases.%d.when", Condition: true}, {Name: "days", Label: r.T("studio.col.days"), InputMode: "numeric"}, {Name: "hours", Label: r.T("studio.col.hours"), InputMode: "numeric"},
		}}),
	}
}

func (s *Studio) keepTarget(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	return s.change(r, d, studio.Step{Code: "target", Part: []string{"target"}}, d.here("?done=studio.kept"), func(p *servicespec.Pack) error {
		var wrong []fault.Field
		whole := func(text, field string) int {
			if text == "" {
				return 0
			}
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 || n > 9999 {
				wrong = append(wrong, fault.Field{Path: field, Code: "studio.number"})
			}
			return n
		}
		t := servicespec.Target{WorkingDays: whole(trimmed(posted, "target_days"), "target_days"), WorkingHours: whole(trimmed(posted, "target_hours"), "target_hours"), WarnPercent: whole(trimmed(posted, "target_warn"), "target_warn")}
		for _, row := range gridRows(posted, "cases") {
			t.Cases = append(t.Cases, servicespec.TargetCase{When: row["when"], WorkingDays: whole(row["days"], "cases"), WorkingHours: whole(row["hours"], "cases")})
		}
		if len(wrong) > 0 {
			return refused(wrong...)
		}
		p.Target = t
		return nil
	})
}

// targetView is an example of the promise: when something comes in, and by when it is answered.
type targetView struct {
	Action, Said string
	Fields       []ui.Field
}

func (s *Studio) targetView(r *frame.Request, d *desk) (v targetView, err error) {
	var cal calendar.Calendar
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		cal, err = s.deps.Refdata.CalendarOf(ctx, tx, refdata.Workplace{Agency: d.Pack.Agency})
		return err
	})
	if err != nil {
		return v, err
	}
	zone := r.Settings.Location()
	day, at := r.Query("day"), r.Query("at")
	if day == "" {
		friday := r.Now.In(zone)
		for friday.Weekday() != time.Friday {
			friday = friday.AddDate(0, 0, 1)
		}
		day, at = civil.Of(friday).String(), "16:00"
	}
	v = targetView{Action: d.here(""), Fields: []ui.Field{
		{Name: "day", Label: r.T("studio.target.day"), Type: "date", Value: day, Width: "10"}, {Name: "at", Label: r.T("studio.target.at"), Type: "time", Value: at, Width: "10"},
	}}
	date, badDay := civil.Parse(day)
	clock, badTime := time.Parse("15:04", at)
	if badDay != nil || badTime != nil {
		v.Said = r.T("studio.target.unreadable")
		return v, nil
	}
	moment := date.In(zone).Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
	v.Said = s.promise(r, d, cal, moment)
	return v, nil
}

// promise says by when an application of that moment is answered.
func (s *Studio) promise(r *frame.Request, d *desk, cal calendar.Calendar, moment time.Time) string {
	zone := r.Settings.Location()
	said := func(t servicespec.Target) string {
		due := time.Time{}
		switch {
		case t.WorkingDays > 0:
			due = cal.AddDays(moment, t.WorkingDays)
		case t.WorkingHours > 0:
			due = cal.Add(moment, time.Duration(t.WorkingHours)*time.Hour)
		default:
			return r.T("studio.target.none")
		}
		return r.T("studio.target.said", "from", i18n.FormatDateLong(r.Lang, moment, zone)+", "+i18n.FormatTime(moment, zone), "to", i18n.FormatDateLong(r.Lang, due, zone)+", "+i18n.FormatTime(due, zone))
	}
	lines := []string{said(d.Pack.Target)}
	for _, c := range d.Pack.Target.Cases {
		when := s.saying(r, d, "target.cases.0.when").Plain(servicespec.ReadClause(c.When))
		lines = append(lines, r.T("studio.target.case", "when", when, "said", said(servicespec.Target{WorkingDays: c.WorkingDays, WorkingHours: c.WorkingHours})))
	}
	return strings.Join(lines, " ")
}
