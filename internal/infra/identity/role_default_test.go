package identity_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
)

// TestBringRoles gives roles what a later release brings, once: what an administrator changed stays.
func TestBringRoles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clerk := identity.Role{Code: "clerk", Name: i18n.Text{"en": "Clerk"}, Permissions: []string{"a:read", "a:write"}}
	admin := identity.Role{Code: "administrator", Name: i18n.Text{"en": "Administrator"}, Permissions: []string{"a:read", "a:write", "b:manage"}}
	bring := func(roles ...identity.Role) {
		t.Helper()
		b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.BringRoles(ctx, tx, roles) })
	}
	put := func(role identity.Role) {
		t.Helper()
		b.in(t, func(ctx context.Context, tx *pg.Tx) error { return b.service.PutRole(ctx, tx, role) })
	}
	check := func(what string, want map[string][]string) {
		t.Helper()
		got := map[string][]string{}
		b.in(t, func(ctx context.Context, tx *pg.Tx) error {
			roles, err := b.service.Roles(ctx, tx)
			for _, r := range roles {
				if _, asked := want[r.Code]; asked { // others are the house's
					got[r.Code] = r.Permissions
				}
			}
			return err
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}

	before := b.count(t, `SELECT count(*) FROM audit.entry WHERE action = 'identity.role.put'`)
	put(clerk) // a tenant from before it was noted what has come: it took b:manage away, but some role has it
	put(identity.Role{Code: "administrator", Name: i18n.Text{"en": "Boss"}, Permissions: []string{"a:read"}})
	put(identity.Role{Code: "own", Name: i18n.Text{"en": "Own"}, Permissions: []string{"b:manage"}})
	admin.Permissions = append(admin.Permissions, "c:new")
	bring(clerk, admin)
	after := map[string][]string{"clerk": {"a:read", "a:write"}, "administrator": {"a:read", "c:new"}, "own": {"b:manage"}}
	check("the first time", after)

	put(identity.Role{Code: "administrator", Name: i18n.Text{"en": "Boss"}, Permissions: []string{"a:read"}})
	after["administrator"] = []string{"a:read"}
	bring(clerk, admin)
	check("what was taken away", after)

	clerk.Permissions = append(clerk.Permissions, "d:newer")
	late := identity.Role{Code: "late", Name: i18n.Text{"en": "Late"}, Permissions: []string{"d:newer", "a:read"}}
	bring(clerk, admin, late)
	bring(clerk, admin, late)
	after["clerk"], after["late"] = []string{"a:read", "a:write", "d:newer"}, []string{"a:read", "d:newer"}
	check("a later release", after)
	b.in(t, func(ctx context.Context, tx *pg.Tx) error {
		roles, err := b.service.Roles(ctx, tx)
		if n := slices.IndexFunc(roles, func(r identity.Role) bool { return r.Code == "administrator" }); roles[n].Name["en"] != "Boss" {
			t.Errorf("it is called %v", roles[n].Name)
		}
		return err
	})
	if n := b.count(t, `SELECT count(*) FROM audit.entry WHERE action = 'identity.role.put'`) - before; n != 7 {
		t.Errorf("%d changes are on record, want 4 by hand and 3 brought", n)
	}
}
