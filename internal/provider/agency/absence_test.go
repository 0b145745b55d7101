package agency_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
)

// office makes a head to whom a desk of one seat reports, held by Ana and Rui; Eva and Local work there too, Local administers it.
func (b *bundle) office() (staff map[string]uuid.UUID, by map[string]identity.Principal) {
	b.t.Helper()
	staff = b.furnish("Ana", "Rui", "Eva", "Local")
	desk := position("desk", 1, "inspector")
	desk.ReportsTo, desk.Boundary = "head", "CV-PR"
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		for _, p := range []agency.Position{position("head", 1, "chief"), desk} {
			if err := b.svc.PutPosition(ctx, tx, nobody, p); err != nil {
				return err
			}
		}
		if err := b.people.Grant(ctx, tx, staff["Local"], "agency-admin", "works", ""); err != nil {
			return err
		}
		for _, who := range staff {
			if err := b.svc.Assign(ctx, tx, nobody, agency.Staff{Account: who, Agency: "works"}); err != nil {
				return err
			}
		}
		for who, where := range map[string]string{"Ana": "desk", "Rui": "head"} {
			if _, err := b.svc.Hold(ctx, tx, nobody, agency.Hold{Agency: "works", Position: where, Account: staff[who]}); err != nil {
				return err
			}
		}
		return nil
	})
	by = map[string]identity.Principal{}
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		for name, who := range staff {
			if by[name], err = b.people.Standing(ctx, tx, who); err != nil {
				return err
			}
		}
		return nil
	})
	return staff, by
}

func (b *bundle) now() (now time.Time) {
	b.in(func(_ context.Context, tx *pg.Tx) error { now = tx.Now; return nil })
	return now
}

func (b *bundle) ask(by identity.Principal, in agency.AskAbsence) (a uuid.UUID, err error) {
	err = b.try(by, func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = b.svc.AskAbsence(ctx, tx, by, in)
		return err
	})
	return a, err
}

func (b *bundle) decide(by identity.Principal, absence uuid.UUID, confirm bool) error {
	return b.try(by, func(ctx context.Context, tx *pg.Tx) error { return b.svc.DecideAbsence(ctx, tx, by, absence, confirm) })
}

// workers are who can be given an inspector's work.
func (b *bundle) workers() (accounts []uuid.UUID) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		all, err := b.people.Holders(ctx, tx, "works", "inspector", []string{"CV-PR"})
		if err != nil {
			return err
		}
		accounts, err = b.svc.Present(ctx, tx, "works", all)
		return err
	})
	return accounts
}

func (b *bundle) seated(position string) (accounts []uuid.UUID) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		accounts, err = b.svc.Seated(ctx, tx, "works", position)
		return err
	})
	return accounts
}

func only(list []uuid.UUID, who ...uuid.UUID) bool {
	if len(list) != len(who) {
		return false
	}
	for i := range who {
		if list[i] != who[i] {
			return false
		}
	}
	return true
}

func TestStandingIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff, by := b.office()
	now := b.now()
	day := 24 * time.Hour
	a, err := b.ask(by["Ana"], agency.AskAbsence{Agency: "works", Account: staff["Ana"], StandIn: staff["Eva"], From: now.Add(day), Until: now.Add(3 * day)})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.holds(staff["Eva"]); !same(got) {
		t.Errorf("before it is confirmed: %v", got)
	}
	for who, want := range map[string]int{"Rui": 1, "Local": 1, "Ana": 0, "Eva": 0} {
		if err := b.try(by[who], func(ctx context.Context, tx *pg.Tx) error {
			list, err := b.svc.ToDecide(ctx, tx, by[who])
			if len(list) != want {
				t.Errorf("%s decides on %d, want %d", who, len(list), want)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.decide(by["Rui"], a, true); err != nil {
		t.Fatal(err)
	}
	if got := b.holds(staff["Eva"]); !same(got) || !only(b.workers(), staff["Ana"]) {
		t.Errorf("before it begins: %v, %v", got, b.workers())
	}
	b.travel(day + time.Minute)
	if got := b.holds(staff["Eva"]); !same(got, "inspector@works/CV-PR") {
		t.Errorf("standing in: %v", got)
	}
	if got := b.holds(staff["Ana"]); !same(got, "inspector@works/CV-PR") {
		t.Errorf("who is away lost roles: %v", got)
	}
	if !only(b.workers(), staff["Eva"]) || !only(b.seated("desk"), staff["Eva"]) {
		t.Errorf("work goes to %v and %v, want Eva alone", b.workers(), b.seated("desk"))
	}
	// A stand-in takes no seat, and has the position's roles as they become.
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		_, held, err := b.svc.Positions(ctx, tx, nobody, "works")
		if len(held["desk"]) != 1 {
			t.Errorf("seats taken: %+v", held["desk"])
		}
		if err != nil {
			return err
		}
		changed := position("desk", 1, "inspector", "auditor")
		changed.ReportsTo = "head"
		return b.svc.PutPosition(ctx, tx, nobody, changed)
	})
	if got := b.holds(staff["Eva"]); !same(got, "auditor@works/", "inspector@works/") {
		t.Errorf("after the position changed: %v", got)
	}
	b.travel(2 * day) // it ends by itself
	if got := b.holds(staff["Eva"]); !same(got) || !only(b.workers(), staff["Ana"]) || !only(b.seated("desk"), staff["Ana"]) {
		t.Errorf("afterwards: %v, work goes to %v", got, b.workers())
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.svc.Absences(ctx, tx, nobody, "works", page.Request{})
		if len(p.Rows) != 1 || p.Rows[0].State != agency.AbsenceConfirmed || p.Rows[0].DecidedBy != staff["Rui"] || p.Rows[0].Open(tx.Now) {
			t.Errorf("on record: %+v", p.Rows)
		}
		return err
	})
}

func TestBackEarly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff, by := b.office()
	now := b.now()
	in := agency.AskAbsence{Agency: "works", Account: staff["Ana"], StandIn: staff["Eva"], Until: now.Add(72 * time.Hour)}
	a, err := b.ask(by["Rui"], in) // the head enters it: it counts at once
	if err != nil || !same(b.holds(staff["Eva"]), "inspector@works/CV-PR") {
		t.Fatalf("entered by the head: %v, %v", err, b.holds(staff["Eva"]))
	}
	b.travel(time.Minute)
	if err := b.try(by["Ana"], func(ctx context.Context, tx *pg.Tx) error { return b.svc.EndAbsence(ctx, tx, by["Ana"], a) }); err != nil {
		t.Fatal(err)
	}
	if got := b.holds(staff["Eva"]); !same(got) || !only(b.workers(), staff["Ana"]) {
		t.Errorf("back early: %v, %v", got, b.workers())
	}
	b.travel(time.Minute)
	in.From, in.Until = now.Add(time.Hour), now.Add(48*time.Hour)
	if a, err = b.ask(by["Local"], in); err != nil {
		t.Fatal(err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.EndAbsence(ctx, tx, nobody, a) })
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.EndAbsence(ctx, tx, nobody, a) })
	b.travel(2 * time.Hour)
	if !only(b.workers(), staff["Ana"]) {
		t.Errorf("withdrawn: %v", b.workers())
	}
	// Whoever leaves the agency stands in no longer; whoever leaves the position lends nothing more.
	in.From, in.Until = time.Time{}, now.Add(72*time.Hour)
	if _, err = b.ask(by["Local"], in); err != nil {
		t.Fatal(err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.Dismiss(ctx, tx, nobody, staff["Eva"], "works")
	})
	if got := b.holds(staff["Eva"]); !same(got) || len(b.workers()) != 0 {
		t.Errorf("dismissed: %v, %v", got, b.workers())
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.Dismiss(ctx, tx, nobody, staff["Ana"], "works")
	})
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.svc.Away(ctx, tx, nobody, "works")
		if len(list) != 0 {
			t.Errorf("away after the dismissal: %+v", list)
		}
		return err
	})
}

func TestAbsencesAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff, by := b.office()
	now := b.now()
	outside := b.outsider()
	parks := admin("parks", agency.Manage)
	good := agency.AskAbsence{Agency: "works", Account: staff["Ana"], StandIn: staff["Eva"], From: now.Add(time.Hour), Until: now.Add(48 * time.Hour)}
	with := func(change func(*agency.AskAbsence)) agency.AskAbsence {
		in := good
		change(&in)
		return in
	}
	for _, c := range []struct {
		name string
		by   identity.Principal
		in   agency.AskAbsence
		want error
	}{
		{"somebody else's, by a colleague", by["Eva"], with(func(in *agency.AskAbsence) { in.StandIn = uuid.Nil }), agency.ErrForbidden},
		{"the head's, by who reports to them", by["Ana"], with(func(in *agency.AskAbsence) { in.Account, in.StandIn = staff["Rui"], uuid.Nil }), agency.ErrForbidden},
		{"by another agency's", parks, good, agency.ErrForbidden},
		{"where the head would stand in", by["Rui"], with(func(in *agency.AskAbsence) { in.StandIn = staff["Rui"] }), agency.ErrOwnAbsence},
		{"for oneself", by["Ana"], with(func(in *agency.AskAbsence) { in.StandIn = staff["Ana"] }), agency.ErrStandIn},
		{"with a stranger", by["Ana"], with(func(in *agency.AskAbsence) { in.StandIn = outside }), agency.ErrStandIn},
		{"of a stranger", by["Local"], with(func(in *agency.AskAbsence) { in.Account = outside }), agency.ErrNotStaff},
		{"over already", by["Ana"], with(func(in *agency.AskAbsence) { in.From, in.Until = now.Add(-2*time.Hour), now.Add(-time.Hour) }), agency.ErrTime},
		{"backwards", by["Ana"], with(func(in *agency.AskAbsence) { in.From, in.Until = in.Until, in.From }), agency.ErrTime},
		{"nowhere", by["Local"], with(func(in *agency.AskAbsence) { in.Agency = "none" }), agency.ErrForbidden},
		{"good", by["Ana"], good, nil},
		{"twice", by["Ana"], good, agency.ErrAway},
	} {
		if _, err := b.ask(c.by, c.in); c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	head, err := b.ask(by["Rui"], agency.AskAbsence{Agency: "works", Account: staff["Rui"], StandIn: staff["Local"], Until: now.Add(72 * time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{"Rui": agency.ErrOwnAbsence, "Local": agency.ErrOwnAbsence, "Ana": agency.ErrForbidden} {
		if err := b.decide(by[name], head, true); !errors.Is(err, want) {
			t.Errorf("%s confirms the head's absence: %v, want %v", name, err, want)
		}
	}
	if err := b.decide(admin("", agency.Manage), head, false); err != nil {
		t.Error(err)
	}
	if err := b.decide(admin("", agency.Manage), head, true); !errors.Is(err, agency.ErrDecided) {
		t.Errorf("confirmed after it was refused: %v", err)
	}
	if err := b.decide(by["Local"], uuid.New(), true); !errors.Is(err, agency.ErrUnknownAbsence) {
		t.Errorf("none: %v", err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		list, err := b.svc.Colleagues(ctx, tx, by["Ana"], "works")
		if len(list) != 4 {
			t.Errorf("colleagues: %v", list)
		}
		return err
	})
	if err := b.try(parks, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.svc.Colleagues(ctx, tx, parks, "works")
		return err
	}); !errors.Is(err, agency.ErrForbidden) {
		t.Errorf("a stranger asks for colleagues: %v", err)
	}
}

// outsider is staff of no agency.
func (b *bundle) outsider() (account uuid.UUID) {
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		account, err = b.people.AddStaff(ctx, tx, identity.AddStaff{Name: "Out", Email: "out@gov.example", Lang: "pt"})
		return err
	})
	return account
}

// TestNothingBeyondThePosition: roles that were given by hand are not lent, and identity lends nothing that is not held from a position.
func TestNothingBeyondThePosition(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff, by := b.office()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.people.Grant(ctx, tx, staff["Ana"], "auditor", "", "")
	})
	if _, err := b.ask(by["Local"], agency.AskAbsence{Agency: "works", Account: staff["Ana"], StandIn: staff["Eva"], Until: b.now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if got := b.holds(staff["Eva"]); !same(got, "inspector@works/CV-PR") {
		t.Errorf("lent: %v", got)
	}
	for _, g := range []identity.NewGrant{{Role: "auditor"}, {Role: "chief", Agency: "works"}, {Role: "inspector", Agency: "works"}, {Role: "inspector", Agency: "parks", Boundary: "CV-PR"}} {
		if err := b.try(nobody, func(ctx context.Context, tx *pg.Tx) error {
			return b.people.Lend(ctx, tx, staff["Ana"], staff["Eva"], "absence:x", []identity.NewGrant{g})
		}); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%+v: %v, want it refused", g, err)
		}
	}
}
