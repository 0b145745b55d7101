package studio

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/studio/condition"
	"digit/web/ui"
)

// deskView is a page of a draft.
type deskView struct {
	look
	Site           ui.Site
	Notice         *ui.NoticeView
	Caption, Home  string // what the service is called, and the draft's first page
	Draft, Here    string
	Spot           string // the page of the form that is open
	Rev            int
	Undo, Redo     string // what would be undone and redone; "" for nothing
	Back           string // this page's address, to come back to
	Present        []string
	Problems       []problemLine
	Errors, Gaps   int
	Wrong          []ui.Problem
	Stale          *staleView
	ReadOnly, Wide bool
}

type problemLine struct {
	Text, Where, Href string
	Warning           bool
}

type staleView struct {
	Who     string
	Changes []changeView
}

type changeView struct {
	What            string
	Kind            ui.Kind
	Where, Old, New string
}

// plainView is a page of the Studio around drafts: lists, and forms that begin something.
type plainView struct {
	Site        ui.Site
	Title, Lead string
	Caption     string
	Back        *ui.Link
	Notice      *ui.NoticeView
	Tag         *ui.TagView
	Notes       []ui.NoticeView
	Facts       []ui.Fact
	Actions     []ui.ButtonView
	Search      *ui.SearchView
	Chips       []ui.Chip
	Cards       []ui.CardView
	Table       *ui.TableView
	Pager       ui.Pager
	Form        *formView
	Confirm     *ui.ConfirmActView
	Sections    []section
	After       templ.Component
}

// section is a part of a page below its own heading.
type section struct {
	Title, Text string
	Table       *ui.TableView
	Form        *formView
	Actions     []ui.ButtonView
	Body        templ.Component
}

// fieldKind says with which component a field is shown.
type fieldKind int

const (
	textField fieldKind = iota
	longField
	selectField
	radioField
	boxField   // one box with its own label; Value is "yes" where ticked
	boxesField // any number of options
	fileField
	dateField
	ruleField    // a rule of the service language
	headingField // no field: a heading between them
	foldField    // no field: Fold holds others, folded away
	gridField    // a table of inputs
	factsField   // no field: Facts folded away, to look up
	optionsField // the answers to choose from
	linkField    // no field: Value, which is changed on a page of its own at Link
)

// field is one input of a form. Fold are the fields of a foldField.
type field struct {
	ui.Field
	Kind    fieldKind
	Ticked  bool
	Fold    []field
	Open    bool
	Subject ruleSubject
	Grid    *gridView
	Facts   []ui.Fact
	Rule    *condition.Field       // a condition; nil for other rules
	Names   []servicespec.Variable // what another rule may look at
	// NamesLabel is what people call a name.
	NamesLabel func(name string) string
	Answers    optionsView
	Link       ui.Link
}

// ruleSubject is what a rule field is about, for the tools that write rules: which rule of which thing.
type ruleSubject struct {
	Draft string
	Path  []string // by codes, as servicespec.Change has them, and the name of the rule at the end: when, required, valid
	Row   string   // the group in whose rows it is evaluated, "" for none
	Want  string   // bool, amount, date…: what it must yield
}

// formView is a form of fields of several kinds.
type formView struct {
	ui.FormPage
	Fields []field
	Auto   bool // saved as soon as something changes, where the page has script
}

// wrong notes what is wrong with fields, by their names.
func (f *formView) wrong(problems []ui.Problem) {
	f.Problems = append(f.Problems, problems...)
	var mark func(list []field)
	mark = func(list []field) {
		for i := range list {
			for _, p := range problems {
				if list[i].Name != "" && (list[i].Name == p.Field || strings.HasPrefix(list[i].Name, p.Field+".")) && list[i].Error == "" {
					list[i].Error = p.Text
				}
			}
			mark(list[i].Fold)
		}
	}
	mark(f.Fields)
}

// input is a line of text. Its words are "studio.field." + name up to the first dot.
func input(r *frame.Request, name, value string, change ...func(*field)) field {
	key, _, _ := strings.Cut(name, ".")
	f := field{Field: ui.Field{Name: name, Label: r.T("studio.field." + key), Value: value}}
	for _, c := range change {
		c(&f)
	}
	return f
}

func optional(f *field) { f.Optional = true }
func code(f *field)     { f.Code, f.NoSpellcheck, f.Width = true, true, "20" }
func long(f *field)     { f.Kind, f.Rows = longField, 3 }

func digits(f *field) { f.InputMode, f.Width = "numeric", "10" }

func hint(text string) func(*field) { return func(f *field) { f.Hint = text } }

func label(text string) func(*field) { return func(f *field) { f.Label = text } }

func wrongText(text string) func(*field) { return func(f *field) { f.Error = text } }

func options(kind fieldKind, list []ui.Option) func(*field) {
	return func(f *field) { f.Kind, f.Options = kind, list }
}

// box is a single box with its label.
func box(r *frame.Request, name string, ticked bool, change ...func(*field)) field {
	f := input(r, name, "yes", change...)
	f.Kind, f.Ticked = boxField, ticked
	return f
}

// choose makes options of values, whose words are prefix + value in the catalogue.
func choose(r *frame.Request, prefix, chosen string, values ...string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: r.T(prefix + v), Checked: v == chosen})
	}
	return out
}

// text asks for a text in the language of the agency; the other languages of the service are folded behind it.
func (s *Studio) text(r *frame.Request, d *desk, name string, t i18n.Text, path string, change ...func(*field)) []field {
	var out, others []field
	missing := 0
	for i, lang := range d.Pack.Languages {
		f := input(r, name+"."+lang, d.value(name+"."+lang, t[lang]), change...)
		f.Attrs = map[string]any{"lang": lang, "dir": i18n.Dir(lang)}
		if i == 0 {
			if len(d.Pack.Languages) > 1 {
				f.Label += " (" + s.language(lang) + ")"
			}
			f.Error = s.wrongAt(r, d, f.Name, path)
			out = append(out, f)
			continue
		}
		f.Label, f.Hint, f.Optional = f.Label+" ("+s.language(lang)+")", "", true
		if f.Value == "" && t[d.lang()] != "" {
			missing++
		}
		others = append(others, f)
	}
	if len(others) > 0 {
		fold := field{Kind: foldField, Fold: others}
		fold.Label = r.T("studio.languages.fold", "n", len(others), "missing", missing)
		if missing == 0 {
			fold.Label = r.T("studio.languages.fold.done", "n", len(others))
		}
		out = append(out, fold)
	}
	return out
}

// language is a language's name in itself.
func (s *Studio) language(code string) string {
	for _, l := range s.deps.Texts.Languages() {
		if l.Code == code {
			return l.Name
		}
	}
	return code
}

// textOf reads what text asked for; languages that were not asked for stay as they are.
func textOf(posted url.Values, name string, t i18n.Text) i18n.Text {
	out := i18n.Text{}
	for lang, words := range t {
		out[lang] = words
	}
	for key, values := range posted {
		lang, ok := strings.CutPrefix(key, name+".")
		if !ok || strings.Contains(lang, ".") || len(values) == 0 {
			continue
		}
		if out[lang] = strings.TrimSpace(strings.ReplaceAll(values[0], "\r\n", "\n")); out[lang] == "" {
			delete(out, lang)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// trimmed is a posted value without the spaces around it.
func trimmed(posted url.Values, name string) string {
	return strings.TrimSpace(strings.ReplaceAll(posted.Get(name), "\r\n", "\n"))
}

// words reads a line of words with commas between them.
func words(text string) (out []string) {
	for _, w := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == '،' || c == '\n' }) {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// view begins a page around drafts.
func view(r *frame.Request, title string) plainView {
	return plainView{Site: r.Site(frame.Studio), Title: title, Notice: r.Done()}
}

func (v plainView) back(href, label string) plainView {
	v.Back = &ui.Link{Href: href, Label: label}
	return v
}

// problems is how many problems the page's form has.
func (v plainView) problems() int {
	if v.Form == nil {
		return 0
	}
	return len(v.Form.Problems)
}

// revField names the revision that a form was made of.
func revField(d *desk) [2]string { return [2]string{"rev", strconv.Itoa(d.Head)} }

// form begins a form that changes the part that is open.
func (d *desk) form(r *frame.Request, more string) formView {
	f := formView{FormPage: ui.FormPage{Action: d.here(more), Submit: r.T("studio.save"), Hidden: [][2]string{revField(d)}}}
	return f
}
