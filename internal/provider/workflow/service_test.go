package workflow_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// TestOneDecision has two officers take and decide one case at the same moment.
func TestOneDecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.start("X-N")
	officers := []identity.Principal{officer(grant("clerk", "works", "")), officer(grant("clerk", "works", ""))}
	errs := make([]error, len(officers))
	var together sync.WaitGroup
	for n, by := range officers {
		together.Go(func() {
			if errs[n] = b.claim(by, i.ID, i.Rev); errs[n] == nil {
				errs[n] = b.act(by, i.ID, "propose", i.Rev+1, "")
			}
		})
	}
	together.Wait()
	won, lost := 0, 1
	if errs[0] != nil {
		won, lost = 1, 0
	}
	if errs[won] != nil {
		t.Fatalf("nobody decided: %v, %v", errs[0], errs[1])
	}
	wants(t, "the other", errs[lost], workflow.ErrMeanwhile)
	if who := fault.Of(errs[lost]).Args["who"]; who != officers[won].Account.String() {
		t.Errorf("the other is told of %v, want %s", who, officers[won].Account)
	}
	if after := b.now(i.ID); after.State != "sign" || after.Rev != 3 {
		t.Errorf("case = %+v, want in sign after one claim and one move", after)
	}
}

// TestOneClick presses a button twice at the same moment.
func TestOneClick(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.start("X-N")
	by := officer(grant("clerk", "works", ""))
	if err := b.claim(by, i.ID, i.Rev); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 8)
	var together sync.WaitGroup
	for n := range errs {
		together.Go(func() { errs[n] = b.act(by, i.ID, "again", i.Rev+1, "") })
	}
	together.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, workflow.ErrMeanwhile) {
			t.Errorf("%v, want ErrMeanwhile", err)
		}
	}
	if done != 1 {
		t.Errorf("%d presses acted, want 1", done)
	}
}

func TestWhoMayAct(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.start("X-N")
	past := time.Now().Add(-time.Hour)
	expired := grant("clerk", "works", "")
	expired.Until = &past
	for name, g := range map[string]identity.Grant{
		"another agency": grant("clerk", "parks", ""),
		"another role":   grant("chief", "works", ""),
		"another area":   grant("clerk", "works", "X-S"),
		"expired":        expired,
	} {
		by := officer(g)
		wants(t, name+" claims", b.claim(by, i.ID, i.Rev), workflow.ErrRole)
		wants(t, name+" acts", b.act(by, i.ID, "again", i.Rev, ""), workflow.ErrRole)
	}
	for name, g := range map[string]identity.Grant{
		"the area itself": grant("clerk", "works", "X-N"), "the area above": grant("clerk", "works", "X"), "the whole state": grant("clerk", "", ""),
	} {
		if err := b.do(officer(g), b.start("X-N").ID, "again", ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	own := officer(grant("clerk", "works", ""))
	own.Account = i.Person
	wants(t, "the applicant claims", b.claim(own, i.ID, i.Rev), workflow.ErrOwn)
	by := officer(grant("clerk", "works", ""))
	wants(t, "acting on a case not taken", b.act(by, i.ID, "again", i.Rev, ""), workflow.ErrUnclaimed)
	wants(t, "an action of another state", b.act(by, i.ID, "grant", i.Rev, ""), workflow.ErrAction)
	wants(t, "an action of the citizen", b.act(by, i.ID, "leave", i.Rev, ""), workflow.ErrAction)
	wants(t, "an unknown action", b.act(by, i.ID, "fly", i.Rev, ""), workflow.ErrAction)
}

func TestSeparationOfDuties(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.start("X-N")
	both := officer(grant("clerk", "works", ""), grant("chief", "works", ""))
	other := officer(grant("chief", "works", ""))
	if err := b.do(both, i.ID, "propose", ""); err != nil {
		t.Fatal(err)
	}
	wants(t, "who proposed grants", b.do(both, i.ID, "grant", ""), workflow.ErrSeparation)
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		actions, err := b.flow.Allowed(ctx, tx, i.ID, both)
		if err != nil {
			return err
		}
		for _, a := range actions {
			if a.Code == "grant" {
				t.Error("grant is offered to who proposed")
			}
		}
		if len(actions) != 2 {
			t.Errorf("%d actions offered, want refuse and return", len(actions))
		}
		_, err = b.flow.Release(ctx, tx, i.ID, "", both, b.now(i.ID).Rev)
		return err
	})
	if err := b.do(other, i.ID, "grant", ""); err != nil {
		t.Errorf("another grants: %v", err)
	}
	end := b.now(i.ID)
	if !end.Ended || end.Outcome != "approved" {
		t.Errorf("case = %+v, want approved", end)
	}
	wants(t, "acting after the end", b.act(other, i.ID, "refuse", end.Rev, "no"), workflow.ErrEnded)
	wants(t, "claiming after the end", b.claim(other, i.ID, end.Rev), workflow.ErrEnded)
}

func TestWhatAnActionAsks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	by := officer(grant("clerk", "works", ""), grant("chief", "works", ""), grant("inspector", "works", ""))
	i := b.start("X-N")
	if err := b.claim(by, i.ID, 1); err != nil {
		t.Fatal(err)
	}
	err := b.try(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: i.ID, Action: "propose", By: by, Rev: 2, Checklist: []string{"plan"}})
		return err
	})
	wants(t, "half a checklist", err, workflow.ErrChecklist)
	if f := fault.Of(err).Fields; len(f) != 1 || f[0].Path != "checklist.fee" {
		t.Errorf("fields = %+v, want the missing point", f)
	}
	b.seen.answers = servicespec.Answers{"area": int64(101)}
	wants(t, "against the guard", b.act(by, i.ID, "propose", 2, ""), workflow.ErrGuard)
	b.seen.answers = servicespec.Answers{}
	wants(t, "a guard that is undecided", b.act(by, i.ID, "propose", 2, ""), workflow.ErrGuard)
	if err := b.act(by, i.ID, "send-visit", 2, ""); err != nil {
		t.Fatal(err)
	}
	wants(t, "no reason given", b.do(by, i.ID, "report", "  "), workflow.ErrComment)
	if err := b.do(by, i.ID, "report", "As built"); err != nil {
		t.Fatal(err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		history, err := b.flow.History(ctx, tx, i.ID)
		if err != nil {
			return err
		}
		last := history[len(history)-1]
		if len(history) != 3 || last.Comment != "As built" || last.Actor != by.Account || last.Role != "inspector" || last.From != "visit" {
			t.Errorf("history = %+v", history)
		}
		var clear int
		err = tx.QueryRow(ctx, `SELECT count(*) FROM workflow.transition WHERE position('As built'::bytea IN comment) > 0`).Scan(&clear)
		if clear > 0 {
			t.Error("the comment stands in the clear")
		}
		return err
	})
}

func TestClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.start("X-N")
	first, second := officer(grant("clerk", "works", "")), officer(grant("clerk", "works", ""))
	chief := officer(grant("chief", "works", "", workflow.Release))
	if err := b.claim(first, i.ID, 1); err != nil {
		t.Fatal(err)
	}
	if err := b.claim(first, i.ID, 2); err != nil || b.now(i.ID).Rev != 2 {
		t.Errorf("taking one's own again: %v, rev %d", err, b.now(i.ID).Rev)
	}
	wants(t, "taking what a colleague has", b.claim(second, i.ID, 2), workflow.ErrNotYours)
	wants(t, "acting on what a colleague has", b.act(second, i.ID, "again", 2, ""), workflow.ErrNotYours)
	release := func(by identity.Principal, rev int64) error {
		return b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Release(ctx, tx, i.ID, "", by, rev)
			return err
		})
	}
	wants(t, "putting back what a colleague has", release(second, 2), workflow.ErrRelease)
	if err := release(chief, 2); err != nil {
		t.Errorf("the supervisor puts back: %v", err)
	}
	wants(t, "acting on what was put back", b.act(first, i.ID, "again", 2, ""), workflow.ErrMeanwhile)
	if err := b.claim(second, i.ID, 3); err != nil {
		t.Fatal(err)
	}
	if err := release(second, 4); err != nil {
		t.Errorf("putting back one's own: %v", err)
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	b := setup(t)
	by := officer(grant("clerk", "works", ""))
	signal := func(id uuid.UUID, event string) (moved bool) {
		b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
			_, moved, err = b.flow.Signal(ctx, tx, id, event, nil)
			return err
		})
		return moved
	}
	i := b.start("X-N")
	if signal(i.ID, workflow.SignalPaid) || signal(i.ID, workflow.SignalCorrected) {
		t.Error("a signal nobody waits for moved the case")
	}
	if err := b.do(by, i.ID, "ask", ""); err != nil {
		t.Fatal(err)
	}
	if asked := b.now(i.ID); asked.PausedAt == nil || asked.Assignee != uuid.Nil {
		t.Errorf("case = %+v, want standing clock and nobody's", asked)
	}
	if !signal(i.ID, workflow.SignalCorrected) || b.now(i.ID).State != "check" {
		t.Error("the answer did not bring the case back")
	}
	if !signal(i.ID, workflow.SignalWithdrawn) || b.now(i.ID).Outcome != "withdrawn" {
		t.Error("the citizen could not leave")
	}
	if signal(i.ID, workflow.SignalWithdrawn) {
		t.Error("the citizen left twice")
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	by := officer(grant("clerk", "works", ""))
	late, silent, prompt := b.start("X-N"), b.start("X-N"), b.start("X-N")
	for _, i := range []workflow.Instance{silent, prompt} {
		if err := b.do(by, i.ID, "ask", ""); err != nil {
			t.Fatal(err)
		}
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		_, _, err := b.flow.Signal(ctx, tx, prompt.ID, workflow.SignalWithdrawn, nil)
		return err
	})
	b.travel(60 * 24 * time.Hour)
	b.travel(24 * time.Hour)
	if len(b.seen.overdue) != 1 || b.seen.overdue[0].ID != late.ID {
		t.Errorf("overdue: %+v, want the late one once", b.seen.overdue)
	}
	if len(b.seen.moved) != 2 {
		t.Fatalf("timers moved %d cases, want the two that wait for an answer", len(b.seen.moved))
	}
	if m := b.seen.moved[0]; m.Action.Code != "silence" || m.Cause != workflow.CauseSignal || !m.Instance.Ended {
		t.Errorf("moved = %+v", m)
	}
	var left int
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM platform.timer`).Scan(&left)
	})
	if left != 0 {
		t.Errorf("%d timers are left", left)
	}
}

// TestRandomWork lets random officers do random things to a case on the real database.
func TestRandomWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	svc := permit(t)
	officers := []identity.Principal{
		officer(grant("clerk", "works", "")), officer(grant("clerk", "works", "X-N"), grant("inspector", "works", "")),
		officer(grant("chief", "works", "", workflow.Release)), officer(grant("clerk", "parks", "")),
	}
	for seed := range uint64(12) {
		dice := rand.New(rand.NewPCG(seed, 7))
		i := b.start("X-N")
		for range 25 {
			before := b.now(i.ID)
			by := officers[dice.IntN(len(officers))]
			var err error
			switch dice.IntN(6) {
			case 0, 1:
				err = b.claim(by, i.ID, before.Rev)
			case 2:
				_, _, err = signal(b, i.ID, []string{"paid", "corrected", "timer"}[dice.IntN(3)])
			case 3:
				if err := b.db.AdvanceClock(t.Context(), b.tenant, time.Duration(1+dice.IntN(300))*time.Minute); err != nil {
					t.Fatal(err)
				}
			default:
				err = b.act(by, i.ID, svc.Pack().Workflow.Actions[dice.IntN(11)].Code, before.Rev, "because")
			}
			after := b.now(i.ID)
			switch {
			case err != nil && after.Rev != before.Rev:
				t.Fatalf("seed %d: a refused act changed the case: %v", seed, err)
			case after.Rev > before.Rev+1:
				t.Fatalf("seed %d: rev went from %d to %d", seed, before.Rev, after.Rev)
			case before.Ended && after.Rev != before.Rev:
				t.Fatalf("seed %d: an ended case moved", seed)
			}
		}
		checkHistory(t, b, i.ID, officers)
	}
	pgtest.Work(t, b.db, b.jobs)
}

func signal(b *bundle, instance uuid.UUID, event string) (m workflow.Moved, moved bool, err error) {
	err = b.try(func(ctx context.Context, tx *pg.Tx) (err error) {
		m, moved, err = b.flow.Signal(ctx, tx, instance, event, nil)
		return err
	})
	return m, moved, err
}

// checkHistory compares history with the case: it is a chain, its dwell adds up, nothing is allowed after the end.
func checkHistory(t *testing.T, b *bundle, instance uuid.UUID, officers []identity.Principal) {
	t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		i, err := b.flow.Instance(ctx, tx, instance)
		if err != nil {
			return err
		}
		history, err := b.flow.History(ctx, tx, instance)
		if err != nil {
			return err
		}
		var sum time.Duration
		for n, tr := range history {
			sum += tr.Dwell.Calendar
			if n > 0 && (tr.From != history[n-1].To || tr.Rev <= history[n-1].Rev) {
				t.Errorf("history is no chain: %+v after %+v", tr, history[n-1])
			}
		}
		last := history[len(history)-1]
		if lasted := i.EnteredAt.Sub(i.StartedAt); last.To != i.State || lasted-sum > time.Duration(len(history))*time.Second || sum > lasted {
			t.Errorf("the states lasted %s, the case %s; last %s, now %s", sum, lasted, last.To, i.State)
		}
		for _, by := range officers {
			actions, err := b.flow.Allowed(ctx, tx, instance, by)
			if err != nil {
				return err
			}
			if len(actions) > 0 && (i.Ended || i.Assignee != by.Account) {
				t.Errorf("%d actions are allowed on a case that is over or another's", len(actions))
			}
		}
		return nil
	})
}
