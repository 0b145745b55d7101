package workflow

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// DueArgs is the job that marks a case near its promised date.
type DueArgs struct {
	job.Tenant
	Instance uuid.UUID `json:"instance"`
}

// Kind names the job.
func (DueArgs) Kind() string { return "workflow.due" }

// OverdueArgs is the job that marks a case whose promise has passed.
type OverdueArgs struct {
	job.Tenant
	Instance uuid.UUID `json:"instance"`
}

// Kind names the job.
func (OverdueArgs) Kind() string { return "workflow.overdue" }

// TimerArgs is the job that does what happens in a case as time goes on: timed actions and escalations.
type TimerArgs struct {
	job.Tenant
	Instance uuid.UUID `json:"instance"`
}

// Kind names the job.
func (TimerArgs) Kind() string { return "workflow.timer" }

// Register registers the jobs of this module. All may be done twice: each looks at the case first.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, a DueArgs) error { return s.due(ctx, tx, a.Instance) })
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, a OverdueArgs) error { return s.overdue(ctx, tx, a.Instance) })
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, a TimerArgs) error { return s.wake(ctx, tx, a.Instance) })
}

func slaKey(instance uuid.UUID) string   { return "sla:" + instance.String() }
func stateKey(instance uuid.UUID) string { return "state:" + instance.String() }

// arm sets the timers that the case needs: one for the promise (first its warning, then its end; none while the clock
// stands), one for the first that happens by itself as time goes on.
func (s *Service) arm(ctx context.Context, tx *pg.Tx, i Instance, svc *servicespec.Service, cal calendar.Calendar) error {
	if err := s.armPromise(ctx, tx, i, svc, cal); err != nil {
		return err
	}
	var next *time.Time
	for _, m := range svc.Moments(i.Standing(false, tx.Now, cal)) {
		if m.At.After(tx.Now) && (next == nil || m.At.Before(*next)) {
			next = &m.At
		}
	}
	if next == nil {
		return tx.CancelTimer(ctx, stateKey(i.ID))
	}
	return tx.At(ctx, *next, stateKey(i.ID), TimerArgs{Instance: i.ID})
}

func (s *Service) armPromise(ctx context.Context, tx *pg.Tx, i Instance, svc *servicespec.Service, cal calendar.Calendar) error {
	if i.TotalDueAt == nil || i.PausedAt != nil || i.Ended || i.Overdue {
		return tx.CancelTimer(ctx, slaKey(i.ID))
	}
	if warn := i.warnAt(svc.Pack().Target.WarnPercent, tx.Now, cal); !i.Warned && warn.After(tx.Now) {
		return tx.At(ctx, *warn, slaKey(i.ID), DueArgs{Instance: i.ID})
	}
	return tx.At(ctx, *i.TotalDueAt, slaKey(i.ID), OverdueArgs{Instance: i.ID})
}

func (s *Service) due(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workflow.due(%s)", instance)
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil || i.Ended || i.PausedAt != nil || i.Warned {
		return err
	}
	cal, err := s.Calendar(ctx, tx, i)
	if err != nil {
		return err
	}
	if warn := i.warnAt(svc.Pack().Target.WarnPercent, tx.Now, cal); warn != nil && !warn.After(tx.Now) {
		i.Warned = true
		if err := setWarned(ctx, tx, i.ID); err != nil {
			return err
		}
	}
	return s.armPromise(ctx, tx, i, svc, cal)
}

func (s *Service) overdue(ctx context.Context, tx *pg.Tx, instance uuid.UUID) (err error) {
	defer fault.Wrap(&err, "workflow.overdue(%s)", instance)
	i, _, err := s.lock(ctx, tx, instance)
	if err != nil || i.Ended || i.PausedAt != nil || i.Overdue || i.TotalDueAt == nil || i.TotalDueAt.After(tx.Now) {
		return err
	}
	i.Warned, i.Overdue = true, true
	if err := setOverdue(ctx, tx, i.ID); err != nil || s.observer == nil {
		return err
	}
	return s.observer.Overdue(ctx, tx, i)
}
