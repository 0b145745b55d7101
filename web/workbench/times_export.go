package workbench

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"time"

	"digit/web/frame"
	"digit/web/ui"
)

// exportTimes writes the figures of the page as a file for spreadsheets, with the numbers as machines read them: one line a step and officer,
// then one a reason. What the page does not tell, because it is of too few acts, is empty here too.
func (w *Workbench) exportTimes(r *frame.Request) error {
	s, err := w.study(r, false)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // without it spreadsheets take the letters of other alphabets for something else
	out := csv.NewWriter(&b)
	hours := func(d time.Duration, told bool) string {
		if !told {
			return ""
		}
		return strconv.FormatFloat(d.Hours(), 'f', 2, 64)
	}
	lines := [][]string{{
		r.T("insight.from"), r.T("insight.to"), r.T("workbench.service"), r.T("workbench.step"), r.T("bench.load.officer"), r.T("bench.times.taken"),
		r.T("bench.times.half_hours"), r.T("bench.times.most_hours"), r.T("bench.times.act"), r.T("bench.times.reason"), r.T("bench.times.given"), r.T("bench.times.share"),
	}}
	from, to := s.from.String(), s.to.String()
	for _, x := range s.steps.ByOfficer {
		lines = append(lines, []string{
			from, to, frame.Cell(nameOr(r, x.ServiceName, x.Service)), frame.Cell(nameOr(r, x.StateName, x.State)), frame.Cell(x.Name), strconv.Itoa(x.Moves),
			hours(x.Half, x.Told()), hours(x.Most, x.Told()), "", "", "", "",
		})
	}
	for _, x := range s.steps.Reasons {
		share := ""
		if n, ok := x.Percent(); ok {
			share = strconv.Itoa(n)
		}
		lines = append(lines, []string{
			from, to, frame.Cell(nameOr(r, x.ServiceName, x.Service)), "", "", strconv.Itoa(x.Taken), "", "",
			frame.Cell(nameOr(r, x.ActionName, x.Action)), frame.Cell(nameOr(r, x.ReasonName, x.Reason)), strconv.Itoa(x.Times), share,
		})
	}
	if err := out.WriteAll(lines); err != nil {
		return err
	}
	return r.File(r.T("bench.times.file")+"-"+ui.LocaleOf(r.Context()).Lang+".csv", "text/csv; charset=utf-8", false, b.Bytes())
}
