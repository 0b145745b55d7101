package workflow_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/workflow"
)

// reasoned is the permit with reasons for which it is refused.
func reasoned(t *testing.T) *servicespec.Service {
	t.Helper()
	data, err := os.ReadFile("testdata/permit.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "name: {en: Refuse}, comment: required}", "name: {en: Refuse}, comment: required, reasons: [late, plan]}", 1)
	text = strings.Replace(text, "  actions:\n", "  reasons:\n    - {code: late, name: {en: Too late}}\n    - {code: plan, name: {en: Not to plan}}\n  actions:\n", 1)
	pack, problems := servicespec.Parse([]byte(text))
	if problems != nil {
		t.Fatal(problems)
	}
	svc, err := servicespec.Compile(pack)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

// TestStepFigures has two officers take steps of different length in two areas and looks who is told what of it: each supervisor what is of
// their agency and area, whoever supervises nothing nothing, and reading act by act adds up to the same.
func TestStepFigures(t *testing.T) {
	t.Parallel()
	b := setupFor(t, reasoned(t))
	quick, slow := officer(grant("clerk", "works", ""), grant("chief", "works", "")), officer(grant("clerk", "works", ""), grant("chief", "works", ""))
	whole, north := officer(grant("head", "works", "", workflow.Release)), officer(grant("head", "works", "X-N", workflow.Release))
	var from, until time.Time
	b.in(func(_ context.Context, tx *pg.Tx) error { from = tx.Now; return nil })
	refuse := func(by identity.Principal, instance uuid.UUID, reasons ...string) {
		t.Helper()
		if err := b.claim(by, instance, b.now(instance).Rev); err != nil {
			t.Fatal(err)
		}
		if err := b.try(func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.flow.Act(ctx, tx, workflow.Act{Instance: instance, Action: "refuse", By: by, Rev: b.now(instance).Rev, Comment: "No", Reasons: reasons})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 6 { // one is proposed each day, and refused by the other officer at once
		i := b.start([]string{"X-N", "X-S"}[n%2])
		proposer, refuser := quick, slow
		if n >= 4 {
			proposer, refuser = slow, quick
		}
		b.travel(24 * time.Hour)
		if err := b.do(proposer, i.ID, "propose", ""); err != nil {
			t.Fatal(err)
		}
		refuse(refuser, i.ID, [][]string{{"late"}, {"late", "plan"}, {"late"}}[n%3]...)
	}
	b.in(func(_ context.Context, tx *pg.Tx) error { until = tx.Now.Add(time.Second); return nil })

	read := func(by identity.Principal, f workflow.MoveFilter) (steps, officers []workflow.StepTime, reasons []workflow.ReasonCount, moves []workflow.Move) {
		t.Helper()
		f.From, f.Until = from, until
		b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
			if steps, err = b.flow.StepTimes(ctx, tx, by, f, false); err != nil {
				return err
			}
			if officers, err = b.flow.StepTimes(ctx, tx, by, f, true); err != nil {
				return err
			}
			if reasons, err = b.flow.Reasons(ctx, tx, by, f); err != nil {
				return err
			}
			for req := (page.Request{Size: 5}); ; {
				p, err := b.flow.Moves(ctx, tx, by, f, req)
				if err != nil {
					return err
				}
				moves = append(moves, p.Rows...)
				if req.After = p.Next; p.Next == "" {
					return nil
				}
			}
		})
		return steps, officers, reasons, moves
	}
	for name, by := range map[string]identity.Principal{"a clerk": quick, "another agency's": officer(grant("head", "parks", "", workflow.Release))} {
		if steps, officers, reasons, moves := read(by, workflow.MoveFilter{}); steps != nil || officers != nil || reasons != nil || moves != nil {
			t.Errorf("%s is told %v %v %v %v", name, steps, officers, reasons, moves)
		}
	}
	steps, officers, reasons, moves := read(whole, workflow.MoveFilter{})
	if len(steps) != 2 || steps[0].State != "check" || steps[0].Moves != 6 || steps[1].State != "sign" || steps[1].Moves != 6 {
		t.Errorf("steps = %+v", steps)
	}
	if len(officers) != 4 || officers[0].Moves+officers[1].Moves != 6 {
		t.Errorf("by officer: %+v", officers)
	}
	want := []workflow.ReasonCount{
		{Service: "permit", State: "sign", Action: "refuse", Reason: "late", Times: 6, Taken: 6},
		{Service: "permit", State: "sign", Action: "refuse", Reason: "plan", Times: 2, Taken: 6},
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if len(moves) != 12 {
		t.Fatalf("%d acts, want 12", len(moves))
	}
	for n := range moves[1:] {
		if moves[n].Working < moves[n+1].Working {
			t.Errorf("act %d took less than the next", n)
		}
	}
	for _, f := range []workflow.MoveFilter{{}, {State: "check"}, {Actor: slow.Account}, {Service: "permit", State: "sign", Actor: quick.Account}, {Service: "other"}} {
		steps, officers, reasons, moves := read(whole, f)
		if diff := cmp.Diff(workflow.TimesOf(moves, false), steps); diff != "" {
			t.Errorf("%+v: steps, act by act and from the database (-acts +database):\n%s", f, diff)
		}
		if diff := cmp.Diff(workflow.TimesOf(moves, true), officers); diff != "" {
			t.Errorf("%+v: officers, act by act and from the database (-acts +database):\n%s", f, diff)
		}
		if diff := cmp.Diff(workflow.ReasonsOf(moves), reasons); diff != "" {
			t.Errorf("%+v: reasons, act by act and from the database (-acts +database):\n%s", f, diff)
		}
	}
	if steps, _, reasons, moves := read(north, workflow.MoveFilter{}); len(moves) != 6 || steps[0].Moves != 3 || reasons[0].Taken != 3 {
		t.Errorf("the north: %+v, %+v, %d acts", steps, reasons, len(moves))
	}
	if _, _, _, moves := read(whole, workflow.MoveFilter{Action: "refuse", Reason: "plan"}); len(moves) != 2 {
		t.Errorf("%d acts with a reason, want 2", len(moves))
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.flow.Moves(ctx, tx, whole, workflow.MoveFilter{From: from, Until: until}, page.Request{After: page.Encode("x", "y", "z")})
		wants(t, "a cursor of nowhere", err, page.ErrCursor)
		return nil
	})
}
