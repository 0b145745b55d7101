package tenancy

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// ActKind says by what texts were changed.
type ActKind string

// The kinds of acts.
const (
	ActEdit   ActKind = "edit"
	ActImport ActKind = "import"
	ActUndo   ActKind = "undo"
)

// ActState says how far an act is.
type ActState string

// The states of acts: a file that was looked at, what was done, what was undone since, a file that was given up.
const (
	ActChecked   ActState = "checked"
	ActDone      ActState = "done"
	ActUndone    ActState = "undone"
	ActDiscarded ActState = "discarded"
)

// Outcome says what became, or would become, of a text.
type Outcome string

// The outcomes.
const (
	OutcomeNew     Outcome = "new"     // it fills a gap
	OutcomeChanged Outcome = "changed" // it replaces other words
	OutcomeRemoved Outcome = "removed" // the product's words came back
	OutcomeSame    Outcome = "same"    // it says what is said already
	OutcomeMoved   Outcome = "moved"   // it was made from other words than those of today, and is left out
	OutcomeRefused Outcome = "refused" // something is wrong with it
	OutcomeKept    Outcome = "kept"    // somebody changed it since, so it was not undone
)

// Outcomes are all of them, in the order in which people look at them.
var Outcomes = []Outcome{OutcomeNew, OutcomeChanged, OutcomeRemoved, OutcomeSame, OutcomeMoved, OutcomeRefused, OutcomeKept}

// WordingAct is one act of the history.
type WordingAct struct {
	ID       uuid.UUID
	Lang     string
	Kind     ActKind
	State    ActState
	At       time.Time
	By       uuid.UUID // the account, uuid.Nil for the system
	Ended    time.Time // when it was undone or given up, zero for neither
	EndedBy  uuid.UUID
	Undoes   uuid.UUID // of an undoing: the act undone
	Outcomes map[Outcome]int
	Key      string // of an edit: the text
}

// MayApply reports whether what a file would do can be done; MayDiscard whether it can be given up; MayUndo whether what was done can be
// undone.
func (a WordingAct) MayApply() bool {
	return a.State == ActChecked && a.Outcomes[OutcomeNew]+a.Outcomes[OutcomeChanged]+a.Outcomes[OutcomeRemoved] > 0
}

// MayDiscard is described at MayApply.
func (a WordingAct) MayDiscard() bool { return a.State == ActChecked }

// MayUndo is described at MayApply.
func (a WordingAct) MayUndo() bool {
	return a.State == ActDone && a.Outcomes[OutcomeNew]+a.Outcomes[OutcomeChanged]+a.Outcomes[OutcomeRemoved] > 0
}

// WordingChange is what an act did to a text, or would do. Before and After are the tenant's own words, nil for none.
type WordingChange struct {
	Number        int // from 1: the row of a file
	Key           string
	Outcome       Outcome
	Before, After i18n.Message
}

// did reports whether the text was changed.
func (c WordingChange) did() bool {
	return c.Outcome == OutcomeNew || c.Outcome == OutcomeChanged || c.Outcome == OutcomeRemoved
}

// write does changes and keeps them as an act of the history.
func (w *Wording) write(ctx context.Context, tx *pg.Tx, a WordingAct, changes []WordingChange) (uuid.UUID, error) {
	a.ID, a.State = id.New(), ActDone
	if err := insertAct(ctx, tx, a); err != nil {
		return uuid.Nil, err
	}
	if err := insertChanges(ctx, tx, a.ID, changes); err != nil {
		return uuid.Nil, err
	}
	return a.ID, w.do(ctx, tx, a.Lang, changes)
}

// do writes the texts that changes say.
func (w *Wording) do(ctx context.Context, tx *pg.Tx, lang string, changes []WordingChange) error {
	var put []WordingChange
	var gone []string
	for _, c := range changes {
		switch {
		case !c.did():
		case c.After == nil:
			gone = append(gone, c.Key)
		default:
			put = append(put, c)
		}
	}
	if err := deleteWording(ctx, tx, lang, gone); err != nil {
		return err
	}
	return putWording(ctx, tx, lang, put, func(key string) i18n.Message { return w.product.Own("en", key) })
}

func (w *Wording) record(ctx context.Context, tx *pg.Tx, action string, act uuid.UUID, detail map[string]any) error {
	return audit.Record(ctx, tx, audit.Entry{Action: action, Object: "tenancy.wording", ObjectID: act, Detail: detail})
}

// Acts lists the history of a language, the latest first. Permission: tenancy:translate, which the page asks for; people and strangers
// are refused here too. Errors: ErrForbidden, page.ErrCursor.
func (w *Wording) Acts(ctx context.Context, tx *pg.Tx, lang string, p page.Request) (_ page.Page[WordingAct], err error) {
	defer fault.Wrap(&err, "tenancy.Acts(%s)", lang)
	if !official(tx.Actor) {
		return page.Page[WordingAct]{}, ErrForbidden
	}
	before, err := p.AfterID()
	if err != nil {
		return page.Page[WordingAct]{}, err
	}
	rows, err := listActs(ctx, tx, lang, before, p.Limit()+1)
	return page.Of(p, rows, func(a WordingAct) []string { return []string{a.ID.String()} }), err
}

// Act returns an act. Permission: tenancy:translate, which the page asks for; people and strangers are refused here too.
// Errors: ErrForbidden, ErrNoAct.
func (w *Wording) Act(ctx context.Context, tx *pg.Tx, act uuid.UUID) (_ WordingAct, err error) {
	defer fault.Wrap(&err, "tenancy.Act(%s)", act)
	if !official(tx.Actor) {
		return WordingAct{}, ErrForbidden
	}
	return readAct(ctx, tx, act)
}

// Changes lists what an act did, or would do, text by text; an outcome narrows it. Permission: tenancy:translate, which the page asks
// for; people and strangers are refused here too. Errors: ErrForbidden, page.ErrCursor.
func (w *Wording) Changes(ctx context.Context, tx *pg.Tx, act uuid.UUID, only Outcome, p page.Request) (_ page.Page[WordingChange], err error) {
	defer fault.Wrap(&err, "tenancy.Changes(%s)", act)
	if !official(tx.Actor) {
		return page.Page[WordingChange]{}, ErrForbidden
	}
	after, err := afterNumber(p)
	if err != nil {
		return page.Page[WordingChange]{}, err
	}
	rows, err := listChanges(ctx, tx, act, only, after, p.Limit()+1)
	return page.Of(p, rows, numberKey), err
}

// TextHistory returns what was done to one text, the latest first, at most as many acts. Permission: tenancy:translate, which the page
// asks for; people and strangers are refused here too. Errors: ErrForbidden.
func (w *Wording) TextHistory(ctx context.Context, tx *pg.Tx, lang, key string, most int) (_ []WordingAct, _ []WordingChange, err error) {
	defer fault.Wrap(&err, "tenancy.TextHistory(%s, %s)", lang, key)
	if !official(tx.Actor) {
		return nil, nil, ErrForbidden
	}
	return listChangesOf(ctx, tx, lang, key, most)
}

// Undo gives the texts that an act changed the words they had before, and is an act of its own, which can be undone too. Texts that were
// changed since stay as they are. Permission: tenancy:translate, which the page asks for; people and strangers are refused here too.
// Errors: ErrForbidden, ErrNoAct, ErrNoLanguage, ErrActState.
func (w *Wording) Undo(ctx context.Context, tx *pg.Tx, act uuid.UUID) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "tenancy.Undo(%s)", act)
	a, err := w.locked(ctx, tx, act)
	if err != nil {
		return uuid.Nil, err
	}
	if !a.MayUndo() {
		return uuid.Nil, ErrActState
	}
	own, err := readOwn(ctx, tx, a.Lang)
	if err != nil {
		return uuid.Nil, err
	}
	did, err := listChanges(ctx, tx, act, "", 0, WordingRows+1)
	if err != nil {
		return uuid.Nil, err
	}
	var undo []WordingChange
	for _, c := range did {
		if !c.did() {
			continue
		}
		u := WordingChange{Number: len(undo) + 1, Key: c.Key, Before: own[c.Key].Text, After: c.Before, Outcome: OutcomeChanged}
		switch {
		case !i18n.Same(u.Before, c.After):
			u.Outcome, u.After = OutcomeKept, u.Before
		case c.Before == nil:
			u.Outcome = OutcomeRemoved
		case c.After == nil:
			u.Outcome = OutcomeNew
		}
		undo = append(undo, u)
	}
	if err := setActState(ctx, tx, act, ActUndone); err != nil {
		return uuid.Nil, err
	}
	done, err := w.write(ctx, tx, WordingAct{Lang: a.Lang, Kind: ActUndo, Undoes: act}, undo)
	if err != nil {
		return uuid.Nil, err
	}
	return done, w.record(ctx, tx, "tenancy.wording.undo", done, map[string]any{"language": a.Lang, "undone": act.String(), "texts": len(undo)})
}

// locked begins a change that an act leads to. Errors: ErrForbidden, ErrNoAct, ErrNoLanguage.
func (w *Wording) locked(ctx context.Context, tx *pg.Tx, act uuid.UUID) (WordingAct, error) {
	if !official(tx.Actor) {
		return WordingAct{}, ErrForbidden
	}
	if err := nextVersion(ctx, tx); err != nil {
		return WordingAct{}, err
	}
	a, err := readAct(ctx, tx, act)
	if err != nil {
		return a, err
	}
	return a, w.known(ctx, tx, a.Lang)
}
