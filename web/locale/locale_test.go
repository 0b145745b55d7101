package locale_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/platform/i18n"
	"digit/web/locale"
)

// catalog is the catalogue as the product has it.
func catalog(t *testing.T) *i18n.Catalog {
	t.Helper()
	c, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// keys are those of the catalogue; that all languages have the same is TestLanguagesAgree's matter.
func keys(t *testing.T) map[string]bool {
	t.Helper()
	have := map[string]bool{}
	for _, k := range catalog(t).Keys("en") {
		have[k] = true
	}
	return have
}

func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	var have []string
	for _, l := range c.Languages() {
		have = append(have, l.Code)
	}
	if diff := cmp.Diff([]string{"ar", "en", "hi", "pt"}, have); diff != "" {
		t.Error(diff)
	}
	for _, problem := range c.Problems() {
		t.Error(problem)
	}
}

// text is a value of a part: one form, or one per plural category.
type text map[string]string

func (t *text) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*t = text{"other": one}
		return nil
	}
	var forms map[string]string
	err := json.Unmarshal(b, &forms)
	*t = forms
	return err
}

var (
	keyLine     = regexp.MustCompile(`^  "([^"\\]+)": (".*"|\{".*"\}),?$`)
	placeholder = regexp.MustCompile(`\{[a-zA-Z_]+\}`)
)

// TestPartsAreInOrder wants each part in all languages with the same keys, and each file sorted, one key a line, so
// that branches that add texts meet in different lines.
func TestPartsAreInOrder(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(locale.Parts, "*.json")
	if err != nil || len(names) == 0 {
		t.Fatalf("no parts: %v", err)
	}
	parts := map[string]map[string][]string{} // part → language → keys
	for _, name := range names {
		b, err := fs.ReadFile(locale.Parts, name)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		if lines[0] != "{" || lines[len(lines)-1] != "}" {
			t.Fatalf("%s: want { and } on lines of their own", name)
		}
		var found []string
		for i, line := range lines[1 : len(lines)-1] {
			m := keyLine.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%s:%d: want two spaces, a key and its text on one line: %s", name, i+2, line)
				continue
			}
			found = append(found, m[1])
		}
		if !slices.IsSorted(found) {
			t.Errorf("%s is not sorted", name)
		}
		part, lang, _ := strings.Cut(strings.TrimSuffix(name, ".json"), ".")
		if parts[part] == nil {
			parts[part] = map[string][]string{}
		}
		parts[part][lang] = found
		checkForms(t, name, b)
	}
	for part, langs := range parts {
		for _, l := range catalog(t).Languages() {
			if diff := cmp.Diff(langs["en"], langs[l.Code]); diff != "" {
				t.Errorf("%s.%s.json has other keys than %s.en.json (-en +%s):\n%s", part, l.Code, part, l.Code, diff)
			}
		}
	}
}

// checkForms wants every plural form to be filled with the same things; {n} may be spelt out.
func checkForms(t *testing.T, name string, b []byte) {
	t.Helper()
	var file map[string]text
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	in := func(s string) []string {
		found := map[string]bool{}
		for _, p := range placeholder.FindAllString(s, -1) {
			found[p] = true
		}
		delete(found, "{n}")
		return slices.Sorted(maps.Keys(found))
	}
	for key, forms := range file {
		for form, s := range forms {
			if diff := cmp.Diff(in(forms["other"]), in(s)); diff != "" {
				t.Errorf("%s: placeholders of %q (%s) differ from its general form:\n%s", name, key, form, diff)
			}
			if strings.Count(s, "{") != len(placeholder.FindAllString(s, -1)) {
				t.Errorf("%s: %q (%s) has a brace that is no placeholder: %s", name, key, form, s)
			}
		}
	}
}

func TestPluralsReadWell(t *testing.T) {
	t.Parallel()
	c := catalog(t)
	for _, tc := range []struct {
		lang, key, want string
		n               int
	}{
		{"en", "service.days", "1 working day", 1},
		{"en", "service.days", "10 working days", 10},
		{"pt", "service.days", "1 dia útil", 1},
		{"pt", "wallet.share.views", "0 vezes", 0},
		{"ar", "wallet.share.views", "لم تُفتح بعد", 0},
		{"ar", "service.days", "يوما عمل", 2},
		{"ar", "service.days", "5 أيام عمل", 5},
		{"ar", "service.days", "30 يوم عمل", 30},
	} {
		if got := c.T(tc.lang, tc.key, map[string]any{"n": tc.n}); got != tc.want {
			t.Errorf("%s %s (%d): got %q, want %q", tc.lang, tc.key, tc.n, got, tc.want)
		}
	}
}

// TestPart knows in which part a key stands.
func TestPart(t *testing.T) {
	t.Parallel()
	if got := locale.Part("site.console.languages") + locale.Part("nowhere"); got != "languages" {
		t.Errorf("got %q", got)
	}
}

func TestLoadJoinsParts(t *testing.T) {
	t.Parallel()
	c, err := locale.Load(fstest.MapFS{
		"ui.en.json":  {Data: []byte(`{"a": "A", "b": {"one": "{n} b", "other": "{n} bs"}}`)},
		"web.en.json": {Data: []byte(`{"b": { "one":"{n} b","other":"{n} bs" }, "c": "C"}`)},
		"ui.pt.json":  {Data: []byte(`{"a": "Á"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, c.Keys("en")); diff != "" {
		t.Error(diff)
	}
	if got := c.T("en", "b", map[string]any{"n": 2}) + c.T("pt", "a", nil); got != "2 bsÁ" {
		t.Errorf("got %q", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for want, files := range map[string]map[string]string{
		"has another text":   {"ui.en.json": `{"a": "A"}`, "web.en.json": `{"a": "B"}`},
		"is there twice":     {"ui.en.json": `{"a": "A", "a": "A"}`},
		"is not called":      {"en.json": `{"a": "A"}`},
		"is no JSON object":  {"ui.en.json": `["a"]`},
		"EOF":                {"ui.en.json": `{"a": "A"`},
		"neither a sentence": {"ui.en.json": `{"a": 1}`},
		"no messages":        {},
	} {
		m := fstest.MapFS{}
		for name, data := range files {
			m[name] = &fstest.MapFile{Data: []byte(data)}
		}
		if _, err := locale.Load(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want … %s …", slices.Collect(maps.Keys(files)), err, want)
		}
	}
}
