package edge

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"digit/cmd/digit/app"
	"digit/web"
	"digit/web/frame"
	"digit/web/locale"
)

// line is one line of the log as machines read it.
type line struct {
	Time                                               time.Time
	Level, Msg, Method, Route, Request, Code           string
	Tenant, Kind, Actor, Error, Panic, Stack, Instance string
	Status                                             int
}

func (h *house) lines(t *testing.T) (all []line) {
	t.Helper()
	for text := range strings.Lines(h.Log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("the log has a line that is none: %v: %.300q", err, text)
		}
		all = append(all, l)
	}
	return all
}

// TestLog: each line says when, what and whose, by ids, and is one line whatever was sent.
func TestLog(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{Log: "json"})
	c := h.citizen(t, "Joana Lima")
	const forged = "zvq\r\nlevel=ERROR msg=\"all is lost\"\n{\"level\":\"ERROR\",\"msg\":\"all is lost\"}\n\x1b[31m\u2028"
	c.post("/profile", "name", forged, "lang", "en")
	c.get("/services?q=" + values([]string{"q", forged}).Encode())
	c.send(http.MethodGet, "/"+strings.ReplaceAll(values([]string{"a", forged}).Encode(), "+", "%20"), nil, map[string]string{"User-Agent": "zvq level=ERROR msg=x", "X-Request-Id": "zvq-forged"})
	c.json("/api/v1/requests", `{"service":"`+strings.ReplaceAll(forged, "\"", "")+`"}`)
	h.visitor(t).post("/sign-in/code", "id", forged, "code", forged)
	refused := c.get("/workbench") // a citizen at the officers' door
	h.visitor(t).get("/requests")
	pusher := h.visitor(t)
	pusher.send(http.MethodPost, "/sign-in", strings.NewReader("address=9911111"), map[string]string{"Content-Type": formType, "Origin": "https://evil.example"})
	for range 4 {
		pusher.post("/sign-in", "address", "9944321")
	}
	for range 3 {
		pusher.post("/sign-in/code", "id", newID(), "code", "123456")
	}
	pusher.post("/staff/sign-in/password", "address", "nobody@demo.example", "password", "zvq is not the password")
	if refused.status != http.StatusForbidden {
		t.Fatalf("a citizen in the workbench: %d", refused.status)
	}
	var person string
	if err := h.one(t, `SELECT id::text FROM identity.account WHERE kind = 'person' ORDER BY created_at DESC LIMIT 1`, nil, &person); err != nil {
		t.Fatal(err)
	}
	requests, denied, codes := 0, false, map[string]bool{}
	for _, l := range h.lines(t) {
		if l.Time.IsZero() || l.Level == "" || l.Msg == "" {
			t.Errorf("%+v", l)
		}
		if strings.Contains(l.Msg, "all is lost") || l.Request == "zvq-forged" {
			t.Errorf("somebody wrote into the log: %+v", l)
		}
		if l.Msg == "request" {
			requests++
			if l.Method == "" || l.Status == 0 || l.Request == "" || l.Tenant == "" || l.Kind == "" || l.Kind != "anonymous" && l.Actor == "" || strings.Contains(l.Route, "zvq") {
				t.Errorf("%+v", l)
			}
		}
		if l.Msg == "refused" {
			codes[l.Code] = true
		}
		if l.Msg == "refused" && l.Request == refused.header.Get("X-Request-Id") {
			denied = l.Code == "page.permission" && l.Actor == person && l.Kind == "person" && l.Status == http.StatusForbidden && l.Route != ""
		}
	}
	if requests < 10 || !denied {
		t.Errorf("%d requests are in the log; that somebody was turned away is: %t", requests, denied)
	}
	for _, want := range []string{"page.forged", "page.body", "identity.too_many_codes", "identity.code_expired", "identity.password_wrong"} {
		if !codes[want] {
			t.Errorf("that somebody was refused by %s is not in the log; there are %v", want, codes)
		}
	}
	if strings.Contains(h.Log.String(), "zvq") {
		t.Error("the log says what was sent")
	}
}

// TestNothingInsideIsShown: what goes wrong inside is told as a reference and nothing else; the log has the rest. One
// request that panics takes no other with it.
func TestNothingInsideIsShown(t *testing.T) {
	t.Parallel()
	h := open(t)
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	book := &logbook{}
	log := slog.New(slog.NewJSONHandler(book, nil))
	f := frame.New(frame.Deps{DB: h.DB, Tenancy: h.Tenancy, Identity: h.Identity, Origins: h.Audit, Catalog: texts, Log: log, PublicURL: h.URL, DefaultTenant: "cv"})
	const secret = `ERROR: relation "zvq.secret" does not exist (SQLSTATE 42P01) at /srv/zvq/store.go:12 password=zvqword`
	door := func(pattern string, kind frame.Kind, do func() error) frame.Route {
		return frame.Route{Method: http.MethodGet, Pattern: pattern, Permission: frame.Public, Kind: kind, Handler: func(*frame.Request) error { return do() }}
	}
	fails := func() error { return errors.New(secret) }
	panics := func() error { panic(secret) }
	ok := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }
	site := web.New(web.Config{Frame: f, Healthz: ok, Readyz: ok, Log: log, Routes: []frame.Route{
		door("/page", frame.Page, fails), door("/api/x", frame.API, fails), door("/hooks/x", frame.Hook, fails),
		door("/page-panics", frame.Page, panics), door("/api/panics", frame.API, panics),
	}})
	for _, path := range []string{"/page", "/api/x", "/hooks/x", "/page-panics", "/api/panics"} {
		w := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodGet, path, nil)
		req.Host = "localhost"
		site.ServeHTTP(w, req)
		body := w.Body.String()
		if w.Code != http.StatusInternalServerError {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, tell := range []string{"zvq", "SQLSTATE", ".go:", "goroutine", "panic", "runtime"} {
			if strings.Contains(body, tell) {
				t.Errorf("%s shows %q: %.400s", path, tell, body)
			}
		}
		id := w.Header().Get("X-Request-Id")
		if id == "" || !strings.Contains(body, id) {
			t.Errorf("%s gives no reference: %.400s", path, body)
		}
		logged := false
		for text := range strings.Lines(book.String()) {
			logged = logged || strings.Contains(text, id) && strings.Contains(text, "zvq") && strings.Contains(text, `"level":"ERROR"`)
		}
		if !logged {
			t.Errorf("%s: the log does not say what happened", path)
		}
	}
}

// TestUnasked: fields that a form does not have change nothing, above all not what somebody is or whose something is.
func TestUnasked(t *testing.T) {
	t.Parallel()
	h := open(t)
	victim := h.citizen(t, "Vítima Lima")
	before := victim.get("/profile").body
	c := h.citizen(t, "Joana Lima")
	var mine, theirs string
	draft, other := c.draft(), victim.draft()
	if err := h.one(t, `SELECT person_id::text FROM request.request WHERE id = $1`, []any{draft.ID}, &mine); err != nil {
		t.Fatal(err)
	}
	if err := h.one(t, `SELECT person_id::text FROM request.request WHERE id = $1`, []any{other.ID}, &theirs); err != nil {
		t.Fatal(err)
	}
	extra := []string{
		"id", theirs, "account", theirs, "account_id", theirs, "person", theirs, "person_id", theirs, "kind", "staff", "role", "administrator", "roles", "administrator",
		"permissions", "identity:manage", "is_admin", "true", "admin", "1", "status", "issued", "state", "issued", "tenant", "sandbox", "tenant_id", theirs, "level", "3",
		"suspended", "false", "agency", "dgrni", "grants[0][role]", "administrator", "__proto__[admin]", "1",
	}
	for path, typed := range map[string][]string{
		"/profile": {"name", "Joana Lima", "lang", "en"}, "/requests/" + draft.ID + "/pages/who": answers()["who"], "/services/birth-certificate/start": nil,
	} {
		if a := c.post(path, append(append([]string{}, typed...), extra...)...); a.status >= 500 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	for what, sql := range map[string]string{
		"staff":               `SELECT count(*) FROM identity.account WHERE id = $1 AND kind <> 'person'`,
		"somebody with roles": `SELECT count(*) FROM identity.role_grant WHERE account_id = $1`,
		"further on":          `SELECT count(*) FROM request.request WHERE person_id = $1 AND status <> 'draft'`,
	} {
		if n := h.count(t, sql, mine); n != 0 {
			t.Errorf("the citizen is %s now", what)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM request.request WHERE person_id = $1`, theirs); n != 1 {
		t.Errorf("somebody else has %d requests, want the one of before", n)
	}
	if after := victim.get("/profile").body; after != before {
		t.Error("somebody else's profile is another")
	}
	if a := c.get("/workbench"); a.status != http.StatusForbidden {
		t.Errorf("the workbench opens to a citizen: %d", a.status)
	}
}
