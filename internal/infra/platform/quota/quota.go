// Package quota counts how often somebody does something, over all processes, and refuses what is too often. It is for
// what costs others: looking through files, proofs that anybody may ask for, exports. Counts are rows of platform.quota
// that go after a day.
//
// Job: quota.sweep, hourly.
package quota

import (
	"context"
	"time"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// ErrSpent says that it was too often; its argument fault.RetryAfter says in how many seconds it may be tried again.
var ErrSpent = fault.TooMany("quota.spent")

// Spend counts one more time for a key, and refuses it when that is more than most times within a span, which begins anew
// when the machine's clock has passed a multiple of it. The key must tell nothing about anybody: give a blind index. A
// refusal keeps its count (pg.Keep), so that trying on does not pay. Errors: ErrSpent.
func Spend(ctx context.Context, tx *pg.Tx, key []byte, most int, span time.Duration) (err error) {
	defer fault.Wrap(&err, "quota.Spend")
	begun := tx.Wall.Truncate(span)
	var n int
	err = tx.QueryRow(ctx, `INSERT INTO platform.quota AS q (key, begun_at, n) VALUES ($1, $2, 1)
		ON CONFLICT (tenant_id, key, begun_at) DO UPDATE SET n = q.n + 1 RETURNING n`, key, begun).Scan(&n)
	if err != nil || n <= most {
		return err
	}
	return pg.Keep(ErrSpent.With(fault.RetryAfter, int(begun.Add(span).Sub(tx.Wall).Seconds())+1))
}

// kept is how long counts stay; no span is longer.
const kept = 24 * time.Hour

// SweepArgs are those of the job that deletes old counts.
type SweepArgs struct{ job.Tenant }

// Kind is the job's name.
func (SweepArgs) Kind() string { return "quota.sweep" }

// Register registers the sweep.
func Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ SweepArgs) error {
		_, err := tx.Exec(ctx, `DELETE FROM platform.quota WHERE begun_at < $1`, tx.Wall.Add(-kept))
		return err
	})
	job.Every(r, time.Hour, SweepArgs{})
}
