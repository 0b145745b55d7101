package workflow

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// Causes of a move.
const (
	CauseStart      = "start"
	CauseStaff      = "staff"
	CauseCitizen    = "citizen" // withdrawn, appealed, asked for to be taken up again
	CauseSignal     = "signal"
	CauseEscalation = "escalation"
	CauseHeld       = "held"   // a decision that waits before it takes effect
	CauseUndone     = "undone" // it was taken back
	CauseLapsed     = "lapsed" // it was refused when it was to take effect
)

// Still reports whether a line of history with this cause moves nothing: the state is the one before.
func Still(cause string) bool {
	return cause == CauseEscalation || cause == CauseHeld || cause == CauseUndone || cause == CauseLapsed
}

// Signals: what moves a case without staff.
const (
	SignalPaid      = "paid"      // what was to be paid is paid
	SignalCorrected = "corrected" // the citizen has sent what was asked for
	SignalWithdrawn = "withdrawn" // the citizen wants it no more
)

// Start describes a new case. ID is the application's. Ground is what the promise and the branches of a parallel first state depend
// on; without it the service's own promise is made.
type Start struct {
	ID        uuid.UUID
	Reference string
	Service   string
	Version   int
	Person    uuid.UUID
	Boundary  string
	Ground    *Ground
}

// Act is what a member of staff does. Rev is the one they saw. Reasons are codes of those that the action offers; Findings what they
// found out and attached. Ground may be left out: the observer is asked then.
type Act struct {
	Instance  uuid.UUID
	Action    string
	By        identity.Principal
	Comment   string
	Checklist []string
	Reasons   []string
	Findings  Findings
	Rev       int64
	Ground    *Ground
}

// Findings are answers to an action's questions, and the files attached to it by code.
type Findings struct {
	Answers servicespec.Answers           `json:"answers,omitempty"`
	Files   map[string][]servicespec.File `json:"files,omitempty"`
}

// UnmarshalJSON reads answers in the types that rules and pages know.
func (f *Findings) UnmarshalJSON(data []byte) (err error) {
	var in struct {
		Answers json.RawMessage               `json:"answers"`
		Files   map[string][]servicespec.File `json:"files"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	f.Files = in.Files
	if in.Answers != nil {
		f.Answers, err = servicespec.DecodeAnswers(in.Answers)
	}
	return err
}

func (f Findings) empty() bool { return len(f.Answers) == 0 && len(f.Files) == 0 }

// Moved is a move that was made: Instance is the case after it, From and To the states, Action the action's code; Branch the branch that
// moved, "" where the case itself did. Because are the decisions of the rules that allowed it. Dwell is how long From lasted; Worked the
// working time the agency has had the case altogether. Again says that the case was over before.
type Moved struct {
	Instance Instance
	Branch   string
	From     string
	To       *servicespec.State
	Action   servicespec.Action
	Cause    string
	Actor    uuid.UUID
	Comment  string
	Reasons  []string
	Findings Findings
	Effects  []string
	Because  []servicespec.Because
	Dwell    Dwell
	Worked   time.Duration
	Again    bool
	At       time.Time
}

// Start puts a new case into the first state of its service and makes the promise. Errors: ErrStarted.
func (s *Service) Start(ctx context.Context, tx *pg.Tx, in Start) (i Instance, err error) {
	defer fault.Wrap(&err, "workflow.Start(%s)", in.ID)
	svc, err := s.services.Service(ctx, tx, in.Service, in.Version)
	if err != nil {
		return i, err
	}
	i = Instance{
		ID: in.ID, Reference: in.Reference, Service: in.Service, Version: svc.Pack().Version, Person: in.Person,
		Agency: svc.Pack().Agency, Boundary: in.Boundary, BoundaryPath: []string{},
	}
	if in.Boundary != "" {
		b, err := s.places.Boundary(ctx, tx, in.Boundary)
		if err != nil {
			return i, err
		}
		i.BoundaryPath = b.Path
	}
	cal, err := s.Calendar(ctx, tx, i)
	if err != nil {
		return i, err
	}
	promise, g := svc.Pack().Target, Ground{}
	if in.Ground != nil {
		g = *in.Ground
		promise = svc.Promise(g.Answers, g.Facts)
	}
	first := svc.StateOf(svc.Pack().Workflow.Start)
	i.begin(first, promise, tx.Now, cal)
	if first.Kind == KindParallel {
		i.fork(svc, svc.Branches(first.Code, g.Answers, g.Facts), tx.Now, cal)
	}
	if err := s.assignPlaces(ctx, tx, svc, &i, "", g); err != nil {
		return i, err
	}
	if err := insertInstance(ctx, tx, i); err != nil {
		return i, err
	}
	if err := insertTransition(ctx, tx, i, Transition{Rev: 1, Cause: CauseStart, To: i.State, Kind: i.Kind, At: tx.Now}, sealed{}); err != nil {
		return i, err
	}
	if err := s.arm(ctx, tx, i, svc, cal); err != nil {
		return i, err
	}
	return i, audit.Record(ctx, tx, audit.Entry{
		Action: "workflow.start", Object: "workflow.instance", ObjectID: i.ID, Person: i.Person,
		Detail: map[string]any{"service": i.Service, "version": i.Version, "state": i.State},
	})
}

// Act takes an action as a member of staff who has the role for it in the case's agency and area, and has taken the
// case, or the branch of it in which the action is. Errors: ErrUnknown, ErrMeanwhile, ErrHeld, ErrEnded, ErrAction, ErrTime, ErrRole, ErrOwn,
// ErrSeparation, ErrUnclaimed, ErrNotYours, ErrGuard, ErrComment, ErrReasons, ErrChecklist, ErrFindings, ErrDocuments.
func (s *Service) Act(ctx context.Context, tx *pg.Tx, in Act) (m Moved, err error) {
	defer fault.Wrap(&err, "workflow.Act(%s, %s)", in.Instance, in.Action)
	a, err := s.allowed(ctx, tx, in)
	if err != nil {
		return m, err
	}
	return s.move(ctx, tx, a.svc, a.i, a.action, a.ground, a.how)
}

// act is an action of staff that nothing stands against.
type act struct {
	i      Instance // locked
	svc    *servicespec.Service
	action servicespec.Action
	ground Ground
	how    move
}

// allowed locks the case and says why an action is not taken, or how it is. Errors: those of Act.
func (s *Service) allowed(ctx context.Context, tx *pg.Tx, in Act) (a act, err error) {
	i, svc, err := s.lock(ctx, tx, in.Instance)
	if err != nil {
		return a, err
	}
	action, branch := svc.Action(in.Action), ""
	if action != nil {
		_, branch = svc.BranchOf(action.To)
	}
	at, err := s.seenAt(ctx, tx, i, svc, branch, in.By, in.Rev)
	if err != nil {
		return a, err
	}
	if action == nil {
		return a, ErrAction.With("state", i.State)
	}
	steps, err := stepRows(ctx, tx, i.ID)
	if err != nil {
		return a, err
	}
	cal, err := s.Calendar(ctx, tx, i)
	if err != nil {
		return a, err
	}
	if err := permitted(in.By, svc, *action, at, steps, tx.Now, cal); err != nil {
		return a, err
	}
	g, err := s.ground(ctx, tx, i.ID, in.Ground)
	if err != nil {
		return a, err
	}
	open, why := svc.TracedGuard(action.Code, g.Answers, g.Facts)
	if !open {
		return a, ErrGuard.With("action", action.Code)
	}
	if in.Findings.Answers, err = complete(svc, *action, in, g); err != nil {
		return a, err
	}
	return act{i, svc, *action, g, move{
		cause: CauseStaff, actor: in.By.Account, role: action.RoleFor(svc.StateOf(at.State), at.Role), comment: strings.TrimSpace(in.Comment),
		checklist: in.Checklist, reasons: in.Reasons, findings: in.Findings, because: why,
	}}, nil
}

// Ask is what a citizen wants of a case: Kind is servicespec.KindWithdraw, KindReopen or KindAppeal, Words are theirs.
type Ask struct {
	Instance uuid.UUID
	Kind     string
	Words    string
	Ground   *Ground
}

// Ask takes the citizen's action of a kind, if the present state has one that is in time and whose condition holds; moved is false where
// it has not. Permission: none, the system calls it for the citizen. Errors: ErrUnknown.
func (s *Service) Ask(ctx context.Context, tx *pg.Tx, in Ask) (m Moved, moved bool, err error) {
	defer fault.Wrap(&err, "workflow.Ask(%s, %s)", in.Instance, in.Kind)
	i, svc, err := s.lock(ctx, tx, in.Instance)
	if err != nil {
		return m, false, err
	}
	cal, err := s.Calendar(ctx, tx, i)
	if err != nil {
		return m, false, err
	}
	g, err := s.ground(ctx, tx, i.ID, in.Ground)
	if err != nil {
		return m, false, err
	}
	for _, a := range svc.ActionsFrom(i.State) {
		if !asks(svc, a, in.Kind) || !a.InTime(ended(i), tx.Now, cal) || a.Comment == "required" && strings.TrimSpace(in.Words) == "" {
			continue
		}
		if open, why := svc.TracedGuard(a.Code, g.Answers, g.Facts); open {
			m, err = s.move(ctx, tx, svc, i, a, g, move{cause: CauseCitizen, comment: strings.TrimSpace(in.Words), because: why})
			return m, err == nil, err
		}
	}
	return m, false, nil
}

// asks reports whether an action is the one by which a citizen gets what they want.
func asks(svc *servicespec.Service, a servicespec.Action, kind string) bool {
	to := svc.StateOf(a.To)
	return a.By == servicespec.ByCitizen && a.On == "" && (a.Kind == kind || kind == servicespec.KindWithdraw && to != nil && to.Outcome == "withdrawn")
}

func ended(i Instance) time.Time {
	if i.EndedAt == nil {
		return time.Time{}
	}
	return *i.EndedAt
}

// Signal moves a case by what happened outside, if its present state waits for that; moved is false where it does not.
// Permission: none, it is called by the system. Errors: ErrUnknown.
func (s *Service) Signal(ctx context.Context, tx *pg.Tx, instance uuid.UUID, event string, ground *Ground) (m Moved, moved bool, err error) {
	defer fault.Wrap(&err, "workflow.Signal(%s, %s)", instance, event)
	if event == SignalWithdrawn {
		return s.Ask(ctx, tx, Ask{Instance: instance, Kind: servicespec.KindWithdraw, Ground: ground})
	}
	i, svc, err := s.lock(ctx, tx, instance)
	if err != nil || i.Ended {
		return m, false, err
	}
	on := event
	if event == SignalCorrected {
		on = servicespec.OnSubmitted
	}
	for _, at := range append([]Instance{i}, i.Places()...) {
		for _, a := range svc.ActionsFrom(at.State) {
			if a.On != on {
				continue
			}
			g, err := s.ground(ctx, tx, i.ID, ground)
			if err != nil {
				return m, false, err
			}
			if open, why := svc.TracedGuard(a.Code, g.Answers, g.Facts); open {
				m, err = s.move(ctx, tx, svc, i, a, g, move{cause: CauseSignal, because: why})
				return m, err == nil, err
			}
		}
	}
	return m, false, nil
}

// complete checks what the action asks of the officer and returns what they found out, clean.
// Errors: ErrComment, ErrReasons, ErrChecklist, ErrFindings, ErrDocuments.
func complete(svc *servicespec.Service, a servicespec.Action, in Act, g Ground) (servicespec.Answers, error) {
	if a.Comment == "required" && strings.TrimSpace(in.Comment) == "" {
		return nil, ErrComment.WithFields(fault.Field{Path: "comment", Code: ErrComment.Code})
	}
	if len(a.Reasons) > 0 && len(in.Reasons) == 0 || slices.ContainsFunc(in.Reasons, func(r string) bool { return !slices.Contains(a.Reasons, r) }) {
		return nil, ErrReasons.WithFields(fault.Field{Path: "reasons", Code: ErrReasons.Code})
	}
	var missing []fault.Field
	for _, item := range svc.ChecklistOf(a.Code, g.Answers, g.Facts) {
		if !slices.Contains(in.Checklist, item.Code) {
			missing = append(missing, fault.Field{Path: "checklist." + item.Code, Code: "workflow.checklist_item"})
		}
	}
	if missing != nil {
		return nil, ErrChecklist.WithFields(missing...)
	}
	found, wrong := svc.CheckFindings(a.Code, in.Findings.Answers, g.Answers, g.Facts)
	for n := range wrong {
		wrong[n].Path = "findings." + wrong[n].Path
	}
	if len(wrong) > 0 {
		return nil, ErrFindings.WithFields(wrong...)
	}
	return found, attached(a, in.Findings.Files)
}

// attached checks the files of an action. Errors: ErrDocuments.
func attached(a servicespec.Action, files map[string][]servicespec.File) error {
	var wrong []fault.Field
	for _, d := range a.Documents {
		given := files[d.Code]
		ill := slices.ContainsFunc(given, func(f servicespec.File) bool { return !d.Takes(f.MediaType) })
		if ill || len(given) == 0 && !d.Optional {
			wrong = append(wrong, fault.Field{Path: "documents." + d.Code, Code: ErrDocuments.Code})
		}
	}
	if wrong != nil {
		return ErrDocuments.WithFields(wrong...)
	}
	return nil
}

// ground returns what guards look at; the observer is asked where the caller has not said.
func (s *Service) ground(ctx context.Context, tx *pg.Tx, instance uuid.UUID, g *Ground) (Ground, error) {
	switch {
	case g != nil:
		return *g, nil
	case s.observer == nil:
		return Ground{}, nil
	}
	return s.observer.Ground(ctx, tx, instance)
}
