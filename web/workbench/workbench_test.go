package workbench_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"digit/internal/infra/audit"
	"digit/internal/infra/audit/audittest"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/infra/platform/policy"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/agency"
	"digit/internal/provider/analytics"
	"digit/internal/provider/orchestration"
	"digit/internal/provider/orchestration/orchestrationtest"
	"digit/internal/provider/performance"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/workbench"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// office is a real provider side with the workbench's pages in front of it, used over HTTP.
type office struct {
	*orchestrationtest.House
	people *identity.Service
	codes  *letterbox
	server http.Handler
	host   string
	db     *pg.DB // of the pages
}

// letterbox keeps the last code sent.
type letterbox struct{ code string }

func (l *letterbox) SendCode(_ context.Context, _ *pg.Tx, m identity.CodeMessage) error {
	l.code = m.Code
	return nil
}

func setup(t testing.TB) *office {
	t.Helper()
	o := &office{House: orchestrationtest.New(t), codes: &letterbox{}}
	db := pgtest.Open(t, pgtest.AppURL(t))
	o.db = db
	settings := tenancy.New(tenancy.Deps{})
	o.host = "t" + strings.ReplaceAll(o.Tenant.String(), "-", "") + ".localhost"
	o.people = identity.New(identity.Deps{Encryption: o.Encryption, Tenancy: settings, Codes: o.codes})
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for _, role := range []string{"registry-clerk", "registrar", "licence-clerk", "auditor"} {
			if err := o.people.PutRole(ctx, tx, identity.Role{
				Code: role, Name: i18n.Text{"pt": "Função " + role},
				Permissions: policy.ForRole(role, agency.Policy, workflow.Policy, orchestration.Policy, bench.Policy, certificate.Policy, analytics.Policy, performance.Policy),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	f := frame.New(frame.Deps{
		DB: db, Tenancy: settings, Identity: o.people, Origins: audit.New(audit.Deps{Keys: audittest.NewKeys()}), Catalog: catalog(t), Log: slog.New(slog.DiscardHandler), PublicURL: "http://localhost", DefaultTenant: "none",
	})
	router := chi.NewRouter()
	desk := bench.New(bench.Deps{
		Services: o.Catalog, Workflow: o.Workflow, Applications: o.Applications, People: o.people, Payments: o.Payment, Sealer: o.Encryption,
		Documents: o.Documents,
	})
	desk.Register(o.Jobs)
	for _, route := range workbench.New(workbench.Deps{
		Workbench:    desk,
		Applications: o.Applications, Certificates: o.Certificate, Documents: document.New(document.Deps{Encryption: o.Encryption}), Refdata: o.Refdata, Identity: o.people, Agencies: o.Agency,
	}).Routes() {
		router.Method(route.Method, route.Pattern, f.Handler(route))
	}
	o.server = router
	return o
}

// catalog is the product's catalogue.
func catalog(t testing.TB) *i18n.Catalog {
	t.Helper()
	c, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// officer is somebody of the staff at a browser.
type officer struct {
	*office
	token, lang string
	by          identity.Principal
}

func (o *office) officer(name, role, agency, lang string) *officer {
	o.T.Helper()
	address := strings.ToLower(id.Token(6)) + "@example.org"
	p := &officer{office: o, lang: lang}
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		account, err := o.people.AddStaff(ctx, tx, identity.AddStaff{Name: name, Email: address, Lang: lang})
		if err != nil {
			return err
		}
		if _, err := o.people.GrantFor(ctx, tx, identity.NewGrant{Account: account, Role: role, Agency: agency}); err != nil {
			return err
		}
		sent, err := o.people.StartCode(ctx, tx, identity.StartCode{Channel: identity.ChannelEmail, Address: address, Lang: lang, Staff: true})
		if err != nil {
			return err
		}
		in, err := o.people.FinishCode(ctx, tx, sent, o.codes.code)
		p.token, p.by = in.Token, in.Principal
		return err
	})
	return p
}

func (p *officer) do(method, path string, form url.Values) *http.Response {
	p.T.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Host = p.host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "digit", Value: p.token})
	r.AddCookie(&http.Cookie{Name: "lang", Value: p.lang})
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	return w.Result()
}

// leaked finds a key of ours that has no words.
var leaked = regexp.MustCompile(`>[^<]*\b(workbench|insight|done)\.[a-z_]+`)

// page asks for a page and fails the test unless it answers with that status and has no key for a word.
func (p *officer) page(status int, method, path string, form url.Values) string {
	p.T.Helper()
	res := p.do(method, path, form)
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.T.Fatal(err)
	}
	if res.StatusCode != status {
		p.T.Fatalf("%s %s: %d, want %d\n%s", method, path, res.StatusCode, status, text(string(b)))
	}
	if key := leaked.FindString(string(b)); key != "" {
		p.T.Errorf("%s %s has a key for a word: %s", method, path, key)
	}
	return string(b)
}

// jobs runs what was enqueued by the pages.
func (o *office) jobs() {
	o.T.Helper()
	pgtest.Work(o.T, o.db, o.Jobs)
}

func read(t testing.TB, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// post sends a form that is to be taken and returns where it leads.
func (p *officer) post(path string, form url.Values) string {
	p.T.Helper()
	res := p.do(http.MethodPost, path, form)
	if res.StatusCode != http.StatusSeeOther {
		b, _ := io.ReadAll(res.Body)
		p.T.Fatalf("POST %s: %d\n%s", path, res.StatusCode, text(string(b)))
	}
	return res.Header.Get("Location")
}

var (
	tags   = regexp.MustCompile(`<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

func text(html string) string { return spaces.ReplaceAllString(tags.ReplaceAllString(html, " "), " ") }

// paid sends and pays a request for a birth certificate.
func (o *office) paid(name, reference string) uuid.UUID {
	o.T.Helper()
	req := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: reference, Service: "birth-certificate", Version: 1, Person: id.New(), Name: name, Lang: "pt",
	}
	o.Send(req, orchestrationtest.Birth())
	for _, r := range o.Responses() {
		if r.Demand != nil {
			o.Pay(r.Demand.ID)
		}
	}
	return req.ID
}

func (o *office) rev(app uuid.UUID) string { return fmt.Sprint(o.Case(app).Rev) }

func want(t testing.TB, html string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(html, part) {
			t.Errorf("the page lacks %q:\n%s", part, text(html))
		}
	}
}

func TestInbox(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	late := o.paid("Maria Évora", "RC-2026-000001")
	o.Travel(9 * 24 * time.Hour)
	o.paid("=cmd()", "RC-2026-000002")

	want(t, clerk.page(200, "GET", "/workbench", nil), "You have no cases")
	team := clerk.page(200, "GET", "/workbench?queue=team", nil)
	want(t, team, "RC-2026-000001", "Maria Évora", "Long overdue", "RC-2026-000002", "Verification in the register")
	if strings.Index(team, "RC-2026-000001") > strings.Index(team, "RC-2026-000002") {
		t.Error("the most urgent case is not the first")
	}
	critical := clerk.page(200, "GET", "/workbench?queue=team&due=critical", nil)
	want(t, critical, "RC-2026-000001")
	if strings.Contains(critical, "RC-2026-000002") {
		t.Error("the filter lets others pass")
	}
	want(t, clerk.page(200, "GET", "/workbench?queue=team&q=rc-2026-000002", nil), "RC-2026-000002", "Remove this filter")
	want(t, clerk.page(200, "GET", "/workbench?queue=team&q=XX", nil), "No case matches the filters")
	clerk.page(422, "GET", "/workbench?queue=theirs", nil)

	csv := clerk.page(200, "GET", "/workbench/export.csv?queue=team", nil)
	want(t, csv, "RC-2026-000001,Maria Évora,Birth certificate", "RC-2026-000002,'=cmd()")
	if n := strings.Count(csv, "\n"); n != 3 {
		t.Errorf("the list has %d lines, want head and two cases", n)
	}
	stranger := o.officer("Sara Stranger", "licence-clerk", "cmp", "en")
	if strings.Contains(stranger.page(200, "GET", "/workbench?queue=team", nil), "RC-2026") {
		t.Error("another agency's staff sees the case in a list")
	}
	stranger.page(403, "GET", "/workbench/cases/"+late.String(), nil)
}

func TestCaseFromClaimToRevocation(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, registrar := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Rui Registrar", "registrar", "dgrni", "pt")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()

	want(t, clerk.page(200, "GET", path, nil), "Maria Évora", "Take this case", "27 March 1985", "Nossa Senhora da Graça", "it waits for somebody with the role")
	if to := clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}}); to != path+"?done=workbench.claimed" {
		t.Errorf("claimed leads to %s", to)
	}
	want(t, clerk.page(200, "GET", path+"?done=workbench.claimed", nil), "The case is now yours.", "record-found", "Put back in the queue")

	missing := clerk.page(422, "POST", path+"/act/verify", url.Values{"rev": {o.rev(app)}, "comment": {"Assento 1234"}, "checklist": {"record-found"}})
	want(t, missing, "Tick every point of the checklist.", "Assento 1234", `href="#verify-checklist"`, `id="verify-checklist"`)
	if !regexp.MustCompile(`value="record-found" checked`).MatchString(missing) {
		t.Error("what was ticked is not ticked any more")
	}
	want(t, clerk.page(422, "POST", path+"/note", url.Values{"rev": {o.rev(app)}, "note": {"  "}}), "Enter a note")
	clerk.post(path+"/note", url.Values{"rev": {o.rev(app)}, "note": {"Livro 7, folha 12"}})
	want(t, clerk.page(200, "GET", path, nil), "Livro 7, folha 12", "Clara Clerk")

	clerk.post(path+"/act/verify", url.Values{"rev": {o.rev(app)}, "checklist": {"record-found", "details-match", "may-receive"}})
	want(t, registrar.page(200, "GET", path, nil), "Ficar com o pedido")
	registrar.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
	registrar.post(path+"/act/approve", url.Values{"rev": {o.rev(app)}})
	o.Work()
	done := registrar.page(200, "GET", path, nil)
	want(t, done, "Deferido", "Certificado", "Rui Registrar", path+"/certificate/revoke")
	if strings.Contains(clerk.page(200, "GET", path, nil), "/certificate/revoke") {
		t.Error("a clerk is offered to revoke")
	}
	clerk.page(403, "POST", path+"/certificate/revoke", url.Values{"reason": {"x"}})
	want(t, registrar.page(200, "GET", path+"/certificate/revoke", nil), "Revogar este certificado?")
	registrar.page(422, "POST", path+"/certificate/revoke", url.Values{"reason": {" "}})
	registrar.post(path+"/certificate/revoke", url.Values{"reason": {"Emitido por engano"}})
	want(t, registrar.page(200, "GET", path, nil), "Revogado", "Emitido por engano")
	want(t, clerk.page(200, "GET", "/workbench?queue=done", nil), "RC-2026-000001", "Approved")
}

func TestCorrection(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path := "/workbench/cases/" + app.String()
	clerk.post(path+"/claim", url.Values{"rev": {o.rev(app)}})
	page := clerk.page(422, "POST", path+"/act/ask-correction", url.Values{"rev": {o.rev(app)}, "reasons": {"differs"}, "items": {"mother_name"}})
	want(t, page, "Enter the reason.", `href="#ask-correction-comment"`)
	if !regexp.MustCompile(`value="mother_name" checked`).MatchString(page) {
		t.Error("the question chosen is not chosen any more")
	}
	want(t, clerk.page(422, "POST", path+"/act/ask-correction", url.Values{"rev": {o.rev(app)}, "reasons": {"differs"}, "comment": {"Full name, please"}}), "Choose at least one question", "Full name, please")
	if err := o.Act(clerk.by, app, "ask-correction", "Full name, please", "mother_name"); err != nil { // by way of the house, whose jobs carry the answer
		t.Fatal(err)
	}
	want(t, clerk.page(200, "GET", path, nil), "the clock stands still until the citizen answers", "Full name, please", "Asked of the citizen")

	answers := orchestrationtest.Birth()
	answers["mother_name"] = "Ana Maria Évora"
	o.Send(exchange.ServiceRequest{
		ID: app, Kind: exchange.Correct, Reference: "RC-2026-000001", Service: "birth-certificate", Version: 1, Person: o.Case(app).Person, Name: "Maria Évora", Lang: "pt",
	}, answers)
	want(t, clerk.page(200, "GET", path, nil), "What the citizen corrected", "Ana Évora", "Ana Maria Évora")
}

// TestMeanwhile acts on a case that a colleague has moved since it was opened: nothing typed is lost.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk, colleague := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en"), o.officer("Carlos Clerk", "registry-clerk", "dgrni", "en")
	app := o.paid("Maria Évora", "RC-2026-000001")
	path, seen := "/workbench/cases/"+app.String(), o.rev(app)
	colleague.post(path+"/claim", url.Values{"rev": {seen}})
	page := clerk.page(409, "POST", path+"/act/send-to-field", url.Values{"rev": {seen}, "comment": {"The book is in Tarrafal"}})
	want(t, page, "Somebody acted on this case meanwhile", "Carlos Clerk: took the case", "The book is in Tarrafal", "What you had written")
	for _, rev := range []string{"-1", "", "x", seen} {
		clerk.page(409, "POST", path+"/claim", url.Values{"rev": {rev}})
	}
	if o.Case(app).Assignee != colleague.by.Account {
		t.Error("somebody else has the case")
	}
}

// TestLanguages renders every page in each language and direction.
func TestLanguages(t *testing.T) {
	t.Parallel()
	o := setup(t)
	app := o.paid("Maria Évora", "RC-2026-000001")
	for _, lang := range []string{"pt", "en", "ar"} {
		clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", lang)
		for _, path := range []string{"/workbench", "/workbench?queue=team", "/workbench?queue=unclaimed&due=ok", "/workbench?queue=done", "/workbench/cases/" + app.String()} {
			page := clerk.page(200, "GET", path, nil)
			if dir := map[bool]string{true: "rtl", false: "ltr"}[lang == "ar"]; !strings.Contains(page, `lang="`+lang+`" dir="`+dir+`"`) {
				t.Errorf("%s in %s has another language or direction", path, lang)
			}
		}
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	o := setup(t)
	app := o.paid("Maria Évora", "RC-2026-000001")
	clerk := o.officer("Clara Clerk", "registry-clerk", "dgrni", "en")
	clerk.page(404, "GET", "/workbench/cases/"+app.String()+"/files/"+id.New().String(), nil)
	clerk.page(404, "GET", "/workbench/cases/"+id.New().String(), nil)
	clerk.page(404, "GET", "/workbench/cases/nonsense", nil)
	nobody := &officer{office: o, lang: "en"}
	if res := nobody.do("GET", "/workbench", nil); res.StatusCode != 303 || !strings.HasPrefix(res.Header.Get("Location"), "/staff/sign-in") {
		t.Errorf("nobody is led to %d %s", res.StatusCode, res.Header.Get("Location"))
	}
}
