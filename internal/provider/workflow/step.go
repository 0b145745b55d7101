package workflow

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow/internal/workflowdb"
)

// MoveFilter narrows what staff did: From included, Until not, on the tenant's clock. The other fields do not narrow where they are empty;
// State is the one that was left, Reason one that was given. Action and Reason narrow the moves alone.
type MoveFilter struct {
	From, Until    time.Time
	Service, State string
	Actor          uuid.UUID
	Action, Reason string
}

// StepTime is how long a step lasted that staff ended Moves times, in working time: half of the times Half at most, nine of ten Most.
// Actor is uuid.Nil where all officers count together.
type StepTime struct {
	Service, State string
	Actor          uuid.UUID
	Moves          int
	Half, Most     time.Duration
}

// ReasonCount is how often a coded reason was given for an action that was taken with reasons so many times. Several can be given at once.
type ReasonCount struct {
	Service, State, Action, Reason string
	Times, Taken                   int
}

// Move is one act of staff: the case as it stands now, the state that was left, and how long that had lasted.
type Move struct {
	Instance      Instance
	Rev           int64
	State, Action string
	Actor         uuid.UUID
	Reasons       []string
	At            time.Time
	Working       time.Duration
}

// StepTimes returns how long steps lasted in the agencies and areas whose work a person supervises, by service and state, and by officer
// where it is asked for. Where a policy of the tenant's own narrows what may be seen, it looks at the cases themselves. Permission:
// workflow:release, and nothing elsewhere.
func (s *Service) StepTimes(ctx context.Context, tx *pg.Tx, by identity.Principal, f MoveFilter, byActor bool) (list []StepTime, err error) {
	defer fault.Wrap(&err, "workflow.StepTimes(%s, %s)", f.Service, f.State)
	r := supervised(by, tx.Now)
	if len(r.agencies) == 0 {
		return nil, nil
	}
	if by.Touched(decision.See) {
		f.Action, f.Reason = "", ""
		moves, err := s.movesSeen(ctx, tx, by, f)
		return timesOf(moves, byActor), err
	}
	rows, err := db.ListStepTimes(ctx, tx, workflowdb.ListStepTimesParams{
		ByActor: byActor, FromTime: f.From, UntilTime: f.Until, Service: f.Service, State: f.State, Actor: f.Actor,
		Agencies: r.agencies, Everywhere: r.everywhere, Areas: r.areas,
	})
	for _, t := range rows {
		list = append(list, StepTime{
			Service: t.Service, State: t.State, Actor: t.ActorID, Moves: int(t.Moves),
			Half: time.Duration(t.Half) * time.Second, Most: time.Duration(t.Most) * time.Second,
		})
	}
	return list, err
}

// Reasons returns how often which reason was given, as StepTimes: of each action the most frequent first. Permission: as for StepTimes.
func (s *Service) Reasons(ctx context.Context, tx *pg.Tx, by identity.Principal, f MoveFilter) (list []ReasonCount, err error) {
	defer fault.Wrap(&err, "workflow.Reasons(%s, %s)", f.Service, f.State)
	r := supervised(by, tx.Now)
	if len(r.agencies) == 0 {
		return nil, nil
	}
	if by.Touched(decision.See) {
		f.Action, f.Reason = "", ""
		moves, err := s.movesSeen(ctx, tx, by, f)
		return reasonsOf(moves), err
	}
	rows, err := db.ListReasonCounts(ctx, tx, workflowdb.ListReasonCountsParams{
		FromTime: f.From, UntilTime: f.Until, Service: f.Service, State: f.State, Actor: f.Actor,
		Agencies: r.agencies, Everywhere: r.everywhere, Areas: r.areas,
	})
	for _, c := range rows {
		list = append(list, ReasonCount{Service: c.Service, State: c.State, Action: c.Action, Reason: c.Reason, Times: int(c.Times), Taken: int(c.Taken)})
	}
	return list, err
}

// Moves returns what staff did, the longest step first, as StepTimes counts it. Permission: as for StepTimes. Errors: page.ErrCursor.
func (s *Service) Moves(ctx context.Context, tx *pg.Tx, by identity.Principal, f MoveFilter, req page.Request) (p page.Page[Move], err error) {
	defer fault.Wrap(&err, "workflow.Moves(%s, %s)", f.Service, f.State)
	r := supervised(by, tx.Now)
	if len(r.agencies) == 0 {
		return p, nil
	}
	list := func(req page.Request) (page.Page[Move], error) { return moveRows(ctx, tx, r, f, req) }
	if !by.Touched(decision.See) {
		return list(req)
	}
	return page.Keep(req, list, func(m Move) bool { return m.Instance.seen(by, false, tx.Now) })
}

// movesSeen are all moves that a person may see, where a policy decides that for each.
func (s *Service) movesSeen(ctx context.Context, tx *pg.Tx, by identity.Principal, f MoveFilter) (list []Move, err error) {
	for req := (page.Request{Size: 100}); ; {
		p, err := s.Moves(ctx, tx, by, f, req)
		if err != nil {
			return nil, err
		}
		list = append(list, p.Rows...)
		if req.After = p.Next; p.Next == "" {
			return list, nil
		}
	}
}

// supervised is where a person supervises work. Agency "" stands for all.
func supervised(by identity.Principal, now time.Time) reach {
	places := pairs{}
	for _, g := range by.Grants {
		if valid(g, now) && slices.Contains(g.Permissions, Release) {
			places.add(g.Agency, "", g.Boundary)
		}
	}
	return places.reach()
}

func moveRows(ctx context.Context, tx *pg.Tx, r reach, f MoveFilter, req page.Request) (p page.Page[Move], err error) {
	in := workflowdb.ListMovesParams{
		FromTime: f.From, UntilTime: f.Until, Service: f.Service, State: f.State, Actor: f.Actor, Action: f.Action, Reason: f.Reason,
		Agencies: r.agencies, Everywhere: r.everywhere, Areas: r.areas, BeforeWorking: math.MaxInt64, Lim: int32(req.Limit() + 1),
	}
	if req.After != "" {
		if in.BeforeWorking, in.BeforeCase, in.BeforeRev, err = moveCursor(req.After); err != nil {
			return p, err
		}
	}
	rows, err := db.ListMoves(ctx, tx, in)
	list := make([]Move, 0, len(rows))
	for _, m := range rows {
		list = append(list, Move{
			Instance: toInstance(m.WorkflowInstance), Rev: m.Rev, State: m.FromState, Action: m.Action, Actor: given(m.ActorID), Reasons: m.Reasons,
			At: m.At, Working: time.Duration(m.Working) * time.Second,
		})
	}
	return page.Of(req, list, func(m Move) []string {
		return []string{strconv.FormatInt(int64(m.Working/time.Second), 10), m.Instance.ID.String(), strconv.FormatInt(m.Rev, 10)}
	}), err
}

func moveCursor(after string) (working int64, instance uuid.UUID, rev int64, err error) {
	parts, err := page.Decode(after, 3)
	if err != nil {
		return 0, instance, 0, err
	}
	working, err = strconv.ParseInt(parts[0], 10, 64)
	if err == nil {
		instance, err = uuid.Parse(parts[1])
	}
	if err == nil {
		rev, err = strconv.ParseInt(parts[2], 10, 64)
	}
	if err != nil {
		return 0, instance, 0, page.ErrCursor.Because(err)
	}
	return working, instance, rev, nil
}

// timesOf is StepTimes of moves, as the query does it.
func timesOf(moves []Move, byActor bool) (list []StepTime) {
	type key struct {
		service, state string
		actor          uuid.UUID
	}
	took := map[key][]time.Duration{}
	for _, m := range moves {
		k := key{service: m.Instance.Service, state: m.State}
		if byActor {
			k.actor = m.Actor
		}
		took[k] = append(took[k], m.Working)
	}
	for k, times := range took {
		slices.Sort(times)
		at := func(share float64) time.Duration { return times[max(0, int(math.Ceil(share*float64(len(times))))-1)] }
		list = append(list, StepTime{Service: k.service, State: k.state, Actor: k.actor, Moves: len(times), Half: at(0.5), Most: at(0.9)})
	}
	slices.SortFunc(list, func(a, b StepTime) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.State, b.State), cmp.Compare(a.Actor.String(), b.Actor.String()))
	})
	return list
}

// reasonsOf is Reasons of moves, as the query does it.
func reasonsOf(moves []Move) (list []ReasonCount) {
	taken := map[[3]string]int{}
	times := map[[4]string]int{}
	for _, m := range moves {
		if len(m.Reasons) == 0 {
			continue
		}
		act := [3]string{m.Instance.Service, m.State, m.Action}
		taken[act]++
		for _, reason := range m.Reasons {
			times[[4]string{act[0], act[1], act[2], reason}]++
		}
	}
	for k, n := range times {
		list = append(list, ReasonCount{Service: k[0], State: k[1], Action: k[2], Reason: k[3], Times: n, Taken: taken[[3]string{k[0], k[1], k[2]}]})
	}
	slices.SortFunc(list, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.State, b.State), cmp.Compare(a.Action, b.Action),
			cmp.Compare(b.Times, a.Times), cmp.Compare(a.Reason, b.Reason))
	})
	return list
}
