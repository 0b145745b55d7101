package edge

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
)

// identityActs are about how people and staff sign in, who acts for whom, and who may do what.
func (h *house) identityActs(t *testing.T) {
	t.Helper()
	h.factorActs(t, h.guest(t), "/profile/security", "/sign-in")
	h.factorActs(t, h.recruit(t, "Vanda Reis", "registrar"), "/staff/security", "/staff/sign-in")
	h.contactActs(t)
	h.delegationActs(t)
	h.businessActs(t)
	h.emergencyActs(t)
	h.machineActs(t)
	h.policyActs(t)
	h.positionActs(t)
	h.absenceActs(t)
	h.importActs(t)
	h.peopleActs(t)
	h.revealActs(t)
}

// known is somebody with the address at which they sign in, and for staff the account.
type known struct {
	*client
	address, account string
}

func (h *house) guest(t *testing.T) known {
	t.Helper()
	number := phone()
	c := h.visitor(t).signIn("/sign-in", number)
	c.want(c.post("/profile", "name", "Inês Duarte", "lang", "en"), http.StatusSeeOther, "the name")
	return known{c, number, ""}
}

// recruit is a new member of staff of the civil registry, signed in.
func (h *house) recruit(t *testing.T, name, role string) known {
	t.Helper()
	address := fmt.Sprintf("recruta-%d@demo.example", next())
	var account uuid.UUID
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) (err error) {
		if account, err = h.Identity.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: address, Lang: "pt"}); err != nil {
			return err
		}
		return h.Identity.Grant(ctx, tx, account, role, "dgrni", "")
	})
	return known{h.visitor(t).signIn("/staff/sign-in", address), address, account.String()}
}

// must posts what is answered by a page to go on to, and returns it.
func (c *client) must(path string, pairs ...string) string {
	c.t.Helper()
	return c.want(c.post(path, pairs...), http.StatusSeeOther, path).location
}

// seen opens pages.
func (c *client) seen(paths ...string) {
	c.t.Helper()
	for _, path := range paths {
		c.want(c.get(path), http.StatusOK, path)
	}
}

// led is the first address on a page that a pattern finds.
func (c *client) led(page, pattern string) string {
	c.t.Helper()
	body := c.want(c.get(page), http.StatusOK, page).body
	found := regexp.MustCompile(pattern).FindString(body)
	if found == "" {
		c.t.Fatalf("%s has no %s: %s", page, pattern, text(body))
	}
	return found
}

var paperCode = regexp.MustCompile(`<li><code>([^<]+)</code></li>`)

// factorActs are what one does with what one signs in with: making it, signing in with it, proving oneself afresh with it, and
// taking it away.
func (h *house) factorActs(t *testing.T, c known, base, door string) {
	t.Helper()
	const password = "uma frase que ninguém adivinha"
	asking := c.want(c.post("/confirm", "resume.to", base, "way", "contact"), http.StatusOK, "another way")
	c.want(c.confirm(asking, c.address), http.StatusSeeOther, "a code")
	c.must(base+"/password", "password", password)
	c.must("/confirm/password", "resume.to", base, "password", password)
	g := c.app(base)
	c.must("/confirm/app", "resume.to", base, "code", g.next(t))
	k := c.passkey(base, "Telemóvel")
	c.want(c.prove(&k, "/confirm/passkey/options", "/confirm/passkey", "resume.to", base), http.StatusSeeOther, "the passkey")
	paper := paperCode.FindAllStringSubmatch(c.want(c.post(base+"/recovery"), http.StatusOK, "codes on paper").body, -1)
	if len(paper) < 3 {
		t.Fatalf("%d codes on paper", len(paper))
	}
	c.must("/confirm/recovery", "resume.to", base, "code", paper[0][1])

	other, third := h.visitor(t), h.visitor(t)
	other.must(door+"/password", "address", c.address, "password", password)
	other.must("/sign-in/second", "with", "recovery", "code", paper[1][1])
	staff := map[bool]string{true: "yes", false: "no"}[door != "/sign-in"]
	third.want(third.prove(&k, "/sign-in/passkey/options", "/sign-in/passkey", "staff", staff), http.StatusSeeOther, "the passkey")
	c.must(base + "/sessions/end-others")

	key := c.led(base, base+`/passkeys/[0-9a-f-]{36}`)
	c.must(key, "name", "O telemóvel novo")
	c.must(key + "/remove")
	c.must(base + "/app/remove")
	c.must(base + "/password/remove")
}

func (h *house) contactActs(t *testing.T) {
	t.Helper()
	c, address := h.guest(t), fmt.Sprintf("ines-%d@mail.example", next())
	sent := mustURL(t, c.must("/profile/contacts/new", "address", address)).Query().Get("id")
	c.must("/profile/contacts/code", "id", sent, "code", c.code(address, 0))
	c.must(c.led("/profile", `/profile/contacts/[0-9a-f-]{36}/remove`))
}

// delegationActs: one acts for another and stops, one is sent away, and one does not want to. An administrator looks on.
func (h *house) delegationActs(t *testing.T) {
	t.Helper()
	owner := h.citizen(t, "Dona Fátima")
	helper := h.representative(t, owner)
	helper.must("/representing/leave")
	owner.must(owner.led("/profile/representatives", `/profile/representatives/[0-9a-f-]{36}/end`))
	unwilling := h.guest(t)
	unwilling.must("/representing/" + owner.invite(unwilling.client, unwilling.address) + "/end")
	var person string
	if err := h.one(t, `SELECT person_id::text FROM identity.delegation ORDER BY invited_at DESC LIMIT 1`, nil, &person); err != nil {
		t.Fatal(err)
	}
	h.staff(t, administrator).seen("/console/people/" + person + "/delegations")
}

// emergencyActs: a role is taken and given back, and another is ended by an administrator.
func (h *house) emergencyActs(t *testing.T) {
	t.Helper()
	h.emergency(t)
	taker, admin := h.staff(t, dispatcher), h.staff(t, administrator)
	taker.must("/staff/emergency", "role", "lighting-technician", "agency", "iluminacao", "hours", "1", "reason", "Há um poste caído na estrada")
	runs := admin.led("/console/emergencies?running=yes", `/console/emergencies/[0-9a-f-]{36}`)
	admin.seen(runs)
	admin.must(runs + "/end")
}

var shownValue = regexp.MustCompile(`name="(id|secret)"[^>]* value="([^"]+)"|value="([^"]+)"[^>]* name="(id|secret)"`)

// machineActs: another system is entered, changes its secret, calls, and is sent away.
func (h *house) machineActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	expires := time.Now().AddDate(0, 3, 0).Format(time.DateOnly)
	made := admin.want(admin.post("/console/machines/new", "name", "Hospital", "kind", "client", "permissions", "audit:read", "expires", expires), http.StatusOK, "a machine")
	shown := map[string]string{}
	for _, m := range shownValue.FindAllStringSubmatch(made.body, -1) {
		shown[m[1]+m[4]] = m[2] + m[3]
	}
	if shown["id"] == "" || shown["secret"] == "" {
		t.Fatalf("nothing is shown: %s", made.body)
	}
	caller := h.visitor(t)
	caller.want(caller.post("/oauth/token", "grant_type", "client_credentials", "client_id", shown["id"], "client_secret", shown["secret"]), http.StatusOK, "a token")
	here := "/console/machines/" + shown["id"]
	admin.want(admin.post(here+"/rotate", "overlap", "1"), http.StatusOK, "another secret")
	admin.must(here + "/revoke")
}

func (h *house) policyActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	rule := []string{"code", "no-refunds", "reason.pt", "Ensaio", "text", `forbid (principal, action == Action::"payment:refund", resource);`}
	admin.must("/console/policies/new", rule...)
	admin.must("/console/policies/no-refunds", rule...)
	admin.must("/console/policies/no-refunds/remove")
}

func (h *house) positionActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	const at = "/console/agencies/dgrni/positions/"
	post := []string{"code", "keeper", "title.pt", "Arquivista", "roles", "registry-clerk", "seats", "1"}
	admin.must(at+"new", post...)
	admin.must(at+"keeper/edit", post...)
	admin.must(at+"keeper/hold", "account", h.recruit(t, "Zita Fonseca", "auditor").account)
	admin.seen(at+"keeper", "/console/agencies/dgrni/positions")
	admin.must(admin.led(at+"keeper", at+`keeper/holdings/[0-9a-f-]{36}/vacate`))
}

// peopleActs are what an administrator does with a member of staff's account beside what accountsActs do.
func (h *house) peopleActs(t *testing.T) {
	t.Helper()
	admin, c := h.staff(t, administrator), h.recruit(t, "Ildo Sanches", "registrar")
	here := "/console/people/" + c.account
	admin.must(here+"/contacts/new", "staff_address", fmt.Sprintf("ildo-%d@demo.example", next()))
	admin.must(admin.led(here, here+`/contacts/[0-9a-f-]{36}/remove`))
	c.must("/staff/security/password", "password", "uma frase que ninguém adivinha")
	admin.must(here + "/reset")
	admin.seen("/console/grants", "/console/grants?format=csv", "/console/access", here+"/may?action=payment:refund&about=state")
}

// revealActs: an answer of a special kind is hidden from a clerk, who has it shown for a reason.
func (h *house) revealActs(t *testing.T) {
	t.Helper()
	pack, err := os.ReadFile("../../internal/infra/servicespec/library/birth-certificate.yaml")
	if err != nil {
		t.Fatal(err)
	}
	special := regexp.MustCompile(`(code: father_name\s+kind: name\s+required: false\s+sensitivity:) personal`).ReplaceAllString(string(pack), "$1 special")
	h.staff(t, administrator).must("/console/services/publish", "source", special)
	c := h.citizen(t, "Paula Neves")
	a, typed := c.draft(), answers()
	typed["person"] = append(typed["person"], "father_name", "Joaquim da Luz")
	c.fill(&a, typed, file{"identity_document.card", "bi.png", "image/png", picture()})
	c.must("/requests/" + a.ID + "/submit")
	c.billed(a)
	c.must(c.charge(a), goodCard...)
	c.state(a, "verification")
	officer := h.staff(t, clerk)
	officer.claim(a)
	at := "/workbench/cases/" + a.ID + "/reveal/father_name"
	officer.seen(at)
	officer.must(at, "reason", "O pai consta do registo antigo com outro nome")
	if page := officer.get("/workbench/cases/" + a.ID); !strings.Contains(page.body, "Joaquim da Luz") {
		t.Errorf("it is not shown: %s", text(page.body))
	}
}
