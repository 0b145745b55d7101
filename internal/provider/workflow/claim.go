package workflow

import (
	"context"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

// Claim takes a case, or one of its branches ("" for the case itself): nobody else acts on it until it is moved on or released. Taking one's own again changes nothing.
// Permission: a role in the present state. Errors: ErrUnknown, ErrMeanwhile, ErrEnded, ErrRole, ErrOwn, ErrNotYours,
// identity.ErrPolicy.
func (s *Service) Claim(ctx context.Context, tx *pg.Tx, instance uuid.UUID, branch string, by identity.Principal, rev int64) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Claim(%s %s)", instance, branch)
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil {
		return i, err
	}
	at, err := s.seenAt(ctx, tx, i, svc, branch, by, rev)
	if err != nil {
		return i, err
	}
	if at.over() {
		return i, ErrEnded
	}
	if err := claimable(by, svc, at, tx.Now); err != nil {
		return i, err
	}
	switch at.Assignee {
	case by.Account:
		return i, nil
	case uuid.Nil:
	default:
		return i, ErrNotYours.With("who", at.Assignee.String())
	}
	return s.give(ctx, tx, i, branch, by.Account, "workflow.claim")
}

// over reports whether nothing is left to do in a place.
func (i Instance) over() bool { return i.Ended || i.Branch != "" && !i.open }

// Release puts a case, or one of its branches, back for its role. Permission: who has it, or workflow:release in its agency.
// Errors: ErrUnknown, ErrRole, ErrMeanwhile, ErrRelease.
func (s *Service) Release(ctx context.Context, tx *pg.Tx, instance uuid.UUID, branch string, by identity.Principal, rev int64) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Release(%s %s)", instance, branch)
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil {
		return i, err
	}
	at, err := s.seenAt(ctx, tx, i, svc, branch, by, rev)
	if err != nil {
		return i, err
	}
	if at.Assignee != by.Account && !at.Reached(by, Release, tx.Now) {
		return i, ErrRelease
	}
	if at.Assignee == uuid.Nil {
		return i, nil
	}
	return s.give(ctx, tx, i, branch, uuid.Nil, "workflow.release")
}

// give stores who has a place of the case now.
func (s *Service) give(ctx context.Context, tx *pg.Tx, i Instance, branch string, who uuid.UUID, action string) (Instance, error) {
	i.hold(branch, who, tx.Now)
	i.touch(branch)
	if err := updateBranch(ctx, tx, i, branch); err != nil {
		return i, err
	}
	return i, audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"rev": i.Rev, "state": i.State, "branch": branch, "agency": i.Agency},
	})
}
