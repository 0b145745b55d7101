package orchestration_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// guarded publishes the birth certificate with the father's name as an answer of a special kind, and sends a paid request for it.
func guarded(h *orchestrationtest.House) uuid.UUID {
	h.T.Helper()
	return guardedWith(h, nil, nil)
}

// guardedWith asks more on the page of the father's name.
func guardedWith(h *orchestrationtest.House, more []servicespec.Question, given servicespec.Answers) uuid.UUID {
	h.T.Helper()
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		pack := *library.Pack("birth-certificate")
		pack.Form.Pages = slices.Clone(pack.Form.Pages)
		for n, p := range pack.Form.Pages {
			pack.Form.Pages[n].Questions = slices.Clone(p.Questions)
			for m, q := range p.Questions {
				if q.Code == "father_name" {
					pack.Form.Pages[n].Questions[m].Sensitivity = "special"
					pack.Form.Pages[n].Questions = append(pack.Form.Pages[n].Questions, more...)
				}
			}
		}
		_, err := h.Catalog.Publish(ctx, tx, identity.Principal{}, pack)
		return err
	})
	req := birthRequest()
	req.ID, req.Version, req.Reference = id.New(), 2, "RC-2026-000777"
	answers := orchestrationtest.Birth()
	answers["father_name"] = "João Secreto"
	maps.Copy(answers, given)
	h.Send(req, answers)
	for _, r := range h.Responses() {
		if r.Demand != nil {
			h.Pay(r.Demand.ID)
		}
	}
	h.Responses()
	return req.ID
}

func TestSpecialAnswersAreHidden(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	app := guarded(h)
	clerk, registrar := h.Staff("Clara Clerk", "registry-clerk", "dgrni", ""), h.Staff("Rui Registrar", "registrar", "dgrni", "")
	auditor := h.Staff("Aida Auditor", "auditor", "dgrni", "")
	machine := identity.Principal{Account: uuid.New(), Kind: identity.KindMachine, Grants: []identity.Grant{{Agency: "dgrni", Permissions: []string{orchestration.Read}}}}
	open := func(by identity.Principal) (a orchestration.Application) {
		t.Helper()
		h.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
			a, err = h.Applications.ByReference(ctx, tx, "RC-2026-000777", by)
			return err
		})
		return a
	}
	shown := func(a orchestration.Application) any {
		var value any
		h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			svc, facts, err := h.Applications.Spec(ctx, tx, a)
			if err != nil {
				return err
			}
			for _, p := range a.Pages(svc, facts) {
				for _, q := range p.Questions {
					if q.Code == "father_name" {
						value = q.Value
					}
				}
			}
			return nil
		})
		return value
	}
	if a := open(registrar); a.Answers["father_name"] != "João Secreto" || a.Hidden != nil || shown(a) != "João Secreto" {
		t.Errorf("a registrar reads %v, hidden %v", a.Answers["father_name"], a.Hidden)
	}
	for name, c := range map[string]struct {
		by         identity.Principal
		revealable bool
	}{"a clerk": {clerk, true}, "an auditor": {auditor, false}, "a machine": {machine, false}} {
		a := open(c.by)
		if _, told := a.Answers["father_name"]; told || !slices.Equal(a.Hidden, []string{"father_name"}) || a.Revealable != c.revealable || shown(a) != nil || a.Answers["mother_name"] == nil {
			t.Errorf("%s reads %v, hidden %v, may have it revealed: %v", name, a.Answers, a.Hidden, a.Revealable)
		}
	}
	reveal := func(by identity.Principal, question, reason string) error {
		return h.Try(by.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			return h.Applications.RevealAnswer(ctx, tx, orchestration.RevealAnswer{Application: app, Question: question, By: by, Reason: reason})
		})
	}
	const why = "The register has two entries with that mother"
	forbidding, err := clerk.Under([]decision.Policy{{Code: "never", Text: `forbid (principal, action == Action::"orchestration:reveal", resource) when { resource.sensitivity == "special" };`}})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		by               identity.Principal
		question, reason string
		want             error
	}{
		"who may not":             {auditor, "father_name", why, orchestration.ErrForbidden},
		"a machine":               {machine, "father_name", why, orchestration.ErrForbidden},
		"where policy forbids it": {forbidding, "father_name", why, identity.ErrPolicy},
		"what is not hidden":      {clerk, "mother_name", why, orchestration.ErrNothingHidden},
		"what there is not":       {clerk, "blood_group", why, orchestration.ErrNothingHidden},
		"who reads it anyway":     {registrar, "father_name", why, orchestration.ErrNothingHidden},
		"without a reason":        {clerk, "father_name", " because ", orchestration.ErrReason},
	} {
		if err := reveal(c.by, c.question, c.reason); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := reveal(clerk, "father_name", why); err != nil {
		t.Fatal(err)
	}
	if a := open(clerk); a.Answers["father_name"] != "João Secreto" || a.Hidden != nil {
		t.Errorf("revealed: %v, hidden %v", a.Answers["father_name"], a.Hidden)
	}
	if a := open(h.Staff("Carlos Clerk", "registry-clerk", "dgrni", "")); a.Answers["father_name"] != nil {
		t.Error("revealed to one, and shown to another")
	}
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		found, err := audit.New(audit.Deps{Keys: audittest.NewKeys()}).Entries(ctx, tx, audit.Filter{Action: "orchestration.reveal"}, page.Request{})
		if len(found.Rows) != 1 || found.Rows[0].Actor != clerk.Account || found.Rows[0].Detail["question"] != "father_name" || found.Rows[0].Reason != "" {
			t.Errorf("recorded %+v", found.Rows)
		}
		var clear int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM orchestration.reveal WHERE position('register'::bytea IN reason) > 0`).Scan(&clear); err != nil || clear > 0 {
			t.Errorf("the reason stands in the clear: %v", err)
		}
		return err
	})
	h.Travel(16 * time.Minute)
	if a := open(clerk); a.Answers["father_name"] != nil {
		t.Error("a quarter of an hour later it is still shown")
	}
}

// TestSpecialRowsAreHidden: rows in which something special is asked are hidden as a whole, with what is calculated from them and
// what rules decided on them.
func TestSpecialRowsAreHidden(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	label := i18n.Text{"pt": "x", "en": "x", "ar": "x"}
	app := guardedWith(h, []servicespec.Question{
		{Code: "kin", Kind: servicespec.KindGroup, Row: "relative", Label: label, Fields: []servicespec.Question{
			{Code: "kin_name", Kind: servicespec.KindText, Label: label},
			{Code: "illness", Kind: servicespec.KindText, Label: label, Sensitivity: "special"},
		}},
		{Code: "ill", Kind: servicespec.KindComputed, As: "number", Value: "size(kin)", Label: label},
		{Code: "since_when", Kind: servicespec.KindText, Label: label, When: `kin.exists(k, size(k.illness) > 3)`},
	}, servicespec.Answers{"kin": servicespec.Rows{{"kin_name": "Rosa Secreta", "illness": "Asma Secreta"}}, "since_when": "sempre"})
	read := func(by identity.Principal) (a orchestration.Application, pages []servicespec.PageView, why []servicespec.Because) {
		t.Helper()
		h.In(by.Actor(), func(ctx context.Context, tx *pg.Tx) (err error) {
			if a, err = h.Applications.Application(ctx, tx, app, by); err != nil {
				return err
			}
			svc, facts, err := h.Applications.Spec(ctx, tx, a)
			if err != nil {
				return err
			}
			pages, why = a.Pages(svc, facts), svc.SeenWhy(a.Because, a.Sees)
			return nil
		})
		return a, pages, why
	}
	question := func(pages []servicespec.PageView, code string) servicespec.QuestionView {
		for _, p := range pages {
			for _, q := range p.Questions {
				if q.Code == code {
					return q
				}
			}
		}
		t.Fatalf("%s is not asked", code)
		return servicespec.QuestionView{}
	}
	told := func(v any) bool {
		said, err := json.Marshal(v)
		return err != nil || strings.Contains(string(said), "Secret")
	}
	registrar, clerk := h.Staff("Rui Registrar", "registrar", "dgrni", ""), h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	a, pages, why := read(registrar)
	if len(a.Hidden) > 0 || len(question(pages, "kin").Rows) != 1 || !told(a.Answers["kin"]) || !told(why) {
		t.Errorf("a registrar: hidden %v, answers %v", a.Hidden, a.Answers)
	}
	a, pages, why = read(clerk)
	if !slices.Equal(a.Hidden, []string{"father_name", "kin", "ill"}) {
		t.Errorf("hidden: %v", a.Hidden)
	}
	if q := question(pages, "kin"); !q.Concealed || q.Rows != nil || q.Value != nil {
		t.Errorf("the rows: %+v", q)
	}
	if q := question(pages, "ill"); !q.Concealed || q.Value != nil {
		t.Errorf("what is calculated from them: %+v", q.Value)
	}
	if q := question(pages, "since_when"); q.Concealed || q.Value != "sempre" {
		t.Errorf("what is not special: %+v", q)
	}
	decided := false
	for _, b := range why {
		if b.Code == "since_when" && b.How == "shown" {
			decided = true
			if b.Result != "…" {
				t.Errorf("a decision on what is hidden: %v", b.Result)
			}
		}
	}
	if told(a.Answers) || told(why) || !decided {
		t.Errorf("a clerk reads %v and %v", a.Answers, why)
	}
}

// TestHiddenAnswersCount: guards and corrections go by all answers, whoever looks.
func TestHiddenAnswersCount(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	app := guarded(h)
	clerk := h.Staff("Clara Clerk", "registry-clerk", "dgrni", "")
	if err := h.Act(clerk, app, "ask-correction", "Nome do pai?", "father_name"); err != nil {
		t.Fatal(err)
	}
	h.Work()
	answers := orchestrationtest.Birth()
	answers["father_name"] = "José Secreto"
	i := h.Case(app)
	h.Send(exchange.ServiceRequest{ID: app, Kind: exchange.Correct, Reference: i.Reference, Service: i.Service, Version: i.Version, Person: i.Person, Name: "Maria Évora", Lang: "pt"}, answers)
	h.In(clerk.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		a, err := h.Applications.Application(ctx, tx, app, clerk)
		if err != nil {
			return err
		}
		svc, facts, err := h.Applications.Spec(ctx, tx, a)
		if err != nil {
			return err
		}
		if changed := a.Changed(svc); !slices.Equal(changed, []string{"father_name"}) {
			t.Errorf("changed %v", changed)
		}
		if a.Previous["father_name"] != nil || a.Answers["father_name"] != nil || a.Ground(facts).Answers["father_name"] != "José Secreto" {
			t.Errorf("before %v, now %v", a.Previous, a.Answers)
		}
		return nil
	})
	if err := h.Act(clerk, app, "verify", "Assento 12"); err != nil {
		t.Errorf("the clerk cannot go on: %v", err)
	}
}

// TestByReference: a number that is not one's to open is like none.
func TestByReference(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	guarded(h)
	stranger := h.Staff("Sara Stranger", "licence-clerk", "cmp", "")
	for _, reference := range []string{"RC-2026-000777", "RC-2026-999999"} {
		err := h.Try(stranger.Actor(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := h.Applications.ByReference(ctx, tx, reference, stranger)
			return err
		})
		if !errors.Is(err, orchestration.ErrUnknown) {
			t.Errorf("%s: %v, want ErrUnknown", reference, err)
		}
	}
}
