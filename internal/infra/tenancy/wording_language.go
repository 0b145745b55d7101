package tenancy

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/language"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// OwnLanguage is a language that a tenant added.
type OwnLanguage struct {
	Code string // BCP 47
	Name string // in itself
	At   time.Time
	By   uuid.UUID
}

const languageNameMax = 60

// Languages returns the languages that the tenant added, by code. Permission: tenancy:translate, which the page asks for; people and
// strangers are refused here too. Errors: ErrForbidden.
func (w *Wording) Languages(ctx context.Context, tx *pg.Tx) (_ []OwnLanguage, err error) {
	defer fault.Wrap(&err, "tenancy.Languages")
	if !official(tx.Actor) {
		return nil, ErrForbidden
	}
	return readLanguages(ctx, tx)
}

// AddLanguage adds a language, which nobody is offered until the settings say so; whether it is written from right to left follows from
// its script. Permission: tenancy:change, which the page asks for; people and strangers are refused here too. Errors: ErrForbidden,
// ErrLanguageCode, ErrLanguageKnown, ErrLanguageName.
func (w *Wording) AddLanguage(ctx context.Context, tx *pg.Tx, code, name string) (err error) {
	defer fault.Wrap(&err, "tenancy.AddLanguage(%s)", code)
	if !official(tx.Actor) {
		return ErrForbidden
	}
	code, name = strings.TrimSpace(code), strings.TrimSpace(name)
	tag, err := language.Parse(code)
	if err != nil || tag.String() != code || tag.IsRoot() {
		return ErrLanguageCode.WithFields(fault.Field{Path: "code", Code: "tenancy.language_code"})
	}
	if name == "" || utf8.RuneCountInString(name) > languageNameMax {
		return ErrLanguageName.WithFields(fault.Field{Path: "language_name", Code: "tenancy.language_name"})
	}
	known := ErrLanguageKnown.WithFields(fault.Field{Path: "code", Code: "tenancy.language_known"})
	for _, l := range w.product.Languages() {
		if l.Code == code {
			return known
		}
	}
	if err := nextVersion(ctx, tx); err != nil {
		return err
	}
	added, err := insertLanguage(ctx, tx, code, name)
	if err != nil {
		return err
	}
	if !added {
		return known
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "tenancy.language.add", Object: "tenancy.language", ObjectID: tx.Tenant, Detail: map[string]any{"language": code}})
}

// RemoveLanguage takes a language that the tenant added away with its texts. Permission: tenancy:change, which the page asks for;
// people and strangers are refused here too. Errors: ErrForbidden, ErrNoLanguage, ErrLanguageShown.
func (w *Wording) RemoveLanguage(ctx context.Context, tx *pg.Tx, code string) (err error) {
	defer fault.Wrap(&err, "tenancy.RemoveLanguage(%s)", code)
	if !official(tx.Actor) {
		return ErrForbidden
	}
	if err := nextVersion(ctx, tx); err != nil { // also keeps the settings as they are meanwhile
		return err
	}
	s, err := readSettings(ctx, tx)
	if err != nil {
		return err
	}
	if slices.Contains(s.Languages, code) {
		return ErrLanguageShown
	}
	removed, err := deleteLanguage(ctx, tx, code)
	if err != nil {
		return err
	}
	if !removed {
		return ErrNoLanguage
	}
	return audit.Record(ctx, tx, audit.Entry{Action: "tenancy.language.remove", Object: "tenancy.language", ObjectID: tx.Tenant, Detail: map[string]any{"language": code}})
}

// nextVersion says that the wording is another from this transaction on, and keeps others from changing it until then.
func nextVersion(ctx context.Context, tx *pg.Tx) error {
	n, err := queries.SetWordingVersion(ctx, tx, id.New())
	if err == nil && n == 0 {
		err = ErrNoSettings
	}
	return err
}

// change begins a change of the texts in a language and returns the tenant's own ones. Errors: ErrForbidden, ErrNoLanguage.
func (w *Wording) change(ctx context.Context, tx *pg.Tx, lang string) (map[string]OwnText, error) {
	if !official(tx.Actor) {
		return nil, ErrForbidden
	}
	if err := nextVersion(ctx, tx); err != nil {
		return nil, err
	}
	if err := w.known(ctx, tx, lang); err != nil {
		return nil, err
	}
	return readOwn(ctx, tx, lang)
}

// known refuses a language that neither the product nor the tenant has. Errors: ErrNoLanguage.
func (w *Wording) known(ctx context.Context, tx *pg.Tx, lang string) error {
	for _, l := range w.product.Languages() {
		if l.Code == lang {
			return nil
		}
	}
	own, err := readLanguages(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(own, func(l OwnLanguage) bool { return l.Code == lang }) {
		return ErrNoLanguage.With("language", lang)
	}
	return nil
}
