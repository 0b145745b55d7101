package workbench

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// Filter narrows an inbox; every field can stand in a page's address. Queue is one of workflow's ("" is mine),
// Severity one of ours, Text the beginning of a reference.
type Filter struct {
	Queue    string
	Service  string
	State    string
	Boundary string
	Severity string
	Text     string
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

// Inbox returns cases of the officer's roles, most urgent first (the queue done: newest first). Permission:
// workbench:use; names of applicants need orchestration:read too. That names were read is on record, so it needs a
// transaction that writes. Errors: ErrForbidden, ErrFilter, page.ErrCursor.
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
	found, err := s.deps.Workflow.Inbox(ctx, tx, by, in, req)
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

func (f Filter) inbox(u urgency) (workflow.InboxFilter, error) {
	queue := f.Queue
	if queue == "" {
		queue = workflow.QueueMine
	}
	if !slices.Contains([]string{workflow.QueueMine, workflow.QueueUnclaimed, workflow.QueueTeam, workflow.QueueDone}, queue) {
		return workflow.InboxFilter{}, ErrFilter.With("queue", f.Queue)
	}
	from, until, ok := u.bounds(f.Severity)
	if !ok {
		return workflow.InboxFilter{}, ErrFilter.With("severity", f.Severity)
	}
	return workflow.InboxFilter{
		Queue: queue, Service: f.Service, State: f.State, Boundary: f.Boundary, Text: strings.ToUpper(strings.TrimSpace(f.Text)),
		DueFrom: from, DueUntil: until,
	}, nil
}

func (s *Service) rows(ctx context.Context, tx *pg.Tx, by identity.Principal, cases []workflow.Instance, u urgency) ([]Row, error) {
	var ids []uuid.UUID
	for _, i := range cases {
		if i.Reached(by, orchestration.Read, tx.Now) { // whoever supervises without reading sees cases, not people
			ids = append(ids, i.ID)
		}
	}
	applicants, err := s.deps.Applications.Names(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	staff, specs := names{people: s.deps.People}, specs{services: s.deps.Services}
	rows := make([]Row, 0, len(cases))
	for _, i := range cases {
		svc, err := specs.of(ctx, tx, i.Service, i.Version)
		if err != nil {
			return nil, err
		}
		r := Row{
			ID: i.ID, Reference: i.Reference, Name: applicants[i.ID], Service: i.Service, ServiceName: svc.Pack().Name, State: i.State, Branch: i.Branch,
			Boundary: i.Boundary, Due: i.DueAt, Severity: severity(u, i), Paused: i.PausedAt != nil, Ended: i.Ended, Outcome: i.Outcome,
			Assignee: i.Assignee, ReceivedAt: i.StartedAt, EnteredAt: i.EnteredAt, Rev: i.Rev,
		}
		if st := svc.StateOf(i.State); st != nil {
			r.StateName = st.Name
		}
		if r.AssigneeName, err = staff.of(ctx, tx, i.Assignee); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
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
	specs := specs{services: s.deps.Services}
	for _, n := range counts {
		c.Mine, c.MineOverdue, c.Unclaimed = c.Mine+n.Mine, c.MineOverdue+n.MineOverdue, c.Unclaimed+n.Unclaimed
		c.Team, c.Overdue, c.Soon = c.Team+n.Team, c.Overdue+n.Overdue, c.Soon+n.Soon
		svc, err := specs.of(ctx, tx, n.Service, 0)
		if err != nil {
			return c, err
		}
		line := StateCount{Service: n.Service, State: n.State, ServiceName: svc.Pack().Name, Team: n.Team, Overdue: n.Overdue, Soon: n.Soon}
		if st := svc.StateOf(n.State); st != nil { // a state that only an older version knows shows by its code
			line.StateName = st.Name
		}
		c.ByState = append(c.ByState, line)
	}
	return c, nil
}
