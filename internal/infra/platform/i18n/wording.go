package i18n

import (
	"maps"
	"slices"
	"strings"
)

// Wording is what a tenant says otherwise than the product, or in languages that the product does not have.
type Wording struct {
	Languages []Language                    // further languages; the product's own are known
	Texts     map[string]map[string]Message // language → key → message
	Instead   string                        // the tenant's own language, which stands in where another has a gap
}

// With returns the catalogue with a tenant's wording over it; c itself stays as it is and is shared, not copied.
func (c *Catalog) With(w Wording) *Catalog {
	out := &Catalog{messages: w.Texts, langs: slices.Clone(c.langs), under: c, instead: w.Instead}
	for _, l := range w.Languages {
		if !slices.ContainsFunc(c.langs, func(have Language) bool { return have.Code == l.Code }) {
			out.langs = append(out.langs, l)
		}
	}
	slices.SortFunc(out.langs, func(a, b Language) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// Product returns the catalogue without any tenant's wording.
func (c *Catalog) Product() *Catalog {
	if c.under != nil {
		return c.under
	}
	return c
}

// Own returns the message that the language itself has, nil for a gap. It must not be changed.
func (c *Catalog) Own(lang, key string) Message {
	if m, ok := c.messages[lang][key]; ok {
		return m
	}
	if c.under != nil {
		return c.under.Own(lang, key)
	}
	return nil
}

// Say fills a message of a language as T does.
func Say(lang string, m Message, args map[string]any) string { return m.say(lang, lang, args) }

// Same reports whether two messages have the same words.
func Same(a, b Message) bool { return maps.Equal(a, b) }

// Placeholders are the names that a message leaves open, without their braces, sorted.
func (m Message) Placeholders() []string {
	found := map[string]bool{}
	for _, s := range m {
		for _, p := range placeholder.FindAllString(s, -1) {
			found[p[1:len(p)-1]] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// The ways in which a translation can be wrong.
const (
	FlawEmpty   = "empty"   // a form has no words
	FlawMissing = "missing" // a placeholder of the source is not there
	FlawUnknown = "unknown" // a placeholder that the source does not have
	FlawBrace   = "brace"   // a brace that is none of a placeholder
	FlawForm    = "form"    // a plural form that the language needs is not there
	FlawForms   = "forms"   // a plural form that no language has
)

// Flaw is one thing that is wrong with a translation: in which plural form, and which placeholder ("{name}") it is about.
type Flaw struct{ Code, Form, Name string }

// Flaws compares a translation with the message it is made from: nothing may be left open that the source does not fill, nothing
// forgotten, and a message that counts needs every plural form of its language (Unicode CLDR, Language Plural Rules). The general form
// has all placeholders; the others may spell {n} out.
func Flaws(lang string, source, m Message) []Flaw {
	var out []Flaw
	counts := len(source) > 1 || len(m) > 1
	want := names(source["other"])
	for _, form := range slices.Sorted(maps.Keys(m)) {
		s := m[form]
		switch {
		case !knownForm(form):
			out = append(out, Flaw{Code: FlawForms, Form: form})
			continue
		case strings.TrimSpace(s) == "":
			out = append(out, Flaw{Code: FlawEmpty, Form: form})
			continue
		}
		got := names(s)
		for _, p := range want {
			if !slices.Contains(got, p) && (p != "{n}" || form == "other") {
				out = append(out, Flaw{FlawMissing, form, p})
			}
		}
		for _, p := range got {
			if !slices.Contains(want, p) {
				out = append(out, Flaw{FlawUnknown, form, p})
			}
		}
		if rest := placeholder.ReplaceAllString(s, ""); strings.ContainsAny(rest, "{}") {
			out = append(out, Flaw{Code: FlawBrace, Form: form})
		}
	}
	needed := []string{"other"}
	if counts {
		needed = Forms(lang)
	}
	for _, form := range needed {
		if _, ok := m[form]; !ok {
			out = append(out, Flaw{Code: FlawForm, Form: form})
		}
	}
	return out
}

// knownForm reports whether a plural form is one of CLDR's.
func knownForm(form string) bool {
	for _, known := range pluralForms {
		if form == known {
			return true
		}
	}
	return false
}

// Example is a whole number that takes a plural form in a language, for showing a message: the smallest above 0 where there is one.
func Example(lang, form string) (n int64, ok bool) {
	for n := int64(1); n <= 200; n++ {
		if pluralForm(lang, n) == form {
			return n, true
		}
	}
	return 0, pluralForm(lang, 0) == form
}
