package identity_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/identity"
	"digit/internal/infra/identity/decision"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

var errUndo = errors.New("undo")

// policy is one of the tenant's own, switched on.
func policy(code, text string) identity.OwnPolicy {
	return identity.OwnPolicy{Code: code, Reason: i18n.Text{"pt": "Não agora", "en": "Not now"}, Text: text, Enabled: true}
}

// TestListsAreWhatDecisionsAllow: the list of accounts has those that its reader may open, one by one, and no others; the list of roles
// held those in agencies where the reader may look.
func TestListsAreWhatDecisionsAllow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reader := b.addStaff(t, "Leitora", "leitora@gov.example")
	agencies := []string{"", "dgrni", "cmp", "parks"}
	accounts := []uuid.UUID{reader, b.signIn(t, sms).Principal.Account}
	for n := range 14 {
		account := b.addStaff(t, fmt.Sprintf("Pessoa %c", 'A'+n), fmt.Sprintf("p%d@gov.example", n))
		accounts = append(accounts, account)
		for bit, agency := range agencies { // each of the sixteen ways to work somewhere, none among them
			if n>>bit&1 == 1 {
				b.grant(t, account, "registrar", agency)
			}
		}
	}
	texts := []string{
		"", `forbid (principal, action == Action::"identity:read", resource) when { resource.kind == "account" && resource.agencies.contains("cmp") };`,
		`forbid (principal, action == Action::"identity:read", resource) when { resource.agency == "dgrni" };`,
	}
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.SliceOfDistinct(rapid.SampledFrom(agencies), rapid.ID).Draw(t, "agencies")
		text := rapid.SampledFrom(texts).Draw(t, "policy")
		err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			var grants []identity.NewGrant
			for _, agency := range at {
				grants = append(grants, identity.NewGrant{Role: "agency-admin", Agency: agency})
			}
			if err := b.service.SetGrants(ctx, tx, reader, "test:x", grants); err != nil {
				return err
			}
			if text != "" {
				if err := b.service.PutPolicy(ctx, tx, policy("own", text)); err != nil {
					return err
				}
			}
			tx.Actor = staff(reader)
			p := b.principal(ctx, t, tx, reader)
			want, got := map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
			for _, account := range accounts {
				_, err := b.service.Account(ctx, tx, account)
				if err == nil && (account != reader || p.May("identity:read")) { // everybody opens their own, which is no list
					want[account] = true
				} else if err != nil && !errors.Is(err, identity.ErrForbidden) {
					return err
				}
			}
			for req := (page.Request{Size: 4}); ; {
				found, err := b.service.Accounts(ctx, tx, identity.Filter{}, req)
				if errors.Is(err, identity.ErrForbidden) && !p.May("identity:read") {
					return errUndo
				}
				if err != nil {
					return err
				}
				for _, row := range found.Rows {
					got[row.ID] = true
				}
				if req.After = found.Next; found.Next == "" {
					break
				}
			}
			// one's own account is in the list as far as one may look at such accounts
			delete(want, reader)
			delete(got, reader)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("at %q under %q (-decided +listed):\n%s", at, text, diff)
			}
			held, err := b.service.Grants(ctx, tx, identity.GrantFilter{}, page.Request{Size: 100})
			if err != nil {
				return err
			}
			wanted := 0
			for _, row := range held.Rows {
				if !p.MayIn("identity:read", row.Agency) {
					t.Fatalf("a role in %q is listed", row.Agency)
				}
			}
			tx.Actor = pg.System()
			all, err := b.service.Grants(ctx, tx, identity.GrantFilter{}, page.Request{Size: 100})
			if err != nil {
				return err
			}
			for _, row := range all.Rows {
				if p.MayIn("identity:read", row.Agency) {
					wanted++
				}
			}
			if wanted != len(held.Rows) {
				t.Fatalf("%d roles listed, %d decided", len(held.Rows), wanted)
			}
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	})
}

// principal is somebody as a session would bring them.
func (b *bundle) principal(ctx context.Context, t interface{ Fatal(...any) }, tx *pg.Tx, account uuid.UUID) identity.Principal {
	p, err := b.service.Standing(ctx, tx, account)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOwnPolicies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.grant(t, chief, "administrator", "")
	clerk := b.addStaff(t, "Escrivã", "clerk@gov.example")
	b.grant(t, clerk, "agency-admin", "dgrni")
	in := b.signIn(t, identity.StartCode{Channel: "email", Address: "clerk@gov.example", Staff: true})
	put := func(actor pg.Actor, p identity.OwnPolicy) error {
		return b.as(actor, func(ctx context.Context, tx *pg.Tx) error { return b.service.PutPolicy(ctx, tx, p) })
	}
	const stop = `forbid (principal, action == Action::"identity:manage", resource) when { resource.agency == "dgrni" };`
	for name, c := range map[string]struct {
		who    pg.Actor
		p      identity.OwnPolicy
		want   error
		fields []string
	}{
		"an agency's administrator": {staff(clerk), policy("a-b", stop), identity.ErrForbidden, nil},
		"a stranger":                {visitor(), policy("a-b", stop), identity.ErrForbidden, nil},
		"nothing in it":             {staff(chief), identity.OwnPolicy{}, identity.ErrOwnPolicy, []string{"code", "reason", "text"}},
		"a policy that permits":     {staff(chief), policy("a-b", `permit (principal, action, resource);`), identity.ErrOwnPolicy, []string{"text"}},
		"a misspelt permission":     {staff(chief), policy("a-b", `forbid (principal, action == Action::"identity:mange", resource);`), identity.ErrOwnPolicy, []string{"text"}},
		"everything forbidden":      {staff(chief), policy("a-b", `forbid (principal, action, resource);`), identity.ErrLockout, nil},
		"the console forbidden":     {staff(chief), policy("a-b", `forbid (principal, action == Action::"identity:manage", resource) when { resource.agency == "" };`), identity.ErrLockout, nil},
		"what is good":              {staff(chief), policy("a-b", stop), nil, nil},
	} {
		err := put(c.who, c.p)
		var fields []string
		if f := fault.Of(err); f != nil {
			for _, field := range f.Fields {
				fields = append(fields, field.Path)
			}
		}
		if !errors.Is(err, c.want) || c.want == nil && err != nil || !slices.Equal(fields, c.fields) {
			t.Errorf("%s: %v, fields %v", name, err, fields)
		}
	}
	p, err := b.session(in.Token, 0)
	if err != nil {
		t.Fatal(err)
	}
	d := p.Decide("identity:manage", identity.Object{Agency: "dgrni"}, time.Now())
	refused := p.Refused(d, identity.ErrForbidden)
	if d.Allowed || !errors.Is(refused, identity.ErrPolicy) || fault.Of(refused).Args["reason"].(i18n.Text)["en"] != "Not now" || p.MayIn("identity:manage", "dgrni") || p.May("identity:manage") {
		t.Errorf("under the policy: %+v, %v", d, refused)
	}
	off := policy("a-b", stop)
	off.Enabled = false
	if err := put(staff(chief), off); err != nil {
		t.Fatal(err)
	}
	if p, _ = b.session(in.Token, 0); !p.MayIn("identity:manage", "dgrni") {
		t.Error("a policy that is switched off still counts")
	}
	if p.Touched("identity:manage") {
		t.Error("nothing of the tenant's own is in force")
	}
	remove := func(ctx context.Context, tx *pg.Tx) error { return b.service.RemovePolicy(ctx, tx, "a-b") }
	if err := b.as(staff(clerk), remove); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("an agency's administrator removes: %v", err)
	}
	if err := b.as(staff(chief), remove); err != nil {
		t.Error(err)
	}
	if err := b.as(staff(chief), remove); !errors.Is(err, identity.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clerk := b.addStaff(t, "Escrivã", "clerk@gov.example")
	local := b.addStaff(t, "Local", "local@gov.example")
	b.grant(t, local, "agency-admin", "cmp")
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		over := tx.Now.Add(-time.Hour)
		before := over.Add(-time.Hour)
		for _, g := range []identity.NewGrant{
			{Role: "agency-admin", Agency: "dgrni", Boundary: "CV-PR"}, {Role: "auditor", From: &before, Until: &over}, {Role: "registrar", Agency: "cmp"},
		} {
			g.Account = clerk
			if _, err := b.service.GrantFor(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
	explain := func(actor pg.Actor, action string, on identity.Object) (e identity.Explanation, err error) {
		err = b.as(actor, func(ctx context.Context, tx *pg.Tx) (err error) {
			e, err = b.service.Explain(ctx, tx, clerk, action, on)
			return err
		})
		return e, err
	}
	told := func(e identity.Explanation) (out []string) {
		for _, v := range e.Verdicts {
			role := "-"
			if v.Grant != nil {
				role = v.Grant.Role
			}
			out = append(out, fmt.Sprintf("%s %v %v", role, v.Permits, v.Forbids))
		}
		return out
	}
	case1 := identity.Object{Kind: "case", Agency: "dgrni", Located: true, Areas: []string{"CV", "CV-SV"}}
	e, err := explain(pg.System(), "identity:manage", case1)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"agency-admin [permission] [area]", "auditor [] [no-longer]", "registrar [] [agency]", "- [] []"}
	if diff := cmp.Diff(want, told(e)); diff != "" || e.Allowed {
		t.Errorf("allowed %v (-want +got):\n%s", e.Allowed, diff)
	}
	case1.Areas = append(case1.Areas, "CV-PR")
	if e, err = explain(staff(clerk), "identity:manage", case1); err != nil || !e.Allowed || !e.Verdicts[0].Passes() {
		t.Errorf("one's own: %+v, %v", e, err)
	}
	if _, err := explain(staff(local), "workflow:act", case1); err != nil {
		t.Errorf("a colleague who works in one's agency too: %v", err)
	}
	if _, err := explain(visitor(), "workflow:act", case1); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("a stranger: %v", err)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, clerk) })
	if e, err = explain(pg.System(), "identity:manage", case1); err != nil || e.Allowed || !e.Suspended {
		t.Errorf("suspended: %+v, %v", e, err)
	}
}

func TestGivers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chief := b.addStaff(t, "Chefe", "chefe@gov.example")
	b.grant(t, chief, "administrator", "")
	local := b.addStaff(t, "Local", "local@gov.example")
	b.grant(t, local, "agency-admin", "dgrni")
	gone := b.addStaff(t, "Saiu", "saiu@gov.example")
	b.grant(t, gone, "agency-admin", "dgrni")
	clerk := b.addStaff(t, "Escrivã", "clerk@gov.example")
	b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.Suspend(ctx, tx, gone) })
	names := func(actor pg.Actor, agency string) (out []string, err error) {
		err = b.as(actor, func(ctx context.Context, tx *pg.Tx) error {
			givers, err := b.service.Givers(ctx, tx, agency)
			for _, g := range givers {
				out = append(out, g.Name)
			}
			return err
		})
		return out, err
	}
	for agency, want := range map[string][]string{"dgrni": {"Local", "Chefe"}, "cmp": {"Chefe"}, "": {"Chefe"}} {
		if got, err := names(staff(clerk), agency); err != nil || !slices.Equal(got, want) {
			t.Errorf("in %q: %v, %v", agency, got, err)
		}
	}
	if _, err := names(visitor(), "dgrni"); !errors.Is(err, identity.ErrForbidden) {
		t.Errorf("a stranger is told: %v", err)
	}
}

// TestSameHumanBeing: a clerk who is a citizen under the same proven address is known to be one.
func TestSameHumanBeing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.addStaff(t, "Escrivã", "ana@gov.example")
	work := b.signIn(t, identity.StartCode{Channel: "email", Address: "ana@gov.example", Staff: true})
	if len(work.Principal.Self) != 0 {
		t.Fatalf("nobody else has proven that address: %v", work.Principal.Self)
	}
	home := b.signIn(t, identity.StartCode{Channel: "email", Address: "Ana@gov.example"})
	p, err := b.session(work.Token, 0)
	if err != nil || !slices.Equal(p.Self, []uuid.UUID{home.Principal.Account}) {
		t.Fatalf("self = %v, %v", p.Self, err)
	}
	d := p.Decide(decision.Claim, identity.Object{Kind: "case", Person: home.Principal.Account}, time.Now())
	if d.Allowed {
		t.Error("may take their own case")
	}
	b.addStaff(t, "Outra", "bela@gov.example")
	b.signIn(t, identity.StartCode{Channel: "email", Address: "rui@gov.example"})
	if p, _ = b.session(home.Token, 0); !slices.Equal(p.Self, []uuid.UUID{work.Principal.Account}) {
		t.Errorf("the other way round: %v", p.Self)
	}
}
