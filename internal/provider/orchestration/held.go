package orchestration

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// CarryOutArgs is the job that has a held decision take effect.
type CarryOutArgs struct {
	job.Tenant
	Application uuid.UUID `json:"application"`
	Rev         int64     `json:"rev"`
}

// Kind names the job.
func (CarryOutArgs) Kind() string { return "orchestration.carry_out" }

func heldKey(application uuid.UUID) string { return "held:" + application.String() }

// Decide is Act as a member of staff wants it: what leaves the house (a decision, a correction that is asked for, a demand) is held for as long as
// the state's settings say, in which Undo takes it back; what only goes to colleagues takes effect at once, and so does all where the settings
// say 0. The case tells which of both it was. Errors: those of Act, but for what its effects can be refused for: a held
// decision that is refused when it is to take effect lapses, and the case goes back to who decided.
func (s *Service) Decide(ctx context.Context, tx *pg.Tx, in Act) (i workflow.Instance, err error) {
	defer fault.Wrap(&err, "orchestration.Decide(%s, %s)", in.Application, in.Action)
	set, err := s.deps.Settings.Settings(ctx, tx)
	if err != nil {
		return i, err
	}
	app, err := s.locked(ctx, tx, in.Application)
	if err != nil {
		return i, err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return i, err
	}
	a := svc.Action(in.Action)
	if set.UndoSeconds == 0 || a == nil || !leaves(svc, *a, app.Case) {
		m, err := s.Act(ctx, tx, in)
		return m.Instance, err
	}
	if a.Has(servicespec.EffectCorrection) {
		if err := checkItems(svc, in.Items); err != nil {
			return i, err
		}
	}
	return s.hold(ctx, tx, in, app, svc, tx.Now.Add(time.Duration(set.UndoSeconds)*time.Second))
}

func (s *Service) hold(ctx context.Context, tx *pg.Tx, in Act, app Application, svc *servicespec.Service, until time.Time) (i workflow.Instance, err error) {
	facts, err := s.facts(ctx, tx, svc, app, tx.Now)
	if err != nil {
		return i, err
	}
	i, err = s.deps.Workflow.Hold(ctx, tx, in.workflow(app, facts), until, in.Items)
	if err != nil {
		return i, err
	}
	return i, tx.At(ctx, until, heldKey(i.ID), CarryOutArgs{Application: i.ID, Rev: i.Rev})
}

// leaves reports whether what an action of the case brings about is seen outside the house: it has effects, the case is with the citizen or over
// after it, other agencies are asked for their opinion there, or it goes on from there by itself. Steps of branches are told to nobody.
func leaves(svc *servicespec.Service, a servicespec.Action, i workflow.Instance) bool {
	to := svc.StateOf(a.To)
	if _, branch := svc.BranchOf(a.To); !i.Staffed() || branch != "" || to == nil {
		return false
	}
	inside := to.Kind == workflow.KindWork || to.Kind == workflow.KindField || to.Kind == workflow.KindParallel
	return len(a.Effect) > 0 || !inside || len(to.Opinions) > 0 || slices.ContainsFunc(svc.ActionsFrom(to.Code), func(next servicespec.Action) bool {
		return next.By == servicespec.BySystem && next.On == servicespec.OnCondition
	})
}

// Undo takes a decision back that is held, at the revision that the officer saw: nobody outside hears of either. Permission: who decided, or
// workflow:release. Errors: those of workflow.Undo.
func (s *Service) Undo(ctx context.Context, tx *pg.Tx, application uuid.UUID, by identity.Principal, rev int64) (i workflow.Instance, err error) {
	defer fault.Wrap(&err, "orchestration.Undo(%s)", application)
	if i, err = s.deps.Workflow.Undo(ctx, tx, application, by, rev); err != nil {
		return i, err
	}
	if err := tx.CancelTimer(ctx, heldKey(application)); err != nil {
		return i, err
	}
	return i, s.settle(ctx, tx, i)
}

// carryOut has a held decision take effect in one transaction: it may be done twice, since what took effect is held no more. What the rules refuse
// now would be refused ever after: it lapses.
func (s *Service) carryOut(ctx context.Context, db *pg.DB, j *river.Job[CarryOutArgs]) (err error) {
	defer fault.Wrap(&err, "orchestration.carryOut(%s, %d)", j.Args.Application, j.Args.Rev)
	scope := pg.Scope{Tenant: j.Args.TenantID, Actor: pg.Actor{
		ID: j.Args.ActorID, Kind: identity.KindStaff, Purpose: audit.PurposeCasework, RequestID: fmt.Sprintf("job:%d", j.ID),
	}}
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return s.takeEffect(ctx, tx, j.Args) })
	refused := fault.Of(err)
	if refused == nil || !slices.Contains([]fault.Kind{fault.KindInvalid, fault.KindForbidden, fault.KindNotFound, fault.KindConflict, fault.KindUnsupported}, refused.Kind) {
		return err
	}
	return db.InTx(ctx, job.Scope(j), func(ctx context.Context, tx *pg.Tx) error {
		if err := s.deps.Workflow.Lapse(ctx, tx, j.Args.Application, j.Args.Rev, refused.Code); err != nil {
			return err
		}
		i, err := s.deps.Workflow.Instance(ctx, tx, j.Args.Application)
		if err != nil {
			return err
		}
		if err := s.tellLapsed(ctx, tx, j.Args); err != nil {
			return err
		}
		return s.settle(ctx, tx, i)
	})
}

func (s *Service) takeEffect(ctx context.Context, tx *pg.Tx, in CarryOutArgs) error {
	app, err := s.locked(ctx, tx, in.Application)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, app.Service, app.Version)
	if err != nil {
		return err
	}
	facts, err := s.facts(ctx, tx, svc, app, tx.Now)
	if err != nil {
		return err
	}
	m, items, until, err := s.deps.Workflow.CarryOut(ctx, tx, in.Application, in.Rev, &workflow.Ground{Answers: app.Answers, Facts: facts, Paid: app.paid()})
	switch {
	case err != nil:
		return err
	case until != nil: // it was given more time
		return tx.At(ctx, *until, heldKey(in.Application), in)
	case m.To == nil: // it was undone, has taken effect, or the case went on without it
		return s.tellLapsed(ctx, tx, in)
	}
	return s.follow(ctx, tx, m, items)
}

// Why a held decision has not taken effect.
const (
	lapsedOvertaken = "overtaken" // the citizen or time has moved the case meanwhile
	lapsedRefused   = "refused"   // what it needed was not so any more
)

// lapsed returns the decision that was held at a revision and why it has not taken effect; "" where it has, was undone, or still waits.
func lapsed(history []workflow.Transition, rev int64) (held workflow.Transition, why string) {
	at := slices.IndexFunc(history, func(t workflow.Transition) bool { return t.Rev == rev && t.Cause == workflow.CauseHeld })
	if at < 0 {
		return held, ""
	}
	for _, t := range history[at+1:] {
		switch t.Cause {
		case workflow.CauseCitizen, workflow.CauseSignal:
			return history[at], lapsedOvertaken
		case workflow.CauseLapsed:
			return history[at], lapsedRefused
		case workflow.CauseUndone, workflow.CauseStaff:
			return history[at], ""
		}
	}
	return history[at], ""
}

// tellLapsed tells who decided that their decision has not taken effect, where that is so.
func (s *Service) tellLapsed(ctx context.Context, tx *pg.Tx, in CarryOutArgs) error {
	history, err := s.deps.Workflow.History(ctx, tx, in.Application)
	if err != nil {
		return err
	}
	held, why := lapsed(history, in.Rev)
	if why == "" {
		return nil
	}
	i, err := s.deps.Workflow.Instance(ctx, tx, in.Application)
	if err != nil {
		return err
	}
	svc, err := s.deps.Services.Service(ctx, tx, i.Service, i.Version)
	if err != nil {
		return err
	}
	link, err := s.deps.People.CaseURL(ctx, tx, i.ID)
	if err != nil {
		return err
	}
	action, state, first := svc.Action(held.Action), svc.StateOf(i.State), svc.Pack().Languages[0]
	return s.tellColleagues(ctx, tx, []uuid.UUID{held.Actor}, line{
		purpose: "orchestration.lapsed", about: i.ID, once: fmt.Sprintf("lapsed:%s:%d", i.ID, in.Rev),
		say: func(texts *i18n.Catalog, lang string) (string, string) {
			args := map[string]any{"reference": i.Reference, "action": action.Name.In(lang, first), "state": state.Name.In(lang, first), "link": link}
			return texts.T(lang, "notice.lapsed.subject", args), texts.T(lang, "notice.lapsed."+why, args)
		},
	})
}
