package orchestration_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// street is a case of works in a street, about which the water board and, where it is deep, the parks are asked.
type street struct {
	t *testing.T
	*orchestrationtest.House
	clerk, water, parks identity.Principal
	req                 exchange.ServiceRequest
	answers             servicespec.Answers
}

func streetPack(t *testing.T) *servicespec.Pack {
	t.Helper()
	data, err := os.ReadFile("testdata/street.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, problems := servicespec.Parse(data)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func digging(t *testing.T, depth int64) *street {
	t.Helper()
	p := streetPack(t)
	s := &street{t: t, House: orchestrationtest.New(t), answers: servicespec.Answers{"place": "Rua 5", "depth": depth, "phone": "+2389912345"}}
	offer(s.House, p)
	s.clerk = s.Staff("Clara", "licence-clerk", "roads", "")
	s.water, s.parks = s.Staff("Wanda", "registrar", "water", ""), s.Staff("Pedro", "registrar", "parks", "")
	s.req = exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Reference: "ST-1", Service: p.Code, Version: 1, Person: id.New(), Name: "Maria Tavares", Lang: "en"}
	return s
}

// apply sends the request in.
func (s *street) apply() *street {
	s.t.Helper()
	s.Send(s.req, s.answers)
	return s
}

// asked are what an agency's officer is asked.
func (s *street) asked(by identity.Principal, done bool) (list []orchestration.Consultation) {
	s.t.Helper()
	s.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		p, err := s.Applications.Consultations(ctx, tx, by, orchestration.ConsultationFilter{Done: done}, page.Request{})
		list = p.Rows
		return err
	})
	return list
}

func (s *street) open(by identity.Principal, consultation uuid.UUID) (c orchestration.Consultation, err error) {
	err = s.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
		c, _, _, err = s.Applications.Consultation(ctx, tx, consultation, by)
		return err
	})
	return c, err
}

func (s *street) advise(by identity.Principal, consultation uuid.UUID, answer, words string, files ...document.Upload) error {
	s.t.Helper()
	err := s.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		return s.Applications.Advise(ctx, tx, consultation, by, orchestration.Advice{Answer: answer, Words: words, Files: files})
	})
	s.Work()
	return err
}

// opinions are what was asked for, by code: the status of each that counts, or its answer.
func (s *street) opinions() map[string]string {
	s.t.Helper()
	out := map[string]string{}
	for _, o := range s.list() {
		if o.Current() {
			if out[o.Code] = o.Status; o.Answer != "" {
				out[o.Code] = o.Answer
			}
		}
	}
	return out
}

func (s *street) list() (list []orchestration.Opinion) {
	s.t.Helper()
	s.In(s.clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		app, err := s.Applications.Application(ctx, tx, s.req.ID, s.clerk)
		if err != nil {
			return err
		}
		list, err = s.Applications.Opinions(ctx, tx, app)
		return err
	})
	return list
}

func (s *street) is(state string, opinions map[string]string) {
	s.t.Helper()
	if got := s.opinions(); s.Case(s.req.ID).State != state || !maps.Equal(got, opinions) {
		s.t.Fatalf("in %s with %v, not in %s with %v", s.Case(s.req.ID).State, got, state, opinions)
	}
}

// correct has the answers corrected.
func (s *street) correct(items []string, change servicespec.Answers) {
	s.t.Helper()
	if err := s.Act(s.clerk, s.req.ID, "back", "Please look again", items...); err != nil {
		s.t.Fatal(err)
	}
	s.Work()
	maps.Copy(s.answers, change)
	r := s.req
	r.Kind = exchange.Correct
	s.In(pg.System(), func(_ context.Context, tx *pg.Tx) error { r.SubmittedAt = tx.Now.Add(time.Second); return nil })
	s.Send(r, s.answers)
}

func TestAnotherAgencyIsAsked(t *testing.T) {
	t.Parallel()
	s := digging(t, 30).apply()
	s.is("review", map[string]string{"water": "open"})
	if len(s.asked(s.parks, false)) != 0 {
		t.Error("the parks are asked about shallow works")
	}
	waiting := s.asked(s.water, false)
	if len(waiting) != 1 || waiting[0].Asker != "roads" || waiting[0].Reference != "ST-1" {
		t.Fatalf("the water board has %+v", waiting)
	}
	c, err := s.open(s.water, waiting[0].ID)
	if err != nil || len(c.Shown) != 2 || c.Shown["place"] != "Rua 5" || c.Shown["phone"] != nil {
		t.Fatalf("it sees %v, %v", c.Shown, err)
	}
	s.othersSeeNothing(c.ID)
	for _, refused := range [][2]string{{"", ""}, {"perhaps", "why"}, {"objection", " "}, {"conditions", ""}} {
		if err := s.advise(s.water, c.ID, refused[0], refused[1]); !errors.Is(err, orchestration.ErrOpinion) {
			t.Errorf("%v: %v", refused, err)
		}
	}
	if err := s.Act(s.clerk, s.req.ID, "allow", ""); err == nil {
		t.Error("it is allowed before the water board has answered")
	}
	s.Responses()
	if err := s.advise(s.water, c.ID, servicespec.OpinionConditions, "Dig by hand."); err != nil {
		t.Fatal(err)
	}
	s.is("decision", map[string]string{"water": "conditions"})
	if o := s.list()[0]; o.Words != "Dig by hand." || o.ClosedAt == nil {
		t.Errorf("the clerk reads %+v", o)
	}
	told := s.Responses()
	i := slices.IndexFunc(told, func(r exchange.ServiceResponse) bool { return r.Kind == exchange.Opinion })
	if i < 0 || told[i].Outcome != "conditions" || told[i].Title["en"] != "Water board" || told[i].Note != "" {
		t.Errorf("the citizen is told %+v", told)
	}
	if err := s.advise(s.water, c.ID, servicespec.OpinionClear, ""); !errors.Is(err, orchestration.ErrConsulted) {
		t.Errorf("it is answered twice: %v", err)
	}
	if done := s.asked(s.water, true); len(done) != 1 || done[0].Answer != "conditions" || len(s.asked(s.water, false)) != 0 {
		t.Errorf("what is done is %+v", done)
	}
	if err := s.Act(s.clerk, s.req.ID, "allow", ""); err != nil {
		t.Errorf("it is not allowed: %v", err)
	}
}

// othersSeeNothing checks that who is asked sees nothing else of the case, and that nobody else sees what they are asked.
func (s *street) othersSeeNothing(consultation uuid.UUID) {
	s.t.Helper()
	if err := s.Try(s.water.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := s.Applications.Application(ctx, tx, s.req.ID, s.water)
		return err
	}); !errors.Is(err, orchestration.ErrForbidden) {
		s.t.Errorf("the water board opens the case: %v", err)
	}
	for _, by := range []identity.Principal{s.parks, s.clerk} {
		if _, err := s.open(by, consultation); !errors.Is(err, orchestration.ErrForbidden) {
			s.t.Errorf("%s reads what the water board is asked: %v", by.Name, err)
		}
		if err := s.advise(by, consultation, servicespec.OpinionClear, ""); !errors.Is(err, orchestration.ErrForbidden) {
			s.t.Errorf("%s answers for the water board: %v", by.Name, err)
		}
	}
	if _, err := s.open(s.water, s.req.ID); !errors.Is(err, orchestration.ErrUnknown) {
		s.t.Errorf("an application is no consultation: %v", err)
	}
}

func TestOpinionsComeAgain(t *testing.T) {
	t.Parallel()
	s := digging(t, 30).apply()
	c := s.asked(s.water, false)[0]
	if err := s.advise(s.water, c.ID, servicespec.OpinionObjection, "A main is there."); err != nil {
		t.Fatal(err)
	}
	s.is("decision", map[string]string{"water": "objection"})
	rev := s.Case(s.req.ID).Rev
	s.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return s.Applications.Hear(ctx, tx, exchange.ServiceResponse{RequestID: c.ID, Kind: exchange.Opinion, Outcome: servicespec.OpinionClear})
	})
	s.is("decision", map[string]string{"water": "objection"})
	if s.Case(s.req.ID).Rev != rev {
		t.Error("what comes again moves the case")
	}
	for answer, want := range map[string]error{"maybe": orchestration.ErrOpinion, "silent": orchestration.ErrOpinion} {
		if err := s.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			return s.Applications.Hear(ctx, tx, exchange.ServiceResponse{RequestID: c.ID, Kind: exchange.Opinion, Outcome: answer})
		}); !errors.Is(err, want) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	if err := s.Act(s.clerk, s.req.ID, "allow", ""); err == nil {
		t.Error("it is allowed against an objection")
	}
}

func TestOpinionsAreLate(t *testing.T) {
	t.Parallel()
	s := digging(t, 80).apply()
	s.is("review", map[string]string{"water": "open", "trees": "open"})
	due := s.asked(s.water, false)[0].DueAt
	s.Travel(8 * 24 * time.Hour)
	s.is("review", map[string]string{"water": "open", "trees": "silent"}) // the parks say nothing, which counts as consent
	if c := s.asked(s.water, false)[0]; c.RemindedAt == nil || !c.DueAt.After(due) {
		t.Errorf("the water board is not reminded: %+v", c)
	}
	if len(s.asked(s.parks, false)) != 0 {
		t.Error("the parks are still waited for")
	}
	for range 4 {
		s.Travel(8 * 24 * time.Hour)
	}
	if o := s.list()[slices.IndexFunc(s.list(), func(o orchestration.Opinion) bool { return o.Code == "water" })]; o.Reminders != servicespec.MostReminders {
		t.Errorf("reminded %d times", o.Reminders)
	}
	if err := s.advise(s.water, s.asked(s.water, false)[0].ID, servicespec.OpinionClear, ""); err != nil {
		t.Fatal(err)
	}
	s.is("decision", map[string]string{"water": "no_objection", "trees": "silent"})
}

func TestWithdrawnCasesNeedNoOpinions(t *testing.T) {
	t.Parallel()
	s := digging(t, 80).apply()
	c := s.asked(s.water, false)[0]
	r := s.req
	r.Kind = exchange.Withdraw
	s.Send(r, s.answers)
	s.is("gone", map[string]string{})
	if len(s.asked(s.water, false)) != 0 || len(s.asked(s.parks, false)) != 0 {
		t.Error("opinions are still waited for")
	}
	if c, err := s.open(s.water, c.ID); err != nil || c.Status != orchestration.ConsultationRecalled || len(c.Shown) != 0 {
		t.Errorf("once it is not needed nothing is shown: %+v, %v", c, err)
	}
	if err := s.advise(s.water, c.ID, servicespec.OpinionClear, ""); !errors.Is(err, orchestration.ErrConsulted) {
		t.Errorf("it is answered all the same: %v", err)
	}
	s.Travel(30 * 24 * time.Hour) // and nobody is reminded
	s.is("gone", map[string]string{})
}

func TestOpinionsAfterACorrection(t *testing.T) {
	t.Parallel()
	s := digging(t, 80).apply()
	first := s.asked(s.water, false)[0]
	if err := s.advise(s.water, first.ID, servicespec.OpinionClear, ""); err != nil {
		t.Fatal(err)
	}
	s.correct([]string{"phone"}, servicespec.Answers{"phone": "+2389912346"})
	s.is("review", map[string]string{"water": "no_objection", "trees": "open"}) // neither sees the number
	s.correct([]string{"depth"}, servicespec.Answers{"depth": int64(90)})
	s.is("review", map[string]string{"water": "open", "trees": "open"}) // the parks do not see the depth
	again := s.asked(s.water, false)
	if len(again) != 1 || again[0].ID == first.ID {
		t.Fatalf("the water board is asked %+v", again)
	}
	if c, err := s.open(s.water, again[0].ID); err != nil || c.Shown["depth"] != int64(90) {
		t.Errorf("it sees %v, %v", c.Shown, err)
	}
	if old := s.list(); !slices.ContainsFunc(old, func(o orchestration.Opinion) bool { return o.Status == orchestration.OpinionReplaced }) {
		t.Errorf("what it said before is lost: %+v", old)
	}
}

// TestParityOfOpinions lets random things happen to a case about which other agencies are asked, in memory and for real.
func TestParityOfOpinions(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := streetPack(t)
	offer(h, p)
	staff := crew(h, p, 2)
	for seed := range uint64(walks(t, 8)) {
		w := begin(t, h, p, staff, servicespec.Answers{"place": "Rua 5", "depth": int64(30 + 50*(seed%2))}, seed)
		for range 16 {
			w.step()
		}
		w.invariants()
	}
}

// elsewhere is an agency that works in a system of its own.
type elsewhere struct {
	*httptest.Server
	key  []byte
	mu   sync.Mutex
	got  []exchange.ServiceRequest
	text []string
}

func (e *elsewhere) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	_, bad := webhook.Verify(e.key, r.Header, time.Now(), body)
	var in exchange.ServiceRequest
	if errors.Join(err, bad, json.Unmarshal(body, &in)) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	e.got, e.text = append(e.got, in), append(e.text, string(body))
	w.WriteHeader(http.StatusAccepted)
}

func TestAnAgencyElsewhereIsAsked(t *testing.T) {
	t.Parallel()
	s := digging(t, 30)
	e := &elsewhere{key: []byte("a secret of thirty-two bytes, ok")}
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	s.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return s.Exchange.PutRoute(ctx, tx, exchange.Route{Service: exchange.OpinionsOf("water"), Agency: "water", Endpoint: e.URL, Key: e.key})
	})
	s.apply()
	if len(e.got) != 1 || len(s.asked(s.water, false)) != 0 {
		t.Fatalf("asked elsewhere %d times", len(e.got))
	}
	in := e.got[0]
	if in.Kind != exchange.Opinion || in.Opinion == nil || in.Opinion.Question["en"] != "Are there pipes" || in.Opinion.By != "roads" || in.Opinion.Due.IsZero() {
		t.Errorf("it is asked %+v", in)
	}
	for _, secret := range []string{"Maria", s.req.Person.String(), "9912345", s.req.ID.String()} {
		if strings.Contains(e.text[0], secret) {
			t.Errorf("it is told %s: %s", secret, e.text[0])
		}
	}
	body, err := json.Marshal(exchange.ServiceResponse{RequestID: in.ID, Kind: exchange.Opinion, Outcome: servicespec.OpinionClear, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // it comes twice
		s.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			return s.Exchange.Accept(ctx, tx, webhook.Sign(e.key, "m-1", tx.Wall, body), body)
		})
		s.Work()
	}
	s.is("decision", map[string]string{"water": "no_objection"})
}
