package console_test

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

const signInHome = "/console/sign-in"

// manual is a provider entered by hand, which nobody has to ask.
func manual(code string) url.Values {
	return url.Values{
		"code": {code}, "name.pt": {"Cartão " + code}, "name.en": {"Card " + code}, "issuer": {"https://idp.example"}, "client_id": {"digit"}, "client_secret": {"s3cret-of-" + code},
		"for": {"staff"}, "create": {"staff"}, "trust": {"email"}, "discovery": {"no"}, "authorize_url": {"https://idp.example/authorize"},
		"token_url": {"https://idp.example/token"}, "keys_url": {"https://idp.example/keys"}, "levels": {"urn:example:high = 2\n"}, "acr": {"urn:example:high"},
	}
}

func TestProviderPages(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	at := signInHome + "/providers/manual"
	v.Get(signInHome+"/providers/new", http.StatusOK)
	bad := manual("manual")
	bad.Set("client_id", "")
	bad.Set("levels", "urn:example:high")
	bad["trust"] = []string{"staff"}
	html := v.Post(signInHome+"/providers/new", bad, http.StatusUnprocessableEntity)
	for _, want := range []string{"Enter the client ID", "Enter one value a line", "also trust the addresses", `href="#trust"`, `value="https://idp.example/keys"`} {
		if !strings.Contains(html, want) {
			t.Errorf("what was wrong is not told, or what was typed is lost: %s", want)
		}
	}
	if strings.Contains(html, "s3cret") {
		t.Error("the form gives the secret back")
	}
	away := manual("manual")
	away.Set("discovery", "yes")
	away.Set("issuer", "http://localhost:1")
	if s := hooktest.Text(v.Post(signInHome+"/providers/new", away, http.StatusUnprocessableEntity)); !strings.Contains(s, "There was no answer") {
		t.Errorf("an issuer that is away:\n%s", s)
	}
	away.Set("issuer", "https://169.254.169.254")
	if s := hooktest.Text(v.Post(signInHome+"/providers/new", away, http.StatusUnprocessableEntity)); !strings.Contains(s, "DIGIT_OUTBOUND_NETWORKS") {
		t.Errorf("an issuer in a network that is not called:\n%s", s)
	}
	v.Post(signInHome+"/providers/new", manual("manual"), http.StatusSeeOther)
	s := hooktest.Text(v.Get(at, http.StatusOK))
	for _, want := range []string{"Card manual", "Not offered", "/hooks/identity/manual/logout", "/sign-in/callback", "No rules"} {
		if !strings.Contains(s, want) {
			t.Errorf("the provider does not show %q:\n%s", want, s)
		}
	}
	if html := v.Get(at+"/edit", http.StatusOK); !strings.Contains(html, "urn:example:high = 2") || strings.Contains(html, "s3cret") {
		t.Error("the form of the provider")
	}
	v.Post(at+"/enable", nil, http.StatusSeeOther)
	if !strings.Contains(hooktest.Visit(t, "en").Get("/staff/sign-in", http.StatusOK), "Sign in with Card manual") {
		t.Error("the door does not offer it")
	}
	v.Post(at+"/disable", nil, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(at+"/remove", http.StatusOK)); !strings.Contains(s, "Linked accounts") {
		t.Errorf("what is lost is not told:\n%s", s)
	}
	v.Post(at+"/remove", nil, http.StatusSeeOther)
	v.Get(at, http.StatusNotFound)
}

func TestRulePages(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	v.Post(signInHome+"/providers/new", manual("ruled"), http.StatusSeeOther)
	at := signInHome + "/providers/ruled"
	v.Get(at+"/rules/new", http.StatusOK)
	html := v.Post(at+"/rules/new", url.Values{"condition": {`"clerks" in claims.`}, "role": {""}}, http.StatusUnprocessableEntity)
	if !strings.Contains(html, "The condition cannot be read") || !strings.Contains(html, "line 1, column") || !strings.Contains(html, "This role does not exist") {
		t.Errorf("a broken rule:\n%s", hooktest.Text(html))
	}
	v.Post(at+"/rules/new", url.Values{"condition": {`"clerks" in claims.groups`}, "role": {"registrar"}, "agency": {"dgrni"}}, http.StatusSeeOther)
	v.Post(at+"/rules/new", url.Values{"condition": {`claims.level > 3`}, "role": {"auditor"}}, http.StatusSeeOther)
	v.Get(at+"/try", http.StatusOK)
	v.Post(at+"/try", url.Values{"facts": {"{broken"}}, http.StatusUnprocessableEntity)
	s := hooktest.Text(v.Post(at+"/try", url.Values{"facts": {`{"groups": ["clerks"]}`}}, http.StatusOK))
	for _, want := range []string{"One rule gives a role", "Gives the role", "What it asks for is missing", "level"} {
		if !strings.Contains(s, want) {
			t.Errorf("the outcome does not say %q:\n%s", want, s)
		}
	}
	edit := regexp.MustCompile(`href="(` + at + `/rules/[0-9a-f-]{36})"`).FindStringSubmatch(v.Get(at, http.StatusOK))
	if edit == nil {
		t.Fatal("rules cannot be changed")
	}
	v.Get(edit[1], http.StatusOK)
	v.Post(edit[1], url.Values{"condition": {`"heads" in claims.groups`}, "role": {"registrar"}}, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(at, http.StatusOK)); !strings.Contains(s, "heads") {
		t.Errorf("changed:\n%s", s)
	}
	v.Post(edit[1]+"/remove", nil, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(at, http.StatusOK)); strings.Contains(s, "heads") {
		t.Errorf("removed:\n%s", s)
	}
	v.Post(at+"/remove", nil, http.StatusSeeOther)
}

func TestDirectoryPages(t *testing.T) {
	t.Parallel()
	d := outside.NewDirectory(t)
	d.AddPerson("clerk", "Carla Lopes", "carla."+strings.ToLower(id.Token(6))+"@gov.example", "correct horse")
	d.AddGroup("clerks", "clerk")
	v := operator(t, "en")
	for _, like := range []string{"", "?like=ad", "?like=openldap"} {
		v.Get(signInHome+"/directories/new"+like, http.StatusOK)
	}
	if html := v.Get(signInHome+"/directories/new?like=ad", http.StatusOK); !strings.Contains(html, "objectGUID") {
		t.Error("the form like Active Directory's")
	}
	form := url.Values{
		"code": {"work"}, "name.pt": {"Diretório do trabalho"}, "name.en": {"Work directory"}, "url": {d.URL}, "start_tls": {"yes"}, "authority": {d.Authority},
		"bind_dn": {d.ReaderDN()}, "password": {"wrong"}, "base": {d.Base}, "filter": {"(objectClass=inetOrgPerson)"}, "logins": {"uid mail"}, "id_attribute": {"entryUUID"},
		"name_attribute": {"cn"}, "email_attribute": {"mail"}, "groups_attribute": {"memberOf"}, "disabled_when": {`attributes.`}, "create_staff": {"yes"}, "level": {"1"},
	}
	html := v.Post(signInHome+"/directories/new", form, http.StatusUnprocessableEntity)
	if !strings.Contains(html, "The condition cannot be read") || strings.Contains(html, `value="wrong"`) {
		t.Error("a broken condition, or the password is given back")
	}
	form.Set("disabled_when", `"pwdAccountLockedTime" in attributes`)
	v.Post(signInHome+"/directories/new", form, http.StatusSeeOther)
	at := signInHome + "/directories/work"
	if to := v.Post(at+"/test", nil, http.StatusSeeOther); to != at+"?problem=bind" {
		t.Errorf("a wrong password to search with: %s", to)
	}
	if s := hooktest.Text(v.Get(at+"?problem=bind", http.StatusOK)); !strings.Contains(s, "The directory does not take the account that searches") {
		t.Errorf("the problem is not told:\n%s", s)
	}
	form.Set("password", d.ReaderPW())
	v.Post(at+"/edit", form, http.StatusSeeOther)
	form.Set("password", "") // keeps it
	v.Post(at+"/edit", form, http.StatusSeeOther)
	if to := v.Post(at+"/test", nil, http.StatusSeeOther); to != at+"?done=console.tested" {
		t.Errorf("the test leads to %s", to)
	}
	v.Post(at+"/rules/new", url.Values{"condition": {`"clerks" in group_names`}, "role": {"registrar"}, "agency": {"dgrni"}}, http.StatusSeeOther)
	if s := hooktest.Text(v.Post(at+"/try", url.Values{"facts": {`{"group_names": ["clerks"]}`}}, http.StatusOK)); !strings.Contains(s, "Gives the role") {
		t.Errorf("the outcome:\n%s", s)
	}
	v.Post(at+"/enable", nil, http.StatusSeeOther)
	clerkOfDirectory(t, d)
	comparison(t, v, at)
	if s := hooktest.Text(v.Get(at+"/remove", http.StatusOK)); !strings.Contains(s, "Linked accounts") {
		t.Errorf("what is lost is not told:\n%s", s)
	}
	v.Post(at+"/remove", nil, http.StatusSeeOther)
	v.Get(at, http.StatusNotFound)
}

// clerkOfDirectory signs in at the directory, wrongly and rightly, and finds it away.
func clerkOfDirectory(t *testing.T, d *outside.Directory) {
	t.Helper()
	clerk := hooktest.Visit(t, "en")
	if !strings.Contains(clerk.Get("/staff/sign-in", http.StatusOK), "Sign in with Work directory") {
		t.Error("the door does not offer it")
	}
	const at = "/staff/sign-in/at/work"
	clerk.Get(at, http.StatusOK)
	html := clerk.Post(at, url.Values{"login": {"clerk"}, "password": {"wrong"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(html, "User name and password do not belong together") || !strings.Contains(html, `value="clerk"`) || strings.Contains(html, `value="wrong"`) {
		t.Errorf("a wrong password:\n%s", hooktest.Text(html))
	}
	if to := clerk.Post(at, url.Values{"login": {"clerk"}, "password": {"correct horse"}}, http.StatusSeeOther); to != "/workbench" {
		t.Errorf("led to %s", to)
	}
	clerk.Get("/workbench", http.StatusOK)
	if s := hooktest.Text(clerk.Get("/staff/security", http.StatusOK)); !strings.Contains(s, "Work directory") {
		t.Errorf("the account does not show the link:\n%s", s)
	}
	d.Stop()
	other := hooktest.Visit(t, "pt")
	if s := hooktest.Text(other.Post(at, url.Values{"login": {"clerk"}, "password": {"correct horse"}}, http.StatusServiceUnavailable)); !strings.Contains(s, "Diretório do trabalho não responde") {
		t.Errorf("away:\n%s", s)
	}
	d.Restart()
	clerk.Get("/staff/sign-in/at/nowhere", http.StatusNotFound)
}

// comparison has the accounts compared and looks at what came of it.
func comparison(t *testing.T, v *hooktest.Visitor, at string) {
	t.Helper()
	for _, act := range []string{"/preview", "/sync"} {
		to := v.Post(at+act, nil, http.StatusSeeOther)
		s := hooktest.Eventually(t, "the comparison is done", func() string {
			s := hooktest.Text(v.Get(to, http.StatusOK))
			if strings.Contains(s, "Nothing to change") && strings.Contains(s, "Done") {
				return s
			}
			return ""
		})
		if !strings.Contains(s, "In the directory 1") {
			t.Errorf("the comparison:\n%s", s)
		}
		v.Get(to+"?act=suspend", http.StatusOK)
		v.Get(to+"/approve", http.StatusConflict)
		v.Post(to+"/drop", nil, http.StatusConflict)
	}
	if s := hooktest.Text(v.Get(at+"/syncs", http.StatusOK)); !strings.Contains(s, "Only to see") {
		t.Errorf("the comparisons:\n%s", s)
	}
	if a := v.Send(http.MethodGet, at+"/syncs?format=csv", "", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, "Done") {
		t.Errorf("the file: %d %s", a.Status, a.Body)
	}
	v.Get(at+"/syncs/00000000-0000-7000-8000-000000000000", http.StatusNotFound)
}

func TestWhoMayChangeHowOneSignsIn(t *testing.T) {
	t.Parallel()
	auditor, head := hooktest.Visit(t, "en"), hooktest.Visit(t, "en")
	auditor.SignIn("tome.gomes@demo.example", true)
	head.SignIn("rui.barros@demo.example", true)
	html := auditor.Get(signInHome, http.StatusOK)
	if strings.Contains(html, "/providers/new") || !strings.Contains(html, "/console/sign-in/providers/simulated") {
		t.Error("an auditor sees, and changes nothing")
	}
	auditor.Get(signInHome+"/providers/simulated", http.StatusOK)
	auditor.Get(signInHome+"/providers/new", http.StatusForbidden)
	auditor.Get(signInHome+"/door", http.StatusForbidden)
	head.Get(signInHome, http.StatusForbidden)
	if strings.Contains(head.Get("/console", http.StatusOK), `href="/console/sign-in"`) {
		t.Error("the head of an agency is led to what he may not open")
	}
	for _, lang := range []string{"pt", "en", "ar"} {
		v := operator(t, lang)
		for _, path := range []string{"", "/door", "/providers/new", "/providers/simulated", "/providers/simulated/edit", "/providers/simulated/remove", "/providers/simulated/try", "/providers/simulated/rules/new", "/directories/new"} {
			v.Get(signInHome+path, http.StatusOK)
		}
	}
}
