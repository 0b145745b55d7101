package workflow

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/workflow/internal/workflowdb"
)

// Queues of an inbox.
const (
	QueueMine      = "mine"      // taken by the officer
	QueueUnclaimed = "unclaimed" // of the officer's roles, taken by nobody
	QueueTeam      = "team"      // of the officer's roles
	QueueDone      = "done"      // acted on by the officer, newest first
)

// Orders of open work.
const (
	SortDue    = "due"    // most urgent first
	SortOldest = "oldest" // received first
	SortNewest = "newest" // received last
)

// InboxFilter narrows an inbox; empty fields do not narrow. DueFrom and DueUntil bound the due time of open work, from
// included, until not. Text is the beginning of a reference; Holder who has the work. Only, where it is not nil, are the cases
// that a search has found already. Sort is "" for SortDue; the queue done has an order of its own.
type InboxFilter struct {
	Queue    string
	Service  string
	State    string
	Boundary string
	Text     string
	Holder   uuid.UUID
	DueFrom  *time.Time
	DueUntil *time.Time
	Only     []uuid.UUID
	Sort     string
}

// few reports whether only cases are listed that a search has found, and which.
func (f InboxFilter) few() (bool, []uuid.UUID) {
	if f.Only == nil {
		return false, []uuid.UUID{}
	}
	return true, f.Only
}

// span is the stretch of due times that the filter lets pass.
func (f InboxFilter) span() (from, until time.Time) {
	until = endOfTime
	if f.DueFrom != nil {
		from = *f.DueFrom
	}
	if f.DueUntil != nil {
		until = *f.DueUntil
	}
	return from, until
}

// Count is the open work of one state of a service, as far as it is the officer's roles'. Overdue and Soon are parts
// of Team; MineOverdue is a part of Mine.
type Count struct {
	Service, State                                    string
	Team, Unclaimed, Mine, Overdue, Soon, MineOverdue int
}

// Inbox returns cases of the officer's roles, most urgent first (the queue done: newest first). Errors: page.ErrCursor.
func (s *Service) Inbox(ctx context.Context, tx *pg.Tx, by identity.Principal, f InboxFilter, req page.Request) (p page.Page[Instance], err error) {
	defer fault.Wrap(&err, "workflow.Inbox(%s)", f.Queue)
	from, err := cursor(req.After)
	if err != nil {
		return p, err
	}
	var reach reach
	rows := workRows
	if f.Queue == QueueDone {
		reach, rows = placesOf(by, tx.Now), doneRows
	} else if reach, err = reachOf(ctx, tx, by); err != nil {
		return p, err
	}
	if len(reach.agencies) == 0 {
		return p, nil
	}
	if !by.Touched(decision.See) {
		return rows(ctx, tx, by, reach, f, from, req)
	}
	return page.Keep(req, func(req page.Request) (page.Page[Instance], error) {
		if from, err = cursor(req.After); err != nil {
			return page.Page[Instance]{}, err
		}
		return rows(ctx, tx, by, reach, f, from, req)
	}, func(i Instance) bool { return i.seen(by, f.Queue == QueueDone, tx.Now) })
}

// seen reports whether a person finds the case in their queues; acted says that they have acted on it.
func (i Instance) seen(by identity.Principal, acted bool, now time.Time) bool {
	on := i.Object()
	if acted {
		on.Acted = []uuid.UUID{by.Account}
	}
	return by.Decide(decision.See, on, now).Allowed
}

// Counts counts the open work of the officer's roles in one go; soon is until when work counts as due soon.
func (s *Service) Counts(ctx context.Context, tx *pg.Tx, by identity.Principal, soon time.Time) (counts []Count, err error) {
	defer fault.Wrap(&err, "workflow.Counts")
	r, err := reachOf(ctx, tx, by)
	if err != nil || len(r.roles) == 0 {
		return nil, err
	}
	if by.Touched(decision.See) {
		return s.countSeen(ctx, tx, by, soon)
	}
	rows, err := db.CountWork(ctx, tx, workflowdb.CountWorkParams{
		Me: by.Account, Now: tx.Now, Soon: soon, Agencies: r.agencies, Roles: r.roles, Everywhere: r.everywhere, Areas: r.areas,
	})
	for _, c := range rows {
		counts = append(counts, Count{
			Service: c.Service, State: c.State, Team: int(c.Team), Unclaimed: int(c.Unclaimed), Mine: int(c.Mine),
			Overdue: int(c.Overdue), Soon: int(c.Soon), MineOverdue: int(c.MineOverdue),
		})
	}
	return counts, err
}

// countSeen is Counts where a policy of the tenant's own narrows what may be seen: it looks at the cases themselves, as many as a
// team can have before it.
func (s *Service) countSeen(ctx context.Context, tx *pg.Tx, by identity.Principal, soon time.Time) ([]Count, error) {
	counts := map[[2]string]*Count{}
	for req := (page.Request{Size: 100}); ; {
		p, err := s.Inbox(ctx, tx, by, InboxFilter{Queue: QueueTeam}, req)
		if err != nil {
			return nil, err
		}
		for _, i := range p.Rows {
			key := [2]string{i.Service, i.State}
			if counts[key] == nil {
				counts[key] = &Count{Service: i.Service, State: i.State}
			}
			counts[key].add(i, by.Account, tx.Now, soon)
		}
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	var list []Count
	for _, c := range counts {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.State, b.State)) })
	return list, nil
}

// add counts one case, as the query CountWork does.
func (c *Count) add(i Instance, me uuid.UUID, now, soon time.Time) {
	due := endOfTime
	if i.DueAt != nil {
		due = *i.DueAt
	}
	one := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	mine, overdue := i.Assignee == me, due.Before(now)
	c.Team++
	one(&c.Unclaimed, i.Assignee == uuid.Nil)
	one(&c.Mine, mine)
	one(&c.Overdue, overdue)
	one(&c.Soon, !overdue && due.Before(soon))
	one(&c.MineOverdue, mine && overdue)
}

// reach is the work a person may see, one element of each list a pair of agency and role.
type reach struct {
	agencies, roles []string
	everywhere      []bool
	areas           []string // codes joined by spaces
}

// pairs collects areas by agency and role.
type pairs map[[2]string]map[string]bool

func (p pairs) add(agency, role, boundary string) {
	key := [2]string{agency, role}
	if p[key] == nil {
		p[key] = map[string]bool{}
	}
	p[key][boundary] = true
}

func (p pairs) reach() (r reach) {
	for key, codes := range p {
		r.agencies, r.roles = append(r.agencies, key[0]), append(r.roles, key[1])
		r.everywhere = append(r.everywhere, codes[""])
		r.areas = append(r.areas, strings.Join(slices.Sorted(maps.Keys(codes)), " "))
	}
	return r
}

// placesOf is where a person holds any role: there they find again what they have done. Agency "" stands for all.
func placesOf(by identity.Principal, now time.Time) reach {
	places := pairs{}
	for _, g := range by.Grants {
		if valid(g, now) {
			places.add(g.Agency, "", g.Boundary)
		}
	}
	return places.reach()
}

// reachOf derives from grants which work a person sees. Whoever supervises an agency sees all its roles' work; a grant
// without agency counts in all of them.
func reachOf(ctx context.Context, tx *pg.Tx, by identity.Principal) (r reach, err error) {
	work := pairs{}
	var working []workflowdb.ListWorkingRow
	for _, g := range by.Grants {
		if !valid(g, tx.Now) {
			continue
		}
		wide := slices.Contains(g.Permissions, Release)
		if (wide || g.Agency == "") && working == nil {
			if working, err = db.ListWorking(ctx, tx); err != nil {
				return r, err
			}
		}
		for _, w := range working {
			if (w.Agency == g.Agency || g.Agency == "") && (wide || w.Role == g.Role) {
				work.add(w.Agency, w.Role, g.Boundary)
			}
		}
		if g.Agency != "" && g.Role != "" {
			work.add(g.Agency, g.Role, g.Boundary)
		}
	}
	return work.reach(), nil
}

// valid reports whether a grant is in force at now.
func valid(g identity.Grant, now time.Time) bool {
	return (g.From == nil || !now.Before(*g.From)) && (g.Until == nil || now.Before(*g.Until))
}

// position is where a page begins: after this time and id.
type position struct {
	at time.Time
	id uuid.UUID
}

func cursor(after string) (p position, err error) {
	if after == "" {
		return p, nil
	}
	parts, err := page.Decode(after, 2)
	if err != nil {
		return p, err
	}
	if p.at, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
		return p, page.ErrCursor.Because(err)
	}
	if p.id, err = uuid.Parse(parts[1]); err != nil {
		return p, page.ErrCursor.Because(err)
	}
	return p, nil
}

// endOfTime sorts after every due time, undated ones included.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// referenceEnd is the end of the range of references that begin with text; references are plain ASCII.
func referenceEnd(text string) string { return text + "\U0010FFFF" }

func workRows(ctx context.Context, tx *pg.Tx, by identity.Principal, r reach, f InboxFilter, from position, req page.Request) (p page.Page[Instance], err error) {
	f.Sort = cmp.Or(f.Sort, SortDue)
	if f.Sort == SortNewest && from.at.IsZero() {
		from = position{at: endOfTime, id: uuid.Max}
	}
	in := workflowdb.ListWorkParams{
		Agencies: r.agencies, Roles: r.roles, Everywhere: r.everywhere, Areas: r.areas, Unclaimed: f.Queue == QueueUnclaimed, Holder: f.Holder,
		Service: f.Service, State: f.State, Boundary: f.Boundary, Reference: f.Text, ReferenceEnd: referenceEnd(f.Text),
		Sort: f.Sort, AfterAt: from.at, AfterID: from.id, Lim: int32(req.Limit() + 1),
	}
	in.DueFrom, in.DueTo = f.span()
	in.Few, in.Ids = f.few()
	list, err := openWork(ctx, tx, by, f, in)
	if err != nil {
		return p, err
	}
	found := page.Of(req, list, func(w work) []string { return []string{w.at.Format(time.RFC3339Nano), w.id.String()} })
	p.Next = found.Next
	for _, w := range found.Rows {
		p.Rows = append(p.Rows, w.Instance)
	}
	return p, nil
}

// work is a place where somebody has something to do: a case, or a branch of one. It is listed by a time, due or received, and id.
type work struct {
	Instance
	at time.Time
	id uuid.UUID
}

// openWork reads a page of cases and one of branches and puts them into one.
func openWork(ctx context.Context, tx *pg.Tx, by identity.Principal, f InboxFilter, in workflowdb.ListWorkParams) (list []work, err error) {
	cases, branches, err := openRows(ctx, tx, by, f, in)
	if err != nil {
		return nil, err
	}
	at := func(due, received time.Time) time.Time {
		if in.Sort == SortDue {
			return due
		}
		return received
	}
	for _, c := range cases {
		list = append(list, work{toInstance(c), at(c.DueKey, c.StartedAt), c.ID})
	}
	for _, r := range branches {
		i := toInstance(r.WorkflowInstance).as(toBranch(r.WorkflowBranch))
		list = append(list, work{i, at(r.WorkflowBranch.DueKey, r.WorkflowInstance.StartedAt), r.WorkflowBranch.ID})
	}
	slices.SortFunc(list, func(a, b work) int {
		if in.Sort == SortNewest {
			a, b = b, a
		}
		return cmp.Or(a.at.Compare(b.at), bytes.Compare(a.id[:], b.id[:]))
	})
	return list[:min(len(list), int(in.Lim))], nil
}

// openRows reads them: what somebody has is few, and found by who has it; the rest by agency and role.
func openRows(ctx context.Context, tx *pg.Tx, by identity.Principal, f InboxFilter, in workflowdb.ListWorkParams) (cases []workflowdb.WorkflowInstance, branches []workflowdb.ListBranchWorkRow, err error) {
	if f.Queue != QueueMine {
		rows, err := db.ListWork(ctx, tx, in)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			cases = append(cases, r.WorkflowInstance)
		}
		branches, err = db.ListBranchWork(ctx, tx, workflowdb.ListBranchWorkParams(in))
		return cases, branches, err
	}
	mine := workflowdb.ListMineParams{
		Me: by.Account, Agencies: in.Agencies, Roles: in.Roles, Everywhere: in.Everywhere, Areas: in.Areas, Few: in.Few, Ids: in.Ids, Service: in.Service,
		State: in.State, Boundary: in.Boundary, Reference: in.Reference, ReferenceEnd: in.ReferenceEnd, DueFrom: in.DueFrom,
		DueTo: in.DueTo, Sort: in.Sort, AfterAt: in.AfterAt, AfterID: in.AfterID, Lim: in.Lim,
	}
	if cases, err = db.ListMine(ctx, tx, mine); err != nil {
		return nil, nil, err
	}
	rows, err := db.ListMyBranches(ctx, tx, workflowdb.ListMyBranchesParams(mine))
	for _, r := range rows {
		branches = append(branches, workflowdb.ListBranchWorkRow(r))
	}
	return cases, branches, err
}

func doneRows(ctx context.Context, tx *pg.Tx, by identity.Principal, r reach, f InboxFilter, from position, req page.Request) (p page.Page[Instance], err error) {
	if from.at.IsZero() {
		from = position{at: endOfTime, id: uuid.Max}
	}
	few, ids := f.few()
	rows, err := db.ListDone(ctx, tx, workflowdb.ListDoneParams{
		Me: by.Account, Few: few, Ids: ids, Agencies: r.agencies, Everywhere: r.everywhere, Areas: r.areas, Service: f.Service, State: f.State, Boundary: f.Boundary, Reference: f.Text,
		ReferenceEnd: referenceEnd(f.Text), Before: from.at, BeforeID: from.id, Lim: int32(req.Limit() + 1),
	})
	if err != nil {
		return p, err
	}
	found := page.Of(req, rows, func(d workflowdb.ListDoneRow) []string {
		return []string{d.At.Format(time.RFC3339Nano), d.WorkflowInstance.ID.String()}
	})
	p.Next = found.Next
	for _, d := range found.Rows {
		p.Rows = append(p.Rows, toInstance(d.WorkflowInstance))
	}
	return p, nil
}
