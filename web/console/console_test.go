package console_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"digit/internal/infra/audit"
	"digit/internal/infra/certificate"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	paging "digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/hook/hooktest"
)

func TestMain(m *testing.M) { hooktest.Main(m) }

// operator is the state's administrator at a browser.
func operator(t *testing.T, lang string) *hooktest.Visitor {
	t.Helper()
	v := hooktest.Visit(t, lang)
	v.SignIn("sofia.andrade@demo.example", true)
	return v
}

// unique is part of a name that no other test, nor another run of the same one, gives.
func unique() string { return id.New().String()[24:] }

// pages are all pages that need no particular thing to show.
var pages = []string{
	"/console", "/console/health", "/console/queue", "/console/agencies", "/console/agencies/new", "/console/agencies/dgrni", "/console/agencies/dgrni/edit",
	"/console/agencies/dgrni/offices/new", "/console/agencies/dgrni/staff/new", "/console/services", "/console/services/publish",
	"/console/services/birth-certificate", "/console/services/birth-certificate/withdraw", "/console/people", "/console/people?kind=staff",
	"/console/people?q=Ana", "/console/people?q=nobody%40example.org", "/console/people/new", "/console/people?kind=business", "/console/businesses", "/console/businesses?status=open&order=oldest", "/console/roles", "/console/roles/new", "/console/roles/registrar",
	"/console/messages", "/console/messages?status=failed&channel=sms", "/console/messages/providers/whatsapp", "/console/payments", "/console/payments?status=open", "/console/payments/received",
	"/console/payments/received?status=surplus", "/console/payments/credits", "/console/certificates", "/console/certificates?q=nothing", "/console/exchange",
	"/console/exchange/messages", "/console/audit", "/console/audit?action=identity.role.put&from=2020-01-01", "/console/audit/verify", "/console/audit/checkpoints", "/console/audit/exports", "/console/audit/exports?kind=read",
	"/console/settings", "/console/clock",
	"/console/keys", "/console/keys/signing", "/console/keys/signing?state=next", "/console/keys/proposals", "/console/keys/history", "/console/keys/seal/rotate",
	"/console/keys/destroy?act=person_key&target=x",
	"/console/calendar", "/console/calendar/hours", "/console/calendar/holidays/new", "/console/calendar/holidays/import",
	"/console/exchange/providers", "/console/exchange/providers/new", "/console/exchange/messages?status=failed",
	"/console/reference", "/console/reference/lists/new", "/console/reference/areas", "/console/reference/areas?in=CV", "/console/reference/areas/new?in=CV", "/console/reference/areas/import", "/console/reference/numbers", "/console/reference/numbers/new",
	"/console/calendar/workplaces", "/console/calendar/agency:dgrni", "/console/calendar/office:dgrni:praia/hours", "/console/calendar/agency:dgrni/holidays/new?day=2026-12-25",
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"pt", "en", "ar"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			v := operator(t, lang)
			for _, path := range pages {
				v.Get(path, http.StatusOK)
			}
		})
	}
}

func TestExports(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	for _, path := range []string{
		"/console/agencies", "/console/services", "/console/people", "/console/messages", "/console/payments", "/console/payments/received",
		"/console/certificates", "/console/exchange", "/console/exchange/messages", "/console/keys/signing", "/console/keys/history",
		"/console/keys/proposals",
	} {
		a := v.Send(http.MethodGet, path+"?format=csv", "", "")
		if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.HasPrefix(a.Body, "\ufeff") {
			t.Errorf("%s: %d %s", path, a.Status, a.Header.Get("Content-Type"))
		}
	}
	if a := v.Send(http.MethodGet, "/console/people?format=csv&kind=staff", "", ""); strings.Contains(a.Body, "ana.tavares@") || !strings.Contains(a.Body, "Ana Tavares") {
		t.Errorf("contacts are not masked:\n%s", a.Body)
	}
}

var firstCells = regexp.MustCompile(`(?s)<th scope="row".*?<bdi>(.*?)</bdi>`)

func firstColumn(html string) (cells []string) {
	for _, m := range firstCells.FindAllStringSubmatch(html, -1) {
		cells = append(cells, m[1])
	}
	return cells
}

func TestOrder(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	// Other tests add roles meanwhile: each list is held to its own order, not to the other.
	up, down := firstColumn(v.Get("/console/roles?sort=role", http.StatusOK)), firstColumn(v.Get("/console/roles?sort=-role", http.StatusOK))
	slices.Reverse(down)
	for _, names := range [][]string{up, down} {
		if len(names) < 10 || !slices.IsSortedFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
			t.Errorf("sorted by name: %q", names)
		}
	}
	if s := v.Get("/console/roles?sort=-role", http.StatusOK); !strings.Contains(s, `aria-sort="descending"`) {
		t.Error("the order is not said")
	}
	v.Get("/console/roles?sort=nonsense", http.StatusOK)
}

var (
	nextPage     = regexp.MustCompile(`<a rel="next" href="([^"]*)"`)
	previousPage = regexp.MustCompile(`<a rel="prev" href="([^"]*)"`)
)

// TestPager goes three pages forward and the same way back.
func TestPager(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	path := "/console/audit?to=2099-01-01&object=refdata.boundary"
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		for range 80 {
			if err := audit.Record(ctx, tx, audit.Entry{Action: "refdata.put", Object: "refdata.boundary"}); err != nil {
				return err
			}
		}
		return nil
	})
	follow := func(re *regexp.Regexp, from string) string {
		t.Helper()
		m := re.FindStringSubmatch(v.Get(from, http.StatusOK))
		if m == nil {
			t.Fatalf("%s leads no further", from)
		}
		return html.UnescapeString(m[1])
	}
	ways := []string{path}
	for range 2 {
		ways = append(ways, follow(nextPage, ways[len(ways)-1]))
	}
	for n := len(ways) - 1; n > 0; n-- {
		back, before := v.Get(follow(previousPage, ways[n]), http.StatusOK), v.Get(ways[n-1], http.StatusOK)
		if x, y := firstColumn(back), firstColumn(before); len(x) == 0 || !slices.Equal(x, y) {
			t.Errorf("the way back from page %d leads to %q, not to %q", n+1, x, y)
		}
	}
}

func TestNewPortal(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	form := fields(v.Get("/console/tenants/new", http.StatusOK))
	slug := "islet-" + unique()
	form.Set("slug", slug)
	form.Set("name.pt", "Ilhéu")
	page := hooktest.Text(v.Post("/console/tenants/new", form, http.StatusUnprocessableEntity))
	for _, want := range []string{"name of who will administer", "whole e-mail address"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	form.Set("admin_name", "Vera Islet")
	form.Set("admin_email", "vera@islet.example")
	v.Post("/console/tenants/new", form, http.StatusSeeOther)
	a := hooktest.App(t)
	tenant, err := a.DB.TenantBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	err = a.DB.InTx(t.Context(), pg.Scope{Tenant: tenant.ID, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		found, err := a.Identity.Accounts(ctx, tx, identity.Filter{Query: "vera@islet.example"}, paging.Request{})
		if err == nil && (len(found.Rows) != 1 || len(found.Rows[0].Grants) != 1 || found.Rows[0].Grants[0].Role != "administrator") {
			t.Errorf("its administrator: %+v", found.Rows)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhoMay(t *testing.T) {
	t.Parallel()
	if a := hooktest.Visit(t, "en").Send(http.MethodGet, "/console", "", ""); a.Status != http.StatusSeeOther {
		t.Errorf("a stranger: %d", a.Status)
	}
	auditor, officer, head := hooktest.Visit(t, "en"), hooktest.Visit(t, "en"), hooktest.Visit(t, "en")
	auditor.SignIn("tome.gomes@demo.example", true)
	officer.SignIn("ana.tavares@demo.example", true)
	head.SignIn("rui.barros@demo.example", true)
	officer.Get("/console", http.StatusForbidden)
	auditor.Get("/console/audit", http.StatusOK)
	auditor.Get("/console/settings", http.StatusForbidden)
	auditor.Get("/console/roles/new", http.StatusForbidden)
	auditor.Get("/console/roles/registrar", http.StatusOK)
	auditor.Get("/console/tenants", http.StatusForbidden)
	head.Get("/console/agencies/dgrni/edit", http.StatusOK)
	head.Get("/console/people", http.StatusOK)
	head.Get("/console/agencies/new", http.StatusForbidden)
	head.Get("/console/payments", http.StatusOK)
	head.Get("/console/payments?agency=cmp", http.StatusForbidden)
	head.Get("/console/payments/received", http.StatusForbidden)
}

var links = regexp.MustCompile(`href="(/console/people/[0-9a-f-]{36}[^"]*)"`)

func TestStaff(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	page := v.Post("/console/people/new", url.Values{"name": {""}, "email": {"no address"}, "lang": {"pt"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(page, "<title>Error: ") {
		t.Error("the title does not say that there is an error")
	}
	to := v.Post("/console/people/new", url.Values{"name": {"Lina Cabral"}, "email": {"lina.cabral." + unique() + "@demo.example"}, "lang": {"pt"}}, http.StatusSeeOther)
	person := strings.Split(to, "?")[0]
	v.Get(to, http.StatusOK)
	v.Post(person+"/grants/new", url.Values{"role": {""}, "until": {"tomorrow"}}, http.StatusUnprocessableEntity)
	v.Post(person+"/grants/new", url.Values{"role": {"registrar"}, "agency": {"dgrni"}, "until": {"2099-12-31"}}, http.StatusSeeOther)
	html := v.Get(person, http.StatusOK)
	revoke := ""
	for _, m := range links.FindAllStringSubmatch(html, -1) {
		if strings.HasSuffix(m[1], "/revoke") {
			revoke = m[1]
		}
	}
	if revoke == "" || !strings.Contains(html, "2099") || strings.Contains(html, "lina.cabral.") {
		t.Fatalf("the account:\n%s", hooktest.Text(html))
	}
	v.Get(revoke, http.StatusOK)
	v.Post(revoke, nil, http.StatusSeeOther)
	v.Get(person+"/suspend", http.StatusOK)
	v.Post(person+"/suspend", nil, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(person, http.StatusOK)); !strings.Contains(s, "Suspended") || !strings.Contains(s, "No roles") {
		t.Errorf("suspended, without roles:\n%s", s)
	}
	v.Post(person+"/restore", nil, http.StatusSeeOther)
}

func TestAgency(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	v.Post("/console/agencies/new", url.Values{"code": {"Not A Code"}}, http.StatusUnprocessableEntity)
	museum := "museum-" + unique()
	to := v.Post("/console/agencies/new", url.Values{"code": {museum}, "name.pt": {"Museu"}, "name.en": {"Museum"}}, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(to, http.StatusOK)); !strings.Contains(s, "Museum") || !strings.Contains(s, "Saved") {
		t.Errorf("the agency:\n%s", s)
	}
	v.Post("/console/agencies/"+museum+"/offices/new", url.Values{"code": {"praia"}, "name.pt": {"Balcão da Praia"}, "address": {"Platô\nPraia"}}, http.StatusSeeOther)
	v.Get("/console/agencies/"+museum+"/offices/praia", http.StatusOK)
	v.Post("/console/agencies/"+museum+"/staff/new", url.Values{"account": {""}}, http.StatusUnprocessableEntity)
}

func TestRole(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	form := url.Values{"code": {"curator"}, "name.pt": {"Conservador"}, "name.en": {"Curator"}, "permissions": {"audit:read", "nothing:at-all"}}
	v.Post("/console/roles/new", form, http.StatusSeeOther)
	html := v.Get("/console/roles/curator", http.StatusOK)
	if !regexp.MustCompile(`value="audit:read"[^>]*checked`).MatchString(html) || strings.Contains(html, "nothing:at-all") {
		t.Error("the role does not have exactly what was ticked and exists")
	}
}

func TestService(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	pack, err := os.ReadFile("../../internal/infra/servicespec/library/streetlight-complaint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(pack), "kind: choice", "kind: chioce", 1)
	html := hooktest.Text(v.Post("/console/services/publish", url.Values{"source": {broken}}, http.StatusUnprocessableEntity))
	if !strings.Contains(html, "chioce") || !strings.Contains(html, "form.pages.0.questions.0") {
		t.Errorf("a broken pack is not told where:\n%s", html)
	}
	v.Post("/console/services/publish", url.Values{"source": {""}}, http.StatusUnprocessableEntity)
	changed := strings.Replace(string(pack), "en: [", "en: [x"+unique()+", ", 1)
	v.Get(v.Post("/console/services/publish", url.Values{"source": {changed}}, http.StatusSeeOther), http.StatusOK)
	v.Post("/console/services/publish", url.Values{"source": {changed}}, http.StatusUnprocessableEntity) // unchanged
	here := "/console/services/streetlight-complaint"
	v.Post(here+"/withdraw", url.Values{"reason": {" "}}, http.StatusUnprocessableEntity)
	v.Post(here+"/withdraw", url.Values{"reason": {"Being renewed"}}, http.StatusSeeOther)
	if s := hooktest.Text(v.Get(here, http.StatusOK)); !strings.Contains(s, "Withdrawn") || !strings.Contains(s, "Being renewed") {
		t.Errorf("withdrawn:\n%s", s)
	}
	v.Post(here+"/restore", nil, http.StatusSeeOther)
}

func TestCertificate(t *testing.T) {
	t.Parallel()
	var c certificate.Credential
	number := "CN-" + unique()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = hooktest.App(t).Certificate.Issue(ctx, tx, certificate.Issue{
			Type: "birth-certificate", Number: number, Agency: "dgrni", AgencyName: i18n.Text{"pt": "Registos"}, Holder: id.New(), HolderName: "Maria Tavares",
			Subject: "test", SubjectID: id.New(), Reference: "T-1", Title: i18n.Text{"pt": "Certidão", "en": "Certificate"}, Body: i18n.Text{"pt": "Consta."}, Lang: "pt",
			Claims: []certificate.Claim{{Name: "name", Label: i18n.Text{"pt": "Nome"}, Value: "Maria Secreta", Shown: "Maria Secreta"}},
		})
		return err
	})
	v := operator(t, "en")
	here := "/console/certificates/" + c.ID.String()
	if s := hooktest.Text(v.Get(here, http.StatusOK)); !strings.Contains(s, number) || strings.Contains(s, "Secreta") || strings.Contains(s, "Tavares") {
		t.Errorf("the certificate shows too little, or what is the holder's:\n%s", s)
	}
	v.Get("/console/certificates?q="+number, http.StatusOK)
	v.Post(here+"/suspend", url.Values{"reason": {""}}, http.StatusUnprocessableEntity)
	for _, act := range []string{"suspend", "restore", "revoke"} {
		v.Get(here+"/"+act, http.StatusOK)
		v.Post(here+"/"+act, url.Values{"reason": {"Issued in error"}}, http.StatusSeeOther)
	}
	if s := hooktest.Text(v.Get(here, http.StatusOK)); !strings.Contains(s, "Revoked") {
		t.Errorf("revoked:\n%s", s)
	}
	v.Get(here+"/burn", http.StatusNotFound)
	other := hooktest.Visit(t, "en")
	other.SignIn("paulo.rocha@demo.example", true) // of another agency
	other.Get(here, http.StatusForbidden)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	html := v.Get("/console/settings", http.StatusOK)
	form := fields(html)
	form.Set("accent", "#ffdd00")
	if s := hooktest.Text(v.Post("/console/settings", form, http.StatusUnprocessableEntity)); !strings.Contains(s, "4.5:1 is needed") {
		t.Errorf("a yellow accent:\n%s", s)
	}
	form.Set("accent", "#0b5a3f")
	form.Set("currency", "pesos")
	v.Post("/console/settings", form, http.StatusUnprocessableEntity)
	form.Set("currency", "CVE")
	form.Set("kept_paid_years", "4")
	if s := hooktest.Text(v.Post("/console/settings", form, http.StatusUnprocessableEntity)); !strings.Contains(s, "Enter a whole number of years, from 5 to 100.") {
		t.Errorf("the books of the state are kept for four years: %s", s)
	}
	form.Set("kept_paid_years", "12")
	v.Post("/console/settings", form, http.StatusSeeOther)
	if got := fields(v.Get("/console/settings", http.StatusOK)); got.Get("kept_paid_years") != "12" || got.Get("kept_decided_years") != "5" {
		t.Errorf("kept for %s and %s years", got.Get("kept_paid_years"), got.Get("kept_decided_years"))
	}
	if got := fields(v.Get("/console/settings", http.StatusOK)).Get("accent"); got != "#0b5a3f" {
		t.Errorf("the accent is %s", got)
	}
}

var (
	inputs = regexp.MustCompile(`<input[^>]*>`)
	attr   = func(name string) *regexp.Regexp { return regexp.MustCompile(name + `="([^"]*)"`) }
	named  = attr(" name")
	valued = attr(" value")
	typed  = attr(" type")
	areas  = regexp.MustCompile(`(?s)<textarea[^>]* name="([^"]*)"[^>]*>(.*?)</textarea>`)
)

// fields are the values of a page's inputs as a browser would send them.
func fields(html string) url.Values {
	out := url.Values{}
	group := func(re *regexp.Regexp, s string) string {
		if m := re.FindStringSubmatch(s); m != nil {
			return m[1]
		}
		return ""
	}
	for _, in := range inputs.FindAllString(html, -1) {
		kind := group(typed, in)
		if (kind == "checkbox" || kind == "radio") && !strings.Contains(in, " checked") {
			continue
		}
		out.Add(group(named, in), group(valued, in))
	}
	for _, m := range areas.FindAllStringSubmatch(html, -1) {
		out.Add(m[1], m[2])
	}
	return out
}

// TestClock runs before the others of the package: the codes they sign in with follow the clock that it moves.
func TestClock(t *testing.T) {
	v := operator(t, "en")
	before := v.Get("/console/clock", http.StatusOK)
	v.Post("/console/clock", url.Values{"by": {"nonsense"}}, http.StatusSeeOther)
	v.Post("/console/clock", url.Values{"by": {"hour"}}, http.StatusSeeOther)
	if after := v.Get("/console/clock", http.StatusOK); hooktest.Text(before) == hooktest.Text(after) {
		t.Error("the clock did not move")
	}
}

// TestMessageTemplates: approved templates are kept with the provider's settings; a line that is none is refused and stays in its field.
func TestMessageTemplates(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	const path = "/console/messages/providers/whatsapp"
	page := v.Get(path, http.StatusOK)
	posted := url.Values{}
	for _, name := range []string{"phone_number_id", "api_url"} {
		m := regexp.MustCompile(`name="` + name + `"[^>]* value="([^"]*)"|value="([^"]*)"[^>]* name="` + name + `"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("no field %s", name)
		}
		posted.Set(name, html.UnescapeString(m[1]+m[2]))
	}
	posted.Set("templates", "request.decided pt decisao")
	if page := v.Post(path+"?kind=whatsapp", posted, http.StatusUnprocessableEntity); !strings.Contains(page, "request.decided pt decisao") || !strings.Contains(page, "A line needs at least") {
		t.Error("half a template is not told to be one, or not kept in its field")
	}
	const good = "request.decided pt decisao_pedido pt_PT service reference\n* pt aviso pt_PT text"
	posted.Set("templates", good)
	v.Post(path+"?kind=whatsapp", posted, http.StatusSeeOther)
	if page := html.UnescapeString(v.Get(path, http.StatusOK)); !strings.Contains(strings.ReplaceAll(page, "\r", ""), good) {
		t.Error("the templates are not kept")
	}
}
