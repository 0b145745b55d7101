package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// worker runs one kind of job, judges its error and writes one line to the log.
type worker[T Args] struct {
	river.WorkerDefaults[T]
	log  *slog.Logger
	work func(ctx context.Context, j *river.Job[T]) error
}

// Timeout is the arguments' own, or the client's.
func (w *worker[T]) Timeout(j *river.Job[T]) time.Duration {
	if t, ok := any(j.Args).(timeouter); ok {
		return t.JobTimeout()
	}
	return 0
}

// Work runs the job.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	began := clock.Now()
	err := judge(w.work(ctx, j))
	level, outcome := outcomeOf(err, j.JobRow)
	attrs := []slog.Attr{
		slog.String("kind", j.Kind), slog.Int64("id", j.ID), slog.String("tenant", j.Args.JobTenant().TenantID.String()),
		slog.Int("attempt", j.Attempt), slog.Duration("took", clock.Now().Sub(began)), slog.String("outcome", outcome),
	}
	if err != nil {
		attrs = append(attrs, slog.Any("error", err))
	}
	w.log.LogAttrs(ctx, level, "job", attrs...)
	return err
}

// judge ends a job that cannot succeed by trying again.
func judge(err error) error {
	if err == nil {
		return nil
	}
	var cancelled *rivertype.JobCancelError
	var snoozed *rivertype.JobSnoozeError
	if errors.As(err, &cancelled) || errors.As(err, &snoozed) {
		return err
	}
	switch fault.Of(err).Kind {
	case fault.KindInvalid, fault.KindNotFound, fault.KindConflict, fault.KindUnsupported:
		return river.JobCancel(err)
	}
	return err
}

// outcomeOf says how the attempt ended and how loudly to tell: a job that is given up needs a person.
func outcomeOf(err error, row *rivertype.JobRow) (slog.Level, string) {
	var cancelled *rivertype.JobCancelError
	var snoozed *rivertype.JobSnoozeError
	switch {
	case err == nil:
		return slog.LevelInfo, "done"
	case errors.As(err, &snoozed):
		return slog.LevelInfo, "snoozed"
	case errors.As(err, &cancelled):
		return slog.LevelError, "cancelled"
	case row.Attempt >= row.MaxAttempts:
		return slog.LevelError, "given up"
	}
	return slog.LevelWarn, "again later"
}

// complete marks the job done within its own transaction.
func complete[T Args](ctx context.Context, tx *pg.Tx, j *river.Job[T]) error {
	_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx.Tx, j)
	return err
}

// guard logs panics of workers; River catches them and tries the job again.
type guard struct{ log *slog.Logger }

// HandleError leaves errors to the worker, which has logged them.
func (guard) HandleError(context.Context, *rivertype.JobRow, error) *river.ErrorHandlerResult {
	return nil
}

// HandlePanic writes the stack to the log.
func (g guard) HandlePanic(ctx context.Context, row *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	g.log.ErrorContext(ctx, "job panicked", "kind", row.Kind, "id", row.ID, "attempt", row.Attempt, "panic", value, "stack", trace)
	return nil
}
