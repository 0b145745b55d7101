// Package i18n speaks to people in their language: the catalogue of the product's own messages, texts that
// agencies write in several languages, and the ways dates, numbers and money are written.
package i18n

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// Text is one text in several languages, written by an agency: language → words.
type Text map[string]string

// In returns the text in lang, else in the base of lang ("pt" for "pt-CV"), else in fallback, else in English,
// else in whatever language comes first by code, so that a reader never faces an empty place.
func (t Text) In(lang, fallback string) string {
	s, _ := t.Spoken(lang, fallback)
	return s
}

// Spoken is In, with the language that the text is in; "" where there is no text.
func (t Text) Spoken(lang, fallback string) (text, in string) {
	for _, l := range []string{lang, base(lang), fallback, base(fallback), "en"} {
		if s := t[l]; s != "" {
			return s, l
		}
	}
	first := ""
	for l, s := range t {
		if s != "" && (first == "" || l < first) {
			first = l
		}
	}
	return t[first], first
}

// IsZero reports whether the text says nothing in any language.
func (t Text) IsZero() bool {
	for _, s := range t {
		if s != "" {
			return false
		}
	}
	return true
}

func base(lang string) string {
	b, _, _ := strings.Cut(lang, "-")
	return b
}

// Language is a language people can choose.
type Language struct {
	Code string // BCP 47, such as "pt"
	Name string // its own name, such as "Português"
	Dir  string // "ltr" or "rtl"
}

// ownNames are languages' names in themselves; a catalogue can name others under "language.name".
var ownNames = map[string]string{
	"am": "አማርኛ", "ar": "العربية", "bn": "বাংলা", "de": "Deutsch", "en": "English", "es": "Español", "fa": "فارسی", "fr": "Français",
	"ha": "Hausa", "he": "עברית", "hi": "हिन्दी", "id": "Bahasa Indonesia", "kea": "Kabuverdianu", "kn": "ಕನ್ನಡ", "ml": "മലയാളം",
	"mr": "मराठी", "ne": "नेपाली", "or": "ଓଡ଼ିଆ", "pa": "ਪੰਜਾਬੀ", "pt": "Português", "ru": "Русский", "rw": "Kinyarwanda", "so": "Soomaali",
	"sw": "Kiswahili", "ta": "தமிழ்", "te": "తెలుగు", "uk": "Українська", "ur": "اردو", "zh": "中文",
}

// rtlScripts are the scripts written from right to left.
var rtlScripts = map[string]bool{"Arab": true, "Hebr": true, "Thaa": true, "Syrc": true, "Nkoo": true, "Adlm": true}

// Dir returns the direction in which a language is written: "ltr" or "rtl".
func Dir(lang string) string {
	script, _ := tag(lang).Script()
	if rtlScripts[script.String()] {
		return "rtl"
	}
	return "ltr"
}

// Match returns the language of have that suits an Accept-Language header or a language code best, and the
// first of have where none does; "" where have is empty.
func Match(accept string, have []string) string {
	if len(have) == 0 {
		return ""
	}
	want, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(want) == 0 {
		return have[0]
	}
	_, i, confidence := matcher(have).Match(want...)
	if confidence == language.No {
		return have[0]
	}
	return have[i]
}

// matchers holds a matcher for each list of languages that was asked about: making one takes longer than all else that a short page
// does. There are as many lists as states have chosen.
var matchers sync.Map

func matcher(have []string) language.Matcher {
	key := strings.Join(have, " ")
	if m, ok := matchers.Load(key); ok {
		return m.(language.Matcher)
	}
	tags := make([]language.Tag, len(have))
	for i, h := range have {
		tags[i] = language.Make(h)
	}
	m := language.NewMatcher(tags)
	matchers.Store(key, m)
	return m
}

// tag reads a language code. Plain "pt" means the Portuguese of Europe and Africa, where "0" takes the plural.
func tag(lang string) language.Tag {
	if lang == "pt" {
		return language.EuropeanPortuguese
	}
	return language.Make(lang)
}
