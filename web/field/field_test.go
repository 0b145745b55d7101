package field_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/tenancy"
	outside "digit/internal/provider/field"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/field"
	"digit/web/frame"
	"digit/web/install"
	"digit/web/locale"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// yard is a real provider side with the application's interface in front of it, used over HTTP.
type yard struct {
	*orchestrationtest.House
	people *identity.Service
	field  *outside.Service
	server http.Handler
	code   string
}

// SendCode keeps the last code sent.
func (y *yard) SendCode(_ context.Context, _ *pg.Tx, m identity.CodeMessage) error {
	y.code = m.Code
	return nil
}

func setup(t *testing.T) *yard {
	t.Helper()
	y := &yard{House: orchestrationtest.New(t)}
	db := pgtest.Open(t, pgtest.AppURL(t))
	settings := tenancy.New(tenancy.Deps{})
	y.people = identity.New(identity.Deps{Encryption: y.Encryption, Tenancy: settings, Codes: y})
	y.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		return y.people.PutRole(ctx, tx, identity.Role{
			Code: "field-officer", Name: i18n.Text{"en": "Field officer"}, Permissions: policy.ForRole("field-officer", workflow.Policy, orchestration.Policy, bench.Policy, outside.Policy),
		})
	})
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	f := frame.New(frame.Deps{
		DB: db, Tenancy: settings, Identity: y.people, Origins: audit.New(audit.Deps{Keys: audittest.NewKeys()}), Catalog: texts, Log: slog.New(slog.DiscardHandler),
		PublicURL: "http://localhost", DefaultTenant: "none",
	})
	y.field = outside.New(outside.Deps{
		Services: y.Catalog, Workflow: y.Workflow, Applications: y.Applications, Documents: y.Documents, People: y.people, Sealer: y.Encryption,
	})
	office := bench.New(bench.Deps{
		Services: y.Catalog, Workflow: y.Workflow, Applications: y.Applications, People: y.people, Payments: y.Payment, Sealer: y.Encryption,
		Documents: y.Documents,
	})
	router := chi.NewRouter()
	for _, route := range append(field.New(field.Deps{Field: y.field, Workbench: office, Documents: y.Documents, Refdata: y.Refdata}).Routes(), install.New().Routes()...) {
		router.Method(route.Method, route.Pattern, f.Handler(route))
	}
	y.server = router
	return y
}

// officer is somebody outside with a device.
type officer struct {
	*yard
	by     identity.Principal
	token  string
	device uuid.UUID
}

func (y *yard) officer(name, agency string) *officer {
	y.T.Helper()
	o := &officer{yard: y, device: id.New()}
	address := strings.ToLower(id.Token(6)) + "@example.org"
	y.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		account, err := y.people.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: address, Lang: "en"})
		if err != nil {
			return err
		}
		if _, err := y.people.GrantFor(ctx, tx, identity.NewGrant{Account: account, Role: "field-officer", Agency: agency}); err != nil {
			return err
		}
		sent, err := y.people.StartCode(ctx, tx, identity.StartCode{Channel: identity.ChannelEmail, Address: address, Lang: "en", Staff: true})
		if err != nil {
			return err
		}
		in, err := y.people.FinishCode(ctx, tx, sent, y.code)
		o.token, o.by = in.Token, in.Principal
		return err
	})
	return o
}

// call asks the interface and returns status and answer.
func (o *officer) call(method, path string, body any) (int, map[string]any) {
	o.T.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			o.T.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, in)
	r.Host = "t" + strings.ReplaceAll(o.Tenant.String(), "-", "") + ".localhost"
	r.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 15) Chrome/140.0")
	r.AddCookie(&http.Cookie{Name: "lang", Value: "en"})
	if o.token != "" {
		r.AddCookie(&http.Cookie{Name: "digit", Value: o.token})
	}
	w := httptest.NewRecorder()
	o.server.ServeHTTP(w, r)
	out := map[string]any{}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		out["body"] = w.Body.String()
	}
	return w.Code, out
}

// want is call for what must be answered so.
func (o *officer) want(status int, method, path string, body any) map[string]any {
	o.T.Helper()
	got, out := o.call(method, path, body)
	if got != status {
		o.T.Fatalf("%s %s: %d, want %d: %.600v", method, path, got, status, out)
	}
	return out
}

// sent is a birth certificate that a clerk sends an officer out for.
func (y *yard) sent() uuid.UUID {
	y.T.Helper()
	req := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: "RC-2026-" + strings.ToUpper(id.Token(4)), Service: "birth-certificate", Version: 1, Person: id.New(), Name: "Maria Évora", Lang: "pt",
	}
	y.Send(req, orchestrationtest.Birth())
	for _, answer := range y.Responses() {
		if answer.Demand != nil && answer.RequestID == req.ID {
			y.Pay(answer.Demand.ID)
		}
	}
	if err := y.Act(y.Staff("Clara Clerk", "registry-clerk", "dgrni", ""), req.ID, "send-to-field", "Ver o livro"); err != nil {
		y.T.Fatal(err)
	}
	return req.ID
}

func (o *officer) enrol() { o.want(200, "POST", "/field/api/devices", map[string]any{"id": o.device}) }

func (o *officer) bundle() map[string]any {
	return o.want(200, "GET", "/field/api/bundle?device="+o.device.String()+"&unsent=0", nil)
}

func (o *officer) report(visit uuid.UUID, answer string, files ...map[string]any) map[string]any {
	return map[string]any{
		"id": id.New(), "device": o.device, "case": visit, "branch": "", "action": "confirm-in-field", "rev": o.Case(visit).Rev, "at": "2026-11-20T10:00:00Z",
		"report": map[string]any{
			"comment": "Está no livro", "checklist": map[string]any{"book-consulted": map[string]any{"answer": answer, "remark": "folha 40"}}, "files": files,
			"position": map[string]any{"lat": 14.9, "lng": -23.5, "accuracy": 8, "at": "2026-11-20T09:59:00Z"},
		},
	}
}

func TestVisitOverHTTP(t *testing.T) {
	t.Parallel()
	y := setup(t)
	visit := y.sent()
	o := y.officer("João Lopes", "dgrni")
	o.enrol()
	free := o.bundle()["free"].([]any)
	if len(free) != 1 {
		t.Fatalf("free = %v", free)
	}
	o.want(200, "POST", "/field/api/visits/"+visit.String()+"/claim", map[string]any{"device": o.device, "branch": "", "rev": free[0].(map[string]any)["rev"]})
	mine := o.bundle()["mine"].([]any)
	if len(mine) != 1 {
		t.Fatalf("mine = %v", mine)
	}
	page := mine[0].(map[string]any)["page"].(string)
	for _, part := range []string{"Maria Évora", `name="check.book-consulted"`, `value="confirm-in-field"`, `data-keep="photo"`, "The citizen reads this."} {
		if !strings.Contains(page, part) {
			t.Errorf("the page of the visit has no %q", part)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "field.visit.") {
		t.Error("the page has script, or keys for words")
	}

	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewRGBA(image.Rect(0, 0, 60, 40))); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(photo.Bytes())
	upload := map[string]any{"id": id.New(), "device": o.device, "case": visit, "code": "photo", "type": "image/png", "size": photo.Len(), "sha256": hex.EncodeToString(sum[:])}
	at := func(n int) string {
		return fmt.Sprintf("/field/api/uploads/%s?device=%s&at=%d", upload["id"], o.device, n)
	}
	o.want(200, "POST", "/field/api/uploads", upload)
	o.want(200, "POST", at(0), photo.Bytes()[:30])
	if gap := o.want(409, "POST", at(40), photo.Bytes()[40:]); gap["code"] != "document.offset" {
		t.Errorf("a gap: %v", gap)
	}
	if got := o.want(200, "POST", "/field/api/uploads", upload); got["received"] != float64(30) || got["whole"] != false {
		t.Errorf("after it was cut off: %v", got)
	}
	if got := o.want(200, "POST", at(30), photo.Bytes()[30:]); got["whole"] != true {
		t.Errorf("the last piece: %v", got)
	}

	refused := o.report(visit, "no")
	if got := o.want(200, "POST", "/field/api/operations", refused); got["status"] != "refused" || len(got["why"].([]any)) != 1 {
		t.Errorf("refused: %v", got)
	}
	done := o.report(visit, "yes", map[string]any{"upload": upload["id"], "code": "photo"})
	for range 2 {
		if got := o.want(200, "POST", "/field/api/operations", done); got["status"] != "done" {
			t.Errorf("done: %v", got)
		}
	}
	body := o.want(200, "GET", "/workbench/cases/"+visit.String()+"/visits", nil)["body"].(string)
	for _, part := range []string{"João Lopes", "Not accepted", "folha 40", "14.90000, -23.50000", "/visits/files/" + fmt.Sprint(upload["id"])} {
		if !strings.Contains(body, part) {
			t.Errorf("the office does not see %q", part)
		}
	}
	o.want(200, "GET", fmt.Sprintf("/workbench/cases/%s/visits/files/%s", visit, upload["id"]), nil)
}

func TestConflictOverHTTP(t *testing.T) {
	t.Parallel()
	y := setup(t)
	visit := y.sent()
	o := y.officer("João Lopes", "dgrni")
	o.enrol()
	y.Claim(o.by, visit)
	op := o.report(visit, "yes")
	chief := y.Staff("Rui Registrar", "registrar", "dgrni", "")
	y.In(chief.Actor(), func(ctx context.Context, tx *pg.Tx) error {
		_, err := y.Workflow.Release(ctx, tx, visit, "", chief, y.Case(visit).Rev)
		return err
	})
	got := o.want(200, "POST", "/field/api/operations", op)
	now, _ := got["now"].(map[string]any)
	if got["status"] != "conflict" || now["what"] != "release" || now["still"] != true || now["state"] != "Field verification" {
		t.Fatalf("conflict: %v", got)
	}
	choose := fmt.Sprintf("/field/api/operations/%s/choose", op["id"])
	o.want(409, "POST", choose, map[string]any{"device": o.device, "mine": true, "rev": 1})
	if got := o.want(200, "POST", choose, map[string]any{"device": o.device, "mine": true, "rev": now["rev"]}); got["status"] != "done" {
		t.Errorf("mine: %v", got)
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	y := setup(t)
	visit := y.sent()
	o, foreigner, nobody := y.officer("João Lopes", "dgrni"), y.officer("Sara Silva", "cmp"), &officer{yard: y, device: id.New()}
	o.enrol()
	foreigner.enrol()
	if got := nobody.want(401, "POST", "/field/api/devices", map[string]any{"id": nobody.device}); got["code"] == "" || got["title"] == "" {
		t.Errorf("no problem is told: %v", got)
	}
	if got := foreigner.want(403, "POST", "/field/api/operations", foreigner.report(visit, "yes")); got["code"] != "orchestration.forbidden" {
		t.Errorf("a foreign officer: %v", got)
	}
	theirs := *foreigner
	theirs.device = o.device
	if got := theirs.want(403, "POST", "/field/api/devices", map[string]any{"id": o.device}); got["code"] != "field.others" {
		t.Errorf("another's device: %v", got)
	}
	o.want(403, "GET", "/field/api/bundle?device=x", nil)
	o.want(404, "GET", fmt.Sprintf("/workbench/cases/%s/visits/files/%s", visit, id.New()), nil)

	state := "/field/api/devices/" + o.device.String()
	if got := nobody.want(200, "GET", state, nil); got["status"] != "active" {
		t.Errorf("status: %v", got)
	}
	admin := y.Staff("Alda Admin", "administrator", "", "")
	admin.Grants[0].Permissions = append(admin.Grants[0].Permissions, outside.Manage)
	y.In(admin.Actor(), func(ctx context.Context, tx *pg.Tx) error { return y.field.Wipe(ctx, tx, admin, o.device) })
	if got := nobody.want(200, "GET", state, nil); got["status"] != "asked" {
		t.Errorf("status: %v", got)
	}
	if got := o.want(403, "GET", "/field/api/bundle?device="+o.device.String(), nil); got["code"] != "field.wipe" {
		t.Errorf("a device to be wiped: %v", got)
	}
	nobody.want(200, "POST", state+"/gone", map[string]any{})
	if got := nobody.want(200, "GET", state, nil); got["status"] != "wiped" {
		t.Errorf("status: %v", got)
	}
}

// TestKeptPages reads what browsers keep as somebody who is signed in: it must not tell of them.
func TestKeptPages(t *testing.T) {
	t.Parallel()
	y := setup(t)
	o := y.officer("João Lopes", "dgrni")
	for path, part := range map[string]string{
		"/field": "Field visits", "/offline": "There is no network", "/worker.js": "const KEEP = [\"/assets/digit.",
	} {
		body, _ := o.want(200, "GET", path, nil)["body"].(string)
		if !strings.Contains(body, part) || strings.Contains(body, "João") || strings.Contains(body, ">field.") {
			t.Errorf("%s: %.400s", path, body)
		}
	}
	for path, start := range map[string]string{"/manifest.webmanifest": "/", "/field/manifest.webmanifest": "/field"} {
		if m := o.want(200, "GET", path, nil); m["start_url"] != start || m["scope"] != start || m["name"] == "" || len(m["icons"].([]any)) == 0 || m["display"] != "standalone" {
			t.Errorf("%s: %v", path, m)
		}
	}
}
