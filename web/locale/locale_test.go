package locale_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/web/locale"
)

// text is a value of the catalogue: one form, or one per plural category.
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

var placeholder = regexp.MustCompile(`\{[a-zA-Z_]+\}`)

// placeholders lists what the general form of a text has to be filled with; {n} may be spelt out in a form.
func (t text) placeholders() []string {
	found := placeholder.FindAllString(t["other"], -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func load(t *testing.T) (texts map[string]map[string]text, lines map[string][]string) {
	t.Helper()
	texts, lines = map[string]map[string]text{}, map[string][]string{}
	files, err := fs.Glob(locale.FS, "*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue: %v", err)
	}
	key := regexp.MustCompile(`(?m)^  "([^"]+)":`)
	for _, name := range files {
		b, err := fs.ReadFile(locale.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		lang := strings.TrimSuffix(name, ".json")
		var file map[string]text
		if err := json.Unmarshal(b, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		texts[lang] = file
		for _, m := range key.FindAllStringSubmatch(string(b), -1) {
			lines[lang] = append(lines[lang], m[1])
		}
	}
	return texts, lines
}

func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	texts, lines := load(t)
	want := slices.Sorted(maps.Keys(texts["en"]))
	for lang, file := range texts {
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(file))); diff != "" {
			t.Errorf("%s has other keys than en (-en +%s):\n%s", lang, lang, diff)
		}
		if !slices.IsSorted(lines[lang]) {
			t.Errorf("%s.json is not sorted", lang)
		}
		if len(lines[lang]) != len(file) {
			t.Errorf("%s.json has %d lines of keys and %d keys: one key a line, none twice", lang, len(lines[lang]), len(file))
		}
		for key, value := range file {
			if diff := cmp.Diff(texts["en"][key].placeholders(), value.placeholders()); diff != "" {
				t.Errorf("%s: placeholders of %q differ from en:\n%s", lang, key, diff)
			}
			for form, s := range value {
				if strings.TrimSpace(s) == "" {
					t.Errorf("%s: %q (%s) is empty", lang, key, form)
				}
			}
		}
	}
}

// TestUsedKeysExist walks the sources of all pages: a key in ui.T(ctx, "…"), and every literal of the design system
// that looks like one of its keys, must be in every language.
func TestUsedKeysExist(t *testing.T) {
	t.Parallel()
	texts, _ := load(t)
	call := regexp.MustCompile(`\bT\(\s*ctx,\s*"([^"]+)"`)
	literal := regexp.MustCompile(`"(ui\.[a-z_]+(?:\.[a-z_]+)*)"`)
	used := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".templ" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found := call.FindAllStringSubmatch(string(b), -1)
		if strings.Contains(filepath.ToSlash(path), "/ui/") {
			found = append(found, literal.FindAllStringSubmatch(string(b), -1)...)
		}
		for _, m := range found {
			used[m[1]] = path
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(used) == 0 {
		t.Fatal("found no key in any source: has the call changed?")
	}
	for key, path := range used {
		for lang, file := range texts {
			if _, ok := file[key]; !ok {
				t.Errorf("%s uses %q, which %s.json does not have", path, key, lang)
			}
		}
	}
}
