package workbench

import (
	"bytes"
	"context"
	"encoding/csv"
	"time"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	bench "digit/internal/provider/workbench"
	"digit/web/frame"
	"digit/web/ui"
)

// exportLimit bounds an export: more is a matter for reports, not for somebody's desk.
const exportLimit = 5000

// export writes the list as it is filtered as a file for spreadsheets. Seeing the names is put on record, once for all of them.
func (w *Workbench) export(r *frame.Request) error {
	f := bench.FilterOf(r.URL.Query())
	var rows []bench.Row
	var known areas
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if known, err = w.areas(ctx, tx); err != nil {
			return err
		}
		for next := (page.Request{Size: 100}); len(rows) < exportLimit; {
			list, err := w.deps.Workbench.Inbox(ctx, tx, *r.Principal, f, next)
			if err != nil {
				return err
			}
			rows = append(rows, list.Rows...)
			if next.After = list.Next; next.After == "" {
				return nil
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	lines := [][]string{{
		r.T("workbench.reference"), r.T("workbench.person"), r.T("workbench.service"), r.T("workbench.step"), r.T("workbench.area"),
		r.T("workbench.received"), r.T("workbench.due"), r.T("workbench.urgency"), r.T("workbench.holder"),
	}}
	zone := r.Settings.Location()
	for _, c := range rows {
		due := ""
		if c.Due != nil {
			due = c.Due.In(zone).Format(time.DateOnly)
		}
		lines = append(lines, []string{
			c.Reference, c.Name, r.Text(c.ServiceName), nameOr(r, c.StateName, c.State), known.name(r, c.Boundary),
			c.ReceivedAt.In(zone).Format(time.DateOnly), due, severityTag(r, c.Severity, c.Paused, c.Ended, c.Outcome).Text, c.AssigneeName,
		})
	}
	return spreadsheet(r, r.T("workbench.export.name"), lines)
}

// spreadsheet sends lines as a file that spreadsheets open (RFC 4180).
func spreadsheet(r *frame.Request, name string, lines [][]string) error {
	var b bytes.Buffer
	b.WriteString("\ufeff") // without it spreadsheets take the letters of other alphabets for something else
	out := csv.NewWriter(&b)
	for _, line := range lines {
		for i := range line {
			line[i] = frame.Cell(line[i])
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return r.File(name+"-"+ui.LocaleOf(r.Context()).Lang+".csv", "text/csv; charset=utf-8", false, b.Bytes())
}
