package rule

import (
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"digit/internal/infra/platform/civil"
)

func dateFunctions() []cel.EnvOption {
	day, number := cel.TimestampType, cel.IntType
	ofDay := func(name string, result *cel.Type, f func(civil.Date) ref.Val) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_date", []*cel.Type{day}, result, cel.UnaryBinding(func(v ref.Val) ref.Val {
			d, ok := dayOf(v)
			if !ok {
				return types.MaybeNoSuchOverloadErr(v)
			}
			return f(d)
		})))
	}
	ofDays := func(name string, f func(a, b civil.Date) int64) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_date_date", []*cel.Type{day, day}, number, cel.BinaryBinding(func(x, y ref.Val) ref.Val {
			a, ok := dayOf(x)
			b, ok2 := dayOf(y)
			if !ok || !ok2 {
				return types.MaybeNoSuchOverloadErr(x)
			}
			return types.Int(f(a, b))
		})))
	}
	later := func(name string, f func(d civil.Date, n int) civil.Date) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_date_int", []*cel.Type{day, number}, day, cel.BinaryBinding(func(x, n ref.Val) ref.Val {
			return shift(name, x, n, f)
		})))
	}
	years := func(from, to civil.Date) int64 { return int64(to.Age(from)) }
	whole := func(f func(civil.Date) int) func(civil.Date) ref.Val {
		return func(d civil.Date) ref.Val { return types.Int(f(d)) }
	}
	return append([]cel.EnvOption{
		cel.Function("date", cel.Overload("date_string", []*cel.Type{cel.StringType}, day, cel.UnaryBinding(dateOf))),
		ofDays("age", years), ofDays("years", years), ofDays("months", monthsBetween),
		ofDays("days", func(from, to civil.Date) int64 { return dayNumber(to) - dayNumber(from) }),
		later("addDays", civil.Date.AddDays),
		later("addMonths", addMonths),
		later("addYears", func(d civil.Date, n int) civil.Date { return addMonths(d, 12*n) }),
		ofDay("firstOfMonth", day, func(d civil.Date) ref.Val { return celDay(civil.Date{Year: d.Year, Month: d.Month, Day: 1}) }),
		ofDay("lastOfMonth", day, func(d civil.Date) ref.Val { return celDay(lastOfMonth(d)) }),
		ofDay("year", number, whole(func(d civil.Date) int { return d.Year })),
		ofDay("month", number, whole(func(d civil.Date) int { return int(d.Month) })),
		ofDay("dayOfMonth", number, whole(func(d civil.Date) int { return d.Day })),
		ofDay("weekday", number, whole(weekday)),
	}, workingFunctions()...)
}

// workingFunctions ask the agency's calendar; the parser puts the world before their arguments.
func workingFunctions() []cel.EnvOption {
	day, number, dyn := cel.TimestampType, cel.IntType, cel.DynType
	return []cel.EnvOption{
		cel.Function(ownMark+"addWorkingDays", cel.Overload("addWorkingDays_world_date_int", []*cel.Type{dyn, day, number}, day,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				w, ok := args[0].Value().(World)
				if !ok {
					return types.MaybeNoSuchOverloadErr(args[0])
				}
				return shift("addWorkingDays", args[1], args[2], func(d civil.Date, n int) civil.Date {
					return w.AddWorkingDays(d, min(max(n, -maxWorking), maxWorking))
				})
			}))),
		cel.Function(ownMark+"workingDays", cel.Overload("workingDays_world_date_date", []*cel.Type{dyn, day, day}, number,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				w, ok := args[0].Value().(World)
				from, ok2 := dayOf(args[1])
				to, ok3 := dayOf(args[2])
				if !ok || !ok2 || !ok3 {
					return types.MaybeNoSuchOverloadErr(args[0])
				}
				if n := dayNumber(to) - dayNumber(from); n > maxSpanDays || n < -maxSpanDays {
					return types.NewErr("workingDays: the days are too far apart")
				}
				return types.Int(w.WorkingDays(from, to))
			}))),
		cel.Function(ownMark+"isWorkingDay", cel.Overload("isWorkingDay_world_date", []*cel.Type{dyn, day}, cel.BoolType,
			cel.BinaryBinding(func(world, v ref.Val) ref.Val {
				w, ok := world.Value().(World)
				d, ok2 := dayOf(v)
				if !ok || !ok2 {
					return types.MaybeNoSuchOverloadErr(v)
				}
				return types.Bool(w.IsWorkingDay(d))
			}))),
	}
}

// Bounds of what is counted day by day.
const (
	maxWorking  = 5000
	maxSpanDays = 20 * 366
)

func dayOf(v ref.Val) (civil.Date, bool) {
	t, ok := v.(types.Timestamp)
	if !ok {
		return civil.Date{}, false
	}
	return civil.Of(t.Time.In(time.UTC)), true
}

func celDay(d civil.Date) ref.Val { return types.Timestamp{Time: d.In(time.UTC)} }

func dateOf(v ref.Val) ref.Val {
	s, ok := v.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(v)
	}
	d, err := civil.Parse(string(s))
	if err != nil {
		return types.NewErr("%q is no date; write it as 2006-01-02", string(s))
	}
	return celDay(d)
}

// dayNumber counts days since 1970. A time.Duration between two dates would saturate after 292 years.
func dayNumber(d civil.Date) int64 {
	const secondsPerDay = 24 * 60 * 60
	return d.In(time.UTC).Unix() / secondsPerDay
}

// monthsBetween counts full months, as Age counts full years.
func monthsBetween(from, to civil.Date) int64 {
	if to.Before(from) {
		return -monthsBetween(to, from)
	}
	n := int64(to.Year-from.Year)*12 + int64(to.Month-from.Month)
	if to.Day < from.Day && to != lastOfMonth(to) {
		n--
	}
	return n
}

// addMonths keeps the day of the month where there is such a day, and takes the month's last otherwise.
func addMonths(d civil.Date, n int) civil.Date {
	first := civil.Of(time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
	first.Day = min(d.Day, lastOfMonth(first).Day)
	return first
}

func lastOfMonth(d civil.Date) civil.Date {
	return civil.Of(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC))
}

// weekday counts from Monday, 1, to Sunday, 7 (ISO 8601).
func weekday(d civil.Date) int { return (int(d.In(time.UTC).Weekday())+6)%7 + 1 }

// maxSpan keeps shifted days within years that a date can be written in.
const maxSpan = 1_000_000

func shift(name string, a, n ref.Val, f func(civil.Date, int) civil.Date) ref.Val {
	d, ok := dayOf(a)
	by, ok2 := n.(types.Int)
	if !ok || !ok2 {
		return types.MaybeNoSuchOverloadErr(a)
	}
	if by > maxSpan || by < -maxSpan {
		return types.NewErr("%s: %d are too many", name, int64(by))
	}
	day := f(d, int(by))
	if day.Year < 1 || day.Year > 9999 {
		return types.NewErr("%s: the year %d is out of range", name, day.Year)
	}
	return celDay(day)
}
