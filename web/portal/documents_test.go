package portal_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/document/documenttest"
	"digit/web/hook/hooktest"
)

// sendFile posts a page with a file, as a browser does without scripts.
func sendFile(v *hooktest.Visitor, path, input, name string, content []byte, fields url.Values) hooktest.Answer {
	v.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, values := range fields {
		for _, value := range values {
			_ = form.WriteField(field, value) // a buffer takes all
		}
	}
	part, err := form.CreateFormFile(input, name)
	if err != nil {
		v.T.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	return v.Send(http.MethodPost, path, form.FormDataContentType(), body.String())
}

// beginComplaint begins a complaint about a street light and returns its path.
func beginComplaint(v *hooktest.Visitor) string {
	v.T.Helper()
	v.Get("/services/streetlight-complaint/start", http.StatusOK)
	request := "/requests/" + uuidShape.FindString(v.Post("/services/streetlight-complaint/start", nil, http.StatusSeeOther))
	v.Post(request+"/pages/problem", url.Values{"problem": {"damaged"}, "danger": {"no"}, "lights": {"3"}}, http.StatusSeeOther)
	return request
}

var takeShape = regexp.MustCompile(`value="(photo:[0-9a-f-]{36})"`)

// TestDocuments gives a photograph that was given before once more, without scripts, and looks after the list of all.
func TestDocuments(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("dora.documents@correio.example", false)
	if s := v.Get("/documents", http.StatusOK); !strings.Contains(s, "No files yet") {
		t.Error("empty, the list does not say so")
	}
	place := url.Values{"place": {"CV-PR-01"}, "landmark": {"opposite the bakery"}}
	first := beginComplaint(v)
	if a := sendFile(v, first+"/pages/place", "photo", "poste.png", documenttest.PNG(5, 5), place); a.Status != http.StatusSeeOther {
		t.Fatalf("%d\n%s", a.Status, hooktest.Text(a.Body))
	}
	v.Post(first+"/pages/contact", url.Values{"reporter_name": {"Dora"}, "phone": {""}, "email": {""}}, http.StatusSeeOther)
	v.Get(v.Post(first+"/submit", url.Values{"another": {"yes"}}, http.StatusSeeOther), http.StatusOK)

	second := beginComplaint(v)
	page := v.Get(second+"/pages/place", http.StatusOK)
	take := takeShape.FindStringSubmatch(page)
	if take == nil || !strings.Contains(page, "poste.png") || !strings.Contains(page, "Use a file that you gave before (1)") {
		t.Fatalf("the photograph is not offered:\n%s", hooktest.Text(page))
	}
	place.Set("_take", strings.Join(take[1:], ""))
	if to := v.Post(second+"/pages/place", place, http.StatusSeeOther); to != second+"/pages/place#photo" {
		t.Errorf("taking it leads to %s", to)
	}
	page = v.Get(second+"/pages/place", http.StatusOK)
	if !strings.Contains(page, "Taken from the files you gave") || !strings.Contains(page, "opposite the bakery") {
		t.Errorf("taken:\n%s", hooktest.Text(page))
	}
	place.Set("_take", "photo:0190a000-0000-7000-8000-000000000000")
	if s := v.Post(second+"/pages/place", place, http.StatusUnprocessableEntity); !strings.Contains(s, "opposite the bakery") {
		t.Error("with a file that is not there, what was typed is lost")
	}

	list := v.Get("/documents?sort=name", http.StatusOK)
	if strings.Count(list, "/files/photo/") != 1 || !strings.Contains(list, "(draft)") {
		t.Errorf("the list:\n%s", hooktest.Text(list))
	}
	if s := v.Post("/documents", url.Values{"q": {"nothing"}}, http.StatusOK); strings.Contains(s, "poste.png") || !strings.Contains(s, "Files found: 0") {
		t.Errorf("searched:\n%s", hooktest.Text(s))
	}
	remove := regexp.MustCompile(`/documents/[0-9a-f-]{36}/remove`).FindString(list)
	if s := v.Get(remove, http.StatusOK); !strings.Contains(s, "taken out of these drafts") || !strings.Contains(s, "were sent and keep it") {
		t.Errorf("before it goes:\n%s", hooktest.Text(s))
	}
	stranger := hooktest.Visit(t, "en")
	stranger.SignIn("eva.elsewhere@correio.example", false)
	stranger.Get(remove, http.StatusNotFound)
	for range 2 { // pressed twice
		v.Post(remove, nil, http.StatusSeeOther)
	}
	if s := v.Get("/documents", http.StatusOK); strings.Contains(s, "poste.png") {
		t.Error("removed, it is still listed")
	}
	_, file, _ := strings.Cut(strings.Join(take[1:], ""), ":")
	v.Get(first+"/files/photo/"+file, http.StatusOK)
}
