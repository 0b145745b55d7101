package decision_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/identity/decision"
)

var (
	now    = time.Date(2026, 11, 9, 10, 0, 0, 0, time.UTC)
	me     = uuid.MustParse("0193a000-0000-7000-8000-000000000001")
	twin   = uuid.MustParse("0193a000-0000-7000-8000-000000000002") // the same human being's account as a citizen
	other  = uuid.MustParse("0193a000-0000-7000-8000-000000000003")
	minute = now.Add(time.Minute)
)

const read = "orchestration:read"

func staff(grants ...decision.Grant) decision.Subject {
	return decision.Subject{ID: me, Kind: "staff", Level: 2, Self: []uuid.UUID{twin}, Grants: grants}
}

func grant(role, agency, boundary string, permissions ...string) decision.Grant {
	return decision.Grant{Role: role, Agency: agency, Boundary: boundary, Permissions: permissions}
}

func kase() decision.Object {
	return decision.Object{
		Kind: "case", Agency: "dgrni", Service: "birth-certificate", State: "verification", Located: true, Areas: []string{"CV", "CV-S", "CV-PR"},
		Role: "registrar", Person: other,
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	clerk := staff(grant("registrar", "dgrni", "", read))
	with := func(change func(*decision.Object)) decision.Object {
		on := kase()
		change(&on)
		return on
	}
	timed := func(from, until *time.Time) decision.Subject {
		g := grant("registrar", "dgrni", "", read)
		g.From, g.Until = from, until
		return staff(g)
	}
	account := func(kind string, agencies ...string) decision.Object {
		return decision.Object{Kind: "account", Account: other, Staff: kind == "staff", Agencies: agencies}
	}
	two := staff(grant("agency-admin", "dgrni", "", "identity:read", "identity:manage"), grant("agency-admin", "cmp", "", "identity:read", "identity:manage"))
	one := staff(two.Grants[0])
	for name, c := range map[string]struct {
		who    decision.Subject
		action string
		on     decision.Object
		want   bool
		stop   string
	}{
		"permission":                           {clerk, read, kase(), true, ""},
		"another permission":                   {clerk, "payment:refund", kase(), false, ""},
		"no role":                              {staff(), read, kase(), false, ""},
		"another agency's case":                {clerk, read, with(func(o *decision.Object) { o.Agency = "cmp" }), false, ""},
		"the whole state's":                    {clerk, read, decision.Object{}, false, ""},
		"a role for the whole state":           {staff(grant("auditor", "", "", read)), read, kase(), true, ""},
		"its area":                             {staff(grant("clerk", "dgrni", "CV-PR", read)), read, kase(), true, ""},
		"an area around":                       {staff(grant("clerk", "dgrni", "CV-S", read)), read, kase(), true, ""},
		"another area":                         {staff(grant("clerk", "dgrni", "CV-SV", read)), read, kase(), false, ""},
		"an area, of a case that lies nowhere": {staff(grant("clerk", "dgrni", "CV-S", read)), read, with(func(o *decision.Object) { o.Areas = nil }), false, ""},
		"an area, of what has none":            {staff(grant("clerk", "dgrni", "CV-S", read)), read, decision.Object{Agency: "dgrni"}, true, ""},
		"not yet":                              {timed(&minute, nil), read, kase(), false, ""},
		"from now":                             {timed(&now, nil), read, kase(), true, ""},
		"until later":                          {timed(nil, &minute), read, kase(), true, ""},
		"until now":                            {timed(nil, &now), read, kase(), false, ""},

		"its step":             {clerk, decision.Act, kase(), true, ""},
		"another role's step":  {clerk, decision.Act, with(func(o *decision.Object) { o.Role = "clerk" }), false, ""},
		"nobody's step":        {clerk, decision.Act, with(func(o *decision.Object) { o.Role = "" }), false, ""},
		"what it entered":      {clerk, decision.Act, with(func(o *decision.Object) { o.EnteredBy = []uuid.UUID{other, me} }), false, "separation"},
		"what others entered":  {clerk, decision.Act, with(func(o *decision.Object) { o.EnteredBy = []uuid.UUID{other} }), true, ""},
		"its own case":         {clerk, decision.Act, with(func(o *decision.Object) { o.Person = me }), false, "own-case"},
		"its own as a citizen": {clerk, decision.Act, with(func(o *decision.Object) { o.Person = twin }), false, "own-case"},
		"its own, to take":     {clerk, decision.Claim, with(func(o *decision.Object) { o.Person = twin }), false, "own-case"},
		"its own, to read":     {clerk, read, with(func(o *decision.Object) { o.Person = twin }), true, ""},
		"its own, elsewhere":   {clerk, decision.Act, with(func(o *decision.Object) { o.Person, o.Agency = twin, "cmp" }), false, ""},

		"its work":                  {clerk, decision.See, kase(), true, ""},
		"another role's work":       {clerk, decision.See, with(func(o *decision.Object) { o.Role = "clerk" }), false, ""},
		"what it has done":          {clerk, decision.See, with(func(o *decision.Object) { o.Role, o.Acted = "clerk", []uuid.UUID{me} }), true, ""},
		"what it has done, no role": {staff(), decision.See, with(func(o *decision.Object) { o.Acted = []uuid.UUID{me} }), false, ""},
		"what others have done":     {clerk, decision.See, with(func(o *decision.Object) { o.Role, o.Acted = "clerk", []uuid.UUID{other} }), false, ""},
		"supervision":               {staff(grant("chief", "dgrni", "", "workflow:release")), decision.See, kase(), true, ""},
		"supervision elsewhere":     {staff(grant("chief", "cmp", "", "workflow:release")), decision.See, kase(), false, ""},

		"a colleague":                     {one, "identity:read", account("staff", "dgrni"), true, ""},
		"a colleague who works elsewhere": {one, "identity:read", account("staff", "dgrni", "cmp"), true, ""},
		"another agency's":                {one, "identity:read", account("staff", "cmp"), false, ""},
		"the state's":                     {one, "identity:read", account("staff", ""), false, ""},
		"who works nowhere yet":           {one, "identity:read", account("staff"), true, ""},
		"a citizen":                       {one, "identity:read", account("person"), false, ""},
		"manage a colleague":              {one, "identity:manage", account("staff", "dgrni"), true, ""},
		"manage who works elsewhere too":  {one, "identity:manage", account("staff", "dgrni", "cmp"), false, "account-shared"},
		"manage both agencies' own":       {two, "identity:manage", account("staff", "dgrni", "cmp"), true, ""},
		"manage a citizen":                {two, "identity:manage", account("person"), false, "account-shared"},
		"manage anybody":                  {staff(grant("administrator", "", "", "identity:manage")), "identity:manage", account("person"), true, ""},
		"oneself":                         {staff(), "identity:manage", decision.Object{Kind: "account", Account: me, Staff: true, Agencies: []string{"cmp"}}, true, ""},

		"the system":        {decision.Subject{Kind: "system"}, read, kase(), true, ""},
		"a stranger":        {decision.Subject{Kind: "anonymous"}, read, kase(), false, ""},
		"a machine":         {decision.Subject{ID: me, Kind: "machine", Grants: []decision.Grant{grant("", "dgrni", "", read)}}, read, kase(), true, ""},
		"its hands":         {decision.Subject{ID: me, Kind: "machine", Grants: []decision.Grant{grant("registrar", "dgrni", "", read)}}, decision.Act, kase(), false, "machine"},
		"for somebody":      {decision.Subject{ID: me, Kind: "person", For: other}, decision.Represent, kase(), true, ""},
		"for them, in this": {decision.Subject{ID: me, Kind: "person", For: other, Services: []string{"birth-certificate"}}, decision.Represent, kase(), true, ""},
		"for them, not in this": {
			decision.Subject{ID: me, Kind: "person", For: other, Services: []string{"trade-licence"}}, decision.Represent, kase(), false, "",
		},
		"for somebody else": {decision.Subject{ID: me, Kind: "person", For: twin}, decision.Represent, kase(), false, ""},
		"for nobody":        {decision.Subject{ID: me, Kind: "person"}, decision.Represent, kase(), false, ""},
	} {
		d := decision.House.Decide(decision.NewAsker(c.who), c.action, c.on, decision.Circumstances{Now: now})
		if d.Allowed != c.want || d.Stop() != c.stop {
			t.Errorf("%s: %v, stopped by %q (%+v), want %v and %q", name, d.Allowed, d.Stop(), d.Verdicts, c.want, c.stop)
		}
	}
	d := decision.House.Decide(decision.NewAsker(clerk), read, kase(), decision.Circumstances{Now: now, Tenant: "suspended"})
	if d.Allowed || d.Stop() != "tenant-suspended" {
		t.Errorf("in a suspended tenant: %+v", d)
	}
}

// subjects draws somebody with some roles, and objects what they may meet.
func subjects() *rapid.Generator[decision.Subject] {
	return rapid.Custom(func(t *rapid.T) decision.Subject {
		times := []*time.Time{nil, nil, nil, &now, &minute}
		s := decision.Subject{ID: me, Kind: rapid.SampledFrom([]string{"staff", "staff", "staff", "person", "machine", "system"}).Draw(t, "kind"), Self: []uuid.UUID{twin}}
		for range rapid.IntRange(0, 4).Draw(t, "grants") {
			s.Grants = append(s.Grants, decision.Grant{
				Role:        rapid.SampledFrom([]string{"clerk", "registrar", "chief"}).Draw(t, "role"),
				Agency:      rapid.SampledFrom([]string{"", "dgrni", "cmp"}).Draw(t, "agency"),
				Boundary:    rapid.SampledFrom([]string{"", "", "CV-S", "CV-PR", "CV-SV"}).Draw(t, "boundary"),
				Permissions: rapid.SliceOfDistinct(rapid.SampledFrom(actions), rapid.ID).Draw(t, "permissions"),
				From:        rapid.SampledFrom(times).Draw(t, "from"), Until: rapid.SampledFrom(times).Draw(t, "until"),
			})
		}
		return s
	})
}

var actions = []string{read, "workflow:release", "identity:read", "identity:manage", decision.Act, decision.Claim, decision.See}

func objects() *rapid.Generator[decision.Object] {
	return rapid.Custom(func(t *rapid.T) decision.Object {
		people := rapid.SampledFrom([]uuid.UUID{uuid.Nil, me, twin, other})
		o := decision.Object{
			Kind: "case", Agency: rapid.SampledFrom([]string{"", "dgrni", "cmp"}).Draw(t, "agency"), Located: rapid.Bool().Draw(t, "located"),
			Role: rapid.SampledFrom([]string{"", "clerk", "registrar"}).Draw(t, "role"), Person: people.Draw(t, "person"),
			EnteredBy: rapid.SliceOfN(people, 0, 2).Draw(t, "entered by"), Acted: rapid.SliceOfN(people, 0, 2).Draw(t, "acted"),
		}
		if o.Located {
			o.Areas = rapid.SampledFrom([][]string{nil, {"CV", "CV-S", "CV-PR"}, {"CV", "CV-SV"}}).Draw(t, "areas")
		}
		if rapid.Bool().Draw(t, "account") {
			o.Kind, o.Account, o.Staff = "account", people.Draw(t, "whose"), rapid.Bool().Draw(t, "staff")
			o.Agencies = rapid.SliceOfDistinct(rapid.SampledFrom([]string{"", "dgrni", "cmp"}), rapid.ID).Draw(t, "agencies")
		}
		return o
	})
}

// TestShortWay: leaving out the roles that cannot help changes no answer.
func TestShortWay(t *testing.T) {
	t.Parallel()
	own, err := decision.With([]decision.Policy{{Code: "x", Text: `forbid (principal, action, resource) when { resource.agency == "cmp" && principal.kind == "staff" };`}})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		who, on, action := decision.NewAsker(subjects().Draw(t, "who")), objects().Draw(t, "on"), rapid.SampledFrom(actions).Draw(t, "action")
		for _, law := range []*decision.Law{decision.House, own} {
			short, long := law.Decide(who, action, on, decision.Circumstances{Now: now}), law.Explain(who, action, on, decision.Circumstances{Now: now})
			if short.Allowed != long.Allowed || short.Stop() != long.Stop() {
				t.Fatalf("%v by %q, explained %v by %q", short.Allowed, short.Stop(), long.Allowed, long.Stop())
			}
			if len(long.Verdicts) != len(who.Grants)+1 {
				t.Fatalf("%d verdicts for %d roles", len(long.Verdicts), len(who.Grants))
			}
		}
	})
}

// TestForbidIsStronger: a policy of the tenant's own takes away and never gives.
func TestForbidIsStronger(t *testing.T) {
	t.Parallel()
	texts := []string{
		`forbid (principal, action, resource);`,
		`forbid (principal, action == Action::"orchestration:read", resource);`,
		`forbid (principal, action, resource) when { principal.level < 2 };`,
		`forbid (principal, action, resource) unless { context has grant && context.grant.role == "registrar" };`,
		`@note("x") forbid (principal == Account::"0193a000-0000-7000-8000-000000000001", action in [Action::"workflow:act", Action::"workflow:see"], resource);`,
	}
	rapid.Check(t, func(t *rapid.T) {
		law, err := decision.With([]decision.Policy{{Code: "own", Text: rapid.SampledFrom(texts).Draw(t, "text")}})
		if err != nil {
			t.Fatal(err)
		}
		who, on, action := decision.NewAsker(subjects().Draw(t, "who")), objects().Draw(t, "on"), rapid.SampledFrom(actions).Draw(t, "action")
		before, after := decision.House.Decide(who, action, on, decision.Circumstances{Now: now}), law.Decide(who, action, on, decision.Circumstances{Now: now})
		if after.Allowed && !before.Allowed {
			t.Fatal("a policy that forbids let somebody pass")
		}
		if before.Allowed && !after.Allowed {
			if code, own := decision.Own(after.Stop()); !own || code != "own" || !law.Touches(action) {
				t.Fatalf("stopped by %q; touches %v", after.Stop(), law.Touches(action))
			}
		}
	})
}

func TestCheck(t *testing.T) {
	t.Parallel()
	permissions := append(decision.Named(), read, "payment:refund")
	for text, want := range map[string]string{
		`forbid (principal, action == Action::"payment:refund", resource) when { resource.agency == "cmp" };`:                "",
		`forbid (principal, action, resource) when { resource has areas && resource.areas.contains("CV-BR") };`:              "",
		`forbid (principal, action, resource) when { context.now < datetime("2027-01-01T00:00:00Z") };`:                      "",
		`forbid (principal, action, resource) when { context has grant && context.grant has until && principal.level < 2 };`: "",
		`forbid (principal, action == Action::"payment:refnud", resource);`:                                                  "vocabulary",
		`forbid (principal, action, resource) when { resource.agncy == "cmp" };`:                                             "vocabulary",
		`forbid (principal, action, resource) when { resource.areas.contains("CV-BR") };`:                                    "vocabulary",
		`forbid (principal, action, resource) when { resource.agency == 3 };`:                                                "vocabulary",
		`permit (principal, action, resource);`:                                                                              "permit",
		`forbid (principal, action, resource); forbid (principal, action, resource);`:                                        "single",
		``: "single",
		`forbid (principal, action, resource) when { `: "syntax",
		`DROP TABLE identity.account`:                  "syntax",
	} {
		got := ""
		if p := decision.Check(text, permissions); p != nil {
			got = p.Code
		}
		if got != want {
			t.Errorf("%s: %q, want %q (%+v)", text, got, want, decision.Check(text, permissions))
		}
	}
	if _, err := decision.With([]decision.Policy{{Code: "bad", Text: "permit (principal, action, resource);"}}); err == nil {
		t.Error("a policy that permits came into the law")
	}
}

// TestHouse holds the house's own policies to the vocabulary that the tenants' are held to.
func TestHouse(t *testing.T) {
	t.Parallel()
	if err := decision.CheckHouse(decision.Named()); err != nil {
		t.Error(err)
	}
	ids := decision.Policies()
	if slices.Contains(ids, "") {
		t.Error("a policy of the house has no @id")
	}
	slices.Sort(ids)
	if len(slices.Compact(ids)) != strings.Count(decision.Text(), "@id(") {
		t.Errorf("ids %v", ids)
	}
}

// TestUnworkable: a policy that cannot be worked out for an object forbids. Those that are saved cannot come to that.
func TestUnworkable(t *testing.T) {
	t.Parallel()
	law, err := decision.With([]decision.Policy{{Code: "broken", Text: `forbid (principal, action, resource) when { resource.areas.contains("CV") };`}})
	if err != nil {
		t.Fatal(err)
	}
	who := decision.NewAsker(staff(grant("auditor", "", "", read)))
	d := law.Decide(who, read, decision.Object{}, decision.Circumstances{Now: now})
	if d.Allowed || d.Stop() != "own:broken" {
		t.Errorf("%+v", d)
	}
}

func BenchmarkDecide(b *testing.B) {
	who := decision.NewAsker(staff(
		grant("registry-clerk", "dgrni", "CV-PR", read, "workbench:use", "agency:read"),
		grant("registrar", "dgrni", "", read, "workbench:use", "agency:read", "workflow:release", "certificate:revoke", "certificate:read"),
		grant("agency-admin", "cmp", "", "identity:manage", "identity:read", "agency:manage", "agency:read", "catalog:publish", "catalog:read", "payment:read"),
	))
	for name, action := range map[string]string{"read": read, "act": decision.Act, "refused": "payment:refund"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			on := kase()
			for b.Loop() {
				if decision.House.Decide(who, action, on, decision.Circumstances{Now: now}).Allowed != (name != "refused") {
					b.Fatal(name)
				}
			}
		})
	}
}
