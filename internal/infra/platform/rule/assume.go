package rule

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// assume returns what is known once a condition has turned out true, or false; possible is false where it cannot have.
func (b bounds) assume(e ast.Expr, truth bool) (_ bounds, possible bool) {
	switch e.Kind() {
	case ast.LiteralKind:
		v, ok := e.AsLiteral().Value().(bool)
		return b, !ok || v == truth
	case ast.IdentKind, ast.SelectKind:
		word := map[bool]string{true: "true", false: "false"}[truth]
		return b.only(b.name(e), []string{word})
	case ast.CallKind:
		return b.assumeCall(e.AsCall(), truth)
	}
	return b, true
}

func (b bounds) assumeCall(c ast.CallExpr, truth bool) (bounds, bool) {
	args := c.Args()
	switch name := c.FunctionName(); name {
	case operators.LogicalNot:
		return b.assume(args[0], !truth)
	case operators.LogicalAnd, operators.LogicalOr:
		if (name == operators.LogicalAnd) == truth { // both sides are settled
			first, possible := b.assume(args[0], truth)
			if !possible {
				return first, false
			}
			return first.assume(args[1], truth)
		}
		return b.oneOf(args, truth)
	case operators.In:
		if list := literals(args[1]); list != nil {
			return b.among(b.name(args[0]), list, truth)
		}
	case operators.Equals, operators.NotEquals:
		return b.assumeEqual(args, truth == (name == operators.Equals))
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		if !truth {
			name = opposite[name]
		}
		return b.assumeOrder(name, args)
	}
	return b, true
}

var (
	opposite = map[string]string{
		operators.Less: operators.GreaterEquals, operators.GreaterEquals: operators.Less,
		operators.Greater: operators.LessEquals, operators.LessEquals: operators.Greater,
	}
	mirrored = map[string]string{
		operators.Less: operators.Greater, operators.Greater: operators.Less,
		operators.LessEquals: operators.GreaterEquals, operators.GreaterEquals: operators.LessEquals,
	}
)

// oneOf is what is known where at least one of two sides has that truth: what both leave open.
func (b bounds) oneOf(args []ast.Expr, truth bool) (bounds, bool) {
	left, canLeft := b.assume(args[0], truth)
	right, canRight := b.assume(args[1], truth)
	switch {
	case !canLeft:
		return right, canRight
	case !canRight:
		return left, true
	}
	out := b
	for name, l := range left.narrowed {
		r, both := right.narrowed[name]
		if !both {
			continue
		}
		d := Domain{}
		if l.Range != nil && r.Range != nil {
			h := hull(*l.Range, *r.Range)
			d.Range = &h
		}
		if l.Values != nil && r.Values != nil {
			d.Values = set(append(slices.Clone(l.Values), r.Values...))
		}
		out = out.with(name, d)
	}
	return out, true
}

// only narrows a variable to some of its values.
func (b bounds) only(name string, values []string) (bounds, bool) {
	if name == "" {
		return b, true
	}
	left := values
	if have := b.domain(name).Values; have != nil {
		left = slices.DeleteFunc(slices.Clone(have), func(v string) bool { return !slices.Contains(values, v) })
	}
	return b.with(name, Domain{Values: left}), len(left) > 0
}

// among narrows a variable to what is in a list, or to what is not.
func (b bounds) among(name string, list []string, in bool) (bounds, bool) {
	if in {
		return b.only(name, list)
	}
	have := b.domain(name).Values
	if have == nil || name == "" {
		return b, true
	}
	left := slices.DeleteFunc(slices.Clone(have), func(v string) bool { return slices.Contains(list, v) })
	return b.with(name, Domain{Values: left}), len(left) > 0
}

func (b bounds) assumeEqual(args []ast.Expr, equal bool) (bounds, bool) {
	for i, x := range args {
		y := args[1-i]
		name := b.name(x)
		if name == "" {
			continue
		}
		if texts := b.texts(y); texts != nil && y.Kind() == ast.LiteralKind {
			return b.among(name, texts, equal)
		}
		if r := b.number(y); equal && r != Everything {
			return b.narrow(name, r)
		}
	}
	return b, true
}

func (b bounds) narrow(name string, to Interval) (bounds, bool) {
	have := Everything
	if r := b.domain(name).Range; r != nil {
		have = *r
	}
	left := Interval{math.Max(have.Lo, to.Lo), math.Min(have.Hi, to.Hi)}
	return b.with(name, Domain{Range: &left}), left.Lo <= left.Hi
}

// assumeOrder narrows the variables on either side of a comparison that holds. Of whole numbers, "above 500" is "from
// 501 on".
func (b bounds) assumeOrder(operator string, args []ast.Expr) (bounds, bool) {
	possible := true
	for i, x := range args {
		name := b.name(x)
		if t := b.tree.GetType(x.ID()); name == "" || t.Kind() != types.IntKind && t.Kind() != types.DoubleKind {
			continue
		}
		step := 0.0
		if b.tree.GetType(x.ID()).Kind() == types.IntKind {
			step = 1
		}
		other, op := b.number(args[1-i]), operator
		if i == 1 {
			op = mirrored[operator]
		}
		to := Everything
		switch op {
		case operators.Less:
			to.Hi = other.Hi - step
		case operators.LessEquals:
			to.Hi = other.Hi
		case operators.Greater:
			to.Lo = other.Lo + step
		case operators.GreaterEquals:
			to.Lo = other.Lo
		}
		var ok bool
		if b, ok = b.narrow(name, to); !ok {
			possible = false
		}
	}
	return b, possible
}
