package ui

import (
	"context"
	"fmt"
	"time"

	"digit/internal/infra/platform/money"
)

// Locale is how a page speaks: its language, direction, catalogue and the forms of dates, money and numbers.
// Middleware makes one per request.
type Locale struct {
	// Lang is a BCP 47 language ("pt"), Dir "ltr" or "rtl".
	Lang, Dir string
	// T returns the text of a key of the catalogue; args fill its {placeholders}, n chooses the plural.
	T func(key string, args map[string]any) string
	// Zone is the tenant's time zone.
	Zone *time.Location
	// The forms in which people of this language write a day, a day with time, a day with its weekday, a sum, a number.
	FormatDate, FormatDateTime, FormatDateLong func(time.Time) string
	FormatMoney                                func(money.Amount) string
	FormatNumber                               func(int64) string
}

type localeKey struct{}

// WithLocale returns a context whose pages speak the locale.
func WithLocale(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, localeKey{}, l)
}

// LocaleOf returns the locale of the context. Without one it speaks in keys and ISO forms, which no reader should see
// but which keeps a page of errors printable.
func LocaleOf(ctx context.Context) Locale {
	if l, ok := ctx.Value(localeKey{}).(Locale); ok {
		return l
	}
	return Locale{Lang: "en", Dir: "ltr", Zone: time.UTC}
}

// T returns the text of a key in the reader's language. Args are pairs of a placeholder's name and its value:
// ui.T(ctx, "ui.steps", "n", 2, "of", 5).
func T(ctx context.Context, key string, args ...any) string {
	l := LocaleOf(ctx)
	if l.T == nil {
		return key
	}
	var named map[string]any
	if len(args) > 0 {
		named = make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			named[fmt.Sprint(args[i])] = args[i+1]
		}
	}
	return l.T(key, named)
}

// Date writes the day of t as people write it, in the tenant's zone. The zero time is empty.
func Date(ctx context.Context, t time.Time) string {
	return formatTime(t, LocaleOf(ctx).FormatDate, time.DateOnly)
}

// DateTime writes the day and the time of t, in the tenant's zone. The zero time is empty.
func DateTime(ctx context.Context, t time.Time) string {
	return formatTime(t, LocaleOf(ctx).FormatDateTime, "2006-01-02 15:04")
}

// DateLong writes the day of t with its weekday, for promises. The zero time is empty.
func DateLong(ctx context.Context, t time.Time) string {
	return formatTime(t, LocaleOf(ctx).FormatDateLong, "Monday 2006-01-02")
}

func formatTime(t time.Time, format func(time.Time) string, layout string) string {
	switch {
	case t.IsZero():
		return ""
	case format == nil:
		return t.Format(layout)
	default:
		return format(t)
	}
}

// Money writes a sum with its currency as the reader's language does.
func Money(ctx context.Context, a money.Amount) string {
	if f := LocaleOf(ctx).FormatMoney; f != nil {
		return f(a)
	}
	return a.String()
}

// Number writes a whole number with the grouping of the reader's language.
func Number[N ~int | ~int32 | ~int64](ctx context.Context, n N) string {
	if f := LocaleOf(ctx).FormatNumber; f != nil {
		return f(int64(n))
	}
	return fmt.Sprint(n)
}
