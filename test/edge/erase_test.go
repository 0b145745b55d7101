package edge

import (
	"context"
	"net/http"
	"testing"
	"time"

	"digit/cmd/digit/app"
	"digit/internal/infra/audit"
	"digit/internal/infra/platform/pg"
)

// TestErasedByThemselves: who asks to be erased, and has nothing that the law keeps, is gone after the days of reflection: draft, household,
// addresses, key. What was recorded of them still proves to be whole.
func TestErasedByThemselves(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	c := h.citizen(t, "Lino Leite")
	c.must("/profile/household/new", "name", "Nina Leite", "born.day", "27", "born.month", "3", "born.year", "2019", "relation", "child")
	c.want(c.post("/services/birth-certificate/start"), http.StatusSeeOther, "beginning")
	c.must("/profile/data/erase")
	tenant := h.tenant(t, "cv")
	left := func(sql string) int { t.Helper(); return h.count(t, sql) }
	const drafts, members = `SELECT count(*) FROM request.request`, `SELECT count(*) FROM profile.member`
	if left(drafts) != 1 || left(members) != 1 {
		t.Fatal("something went before its time")
	}
	if err := h.Tenancy.AdvanceClock(t.Context(), h.DB, pg.Scope{Tenant: tenant, Actor: pg.System()}, 15*24*time.Hour); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of the account", func() bool { return left(`SELECT count(*) FROM profile.erasure WHERE status = 'erased'`) == 1 })
	for what, sql := range map[string]string{
		"drafts": drafts, "members of the household": members,
		"addresses":   `SELECT count(*) FROM identity.contact ct JOIN profile.erasure e ON e.account_id = ct.account_id`,
		"sessions":    `SELECT count(*) FROM identity.session s JOIN profile.erasure e ON e.account_id = s.account_id`,
		"living keys": `SELECT count(*) FROM encryption.person_key k JOIN profile.erasure e ON e.account_id = k.person_id WHERE k.forgotten_at IS NULL`,
	} {
		if n := left(sql); n != 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
	if a := c.get("/profile"); a.status == http.StatusOK {
		t.Error("the account still opens its profile")
	}
	if err := h.as(t, tenant, func(ctx context.Context, tx *pg.Tx) error {
		_, err := h.Audit.Sequence(ctx, tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if r, err := h.Audit.Verify(t.Context(), h.DB, tenant, audit.VerifyOptions{}); err != nil || !r.Whole() || r.Rows == 0 {
		t.Errorf("the record is %+v, %v", r, err)
	}
}
