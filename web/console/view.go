package console

import (
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/web/frame"
	"digit/web/ui"
)

// pageView is a page of the console. All of them are made of the same parts, in the same order, so that who knows one
// finds the way in the others; what is empty is left out.
type pageView struct {
	Site                 ui.Site
	Title, Caption, Lead string
	Back                 *ui.Link
	Notice               *ui.NoticeView
	Notes                []ui.NoticeView
	Tag                  *ui.TagView
	Tabs                 []ui.NavItem
	Tiles                []ui.TileView
	Facts                []ui.Fact
	Actions              []ui.ButtonView
	Search               *ui.SearchView
	Chips                []ui.Chip
	Table                *ui.TableView
	Pager                ui.Pager
	Filter               *formView // folded, above the table
	FilterLabel          string
	Form                 *formView
	Confirm              *ui.ConfirmActView
	Sections             []section
	Live                 string // the page's own address, where it may change while somebody looks
	Refresh              bool   // it changes now
}

// section is a part of a page below its own heading.
type section struct {
	Title, Text string
	Facts       []ui.Fact
	Tree        []ui.Node
	Table       *ui.TableView
	Pager       ui.Pager
	Actions     []ui.ButtonView
	Posts       []postView
	Form        *formView
	Shown       []field // values to be copied, outside of a form
	Pre         string  // a text of its own shape, such as JSON
	PreLabel    string
}

// postView is a button that acts at once, since what it does can be undone.
type postView struct {
	Action, Label, Hidden string
}

// formView is a form of fields of several kinds.
type formView struct {
	ui.FormPage
	Fields []field
}

// fieldKind says with which component a field is shown.
type fieldKind int

const (
	textField fieldKind = iota
	longField
	selectField
	radioField
	checkField
	fileField
	headingField // no field: a heading between them
)

type field struct {
	ui.Field
	Kind fieldKind
}

// view begins a page.
func view(r *frame.Request, title string) pageView {
	return pageView{Site: r.Site(frame.Console), Title: title, Notice: r.Done()}
}

// back is the link above the heading.
func (v pageView) back(href, label string) pageView {
	v.Back = &ui.Link{Href: href, Label: label}
	return v
}

// refused puts a refusal into the form: its fields where there are any, its sentence otherwise. It returns false for a
// failure that is not about what was typed.
func (v *pageView) refused(r *frame.Request, err error) bool {
	e := fault.Of(err)
	if e == nil || e.Kind != fault.KindInvalid && e.Kind != fault.KindConflict {
		return false
	}
	if v.Form == nil {
		return false
	}
	if len(e.Fields) == 0 {
		first := ""
		if len(v.Form.Fields) > 0 {
			first = v.Form.Fields[0].Name
		}
		v.Form.Problems = append(v.Form.Problems, ui.Problem{Field: first, Text: r.Sentence(e)})
		return true
	}
	for _, p := range r.Problems(e.Fields) {
		v.Form.problem(p)
	}
	return true
}

// problem notes what is wrong with a field, or with the first of a field's languages.
func (f *formView) problem(p ui.Problem) {
	for i := range f.Fields {
		name := f.Fields[i].Name
		if name == p.Field || strings.HasPrefix(name, p.Field+".") {
			f.Fields[i].Error = p.Text
			p.Field = name
			break
		}
	}
	f.Problems = append(f.Problems, p)
}

// wrong notes that a field is at fault.
func (f *formView) wrong(name, text string) { f.problem(ui.Problem{Field: name, Text: text}) }

// input is a line of text.
func input(r *frame.Request, name, value string, change ...func(*field)) field {
	f := field{Field: ui.Field{Name: name, Label: r.T("console.field." + name), Value: value}}
	for _, c := range change {
		c(&f)
	}
	return f
}

func optional(f *field)  { f.Optional = true }
func code(f *field)      { f.Code, f.NoSpellcheck, f.Width = true, true, "20" }
func long(f *field)      { f.Kind, f.Rows = longField, 3 }
func email(f *field)     { f.Type, f.Autocomplete = "email", "off" }
func telephone(f *field) { f.Type, f.Width, f.Autocomplete = "tel", "20", "off" }

func width(w string) func(*field) { return func(f *field) { f.Width = w } }

func readOnly(yes bool) func(*field) { return func(f *field) { f.ReadOnly = yes } }

func hint(text string) func(*field) { return func(f *field) { f.Hint = text } }

func label(text string) func(*field) { return func(f *field) { f.Label = text } }

func options(kind fieldKind, list []ui.Option) func(*field) {
	return func(f *field) { f.Kind, f.Options = kind, list }
}

// texts are the inputs of a text in each language of the tenant, the tenant's own first; only that one is asked for.
func (c *Console) texts(r *frame.Request, name string, t i18n.Text, change ...func(*field)) []field {
	var out []field
	languages := r.Settings.Languages
	for _, l := range r.Texts().Languages() {
		lang := l.Code
		if len(languages) > 0 && !contains(languages, lang) {
			continue
		}
		f := input(r, name+"."+lang, t[lang], change...)
		f.Label = r.T("console.field."+name) + " (" + l.Name + ")"
		f.Attrs = map[string]any{"lang": lang, "dir": l.Dir}
		if lang != r.Settings.DefaultLanguage {
			f.Optional = true
			out = append(out, f)
			continue
		}
		out = append([]field{f}, out...)
	}
	return out
}

// textOf reads what texts asked for; languages left empty are left out.
func textOf(posted url.Values, name string) i18n.Text {
	t := i18n.Text{}
	for key, values := range posted {
		lang, ok := strings.CutPrefix(key, name+".")
		if ok && len(values) > 0 && strings.TrimSpace(values[0]) != "" {
			t[lang] = strings.TrimSpace(values[0])
		}
	}
	return t
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// trimmed is a posted value without the spaces around it.
func trimmed(posted url.Values, name string) string { return strings.TrimSpace(posted.Get(name)) }

// chip is a filter that following its link switches on, or off where it is on.
func chip(r *frame.Request, name, value, label string) ui.Chip {
	if r.Query(name) == value {
		return ui.Chip{Label: label, On: true, Remove: true, Href: r.With(name, "")}
	}
	return ui.Chip{Label: label, Href: r.With(name, value)}
}

// chips are the values of one filter; the catalogue has their words under prefix + value.
func chips(r *frame.Request, name, prefix string, values ...string) (out []ui.Chip) {
	for _, v := range values {
		out = append(out, chip(r, name, v, r.T(prefix+v)))
	}
	return out
}

// search is the search box of a list; the other filters stay as they are.
func search(r *frame.Request, key string) *ui.SearchView {
	s := &ui.SearchView{Action: r.URL.Path, Label: r.T(key), Value: r.Query("q")}
	for name, values := range r.URL.Query() {
		if name != "q" && name != "after" && name != "trail" && name != "done" && name != "format" && len(values) > 0 {
			s.Hidden = append(s.Hidden, [2]string{name, values[0]})
		}
	}
	return s
}

// days are the columns that hold days or moments.
var days = []string{"created", "changed", "claimed", "due", "from", "issued", "paid", "published", "raised", "sent", "since", "started", "time", "until"}

// columns are the heads of a table; the catalogue has their words under "console.column.". A "#" after the name sets
// numbers to the end.
func columns(r *frame.Request, names ...string) (out []ui.Column) {
	for _, n := range names {
		n, num := strings.CutSuffix(n, "#")
		out = append(out, ui.Column{Label: r.T("console.column." + n), Num: num, Date: slices.Contains(days, n)})
	}
	return out
}

// empty says what would stand in a list and what to do first.
func empty(r *frame.Request, key, icon string, action *ui.ButtonView) *ui.EmptyView {
	if r.URL.RawQuery != "" && r.Query("done") == "" {
		return &ui.EmptyView{
			Icon: "search", Title: r.T("console.none_found"), Text: r.T("console.none_found.text"),
			Action: &ui.ButtonView{Label: r.T("console.show_all"), Href: r.URL.Path, Variant: "secondary"},
		}
	}
	return &ui.EmptyView{Icon: icon, Title: r.T("console." + key + ".none"), Text: r.T("console." + key + ".none.text"), Action: action}
}

// errors is how many problems the page's forms have.
func (v pageView) errors() (n int) {
	if v.Form != nil {
		n = len(v.Form.Problems)
	}
	for _, s := range v.Sections {
		if s.Form != nil {
			n += len(s.Form.Problems)
		}
	}
	return n
}
