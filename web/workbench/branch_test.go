package workbench_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/orchestration"
	bench "digit/internal/provider/workbench"
)

// works offers the service that uses everything cases can do, and makes the roles in it.
func (o *office) works() {
	o.T.Helper()
	data, err := os.ReadFile("../../internal/provider/orchestration/testdata/works.yaml")
	if err != nil {
		o.T.Fatal(err)
	}
	pack, problems := servicespec.Parse(data)
	if len(problems) > 0 {
		o.T.Fatal(problems)
	}
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for _, role := range []string{"clerk", "fire", "water", "inspector", "chief"} {
			if err := o.people.PutRole(ctx, tx, identity.Role{Code: role, Name: i18n.Text{"en": "Role " + role}, Permissions: []string{orchestration.Read, bench.Use}}); err != nil {
				return err
			}
		}
		if err := o.Agency.Put(ctx, tx, identity.Principal{}, agency.Agency{Code: "works", Name: i18n.Text{"en": "Works"}}); err != nil {
			return err
		}
		if _, err := o.Catalog.Publish(ctx, tx, identity.Principal{}, *pack); err != nil {
			return err
		}
		return o.Exchange.PutRoute(ctx, tx, exchange.Route{Service: "works", Agency: "works", Endpoint: exchange.Local})
	})
}

// permit sends and pays a request for a works permit.
func (o *office) permit(reference string) exchange.ServiceRequest {
	o.T.Helper()
	req := exchange.ServiceRequest{
		ID: id.New(), Kind: exchange.Apply, Reference: reference, Service: "works", Version: 1, Person: id.New(), Name: "Maria Évora", Lang: "en",
	}
	o.Send(req, servicespec.Answers{"area": int64(100), "tall": false, "note": "By the sea"})
	for _, r := range o.Responses() {
		if r.Demand != nil {
			o.Pay(r.Demand.ID)
		}
	}
	return req
}

// keep writes a page for looking at, where DIGIT_PAGES says.
func keep(t *testing.T, name, html string) {
	if dir := os.Getenv("DIGIT_PAGES"); dir != "" {
		if err := os.WriteFile(dir+"/"+name+".html", []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBranchesOnThePage works in two branches at once: each officer finds theirs, what is held back says why, findings and a photo are kept.
func TestBranchesOnThePage(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.works()
	clerk, fire, inspector := o.officer("Clara Clerk", "clerk", "works", "en"), o.officer("Filipe Fire", "fire", "works", "en"), o.officer("Ivo Inspector", "inspector", "works", "en")
	water := o.officer("Wanda Water", "water", "works", "en")
	app := o.permit("W-2026-000001").ID
	path := "/workbench/cases/" + app.String()
	if clerk.by.Account != o.Case(app).Assignee {
		t.Fatal("the only clerk was not given the case")
	}
	want(t, clerk.page(422, "POST", path+"/act/propose", url.Values{"rev": {o.rev(app)}}), "Tick every point of the checklist.")
	clerk.post(path+"/act/propose", url.Values{"rev": {o.rev(app)}, "checklist": {"plan"}})

	want(t, fire.page(200, "GET", "/workbench", nil), "W-2026-000001", "Fire looks")
	seen := o.rev(app)
	page := fire.page(200, "GET", path, nil)
	want(t, page, "Opinions at the same time", "Water looks", "2 opinions are awaited", "Fire – Fire looks", "“No objection” is not possible now", "There are too many faults.", "How long it was where")
	keep(t, "branches", page)
	water.post(path+"/claim", url.Values{"rev": {seen}, "branch": {"water"}})
	water.post(path+"/release", url.Values{"rev": {o.rev(app)}, "branch": {"water"}})
	fire.post(path+"/act/fire-send", url.Values{"rev": {seen}}) // seen before the other branch changed
	fire.page(409, "POST", path+"/act/fire-send", url.Values{"rev": {seen}})

	inspector.post(path+"/claim", url.Values{"rev": {o.rev(app)}, "branch": {"fire"}})
	wrong := inspector.page(422, "POST", path+"/act/fire-report", url.Values{"rev": {o.rev(app)}, "asks": {"1"}, "fire-report.found": {"many"}})
	want(t, wrong, `value="many"`, `href="#fire-report.found"`)
	keep(t, "findings", wrong)
	inspector.report(path, o.rev(app))
	after := fire.page(200, "GET", path, nil)
	want(t, after, "What colleagues found out", "Faults", "facade.png", "Fire: Report → Fire looks")
	keep(t, "found", after)
	file := after[strings.Index(after, path+"/files/"):]
	if res := fire.do("GET", file[:strings.IndexByte(file, '"')], nil); res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the photo: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	fire.page(404, "GET", path+"/files/"+uuid.NewString(), nil)
	fire.post(path+"/claim", url.Values{"rev": {o.rev(app)}, "branch": {"fire"}})
	fire.post(path+"/act/fire-yes", url.Values{"rev": {o.rev(app)}})
	keep(t, "inbox", water.page(200, "GET", "/workbench?queue=team", nil))
}

// report posts a report with a photo.
func (p *officer) report(path, rev string) {
	p.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range map[string]string{"rev": rev, "asks": "1", "fire-report.found": "3"} {
		if err := w.WriteField(name, value); err != nil {
			p.T.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("documents.photo", "facade.png")
	if err == nil {
		_, err = part.Write([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND\xaeB`\x82"))
	}
	if err != nil || w.Close() != nil {
		p.T.Fatal(err)
	}
	r := httptest.NewRequest("POST", path+"/act/fire-report", &body)
	r.Host = p.host
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.AddCookie(&http.Cookie{Name: "digit", Value: p.token})
	res := httptest.NewRecorder()
	p.server.ServeHTTP(res, r)
	if res.Code != http.StatusSeeOther {
		p.T.Fatalf("reporting: %d\n%s", res.Code, text(res.Body.String()))
	}
}

// TestRoundsOnThePage refuses for coded reasons, and has it appealed against: the first decision stays on the page.
func TestRoundsOnThePage(t *testing.T) {
	t.Parallel()
	o := setup(t)
	o.works()
	clerk, chief := o.officer("Clara Clerk", "clerk", "works", "en"), o.officer("Celia Chief", "chief", "works", "en")
	req := o.permit("W-2026-000002")
	path := "/workbench/cases/" + req.ID.String()
	clerk.post(path+"/act/propose", url.Values{"rev": {o.rev(req.ID)}, "checklist": {"plan"}})
	want(t, chief.page(422, "POST", path+"/act/stop", url.Values{"rev": {o.rev(req.ID)}, "comment": {"Not here"}}), "Choose at least one reason.", "Not here")
	chief.post(path+"/act/stop", url.Values{"rev": {o.rev(req.ID)}, "comment": {"Not here"}, "reasons": {"too-big"}})
	want(t, chief.page(200, "GET", path, nil), "Rejected", "Reason chosen", "Too big", "Not needed any more")
	o.Work()
	o.Travel(24 * time.Hour)
	appeal := req
	appeal.Kind, appeal.Note = exchange.Appeal, "It is smaller than it looks."
	o.Send(appeal, servicespec.Answers{})
	page := chief.page(200, "GET", path, nil)
	want(t, page, "Earlier decision 1", "Not here", "It is smaller than it looks.", "Citizen")
	keep(t, "appeal", page)
}
