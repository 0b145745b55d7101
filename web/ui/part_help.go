package ui

import "github.com/a-h/templ"

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
