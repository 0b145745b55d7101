package orchestration_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workflow"
)

// room is a house where decisions wait for a minute, with a case that is ready to be approved.
type room struct {
	*orchestrationtest.House
	clerk, registrar, chief identity.Principal
	app                     uuid.UUID
}

func waiting(t *testing.T) *room {
	t.Helper()
	h := orchestrationtest.New(t)
	return ready(h, birthRequest())
}

// ready brings a request for a birth certificate to the approval.
func ready(h *orchestrationtest.House, req exchange.ServiceRequest) *room {
	h.T.Helper()
	r := received(h, req)
	r.try(r.clerk, "verify", "")
	if i := h.Case(r.app); i.Held() || i.State != "approval" {
		h.T.Fatalf("what only goes to a colleague waits: %s, %s", i.State, i.Kind)
	}
	h.Work()
	h.Responses()
	return r
}

// received sends and pays it.
func received(h *orchestrationtest.House, req exchange.ServiceRequest) *room {
	h.T.Helper()
	r := &room{House: h, app: req.ID}
	r.clerk, r.registrar = h.Staff("Clara Clerk", "registry-clerk", "dgrni", ""), h.Staff("Rui Registrar", "registrar", "dgrni", "")
	r.chief = h.Staff("Carla Chefe", "registrar", "dgrni", "")
	h.Undoable(60)
	h.Send(req, orchestrationtest.Birth())
	for _, a := range h.Responses() {
		if a.Demand != nil {
			h.Pay(a.Demand.ID)
		}
	}
	h.Responses()
	return r
}

// decide takes an action as the page does.
func (r *room) decide(by identity.Principal, action, comment string, items ...string) error {
	r.T.Helper()
	if r.Case(r.app).Assignee == uuid.Nil {
		r.Claim(by, r.app)
	}
	i := r.Case(r.app)
	return r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		in := orchestration.Act{Application: r.app, Action: action, By: by, Comment: comment, Items: items, Rev: i.Rev}
		svc, err := r.Catalog.Service(ctx, tx, i.Service, i.Version)
		if err != nil {
			return err
		}
		a := svc.Action(action)
		for _, item := range a.Checklist {
			in.Checklist = append(in.Checklist, item.Code)
		}
		in.Reasons = a.Reasons[:min(1, len(a.Reasons))]
		_, err = r.Applications.Decide(ctx, tx, in)
		return err
	})
}

func (r *room) try(by identity.Principal, action, comment string, items ...string) {
	r.T.Helper()
	if err := r.decide(by, action, comment, items...); err != nil {
		r.T.Fatal(err)
	}
}

func (r *room) undo(by identity.Principal) error {
	rev := r.Case(r.app).Rev
	return r.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := r.Applications.Undo(ctx, tx, r.app, by, rev)
		return err
	})
}

// causes are those of the history from the verification on.
func (r *room) causes() (list []string) {
	r.T.Helper()
	r.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		history, err := r.Workflow.History(ctx, tx, r.app)
		for _, h := range history {
			if h.From == "approval" {
				list = append(list, h.Cause)
			}
		}
		return err
	})
	return list
}

func (r *room) history(want ...string) {
	r.T.Helper()
	if diff := cmp.Diff(want, r.causes()); diff != "" {
		r.T.Errorf("history (-want +got):\n%s", diff)
	}
}

// TestDecisionWaits approves a case: for a minute nobody outside hears of it and nobody acts on the case, then it takes effect, once.
func TestDecisionWaits(t *testing.T) {
	t.Parallel()
	r := waiting(t)
	heard := len(r.Heard())
	r.try(r.registrar, "approve", "Tudo certo")
	rev := r.Case(r.app).Rev
	r.Work()
	if i := r.Case(r.app); !i.Held() || i.State != "approval" || i.Assignee != r.registrar.Account || i.HeldUntil == nil {
		t.Fatalf("the case is %+v", i)
	}
	if got := r.Responses(); len(got) > 0 || len(r.Heard()) != heard {
		t.Errorf("outside is heard: %v", kinds(got))
	}
	i := r.Case(r.app)
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"claim": func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.Workflow.Claim(ctx, tx, r.app, "", r.chief, i.Rev)
			return err
		},
		"release": func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.Workflow.Release(ctx, tx, r.app, "", r.registrar, i.Rev)
			return err
		},
		"take over": func(ctx context.Context, tx *pg.Tx) error {
			_, _, err := r.Workflow.TakeOver(ctx, tx, workflow.Handover{Instance: r.app, By: r.chief, Rev: i.Rev})
			return err
		},
		"decide again": func(ctx context.Context, tx *pg.Tx) error {
			_, err := r.Applications.Decide(ctx, tx, orchestration.Act{Application: r.app, Action: "approve", By: r.registrar, Rev: i.Rev})
			return err
		},
	} {
		if err := r.Try(r.chief.Actor(), act); !errors.Is(err, workflow.ErrHeld) {
			t.Errorf("%s: %v, want ErrHeld", what, err)
		}
	}
	r.In(r.registrar.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		c, err := r.Workflow.Choices(ctx, tx, r.app, r.registrar, nil)
		if !c.CanUndo || c.CanRelease || len(c.Actions) > 0 {
			t.Errorf("choices = %+v, want to undo alone", c)
		}
		counts, err2 := r.Workflow.Counts(ctx, tx, r.registrar, tx.Now)
		for _, n := range counts {
			if n.Mine+n.Team > 0 {
				t.Errorf("what is decided counts as work: %+v", n)
			}
		}
		return errors.Join(err, err2)
	})

	r.Travel(61 * time.Second)
	if i := r.Case(r.app); !i.Ended || i.Outcome != "approved" || i.HeldUntil != nil {
		t.Fatalf("the case is %+v", i)
	}
	if diff := cmp.Diff([]string{exchange.Certificate, exchange.Decided}, kinds(r.Responses())); diff != "" {
		t.Errorf("after a minute (-want +got):\n%s", diff)
	}
	r.history(workflow.CauseHeld, workflow.CauseStaff)
	r.In(r.registrar.Actor(), func(ctx context.Context, tx *pg.Tx) error { // a job may be done twice
		return tx.Enqueue(ctx, orchestration.CarryOutArgs{Application: r.app, Rev: rev})
	})
	r.Work()
	if got := r.Responses(); len(got) > 0 {
		t.Errorf("it took effect again: %v", kinds(got))
	}
	if err := r.undo(r.registrar); !errors.Is(err, workflow.ErrLate) {
		t.Errorf("undone too late: %v", err)
	}
}

// TestDecisionUndone takes an approval back, twice decided, by who decided and by a supervisor: nothing has left, and the case is as it was.
func TestDecisionUndone(t *testing.T) {
	t.Parallel()
	r := waiting(t)
	r.try(r.registrar, "approve", "")
	if err := r.undo(r.clerk); !errors.Is(err, workflow.ErrUndo) {
		t.Errorf("a colleague undoes it: %v", err)
	}
	if err := r.undo(r.registrar); err != nil {
		t.Fatal(err)
	}
	if i := r.Case(r.app); i.Held() || i.Kind != workflow.KindWork || i.State != "approval" || i.Assignee != r.registrar.Account {
		t.Fatalf("the case is %+v", i)
	}
	if err := r.undo(r.registrar); !errors.Is(err, workflow.ErrLate) {
		t.Errorf("undone twice: %v", err)
	}
	r.Travel(5 * time.Minute)
	r.try(r.registrar, "approve", "")
	if err := r.undo(r.chief); err != nil {
		t.Fatal(err)
	}
	r.Travel(5 * time.Minute)
	if got := r.Responses(); len(got) > 0 {
		t.Errorf("outside has heard: %v", kinds(got))
	}
	r.history(workflow.CauseHeld, workflow.CauseUndone, workflow.CauseHeld, workflow.CauseUndone)
	r.try(r.registrar, "approve", "")
	r.Travel(time.Hour)
	if i := r.Case(r.app); i.Outcome != "approved" {
		t.Errorf("the case is %+v", i)
	}
}

// TestCorrectionWaits asks for a correction, of which the citizen hears after a minute, with what is asked.
func TestCorrectionWaits(t *testing.T) {
	t.Parallel()
	r := received(orchestrationtest.New(t), birthRequest())
	if err := r.decide(r.clerk, "ask-correction", "O nome completo", "nothing"); !errors.Is(err, orchestration.ErrItems) {
		t.Errorf("of what was not asked: %v", err)
	}
	r.try(r.clerk, "ask-correction", "O nome completo", "mother_name")
	r.Work()
	if got := r.Responses(); len(got) > 0 {
		t.Fatalf("the citizen has heard: %v", kinds(got))
	}
	r.Travel(61 * time.Second)
	got := r.Responses()
	if len(got) != 1 || got[0].Kind != exchange.Correction || !slices.Equal(got[0].Items, []string{"mother_name"}) || got[0].Note != "O nome completo" {
		t.Errorf("responses = %+v", got)
	}
}

// TestDecisionOvertaken has the citizen withdraw while a decision waits: it never takes effect.
func TestDecisionOvertaken(t *testing.T) {
	t.Parallel()
	r := received(orchestrationtest.New(t), birthRequest())
	r.try(r.clerk, "ask-correction", "O nome completo", "mother_name")
	req := birthRequest()
	req.ID, req.Kind, req.Person = r.app, exchange.Withdraw, r.Case(r.app).Person
	r.Send(req, nil)
	r.Travel(5 * time.Minute)
	if i := r.Case(r.app); i.Held() || i.Outcome != "withdrawn" {
		t.Errorf("the case is %+v", i)
	}
	if got := kinds(r.Responses()); slices.Contains(got, exchange.Correction) {
		t.Errorf("the citizen was asked: %v", got)
	}
}

// TestDecisionLapses has the condition of an approval fail before it takes effect: the case comes back to who decided, and nothing has left.
func TestDecisionLapses(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	born := time.Date(1985, 3, 27, 0, 0, 0, 0, time.UTC)
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		pack := *library.Pack("birth-certificate")
		pack.Workflow.Actions = slices.Clone(pack.Workflow.Actions)
		n := slices.IndexFunc(pack.Workflow.Actions, func(a servicespec.Action) bool { return a.Code == "approve" })
		pack.Workflow.Actions[n].Guard = "days(birth_date, today) < " + strconv.Itoa(int(tx.Now.Sub(born).Hours()/24)+10)
		_, err := h.Catalog.Publish(ctx, tx, identity.Principal{}, pack)
		return err
	})
	req := birthRequest()
	req.ID, req.Version = id.New(), 2
	r := ready(h, req)
	r.Reachable(r.registrar)
	r.try(r.registrar, "approve", "Tudo certo")
	r.Travel(30 * day)
	same(t, "who decided", told(r.House, r.app, r.registrar), "lapsed")
	if i := r.Case(r.app); i.Held() || i.State != "approval" || i.Assignee != r.registrar.Account {
		t.Errorf("the case is %+v", i)
	}
	if slices.Contains(kinds(r.Responses()), exchange.Decided) {
		t.Error("the citizen was told of the decision")
	}
	if c := r.causes(); len(c) < 2 || c[0] != workflow.CauseHeld || c[1] != workflow.CauseLapsed {
		t.Errorf("history = %v", c)
	}
}
