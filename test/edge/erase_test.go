package edge

import (
	"archive/zip"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
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

// TestGuestIsErasedWithTheAccount: what somebody applied for before they had an account is in their copy, keeps them while it is open, and
// goes with them: addresses with the account, keys when the law lets go of what was decided.
func TestGuestIsErasedWithTheAccount(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	tenant, address := h.tenant(t, "cv"), phone()
	guest := h.visitor(t)
	at := guest.complains(address, "Gina Gomes")
	c := h.visitor(t).signIn("/sign-in", address)
	c.must("/profile", "name", "Georgina Gomes", "lang", "en")

	copied := c.copied()
	if !strings.Contains(copied["account.json"], "Gina Gomes") || !strings.Contains(copied["account.json"], address) {
		t.Errorf("who they were before is not in the copy: %s", copied["account.json"])
	}
	if !strings.Contains(copied["applications.json"], "a padaria") {
		t.Errorf("what they applied for before is not in the copy: %s", copied["applications.json"])
	}

	c.must("/profile/data/erase")
	left := func(sql string) int { t.Helper(); return h.count(t, sql) }
	if n := left(`SELECT count(*) FROM profile.erasure WHERE status = 'asked'`); n != 0 {
		t.Fatal("erasing begins although an application is open")
	}
	c.must(at + "/withdraw")
	eventually(t, "the end of the application", func() bool { return left(`SELECT count(*) FROM request.request WHERE status = 'closed'`) == 1 })
	c.must("/profile/data/erase")
	later := func(days int) {
		t.Helper()
		if err := h.Tenancy.AdvanceClock(t.Context(), h.DB, pg.Scope{Tenant: tenant, Actor: pg.System()}, time.Duration(days)*24*time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	const living = `SELECT count(*) FROM encryption.person_key k JOIN identity.guest g ON g.account_id = k.person_id WHERE g.claimed_by IS NOT NULL AND k.forgotten_at IS NULL`
	later(15)
	eventually(t, "the end of the account", func() bool { return left(`SELECT count(*) FROM profile.erasure WHERE status = 'closed'`) == 1 })
	for what, sql := range map[string]string{
		"addresses": `SELECT count(*) FROM identity.contact ct JOIN identity.guest g ON g.account_id = ct.account_id`,
		"sessions":  `SELECT count(*) FROM identity.session s JOIN identity.guest g ON g.account_id = s.account_id`,
	} {
		if n := left(sql); n != 0 {
			t.Errorf("%d %s of the guest are left", n, what)
		}
	}
	if n := left(living); n != 1 {
		t.Errorf("%d keys of the guest live, want 1: the office may still need what was decided", n)
	}
	later(5*366 + 1)
	eventually(t, "the end of the records", func() bool { return left(`SELECT count(*) FROM profile.erasure WHERE status = 'erased'`) == 1 })
	if n := left(living); n != 0 {
		t.Errorf("%d keys of the guest live on", n)
	}
}

// complains has somebody without an account report a street light, reached at an address, and returns the page of the report.
func (c *client) complains(address, name string) (at string) {
	c.t.Helper()
	at = "/requests/" + requestPath.FindStringSubmatch(c.must("/services/streetlight-complaint/guest"))[1]
	c.must(at+"/pages/problem", "problem", "out", "lights", "2")
	c.must(at+"/pages/place", "place", "CV-PR-01", "landmark", "a padaria")
	c.must(at+"/pages/contact", "reporter_name", "Gina", "phone", "", "email", "")
	before := len(c.h.messages(c.t, c.h.tenant(c.t, "cv"), address))
	to, err := url.Parse(c.must(at+"/contact", "name", name, "address", address))
	if err != nil {
		c.t.Fatal(err)
	}
	c.must(at+"/contact/code", "sent", to.Query().Get("code"), "typed", c.code(address, before))
	c.must(at+"/submit", "another", "yes")
	return at
}

// copied asks for the copy of the person's data and returns its files by name.
func (c *client) copied() map[string]string {
	c.t.Helper()
	c.must("/profile/data/copy")
	var a answer
	eventually(c.t, "the copy", func() bool { a = c.get("/profile/data/copy"); return a.status == http.StatusOK })
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		c.t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			c.t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			c.t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}
