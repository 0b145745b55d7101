// Package uitest gives tests a locale with the real catalogue and plain forms of dates and money, without the
// machinery of requests.
package uitest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/money"
	"digit/web/locale"
	"digit/web/ui"
)

// Locale speaks the language of that code with web/locale's texts; a missing key fails the test.
func Locale(t testing.TB, lang string) ui.Locale {
	t.Helper()
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	dir := "ltr"
	if lang == "ar" {
		dir = "rtl"
	}
	return ui.Locale{
		Lang: lang, Dir: dir, Zone: time.UTC,
		T: func(key string, args map[string]any) string {
			if !texts.Has(lang, key) {
				t.Errorf("no text %q in %s", key, lang)
			}
			return texts.T(lang, key, args)
		},
		FormatDate:     func(at time.Time) string { return at.Format("02/01/2006") },
		FormatDateTime: func(at time.Time) string { return at.Format("02/01/2006, 15:04") },
		FormatDateLong: func(at time.Time) string { return at.Format("Mon 02/01/2006") },
		FormatMoney: func(a money.Amount) string {
			return strings.Replace(a.Decimal(), ".", "$", 1) + " " + a.Currency
		},
		FormatNumber: grouped,
	}
}

// grouped writes a number with a space between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return s
}
