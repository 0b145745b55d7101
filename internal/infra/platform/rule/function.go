package rule

import (
	"reflect"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

var stringsType = reflect.TypeFor[[]string]()

// Word is a word of the language beyond CEL's own.
type Word struct {
	Use   string // as it is written, with its parameters
	Means string
}

// Words returns the words of the language beyond CEL's own, in the order of the reference.
func Words() []Word {
	return []Word{
		{"today", "the day of the evaluation (a date)"},
		{"answered(x)", "whether x has been answered"},
		{"orElse(x, y)", "x, or y where x is undecided"},
		{"between(x, low, high)", "low <= x && x <= high, for numbers and dates"},
		{"min(x, y), max(x, y)", "the lesser, the greater of two numbers or dates"},
		{`date("2006-01-02")`, "a date"},
		{"age(birth, day), years(from, to)", "full years between two dates"},
		{"months(from, to), days(from, to)", "full months, days from one date to another"},
		{"addDays(day, n), addMonths(day, n), addYears(day, n)", "the date so much later; a day that the month lacks becomes its last"},
		{"addWorkingDays(day, n)", "the n-th working day after a day, by the agency's calendar"},
		{"workingDays(from, to), isWorkingDay(day)", "working days after from up to to; whether the agency works on a day"},
		{"firstOfMonth(day), lastOfMonth(day)", "the first, the last day of a day's month"},
		{"year(day), month(day), dayOfMonth(day), weekday(day)", "parts of a date; months from 1, Monday is 1 and Sunday 7"},
		{`round(x, "half_up")`, "a number with decimals as a whole number, rounded as named: half_up, half_even, up or down"},
		{`roundTo(amount, step, "up")`, "a whole number rounded to a multiple of step"},
		{`percent(amount, 7.5, "half_up")`, "so many percent of a whole number, rounded as named"},
		{"abs(x)", "a number without its sign"},
		{"members.sum(m, m.income)", "the sum of an expression over the rows; also sum(list)"},
		{"members.count(m, m.age < 18)", "the number of rows for which something holds"},
		{"members.any(m, …), members.all(m, …)", "whether it holds for one, for all of them"},
		{"members.min(m, m.age), members.max(m, m.age)", "the least, the greatest of them; undecided without rows"},
		{"members.unique(m, m.id)", "whether no two rows have the same"},
		{"label(x)", "what people call the chosen option or area x, in the agency's language; also x_label"},
		{`ref("list", code).attribute`, "an attribute of a code in a code list"},
	}
}

func functions() cel.EnvOption {
	var opts []cel.EnvOption
	for _, group := range [][]cel.EnvOption{generalFunctions(), dateFunctions(), numberFunctions(), listFunctions()} {
		opts = append(opts, group...)
	}
	return func(e *cel.Env) (*cel.Env, error) {
		var err error
		for _, o := range opts {
			if e, err = o(e); err != nil {
				return nil, err
			}
		}
		return e, nil
	}
}

func generalFunctions() []cel.EnvOption {
	param := cel.TypeParamType("T")
	return []cel.EnvOption{
		cel.Function("answered", cel.Overload("answered_any", []*cel.Type{param}, cel.BoolType, cel.OverloadIsNonStrict(),
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				if types.IsError(v) {
					return v
				}
				return types.Bool(!types.IsUnknown(v))
			}))),
		cel.Function("orElse", cel.Overload("orElse_any_any", []*cel.Type{param, param}, param, cel.OverloadIsNonStrict(),
			cel.BinaryBinding(func(v, other ref.Val) ref.Val {
				if types.IsUnknown(v) {
					return other
				}
				return v
			}))),
		cel.Function(refFunction, cel.Overload("ref_world_string_string", []*cel.Type{cel.DynType, cel.StringType, cel.StringType},
			cel.MapType(cel.StringType, cel.DynType), cel.FunctionBinding(lookUp))),
	}
}

// lookUp answers ref(list, code). A code that the list lacks is undecided, as is an attribute that it lacks.
func lookUp(args ...ref.Val) ref.Val {
	w, ok := args[0].Value().(World)
	list, ok2 := args[1].(types.String)
	code, ok3 := args[2].(types.String)
	if !ok || !ok2 || !ok3 {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	attributes := w.Ref(string(list), string(code))
	if attributes == nil {
		return undecided
	}
	return attributeValue{attributes}
}

// attributeValue is what a code list says of a code.
type attributeValue struct{ of map[string]any }

// Get is part of traits.Indexer, by which fields are selected.
func (a attributeValue) Get(index ref.Val) ref.Val {
	name, ok := index.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index)
	}
	v, ok := toCEL(Any, nil, a.of[string(name)])
	if !ok {
		return undecided
	}
	return types.DefaultTypeAdapter.NativeToValue(v)
}

// ConvertToNative is part of ref.Val.
func (a attributeValue) ConvertToNative(t reflect.Type) (any, error) {
	return types.DefaultTypeAdapter.NativeToValue(a.of).ConvertToNative(t)
}

// ConvertToType is part of ref.Val.
func (a attributeValue) ConvertToType(ref.Type) ref.Val {
	return types.NewErr("attributes are nothing else")
}

// Equal is part of ref.Val. Attributes are compared one by one, never whole.
func (a attributeValue) Equal(ref.Val) ref.Val { return types.False }

// Type is part of ref.Val.
func (a attributeValue) Type() ref.Type { return types.MapType }

// Value is part of ref.Val.
func (a attributeValue) Value() any { return a.of }

// macros are the words that the parser writes out: loops over rows, and functions that ask the world.
func macros() cel.EnvOption {
	over := func(name string, expand func(eh cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error)) cel.Macro {
		return cel.ReceiverMacro(name, 2, expand)
	}
	mapped := func(function string) func(cel.MacroExprFactory, ast.Expr, []ast.Expr) (ast.Expr, *cel.Error) {
		return func(eh cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			list, err := cel.MapMacro.Expander()(eh, target, args)
			if err != nil {
				return nil, err
			}
			return eh.NewCall(function, list), nil
		}
	}
	asked := func(name string, args int) cel.Macro {
		return cel.GlobalMacro(name, args, func(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return eh.NewCall(ownMark+name, append([]ast.Expr{eh.NewIdent(worldName)}, args...)...), nil
		})
	}
	return cel.Macros(
		over("sum", mapped("sum")), over("min", mapped("min")), over("max", mapped("max")), over("unique", mapped("unique")),
		over("any", func(eh cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			return cel.ExistsMacro.Expander()(eh, target, args)
		}),
		over("count", func(eh cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
			list, err := cel.FilterMacro.Expander()(eh, target, args)
			if err != nil {
				return nil, err
			}
			return eh.NewCall("size", list), nil
		}),
		asked("ref", 2), asked("addWorkingDays", 2), asked("workingDays", 2), asked("isWorkingDay", 1),
		cel.GlobalMacro("label", 1, labelOf),
	)
}

// LabelSuffix makes the name under which the label of a coded answer stands: activity_label beside activity.
const LabelSuffix = "_label"

// labelOf writes label(x) as x_label.
func labelOf(eh cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	switch x := args[0]; x.Kind() {
	case ast.IdentKind:
		return eh.NewIdent(x.AsIdent() + LabelSuffix), nil
	case ast.SelectKind:
		return eh.NewSelect(x.AsSelect().Operand(), x.AsSelect().FieldName()+LabelSuffix), nil
	}
	return nil, eh.NewError(args[0].ID(), "label() takes the name of a question")
}
