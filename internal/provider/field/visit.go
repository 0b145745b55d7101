package field

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/field/internal/fielddb"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// mostVisits is how many visits a device takes along, and how many free ones it is shown; mostLooked how much of a queue is looked
// through for them.
const (
	mostVisits = 100
	mostLooked = 1000
)

// Visit is a case, or the branch of one that Branch names, in a state that is worked on outside. Rev is its revision now. Boundary is the
// area's code.
type Visit struct {
	Case        uuid.UUID
	Branch      string
	Rev         int64
	Reference   string
	Service     string
	ServiceName i18n.Text
	State       string
	StateName   i18n.Text
	Boundary    string
	Due         *time.Time
}

// Taken is a visit with what the officer takes along: of the application what they may see, and the actions they can take, with what
// those ask for.
type Taken struct {
	Visit
	Application orchestration.Application
	Spec        *servicespec.Service
	Facts       servicespec.Facts
	Pages       []servicespec.PageView
	Actions     []servicespec.Action
}

// Bundle is what a device takes along: Mine are the visits that the officer has, with everything; Free those of their roles that nobody
// has, most urgent first.
type Bundle struct {
	Mine []Taken
	Free []Visit
}

// TakeAlong returns what an officer takes along on a device; unsent is how many reports it has not sent. The reading is on record.
// Permission: field:use, and orchestration:read for each case. Errors: ErrForbidden, ErrDevice, ErrOthers, ErrWipe.
func (s *Service) TakeAlong(ctx context.Context, tx *pg.Tx, by identity.Principal, device uuid.UUID, unsent int) (b Bundle, err error) {
	defer fault.Wrap(&err, "field.TakeAlong(%s)", device)
	if err := s.enter(ctx, tx, by, device); err != nil {
		return b, err
	}
	if err := db.SeeDevice(ctx, tx, fielddb.SeeDeviceParams{ID: device, Now: tx.Now, Unsent: int32(max(0, min(unsent, 1_000_000)))}); err != nil {
		return b, err
	}
	mine, err := s.queue(ctx, tx, by, workflow.QueueMine)
	if err != nil {
		return b, err
	}
	for _, v := range mine {
		t, err := s.take(ctx, tx, by, v)
		if f := fault.Of(err); f != nil && f.Kind == fault.KindForbidden { // had once, and may not read any more
			continue
		}
		if err != nil {
			return b, err
		}
		b.Mine = append(b.Mine, t)
	}
	b.Free, err = s.queue(ctx, tx, by, workflow.QueueUnclaimed)
	return b, err
}

// take adds to a visit what is taken along of it.
func (s *Service) take(ctx context.Context, tx *pg.Tx, by identity.Principal, v Visit) (t Taken, err error) {
	t.Visit = v
	if t.Application, err = s.deps.Applications.Application(ctx, tx, v.Case, by); err != nil {
		return t, err
	}
	if t.Spec, t.Facts, err = s.deps.Applications.Spec(ctx, tx, t.Application); err != nil {
		return t, err
	}
	t.Pages = t.Application.Pages(t.Spec, t.Facts)
	c, err := s.deps.Workflow.Choices(ctx, tx, v.Case, by, t.Application.Ground(t.Facts))
	if err != nil {
		return t, err
	}
	here, _ := choiceAt(c, v.Branch)
	t.Actions = here.Actions
	return t, nil
}

// choiceAt is what can be done in a branch, or with the case itself.
func choiceAt(c workflow.Choice, branch string) (workflow.Choice, bool) {
	if branch == "" {
		return c, true
	}
	n := slices.IndexFunc(c.Branches, func(b workflow.Choice) bool { return b.Branch == branch })
	if n < 0 {
		return workflow.Choice{}, false
	}
	return c.Branches[n], true
}

// queue lists the visits in a queue of the officer's.
func (s *Service) queue(ctx context.Context, tx *pg.Tx, by identity.Principal, queue string) (list []Visit, err error) {
	var found []workflow.Instance
	req := page.Request{Size: 100}
	for looked := 0; looked < mostLooked && len(found) < mostVisits; looked += req.Size {
		p, err := s.deps.Workflow.Inbox(ctx, tx, by, workflow.InboxFilter{Queue: queue}, req)
		if err != nil {
			return nil, err
		}
		for _, i := range p.Rows {
			if i.Kind == workflow.KindField && len(found) < mostVisits {
				found = append(found, i)
			}
		}
		if req.After = p.Next; p.Next == "" {
			break
		}
	}
	refs := make([]servicespec.Ref, 0, len(found))
	for _, i := range found {
		if ref := (servicespec.Ref{Code: i.Service, Version: i.Version}); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	specs, err := s.deps.Services.Services(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	for _, i := range found {
		list = append(list, visitOf(i, specs[servicespec.Ref{Code: i.Service, Version: i.Version}]))
	}
	return list, nil
}

func visitOf(i workflow.Instance, svc *servicespec.Service) Visit {
	v := Visit{Case: i.ID, Branch: i.Branch, Rev: i.Rev, Reference: i.Reference, Service: i.Service, State: i.State, Boundary: i.Boundary, Due: i.DueAt}
	if svc != nil {
		v.ServiceName = svc.Pack().Name
		if st := svc.StateOf(i.State); st != nil {
			v.StateName = st.Name
		}
	}
	return v
}

// Claim gives a free visit to the officer. Permission: field:use and a role in its state. Errors: ErrForbidden, ErrDevice, ErrOthers,
// ErrWipe, and those of workflow.Claim.
func (s *Service) Claim(ctx context.Context, tx *pg.Tx, by identity.Principal, device, application uuid.UUID, branch string, rev int64) (err error) {
	defer fault.Wrap(&err, "field.Claim(%s)", application)
	if err := s.enter(ctx, tx, by, device); err != nil {
		return err
	}
	_, err = s.deps.Workflow.Claim(ctx, tx, application, branch, by, rev)
	return err
}
