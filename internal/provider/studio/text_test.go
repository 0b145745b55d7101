package studio_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/studio"
)

// TestTexts holds the list of texts to the count of the check: what it says is missing is what is not translated.
func TestTexts(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		lang := p.Languages[len(p.Languages)-1]
		for i, x := range studio.Texts(p) {
			if i%3 == 0 && !studio.SetText(p, x.Keys, lang, "") {
				t.Errorf("%s: no text at %v", p.Code, x.Keys)
			}
		}
		n, seen := 0, map[string]bool{}
		for _, x := range studio.Texts(p) {
			if x.Text[lang] == "" {
				n++
			}
			if key := strings.Join(x.Keys, "/"); seen[key] {
				t.Errorf("%s: two texts at %s", p.Code, key)
			} else {
				seen[key] = true
			}
		}
		// What asks for a document has the document's name where it has no label, so the check may count one text twice.
		if missing, _ := servicespec.Gaps(p); n == 0 || missing[lang] < n {
			t.Errorf("%s: %d texts are missing, the check counts %d", p.Code, n, missing[lang])
		}
		for _, x := range studio.Texts(p) {
			studio.SetText(p, x.Keys, lang, "x")
		}
		if missing, _ := servicespec.Gaps(p); len(missing) > 0 {
			t.Errorf("%s: everything is translated, but the check misses %v", p.Code, missing)
		}
	}
}

// TestTextsOfOpinions finds what another agency is asked, in whichever place a state asks, and writes its translation back.
func TestTextsOfOpinions(t *testing.T) {
	t.Parallel()
	found := 0
	for _, p := range library.Packs() {
		p.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) {
			for _, o := range st.Opinions {
				for _, field := range []string{"name", "question"} {
					n := slices.IndexFunc(studio.Texts(p), func(x studio.TextAt) bool {
						return len(x.Keys) > 3 && slices.Equal(x.Keys[len(x.Keys)-4:], []string{st.Code, "opinions", o.Code, field})
					})
					if n < 0 {
						t.Errorf("%s: the %s of %s is no text", p.Code, field, o.Code)
						continue
					}
					found++
					at := studio.Texts(p)[n]
					if keys := studio.KeysAt(p, at.Path); !slices.Equal(keys, at.Keys) {
						t.Errorf("%s leads to %v, not to %v", at.Path, keys, at.Keys)
					}
					if !studio.SetText(p, at.Keys, "en", "Said "+field) || studio.Texts(p)[n].Text["en"] != "Said "+field {
						t.Errorf("%s: the %s of %s cannot be said otherwise", p.Code, field, o.Code)
					}
				}
			}
		})
	}
	if found == 0 {
		t.Error("no service of the library asks another agency")
	}
}

// TestMended makes something of definitions with mistakes of all sorts.
func TestMended(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(p *servicespec.Pack){
		"nothing":  func(*servicespec.Pack) {},
		"a rule":   func(p *servicespec.Pack) { p.Form.Pages[0].Questions[0].When = "nonsense ==" },
		"no label": func(p *servicespec.Pack) { p.Form.Pages[0].Questions[0].Label = nil },
		"no options": func(p *servicespec.Pack) {
			p.Form.Pages[0].Questions[0].Kind = servicespec.KindChoice
			p.Form.Pages[0].Questions[0].Options = nil
		},
		"no states": func(p *servicespec.Pack) { p.Workflow = servicespec.Workflow{} },
		"a fee": func(p *servicespec.Pack) {
			p.Fees = []servicespec.Fee{{Code: "x", Name: i18n.Text{"pt": "x"}, Amount: "-"}}
		},
		"a missing language": func(p *servicespec.Pack) { p.Languages = append(p.Languages, "fr") },
		"a code twice":       func(p *servicespec.Pack) { p.Form.Pages = append(p.Form.Pages, p.Form.Pages[0]) },
		"a question and more": func(p *servicespec.Pack) {
			p.Form.Pages[0].Questions[0].Code = "Not A Code"
			p.Number = "?"
			p.Target = servicespec.Target{}
		},
	} {
		for _, p := range library.Packs() {
			spoil(p)
			before := servicespec.Hash(p)
			svc, whole := studio.Mended(p)
			if svc == nil || whole != (name == "nothing" || name == "a missing language") {
				t.Errorf("%s with %s: whole is %v, service %v", p.Code, name, whole, svc != nil)
			}
			if servicespec.Hash(p) != before {
				t.Errorf("%s with %s was changed by looking at it", p.Code, name)
			}
			if svc, _ := studio.Preview(p, p.Form.Pages[0].Code); svc == nil && len(p.Form.Pages[0].Questions) > 1 {
				t.Errorf("%s with %s: the first page cannot be shown", p.Code, name)
			}
		}
	}
}

// TestOutdated marks a translation whose source has changed, until it is translated anew.
func TestOutdated(t *testing.T) {
	t.Parallel()
	b := setup(t)
	d := b.begin(blank)
	set := func(words ...string) {
		t.Helper()
		var err error
		d, err = b.edit(b.ana, d.ID, d.Head, studio.Step{Code: "translate"}, func(p *servicespec.Pack) error {
			p.Languages = []string{"pt", "en"}
			for i := 0; i < len(words); i += 2 {
				if !studio.SetText(p, []string{"form", "pages", "applicant", "title"}, words[i], words[i+1]) {
					return studio.ErrGone
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	outdated := func() (keys []string) {
		b.in(b.ana, func(ctx context.Context, tx *pg.Tx) error {
			found, err := b.svc.Outdated(ctx, tx, b.ana, d.ID, "en")
			for key, before := range found {
				keys = append(keys, key+"="+before)
			}
			return err
		})
		return keys
	}
	set("pt", "Quem?", "en", "Who?")
	if got := outdated(); got != nil {
		t.Errorf("just translated: %v", got)
	}
	set("pt", "Quem é?")
	set("pt", "Quem é o requerente?")
	if got := outdated(); !slices.Equal(got, []string{"form.pages.applicant.title=Quem?"}) {
		t.Errorf("the source has changed: %v", got)
	}
	set("en", "Who is the applicant?")
	if got := outdated(); got != nil {
		t.Errorf("translated anew: %v", got)
	}
}

// TestPreview looks at each page of the services of the library by itself: nothing is wrong with them, so nothing is left out, although
// texts and documents speak of answers on other pages. What is wrong on another page is no matter either.
func TestPreview(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		for i, pg := range p.Form.Pages {
			svc, whole := studio.Preview(p, pg.Code)
			if svc == nil || !whole {
				t.Errorf("%s: something of the page %s is left out", p.Code, pg.Code)
				continue
			}
			if got := len(svc.Pages(nil, servicespec.Facts{})[0].Questions); got < len(pg.Questions) {
				t.Errorf("%s: the page %s has %d questions, %d are shown", p.Code, pg.Code, len(pg.Questions), got)
			}
			q := servicespec.Copy(p)
			q.Form.Pages[(i+1)%len(p.Form.Pages)].When = "nonsense >"
			q.Rules = append(q.Rules, servicespec.Rule{Name: "broken"})
			if _, whole := studio.Preview(q, pg.Code); !whole {
				t.Errorf("%s: what is wrong elsewhere counts on %s", p.Code, pg.Code)
			}
		}
	}
}
