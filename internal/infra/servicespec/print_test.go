package servicespec_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

func TestPrintedPacksAreTheSame(t *testing.T) {
	t.Parallel()
	for _, p := range append(library.Packs(), parse(t, small), parse(t, whole)) {
		printed, err := servicespec.Print(p)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := servicespec.Parse(printed)
		if len(problems) > 0 || servicespec.Hash(again) != servicespec.Hash(p) {
			t.Errorf("%s is another pack once printed: %v\n%s", p.Code, problems, printed)
		}
	}
}

// aText draws texts that YAML could take for something else.
func aText(t *rapid.T, name string) string {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"yes", "no", "null", "~", "1", "1.5", "2026-11-22", "- a", "a: b", "#", "{x}", "[1]", "'", `"`, "\n", " x", "x ", "|", ">", "%", "@", "0x1f", "1e3", ".inf", "!!str", "&a", "*a", "a\nb", "é", "مرحبا",
	})).Draw(t, name)
}

// TestPrintKeepsAnyText prints packs with texts of all sorts: what is parsed again has the same hash.
func TestPrintKeepsAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := parsed(whole)
		p.Name["en"] = aText(t, "name")
		p.Form.Pages[0].Questions[0].Label["en"] = aText(t, "label")
		p.Form.Pages[0].Questions[0].When = aText(t, "when")
		p.Keywords = map[string][]string{"en": {aText(t, "keyword"), aText(t, "other")}}
		p.Scenarios[0].Answers[aText(t, "code")] = rapid.SampledFrom([]any{"yes", "2026-11-22", 1, 1.5, true, []any{"no", 3}, map[string]any{"on": "off"}}).Draw(t, "value")
		data, err := json.Marshal(p) // invalid UTF-8 becomes what JSON has for it
		if err != nil {
			t.Fatal(err)
		}
		q := &servicespec.Pack{}
		if err := json.Unmarshal(data, q); err != nil {
			t.Fatal(err)
		}
		printed, err := servicespec.Print(q)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := servicespec.Parse(printed)
		if again == nil || len(problems) > 0 || servicespec.Hash(again) != servicespec.Hash(q) {
			t.Fatalf("%v\n%s", problems, printed)
		}
	})
}
