package rule

import (
	"reflect"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"digit/internal/infra/platform/civil"
)

var stringsType = reflect.TypeFor[[]string]()

// functions are the words of the language beyond CEL's own; the package comment lists them.
func functions() cel.EnvOption {
	day, number, param := cel.TimestampType, cel.IntType, cel.TypeParamType("T")
	opts := []cel.EnvOption{
		cel.Function("date", cel.Overload("date_string", []*cel.Type{cel.StringType}, day, cel.UnaryBinding(dateOf))),
		cel.Function("age", cel.Overload("age_date_date", []*cel.Type{day, day}, number,
			cel.BinaryBinding(onDates(func(birth, on civil.Date) ref.Val { return types.Int(on.Age(birth)) })))),
		cel.Function("days", cel.Overload("days_date_date", []*cel.Type{day, day}, number,
			cel.BinaryBinding(onDates(func(from, to civil.Date) ref.Val { return types.Int(dayNumber(to) - dayNumber(from)) })))),
		cel.Function("addDays", cel.Overload("addDays_date_int", []*cel.Type{day, number}, day, cel.BinaryBinding(addDays))),
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

func dateOf(v ref.Val) ref.Val {
	s, ok := v.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	d, err := civil.Parse(string(s))
	if err != nil {
		return types.NewErr("%q is no date; write it as 2006-01-02", string(s))
	}
	return types.Timestamp{Time: d.In(time.UTC)}
}

func onDates(f func(a, b civil.Date) ref.Val) func(a, b ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		x, ok := a.(types.Timestamp)
		y, ok2 := b.(types.Timestamp)
		if !ok || !ok2 {
			return types.MaybeNoSuchOverloadErr(a)
		}
		return f(civil.Of(x.Time.In(time.UTC)), civil.Of(y.Time.In(time.UTC)))
	}
}

// dayNumber counts days since 1970. A time.Duration between two dates would saturate after 292 years.
func dayNumber(d civil.Date) int64 {
	const secondsPerDay = 24 * 60 * 60
	return d.In(time.UTC).Unix() / secondsPerDay
}

// maxSpan keeps addDays within years that a date can be written in.
const maxSpan = 1_000_000

func addDays(a, n ref.Val) ref.Val {
	d, ok := a.(types.Timestamp)
	by, ok2 := n.(types.Int)
	if !ok || !ok2 {
		return types.MaybeNoSuchOverloadErr(a)
	}
	if by > maxSpan || by < -maxSpan {
		return types.NewErr("addDays: %d days are too many", int64(by))
	}
	day := civil.Of(d.Time.In(time.UTC)).AddDays(int(by))
	if day.Year < 1 || day.Year > 9999 {
		return types.NewErr("addDays: the year %d is out of range", day.Year)
	}
	return types.Timestamp{Time: day.In(time.UTC)}
}
