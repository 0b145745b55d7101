package rule

import (
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"digit/internal/infra/platform/civil"
)

// Value evaluates the expression. The value is a string, int64, bool, civil.Date or []string; known is false
// (and the value nil) where the outcome hangs on something unanswered. Variables are string, int, int64, bool,
// civil.Date or "2006-01-02" for dates, []string and map[string]any; a variable of another type than declared
// counts as unanswered. Errors: where the calculation fails (division by zero, overflow) or costs too much.
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

func (p *Program) eval(vars map[string]any) (out ref.Val, known bool, err error) {
	defer func() {
		// A defect of the evaluator must not take down the request of a citizen.
		if r := recover(); r != nil {
			out, known, err = nil, false, fmt.Errorf("rule %q: %v", p.expr, r)
		}
	}()
	bound := make(map[string]any, len(p.names))
	var unanswered []*cel.AttributePatternType
	for _, name := range p.names {
		if v, ok := toCEL(p.vars[name], vars[name]); ok {
			bound[name] = v
		} else {
			unanswered = append(unanswered, cel.AttributePattern(name))
		}
	}
	partial, err := cel.PartialVars(bound, unanswered...)
	if err != nil {
		return nil, false, fmt.Errorf("rule %q: %w", p.expr, err)
	}
	out, _, err = p.prog.Eval(partial)
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
