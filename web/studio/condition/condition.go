// Package condition is the part of the Studio's forms in which a condition is put together: rows of a question, an operator
// and a value, joined by "all of" and "any of", or an expression as text. It reads and writes the language of rules
// (servicespec.Clause), works without script (every button is one of the form around it), and tries a condition out on
// answers.
package condition

import (
	"net/url"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/servicespec"
	"digit/web/locale"
	"digit/web/ui"
)

// Place is where a condition stands.
type Place struct {
	// Name is that of its inputs in the form. Label asks, Lead begins the sentence ("Asked when").
	Name, Label, Lead, Hint string
	Pack                    *servicespec.Pack
	// Path is where the condition is in the pack, as in servicespec.Problem: it decides what the condition may look at.
	Path   string
	Saying locale.Saying
	Today  civil.Date
}

// Field is a condition in a form.
type Field struct {
	Place
	names   []servicespec.Variable
	tree    *tree
	text    string // as it stands, while it is written as text
	asText  bool
	wrong   string
	caret   *caret
	trial   url.Values
	results []servicespec.Tried
}

// caret is where in a text something is wrong.
type caret struct{ before, at, after string }

// Show shows a condition as it stands in the pack.
func Show(p Place, expr string) *Field {
	f := begin(p)
	f.show(expr)
	return f
}

func begin(p Place) *Field {
	f := &Field{Place: p, names: servicespec.VariablesAt(p.Pack, p.Path)}
	f.Saying.Names = f.names
	return f
}

// show decides how an expression is shown: as rows where it has their shape, even in part, and as text otherwise.
func (f *Field) show(expr string) {
	f.text = strings.TrimSpace(expr)
	f.text = f.qualified(f.text)
	c := servicespec.ReadClause(f.text)
	f.asText = c.Kind == servicespec.ClauseRaw
	f.plant(c)
}

// qualified writes a rule that is the whole condition, and named by its name alone, in full.
func (f *Field) qualified(expr string) string {
	if _, ok := servicespec.FindVariable(f.names, expr); !ok {
		if _, ok := servicespec.FindVariable(f.names, "rule."+expr); ok {
			return "rule." + expr
		}
	}
	return expr
}

func (f *Field) plant(c servicespec.Clause) {
	f.tree = rooted(shown(c, f.names, f.Saying.Currency))
}

// Read reads a condition from what was posted; expr is what stands in the pack where the form has no such field. acted says
// that one of its own buttons was pressed: then the form is to be shown again, and nothing kept.
func Read(p Place, posted url.Values, expr string) (f *Field, acted bool) {
	f = begin(p)
	if !posted.Has(p.Name + ".mode") {
		f.show(expr)
		return f, false
	}
	f.trial = posted
	do := posted.Get(p.Name + ".do")
	if posted.Get(p.Name+".mode") == "text" {
		f.asText, f.text = true, strings.TrimSpace(posted.Get(p.Name+".text"))
		f.plant(servicespec.ReadClause(f.text))
		if do == "rows" {
			f.show(f.text)
			if f.asText {
				f.wrong = f.say("condition.no_rows")
			}
		}
	} else {
		f.tree = rooted(readTree(posted, p.Name+".", "0", 0))
		f.tree.act(do)
		f.tree.settle(f.names)
		if do == "text" {
			f.text, _ = f.Expr()
			f.asText = true
			f.plant(servicespec.ReadClause(f.text))
		}
	}
	if do == "try" {
		f.try()
	}
	return f, do != ""
}

// Expr returns the condition as an expression, "" for none. ok is false where something is missing or wrong in a row, which
// Problems say.
func (f *Field) Expr() (expr string, ok bool) {
	if f.asText {
		return f.text, true
	}
	c := f.tree.clause(f.names, f.Saying.Currency)
	return c.CEL(), len(f.tree.faults()) == 0
}

// Problems are what is missing or wrong in the rows, for the summary of the form around.
func (f *Field) Problems() []ui.Problem {
	var out []ui.Problem
	if f.wrong != "" {
		out = append(out, ui.Problem{Field: f.inputID(), Text: f.wrong})
	}
	if f.asText {
		return out
	}
	for _, t := range f.tree.faults() {
		out = append(out, ui.Problem{Field: f.Name + "." + t.path + ".what", Text: f.say(t.wrong)})
	}
	return out
}

// inputID is where the summary of the form leads.
func (f *Field) inputID() string {
	if f.asText {
		return f.Name + ".text"
	}
	return f.Name + ".0.join"
}

// Refuse shows what checking says of the condition, at its place in the text where it has one.
func (f *Field) Refuse(p servicespec.Problem) {
	f.wrong = locale.Problem(f.Saying.Texts, f.Saying.Lang, p)
	line, _ := p.Args["line"].(int)
	column, _ := p.Args["column"].(int)
	if expr, _ := f.Expr(); line > 0 && column > 0 {
		f.caret = caretAt(expr, line, column)
	}
}

// Error is what is wrong with the condition as a whole; "" for nothing.
func (f *Field) Error() string { return f.wrong }

func caretAt(expr string, line, column int) *caret {
	lines := strings.Split(expr, "\n")
	if line > len(lines) {
		return nil
	}
	runes := []rune(lines[line-1])
	at := min(column-1, len(runes))
	end := at
	for end < len(runes) && (end == at || word(runes[end])) && word(runes[at]) {
		end++
	}
	if end == at && at < len(runes) {
		end++
	}
	return &caret{before: string(runes[:at]), at: string(runes[at:end]), after: string(runes[end:])}
}

func word(r rune) bool {
	return r == '_' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func (f *Field) say(key string, args ...any) string {
	named := map[string]any{}
	for i := 0; i+1 < len(args); i += 2 {
		named[args[i].(string)] = args[i+1]
	}
	return f.Saying.Texts.T(f.Saying.Lang, key, named)
}

// Sentence says the condition: "Asked when", and the clause. It is empty without a condition.
func (f *Field) Sentence() []locale.Span {
	expr, _ := f.Expr()
	return Sentence(f.Saying, f.Lead, expr)
}

// Sentence says a condition in words, after a lead such as "Asked when"; nothing where there is none.
func Sentence(s locale.Saying, lead, expr string) []locale.Span {
	said := s.Clause(servicespec.ReadClause(expr))
	if len(said) == 0 {
		return nil
	}
	return append([]locale.Span{{Text: lead + " "}}, append(said, locale.Span{Text: "."})...)
}
