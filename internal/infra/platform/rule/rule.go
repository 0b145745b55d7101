// Package rule evaluates the expressions that designers of services write: when a question is asked, what
// a fee costs, who may take an action. The language is CEL (cel.dev): typed, terminating and free of side
// effects, so an expression can be checked when a service is published and run on every request.
//
// # What has not been answered
//
// A variable that is absent or nil is undecided, as NULL is in SQL. An operation on something undecided is
// undecided, save that "||" and "&&" decide as soon as one side settles the matter. A rule that ends undecided
// is no error: Bool gives false, Int 0 and Str "". So `age(birth, today) < 18` is false before the date of
// birth is given, and so is its negation. Value tells undecided from decided; answered(x) and orElse(x, y)
// let an expression deal with it.
//
// # Words beyond CEL's own
//
//	today                      the day of the evaluation (a date)
//	date("2006-01-02")         a date
//	age(birth, day)            full years between two dates
//	days(from, to)             days from one date to another
//	addDays(day, n)            the date n days later
//	answered(x)                whether x has been answered
//	orElse(x, y)               x, or y where x is undecided
//
// Dates compare with < <= == and know getFullYear(), getMonth() (from 0) and getDayOfWeek() (Sunday is 0).
// Texts have the functions of CEL's strings extension (trim, lowerAscii, substring, split…), numbers
// math.greatest and math.least.
package rule

import (
	"fmt"
	"slices"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"digit/internal/infra/platform/civil"
)

// Type is the type of a variable or of a result.
type Type string

// The types of the language. Money is an Int of minor units; files and several choices are Strings.
const (
	String  Type = "string"
	Int     Type = "int"
	Bool    Type = "bool"
	Date    Type = "date"
	Money   Type = "money"
	Strings Type = "strings"
	Map     Type = "map"
	Any     Type = "any" // as a result: any of the others
)

func (t Type) cel() (*cel.Type, error) {
	switch t {
	case String:
		return cel.StringType, nil
	case Int, Money:
		return cel.IntType, nil
	case Bool:
		return cel.BoolType, nil
	case Date:
		return cel.TimestampType, nil
	case Strings:
		return cel.ListType(cel.StringType), nil
	case Map:
		return cel.MapType(cel.StringType, cel.DynType), nil
	case Any:
		return cel.DynType, nil
	}
	return nil, fmt.Errorf("rule: no type %q", string(t))
}

// Limits of one expression: its length, depth and running cost. The cost of an ordinary rule is below 100.
const (
	maxLength = 2000
	maxDepth  = 40
	maxNodes  = 2000
	maxCost   = 20_000
)

// Env is a set of variables that expressions may use. It is immutable and safe for concurrent use.
type Env struct {
	cel  *cel.Env
	vars map[string]Type
}

// base is the language without variables. Making it costs milliseconds, so all Envs extend one.
var base = must(cel.NewEnv(
	cel.ParserExpressionSizeLimit(maxLength),
	cel.ParserRecursionLimit(maxDepth),
	cel.ExpressionNodeLimit(maxNodes),
	cel.DefaultUTCTimeZone(true),
	cel.RegexProgramSizeLimit(1000),
	cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(),
		cel.ValidateHomogeneousAggregateLiterals(), cel.ValidateComprehensionNestingLimit(1)),
	ext.Strings(), ext.Math(),
	cel.Variable("today", cel.TimestampType),
	functions(),
))

func must(env *cel.Env, err error) *cel.Env {
	if err != nil {
		panic(err)
	}
	return env
}

// NewEnv declares variables by name. The variable today (a date) is always there.
// Errors: for a name that is no identifier or is a word of the language, and for an unknown type.
func NewEnv(vars map[string]Type) (*Env, error) {
	opts := make([]cel.EnvOption, 0, len(vars))
	all := map[string]Type{"today": Date}
	for name, t := range vars {
		if !Identifier(name) {
			return nil, fmt.Errorf("rule.NewEnv: %q cannot name a variable", name)
		}
		ct, err := t.cel()
		if err != nil {
			return nil, err
		}
		opts = append(opts, cel.Variable(name, ct))
		all[name] = t
	}
	env, err := base.Extend(opts...)
	if err != nil {
		return nil, fmt.Errorf("rule.NewEnv: %w", err)
	}
	return &Env{cel: env, vars: all}, nil
}

// reserved are the words of the language that cannot name a variable.
var reserved = []string{
	"as", "bool", "break", "bytes", "const", "continue", "double", "duration", "dyn", "else", "false", "for", "function", "if",
	"import", "in", "int", "let", "list", "loop", "map", "math", "namespace", "null", "null_type", "optional", "package",
	"return", "string", "strings", "timestamp", "today", "true", "type", "uint", "var", "void", "while",
}

// Identifier reports whether s can name a variable: lower-case letters, digits and underscores, a letter
// first, at most 60, and no word of the language.
func Identifier(s string) bool {
	if s == "" || len(s) > 60 || s[0] < 'a' || s[0] > 'z' || slices.Contains(reserved, s) {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}

// Error is what is wrong with an expression. Line and Column count from 1; both are 0 where the fault has no place.
type Error struct {
	Expr         string
	Line, Column int
	Message      string
}

// Error returns the message with its place.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s (line %d, column %d)", e.Message, e.Line, e.Column)
}

// Program is a checked expression. It is immutable and safe for concurrent use.
type Program struct {
	expr  string
	prog  cel.Program
	vars  map[string]Type
	names []string
}

// Compile checks an expression and its result type. Errors: *Error.
func (e *Env) Compile(expr string, want Type) (p *Program, err error) {
	defer func() {
		// The parser is not ours; whatever a designer types must come back as a sentence.
		if r := recover(); r != nil {
			p, err = nil, &Error{Expr: expr, Message: fmt.Sprint("the expression cannot be read: ", r)}
		}
	}()
	if len(expr) > maxLength {
		return nil, &Error{Expr: expr, Message: fmt.Sprintf("the expression is longer than %d characters", maxLength)}
	}
	ast, issues := e.cel.Compile(expr)
	if issues.Err() != nil {
		return nil, firstIssue(expr, issues)
	}
	if err := checkType(expr, ast.OutputType(), want); err != nil {
		return nil, err
	}
	prog, err := e.cel.Program(ast, cel.CostLimit(maxCost), cel.EvalOptions(cel.OptPartialEval))
	if err != nil {
		return nil, &Error{Expr: expr, Message: err.Error()}
	}
	return &Program{expr: expr, prog: prog, vars: e.vars, names: e.names(ast)}, nil
}

func firstIssue(expr string, issues *cel.Issues) *Error {
	for _, i := range issues.Errors() {
		return &Error{Expr: expr, Line: i.Location.Line(), Column: i.Location.Column() + 1, Message: i.Message}
	}
	return &Error{Expr: expr, Message: issues.Err().Error()}
}

func checkType(expr string, got *cel.Type, want Type) error {
	ct, err := want.cel()
	if err != nil {
		return &Error{Expr: expr, Message: err.Error()}
	}
	if want == Any && !plain(got) || want != Any && !got.IsExactType(ct) && got != cel.DynType {
		return &Error{Expr: expr, Message: fmt.Sprintf("the result is %s where %s is wanted", typeName(got), want)}
	}
	return nil
}

func plain(t *cel.Type) bool {
	switch t.Kind() {
	case types.StringKind, types.IntKind, types.BoolKind, types.TimestampKind, types.DynKind:
		return true
	case types.ListKind:
		return t.Parameters()[0].IsExactType(cel.StringType)
	}
	return false
}

func typeName(t *cel.Type) string {
	for _, n := range []Type{String, Int, Bool, Date, Strings, Map} {
		if c, _ := n.cel(); t.IsExactType(c) {
			return string(n)
		}
	}
	return t.String()
}

// names returns the declared variables that the expression mentions, sorted.
func (e *Env) names(ast *cel.Ast) []string {
	var names []string
	for _, ref := range ast.NativeRep().ReferenceMap() {
		if _, ok := e.vars[ref.Name]; ok && len(ref.OverloadIDs) == 0 {
			names = append(names, ref.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// String returns the expression as it was written.
func (p *Program) String() string { return p.expr }

// Names returns the variables that the expression mentions, sorted.
func (p *Program) Names() []string { return slices.Clone(p.names) }

// toCEL turns a value of ours into CEL's; ok is false for what counts as unanswered or does not fit its type.
func toCEL(t Type, v any) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, false
	case civil.Date:
		return x.In(time.UTC), !x.IsZero() && t == Date
	case string:
		if t == Date {
			d, err := civil.Parse(x)
			return d.In(time.UTC), err == nil
		}
		return x, t == String || t == Any
	case int:
		return int64(x), t == Int || t == Money || t == Any
	case int64:
		return x, t == Int || t == Money || t == Any
	case bool:
		return x, t == Bool || t == Any
	case []string:
		return x, t == Strings || t == Any
	case map[string]any:
		return x, t == Map || t == Any
	}
	return nil, false
}
