package agency

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// worked is how somebody works in an agency before a row is done and after it; it holds no name and no address.
type worked struct {
	Works   bool       `json:"works"`
	Office  string     `json:"office,omitempty"`
	Title   i18n.Text  `json:"title,omitempty"`
	Holding uuid.UUID  `json:"holding,omitzero"` // that the row began
	Until   *time.Time `json:"until,omitempty"`
	Entered bool       `json:"entered,omitempty"` // the row entered the account
}

func workedNow(ctx context.Context, tx *pg.Tx, agency string, account uuid.UUID) (w worked, err error) {
	posts, err := postRows(ctx, tx, account)
	if n := slices.IndexFunc(posts, func(s Staff) bool { return s.Agency == agency }); n >= 0 {
		w = worked{Works: true, Office: posts[n].Office, Title: posts[n].Title}
	}
	return w, err
}

// applyStaff enters somebody who is not known, has them work in the agency, and puts them into the position. Errors: those of
// identity.AddStaff, Assign and Hold; ErrInvalid for what became wrong since it was looked at.
func (i *Importer) applyStaff(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, row *ImportRow, r record) error {
	w, err := i.look(ctx, tx, agency)
	if err != nil {
		return err
	}
	rows := []judged{{record: r}}
	if err := i.known(ctx, tx, &w, rows); err != nil {
		return err
	}
	j := &rows[0]
	if w.judgeStaff(j); len(j.Problems) > 0 {
		return ErrInvalid.WithFields(j.Problems...)
	}
	e := w.employmentOf(j)
	var before, after worked
	if e.account == uuid.Nil {
		set, err := i.d.Settings.Settings(ctx, tx)
		if err != nil {
			return err
		}
		in := identity.AddStaff{Name: r.cells["name"], Email: r.cells["email"], Phone: r.cells["phone"], Lang: set.DefaultLanguage}
		if e.account, err = i.d.People.AddStaff(ctx, tx, in); err != nil {
			return err
		}
		after.Entered = true
	} else if before, err = workedNow(ctx, tx, agency, e.account); err != nil {
		return err
	}
	e.staff.Account = e.account
	if err := i.d.Agencies.Assign(ctx, tx, by, e.staff); err != nil {
		return err
	}
	if e.position != "" && e.holds == nil {
		after.Until = e.until
		if after.Holding, err = i.d.Agencies.Hold(ctx, tx, by, Hold{Agency: agency, Position: e.position, Account: e.account, From: e.from, Until: e.until}); err != nil {
			return err
		}
	}
	after.Works, after.Office, after.Title = true, e.staff.Office, e.staff.Title
	row.account, row.before, row.after = e.account, noted(before), noted(after)
	return nil
}

// undoStaff vacates the position that a row gave, has the person work as before, or not, and suspends an account that the row entered.
// Errors: ErrImportSince, ErrImportUsed, and those of Vacate, Assign, Dismiss and identity.Suspend.
func (i *Importer) undoStaff(ctx context.Context, tx *pg.Tx, by identity.Principal, agency string, row ImportRow) error {
	var before, after worked
	if err := json.Unmarshal(row.before, &before); err != nil {
		return err
	}
	if err := json.Unmarshal(row.after, &after); err != nil {
		return err
	}
	now, err := workedNow(ctx, tx, agency, row.account)
	if err != nil {
		return err
	}
	held, err := heldRows(ctx, tx, row.account)
	if err != nil {
		return err
	}
	if !now.Works || now.Office != after.Office || string(noted(now.Title)) != string(noted(after.Title)) {
		return ErrImportSince
	}
	if after.Holding != uuid.Nil {
		n := slices.IndexFunc(held, func(h Holding) bool { return h.ID == after.Holding })
		if n < 0 || !sameTime(held[n].Until, after.Until) {
			return ErrImportSince
		}
		if err := i.d.Agencies.Vacate(ctx, tx, by, after.Holding); err != nil {
			return err
		}
		held = slices.Delete(held, n, n+1)
	}
	switch {
	case before.Works:
		return i.d.Agencies.Assign(ctx, tx, by, Staff{Account: row.account, Agency: agency, Office: before.Office, Title: before.Title})
	case slices.ContainsFunc(held, func(h Holding) bool { return h.Agency == agency }):
		return ErrImportUsed
	}
	if err := i.d.Agencies.Dismiss(ctx, tx, by, row.account, agency); err != nil {
		return err
	}
	if after.Entered {
		return i.d.People.Suspend(ctx, tx, row.account)
	}
	return nil
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}
