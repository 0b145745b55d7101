package console

import (
	"bytes"
	"context"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/sheet"
	"digit/internal/provider/agency"
	"digit/web/frame"
)

// columnName is what a column is called in the reader's language: "Name (Português)".
func (c *Console) columnName(r *frame.Request, column string) string {
	return c.columnIn(r.Lang, column)
}

func (c *Console) columnIn(lang, column string) string {
	base, of, each := strings.Cut(column, ".")
	name := c.deps.Texts.T(lang, "console.import.column."+base, nil)
	if !each {
		return name
	}
	for _, l := range c.deps.Texts.Languages() {
		if l.Code == of {
			of = l.Name
		}
	}
	return name + " (" + of + ")"
}

// readTable reads a spreadsheet: heads are known by their names in any language, or by their codes; days and yes or no are brought into
// the form that the table has. Errors: those of sheet.Read.
func (c *Console) readTable(r *frame.Request, kind agency.ImportKind, content []byte) (t agency.Table, err error) {
	rows, err := sheet.Read(content, sheet.Limits{Rows: agency.ImportRows + 1, Columns: agency.ImportColumns})
	if err != nil || len(rows) == 0 {
		return t, err
	}
	heads := map[string]string{}
	for _, column := range agency.ImportColumnsOf(kind, r.Settings.Languages) {
		heads[strings.ToLower(column)] = column
		for _, l := range c.deps.Texts.Languages() {
			heads[strings.ToLower(c.columnIn(l.Code, column))] = column
		}
	}
	at := map[int]int{} // columns of the file that are the table's
	for n, head := range rows[0] {
		column, ok := heads[strings.ToLower(strings.TrimSpace(head))]
		if ok && !contains(t.Columns, column) {
			at[n] = len(t.Columns)
			t.Columns = append(t.Columns, column)
		}
	}
	for _, row := range rows[1:] {
		cells := make([]string, len(t.Columns))
		for n, text := range row {
			if i, ok := at[n]; ok {
				cells[i] = c.cellOf(t.Columns[i], text)
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t, nil
}

// cellOf is a cell in the form that the table has.
func (c *Console) cellOf(column, text string) string {
	switch column {
	case "from", "until":
		if d, ok := sheet.Day(text); ok {
			return d.String()
		}
	case "closed":
		for _, l := range c.deps.Texts.Languages() {
			for _, word := range []string{"yes", "no"} {
				if strings.EqualFold(strings.TrimSpace(text), c.deps.Texts.T(l.Code, "console.import."+word, nil)) {
					return word
				}
			}
		}
	}
	return text
}

// exportFile gives an agency's offices, positions or staff as a spreadsheet that can be taken in again, or an empty one to fill in. Its
// second sheet explains the columns.
func (c *Console) exportFile(r *frame.Request) error {
	kind := agency.ImportKind(r.Param("kind"))
	known := false
	for _, k := range agency.ImportKinds {
		known = known || k == kind
	}
	if !known {
		return frame.Lost(r)
	}
	t := agency.Table{Columns: agency.ImportColumnsOf(kind, r.Settings.Languages)}
	var help [][]string
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) { // whose addresses are read is on record
		if help, err = c.explained(ctx, tx, r, t.Columns); err != nil || r.Query("empty") == "yes" {
			return err
		}
		t, err = c.deps.Imports.Export(ctx, tx, *r.Principal, r.Param("agency"), kind)
		return err
	})
	if err != nil {
		return err
	}
	var head []string
	for _, column := range t.Columns {
		head = append(head, c.columnName(r, column))
	}
	rows := [][]string{head}
	for _, row := range t.Rows {
		for n, column := range t.Columns {
			if column == "closed" {
				row[n] = r.T("console.import." + row[n])
			}
		}
		rows = append(rows, row)
	}
	var out bytes.Buffer
	rtl := i18n.Dir(r.Lang) == "rtl"
	if err := sheet.Write(&out, rtl, sheet.Table{Name: r.T("console.import.kind." + string(kind)), Rows: rows}, sheet.Table{Name: r.T("console.import.help"), Rows: help}); err != nil {
		return err
	}
	return r.File(r.Param("agency")+"-"+string(kind)+".xlsx", sheet.MediaType, false, out.Bytes())
}

// explained are the columns, each with what it is for and what can stand in it.
func (c *Console) explained(ctx context.Context, tx *pg.Tx, r *frame.Request, columns []string) (rows [][]string, err error) {
	values, err := c.permitted(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	rows = [][]string{{r.T("console.import.help.column"), r.T("console.import.help.text"), r.T("console.import.help.values"), r.T("console.import.help.meaning")}}
	for _, column := range columns {
		base, _, _ := strings.Cut(column, ".")
		row := []string{c.columnName(r, column), r.T("console.import.column." + base + ".text")}
		list := values[base]
		if len(list) == 0 {
			rows = append(rows, row)
			continue
		}
		for n, v := range list {
			if n > 0 {
				row = []string{"", ""}
			}
			rows = append(rows, append(row, v[0], v[1]))
		}
	}
	return rows, nil
}

// permitted are the values that columns can have, each with what it is called, by the column's name.
func (c *Console) permitted(ctx context.Context, tx *pg.Tx, r *frame.Request) (map[string][][2]string, error) {
	values := map[string][][2]string{"closed": {{r.T("console.import.yes"), ""}, {r.T("console.import.no"), ""}}}
	offices, err := c.deps.Agencies.Offices(ctx, tx, r.Param("agency"))
	if err != nil {
		return nil, err
	}
	for _, o := range offices {
		values["office"] = append(values["office"], [2]string{o.Code, r.Text(o.Name)})
	}
	areas, err := c.deps.Refdata.Boundaries(ctx, tx, "", "")
	if err != nil {
		return nil, err
	}
	for _, b := range areas {
		values["boundary"] = append(values["boundary"], [2]string{b.Code, r.Text(b.Name)})
	}
	roles, err := c.deps.Identity.Roles(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, x := range roles {
		values["roles"] = append(values["roles"], [2]string{x.Code, r.Text(x.Name)})
	}
	if !r.Principal.MayIn(agency.Read, r.Param("agency")) {
		return values, nil
	}
	positions, _, err := c.deps.Agencies.Positions(ctx, tx, *r.Principal, r.Param("agency"))
	for _, p := range positions {
		values["position"] = append(values["position"], [2]string{p.Code, r.Text(p.Title)})
	}
	values["reports_to"] = values["position"]
	return values, err
}
