package field

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/field/internal/fielddb"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/workflow"
)

// What became of a report.
const (
	Done     = "done"
	Refused  = "refused"  // the officer mends it and sends another
	Conflict = "conflict" // the office changed the case meanwhile: the officer chooses
	Kept     = "kept"     // on record; nothing was done by it
)

// Operation is a report as a device sends it: ID is the one it made, Rev the case's revision that the officer saw, MadeAt on the
// device's clock.
type Operation struct {
	ID          uuid.UUID
	Device      uuid.UUID
	Application uuid.UUID
	Branch      string
	Action      string
	Rev         int64
	MadeAt      time.Time
	Report      Report
}

// Outcome is what became of a report. Why says what hindered it, nil where it was done. Now is how the case stands, with a conflict
// alone.
type Outcome struct {
	Operation uuid.UUID
	Status    string
	Why       *fault.Error
	Now       *Standing
}

// Standing is how a case stands after somebody else acted: Who did What, an action's code, "claim" or "release", when. Still says that the
// officer can take the action of their report yet.
type Standing struct {
	Rev    int64
	State  i18n.Text
	Who    string
	What   string
	Action i18n.Text // what the action is called; empty for "claim" and "release"
	At     *time.Time
	Still  bool
}

// Apply takes a report and does what it says, once: the same id again answers what became of it the first time. What cannot be
// done is an error, and nothing of it stays; the caller puts it on record with Refuse, in a transaction of its own. Permission:
// field:use, and what orchestration.Act asks for. Errors: ErrForbidden, ErrDevice, ErrOthers, ErrWipe, ErrID, ErrReport, ErrUnfinished,
// and those of orchestration.Act.
func (s *Service) Apply(ctx context.Context, tx *pg.Tx, by identity.Principal, in Operation) (o Outcome, err error) {
	defer fault.Wrap(&err, "field.Apply(%s)", in.ID)
	app, err := s.open(ctx, tx, by, in)
	if err != nil {
		return o, err
	}
	first, err := s.insert(ctx, tx, by, app, in, Done, told{})
	if err != nil {
		return o, err
	}
	if !first {
		return s.Outcome(ctx, tx, by, in.ID)
	}
	if err := s.act(ctx, tx, by, app, in); err != nil {
		return o, err
	}
	return Outcome{Operation: in.ID, Status: Done}, s.note(ctx, tx, "field.report", app.Person, in, Done)
}

// open lets a report in: from a device of the officer's, about a case that they may read.
func (s *Service) open(ctx context.Context, tx *pg.Tx, by identity.Principal, in Operation) (app orchestration.Application, err error) {
	if err := s.enter(ctx, tx, by, in.Device); err != nil {
		return app, err
	}
	if err := madeOutside(in.ID); err != nil {
		return app, err
	}
	if err := in.Report.check(); err != nil {
		return app, err
	}
	return s.deps.Applications.Application(ctx, tx, in.Application, by)
}

// act does what a report says, as at a desk.
func (s *Service) act(ctx context.Context, tx *pg.Tx, by identity.Principal, app orchestration.Application, in Operation) error {
	svc, facts, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return err
	}
	files, err := s.attached(ctx, tx, by, app, in.Report.Files)
	if err != nil {
		return err
	}
	found, wrong := svc.ReadFindings(in.Action, in.Report.Answers, app.Ground(facts).Answers, facts)
	if len(wrong) > 0 {
		if at, _ := app.Case.In(in.Branch); at.Rev > in.Rev { // what is wrong with it may be what changed
			return s.fresh(ctx, tx, by, in, wrong)
		}
		return findings(wrong)
	}
	_, err = s.deps.Applications.Act(ctx, tx, orchestration.Act{
		Application: in.Application, Action: in.Action, By: by, Comment: in.Report.Comment, Items: in.Report.Items,
		Checklist: checklist(svc, in), Reasons: in.Report.Reasons, Rev: in.Rev,
		Findings: workflow.Findings{Answers: found, Files: documents(svc.Action(in.Action), in.Report.Files, files)},
	})
	return err
}

// fresh refuses a report for what the office did, if it did anything; for what is wrong with it otherwise.
func (s *Service) fresh(ctx context.Context, tx *pg.Tx, by identity.Principal, in Operation, wrong []fault.Field) error {
	_, err := s.deps.Applications.Act(ctx, tx, orchestration.Act{Application: in.Application, Action: in.Action, By: by, Rev: in.Rev})
	if errors.Is(err, workflow.ErrMeanwhile) {
		return err
	}
	return findings(wrong)
}

func findings(wrong []fault.Field) error {
	for n := range wrong {
		wrong[n].Path = "findings." + wrong[n].Path
	}
	return workflow.ErrFindings.WithFields(wrong...)
}

// checklist are the points that hold of those that the action asks for: the report has those of all actions.
func checklist(svc *servicespec.Service, in Operation) []string {
	var asked []string
	if a := svc.Action(in.Action); a != nil {
		for _, item := range a.Checklist {
			asked = append(asked, item.Code)
		}
	}
	return slices.DeleteFunc(in.Report.ticked(), func(code string) bool { return !slices.Contains(asked, code) })
}

// documents are the files that the action itself asks for, by code.
func documents(a *servicespec.Action, list []Attached, files map[uuid.UUID]servicespec.File) map[string][]servicespec.File {
	if a == nil {
		return nil
	}
	out := map[string][]servicespec.File{}
	for _, d := range a.Documents {
		for _, f := range list {
			if f.Code == d.Code {
				out[d.Code] = append(out[d.Code], files[f.Upload])
			}
		}
	}
	return out
}

// Refuse puts on record that a report could not be done, and why: as a conflict where the office changed the case. The same id again
// changes nothing. Permission: as for Apply. Errors: as for Apply, without those of orchestration.Act.
func (s *Service) Refuse(ctx context.Context, tx *pg.Tx, by identity.Principal, in Operation, why error) (o Outcome, err error) {
	defer fault.Wrap(&err, "field.Refuse(%s)", in.ID)
	app, err := s.open(ctx, tx, by, in)
	if err != nil {
		return o, err
	}
	status, t := tellOf(why)
	first, err := s.insert(ctx, tx, by, app, in, status, t)
	if err != nil {
		return o, err
	}
	if first {
		if err := s.note(ctx, tx, "field.report", app.Person, in, status); err != nil {
			return o, err
		}
	}
	return s.Outcome(ctx, tx, by, in.ID)
}

// Refusable reports whether an error of Apply says something about the report, for Refuse to keep: rather than about the caller, the
// device, or the system.
func Refusable(err error) bool {
	f := fault.Of(err)
	if f == nil || errors.Is(err, ErrUnfinished) || errors.Is(err, ErrReport) || errors.Is(err, ErrID) {
		return false
	}
	if f.Kind == fault.KindForbidden {
		return errors.Is(err, workflow.ErrRole) || errors.Is(err, workflow.ErrSeparation) || errors.Is(err, workflow.ErrOwn)
	}
	return f.Kind == fault.KindInvalid || f.Kind == fault.KindConflict
}

// Choose settles a conflict: mine sends the report although the office changed the case, which it has at rev now; otherwise the report
// stays on record and does nothing. Permission: as for Apply. Errors: ErrForbidden, ErrDevice, ErrOthers, ErrWipe, ErrNoReport, ErrChosen,
// and those of workflow.Claim and orchestration.Act.
func (s *Service) Choose(ctx context.Context, tx *pg.Tx, by identity.Principal, device, operation uuid.UUID, mine bool, rev int64) (o Outcome, err error) {
	defer fault.Wrap(&err, "field.Choose(%s)", operation)
	if err := s.enter(ctx, tx, by, device); err != nil {
		return o, err
	}
	row, err := db.LockOperation(ctx, tx, operation)
	switch {
	case pg.NotFound(err):
		return o, ErrNoReport
	case err != nil:
		return o, err
	case row.AccountID != by.Account:
		return o, ErrOthers
	case row.Outcome == Kept && !mine, row.Outcome == Done && mine: // the answer did not arrive the first time
		return Outcome{Operation: operation, Status: row.Outcome}, nil
	case row.Outcome != Conflict:
		return o, ErrChosen
	}
	in := Operation{ID: row.ID, Device: device, Application: row.ApplicationID, Branch: row.Branch, Action: row.Action, Rev: rev}
	status := Kept
	if mine {
		status = Done
		if err := s.sendAnyway(ctx, tx, by, row, in); err != nil {
			return o, err
		}
	}
	if err := setOutcome(ctx, tx, operation, status, told{}); err != nil {
		return o, err
	}
	return Outcome{Operation: operation, Status: status}, s.note(ctx, tx, "field.choose", row.PersonID, in, status)
}

// sendAnyway does what a report says with the case as it stands now; one that nobody has is taken first.
func (s *Service) sendAnyway(ctx context.Context, tx *pg.Tx, by identity.Principal, row fielddb.FieldOperation, in Operation) (err error) {
	app, err := s.deps.Applications.Application(ctx, tx, row.ApplicationID, by)
	if err != nil {
		return err
	}
	plain, err := s.deps.Sealer.Open(ctx, tx, row.PersonID, payloadPlace(row.ID), row.Payload)
	if err != nil {
		return err
	}
	if in.Report, err = decodeReport(plain); err != nil {
		return err
	}
	if at, found := app.Case.In(in.Branch); found && at.Staffed() && at.Assignee == uuid.Nil {
		i, err := s.deps.Workflow.Claim(ctx, tx, in.Application, in.Branch, by, in.Rev)
		if err != nil {
			return err
		}
		in.Rev = i.Rev
	}
	return s.act(ctx, tx, by, app, in)
}

// Outcome says what became of a report. Permission: field:use, and to have sent it. Errors: ErrForbidden, ErrNoReport, ErrOthers.
func (s *Service) Outcome(ctx context.Context, tx *pg.Tx, by identity.Principal, operation uuid.UUID) (o Outcome, err error) {
	defer fault.Wrap(&err, "field.Outcome(%s)", operation)
	if err := authorise(tx, by); err != nil {
		return o, err
	}
	row, err := db.GetOperation(ctx, tx, operation)
	switch {
	case pg.NotFound(err):
		return o, ErrNoReport
	case err != nil:
		return o, err
	case row.AccountID != by.Account:
		return o, ErrOthers
	}
	o = Outcome{Operation: operation, Status: row.Outcome}
	if o.Status != Refused && o.Status != Conflict {
		return o, nil
	}
	var t told
	if err := json.Unmarshal(row.Told, &t); err != nil {
		return o, err
	}
	o.Why = t.fault(o.Status)
	if o.Status == Conflict {
		o.Now, err = s.standing(ctx, tx, by, row, t)
	}
	return o, err
}

// standing says how a case stands that the office changed.
func (s *Service) standing(ctx context.Context, tx *pg.Tx, by identity.Principal, row fielddb.FieldOperation, t told) (*Standing, error) {
	app, err := s.deps.Applications.Application(ctx, tx, row.ApplicationID, by)
	if err != nil {
		return nil, err
	}
	svc, facts, err := s.deps.Applications.Spec(ctx, tx, app)
	if err != nil {
		return nil, err
	}
	at, found := app.Case.In(row.Branch)
	if !found {
		at = app.Case
	}
	st := &Standing{Rev: at.Rev, What: t.Action, At: t.At}
	if state := svc.StateOf(at.State); state != nil {
		st.State = state.Name
	}
	if a := svc.Action(t.Action); a != nil {
		st.Action = a.Name
	}
	if t.Who != uuid.Nil {
		names, err := s.deps.People.Names(ctx, tx, t.Who)
		if err != nil {
			return nil, err
		}
		st.Who = names[t.Who]
	}
	c, err := s.deps.Workflow.Choices(ctx, tx, row.ApplicationID, by, app.Ground(facts))
	if err != nil {
		return nil, err
	}
	here, _ := choiceAt(c, row.Branch)
	st.Still = slices.ContainsFunc(append(slices.Clone(here.Actions), here.Later...), func(a servicespec.Action) bool { return a.Code == row.Action })
	return st, nil
}

// insert keeps a report; first says that it was not there.
func (s *Service) insert(ctx context.Context, tx *pg.Tx, by identity.Principal, app orchestration.Application, in Operation, outcome string, t told) (first bool, err error) {
	plain, err := json.Marshal(in.Report)
	if err != nil {
		return false, err
	}
	sealed, err := s.deps.Sealer.Seal(ctx, tx, app.Person, payloadPlace(in.ID), plain)
	if err != nil {
		return false, err
	}
	codes, err := json.Marshal(t)
	if err != nil {
		return false, err
	}
	if in.MadeAt.IsZero() {
		in.MadeAt = tx.Now
	}
	n, err := db.InsertOperation(ctx, tx, fielddb.InsertOperationParams{
		ID: in.ID, DeviceID: in.Device, AccountID: by.Account, ApplicationID: app.ID, PersonID: app.Person, Branch: in.Branch, Action: in.Action,
		Rev: in.Rev, Payload: sealed, Outcome: outcome, Told: codes, MadeAt: in.MadeAt, Now: tx.Now,
	})
	return n > 0, err
}

func setOutcome(ctx context.Context, tx *pg.Tx, operation uuid.UUID, outcome string, t told) error {
	codes, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return db.SetOutcome(ctx, tx, fielddb.SetOutcomeParams{ID: operation, Outcome: outcome, Told: codes, Now: tx.Now})
}

func (s *Service) note(ctx context.Context, tx *pg.Tx, action string, person uuid.UUID, in Operation, outcome string) error {
	return audit.Record(ctx, tx, audit.Entry{
		Action: action, Object: "field.operation", ObjectID: in.ID, Person: person,
		Detail: map[string]any{"application": in.Application.String(), "device": in.Device.String(), "action": in.Action, "outcome": outcome},
	})
}

func payloadPlace(operation uuid.UUID) encryption.Place {
	return encryption.Place{Table: "field.operation", Column: "payload", Row: operation}
}

// told is why a report was not done, as it is kept: codes, and nobody's words.
type told struct {
	Code   string         `json:"code,omitempty"`
	Fields []toldField    `json:"fields,omitempty"`
	Args   map[string]any `json:"args,omitempty"`
	Who    uuid.UUID      `json:"who,omitzero"`
	Action string         `json:"action,omitempty"`
	At     *time.Time     `json:"at,omitempty"`
}

type toldField struct {
	Path string         `json:"path"`
	Code string         `json:"code"`
	Args map[string]any `json:"args,omitempty"`
}

// moved are the refusals that say that the case is no longer as the officer saw it.
var moved = []error{
	workflow.ErrMeanwhile, workflow.ErrAction, workflow.ErrEnded, workflow.ErrNotYours, workflow.ErrUnclaimed, workflow.ErrTime,
}

func tellOf(why error) (status string, t told) {
	f := fault.Of(why)
	t.Code = f.Code
	for _, field := range f.Fields {
		t.Fields = append(t.Fields, toldField{Path: field.Path, Code: field.Code, Args: plainArgs(field.Args)})
	}
	if !slices.ContainsFunc(moved, func(m error) bool { return errors.Is(why, m) }) {
		t.Args = plainArgs(f.Args)
		return Refused, t
	}
	if who, ok := f.Args["who"].(string); ok {
		t.Who, _ = uuid.Parse(who) // "" is nobody of the staff
	}
	t.Action, _ = f.Args["action"].(string)
	if at, ok := f.Args["at"].(time.Time); ok {
		t.At = &at
	}
	return Conflict, t
}

// plainArgs are the arguments of a sentence that can be kept: codes and numbers.
func plainArgs(args map[string]any) map[string]any {
	out := maps.Clone(args)
	maps.DeleteFunc(out, func(_ string, v any) bool {
		switch v.(type) {
		case string, int, int64, float64, bool:
			return false
		}
		return true
	})
	return out
}

// fault is the refusal again, for the edge to say.
func (t told) fault(status string) *fault.Error {
	e := fault.Invalid(t.Code)
	if status == Conflict {
		e = fault.Conflict(t.Code)
	}
	e.Args = t.Args
	for _, f := range t.Fields {
		e.Fields = append(e.Fields, fault.Field{Path: f.Path, Code: f.Code, Args: f.Args})
	}
	return e
}
