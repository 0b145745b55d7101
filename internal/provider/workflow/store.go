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
	return err
}

func instanceRow(ctx context.Context, tx *pg.Tx, id uuid.UUID) (Instance, error) {
	r, err := db.GetInstance(ctx, tx, id)
	if pg.NotFound(err) {
		return Instance{}, ErrUnknown
	}
	return toInstance(r), err
}

func lockInstance(ctx context.Context, tx *pg.Tx, id uuid.UUID) (Instance, error) {
	r, err := db.LockInstance(ctx, tx, id)
	if pg.NotFound(err) {
		return Instance{}, ErrUnknown
	}
	return toInstance(r), err
}

// updateInstance stores a changed case whose rev is one more than the stored one. Errors: ErrMeanwhile.
func updateInstance(ctx context.Context, tx *pg.Tx, i Instance) error {
	n, err := db.SetInstance(ctx, tx, workflowdb.SetInstanceParams{
		ID: i.ID, OldRev: i.Rev - 1, State: i.State, Kind: i.Kind, Role: i.Role, Assignee: optional(i.Assignee), ClaimedAt: i.ClaimedAt,
		Rev: i.Rev, EnteredAt: i.EnteredAt, StateDueAt: i.StateDueAt, TotalDueAt: i.TotalDueAt, Warned: i.Warned, Overdue: i.Overdue,
		PausedAt: i.PausedAt, PausedSeconds: int64(i.PausedFor / time.Second), EndedAt: i.EndedAt, Outcome: i.Outcome,
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
		Ended: r.EndedAt != nil, EndedAt: r.EndedAt, Outcome: r.Outcome,
	}
}

func insertTransition(ctx context.Context, tx *pg.Tx, i Instance, t Transition, comment []byte) error {
	return db.InsertTransition(ctx, tx, workflowdb.InsertTransitionParams{
		InstanceID: i.ID, Rev: t.Rev, Action: t.Action, Cause: t.Cause, FromState: t.From, ToState: t.To, Kind: t.Kind,
		ActorID: optional(t.Actor), Role: t.Role, Comment: comment, Checklist: list(t.Checklist), At: t.At,
		Working: int64(t.Dwell.Working / time.Second), Calendar: int64(t.Dwell.Calendar / time.Second),
	})
}

func lastTransition(ctx context.Context, tx *pg.Tx, id uuid.UUID) (Transition, error) {
	r, err := db.GetLastTransition(ctx, tx, id)
	return toTransition(r), err
}

func toTransition(r workflowdb.WorkflowTransition) Transition {
	return Transition{
		Rev: r.Rev, Action: r.Action, Cause: r.Cause, From: r.FromState, To: r.ToState, Kind: r.Kind, Actor: given(r.ActorID),
		Role: r.Role, Checklist: r.Checklist, At: r.At,
		Dwell: Dwell{Working: time.Duration(r.Working) * time.Second, Calendar: time.Duration(r.Calendar) * time.Second},
	}
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
