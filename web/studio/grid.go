package studio

import (
	"fmt"
	"net/url"

	"digit/web/frame"
	"digit/web/ui"
)

// gridView is a small table of inputs. Inputs are called name.row.column; rows that stay empty are none.
type gridView struct {
	Name, Label, Hint, Error string
	Columns                  []gridColumn
	Values                   [][]string // by row, as the columns
	Errors, Notes            [][]string // by row, as the columns: what is wrong with a cell, and what it says in words
	Spare                    int        // empty rows for more
}

type gridColumn struct {
	Name, Label, InputMode string
	Code                   bool // written from left to right
	Options                []ui.Option
	Path                   string // of its cells in the definition, with %d for the row: what is wrong there stands in the cell
	Condition              bool   // a condition, which is said in words below the cell
}

type gridCell struct {
	ui.Field
	code bool
	Note string // what a condition says, in words
}

func (c gridCell) dir() string {
	if c.code {
		return "ltr"
	}
	return "auto"
}

func (g gridView) rows() [][]gridCell {
	var out [][]gridCell
	for i := range len(g.Values) + g.Spare {
		row := make([]gridCell, len(g.Columns))
		for j, c := range g.Columns {
			row[j] = gridCell{code: c.Code, Field: ui.Field{Name: fmt.Sprintf("%s.%d.%s", g.Name, i, c.Name), Label: c.Label, InputMode: c.InputMode, Options: c.Options}}
			if i < len(g.Values) && j < len(g.Values[i]) {
				row[j].Value = g.Values[i][j]
			}
			if i < len(g.Errors) && j < len(g.Errors[i]) {
				row[j].Error, row[j].Note = g.Errors[i][j], g.Notes[i][j]
			}
		}
		out = append(out, row)
	}
	return out
}

// grid is a table of inputs as a field of a form: values as they stand, or as they were typed where they were refused.
func (d *desk) grid(g gridView) field {
	g.Spare = 2
	if d.posted != nil {
		if rows := gridRows(d.posted, g.Name); len(rows) > 0 {
			g.Values = nil
			for _, row := range rows {
				values := make([]string, len(g.Columns))
				for j, c := range g.Columns {
					values[j] = row[c.Name]
				}
				g.Values = append(g.Values, values)
			}
		}
	}
	for _, p := range d.wrong {
		if p.Field == g.Name {
			g.Error = p.Text
		}
	}
	return field{Kind: gridField, Grid: &g}
}

// checked is a table whose cells say what the check has found at them, and conditions in words.
func (s *Studio) checked(r *frame.Request, d *desk, g gridView) field {
	for i, row := range g.Values {
		errs, notes := make([]string, len(g.Columns)), make([]string, len(g.Columns))
		for j, c := range g.Columns {
			if c.Path == "" || j >= len(row) || d.posted != nil {
				continue
			}
			at := fmt.Sprintf(c.Path, i)
			if errs[j] = s.wrongAt(r, d, "", at); errs[j] == "" && c.Condition {
				notes[j] = s.sentence(r, d, "", row[j], at)
			}
		}
		g.Errors, g.Notes = append(g.Errors, errs), append(g.Notes, notes)
	}
	return d.grid(g)
}

// maxGrid is how many rows are read of a table.
const maxGrid = 200

// gridRows reads the rows of a table that are not empty, by column.
func gridRows(posted url.Values, name string) []map[string]string {
	byRow := map[int]map[string]string{}
	most := -1
	for key := range posted {
		var i int
		var column string
		if n, _ := fmt.Sscanf(key, name+".%d.%s", &i, &column); n != 2 || i < 0 || i >= maxGrid {
			continue
		}
		if byRow[i] == nil {
			byRow[i] = map[string]string{}
		}
		byRow[i][column] = trimmed(posted, key)
		most = max(most, i)
	}
	var out []map[string]string
	for i := range most + 1 {
		for _, v := range byRow[i] {
			if v != "" {
				out = append(out, byRow[i])
				break
			}
		}
	}
	return out
}
