package workbench_test

import (
	"context"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// street sends a request for works in a street to the municipality, which asks the register for its opinion.
func (o *office) street(reference string) uuid.UUID {
	o.T.Helper()
	o.offerStreet()
	return o.dig(reference)
}

// offerStreet publishes the service.
func (o *office) offerStreet() {
	o.T.Helper()
	data, err := os.ReadFile("../../internal/provider/orchestration/testdata/street.yaml")
	if err != nil {
		o.T.Fatal(err)
	}
	p, problems := servicespec.Parse([]byte(strings.NewReplacer("agency: roads", "agency: cmp", "agency: water", "agency: dgrni").Replace(string(data))))
	if len(problems) > 0 {
		o.T.Fatal(problems)
	}
	o.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		if _, err := o.Catalog.Publish(ctx, tx, identity.Principal{}, *p); err != nil {
			return err
		}
		return o.Exchange.PutRoute(ctx, tx, exchange.Route{Service: p.Code, Agency: p.Agency, Endpoint: exchange.Local})
	})
}

// dig sends a request for it.
func (o *office) dig(reference string) uuid.UUID {
	o.T.Helper()
	req := exchange.ServiceRequest{ID: id.New(), Kind: exchange.Apply, Reference: reference, Service: "street", Version: 1, Person: id.New(), Name: "Maria Tavares", Lang: "en"}
	o.Send(req, servicespec.Answers{"place": "Rua 5", "depth": int64(30), "phone": "+2389912345"})
	return req.ID
}

var opinionLink = regexp.MustCompile(`href="(/workbench/opinions/[0-9a-f-]+)"`)

// TestOpinions: an agency finds what another asks it in its own list, sees what it is shown and nothing else, and answers; what it said stands on
// the page of the case.
func TestOpinions(t *testing.T) {
	t.Parallel()
	o := setup(t)
	clerk := o.officer("Clara Clerk", "licence-clerk", "cmp", "en")
	registrar := o.officer("Rui Registrar", "registrar", "dgrni", "en")
	want(t, registrar.page(200, "GET", "/workbench/opinions", nil), "No opinions here")
	app := o.street("ST-1")
	casePath := "/workbench/cases/" + app.String()
	want(t, clerk.page(200, "GET", casePath, nil), "Opinions of other agencies", "Water board", "Waiting", "Are there pipes")

	list := registrar.page(200, "GET", "/workbench/opinions", nil)
	want(t, list, "ST-1", "Works in the street", "Agência cmp")
	want(t, registrar.page(200, "GET", "/workbench", nil), "Opinions asked of us")
	path := opinionLink.FindStringSubmatch(list)[1]
	page := registrar.page(200, "GET", path, nil)
	want(t, page, "Rua 5", "30", "Are there pipes", "No objection, with conditions")
	for _, secret := range []string{"Maria", "9912345", app.String()} {
		if strings.Contains(page, secret) {
			t.Errorf("the register is shown %s", secret)
		}
	}
	registrar.page(403, "GET", casePath, nil)
	clerk.page(403, "GET", path, nil)
	clerk.page(403, "POST", path, url.Values{"answer": {"no_objection"}})
	registrar.page(404, "GET", path+"/files/"+id.New().String(), nil)

	want(t, registrar.page(422, "POST", path, url.Values{"words": {"Dig by hand"}}), "Choose your agency", "Dig by hand", `href="#answer`)
	bad := registrar.page(422, "POST", path, url.Values{"answer": {"objection"}, "words": {" "}})
	want(t, bad, "Write the conditions, or the reason", `href="#words"`)
	if !regexp.MustCompile(`value="objection"[^>]* checked`).MatchString(bad) {
		t.Error("what was chosen is not chosen any more")
	}
	if to := registrar.post(path, url.Values{"answer": {"conditions"}, "words": {"Dig by hand <b>"}}); to != "/workbench/opinions?done=opinion.sent" {
		t.Errorf("leads to %s", to)
	}
	o.jobs()
	registrar.page(409, "POST", path, url.Values{"answer": {"no_objection"}})
	want(t, registrar.page(200, "GET", "/workbench/opinions?show=done", nil), "ST-1", "No objection, with conditions")
	want(t, registrar.page(200, "GET", path, nil), "Dig by hand &lt;b&gt;", "Rui Registrar")
	after := clerk.page(200, "GET", casePath, nil)
	want(t, after, "No objection, with conditions", "Dig by hand &lt;b&gt;", "Decision")
	if strings.Contains(after, "Rui Registrar") {
		t.Error("who answered at the other agency is shown")
	}
}

// TestOpinionList: the list is searched, narrowed, sorted and taken along, and its address says how.
func TestOpinionList(t *testing.T) {
	t.Parallel()
	o := setup(t)
	registrar := o.officer("Rui Registrar", "registrar", "dgrni", "en")
	if page := registrar.page(200, "GET", "/workbench", nil); strings.Contains(page, "Opinions asked of us") {
		t.Error("opinions are in the menu of an agency that was asked for none")
	}
	o.offerStreet()
	for _, reference := range []string{"ST-1", "ST-2", "XY-3"} {
		o.dig(reference)
	}
	list := registrar.page(200, "GET", "/workbench/opinions", nil)
	want(t, list, "ST-1", "ST-2", "XY-3", "Most urgent first", "Download the list")
	found := registrar.page(200, "GET", "/workbench/opinions?q=st-", nil)
	want(t, found, "ST-1", "ST-2")
	if strings.Contains(found, "XY-3") {
		t.Error("the search finds what it was not asked for")
	}
	order := func(query string) string {
		page := registrar.page(200, "GET", "/workbench/opinions?"+query, nil)
		return strings.Join(regexp.MustCompile(`(ST-1|ST-2|XY-3)</`).FindAllString(page, -1), " ")
	}
	if oldest, newest := order("sort=oldest"), order("sort=newest"); !strings.HasPrefix(oldest, "ST-1") || !strings.HasPrefix(newest, "XY-3") {
		t.Errorf("sorted %s and %s", oldest, newest)
	}
	want(t, registrar.page(200, "GET", "/workbench/opinions?due=late", nil), "No opinion matches the filters", "Take all filters away")
	want(t, registrar.page(200, "GET", "/workbench/opinions?asker=nobody", nil), "No opinion matches the filters")
	for range 6 { // until the last reminder has passed
		o.Travel(8 * 24 * time.Hour)
	}
	want(t, registrar.page(200, "GET", "/workbench/opinions?due=late&asker=cmp&service=street&sort=nonsense", nil), "ST-1", "Works in the street", "Agência cmp")
	registrar.post(opinionLink.FindStringSubmatch(list)[1], url.Values{"answer": {"objection"}, "words": {"A main"}})
	want(t, registrar.page(200, "GET", "/workbench/opinions?show=done&answer=objection", nil), "Objection")
	want(t, registrar.page(200, "GET", "/workbench/opinions?show=done&answer=recalled", nil), "No opinion matches the filters")
	csv := registrar.page(200, "GET", "/workbench/opinions/export.csv?q=XY", nil)
	want(t, csv, "Case,Service,Asked by", "XY-3,Works in the street,Agência cmp")
	if strings.Contains(csv, "ST-1") {
		t.Error("the file has more than the list")
	}
	o.officer("Clara Clerk", "auditor", "cmp", "en").page(403, "GET", "/workbench/opinions/export.csv", nil)
}
