package workflow

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow/internal/workflowdb"
)

// Load is the open work of a service that somebody has, uuid.Nil for nobody. Overdue and Soon are parts of Open.
type Load struct {
	Holder              uuid.UUID
	Service             string
	Open, Overdue, Soon int
}

// Loads returns how much open work of the officer's roles who has, by service; soon is until when work counts as due soon. Where a
// policy of the tenant's own narrows what may be seen, it looks at the cases themselves.
func (s *Service) Loads(ctx context.Context, tx *pg.Tx, by identity.Principal, soon time.Time) (list []Load, err error) {
	defer fault.Wrap(&err, "workflow.Loads")
	r, err := reachOf(ctx, tx, by)
	if err != nil || len(r.roles) == 0 {
		return nil, err
	}
	if by.Touched(decision.See) {
		return s.loadsSeen(ctx, tx, by, soon)
	}
	rows, err := db.ListLoads(ctx, tx, workflowdb.ListLoadsParams{
		Now: tx.Now, Soon: soon, Agencies: r.agencies, Roles: r.roles, Everywhere: r.everywhere, Areas: r.areas,
	})
	for _, l := range rows {
		list = append(list, Load{Holder: given(l.Assignee), Service: l.Service, Open: int(l.Open), Overdue: int(l.Overdue), Soon: int(l.Soon)})
	}
	return list, err
}

func (s *Service) loadsSeen(ctx context.Context, tx *pg.Tx, by identity.Principal, soon time.Time) (list []Load, err error) {
	at := map[Load]int{}
	for req := (page.Request{Size: 100}); ; {
		p, err := s.Inbox(ctx, tx, by, InboxFilter{Queue: QueueTeam}, req)
		if err != nil {
			return nil, err
		}
		for _, i := range p.Rows {
			key := Load{Holder: i.Assignee, Service: i.Service}
			n, known := at[key]
			if !known {
				n = len(list)
				at[key], list = n, append(list, key)
			}
			c := Count{}
			c.add(i, uuid.Nil, tx.Now, soon)
			list[n].Open, list[n].Overdue, list[n].Soon = list[n].Open+1, list[n].Overdue+c.Overdue, list[n].Soon+c.Soon
		}
		if req.After = p.Next; p.Next == "" {
			return list, nil
		}
	}
}

// Done returns how many moves people have made since a moment. Permission: none, the caller asks for one.
func (s *Service) Done(ctx context.Context, tx *pg.Tx, accounts []uuid.UUID, since time.Time) (done map[uuid.UUID]int, err error) {
	defer fault.Wrap(&err, "workflow.Done")
	rows, err := db.CountDone(ctx, tx, workflowdb.CountDoneParams{Accounts: accounts, Since: since})
	done = map[uuid.UUID]int{}
	for _, r := range rows {
		done[r.ActorID] = int(r.Done)
	}
	return done, err
}

// CountLists counts the open work of several lists in one go, each no further than bound. What a search has found (Only, Text) does not
// narrow it, and the queue done is not counted.
func (s *Service) CountLists(ctx context.Context, tx *pg.Tx, by identity.Principal, lists []InboxFilter, bound int) (counts []int, err error) {
	defer fault.Wrap(&err, "workflow.CountLists(%d)", len(lists))
	counts = make([]int, len(lists))
	r, err := reachOf(ctx, tx, by)
	if err != nil || len(r.roles) == 0 || len(lists) == 0 {
		return counts, err
	}
	if by.Touched(decision.See) {
		for n, f := range lists {
			if counts[n], err = s.countList(ctx, tx, by, f, bound); err != nil {
				return nil, err
			}
		}
		return counts, nil
	}
	in := workflowdb.CountListsParams{Agencies: r.agencies, Roles: r.roles, Everywhere: r.everywhere, Areas: r.areas, Me: by.Account, Bound: int32(bound)}
	for n, f := range lists {
		from, until := f.span()
		in.Numbers, in.Queues, in.Holders = append(in.Numbers, int32(n)), append(in.Queues, f.Queue), append(in.Holders, f.Holder)
		in.Services, in.States, in.Boundaries = append(in.Services, f.Service), append(in.States, f.State), append(in.Boundaries, f.Boundary)
		in.DueFroms, in.DueTos = append(in.DueFroms, from), append(in.DueTos, until)
	}
	rows, err := db.CountLists(ctx, tx, in)
	for _, c := range rows {
		counts[c.N] = int(c.Total)
	}
	return counts, err
}

func (s *Service) countList(ctx context.Context, tx *pg.Tx, by identity.Principal, f InboxFilter, bound int) (n int, err error) {
	f.Only, f.Text, f.Sort = nil, "", ""
	for req := (page.Request{Size: 100}); n < bound; {
		p, err := s.Inbox(ctx, tx, by, f, req)
		if err != nil {
			return 0, err
		}
		n += len(p.Rows)
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	return min(n, bound), nil
}

// References returns the cases whose references begin with a text, no more than bound of them, for a search. Permission: none; who may
// see them the caller decides.
func (s *Service) References(ctx context.Context, tx *pg.Tx, begin string, bound int) (cases []uuid.UUID, err error) {
	defer fault.Wrap(&err, "workflow.References")
	return db.ListReferences(ctx, tx, workflowdb.ListReferencesParams{Reference: begin, ReferenceEnd: referenceEnd(begin), Bound: int32(bound)})
}

// Instances returns cases by their ids without their branches, in no order; those that there are not are left out. Permission: none; who
// may see them the caller decides.
func (s *Service) Instances(ctx context.Context, tx *pg.Tx, ids []uuid.UUID) (list []Instance, err error) {
	defer fault.Wrap(&err, "workflow.Instances(%d)", len(ids))
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := db.ListInstances(ctx, tx, ids)
	for _, r := range rows {
		list = append(list, toInstance(r))
	}
	return list, err
}
