package form_test

import (
	"bytes"
	"html"
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

// TestSheet writes every service of the library on paper, in each of its languages: each question stands there with its number and
// its options, every condition in words, and nothing is left that only the form's own language has.
func TestSheet(t *testing.T) {
	t.Parallel()
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	for _, pack := range library.Packs() {
		for _, lang := range pack.Languages {
			ctx := ui.WithLocale(t.Context(), ui.Locale{Lang: lang, Dir: i18n.Dir(lang), Zone: time.UTC, T: func(key string, args map[string]any) string { return texts.T(lang, key, args) }})
			sheet := form.SheetOf(pack, texts, lang, "CVE")
			var out bytes.Buffer
			if err := form.Paper(sheet).Render(ctx, &out); err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(html.UnescapeString(anyTag.ReplaceAllString(out.String(), " "))), " ")
			if bad := append(unsaid.FindAllString(text, -1), textKey.FindAllString(text, -1)...); len(bad) > 0 {
				t.Errorf("%s in %s says %v", pack.Code, lang, bad)
			}
			numbers := map[string]bool{}
			for i, p := range sheet.Pages {
				for _, x := range p.Items {
					if !x.Asks() {
						continue
					}
					if numbers[x.Number] || x.Label == "" {
						t.Errorf("%s in %s: %s (%q) is there twice, or asks nothing", pack.Code, lang, x.Number, x.Label)
					}
					numbers[x.Number] = true
					q := findQuestion(&pack.Form.Pages[i], x.Code)
					if q.When != "" && x.When == "" {
						t.Errorf("%s in %s: the condition of %s is not said", pack.Code, lang, x.Code)
					}
					for _, o := range x.Options {
						if !strings.Contains(text, strings.Join(strings.Fields(o.Label), " ")) {
							t.Errorf("%s in %s: %s does not offer %q", pack.Code, lang, x.Code, o.Label)
						}
					}
				}
			}
		}
	}
}

func findQuestion(pg *servicespec.Page, code string) *servicespec.Question {
	for i := range pg.Questions {
		if pg.Questions[i].Code == code {
			return &pg.Questions[i]
		}
	}
	return nil
}

// TestSignature asks for a signature by the name, typed, by a pad to draw on where the page has script, and by a file where it has
// none.
func TestSignature(t *testing.T) {
	t.Parallel()
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	pack := library.Pack(library.Codes()[0])
	pack.Form.Pages[0].Questions = append(pack.Form.Pages[0].Questions, servicespec.Question{Code: "mark", Kind: servicespec.KindSignature, Label: i18n.Text{"pt": "Assine", "en": "Sign", "ar": "وقّع"}})
	s, err := servicespec.Compile(pack)
	if err != nil {
		t.Fatal(err)
	}
	facts := servicespec.Facts{Today: civil.Date{Year: 2026, Month: 11, Day: 23}, Region: "CV", Currency: "CVE"}
	ctx := ui.WithLocale(t.Context(), ui.Locale{Lang: "en", Dir: "ltr", Zone: time.UTC, T: func(key string, args map[string]any) string { return texts.T("en", key, args) }})
	var out bytes.Buffer
	page := s.Pages(nil, facts)[0]
	v := form.View{Page: page, Lang: "en", Facts: facts, Words: servicespec.Words{Fallback: "pt", T: func(key string) string { return texts.T("en", key, nil) }}}
	if err := form.Questions(v).Render(ctx, &out); err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(out.String(), "<noscript>")
	bare, pad, ok2 := strings.Cut(rest, "</noscript>")
	if !ok || !ok2 {
		t.Fatalf("there is nothing for who has no script:\n%s", out.String())
	}
	if !strings.Contains(before, `name="mark"`) {
		t.Error("the name cannot be typed")
	}
	if !strings.Contains(bare, `type="file" name="mark.drawing" accept="image/png"`) {
		t.Errorf("without script no drawing can be sent: %s", bare)
	}
	if !strings.Contains(pad, "<canvas") || !strings.Contains(pad, "data-sign hidden") {
		t.Error("there is no pad to draw on")
	}
}
