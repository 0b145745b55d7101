package orchestration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/workflow"
)

// lettered is works with a letter for whoever is refused.
func lettered(t *testing.T) *servicespec.Pack {
	t.Helper()
	p := works(t)
	p.Letters = []servicespec.Letter{{
		Code: "refusal", Title: i18n.Text{"en": "Your works permit {reference}"}, Body: i18n.Text{"en": "Dear {name}, we cannot permit works on {area} m²: {comment}"},
		Number: "L-{yyyy}-{seq:4}",
	}}
	for n := range p.Workflow.Actions {
		if p.Workflow.Actions[n].Code == "refuse" {
			p.Workflow.Actions[n].Effect = []string{"send_letter:refusal"}
		}
	}
	return p
}

// signing brings a case to the chief, with the opinions of fire and water.
func signing(t *testing.T, h *orchestrationtest.House, p *servicespec.Pack, staff []identity.Principal, area int64) *walk {
	t.Helper()
	w := begin(t, h, p, staff, servicespec.Answers{"area": area, "tall": false}, 3)
	w.pay()
	w.do("", 0, "propose", servicespec.Doing{})
	w.do("water", 1, "water-yes", servicespec.Doing{})
	w.do("fire", 1, "fire-object", servicespec.Doing{})
	return w
}

// do has a member of staff take a place and act there.
func (w *walk) do(branch string, who int, action string, d servicespec.Doing) {
	w.t.Helper()
	i := w.h.Case(w.req.ID)
	at, _ := i.In(branch)
	by := w.staff[who]
	if !at.Ended && at.Assignee != by.Account && at.Kind != workflow.KindParallel {
		w.claimed(branch, by)
	}
	if err := w.take(by, w.svc.Action(action), d); err != nil {
		w.t.Fatalf("%s: %v", action, err)
	}
}

// TestAppeal refuses, has the person appeal, and decides anew: both decisions stay readable, and a letter was sent.
func TestAppeal(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := lettered(t)
	offer(h, p)
	staff := crew(h, p, 3)
	w := signing(t, h, p, staff, 100)
	h.Responses()
	w.do("", 2, "refuse", servicespec.Doing{Comment: "The plan is missing.", Reasons: []string{"no-plan", "too-big"}})
	got := h.Responses()
	i := slices.IndexFunc(got, func(r exchange.ServiceResponse) bool { return r.Kind == exchange.Decided })
	if i < 0 || len(got[i].Reasons) != 2 || got[i].Reasons[1]["en"] != "It is too big for the plot." || !slices.Contains(got[i].Events, "action:refuse") {
		t.Fatalf("responses = %+v, want decided with both reasons in words for the person", got)
	}
	checkLetter(t, h, w, got)

	req := w.req
	req.Kind, req.Note = exchange.Appeal, "The plan is on page 3."
	h.Send(req, servicespec.Answers{})
	got = h.Responses()
	if len(got) != 1 || got[0].Kind != exchange.Appealed || got[0].State != "sign" {
		t.Fatalf("responses = %+v, want appealed", got)
	}
	w.do("", 2, "grant", servicespec.Doing{})
	h.In(staff[0].Actor(), func(ctx context.Context, tx *pg.Tx) error {
		app := orchestration.Application{ID: w.req.ID, Person: w.req.Person}
		list, err := h.Applications.Decisions(ctx, tx, app)
		if err != nil {
			return err
		}
		if len(list) != 2 || list[0].Outcome != "rejected" || list[0].Reason != "The plan is missing." || list[1].Outcome != "approved" {
			t.Errorf("decisions = %+v", list)
		}
		if diff := cmp.Diff([]string{"no-plan", "too-big"}, list[0].Reasons); diff != "" {
			t.Errorf("reasons (-want +got):\n%s", diff)
		}
		history, err := h.Workflow.History(ctx, tx, w.req.ID)
		if n := slices.IndexFunc(history, func(tr workflow.Transition) bool { return tr.Cause == workflow.CauseCitizen }); n < 0 || history[n].Comment != req.Note {
			t.Errorf("the person's words are not in the history: %+v", history)
		}
		return err
	})
}

func checkLetter(t *testing.T, h *orchestrationtest.House, w *walk, got []exchange.ServiceResponse) {
	t.Helper()
	n := slices.IndexFunc(got, func(r exchange.ServiceResponse) bool { return r.Kind == exchange.Letter })
	if n < 0 || got[n].Document == uuid.Nil || got[n].Title["en"] != "Your works permit "+w.req.Reference {
		t.Fatalf("responses = %+v, want a letter", got)
	}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		letters, err := h.Applications.Letters(ctx, tx, orchestration.Application{ID: w.req.ID, Person: w.req.Person})
		if err != nil {
			return err
		}
		if len(letters) != 1 || letters[0].Document != got[n].Document || !strings.HasPrefix(letters[0].Number, "L-") {
			t.Errorf("letters = %+v", letters)
		}
		f, err := h.Documents.File(ctx, tx, got[n].Document)
		if f.MediaType != "application/pdf" || f.Person != w.req.Person {
			t.Errorf("file = %+v", f)
		}
		return err
	})
}

// TestCredit works fees out again: more is demanded; what is less than was paid is a credit, which is set against what is more later, or
// given back.
func TestCredit(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	staff := crew(h, p, 2)
	w := signing(t, h, p, staff, 100)
	lower := func(found int64) error {
		return w.take(staff[1], w.svc.Action("lower"), servicespec.Doing{Findings: servicespec.Answers{"found": found}})
	}
	w.claimed("", staff[1])
	if err := lower(20); err != nil {
		t.Fatal(err)
	}
	charges := func() (list []orchestration.Charge) {
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) (err error) {
			list, err = h.Applications.Charges(ctx, tx, orchestration.Application{ID: w.req.ID})
			return err
		})
		return list
	}
	if c := charges(); len(c) != 2 || c[0].Status != "paid" || c[0].Minor != 2000 || c[1].Status != "open" || c[1].Minor != 2000 {
		t.Fatalf("charges = %+v, want 2000 paid and 2000 more", c)
	}
	if err := lower(30); err != nil {
		t.Fatal(err)
	}
	if c := charges(); len(c) != 3 || c[1].Status != "cancelled" || c[2].Minor != 3000 {
		t.Fatalf("charges = %+v, want the open demand replaced", c)
	}
	w.pay()
	if c := charges(); c[2].Status != "paid" || c[2].Receipt == "" {
		t.Fatalf("charges = %+v, want the difference paid", c)
	}
	credit := func() (now, back int64) {
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			c, err := h.Applications.Credit(ctx, tx, orchestration.Application{ID: w.req.ID})
			now, back = c.Amount.Minor, c.GivenBack.Minor
			return err
		})
		return now, back
	}
	if err := lower(12); err != nil {
		t.Fatal(err)
	}
	if now, back := credit(); now != 1800 || back != 0 || len(charges()) != 3 {
		t.Fatalf("%d is too much and %d given back, want 1800 and nothing, and no further demand", now, back)
	}
	if err := lower(20); err != nil { // part of it is set against what is more now
		t.Fatal(err)
	}
	if now, _ := credit(); now != 1000 || len(charges()) != 3 {
		t.Fatalf("%d is too much, want 1000", now)
	}
	giveBack := func() error {
		return h.Try(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			c, err := h.Applications.Credit(ctx, tx, orchestration.Application{ID: w.req.ID})
			return errors.Join(err, h.Payment.GiveBack(ctx, tx, c.ID, "Bank transfer 77"))
		})
	}
	if err := giveBack(); err != nil {
		t.Fatal(err)
	}
	if err := giveBack(); !errors.Is(err, payment.ErrNoCredit) {
		t.Errorf("twice: %v", err)
	}
	if err := lower(35); err != nil { // what was given back is asked for again
		t.Fatal(err)
	}
	if now, back := credit(); now != 0 || back != 1000 {
		t.Fatalf("%d is too much and %d given back, want nothing and 1000", now, back)
	}
	if c := charges(); len(c) != 4 || c[3].Minor != 1500 || c[3].Status != "open" {
		t.Fatalf("charges = %+v, want 500 more than the 5000 once paid, and the 1000 given back", c)
	}
	w.pay()
	if now, _ := credit(); now != 0 || charges()[3].Status != "paid" {
		t.Errorf("%d is too much once all is paid: %+v", now, charges())
	}
}

// TestMoneyAddsUp has fees rise and fall, be paid and be given back, in any order: what came in, less what went out, is always the fees, less
// what is still to be paid, and what is paid too much.
func TestMoneyAddsUp(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	staff := crew(h, p, 2)
	for seed := range uint64(3) {
		random := rand.New(rand.NewPCG(seed, 8))
		w := begin(t, h, p, staff, servicespec.Answers{"area": int64(100), "tall": false}, seed)
		w.pay()
		w.do("", 0, "propose", servicespec.Doing{})
		w.do("water", 1, "water-yes", servicespec.Doing{})
		w.do("fire", 1, "fire-object", servicespec.Doing{})
		w.claimed("", staff[1])
		fees, owed, said := int64(2000), int64(0), []string{}
		for range 14 {
			switch random.IntN(4) {
			case 0, 1:
				found := random.Int64N(50)
				if err := w.take(staff[1], w.svc.Action("lower"), servicespec.Doing{Findings: servicespec.Answers{"found": found}}); err != nil {
					t.Fatalf("%v: %v", said, err)
				}
				if fees = 2000; found >= 10 {
					fees += found * 100
				}
				said = append(said, fmt.Sprintf("fees of %d", fees))
			case 2:
				if owed > 0 {
					w.pay()
					said = append(said, "pay")
				}
			default:
				h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
					c, err := h.Applications.Credit(ctx, tx, orchestration.Application{ID: w.req.ID})
					if err != nil || c.Amount.Minor == 0 {
						return err
					}
					said = append(said, "give back")
					return h.Payment.GiveBack(ctx, tx, c.ID, "Transfer")
				})
			}
			h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
				list, err := h.Applications.Charges(ctx, tx, orchestration.Application{ID: w.req.ID})
				if err != nil {
					return err
				}
				var paid, open int64
				for _, c := range list {
					switch c.Status {
					case "paid":
						paid += c.Minor
					case "open":
						open += c.Minor
					}
				}
				owed = open
				c, err := h.Applications.Credit(ctx, tx, orchestration.Application{ID: w.req.ID})
				if got := paid - c.GivenBack.Minor + open - c.Amount.Minor; got != fees || open > 0 && c.Amount.Minor > 0 {
					t.Fatalf("%v: %d paid, %d given back, %d to be paid, %d too much: that is %d, not the fees of %d", said, paid, c.GivenBack.Minor, open, c.Amount.Minor, got, fees)
				}
				return err
			})
		}
	}
}

// TestVersions keeps the answers from before every correction, sealed.
func TestVersions(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	staff := crew(h, p, 2)
	w := begin(t, h, p, staff, servicespec.Answers{"area": int64(100), "tall": false, "note": "Zebra"}, 3)
	w.pay()
	for _, note := range []string{"Gnu", "Okapi"} {
		w.do("", 0, "ask", servicespec.Doing{Comment: "which?", Items: []string{"note"}})
		req := w.req
		req.Kind, req.SubmittedAt = exchange.Correct, time.Time{}
		h.Send(req, servicespec.Answers{"area": int64(900), "tall": false, "note": note})
	}
	h.In(staff[0].Actor(), func(ctx context.Context, tx *pg.Tx) error {
		app, err := h.Applications.Application(ctx, tx, w.req.ID, withRead(staff[0]))
		if err != nil {
			return err
		}
		list, err := h.Applications.Versions(ctx, tx, app)
		if err != nil {
			return err
		}
		if len(list) != 2 || list[0].Answers["note"] != "Zebra" || list[1].Answers["note"] != "Gnu" || app.Answers["note"] != "Okapi" || app.Answers["area"] != int64(100) {
			t.Errorf("versions = %+v, now %v: only what was asked may change", list, app.Answers)
		}
		if diff := cmp.Diff([]string{"note"}, list[0].Items); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
		var clear int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM orchestration.version WHERE position('Zebra'::bytea IN answers) > 0`).Scan(&clear); err != nil || clear > 0 {
			t.Errorf("old answers stand in the clear: %d, %v", clear, err)
		}
		return nil
	})
}

// withRead lets somebody read applications.
func withRead(by identity.Principal) identity.Principal {
	for n := range by.Grants {
		by.Grants[n].Permissions = append(slices.Clone(by.Grants[n].Permissions), orchestration.Read)
	}
	return by
}

// bilingual is works in English and Portuguese, in which all is said as in English but the notices.
func bilingual(t *testing.T) *servicespec.Pack {
	t.Helper()
	p := works(t)
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`\{"en":("(?:[^"\\]|\\.)*")\}`).ReplaceAll(data, []byte(`{"en":$1,"pt":$1}`))
	out := &servicespec.Pack{}
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatal(err)
	}
	out.Languages = append(out.Languages, "pt")
	for i := range out.Notices {
		out.Notices[i].Text["pt"] = strings.ReplaceAll(out.Notices[i].Text["en"], "waits", "espera")
	}
	return out
}

// TestEscalationTells writes to those who have the role in the agency, once, in the language in which they are spoken to.
func TestEscalationTells(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := bilingual(t)
	offer(h, p)
	clerk := h.Staff("Clara Clerk", "clerk", "works", "")
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := h.Identity.PutRole(ctx, tx, identity.Role{Code: "clerk", Name: i18n.Text{"en": "Clerk"}, Permissions: []string{"workbench:use"}}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE identity.contact SET verified_at = now() WHERE account_id = $1`, clerk.Account); err != nil {
			return err
		}
		return h.Identity.Grant(ctx, tx, clerk.Account, "clerk", "works", "")
	})
	w := begin(t, h, p, crew(h, p, 1), servicespec.Answers{"area": int64(100), "tall": false}, 1)
	w.pay()
	if i := h.Case(w.req.ID); i.Assignee != clerk.Account {
		t.Errorf("assigned to %s, want the only clerk", i.Assignee)
	}
	h.Travel(4 * 24 * time.Hour)
	h.Travel(3 * 24 * time.Hour)
	sent := h.Sent.About(w.req.ID)
	if len(sent) != 1 || sent[0].Person != clerk.Account || sent[0].Text != w.req.Reference+" espera." || sent[0].Lang != "pt" {
		t.Errorf("sent = %+v, want one notice to the clerk, in Portuguese", sent)
	}
}

// TestAwayIsGivenNothing gives new cases to whoever stands in while the only clerk is away, and to the clerk again afterwards.
func TestAwayIsGivenNothing(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	clerk, other := h.Staff("Clara Clerk", "none", "works", ""), h.Staff("Olga Other", "none", "works", "")
	var absence uuid.UUID
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if err := h.Identity.PutRole(ctx, tx, identity.Role{Code: "clerk", Name: i18n.Text{"en": "Clerk"}, Permissions: []string{"workbench:use"}}); err != nil {
			return err
		}
		if err := h.Agency.PutPosition(ctx, tx, identity.Principal{}, agency.Position{Agency: "works", Code: "desk", Title: i18n.Text{"en": "Desk"}, Roles: []string{"clerk"}, Seats: 1}); err != nil {
			return err
		}
		if err := h.Agency.Assign(ctx, tx, identity.Principal{}, agency.Staff{Account: other.Account, Agency: "works"}); err != nil {
			return err
		}
		if _, err := h.Agency.Hold(ctx, tx, identity.Principal{}, agency.Hold{Agency: "works", Position: "desk", Account: clerk.Account}); err != nil {
			return err
		}
		var err error
		absence, err = h.Agency.AskAbsence(ctx, tx, identity.Principal{}, agency.AskAbsence{
			Agency: "works", Account: clerk.Account, StandIn: other.Account, Until: tx.Now.Add(90 * 24 * time.Hour),
		})
		return err
	})
	take := func(seed uint64) uuid.UUID {
		w := begin(t, h, p, crew(h, p, 1), servicespec.Answers{"area": int64(100), "tall": false}, seed)
		w.pay()
		return h.Case(w.req.ID).Assignee
	}
	if got := take(1); got != other.Account {
		t.Errorf("while the clerk %s is away the case is %s's, want %s's", clerk.Account, got, other.Account)
	}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return h.Agency.EndAbsence(ctx, tx, identity.Principal{}, absence)
	})
	if got := take(2); got != clerk.Account {
		t.Errorf("back again the case is %s's, want %s's", got, clerk.Account)
	}
}

// TestDemandFromBefore pays a demand that was raised when there were no charges yet.
func TestDemandFromBefore(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	p := works(t)
	offer(h, p)
	w := begin(t, h, p, crew(h, p, 1), servicespec.Answers{"area": int64(100), "tall": false}, 3)
	var demand uuid.UUID
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `DELETE FROM orchestration.charge WHERE application_id = $1 RETURNING demand_id`, w.req.ID).Scan(&demand)
	})
	h.Pay(demand)
	if i := h.Case(w.req.ID); i.State != "check" {
		t.Errorf("the case is in %s, want past the fee", i.State)
	}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		list, err := h.Applications.Charges(ctx, tx, orchestration.Application{ID: w.req.ID})
		if len(list) != 1 || list[0].Status != "paid" || list[0].Lines["base"] != 1000 {
			t.Errorf("charges = %+v", list)
		}
		return err
	})
}
