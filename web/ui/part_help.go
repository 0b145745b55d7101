package ui

import (
	"context"
	"strconv"

	"github.com/a-h/templ"
)

// ConfirmActView asks before something is taken away.
type ConfirmActView struct {
	Title, Text, Action, Submit string
	Cancel                      Link
	Hidden                      [][2]string
}

func currentStep(current bool) templ.Attributes {
	if current {
		return templ.Attributes{"aria-current": "step"}
	}
	return nil
}

func (t TableView) num(i int) bool { return i < len(t.Columns) && t.Columns[i].Num }

func (t TableView) date(i int) bool { return i < len(t.Columns) && t.Columns[i].Date }

func (t TableView) label(i int) string {
	if i < len(t.Columns) {
		return t.Columns[i].Label
	}
	return ""
}

// tableBox lets keyboards scroll a table that is wider than its box.
func tableBox(t TableView) templ.Attributes {
	a := templ.Attributes{}
	if t.ID != "" {
		a["id"] = t.ID
	}
	if !t.Stack {
		a["tabindex"], a["role"], a["aria-label"] = "0", "region", t.Caption
	}
	return a
}

// number is how many there are, with a plus where it was counted no further.
func (c Chip) number(ctx context.Context) string {
	if c.Over {
		return Number(ctx, *c.Count) + "+"
	}
	return Number(ctx, *c.Count)
}

// width is how many columns the table has, the one of checkboxes too.
func (t TableView) width() string {
	n := len(t.Columns)
	if t.Selectable {
		n++
	}
	return strconv.Itoa(n)
}

// begins reports whether a group of rows begins with row i.
func (t TableView) begins(i int) bool {
	return t.Rows[i].Group != "" && (i == 0 || t.Rows[i-1].Group != t.Rows[i].Group)
}
