package workbench

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// Few is how many acts a time or a share needs to be told: of fewer, one odd case would say all, and of one officer at that.
const Few = 5

// Steps are figures about what staff did: how long steps took, in working time, by step and by officer, and which reasons were given how
// often. Workday is how long a working day is.
type Steps struct {
	ByStep    []StepFigure
	ByOfficer []StepFigure
	Reasons   []ReasonFigure
	Workday   time.Duration
}

// StepFigure is how long a step took. Name is the officer's; "" where all count together, or where the account is gone.
type StepFigure struct {
	workflow.StepTime
	ServiceName, StateName i18n.Text
	Name                   string
}

// Told reports whether enough was done for its times to say something.
func (f StepFigure) Told() bool { return f.Moves >= Few }

// ReasonFigure is how often a reason was given for an action.
type ReasonFigure struct {
	workflow.ReasonCount
	ServiceName, ActionName, ReasonName i18n.Text
}

// Percent is how many of a hundred times that the action was taken the reason was given, ok false where that was too seldom.
func (f ReasonFigure) Percent() (percent int, ok bool) {
	return (f.Times*100 + f.Taken/2) / max(1, f.Taken), f.Taken >= Few
}

// StepMove is one act with its names.
type StepMove struct {
	workflow.Move
	ServiceName, StateName, ActionName i18n.Text
	Name                               string
}

// Steps returns figures about the work that the caller supervises. Texts are those of the present version of a service. Permission:
// workbench:use and workflow:release; what of it counts, its grants decide. Errors: ErrForbidden.
func (s *Service) Steps(ctx context.Context, tx *pg.Tx, by identity.Principal, f workflow.MoveFilter) (out Steps, err error) {
	defer fault.Wrap(&err, "workbench.Steps(%s, %s)", f.Service, f.State)
	if err := supervises(tx, by); err != nil {
		return out, err
	}
	cal, err := s.deps.Workflow.Calendar(ctx, tx, workflow.Instance{})
	if err != nil {
		return out, err
	}
	out.Workday = cal.Workday()
	steps, err := s.deps.Workflow.StepTimes(ctx, tx, by, f, false)
	if err != nil {
		return out, err
	}
	officers, err := s.deps.Workflow.StepTimes(ctx, tx, by, f, true)
	if err != nil {
		return out, err
	}
	reasons, err := s.deps.Workflow.Reasons(ctx, tx, by, f)
	if err != nil {
		return out, err
	}
	if out.ByStep, err = s.stepFigures(ctx, tx, steps); err != nil {
		return out, err
	}
	if out.ByOfficer, err = s.stepFigures(ctx, tx, officers); err != nil {
		return out, err
	}
	out.Reasons, err = s.reasonFigures(ctx, tx, reasons)
	return out, err
}

// supervises refuses who does not supervise work anywhere.
func supervises(tx *pg.Tx, by identity.Principal) error {
	if err := authorise(tx, by); err != nil {
		return err
	}
	if !by.MayAt(workflow.Release, tx.Now) {
		return ErrForbidden.With("permission", workflow.Release)
	}
	return nil
}

func (s *Service) stepFigures(ctx context.Context, tx *pg.Tx, times []workflow.StepTime) ([]StepFigure, error) {
	var refs []servicespec.Ref
	var accounts []uuid.UUID
	for _, t := range times {
		refs, accounts = append(refs, servicespec.Ref{Code: t.Service}), append(accounts, t.Actor)
	}
	specs, err := s.specs(ctx, tx, refs)
	if err != nil {
		return nil, err
	}
	names, err := s.staffNames(ctx, tx, accounts)
	list := make([]StepFigure, 0, len(times))
	for n, t := range times {
		f := StepFigure{StepTime: t, Name: names[t.Actor]}
		if svc := specs[refs[n]]; svc != nil {
			f.ServiceName, f.StateName = svc.Pack().Name, stateName(svc, t.State)
		}
		list = append(list, f)
	}
	return list, err
}

func (s *Service) reasonFigures(ctx context.Context, tx *pg.Tx, counts []workflow.ReasonCount) ([]ReasonFigure, error) {
	var refs []servicespec.Ref
	for _, c := range counts {
		refs = append(refs, servicespec.Ref{Code: c.Service})
	}
	specs, err := s.specs(ctx, tx, refs)
	list := make([]ReasonFigure, 0, len(counts))
	for n, c := range counts {
		f := ReasonFigure{ReasonCount: c}
		if svc := specs[refs[n]]; svc != nil {
			f.ServiceName, f.ActionName = svc.Pack().Name, actionName(svc, c.Action)
			if r := svc.Reason(c.Reason); r != nil {
				f.ReasonName = r.Name
			}
		}
		list = append(list, f)
	}
	return list, err
}

func actionName(svc *servicespec.Service, code string) i18n.Text {
	if a := svc.Action(code); a != nil {
		return a.Name
	}
	return nil
}

// StepMoves returns what figures count, act by act, the longest step first. Permission: as for Steps. Errors: ErrForbidden, page.ErrCursor.
func (s *Service) StepMoves(ctx context.Context, tx *pg.Tx, by identity.Principal, f workflow.MoveFilter, req page.Request) (p page.Page[StepMove], err error) {
	defer fault.Wrap(&err, "workbench.StepMoves(%s, %s)", f.Service, f.State)
	if err := supervises(tx, by); err != nil {
		return p, err
	}
	found, err := s.deps.Workflow.Moves(ctx, tx, by, f, req)
	if err != nil {
		return p, err
	}
	var refs []servicespec.Ref
	var accounts []uuid.UUID
	for _, m := range found.Rows {
		refs, accounts = append(refs, servicespec.Ref{Code: m.Instance.Service, Version: m.Instance.Version}), append(accounts, m.Actor)
	}
	specs, err := s.specs(ctx, tx, refs)
	if err != nil {
		return p, err
	}
	names, err := s.staffNames(ctx, tx, accounts)
	p.Next = found.Next
	for n, m := range found.Rows {
		row := StepMove{Move: m, Name: names[m.Actor]}
		if svc := specs[refs[n]]; svc != nil {
			row.ServiceName, row.StateName, row.ActionName = svc.Pack().Name, stateName(svc, m.State), actionName(svc, m.Action)
		}
		p.Rows = append(p.Rows, row)
	}
	return p, err
}
