package edge

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"digit/test/outside"
)

// signInActs are about providers and directories by which one signs in, and what those who administer do with them.
func (h *house) signInActs(t *testing.T) {
	t.Helper()
	h.providerActs(t)
	h.linkActs(t)
	h.directoryActs(t)
	admin := h.staff(t, administrator)
	trusted := h.recruit(t, "Rute Moniz", "auditor")
	admin.must("/console/sign-in/emergency", "address", trusted.address)
	admin.must("/console/sign-in/door", "door", "allowed")
	admin.seen("/console/sign-in")
	admin.must("/console/sign-in/emergency/" + trusted.account + "/remove")
}

func (h *house) providerActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	const all, at = "/console/sign-in/providers", "/console/sign-in/providers/card"
	form := []string{
		"code", "card", "name.pt", "Cartão", "issuer", "https://idp.example", "client_id", "digit", "client_secret", "s3cret", "for", "staff", "create", "staff", "trust", "email",
		"discovery", "no", "authorize_url", "https://idp.example/authorize", "token_url", "https://idp.example/token", "keys_url", "https://idp.example/keys",
	}
	admin.must(all+"/new", form...)
	admin.must(at+"/edit", form...)
	admin.must(at + "/enable")
	admin.must(at + "/disable")
	admin.must(all + "/simulated/test")
	h.ruleActs(admin, at, `"clerks" in claims.groups`, `{"groups": ["clerks"]}`)
	admin.must(at + "/remove")
}

// ruleActs change the rules of a provider or directory.
func (h *house) ruleActs(admin *client, at, condition, facts string) {
	admin.t.Helper()
	rule := []string{"condition", condition, "role", "registrar", "agency", "dgrni"}
	admin.must(at+"/rules/new", rule...)
	here := admin.led(at, at+`/rules/[0-9a-f-]{36}`)
	admin.must(here, rule...)
	admin.want(admin.post(at+"/try", "facts", facts), http.StatusOK, "trying the rules")
	admin.must(here + "/remove")
}

var subjectInput = regexp.MustCompile(`name="subject"[^>]* value="([^"]+)"`)

// linkActs: somebody signs in at the simulated provider, and somebody else is to be known by it too, for a while.
func (h *house) linkActs(t *testing.T) {
	t.Helper()
	visit := func(c *client, leave string, n int) {
		t.Helper()
		there := c.want(c.get(c.must(leave, "next", "/profile/security")), http.StatusOK, "the provider")
		subjects := subjectInput.FindAllStringSubmatch(there.body, -1)
		if len(subjects) <= n {
			t.Fatalf("the provider knows nobody: %s", there.body)
		}
		back := c.must("/sim/idp/authorize", append(formOf(there.body, "/sim/idp/authorize"), "subject", html.UnescapeString(subjects[n][1]))...)
		a := c.want(c.get(back), http.StatusSeeOther, "coming back")
		if strings.Contains(a.location, "link=") {
			t.Fatalf("led to %s", a.location)
		}
	}
	visit(h.visitor(t), "/sign-in/with/simulated", 0)
	c := h.citizen(t, "Teresa Gil")
	visit(c, "/sign-in/link/simulated", 1)
	c.must("/sign-in/unlink/simulated", "next", "/profile/security")
}

// directoryActs enter a directory at which seven sign in, six of whom it then knows no longer: the comparison waits for somebody to
// say that they may go.
func (h *house) directoryActs(t *testing.T) {
	t.Helper()
	d, admin := outside.NewDirectory(t), h.staff(t, administrator)
	var gone []string
	for n := range 7 {
		uid := fmt.Sprintf("uid%d", n)
		d.AddPerson(uid, fmt.Sprintf("Pessoa %d", n), uid+"@gov.example", "correct horse")
		if n > 0 {
			gone = append(gone, d.Person(uid))
		}
	}
	const at = "/console/sign-in/directories/work"
	form := directoryForm(d)
	admin.must("/console/sign-in/directories/new", form...)
	admin.must(at+"/edit", form...)
	admin.must(at + "/test")
	admin.must(at + "/enable")
	h.ruleActs(admin, at, `"clerks" in group_names`, `{"group_names": ["clerks"]}`)
	admin.must(at+"/rules/new", "condition", "true", "role", "registrar", "agency", "dgrni")
	for n := range 7 {
		h.visitor(t).must("/staff/sign-in/at/work", "login", fmt.Sprintf("uid%d", n), "password", "correct horse")
	}
	d.Delete(gone...)
	h.compared(t, admin, at+"/preview", "done")
	held := h.compared(t, admin, at+"/sync", "held")
	admin.seen(held)
	admin.must(held + "/drop")
	held = h.compared(t, admin, at+"/sync", "held")
	admin.must(held + "/approve")
	eventually(t, "the end of the comparison", func() bool { return h.syncState(t, held) == "done" })
	admin.must(at + "/disable")
	admin.must(at + "/remove")
}

// directoryForm is a directory as an administrator enters it.
func directoryForm(d *outside.Directory) []string {
	return []string{
		"code", "work", "name.pt", "Diretório", "url", d.URL, "start_tls", "yes", "authority", d.Authority, "bind_dn", d.ReaderDN(), "password", d.ReaderPW(), "base", d.Base,
		"filter", "(objectClass=inetOrgPerson)", "logins", "uid mail", "id_attribute", "entryUUID", "name_attribute", "cn", "email_attribute", "mail", "create_staff", "yes", "level", "1",
	}
}

// directoryLink is somebody whom a directory knows.
func (h *house) directoryLink(t *testing.T) {
	t.Helper()
	d, admin := outside.NewDirectory(t), h.staff(t, administrator)
	d.AddPerson("carla", "Carla Lopes", "carla@gov.example", "correct horse")
	admin.must("/console/sign-in/directories/new", directoryForm(d)...)
	admin.must("/console/sign-in/directories/work/rules/new", "condition", "true", "role", "registrar", "agency", "dgrni")
	admin.must("/console/sign-in/directories/work/enable")
	h.visitor(t).must("/staff/sign-in/at/work", "login", "carla", "password", "correct horse")
}

// compared has the accounts compared with a directory, and waits for what comes of it.
func (h *house) compared(t *testing.T, admin *client, start, state string) (sync string) {
	t.Helper()
	sync, _, _ = strings.Cut(admin.must(start), "?")
	eventually(t, "the comparison", func() bool { return h.syncState(t, sync) == state })
	return sync
}

func (h *house) syncState(t *testing.T, sync string) (state string) {
	t.Helper()
	if err := h.one(t, `SELECT state FROM identity.directory_sync WHERE id = $1`, []any{sync[strings.LastIndexByte(sync, '/')+1:]}, &state); err != nil {
		t.Fatal(err)
	}
	return state
}
