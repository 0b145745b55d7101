package auth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/platform/id"
	"digit/test/outside"
	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

// The tests of this file share one platform and change who may sign in how, so they run one after the other.

const console = "/console/sign-in"

func administrator(t *testing.T) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, "en")
	v.SignIn("sofia.andrade@demo.example", true)
	return v
}

// client is what an outside provider is told of the platform.
func client(t *testing.T, code string) outside.Client {
	t.Helper()
	base := hooktest.App(t).URL()
	return outside.Client{Callback: base + "/sign-in/callback", Logout: base + "/hooks/identity/" + code + "/logout", SignedOut: base + "/signed-out"}
}

// provide enters a provider in the console, with its rules, and offers it, until remove is called.
func provide(t *testing.T, admin *hooktest.Visitor, code, name string, o *outside.OpenID, change url.Values, rules ...url.Values) (remove func()) {
	t.Helper()
	form := url.Values{
		"code": {code}, "name.pt": {name}, "issuer": {o.Issuer}, "client_id": {o.ClientID}, "client_secret": {o.ClientSecret}, "scopes": {"profile email"},
		"for": {"people", "staff"}, "create": {"people", "staff"}, "trust": {"email"}, "discovery": {"yes"},
	}
	for key, values := range change {
		form[key] = values
	}
	to := admin.Post(console+"/providers/new", form, http.StatusSeeOther)
	if to != console+"/providers/"+code+"?done=console.saved" {
		t.Fatalf("saved, and led to %s", to)
	}
	for _, rule := range rules {
		admin.Post(console+"/providers/"+code+"/rules/new", rule, http.StatusSeeOther)
	}
	admin.Post(console+"/providers/"+code+"/enable", nil, http.StatusSeeOther)
	return func() { admin.Post(console+"/providers/"+code+"/remove", nil, http.StatusSeeOther) }
}

// enter signs a visitor in at a provider and returns where they come to; visit is their browser there.
func enter(v *hooktest.Visitor, visit *outside.Visit, o *outside.OpenID, code, who string, staff bool, next string) hooktest.Answer {
	v.T.Helper()
	form := url.Values{"next": {next}}
	if staff {
		form.Set("staff", "yes")
	}
	there := v.Post("/sign-in/with/"+code, form, http.StatusSeeOther)
	if !strings.HasPrefix(there, strings.TrimSuffix(o.Issuer, "/")) {
		v.T.Fatalf("sent to %s", there)
	}
	return v.Send(http.MethodGet, o.SignIn(visit, there, who), "", "")
}

func arrived(t *testing.T, a hooktest.Answer, where string) {
	t.Helper()
	if a.Status != http.StatusSeeOther || a.Header.Get("Location") != where {
		t.Fatalf("%d, %s, want %s\n%s", a.Status, a.Header.Get("Location"), where, hooktest.Text(a.Body))
	}
}

// mail is an address that nobody has had before, of somebody of that name.
func mail(who string) string { return who + "." + strings.ToLower(id.Token(6)) + "@example.org" }

// people are those whom the outside provider knows, with addresses of their own each time.
func people() map[string]map[string]any {
	return map[string]map[string]any{
		"maria": {"name": "Maria Tavares", "email": mail("maria"), "email_verified": true, "locale": "en"},
		"clerk": {"name": "Carla Lopes", "email": mail("carla"), "email_verified": true, "groups": []string{"clerks"}},
		"guest": {"name": "Gil Ramos", "email": mail("gil"), "email_verified": true, "groups": []string{}},
		"7":     {"name": "Sete Npm"},
	}
}

func TestTwoProvidersSideBySide(t *testing.T) {
	known, head := people(), mail("helena")
	node := outside.NodeProvider(t, client(t, "npm"), known)
	zitadel := outside.Zitadel(
		t, client(t, "zitadel"),
		outside.ZitadelUser{ID: "7", Username: "joana", Password: "verysecure", FirstName: "Joana", LastName: "Lima", Email: mail("joana"), EmailVerified: true, PreferredLanguage: "en"},
		outside.ZitadelUser{ID: "8", Username: "head", Password: "verysecure", FirstName: "Helena", LastName: "Chefe", Email: head, EmailVerified: true, PreferredLanguage: "en"},
	)
	admin := administrator(t)
	defer provide(t, admin, "npm", "Npm Identity", node, url.Values{"scopes": {"profile email groups"}},
		url.Values{"condition": {`"clerks" in claims.groups`}, "role": {"registrar"}, "agency": {"dgrni"}})()
	defer provide(t, admin, "zitadel", "Zitadel Identity", zitadel, nil,
		url.Values{"condition": {`claims.email == "` + head + `" && claims.email_verified`}, "role": {"registry-clerk"}, "agency": {"dgrni"}})()
	door := hooktest.Visit(t, "en").Send(http.MethodGet, "/sign-in", "", "")
	if policy := door.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' ") || !strings.Contains(policy, node.Issuer) ||
		!strings.Contains(policy, strings.TrimSuffix(zitadel.Issuer, "/")) {
		t.Errorf("browsers may not go there: %s", policy)
	}
	if policy := hooktest.Visit(t, "en").Send(http.MethodGet, "/", "", "").Header.Get("Content-Security-Policy"); strings.Contains(policy, node.Issuer) {
		t.Errorf("every page may send forms there: %s", policy)
	}
	page := door.Body
	if said := hooktest.Text(page); !strings.Contains(said, "Sign in with Npm Identity") || !strings.Contains(said, "Sign in with Zitadel Identity") {
		t.Fatal("the door does not offer both")
	}

	maria := hooktest.Visit(t, "en")
	arrived(t, enter(maria, outside.NewVisit(t), node, "npm", "maria", false, "/profile"), "/profile")
	if s := hooktest.Text(maria.Get("/profile", http.StatusOK)); !strings.Contains(s, known["maria"]["email"].(string)) {
		t.Errorf("her profile:\n%s", s)
	}
	if s := hooktest.Text(maria.Get("/profile/security", http.StatusOK)); !strings.Contains(s, "Npm Identity") {
		t.Errorf("what she signs in with:\n%s", s)
	}
	joana := hooktest.Visit(t, "en")
	arrived(t, enter(joana, outside.NewVisit(t), zitadel, "zitadel", "joana", false, "/requests"), "/requests")
	if s := joana.Get("/profile", http.StatusOK); !strings.Contains(s, "Joana Lima") {
		t.Error("who came from Zitadel has no name")
	}
	// the subject 7 of one is not the subject 7 of the other
	other := hooktest.Visit(t, "en")
	arrived(t, enter(other, outside.NewVisit(t), node, "npm", "7", false, "/profile"), "/profile")
	if s := other.Get("/profile", http.StatusOK); strings.Contains(s, "Joana Lima") || !strings.Contains(s, "Sete Npm") {
		t.Error("two providers' subjects are one person")
	}

	clerk, helena, guest := hooktest.Visit(t, "en"), hooktest.Visit(t, "en"), hooktest.Visit(t, "en")
	arrived(t, enter(clerk, outside.NewVisit(t), node, "npm", "clerk", true, "/"), "/workbench")
	clerk.Get("/workbench", http.StatusOK)
	arrived(t, enter(helena, outside.NewVisit(t), zitadel, "zitadel", "head", true, "/"), "/workbench")
	a := enter(guest, outside.NewVisit(t), node, "npm", "guest", true, "/")
	if s := hooktest.Text(a.Body); a.Status != http.StatusForbidden || !strings.Contains(s, "Npm Identity knows you") || !strings.Contains(s, "Sign in with Zitadel Identity") {
		t.Errorf("staff without a role: %d\n%s", a.Status, s)
	}
}

func TestLinkingAtAProvider(t *testing.T) {
	known := people()
	address := known["maria"]["email"].(string)
	node := outside.NodeProvider(t, client(t, "npm"), known)
	admin := administrator(t)
	defer provide(t, admin, "npm", "Npm Identity", node, nil)()
	nadia := hooktest.Visit(t, "en")
	nadia.SignIn(address, false) // by a code, to the address that the provider will name
	nadia.Post("/profile", url.Values{"name": {"Nádia Cruz"}, "lang": {"en"}, "boundary": {""}}, http.StatusSeeOther)
	stranger := hooktest.Visit(t, "en")
	a := enter(stranger, outside.NewVisit(t), node, "npm", "maria", false, "/profile")
	if s := hooktest.Text(a.Body); a.Status != http.StatusConflict || !strings.Contains(s, "You already have an account here") || !strings.Contains(s, "Sign in with a code and link") {
		t.Fatalf("an address that an account has: %d\n%s", a.Status, s)
	}
	if s := nadia.Get("/profile/security", http.StatusOK); !strings.Contains(s, `action="/sign-in/link/npm"`) {
		t.Fatal("her profile does not offer the link")
	}
	there := nadia.Post("/sign-in/link/npm", url.Values{"next": {"/profile/security"}}, http.StatusSeeOther)
	arrived(t, nadia.Send(http.MethodGet, node.SignIn(outside.NewVisit(t), there, "maria"), "", ""), "/profile/security?done=profile.linked")
	if s := hooktest.Text(nadia.Get("/profile/security?done=profile.linked", http.StatusOK)); !strings.Contains(s, "The account is linked") || !strings.Contains(s, "Linked since") {
		t.Errorf("linked:\n%s", s)
	}
	arrived(t, enter(stranger, outside.NewVisit(t), node, "npm", "maria", false, "/profile"), "/profile")
	if s := stranger.Get("/profile", http.StatusOK); !strings.Contains(s, address) {
		t.Error("by the link she comes to another account")
	}
	// somebody who is signed in as another cannot take her over
	joao := hooktest.Visit(t, "en")
	joao.SignIn(mail("joao"), false)
	there = joao.Post("/sign-in/link/npm", url.Values{"next": {"/profile/security"}}, http.StatusSeeOther)
	arrived(t, joao.Send(http.MethodGet, node.SignIn(outside.NewVisit(t), there, "maria"), "", ""), "/profile/security?link=link_taken")
	if s := hooktest.Text(joao.Get("/profile/security?link=link_taken", http.StatusOK)); !strings.Contains(s, "Another account here is linked") {
		t.Errorf("taken:\n%s", s)
	}
	nadia.Get("/sign-in/unlink/npm?next=/profile", http.StatusOK)
	if to := nadia.Post("/sign-in/unlink/npm", url.Values{"next": {"/profile/security"}}, http.StatusSeeOther); to != "/profile/security?done=profile.unlinked" {
		t.Errorf("unlinked, and led to %s", to)
	}
	if a := stranger.Send(http.MethodGet, "/profile", "", ""); a.Status != http.StatusSeeOther {
		t.Errorf("a session that stood on the link: %d", a.Status)
	}
}

var logoutForm = regexp.MustCompile(`name="xsrf" value="([^"]+)"`)

func TestSigningOutThereAndHere(t *testing.T) {
	known := people()
	node := outside.NodeProvider(t, client(t, "npm"), known)
	admin := administrator(t)
	defer provide(t, admin, "npm", "Npm Identity", node, nil)()
	maria, browser := hooktest.Visit(t, "en"), outside.NewVisit(t)
	arrived(t, enter(maria, browser, node, "npm", "7", false, "/profile"), "/profile")
	maria.Get("/profile", http.StatusOK)
	// she signs out at the provider, which tells the platform
	page := browser.Get(node.Issuer + "/session/end")
	token := logoutForm.FindStringSubmatch(page.Body)
	if token == nil {
		t.Fatalf("no form to sign out at the provider:\n%s", page.Body)
	}
	browser.Post(node.Issuer+"/session/end/confirm", url.Values{"xsrf": {token[1]}, "logout": {"yes"}})
	hooktest.Eventually(t, "the session ends", func() string {
		if a := maria.Send(http.MethodGet, "/profile", "", ""); a.Status == http.StatusSeeOther {
			return "signed out"
		}
		return ""
	})

	// she signs in again, signs out here, and is led to signing out there
	arrived(t, enter(maria, browser, node, "npm", "7", false, "/profile"), "/profile")
	to := maria.Post("/sign-out", nil, http.StatusSeeOther)
	if to != "/signed-out?at=npm" {
		t.Fatalf("signed out, and led to %s", to)
	}
	html := maria.Get(to, http.StatusOK)
	end := regexp.MustCompile(`href="(` + regexp.QuoteMeta(node.Issuer) + `/session/end[^"]*)"`).FindStringSubmatch(html)
	if end == nil || strings.Contains(end[1], "id_token") {
		t.Fatalf("no way to sign out there, or one that tells too much:\n%s", hooktest.Text(html))
	}
	page = browser.Get(strings.ReplaceAll(end[1], "&amp;", "&"))
	token = logoutForm.FindStringSubmatch(page.Body)
	if token == nil {
		t.Fatalf("the provider does not understand:\n%s", page.Body)
	}
	back := browser.Post(node.Issuer+"/session/end/confirm", url.Values{"xsrf": {token[1]}, "logout": {"yes"}})
	if back.Back != hooktest.App(t).URL()+"/signed-out" {
		t.Errorf("the provider sends her back to %q\n%s", back.Back, back.Body)
	}
	if s := hooktest.Text(maria.Get("/signed-out", http.StatusOK)); !strings.Contains(s, "You have signed out") || strings.Contains(s, "Npm") {
		t.Errorf("back:\n%s", s)
	}
	for what, form := range map[string]string{"no token": "", "a token of nobody": "logout_token=a.b.c"} {
		a := maria.Send(http.MethodPost, "/hooks/identity/npm/logout", "application/x-www-form-urlencoded", form)
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"invalid_request"`) || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	if a := maria.Send(http.MethodPost, "/hooks/identity/nobody/logout", "application/x-www-form-urlencoded", ""); a.Status != http.StatusNotFound {
		t.Errorf("a provider that is not there: %d", a.Status)
	}
}

func TestAProviderThatIsAwayOrTurnsItsKeysOver(t *testing.T) {
	known := people()
	node := outside.NodeProvider(t, client(t, "npm"), known)
	admin := administrator(t)
	defer provide(t, admin, "npm", "Npm Identity", node, url.Values{"scopes": {"profile email groups"}},
		url.Values{"condition": {`"clerks" in claims.groups`}, "role": {"registrar"}, "agency": {"dgrni"}})()
	clerk := hooktest.Visit(t, "en")
	arrived(t, enter(clerk, outside.NewVisit(t), node, "npm", "clerk", true, "/"), "/workbench")
	node.Restart() // with other keys
	clerk.Get("/workbench", http.StatusOK)
	again := hooktest.Visit(t, "en")
	arrived(t, enter(again, outside.NewVisit(t), node, "npm", "clerk", true, "/"), "/workbench")

	// half way through, the provider goes away
	half := hooktest.Visit(t, "en")
	there := half.Post("/sign-in/with/npm", url.Values{"staff": {"yes"}}, http.StatusSeeOther)
	back := node.SignIn(outside.NewVisit(t), there, "clerk")
	node.Stop()
	a := half.Send(http.MethodGet, back, "", "")
	if s := hooktest.Text(a.Body); a.Status != http.StatusServiceUnavailable || !strings.Contains(s, "Npm Identity does not answer") {
		t.Errorf("on the way back: %d\n%s", a.Status, s)
	}
	for lang, words := range map[string]string{"en": "does not answer", "pt": "não responde", "ar": "لا يستجيب"} {
		v := hooktest.Visit(t, lang)
		text := hooktest.Eventually(t, "the provider is missed", func() string {
			a := v.Send(http.MethodPost, "/sign-in/with/npm", "application/x-www-form-urlencoded", "staff=yes&next=%2Fworkbench")
			if a.Status == http.StatusServiceUnavailable {
				return a.Body
			}
			return ""
		})
		if !strings.Contains(hooktest.Text(text), words) || !strings.Contains(text, "Npm Identity") || !strings.Contains(text, "/staff/sign-in?next=") || !strings.Contains(text, "/sign-in/with/simulated") {
			t.Errorf("%s:\n%s", lang, hooktest.Text(text))
		}
	}
	admin.Post(console+"/providers/npm/test", nil, http.StatusSeeOther)
	if s := hooktest.Text(admin.Get(console+"/providers/npm", http.StatusOK)); !strings.Contains(s, "Does not answer") {
		t.Errorf("the console:\n%s", s)
	}
	clerk.Get("/workbench", http.StatusOK)
}

func TestTheStaffDoorIsShutButForEmergencies(t *testing.T) {
	known := people()
	node := outside.NodeProvider(t, client(t, "npm"), known)
	admin := administrator(t)
	defer provide(t, admin, "npm", "Npm Identity", node, nil)()
	if s := hooktest.Text(admin.Post(console+"/door", url.Values{"door": {"emergency"}}, http.StatusUnprocessableEntity)); !strings.Contains(s, "at least one active emergency account") {
		t.Errorf("without an emergency account:\n%s", s)
	}
	staff := func(name string) (address string) { // with an empty mailbox
		address = mail(strings.ToLower(name))
		admin.Post("/console/people/new", url.Values{"name": {name}, "email": {address}, "lang": {"en"}}, http.StatusSeeOther)
		return address
	}
	guard, other := staff("Guarda"), staff("Outra")
	admin.Post(console+"/emergency", url.Values{"address": {"nobody@demo.example"}}, http.StatusUnprocessableEntity)
	admin.Post(console+"/emergency", url.Values{"address": {guard}}, http.StatusSeeOther)
	admin.Post(console+"/door", url.Values{"door": {"emergency"}}, http.StatusSeeOther)
	defer func() {
		admin.Post(console+"/door", url.Values{"door": {"allowed"}}, http.StatusSeeOther)
		unmark := regexp.MustCompile(`action="(` + console + `/emergency/[0-9a-f-]{36}/remove)"`).FindStringSubmatch(admin.Get(console, http.StatusOK))
		admin.Post(unmark[1], nil, http.StatusSeeOther)
	}()
	page := hooktest.Text(hooktest.Visit(t, "en").Get("/staff/sign-in", http.StatusOK))
	if !strings.Contains(page, "Staff sign in here with their account of work") || !strings.Contains(page, "Sign in with an emergency account") {
		t.Errorf("the door:\n%s", page)
	}
	code := func(v *hooktest.Visitor, address string, status int) string {
		to := v.Post("/staff/sign-in", url.Values{"address": {address}}, http.StatusSeeOther)
		at, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		digits := hooktest.Eventually(t, "the code arrives", func() string {
			found := codeShape.FindStringSubmatch(v.Get("/simulator/messages?address="+url.QueryEscape(address), http.StatusOK))
			if found == nil {
				return ""
			}
			return found[1]
		})
		return v.Post("/sign-in/code", url.Values{"id": {at.Query().Get("id")}, "code": {digits}}, status)
	}
	if s := hooktest.Text(code(hooktest.Visit(t, "en"), other, http.StatusUnprocessableEntity)); !strings.Contains(s, "Staff sign in here with their account of work") {
		t.Errorf("staff with a code:\n%s", s)
	}
	inside := hooktest.Visit(t, "en")
	code(inside, guard, http.StatusSeeOther)
	inside.Get("/staff/security", http.StatusOK)
	hooktest.Eventually(t, "the administrator is told", func() string {
		s := hooktest.Text(admin.Get("/simulator/messages?address=sofia.andrade%40demo.example", http.StatusOK))
		if strings.Contains(s, "conta de emergência") && strings.Contains(s, "Guarda") {
			return s
		}
		return ""
	})
	if s := admin.Get("/console/audit?action=identity.session.begin_emergency", http.StatusOK); !strings.Contains(s, "identity.session.begin_emergency") && !strings.Contains(s, "emergency account") {
		t.Errorf("the audit record does not tell of it apart:\n%s", hooktest.Text(s))
	}
}

var codeShape = regexp.MustCompile(`<strong class="nums"><bdi>(\d{6})</bdi>`)
