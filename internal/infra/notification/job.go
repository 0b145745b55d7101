package notification

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// maxTries with River's growing pauses (attempt⁴ seconds) last a bit more than an hour.
const maxTries = 8

// A message of a conversation waits for those before it, looking again after patience, as long as they are not older than holdsUp: one that
// does not get through keeps the others back for a while only.
const (
	patience = 500 * time.Millisecond
	holdsUp  = 30 * time.Second
)

// DeliverArgs asks for one message to be carried.
type DeliverArgs struct {
	job.Tenant
	Message uuid.UUID `json:"message"`
}

// Kind is the job's name.
func (DeliverArgs) Kind() string { return "notification.deliver" }

// InsertOpts bounds the tries.
func (DeliverArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: maxTries} }

// ReleaseArgs asks for the messages of a channel that waited for a provider to be queued.
type ReleaseArgs struct {
	job.Tenant
	Channel string `json:"channel"`
}

// Kind is the job's name.
func (ReleaseArgs) Kind() string { return "notification.release" }

// Register registers the module's jobs.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.deliver)
	job.AddTx(r, s.release)
}

// deliver carries a message: what is sent already is left alone. A crash between the carrier's answer and our note
// sends again, under the same Out.ID.
func (s *Service) deliver(ctx context.Context, db *pg.DB, j *river.Job[DeliverArgs]) (err error) {
	defer fault.Wrap(&err, "notification.deliver(%s)", j.Args.Message)
	scope := job.Scope(j)
	var due *delivery
	behind := false
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		if behind, err = isBehind(ctx, tx, j.Args.Message); err != nil || behind {
			return err
		}
		due, err = s.take(ctx, tx, j.Args.Message)
		return err
	})
	if behind {
		return river.JobSnooze(patience)
	}
	if err != nil || due == nil {
		return err
	}
	ref, sendErr := due.carry(ctx)
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
		switch {
		case sendErr == nil:
			return s.finish(ctx, tx, j.Args.Message, Sent, ref, "")
		case errors.Is(sendErr, carrier.ErrTemplate):
			sendErr = nil // no outage: nobody has had such a template approved, which the list of messages tells
			return s.fail(ctx, tx, j.Args.Message, "template")
		case errors.Is(sendErr, carrier.ErrRefused):
			sendErr = river.JobCancel(sendErr)
			return s.fail(ctx, tx, j.Args.Message, "refused")
		case j.Attempt >= j.MaxAttempts:
			return s.fail(ctx, tx, j.Args.Message, "unreachable")
		}
		return noteProblem(ctx, tx, j.Args.Message, "unreachable")
	})
	return errors.Join(err, sendErr)
}

// fail gives a message up and sends it by its other way, where it has one.
func (s *Service) fail(ctx context.Context, tx *pg.Tx, message uuid.UUID, problem string) error {
	if err := s.instead(ctx, tx, message); err != nil {
		return err
	}
	return s.finish(ctx, tx, message, Failed, "", problem)
}

// delivery is a message opened for its carrier.
type delivery struct {
	carrier  Carrier
	settings map[string]string
	out      Out
}

// carry hands the message over. A provider of a kind that this program does not know, or none, may be mended
// by whoever manages providers, so it is tried again like a carrier that is away.
func (d *delivery) carry(ctx context.Context) (ref string, err error) {
	if d.carrier == nil {
		return "", errors.New("there is nobody to carry this message")
	}
	return d.carrier.Deliver(ctx, d.settings, d.out)
}

// take counts an attempt and opens the message; nil where there is nothing to carry.
func (s *Service) take(ctx context.Context, tx *pg.Tx, message uuid.UUID) (*delivery, error) {
	channel, queued, err := channelOf(ctx, tx, message)
	if err != nil || !queued {
		return nil, err
	}
	p, _, err := s.provider(ctx, tx, channel)
	if err != nil {
		return nil, err
	}
	out, err := s.attempt(ctx, tx, message, p.Kind)
	if err != nil || out == nil {
		return nil, err
	}
	return &delivery{carrier: s.carriers[p.Kind], settings: p.Settings, out: *out}, nil
}

// release queues up to 200 waiting messages and itself again, until none waits.
func (s *Service) release(ctx context.Context, tx *pg.Tx, args ReleaseArgs) (err error) {
	defer fault.Wrap(&err, "notification.release(%s)", args.Channel)
	ids, err := releaseWaiting(ctx, tx, args.Channel)
	if err != nil || len(ids) == 0 {
		return err
	}
	for _, m := range ids {
		if err := tx.Enqueue(ctx, &DeliverArgs{Message: m}); err != nil {
			return err
		}
	}
	return tx.Enqueue(ctx, &ReleaseArgs{Channel: args.Channel})
}
