package workbench

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// QueueFound is a queue of what a search finds among all that the officer may read, wherever it stands.
const QueueFound = "found"

// Filter narrows an inbox; every field can stand in a page's address. Queue is one of workflow's ("" is mine), or QueueFound,
// Severity one of ours, Text the beginning of a reference, Holder who has the work. Sort is one of workflow's. Name are words of
// the applicant's name: they alone never stand in an address.
type Filter struct {
	Queue    string
	Service  string
	State    string
	Boundary string
	Severity string
	Text     string
	Holder   uuid.UUID
	Sort     string
	Name     string
}

// FilterOf reads a filter from the fields of an address, so that a list can be kept as a bookmark and sent to a colleague.
func FilterOf(q url.Values) Filter {
	get := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	f := Filter{
		Queue: get("queue"), Service: get("service"), State: get("state"), Boundary: get("area"),
		Severity: get("due"), Text: get("q"), Sort: get("sort"),
	}
	f.Holder, _ = uuid.Parse(get("with")) // what is no account narrows nothing
	if f.Queue == "" {
		f.Queue = workflow.QueueMine
	}
	return f
}

// valid reports whether there is such a list.
func (f Filter) valid() bool {
	_, err := f.inbox(urgency{})
	return err == nil
}

// Row is a case in a list.
type Row struct {
	ID           uuid.UUID
	Reference    string
	Name         string
	Service      string
	ServiceName  i18n.Text
	State        string
	StateName    i18n.Text
	Branch       string // of the case that this is about; "" for the case itself
	Boundary     string
	Due          *time.Time
	Severity     string
	Paused       bool
	Ended        bool
	Outcome      string
	Assignee     uuid.UUID
	AssigneeName string
	ReceivedAt   time.Time
	EnteredAt    time.Time
	HeldUntil    *time.Time // when the decision on it takes effect; nil where none is held
	Rev          int64
}

// Counts is how much open work there is. Overdue (critical included) and Soon are parts of Team, MineOverdue of Mine.
type Counts struct {
	Mine, MineOverdue, Unclaimed, Team, Overdue, Soon int
	ByState                                           []StateCount
}

// StateCount is the open work of one state of a service.
type StateCount struct {
	Service, State         string
	ServiceName, StateName i18n.Text
	Team, Overdue, Soon    int
}

// Inbox returns cases of the officer's roles, in the order of the filter, most urgent first where it names none (the queue done: newest
// first). Permission: workbench:use; names of applicants need orchestration:read too. That names were read is on record, so it needs a
// transaction that writes. Errors: ErrForbidden, ErrFilter, page.ErrCursor, orchestration.ErrCommon.
func (s *Service) Inbox(ctx context.Context, tx *pg.Tx, by identity.Principal, f Filter, req page.Request) (p page.Page[Row], err error) {
	defer fault.Wrap(&err, "workbench.Inbox(%s)", f.Queue)
	if err := authorise(tx, by); err != nil {
		return p, err
	}
	u, err := s.urgency(ctx, tx)
	if err != nil {
		return p, err
	}
	in, err := f.inbox(u)
	if err != nil {
		return p, err
	}
	if in, err = s.search(ctx, tx, by, in, f.Name); err != nil {
		return p, err
	}
	var found page.Page[workflow.Instance]
	if f.Queue == QueueFound {
		found, err = s.found(ctx, tx, by, in, req)
	} else {
		found, err = s.deps.Workflow.Inbox(ctx, tx, by, in, req)
	}
	if err != nil {
		return p, err
	}
	p.Next = found.Next
	p.Rows, err = s.rows(ctx, tx, by, found.Rows, u)
	return p, err
}

func (s *Service) urgency(ctx context.Context, tx *pg.Tx) (urgency, error) {
	cal, err := s.deps.Workflow.Calendar(ctx, tx, workflow.Instance{}) // cases of several agencies stand in one list
	return urgencyAt(tx.Now, cal), err
}

var (
	queues = []string{workflow.QueueMine, workflow.QueueUnclaimed, workflow.QueueTeam, workflow.QueueDone, QueueFound}
	sorts  = []string{"", workflow.SortDue, workflow.SortOldest, workflow.SortNewest}
)

func (f Filter) inbox(u urgency) (workflow.InboxFilter, error) {
	queue := f.Queue
	if queue == "" {
		queue = workflow.QueueMine
	}
	if !slices.Contains(queues, queue) {
		return workflow.InboxFilter{}, ErrFilter.With("queue", f.Queue)
	}
	if !slices.Contains(sorts, f.Sort) {
		return workflow.InboxFilter{}, ErrFilter.With("sort", f.Sort)
	}
	from, until, ok := u.bounds(f.Severity)
	if !ok {
		return workflow.InboxFilter{}, ErrFilter.With("severity", f.Severity)
	}
	return workflow.InboxFilter{
		Queue: queue, Service: f.Service, State: f.State, Boundary: f.Boundary, Text: strings.ToUpper(strings.TrimSpace(f.Text)), Holder: f.Holder,
		DueFrom: from, DueUntil: until, Sort: f.Sort,
	}, nil
}

func (s *Service) rows(ctx context.Context, tx *pg.Tx, by identity.Principal, cases []workflow.Instance, u urgency) ([]Row, error) {
	var ids, holders []uuid.UUID
	var refs []servicespec.Ref
	for _, i := range cases {
		if i.Reached(by, orchestration.Read, tx.Now) { // whoever supervises without reading sees cases, not people
			ids = append(ids, i.ID)
		}
		holders, refs = append(holders, i.Assignee), append(refs, servicespec.Ref{Code: i.Service, Version: i.Version})
	}
	applicants, err := s.deps.Applications.Names(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	staff, err := s.staffNames(ctx, tx, holders)
	if err != nil {
		return nil, err
	}
	specs, err := s.specs(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(cases))
	for n, i := range cases {
		r := Row{
			ID: i.ID, Reference: i.Reference, Name: applicants[i.ID], Service: i.Service, State: i.State, Branch: i.Branch,
			Boundary: i.Boundary, Due: i.DueAt, Severity: severity(u, i), Paused: i.PausedAt != nil, Ended: i.Ended, Outcome: i.Outcome,
			Assignee: i.Assignee, AssigneeName: staff[i.Assignee], ReceivedAt: i.StartedAt, EnteredAt: i.EnteredAt, HeldUntil: i.HeldUntil, Rev: i.Rev,
		}
		if svc := specs[refs[n]]; svc != nil {
			r.ServiceName, r.StateName = svc.Pack().Name, stateName(svc, i.State)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// specs looks versions of services up, each once, all in one go.
func (s *Service) specs(ctx context.Context, tx *pg.Tx, refs []servicespec.Ref) (map[servicespec.Ref]*servicespec.Service, error) {
	var once []servicespec.Ref
	for _, r := range refs {
		if !slices.Contains(once, r) {
			once = append(once, r)
		}
	}
	return s.deps.Services.Services(ctx, tx, once)
}

// staffNames looks the names of colleagues up, all in one go; an account that is gone leaves a nameless trace.
func (s *Service) staffNames(ctx context.Context, tx *pg.Tx, accounts []uuid.UUID) (map[uuid.UUID]string, error) {
	var once []uuid.UUID
	for _, a := range accounts {
		if a != uuid.Nil && !slices.Contains(once, a) {
			once = append(once, a)
		}
	}
	return s.deps.People.Names(ctx, tx, once...)
}

// severity of a case: none presses while its clock stands or when it is over.
func severity(u urgency, i workflow.Instance) string {
	if i.Ended || i.PausedAt != nil {
		return SeverityOK
	}
	return u.of(i.DueAt)
}

// Counts counts the open work of the officer's roles. Permission: workbench:use. Errors: ErrForbidden.
func (s *Service) Counts(ctx context.Context, tx *pg.Tx, by identity.Principal) (c Counts, err error) {
	defer fault.Wrap(&err, "workbench.Counts")
	if err := authorise(tx, by); err != nil {
		return c, err
	}
	u, err := s.urgency(ctx, tx)
	if err != nil {
		return c, err
	}
	counts, err := s.deps.Workflow.Counts(ctx, tx, by, u.soon)
	if err != nil {
		return c, err
	}
	refs := make([]servicespec.Ref, 0, len(counts))
	for _, n := range counts {
		refs = append(refs, servicespec.Ref{Code: n.Service})
	}
	specs, err := s.specs(ctx, tx, refs)
	if err != nil {
		return c, err
	}
	for _, n := range counts {
		c.Mine, c.MineOverdue, c.Unclaimed = c.Mine+n.Mine, c.MineOverdue+n.MineOverdue, c.Unclaimed+n.Unclaimed
		c.Team, c.Overdue, c.Soon = c.Team+n.Team, c.Overdue+n.Overdue, c.Soon+n.Soon
		line := StateCount{Service: n.Service, State: n.State, Team: n.Team, Overdue: n.Overdue, Soon: n.Soon}
		if svc := specs[servicespec.Ref{Code: n.Service}]; svc != nil { // a state that only an older version knows shows by its code
			line.ServiceName, line.StateName = svc.Pack().Name, stateName(svc, n.State)
		}
		c.ByState = append(c.ByState, line)
	}
	return c, nil
}

// MostCounted is how far lists are counted: what has as many has "at least" so many.
const MostCounted = 1000

// CountLists counts what several filters show, each no further than MostCounted, in one go; -1 where a filter cannot be counted: a
// search, and what is done. Permission: workbench:use. Errors: ErrForbidden, ErrFilter.
func (s *Service) CountLists(ctx context.Context, tx *pg.Tx, by identity.Principal, filters []Filter) (counts []int, err error) {
	defer fault.Wrap(&err, "workbench.CountLists(%d)", len(filters))
	if err := authorise(tx, by); err != nil {
		return nil, err
	}
	u, err := s.urgency(ctx, tx)
	if err != nil {
		return nil, err
	}
	var lists []workflow.InboxFilter
	var at []int
	for n, f := range filters {
		counts = append(counts, -1)
		in, err := f.inbox(u)
		if err != nil {
			return nil, err
		}
		if in.Text == "" && f.Name == "" && in.Queue != workflow.QueueDone && in.Queue != QueueFound {
			lists, at = append(lists, in), append(at, n)
		}
	}
	found, err := s.deps.Workflow.CountLists(ctx, tx, by, lists, MostCounted)
	for n, total := range found {
		counts[at[n]] = total
	}
	return counts, err
}
