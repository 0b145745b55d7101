package workflow

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow/internal/workflowdb"
)

var db = workflowdb.New()

func insertInstance(ctx context.Context, tx *pg.Tx, i Instance) error {
	err := db.InsertInstance(ctx, tx, workflowdb.InsertInstanceParams{
		ID: i.ID, Reference: i.Reference, Service: i.Service, Version: int32(i.Version), PersonID: i.Person, Agency: i.Agency,
		Boundary: i.Boundary, BoundaryPath: list(i.BoundaryPath), State: i.State, Kind: i.Kind, Role: i.Role, Now: i.StartedAt,
		StateDueAt: i.StateDueAt, TotalDueAt: i.TotalDueAt, PausedAt: i.PausedAt, EndedAt: i.EndedAt, Outcome: i.Outcome,
	})
	if pg.Constraint(err) == "instance_pkey" {
		return ErrStarted.Because(err)
	}
	if err != nil {
		return err
	}
	return insertBranches(ctx, tx, i)
}

func insertBranches(ctx context.Context, tx *pg.Tx, i Instance) error {
	for _, b := range i.Branches {
		if err := db.InsertBranch(ctx, tx, workflowdb.InsertBranchParams{
			ID: b.ID, InstanceID: i.ID, Code: b.Code, Agency: i.Agency, State: b.State, Kind: b.Kind, Role: b.Role, Assignee: optional(b.Assignee),
			ClaimedAt: b.ClaimedAt, Rev: b.Rev, EnteredAt: b.EnteredAt, StateDueAt: b.StateDueAt, DueKey: dueKey(i.as(b)), Outcome: b.Outcome,
		}); err != nil {
			return err
		}
	}
	return nil
}

// forkInstance stores a case that has come into a parallel state.
func forkInstance(ctx context.Context, tx *pg.Tx, i Instance) error {
	if err := updateInstance(ctx, tx, i); err != nil {
		return err
	}
	if err := db.DeleteBranches(ctx, tx, i.ID); err != nil {
		return err
	}
	return insertBranches(ctx, tx, i)
}

// updateBranch stores a changed branch with the rev of its case.
func updateBranch(ctx context.Context, tx *pg.Tx, i Instance, code string) error {
	if err := updateInstance(ctx, tx, i); err != nil || code == "" {
		return err
	}
	b := i.branch(code)
	return db.SetBranch(ctx, tx, workflowdb.SetBranchParams{
		ID: b.ID, State: b.State, Kind: b.Kind, Role: b.Role, Assignee: optional(b.Assignee), ClaimedAt: b.ClaimedAt, Rev: b.Rev, EnteredAt: b.EnteredAt,
		StateDueAt: b.StateDueAt, DueKey: dueKey(i.as(*b)), Fired: list(b.Fired), Outcome: b.Outcome,
	})
}

// dueKey sorts a case in a list; the year 9999 where nothing is due, as the column of the case itself.
func dueKey(i Instance) time.Time {
	if i.DueAt == nil {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return *i.DueAt
}

// whole adds the branches to a case.
func whole(ctx context.Context, tx *pg.Tx, i Instance) (Instance, error) {
	rows, err := db.ListBranches(ctx, tx, i.ID)
	for _, r := range rows {
		i.Branches = append(i.Branches, toBranch(r))
	}
	return i, err
}

func toBranch(r workflowdb.WorkflowBranch) Branch {
	return Branch{
		ID: r.ID, Code: r.Code, State: r.State, Kind: r.Kind, Role: r.Role, Assignee: given(r.Assignee), ClaimedAt: r.ClaimedAt, Rev: r.Rev,
		EnteredAt: r.EnteredAt, StateDueAt: r.StateDueAt, Fired: r.Fired, Outcome: r.Outcome, Closed: r.Closed,
	}
}

func instanceRow(ctx context.Context, tx *pg.Tx, id uuid.UUID) (Instance, error) {
	r, err := db.GetInstance(ctx, tx, id)
	if pg.NotFound(err) {
		return Instance{}, ErrUnknown
	}
	if err != nil {
		return Instance{}, err
	}
	return whole(ctx, tx, toInstance(r))
}

func lockInstance(ctx context.Context, tx *pg.Tx, id uuid.UUID) (Instance, error) {
	r, err := db.LockInstance(ctx, tx, id)
	if pg.NotFound(err) {
		return Instance{}, ErrUnknown
	}
	if err != nil {
		return Instance{}, err
	}
	return whole(ctx, tx, toInstance(r))
}

// updateInstance stores a changed case whose rev is one more than the stored one. Errors: ErrMeanwhile.
func updateInstance(ctx context.Context, tx *pg.Tx, i Instance) error {
	n, err := db.SetInstance(ctx, tx, workflowdb.SetInstanceParams{
		ID: i.ID, OldRev: i.Rev - 1, State: i.State, Kind: i.Kind, Role: i.Role, Assignee: optional(i.Assignee), ClaimedAt: i.ClaimedAt,
		Rev: i.Rev, EnteredAt: i.EnteredAt, StateDueAt: i.StateDueAt, TotalDueAt: i.TotalDueAt, Warned: i.Warned, Overdue: i.Overdue,
		PausedAt: i.PausedAt, PausedSeconds: int64(i.PausedFor / time.Second), EndedAt: i.EndedAt, Outcome: i.Outcome,
		Fired: list(i.Fired), HeldUntil: i.HeldUntil, HeldItems: list(i.HeldItems),
	})
	if err == nil && n == 0 {
		return ErrMeanwhile
	}
	return err
}

func setWarned(ctx context.Context, tx *pg.Tx, id uuid.UUID) error {
	_, err := db.SetWarned(ctx, tx, id)
	return err
}

func setOverdue(ctx context.Context, tx *pg.Tx, id uuid.UUID) error {
	_, err := db.SetOverdue(ctx, tx, id)
	return err
}

func toInstance(r workflowdb.WorkflowInstance) Instance {
	return Instance{
		ID: r.ID, Reference: r.Reference, Service: r.Service, Version: int(r.Version), Person: r.PersonID, Agency: r.Agency,
		Boundary: r.Boundary, BoundaryPath: r.BoundaryPath, State: r.State, Kind: r.Kind, Role: r.Role,
		Assignee: given(r.Assignee), ClaimedAt: r.ClaimedAt, Rev: r.Rev, StartedAt: r.StartedAt, EnteredAt: r.EnteredAt,
		StateDueAt: r.StateDueAt, TotalDueAt: r.TotalDueAt, DueAt: r.DueAt, PausedAt: r.PausedAt,
		PausedFor: time.Duration(r.PausedSeconds) * time.Second, Warned: r.Warned, Overdue: r.Overdue,
		Ended: r.EndedAt != nil, EndedAt: r.EndedAt, Outcome: r.Outcome, Fired: r.Fired, HeldUntil: r.HeldUntil, HeldItems: r.HeldItems,
	}
}

// sealed is what of a transition is a person's business.
type sealed struct{ comment, findings, because []byte }

func insertTransition(ctx context.Context, tx *pg.Tx, i Instance, t Transition, of sealed) error {
	return db.InsertTransition(ctx, tx, workflowdb.InsertTransitionParams{
		InstanceID: i.ID, Rev: t.Rev, Action: t.Action, Cause: t.Cause, FromState: t.From, ToState: t.To, Kind: t.Kind,
		ActorID: optional(t.Actor), Role: t.Role, Comment: of.comment, Checklist: list(t.Checklist), At: t.At,
		Working: int64(t.Dwell.Working / time.Second), Calendar: int64(t.Dwell.Calendar / time.Second),
		Branch: t.Branch, Reasons: list(t.Reasons), Findings: of.findings, Because: of.because,
	})
}

func toTransition(r workflowdb.WorkflowTransition) Transition {
	return Transition{
		Rev: r.Rev, Action: r.Action, Cause: r.Cause, From: r.FromState, To: r.ToState, Kind: r.Kind, Actor: given(r.ActorID),
		Role: r.Role, Checklist: r.Checklist, At: r.At, Branch: r.Branch, Reasons: r.Reasons,
		Dwell: Dwell{Working: time.Duration(r.Working) * time.Second, Calendar: time.Duration(r.Calendar) * time.Second},
	}
}

func transitionsSince(ctx context.Context, tx *pg.Tx, id uuid.UUID, rev int64) (list []Transition, err error) {
	rows, err := db.ListSince(ctx, tx, workflowdb.ListSinceParams{InstanceID: id, Rev: rev})
	for _, r := range rows {
		list = append(list, toTransition(r))
	}
	return list, err
}

func stepRows(ctx context.Context, tx *pg.Tx, id uuid.UUID) ([]taken, error) {
	rows, err := db.ListActors(ctx, tx, id)
	steps := make([]taken, 0, len(rows))
	for _, r := range rows {
		steps = append(steps, taken{r.Action, r.ActorID})
	}
	return steps, err
}

func optional(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func given(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// list returns a slice that is stored as an empty array rather than NULL.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// heldRow is where the decision stands that is held in a case.
func heldRow(i Instance) workflowdb.GetTransitionParams {
	return workflowdb.GetTransitionParams{InstanceID: i.ID, Rev: i.Rev}
}

func delayed(instances []uuid.UUID, until time.Time) workflowdb.SetHeldUntilParams {
	return workflowdb.SetHeldUntilParams{Ids: instances, Until: until}
}
