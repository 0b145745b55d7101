package request

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// StartReturn sends a code to somebody who applied without an account, and now says the reference of the application and where they
// are reached; identity.FinishReturn takes it. Answer, effort and limits are the same whether there is such an application, whether
// it is a guest's, and whether the address is theirs. Anybody may call it. Errors: identity.ErrAddress, identity.ErrTooManyCodes.
func (s *Service) StartReturn(ctx context.Context, tx *pg.Tx, reference, address, lang string) (_ uuid.UUID, err error) {
	defer fault.Wrap(&err, "request.StartReturn")
	person, err := db.PersonByReference(ctx, tx, strings.ToUpper(strings.TrimSpace(reference)))
	if err != nil && !pg.NotFound(err) {
		return uuid.Nil, err
	}
	return s.deps.Identity.StartReturn(ctx, tx, person, address, lang)
}

// SweepGuestsArgs are those of the job that deletes what guests began and cannot come back to.
type SweepGuestsArgs struct{ job.Tenant }

// Kind is the job's name.
func (SweepGuestsArgs) Kind() string { return "request.sweep_guests" }

// sweepMost is how many guests are swept in one go.
const sweepMost = 200

// sweepGuests deletes the drafts of guests who sent nothing and have no session left, and the guests with their keys. Where there are
// many, it goes on in another transaction.
func (s *Service) sweepGuests(ctx context.Context, tx *pg.Tx, _ SweepGuestsArgs) (err error) {
	defer fault.Wrap(&err, "request.sweepGuests")
	lost, err := s.deps.Identity.LostGuests(ctx, tx, sweepMost)
	if err != nil {
		return err
	}
	for _, guest := range lost {
		if err := s.Drop(ctx, tx, guest); err != nil {
			return err
		}
		if err := s.deps.Identity.DropGuest(ctx, tx, guest); err != nil {
			return err
		}
	}
	if len(lost) == sweepMost {
		return tx.Enqueue(ctx, &SweepGuestsArgs{})
	}
	return nil
}

// sweepEvery is how often guests are swept.
const sweepEvery = 24 * time.Hour
