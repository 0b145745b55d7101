package form

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// Reader writes answers for one reader: rows as a table, documents with their files, drawings as files to open.
type Reader struct {
	Lang  string
	Words servicespec.Words
	// File returns where a file of an answer is opened, and what there is to say about it; place is where it belongs. Credential returns where a
	// credential that was shown as a proof can be verified, "" for nowhere. Either may be nil.
	File       func(place string, f servicespec.File) ui.FileItem
	Credential func(id string) string
}

func (v View) reader() Reader {
	r := Reader{Lang: v.Lang, Words: v.Words}
	if v.File != nil {
		r.File = func(place string, f servicespec.File) ui.FileItem {
			item := v.File(place, f)
			item.RemoveHref = ""
			return item
		}
	}
	return r
}

// Fact returns a question with its answer. What is no question (words to read) has none.
func (r Reader) Fact(ctx context.Context, q servicespec.QuestionView) ui.Fact {
	return r.fact(ctx, q, q.Code)
}

func (r Reader) fact(ctx context.Context, q servicespec.QuestionView, path string) ui.Fact {
	f := ui.Fact{Key: q.Text(q.Label, r.Lang, r.Words)}
	if q.Concealed {
		f.Body = hiddenAnswer()
		return f
	}
	switch v := q.Value.(type) {
	case servicespec.Rows:
		if len(q.Rows) > 0 {
			f.Body = r.rows(ctx, q, path)
		}
	case []servicespec.File:
		f.Body = r.files(path, v)
	case servicespec.Evidence:
		f.Body = r.evidence(ctx, q, path, v)
	case servicespec.Signature:
		f.Value = servicespec.Display(q.Question, v, r.Lang, r.Words)
		if v.Drawing != nil {
			drawn := *v.Drawing
			drawn.Name = ui.T(ctx, "form.sign.drawing")
			f.Body = withFiles(f.Value, r.items(path+drawing, []servicespec.File{drawn}))
		}
	default:
		f.Value = servicespec.Display(q.Question, q.Value, r.Lang, r.Words)
	}
	return f
}

// Said reports whether a question has an answer to show: not words to read, nor a calculation that came to nothing.
func Said(q servicespec.QuestionView) bool {
	return q.Kind != servicespec.KindInfo && (q.Kind != servicespec.KindComputed || q.Value != nil)
}

func (r Reader) items(place string, files []servicespec.File) []ui.FileItem {
	out := make([]ui.FileItem, len(files))
	for i, f := range files {
		if r.File != nil {
			out[i] = r.File(place, f)
		}
		out[i].Name, out[i].Size = f.Name, Size(f.Size)
	}
	return out
}

func (r Reader) files(place string, files []servicespec.File) templ.Component {
	if len(files) == 0 {
		return nil
	}
	return withFiles("", r.items(place, files))
}

// evidence says which proof was given, with its files or a way to verify it.
func (r Reader) evidence(ctx context.Context, q servicespec.QuestionView, path string, e servicespec.Evidence) templ.Component {
	name := e.Proof
	if q.Document != nil {
		for _, p := range q.Document.Proofs {
			if p.Code == e.Proof {
				name = r.Words.In(p.Name, r.Lang)
			}
		}
		if len(q.Document.Proofs) == 1 && len(e.Files) > 0 { // there is nothing to tell it from
			name = ""
		}
	}
	if e.Credential == "" {
		return withFiles(name, r.items(path+"."+e.Proof, e.Files))
	}
	href := ""
	if r.Credential != nil {
		href = r.Credential(e.Credential)
	}
	return withLink(name, ui.T(ctx, "form.proof.verify"), href)
}

// tableColumns is up to how many answers of a row stand side by side.
const tableColumns = 5

// rows shows the rows of a group: as a table where the same few things are asked of each, one by one otherwise.
func (r Reader) rows(ctx context.Context, q servicespec.QuestionView, path string) templ.Component {
	if columns, ok := r.columns(q); ok {
		return ui.Table(r.table(ctx, q, columns, path))
	}
	var rows []rowAnswers
	for _, row := range q.Rows {
		title := row.Title(r.Lang, r.Words)
		if title == "" {
			title = ui.T(ctx, "form.rows.number", "n", row.Index+1)
		}
		answers := rowAnswers{Title: title}
		for _, field := range row.Questions {
			if Said(field) {
				answers.Facts = append(answers.Facts, r.fact(ctx, field, path+"."+strconv.Itoa(row.Index)+"."+field.Code))
			}
		}
		rows = append(rows, answers)
	}
	return rowLists(rows)
}

type rowAnswers struct {
	Title string
	Facts []ui.Fact
}

// columns returns the questions of a group that fit a table: few, with short answers, whose labels speak of no row.
func (r Reader) columns(q servicespec.QuestionView) ([]*servicespec.Question, bool) {
	var out []*servicespec.Question
	for i := range q.Fields {
		f := &q.Fields[i]
		switch f.Kind {
		case servicespec.KindInfo:
			continue
		case servicespec.KindComputed:
			if f.Hidden {
				continue
			}
		case servicespec.KindLongText, servicespec.KindAddress, servicespec.KindFile, servicespec.KindDeclaration, servicespec.KindSignature:
			return nil, false
		}
		if strings.Contains(f.Label.In(r.Lang, r.Words.Fallback), "{") {
			return nil, false
		}
		out = append(out, f)
	}
	return out, len(out) <= tableColumns
}

func (r Reader) table(ctx context.Context, q servicespec.QuestionView, columns []*servicespec.Question, path string) ui.TableView {
	t := ui.TableView{Caption: q.Text(q.Label, r.Lang, r.Words), HideCaption: true, Stack: true}
	for _, c := range columns {
		t.Columns = append(t.Columns, ui.Column{Label: r.Words.In(c.Label, r.Lang), Num: c.Kind == servicespec.KindNumber || c.Kind == servicespec.KindMoney})
	}
	for _, row := range q.Rows {
		var cells []ui.Cell
		for _, c := range columns {
			cell := ui.Cell{Text: "–"}
			if i := slices.IndexFunc(row.Questions, func(f servicespec.QuestionView) bool { return f.Code == c.Code }); i >= 0 {
				f := r.fact(ctx, row.Questions[i], path+"."+strconv.Itoa(row.Index)+"."+c.Code)
				if cell.Body = f.Body; f.Body == nil && f.Value != "" {
					cell.Text = f.Value
				}
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, ui.Row{Cells: cells})
	}
	return t
}
