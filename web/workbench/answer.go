package workbench

import (
	"slices"
	"strconv"

	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// words write answers for the officer.
func (c opened) words(r *frame.Request) servicespec.Words {
	return servicespec.Words{
		T:        func(key string) string { return r.T(key) },
		Boundary: func(code string) string { return c.areas.name(r, code) },
		RefData: func(list, code string) string {
			for _, known := range c.codes[list] {
				if known.Code == code {
					return r.Text(known.Name)
				}
			}
			return code
		},
		Currency: r.Settings.Currency, Fallback: c.Spec.Pack().Languages[0],
	}
}

// display writes an answer for the officer in words alone.
func (c opened) display(r *frame.Request, q *servicespec.Question, v any) string {
	return servicespec.Display(q, v, r.Lang, c.words(r))
}

// reader writes answers for the officer with what can be opened: files, and credentials that were shown as proofs.
func (c opened) reader(r *frame.Request) form.Reader {
	return form.Reader{
		Lang: r.Lang, Words: c.words(r),
		File: func(_ string, f servicespec.File) ui.FileItem {
			return ui.FileItem{Href: casePath(c.Application.ID) + "/files/" + f.ID.String(), Status: form.ScanTag(r.Context(), c.scans[f.ID])}
		},
		Credential: func(id string) string { return c.proofs[id] },
	}
}

// sections are the answers page by page, as the citizen was asked.
func sections(r *frame.Request, c opened) []section {
	var list []section
	reader := c.reader(r)
	for _, p := range c.Pages {
		s := section{Title: p.Text(p.Title, r.Lang, c.words(r))}
		for _, q := range p.Questions {
			if slices.Contains(c.Application.Hidden, q.Code) {
				s.Facts = append(s.Facts, hidden(r, c, q))
				continue
			}
			if form.Said(q) {
				s.Facts = append(s.Facts, reader.Fact(r.Context(), q))
			}
		}
		if len(s.Facts) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// changes sets what the citizen corrected beside what was there before.
func changes(r *frame.Request, c opened) *ui.TableView {
	if len(c.Changed) == 0 {
		return nil
	}
	t := &ui.TableView{
		Caption: r.T("workbench.changes"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Label: r.T("workbench.question")}, {Label: r.T("workbench.before")}, {Label: r.T("workbench.after")}},
	}
	for _, code := range c.Changed {
		q := c.Spec.Question(code)
		if q == nil {
			continue
		}
		if slices.Contains(c.Application.Hidden, code) {
			t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: r.Text(q.Label)}, {Text: r.T("workbench.hidden")}, {Text: r.T("workbench.hidden")}}})
			continue
		}
		before, after := c.Application.Previous[code], c.Application.Answers[code]
		if q.Kind == servicespec.KindGroup {
			t.Rows = append(t.Rows, c.rowChanges(r, q, before, after)...)
			continue
		}
		t.Rows = append(t.Rows, c.changed(r, r.Text(q.Label), q, before, after))
	}
	return t
}

func (c opened) changed(r *frame.Request, label string, q *servicespec.Question, before, after any) ui.Row {
	shown := func(v any) string {
		if s := c.display(r, q, v); s != "" {
			return s
		}
		return r.T("ui.not_given")
	}
	return ui.Row{Cells: []ui.Cell{
		{Text: label}, {Text: shown(before)}, {Tag: &ui.TagView{Text: shown(after), Kind: ui.Info, Icon: "pencil"}},
	}}
}

// rowChanges tells what changed in the rows of a group, answer by answer.
func (c opened) rowChanges(r *frame.Request, q *servicespec.Question, before, after any) []ui.Row {
	was, _ := before.(servicespec.Rows)
	is, _ := after.(servicespec.Rows)
	var out []ui.Row
	for i := range max(len(was), len(is)) {
		var old, new servicespec.Answers
		if i < len(was) {
			old = was[i]
		}
		if i < len(is) {
			new = is[i]
		}
		for j := range q.Fields {
			f := &q.Fields[j]
			if !servicespec.Same(old[f.Code], new[f.Code]) {
				label := r.Text(q.Label) + " – " + r.T("form.rows.number", "n", i+1) + " – " + r.Text(f.Label)
				out = append(out, c.changed(r, label, f, old[f.Code], new[f.Code]))
			}
		}
	}
	return out
}

// mostItems bounds the list of answers that can be sent back, rows included.
const mostItems = 100

// items are the answers that the citizen can be asked to correct: questions, and those of rows.
func (c opened) items(r *frame.Request) []ui.Option {
	var out []ui.Option
	reader := c.reader(r)
	add := func(path, label string, q servicespec.QuestionView) {
		switch q.Kind {
		case servicespec.KindInfo, servicespec.KindDeclaration, servicespec.KindComputed:
			return
		}
		o := ui.Option{Value: path, Label: label}
		if f := reader.Fact(r.Context(), q); f.Body == nil {
			o.Hint = f.Value
		}
		out = append(out, o)
	}
	for _, p := range c.Pages {
		for _, q := range p.Questions {
			add(q.Code, q.Text(q.Label, r.Lang, c.words(r)), q)
			for _, row := range q.Rows {
				title := row.Title(r.Lang, c.words(r))
				if title == "" {
					title = r.T("form.rows.number", "n", row.Index+1)
				}
				for _, f := range row.Questions {
					if len(out) < mostItems {
						add(servicespec.RowPath(q.Code, row.Index, f.Code), title+" – "+f.Text(f.Label, r.Lang, c.words(r)), f)
					}
				}
			}
		}
	}
	return out
}

// itemName names what the citizen was asked to correct.
func (c opened) itemName(r *frame.Request, path string) string {
	q := c.Spec.Question(path)
	if q == nil {
		return ""
	}
	name := r.Text(q.Label)
	if group, row, _, ok := servicespec.SplitPath(path); ok {
		if g := c.Spec.Question(group); g != nil {
			name = r.Text(g.Label) + " – " + r.T("form.rows.number", "n", strconv.Itoa(row+1)) + " – " + name
		}
	}
	return name
}
