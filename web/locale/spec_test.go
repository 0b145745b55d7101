package locale_test

import (
	"maps"
	"slices"
	"testing"

	"digit/internal/infra/servicespec"
	"digit/web/locale"
)

// TestProblemsOfServicesAreSaid wants the sentence of every problem that a service can have, in English as the language
// itself says it.
func TestProblemsOfServicesAreSaid(t *testing.T) {
	t.Parallel()
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	sentences := servicespec.Sentences()
	for _, code := range slices.Sorted(maps.Keys(sentences)) {
		if got := texts.T("en", "spec.problem."+code, nil); got != sentences[code] {
			t.Errorf("%s: the catalogue says %q, the language %q", code, got, sentences[code])
		}
	}
	for code, words := range servicespec.FailureSentences() {
		if got := texts.T("en", "spec.scenario."+code, nil); got != words {
			t.Errorf("%s: the catalogue says %q, the language %q", code, got, words)
		}
	}
	f := servicespec.Failure{At: "step", Step: 2, Did: "grant", Code: "state", Args: map[string]any{"found": "review", "want": "granted"}}
	if got, want := locale.Failure(texts, "pt", f), "Passo 2 (grant): o caso está em review, e não em granted"; got != want {
		t.Errorf("a failure is said %q, want %q", got, want)
	}
	if got, want := locale.Failure(texts, "en", f), "Step 2 (grant): the case is in review, not in granted"; got != want {
		t.Errorf("a failure is said %q, want %q", got, want)
	}
	for code, words := range servicespec.TypeWords() {
		if got := texts.T("en", "spec.type."+code, nil); got != words {
			t.Errorf("%s: the catalogue says %q, the language %q", code, got, words)
		}
	}
	p := servicespec.Check(&servicespec.Pack{Languages: []string{"en"}, Code: "x", Target: servicespec.Target{Cases: []servicespec.TargetCase{{When: "1 + 1", WorkingDays: 1}}}})
	i := slices.IndexFunc(p, func(x servicespec.Problem) bool { return x.Code == "rule_wrong_result" })
	if i < 0 || locale.Problem(texts, "pt", p[i]) != "A regra dá um número inteiro onde é preciso um sim ou não." {
		t.Errorf("%v", p)
	}
	for _, lang := range texts.Languages() {
		for _, key := range texts.Keys(lang.Code) {
			if code, ok := cutPrefix(key, "spec.problem."); ok && sentences[code] == "" {
				t.Errorf("%s has %q, which is no problem", lang.Code, key)
			}
		}
	}
}

func cutPrefix(s, prefix string) (string, bool) {
	if len(s) > len(prefix) && s[:len(prefix)] == prefix {
		return s[len(prefix):], true
	}
	return "", false
}
