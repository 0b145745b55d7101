package workflow

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow/internal/workflowdb"
)

// assignPlaces gives the work of the states that the case, or a branch of it, has just come into to those whom the service names.
func (s *Service) assignPlaces(ctx context.Context, tx *pg.Tx, svc *servicespec.Service, i *Instance, branch string, g Ground) error {
	places := i.Places()
	if branch != "" {
		at, _ := i.In(branch)
		places = []Instance{at}
	}
	for _, at := range places {
		if at.over() || at.Assignee != uuid.Nil {
			continue
		}
		as := svc.AssignmentOf(at.State, g.Answers, g.Facts)
		if as == nil {
			continue
		}
		who, err := s.assignee(ctx, tx, at, as, g)
		if err != nil {
			return err
		}
		i.hold(at.Branch, who, tx.Now)
	}
	return nil
}

// assignee returns to whom the work of a place goes; uuid.Nil where nobody can take it: then it waits. Nobody gets a case of their own.
func (s *Service) assignee(ctx context.Context, tx *pg.Tx, at Instance, as *servicespec.Assignment, g Ground) (uuid.UUID, error) {
	areas, err := s.areas(ctx, tx, at, as, g)
	if err != nil {
		return uuid.Nil, err
	}
	able, err := s.staff.Holders(ctx, tx, at.Agency, at.Role, areas)
	if err != nil {
		return uuid.Nil, err
	}
	able = slices.DeleteFunc(able, func(a uuid.UUID) bool { return a == at.Person })
	switch as.By {
	case "named":
		seated, err := s.staff.Seated(ctx, tx, at.Agency, as.To)
		if err != nil {
			return uuid.Nil, err
		}
		return one(seated, func(a uuid.UUID) bool { return slices.Contains(able, a) }), nil
	case "same":
		steps, err := db.ListTransitions(ctx, tx, at.ID)
		for _, t := range slices.Backward(steps) {
			if who := given(t.ActorID); t.Action == as.As && slices.Contains(able, who) {
				return who, err
			}
		}
		return uuid.Nil, err
	case "load", "round_robin":
		return s.turn(ctx, tx, at, as.By, able)
	}
	return uuid.Nil, nil
}

// areas are those by which the jurisdiction is found: of the answer that the service names, or the case's own.
func (s *Service) areas(ctx context.Context, tx *pg.Tx, at Instance, as *servicespec.Assignment, g Ground) ([]string, error) {
	code := ""
	switch v := g.Answers[as.Area].(type) {
	case string:
		code = v
	case servicespec.Address:
		code = v.Area
	}
	if as.Area == "" || code == "" {
		return append(slices.Clone(at.BoundaryPath), at.Boundary), nil
	}
	b, err := s.places.Boundary(ctx, tx, code)
	return append(slices.Clone(b.Path), code), err
}

// turn chooses by load or in turn, one at a time: two cases that come at once do not go to the same person.
func (s *Service) turn(ctx context.Context, tx *pg.Tx, at Instance, by string, able []uuid.UUID) (who uuid.UUID, err error) {
	if len(able) == 0 {
		return uuid.Nil, nil
	}
	last, err := db.TakeTurn(ctx, tx, workflowdb.TakeTurnParams{Agency: at.Agency, Service: at.Service, State: at.State, Now: tx.Now})
	if err != nil {
		return uuid.Nil, err
	}
	able = after(able, given(last))
	if who = able[0]; by == "load" {
		if who, err = least(ctx, tx, able); err != nil {
			return uuid.Nil, err
		}
	}
	return who, db.SetTurn(ctx, tx, workflowdb.SetTurnParams{AccountID: who, Agency: at.Agency, Service: at.Service, State: at.State})
}

// after turns a list so that it begins with who comes after somebody.
func after(list []uuid.UUID, last uuid.UUID) []uuid.UUID {
	n := slices.Index(list, last) + 1
	return append(slices.Clone(list[n:]), list[:n]...)
}

// least returns who has the least open work; of several the first.
func least(ctx context.Context, tx *pg.Tx, able []uuid.UUID) (uuid.UUID, error) {
	rows, err := db.CountLoads(ctx, tx, able)
	load := map[uuid.UUID]int64{}
	for _, r := range rows {
		load[r.Assignee] = r.Load
	}
	who := able[0]
	for _, a := range able {
		if load[a] < load[who] {
			who = a
		}
	}
	return who, err
}

func one(list []uuid.UUID, ok func(uuid.UUID) bool) uuid.UUID {
	if n := slices.IndexFunc(list, ok); n >= 0 {
		return list[n]
	}
	return uuid.Nil
}
