package api_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"digit/web/api"
	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

type problem struct {
	Type, Title, Code, Instance string
	Status                      int
	Errors                      []struct{ Field, Code, Detail string }
}

// refusal decodes a failure and checks that it is a whole problem (RFC 9457).
func refusal(t *testing.T, a hooktest.Answer) (p problem) {
	t.Helper()
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d as %s, want a problem\n%s", a.Status, got, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != a.Status || p.Title == "" || p.Type != "urn:digit:problem:"+p.Code || !strings.HasPrefix(p.Instance, "urn:digit:request:") {
		t.Errorf("not a whole problem: %s", a.Body)
	}
	return p
}

// TestDescription holds openapi.json to the routes: each is described, and nothing else is.
func TestDescription(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Security    []map[string][]string
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	for path, methods := range doc.Paths {
		for method, op := range methods {
			who := "citizen"
			if len(op.Security) == 0 {
				who = "public"
			}
			described = append(described, strings.ToUpper(method)+" "+path+" "+who)
		}
	}
	for _, r := range new(api.API).Routes() {
		routed = append(routed, r.Method+" "+r.Pattern+" "+r.Permission)
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described:\n%s\nrouted:\n%s", strings.Join(described, "\n"), strings.Join(routed, "\n"))
	}
}

func TestServices(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	var list struct {
		Items []struct {
			Code string
			Name map[string]string
		}
	}
	v.JSON(http.MethodGet, "/api/v1/services?q=birth&lang=en", "", http.StatusOK, &list)
	if len(list.Items) != 1 || list.Items[0].Code != "birth-certificate" || list.Items[0].Name["pt"] == "" {
		t.Errorf("searching birth: %+v", list)
	}
	var service struct {
		Form struct {
			Pages []struct{ Questions []struct{ Code, Kind string } }
		}
	}
	v.JSON(http.MethodGet, "/api/v1/services/birth-certificate", "", http.StatusOK, &service)
	if len(service.Form.Pages) == 0 || len(service.Form.Pages[0].Questions) == 0 {
		t.Errorf("the form is empty: %+v", service)
	}
	if p := refusal(t, v.JSON(http.MethodGet, "/api/v1/services/nothing", "", http.StatusNotFound, nil)); p.Code != "catalog.unknown" {
		t.Errorf("an unknown service: %+v", p)
	}
	if p := refusal(t, v.JSON(http.MethodGet, "/api/v1/services?after=%21%21", "", http.StatusUnprocessableEntity, nil)); p.Code != "page.cursor" {
		t.Errorf("a bad cursor: %+v", p)
	}
	var schema struct {
		Schema     string `json:"$schema"`
		Properties map[string]any
	}
	v.JSON(http.MethodGet, "/api/v1/services/birth-certificate/schema?lang=en", "", http.StatusOK, &schema)
	if schema.Schema == "" || schema.Properties["birth_date"] == nil {
		t.Errorf("the schema of answers: %+v", schema)
	}
	v.JSON(http.MethodGet, "/api/v1/openapi.json", "", http.StatusOK, &map[string]any{})
	refusal(t, v.Send(http.MethodGet, "/api/v1/nothing", "", ""))
}

func TestRequestsAreThePersonsOwn(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	for _, path := range []string{"/api/v1/requests", "/api/v1/requests/01890000-0000-7000-8000-000000000000"} {
		if p := refusal(t, v.JSON(http.MethodGet, path, "", http.StatusUnauthorized, nil)); p.Code != "page.sign_in" {
			t.Errorf("%s without a session: %+v", path, p)
		}
	}
	v.SignIn("api.reader@correio.example", false)
	v.JSON(http.MethodGet, "/api/v1/requests", "", http.StatusOK, nil)
	refusal(t, v.JSON(http.MethodGet, "/api/v1/requests/01890000-0000-7000-8000-000000000000", "", http.StatusNotFound, nil))
	refusal(t, v.JSON(http.MethodGet, "/api/v1/requests/nothing", "", http.StatusNotFound, nil))
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("api.wrong@correio.example", false)
	for _, c := range []struct {
		name, body, code string
		status           int
		fields           map[string]string
	}{
		{"no JSON", `{`, "page.body", http.StatusUnprocessableEntity, nil},
		{"an unknown field", `{"service":"birth-certificate","answers":{},"extra":1}`, "page.body", http.StatusUnprocessableEntity, nil},
		{"two values", `{"service":"birth-certificate"}{}`, "page.body", http.StatusUnprocessableEntity, nil},
		{"a wrong type", `{"service":7,"answers":{}}`, "page.body", http.StatusUnprocessableEntity, nil},
		{"too large", `{"service":"` + strings.Repeat("x", 257<<10) + `"}`, "page.too_large", http.StatusUnprocessableEntity, nil},
		{"an unknown service", `{"service":"nothing","answers":{}}`, "catalog.unknown", http.StatusNotFound, nil},
		{"wrong answers", `{"service":"birth-certificate","answers":{"nothing":"x","child_name":7}}`, "api.answers", http.StatusUnprocessableEntity, map[string]string{"nothing": "unknown_field"}},
	} {
		p := refusal(t, v.JSON(http.MethodPost, "/api/v1/requests", c.body, c.status, nil))
		if p.Code != c.code {
			t.Errorf("%s: %s, want %s", c.name, p.Code, c.code)
		}
		for field, code := range c.fields {
			found := false
			for _, e := range p.Errors {
				found = found || e.Field == field && e.Code == code && e.Detail != "" && !strings.HasPrefix(e.Detail, "error.")
			}
			if !found {
				t.Errorf("%s: %+v lacks %s for %s", c.name, p.Errors, code, field)
			}
		}
	}
	var list struct{ Items []struct{ Status string } }
	v.JSON(http.MethodGet, "/api/v1/requests", "", http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("a refused request left something: %+v", list)
	}
}

// TestRequest sends a report of a broken street light and reads it again.
func TestRequest(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	v.SignIn("api.writer@correio.example", false)
	var sent struct{ ID, Reference, Status string }
	a := v.JSON(http.MethodPost, "/api/v1/requests", string(read(t, "testdata/streetlight.json")), http.StatusCreated, &sent)
	if sent.Reference == "" || sent.Status != "submitted" || a.Header.Get("Location") != "/api/v1/requests/"+sent.ID {
		t.Errorf("sent: %s (%s)", a.Body, a.Header.Get("Location"))
	}
	var back struct {
		Answers  map[string]any
		Timeline []struct{ Kind string }
	}
	v.JSON(http.MethodGet, "/api/v1/requests/"+sent.ID, "", http.StatusOK, &back)
	if len(back.Answers) == 0 || len(back.Timeline) == 0 {
		t.Errorf("read again: %+v", back)
	}
	other := hooktest.Visit(t, "en")
	other.SignIn("api.other@correio.example", false)
	refusal(t, other.JSON(http.MethodGet, "/api/v1/requests/"+sent.ID, "", http.StatusNotFound, nil))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	var found struct{ Outcome string }
	v.JSON(http.MethodPost, "/api/v1/verify", `{"text":"nothing at all"}`, http.StatusOK, &found)
	if found.Outcome != "unknown" {
		t.Errorf("an unknown certificate: %+v", found)
	}
	refusal(t, v.JSON(http.MethodPost, "/api/v1/verify", `{"texts":"x"}`, http.StatusUnprocessableEntity, nil))
	refusal(t, v.JSON(http.MethodPost, "/api/v1/verify", `{"text":"`+strings.Repeat("x", 65<<10)+`"}`, http.StatusUnprocessableEntity, nil))
	refusal(t, v.JSON(http.MethodGet, "/status/01890000-0000-7000-8000-000000000000", "", http.StatusNotFound, nil))
}

func TestPublicKeysAndTypes(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	var keys struct{ Keys []any }
	a := v.JSON(http.MethodGet, "/.well-known/jwks/dgrni.json", "", http.StatusOK, &keys)
	if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("keys: %v", a.Header)
	}
	var meta struct {
		VCT    string
		Claims []struct {
			Path []string
			SD   string
		}
	}
	v.JSON(http.MethodGet, "/vct/birth-certificate", "", http.StatusOK, &meta)
	if !strings.HasSuffix(meta.VCT, "/vct/birth-certificate") || len(meta.Claims) == 0 || meta.Claims[0].SD == "" {
		t.Errorf("type: %+v", meta)
	}
	refusal(t, v.JSON(http.MethodGet, "/vct/nothing", "", http.StatusNotFound, nil))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
