package servicespec

import (
	"fmt"
	"maps"
	"slices"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/rule"
)

// group goes through the rows of a group.
func (w *walked) group(q *question, v any, required bool, out viewed) viewed {
	rows, isRows := v.(Rows)
	g := q.rows
	delete(w.rows, q.Code)
	w.unset(q, q.Code)
	wrong := func(bad *fault.Field) {
		w.fields = append(w.fields, *w.told(bad, out.says))
		out.wrong = true
	}
	if !isRows && !empty(v) {
		wrong(q.fault("not_rows"))
		return out
	}
	if bad := q.countRows(len(rows), required); bad != nil {
		wrong(bad)
	}
	before := len(w.fields)
	counted := min(len(rows), maxRows)
	kept, right := make(Rows, 0, counted), make(Rows, 0, counted)
	for i, row := range rows[:counted] {
		view, answers, valid := w.row(g, i, row, out.says)
		kept, right = append(kept, answers), append(right, valid)
		if w.views {
			out.Rows = append(out.Rows, view)
		}
	}
	out.wrong = out.wrong || len(w.fields) > before
	if len(kept) > 0 {
		w.answer[q.Code] = kept
	}
	w.right[q.Code] = right
	w.knowRows(q, right)
	if w.views {
		out.Blank = w.blank(g, len(rows), out.says)
	}
	if !out.wrong && len(kept) > 0 && q.valid != nil && w.refuted(q.valid) {
		wrong(q.fault("custom", "message", q.Message))
		delete(w.rows, q.Code)
		w.unset(q, q.Code)
	}
	return out
}

// blank is a row that nobody has answered yet.
func (w *walked) blank(g *group, i int, says *sayings) RowView {
	before := len(w.fields)
	view, _, _ := w.row(g, i, nil, says)
	w.fields = w.fields[:before]
	return view
}

// knowRows makes the rows of a group known to the rules that follow.
func (sc *scope) knowRows(q *question, rows Rows) {
	if len(rows) == 0 {
		return
	}
	values := make([]rule.Row, len(rows))
	for i, row := range rows {
		values[i] = q.rows.rowValue(row, sc)
	}
	sc.vars[q.Code], sc.rows[q.Code] = values, rows
	sc.forget(q.Code)
}

// row goes through one row: its rules see what was answered before the group, and what stands before them in the row. It
// returns what was answered of what is asked, and the right ones of these.
func (w *walked) row(g *group, i int, row Answers, outer *sayings) (_ RowView, kept, right Answers) {
	kept, right = Answers{}, Answers{}
	says := &sayings{w: w, group: g, row: kept, outer: outer}
	view := RowView{Index: i, Complete: true, says: says, of: &g.of.Question}
	known := map[string]bool{}
	for _, q := range g.fields {
		known[q.Code] = true
		if !w.holds(q.when) {
			w.unsetField(g, q)
			continue
		}
		fv := w.field(g, q, i, row[q.Code], kept, says)
		view.Complete = view.Complete && !fv.wrong
		if v, ok := kept[q.Code]; ok && !fv.wrong {
			right[q.Code] = v
		}
		if w.views && !(q.Kind == KindComputed && q.Hidden) {
			view.Questions = append(view.Questions, fv.QuestionView)
		}
	}
	for _, q := range g.fields {
		w.unsetField(g, q)
	}
	for _, code := range slices.Sorted(maps.Keys(row)) {
		if !known[code] && row[code] != nil {
			w.fields = append(w.fields, fault.Field{Path: fieldPath(g.of.Code, i, code), Code: "unknown_field"})
			view.Complete = false
		}
	}
	return view, kept, right
}

// field judges the answer to a question of a row.
func (w *walked) field(g *group, q *question, i int, v any, kept Answers, says *sayings) viewed {
	out := viewed{QuestionView: QuestionView{Question: &q.Question, says: says}}
	switch q.Kind {
	case KindInfo:
		return out
	case KindComputed:
		out.Value = w.compute(q, rowName+q.Code)
		w.alias(g, q)
		if out.Value != nil {
			kept[q.Code] = out.Value
		}
		return out
	}
	required := w.required(q)
	out.Optional, out.Value = !required, v
	if w.views {
		out.Options = w.offered(q)
	}
	if !empty(v) {
		kept[q.Code] = v
	}
	if bad := w.judge(q, rowName+q.Code, v, required); bad != nil {
		bad.Path = fieldPath(g.of.Code, i, q.Code)
		w.fields = append(w.fields, *w.told(bad, says))
		out.wrong = true
	}
	w.alias(g, q)
	return out
}

// rowName is what the answers of a row are called inside it, beside the group's own name for a row.
const rowName = "row."

func fieldPath(group string, row int, field string) string {
	return fmt.Sprintf("%s.%d.%s", group, row, field)
}

// alias gives an answer of a row its second name.
func (sc *scope) alias(g *group, q *question) {
	if g.of.Row == "" {
		return
	}
	for suffix := range q.suffixes {
		second := g.of.Row + "." + q.Code + suffix
		if v, ok := sc.vars[rowName+q.Code+suffix]; ok {
			sc.vars[second] = v
		} else {
			delete(sc.vars, second)
		}
		sc.forget(second)
	}
}

func (sc *scope) unsetField(g *group, q *question) {
	sc.unset(q, rowName+q.Code)
	if g.of.Row != "" {
		sc.unset(q, g.of.Row+"."+q.Code)
	}
}
