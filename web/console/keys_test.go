package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg"
	"digit/web/hook/hooktest"
)

// colleague is a second administrator, whom the operator employs.
func colleague(t *testing.T, v *hooktest.Visitor, name, email string) *hooktest.Visitor {
	t.Helper()
	to := v.Post("/console/people/new", url.Values{"name": {name}, "email": {email}, "lang": {"en"}}, http.StatusSeeOther)
	v.Post(strings.Split(to, "?")[0]+"/grants/new", url.Values{"role": {"administrator"}}, http.StatusSeeOther)
	other := hooktest.Visit(t, "en")
	other.SignIn(email, true)
	return other
}

func path(to string) string { return strings.Split(to, "?")[0] }

func TestKeyChange(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	if s := hooktest.Text(v.Get("/console/keys", http.StatusOK)); !strings.Contains(s, "Stored data") || !strings.Contains(s, "Fine") {
		t.Errorf("the overview:\n%s", s)
	}
	for _, p := range []string{"seal", "index", "mac", "api"} {
		v.Get("/console/keys/"+p+"/rotate", http.StatusOK)
	}
	v.Get("/console/keys/person/rotate", http.StatusNotFound)
	v.Get("/console/keys/nothing/rotate", http.StatusNotFound)
	to := v.Post("/console/keys/index/rotate", nil, http.StatusSeeOther)
	here := path(to)
	if s := hooktest.Text(v.Get(to, http.StatusOK)); !strings.Contains(s, "Getting ready") || !strings.Contains(s, "The change has begun") || !strings.Contains(s, "Not counted yet") {
		t.Errorf("begun:\n%s", s)
	}
	if s := hooktest.Text(v.Post("/console/keys/index/rotate", nil, http.StatusConflict)); !strings.Contains(s, "being changed already") {
		t.Errorf("begun twice:\n%s", s)
	}
	if s := hooktest.Text(v.Get("/console/keys", http.StatusOK)); !strings.Contains(s, "Changing") || !strings.Contains(s, "Watch") {
		t.Errorf("the overview while one changes:\n%s", s)
	}
	for _, step := range []struct{ act, want string }{{"pause", "This change is paused"}, {"resume", "Getting ready"}, {"cancel", "Cancelled"}} {
		v.Post(here+"/"+step.act, nil, http.StatusSeeOther)
		if s := hooktest.Text(v.Get(here, http.StatusOK)); !strings.Contains(s, step.want) {
			t.Errorf("after %s:\n%s", step.act, s)
		}
	}
	v.Post(here+"/burn", nil, http.StatusNotFound)
	if s := hooktest.Text(v.Get("/console/keys/history", http.StatusOK)); !strings.Contains(s, "Cancelled") || !strings.Contains(s, "Sofia Andrade") {
		t.Errorf("the history:\n%s", s)
	}
	if s := hooktest.Text(v.Get("/console/audit?object=encryption.rotation", http.StatusOK)); !strings.Contains(s, "Cancelled the change of a key") {
		t.Errorf("the record:\n%s", s)
	}
}

func TestWhoMaySeeKeys(t *testing.T) {
	t.Parallel()
	auditor, officer := hooktest.Visit(t, "en"), hooktest.Visit(t, "en")
	auditor.SignIn("tome.gomes@demo.example", true)
	officer.SignIn("ana.tavares@demo.example", true)
	officer.Get("/console/keys", http.StatusForbidden)
	if s := auditor.Get("/console/keys", http.StatusOK); strings.Contains(s, "/rotate") {
		t.Error("an auditor is led to the change of a key")
	}
	auditor.Post("/console/keys/mac/rotate", nil, http.StatusForbidden)
	auditor.Get("/console/keys/destroy?act=person_key&target=x", http.StatusForbidden)
}

var signingLinks = regexp.MustCompile(`href="(/console/keys/signing/[A-Za-z0-9_-]+)"`)

func TestSigningKeyPages(t *testing.T) {
	t.Parallel()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		_, err := hooktest.App(t).Encryption.Sign(ctx, tx, encryption.Signer{Owner: "dgrni", Use: encryption.UseCredential}, map[string]any{"typ": "JWT"}, []byte("{}"))
		return err
	})
	v := operator(t, "en")
	found := signingLinks.FindStringSubmatch(v.Get("/console/keys/signing?state=active&q=dgrni", http.StatusOK))
	if found == nil {
		t.Fatal("no key signs for the registry")
	}
	here := found[1]
	if s := hooktest.Text(v.Get(here, http.StatusOK)); !strings.Contains(s, "ES256") || !strings.Contains(s, "It signs now") {
		t.Errorf("the key:\n%s", s)
	}
	v.Get(v.Post(here+"/rotate", nil, http.StatusSeeOther), http.StatusOK)
	v.Post(here+"/rotate", nil, http.StatusSeeOther) // twice is once
	if n := len(signingLinks.FindAllString(v.Get("/console/keys/signing?state=next&q=dgrni", http.StatusOK), -1)); n != 1 {
		t.Errorf("%d next keys", n)
	}
	v.Get("/console/keys/signing/nothing", http.StatusNotFound)
	ask := "/console/keys/destroy?" + url.Values{"act": {"compromised_key"}, "target": {strings.TrimPrefix(here, "/console/keys/signing/")}}.Encode()
	proposal := path(v.Post(ask, url.Values{"reason": {"A disk was lost"}}, http.StatusSeeOther))
	v.Post(proposal+"/withdraw", nil, http.StatusSeeOther)
	if s := hooktest.Text(v.Get("/console/keys/proposals?state=withdrawn", http.StatusOK)); !strings.Contains(s, "Destroy a stolen signing key") {
		t.Errorf("the proposals:\n%s", s)
	}
}

var people = regexp.MustCompile(`href="(/console/people/([0-9a-f-]{36}))"`)

func TestDestroyingTakesTwo(t *testing.T) {
	t.Parallel()
	const gone = "teresa.duarte@example.org"
	person := hooktest.Visit(t, "en")
	person.SignIn(gone, false)
	v := operator(t, "en")
	other := colleague(t, v, "Vera Monteiro", "vera.monteiro@demo.example")
	found := people.FindStringSubmatch(v.Get("/console/people?q="+url.QueryEscape(gone), http.StatusOK))
	if found == nil {
		t.Fatal("the person is not found")
	}
	key := "/console/keys/people/" + found[2]
	v.Get(key, http.StatusOK)
	ask := "/console/keys/destroy?" + url.Values{"act": {"person_key"}, "target": {found[2]}}.Encode()
	v.Get(ask, http.StatusOK)
	v.Get("/console/keys/destroy?act=everything&target=x", http.StatusNotFound)
	if s := v.Post(ask, url.Values{"reason": {" "}}, http.StatusUnprocessableEntity); !strings.Contains(s, "<title>Error: ") {
		t.Error("a proposal without a reason is not refused in words")
	}
	here := path(v.Post(ask, url.Values{"reason": {"She asked for it in writing, under article 17."}}, http.StatusSeeOther))
	v.Post(ask, url.Values{"reason": {"Again"}}, http.StatusUnprocessableEntity)
	if s := hooktest.Text(v.Get(here, http.StatusOK)); !strings.Contains(s, "another administrator decides") || strings.Contains(s, "Approve and destroy") {
		t.Errorf("one's own proposal:\n%s", s)
	}
	if s := hooktest.Text(v.Post(here+"/approve", nil, http.StatusForbidden)); !strings.Contains(s, "Nobody approves what they proposed") {
		t.Errorf("approved alone:\n%s", s)
	}
	if s := hooktest.Text(other.Get(here, http.StatusOK)); !strings.Contains(s, "article 17") || !strings.Contains(s, "Sofia Andrade") {
		t.Errorf("the proposal:\n%s", s)
	}
	other.Post(here+"/approve", nil, http.StatusSeeOther)
	other.Post(here+"/approve", nil, http.StatusConflict)
	if s := hooktest.Text(v.Get(key, http.StatusOK)); !strings.Contains(s, "can no longer be read") {
		t.Errorf("the key of who is gone:\n%s", s)
	}
	if s := v.Get("/console/people?q="+url.QueryEscape(gone), http.StatusOK); strings.Contains(s, found[1]) {
		t.Error("who is gone is still found")
	}
	v.Get(found[1], http.StatusOK)
	person.Get("/requests", http.StatusSeeOther)
}
