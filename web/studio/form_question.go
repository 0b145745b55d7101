package studio

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
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

// reading reads the posted properties, and notes what is no number.
type reading struct {
	url.Values
	wrong []string
}

func (p *reading) whole(name string, otherwise int) int {
	if !p.Has(name) {
		return otherwise
	}
	text := trimmed(p.Values, name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		p.wrong = append(p.wrong, name)
	}
	return n
}

func (p *reading) float(name string, otherwise *float64) *float64 {
	if !p.Has(name) {
		return otherwise
	}
	text := strings.ReplaceAll(trimmed(p.Values, name), ",", ".")
	if text == "" {
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || fmt.Sprint(x) == "NaN" || x > 1e15 || x < -1e15 {
		p.wrong = append(p.wrong, name)
		return otherwise
	}
	return &x
}

func (p *reading) text(name, otherwise string) string {
	if !p.Has(name) {
		return otherwise
	}
	return trimmed(p.Values, name)
}

// into takes the posted properties over into a question.
func (p *reading) into(q *servicespec.Question) error {
	q.Label, q.Hint, q.Message, q.RowTitle = textOf(p.Values, "label", q.Label), textOf(p.Values, "hint", q.Hint), textOf(p.Values, "message", q.Message), textOf(p.Values, "row_title", q.RowTitle)
	q.When, q.Valid, q.Value, q.Pattern = p.text("when", q.When), p.text("valid", q.Valid), p.text("value", q.Value), p.text("pattern", q.Pattern)
	switch p.Get("must") {
	case "yes":
		q.Required = ""
	case "no":
		q.Required = "false"
	case "rule":
		q.Required = p.text("required", q.Required)
	}
	q.MaxLength, q.Lines, q.Places, q.MaxFiles = p.whole("max_length", q.MaxLength), p.whole("lines", q.Lines), p.whole("places", q.Places), p.whole("max_files", q.MaxFiles)
	if p.Has("max_size") {
		q.MaxSize = int64(p.whole("max_size", 0)) << 20
	}
	q.Min, q.Max = p.float("min", q.Min), p.float("max", q.Max)
	q.Unit, q.Scheme, q.RefData, q.Of = p.text("unit", q.Unit), p.text("scheme", q.Scheme), p.text("refdata", q.RefData), p.text("of", q.Of)
	q.Level, q.Within, q.Row, q.As, q.Prefill = p.text("level", q.Level), p.text("within", q.Within), p.text("row", q.Row), p.text("as", q.As), p.prefill(q.Prefill)
	if p.Has("levels") {
		q.Levels = words(p.Get("levels"))
	}
	if p.Has("seen_by") {
		q.SeenBy = words(p.Get("seen_by"))
	}
	p.chosen(q)
	if len(p.wrong) > 0 {
		e := studio.ErrBegin
		for _, name := range p.wrong {
			e = e.WithFields(fieldFault(name, "number"))
		}
		return e
	}
	return nil
}

// chosen takes over what is chosen from words.
func (p *reading) chosen(q *servicespec.Question) {
	if p.Has("sensitivity") {
		q.Sensitivity = strings.TrimPrefix(p.Get("sensitivity"), "none")
	}
	if p.Has("layout") {
		q.Layout = strings.TrimPrefix(p.Get("layout"), "auto")
	}
	if q.Kind == servicespec.KindComputed && p.Has("as") {
		q.Hidden = p.Has("hidden")
	}
	if q.Kind == servicespec.KindFile && p.Has("max_size") {
		q.Accept = p.Values["accept"]
	}
	switch p.Get("parts") {
	case "whole":
		q.Parts = nil
	case "given-family", "family-given":
		q.Parts = strings.Split(p.Get("parts"), "-")
	}
}

// questionSave sets the properties of a question; a button of its options adds, moves or removes one as well.
func (s *Studio) questionSave(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := spotOf(posted)
	to := at
	if page := posted.Get("to_page"); page != "" {
		to.Page = page
	}
	what := studio.Step{Code: "question.save", Part: at.part(), Args: d.named(r, at)}
	return s.change(r, d, what, d.here(to.query()+"&done=studio.saved#properties"), func(p *servicespec.Pack) error {
		q := at.question(p)
		if q == nil {
			return studio.ErrGone
		}
		in := &reading{Values: posted}
		if err := in.into(q); err != nil {
			return err
		}
		in.options(q)
		turn(q, posted.Get("kind"))
		return rehome(p, at, to)
	})
}

// rehome brings a question to another page.
func rehome(p *servicespec.Pack, at, to spot) error {
	if at.Page == to.Page {
		return nil
	}
	from, there := at.page(p), to.page(p)
	if from == nil || there == nil {
		return studio.ErrGone
	}
	i := indexQuestion(from.Questions, to.Question)
	if i < 0 {
		return studio.ErrGone
	}
	q := from.Questions[i]
	from.Questions = slices.Delete(from.Questions, i, i+1)
	there.Questions = append(there.Questions, q)
	return nil
}

// turn makes a question one of another kind: what the new kind does not have goes.
func turn(q *servicespec.Question, kind string) {
	if kind == "" || kind == q.Kind || !slices.Contains(servicespec.Kinds(), kind) {
		return
	}
	old := *q
	*q = servicespec.Question{
		Code: old.Code, Kind: kind, Label: old.Label, Hint: old.Hint, Required: old.Required, When: old.When, Message: old.Message,
		Sensitivity: old.Sensitivity, SeenBy: old.SeenBy,
	}
	chooses := func(k string) bool { return k == servicespec.KindChoice || k == servicespec.KindChoices }
	if chooses(kind) && chooses(old.Kind) {
		q.Options, q.RefData, q.Of = old.Options, old.RefData, old.Of
	}
	if slices.Contains(silent, kind) {
		q.Required, q.Message = "", nil
	}
	if kind == servicespec.KindInfo {
		q.Hint, q.Sensitivity, q.SeenBy = nil, "", nil
	}
	furnish(q)
}

// furnish gives a new question what its kind cannot be without.
func furnish(q *servicespec.Question) {
	switch q.Kind {
	case servicespec.KindGroup:
		q.Row = "row"
	case servicespec.KindFile:
		q.Accept, q.MaxSize, q.MaxFiles = slices.Clone(fileTypes), 5<<20, 1
	case servicespec.KindComputed:
		q.As = "text"
	case servicespec.KindLongText:
		q.MaxLength = 1000
	}
}

func (s *Studio) questionAdd(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	title, kind := trimmed(posted, "new_label"), posted.Get("new_kind")
	at := spot{Page: posted.Get("page"), Question: posted.Get("question")}
	code := fresh(title, "question", codes(d.Pack))
	to := spot{Page: at.Page, Question: code}
	if at.Question != "" {
		to = spot{at.Page, at.Question, code}
	}
	what := studio.Step{Code: "question.add", Part: to.part(), Args: map[string]string{"name": cutWords(title)}}
	return s.change(r, d, what, d.here(to.query()+"#properties"), func(p *servicespec.Pack) error {
		if title == "" || !slices.Contains(servicespec.Kinds(), kind) {
			return studio.ErrBegin.WithFields(fieldFault("new_label", "label"))
		}
		list := to.list(p)
		if list == nil {
			return studio.ErrGone
		}
		q := servicespec.Question{Code: code, Kind: kind, Label: i18n.Text{d.lang(): title}}
		furnish(&q)
		*list = append(*list, q)
		return nil
	})
}

// ofPost is the question that a button of the list is about.
func ofPost(posted url.Values) spot {
	at := spot{Page: posted.Get("page"), Question: posted.Get("code")}
	if group := posted.Get("question"); group != "" {
		at.Question, at.Field = group, posted.Get("code")
	}
	return at
}

func (s *Studio) questionMove(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at, to := ofPost(posted), posted.Get("to")
	what := studio.Step{Code: "question.move", Part: append(at.part(), "code"), Args: d.named(r, at)}
	return s.change(r, d, what, d.here(at.query()+"&moved="+url.QueryEscape(at.code())), func(p *servicespec.Pack) error {
		list := at.list(p)
		if list == nil {
			return studio.ErrGone
		}
		var ok bool
		if *list, ok = shift(*list, questionCode, at.code(), to); !ok {
			return studio.ErrGone
		}
		return nil
	})
}

func (s *Studio) questionDuplicate(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := ofPost(posted)
	twin := fresh(at.code(), "question", codes(d.Pack))
	to := at
	if to.Question = twin; at.Field != "" {
		to.Question, to.Field = at.Question, twin
	}
	return s.change(r, d, studio.Step{Code: "question.duplicate", Part: at.part(), Args: d.named(r, at)}, d.here(to.query()+"#properties"), func(p *servicespec.Pack) error {
		list := at.list(p)
		if list == nil || at.question(p) == nil {
			return studio.ErrGone
		}
		q, err := copyOf(*at.question(p))
		if err != nil {
			return err
		}
		q.Code = twin
		*list = slices.Insert(*list, indexQuestion(*list, at.code())+1, q)
		return nil
	})
}

func (s *Studio) questionRemove(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	at := ofPost(posted)
	to := spot{Page: at.Page}
	if at.Field != "" {
		to.Question = at.Question
	}
	return s.change(r, d, studio.Step{Code: "question.remove", Part: at.part(), Args: d.named(r, at)}, d.here(to.query()+"&done=studio.removed"), func(p *servicespec.Pack) error {
		list := at.list(p)
		if list == nil || at.question(p) == nil {
			return studio.ErrGone
		}
		*list = slices.DeleteFunc(*list, func(q servicespec.Question) bool { return q.Code == at.code() })
		return nil
	})
}
