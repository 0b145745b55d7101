package form_test

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/web/form"
	"digit/web/locale"
	"digit/web/ui"
)

var (
	anyTag  = regexp.MustCompile(`<[^>]*>`)
	unsaid  = regexp.MustCompile(`\{[a-z_.]+\}`)
	textKey = regexp.MustCompile(`\b(?:answer|form|ui|spec|error|service)(?:\.[a-z_]+){1,3}\b`)
)

// told are the answers of a scenario, without its files.
func told(t *testing.T, s *servicespec.Service, answers map[string]any) servicespec.Answers {
	t.Helper()
	doc := map[string]any{}
	for code, v := range answers {
		if q := s.Question(code); q != nil && q.Kind != servicespec.KindFile && q.Kind != servicespec.KindDocument {
			doc[code] = v
		}
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	a, _, err := s.Take(data)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestLibraryPages writes every page of every service of the library in each of its languages, empty and with the answers of
// its scenarios: no text is missing, no merge field is left, each question has its words.
func TestLibraryPages(t *testing.T) {
	t.Parallel()
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range library.Packs() {
		t.Run(pack.Code, func(t *testing.T) {
			t.Parallel()
			s, err := servicespec.Compile(pack)
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			answers := []servicespec.Answers{{}}
			for i := range pack.Scenarios {
				answers = append(answers, told(t, s, pack.Scenarios[i].Answers))
			}
			facts := servicespec.Facts{Today: civil.Date{Year: 2026, Month: 11, Day: 23}, Region: "CV", Currency: "CVE"}
			for _, lang := range pack.Languages {
				say := func(key string, args map[string]any) string { return texts.T(lang, key, args) }
				ctx := ui.WithLocale(t.Context(), ui.Locale{Lang: lang, Dir: i18n.Dir(lang), Zone: time.UTC, T: say})
				words := servicespec.Words{Fallback: pack.Languages[0], Currency: "CVE", T: func(key string) string { return say(key, nil) }}
				for _, a := range answers {
					for _, page := range s.Pages(a, facts) {
						seen[page.Code] = true
						var out bytes.Buffer
						v := form.View{Page: page, Caption: pack.Name.In(lang, ""), Lang: lang, Words: words, Facts: facts, Answers: a}
						if err := form.Questions(v).Render(ctx, &out); err != nil {
							t.Fatal(err)
						}
						text := html.UnescapeString(anyTag.ReplaceAllString(out.String(), " "))
						if bad := append(unsaid.FindAllString(text, -1), textKey.FindAllString(text, -1)...); len(bad) > 0 {
							t.Errorf("page %s in %s says %v", page.Code, lang, bad)
						}
						for _, q := range page.Questions {
							label := q.Text(q.Label, lang, words)
							if !strings.Contains(text, label) || label == "" {
								t.Errorf("page %s in %s does not ask %q (%s)", page.Code, lang, label, q.Code)
							}
						}
					}
				}
			}
			for _, p := range pack.Form.Pages {
				if !seen[p.Code] {
					t.Errorf("no scenario comes to the page %s", p.Code)
				}
			}
		})
	}
}
