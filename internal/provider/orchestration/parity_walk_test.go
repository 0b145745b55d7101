package orchestration_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workflow"
)

// walk plays one case twice: in memory and on the real engine.
type walk struct {
	t     *testing.T
	h     *orchestrationtest.House
	svc   *servicespec.Service
	sim   *servicespec.Simulation
	req   exchange.ServiceRequest
	staff []identity.Principal
	cal   calendar.Calendar
	dice  *rand.Rand
	paid  int64
	said  []string
}

// begin sends the answers in on a working day at 9 o'clock.
func begin(t *testing.T, h *orchestrationtest.House, p *servicespec.Pack, staff []identity.Principal, answers servicespec.Answers, seed uint64) *walk {
	t.Helper()
	w := &walk{t: t, h: h, staff: staff, dice: rand.New(rand.NewPCG(seed, 1))}
	var facts servicespec.Facts
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
		if w.svc, err = h.Catalog.Service(ctx, tx, p.Code, 0); err != nil {
			return err
		}
		facts, err = h.World.Facts(ctx, tx, w.svc, w.svc.AreasIn(answers, nil))
		facts.Currency, facts.Region = "CVE", "CV"
		return err
	})
	w.cal = *facts.Calendar
	now := w.now()
	day := civil.Of(now.In(w.cal.Zone)).AddDays(1)
	for !w.cal.IsWorking(day) {
		day = day.AddDays(1)
	}
	w.until(day.In(w.cal.Zone).Add(9 * time.Hour))
	facts.Today = day
	w.req = exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "W-" + id.Token(8), Service: p.Code, Version: w.svc.Pack().Version, Person: id.New(), Name: "Ana", Lang: p.Languages[0],
	}
	var err error
	if w.sim, err = w.svc.Simulate(answers, facts, "Ana"); err != nil {
		t.Fatal(err)
	}
	h.Send(w.req, answers)
	for _, r := range h.Responses() {
		if r.Kind == exchange.Refused {
			t.Fatalf("refused: %v", r.Fields)
		}
	}
	w.compare("submit")
	return w
}

func (w *walk) now() (now time.Time) {
	w.h.In(pg.System(), func(_ context.Context, tx *pg.Tx) error {
		now = tx.Now
		return nil
	})
	return now
}

// until lets time pass in the house, stopping at each timer.
func (w *walk) until(end time.Time) {
	w.t.Helper()
	for {
		var next *time.Time
		now := w.now()
		w.h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			return tx.QueryRow(ctx, `SELECT min(due_at) FROM platform.timer WHERE due_at > $1 AND due_at <= $2`, tx.Now, end).Scan(&next)
		})
		stop := end
		if next != nil {
			stop = *next
		}
		if by := stop.Sub(now); by > 0 {
			w.h.Travel(by)
		} else {
			w.h.Work()
		}
		if next == nil {
			return
		}
	}
}

// step does something at random to both.
func (w *walk) step() {
	w.t.Helper()
	w.sim.Now = w.now() // some milliseconds have gone by
	switch n := w.dice.IntN(10); {
	case n < 2:
		within := []string{"1 working day", "2 working days", "6 working days"}[w.dice.IntN(3)]
		if err := w.sim.Wait(within); err != nil {
			w.t.Fatal(err)
		}
		w.until(w.sim.Now)
		w.compare("wait " + within)
	case n < 4 && !w.sim.Paid && !w.sim.Ended && w.total() > 0:
		if err := w.sim.Pay(); err != nil {
			w.t.Fatalf("%v: %v", w.said, err)
		}
		w.paid = max(w.paid, w.total())
		w.pay()
		w.compare("pay")
	case n < 5 && len(w.sim.Asked) > 0:
		w.correct()
	case n < 6 && len(w.sim.Opinions()) > 0:
		w.advise()
	default:
		w.act()
	}
}

// opinions are those that were asked for, as the case in memory has them.
func (w *walk) opinions() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, o := range w.asked() {
		if out[o.Code] = o.Answer; o.Answer == "" {
			out[o.Code] = "asked"
		}
	}
	return out
}

func (w *walk) asked() (current []orchestration.Opinion) {
	w.t.Helper()
	w.h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		list, err := w.h.Applications.Opinions(ctx, tx, orchestration.Application{ID: w.req.ID, Person: w.req.Person})
		for _, o := range list {
			if o.Current() {
				current = append(current, o)
			}
		}
		return err
	})
	return current
}

// advise has an agency answer, whether it is waited for or not.
func (w *walk) advise() {
	w.t.Helper()
	list := w.asked()
	o := list[w.dice.IntN(len(list))]
	answer := servicespec.Opinions()[w.dice.IntN(3)]
	refused := w.sim.Say(map[string]string{o.Code: answer})
	w.h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return w.h.Applications.Hear(ctx, tx, exchange.ServiceResponse{RequestID: o.ID, Kind: exchange.Opinion, Outcome: answer})
	})
	w.h.Work()
	w.compare(fmt.Sprintf("%s says %s (%v)", o.Code, answer, refused))
}

func (w *walk) pay() {
	w.t.Helper()
	var demand uuid.UUID
	w.h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		charges, err := w.h.Applications.Charges(ctx, tx, orchestration.Application{ID: w.req.ID})
		for _, c := range charges {
			if c.Status == "open" {
				demand = c.Demand
			}
		}
		return err
	})
	if demand == uuid.Nil {
		w.t.Fatalf("%v: nothing is demanded", w.said)
	}
	w.h.Pay(demand)
}

// correct sends the same answers in again, or another number where a number was asked.
func (w *walk) correct() {
	w.t.Helper()
	sent := maps.Clone(w.sim.Answers())
	for _, code := range w.sim.Asked {
		if q := w.svc.Question(code); q.Kind == servicespec.KindNumber {
			sent[code] = int64(100 + w.dice.IntN(800))
		}
	}
	err := w.sim.Correct(sent)
	req := w.req
	req.Kind = exchange.Correct
	w.h.Send(req, sent)
	w.compare(fmt.Sprintf("correct (%v)", err))
}

// act takes an action that can be taken, or any, as one of the staff or as the person.
func (w *walk) act() {
	w.t.Helper()
	all, can := w.svc.Pack().Workflow.Actions, w.sim.Can()
	a := &all[w.dice.IntN(len(all))]
	if len(can) > 0 && w.dice.IntN(5) > 0 {
		a = w.svc.Action(can[w.dice.IntN(len(can))])
	}
	if a.By == servicespec.BySystem || a.By == servicespec.ByCitizen && a.Kind == "" {
		return
	}
	d := servicespec.Doing{Action: a.Code, Comment: "because", Reasons: a.Reasons, Findings: w.findings(a)}
	if w.dice.IntN(10) == 0 {
		d.Comment, d.Reasons = "", nil
	}
	if a.Has(servicespec.EffectCorrection) {
		for _, code := range w.svc.Questions() {
			if q := w.svc.Question(code); q.Kind == servicespec.KindNumber || q.Kind == servicespec.KindText {
				d.Items = append(d.Items, code)
			}
		}
	}
	before := w.h.Case(w.req.ID)
	var done bool
	var err error
	if a.By == servicespec.ByCitizen {
		req := w.req
		req.Kind, req.Note = a.Kind, d.Comment
		w.h.Send(req, servicespec.Answers{})
		done = w.h.Case(w.req.ID).Rev > before.Rev
	} else {
		by := w.taker(a)
		d.Person = by.Account.String()
		err = w.take(by, a, d)
		done = err == nil
	}
	refused := w.sim.Do(d)
	if done != (refused == nil) {
		w.t.Fatalf("%v, %s: done %v (%v), in memory: %v", w.said, a.Code, done, err, refused)
	}
	w.compare(a.Code)
}

func (w *walk) findings(a *servicespec.Action) servicespec.Answers {
	found := servicespec.Answers{}
	for _, q := range a.Questions {
		switch q.Kind {
		case servicespec.KindNumber:
			found[q.Code] = int64(w.dice.IntN(60))
		case servicespec.KindYesNo:
			found[q.Code] = w.dice.IntN(2) == 0
		case servicespec.KindText:
			found[q.Code] = "seen"
		case servicespec.KindChoice:
			found[q.Code] = q.Options[w.dice.IntN(len(q.Options))].Code
		}
	}
	return found
}

// taker is who takes an action: somebody, who is given the case.
func (w *walk) taker(a *servicespec.Action) identity.Principal {
	w.t.Helper()
	by := w.staff[w.dice.IntN(len(w.staff))]
	_, branch := w.svc.BranchOf(a.To)
	i := w.h.Case(w.req.ID)
	at, found := i.In(branch)
	if !found || at.Assignee == by.Account {
		return by
	}
	if at.Assignee != uuid.Nil {
		w.h.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
			i, err = w.h.Workflow.Release(ctx, tx, i.ID, branch, by, i.Rev)
			return err
		})
	}
	_ = w.h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := w.h.Workflow.Claim(ctx, tx, i.ID, branch, by, i.Rev)
		return err
	})
	return by
}

func (w *walk) take(by identity.Principal, a *servicespec.Action, d servicespec.Doing) error {
	w.t.Helper()
	i := w.h.Case(w.req.ID)
	in := orchestration.Act{
		Application: i.ID, Action: a.Code, By: by, Comment: d.Comment, Items: d.Items, Reasons: d.Reasons, Findings: workflow.Findings{Answers: d.Findings}, Rev: i.Rev,
	}
	for _, item := range a.Checklist {
		in.Checklist = append(in.Checklist, item.Code)
	}
	for _, doc := range a.Documents {
		if !doc.Optional {
			media := "application/pdf"
			if len(doc.Accept) > 0 && doc.Accept[0] == "image/*" {
				media = "image/png"
			}
			in.Findings.Files = map[string][]servicespec.File{doc.Code: {{ID: id.New(), Name: "f", MediaType: media, Size: 1}}}
		}
	}
	err := w.h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := w.h.Applications.Act(ctx, tx, in)
		return err
	})
	w.h.Work()
	return err
}

// claimed has somebody take a place of the case.
func (w *walk) claimed(branch string, by identity.Principal) identity.Principal {
	w.t.Helper()
	w.h.ClaimBranch(by, w.req.ID, branch)
	return by
}
