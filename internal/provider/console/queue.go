package console

import (
	"context"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Queue is how the job queue of the whole installation stands. Oldest is how long the oldest job that could run has
// been waiting; Leader whether some process leads the queue, without which nothing scheduled comes due.
type Queue struct {
	Available, Running, Scheduled, Retryable, Discarded int64
	Oldest                                              time.Duration
	Leader                                              bool
}

const queueSQL = `
SELECT count(*) FILTER (WHERE state = 'available'), count(*) FILTER (WHERE state = 'running'),
  count(*) FILTER (WHERE state = 'scheduled'), count(*) FILTER (WHERE state = 'retryable'),
  count(*) FILTER (WHERE state = 'discarded'),
  coalesce(extract(epoch FROM now() - min(scheduled_at) FILTER (WHERE state = 'available')), 0)::bigint,
  EXISTS (SELECT 1 FROM river.river_leader WHERE expires_at > now())
FROM river.river_job
WHERE state IN ('available', 'running', 'scheduled', 'retryable', 'discarded')`

// Queue counts the jobs of all tenants by state. Permission: console:jobs, which the page asks for.
func (s *Service) Queue(ctx context.Context, db *pg.DB) (q Queue, err error) {
	defer fault.Wrap(&err, "console.Queue")
	var seconds int64
	err = db.Directory().QueryRow(ctx, queueSQL).Scan(&q.Available, &q.Running, &q.Scheduled, &q.Retryable, &q.Discarded, &seconds, &q.Leader)
	q.Oldest = max(0, time.Duration(seconds)*time.Second)
	return q, err
}

// queue warns where jobs wait for nobody, or were given up.
func (s *Service) queue(ctx context.Context, db *pg.DB) Check {
	q, err := s.Queue(ctx, db)
	switch {
	case err != nil:
		return check("queue", Fail, "unknown")
	case !q.Leader:
		return check("queue", Warn, "no_leader")
	case q.Oldest > oldestJob:
		return check("queue", Warn, "slow", "n", int(q.Oldest.Minutes()))
	case q.Discarded > 0:
		return check("queue", Warn, "discarded", "n", q.Discarded)
	}
	return check("queue", OK, "ok", "n", q.Available)
}

// Due is what will happen by itself at a moment of the tenant's clock.
type Due struct {
	Kind string // of the job
	At   time.Time
}

// Upcoming returns what comes due next for the tenant, the soonest first, at most limit.
func (s *Service) Upcoming(ctx context.Context, tx *pg.Tx, limit int) (due []Due, err error) {
	defer fault.Wrap(&err, "console.Upcoming")
	rows, err := tx.Query(ctx, `SELECT kind, due_at FROM platform.timer ORDER BY due_at LIMIT $1`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d Due
		if err := rows.Scan(&d.Kind, &d.At); err != nil {
			return nil, err
		}
		due = append(due, d)
	}
	return due, rows.Err()
}
