package workflow

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Claim takes a case: nobody else acts on it until it is moved on or released. Taking one's own again changes nothing.
// Permission: a role in the present state. Errors: ErrUnknown, ErrMeanwhile, ErrEnded, ErrRole, ErrOwn, ErrNotYours,
// identity.ErrPolicy.
func (s *Service) Claim(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal, rev int64) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Claim(%s)", instance)
	i, svc, err := s.lockFor(ctx, tx, instance, by, rev)
	if err != nil {
		return i, err
	}
	if i.Ended {
		return i, ErrEnded
	}
	if err := claimable(by, svc, i, tx.Now); err != nil {
		return i, err
	}
	switch i.Assignee {
	case by.Account:
		return i, nil
	case uuid.Nil:
	default:
		return i, ErrNotYours.With("who", i.Assignee.String())
	}
	now := tx.Now
	i.Assignee, i.ClaimedAt = by.Account, &now
	return s.assign(ctx, tx, i, "workflow.claim")
}

// Release puts a case back for its role. Permission: who has it, or workflow:release in its agency.
// Errors: ErrUnknown, ErrRole, ErrMeanwhile, ErrRelease.
func (s *Service) Release(ctx context.Context, tx *pg.Tx, instance uuid.UUID, by identity.Principal, rev int64) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Release(%s)", instance)
	if i, _, err = s.lockFor(ctx, tx, instance, by, rev); err != nil {
		return i, err
	}
	if i.Assignee != by.Account && !i.Reached(by, Release, tx.Now) {
		return i, ErrRelease
	}
	if i.Assignee == uuid.Nil {
		return i, nil
	}
	i.Assignee, i.ClaimedAt = uuid.Nil, nil
	return s.assign(ctx, tx, i, "workflow.release")
}

func (s *Service) assign(ctx context.Context, tx *pg.Tx, i Instance, action string) (Instance, error) {
	i.Rev++
	if err := updateInstance(ctx, tx, i); err != nil {
		return i, err
	}
	return i, audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"rev": i.Rev, "state": i.State, "agency": i.Agency},
	})
}
