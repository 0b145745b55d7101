package workflow

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Handover gives a case, or the branch of it that is named, to somebody. Rev is the one the giver saw.
type Handover struct {
	Instance uuid.UUID
	Branch   string
	By       identity.Principal
	To       uuid.UUID
	Rev      int64
}

// Assign gives a case to somebody who has a role in its present state, whoever has it; from is who had it, uuid.Nil for nobody. Giving it to
// who has it changes nothing. Permission: workflow:release for the case. Errors: ErrUnknown, ErrRole, ErrAction, ErrMeanwhile, ErrEnded,
// ErrAssign, ErrAble.
func (s *Service) Assign(ctx context.Context, tx *pg.Tx, in Handover) (i Instance, from uuid.UUID, err error) {
	defer fault.Wrap(&err, "workflow.Assign(%s %s)", in.Instance, in.Branch)
	i, svc, err := s.lock(ctx, tx, in.Instance)
	if err != nil {
		return i, from, err
	}
	at, err := s.seenAt(ctx, tx, i, svc, in.Branch, in.By, in.Rev)
	switch {
	case err != nil:
		return i, from, err
	case !at.Reached(in.By, Release, tx.Now):
		return i, from, ErrAssign
	case at.over() || !at.Staffed():
		return i, from, ErrEnded
	case at.Assignee == in.To:
		return i, in.To, nil
	}
	able, err := s.able(ctx, tx, svc, at)
	if err != nil {
		return i, from, err
	}
	if !slices.Contains(able, in.To) {
		return i, from, ErrAble.With("role", at.Role)
	}
	i, err = s.give(ctx, tx, i, in.Branch, in.To, "workflow.assign")
	return i, at.Assignee, err
}

// TakeOver takes a case from the colleague who has it; from is who that was. Permission: a role in the present state.
// Errors: ErrUnknown, ErrRole, ErrAction, ErrMeanwhile, ErrEnded, ErrOwn, identity.ErrPolicy, ErrUnclaimed where nobody has it.
func (s *Service) TakeOver(ctx context.Context, tx *pg.Tx, in Handover) (i Instance, from uuid.UUID, err error) {
	defer fault.Wrap(&err, "workflow.TakeOver(%s %s)", in.Instance, in.Branch)
	i, svc, err := s.lock(ctx, tx, in.Instance)
	if err != nil {
		return i, from, err
	}
	at, err := s.seenAt(ctx, tx, i, svc, in.Branch, in.By, in.Rev)
	if err != nil {
		return i, from, err
	}
	if at.over() {
		return i, from, ErrEnded
	}
	if err := claimable(in.By, svc, at, tx.Now); err != nil {
		return i, from, err
	}
	switch at.Assignee {
	case in.By.Account:
		return i, at.Assignee, nil
	case uuid.Nil:
		return i, from, ErrUnclaimed
	}
	i, err = s.give(ctx, tx, i, in.Branch, in.By.Account, "workflow.take_over")
	return i, at.Assignee, err
}

// Able returns who can be given the work of a place of a case: who has a role in its present state, ordered by id, save for whose case it is.
// Permission: none, the caller asks for one.
func (s *Service) Able(ctx context.Context, tx *pg.Tx, at Instance) (able []uuid.UUID, err error) {
	defer fault.Wrap(&err, "workflow.Able(%s)", at.ID)
	svc, err := s.services.Service(ctx, tx, at.Service, at.Version)
	if err != nil {
		return nil, err
	}
	return s.able(ctx, tx, svc, at)
}

func (s *Service) able(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, at Instance) (able []uuid.UUID, err error) {
	areas := append(slices.Clone(at.BoundaryPath), at.Boundary)
	for _, role := range rolesAt(svc, at) {
		holders, err := s.staff.Holders(ctx, tx, at.Agency, role, areas)
		if err != nil {
			return nil, err
		}
		able = append(able, holders...)
	}
	slices.SortFunc(able, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.DeleteFunc(slices.Compact(able), func(a uuid.UUID) bool { return a == at.Person }), nil
}

// rolesAt are the roles that have something to do in a place: that of its state, and those of its actions; each once.
func rolesAt(svc *servicespec.Service, at Instance) []string {
	roles := []string{at.Role}
	st := svc.StateOf(at.State)
	for _, a := range svc.ActionsFrom(at.State) {
		if role := a.RoleFor(st, at.Role); a.By == "staff" && !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return slices.DeleteFunc(roles, func(r string) bool { return r == "" })
}
