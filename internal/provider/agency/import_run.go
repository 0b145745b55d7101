package agency

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// RunImportArgs are the arguments of the job agency.run_import, which does the rows of an import, or undoes them, one after the other as
// somebody. It goes on where it was interrupted: each row is done in the same transaction in which it is noted.
type RunImportArgs struct {
	job.Tenant
	Import uuid.UUID `json:"import"`
	As     uuid.UUID `json:"as,omitzero"` // the system where it is nobody
}

// Kind names the job.
func (RunImportArgs) Kind() string { return "agency.run_import" }

// JobTimeout is for a table that is full.
func (RunImportArgs) JobTimeout() time.Duration { return 30 * time.Minute }

// ForgetImportArgs are the arguments of the job agency.forget_import, which removes the content of an import that is old.
type ForgetImportArgs struct {
	job.Tenant
	Import uuid.UUID `json:"import"`
}

// Kind names the job.
func (ForgetImportArgs) Kind() string { return "agency.forget_import" }

// Register registers the jobs of imports. Both may be done twice.
func (i *Importer) Register(r *job.Registry) {
	job.Add(r, i.run)
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, a ForgetImportArgs) error {
		in, err := lockImport(ctx, tx, a.Import)
		if err != nil || in.file == nil || in.Running() { // what runs is looked at again: see finish
			return err
		}
		return i.forget(ctx, tx, &in)
	})
}

// run does what is left of an import.
func (i *Importer) run(ctx context.Context, pool *pg.DB, j *river.Job[RunImportArgs]) (err error) {
	defer fault.Wrap(&err, "agency.run(%s)", j.Args.Import)
	var in Import
	var rows map[int]record
	scope := job.Scope(j)
	err = pool.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if in, err = importRow(ctx, tx, j.Args.Import); err != nil || !in.Running() {
			return err
		}
		rows, err = i.content(ctx, tx, in)
		return err
	})
	if err != nil || !in.Running() {
		return err
	}
	for more := true; more; {
		if more, err = i.step(ctx, pool, j, in, rows); err != nil {
			return err
		}
	}
	return pool.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return i.finish(ctx, tx, in.ID) })
}

// finish notes that an import has come to its end. The content is removed later: a part of the table may be wanted again.
func (i *Importer) finish(ctx context.Context, tx *pg.Tx, imp uuid.UUID) error {
	in, err := lockImport(ctx, tx, imp)
	if err != nil || !in.Running() {
		return err
	}
	action := "agency.import.applied"
	if in.State == ImportUndoing {
		action = "agency.import.undone"
	}
	in.State = map[ImportState]ImportState{ImportApplying: ImportApplied, ImportUndoing: ImportUndone}[in.State]
	in.FinishedAt = &tx.Now
	if err := setImport(ctx, tx, in); err != nil {
		return err
	}
	if !tx.Now.Before(in.CreatedAt.Add(ImportKept)) { // its day has passed while it ran
		if err := i.forget(ctx, tx, &in); err != nil {
			return err
		}
	}
	return recordImport(ctx, tx, action, in)
}

// step does one row, or undoes one, in a transaction of its own; more is false where none is left. What refuses the row is noted on it.
func (i *Importer) step(ctx context.Context, pool *pg.DB, j *river.Job[RunImportArgs], in Import, rows map[int]record) (more bool, err error) {
	back := in.State == ImportUndoing
	var by identity.Principal
	if err := pool.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		if j.Args.As != uuid.Nil {
			by, err = i.d.People.Standing(ctx, tx, j.Args.As)
		}
		return err
	}); err != nil {
		return false, err
	}
	scope := job.Scope(j)
	if j.Args.As != uuid.Nil { // as whoever asked for it, so that it can do no more than they may by now
		request := scope.Actor.RequestID
		scope.Actor = by.Actor()
		scope.Actor.RequestID = request
	}
	var row ImportRow
	err = pool.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if row, more, err = nextRow(ctx, tx, in.ID, back); err != nil || !more {
			return err
		}
		if back {
			err = i.undo(ctx, tx, by, in, &row)
			row.State = RowUndone
		} else {
			err = i.apply(ctx, tx, by, in, &row, rows[row.Number])
			row.State = RowDone
		}
		if err != nil {
			return err
		}
		row.Problems = nil
		return setImportRow(ctx, tx, in.ID, row)
	})
	refusal := fault.Of(err)
	if err == nil || refusal == nil || refusal.Kind == fault.KindUnavailable {
		return more, err
	}
	return true, pool.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
		row.State = RowFailed
		if back {
			row.State = RowKept
		}
		row.Problems = refusal.Fields
		if len(row.Problems) == 0 {
			row.Problems = []fault.Field{{Code: refusal.Code, Args: refusal.Args}}
		}
		return setImportRow(ctx, tx, in.ID, row)
	})
}

// apply does one row as it is now: what stands may have changed since it was looked at.
func (i *Importer) apply(ctx context.Context, tx *pg.Tx, by identity.Principal, in Import, row *ImportRow, r record) error {
	row.before, row.after = nil, nil
	switch in.Kind {
	case ImportOffices:
		return i.applyOffice(ctx, tx, by, in.Agency, row, r)
	case ImportPositions:
		return i.applyPosition(ctx, tx, by, in.Agency, row, r)
	default:
		return i.applyStaff(ctx, tx, by, in.Agency, row, r)
	}
}

func (i *Importer) undo(ctx context.Context, tx *pg.Tx, by identity.Principal, in Import, row *ImportRow) error {
	switch in.Kind {
	case ImportOffices:
		return i.undoOffice(ctx, tx, by, in.Agency, *row)
	case ImportPositions:
		return i.undoPosition(ctx, tx, by, in.Agency, *row)
	default:
		return i.undoStaff(ctx, tx, by, in.Agency, *row)
	}
}

// noted is what stands, as it is kept to be compared and put back.
func noted(v any) []byte {
	b, _ := json.Marshal(v) // plain values always marshal
	return b
}
