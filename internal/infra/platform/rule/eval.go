package rule

import (
	"fmt"
	"math"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"digit/internal/infra/platform/civil"
)

// undecided is what stands for everything that has not been answered. Operations pass it on.
var undecided = types.NewUnknown(0, nil)

// Value evaluates the expression. The value is a string, int64, float64, bool, civil.Date or []string; known is false
// (and the value nil) where the outcome hangs on something unanswered. Variables are string, int, int64, float64, bool,
// civil.Date or "2006-01-02" for dates, []string, map[string]any and []Row; a variable of another type than declared
// counts as unanswered. Under WorldKey stands the World. Errors: where the calculation fails (division by zero,
// overflow) or costs too much.
func (p *Program) Value(vars map[string]any) (v any, known bool, err error) {
	out, known, err := p.eval(vars)
	if err != nil || !known {
		return nil, false, err
	}
	switch x := out.(type) {
	case types.Timestamp:
		return civil.Of(x.Time.In(time.UTC)), true, nil
	case types.Null:
		return nil, false, nil
	case types.Double:
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return nil, false, fmt.Errorf("rule %q: the result is no number", p.expr)
		}
		return float64(x), true, nil
	case types.Int:
		if p.result == Decimal {
			return float64(x), true, nil
		}
		return int64(x), true, nil
	}
	if out.Type() == types.ListType {
		list, err := out.ConvertToNative(stringsType)
		if err != nil {
			return nil, false, fmt.Errorf("rule %q: %w", p.expr, err)
		}
		return list, true, nil
	}
	return out.Value(), true, nil
}

// activation gives CEL the values of a program's variables, undecided ones among them.
type activation struct {
	p    *Program
	vars map[string]any
}

// ResolveName is part of cel.Activation.
func (a activation) ResolveName(name string) (any, bool) {
	if name == worldName {
		if w, ok := a.vars[WorldKey].(World); ok {
			return worldValue{w}, true
		}
		return undecided, true
	}
	t, declared := a.p.env.vars[name]
	if !declared {
		return nil, false
	}
	if v, ok := toCEL(t, a.p.env.rows[name], a.vars[name]); ok {
		return v, true
	}
	return undecided, true
}

// Parent is part of cel.Activation.
func (a activation) Parent() cel.Activation { return nil }

func (p *Program) eval(vars map[string]any) (out ref.Val, known bool, err error) {
	defer func() {
		// A defect of the evaluator must not take down the request of a citizen.
		if r := recover(); r != nil {
			out, known, err = nil, false, fmt.Errorf("rule %q: %v", p.expr, r)
		}
	}()
	out, _, err = p.prog.Eval(activation{p, vars})
	if err != nil {
		return nil, false, fmt.Errorf("rule %q: %w", p.expr, err)
	}
	return out, !types.IsUnknown(out), nil
}

// Bool evaluates to a truth; false where it is undecided. Errors: as Value.
func (p *Program) Bool(vars map[string]any) (bool, error) { return as[bool](p, vars) }

// Int evaluates to a whole number, or money in minor units; 0 where it is undecided. Errors: as Value.
func (p *Program) Int(vars map[string]any) (int64, error) { return as[int64](p, vars) }

// Str evaluates to a text; "" where it is undecided. Errors: as Value.
func (p *Program) Str(vars map[string]any) (string, error) { return as[string](p, vars) }

func as[T any](p *Program, vars map[string]any) (zero T, err error) {
	v, known, err := p.Value(vars)
	if err != nil || !known {
		return zero, err
	}
	t, ok := v.(T)
	if !ok {
		return zero, fmt.Errorf("rule %q: got %T, not %T", p.expr, v, zero)
	}
	return t, nil
}

// toCEL turns a value of ours into CEL's; ok is false for what counts as unanswered or does not fit its type.
func toCEL(t Type, fields Fields, v any) (any, bool) {
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
		return toCEL(t, nil, int64(x))
	case int64:
		if t == Decimal {
			return float64(x), true
		}
		return x, t == Int || t == Money || t == Any
	case float64:
		return x, (t == Decimal || t == Any) && !math.IsNaN(x) && !math.IsInf(x, 0)
	case bool:
		return x, t == Bool || t == Any
	case []string:
		return x, t == Strings || t == Any
	case map[string]any:
		return x, t == Map || t == Any
	case []Row:
		rows := make([]ref.Val, len(x))
		for i, row := range x {
			rows[i] = rowValue{row, fields}
		}
		return types.NewRefValList(types.DefaultTypeAdapter, rows), t == Rows
	}
	return nil, false
}
