package desk_test

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

const (
	operator   = "celina.fortes@demo.example"
	second     = "aderito.pires@demo.example"
	supervisor = "zita.almeida@demo.example"
)

// at is somebody of the counter's staff at a browser.
func at(t *testing.T, address, lang string) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, lang)
	v.SignIn(address, true)
	return v
}

// somebody is a person whom no other test knows, nor takes for one of its own.
func somebody() url.Values {
	n := strconv.Itoa(rand.IntN(9e8) + 1e8)
	word := func() string {
		out := make([]byte, 8)
		for i := range out {
			out[i] = byte('a' + rand.IntN(26))
		}
		return string(out)
	}
	return url.Values{
		"name": {"Z" + word() + " Q" + word()}, "born.day": {"14"}, "born.month": {"2"}, "born.year": {strconv.Itoa(1930 + rand.IntN(60))},
		"national_id": {"CV" + n}, "phone": {"+23899" + n[:5]}, "lang": {"en"},
	}
}

func want(t *testing.T, html string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(html, p) {
			t.Errorf("the page lacks %q:\n%s", p, hooktest.Text(html))
		}
	}
}

// registered makes a person and returns their page.
func registered(t *testing.T, v *hooktest.Visitor, who url.Values) string {
	t.Helper()
	to := v.Post("/desk/people/new", who, http.StatusSeeOther)
	path, _, _ := strings.Cut(to, "?")
	return path
}

var codeShape = regexp.MustCompile(`: (\d{6})\b|(\d{6})\.`)

// agreed begins a visit by the code that arrives at the person's telephone.
func agreed(t *testing.T, v *hooktest.Visitor, person string, who url.Values) {
	t.Helper()
	to := v.Post(person+"/code", url.Values{"address": {who.Get("phone")}}, http.StatusSeeOther)
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	v.Get(to, http.StatusOK)
	code := hooktest.Eventually(t, "the code arrives", func() string {
		found := codeShape.FindStringSubmatch(hooktest.Text(v.Get("/simulator/messages?address="+url.QueryEscape(who.Get("phone")), http.StatusOK)))
		if found == nil {
			return ""
		}
		return found[1] + found[2]
	})
	sent := u.Query().Get("code")
	want(t, v.Post(person+"/code/check", url.Values{"code": {sent}, "text": {"000000"}}, http.StatusUnprocessableEntity), `name="text"`)
	if to := v.Post(person+"/code/check", url.Values{"code": {sent}, "text": {code}}, http.StatusSeeOther); !strings.HasPrefix(to, "/desk/visit") {
		t.Fatalf("the code leads to %s", to)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar"} {
		v := at(t, supervisor, lang)
		for _, path := range []string{"/desk", "/desk/visits", "/desk/visits?show=all", "/desk/people/new"} {
			v.Get(path, http.StatusOK)
		}
	}
	if to := at(t, supervisor, "en").Send(http.MethodGet, "/desk/visit", "", "").Header.Get("Location"); !strings.HasPrefix(to, "/desk?done=") {
		t.Errorf("without a visit it leads to %q", to)
	}
	v := hooktest.Visit(t, "en")
	v.SignIn("ana.tavares@demo.example", true)
	v.Get("/desk", http.StatusForbidden)
}

func TestFindAndRegister(t *testing.T) {
	t.Parallel()
	v, who := at(t, operator, "en"), somebody()
	want(t, v.Post("/desk/find", url.Values{"text": {who.Get("phone")}}, http.StatusOK), "Nobody found")
	v.Post("/desk/find", url.Values{"name": {who.Get("name")}}, http.StatusUnprocessableEntity)
	bad := url.Values{"name": {" "}, "born.day": {"31"}, "born.month": {"2"}, "born.year": {"2001"}, "phone": {"12"}, "email": {"x"}}
	want(t, v.Post("/desk/people/new", bad, http.StatusUnprocessableEntity), `href="#name"`, `href="#born"`, `href="#phone"`, `href="#email"`, `value="12"`)
	person := registered(t, v, who)
	want(t, v.Get(person, http.StatusOK), who.Get("name"), "The person&#39;s consent")
	for _, in := range []url.Values{
		{"text": {who.Get("national_id")}},
		{"text": {who.Get("phone")}},
		{"text": {strings.ToLower(who.Get("national_id"))}},
		{"name": {strings.Fields(who.Get("name"))[1]}, "born.day": {"14"}, "born.month": {"2"}, "born.year": {who.Get("born.year")}},
	} {
		want(t, v.Post("/desk/find", in, http.StatusOK), person)
	}
	other := url.Values{"name": {strings.Fields(who.Get("name"))[1]}, "born.day": {"15"}, "born.month": {"2"}, "born.year": {who.Get("born.year")}}
	if s := v.Post("/desk/find", other, http.StatusOK); strings.Contains(s, person) {
		t.Error("found by another day of birth")
	}
	want(t, v.Post("/desk/people/new", who, http.StatusUnprocessableEntity), "This identity number is somebody", person)
	who.Set("national_id", "")
	want(t, v.Post("/desk/people/new", who, http.StatusUnprocessableEntity), "This person may be registered already", person, `name="sure"`)
	who.Set("sure", "yes")
	if twin := registered(t, v, who); twin == person {
		t.Error("the twin is the same account")
	}
}

// TestVisit has a person agree by a code, applies for them on one page, and ends the visit; the person sees who acted for them.
func TestVisit(t *testing.T) {
	t.Parallel()
	v, who := at(t, second, "en"), somebody()
	person := registered(t, v, who)
	agreed(t, v, person, who)
	want(t, v.Get("/desk/visit", http.StatusOK), who.Get("name"), "Code told by the person")
	form := v.Post("/desk/visit/start/birth-certificate", nil, http.StatusSeeOther)
	page := v.Get(form, http.StatusOK)
	want(t, page, `name="for_whom"`, `name="full_name"`, `name="mother_name"`, who.Get("name"), `id="fees"`)
	if strings.Contains(page, `name="relationship"`) {
		t.Error("a question is asked that hangs on another answer")
	}
	answers := filled(page)
	answers.Set("_save", "1")
	answers.Set("for_whom", "other")
	again := v.Post(form, answers, http.StatusOK)
	want(t, again, `name="relationship"`, "Bertina Lopes")
	answers.Set("_seen", hidden(t, again, "_seen"))
	part := v.Send(http.MethodPost, form, "application/x-www-form-urlencoded", answers.Encode(), "HX-Request", "true")
	if part.Header.Get("HX-Reswap") != "none" || !strings.Contains(part.Body, `hx-swap-oob="true"`) || strings.Contains(part.Body, "<main") {
		t.Errorf("a save that changes nothing of what is asked brings %s", part.Body)
	}
	answers.Del("_save")
	want(t, v.Post(form, answers, http.StatusUnprocessableEntity), `href="#relationship"`, "Bertina Lopes")
	answers.Set("for_whom", "me")
	sent := v.Post(form, answers, http.StatusSeeOther)
	hooktest.Eventually(t, "the office takes it in", func() string {
		s := v.Get(sent, http.StatusOK)
		if !strings.Contains(s, "To pay") {
			return ""
		}
		return s
	})
	request, _, _ := strings.Cut(sent, "?")
	want(t, v.Get(request+"/paper", http.StatusOK), "Acknowledgement of the application", "RC-", who.Get("name"))
	want(t, v.Post("/desk/find", url.Values{"text": {reference.FindString(v.Get(request, http.StatusOK))}}, http.StatusOK), person)
	v.Post("/desk/visit/end", nil, http.StatusSeeOther)
	v.Get(form, http.StatusConflict)

	citizen := signedIn(t, who.Get("phone"))
	want(t, citizen.Get("/profile/representatives", http.StatusOK), "Adérito Pires", "Member of staff at the counter")
	want(t, citizen.Get("/profile/access", http.StatusOK), "(Counter operator), acting for you")
	want(t, citizen.Get("/requests", http.StatusOK), "RC-")
}

var signInCode = regexp.MustCompile(`(\d{6}) is your code to sign in`)

// signedIn is the person themselves, at home.
func signedIn(t *testing.T, phone string) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, "en")
	at, err := url.Parse(v.Post("/sign-in", url.Values{"address": {phone}, "next": {"/"}}, http.StatusSeeOther))
	if err != nil {
		t.Fatal(err)
	}
	code := hooktest.Eventually(t, "the code arrives", func() string {
		found := signInCode.FindStringSubmatch(hooktest.Text(v.Get("/simulator/messages?address="+url.QueryEscape(phone), http.StatusOK)))
		if found == nil {
			return ""
		}
		return found[1]
	})
	v.Post("/sign-in/code", url.Values{"id": {at.Query().Get("id")}, "code": {code}, "next": {"/"}}, http.StatusSeeOther)
	return v
}

var supervising sync.Mutex

var reference = regexp.MustCompile(`RC-\d{4}-\d{6}`)

// TestPaper has a person agree on paper.
func TestPaper(t *testing.T) {
	t.Parallel()
	supervising.Lock() // nobody serves two people at once
	defer supervising.Unlock()
	v, who := at(t, supervisor, "en"), somebody()
	person := registered(t, v, who)
	want(t, v.Get(person+"/paper", http.StatusOK), "Consent to be acted for", who.Get("name"), "Zita Almeida")
	v.Post(person+"/paper", url.Values{}, http.StatusUnprocessableEntity)
	body, kind := scanned(t)
	if a := v.Send(http.MethodPost, person+"/paper", kind, body); a.Status != http.StatusSeeOther {
		t.Fatalf("the paper: %d %s", a.Status, hooktest.Text(a.Body))
	}
	want(t, v.Get("/desk/visit", http.StatusOK), who.Get("name"), "Signed paper")
	want(t, v.Get("/desk/visits", http.StatusOK), who.Get("name"), "Going on")
	v.Post("/desk/visit/end", nil, http.StatusSeeOther)
}
