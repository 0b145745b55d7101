package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

var (
	secretText  = regexp.MustCompile(`<code class="secret" dir="ltr">([A-Z2-7 ]+)</code>`)
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	formTag     = regexp.MustCompile(`(?s)<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
)

// form returns what a page's form to an address carries.
func formOf(body, action string) (pairs []string) {
	for _, m := range formTag.FindAllStringSubmatch(body, -1) {
		if html.UnescapeString(m[1]) != action {
			continue
		}
		for _, in := range hiddenInput.FindAllStringSubmatch(m[2], -1) {
			pairs = append(pairs, html.UnescapeString(in[1]), html.UnescapeString(in[2]))
		}
		return pairs
	}
	return nil
}

// session is the secret that the browser has.
func (c *client) session() string {
	c.t.Helper()
	at, err := url.Parse(c.base)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range c.http.Jar.Cookies(at) {
		if strings.HasSuffix(k.Name, "digit") {
			return k.Value
		}
	}
	return ""
}

// gadget is an authenticator app: its secret, and when it was set up, whose code is good no more.
type gadget struct {
	secret string
	at     time.Time
}

// used is the code that set it up.
func (g gadget) used(t *testing.T) string { return g.code(t, g.at) }

// next is the code of now, or of the step after the one that set it up.
func (g gadget) next(t *testing.T) string {
	const step = 30 * time.Second
	if now := time.Now(); now.Truncate(step).After(g.at.Truncate(step)) {
		return g.code(t, now)
	}
	return g.code(t, g.at.Add(step))
}

func (g gadget) code(t *testing.T, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(g.secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// app sets an authenticator app up below a page of one's security.
func (c *client) app(base string) (g gadget) {
	c.t.Helper()
	a := c.want(c.get(base+"/app"), http.StatusOK, "the app's page")
	m := secretText.FindStringSubmatch(a.body)
	if m == nil {
		c.t.Fatalf("no secret: %s", text(a.body))
	}
	g = gadget{strings.ReplaceAll(m[1], " ", ""), time.Now()}
	c.want(c.post(base+"/app", "code", g.used(c.t)), http.StatusOK, "the app's first code")
	return g
}

// passkey is an authenticator with one passkey in it.
type passkey struct {
	device virtualwebauthn.Authenticator
	cred   virtualwebauthn.Credential
	at     virtualwebauthn.RelyingParty
}

// passkey makes one below a page of one's security. Staff have an app before, or they get codes on paper along with it.
func (c *client) passkey(base, name string) passkey {
	c.t.Helper()
	ceremony, options := c.challenge(base + "/passkey/options")
	o, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		c.t.Fatal(err)
	}
	k := passkey{
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(o.UserID)}),
		virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA),
		virtualwebauthn.RelyingParty{ID: mustURL(c.t, c.base).Hostname(), Origin: c.base},
	}
	answer := virtualwebauthn.CreateAttestationResponse(k.at, k.device, k.cred, *o)
	c.want(c.post(base+"/passkeys/new", "ceremony", ceremony, "credential", answer, "name", name), http.StatusSeeOther, "a passkey")
	return k
}

// challenge asks for something that a passkey is to sign.
func (c *client) challenge(path string) (ceremony, options string) {
	c.t.Helper()
	a := c.want(c.post(path), http.StatusOK, "a challenge")
	var made struct{ Ceremony string }
	if err := json.Unmarshal([]byte(a.body), &made); err != nil {
		c.t.Fatal(err)
	}
	return made.Ceremony, a.body
}

// prove answers a challenge with the passkey at the page that takes it; each time it has been used once more.
func (c *client) prove(k *passkey, options, at string, pairs ...string) answer {
	c.t.Helper()
	ceremony, body := c.challenge(options)
	o, err := virtualwebauthn.ParseAssertionOptions(body)
	if err != nil {
		c.t.Fatal(err)
	}
	k.cred.Counter++
	answer := virtualwebauthn.CreateAssertionResponse(k.at, k.device, k.cred, *o)
	return c.post(at, append(pairs, "ceremony", ceremony, "credential", answer)...)
}

// secure gives a citizen a password, an authenticator app and a passkey, and returns the app's secret.
func (c *client) secure(t *testing.T, password string) string {
	t.Helper()
	const base = "/profile/security"
	c.want(c.post(base+"/password", "password", password), http.StatusSeeOther, "a password")
	g := c.app(base)
	c.passkey(base, "zvqchave")
	return g.secret
}

// confirm proves a citizen afresh by a code to their first address, from the page that asks for it, and returns the page
// or the way on after it.
func (c *client) confirm(asking answer, address string) answer {
	c.t.Helper()
	carried := formOf(asking.body, "/confirm/send")
	contact := regexp.MustCompile(`name="contact" value="([0-9a-f-]+)"`).FindStringSubmatch(asking.body)
	if contact == nil || len(carried) == 0 {
		c.t.Fatalf("no address to send a code to: %s", text(asking.body))
	}
	before := len(c.h.messages(c.t, c.h.tenant(c.t, c.tenantSlug()), address))
	a := c.want(c.post("/confirm/send", append(carried, "contact", contact[1])...), http.StatusOK, "a code")
	return c.post("/confirm/code", append(formOf(a.body, "/confirm/code"), "code", c.code(address, before))...)
}

// TestConfirm: a proof of who somebody is grows old. A page then leads through another one and back, and a post keeps
// everything typed; the session's secret is a new one afterwards, and the old one is dead.
func TestConfirm(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	number := phone()
	c := h.visitor(t).signIn("/sign-in", number)
	c.want(c.post("/profile", "name", "Joana Lima", "lang", "en"), http.StatusSeeOther, "the name")
	h.age(t, "9 minutes")
	c.want(c.get("/profile/contacts/new"), http.StatusOK, "nine minutes after signing in")
	h.age(t, "11 minutes")
	if a := c.get("/profile/contacts/new"); class(a) != "confirm" || a.location != "/confirm?next=%2Fprofile%2Fcontacts%2Fnew" {
		t.Fatalf("eleven minutes after signing in: %d %s", a.status, a.location)
	}
	stolen := h.visitor(t)
	at, err := url.Parse(c.base)
	if err != nil {
		t.Fatal(err)
	}
	stolen.http.Jar.SetCookies(at, c.http.Jar.Cookies(at))
	stolen.want(stolen.get("/profile"), http.StatusOK, "with the secret of now")
	before := c.session()

	const typed = `nova "morada"&<b>@exemplo.example`
	asking := c.want(c.post("/profile/contacts/new", "address", typed, "list", "one", "list", "two", "password", "never carried"), http.StatusUnauthorized, "a post that is not fresh")
	if strings.Contains(asking.body, "never carried") {
		t.Error("a password is carried through a page")
	}
	wrong := c.want(c.post("/confirm/code", append(formOf(asking.body, "/confirm/send"), "sent", newID(), "code", "123456")...), http.StatusUnprocessableEntity, "a code that was never sent")
	if again := c.want(c.post("/confirm", append(formOf(wrong.body, "/confirm"), "way", "contact")...), http.StatusOK, "another code"); len(formOf(again.body, "/confirm/send")) != len(formOf(asking.body, "/confirm/send")) {
		t.Errorf("asking for another code loses what was typed: %s", text(again.body))
	}
	done := c.want(c.confirm(asking, number), http.StatusOK, "the right code")
	want := []string{"address", typed, "list", "one", "list", "two"}
	if got := formOf(done.body, "/profile/contacts/new"); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Fatalf("carried on: %q\n%s", got, text(done.body))
	}
	if c.session() == before {
		t.Error("the secret is the old one")
	}
	if a := stolen.get("/profile"); class(a) != "sign-in" {
		t.Errorf("with the secret of before: %d", a.status)
	}
	a := c.want(c.post("/profile/contacts/new", formOf(done.body, "/profile/contacts/new")...), http.StatusUnprocessableEntity, "going on")
	if !strings.Contains(html.UnescapeString(a.body), typed) {
		t.Errorf("what was typed is lost: %s", text(a.body))
	}
	// The same for a page, and for a post with files: those cannot be carried, so their page asked before.
	h.age(t, "11 minutes")
	a = c.confirm(c.want(c.get("/confirm?next=/profile/contacts/new"), http.StatusOK, "the page"), number)
	if a.status != http.StatusSeeOther || a.location != "/profile/contacts/new" {
		t.Errorf("back to %d %s", a.status, a.location)
	}
	h.age(t, "35 minutes")
	if a := c.upload("/wallet/"+newID()+"/share", nil, "purpose", "x"); a.status != http.StatusNotFound {
		t.Errorf("a form with files, 35 minutes later: %d", a.status)
	}
	h.age(t, "45 minutes")
	if a := c.upload("/wallet/"+newID()+"/share", nil, "purpose", "x"); class(a) != "confirm" {
		t.Errorf("a form with files, 45 minutes later: %d", a.status)
	}
	if a := c.send(http.MethodPost, "/profile/security/passkey/options", nil, nil); a.status != http.StatusUnauthorized {
		t.Errorf("a program is told %d", a.status)
	} else {
		c.problem(a, http.StatusUnauthorized)
	}
	for _, evil := range []string{"https://evil.example/", "//evil.example"} {
		a := c.want(c.post("/confirm", "resume.to", evil, "resume.post", "yes"), http.StatusOK, "another way")
		if strings.Contains(a.body, "evil") {
			t.Errorf("%s is gone on to", evil)
		}
	}
}

// TestFreshRoutes: what reaches far asks for a fresh proof, and nothing that is public does.
func TestFreshRoutes(t *testing.T) {
	t.Parallel()
	h := open(t)
	var got []string
	for _, r := range sorted(h.Routes) {
		if r.Fresh > 0 {
			got = append(got, fmt.Sprintf("%s %s %s", r.Method, r.Pattern, r.Fresh))
		}
	}
	golden(t, "fresh.golden", got)
}

// TestLapsed: who typed for longer than the session lasted signs in beside and sends it again.
func TestLapsed(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	officer := h.staff(t, clerk)
	pool := h.look(t)
	if _, err := pool.Exec(t.Context(), `UPDATE identity.session SET idle_until = now() - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	a := officer.get("/workbench?queue=mine")
	if a.location != "/staff/sign-in?next="+url.QueryEscape("/workbench?queue=mine")+"&lapsed=1" {
		t.Errorf("a page leads to %s", a.location)
	}
	if a := officer.get(a.location); !strings.Contains(a.body, "You were signed out") {
		t.Errorf("the door does not say why: %s", text(a.body))
	}
	a = officer.want(officer.post("/workbench/cases/"+newID()+"/note", "note", "escrito durante o almoço"), http.StatusUnauthorized, "a post")
	var action string
	for _, m := range formTag.FindAllStringSubmatch(a.body, -1) {
		if strings.HasSuffix(m[1], "/note") {
			action = m[1]
		}
	}
	if got := formOf(a.body, action); len(got) != 2 || got[1] != "escrito durante o almoço" {
		t.Errorf("kept: %q\n%s", got, text(a.body))
	}
	if a := h.visitor(t).get("/workbench"); strings.Contains(a.location, "lapsed") {
		t.Errorf("somebody who never signed in is told of a session: %s", a.location)
	}
}

// TestSecondFactor: where the state asks its staff for two factors, one opens nothing but the way to the second.
func TestSecondFactor(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	h.change(t, func(s *tenancy.Settings) { s.StaffSecondFactor = tenancy.Required })
	c := h.staff(t, clerk)
	for _, r := range h.Routes {
		if r.Method != http.MethodGet || r.Permission == "public" || r.OneFactor || shut(r, clerk) {
			continue
		}
		a := c.get(fillPath(r.Pattern, nil))
		if r.Kind == "api" && a.status == http.StatusForbidden || a.status == http.StatusForbidden {
			continue
		}
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/staff/second-factor?next=") {
			t.Errorf("GET %s: %d %s", r.Pattern, a.status, a.location)
		}
	}
	if a := c.post("/workbench/cases/"+newID()+"/note", "note", "x"); !strings.HasPrefix(a.location, "/staff/second-factor?") {
		t.Errorf("a post: %d %s", a.status, a.location)
	}
	a := c.want(c.get("/staff/second-factor?next=/workbench"), http.StatusOK, "the way to the second")
	if !strings.Contains(a.body, "/staff/security/app?next=%2Fworkbench") {
		t.Errorf("it does not lead on: %s", text(a.body))
	}
	g := c.app("/staff/security")
	c.want(c.get("/workbench"), http.StatusOK, "with two factors")
	c.want(c.post("/sign-out"), http.StatusSeeOther, "signing out")

	// The next time the app is the second step of the sign-in, and a code that was seen before is good no more.
	again := h.visitor(t)
	id, code := again.askCode("/staff/sign-in", clerk)
	a = again.want(again.post("/sign-in/code", "id", id, "code", code, "next", "/workbench"), http.StatusSeeOther, "the first step")
	if a.location != "/sign-in/second?next=%2Fworkbench" || again.session() != "" {
		t.Fatalf("the first step leads to %s", a.location)
	}
	if a := again.get("/workbench"); class(a) != "sign-in" {
		t.Errorf("after the first step: %d", a.status)
	}
	again.want(again.post("/sign-in/second", "code", g.used(t), "next", "/workbench"), http.StatusUnprocessableEntity, "a code that was used")
	next := g.next(t)
	a = again.want(again.post("/sign-in/second", "code", next, "next", "/workbench"), http.StatusSeeOther, "the next code")
	if a.location != "/workbench" {
		t.Errorf("it leads to %s", a.location)
	}
	again.want(again.get("/workbench"), http.StatusOK, "at work")
	if a := h.visitor(t).post("/sign-in/second", "code", next); a.status != http.StatusUnprocessableEntity || a.header.Get("Set-Cookie") != "" {
		t.Errorf("the second step without the first: %d", a.status)
	}
}

// change changes settings of the demonstration state.
func (h *house) change(t *testing.T, with func(*tenancy.Settings)) {
	t.Helper()
	err := h.as(t, h.tenant(t, "cv"), func(ctx context.Context, tx *pg.Tx) error {
		s, err := h.Tenancy.Settings(ctx, tx)
		if err != nil {
			return err
		}
		with(&s)
		return h.Tenancy.Change(ctx, tx, s)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBigDecisions: a decision on a case for which much was paid asks who decides, and keeps the reasons typed.
func TestBigDecisions(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	over := int64(1)
	h.change(t, func(s *tenancy.Settings) { s.ApprovalStepUpOver = &over })
	paid := h.citizen(t, "Joana Lima").paid()
	officer := h.staff(t, clerk)
	h.age(t, "1 hour")
	officer.claim(paid)
	officer.act(paid, "verify", checklist...) // moves the case on and settles nothing
	decider := h.staff(t, registrar)
	decider.claim(paid)
	h.age(t, "1 hour")
	path, rev := "/workbench/cases/"+paid.ID+"/act/approve", decider.rev(paid)
	asking := decider.want(decider.post(path, "rev", rev, "comment", "conforme o registo de 1904"), http.StatusUnauthorized, "deciding")
	done := decider.want(decider.confirm(asking, registrar), http.StatusOK, "confirming")
	carried := formOf(done.body, path)
	if strings.Join(carried, "|") != "comment|conforme o registo de 1904|rev|"+rev {
		t.Fatalf("carried on: %q", carried)
	}
	decider.want(decider.post(path, carried...), http.StatusSeeOther, "going on")
}

// TestDoorsAnswerAlike: a wrong password, an unknown address and an account without a password get the same page.
func TestDoorsAnswerAlike(t *testing.T) {
	t.Parallel()
	h := open(t)
	pages := map[string]int{}
	for _, address := range []string{auditor, agencyAdmin, "ninguem@demo.example"} {
		a := h.visitor(t).post("/staff/sign-in/password", "address", address, "password", "nunca foi esta a senha")
		body := strings.ReplaceAll(a.body, address, "ADDRESS")
		body = regexp.MustCompile(`<span class="clock">[^<]*</span>`).ReplaceAllString(body, "")
		pages[fmt.Sprint(a.status, " ", a.header.Get("Set-Cookie"), body)]++
	}
	if len(pages) != 1 {
		t.Errorf("%d different answers", len(pages))
	}
}

// TestSignOut takes everything along that pages have left in the browser.
func TestSignOut(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	held := c.session()
	a := c.want(c.post("/sign-out"), http.StatusSeeOther, "signing out")
	if a.header.Get("Clear-Site-Data") != `"cache", "storage"` || c.session() != "" {
		t.Errorf("left behind: %q, %q", a.header.Get("Clear-Site-Data"), c.session())
	}
	thief := h.visitor(t)
	at, err := url.Parse(thief.base)
	if err != nil {
		t.Fatal(err)
	}
	thief.http.Jar.SetCookies(at, []*http.Cookie{{Name: "digit", Value: held, Path: "/"}})
	if a := thief.get("/profile"); class(a) != "sign-in" {
		t.Errorf("the secret still opens the profile: %d", a.status)
	}
}
