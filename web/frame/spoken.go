package frame

import (
	"cmp"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"digit/internal/infra/platform/i18n"
)

// said are texts of agencies that a page shows in another language than its own, since nobody has translated them yet: text → language.
// Who hears the page must be told (WCAG 2.2, 3.1.2), and who reads it sees each text in its own direction.
type said map[string]string

// Spoken notes in which language a text is that the page may show. What is in the page's own needs no note.
func (r *Request) Spoken(lang, text string) {
	own, _, _ := strings.Cut(r.Lang, "-")
	if in, _, _ := strings.Cut(lang, "-"); in == "" || in == own || !strings.ContainsFunc(text, unicode.IsLetter) {
		return
	}
	if r.said == nil {
		r.said = said{}
	}
	r.said[strings.TrimSpace(text)] = lang
}

// bare are elements that hold text and no others: the language goes on the element itself.
var bare = []string{"title", "option", "text", "tspan", "desc"}

// silent are elements whose text is no page's, or was typed by the reader.
var silent = []string{"script", "style", "textarea"}

// marker writes a page with the language of each text that is not in the page's.
type marker struct {
	said
	texts []string // the longest first
	out   strings.Builder
	open  string // the tag before the text, not written yet
}

// mark returns the page, which is our own and well formed, with the texts marked: each within a span that says its language and direction.
func (s said) mark(page string) string {
	if len(s) == 0 {
		return page
	}
	m := &marker{said: s}
	for text := range s {
		m.texts = append(m.texts, text)
	}
	slices.SortFunc(m.texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for page != "" {
		i := strings.IndexByte(page, '<')
		if i < 0 {
			i = len(page)
		}
		m.text(page[:i])
		page = page[i:]
		n := tagEnd(page)
		m.tag(page[:n])
		page = page[n:]
	}
	m.tag("")
	return m.out.String()
}

// tagEnd is where the tag ends that a page begins with: values of attributes may hold its end.
func tagEnd(page string) int {
	if strings.HasPrefix(page, "<!--") {
		if i := strings.Index(page, "-->"); i >= 0 {
			return i + len("-->")
		}
		return len(page)
	}
	quote := byte(0)
	for i := 0; i < len(page); i++ {
		switch c := page[i]; {
		case quote == 0 && c == '>':
			return i + 1
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return len(page)
}

// tag keeps a tag back until the text after it is known.
func (m *marker) tag(tag string) {
	m.out.WriteString(m.open)
	m.open = tag
}

func (m *marker) text(raw string) {
	name := strings.ToLower(strings.TrimLeft(m.open, "<"))
	if i := strings.IndexAny(name, " \t\n/>"); i >= 0 {
		name = name[:i]
	}
	if strings.TrimSpace(raw) == "" || slices.Contains(silent, name) || strings.Contains(m.open, " lang=") {
		m.tag("")
		m.out.WriteString(raw)
		return
	}
	if slices.Contains(bare, name) {
		if lang := m.lang(raw); lang != "" {
			m.open = "<" + name + attributes(lang) + m.open[1+len(name):]
		}
		m.tag("")
		m.out.WriteString(raw)
		return
	}
	m.tag("")
	m.spans(raw)
}

func attributes(lang string) string {
	return ` lang="` + html.EscapeString(lang) + `" dir="` + i18n.Dir(lang) + `"`
}

// lang is the language of a text that can be marked as a whole alone; "" where it is the page's, or of several.
func (m *marker) lang(raw string) string {
	text := html.UnescapeString(strings.TrimSpace(raw))
	if lang := m.said[text]; lang != "" {
		return lang
	}
	for _, of := range m.texts {
		if len(of) > len(text)/2 && at(text, of) >= 0 {
			return m.said[of]
		}
	}
	return ""
}

// spans writes a text with its parts in other languages marked.
func (m *marker) spans(raw string) {
	text := html.UnescapeString(raw)
	whole := strings.TrimSpace(text)
	if _, known := m.said[whole]; known {
		i := strings.Index(text, whole)
		m.span(text[:i], whole, text[i+len(whole):])
		return
	}
	for _, of := range m.texts {
		if i := at(text, of); i >= 0 && len(of) >= shortest {
			before, after := text[:i], text[i+len(of):]
			m.spans(html.EscapeString(before))
			m.span("", of, "")
			m.spans(html.EscapeString(after))
			return
		}
	}
	m.out.WriteString(raw)
}

// shortest is how many bytes a text has at least that is looked for within others: shorter ones may be there by chance.
const shortest = 4

func (m *marker) span(before, text, after string) {
	m.out.WriteString(html.EscapeString(before) + "<span" + attributes(m.said[text]) + ">" + html.EscapeString(text) + "</span>" + html.EscapeString(after))
}

// at is where a text stands within another, not within a word; -1 where it does not.
func at(text, of string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], of)
		if i < 0 {
			return -1
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(of):])
		if !inWord(before) && !inWord(after) {
			return i
		}
		from = i + len(of)
	}
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
