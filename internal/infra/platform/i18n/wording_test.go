package i18n_test

import (
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
)

// TestWording lays a tenant's words over the product's: its language stands in for gaps before English does.
func TestWording(t *testing.T) {
	t.Parallel()
	product := catalog(t, requests)
	c := product.With(i18n.Wording{
		Languages: []i18n.Language{{Code: "ur", Name: "اردو", Dir: "rtl"}},
		Texts: map[string]map[string]i18n.Message{
			"pt": {"hello": {"other": "Bom dia, {name}."}},
			"ur": {"hello": {"other": "سلام {name}"}, "requests": {"one": "{n} درخواست", "other": "{n} درخواستیں"}},
		},
		Instead: "pt",
	})
	for _, tc := range []struct {
		lang, key string
		n         int
		want      string
	}{
		{"pt", "hello", 0, "Bom dia, Ana."},
		{"pt-CV", "hello", 0, "Bom dia, Ana."},
		{"en", "hello", 0, "Hello, Ana."},
		{"ur", "hello", 0, "سلام Ana"},
		{"ur", "requests", 1, "1 درخواست"},
		{"ur", "requests", 2, "2 درخواستیں"},
		{"fr", "requests", 0, "0 pedidos"}, // the plural of the language that speaks
		{"fr", "only", 0, "Only English"},
	} {
		if got := c.T(tc.lang, tc.key, map[string]any{"name": "Ana", "n": tc.n}); got != tc.want {
			t.Errorf("%s %s: %q, want %q", tc.lang, tc.key, got, tc.want)
		}
	}
	if got := product.T("pt", "hello", map[string]any{"name": "Ana"}); got != "Olá, Ana." || c.Product() != product || product.Product() != product {
		t.Errorf("the product says %q", got)
	}
	if len(c.Languages()) != 4 || len(product.Languages()) != 3 || len(c.Keys("pt")) != 2 || c.Own("pt", "only") != nil {
		t.Errorf("languages %v, keys %v", c.Languages(), c.Keys("pt"))
	}
}

// TestFlaws says what is wrong with a translation.
func TestFlaws(t *testing.T) {
	t.Parallel()
	plain, counted := i18n.Message{"other": "{a} and {b}"}, i18n.Message{"one": "{n} of {a}", "other": "{n} of {a}"}
	for _, tc := range []struct {
		lang      string
		source, m i18n.Message
		want      string
	}{
		{"pt", plain, i18n.Message{"other": "{b} e {a}"}, ""},
		{"pt", plain, i18n.Message{"other": "{a} e {c} {"}, "missing other {b}, unknown other {c}, brace other "},
		{"pt", plain, i18n.Message{"other": " "}, "empty other "},
		{"pt", plain, nil, "form other "},
		{"pt", counted, i18n.Message{"one": "um de {a}", "other": "{n} de {a}"}, ""},
		{"pt", counted, i18n.Message{"other": "{n} de {a}"}, "form one "},
		{"pt", counted, i18n.Message{"one": "um", "other": "de {a}", "lots": "x"}, "forms lots , missing one {a}, missing other {n}"},
		{"ar", counted, i18n.Message{"one": "{a}", "other": "{n} {a}"}, "form few , form many , form two , form zero "},
		{"hi", counted, i18n.Message{"one": "{a} {n}", "other": "{n} {a}"}, ""},
	} {
		var got []string
		for _, f := range i18n.Flaws(tc.lang, tc.source, tc.m) {
			got = append(got, f.Code+" "+f.Form+" "+f.Name)
		}
		if s := strings.Join(got, ", "); s != tc.want {
			t.Errorf("%s %v: %q, want %q", tc.lang, tc.m, s, tc.want)
		}
	}
	if n, ok := i18n.Example("ar", "few"); n != 3 || !ok {
		t.Errorf("few is %d", n)
	}
	if n, ok := i18n.Example("ar", "zero"); n != 0 || !ok {
		t.Errorf("zero is %d", n)
	}
	if got := strings.Join(counted.Placeholders(), " ") + " " + i18n.Say("en", counted, map[string]any{"n": 2, "a": "x"}); got != "a n 2 of x" {
		t.Error(got)
	}
}

// TestHindi writes days, numbers, plurals and amounts as CLDR has them: Latin digits, groups of two after the first three.
func TestHindi(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 5, 23, 30, 0, 0, time.UTC)
	for _, tc := range []struct{ got, want string }{
		{i18n.FormatDateLong("hi", at, nil), "गुरुवार, 5 नवंबर 2026"},
		{i18n.FormatDateTime("hi-IN", at, nil), "5 नवंबर 2026 को 23:30 बजे"},
		{i18n.FormatMonth("hi", 2026, time.February), "फ़रवरी 2026"},
		{i18n.FormatDay("hi", civil.Date{Year: 2026, Month: 1, Day: 2}), "2 जनवरी 2026"},
		{i18n.FormatNumber("hi", -1234567), "-12,34,567"},
		{i18n.FormatDecimal("hi", 123456.5), "1,23,456.5"},
		{i18n.FormatMoney("hi", money.Amount{Minor: 15000000, Currency: "CVE"}), "CVE\u00a01,50,000.00"},
		{i18n.FormatMoney("hi", money.Amount{Minor: -5, Currency: "INR"}), "-INR\u00a00.05"},
		{strings.Join(i18n.Forms("hi"), " "), "one other"},
		{i18n.Dir("hi"), "ltr"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}
