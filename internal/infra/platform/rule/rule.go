// Package rule compiles and evaluates the expressions that designers of services write: when a question is asked, what
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
// Words lists them all with a sentence each. Dates compare with < <= == and know getFullYear(), getMonth() (from 0)
// and getDayOfWeek() (Sunday is 0). Texts have the functions of CEL's strings extension (trim, lowerAscii,
// substring, split…), numbers math.greatest and math.least. Numbers of both kinds compare with each other; to
// calculate with them, write whole numbers with a point where the other has decimals: area * 2.5, area * 250.0.
//
// # Rows
//
// A repeating group is a list of rows, each with its own answers: members.exists(m, m.age < 18). What a row does
// not answer is undecided too.
package rule

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"
)

// Type is the type of a variable or of a result.
type Type string

// The types of the language. Money is an Int of minor units; files and several choices are Strings.
const (
	String  Type = "string"
	Int     Type = "int"
	Decimal Type = "decimal" // a number with decimals, exact to 12 digits where it is rounded
	Bool    Type = "bool"
	Date    Type = "date"
	Money   Type = "money"
	Strings Type = "strings"
	Map     Type = "map"
	Rows    Type = "rows" // the rows of a repeating group, whose fields NewEnv is told
	Any     Type = "any"  // as a result: any of the others but Map and Rows
)

func (t Type) cel() (*cel.Type, error) {
	switch t {
	case String:
		return cel.StringType, nil
	case Int, Money:
		return cel.IntType, nil
	case Decimal:
		return cel.DoubleType, nil
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

// Limits of one expression: its length, depth and running cost. The cost of an ordinary rule is below 100; one that
// looks at each of 200 rows stays below 10,000.
const (
	maxLength = 4000
	maxDepth  = 60
	maxNodes  = 4000
	maxCost   = 50_000
	maxLoops  = 2 // a loop within a loop, and no more
)

// Fields are the questions of a row, by name.
type Fields map[string]Type

// Env is a set of variables that expressions may use. It is immutable and safe for concurrent use.
type Env struct {
	cel  *cel.Env
	vars map[string]Type
	rows map[string]Fields // of the variables that are Rows
}

// base is the language without variables. Making it costs milliseconds, so all Envs extend one.
var base = must(cel.NewEnv(
	cel.ParserExpressionSizeLimit(maxLength),
	cel.ParserRecursionLimit(maxDepth),
	cel.ExpressionNodeLimit(maxNodes),
	cel.DefaultUTCTimeZone(true),
	cel.CrossTypeNumericComparisons(true),
	cel.RegexProgramSizeLimit(1000),
	cel.ASTValidators(cel.ValidateRegexLiterals(), cel.ValidateTimestampLiterals(), cel.ValidateDurationLiterals(),
		cel.ValidateHomogeneousAggregateLiterals(), cel.ValidateComprehensionNestingLimit(maxLoops)),
	ext.Strings(), ext.Math(),
	cel.Variable("today", cel.TimestampType),
	cel.Variable(worldName, cel.DynType),
	functions(),
	macros(),
))

func must(env *cel.Env, err error) *cel.Env {
	if err != nil {
		panic(err)
	}
	return env
}

// NewEnv declares variables by name; a name may be qualified ("row.age"). groups gives the fields of the variables
// that are Rows. The variable today (a date) is always there.
// Errors: for a name that is no identifier or is a word of the language, and for an unknown type.
func NewEnv(vars map[string]Type, groups map[string]Fields) (*Env, error) {
	return (&Env{cel: base, vars: map[string]Type{"today": Date}, rows: map[string]Fields{}}).With(vars, groups)
}

// With returns an Env that has further variables, or other ones under their names. Errors: as NewEnv.
func (e *Env) With(vars map[string]Type, groups map[string]Fields) (*Env, error) {
	out := &Env{vars: map[string]Type{}, rows: map[string]Fields{}}
	for _, from := range []map[string]Type{e.vars, vars} {
		for name, t := range from {
			out.vars[name] = t
		}
	}
	for _, from := range []map[string]Fields{e.rows, groups} {
		for name, f := range from {
			out.rows[name] = f
		}
	}
	var opts []cel.EnvOption
	if len(groups) > 0 {
		opts = append(opts, cel.CustomTypeProvider(&rowTypes{Provider: base.CELTypeProvider(), rows: out.rows}))
	}
	for name, t := range vars {
		if !qualified(name) {
			return nil, fmt.Errorf("rule.NewEnv: %q cannot name a variable", name)
		}
		ct, err := out.typeOf(name, t)
		if err != nil {
			return nil, err
		}
		opts = append(opts, cel.Variable(name, ct))
	}
	env, err := e.cel.Extend(opts...)
	if err != nil {
		return nil, fmt.Errorf("rule.NewEnv: %w", err)
	}
	out.cel = env
	return out, nil
}

func (e *Env) typeOf(name string, t Type) (*cel.Type, error) {
	if t != Rows {
		return t.cel()
	}
	if _, ok := e.rows[name]; !ok {
		return nil, fmt.Errorf("rule.NewEnv: nobody says what a row of %q has", name)
	}
	return cel.ListType(cel.ObjectType(rowPrefix + name)), nil
}

// Type returns the type of a variable; "" for none.
func (e *Env) Type(name string) Type { return e.vars[name] }

// Names returns the variables, sorted.
func (e *Env) Names() []string {
	var names []string
	for name := range e.vars {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// reserved are the words of the language that cannot name a variable, and the names under which rules, rows and what
// was looked up stand.
var reserved = []string{
	"as", "bool", "break", "bytes", "const", "continue", "double", "duration", "dyn", "else", "false", "for", "function", "if",
	"import", "in", "int", "let", "list", "loop", "map", "math", "namespace", "null", "null_type", "optional", "package",
	"return", "string", "strings", "timestamp", "today", "true", "type", "uint", "var", "void", "while",
	"branch", "lookup", "row", "rule", "table",
}

// Identifier reports whether s can name a variable: lower-case letters, digits and underscores, a letter
// first, at most 60, and no word of the language.
func Identifier(s string) bool { return word(s) && !slices.Contains(reserved, s) }

func word(s string) bool {
	if s == "" || len(s) > 60 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return true
}

// qualified reports whether s is an identifier, or words joined by points.
func qualified(s string) bool {
	if !strings.Contains(s, ".") {
		return Identifier(s)
	}
	for part := range strings.SplitSeq(s, ".") {
		if !word(part) {
			return false
		}
	}
	return true
}

// Program is a checked expression. It is immutable and safe for concurrent use.
type Program struct {
	expr   string
	prog   cel.Program
	env    *Env
	tree   *ast.AST
	result Type
	names  []string
	fields []string
	lists  []string
}

// Compile checks an expression and its result type. Errors: *Error.
func (e *Env) Compile(expr string, want Type) (p *Program, err error) {
	defer func() {
		// The parser is not ours; whatever a designer types must come back as a sentence.
		if r := recover(); r != nil {
			p, err = nil, &Error{Expr: expr, Kind: Unreadable, Message: fmt.Sprint("the expression cannot be read: ", r)}
		}
	}()
	if len(expr) > maxLength {
		return nil, &Error{Expr: expr, Kind: TooLong, Args: map[string]any{"max": maxLength}, Message: fmt.Sprintf("the expression is longer than %d characters", maxLength)}
	}
	tree, issues := e.cel.Compile(expr)
	if issues.Err() != nil {
		return nil, firstIssue(expr, issues)
	}
	result, err := resultType(expr, tree.OutputType(), want)
	if err != nil {
		return nil, err
	}
	prog, err := e.cel.Program(tree, cel.CostLimit(maxCost))
	if err != nil {
		return nil, &Error{Expr: expr, Kind: Unreadable, Message: err.Error()}
	}
	p = &Program{expr: expr, prog: prog, env: e, tree: tree.NativeRep(), result: result}
	p.names, p.fields, p.lists = e.mentioned(p.tree)
	return p, nil
}

// resultType returns the type an expression has, if it is the one wanted. A whole number serves where one with
// decimals is wanted.
func resultType(expr string, got *cel.Type, want Type) (Type, error) {
	ct, err := want.cel()
	if err != nil {
		return "", &Error{Expr: expr, Kind: Unreadable, Message: err.Error()}
	}
	switch {
	case want == Any && plain(got):
		return typeName(got), nil
	case want != Any && (got.IsExactType(ct) || got == cel.DynType):
		return want, nil
	case want == Decimal && got == cel.IntType:
		return want, nil
	}
	return "", &Error{
		Expr: expr, Kind: WrongResult, Args: map[string]any{"got": string(typeName(got)), "want": string(want)},
		Message: fmt.Sprintf("the result is %s where %s is wanted", typeName(got), want),
	}
}

func plain(t *cel.Type) bool {
	switch t.Kind() {
	case types.StringKind, types.IntKind, types.DoubleKind, types.BoolKind, types.TimestampKind, types.DynKind:
		return true
	case types.ListKind:
		return t.Parameters()[0].IsExactType(cel.StringType)
	}
	return false
}

func typeName(t *cel.Type) Type {
	for _, n := range []Type{String, Int, Decimal, Bool, Date, Strings, Map, Any} {
		if c, _ := n.cel(); t.IsExactType(c) {
			return n
		}
	}
	if t.Kind() == types.ListKind && t.Parameters()[0].Kind() == types.StructKind {
		return Rows
	}
	return Type(t.String())
}

// mentioned returns what an expression looks at, each sorted: declared variables, fields of rows as "members.age",
// and code lists.
func (e *Env) mentioned(tree *ast.AST) (names, fields, lists []string) {
	for _, ref := range tree.ReferenceMap() {
		if _, ok := e.vars[ref.Name]; ok && len(ref.OverloadIDs) == 0 {
			names = append(names, ref.Name)
		}
	}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(x ast.Expr) {
		switch x.Kind() {
		case ast.SelectKind:
			if t := tree.GetType(x.AsSelect().Operand().ID()); t.Kind() == types.StructKind {
				fields = append(fields, strings.TrimPrefix(t.TypeName(), rowPrefix)+"."+x.AsSelect().FieldName())
			}
		case ast.CallKind:
			if c := x.AsCall(); c.FunctionName() == refFunction && len(c.Args()) == 3 && c.Args()[1].Kind() == ast.LiteralKind {
				if s, ok := c.Args()[1].AsLiteral().Value().(string); ok {
					lists = append(lists, s)
				}
			}
		}
	}))
	return set(names), set(fields), set(lists)
}

func set(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// String returns the expression as it was written.
func (p *Program) String() string { return p.expr }

// Type returns the type of the result; Any where only the evaluation shows it.
func (p *Program) Type() Type { return p.result }

// Names returns the variables that the expression mentions, sorted.
func (p *Program) Names() []string { return slices.Clone(p.names) }

// Fields returns the questions of rows that the expression mentions, as "members.age", sorted.
func (p *Program) Fields() []string { return slices.Clone(p.fields) }

// Lists returns the code lists that the expression looks things up in, sorted.
func (p *Program) Lists() []string { return slices.Clone(p.lists) }
