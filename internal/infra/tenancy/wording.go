package tenancy

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// Wording keeps what tenants say otherwise than the product, and in which further languages. It is safe for concurrent use.
type Wording struct {
	product *i18n.Catalog
	mu      sync.Mutex
	by      map[uuid.UUID]compiled
}

// compiled is a tenant's catalogue, and of what it was made.
type compiled struct {
	version uuid.UUID
	own     string // the tenant's default language
	texts   *i18n.Catalog
}

// NewWording builds it over the product's catalogue.
func NewWording(product *i18n.Catalog) *Wording {
	if product == nil {
		panic("tenancy.NewWording: a dependency is missing")
	}
	return &Wording{product: product, by: map[uuid.UUID]compiled{}}
}

// keptTenants is for how many tenants a process keeps their texts.
const keptTenants = 1000

// Texts returns the catalogue as the tenant of tx says it; s are its settings as just read. What a language lacks is said in the
// tenant's own, then in English. The database is asked when the settings name another version than the one that was compiled last.
// Versions are never used twice, not even by what is rolled back, so that a process that looked into a transaction that came to nothing
// keeps nothing of it.
func (w *Wording) Texts(ctx context.Context, tx *pg.Tx, s Settings) (_ *i18n.Catalog, err error) {
	defer fault.Wrap(&err, "tenancy.Texts")
	w.mu.Lock()
	have, ok := w.by[tx.Tenant]
	w.mu.Unlock()
	if ok && have.version == s.Wording && have.own == s.DefaultLanguage {
		return have.texts, nil
	}
	own := i18n.Wording{Instead: s.DefaultLanguage}
	if s.Wording != uuid.Nil {
		if own.Texts, err = readWording(ctx, tx); err != nil {
			return nil, err
		}
		languages, err := readLanguages(ctx, tx)
		if err != nil {
			return nil, err
		}
		for _, l := range languages {
			own.Languages = append(own.Languages, i18n.Language{Code: l.Code, Name: l.Name, Dir: i18n.Dir(l.Code)})
		}
	}
	texts := w.product.With(own)
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.by) >= keptTenants {
		clear(w.by)
	}
	w.by[tx.Tenant] = compiled{s.Wording, s.DefaultLanguage, texts}
	return texts, nil
}

// OwnText is a text of the tenant's own.
type OwnText struct {
	Text   i18n.Message
	Source i18n.Message // what the product said in English when it was written
	At     time.Time
	By     uuid.UUID // the account, uuid.Nil for the system
}

// Own returns the tenant's own texts in a language, by key. Permission: tenancy:translate, which the page asks for; people and
// strangers are refused here too. Errors: ErrForbidden.
func (w *Wording) Own(ctx context.Context, tx *pg.Tx, lang string) (_ map[string]OwnText, err error) {
	defer fault.Wrap(&err, "tenancy.Own(%s)", lang)
	if !official(tx.Actor) {
		return nil, ErrForbidden
	}
	return readOwn(ctx, tx, lang)
}

// WordingTextMax is how many characters a form of a text may have.
const WordingTextMax = 4000

// CheckText says what is wrong with a text of that key, one field a plural form; nil for nothing. Errors: ErrNoText, ErrText.
func (w *Wording) CheckText(lang, key string, text i18n.Message) error {
	source := w.product.Own("en", key)
	if source == nil {
		return ErrNoText.With("key", key)
	}
	var wrong []fault.Field
	for _, f := range i18n.Flaws(lang, source, text) {
		wrong = append(wrong, fault.Field{Path: "text." + f.Form, Code: "tenancy.text_" + f.Code, Args: map[string]any{"name": f.Name, "form": f.Form}})
	}
	for form, s := range text {
		if utf8.RuneCountInString(s) > WordingTextMax {
			wrong = append(wrong, fault.Field{Path: "text." + form, Code: "tenancy.too_long"})
		}
	}
	if len(wrong) > 0 {
		return ErrText.WithFields(wrong...)
	}
	return nil
}

// Put gives a text the tenant's own words, by plural form; nil gives the product's back. What is said already changes nothing. It
// returns the act by which it stands in the history, uuid.Nil where nothing changed. Permission: tenancy:translate, which the page asks
// for; people and strangers are refused here too. Errors: ErrForbidden, ErrNoLanguage, ErrNoText, ErrText.
func (w *Wording) Put(ctx context.Context, tx *pg.Tx, lang, key string, text i18n.Message) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "tenancy.Put(%s, %s)", lang, key)
	own, err := w.change(ctx, tx, lang)
	if err != nil {
		return uuid.Nil, err
	}
	if w.product.Own("en", key) == nil {
		return uuid.Nil, ErrNoText.With("key", key)
	}
	text = trimmed(text)
	if text != nil {
		if err := w.CheckText(lang, key, text); err != nil {
			return uuid.Nil, err
		}
	}
	c := w.changeTo(lang, key, own[key].Text, text)
	if c.Outcome == OutcomeSame {
		return uuid.Nil, nil
	}
	act, err := w.write(ctx, tx, WordingAct{Lang: lang, Kind: ActEdit}, []WordingChange{c})
	if err != nil {
		return uuid.Nil, err
	}
	return act, w.record(ctx, tx, "tenancy.wording.put", act, map[string]any{"language": lang, "key": key, "outcome": c.Outcome})
}

// changeTo is the change from one own text to another. Words that are the product's are no own ones.
func (w *Wording) changeTo(lang, key string, before, after i18n.Message) WordingChange {
	product := w.product.Own(lang, key)
	if after != nil && i18n.Same(after, product) {
		after = nil
	}
	c := WordingChange{Number: 1, Key: key, Before: before, After: after, Outcome: OutcomeChanged}
	switch {
	case after == nil && before == nil, i18n.Same(before, after):
		c.Outcome = OutcomeSame
	case after == nil:
		c.Outcome = OutcomeRemoved
	case before == nil && product == nil:
		c.Outcome = OutcomeNew
	}
	return c
}

// said is what a language says as things stand: the tenant's words or the product's, nil for a gap.
func (w *Wording) said(lang string, own map[string]OwnText, key string) i18n.Message {
	if x, ok := own[key]; ok {
		return x.Text
	}
	return w.product.Own(lang, key)
}

// trimmed takes the spaces around the forms away; nil where no form says anything.
func trimmed(text i18n.Message) i18n.Message {
	var out i18n.Message
	said := false
	for form, s := range text {
		if out == nil {
			out = i18n.Message{}
		}
		out[form] = strings.TrimSpace(printable(strings.ReplaceAll(s, "\r\n", "\n")))
		said = said || out[form] != ""
	}
	if !said {
		return nil
	}
	return out
}

// printable leaves out what no text holds and a database refuses.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c != '\n' && c != '\t' && unicode.IsControl(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
}
