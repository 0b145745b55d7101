package rule

import (
	"fmt"
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
)

// Kind says what is wrong with an expression, so that a page can say it in the reader's language.
type Kind string

// The kinds, with their arguments.
const (
	Unreadable  Kind = "unreadable"   // detail
	Syntax      Kind = "syntax"       // detail
	UnknownName Kind = "unknown_name" // name
	WrongTypes  Kind = "wrong_types"  // word, types
	WrongResult Kind = "wrong_result" // got, want
	TooLong     Kind = "too_long"     // max
	Pattern     Kind = "pattern"      // detail: a literal that is no regular expression, date or duration
)

// Error is what is wrong with an expression. Line and Column count from 1; both are 0 where the fault has no place.
type Error struct {
	Expr         string
	Line, Column int
	Kind         Kind
	Args         map[string]any
	Message      string
}

// Error returns the message with its place.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s (line %d, column %d)", e.Message, e.Line, e.Column)
}

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noField    = regexp.MustCompile(`^undefined field '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	syntax     = regexp.MustCompile(`^Syntax error: (.*)`)
	badLiteral = regexp.MustCompile(`^invalid (\S+) argument`)
)

func firstIssue(expr string, issues *cel.Issues) *Error {
	for _, i := range issues.Errors() {
		e := &Error{Expr: expr, Line: i.Location.Line(), Column: i.Location.Column() + 1, Kind: Unreadable, Message: i.Message}
		e.classify()
		return e
	}
	return &Error{Expr: expr, Kind: Unreadable, Args: map[string]any{"detail": issues.Err().Error()}, Message: issues.Err().Error()}
}

// classify reads the checker's English, which has no codes.
func (e *Error) classify() {
	e.Args = map[string]any{"detail": e.Message}
	if m := undeclared.FindStringSubmatch(e.Message); m != nil {
		e.Kind, e.Args = UnknownName, map[string]any{"name": spoken(m[1])}
	} else if m := noField.FindStringSubmatch(e.Message); m != nil {
		e.Kind, e.Args = UnknownName, map[string]any{"name": spoken(m[1])}
	} else if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		e.Kind, e.Args = WrongTypes, map[string]any{"word": operator(m[1]), "types": spokenTypes(m[2])}
	} else if m := syntax.FindStringSubmatch(e.Message); m != nil {
		e.Kind, e.Args = Syntax, map[string]any{"detail": m[1]}
	} else if badLiteral.MatchString(e.Message) {
		e.Kind = Pattern
	}
}

// operator writes CEL's name of an operator as it is typed: "_&&_" as "&&", our own names without their mark.
func operator(name string) string {
	if name == "@in" {
		return "in"
	}
	if name == "_[_]" {
		return "[ ]"
	}
	if name == "_?_:_" {
		return "? :"
	}
	return strings.Trim(strings.TrimPrefix(name, ownMark), "_")
}

func spoken(name string) string { return strings.TrimPrefix(name, ownMark) }

var celTypes = strings.NewReplacer("google.protobuf.Timestamp", "date", "timestamp", "date", "double", "decimal", "list(string)", "strings", rowPrefix, "row of ", "dyn, ", "")

// spokenTypes writes the types of arguments in the words of this package.
func spokenTypes(s string) string { return celTypes.Replace(strings.Trim(s, "()")) }
