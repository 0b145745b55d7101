package i18n_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
)

func catalog(t *testing.T, files map[string]string) *i18n.Catalog {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, s := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(s)}
	}
	c, err := i18n.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var requests = map[string]string{
	"en.json": `{"hello": "Hello, {name}.", "only": "Only English", "requests": {"one": "{n} request", "other": "{n} requests"}}`,
	"pt.json": `{"hello": "Olá, {name}.", "requests": {"one": "{n} pedido", "other": "{n} pedidos"}}`,
	"ar.json": `{"hello": "مرحبا {name}.", "requests": {"zero": "لا طلبات", "one": "طلب واحد", "two": "طلبان", "few": "{n} طلبات",
		"many": "{n} طلبًا", "other": "{n} طلب"}}`,
}

func TestT(t *testing.T) {
	t.Parallel()
	c := catalog(t, requests)
	for _, tc := range []struct {
		lang, key string
		args      map[string]any
		want      string
	}{
		{"pt", "hello", map[string]any{"name": "Ana {n}", "n": 3}, "Olá, Ana {n}."},
		{"pt-CV", "hello", map[string]any{"name": "Ana"}, "Olá, Ana."},
		{"pt", "hello", nil, "Olá, {name}."},
		{"pt", "only", nil, "Only English"},
		{"xx", "hello", map[string]any{"name": "Ana"}, "Hello, Ana."},
		{"pt", "nowhere", nil, "nowhere"},
		{"en", "requests", map[string]any{"n": 1}, "1 request"},
		{"en", "requests", map[string]any{"n": 1500}, "1,500 requests"},
		{"pt", "requests", map[string]any{"n": 0}, "0 pedidos"},
		{"pt", "requests", map[string]any{"n": int64(1)}, "1 pedido"},
		{"ar", "requests", map[string]any{"n": 0}, "لا طلبات"},
		{"ar", "requests", map[string]any{"n": 1}, "طلب واحد"},
		{"ar", "requests", map[string]any{"n": 2}, "طلبان"},
		{"ar", "requests", map[string]any{"n": 3}, "3 طلبات"},
		{"ar", "requests", map[string]any{"n": 11}, "11 طلبًا"},
		{"ar", "requests", map[string]any{"n": 100}, "100 طلب"},
		{"ar", "requests", map[string]any{"n": 103}, "103 طلبات"},
		{"ar", "requests", map[string]any{"n": int64(math.MinInt64)}, "\u200e-9,223,372,036,854,775,808 طلبات"},
	} {
		if got := c.T(tc.lang, tc.key, tc.args); got != tc.want {
			t.Errorf("%s %s %v: %q, want %q", tc.lang, tc.key, tc.args, got, tc.want)
		}
	}
	if c.Missing() != 3 {
		t.Errorf("%d messages were missing", c.Missing())
	}
	if !c.Has("pt", "only") || c.Has("en", "nowhere") {
		t.Error("Has")
	}
}

func TestPlaceholderValues(t *testing.T) {
	t.Parallel()
	c := catalog(t, map[string]string{"en.json": `{"x": "{v}"}`})
	for _, tc := range []struct {
		v    any
		want string
	}{
		{civil.Date{Year: 2026, Month: 11, Day: 5}, "5 November 2026"},
		{money.Amount{Minor: 150000, Currency: "CVE"}, "CVE\u00a01,500.00"},
		{i18n.Text{"pt": "sim", "en": "yes"}, "yes"},
		{12345, "12,345"},
		{true, "true"},
	} {
		if got := c.T("en", "x", map[string]any{"v": tc.v}); got != tc.want {
			t.Errorf("%v: %q", tc.v, got)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`[]`, `{"a": 1}`, `{"a": "x", "a": "y"}`, `{"a": {"one": "x"}}`, `{"a": {"other": "x", "lots": "y"}}`, `{"a": "x"`, ``, `{"a": null`,
	} {
		if _, err := i18n.Load(fstest.MapFS{"en.json": {Data: []byte(s)}}); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
	if _, err := i18n.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder was taken")
	}
}

func TestProblemsAndLanguages(t *testing.T) {
	t.Parallel()
	c := catalog(t, map[string]string{
		"en.json": `{"a": "{x} and {y}", "b": "b", "n": {"one": "1", "other": "n"}}`,
		"ar.json": `{"a": "{x}", "c": " ", "n": {"one": "1", "other": "n"}}`,
	})
	got := strings.Join(c.Problems(), "\n")
	for _, want := range []string{
		`ar lacks "b", which en has`, `en lacks "c", which ar has`, `ar "a" has the placeholders [{x}], en has [{x} {y}]`,
		`ar "c" is empty (other)`, `ar "n" lacks the plural form "few"`, `ar "n" lacks the plural form "zero"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if p := catalog(t, map[string]string{"en.json": requests["en.json"]}).Problems(); len(p) != 0 {
		t.Errorf("problems %v", p)
	}
	want := []i18n.Language{{"ar", "العربية", "rtl"}, {"en", "English", "ltr"}}
	if !slices.Equal(c.Languages(), want) {
		t.Errorf("languages %v", c.Languages())
	}
	if f := i18n.Forms("ar"); len(f) != 6 {
		t.Errorf("Arabic has %v", f)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	x := i18n.Text{"pt": "sim", "en": "yes", "ar": ""}
	for _, tc := range [][3]string{{"pt-CV", "en", "sim"}, {"ar", "pt", "sim"}, {"ar", "fr", "yes"}, {"", "", "yes"}} {
		if got := x.In(tc[0], tc[1]); got != tc[2] {
			t.Errorf("In(%q, %q) = %q", tc[0], tc[1], got)
		}
	}
	if got := (i18n.Text{"pt": "sim", "fr": "oui"}).In("ar", "de"); got != "oui" {
		t.Errorf("last resort %q", got)
	}
	if !(i18n.Text{"en": ""}).IsZero() || i18n.Text(nil).In("en", "pt") != "" || x.IsZero() {
		t.Error("empty texts")
	}
}

func TestMatchAndDir(t *testing.T) {
	t.Parallel()
	have := []string{"pt", "en", "ar"}
	for accept, want := range map[string]string{
		"": "pt", "en-GB,en;q=0.9": "en", "pt-BR": "pt", "fr-FR, ar;q=0.5": "ar", "zh": "pt", "nonsense;;;": "pt", "ar-EG": "ar",
	} {
		if got := i18n.Match(accept, have); got != want {
			t.Errorf("Match(%q) = %q, want %q", accept, got, want)
		}
	}
	if i18n.Match("en", nil) != "" {
		t.Error("a language out of none")
	}
	for lang, want := range map[string]string{"ar": "rtl", "ur-PK": "rtl", "he": "rtl", "pt": "ltr", "": "ltr", "??": "ltr"} {
		if got := i18n.Dir(lang); got != want {
			t.Errorf("Dir(%q) = %q", lang, got)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	praia, err := time.LoadLocation("Atlantic/Cape_Verde")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 6, 0, 30, 0, 0, time.UTC) // still Thursday in Praia
	for _, tc := range []struct{ got, want string }{
		{i18n.FormatDate("pt", at, praia), "5 de novembro de 2026"},
		{i18n.FormatDate("en", at, time.UTC), "6 November 2026"},
		{i18n.FormatDate("ar", at, praia), "5 نوفمبر 2026"},
		{i18n.FormatDate("xx", at, nil), "2026-11-06"},
		{i18n.FormatDateLong("pt", at, praia), "quinta-feira, 5 de novembro de 2026"},
		{i18n.FormatDateLong("en", at, praia), "Thursday 5 November 2026"},
		{i18n.FormatDateLong("ar", at, praia), "الخميس، 5 نوفمبر 2026"},
		{i18n.FormatDateTime("pt", at, praia), "5 de novembro de 2026 às 23:30"},
		{i18n.FormatDateTime("en-GB", at, praia), "5 November 2026 at 23:30"},
		{i18n.FormatDateTime("ar", at, praia), "5 نوفمبر 2026 في الساعة 23:30"},
		{i18n.FormatDateTime("pt", time.Time{}, praia) + i18n.FormatDate("pt", time.Time{}, praia) + i18n.FormatTime(time.Time{}, nil), ""},
		{i18n.FormatDay("pt", civil.Date{}) + i18n.FormatDayLong("pt", civil.Date{}), ""},
		{i18n.MonthName("pt", time.March), "março"},
		{i18n.WeekdayName("ar", time.Friday), "الجمعة"},
		{i18n.WeekdayName("xx", time.Friday), "Friday"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestNumbersAndMoney(t *testing.T) {
	t.Parallel()
	cve := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "CVE"} }
	for _, tc := range []struct{ got, want string }{
		{i18n.FormatNumber("pt", 1234567), "1 234 567"},
		{i18n.FormatNumber("pt", -999), "-999"},
		{i18n.FormatNumber("en", -1234567), "-1,234,567"},
		{i18n.FormatNumber("ar", 1500), "1,500"},
		{i18n.FormatNumber("hi", 1234567), "12,34,567"},
		{i18n.FormatMoney("pt", cve(150000)), "1 500,00 CVE"},
		{i18n.FormatMoney("en", cve(150000)), "CVE 1,500.00"},
		{i18n.FormatMoney("ar", cve(150000)), "1,500.00 CVE"},
		{i18n.FormatMoney("pt", cve(-5)), "-0,05 CVE"},
		{i18n.FormatMoney("en", cve(-5)), "-CVE 0.05"},
		{i18n.FormatMoney("pt", money.Amount{Minor: 1500, Currency: "JPY"}), "1 500 JPY"},
	} {
		if got := strings.ReplaceAll(tc.got, "\u00a0", " "); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestFormatDecimalAndMonth(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		lang string
		x    float64
		want string
	}{
		{"pt", 1234.5, "1\u00a0234,5"}, {"en", 1234.5, "1,234.5"}, {"ar", -0.25, "\u200e-0.25"}, {"en", -0.5, "-0.5"}, {"pt", 12, "12"}, {"en", 1e300, "1" + strings.Repeat("0", 300)},
	} {
		if got := i18n.FormatDecimal(tc.lang, tc.x); got != tc.want {
			t.Errorf("%s %v: %q, want %q", tc.lang, tc.x, got, tc.want)
		}
	}
	for lang, want := range map[string]string{"pt": "novembro de 2026", "en": "November 2026", "ar": "نوفمبر 2026", "xx": "2026-11"} {
		if got := i18n.FormatMonth(lang, 2026, time.November); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
