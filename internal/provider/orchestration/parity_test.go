package orchestration_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/agency"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workflow"
)

// walks is how many random walks a test takes; DIGIT_WALKS asks for more.
func walks(t *testing.T, usual int) int {
	if n, err := strconv.Atoi(os.Getenv("DIGIT_WALKS")); err == nil {
		return n
	}
	if testing.Short() {
		return 1
	}
	return usual
}

// works is a service that uses everything cases can do.
func works(t testing.TB) *servicespec.Pack {
	t.Helper()
	data, err := os.ReadFile("testdata/works.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, problems := servicespec.Parse(data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// offer publishes a service in the house.
func offer(h *orchestrationtest.House, p *servicespec.Pack) {
	h.T.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := h.Agency.Put(ctx, tx, identity.Principal{}, agency.Agency{Code: p.Agency, Name: i18n.Text{"en": p.Agency}}); err != nil {
			return err
		}
		if _, err := h.Catalog.Publish(ctx, tx, identity.Principal{}, *p); err != nil {
			return err
		}
		return h.Exchange.PutRoute(ctx, tx, exchange.Route{Service: p.Code, Agency: p.Agency, Endpoint: exchange.Local})
	})
}

// crew are members of staff who have all roles of a service.
func crew(h *orchestrationtest.House, p *servicespec.Pack, n int) (staff []identity.Principal) {
	h.T.Helper()
	roles := map[string]bool{}
	p.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) {
		roles[st.Role] = true
		for _, e := range st.Escalate {
			roles[e.Role] = true
		}
	})
	for _, a := range p.Workflow.Actions {
		roles[a.Role] = true
	}
	delete(roles, "")
	for i := range n {
		by := h.Staff(fmt.Sprintf("Officer %d", i), "officer", p.Agency, "")
		grant := by.Grants[0]
		grant.Permissions = append(grant.Permissions, workflow.Release)
		by.Grants = nil
		for _, role := range slices.Sorted(maps.Keys(roles)) {
			grant.Role = role
			by.Grants = append(by.Grants, grant)
		}
		staff = append(staff, by)
	}
	return staff
}

// compare says where the case in memory and the real one differ.
func (w *walk) compare(what string) {
	w.t.Helper()
	w.said = append(w.said, what)
	i := w.h.Case(w.req.ID)
	branches := map[string]string{}
	if i.Kind == workflow.KindParallel {
		for _, b := range i.Branches {
			branches[b.Code] = b.State
		}
	}
	open, cancelled := int64(0), false
	w.h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		charges, err := w.h.Applications.Charges(ctx, tx, orchestration.Application{ID: w.req.ID})
		for _, c := range charges {
			if c.Status == "open" {
				open += c.Minor
			}
			cancelled = cancelled || c.Status == "cancelled"
		}
		return err
	})
	due := max(0, w.total()-w.paid)
	if opinions := w.opinions(); !maps.Equal(opinions, w.sim.Opinions()) {
		w.t.Fatalf("%v: the opinions are %v, in memory %v", w.said, opinions, w.sim.Opinions())
	}
	switch {
	case i.State != w.sim.State || i.Outcome != w.sim.Outcome || i.Ended != w.sim.Ended:
		w.t.Fatalf("%v: the case is in %s (%s), in memory in %s (%s)", w.said, i.State, i.Outcome, w.sim.State, w.sim.Outcome)
	case !maps.Equal(branches, w.sim.Branches):
		w.t.Fatalf("%v: the branches are %v, in memory %v", w.said, branches, w.sim.Branches)
	case (i.TotalDueAt == nil) != w.sim.Due.IsZero():
		w.t.Fatalf("%v: promised %v, in memory %v", w.said, i.TotalDueAt, w.sim.Due)
	case i.TotalDueAt != nil && w.cal.Between(*i.TotalDueAt, w.sim.Due).Abs() > 5*time.Minute:
		w.t.Fatalf("%v: promised %v, in memory %v", w.said, i.TotalDueAt, w.sim.Due)
	case (i.PausedAt != nil) != (w.sim.Paused && !w.sim.Ended):
		w.t.Fatalf("%v: paused %v, in memory %v", w.said, i.PausedAt, w.sim.Paused)
	case !i.Ended && open != due:
		w.t.Fatalf("%v: %d is to be paid, in memory %d", w.said, open, due)
	}
}

func (w *walk) total() (sum int64) {
	for _, l := range w.sim.Fees {
		sum += l.Minor
	}
	return sum
}

// invariants of every case, whatever was done to it: its history is one chain for itself and one for each stay in a branch, revisions and
// moments only grow, it ended as often as it was decided, and only people with the role acted.
func (w *walk) invariants() {
	w.t.Helper()
	w.h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		history, err := w.h.Workflow.History(ctx, tx, w.req.ID)
		if err != nil {
			return err
		}
		at, ends, rev, when := map[string]string{}, 0, int64(0), time.Time{}
		for _, tr := range history {
			if tr.Rev <= rev || tr.At.Before(when) {
				w.t.Errorf("%v: %+v does not follow", w.said, tr)
			}
			rev, when = tr.Rev, tr.At
			if was, known := at[tr.Branch]; known && was != tr.From {
				w.t.Errorf("%v: %s moves from %s, and was in %s", w.said, tr.Action, tr.From, was)
			}
			if tr.Branch == "" && tr.From != tr.To || tr.Cause == workflow.CauseStart {
				at = map[string]string{}
			}
			at[tr.Branch] = tr.To
			if tr.Kind == workflow.KindEnd && tr.From != tr.To {
				ends++
			}
			if tr.Cause == workflow.CauseStaff && (tr.Actor == uuid.Nil || tr.Role == "") {
				w.t.Errorf("%v: nobody acted: %+v", w.said, tr)
			}
		}
		decisions, err := w.h.Applications.Decisions(ctx, tx, orchestration.Application{ID: w.req.ID, Person: w.req.Person})
		if len(decisions) != ends {
			w.t.Errorf("%v: %d decisions, and it ended %d times", w.said, len(decisions), ends)
		}
		return err
	})
}

// TestParity plays random walks on the simulation in which services are tried and on the real engine: they must come out the same.
func TestParity(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	staff := crew(h, p, 3)
	for seed := range uint64(walks(t, 12)) {
		w := begin(t, h, p, staff, servicespec.Answers{"area": int64(100 + 70*(seed%10)), "tall": seed%2 == 0}, seed)
		for range 22 {
			w.step()
		}
		w.invariants()
	}
}

// TestParityOfLibrary does the same with the services that come with the product, with the answers of their scenarios.
func TestParityOfLibrary(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		t.Run(p.Code, func(t *testing.T) {
			t.Parallel()
			h := orchestrationtest.New(t)
			if err := h.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
				_, err := h.Catalog.Service(ctx, tx, p.Code, 0)
				return err
			}); err != nil {
				offer(h, p)
			}
			staff := crew(h, p, 3)
			for seed := range uint64(walks(t, 2)) {
				w := begin(t, h, p, staff, sample(t, h, p), seed)
				for range 14 {
					w.step()
				}
				w.invariants()
			}
		})
	}
}

// sample are answers with which a service can be applied for in the house, those of a scenario, whose world is laid over the house's: days to
// come are as far away as they were on the day of the scenario, and a week more, since cases begin on a working day.
func sample(t *testing.T, h *orchestrationtest.House, p *servicespec.Pack) servicespec.Answers {
	t.Helper()
	if p.Code == "birth-certificate" {
		return orchestrationtest.Birth()
	}
	svc, err := servicespec.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	var travelled time.Duration
	for i := range p.Scenarios {
		sc := &p.Scenarios[i]
		told, err := sc.Facts(p)
		if err != nil || len(sc.Lookups) > 0 {
			continue
		}
		taken, err := svc.ScenarioAnswers(sc)
		if err != nil {
			continue
		}
		h.World.Overlay = func(f *servicespec.Facts) {
			f.Area = told.Area
			if told.Code != nil {
				f.Code = told.Code
			}
		}
		if by := told.Today.In(time.UTC).Sub(clock.Now()); by > 0 && by > travelled {
			h.Travel(by - travelled)
			travelled = by
		}
		var facts servicespec.Facts
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			for _, code := range svc.AreasIn(taken, nil) {
				if _, err := h.Refdata.Boundary(ctx, tx, code); err == nil {
					continue
				}
				if err := h.Refdata.PutBoundaries(ctx, tx, []refdata.Boundary{{Code: code, Parent: "CV", Level: "freguesia", Name: i18n.Text{"pt": code}}}); err != nil {
					return err
				}
			}
			facts, err = h.World.Facts(ctx, tx, svc, nil)
			facts.Today, facts.Currency, facts.Region = civil.Of(tx.Now), "CVE", "CV"
			return err
		})
		for code, v := range taken {
			text, _ := v.(string)
			if day, err := civil.Parse(text); err == nil && told.Today.Before(day) && told.Today.Before(facts.Today) {
				taken[code] = day.AddDays(facts.Today.Sub(told.Today) + 7).String()
			}
		}
		clean := svc.Clean(taken, facts)
		if wrong := svc.Validate(clean, facts); len(wrong) > 0 || len(svc.Shown(clean)) > 0 || len(svc.Wanted(clean, facts)) > 0 {
			t.Logf("%s: %v, %d credentials, %d lookups", sc.Name, wrong, len(svc.Shown(clean)), len(svc.Wanted(clean, facts)))
			continue
		}
		return clean
	}
	t.Fatal("no scenario of it can be played in this house")
	return nil
}

// TestSecondOfficer has two officers act in two branches of one case at one moment, and two in the same one.
func TestSecondOfficer(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	staff := crew(h, p, 3)
	w := begin(t, h, p, staff, servicespec.Answers{"area": int64(100), "tall": false}, 1)
	w.pay()
	if err := w.take(w.claimed("", staff[0]), w.svc.Action("propose"), servicespec.Doing{}); err != nil {
		t.Fatal(err)
	}
	w.claimed("fire", staff[0])
	w.claimed("water", staff[1])
	rev := h.Case(w.req.ID).Rev
	act := func(by identity.Principal, action string) error {
		return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Applications.Act(ctx, tx, orchestration.Act{Application: w.req.ID, Action: action, By: by, Rev: rev})
			return err
		})
	}
	errs := make(chan error, 3)
	go func() { errs <- act(staff[0], "fire-object") }()
	go func() { errs <- act(staff[0], "fire-object") }()
	go func() { errs <- act(staff[1], "water-yes") }()
	var refused []error
	for range 3 {
		if err := <-errs; err != nil {
			refused = append(refused, err)
		}
	}
	if len(refused) != 1 || !errors.Is(refused[0], workflow.ErrMeanwhile) && !errors.Is(refused[0], workflow.ErrAction) {
		t.Errorf("refused: %v, want one of the two in the same branch", refused)
	}
	i := h.Case(w.req.ID)
	if i.State != "sign" {
		t.Errorf("the case is in %s, want joined and past the fee", i.State)
	}
	if diff := cmp.Diff(map[string]string{"fire": "no", "water": "yes"}, i.Outcomes()); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}
