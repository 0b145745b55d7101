package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// sweepBatch is how many timers one transaction turns into jobs.
const sweepBatch = 100

// sweeper works pg.SweepTimers.
type sweeper struct {
	river.WorkerDefaults[pg.SweepTimers]
	c *Client
}

// Work sweeps one tenant, or all of them; one tenant's failure does not keep the others waiting.
func (s *sweeper) Work(ctx context.Context, j *river.Job[pg.SweepTimers]) error {
	if j.Args.TenantID != uuid.Nil {
		_, err := s.c.SweepTimers(ctx, j.Args.TenantID)
		return judge(err)
	}
	return s.c.eachTenant(ctx, func(ctx context.Context, tenant uuid.UUID) error {
		_, err := s.c.SweepTimers(ctx, tenant)
		return err
	})
}

// SweepTimers turns the tenant's due timers into jobs and tells how many. Two sweeps at once share the work.
func (c *Client) SweepTimers(ctx context.Context, tenant uuid.UUID) (fired int, err error) {
	defer fault.Wrap(&err, "job.SweepTimers(%s)", tenant)
	for {
		n := 0
		err = c.db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			n, err = c.sweep(ctx, tx)
			return err
		})
		fired += n
		if err != nil || n < sweepBatch {
			return fired, err
		}
	}
}

func (c *Client) sweep(ctx context.Context, tx *pg.Tx) (int, error) {
	rows, err := tx.Query(ctx, `SELECT key, kind, args FROM platform.timer WHERE due_at <= $1
		ORDER BY due_at, key LIMIT $2 FOR UPDATE SKIP LOCKED`, tx.Now, sweepBatch)
	if err != nil {
		return 0, err
	}
	type timer struct {
		Key, Kind string
		Args      json.RawMessage
	}
	due, err := pgx.CollectRows(rows, pgx.RowToStructByPos[timer])
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var keys []string
	var jobs []river.InsertManyParams
	for _, t := range due {
		args, err := c.decode(t.Kind, t.Args)
		if err != nil {
			return 0, fmt.Errorf("timer %s: %w", t.Key, err)
		}
		keys = append(keys, t.Key)
		jobs = append(jobs, river.InsertManyParams{Args: args})
	}
	if err := c.Insert(ctx, tx.Tx, jobs); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM platform.timer WHERE key = ANY($1)`, keys)
	return len(due), err
}

// decode restores arguments stored as JSON, so that their InsertOpts count; a kind that this process does not know
// is passed on as it is.
func (c *Client) decode(kind string, raw json.RawMessage) (river.JobArgs, error) {
	if e, ok := c.registry.kinds[kind]; ok {
		return e.decode(raw)
	}
	return stored{kind: kind, raw: raw}, nil
}

// stored are arguments whose type is not at hand.
type stored struct {
	kind string
	raw  json.RawMessage
}

// Kind is the stored kind.
func (s stored) Kind() string { return s.kind }

// MarshalJSON gives the stored arguments back.
func (s stored) MarshalJSON() ([]byte, error) { return s.raw, nil }

// fanOutArgs is the job that stores one job of a regular kind for each tenant.
type fanOutArgs struct {
	Job      string          `json:"job"`
	Interval time.Duration   `json:"interval"`
	Args     json.RawMessage `json:"args"`
}

// Kind names the job.
func (fanOutArgs) Kind() string { return "platform.fan_out" }

// fanOut works fanOutArgs.
type fanOut struct {
	river.WorkerDefaults[fanOutArgs]
	c *Client
}

// Work stores the jobs; one per tenant and interval however often it runs.
func (f *fanOut) Work(ctx context.Context, j *river.Job[fanOutArgs]) error {
	return f.c.eachTenant(ctx, func(ctx context.Context, tenant uuid.UUID) error {
		args, err := f.c.decode(j.Args.Job, j.Args.Args)
		if err != nil {
			return err
		}
		once := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: j.Args.Interval}}
		return f.c.db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
			return tx.Enqueue(ctx, args, once)
		})
	})
}

// eachTenant calls do for each active tenant and joins the errors.
func (c *Client) eachTenant(ctx context.Context, do func(ctx context.Context, tenant uuid.UUID) error) error {
	tenants, err := c.db.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if t.Status != "active" {
			continue
		}
		if e := do(ctx, t.ID); e != nil {
			err = errors.Join(err, fmt.Errorf("tenant %s: %w", t.Slug, e))
		}
	}
	return err
}

func periodic(r *Registry) []*river.PeriodicJob {
	// a sweep that is late is overtaken by the next: one waiting at most, and no second try
	sweep := func() (river.JobArgs, *river.InsertOpts) {
		return pg.SweepTimers{}, &river.InsertOpts{MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: sweepEvery}}
	}
	jobs := []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(sweepEvery), sweep, &river.PeriodicJobOpts{RunOnStart: true})}
	for _, reg := range r.regular {
		jobs = append(jobs, river.NewPeriodicJob(river.PeriodicInterval(reg.every), func() (river.JobArgs, *river.InsertOpts) {
			raw, err := json.Marshal(reg.args)
			if err != nil {
				return nil, nil
			}
			return fanOutArgs{Job: reg.args.Kind(), Interval: reg.every, Args: raw}, &river.InsertOpts{MaxAttempts: 3}
		}, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	return jobs
}

// atOnce is the retry policy of tests.
type atOnce struct{}

// NextRetry is now.
func (atOnce) NextRetry(*rivertype.JobRow) time.Time { return clock.Now() }
