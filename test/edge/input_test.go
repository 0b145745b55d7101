package edge

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"digit/cmd/digit/app"
)

// TestFormInput: what is wrong is said beside what was typed, in the reader's language, and nothing typed is lost.
func TestFormInput(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	draft := c.draft()
	c.want(c.post("/requests/"+draft.ID+"/pages/who", answers()["who"]...), http.StatusSeeOther, "page who")
	good := answers()["person"]
	with := func(name, value string) []string {
		pairs := append([]string{}, good...)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				pairs[i+1] = value
				return pairs
			}
		}
		return append(pairs, name, value)
	}
	for name, typed := range map[string][]string{
		"a field that is none":        with("is_admin", "true"),
		"a date that is none":         with("birth_date.month", "13"),
		"a day that is a word":        with("birth_date.day", "terça"),
		"a date to come":              with("birth_date.year", "2999"),
		"an area that is none":        with("birth_place", "XX-99"),
		"a name that is too long":     with("full_name", strings.Repeat("Maria ", 200)),
		"nothing where it is needed":  with("mother_name", ""),
		"an area that tries SQL":      with("birth_place", "' OR 1=1 --"),
		"an answer of the page after": with("purpose", "identity"),
	} {
		for _, lang := range []string{"en", "pt", "ar"} {
			c.lang = lang
			c.http.Jar.SetCookies(mustURL(t, c.base), []*http.Cookie{{Name: "lang", Value: lang, Path: "/"}})
			a := c.post("/requests/"+draft.ID+"/pages/person", typed...)
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: got %d, want 422: %s", name, a.status, text(a.body))
				continue
			}
			if !strings.Contains(a.body, `lang="`+lang+`"`) {
				t.Errorf("%s: the page is not in %s", name, lang)
			}
			for i := 0; i < len(typed); i += 2 {
				if typed[i] == "full_name" && !strings.Contains(a.body, typed[i+1][:11]) || typed[i] == "birth_date.year" && !strings.Contains(a.body, typed[i+1]) {
					t.Errorf("%s: %s is lost", name, typed[i])
				}
			}
			if strings.Contains(a.body, "error.") {
				t.Errorf("%s in %s: a sentence is missing: %s", name, lang, text(a.body))
			}
		}
	}
	script := with("full_name", `<script>alert(1)</script>`)
	if a := c.post("/requests/"+draft.ID+"/pages/person", append(script, "x", "y")...); strings.Contains(a.body, "<script>alert") {
		t.Error("what was typed is shown as markup")
	}
}

// TestNoise sends every door what no person types: bytes that are no text, in every place there is. Nothing may break.
func TestNoise(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	const noise = "\x00\xff\u202e'\"<\\"
	var form []string
	for _, name := range []string{
		"address", "id", "code", "next", "name", "lang", "boundary", "text", "claims", "purpose", "until.day", "until.month", "until.year", "email", "phone",
		"closed", "account", "office", "role", "agency", "until", "permissions", "source", "by", "languages", "default_language", "slug", "kind", "host",
		"reason", "comment", "note", "items", "checklist", "rev", "number", "expiry", "cvc", "name.pt", "name.en", "title.pt", "currency", "zone", "subject",
		"hours", "scope", "services", "roles", "reports_to", "seats", "enabled", "reason.pt", "overlap", "expires", "from", "grant_type", "client_id", "client_secret",
		"day", "hours.mon", "endpoint", "jwks", "keys", "pattern", "place", "attributes", "level", "parent", "rows", "try",
	} {
		form = append(form, name, noise)
	}
	query := "?" + values(append(form, "q", noise, "after", noise, "trail", noise, "sort", noise, "show", noise, "state", noise, "service", noise, "from", noise, "to", noise, "channel", noise,
		"status", noise, "action", noise, "actor", noise, "object", noise, "queue", noise, "done", noise, "redirect_uri", noise, "client_id", noise, "edit", noise, "permission", noise, "about", noise, "reference", noise, "agency", noise, "role", noise, "boundary", noise, "ending", noise,
		"own", noise, "in", noise, "provider", noise, "running", noise, "working", noise, "vacant", noise)).Encode()
	for name, c := range map[string]*client{
		"anonymous": h.visitor(t), "citizen": h.citizen(t, "Joana Lima"), "registry-clerk": h.staff(t, clerk), "administrator": h.staff(t, administrator),
		"machine": h.machine(t, ""), "representative": h.representative(t, h.citizen(t, "Ana da Luz")),
	} {
		for _, r := range h.Routes {
			for _, ids := range []map[string]string{nil, {"id": "%00%ff", "code": "%00%ff", "token": "%00", "type": "%00", "agency": "%ff", "slug": "%00", "list": "%00", "ref": "%00", "question": "%00", "lang": "%00", "accent": "%00", "gateway": "%00", "provider": "%00", "action": "%00", "page": "%00", "act": "%00", "position": "%00", "holding": "%00", "reference": "%00", "register": "%ff", "key": "%00", "calendar": "%00", "area": "%00", "format": "%00", "kid": "%00", "day": "%00"}} {
				// who is kept out is refused before anything is read; what names nothing was asked already
				if skipped(r.Method+" "+r.Pattern) || shut(r, name) || ids != nil && !strings.Contains(r.Pattern, "{") {
					continue
				}
				a := c.send(r.Method, fillPath(r.Pattern, ids)+query, strings.NewReader(values(form).Encode()), map[string]string{"Content-Type": formType})
				if a.status >= 500 {
					t.Errorf("%s %s as %s: %d %s", r.Method, fillPath(r.Pattern, ids), name, a.status, h.why(a))
				}
			}
		}
	}
}

// TestFiles: the content decides, not the name, and what is refused says why, with the other answers still there.
func TestFiles(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	draft := c.draft()
	c.want(c.post("/requests/"+draft.ID+"/pages/who", answers()["who"]...), http.StatusSeeOther, "page who")
	page := "/requests/" + draft.ID + "/pages/documents"
	html := []byte("<!DOCTYPE html><html><body><script>alert(1)</script></body></html>")
	for name, f := range map[string]file{
		"HTML as PDF":      {"identity_document.card", "bi.pdf", "application/pdf", html},
		"a program as PNG": {"identity_document.card", "bi.png", "image/png", append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), make([]byte, 400)...)},
		"SVG as PNG":       {"identity_document.card", "bi.png", "image/png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)},
		"nothing":          {"identity_document.card", "bi.png", "image/png", nil},
		"too large":        {"identity_document.card", "bi.png", "image/png", append(picture(), make([]byte, 11<<20)...)},
		"to no question":   {"true_statement", "bi.png", "image/png", picture()},
		"a zip as PDF":     {"identity_document.card", "bi.pdf", "application/pdf", append([]byte("PK\x03\x04\x14\x00"), make([]byte, 400)...)},
	} {
		a := c.upload(page, []file{f}, "identity_document", "card")
		if a.status != http.StatusUnprocessableEntity && a.status != http.StatusNotFound {
			t.Errorf("%s: got %d (%s), want 422", name, a.status, a.location)
		}
		if said := text(a.body); strings.Contains(said, "error.") || strings.Contains(said, "application/") || strings.Contains(said, "image/") {
			t.Errorf("%s: a sentence is missing, or for programs: %s", name, said)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM document.file f JOIN request.request r ON r.tenant_id = f.tenant_id AND r.person_id = f.person_id WHERE r.id = $1`, draft.ID); n != 0 {
		t.Errorf("%d of the refused files were kept", n)
	}
	c.want(c.upload(page, []file{{"identity_document.card", "../../etc/passwd.png", "image/png", picture()}}, "identity_document", "card"), http.StatusSeeOther, "a good file with a bad name")
	if a := c.get(page); strings.Contains(a.body, "../") || !strings.Contains(a.body, "passwd.png") {
		t.Error("the file's name was not cut to its last part")
	}
	body := bytes.Repeat([]byte("a"), 33<<20)
	a, err := c.try(http.MethodPost, page, bytes.NewReader(body), map[string]string{"Content-Type": formType})
	if err == nil && (a.status != http.StatusUnprocessableEntity && a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "too large")) {
		t.Errorf("33 MB: got %d %s", a.status, text(a.body))
	}
	small := fmt.Sprintf("address=%s", strings.Repeat("9", 2<<20))
	a, err = c.try(http.MethodPost, "/sign-in", strings.NewReader(small), map[string]string{"Content-Type": formType})
	if err == nil && (a.status != http.StatusUnprocessableEntity && a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "too large")) {
		t.Errorf("a post of 2 MB to the sign-in: got %d %s", a.status, text(a.body))
	}
}

// TestAPIInput: every failure is a problem, whole, in the language asked for.
func TestAPIInput(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	titles := map[string]map[string]bool{}
	for name, in := range map[string]struct {
		path, body string
		status     int
		fields     []string
	}{
		"no JSON":            {"/api/v1/requests", `{`, 422, nil},
		"a list":             {"/api/v1/requests", `[]`, 422, nil},
		"two values":         {"/api/v1/requests", `{"service":"birth-certificate"} {}`, 422, nil},
		"an unknown field":   {"/api/v1/requests", `{"service":"birth-certificate","is_admin":true}`, 422, nil},
		"a wrong type":       {"/api/v1/requests", `{"service":7}`, 422, nil},
		"an unknown service": {"/api/v1/requests", `{"service":"moon"}`, 404, nil},
		"no answers":         {"/api/v1/requests", `{"service":"streetlight-complaint","answers":{}}`, 422, []string{""}},
		"an unknown answer":  {"/api/v1/requests", `{"service":"birth-certificate","answers":{"moon":"full","full_name":"A B"}}`, 422, []string{"moon"}},
		"wrong kinds":        {"/api/v1/requests", `{"service":"birth-certificate","answers":{"for_whom":7,"true_statement":"yes","full_name":["A"]}}`, 422, []string{"for_whom", "true_statement", "full_name"}},
		"too long":           {"/api/v1/requests", `{"service":"birth-certificate","answers":{"for_whom":"me","full_name":"` + strings.Repeat("ab ", 500) + `"}}`, 422, []string{"full_name"}},
		"too large":          {"/api/v1/requests", `{"service":"` + strings.Repeat("a", 300<<10) + `"}`, 422, nil},
		"verify, no text":    {"/api/v1/verify", `{"txt":"x"}`, 422, nil},
		"no such path":       {"/api/v1/moon", `{}`, 404, nil},
	} {
		for _, lang := range []string{"en", "pt", "ar"} {
			c.lang = lang
			c.http.Jar.SetCookies(mustURL(t, c.base), []*http.Cookie{{Name: "lang", Path: "/", MaxAge: -1}})
			p := c.problem(c.json(in.path, in.body), in.status)
			if titles[name] == nil {
				titles[name] = map[string]bool{}
			}
			titles[name][p.Title] = true
			for _, want := range in.fields {
				found := want == "" && len(p.Errors) > 0
				for _, e := range p.Errors {
					found = found || e.Field == want
				}
				if !found {
					t.Errorf("%s: no error for %q: %+v", name, want, p.Errors)
				}
			}
		}
	}
	for name, said := range titles {
		if len(said) != 3 {
			t.Errorf("%s is told in %d languages: %v", name, len(said), said)
		}
	}
	of := `SELECT count(*) FROM request.request WHERE person_id = (SELECT person_id FROM request.request WHERE id = $1)`
	if n := h.count(t, of, c.draft().ID); n != 1 {
		t.Errorf("%d requests were left by refused ones", n-1)
	}
}
