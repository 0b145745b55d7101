package tenancy

import (
	"context"
	"maps"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// WordingRows is how many texts a file may have.
const WordingRows = 20_000

// keyMax is how long a key of a file is kept, in bytes; those of the product are shorter.
const keyMax = 200

// WordingRow is a text of a file. Source is what it was translated from, nil where the file does not say; Text may lack plural forms,
// which then stay as they are.
type WordingRow struct {
	Key          string
	Source, Text i18n.Message
}

// Stage looks at a file of texts, made from the language from, and keeps what each row would do; nothing is changed until Apply.
// Permission: tenancy:translate, which the page asks for; people and strangers are refused here too. Errors: ErrForbidden,
// ErrNoLanguage, ErrNoRows, ErrRows.
func (w *Wording) Stage(ctx context.Context, tx *pg.Tx, lang, from string, rows []WordingRow) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "tenancy.Stage(%s, %d)", lang, len(rows))
	if !official(tx.Actor) {
		return uuid.Nil, ErrForbidden
	}
	if err := w.known(ctx, tx, lang); err != nil {
		return uuid.Nil, err
	}
	switch {
	case len(rows) == 0:
		return uuid.Nil, ErrNoRows
	case len(rows) > WordingRows:
		return uuid.Nil, ErrRows.With("most", WordingRows)
	}
	own, err := readOwn(ctx, tx, lang)
	if err != nil {
		return uuid.Nil, err
	}
	sources, err := readOwn(ctx, tx, from)
	if err != nil {
		return uuid.Nil, err
	}
	changes := make([]WordingChange, len(rows))
	for i, row := range rows {
		if row.Key = printable(row.Key); len(row.Key) > keyMax {
			row.Key = strings.ToValidUTF8(row.Key[:keyMax], "")
		}
		c := w.judge(lang, own, row.Key, row.Text)
		if c.did() && moved(w.said(from, sources, row.Key), row.Source) {
			c.Outcome = OutcomeMoved
		}
		c.Number = i + 1
		changes[i] = c
	}
	a := WordingAct{ID: id.New(), Lang: lang, Kind: ActImport, State: ActChecked}
	if err := insertAct(ctx, tx, a); err != nil {
		return uuid.Nil, err
	}
	if err := insertChanges(ctx, tx, a.ID, changes); err != nil {
		return uuid.Nil, err
	}
	return a.ID, w.record(ctx, tx, "tenancy.wording.check", a.ID, map[string]any{"language": lang, "texts": len(rows)})
}

// judge says what a text would do as things stand.
func (w *Wording) judge(lang string, own map[string]OwnText, key string, text i18n.Message) WordingChange {
	text = over(w.said(lang, own, key), trimmed(text))
	if w.CheckText(lang, key, text) != nil {
		return WordingChange{Key: key, Outcome: OutcomeRefused, Before: own[key].Text, After: text}
	}
	return w.changeTo(lang, key, own[key].Text, text)
}

// over lays the forms of a text over those that are said now. A text that does not count takes nothing over.
func over(now, text i18n.Message) i18n.Message {
	if len(now) < 2 || len(text) == 0 {
		return text
	}
	out := maps.Clone(now)
	for form, s := range text {
		if s != "" {
			out[form] = s
		}
	}
	return out
}

// moved reports whether a text was made from other words than those that are said now.
func moved(now, source i18n.Message) bool {
	for form, s := range source {
		said, ok := now[form]
		if !ok {
			said = now["other"]
		}
		if s != said {
			return true
		}
	}
	return false
}

// Apply does what a file that was looked at would do, judged anew by what is said by now. Permission: tenancy:translate, which the page
// asks for; people and strangers are refused here too. Errors: ErrForbidden, ErrNoAct, ErrNoLanguage, ErrActState.
func (w *Wording) Apply(ctx context.Context, tx *pg.Tx, act uuid.UUID) (err error) {
	defer fault.Wrap(&err, "tenancy.Apply(%s)", act)
	a, err := w.locked(ctx, tx, act)
	if err != nil {
		return err
	}
	if !a.MayApply() {
		return ErrActState
	}
	own, err := readOwn(ctx, tx, a.Lang)
	if err != nil {
		return err
	}
	changes, err := listChanges(ctx, tx, act, "", 0, WordingRows+1)
	if err != nil {
		return err
	}
	done := map[string]bool{}
	for i, c := range changes {
		if !c.did() {
			continue
		}
		changes[i] = w.judge(a.Lang, own, c.Key, c.After)
		if c.After == nil {
			changes[i] = w.changeTo(a.Lang, c.Key, own[c.Key].Text, nil)
		}
		if changes[i].Number = c.Number; done[c.Key] {
			changes[i].Outcome = OutcomeSame // a row before said it
		}
		done[c.Key] = true
	}
	if err := replaceChanges(ctx, tx, act, changes); err != nil {
		return err
	}
	if err := setActState(ctx, tx, act, ActDone); err != nil {
		return err
	}
	if err := w.do(ctx, tx, a.Lang, changes); err != nil {
		return err
	}
	return w.record(ctx, tx, "tenancy.wording.import", act, map[string]any{"language": a.Lang, "texts": len(done)})
}

// Discard gives a file up that was looked at. Permission: tenancy:translate, which the page asks for; people and strangers are refused
// here too. Errors: ErrForbidden, ErrNoAct, ErrActState.
func (w *Wording) Discard(ctx context.Context, tx *pg.Tx, act uuid.UUID) (err error) {
	defer fault.Wrap(&err, "tenancy.Discard(%s)", act)
	a, err := w.locked(ctx, tx, act)
	if err != nil {
		return err
	}
	if !a.MayDiscard() {
		return ErrActState
	}
	if err := setActState(ctx, tx, act, ActDiscarded); err != nil {
		return err
	}
	return w.record(ctx, tx, "tenancy.wording.discard", act, map[string]any{"language": a.Lang})
}
