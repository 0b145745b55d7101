package studio

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/servicespec"
	"digit/web/frame"
	"digit/web/ui"
)

// has says which properties each kind of question has, beside those that all have.
var has = map[string][]string{
	servicespec.KindText:     {"max_length", "pattern"},
	servicespec.KindLongText: {"max_length", "lines"},
	servicespec.KindName:     {"parts", "max_length"},
	servicespec.KindID:       {"scheme", "pattern"},
	servicespec.KindNumber:   {"min", "max", "places", "unit"},
	servicespec.KindMoney:    {"min", "max"},
	servicespec.KindChoice:   {"options"},
	servicespec.KindChoices:  {"options", "min", "max"},
	servicespec.KindBoundary: {"level", "levels", "within"},
	servicespec.KindAddress:  {"levels", "within", "lines"},
	servicespec.KindFile:     {"accept", "max_size", "max_files"},
	servicespec.KindGroup:    {"row", "row_title", "layout", "min", "max"},
	servicespec.KindComputed: {"value", "as", "hidden"},
}

// silent are the kinds that ask nothing, so that they are neither required nor right or wrong.
var silent = []string{servicespec.KindInfo, servicespec.KindComputed}

// questionForm builds the form of a question's properties.
type questionForm struct {
	s    *Studio
	r    *frame.Request
	d    *desk
	at   spot
	q    *servicespec.Question
	path string
	out  []field
}

func (f *questionForm) add(list ...field) { f.out = append(f.out, list...) }

func (f *questionForm) has(property string) bool { return slices.Contains(has[f.q.Kind], property) }

// line adds a line of text for a property of that name.
func (f *questionForm) line(name, value string, change ...func(*field)) {
	x := input(f.r, name, f.d.value(name, value), change...)
	if x.Hint == "" && f.s.deps.Texts.Has(f.r.Lang, "studio.field."+name+".hint") {
		x.Hint = f.r.T("studio.field." + name + ".hint")
	}
	x.Error = f.s.wrongAt(f.r, f.d, name, f.path+"."+name)
	f.add(x)
}

func (f *questionForm) rule(name, value, want string, change ...func(*field)) {
	of := ruleSubject{Path: append(f.at.part(), name), Want: want}
	if f.at.Field != "" {
		of.Row = f.at.Question
	}
	f.add(f.s.rule(f.r, f.d, name, value, f.path+"."+name, of, change...))
}

// questionProperties are what can be set about a question, by its kind, and what hangs on it.
func (s *Studio) questionProperties(r *frame.Request, d *desk, at spot, q *servicespec.Question) templ.Component {
	f := &questionForm{s: s, r: r, d: d, at: at, q: q, path: at.path(d.Pack)}
	f.add(s.text(r, d, "label", q.Label, f.path+".label", label(r.T("studio.field.label")), longIf(q.Kind == servicespec.KindInfo || q.Kind == servicespec.KindDeclaration))...)
	if q.Kind != servicespec.KindInfo {
		f.add(s.text(r, d, "hint", q.Hint, f.path+".hint", optional, long)...)
	}
	f.add(input(r, "kind", "", options(selectField, choose(r, "studio.qkind.", d.value("kind", q.Kind), f.kinds()...)), hint(r.T("studio.field.qkind.hint")), label(r.T("studio.field.qkind")), atOnce))
	f.required()
	f.rule("when", q.When, "bool", hint(r.T("studio.field.when.hint")))
	f.choices()
	f.measures()
	f.places()
	f.group()
	f.answer()
	f.more()
	v := d.form(r, "/question"+at.query())
	v.Auto, v.Fields = true, f.out
	v.Hidden = append(v.Hidden, [2]string{"page", at.Page}, [2]string{"question", at.Question}, [2]string{"field", at.Field}, [2]string{"option_lang", d.lang()})
	v.wrong(d.wrong)
	back := &ui.Link{Label: r.T("studio.page.back"), Href: d.here(spot{Page: at.Page}.query() + "&at=page")}
	return questionSide(v, s.usedBy(r, d, at), s.affects(r, d, at), back)
}

// atOnce sends the form when the choice changes, where the page has script, since other things can be set then.
func atOnce(f *field) { f.Attrs = templ.Attributes{"data-submit": true} }

func longIf(yes bool) func(*field) {
	return func(f *field) {
		if yes {
			long(f)
		}
	}
}

// kinds are those that the question can be changed to.
func (f *questionForm) kinds() []string {
	if f.at.Field == "" {
		return servicespec.Kinds()
	}
	return slices.DeleteFunc(servicespec.Kinds(), func(k string) bool {
		return slices.Contains([]string{servicespec.KindGroup, servicespec.KindDocument, servicespec.KindSignature}, k)
	})
}

// required asks whether the question must be answered: always, never, or by a rule.
func (f *questionForm) required() {
	if slices.Contains(silent, f.q.Kind) {
		return
	}
	chosen, rule := "yes", ""
	switch f.q.Required {
	case "", "true":
	case "false":
		chosen = "no"
	default:
		chosen, rule = "rule", f.q.Required
	}
	f.add(input(f.r, "must", "", options(radioField, choose(f.r, "studio.must.", f.d.value("must", chosen), "yes", "no", "rule"))))
	x := input(f.r, "required", f.d.value("required", rule))
	of := ruleSubject{Path: append(f.at.part(), "required"), Want: "bool"}
	x = f.s.rule(f.r, f.d, "required", x.Value, f.path+".required", of, hint(f.r.T("studio.field.required.hint")))
	fold := field{Kind: foldField, Fold: []field{x}, Open: chosen == "rule"}
	fold.Label = f.r.T("studio.field.required")
	f.add(fold)
}

func (f *questionForm) choices() {
	if !f.has("options") {
		return
	}
	o := field{Kind: optionsField, Answers: f.options()}
	f.add(o)
	fold := field{Kind: foldField, Open: f.q.RefData != ""}
	fold.Label = f.r.T("studio.options.elsewhere")
	keep := f.out
	f.out = nil
	f.line("refdata", f.q.RefData, optional, code)
	f.line("of", f.q.Of, optional, code)
	fold.Fold, f.out = f.out, keep
	f.add(fold)
}

func (f *questionForm) measures() {
	if f.has("min") {
		f.line("min", number(f.q.Min), optional, digits)
		f.line("max", number(f.q.Max), optional, digits)
	}
	if f.has("places") {
		f.line("places", positive(f.q.Places), optional, digits)
		f.line("unit", f.q.Unit, optional, func(x *field) { x.Width = "10" })
	}
	if f.has("max_length") {
		f.line("max_length", positive(f.q.MaxLength), optional, digits)
	}
	if f.has("scheme") {
		f.add(input(f.r, "scheme", "", options(selectField, chooseCodes(f.s, f.r, "studio.scheme.", f.d.value("scheme", f.q.Scheme), servicespec.Schemes()...)), wrongText(f.s.wrongAt(f.r, f.d, "scheme", f.path+".scheme"))))
	}
	if f.has("parts") {
		f.add(input(f.r, "parts", "", options(radioField, choose(f.r, "studio.parts.", f.d.value("parts", partsKey(f.q.Parts)), "whole", "given-family", "family-given"))))
	}
}

func partsKey(parts []string) string {
	if len(parts) == 0 {
		return "whole"
	}
	return strings.Join(parts, "-")
}

func (f *questionForm) places() {
	if f.has("level") {
		f.line("level", f.q.Level, code)
	}
	if f.has("levels") {
		f.line("levels", strings.Join(f.q.Levels, ", "), optional)
	}
	if f.has("within") {
		f.line("within", f.q.Within, optional, code)
	}
	if f.has("lines") {
		f.line("lines", positive(f.q.Lines), optional, digits)
	}
	if f.has("accept") {
		var types []ui.Option
		for _, t := range union(fileTypes, f.q.Accept) {
			types = append(types, ui.Option{Value: t, Label: f.s.word(f.r, "studio.file.", strings.NewReplacer("/", "_", "+", "_", "*", "all").Replace(t)), Checked: slices.Contains(f.d.list("accept", f.q.Accept), t)})
		}
		f.add(input(f.r, "accept", "", options(boxesField, types), wrongText(f.s.wrongAt(f.r, f.d, "accept", f.path+".accept"))))
		f.line("max_size", positive(int(f.q.MaxSize>>20)), optional, digits)
		f.line("max_files", positive(f.q.MaxFiles), optional, digits)
	}
}

// fileTypes are the types of files that are asked for most.
var fileTypes = []string{"application/pdf", "image/jpeg", "image/png"}

func (f *questionForm) group() {
	if !f.has("row") {
		return
	}
	f.line("row", f.q.Row, code)
	f.add(f.s.text(f.r, f.d, "row_title", f.q.RowTitle, f.path+".row_title", optional, hint(f.r.T("studio.field.row_title.hint", "example", "{row.name}")))...)
	f.add(input(f.r, "layout", "", options(radioField, choose(f.r, "studio.layout.", f.d.value("layout", orText(f.q.Layout, "auto")), "auto", "pages", "table"))))
}

func (f *questionForm) answer() {
	if f.has("value") {
		f.rule("value", f.q.Value, f.q.As)
		f.add(input(f.r, "as", "", options(selectField, choose(f.r, "studio.as.", f.d.value("as", f.q.As), "text", "number", "money", "date", "yesno"))))
		f.add(box(f.r, "hidden", f.d.checked("hidden", f.q.Hidden)))
	}
	if slices.Contains(silent, f.q.Kind) {
		return
	}
	f.rule("valid", f.q.Valid, "bool", hint(f.r.T("studio.field.valid.hint")))
	f.add(f.s.text(f.r, f.d, "message", f.q.Message, f.path+".message", optional)...)
	if f.has("pattern") {
		f.line("pattern", f.q.Pattern, optional, code)
	}
}

// more are the properties that are seldom set, folded away.
func (f *questionForm) more() {
	keep := f.out
	f.out = nil
	if f.q.Kind != servicespec.KindInfo {
		f.add(input(f.r, "sensitivity", "", options(radioField, choose(f.r, "studio.sensitivity.", f.d.value("sensitivity", orText(f.q.Sensitivity, "none")), "none", "personal", "special"))))
		f.line("seen_by", strings.Join(f.q.SeenBy, ", "), optional)
	}
	if !slices.Contains(silent, f.q.Kind) {
		f.add(f.s.prefillFields(f.r, f.d, f.q, f.path)...)
	}
	of := ""
	if f.at.Field != "" {
		of = f.at.Question
	}
	f.add(f.s.renameField(f.r, f.d, servicespec.Renaming{Kind: servicespec.NamesQuestion, Of: of, From: f.q.Code}))
	if f.at.Field == "" {
		var pages []ui.Option
		for _, pg := range f.d.Pack.Form.Pages {
			pages = append(pages, ui.Option{Value: pg.Code, Label: pg.Title.In(f.r.Lang, f.d.lang()), Checked: pg.Code == f.d.value("to_page", f.at.Page)})
		}
		f.add(input(f.r, "to_page", "", options(selectField, pages)))
	}
	fold := field{Kind: foldField, Fold: f.out}
	fold.Label = f.r.T("studio.more")
	f.out = append(keep, fold)
}

// chooseCodes is choose for codes that the catalogue may not know.
func chooseCodes(s *Studio, r *frame.Request, prefix, chosen string, values ...string) (out []ui.Option) {
	for _, v := range values {
		out = append(out, ui.Option{Value: v, Label: s.word(r, prefix, v), Checked: v == chosen})
	}
	return out
}

func number(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
