package servicespec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Problem is one thing wrong with a pack. Path is where ("form.pages.0.questions.2.when"), Line its line in the
// source (0 if unknown), Code a stable word for it. Sentence says it to the designer, in English; the message catalogue
// has it in other languages, under "spec.problem." + Code with Args.
type Problem struct {
	Path     string         `json:"path"`
	Line     int            `json:"line,omitempty"`
	Code     string         `json:"code"`
	Args     map[string]any `json:"args,omitempty"`
	Warning  bool           `json:"warning,omitempty"` // it can be published all the same
	Sentence string         `json:"sentence"`
}

// String returns the problem on one line, for logs and tests.
func (p Problem) String() string {
	level := ""
	if p.Warning {
		level = " warning"
	}
	return fmt.Sprintf("%s (line %d): %s [%s%s]", p.Path, p.Line, p.Sentence, p.Code, level)
}

// Errors returns the problems that keep a pack from being published: all that are no warnings.
func Errors(problems []Problem) []Problem {
	var out []Problem
	for _, p := range problems {
		if !p.Warning {
			out = append(out, p)
		}
	}
	return out
}

// newProblem makes a problem of a code that sentences has; pairs are name, value, name, value.
func newProblem(path string, line int, code string, pairs ...any) Problem {
	s, ok := sentences[code]
	if !ok {
		panic("servicespec: no sentence for " + code)
	}
	p := Problem{Path: path, Line: line, Code: code, Warning: s.warning}
	var words []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if p.Args == nil {
			p.Args = map[string]any{}
		}
		name := pairs[i].(string)
		p.Args[name] = pairs[i+1]
		words = append(words, "{"+name+"}", inWords(name, pairs[i+1]))
	}
	p.Sentence = strings.NewReplacer(words...).Replace(s.text)
	return p
}

// typeWords are what the types of values are called in English; the catalogue has them under "spec.type." and the code.
var typeWords = map[string]string{
	"string": "a text", "int": "a whole number", "decimal": "a number with decimals", "bool": "a yes or no", "date": "a date", "money": "an amount of money",
	"strings": "a list of texts", "rows": "the rows of a group", "map": "a mapping", "any": "a plain value", "list": "a list", "nothing": "nothing",
	"texts": "a text by language (pt: …, en: …)", "codes": "a code or a list of codes", "number": "a number", "other": "something else",
}

// TypeWords returns the English words for types, by code, for the catalogue.
func TypeWords() map[string]string { return maps.Clone(typeWords) }

// typeArgs are the arguments of problems that are types.
var typeArgs = []string{"got", "want", "type", "types"}

// inWords writes an argument; types are said and not named.
func inWords(name string, v any) string {
	s := fmt.Sprint(v)
	if slices.Contains(typeArgs, name) {
		return InTypeWords(s, func(code string) string { return typeWords[code] })
	}
	return s
}

// InTypeWords writes types ("int, string") in words; what is none of them stays as it is.
func InTypeWords(s string, word func(code string) string) string {
	parts := strings.Split(s, ", ")
	for i, code := range parts {
		if w := word(code); w != "" {
			parts[i] = w
		}
	}
	return strings.Join(parts, ", ")
}

// Sentences returns the English sentence of every code, for the catalogue.
func Sentences() map[string]string {
	out := make(map[string]string, len(sentences))
	for code, s := range sentences {
		out[code] = s.text
	}
	return out
}

type sentence struct {
	text    string
	warning bool
}

func wrong(text string) sentence { return sentence{text: text} }

func doubtful(text string) sentence { return sentence{text: text, warning: true} }
