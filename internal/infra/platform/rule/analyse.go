package rule

import (
	"math"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Interval is a closed range of numbers; its ends may be infinite.
type Interval struct{ Lo, Hi float64 }

// Everything is the interval of what nobody knows anything about.
var Everything = Interval{math.Inf(-1), math.Inf(1)}

// Domain is what a variable can be, as far as its question says. The zero Domain is anything.
type Domain struct {
	Range  *Interval // of a number
	Values []string  // of a text that is one of these
}

// Domains tells what a variable, or a field of rows ("members.age"), can be.
type Domains func(name string) Domain

// Range returns bounds of a numeric result over all answers: it is never outside them, and may be narrower.
func (p *Program) Range(of Domains) Interval {
	return bounds{tree: p.tree, of: of}.number(p.tree.Expr())
}

// Truth tells whether a condition can be true and whether it can be false for any answers. It errs on the side of
// "it can": where it says no, no answers are such.
func (p *Program) Truth(of Domains) (canBeTrue, canBeFalse bool) {
	return bounds{tree: p.tree, of: of}.truth(p.tree.Expr())
}

// Together reports whether all conditions can be true at once.
func Together(of Domains, conditions ...*Program) bool {
	b := bounds{of: of}
	for _, p := range conditions {
		b.tree = p.tree
		if t, _ := b.truth(p.tree.Expr()); !t {
			return false
		}
		var possible bool
		if b, possible = b.assume(p.tree.Expr(), true); !possible {
			return false
		}
	}
	return true
}

// bounds is what is known of the variables at one place of an expression: what their questions say, narrowed by the
// conditions on the way there.
type bounds struct {
	tree     *ast.AST
	of       Domains
	narrowed map[string]Domain
}

func (b bounds) domain(name string) Domain {
	if d, ok := b.narrowed[name]; ok {
		return d
	}
	if b.of == nil {
		return Domain{}
	}
	return b.of(name)
}

func (b bounds) with(name string, d Domain) bounds {
	next := make(map[string]Domain, len(b.narrowed)+1)
	for k, v := range b.narrowed {
		next[k] = v
	}
	next[name] = d
	b.narrowed = next
	return b
}

// name returns the variable, or the field of rows, that an expression is; "" for anything else.
func (b bounds) name(e ast.Expr) string {
	if ref, ok := b.tree.ReferenceMap()[e.ID()]; ok && ref.Name != "" && len(ref.OverloadIDs) == 0 {
		return ref.Name
	}
	if e.Kind() == ast.SelectKind {
		if t := b.tree.GetType(e.AsSelect().Operand().ID()).TypeName(); len(t) > len(rowPrefix) && t[:len(rowPrefix)] == rowPrefix {
			return t[len(rowPrefix):] + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

func (b bounds) number(e ast.Expr) Interval {
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().Value().(type) {
		case int64:
			return Interval{float64(v), float64(v)}
		case float64:
			return Interval{v, v}
		}
	case ast.IdentKind, ast.SelectKind:
		if r := b.domain(b.name(e)).Range; r != nil {
			return *r
		}
	case ast.CallKind:
		return b.call(e.AsCall())
	}
	return Everything
}

func (b bounds) call(c ast.CallExpr) Interval {
	args := c.Args()
	at := func(i int) Interval { return b.number(args[i]) }
	switch c.FunctionName() {
	case operators.Negate:
		return Interval{-at(0).Hi, -at(0).Lo}
	case operators.Add:
		x, y := at(0), at(1)
		return Interval{x.Lo + y.Lo, x.Hi + y.Hi}.sound()
	case operators.Subtract:
		x, y := at(0), at(1)
		return Interval{x.Lo - y.Hi, x.Hi - y.Lo}.sound()
	case operators.Multiply:
		return corners(at(0), at(1), func(x, y float64) float64 { return x * y })
	case operators.Divide:
		if y := at(1); y.Lo > 0 || y.Hi < 0 {
			q := corners(at(0), y, func(x, y float64) float64 { return x / y })
			return Interval{math.Floor(q.Lo), math.Ceil(q.Hi)}
		}
	case operators.Modulo:
		if y := at(1); at(0).Lo >= 0 && y.Lo > 0 {
			return Interval{0, y.Hi - 1}
		}
	case operators.Conditional:
		return b.either(args[0], args[1], args[2])
	case "orElse":
		return hull(at(0), at(1))
	case "percent", "roundTo", "round":
		return b.roundedCall(c.FunctionName(), args)
	case "abs":
		x := at(0)
		if x.Lo >= 0 {
			return x
		}
		return Interval{math.Max(0, -x.Hi), math.Max(-x.Lo, x.Hi)}
	case "double", "int":
		x := at(0)
		return Interval{math.Floor(x.Lo), math.Ceil(x.Hi)}
	case "size":
		return Interval{0, math.Inf(1)}
	case "min", "math.@min", "max", "math.@max", "sum":
		return b.many(c.FunctionName(), args)
	case "year", "month", "dayOfMonth", "weekday":
		return Interval{1, 9999}
	}
	return Everything
}

// either is the range of a choice, each branch under its condition.
func (b bounds) either(condition, then, otherwise ast.Expr) Interval {
	yes, canBe := b.assume(condition, true)
	no, canBeNot := b.assume(condition, false)
	switch {
	case !canBe:
		return no.number(otherwise)
	case !canBeNot:
		return yes.number(then)
	}
	return hull(yes.number(then), no.number(otherwise))
}

func (b bounds) roundedCall(name string, args []ast.Expr) Interval {
	x := b.number(args[0])
	switch name {
	case "percent":
		x = corners(x, b.number(args[1]), func(x, y float64) float64 { return x * y / 100 })
	case "roundTo":
		step := b.number(args[1]).Hi
		return Interval{x.Lo - below(x.Lo, step), x.Hi + step}.sound()
	}
	return Interval{math.Floor(x.Lo), math.Ceil(x.Hi)}
}

// below is how far rounding to a step can go below a number: nothing below zero is made of what is not.
func below(lo, step float64) float64 {
	if lo >= 0 {
		return math.Min(lo, step)
	}
	return step
}

// many is the range of the least, the greatest or the sum of several numbers.
func (b bounds) many(name string, args []ast.Expr) Interval {
	if len(args) == 2 {
		x, y := b.number(args[0]), b.number(args[1])
		if name == "min" || name == "math.@min" {
			return Interval{math.Min(x.Lo, y.Lo), math.Min(x.Hi, y.Hi)}
		}
		return Interval{math.Max(x.Lo, y.Lo), math.Max(x.Hi, y.Hi)}
	}
	items, ok := itemsOf(args[0])
	if !ok {
		return Everything
	}
	all := Interval{math.Inf(1), math.Inf(-1)}
	for _, item := range items {
		all = hull(all, b.number(item))
	}
	switch {
	case name != "sum":
		return all
	case all.Lo >= 0:
		return Interval{0, math.Inf(1)}
	case all.Hi <= 0:
		return Interval{math.Inf(-1), 0}
	}
	return Everything
}

// itemsOf returns the expressions that a list's items are: those of a literal, or the one of a map over rows.
func itemsOf(e ast.Expr) ([]ast.Expr, bool) {
	switch e.Kind() {
	case ast.ListKind:
		return e.AsList().Elements(), len(e.AsList().Elements()) > 0
	case ast.ComprehensionKind:
		step := e.AsComprehension().LoopStep()
		if step.Kind() != ast.CallKind || step.AsCall().FunctionName() != operators.Add {
			return nil, false
		}
		if added := step.AsCall().Args()[1]; added.Kind() == ast.ListKind {
			return added.AsList().Elements(), true
		}
	}
	return nil, false
}

func corners(x, y Interval, f func(x, y float64) float64) Interval {
	out := Interval{math.Inf(1), math.Inf(-1)}
	for _, a := range []float64{x.Lo, x.Hi} {
		for _, c := range []float64{y.Lo, y.Hi} {
			v := f(a, c)
			if math.IsNaN(v) { // nothing times everything
				v = 0
			}
			out = Interval{math.Min(out.Lo, v), math.Max(out.Hi, v)}
		}
	}
	return out.sound()
}

func hull(x, y Interval) Interval { return Interval{math.Min(x.Lo, y.Lo), math.Max(x.Hi, y.Hi)} }

// sound replaces ends that are no numbers (infinite less infinite).
func (i Interval) sound() Interval {
	if math.IsNaN(i.Lo) {
		i.Lo = math.Inf(-1)
	}
	if math.IsNaN(i.Hi) {
		i.Hi = math.Inf(1)
	}
	return i
}

func (b bounds) truth(e ast.Expr) (canBeTrue, canBeFalse bool) {
	switch e.Kind() {
	case ast.LiteralKind:
		if v, ok := e.AsLiteral().Value().(bool); ok {
			return v, !v
		}
	case ast.IdentKind, ast.SelectKind:
		if v := b.domain(b.name(e)).Values; v != nil {
			return slices.Contains(v, "true"), slices.Contains(v, "false")
		}
	case ast.CallKind:
		return b.truthOfCall(e.AsCall())
	}
	return true, true
}

func (b bounds) truthOfCall(c ast.CallExpr) (canBeTrue, canBeFalse bool) {
	args := c.Args()
	switch c.FunctionName() {
	case operators.LogicalNot:
		t, f := b.truth(args[0])
		return f, t
	case operators.LogicalAnd, operators.LogicalOr:
		return b.junction(c.FunctionName() == operators.LogicalAnd, args)
	case operators.Conditional:
		t, f := false, false
		for i, wanted := range []bool{true, false} {
			if under, possible := b.assume(args[0], wanted); possible {
				t2, f2 := under.truth(args[i+1])
				t, f = t || t2, f || f2
			}
		}
		return t, f
	case operators.In:
		if x, list := b.texts(args[0]), literals(args[1]); x != nil && list != nil {
			return overlap(x, list)
		}
	case operators.Equals, operators.NotEquals:
		t, f := b.equal(args[0], args[1])
		if c.FunctionName() == operators.NotEquals {
			t, f = f, t
		}
		return t, f
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return compare(c.FunctionName(), b.number(args[0]), b.number(args[1]))
	}
	return true, true
}

// junction is the truth of "and" (conjunction) and "or": the right side is looked at under what the left one leaves.
func (b bounds) junction(conjunction bool, args []ast.Expr) (canBeTrue, canBeFalse bool) {
	t, f := b.truth(args[0])
	under, possible := b.assume(args[0], conjunction)
	if !possible {
		return !conjunction, conjunction
	}
	t2, f2 := under.truth(args[1])
	if conjunction {
		return t && t2, f || f2
	}
	return t || t2, f && f2
}

func (b bounds) equal(x, y ast.Expr) (canBe, canBeNot bool) {
	if p, q := b.texts(x), b.texts(y); p != nil && q != nil {
		canBe, canBeNot = overlap(p, q)
		return canBe, canBeNot || len(q) > 1
	}
	return compare(operators.Equals, b.number(x), b.number(y))
}

// overlap tells whether a text that is one of x can be in a list, and whether it can be outside.
func overlap(x, list []string) (canBe, canBeNot bool) {
	for _, v := range x {
		if slices.Contains(list, v) {
			canBe = true
		} else {
			canBeNot = true
		}
	}
	return canBe, canBeNot
}

// texts returns what a text or a yes-or-no can be; nil where nobody knows.
func (b bounds) texts(e ast.Expr) []string {
	switch e.Kind() {
	case ast.LiteralKind:
		switch v := e.AsLiteral().Value().(type) {
		case string:
			return []string{v}
		case bool:
			return []string{map[bool]string{true: "true", false: "false"}[v]}
		}
	case ast.IdentKind, ast.SelectKind:
		return b.domain(b.name(e)).Values
	}
	return nil
}

// literals returns the texts of a list that is written out; nil for any other.
func literals(e ast.Expr) []string {
	if e.Kind() != ast.ListKind {
		return nil
	}
	out := []string{}
	for _, x := range e.AsList().Elements() {
		if x.Kind() != ast.LiteralKind {
			return nil
		}
		s, ok := x.AsLiteral().Value().(string)
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return out
}

func compare(operator string, x, y Interval) (canBeTrue, canBeFalse bool) {
	switch operator {
	case operators.Less:
		return x.Lo < y.Hi, x.Hi >= y.Lo
	case operators.LessEquals:
		return x.Lo <= y.Hi, x.Hi > y.Lo
	case operators.Greater:
		return x.Hi > y.Lo, x.Lo <= y.Hi
	case operators.GreaterEquals:
		return x.Hi >= y.Lo, x.Lo < y.Hi
	}
	return x.Lo <= y.Hi && y.Lo <= x.Hi, x != y || x.Lo != x.Hi
}
