package studio

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// PublishArgs is the job that publishes a proposal on its day.
type PublishArgs struct {
	job.Tenant
	Proposal uuid.UUID `json:"proposal"`
}

// Kind names the job.
func (PublishArgs) Kind() string { return "studio.publish" }

// PurgeArgs is the job that removes drafts that were thrown away too long ago to be taken back.
type PurgeArgs struct{ job.Tenant }

// Kind names the job.
func (PurgeArgs) Kind() string { return "studio.purge" }

// Register registers the jobs of this module. Both may be done twice.
func (s *Service) Register(r *job.Registry) {
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, a PublishArgs) error { return s.due(ctx, tx, a.Proposal) })
	job.AddTx(r, func(ctx context.Context, tx *pg.Tx, _ PurgeArgs) error {
		return purge(ctx, tx, tx.Now.Add(-KeepDiscarded))
	})
	job.Every(r, 24*time.Hour, PurgeArgs{})
}

func timerKey(proposal uuid.UUID) string { return "studio:" + proposal.String() }

// due publishes a scheduled proposal. What cannot be published any more fails with a reason, which its page shows.
func (s *Service) due(ctx context.Context, tx *pg.Tx, proposal uuid.UUID) (err error) {
	defer fault.Wrap(&err, "studio.due(%s)", proposal)
	p, pack, err := lockProposal(ctx, tx, proposal)
	if err != nil || p.State != Scheduled {
		return err
	}
	problems, err := s.Check(ctx, tx, pack)
	if err != nil {
		return err
	}
	if len(servicespec.Errors(problems)) > 0 {
		return s.fail(ctx, tx, p, ErrNotReady.Code)
	}
	// The catalogue refuses before it writes, so the note of a refusal can go into the same transaction.
	_, err = s.publish(ctx, tx, identity.Principal{Account: p.DecidedBy}, p, pack)
	if f := fault.Of(err); f != nil && (f.Kind == fault.KindConflict || f.Kind == fault.KindInvalid) {
		return s.fail(ctx, tx, p, f.Code)
	}
	return err
}

func (s *Service) fail(ctx context.Context, tx *pg.Tx, p Proposal, code string) error {
	p.State, p.Answer = Failed, code
	if err := setProposal(ctx, tx, p); err != nil {
		return err
	}
	return recordProposal(ctx, tx, "studio.fail", p)
}
