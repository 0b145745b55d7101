package i18n

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/text/feature/plural"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/money"
)

// Message is a message by plural form (CLDR: "zero", "one", "two", "few", "many", "other"); one without plurals has "other" alone.
type Message map[string]string

// Catalog is the product's own messages in every language, or a tenant's wording over them (With). It is immutable and safe for
// concurrent use.
type Catalog struct {
	messages map[string]map[string]Message // language → key → message
	langs    []Language
	missing  atomic.Int64
	under    *Catalog // what is said where this one says nothing; nil for the product's own
	instead  string   // the language that stands in for gaps before English, "" for none
}

// fallbackLanguage is the language whose messages stand in for missing ones; its catalogue is complete.
const fallbackLanguage = "en"

// Load reads every <language>.json at the root of files. A file holds flat keys; a value is a sentence, or an
// object of sentences by CLDR plural form ("zero", "one", "two", "few", "many", "other").
// Errors: for files that are no such JSON, repeated keys, unknown plural forms, and where there is no file.
func Load(files fs.FS) (*Catalog, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil || len(names) == 0 {
		return nil, errors.Join(errors.New("i18n.Load: no messages"), err)
	}
	c := &Catalog{messages: map[string]map[string]Message{}}
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("i18n.Load: %w", err)
		}
		lang := strings.TrimSuffix(path.Base(name), ".json")
		if c.messages[lang], err = parse(data); err != nil {
			return nil, fmt.Errorf("i18n.Load(%s): %w", name, err)
		}
		c.langs = append(c.langs, Language{Code: lang, Name: c.ownName(lang), Dir: Dir(lang)})
	}
	return c, nil
}

func (c *Catalog) ownName(lang string) string {
	if m, ok := c.messages[lang]["language.name"]; ok {
		return m["other"]
	}
	if n, ok := ownNames[base(lang)]; ok {
		return n
	}
	return lang
}

var pluralForms = map[plural.Form]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// parse reads token by token, since encoding/json keeps the last of repeated keys in silence.
func parse(data []byte) (map[string]Message, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("the file is no JSON object"), err)
	}
	out := map[string]Message{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := t.(string)
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("%q is there twice", key)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		if out[key], err = parseMessage(raw); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
	}
	_, err := dec.Token()
	return out, err
}

func parseMessage(raw json.RawMessage) (Message, error) {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return Message{"other": s}, nil
	}
	var m Message
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, errors.New("neither a sentence nor sentences by plural form")
	}
	for form := range m {
		if !knownForm(form) {
			return nil, fmt.Errorf("no plural form is called %q", form)
		}
	}
	if _, ok := m["other"]; !ok {
		return nil, errors.New(`the plural form "other" is missing`)
	}
	return m, nil
}

// Languages returns the languages there are messages in, by code.
func (c *Catalog) Languages() []Language { return slices.Clone(c.langs) }

// Keys returns the keys of a language, sorted.
func (c *Catalog) Keys(lang string) []string {
	keys := map[string]Message{}
	for at := c; at != nil; at = at.under {
		maps.Copy(keys, at.messages[lang])
	}
	return slices.Sorted(maps.Keys(keys))
}

// Has reports whether there is a message of that key in the language itself or in the fallback language.
func (c *Catalog) Has(lang, key string) bool {
	_, m := c.find(lang, key)
	return m != nil
}

// Missing returns how many times a message was asked for that the catalogue does not have in the language asked for.
func (c *Catalog) Missing() int64 { return c.missing.Load() }

func (c *Catalog) find(lang, key string) (string, Message) {
	for _, l := range []string{lang, base(lang), c.instead, base(c.instead), fallbackLanguage} {
		if m := c.Own(l, key); m != nil {
			return l, m
		}
	}
	return "", nil
}

// T returns the message of key in lang with its {placeholders} filled from args. An integer {n} chooses the
// plural form and is written as the language writes numbers, as are other integers, dates and money. What the
// language lacks is said in the tenant's own language or in English, and what English lacks is the key itself; both are counted.
func (c *Catalog) T(lang, key string, args map[string]any) string {
	found, m := c.find(lang, key)
	if found != lang && found != base(lang) {
		c.missing.Add(1)
	}
	if m == nil {
		return key
	}
	return m.say(found, lang, args)
}

// say fills the form that the number asks for: rules are the language whose plurals the message has, lang the one in which numbers
// and days are written.
func (m Message) say(rules, lang string, args map[string]any) string {
	s := m["other"]
	if n, ok := integer(args["n"]); ok && len(m) > 1 {
		if p, ok := m[pluralForm(rules, n)]; ok {
			s = p
		}
	}
	return fill(s, lang, args)
}

// pluralForm returns the CLDR form that a whole number takes in a language.
func pluralForm(lang string, n int64) string {
	// The rules look at n's last digits only, and want an int that cannot be negative.
	abs := n
	if abs == math.MinInt64 {
		abs++
	}
	if abs < 0 {
		abs = -abs
	}
	const enough = 10_000_000
	if abs >= enough {
		abs = enough + abs%1_000_000
	}
	return pluralForms[plural.Cardinal.MatchPlural(tag(lang), int(abs), 0, 0, 0, 0)]
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int32:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}

// fill replaces {name} by the argument of that name in one pass, so that braces in an argument stay as they are.
func fill(s, lang string, args map[string]any) string {
	if !strings.Contains(s, "{") {
		return s
	}
	return placeholder.ReplaceAllStringFunc(s, func(p string) string {
		v, ok := args[p[1:len(p)-1]]
		if !ok {
			return p
		}
		return written(lang, v)
	})
}

var placeholder = regexp.MustCompile(`\{[a-zA-Z_][a-zA-Z0-9_]*\}`)

func written(lang string, v any) string {
	if n, ok := integer(v); ok {
		return FormatNumber(lang, n)
	}
	switch x := v.(type) {
	case string:
		return x
	case Text:
		return x.In(lang, fallbackLanguage)
	case civil.Date:
		return FormatDay(lang, x)
	case money.Amount:
		return FormatMoney(lang, x)
	case bool:
		return strconv.FormatBool(x)
	}
	return fmt.Sprint(v)
}

// Problems compares the languages and returns a sentence for each thing a translator forgot: keys that one
// language has and another lacks, empty messages, placeholders that differ, plural forms the language needs.
func (c *Catalog) Problems() []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, l := range c.langs {
		for _, other := range c.langs {
			for _, key := range c.Keys(other.Code) {
				if _, ok := c.messages[l.Code][key]; !ok {
					say("%s lacks %q, which %s has", l.Code, key, other.Code)
				}
			}
		}
		for _, key := range c.Keys(l.Code) {
			m := c.messages[l.Code][key]
			want := names(c.messages[fallbackLanguage][key]["other"])
			if got := names(m["other"]); !slices.Equal(got, want) && c.messages[fallbackLanguage][key] != nil {
				say("%s %q has the placeholders %v, %s has %v", l.Code, key, got, fallbackLanguage, want)
			}
			for form, s := range m {
				if strings.TrimSpace(s) == "" {
					say("%s %q is empty (%s)", l.Code, key, form)
				}
			}
			if len(m) > 1 {
				for _, form := range Forms(l.Code) {
					if _, ok := m[form]; !ok {
						say("%s %q lacks the plural form %q", l.Code, key, form)
					}
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func names(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// Forms returns the plural forms that a message needs in a language: two in English, six in Arabic. The general form, "other", is
// always among them.
func Forms(lang string) []string {
	seen := map[string]bool{"other": true}
	for n := int64(0); n <= 200; n++ {
		seen[pluralForm(lang, n)] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
