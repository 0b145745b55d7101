package console

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/console"
	"digit/web/asset"
	"digit/web/frame"
	"digit/web/ui"
)

func oneDecimal(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// settings shows what the state is called, speaks, pays in and looks like.
func (c *Console) settings(r *frame.Request) error {
	return r.HTML(consolePage(c.settingsForm(r, r.Settings, nil)))
}

// settingsForm shows settings; posted are the values as typed, where some of them could not be read.
func (c *Console) settingsForm(r *frame.Request, s tenancy.Settings, posted url.Values) pageView {
	v := view(r, r.T("site.console.settings"))
	v.Lead = r.T("console.settings.lead")
	heading := func(key string) field { return field{Kind: headingField, Field: ui.Field{Label: r.T(key)}} }
	fields := append([]field{heading("console.settings.names")}, c.texts(r, "name", s.Name)...)
	fields = append(fields, c.texts(r, "tagline", s.Tagline, optional)...)
	fields = append(fields, heading("console.settings.rest"))
	fields = append(fields, settingFields(r, s, r.Texts().Languages())...)
	fields = append(fields, undoField(r, s, posted))
	fields = append(fields, heading("console.settings.keeping"))
	fields = append(fields, keepingFields(r, s, posted)...)
	fields = append(fields, heading("console.settings.security"))
	fields = append(fields, securityFields(r, s, posted)...)
	v.Form = &formView{FormPage: ui.FormPage{Action: "/console/settings", Submit: r.T("console.save")}, Fields: fields}
	if ratio, err := asset.Contrast(s.Accent, "#ffffff"); err == nil && accentProblem(r, s.Accent) == "" {
		v.Notes = []ui.NoticeView{{Kind: ui.Info, Title: r.T("console.settings.accent.good", "ratio", oneDecimal(ratio))}}
	}
	return v
}

// settingsSave changes the settings. A colour on which words could not be read by everybody is refused with its
// contrast, so that one sees by how much to change it.
func (c *Console) settingsSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	s := settingsOf(posted, r.Settings)
	s.Tagline = textOf(posted, "tagline")
	s.StaffSecondFactor = posted.Get("staff_second_factor")
	over, overErr := readAmount(posted, "approval_step_up_over", s.Currency)
	s.ApprovalStepUpOver = over
	seconds, secondsErr := strconv.Atoi(trimmed(posted, "undo_seconds"))
	if secondsErr != nil {
		seconds = -1 // the tenancy refuses it
	}
	s.UndoSeconds = seconds
	s.KeptDecidedYears, s.KeptPaidYears = readYears(posted, "kept_decided_years"), readYears(posted, "kept_paid_years")
	v := c.settingsForm(r, s, posted)
	if overErr != nil {
		v.Form.wrong("approval_step_up_over", r.T("error.tenancy.approval_step_up_over"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if why := accentProblem(r, s.Accent); why != "" {
		v.Form.wrong("accent", why)
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.changeSettings(ctx, tx, s) })
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/settings?done=console.saved")
}

// undoField is how long a decision can be undone.
func undoField(r *frame.Request, s tenancy.Settings, posted url.Values) field {
	seconds := strconv.Itoa(s.UndoSeconds)
	if posted != nil {
		seconds = posted.Get("undo_seconds")
	}
	return input(r, "undo_seconds", seconds, width("5"), hint(r.T("console.settings.undo_seconds.hint")), func(f *field) {
		f.Suffix, f.InputMode = r.T("console.settings.undo_seconds.unit"), "numeric"
	})
}

// keepingFields are for how long records stay although their person asks to be erased.
func keepingFields(r *frame.Request, s tenancy.Settings, posted url.Values) (fields []field) {
	for _, f := range []struct {
		name  string
		years int
	}{{"kept_decided_years", s.KeptDecidedYears}, {"kept_paid_years", s.KeptPaidYears}} {
		years := strconv.Itoa(f.years)
		if posted != nil {
			years = posted.Get(f.name)
		}
		fields = append(fields, input(r, f.name, years, width("5"), hint(r.T("console.settings."+f.name+".hint")), func(f *field) {
			f.Suffix, f.InputMode = r.T("console.settings.years"), "numeric"
		}))
	}
	return fields
}

// readYears reads a number of years; what is none is a number that the tenancy refuses.
func readYears(posted url.Values, name string) int {
	years, err := strconv.Atoi(trimmed(posted, name))
	if err != nil || years == 0 {
		return -1
	}
	return years
}

// securityFields are how sure the state wants to be of who works for it.
func securityFields(r *frame.Request, s tenancy.Settings, posted url.Values) []field {
	var factors []ui.Option
	for _, f := range []string{tenancy.Required, tenancy.Optional} {
		factors = append(factors, ui.Option{
			Value: f, Label: r.T("console.settings.second_factor." + f), Hint: r.T("console.settings.second_factor." + f + ".text"), Checked: s.StaffSecondFactor == f,
		})
	}
	over := posted.Get("approval_step_up_over")
	if posted == nil && s.ApprovalStepUpOver != nil {
		over = money.Amount{Minor: *s.ApprovalStepUpOver, Currency: s.Currency}.Decimal()
	}
	return []field{
		input(r, "staff_second_factor", "", options(radioField, factors)),
		input(r, "approval_step_up_over", over, optional, width("10"), hint(r.T("console.settings.approval_step_up_over.hint")), func(f *field) {
			f.Suffix, f.InputMode = s.Currency, "decimal"
		}),
	}
}

// readAmount reads an amount as people write it; nil for an empty field.
func readAmount(posted url.Values, name, currency string) (*int64, error) {
	text := strings.ReplaceAll(strings.Join(strings.Fields(posted.Get(name)), ""), ",", ".")
	if text == "" {
		return nil, nil
	}
	a, err := money.Parse(text, currency)
	if err != nil {
		return nil, err
	}
	return &a.Minor, nil
}

// steps are how far the clock of a demonstration can be moved at once.
var steps = []struct {
	name string
	by   time.Duration
}{{"hour", time.Hour}, {"day", 24 * time.Hour}, {"week", 7 * 24 * time.Hour}, {"month", 30 * 24 * time.Hour}}

// clock shows the time of a demonstration and what comes due next, and moves it forward.
func (c *Console) clock(r *frame.Request) error {
	var due []console.Due
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		due, err = c.deps.Console.Upcoming(ctx, tx, 25)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("console.clock.title"))
	v.Lead = r.T("console.clock.lead")
	v.Facts = []ui.Fact{
		{Key: r.T("console.clock.now"), Value: ui.DateTime(r.Context(), r.Now)},
		{Key: r.T("console.clock.ahead"), Value: r.T("console.clock.hours", "n", int(r.Now.Sub(clock.Now()).Round(time.Hour).Hours()))},
	}
	var choices []ui.Option
	for i, s := range steps {
		choices = append(choices, ui.Option{Value: s.name, Label: r.T("console.clock.by." + s.name), Checked: i == 1})
	}
	v.Form = &formView{
		FormPage: ui.FormPage{Action: "/console/clock", Submit: r.T("console.clock.move"), Icon: "clock"},
		Fields:   []field{input(r, "by", "", options(radioField, choices), hint(r.T("console.clock.hint")))},
	}
	table := &ui.TableView{
		Caption: r.T("console.clock.due"), HideCaption: true, Stack: true, Columns: columns(r, "what", "due"),
		Empty: &ui.EmptyView{Icon: "clock", Title: r.T("console.clock.none")},
	}
	for _, d := range due {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{{Text: c.jobName(r, d.Kind)}, {Text: ui.DateTime(r.Context(), d.At)}}})
	}
	v.Sections = []section{{Title: r.T("console.clock.due"), Table: table}}
	return r.HTML(consolePage(v))
}

// jobName says what a job does, or its kind where nobody has written words for it.
func (c *Console) jobName(r *frame.Request, kind string) string {
	if key := "job." + kind; r.Texts().Has(r.Lang, key) {
		return r.T(key)
	}
	return kind
}

// clockMove moves the clock; what comes due on the way happens within seconds.
func (c *Console) clockMove(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	for _, s := range steps {
		if s.name == posted.Get("by") {
			if err := c.deps.Tenancy.AdvanceClock(r.Context(), r.DB(), r.Scope(false), s.by); err != nil {
				return err
			}
			return r.Redirect("/console/clock?done=console.moved")
		}
	}
	return r.Redirect("/console/clock")
}
