package portal_test

import (
	"html"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/document/documenttest"
	"digit/web/hook/hooktest"
)

var linkShape = regexp.MustCompile(`value="[^"]*(/pay/[A-Za-z0-9_-]{20,})"`)

// demanded applies for a birth certificate without an account, until its fee is demanded.
func demanded(v *hooktest.Visitor, address string) (request string) {
	v.T.Helper()
	request = "/requests/" + uuidShape.FindString(v.Post("/services/birth-certificate/guest", nil, http.StatusSeeOther))
	for _, page := range []struct {
		code   string
		answer url.Values
	}{
		{"who", url.Values{"for_whom": {"other"}, "relationship": {"neta"}}},
		{"person", url.Values{"full_name": {"Maria Canaria"}, "birth_date.day": {"27"}, "birth_date.month": {"3"}, "birth_date.year": {"1985"}, "birth_place": {"CV-BV-01"}, "mother_name": {"Ana da Luz"}}},
		{"purpose", url.Values{"purpose": {"identity"}, "delivery": {"digital"}}},
		{"contact", url.Values{"applicant_name": {"Joana Canaria"}, "phone": {"+2389911234"}, "email": {""}}},
		{"declaration", url.Values{"true_statement": {"yes"}}},
	} {
		v.Post(request+"/pages/"+page.code, page.answer, http.StatusSeeOther)
	}
	handIn(v, request+"/pages/documents")
	to, _ := url.Parse(v.Post(request+"/contact", url.Values{"name": {"Joana Canaria"}, "address": {address}}, http.StatusSeeOther))
	v.Post(request+"/contact/code", url.Values{"sent": {to.Query().Get("code")}, "typed": {codeFor(v, address)}}, http.StatusSeeOther)
	if to := v.Post(request+"/submit", nil, http.StatusSeeOther); to != request+"/sent" {
		v.T.Fatalf("sending leads to %s", to)
	}
	hooktest.Eventually(v.T, "the fee is demanded", func() string {
		if s := v.Get(request, http.StatusOK); strings.Contains(s, request+`/pay"`) {
			return s
		}
		return ""
	})
	return request
}

// handIn posts a page with the applicant's identity card.
func handIn(v *hooktest.Visitor, page string) {
	v.T.Helper()
	var body strings.Builder
	w := multipart.NewWriter(&body)
	field := w.WriteField("identity_document", "card")
	f, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="identity_document.card"; filename="card.png"`}, "Content-Type": {"image/png"}})
	if err != nil || field != nil {
		v.T.Fatal(err, field)
	}
	if _, err := f.Write(documenttest.PNG(8, 8)); err != nil {
		v.T.Fatal(err)
	}
	if err := w.Close(); err != nil {
		v.T.Fatal(err)
	}
	if a := v.Send(http.MethodPost, page, w.FormDataContentType(), body.String()); a.Status != http.StatusSeeOther {
		v.T.Fatalf("handing in: %d\n%s", a.Status, hooktest.Text(a.Body))
	}
}

// TestPayLink: somebody else pays, without an account and without seeing for whom.
func TestPayLink(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	request := demanded(v, "joana.canaria@example.org")
	if s := v.Get(request+"/pay", http.StatusOK); !strings.Contains(s, request+`/pay/link"`) {
		t.Error("it is not offered")
	}
	v.Get(request+"/pay/link", http.StatusOK)
	made := func() string {
		t.Helper()
		m := linkShape.FindStringSubmatch(html.UnescapeString(v.Post(request+"/pay/link", nil, http.StatusOK)))
		if m == nil {
			t.Fatal("no link")
		}
		return m[1]
	}
	other := hooktest.Visit(t, "en")
	first := made()
	v.Post(request+"/pay/link/end", nil, http.StatusSeeOther)
	other.Get(first, http.StatusNotFound)
	link := made()
	if s := v.Get(request+"/pay/link", http.StatusOK); strings.Contains(s, link) {
		t.Error("the link is shown again")
	}
	page := other.Get(link, http.StatusOK)
	if strings.Contains(page, "Canaria") || strings.Contains(page, "joana") || !strings.Contains(page, "250") {
		t.Errorf("whoever has the link sees:\n%s", hooktest.Text(page))
	}
	if s := hooktest.Visit(t, "en").Get("/pay/done", http.StatusOK); !strings.Contains(s, "recorded by itself") {
		t.Errorf("coming back as a stranger:\n%s", hooktest.Text(s))
	}
	gateway := other.Post(link, nil, http.StatusSeeOther)
	if again := other.Post(link, nil, http.StatusSeeOther); again != gateway {
		t.Error("pressed twice, it leads to two pages")
	}
	at, err := url.Parse(gateway)
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(other.Post(at.Path, url.Values{"number": {"4242 4242 4242 4242"}, "expiry": {"12/30"}, "cvc": {"123"}}, http.StatusSeeOther))
	if err != nil || back.Path != "/pay/done" {
		t.Fatalf("paying leads to %v, %v", back, err)
	}
	receipt := hooktest.Eventually(t, "the receipt is there", func() string {
		if s := other.Get(back.RequestURI(), http.StatusOK); strings.Contains(s, "REC-") {
			return s
		}
		return ""
	})
	if strings.Contains(receipt, "Canaria") {
		t.Error("the receipt names the applicant")
	}
	if s := other.Get(link, http.StatusOK); !strings.Contains(s, "This is paid") || strings.Contains(s, `action="/pay/`) {
		t.Errorf("after paying the link shows:\n%s", hooktest.Text(s))
	}
	if to := other.Post(link, nil, http.StatusSeeOther); to != link {
		t.Errorf("paying again leads to %s", to)
	}
	if a := v.Send(http.MethodGet, back.RequestURI(), "", ""); a.Header.Get("Location") != request+"/paid" {
		t.Errorf("the applicant comes back to %q", a.Header.Get("Location"))
	}
}
