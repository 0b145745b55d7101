package servicespec_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

func TestRead(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	for _, tc := range []struct {
		field, posted string
		want          any    // nil with code "": not answered
		code          string // of the fault
	}{
		{"word", "  olá\t ", "olá", ""},
		{"word", "ola\u0301", "olá", ""},
		{"word", "a\x00b\xff", "ab\uFFFD", ""},
		{"word", "   ", nil, ""},
		{"word", "abcdef", nil, "too_long"},
		{"story", "a\r\nb\n", "a\nb", ""},
		{"who", "Ana d'Ávila-Pires", "Ana d'Ávila-Pires", ""},
		{"who", "1234", nil, "not_a_name"},
		{"mail", " Ana@Example.CV ", "Ana@example.cv", ""},
		{"mail", "ana@", nil, "not_an_email"},
		{"mail", "ana@localhost", nil, "not_an_email"},
		{"mail", "Ana <ana@example.cv>", nil, "not_an_email"},
		{"phone", "991 23 45", "+2389912345", ""},
		{"phone", "+351 912 345 678", "+351912345678", ""},
		{"phone", "٩٩١٢٣٤٥", "+2389912345", ""},
		{"phone", "123", nil, "not_a_phone"},
		{"phone", strings.Repeat("9", 300), nil, "not_a_phone"},
		{"rooms", "1 500", int64(1500), ""},
		{"rooms", "1.500", int64(1500), ""},
		{"rooms", "١٬٥٠٠", int64(1500), ""},
		{"rooms", "1.5", nil, "not_a_number"},
		{"rooms", "many", nil, "not_a_number"},
		{"rooms", "0", nil, "too_small"},
		{"rooms", "1000001", nil, "too_large"},
		{"rooms", "99999999999999999999", nil, "not_a_number"},
		{"rent", "1 500,50 CVE", int64(150050), ""},
		{"rent", "CVE 1,500.5", int64(150050), ""},
		{"rent", "1,500", int64(150000), ""},
		{"rent", "1.500.000", int64(150000000), ""},
		{"rent", "-0.50", nil, "too_small"},
		{"rent", "12,3456", nil, "not_a_number"},
		{"born", "1985-03-27", "1985-03-27", ""},
		{"born", "1985-02-30", nil, "not_a_date"},
		{"born", "27/03/1985", nil, "not_a_date"},
		{"born", "2026-11-23", nil, "custom"},
		{"own", "no", false, ""},
		{"own", "maybe", nil, "not_an_option"},
		{"colour", "blue", "blue", ""},
		{"colour", "green", nil, "not_an_option"},
		{"uses", "c|a|a|", []string{"a", "c"}, ""},
		{"uses", "a|b|c", nil, "too_many"},
		{"uses", "a|x", nil, "not_an_option"},
		{"island", "fogo", "fogo", ""},
		{"island", "atlantis", nil, "not_an_option"},
		{"place", "CV-PR", "CV-PR", ""},
		{"place", "PT-11", nil, "not_an_option"},
		{"ghost", "boo", nil, "unknown_field"},
		{"note", "boo", nil, "unknown_field"},
		{"word.day", "1", nil, "unknown_field"},
		{"_token", "x", nil, ""},
		{"red_why", "hidden by the answers", nil, ""},
	} {
		got, bad := s.Read("all", map[string][]string{tc.field: strings.Split(tc.posted, "|")}, nil, facts)
		switch {
		case tc.code == "" && len(bad) > 0:
			t.Errorf("%s %q: refused: %+v", tc.field, tc.posted, bad)
		case tc.code != "" && (len(bad) != 1 || bad[0].Code != tc.code || bad[0].Path != tc.field):
			t.Errorf("%s %q: %+v, want %s", tc.field, tc.posted, bad, tc.code)
		case !cmp.Equal(got[tc.field], tc.want):
			t.Errorf("%s %q: %#v, want %#v", tc.field, tc.posted, got[tc.field], tc.want)
		}
	}
}

func TestReadDateParts(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	read := func(d, m, y string) (any, string) {
		a, bad := s.Read("all", map[string][]string{"born.day": {d}, "born.month": {m}, "born.year": {y}}, nil, facts)
		if len(bad) > 0 {
			return a["born"], bad[0].Code
		}
		return a["born"], ""
	}
	for _, tc := range []struct {
		d, m, y string
		want    any
		code    string
	}{
		{"7", "3", "1985", "1985-03-07", ""},
		{" 29", "02 ", "2000", "2000-02-29", ""},
		{"٧", "٣", "١٩٨٥", "1985-03-07", ""},
		{"", "", "", nil, ""},
		{"29", "2", "2001", nil, "not_a_date"},
		{"7", "", "1985", nil, "not_a_date"},
		{"7", "3", "85", nil, "not_a_date"},
		{"-7", "3", "1985", nil, "not_a_date"},
		{"7", "3", "19850", nil, "not_a_date"},
	} {
		if got, code := read(tc.d, tc.m, tc.y); got != tc.want || code != tc.code {
			t.Errorf("%s.%s.%s: %v %s", tc.d, tc.m, tc.y, got, code)
		}
	}
}

func TestReadConditionsOfTheSamePage(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	_, bad := s.Read("all", map[string][]string{"colour": {"red"}}, nil, facts)
	if len(bad) != 1 || bad[0].Path != "red_why" || bad[0].Code != "required" {
		t.Errorf("%+v", bad)
	}
	if _, bad = s.Read("sign", nil, servicespec.Answers{"rooms": int64(2)}, facts); len(bad) != 1 || bad[0].Code != "unknown_field" {
		t.Errorf("a page that is not asked was read: %+v", bad)
	}
	if _, bad = s.Read("sign", map[string][]string{"true_statement": {"no"}}, servicespec.Answers{"rooms": int64(9)}, facts); len(bad) != 1 || bad[0].Code != "required" {
		t.Errorf("a declaration was not made: %+v", bad)
	}
	if _, bad = s.Read("ghost", nil, nil, facts); len(bad) != 1 {
		t.Errorf("%+v", bad)
	}
	merged := s.Merge("all", servicespec.Answers{"word": "old", "true_statement": true}, servicespec.Answers{"rooms": int64(1)})
	if diff := cmp.Diff(servicespec.Answers{"rooms": int64(1), "true_statement": true}, merged); diff != "" {
		t.Error(diff)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	file := func(name, mediaType string, size int64) servicespec.File {
		return servicespec.File{ID: uuid.New(), Name: name, MediaType: mediaType, Size: size}
	}
	one, two := file("a.pdf", "application/pdf", 10), file("b.png", "image/png; x=y", 1000)
	for _, tc := range []struct {
		f    servicespec.File
		have []servicespec.File
		code string
	}{
		{one, nil, ""},
		{two, []servicespec.File{one}, ""},
		{two, []servicespec.File{one, one}, "too_many_files"},
		{file("c", "text/html", 1), nil, "file_type_refused"},
		{file("c", "image/png", 0), nil, "empty_file"},
		{file("c", "image/png", 1001), nil, "file_too_large"},
	} {
		bad := s.AcceptFile("papers", tc.f, servicespec.Answers{"papers": tc.have})
		if tc.code == "" && bad != nil || tc.code != "" && (len(bad) != 1 || bad[0].Code != tc.code) {
			t.Errorf("%+v: %+v, want %s", tc.f, bad, tc.code)
		}
	}
	if bad := s.AcceptFile("word", one, nil); len(bad) != 1 {
		t.Error("a word took a file")
	}
	a := servicespec.Answers{"papers": []servicespec.File{one, two}}
	for _, tc := range []struct {
		posted map[string][]string
		want   any
	}{
		{nil, a["papers"]},
		{map[string][]string{"papers": {"", two.ID.String()}}, []servicespec.File{two}},
		{map[string][]string{"papers": {""}}, nil},
	} {
		got, bad := s.Read("all", tc.posted, a, facts)
		if len(bad) > 0 || !cmp.Equal(got["papers"], tc.want) {
			t.Errorf("%v: %v %+v", tc.posted, got["papers"], bad)
		}
	}
	if _, bad := s.Read("all", map[string][]string{"papers": {uuid.NewString()}}, a, facts); len(bad) != 1 || bad[0].Code != "not_a_file" {
		t.Errorf("somebody else's file: %+v", bad)
	}
	if _, bad := s.Read("all", map[string][]string{"own": {"yes"}}, nil, facts); len(bad) != 1 || bad[0].Path != "papers" {
		t.Errorf("papers of an owner: %+v", bad)
	}
}

func TestValidateRefuses(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	for _, a := range []servicespec.Answers{
		{"ghost": "x"},
		{"red_why": "hidden"},
		{"colour": "red"},
		{"word": "abcdef"},
		{"word": " x"},
		{"word": int64(1)},
		{"rooms": "1"},
		{"rooms": 1.5},
		{"mail": "Ana@EXAMPLE.cv"},
		{"phone": "991 23 45"},
		{"born": "1985-3-7"},
		{"uses": []string{"c", "a"}},
		{"uses": []string{"a", "a"}},
		{"uses": "a"},
		{"papers": []string{"a"}},
		{"own": "yes"},
		{"rooms": int64(6)},
		{"own": true},
		{"rooms": int64(6), "true_statement": false},
		{"place": "x"},
		{"note": "x"},
	} {
		if bad := s.Validate(a, facts); len(bad) != 1 {
			t.Errorf("%v: %+v", a, bad)
		}
	}
	if bad := s.Validate(servicespec.Answers{"rooms": int64(6), "true_statement": true, "colour": "red", "red_why": "x"}, facts); bad != nil {
		t.Errorf("%+v", bad)
	}
}

// aPost draws something that could be posted to the page "all": sound values, near misses and noise.
func aPost(t *rapid.T) map[string][]string {
	one := func(values ...string) *rapid.Generator[[]string] {
		return rapid.Custom(func(t *rapid.T) []string {
			return []string{rapid.OneOf(rapid.SampledFrom(values), rapid.String()).Draw(t, "value")}
		})
	}
	post := map[string][]string{}
	for name, g := range map[string]*rapid.Generator[[]string]{
		"word": one("a", "olá", "ola\u0301"), "story": one("a\r\nb", " x "), "who": one("Ana", "١"), "mail": one("a@b.cv", "A@B.CV"),
		"phone": one("9912345", "+351912345678"), "rooms": one("1", "1 500", "9"), "rent": one("1,5", "1.500,00", "7"), "born": one("2000-02-29"),
		"born.day": one("1", "31"), "born.month": one("2", "12"), "born.year": one("1999"), "own": one("yes", "no"), "colour": one("red", "blue"),
		"uses": rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c", "", "x"})), "island": one("fogo"), "place": one("CV-PR"), "red_why": one("so"),
		"ghost": one("boo"),
	} {
		if rapid.IntRange(0, 3).Draw(t, name) == 0 {
			post[name] = g.Draw(t, name)
		}
	}
	return post
}

func TestWhatReadTakesReadsTheSameAgainAndIsValid(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	rapid.Check(t, func(t *rapid.T) {
		posted := aPost(t)
		a, bad := s.Read("all", posted, nil, facts)
		again := map[string][]string{}
		for code, v := range a {
			maps.Copy(again, servicespec.Posted(code, s.Question(code), v, facts))
		}
		b, bad2 := s.Read("all", again, nil, facts)
		if !cmp.Equal(a, b) {
			t.Fatalf("%v → %v → %v → %v %+v", posted, a, again, b, bad2)
		}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := servicespec.DecodeAnswers(data); err != nil || !cmp.Equal(a, c) {
			t.Fatalf("%v → %s → %v, %v", a, data, c, err)
		}
		// What Validate says of the page's answers is what Read says of them, but for what never got in.
		if len(bad2) == 0 {
			for _, f := range s.Validate(a, facts) {
				if f.Path != "true_statement" {
					t.Fatalf("%v: Read took it, Validate says %+v", a, f)
				}
			}
		}
		for _, f := range bad {
			if _, in := a[f.Path]; in {
				t.Fatalf("%s was refused and taken", f.Path)
			}
		}
	})
}

func TestValidateRefusesWhatReadRefuses(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"word", "story", "who", "mail", "phone", "born", "colour", "island", "place"}).Draw(t, "question")
		v := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z]{1,4}@[a-z]{1,3}\.cv|\+?[0-9]{3,12}|[0-9]{4}-[01][0-9]-[0-3][0-9]|red|fogo|CV-[A-Z]`)).Draw(t, "value")
		if v == "" || v == "red" && code == "colour" {
			return
		}
		got, bad := s.Read("all", map[string][]string{code: {v}}, nil, facts)
		normal := len(bad) == 0 && got[code] == any(v)
		if valid := s.Validate(servicespec.Answers{code: v}, facts) == nil; valid != normal {
			t.Fatalf("%s %q: Read gives %v %+v, Validate %v", code, v, got[code], bad, s.Validate(servicespec.Answers{code: v}, facts))
		}
	})
}

func TestDecodeAnswersRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{`[]`, `{"a": {"b": 1}}`, `{"a": [1]}`, `{"a": ["x", {}]}`, `{"a": [{"id": "x", "media_type": 1}]}`, `{"a": [{}, 1]}`, `{"a": {"lat": "x"}}`, `{`, `{"a": 1e999}`} {
		if a, err := servicespec.DecodeAnswers([]byte(s)); err == nil {
			t.Errorf("%s became %v", s, a)
		}
	}
	for s, want := range map[string]servicespec.Answers{
		`null`: nil, `{"a": null, "b": [ ], "c": 9007199254740993}`: {"b": []string{}, "c": int64(9007199254740993)},
	} {
		if a, err := servicespec.DecodeAnswers([]byte(s)); err != nil || !cmp.Equal(a, want) {
			t.Errorf("%s: %v %v", s, a, err)
		}
	}
}

func TestDisplay(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	w := servicespec.Words{
		T:        func(key string) string { return "<" + key + ">" },
		Boundary: func(code string) string { return "Praia (" + code + ")" },
		RefData:  func(_, code string) string { return strings.ToUpper(code) },
		Currency: "CVE",
	}
	files := []servicespec.File{{Name: "a.pdf"}, {Name: "b.pdf"}}
	for _, tc := range []struct {
		code string
		v    any
		lang string
		want string
	}{
		{"word", "olá", "pt", "olá"},
		{"word", nil, "pt", ""},
		{"rooms", int64(1500), "pt", "1 500"},
		{"rent", int64(150050), "pt", "1 500,50 CVE"},
		{"born", "1985-03-27", "pt", "27 de março de 1985"},
		{"born", "1985-03-27", "ar", "27 مارس 1985"},
		{"own", true, "pt", "<answer.yes>"},
		{"own", false, "pt", "<answer.no>"},
		{"true_statement", true, "pt", "<answer.declared>"},
		{"colour", "red", "pt", "Red"},
		{"colour", "gone", "pt", "gone"},
		{"uses", []string{"a", "b"}, "en", "A, B"},
		{"uses", []string{"a", "b"}, "ar", "A، B"},
		{"island", "fogo", "en", "FOGO"},
		{"place", "CV-PR", "en", "Praia (CV-PR)"},
		{"papers", files, "en", "a.pdf, b.pdf"},
		{"phone", "+2389912345", "en", "+238 991 23 45"},
	} {
		got := strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return ' '
			}
			return r
		}, servicespec.Display(s.Question(tc.code), tc.v, tc.lang, w))
		if got != tc.want {
			t.Errorf("%s %v in %s: %q, want %q", tc.code, tc.v, tc.lang, got, tc.want)
		}
	}
	if got := servicespec.Display(s.Question("own"), true, "en", servicespec.Words{}); got != "yes" {
		t.Errorf("without words: %q", got)
	}
}

func TestCustomMessage(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	bad := s.Validate(servicespec.Answers{"born": "2030-01-01"}, facts)
	if len(bad) != 1 || bad[0].Args["message"].(i18n.Text).In("en", "") != "Not in the future" {
		t.Errorf("%+v", bad)
	}
	// Without a day the rule is undecided, and nothing is held against the answer.
	none := facts
	none.Today = civil.Date{}
	if bad := s.Validate(servicespec.Answers{"born": "2030-01-01"}, none); bad != nil {
		t.Errorf("%+v", bad)
	}
}
