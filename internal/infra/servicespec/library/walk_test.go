package library_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

// walks is how many random walks each service takes.
const walks = 1000

// TestWalks lets random things happen to cases of every service and looks at what must hold whatever happens.
func TestWalks(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		t.Run(p.Code, func(t *testing.T) {
			t.Parallel()
			svc, err := servicespec.Compile(p)
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(walks) {
				wander(t, svc, begun(t, svc, int(seed)), seed)
			}
		})
	}
}

// begun is a case of a service as one of its scenarios begins it; without any that sends the form, one of an empty form.
func begun(t *testing.T, svc *servicespec.Service, n int) *servicespec.Simulation {
	t.Helper()
	list := svc.Pack().Scenarios
	for i := range list {
		if m, err := svc.BeginScenario(&list[(n+i)%len(list)]); err == nil {
			return m
		}
	}
	m, err := svc.Simulate(servicespec.Answers{}, servicespec.Facts{Today: civil.Date{Year: 2026, Month: 11, Day: 23}, Currency: "CVE"}, "Ana")
	if err != nil {
		t.Fatalf("no scenario sends the form: %v", err)
	}
	return m
}

func wander(t *testing.T, svc *servicespec.Service, m *servicespec.Simulation, seed uint64) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 3))
	var said []string
	for range 20 {
		before := *m
		what, err := something(svc, m, dice)
		said = append(said, what)
		var refused *servicespec.Refusal
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("%v: %v", said, err)
		}
		hold(t, svc, &before, m, err, said)
	}
}

// something happens: time passes, somebody pays, somebody does something that can be done, or something that cannot.
func something(svc *servicespec.Service, m *servicespec.Simulation, dice *rand.Rand) (string, error) {
	all, can := svc.Pack().Workflow.Actions, m.Can()
	a := all[dice.IntN(len(all))].Code
	switch n := dice.IntN(10); {
	case n < 2:
		return "wait", m.Wait("2 working days")
	case n < 4:
		return "pay", m.Pay()
	case n < 5:
		return "opinions", m.Say(opinions(m, dice))
	case n < 8 && len(can) > 0:
		a = can[dice.IntN(len(can))]
	}
	d := servicespec.Doing{Action: a, Comment: "because", Reasons: svc.Action(a).Reasons, Person: []string{"a", "b", "c"}[dice.IntN(3)]}
	if dice.IntN(8) == 0 {
		d.Role = "intruder"
	}
	d.Items, d.Findings = svc.Questions(), findings(svc.Action(a), dice)
	if d.Role == "intruder" && svc.Action(a).By == servicespec.ByStaff {
		if err := m.Do(d); err == nil {
			return a, errors.New("somebody acted in a role that is not theirs")
		}
		return a + " by an intruder", nil
	}
	return a, m.Do(d)
}

// opinions are what other agencies answer to some of what they are asked; sometimes one answers that nobody asks.
func opinions(m *servicespec.Simulation, dice *rand.Rand) map[string]string {
	said, all := map[string]string{}, servicespec.Opinions()
	for code := range m.Opinions() {
		said[code] = all[dice.IntN(len(all))]
	}
	if len(said) == 0 && dice.IntN(4) == 0 {
		said["nobody"] = all[0]
	}
	return said
}

// findings answers the questions of an action at random.
func findings(a *servicespec.Action, dice *rand.Rand) servicespec.Answers {
	found := servicespec.Answers{}
	for _, q := range a.Questions {
		switch q.Kind {
		case servicespec.KindNumber, servicespec.KindMoney:
			found[q.Code] = int64(dice.IntN(100))
		case servicespec.KindYesNo:
			found[q.Code] = dice.IntN(2) == 0
		case servicespec.KindText:
			found[q.Code] = "seen"
		case servicespec.KindDate:
			found[q.Code] = "2026-11-20"
		case servicespec.KindChoice:
			if len(q.Options) > 0 {
				found[q.Code] = q.Options[dice.IntN(len(q.Options))].Code
			}
		}
	}
	return found
}

// hold checks what must hold after everything that happens: the case is in one state of its own, each of its branches in one of the branch's,
// a case that is over has one outcome and stays over unless it is taken up again, time and the promise do not run back, what was refused
// changed nothing, a parallel state whose branches are joined is left, and an opinion is waited for only where the case still can use it:
// none once the case is over, all of those that a state asks for while the case is in it, and none is heard that was not asked for.
func hold(t *testing.T, svc *servicespec.Service, before, m *servicespec.Simulation, err error, said []string) {
	t.Helper()
	st := svc.StateOf(m.State)
	switch parent, _ := svc.BranchOf(m.State); {
	case st == nil || parent != "":
		t.Fatalf("%v: the case is in %q", said, m.State)
	case m.Ended != (st.Kind == servicespec.StateEnd) || m.Outcome != st.Outcome:
		t.Fatalf("%v: in %s, ended %v with %q", said, m.State, m.Ended, m.Outcome)
	case m.Now.Before(before.Now) || m.Due.Before(before.Due):
		t.Fatalf("%v: time runs back: now %v, due %v", said, m.Now, m.Due)
	case err != nil && (m.State != before.State || m.Outcome != before.Outcome):
		t.Fatalf("%v: refused (%v), and moved all the same", said, err)
	case len(m.Branches) > 0 && st.Kind != servicespec.StateParallel:
		t.Fatalf("%v: branches outside a parallel state: %v", said, m.Branches)
	case before.Ended && !m.Ended && !slices.ContainsFunc(svc.ActionsFrom(before.State), func(a servicespec.Action) bool { return a.Within != "" }):
		t.Fatalf("%v: a case that was over goes on", said)
	}
	done := 0
	for branch, at := range m.Branches {
		if parent, of := svc.BranchOf(at); parent != m.State || of != branch {
			t.Fatalf("%v: branch %s is in %s", said, branch, at)
		}
		if svc.StateOf(at).Kind == servicespec.StateDone {
			done++
		}
	}
	if st.Kind == servicespec.StateParallel && st.Joined(done, len(m.Branches)) && err == nil {
		t.Fatalf("%v: %d of %d branches are done and the case stands still", said, done, len(m.Branches))
	}
	waits(t, svc, m, said)
}

// waits checks the opinions that are waited for.
func waits(t *testing.T, svc *servicespec.Service, m *servicespec.Simulation, said []string) {
	t.Helper()
	where := append([]string{m.State}, slices.Collect(maps.Values(m.Branches))...)
	asked := m.Opinions()
	for code, is := range asked {
		st := slices.IndexFunc(where, func(at string) bool { return svc.StateOf(at).Asks(code) })
		kept := slices.ContainsFunc(where, func(at string) bool { return svc.StateOf(at).Kind == servicespec.StateCitizen })
		if is == "asked" && (m.Ended || st < 0 && !kept) {
			t.Fatalf("%v: in %v the opinion %s is still waited for", said, where, code)
		}
	}
	for _, at := range where {
		for _, o := range svc.StateOf(at).Opinions {
			if o.When == "" && asked[o.Code] == "" {
				t.Fatalf("%v: in %s nobody was asked for %s", said, at, o.Code)
			}
		}
	}
}
