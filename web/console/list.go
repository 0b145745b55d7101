package console

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// list is a list of rows of one kind: how a page of them is fetched and how one is shown. Its filters are in the
// address, so that the same list is a page and a file.
type list[T any] struct {
	name    string   // of the file
	columns []string // see columns
	empty   *ui.EmptyView
	fetch   func(ctx context.Context, tx *pg.Tx, p page.Request) (page.Page[T], error)
	cells   func(T) []ui.Cell
	// orders sort a list that comes whole, by the column whose name they have. What is paged by key has the order of its
	// key.
	orders map[string]func(a, b T) int
}

// exportMost is how many rows a file takes; who needs more narrows the filter.
const exportMost = 10000

// serve answers with the page, or with the file where the address asks for it.
func (l list[T]) serve(r *frame.Request, v pageView) error {
	if r.Query("format") == "csv" {
		return l.export(r)
	}
	var found page.Page[T]
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		found, err = l.fetch(ctx, tx, r.Paging())
		return err
	})
	if err != nil {
		return err
	}
	l.sort(r, found.Rows)
	v.Table = l.table(r, v.Title, found.Rows)
	v.Pager = r.Pager(found.Next)
	if len(found.Rows) > 0 {
		v.Actions = append(v.Actions, ui.ButtonView{
			Label: r.T("console.export"), Href: r.With("format", "csv"), Icon: "download", Variant: "tertiary",
		})
	}
	return r.HTML(consolePage(v))
}

// sort puts rows into the order that the address asks for: a column's name, with a minus in front from the end.
func (l list[T]) sort(r *frame.Request, rows []T) {
	by, backwards := strings.CutPrefix(r.Query("sort"), "-")
	compare := l.orders[by]
	if compare == nil {
		return
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		if backwards {
			return compare(b, a)
		}
		return compare(a, b)
	})
}

// heads are the columns' heads; those that can sort are links, which turn the order round where it is theirs.
func (l list[T]) heads(r *frame.Request) []ui.Column {
	heads := columns(r, l.columns...)
	for i, name := range l.columns {
		name = strings.TrimSuffix(name, "#")
		if l.orders[name] == nil {
			continue
		}
		heads[i].SortHref = r.With("sort", name)
		switch r.Query("sort") {
		case name:
			heads[i].Sorted, heads[i].SortHref = "ascending", r.With("sort", "-"+name)
		case "-" + name:
			heads[i].Sorted = "descending"
		}
	}
	return heads
}

// words compares by a text, as people look for it.
func words[T any](of func(T) string) func(a, b T) int {
	return func(a, b T) int { return strings.Compare(strings.ToLower(of(a)), strings.ToLower(of(b))) }
}

func (l list[T]) table(r *frame.Request, caption string, rows []T) *ui.TableView {
	t := &ui.TableView{Caption: caption, HideCaption: true, Columns: l.heads(r), Empty: l.empty, Stack: true}
	for _, row := range rows {
		t.Rows = append(t.Rows, ui.Row{Cells: l.cells(row)})
	}
	return t
}

// export writes the list as CSV (RFC 4180), with the byte order mark by which spreadsheets know UTF-8.
func (l list[T]) export(r *frame.Request) error {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	var head []string
	for _, c := range columns(r, l.columns...) {
		head = append(head, c.Label)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	next, n := page.Request{Size: 100}, 0
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		for {
			found, err := l.fetch(ctx, tx, next)
			if err != nil {
				return err
			}
			l.sort(r, found.Rows)
			for _, row := range found.Rows {
				if err := w.Write(line(l.cells(row))); err != nil {
					return err
				}
			}
			n += len(found.Rows)
			if found.Next == "" || n >= exportMost {
				return nil
			}
			next.After = found.Next
		}
	})
	if err != nil {
		return err
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return r.File(l.name+".csv", "text/csv; charset=utf-8", false, out.Bytes())
}

func line(cells []ui.Cell) (out []string) {
	for _, c := range cells {
		text := c.Text
		if c.Tag != nil {
			text = c.Tag.Text
		}
		if c.Sub != "" {
			text += " " + c.Sub
		}
		out = append(out, harmless(text))
	}
	return out
}

// harmless keeps a spreadsheet from taking words for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// all gives a list that comes whole the shape of one page.
func all[T any](rows []T, err error) (page.Page[T], error) { return page.Page[T]{Rows: rows}, err }
