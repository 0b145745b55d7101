package api_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
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
			Permission  string `json:"x-permission"`
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	var described, routed []string
	for path, methods := range doc.Paths {
		for method, op := range methods {
			who := "public"
			for _, way := range op.Security {
				if scopes, ok := way["client"]; ok {
					who = strings.Join(scopes, " ")
				} else if who == "public" {
					who = "citizen"
				}
			}
			if op.Permission != "" {
				who = op.Permission
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

// TestEncryption lets a system of an agency encrypt, decrypt, sign and verify, and nobody else.
func TestEncryption(t *testing.T) {
	t.Parallel()
	admin := hooktest.Visit(t, "en")
	admin.SignIn("sofia.andrade@demo.example", true)
	const at = "/api/v1/encryption/"
	for _, act := range []string{"encrypt", "decrypt", "sign", "verify"} {
		if p := refusal(t, admin.JSON(http.MethodPost, at+act, `{"agency":"dgrni","purpose":"x"}`, http.StatusForbidden, nil)); p.Code != "page.permission" {
			t.Errorf("an administrator may %s: %+v", act, p)
		}
		refusal(t, hooktest.Visit(t, "en").JSON(http.MethodPost, at+act, `{}`, http.StatusUnauthorized, nil))
	}
	var system uuid.UUID
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		ids := hooktest.App(t).Identity
		if err := ids.PutRole(ctx, tx, identity.Role{Code: "tax-system", Name: i18n.Text{"en": "Tax system"}, Permissions: []string{
			encryption.Encrypts, encryption.Decrypts, encryption.Signs, encryption.Verifies,
		}}); err != nil {
			return err
		}
		if system, err = ids.AddStaff(ctx, tx, identity.AddStaff{Name: "Tax system", Email: "tax.system@demo.example", Lang: "en"}); err != nil {
			return err
		}
		return ids.Grant(ctx, tx, system, "tax-system", "dgrni", "")
	})
	v := hooktest.Visit(t, "en")
	v.SignIn("tax.system@demo.example", true)
	const said = `"agency":"dgrni","purpose":"tax.assessment"`
	bound := said + `,"associated_data":"` + base64.StdEncoding.EncodeToString([]byte("case 1")) + `"`
	plain := base64.StdEncoding.EncodeToString([]byte("salary 1234"))
	var sealed struct{ Ciphertext string }
	v.JSON(http.MethodPost, at+"encrypt", `{`+bound+`,"plaintext":"`+plain+`"}`, http.StatusOK, &sealed)
	var open struct{ Plaintext string }
	v.JSON(http.MethodPost, at+"decrypt", `{`+bound+`,"ciphertext":"`+sealed.Ciphertext+`"}`, http.StatusOK, &open)
	if open.Plaintext != plain {
		t.Errorf("it opens to %q", open.Plaintext)
	}
	var signed struct{ JWS, KID string }
	v.JSON(http.MethodPost, at+"sign", `{`+said+`,"payload":"`+plain+`"}`, http.StatusOK, &signed)
	var verified struct {
		Valid        bool
		KID, Payload string
	}
	v.JSON(http.MethodPost, at+"verify", `{`+said+`,"jws":"`+signed.JWS+`"}`, http.StatusOK, &verified)
	if !verified.Valid || verified.KID != signed.KID || verified.Payload != plain {
		t.Errorf("verified: %+v", verified)
	}
	v.JSON(http.MethodPost, at+"verify", `{`+said+`,"jws":"`+signed.JWS[:len(signed.JWS)-4]+`AAAA"}`, http.StatusOK, &verified)
	if verified.Valid {
		t.Error("an altered text is believed")
	}
	for body, code := range map[string]string{
		`{"agency":"cmp","purpose":"x","associated_data":"AAAA","plaintext":"AAAA"}`:     "page.permission",
		`{"agency":"","purpose":"x","associated_data":"AAAA","plaintext":"AAAA"}`:        "encryption.agency",
		`{"agency":"dgrni","purpose":"Why not","associated_data":"AAAA","plaintext":""}`: "encryption.purpose",
		`{` + said + `,"plaintext":"AAAA"}`:                                              "encryption.associated_data",
		`{` + bound + `,"plaintext":"no base64"}`:                                        "page.body",
		`{` + bound + `,"plaintext":"` + strings.Repeat("AAAA", 40<<10) + `"}`:           "page.too_large",
	} {
		a := v.Send(http.MethodPost, at+"encrypt", "application/json", body)
		if p := refusal(t, a); p.Code != code {
			t.Errorf("%.80s: %s, want %s", body, p.Code, code)
		}
	}
	if p := refusal(t, v.JSON(http.MethodPost, at+"decrypt", `{`+bound+`,"ciphertext":"AAAAAAAA"}`, http.StatusUnprocessableEntity, nil)); p.Code != "encryption.ciphertext" {
		t.Errorf("nonsense: %+v", p)
	}
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		for action, want := range map[string]int{"encrypt": 1, "decrypt": 1, "decrypt.refuse": 1, "sign": 1, "verify": 1, "verify.refuse": 1} {
			found, err := hooktest.App(t).Audit.Entries(ctx, tx, audit.Filter{Action: "encryption.api." + action, Actor: system}, page.Request{})
			if err != nil {
				return err
			}
			if len(found.Rows) != want || want > 0 && (found.Rows[0].Reason != "tax.assessment" || found.Rows[0].Detail["agency"] != "dgrni") {
				t.Errorf("%s: %+v on record", action, found.Rows)
			}
		}
		return nil
	})
}

func TestPublicKeysAndTypes(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	var keys struct{ Keys []any }
	a := v.JSON(http.MethodGet, "/.well-known/jwks/dgrni.json", "", http.StatusOK, &keys)
	if a.Header.Get("Access-Control-Allow-Origin") != "*" || a.Header.Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("keys: %v", a.Header)
	}
	a = v.JSON(http.MethodGet, "/.well-known/jwks.json", "", http.StatusOK, &keys)
	if !strings.HasPrefix(a.Header.Get("Cache-Control"), "public, max-age=") {
		t.Errorf("the keys of all: %v", a.Header)
	}
	host := strings.ReplaceAll(strings.TrimPrefix(v.Base, "http://"), ":", "%3A")
	for path, id := range map[string]string{"/.well-known/did.json": "did:web:" + host, "/agencies/dgrni/did.json": "did:web:" + host + ":agencies:dgrni"} {
		var doc struct{ ID string }
		a := v.JSON(http.MethodGet, path, "", http.StatusOK, &doc)
		if doc.ID != id || a.Header.Get("Content-Type") != "application/did+json" {
			t.Errorf("%s: %s as %s", path, doc.ID, a.Header.Get("Content-Type"))
		}
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
