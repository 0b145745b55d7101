package rule

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// listFunctions work on lists of values; the macros of the same names turn rows into such lists.
func listFunctions() []cel.EnvOption {
	whole, decimal, text := cel.IntType, cel.DoubleType, cel.StringType
	return []cel.EnvOption{
		cel.Function("sum",
			cel.Overload("sum_list_int", []*cel.Type{cel.ListType(whole)}, whole, cel.UnaryBinding(func(v ref.Val) ref.Val { return sum(v, types.Int(0)) })),
			cel.Overload("sum_list_double", []*cel.Type{cel.ListType(decimal)}, decimal, cel.UnaryBinding(func(v ref.Val) ref.Val { return sum(v, types.Double(0)) }))),
		cel.Function("unique",
			cel.Overload("unique_list_string", []*cel.Type{cel.ListType(text)}, cel.BoolType, cel.UnaryBinding(unique)),
			cel.Overload("unique_list_int", []*cel.Type{cel.ListType(whole)}, cel.BoolType, cel.UnaryBinding(unique))),
	}
}

// sum adds a list up. An overflow is an error, as in CEL's own addition.
func sum(v, zero ref.Val) ref.Val {
	return each(v, zero, func(total, item ref.Val) ref.Val {
		a, ok := total.(traits.Adder)
		if !ok {
			return types.MaybeNoSuchOverloadErr(total)
		}
		return a.Add(item)
	})
}

func each(v, total ref.Val, add func(total, item ref.Val) ref.Val) ref.Val {
	list, ok := v.(traits.Lister)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	for it := list.Iterator(); it.HasNext() == types.True; {
		item := it.Next()
		if types.IsUnknownOrError(item) {
			return item
		}
		if total = add(total, item); types.IsUnknownOrError(total) {
			return total
		}
	}
	return total
}

// reduce chooses one of a list; an empty list leaves it undecided.
func reduce(v ref.Val, choose func(a, b ref.Val) ref.Val) ref.Val {
	best := each(v, types.NullValue, func(best, item ref.Val) ref.Val {
		if best == types.NullValue {
			return item
		}
		return choose(best, item)
	})
	if best == types.NullValue {
		return undecided
	}
	return best
}

// unique reports whether no two items of a list are the same.
func unique(v ref.Val) ref.Val {
	seen := map[any]bool{}
	twice := false
	out := each(v, types.True, func(total, item ref.Val) ref.Val {
		twice = twice || seen[item.Value()]
		seen[item.Value()] = true
		return total
	})
	if twice && out == types.True {
		return types.False
	}
	return out
}
