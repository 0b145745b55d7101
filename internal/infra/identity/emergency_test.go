package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

const whyNow = "The registrar is in hospital and a burial cannot wait"

func (b *house) take(actor pg.Actor, in identity.TakeRole) (emergency uuid.UUID, err error) {
	err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
		emergency, err = b.service.TakeInEmergency(ctx, tx, in)
		return err
	})
	return emergency, err
}

func TestEmergency(t *testing.T) {
	t.Parallel()
	b := build(t)
	for _, p := range []struct{ name, email, role, agency string }{
		{"Chefe", "chefe@gov.example", "administrator", ""},
		{"Local", "local@gov.example", "agency-admin", "dgrni"},
		{"Auditora", "auditora@gov.example", "auditor", ""},
		{"Estranho", "estranho@gov.example", "agency-admin", "cmp"},
	} {
		b.grant(t, b.addStaff(t, p.name, p.email), p.role, p.agency)
	}
	clerk := b.addStaff(t, "Clara", "clara@gov.example")
	b.grant(t, clerk, "registrar", "dgrni")
	emergency, err := b.take(staff(clerk), identity.TakeRole{Role: "agency-admin", Agency: "dgrni", For: 2 * time.Hour, Reason: whyNow})
	if err != nil {
		t.Fatal(err)
	}
	p := b.standing(t, clerk)
	if id, until := p.InEmergency(); id != emergency || until.IsZero() || !p.MayIn("identity:manage", "dgrni") || p.MayIn("identity:manage", "cmp") {
		t.Errorf("works under %s until %s with %+v", id, until, p.Grants)
	}
	told := b.alerts.kinds()
	slices.Sort(told)
	if want := []string{"emergency to auditora@gov.example", "emergency to chefe@gov.example", "emergency to local@gov.example"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if strings.Contains(dump(t), "hospital") {
		t.Error("the reason stands in the clear")
	}
	if _, err := b.take(staff(clerk), identity.TakeRole{Role: "agency-admin", Agency: "dgrni", For: time.Hour, Reason: whyNow}); !errors.Is(err, identity.ErrEmergencyRuns) {
		t.Errorf("a second at once: %v", err)
	}
	b.travel(t, time.Hour)
	if p := b.standing(t, clerk); !p.MayIn("identity:manage", "dgrni") {
		t.Error("it ended too soon")
	}
	b.travel(t, time.Hour)
	if p := b.standing(t, clerk); p.MayIn("identity:manage", "dgrni") || len(p.Grants) != 1 {
		t.Errorf("it did not end: %+v", p.Grants)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		e, err := b.service.Emergency(ctx, tx, emergency)
		if err != nil {
			return err
		}
		if e.Reason != whyNow || e.Ended == nil || !e.Ended.Equal(e.Until) || e.Name != "Clara" || e.Running(tx.Now) {
			t.Errorf("on record %+v", e)
		}
		found, err := audit.New(audit.Deps{Keys: audittest.NewKeys()}).Entries(ctx, tx, audit.Filter{ObjectID: emergency}, page.Request{})
		if len(found.Rows) != 2 || found.Rows[1].Action != "identity.emergency.begin" || found.Rows[1].Actor != clerk || found.Rows[1].Reason != "" {
			t.Errorf("recorded %+v", found.Rows)
		}
		return err
	})
}

func TestEmergencyIsRefused(t *testing.T) {
	t.Parallel()
	b := build(t)
	clerk := b.addStaff(t, "Clara", "clara@gov.example")
	b.grant(t, clerk, "registrar", "dgrni")
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.grant(t, chief, "administrator", "")
	plain := b.addStaff(t, "Paulo", "paulo@gov.example")
	b.grant(t, plain, "clerk", "dgrni")
	area := b.addStaff(t, "Area", "area@gov.example")
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.Grant(ctx, tx, area, "registrar", "dgrni", "CV-PR")
	})
	person := b.signIn(t, sms).Principal
	good := identity.TakeRole{Role: "agency-admin", Agency: "dgrni", For: time.Hour, Reason: whyNow}
	with := func(change func(*identity.TakeRole)) identity.TakeRole {
		in := good
		change(&in)
		return in
	}
	for name, c := range map[string]struct {
		who  pg.Actor
		in   identity.TakeRole
		want error
	}{
		"without the permission":  {staff(plain), good, identity.ErrForbidden},
		"with it for an area":     {staff(area), good, identity.ErrForbidden},
		"in another agency":       {staff(clerk), with(func(r *identity.TakeRole) { r.Agency = "cmp" }), identity.ErrForbidden},
		"in the whole state":      {staff(clerk), with(func(r *identity.TakeRole) { r.Agency = "" }), identity.ErrForbidden},
		"a role beyond an agency": {staff(clerk), with(func(r *identity.TakeRole) { r.Role = "auditor" }), identity.ErrForbidden},
		"a role beyond the state": {staff(chief), with(func(r *identity.TakeRole) { r.Role, r.Agency = "operator", "" }), identity.ErrForbidden},
		"no such role":            {staff(clerk), with(func(r *identity.TakeRole) { r.Role = "emperor" }), identity.ErrNoRole},
		"without a reason":        {staff(clerk), with(func(r *identity.TakeRole) { r.Reason = "because        " }), identity.ErrEmergency},
		"for a day":               {staff(clerk), with(func(r *identity.TakeRole) { r.For = 24 * time.Hour }), identity.ErrEmergency},
		"for no time":             {staff(clerk), with(func(r *identity.TakeRole) { r.For = 0 }), identity.ErrEmergency},
		"a person":                {person.Actor(), good, identity.ErrForbidden},
		"the system":              {pg.System(), good, identity.ErrForbidden},
	} {
		if _, err := b.take(c.who, c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if len(b.alerts.kinds()) != 0 {
		t.Errorf("told %v", b.alerts.kinds())
	}
}

func TestEmergencyIsEnded(t *testing.T) {
	t.Parallel()
	b := build(t)
	clerk := b.addStaff(t, "Clara", "clara@gov.example")
	b.grant(t, clerk, "registrar", "dgrni")
	local := b.addStaff(t, "Local", "local@gov.example")
	b.grant(t, local, "agency-admin", "dgrni")
	foreign := b.addStaff(t, "Outro", "outro@gov.example")
	b.grant(t, foreign, "agency-admin", "cmp")
	end := func(actor pg.Actor, emergency uuid.UUID) error {
		return b.as(actor, func(ctx context.Context, tx *pg.Tx) error { return b.service.EndEmergency(ctx, tx, emergency) })
	}
	list := func(actor pg.Actor, open bool) (n int, err error) {
		err = b.as(actor, func(ctx context.Context, tx *pg.Tx) error {
			found, err := b.service.Emergencies(ctx, tx, open, page.Request{})
			n = len(found.Rows)
			return err
		})
		return n, err
	}
	for _, who := range []uuid.UUID{clerk, local} {
		emergency, err := b.take(staff(clerk), identity.TakeRole{Role: "agency-admin", Agency: "dgrni", For: time.Hour, Reason: whyNow})
		if err != nil {
			t.Fatal(err)
		}
		if err := end(staff(foreign), emergency); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("another agency's administrator: %v", err)
		}
		if n, _ := list(staff(local), true); n != 1 {
			t.Errorf("running: %d", n)
		}
		if n, _ := list(staff(foreign), false); n != 0 {
			t.Errorf("another agency's administrator sees %d", n)
		}
		for range 2 { // the second time changes nothing
			if err := end(staff(who), emergency); err != nil {
				t.Error(err)
			}
		}
		if p := b.standing(t, clerk); p.May("identity:manage") {
			t.Error("it counts on")
		}
		if err := b.as(staff(foreign), func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Emergency(ctx, tx, emergency)
			return err
		}); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("another agency's administrator reads it: %v", err)
		}
	}
	if n, _ := list(staff(local), true); n != 0 {
		t.Errorf("running: %d", n)
	}
	if _, err := list(visitor(), true); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("a stranger: %v", err)
	}
	if err := end(pg.System(), uuid.New()); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
}

// TestRolesEndWithAWarning: on the tenant's clock, holder and giver hear of it a day before, once, and not when it was changed since.
func TestRolesEndWithAWarning(t *testing.T) {
	t.Parallel()
	b := build(t)
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.grant(t, chief, "administrator", "")
	clerk := b.addStaff(t, "Clara", "clara@gov.example")
	give := func(until time.Duration) {
		t.Helper()
		err := b.as(staff(chief), func(ctx context.Context, tx *pg.Tx) error {
			end := tx.Now.Add(until)
			_, err := b.service.GrantFor(ctx, tx, identity.NewGrant{Account: clerk, Role: "registrar", Agency: "dgrni", Until: &end})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	give(3 * 24 * time.Hour)
	give(10 * 24 * time.Hour) // changed: the first end is none any more
	b.travel(t, 2*24*time.Hour+time.Minute)
	if got := b.alerts.kinds(); len(got) != 0 {
		t.Errorf("warned of an end that was put off: %v", got)
	}
	b.travel(t, 7*24*time.Hour)
	if got, want := b.alerts.kinds(), []string{"grant_ends to clara@gov.example", "grant_given to chefe@gov.example"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	if p := b.standing(t, clerk); !p.May("orchestration:read") {
		t.Error("it ended too soon")
	}
	b.travel(t, 24*time.Hour)
	if p := b.standing(t, clerk); p.May("orchestration:read") {
		t.Error("it counts on")
	}
	b.alerts.clear()
	give(12 * time.Hour)
	b.travel(t, time.Hour)
	if got := b.alerts.kinds(); len(got) != 0 {
		t.Errorf("who gives a role for half a day is told that it ends: %v", got)
	}
}
