package access_test

import (
	"bytes"
	"image"
	"image/png"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

var uuidShape = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func want(t *testing.T, page string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %q:\n%s", part, hooktest.Text(page))
		}
	}
}

// citizen is somebody with an account and a name.
func citizen(t *testing.T, lang, address, name string) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, lang)
	v.SignIn(address, false)
	v.Post("/profile", url.Values{"name": {name}, "lang": {lang}}, http.StatusSeeOther)
	return v
}

// register sends the form by which a business is registered, with a scanned paper where asked.
func register(v *hooktest.Visitor, in url.Values, paper bool) hooktest.Answer {
	v.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name := range maps.Keys(in) {
		if err := w.WriteField(name, in.Get(name)); err != nil {
			v.T.Fatal(err)
		}
	}
	if paper {
		f, err := w.CreateFormFile("paper", "certidao.png")
		if err != nil {
			v.T.Fatal(err)
		}
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
			v.T.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		v.T.Fatal(err)
	}
	return v.Send(http.MethodPost, "/businesses/new", w.FormDataContentType(), b.String())
}

// acting is the form whose button turns the session to acting for somebody of the list.
func acting(page string) string {
	return regexp.MustCompile(`/representing/` + uuidShape.String() + `/act`).FindString(page)
}

// TestBusiness: a business is registered, refused for want of a reason, confirmed, shared and left, on the pages.
func TestBusiness(t *testing.T) {
	t.Parallel()
	stamp := time.Now().Format("0405.000")
	number := "5" + strings.ReplaceAll(time.Now().Format("05.0000000"), ".", "")[:8]
	name := "Acme Pescas " + stamp
	dulce, helena := citizen(t, "en", "dulce.firma@example.org", "Dulce Firma"), citizen(t, "en", "helena.firma@example.org", "Helena Firma")
	want(t, dulce.Get("/businesses", http.StatusOK), "You act for no business", "/businesses/new")
	want(t, dulce.Get("/businesses/new", http.StatusOK), `name="number"`, `type="file"`, `enctype="multipart/form-data"`)
	in := url.Values{"name": {name}, "form": {"company"}, "number": {"12"}, "address": {"Rua 5 de Julho"}, "until.day": {"31"}, "until.month": {"2"}, "until.year": {"2030"}}
	a := register(dulce, in, true)
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong claim: %d", a.Status)
	}
	want(t, a.Body, name, "Enter a day that exists", "Choose the paper again")
	in.Set("until.month", "3")
	want(t, register(dulce, in, false).Body, "Write the number as it stands", "Add the paper")
	in.Set("number", number)
	if a := register(dulce, in, true); a.Status != http.StatusSeeOther {
		t.Fatalf("registering: %d %s", a.Status, hooktest.Text(a.Body))
	}
	want(t, dulce.Get("/businesses", http.StatusOK), name, "Waiting to be confirmed")
	want(t, register(helena, in, true).Body, "A request for this number is waiting already")

	// The office.
	office := hooktest.Visit(t, "en")
	office.SignIn("sofia.andrade@demo.example", true)
	list := office.Get("/console/businesses?q="+number, http.StatusOK)
	claim := "/console/businesses/" + uuidShape.FindString(list[strings.Index(list, "/console/businesses/"):])
	want(t, list, name, "Dulce Firma", "format=csv")
	want(t, office.Get("/console/businesses?order=oldest&status=open&form=company", http.StatusOK), name)
	want(t, office.Get("/console/businesses?format=csv&q=acme", http.StatusOK), name)
	want(t, office.Get(claim, http.StatusOK), number, "Rua 5 de Julho", claim+"/paper", claim+"/confirm")
	office.Get(claim+"/paper", http.StatusOK)
	want(t, office.Post(claim+"/refuse", url.Values{"reason": {" "}}, http.StatusUnprocessableEntity), "Say why")
	want(t, office.Get(claim+"/confirm", http.StatusOK), "Confirm who acts for")
	if to := office.Post(claim+"/confirm", nil, http.StatusSeeOther); !strings.HasPrefix(to, claim) {
		t.Errorf("confirming leads to %s", to)
	}
	want(t, office.Get(claim, http.StatusOK), "Confirmed", "Decided on")
	for _, path := range []string{"/console/businesses", claim, claim + "/paper"} {
		dulce.Get(path, http.StatusForbidden)
	}

	// Its manager.
	mine := dulce.Get("/businesses", http.StatusOK)
	page := regexp.MustCompile(`/businesses/` + uuidShape.String()).FindString(mine)
	want(t, mine, name, "Manager of the business", page)
	want(t, dulce.Get(page, http.StatusOK), number, "Dulce Firma", page+"/edit", page+"/members/new")
	helena.Get(page, http.StatusNotFound)
	helena.Get(page+"/edit", http.StatusNotFound)
	want(t, dulce.Post(page+"/edit", url.Values{"email": {"nowhere"}}, http.StatusUnprocessableEntity), `value="nowhere"`)
	dulce.Post(page+"/edit", url.Values{"email": {"geral@acme.example"}, "address": {"Plateau"}}, http.StatusSeeOther)
	want(t, dulce.Get(page, http.StatusOK), "geral@acme.example")
	dulce.Get(page+"/members/new", http.StatusOK)
	invited := url.Values{"address": {"helena.firma@example.org"}, "kind": {"manager"}, "scope": {"some"}, "services": {"trade-licence"}}
	want(t, dulce.Post(page+"/members/new", invited, http.StatusUnprocessableEntity), "A manager acts in all services")
	invited.Set("kind", "member")
	if to := dulce.Post(page+"/members/new", invited, http.StatusSeeOther); !strings.HasPrefix(to, page) {
		t.Errorf("inviting leads to %s", to)
	}
	members := dulce.Get(page, http.StatusOK)
	want(t, members, "helena.firma@example.org", "Waiting for an answer")

	// A member.
	asked := helena.Get("/businesses", http.StatusOK)
	helena.Post(regexp.MustCompile(`/representing/`+uuidShape.String()+`/accept`).FindString(asked), nil, http.StatusSeeOther)
	joined := helena.Get("/businesses", http.StatusOK)
	want(t, helena.Get(page, http.StatusOK), "Its managers decide who else can")
	want(t, helena.Get("/representing", http.StatusOK), name)
	helena.Get(page+"/members/new", http.StatusForbidden)
	helena.Post(acting(joined), nil, http.StatusSeeOther)
	request := "/requests/" + uuidShape.FindString(helena.Post("/services/trade-licence/start", nil, http.StatusSeeOther))
	want(t, helena.Get(request, http.StatusOK), name)
	helena.Post("/services/birth-certificate/start", nil, http.StatusForbidden)
	dulce.Post(acting(mine), nil, http.StatusSeeOther)
	dulce.Get(request, http.StatusOK)
	dulce.Post("/services/birth-certificate/start", nil, http.StatusConflict) // for people alone
	dulce.Post("/representing/leave", nil, http.StatusSeeOther)
	dulce.Get(request, http.StatusNotFound)

	// Dismissed in the middle of it; the last manager stays.
	ends := regexp.MustCompile(page+`/members/`+uuidShape.String()+`/end`).FindAllString(dulce.Get(page, http.StatusOK), -1)
	for _, end := range ends {
		s := dulce.Get(end, http.StatusOK)
		if strings.Contains(s, "Helena Firma") {
			dulce.Post(end, nil, http.StatusSeeOther)
		} else {
			dulce.Post(end, nil, http.StatusConflict)
		}
	}
	helena.Get(request, http.StatusNotFound)
	helena.Get(page, http.StatusNotFound)
}
