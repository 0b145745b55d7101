package form

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// inline reports whether the rows of a group are asked on the page itself. In a correction that opens some answers of
// rows each row has its own page.
func (v View) inline(q servicespec.QuestionView) bool {
	return (q.AsTable() || v.Whole != nil && typedRows(q)) && !v.locked(q.Code)
}

// typedRows reports whether rows of a group can be typed in: without files, which go to a row that is there.
func typedRows(q servicespec.QuestionView) bool {
	return !slices.ContainsFunc(q.Fields, func(f servicespec.Question) bool {
		return f.Kind == servicespec.KindFile || f.Kind == servicespec.KindDocument || f.Kind == servicespec.KindSignature
	})
}

// rows returns a group whose rows have a page each: what is there, and what can be done to it.
func (v View) rows(ctx context.Context, i item) ui.RowsView {
	r := ui.RowsView{Field: v.field(ctx, i), None: ui.T(ctx, "form.rows.none")}
	open := !v.locked(i.Code)
	for _, row := range i.Rows {
		at := i.name + "." + strconv.Itoa(row.Index)
		title := v.rowTitle(ctx, row)
		item := ui.RowItem{ID: at, Title: title}
		if open || v.touched(at) {
			item.Change = v.rowButton(Change, at, ui.T(ctx, "ui.change"), title)
		}
		if open {
			item.Remove = v.rowButton(Remove, at, ui.T(ctx, "ui.file.remove"), title)
		}
		if !row.Complete {
			item.Status = &ui.TagView{Text: ui.T(ctx, "form.rows.incomplete"), Kind: ui.Warning}
		}
		r.Rows = append(r.Rows, item)
	}
	if open && len(i.Rows) < i.MaxRows() {
		label := ui.T(ctx, "form.rows.add_first")
		if len(i.Rows) > 0 {
			label = ui.T(ctx, "form.rows.add")
		}
		r.Add = &ui.ButtonView{Label: label, Name: Add, Value: i.name, Variant: "secondary", Icon: "plus"}
	}
	return r
}

func (v View) rowButton(act, at, label, title string) *ui.ButtonView {
	return &ui.ButtonView{Label: label, Hidden: " " + title, Name: act, Value: at, Variant: "link"}
}

// rowTitle names a row: by its answers where they say something, by its number otherwise.
func (v View) rowTitle(ctx context.Context, row servicespec.RowView) string {
	if t := row.Title(v.Lang, v.Words); t != "" {
		return t
	}
	return ui.T(ctx, "form.rows.number", "n", row.Index+1)
}

// table returns a group whose rows are asked on the page: those that are there, those that must be, and those wanted.
func (v View) table(ctx context.Context, i item) ui.RowFormsView {
	r := ui.RowFormsView{Field: v.field(ctx, i)}
	posted := v.Posted
	there := len(i.Rows)
	if posted != nil {
		posted, there = gathered(i.name, posted)
	}
	n := min(max(there, i.MinRows(), 1)+v.Extra[i.name], i.MaxRows())
	for row := range n {
		questions := i.Blank.Questions
		if row < len(i.Rows) {
			questions = i.Rows[row].Questions
		}
		at := i.name + "." + strconv.Itoa(row)
		in := v
		in.Prefix, in.Posted = at+".", posted
		form := ui.RowForm{Legend: ui.T(ctx, "form.rows.number", "n", row+1), Body: cells(in, questions, v.Extra[i.name] > 0 && row == n-1)}
		if n > 1 {
			b := v.rowButton(Remove, at, ui.T(ctx, "form.rows.remove"), form.Legend)
			b.Variant, b.Small, b.Icon, b.Attrs = "tertiary", true, "trash-2", v.live(Remove, at)
			form.Remove = b
		}
		r.Rows = append(r.Rows, form)
	}
	if n < i.MaxRows() {
		r.Add = &ui.ButtonView{
			Label: ui.T(ctx, "form.rows.add"), Name: Add, Value: i.name, Variant: "secondary", Icon: "plus", Attrs: v.live(Add, i.name),
		}
	}
	return r
}

// gathered moves the posted rows of a group together, as reading them does: rows in which nothing was typed are not there.
func gathered(group string, posted url.Values) (out url.Values, rows int) {
	byRow := map[int]url.Values{}
	for name, values := range posted {
		rest, ok := strings.CutPrefix(name, group+".")
		number, part, inRow := strings.Cut(rest, ".")
		row, err := strconv.Atoi(number)
		if !ok || !inRow || err != nil || row < 0 {
			continue
		}
		if byRow[row] == nil {
			byRow[row] = url.Values{}
		}
		byRow[row][part] = values
	}
	out = maps.Clone(posted)
	for row := range byRow {
		DropRow(out, group, row)
	}
	for _, row := range slices.Sorted(maps.Keys(byRow)) {
		if !slices.ContainsFunc(slices.Collect(maps.Values(byRow[row])), typed) {
			continue
		}
		for part, values := range byRow[row] {
			out[group+"."+strconv.Itoa(rows)+"."+part] = values
		}
		rows++
	}
	return out, rows
}

func typed(values []string) bool {
	return slices.ContainsFunc(values, func(s string) bool { return strings.TrimSpace(s) != "" })
}

// cell is a question inside a row of a table: choices are lists there, since buttons take too much room.
func (v View) cell(ctx context.Context, q servicespec.QuestionView) (item, ui.Field) {
	i := v.item(q)
	i.cell = true
	f := v.field(ctx, i)
	f.Heading, f.Inline = false, false
	if q.Kind == servicespec.KindYesNo {
		f = yesNo(f, ui.T(ctx, "answer.yes"), ui.T(ctx, "answer.no"))
	}
	return i, f
}

// focused puts the reader into the row that was just added.
func focused(f ui.Field, first bool) ui.Field {
	if first {
		f.Attrs = map[string]any{"autofocus": true}
	}
	return f
}
