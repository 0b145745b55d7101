// Package form turns a page of a service's form into inputs, and posted values into what servicespec reads. The
// citizen's portal, the counter and the preview of a service's author share it.
package form

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/ui"
)

// View is a page of a form as one reader sees it.
type View struct {
	Page     servicespec.PageView
	Caption  string // the service's name, above the heading
	Lang     string
	Fallback string // the language of texts that are not translated
	Facts    servicespec.Facts
	// Posted holds what was typed, by field name, when the page is shown again because something was wrong; nil otherwise.
	Posted map[string][]string
	// Errors holds a sentence per question.
	Errors map[string]string
	// Editable says whether a question may be answered; nil: all.
	Editable func(question string) bool
	// Areas lists the areas of a level, and Codes a code list, as options.
	Areas func(level string) []ui.Option
	Codes func(list string) []ui.Option
	// File returns the addresses where a file of an answer is opened and removed.
	File func(question string, f servicespec.File) (href, removeHref string)
	// Display writes an answer for people, for questions that may not be answered.
	Display func(q *servicespec.Question, v any) string
}

// Multipart reports whether the page takes files.
func (v View) Multipart() bool {
	for _, q := range v.Page.Questions {
		if q.Kind == servicespec.KindFile {
			return true
		}
	}
	return false
}

// single reports whether the page asks one thing only, whose label is then the page's heading.
func (v View) single() bool {
	asked := 0
	for _, q := range v.Page.Questions {
		if q.Kind == servicespec.KindInfo || q.Kind == servicespec.KindDeclaration { // words to read need a heading above them
			return false
		}
		asked++
	}
	return asked == 1
}

func (v View) text(t i18n.Text) string { return t.In(v.Lang, v.Fallback) }

func (v View) locked(q servicespec.QuestionView) bool {
	return v.Editable != nil && q.Kind != servicespec.KindInfo && !v.Editable(q.Code)
}

// values returns what stands in the question's inputs, by name.
func (v View) values(q servicespec.QuestionView) map[string][]string {
	if v.Posted != nil {
		return v.Posted
	}
	return servicespec.Posted(q.Code, q.Question, q.Value, v.Facts)
}

// field returns the question as the design system's field.
func (v View) field(q servicespec.QuestionView) ui.Field {
	values := v.values(q)
	one := func(name string) string {
		if list := values[name]; len(list) > 0 {
			return list[0]
		}
		return ""
	}
	f := ui.Field{
		Name: q.Code, Label: v.text(q.Label), Hint: v.text(q.Hint), Error: v.Errors[q.Code], Optional: q.Optional,
		Value: one(q.Code), MaxLength: q.MaxLength, Rows: q.Lines,
	}
	if v.single() {
		f.Heading, f.Caption = true, v.Caption
	}
	switch q.Kind {
	case servicespec.KindEmail:
		f.Type, f.Autocomplete, f.NoSpellcheck = "email", "email", true
	case servicespec.KindPhone:
		f.Type, f.Autocomplete, f.Width = "tel", "tel", "20"
	case servicespec.KindNumber:
		f.InputMode, f.Width = "numeric", "10"
	case servicespec.KindMoney:
		f.InputMode, f.Width, f.Suffix = "decimal", "10", v.Facts.Currency
	case servicespec.KindName:
		if q.Prefill == "profile.name" {
			f.Autocomplete = "name"
		}
		f.NoSpellcheck = true
	case servicespec.KindDate:
		f.Day, f.Month, f.Year = one(q.Code+".day"), one(q.Code+".month"), one(q.Code+".year")
	case servicespec.KindYesNo:
		f.Inline = true
	}
	if q.Kind != servicespec.KindLongText {
		f.MaxLength = 0
	}
	f.Options = v.options(q, values[q.Code])
	return f
}

// options returns the answers to choose from, the chosen ones marked.
func (v View) options(q servicespec.QuestionView, chosen []string) []ui.Option {
	var options []ui.Option
	switch {
	case q.Kind == servicespec.KindBoundary && v.Areas != nil:
		options = v.Areas(q.Level)
	case q.RefData != "" && v.Codes != nil:
		options = v.Codes(q.RefData)
	case q.Kind == servicespec.KindChoice || q.Kind == servicespec.KindChoices:
		for _, o := range q.Options {
			options = append(options, ui.Option{Value: o.Code, Label: v.text(o.Label)})
		}
	}
	out := make([]ui.Option, len(options))
	for i, o := range options {
		for _, c := range chosen {
			o.Checked = o.Checked || c == o.Value
		}
		out[i] = o
	}
	return out
}

// upload returns a file question with the files given so far.
func (v View) upload(q servicespec.QuestionView) ui.Field {
	f := v.field(q)
	f.Multiple, f.Accept = q.MaxFiles > 1, strings.Join(q.Accept, ",")
	files, _ := q.Value.([]servicespec.File)
	for _, file := range files {
		item := ui.FileItem{Name: file.Name, Size: Size(file.Size)}
		if v.File != nil {
			item.Href, item.RemoveHref = v.File(q.Code, file)
		}
		f.Files = append(f.Files, item)
	}
	return f
}

// yesNo returns the two answers of a yes-or-no question in words.
func yesNo(f ui.Field, yes, no string) ui.Field {
	f.Options = []ui.Option{
		{Value: "yes", Label: yes, Checked: f.Value == "yes"}, {Value: "no", Label: no, Checked: f.Value == "no"},
	}
	return f
}

// Size writes a number of bytes as people do.
func Size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}

// manyOptions is from how many answers on a list is better than buttons.
const manyOptions = 8

// Questions renders the page's questions, for use inside ui.Form.
func Questions(v View) templ.Component { return questions(v) }
