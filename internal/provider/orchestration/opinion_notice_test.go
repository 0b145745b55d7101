package orchestration_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// told are the purposes of what somebody was told about a thing, without the module.
func told(h *orchestrationtest.House, about uuid.UUID, whom identity.Principal) (list []string) {
	for _, m := range h.Sent.About(about) {
		if m.Person == whom.Account {
			list = append(list, strings.TrimPrefix(m.Purpose, "orchestration."))
		}
	}
	return list
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// TestConsultedAreTold: everybody who may answer for an agency is told when it is asked, before the answer is due, when it is late and when it
// is not needed any more; who may not is told nothing, and nobody is told who has applied.
func TestConsultedAreTold(t *testing.T) {
	t.Parallel()
	s := digging(t, 30)
	colleague, auditor := s.Staff("Wim", "registrar", "water", ""), s.Staff("Aldo", "auditor", "water", "")
	s.Reachable(s.clerk, s.water, s.parks, colleague, auditor)
	s.apply()
	c := s.asked(s.water, false)[0]
	same(t, "when asked", told(s.House, c.ID, s.water), "opinion.asked")
	same(t, "a colleague", told(s.House, c.ID, colleague), "opinion.asked")
	for _, by := range []identity.Principal{s.parks, s.clerk, auditor} {
		same(t, by.Name+", who may not answer", told(s.House, c.ID, by))
	}
	for _, m := range s.Sent.About(c.ID) {
		if m.Channel != notification.Email || m.Lang != "pt" || strings.Contains(m.Subject+m.Text, "Maria") {
			t.Errorf("sent %+v", m)
		}
	}
	s.Travel(c.DueAt.Sub(c.AskedAt) * 7 / 8)
	same(t, "before it is due", told(s.House, c.ID, s.water), "opinion.asked", "opinion.soon")
	s.Travel(c.DueAt.Sub(c.AskedAt) / 4)
	same(t, "when it is late", told(s.House, c.ID, s.water), "opinion.asked", "opinion.soon", "opinion.again")
	s.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { // a job may be done twice
		return tx.Enqueue(ctx, orchestration.ConsultationArgs{Consultation: c.ID, What: "again"})
	})
	s.Work()
	r := s.req
	r.Kind = exchange.Withdraw
	s.Send(r, s.answers)
	s.Travel(30 * 24 * time.Hour)
	same(t, "when it is not needed", told(s.House, c.ID, s.water), "opinion.asked", "opinion.soon", "opinion.again", "opinion.recalled")
}

// TestConsultedWhoAnswerAreLeftAlone: an answer in time ends the reminding.
func TestConsultedWhoAnswerAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := digging(t, 30)
	s.Reachable(s.water)
	s.apply()
	c := s.asked(s.water, false)[0]
	if err := s.advise(s.water, c.ID, servicespec.OpinionClear, ""); err != nil {
		t.Fatal(err)
	}
	s.Travel(30 * 24 * time.Hour)
	same(t, "who has answered", told(s.House, c.ID, s.water), "opinion.asked")
}

// TestAskersAreTold: who has the case hears of each opinion that comes and of each that is late.
func TestAskersAreTold(t *testing.T) {
	t.Parallel()
	s := digging(t, 80)
	s.Reachable(s.clerk)
	s.apply()
	s.Claim(s.clerk, s.req.ID)
	same(t, "nothing has come", told(s.House, s.req.ID, s.clerk))
	s.Travel(8 * 24 * time.Hour) // the parks are silent, which is consent, and the water board is late
	got := told(s.House, s.req.ID, s.clerk)
	slices.Sort(got)
	same(t, "after the time", got, "opinion.given", "opinion.late")
	if err := s.advise(s.water, s.asked(s.water, false)[0].ID, servicespec.OpinionClear, ""); err != nil {
		t.Fatal(err)
	}
	got = told(s.House, s.req.ID, s.clerk)
	slices.Sort(got)
	same(t, "when all have answered", got, "opinion.given", "opinion.given", "opinion.late")
}

// TestWhoAskedIsTold: an officer who sends a case where others are asked hears of the answer although the case is nobody's by then.
func TestWhoAskedIsTold(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/street.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, problems := servicespec.Parse([]byte(strings.NewReplacer(
		"code: street", "code: lane", "start: review", "start: intake", "  states:\n", "  states:\n    - {code: intake, role: licence-clerk, name: {en: Intake}}\n",
		"  actions:\n", "  actions:\n    - {code: ask, from: intake, to: review, name: {en: Ask the others}}\n",
	).Replace(string(data))))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := digging(t, 30)
	offer(s.House, p)
	s.Reachable(s.clerk)
	s.req.Service = p.Code
	s.apply()
	if err := s.Act(s.clerk, s.req.ID, "ask", ""); err != nil {
		t.Fatal(err)
	}
	s.Work()
	if o := s.list(); len(o) != 1 || o[0].AskedBy != s.clerk.Account {
		t.Fatalf("asked by %+v", o)
	}
	if i := s.Case(s.req.ID); i.Assignee != uuid.Nil {
		s.In(s.clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := s.Workflow.Release(ctx, tx, i.ID, "", s.clerk, i.Rev)
			return err
		})
	}
	if err := s.advise(s.water, s.asked(s.water, false)[0].ID, servicespec.OpinionClear, ""); err != nil {
		t.Fatal(err)
	}
	same(t, "who asked", told(s.House, s.req.ID, s.clerk), "opinion.given")
}

// TestWhoDecidedIsToldOfALapse: a decision that was held and never took effect is told to who decided, once; one that was undone, or took
// effect, to nobody.
func TestWhoDecidedIsToldOfALapse(t *testing.T) {
	t.Parallel()
	r := received(orchestrationtest.New(t), birthRequest())
	r.Reachable(r.clerk)
	r.try(r.clerk, "ask-correction", "O nome completo", "mother_name")
	rev := r.Case(r.app).Rev
	if err := r.undo(r.clerk); err != nil {
		t.Fatal(err)
	}
	r.Travel(5 * time.Minute)
	r.In(r.clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		return tx.Enqueue(ctx, orchestration.CarryOutArgs{Application: r.app, Rev: rev})
	})
	r.Work()
	same(t, "undone", told(r.House, r.app, r.clerk))
	r.try(r.clerk, "ask-correction", "O nome completo", "mother_name")
	rev = r.Case(r.app).Rev
	req := birthRequest()
	req.ID, req.Kind, req.Person = r.app, exchange.Withdraw, r.Case(r.app).Person
	r.Send(req, nil)
	r.Travel(5 * time.Minute)
	r.In(r.clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		return tx.Enqueue(ctx, orchestration.CarryOutArgs{Application: r.app, Rev: rev})
	})
	r.Work()
	same(t, "overtaken", told(r.House, r.app, r.clerk), "lapsed")
}

// TestOfficersAreToldOfMoneyTakenBack: a payment that was taken back leaves the case where it is, opens the charge again, and is told to who has
// the case and to who has applied, once.
func TestOfficersAreToldOfMoneyTakenBack(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	h.Reachable(clerk)
	req := birthRequest()
	h.Send(req, orchestrationtest.Birth())
	demand := h.Responses()[1].Demand
	h.Pay(demand.ID)
	h.Claim(clerk, req.ID)
	h.Responses()
	for range 2 { // it may be told twice
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			return tx.Publish(ctx, payment.DemandReopened{Demand: demand.ID, Subject: orchestration.Subject, SubjectID: req.ID, Amount: demand.Amount})
		})
		h.Work()
	}
	same(t, "who has the case", told(h, req.ID, clerk), "unpaid")
	if i := h.Case(req.ID); i.State != "verification" || i.Assignee != clerk.Account {
		t.Errorf("the case is %+v", i)
	}
	if got := h.Responses(); len(got) != 1 || got[0].Demand == nil || got[0].Demand.ID != demand.ID {
		t.Errorf("who has applied is told %+v", got)
	}
}
