package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/servicespec/library"
	"digit/test/outside"
	"digit/web/hook/hooktest"
)

// TestServiceDescriptions has every service's OpenAPI document, and that of the whole API, judged by a program of others.
func TestServiceDescriptions(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	documents := map[string]any{}
	for _, code := range library.Codes() {
		a := v.Send(http.MethodGet, "/api/v1/services/"+code+"/openapi.json?lang=pt", "", "")
		if a.Status == http.StatusNotFound {
			continue // not on offer in the demonstration
		}
		var doc struct {
			OpenAPI    string
			Info       struct{ Title string }
			Paths      map[string]any
			Components struct {
				Schemas map[string]struct {
					Properties map[string]any
					Examples   []any
				}
			}
		}
		if err := json.Unmarshal([]byte(a.Body), &doc); err != nil || doc.OpenAPI != "3.1.0" || len(doc.Paths) != 2 {
			t.Fatalf("%s: %v\n%.400s", code, err, a.Body)
		}
		if want := library.Pack(code).Name["pt"]; doc.Info.Title != want {
			t.Errorf("%s is called %q, want %q", code, doc.Info.Title, want)
		}
		if s := doc.Components.Schemas; len(s["Answers"].Properties) == 0 || len(s["NewRequest"].Examples) != 1 {
			t.Errorf("%s: its answers, or an example of them, are missing", code)
		}
		documents[code] = json.RawMessage(a.Body)
	}
	if len(documents) == 0 {
		t.Fatal("no service is described")
	}
	whole, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	documents["the whole"] = json.RawMessage(whole)
	found := map[string]string{}
	outside.Ask(t, "openapi.mjs", documents, &found)
	if len(found) != len(documents) {
		t.Errorf("%d of %d documents were judged", len(found), len(documents))
	}
	for name, why := range found {
		if why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
	if a := v.Send(http.MethodGet, "/api/v1/services/nothing/openapi.json", "", ""); a.Status != http.StatusNotFound {
		t.Errorf("an unknown service is described: %d", a.Status)
	}
}

// TestServicePages opens the page for programmers and the form to print of every service on offer, in each language.
func TestServicePages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar"} {
		v := hooktest.Visit(t, lang)
		codes := library.Codes()
		if lang != "en" {
			codes = codes[:4] // so many pages a minute and no more may be read
		}
		for _, code := range codes {
			if v.Send(http.MethodGet, "/services/"+code, "", "").Status != http.StatusOK {
				continue
			}
			page := v.Get("/services/"+code+"/api", http.StatusOK)
			text := hooktest.Text(page)
			for _, want := range []string{"/api/v1/services/" + code + "/openapi.json", "Idempotency-Key", "urn:digit:problem:api.answers"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s in %s does not say %q", code, lang, want)
				}
			}
			if lang == "en" && !strings.Contains(text, "The service accepts these answers.") {
				t.Errorf("%s: the example is not one that is accepted", code)
			}
			paper := v.Get("/services/"+code+"/paper", http.StatusOK)
			if strings.Count(paper, "paper-item") < 3 {
				t.Errorf("%s in %s has no questions on paper", code, lang)
			}
			for _, s := range []string{text, hooktest.Text(paper)} {
				if leak := keyLeak.FindString(s); leak != "" {
					t.Errorf("%s in %s shows a key for words: %s", code, lang, leak)
				}
			}
		}
	}
}

var keyLeak = regexp.MustCompile(`\b(?:apidoc|sheet|studio)\.[a-z_.]+\b`)
