package insight

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"digit/internal/provider/analytics"
	"digit/internal/provider/performance"
	"digit/web/frame"
)

// export writes one line a service of an agency as a file for spreadsheets, with the numbers as machines read them.
func (s *Insight) export(r *frame.Request) error {
	f, err := s.read(r)
	if err != nil {
		return err
	}
	currency := r.Settings.Currency
	var b bytes.Buffer
	b.WriteString("\ufeff") // without it spreadsheets take the letters of other alphabets for something else
	out := csv.NewWriter(&b)
	lines := [][]string{{
		r.T("insight.from"), r.T("insight.to"), r.T("insight.agency"), r.T("insight.service"), r.T("insight.received"), r.T("insight.decided"),
		r.T("insight.approved"), r.T("insight.rejected"), r.T("insight.withdrawn"), r.T("insight.revenue") + " (" + currency + ")",
		r.T("insight.open"), r.T("insight.overdue_now"), r.T("insight.kept_count"), r.T("insight.breached"), r.T("insight.share"), r.T("insight.median"),
	}}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, l := range joined(f) {
		p, half := "", ""
		if n, ok := l.sla.Percent(); ok {
			p = strconv.Itoa(n)
		}
		if l.sla.Decided > 0 {
			half = strconv.FormatFloat(float64(l.sla.Median)/float64(f.workday), 'f', 2, 64)
		}
		lines = append(lines, []string{
			f.span.From.String(), f.span.To.String(), harmless(f.names.agency(r, l.agency)), harmless(f.names.service(r, l.service)), number(l.Received), number(l.Decided),
			number(l.Approved), number(l.Rejected), number(l.Withdrawn), l.Paid(currency).Decimal(),
			number(l.sla.Open), number(l.sla.Overdue), number(l.sla.Kept), number(l.sla.Breached), p, half,
		})
	}
	if err := out.WriteAll(lines); err != nil {
		return err
	}
	return r.File(r.T("insight.export_name")+"-"+f.span.From.String()+"-"+f.span.To.String()+".csv", "text/csv; charset=utf-8", false, b.Bytes())
}

// line is what both modules know of a service of an agency.
type line struct {
	agency, service string
	analytics.Figures
	sla performance.SLA
}

func joined(f figures) []line {
	type key struct{ agency, service string }
	at := map[key]int{}
	var list []line
	for _, v := range f.services {
		at[key{v.Agency, v.Service}] = len(list)
		list = append(list, line{agency: v.Agency, service: v.Service, Figures: v.Figures})
	}
	for _, a := range f.sla {
		if n, ok := at[key{a.Agency, a.Service}]; ok {
			list[n].sla = a
			continue
		}
		list = append(list, line{agency: a.Agency, service: a.Service, sla: a})
	}
	return list
}

// harmless keeps a spreadsheet from taking a name for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
