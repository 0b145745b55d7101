package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// holidayRows is how many holidays a file may bring: a century of them.
const holidayRows = 5000

// hoursColumn may be missing, as in a list of nothing but holidays.
const hoursColumn = "hours"

// holidayFile is a workplace's own days as a file that importing takes back: a day, its hours where work is done on it, and
// a name in each language of the state.
func (c *Console) holidayFile(r *frame.Request) error {
	here, err := c.workplaceHere(r)
	if err != nil {
		return err
	}
	var days []refdata.Holiday
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		days, err = c.deps.Refdata.Holidays(ctx, tx, here.Workplace)
		return err
	}); err != nil {
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{append([]string{"day", hoursColumn}, r.Settings.Languages...)}
	for _, h := range days {
		row := []string{h.Day.String(), calendar.HoursText(h.Hours)}
		for _, lang := range r.Settings.Languages {
			row = append(row, h.Name[lang])
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return r.File("holidays.csv", "text/csv; charset=utf-8", false, out.Bytes())
}

func (c *Console) importForm(r *frame.Request, w workplace) pageView {
	v := view(r, r.T("console.holidays.import")).back(w.path, r.T("site.console.calendar"))
	if w.Agency != "" {
		v.Caption = w.name
	}
	v.Lead = r.T("console.holidays.import.lead", "languages", strings.Join(r.Settings.Languages, ", "))
	v.Actions = []ui.ButtonView{{Label: r.T("console.holidays.template"), Href: w.path + "/holidays.csv", Icon: "download", Variant: "tertiary"}}
	file := input(r, "file", "", label(r.T("console.holidays.file")))
	file.Kind, file.Accept = fileField, ".csv"
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.holidays.import"), Multipart: true, Icon: "upload"}, Fields: []field{file}}
	return v
}

func (c *Console) importAsk(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.importForm(r, w)))
}

// importSave takes a file in whole or not at all: each row that is wrong is named.
func (c *Console) importSave(r *frame.Request) error {
	w, err := c.managed(r)
	if err != nil {
		return err
	}
	if _, err := r.Form(); err != nil {
		return err
	}
	v := c.importForm(r, w)
	file, err := uploaded(r, "file")
	if err != nil {
		return err
	}
	days, wrong := readHolidays(r, file)
	for _, text := range wrong {
		v.Form.wrong("file", text)
	}
	if len(wrong) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Refdata.PutHolidays(ctx, tx, w.Workplace, days)
	}); err != nil {
		return err
	}
	return r.Redirect(w.path + "?done=console.saved")
}

// readHolidays reads a file; wrong are sentences about it or its rows.
func readHolidays(r *frame.Request, file []byte) (days []refdata.Holiday, wrong []string) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil || len(head) < 2 || strings.TrimSpace(head[0]) != "day" {
		return nil, []string{r.T("console.holidays.head")}
	}
	for n := 2; n <= holidayRows+1; n++ {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return days, wrong
		}
		if err != nil { // the rest of the file cannot be told apart
			return nil, append(wrong, r.T("console.holidays.row", "n", strconv.Itoa(n)))
		}
		if h, ok := holidayOf(r, head, row); ok {
			days = append(days, h)
		} else {
			wrong = append(wrong, r.T("console.holidays.row", "n", strconv.Itoa(n)))
		}
	}
	return nil, []string{r.T("console.holidays.many", "n", strconv.Itoa(holidayRows))}
}

// holidayOf reads one row: a day that exists, and a name in the state's own language.
func holidayOf(r *frame.Request, head, row []string) (h refdata.Holiday, ok bool) {
	day, err := civil.Parse(strings.TrimSpace(row[0]))
	if err != nil || len(row) > len(head) {
		return h, false
	}
	h = refdata.Holiday{Day: day, Name: i18n.Text{}}
	for i, text := range row[1:] {
		lang := strings.TrimSpace(head[i+1])
		if lang == hoursColumn {
			if h.Hours, err = calendar.ParseHours(text); err != nil || monthly(h.Hours) {
				return h, false
			}
			continue
		}
		if text = strings.TrimSpace(text); text != "" && slices.Contains(r.Settings.Languages, lang) {
			h.Name[lang] = text
		}
	}
	return h, h.Name[r.Settings.DefaultLanguage] != ""
}
