package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/audit/internal/auditdb"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// SequenceArgs are the arguments of the job audit.sequence, which makes new entries part of the tenant's log, once a
// minute. A missed run is made up by the next.
type SequenceArgs struct{ job.Tenant }

// Kind names the job.
func (SequenceArgs) Kind() string { return "audit.sequence" }

// PushArgs are the arguments of the job audit.push, which sends the latest checkpoint outside, once an hour and when
// somebody asks for it. What does not arrive is noted and tried again an hour later.
type PushArgs struct{ job.Tenant }

// Kind names the job.
func (PushArgs) Kind() string { return "audit.push" }

// JobTimeout is for slow places.
func (PushArgs) JobTimeout() time.Duration { return 5 * time.Minute }

// WeeklyArgs are the arguments of the job audit.weekly, which begins a walk over the whole log once a week.
type WeeklyArgs struct{ job.Tenant }

// Kind names the job.
func (WeeklyArgs) Kind() string { return "audit.weekly" }

// VerifyArgs are the arguments of the job audit.verify, which walks the log. It begins anew when it is tried again.
type VerifyArgs struct {
	job.Tenant
	Verification uuid.UUID `json:"verification"`
	From         int64     `json:"from,omitempty"`
}

// Kind names the job.
func (VerifyArgs) Kind() string { return "audit.verify" }

// JobTimeout is for long logs.
func (VerifyArgs) JobTimeout() time.Duration { return 12 * time.Hour }

// ExportArgs are the arguments of the job audit.export, which writes a file of entries that somebody asked for.
type ExportArgs struct {
	job.Tenant
	Export uuid.UUID `json:"export"`
}

// Kind names the job.
func (ExportArgs) Kind() string { return "audit.export" }

// JobTimeout is for large files.
func (ExportArgs) JobTimeout() time.Duration { return 10 * time.Minute }

// Register adds the module's jobs.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ SequenceArgs) error {
		n, err := s.Sequence(ctx, tx)
		if err != nil || n < growth {
			return err
		}
		return tx.Enqueue(ctx, SequenceArgs{}) // there may be more
	})
	job.Add(r, func(ctx context.Context, db *pg.DB, j *river.Job[PushArgs]) error {
		return s.Push(ctx, db, j.Args.TenantID)
	})
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ WeeklyArgs) error {
		_, err := s.StartVerification(ctx, tx, false)
		return err
	})
	job.Add(r, s.verify)
	job.Add(r, s.export)
	job.Every(r, time.Minute, SequenceArgs{})
	job.Every(r, time.Hour, PushArgs{})
	job.Every(r, 7*24*time.Hour, WeeklyArgs{})
}

// PushNow has the latest checkpoint sent outside without waiting for the hour. Permission: audit:manage, which the page
// asks for; people and strangers are refused here too. Errors: ErrForbidden.
func (s *Service) PushNow(ctx context.Context, tx *pg.Tx) (err error) {
	defer fault.Wrap(&err, "audit.PushNow")
	if !official(tx.Actor) {
		return ErrForbidden
	}
	if err := tx.Enqueue(ctx, PushArgs{}); err != nil {
		return err
	}
	return Record(ctx, tx, Entry{Action: "audit.push", Object: "audit.checkpoint"})
}

// StartVerification begins a walk over the log; a quick one begins where the last whole walk found everything well.
// Permission: audit:read, which the page asks for; people and strangers are refused here too. Errors: ErrForbidden.
func (s *Service) StartVerification(ctx context.Context, tx *pg.Tx, quick bool) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "audit.StartVerification")
	if !official(tx.Actor) {
		return uuid.Nil, ErrForbidden
	}
	args := VerifyArgs{Verification: id.New()}
	if quick {
		if args.From, err = walked(ctx, tx); err != nil {
			return uuid.Nil, err
		}
	}
	last, err := db.GetHead(ctx, tx)
	if err != nil && !pg.NotFound(err) {
		return uuid.Nil, err
	}
	total := int64(0)
	if err == nil {
		total = last.Seq + 1 - args.From
	}
	err = db.InsertVerification(ctx, tx, auditdb.InsertVerificationParams{ID: args.Verification, Quick: quick, StartedAt: tx.Wall, Total: total})
	if err != nil {
		return uuid.Nil, err
	}
	if err := tx.Enqueue(ctx, args); err != nil {
		return uuid.Nil, err
	}
	return args.Verification, Record(ctx, tx, Entry{
		Action: "audit.verify", Object: "audit.verification", ObjectID: args.Verification, Detail: map[string]any{"quick": quick},
	})
}

// walked is the size up to which the last whole walk found everything well; 0 where it did not.
func walked(ctx context.Context, tx *pg.Tx) (int64, error) {
	v, err := db.GetLastVerification(ctx, tx)
	if pg.NotFound(err) {
		return 0, nil
	}
	last := verificationOf(auditdb.ListVerificationsRow(v))
	if err != nil || last.State != "whole" || last.Report == nil {
		return 0, err
	}
	return last.Report.Size, nil
}

// Walked is the size up to which the last whole walk found everything well, for VerifyOptions.From.
// Permission: audit:read, which the caller asks for.
func (s *Service) Walked(ctx context.Context, tx *pg.Tx) (_ int64, err error) {
	defer fault.Wrap(&err, "audit.Walked")
	return walked(ctx, tx)
}

// noteEvery is how often a walk notes how far it is.
const noteEvery = 2 * time.Second

// verify works VerifyArgs.
func (s *Service) verify(ctx context.Context, pool *pg.DB, j *river.Job[VerifyArgs]) error {
	var failed error
	noted := clock.Now()
	in := func(work func(ctx context.Context, tx *pg.Tx) error) error { return pool.InTx(ctx, job.Scope(j), work) }
	report, err := s.Verify(ctx, pool, j.Args.TenantID, VerifyOptions{From: j.Args.From, Progress: func(done, total int64) {
		if failed != nil || clock.Now().Sub(noted) < noteEvery {
			return
		}
		noted = clock.Now()
		failed = in(func(ctx context.Context, tx *pg.Tx) error {
			return db.SetVerificationProgress(ctx, tx, auditdb.SetVerificationProgressParams{ID: j.Args.Verification, Rows: done, Total: total})
		})
	}})
	done := auditdb.FinishVerificationParams{ID: j.Args.Verification, State: "whole", Rows: report.Rows, Total: report.Rows}
	switch {
	case err != nil && j.Attempt < j.MaxAttempts:
		return err
	case err != nil:
		done.State = "failed"
	case !report.Whole():
		done.State = "broken"
	}
	var encoded error
	if done.Report, encoded = json.Marshal(report); encoded != nil {
		return encoded
	}
	return in(func(ctx context.Context, tx *pg.Tx) error {
		done.FinishedAt = &tx.Wall
		if err := db.FinishVerification(ctx, tx, done); err != nil {
			return err
		}
		return Record(ctx, tx, Entry{
			Action: "audit.verified", Object: "audit.verification", ObjectID: j.Args.Verification, Reason: done.State,
			Detail: map[string]any{"rows": report.Rows, "broken": report.Broken},
		})
	})
}
