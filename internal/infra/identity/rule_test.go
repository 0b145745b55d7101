package identity_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

func (b *bundle) rule(t *testing.T, source, condition, role, agency string) (id uuid.UUID) {
	t.Helper()
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		id, err = b.service.PutRule(ctx, tx, source, identity.Rule{Condition: condition, Role: role, Agency: agency})
		return err
	})
	return id
}

func TestRulesAreCheckedWhenTheyAreSaved(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return b.service.PutRole(ctx, tx, identity.Role{Code: "operator", Name: i18n.Text{"pt": "x"}, Permissions: []string{"tenancy:create"}})
	})
	for what, c := range map[string]struct {
		source string
		rule   identity.Rule
		field  string // "" for a refusal of the whole
		want   error
	}{
		"good":                      {"provider:idp", identity.Rule{Condition: `"clerks" in claims.groups`, Role: "registrar"}, "", nil},
		"not closed":                {"provider:idp", identity.Rule{Condition: `"clerks" in (claims.groups`, Role: "registrar"}, "condition", identity.ErrRule},
		"no condition":              {"provider:idp", identity.Rule{Role: "registrar"}, "condition", identity.ErrRule},
		"no truth":                  {"provider:idp", identity.Rule{Condition: `"clerks"`, Role: "registrar"}, "condition", identity.ErrRule},
		"another sort of source's":  {"provider:idp", identity.Rule{Condition: `"clerks" in groups`, Role: "registrar"}, "condition", identity.ErrRule},
		"a role that is not there":  {"provider:idp", identity.Rule{Condition: `true`, Role: "nobody"}, "role", identity.ErrRule},
		"a role over other tenants": {"provider:idp", identity.Rule{Condition: `true`, Role: "operator"}, "role", identity.ErrRule},
		"a provider that is not":    {"provider:none", identity.Rule{Condition: `true`, Role: "registrar"}, "", identity.ErrSource},
		"a directory that is not":   {"directory:none", identity.Rule{Condition: `true`, Role: "registrar"}, "", identity.ErrSource},
		"something else":            {"position:1", identity.Rule{Condition: `true`, Role: "registrar"}, "", identity.ErrSource},
	} {
		err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.PutRule(ctx, tx, c.source, c.rule)
			return err
		})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
		if c.field != "" && fault.Of(err).Fields[0].Path != c.field {
			t.Errorf("%s: %v", what, err)
		}
	}
	err := b.as(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.PutRule(ctx, tx, "provider:idp", identity.Rule{Condition: "claims.x ==", Role: "registrar"})
		return err
	})
	if text, _ := fault.Of(err).Fields[0].Args["problem"].(string); !strings.Contains(text, "line 1, column ") {
		t.Errorf("it is not said where the condition is wrong: %q", text)
	}
}

func TestRulesAreListedChangedAndRemoved(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	first := b.rule(t, "provider:idp", "true", "registrar", "civil")
	b.rule(t, "provider:idp", "false", "auditor", "")
	list := func() (rules []identity.Rule) {
		b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
			rules, err = b.service.Rules(ctx, tx, "provider:idp")
			return err
		})
		return rules
	}
	if got := list(); len(got) != 2 || got[0].ID != first || got[0].Agency != "civil" {
		t.Fatalf("got %+v", got)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		_, err := b.service.PutRule(ctx, tx, "provider:idp", identity.Rule{ID: first, Condition: " 1 == 1 ", Role: "auditor", Boundary: "praia"})
		return err
	})
	if got := list(); len(got) != 2 || got[0] != (identity.Rule{ID: first, Condition: "1 == 1", Role: "auditor", Boundary: "praia"}) {
		t.Fatalf("got %+v", got)
	}
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		if err := b.service.RemoveRule(ctx, tx, "provider:other", first); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("a rule of another source: %v", err)
		}
		return b.service.RemoveRule(ctx, tx, "provider:idp", first)
	})
	if got := list(); len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	nobody := b.addStaff(t, "Nelson Brito", "nelson@gov.example")
	for what, act := range map[string]func(ctx context.Context, tx *pg.Tx) error{
		"list": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Rules(ctx, tx, "provider:idp")
			return err
		},
		"put": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.PutRule(ctx, tx, "provider:idp", identity.Rule{Condition: "true", Role: "auditor"})
			return err
		},
		"remove": func(ctx context.Context, tx *pg.Tx) error {
			return b.service.RemoveRule(ctx, tx, "provider:idp", first)
		},
		"try": func(ctx context.Context, tx *pg.Tx) error {
			_, err := b.service.Try(ctx, tx, "provider:idp", nil)
			return err
		},
	} {
		if err := b.as(staff(nobody), act); !errors.Is(err, identity.ErrForbidden) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatRulesMakeOfSomebody(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, nil)
	conditions := map[string]string{ // why, by condition
		`"clerks" in claims.groups`:                                 identity.WhyHolds,
		`claims.groups.exists(g, g.startsWith("cl"))`:               identity.WhyHolds,
		`claims.level >= 2`:                                         identity.WhyHolds,
		`claims.address.country == "CV"`:                            identity.WhyHolds,
		`has(claims.department) && claims.department == "Licences"`: identity.WhyNot,
		`"heads" in claims.groups`:                                  identity.WhyNot,
		`claims.department == "Licences"`:                           identity.WhyUndecided,
		`claims.groups[9] == "x"`:                                   identity.WhyFails,
		`claims.groups == 1 || int(claims.name) > 0`:                identity.WhyFails,
	}
	for condition := range conditions {
		b.rule(t, "provider:idp", condition, "registrar", "civil")
	}
	var outcomes []identity.Outcome
	b.in(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		outcomes, err = b.service.Try(ctx, tx, "provider:idp", map[string]any{"claims": map[string]any{
			"groups": []any{"clerks", "all"}, "level": 2.0, "name": "Ana", "address": map[string]any{"country": "CV"},
		}})
		return err
	})
	if len(outcomes) != len(conditions) {
		t.Fatalf("%d outcomes", len(outcomes))
	}
	for _, o := range outcomes {
		if o.Why != conditions[o.Condition] {
			t.Errorf("%s: %s (%s), want %s", o.Condition, o.Why, o.Detail, conditions[o.Condition])
		}
		if o.Why == identity.WhyUndecided && o.Detail != "department" {
			t.Errorf("%s: it is not said what is missing, but %q", o.Condition, o.Detail)
		}
	}
}

func TestStaffGetAnAccountAndRolesByRules(t *testing.T) {
	t.Parallel()
	b, p := setup(t), newIssuer(t)
	b.provide(t, p, func(p *identity.Provider) { p.CreateStaff, p.Levels = true, map[string]int{"high": 2} })
	b.rule(t, "provider:idp", `"clerks" in claims.groups`, "registrar", "civil")
	b.rule(t, "provider:idp", `"auditors" in claims.groups`, "auditor", "")
	ana := func(groups ...string) map[string]any {
		return map[string]any{"sub": "ana", "name": "Ana Tavares", "email": "ana@gov.example", "email_verified": true, "groups": groups, "acr": "high"}
	}
	if _, err := b.visit(t, p, true, ana("visitors"), nil); !errors.Is(err, identity.ErrNotLinked) {
		t.Fatalf("somebody to whom no rule gives a role: %v", err)
	}
	if _, err := b.visit(t, p, true, map[string]any{"sub": "ana"}, nil); !errors.Is(err, identity.ErrNotLinked) {
		t.Fatalf("somebody of whom nothing is said: %v", err)
	}
	in, err := b.visit(t, p, true, ana("clerks", "auditors"), nil)
	if err != nil || !in.New || in.Principal.Name != "Ana Tavares" || !in.Principal.MayIn("workflow:act", "civil") || !in.Principal.May("audit:read") {
		t.Fatalf("%+v, %v", in, err)
	}
	account := in.Principal.Account
	var level int
	var acr string
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		return tx.QueryRow(ctx, `SELECT level, acr FROM identity.federated_session WHERE session_id = $1`, in.Principal.Session).Scan(&level, &acr)
	})
	if level != 2 || acr != "high" {
		t.Errorf("the session is worth %d (%s)", level, acr)
	}
	b.grant(t, account, "agency-admin", "civil")
	in, err = b.visit(t, p, true, ana("clerks"), nil)
	if err != nil || in.New || in.Principal.Account != account || in.Principal.May("audit:read") || !in.Principal.MayIn("workflow:act", "civil") {
		t.Fatalf("a group lost there is lost here: %+v, %v", in, err)
	}
	in, err = b.visit(t, p, true, ana(), nil)
	if err != nil || in.Principal.May("workflow:act") || !in.Principal.May("identity:manage") {
		t.Fatalf("what was given by hand stays: %+v, %v", in, err)
	}
	if got := b.held(t, account); !slices.Equal(got, []string{"agency-admin civil"}) {
		t.Errorf("got %q", got)
	}
	text := dump(t)
	for _, canary := range []string{"Ana Tavares", "ana@gov.example"} {
		if strings.Contains(text, canary) {
			t.Errorf("%q stands in the database in clear", canary)
		}
	}
}
