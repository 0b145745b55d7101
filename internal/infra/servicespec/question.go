package servicespec

import (
	"regexp"

	"digit/internal/infra/platform/fault"
)

// page is a compiled page.
type page struct {
	Page
	when      *use
	questions []*question
}

// question is a compiled question, of a page, of a group, or of an action.
type question struct {
	Question
	when, required, valid *use // nil: always, always, anything
	value                 *use // computed
	optional              bool
	offers                []*use // options, each with its condition; nil where all are offered always
	pattern               *regexp.Regexp
	ofName                string          // under which rules see the answer that a choice depends on
	suffixes              map[string]bool // of the names under which rules see the answer
	rows                  *group          // group
	doc                   *Document       // document
	needed                *use            // document: is it needed?
}

// group is a compiled repeating group.
type group struct {
	of     *question
	fields []*question
	byCode map[string]*question
}

// field returns the question of that code in a row; nil if there is none.
func (g *group) field(code string) *question {
	if g == nil {
		return nil
	}
	return g.byCode[code]
}

// maxRows is the most rows that a group can have.
const maxRows = 200

func (q *question) fault(code string, pairs ...any) *fault.Field {
	args := map[string]any{"question": q.Label}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return &fault.Field{Path: q.Code, Code: code, Args: args}
}

// countRows checks how many rows a group has.
func (q *question) countRows(n int, required bool) *fault.Field {
	least, most := 0, maxRows
	if q.Min != nil {
		least = int(*q.Min)
	}
	if q.Max != nil {
		most = min(most, int(*q.Max))
	}
	if required {
		least = max(least, 1)
	}
	switch {
	case n == 0 && required:
		return q.fault("required")
	case n > 0 && n < least:
		return q.fault("too_few_rows", "min", least, "n", n)
	case n > most:
		return q.fault("too_many_rows", "max", most, "n", n)
	}
	return nil
}

// MaxRows returns the most rows that the group takes.
func (q *Question) MaxRows() int {
	if q.Max != nil {
		return min(maxRows, int(*q.Max))
	}
	return maxRows
}

// MinRows returns the least number of rows that the group takes where it has any.
func (q *Question) MinRows() int {
	if q.Min != nil {
		return int(*q.Min)
	}
	return 0
}

// tableFields is up to how many short questions of a row stand side by side in a table.
const tableFields = 4

// AsTable reports whether the rows of a group are asked side by side on the page, and not one by one.
func (q *Question) AsTable() bool {
	if q.Layout != "" {
		return q.Layout == LayoutTable
	}
	asked := 0
	for i := range q.Fields {
		f := &q.Fields[i]
		switch f.Kind {
		case KindText, KindName, KindNumber, KindMoney, KindChoice, KindYesNo, KindMonth, KindTime:
			if f.When != "" || len(f.Parts) > 0 {
				return false
			}
		case KindComputed:
		default:
			return false
		}
		asked++
	}
	return asked <= tableFields
}

// The layouts of a group.
const (
	LayoutPages = "pages"
	LayoutTable = "table"
)
