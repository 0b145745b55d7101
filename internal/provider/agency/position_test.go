package agency_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
)

var nobody identity.Principal // the system, in this package's helpers

// furnish makes two agencies, an office, roles, and staff by name.
func (b *bundle) furnish(names ...string) map[string]uuid.UUID {
	b.t.Helper()
	accounts := map[string]uuid.UUID{}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		if err := tenancy.New(tenancy.Deps{}).Change(ctx, tx, tenancy.Settings{
			Name: i18n.Text{"pt": "X"}, Languages: []string{"pt"}, DefaultLanguage: "pt", Currency: "CVE", Zone: "Atlantic/Cape_Verde", PhoneRegion: "CV", Accent: "#003893",
		}); err != nil {
			return err
		}
		parks := works
		parks.Code = "parks"
		for _, a := range []agency.Agency{works, parks} {
			if err := b.svc.Put(ctx, tx, nobody, a); err != nil {
				return err
			}
		}
		if err := b.svc.PutOffice(ctx, tx, nobody, agency.Office{Agency: "works", Code: "plateau", Name: works.Name}); err != nil {
			return err
		}
		for code, permissions := range map[string][]string{
			"inspector": {"workbench:use"}, "chief": {"workflow:release"}, "auditor": {"audit:read"}, "agency-admin": {"agency:manage", "agency:read", "identity:manage"},
		} {
			if err := b.people.PutRole(ctx, tx, identity.Role{Code: code, Name: i18n.Text{"pt": code}, Permissions: permissions}); err != nil {
				return err
			}
		}
		for n, name := range names {
			account, err := b.people.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: fmt.Sprintf("s%d@gov.example", n), Lang: "pt"})
			if err != nil {
				return err
			}
			accounts[name] = account
		}
		return nil
	})
	return accounts
}

func position(code string, seats int, roles ...string) agency.Position {
	return agency.Position{Agency: "works", Code: code, Title: i18n.Text{"pt": code}, Roles: roles, Seats: seats}
}

// holds are the roles an account has now, as "role@agency/area".
func (b *bundle) holds(account uuid.UUID) (out []string) {
	b.t.Helper()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		p, err := b.people.Standing(ctx, tx, account)
		for _, g := range p.Grants {
			out = append(out, g.Role+"@"+g.Agency+"/"+g.Boundary)
		}
		slices.Sort(out)
		return err
	})
	return out
}

func (b *bundle) hold(by identity.Principal, in agency.Hold) (h uuid.UUID, err error) {
	err = b.try(by, func(ctx context.Context, tx *pg.Tx) (err error) {
		h, err = b.svc.Hold(ctx, tx, by, in)
		return err
	})
	return h, err
}

func (b *bundle) travel(by time.Duration) {
	b.t.Helper()
	if err := b.db.AdvanceClock(b.t.Context(), b.tenant, by); err != nil {
		b.t.Fatal(err)
	}
}

func same(a []string, b ...string) bool { return slices.Equal(a, b) || len(a)+len(b) == 0 }

func TestHolding(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff := b.furnish("Ana", "Rui")
	chief := position("head", 1, "chief", "inspector")
	chief.Boundary, chief.Office = "CV-PR", "plateau"
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.PutPosition(ctx, tx, nobody, chief) })
	b.in(func(ctx context.Context, tx *pg.Tx) error { // a role given by hand stays what it is
		return b.people.Grant(ctx, tx, staff["Ana"], "inspector", "works", "")
	})
	h, err := b.hold(nobody, agency.Hold{Agency: "works", Position: "head", Account: staff["Ana"]})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.holds(staff["Ana"]); !same(got, "chief@works/CV-PR", "inspector@works/", "inspector@works/CV-PR") {
		t.Errorf("holding: %v", got)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		posts, err := b.svc.Posts(ctx, tx, staff["Ana"])
		if len(posts) != 1 || posts[0].Office != "plateau" || posts[0].Title["pt"] != "head" {
			t.Errorf("works at %+v", posts)
		}
		return err
	})
	// The roles of the position change, and with them the holder's.
	chief.Roles, chief.Boundary = []string{"chief"}, ""
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.PutPosition(ctx, tx, nobody, chief) })
	if got := b.holds(staff["Ana"]); !same(got, "chief@works/", "inspector@works/") {
		t.Errorf("after the position changed: %v", got)
	}
	if _, err := b.hold(nobody, agency.Hold{Agency: "works", Position: "head", Account: staff["Rui"]}); !errors.Is(err, agency.ErrFull) {
		t.Errorf("a second at one seat: %v", err)
	}
	b.travel(time.Hour)
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.Vacate(ctx, tx, nobody, h) })
	if got := b.holds(staff["Ana"]); !same(got, "inspector@works/") {
		t.Errorf("after leaving: %v", got)
	}
	if _, err := b.hold(nobody, agency.Hold{Agency: "works", Position: "head", Account: staff["Rui"]}); err != nil {
		t.Errorf("the seat is not free: %v", err)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.svc.Vacate(ctx, tx, nobody, h); err != nil {
			t.Errorf("vacated twice: %v", err)
		}
		p, held, err := b.svc.Position(ctx, tx, nobody, "works", "head", page.Request{})
		if p.Code != "head" || len(held.Rows) != 2 || held.Rows[1].Account != staff["Ana"] || held.Rows[1].Until == nil || !held.Rows[0].Current(tx.Now) {
			t.Errorf("on record: %+v, %+v", p, held.Rows)
		}
		return err
	})
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.Dismiss(ctx, tx, nobody, staff["Rui"], "works")
	})
	if got := b.holds(staff["Rui"]); !same(got) {
		t.Errorf("after the dismissal: %v", got)
	}
}

func TestHoldingHasItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff := b.furnish("Ana")
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.PutPosition(ctx, tx, nobody, position("desk", 1, "inspector"))
	})
	var now time.Time
	b.in(func(_ context.Context, tx *pg.Tx) error { now = tx.Now; return nil })
	until := now.Add(48 * time.Hour)
	h, err := b.hold(nobody, agency.Hold{Agency: "works", Position: "desk", Account: staff["Ana"], From: now.Add(24 * time.Hour), Until: &until})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{}, {"inspector@works/"}, {}} {
		if got := b.holds(staff["Ana"]); !same(got, want...) {
			t.Errorf("%v, want %v", got, want)
		}
		b.travel(24*time.Hour + time.Second)
	}
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		if err := b.svc.Vacate(ctx, tx, nobody, h); err != nil {
			t.Errorf("vacating what is over: %v", err)
		}
		// One that has not begun is as if it had never been.
		h, err := b.svc.Hold(ctx, tx, nobody, agency.Hold{Agency: "works", Position: "desk", Account: staff["Ana"], From: tx.Now.Add(time.Hour)})
		if err != nil {
			return err
		}
		if held, err := b.svc.Held(ctx, tx, staff["Ana"]); err != nil || len(held) != 1 || held[0].Title["pt"] != "desk" {
			t.Errorf("held: %+v, %v", held, err)
		}
		if err := b.svc.Vacate(ctx, tx, nobody, h); err != nil {
			return err
		}
		held, err := b.svc.Held(ctx, tx, staff["Ana"])
		if len(held) != 0 {
			t.Errorf("held: %+v", held)
		}
		return err
	})
}

func TestPositionsAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	staff := b.furnish("Ana", "Local", "Clerk")
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		for _, p := range []agency.Position{position("head", 1, "chief"), position("desk", 2, "inspector")} {
			if err := b.svc.PutPosition(ctx, tx, nobody, p); err != nil {
				return err
			}
		}
		return b.people.Grant(ctx, tx, staff["Local"], "agency-admin", "works", "")
	})
	var local identity.Principal
	b.in(func(ctx context.Context, tx *pg.Tx) (err error) {
		local, err = b.people.Standing(ctx, tx, staff["Local"])
		return err
	})
	elsewhere := admin("parks", agency.Manage, agency.Read)
	half := admin("works", agency.Manage) // may change positions, not give roles
	with := func(p agency.Position, change func(*agency.Position)) agency.Position {
		change(&p)
		return p
	}
	desk := position("desk", 2, "inspector")
	for name, c := range map[string]struct {
		by   identity.Principal
		p    agency.Position
		want error
	}{
		"their agency's":           {local, desk, nil},
		"another agency's":         {elsewhere, desk, agency.ErrForbidden},
		"roles one cannot give":    {half, desk, identity.ErrForbidden},
		"a role beyond the agency": {local, with(desk, func(p *agency.Position) { p.Roles = []string{"auditor"} }), identity.ErrForbidden},
		"no such role":             {local, with(desk, func(p *agency.Position) { p.Roles = []string{"emperor"} }), identity.ErrNoRole},
		"no such agency":           {nobody, with(desk, func(p *agency.Position) { p.Agency = "none" }), agency.ErrUnknown},
		"no such office":           {local, with(desk, func(p *agency.Position) { p.Office = "none" }), agency.ErrUnknownOffice},
		"reports to nobody there":  {local, with(desk, func(p *agency.Position) { p.ReportsTo = "none" }), agency.ErrUnknownPosition},
		"reports to itself":        {local, with(desk, func(p *agency.Position) { p.ReportsTo = "desk" }), agency.ErrCircle},
		"no seat":                  {local, with(desk, func(p *agency.Position) { p.Seats = 0 }), agency.ErrInvalid},
		"no title":                 {local, with(desk, func(p *agency.Position) { p.Title = nil }), agency.ErrInvalid},
		"no code":                  {local, with(desk, func(p *agency.Position) { p.Code = "Head of" }), agency.ErrInvalid},
	} {
		err := b.try(c.by, func(ctx context.Context, tx *pg.Tx) error { return b.svc.PutPosition(ctx, tx, c.by, c.p) })
		if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	past := time.Now().Add(-time.Hour)
	hold := agency.Hold{Agency: "works", Position: "desk", Account: staff["Ana"]}
	holding := func(change func(*agency.Hold)) agency.Hold {
		in := hold
		change(&in)
		return in
	}
	closed := position("old", 1)
	closed.Closed = true
	b.in(func(ctx context.Context, tx *pg.Tx) error { return b.svc.PutPosition(ctx, tx, nobody, closed) })
	for _, c := range []struct {
		name string
		by   identity.Principal
		in   agency.Hold
		want error
	}{
		{"by another agency's", elsewhere, hold, agency.ErrForbidden},
		{"by who cannot give roles", half, hold, identity.ErrForbidden},
		{"no such position", local, holding(func(h *agency.Hold) { h.Position = "none" }), agency.ErrUnknownPosition},
		{"no such account", local, holding(func(h *agency.Hold) { h.Account = uuid.New() }), identity.ErrNotFound},
		{"a closed position", local, holding(func(h *agency.Hold) { h.Position = "old" }), agency.ErrClosed},
		{"over already", local, holding(func(h *agency.Hold) { h.Until = &past }), agency.ErrTime},
		{"good", local, hold, nil},
		{"twice", local, hold, agency.ErrHeld},
	} {
		if _, err := b.hold(c.by, c.in); c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := b.try(elsewhere, func(ctx context.Context, tx *pg.Tx) error {
		_, _, err := b.svc.Positions(ctx, tx, elsewhere, "works")
		return err
	}); !errors.Is(err, agency.ErrForbidden) {
		t.Errorf("another agency's administrator looks: %v", err)
	}
	if err := b.try(local, func(ctx context.Context, tx *pg.Tx) error { return b.svc.Vacate(ctx, tx, local, uuid.New()) }); !errors.Is(err, agency.ErrUnknownHolding) {
		t.Errorf("vacating nothing: %v", err)
	}
}

// TestNoCircles: whatever is put above whatever, in whatever order, following the line upwards comes to an end.
func TestNoCircles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.furnish()
	codes := []string{"a", "b", "c", "d"}
	undo := errors.New("undo")
	rapid.Check(t, func(t *rapid.T) {
		err := b.try(nobody, func(ctx context.Context, tx *pg.Tx) error {
			for _, code := range codes {
				if err := b.svc.PutPosition(ctx, tx, nobody, position(code, 1)); err != nil {
					return err
				}
			}
			for range 8 {
				p := position(rapid.SampledFrom(codes).Draw(t, "position"), 1)
				p.ReportsTo = rapid.SampledFrom(append([]string{""}, codes...)).Draw(t, "reports to")
				if err := b.svc.PutPosition(ctx, tx, nobody, p); err != nil && !errors.Is(err, agency.ErrCircle) {
					return err
				}
				all, _, err := b.svc.Positions(ctx, tx, nobody, "works")
				if err != nil {
					return err
				}
				above := map[string]string{}
				for _, p := range all {
					above[p.Code] = p.ReportsTo
				}
				for _, code := range codes {
					for n := 0; code != ""; n++ {
						if n > len(codes) {
							t.Fatalf("a circle: %v", above)
						}
						code = above[code]
					}
				}
			}
			return undo
		})
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
	})
}

// TestSeatsAreNotOversold: however many are put there at once and for whatever times, at no moment are there more than seats.
func TestSeatsAreNotOversold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	names := []string{"A", "B", "C", "D", "E", "F", "G", "H"}
	staff := b.furnish(names...)
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		return b.svc.PutPosition(ctx, tx, nobody, position("desk", 3, "inspector"))
	})
	var wg sync.WaitGroup
	for n, name := range names {
		wg.Go(func() {
			in := agency.Hold{Agency: "works", Position: "desk", Account: staff[name]}
			if n%2 == 1 {
				until := time.Now().Add(time.Duration(n) * time.Hour)
				in.Until = &until
			}
			if _, err := b.hold(nobody, in); err != nil && !errors.Is(err, agency.ErrFull) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.in(func(ctx context.Context, tx *pg.Tx) error {
		_, held, err := b.svc.Positions(ctx, tx, nobody, "works")
		if len(held["desk"]) != 3 {
			t.Errorf("%d hold 3 seats", len(held["desk"]))
		}
		return err
	})
}
