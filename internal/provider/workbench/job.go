package workbench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workbench/internal/workbenchdb"
	"digit/internal/provider/workflow"
)

// BulkArgs is the job that does one thing with many cases, or undoes it.
type BulkArgs struct {
	job.Tenant
	Bulk uuid.UUID `json:"bulk"`
}

// Kind names the job.
func (BulkArgs) Kind() string { return "workbench.bulk" }

// JobTimeout leaves time for as many cases as there can be; what is not done by then the next attempt goes on with.
func (BulkArgs) JobTimeout() time.Duration { return 15 * time.Minute }

// Register registers the jobs of this module.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.work)
	job.Add(r, s.blacken)
}

// atOnce is how many cases are looked up at a time.
const atOnce = 50

// work does what is to be done with each case in a transaction of its own, in which its result is kept too: so a case is dealt with once
// whatever happens to the job, and one that fails holds up none of the others.
func (s *Service) work(ctx context.Context, db_ *pg.DB, j *river.Job[BulkArgs]) (err error) {
	defer fault.Wrap(&err, "workbench.work(%s)", j.Args.Bulk)
	var b workbenchdb.WorkbenchBulk
	if err := db_.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) (err error) {
		b, err = db.GetBulk(ctx, tx, j.Args.Bulk)
		return err
	}); err != nil {
		return err
	}
	from, do, end := ItemWaiting, s.do, BulkDone
	switch b.Status {
	case BulkUndoing:
		from, do, end = ItemDone, s.undo, BulkUndone
	case BulkRunning:
	default:
		return nil
	}
	scope := pg.Scope{Tenant: j.Args.TenantID, Actor: pg.Actor{
		ID: b.ByID, Kind: identity.KindStaff, Purpose: audit.PurposeCasework, RequestID: fmt.Sprintf("job:%d", j.ID),
	}}
	for {
		var numbers []int32
		if err := db_.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
			numbers, err = db.ListBulkNumbers(ctx, tx, workbenchdb.ListBulkNumbersParams{BulkID: b.ID, Status: from, Size: atOnce})
			return err
		}); err != nil {
			return err
		}
		if len(numbers) == 0 {
			return db_.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return finish(ctx, tx, b.ID, end) })
		}
		for _, no := range numbers {
			if err := s.item(ctx, db_, scope, b, no, from, do); err != nil {
				return err
			}
		}
	}
}

// doing deals with one case and says how it stands then.
type doing func(ctx context.Context, tx *pg.Tx, by identity.Principal, b workbenchdb.WorkbenchBulk, i workbenchdb.WorkbenchBulkItem) (workbenchdb.SetBulkItemParams, error)

// item deals with one case. What the rules refuse is its result; what went wrong in the house is tried again.
func (s *Service) item(ctx context.Context, db_ *pg.DB, scope pg.Scope, b workbenchdb.WorkbenchBulk, no int32, from string, do doing) error {
	err := db_.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
		i, err := db.LockBulkItem(ctx, tx, workbenchdb.LockBulkItemParams{BulkID: b.ID, No: no})
		if err != nil || i.Status != from { // another attempt has done it
			return err
		}
		by, err := s.deps.People.Standing(ctx, tx, b.ByID)
		if err != nil {
			return err
		}
		if err := authorise(tx, by); err != nil {
			return err
		}
		result, err := do(ctx, tx, by, b, i)
		if err != nil {
			return err
		}
		return db.SetBulkItem(ctx, tx, result)
	})
	refused := fault.Of(err)
	if refused == nil || !slices.Contains([]fault.Kind{fault.KindInvalid, fault.KindForbidden, fault.KindNotFound, fault.KindConflict}, refused.Kind) {
		return err
	}
	return db_.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
		i, err := db.LockBulkItem(ctx, tx, workbenchdb.LockBulkItemParams{BulkID: b.ID, No: no})
		if err != nil || i.Status != from {
			return err
		}
		result := resultOf(i, ItemFailed)
		if result.Code = refused.Code; from == ItemDone {
			result.Status = ItemKept
		}
		return db.SetBulkItem(ctx, tx, result)
	})
}

func resultOf(i workbenchdb.WorkbenchBulkItem, status string) workbenchdb.SetBulkItemParams {
	return workbenchdb.SetBulkItemParams{BulkID: i.BulkID, No: i.No, Status: status, WasID: i.WasID, AfterRev: i.AfterRev, Rev: i.Rev}
}

// do does the act with one case. One that failed before is taken as it stands now.
func (s *Service) do(ctx context.Context, tx *pg.Tx, by identity.Principal, b workbenchdb.WorkbenchBulk, i workbenchdb.WorkbenchBulkItem) (result workbenchdb.SetBulkItemParams, err error) {
	result = resultOf(i, ItemDone)
	now, err := s.deps.Workflow.Instance(ctx, tx, i.ApplicationID)
	if err != nil {
		return result, err
	}
	if at, found := now.In(i.Branch); found && at.Assignee != uuid.Nil {
		result.WasID = &at.Assignee
	}
	if result.Rev == 0 {
		result.Rev = now.Rev
	}
	var after workflow.Instance
	switch b.Kind {
	case BulkClaim:
		after, err = s.deps.Workflow.Claim(ctx, tx, i.ApplicationID, i.Branch, by, result.Rev)
	case BulkRelease:
		after, err = s.deps.Workflow.Release(ctx, tx, i.ApplicationID, i.Branch, by, result.Rev)
	case BulkAssign:
		give := GiveCase{By: by, Application: i.ApplicationID, Branch: i.Branch, To: *b.ToID, Rev: result.Rev}
		after, _, err = s.give(ctx, tx, give, "")
	case BulkAct:
		after, err = s.actOn(ctx, tx, by, b, now, result.Rev)
	}
	result.AfterRev = after.Rev
	return result, err
}

// actOn takes a case where nobody has it, and acts.
func (s *Service) actOn(ctx context.Context, tx *pg.Tx, by identity.Principal, b workbenchdb.WorkbenchBulk, now workflow.Instance, rev int64) (after workflow.Instance, err error) {
	comment := ""
	if b.Comment != nil {
		plain, err := s.deps.Sealer.Open(ctx, tx, uuid.Nil, bulkPlace(b.ID), b.Comment)
		if err != nil {
			return after, err
		}
		comment = string(plain)
	}
	if now.Assignee == uuid.Nil && now.Staffed() {
		taken, err := s.deps.Workflow.Claim(ctx, tx, now.ID, "", by, rev)
		if err != nil {
			return after, err
		}
		rev = taken.Rev
	}
	svc, err := s.deps.Services.Service(ctx, tx, now.Service, now.Version)
	if err != nil {
		return after, err
	}
	if a := svc.Action(b.Action); a == nil || single(*a) {
		return after, workflow.ErrAction.With("state", now.State)
	}
	return s.deps.Applications.Decide(ctx, tx, orchestration.Act{
		Application: now.ID, Action: b.Action, By: by, Comment: comment, Checklist: b.Checklist, Reasons: reasonsOf(svc, b), Rev: rev,
	})
}

// reasonsOf are the chosen reasons that the action of a case's own version has.
func reasonsOf(svc *servicespec.Service, b workbenchdb.WorkbenchBulk) []string {
	offered := svc.Action(b.Action).Reasons
	return slices.DeleteFunc(slices.Clone(b.Reasons), func(r string) bool { return !slices.Contains(offered, r) })
}

// undo gives a case back to who had it, a decision on it undone. Errors: workflow.ErrMeanwhile where somebody has gone on with it, workflow.ErrLate
// where the decision has taken effect, and those of giving it back.
func (s *Service) undo(ctx context.Context, tx *pg.Tx, by identity.Principal, b workbenchdb.WorkbenchBulk, i workbenchdb.WorkbenchBulkItem) (result workbenchdb.SetBulkItemParams, err error) {
	result = resultOf(i, ItemUndone)
	now, err := s.deps.Workflow.Instance(ctx, tx, i.ApplicationID)
	if err != nil {
		return result, err
	}
	switch {
	case now.Rev != i.AfterRev && b.Kind == BulkAct:
		return result, workflow.ErrLate
	case b.Kind == BulkAct:
		back, err := s.deps.Applications.Undo(ctx, tx, i.ApplicationID, by, now.Rev)
		if err != nil {
			return result, err
		}
		if now, err = s.deps.Workflow.Instance(ctx, tx, i.ApplicationID); err != nil || now.Rev != back.Rev { // it has gone on by itself
			return result, err
		}
		i.AfterRev = now.Rev
	}
	at, found := now.In(i.Branch)
	switch {
	case !found || now.Rev != i.AfterRev:
		return result, workflow.ErrMeanwhile
	case i.WasID == nil && at.Assignee == uuid.Nil, i.WasID != nil && at.Assignee == *i.WasID: // nothing was changed
	case i.WasID == nil:
		_, err = s.deps.Workflow.Release(ctx, tx, i.ApplicationID, i.Branch, by, now.Rev)
	case *i.WasID == by.Account && at.Assignee == uuid.Nil:
		_, err = s.deps.Workflow.Claim(ctx, tx, i.ApplicationID, i.Branch, by, now.Rev)
	default:
		_, _, err = s.give(ctx, tx, GiveCase{By: by, Application: i.ApplicationID, Branch: i.Branch, To: *i.WasID, Rev: now.Rev}, "")
	}
	return result, err
}

// finish ends an act on many cases; what was said with it stands with each case now, and is kept no longer where nothing can be tried again.
func finish(ctx context.Context, tx *pg.Tx, bulk uuid.UUID, status string) error {
	r, err := db.LockBulk(ctx, tx, bulk)
	if err != nil || r.Status == status {
		return err
	}
	if err := db.SetBulkStatus(ctx, tx, workbenchdb.SetBulkStatusParams{ID: bulk, Status: status, FinishedAt: &tx.Now}); err != nil {
		return err
	}
	counts, err := db.CountBulkItems(ctx, tx, bulk)
	if err != nil || slices.ContainsFunc(counts, func(c workbenchdb.CountBulkItemsRow) bool { return c.Status == ItemFailed }) {
		return err
	}
	return db.SetBulkComment(ctx, tx, workbenchdb.SetBulkCommentParams{ID: bulk})
}
