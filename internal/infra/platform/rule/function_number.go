package rule

import (
	"math"
	"math/big"
	"strconv"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// The named ways to round. A half goes away from zero, or to the even neighbour; up and down are away from zero and
// towards it, so that a rebate is rounded as the fee it is taken from.
const (
	HalfUp   = "half_up"
	HalfEven = "half_even"
	Up       = "up"
	Down     = "down"
)

// Roundings returns the names of the ways to round.
func Roundings() []string { return []string{HalfUp, HalfEven, Up, Down} }

func numberFunctions() []cel.EnvOption {
	whole, decimal, text := cel.IntType, cel.DoubleType, cel.StringType
	ordered := []*cel.Type{whole, decimal, cel.TimestampType}
	var low, high, within []cel.FunctionOpt
	for _, t := range ordered {
		id := string(typeName(t))
		low = append(low, cel.Overload("min_"+id, []*cel.Type{t, t}, t, cel.BinaryBinding(lesser)),
			cel.Overload("min_list_"+id, []*cel.Type{cel.ListType(t)}, t, cel.UnaryBinding(func(v ref.Val) ref.Val { return reduce(v, lesser) })))
		high = append(high, cel.Overload("max_"+id, []*cel.Type{t, t}, t, cel.BinaryBinding(greater)),
			cel.Overload("max_list_"+id, []*cel.Type{cel.ListType(t)}, t, cel.UnaryBinding(func(v ref.Val) ref.Val { return reduce(v, greater) })))
		within = append(within, cel.Overload("between_"+id, []*cel.Type{t, t, t}, cel.BoolType, cel.FunctionBinding(between)))
	}
	return []cel.EnvOption{
		cel.Function("min", low...), cel.Function("max", high...), cel.Function("between", within...),
		cel.Function("abs",
			cel.Overload("abs_int", []*cel.Type{whole}, whole, cel.UnaryBinding(absInt)),
			cel.Overload("abs_double", []*cel.Type{decimal}, decimal, cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Double(math.Abs(float64(v.(types.Double)))) }))),
		cel.Function("round", cel.Overload("round_double_string", []*cel.Type{decimal, text}, whole, cel.BinaryBinding(func(v, how ref.Val) ref.Val {
			return rounded(decimalOf(v), how)
		}))),
		cel.Function("roundTo", cel.Overload("roundTo_int_int_string", []*cel.Type{whole, whole, text}, whole, cel.FunctionBinding(roundTo))),
		cel.Function("percent",
			cel.Overload("percent_int_double_string", []*cel.Type{whole, decimal, text}, whole, cel.FunctionBinding(percent)),
			cel.Overload("percent_int_int_string", []*cel.Type{whole, whole, text}, whole, cel.FunctionBinding(percent))),
	}
}

func lesser(a, b ref.Val) ref.Val {
	c, ok := a.(traits.Comparer)
	if !ok {
		return types.MaybeNoSuchOverloadErr(a)
	}
	if d, ok := c.Compare(b).(types.Int); !ok || d <= 0 {
		return a
	}
	return b
}

func greater(a, b ref.Val) ref.Val {
	if lesser(a, b) == a {
		return b
	}
	return a
}

func between(args ...ref.Val) ref.Val {
	for _, pair := range [][2]ref.Val{{args[1], args[0]}, {args[0], args[2]}} {
		c, ok := pair[0].(traits.Comparer)
		if !ok {
			return types.MaybeNoSuchOverloadErr(pair[0])
		}
		d, ok := c.Compare(pair[1]).(types.Int)
		if !ok {
			return types.MaybeNoSuchOverloadErr(pair[0])
		}
		if d > 0 {
			return types.False
		}
	}
	return types.True
}

func absInt(v ref.Val) ref.Val {
	n, ok := v.(types.Int)
	if !ok || n == math.MinInt64 {
		return types.NewErr("abs: out of range")
	}
	if n < 0 {
		return -n
	}
	return n
}

// digits is to how many digits a number with decimals is taken when it is rounded, so that what binary fractions
// cannot hold (0.1 * 3) does not tip the balance.
const digits = 12

// decimalOf returns the exact value of a number, of one with decimals to so many digits; nil for what is none.
func decimalOf(v ref.Val) *big.Rat {
	switch x := v.(type) {
	case types.Int:
		return new(big.Rat).SetInt64(int64(x))
	case types.Double:
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil
		}
		r, _ := new(big.Rat).SetString(strconv.FormatFloat(float64(x), 'e', digits-1, 64))
		return r
	}
	return nil
}

// Round rounds an exact number to a whole one in a named way; ok is false for a way that is none and for what is
// too large.
func Round(x *big.Rat, how string) (n int64, ok bool) {
	if x == nil {
		return 0, false
	}
	rest := new(big.Int)
	q, rest := new(big.Int).QuoRem(x.Num(), x.Denom(), rest) // towards zero
	twice := new(big.Int).Abs(rest)
	twice.Lsh(twice, 1)
	half := twice.Cmp(x.Denom()) // below, at or above the half
	away := false
	switch how {
	case Down:
	case Up:
		away = rest.Sign() != 0
	case HalfUp:
		away = half >= 0
	case HalfEven:
		away = half > 0 || half == 0 && q.Bit(0) == 1
	default:
		return 0, false
	}
	if away {
		q.Add(q, big.NewInt(int64(x.Sign())))
	}
	return q.Int64(), q.IsInt64()
}

func rounded(x *big.Rat, how ref.Val) ref.Val {
	s, _ := how.(types.String)
	n, ok := Round(x, string(s))
	if !ok {
		return types.NewErr("%q is no way to round such a number; use half_up, half_even, up or down", string(s))
	}
	return types.Int(n)
}

func roundTo(args ...ref.Val) ref.Val {
	step, ok := args[1].(types.Int)
	x := decimalOf(args[0])
	if !ok || x == nil || step <= 0 {
		return types.NewErr("roundTo: the step must be above 0")
	}
	steps := rounded(x.Quo(x, new(big.Rat).SetInt64(int64(step))), args[2])
	n, ok := steps.(types.Int)
	if !ok {
		return steps
	}
	return n.Multiply(step)
}

func percent(args ...ref.Val) ref.Val {
	x, rate := decimalOf(args[0]), decimalOf(args[1])
	if x == nil || rate == nil {
		return types.NewErr("percent: out of range")
	}
	x.Mul(x, rate)
	return rounded(x.Quo(x, big.NewRat(100, 1)), args[2])
}
