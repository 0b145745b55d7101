package edge

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"digit/cmd/digit/app"
	"digit/web/locale"
)

// unrecorded are the posts that leave no entry, each with its reason.
var unrecorded = map[string]string{
	"POST /verify":         nameless,
	"POST /api/v1/verify":  nameless,
	"POST /hooks/exchange": "a message of another system is kept as such; what it leads to is recorded where it is done",

	"POST /services/{code}/check": "nothing is kept of what is answered before anybody applies, and nobody's data is looked at",

	"POST /what-do-i-need": "nothing is kept of what is answered, and nobody's data is looked at",

	"POST /workbench/keys": chosen,
	"POST /desk/place":     chosen,

	"POST /queue/{agency}/{office}/take": "desk.ticket.take is recorded without the request: a token names nobody",

	"POST /confirm":                                "shows another way of proving oneself",
	"POST /confirm/passkey/options":                challenged,
	"POST /sign-in/passkey/options":                challenged,
	"POST /profile/security/passkey/options":       challenged,
	"POST /staff/security/passkey/options":         challenged,
	"POST /sign-in/with/{provider}":                away,
	"POST /sign-in/link/{provider}":                away,
	"POST /console/sign-in/providers/{code}/try":   tried,
	"POST /console/sign-in/directories/{code}/try": tried,
}

const nameless = "certificate.verify is recorded without the request: nothing leads from it to who checked"

const (
	chosen     = "a choice of this browser, which keeps it itself"
	challenged = "a passkey is to sign something: what it signs is recorded where it comes back, or refused"
	away       = "leads to another site: who comes back is recorded at GET /sign-in/callback"
	tried      = "shows what rules make of invented facts: nothing is kept, and nobody's data is looked at"
)

// unheard are the posts that this walk does not make succeed, each with where that is shown instead.
var unheard = map[string]string{
	"POST /workbench/opinions/{opinion}":                         "needs a case that asks for opinions: internal/provider/orchestration, web/workbench",
	"POST /workbench/cases/{id}/undo":                            "needs decisions that wait, which here take effect at once: web/workbench",
	"POST /console/messages/providers/{channel}":                 "needs an account with a provider of messages: internal/infra/notification",
	"POST /console/messages/providers/{channel}/test":            "needs an account with a provider of messages: internal/infra/notification",
	"POST /hooks/sms/{secret}":                                   "needs a conversation: TestTalks",
	"POST /hooks/ussd/{secret}":                                  "needs a conversation: TestTalks",
	"POST /hooks/whatsapp":                                       "needs a conversation: TestTalks",
	"POST /talk":                                                 "looks a code up and keeps nothing: TestTalks",
	"POST /talk/files/{token}":                                   "needs a conversation: TestTalks",
	"POST /hooks/exchange":                                       "needs a foreign agency's signature: internal/infra/exchange, test/journey",
	"POST /requests/{id}/pages/{page}/rows/{group}/{row}":        "rows are kept as pages are, by request.save: internal/consumer/request, test/journey",
	"POST /requests/{id}/pages/{page}/rows/{group}/{row}/remove": "as rows are kept: internal/consumer/request, test/journey",
	"POST /documents":                                            "looks among one's own files and records nothing: web/portal",
	"POST /documents/{file}/remove":                              "by request.remove_upload: internal/consumer/request, web/portal",
	"POST /requests/{id}/uploads":                                "a file on its way is recorded when it is kept, by request.save and document.store: web/portal, test/journey",
	"POST /requests/{id}/uploads/{upload}":                       "a piece of a file on its way: web/portal, test/journey",
	"POST /requests/{id}/uploads/{upload}/cancel":                "nothing was kept: internal/consumer/request, web/portal",
	"POST /requests/{id}/again/{kind}":                           "needs a service whose decisions can be taken up again: internal/consumer/request",
	"POST /requests/{id}/near/{report}":                          "needs reports of others nearby: internal/provider/orchestration",
	"POST /services/{code}/check":                                "records nothing: test/journey",
	"POST /studio/{draft}/try":                                   "a trial is kept nowhere: test/journey",
	"POST /studio/{draft}/try/form":                              "a trial is kept nowhere: test/journey",
	"POST /studio/{draft}/try/step":                              "a trial is kept nowhere: test/journey",
	"POST /studio/{draft}/try/open":                              "a trial is kept nowhere: test/journey",
	"POST /studio/{draft}/try/keep":                              "a change of a draft as others are: test/journey",
	"POST /studio/{draft}/try/drop":                              "a change of a draft as others are: test/journey",
	"POST /workbench/cases/{id}/related/{other}":                 "needs two applications of a service: web/workbench",
	"POST /workbench/bulk/{bulk}/retry":                          "needs a case with which it failed: internal/provider/workbench",
	"POST /workbench/bulk/{bulk}/undo":                           "needs the job to be done: internal/provider/workbench, web/workbench",
	"POST /field/api/devices":                                    "a device, as the application sends it: internal/provider/field, test/journey",
	"POST /field/api/devices/{device}/gone":                      "a device, as the application sends it: internal/provider/field",
	"POST /field/api/visits/{case}/claim":                        "needs a case that is looked at outside: internal/provider/field",
	"POST /field/api/uploads":                                    "needs a case that is looked at outside: internal/provider/field, test/journey",
	"POST /field/api/uploads/{upload}":                           "needs a case that is looked at outside: internal/provider/field, test/journey",
	"POST /field/api/operations":                                 "needs a case that is looked at outside: internal/provider/field, test/journey",
	"POST /field/api/operations/{operation}/choose":              "needs a case that is looked at outside: internal/provider/field, test/journey",
	"POST /console/devices/{id}/wipe":                            "needs a device: internal/provider/field",
	"POST /hooks/identity/{provider}/logout":                     "needs a provider's signature: internal/infra/identity, and web/auth with a provider by others",
}

// looked are the pages on which staff see people's data, with what must be on record of it.
var looked = map[string]string{
	"GET /workbench":                                       "orchestration.list",
	"GET /workbench/export.csv":                            "orchestration.list",
	"GET /workbench/cases/{id}":                            "orchestration.read",
	"GET /workbench/cases/{id}/files/{file}":               "document.read",
	"GET /workbench/cases/{id}/messages":                   "orchestration.read",
	"GET /workbench/cases/{id}/messages/files/{file}":      "orchestration.read document.read",
	"GET /workbench/cases/{id}/related":                    "orchestration.read",
	"GET /workbench/cases/{id}/certificate":                "certificate.read document.read",
	"GET /console/people":                                  "identity.account.list",
	"GET /console/people/{id}":                             "identity.account.read",
	"GET /console/messages":                                "notification.message.list",
	"GET /console/payments":                                "payment.demand.list",
	"GET /console/payments/{id}":                           "payment.demand.read",
	"GET /console/payments/received":                       "payment.payment.list",
	"GET /console/payments/credits":                        "payment.credit.list",
	"GET /console/certificates":                            "certificate.list",
	"GET /console/certificates/{id}":                       "certificate.read",
	"GET /console/audit":                                   "audit.list",
	"GET /console/audit/{id}":                              "audit.list",
	"GET /console/audit/exports/{id}":                      "document.read",
	"GET /insight/ratings":                                 "request.remarks",
	"GET /shared/{token}":                                  "wallet.shown",
	"GET /workbench/cases/{id}/reveal/{question}":          "orchestration.read",
	"GET /console/grants":                                  "identity.grant.list",
	"GET /console/emergencies":                             "identity.emergency.list",
	"GET /console/emergencies/{id}":                        "identity.emergency.read audit.list",
	"GET /console/people/{id}/delegations":                 "identity.account.read identity.delegation.list",
	"GET /console/businesses":                              "business.claim.list",
	"GET /console/businesses/{id}":                         "business.claim.read",
	"GET /console/businesses/{id}/paper":                   "business.claim.read document.read",
	"GET /console/people/{id}/may":                         "identity.account.read",
	"GET /console/agencies/{agency}/imports/{import}":      "document.read",
	"GET /console/agencies/{agency}/exports/{kind}":        "identity.account.read",
	"GET /console/sign-in":                                 "identity.account.list",
	"GET /console/sign-in/directories/{code}/syncs/{sync}": "identity.account.list",
	"GET /api/v1/applications/{reference}":                 "orchestration.read",
	"GET /api/v1/registers/{register}/{key}":               "registry.read",
	"GET /desk/visits":                                     "desk.visit.list",
	"GET /desk/calls":                                      "desk.call.list",
	"GET /desk/queue":                                      "desk.appointment.list",
	"GET /desk/people/{id}":                                "identity.visitor.read",
	"GET /desk/people/{id}/calls":                          "desk.call.list identity.visitor.read",
	"GET /desk/bills/{id}":                                 "payment.demand.read",
	"GET /desk/taken/{id}":                                 "payment.collection.read",
	"GET /desk/tills/{id}":                                 "payment.collection.list",
	"GET /desk/cheques":                                    "payment.collection.list",
}

// apiActs are what another system reads.
func (h *house) apiActs(t *testing.T, done application) {
	t.Helper()
	machine := h.machine(t, "cv")
	reference, register, key := h.written(t, stage{open: done, done: done})
	machine.seen("/api/v1/applications/"+reference, "/api/v1/registers/"+register+"/"+key)
}

var logged = regexp.MustCompile(`msg=request method=(\S+) route=(\S+) status=(\d+) .*request=([0-9a-f-]{36})`)

// TestEveryActIsOnRecord walks through the whole house so that every post succeeds once, and every page on which staff
// see people's data is seen, and asks the record about each request. Which actions a route records stands in a golden
// file.
func TestEveryActIsOnRecord(t *testing.T) {
	t.Parallel()
	h := own(t, app.Config{})
	h.everyAct(t)

	recorded := map[string][]string{} // by request
	rows, err := h.look(t).Query(t.Context(), `SELECT request, action, kind FROM audit.entry`)
	if err != nil {
		t.Fatal(err)
	}
	var request, action, kind string
	if _, err := pgx.ForEachRow(rows, []any{&request, &action, &kind}, func() error {
		if kind == "read" {
			action += "°"
		}
		recorded[request] = append(recorded[request], action)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	acts, silent := map[string][]string{}, map[string]bool{}
	for _, m := range logged.FindAllStringSubmatch(h.Log.String(), -1) {
		if route := m[1] + " " + m[2]; m[3] < "400" {
			acts[route] = append(acts[route], recorded[m[4]]...)
			silent[route] = silent[route] || len(recorded[m[4]]) == 0
		}
	}
	var table []string
	for _, r := range sorted(h.Routes) {
		route := r.Method + " " + r.Pattern
		done, happened := acts[route]
		slices.Sort(done)
		done = slices.Compact(done)
		switch {
		case r.DemoOnly && r.Pattern != "/console/clock":
			continue
		case r.Method == http.MethodPost && !happened:
			if unheard[route] == "" {
				t.Errorf("%s did not succeed once", route)
			}
		case r.Method == http.MethodPost && silent[route] && unrecorded[route] == "":
			t.Errorf("%s succeeded without an entry", route)
		}
		for want := range strings.FieldsSeq(looked[route]) {
			if !slices.Contains(done, want+"°") {
				t.Errorf("%s: %s is not on record; there is %v", route, want, done)
			}
		}
		if len(done) > 0 {
			table = append(table, fmt.Sprintf("%-62s %s", route, strings.Join(done, " ")))
		}
	}
	golden(t, "acts.golden", table)
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, action := range slices.Concat(slices.Collect(maps.Values(recorded))...) {
		if action = strings.TrimSuffix(action, "°"); !named[action] && !texts.Has("en", "audit."+action) {
			t.Errorf("%s has no name for who reads the record", action)
		}
		named[action] = true
	}
	if n := h.count(t, `SELECT count(*) FROM audit.entry WHERE action = 'certificate.verify' AND kind = 'read' AND person_id IS NOT NULL`); n != 3 {
		t.Errorf("%d of 3 verifications are on record", n)
	}
	h.purposes(t)
}

// purposes: whoever looks at people's data as staff does so for something.
func (h *house) purposes(t *testing.T) {
	t.Helper()
	for what, sql := range map[string]string{
		"looks without a purpose":               `SELECT count(*) FROM audit.entry WHERE kind = 'read' AND purpose = ''`,
		"looks of staff without from where":     `SELECT count(*) FROM audit.entry WHERE kind = 'read' AND actor_kind = 'staff' AND (network = '' OR origin IS NULL OR session_id IS NULL)`,
		"looks at a case for something else":    `SELECT count(*) FROM audit.entry WHERE action = 'orchestration.read' AND purpose <> CASE actor_kind WHEN 'machine' THEN 'exchange' ELSE 'casework' END`,
		"verifications that tell of who it was": `SELECT count(*) FROM audit.entry WHERE action = 'certificate.verify' AND (actor_id IS NOT NULL OR network <> '' OR origin IS NOT NULL OR request <> '')`,
		"tokens that tell of who took them":     `SELECT count(*) FROM audit.entry WHERE action = 'desk.ticket.take' AND (actor_id IS NOT NULL OR network <> '' OR origin IS NOT NULL OR request <> '')`,
	} {
		if n := h.count(t, sql); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

// everyAct makes every post of the route table succeed, and looks at every page of staff about people.
func (h *house) everyAct(t *testing.T) {
	t.Helper()
	c := h.citizen(t, "Joana Lima")
	done, item, credential := h.issued(t, c)
	h.citizensActs(t, c, item, credential)
	h.guestsActs(t, c)
	h.officersActs(t, c, done)
	h.accountsActs(t, c)
	h.agencysActs(t)
	h.deskActs(t)
	h.studiosActs(t)
	h.operatorsActs(t, credential)
	h.keysActs(t)
	h.languageActs(t)
	h.catalogueActs(t, c, done)
	h.recordsActs(t)
	h.identityActs(t)
	h.signInActs(t)
	h.exchangeActs(t)
	h.referenceActs(t)
	h.apiActs(t, done)
	c.want(c.post("/sign-out"), http.StatusSeeOther, "signing out")
}
<<<<<<< HEAD
=======

// printed is the path behind the code on a certificate.
func (h *house) printed(t *testing.T, credential string) (path string) {
	t.Helper()
	err := h.as(t, h.tenant(t, "cv"), func(ctx context.Context, tx *pg.Tx) error {
		found, err := h.Certificate.Credential(ctx, tx, uuid.MustParse(credential))
		if err != nil {
			return err
		}
		url, err := h.Certificate.VerifyURL(ctx, tx, found)
		path = url[strings.Index(url, "/verify/"):]
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (h *house) citizensActs(t *testing.T, c *client, item, credential string) {
	t.Helper()
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return c.want(c.post(path, pairs...), http.StatusSeeOther, path)
	}
	must("/wallet/" + item + "/hide")
	must("/wallet/" + item + "/restore")
	day := time.Now().AddDate(0, 1, 0)
	shared := c.want(c.post("/wallet/"+item+"/share", "claims", "full_name", "purpose", "emprego", "until.day", "1", "until.month", day.Format("1"), "until.year", day.Format("2006")), http.StatusOK, "sharing")
	link := regexp.MustCompile(`/shared/[A-Za-z0-9_-]+`).FindString(shared.body)
	stranger := h.visitor(t)
	stranger.want(stranger.get(link), http.StatusOK, "what was shared")
	page := c.want(c.get("/wallet/"+item), http.StatusOK, "the wallet")
	code := h.printed(t, credential)
	stranger.want(stranger.get(code), http.StatusOK, "verifying a code")
	stranger.want(stranger.post("/verify", "text", code), http.StatusOK, "verifying a text")
	stranger.want(stranger.json("/api/v1/verify", `{"text":"`+code+`"}`), http.StatusOK, "verifying by a program")
	share := regexp.MustCompile(`/wallet/[0-9a-f-]+/shares/[0-9a-f-]+/end`).FindString(page.body)
	must(share)

	draft := c.filled()
	must("/requests/" + draft.ID + "/files/identity_document.card/" + draft.File + "/remove")
	must("/profile/household/new", "name", "Nina Lima", "born.day", "27", "born.month", "3", "born.year", "2019", "relation", "child")
	member := c.led("/profile/household", `/profile/household/[0-9a-f-]{36}`)
	must("/requests/"+draft.ID+"/for", "who", member[len("/profile/household/"):])
	must(member + "/remove")
	must("/requests/" + draft.ID + "/discard")
	must("/requests/" + draft.ID + "/resume")
	must("/requests/" + draft.ID + "/discard")
	sent := "/requests/" + c.sent().ID
	must(sent+"/messages", "words", "Falta muito?")
	must(sent + "/withdraw")
	must("/profile/preferences", "news", "sms")
	must("/profile/data/copy")
	leaving := h.citizen(t, "Lino Leite")
	leaving.must("/profile/data/erase")
	leaving.must("/profile/data/erase/undo")
	body, err := os.ReadFile("../../web/api/testdata/streetlight.json")
	if err != nil {
		t.Fatal(err)
	}
	c.want(c.json("/api/v1/requests", string(body)), http.StatusCreated, "applying by a program")
}

// officersActs work on a case, and take back what another has issued.
func (h *house) officersActs(t *testing.T, c *client, done application) {
	t.Helper()
	officer := h.staff(t, clerk)
	seen := func(c *client, paths ...string) {
		t.Helper()
		for _, path := range paths {
			c.want(c.get(path), http.StatusOK, path)
		}
	}
	open := c.paid()
	here := "/workbench/cases/" + open.ID
	seen(officer, "/workbench?queue=team", "/workbench/export.csv?queue=team", here, here+"/files/"+open.File)
	officer.claim(open)
	officer.want(officer.post(here+"/release", "rev", officer.rev(open)), http.StatusSeeOther, "releasing")
	officer.want(officer.post(here+"/note", "note", "visto"), http.StatusSeeOther, "a note")
	officer.want(officer.post(here+"/messages", "words", "Está quase."), http.StatusSeeOther, "a message")
	c.want(c.upload("/requests/"+open.ID+"/messages", []file{{"files", "bi.png", "image/png", picture()}}, "words", "Aqui está"), http.StatusSeeOther, "a message with a file")
	eventually(t, "the message", func() bool { return strings.Contains(officer.get(here+"/messages").body, "bi.png") })
	seen(officer, officer.led(here+"/messages", here+"/messages/files/[0-9a-f-]{36}"))
	officer.want(officer.post(here+"/files/"+open.File+"/redact", "boxes", `[{"x":0,"y":0,"w":100,"h":100}]`, "reason", "others"), http.StatusSeeOther, "blackening")
	officer.want(officer.post(officer.led(here+"/check", here+"/redactions/[0-9a-f-]{36}/withdraw")), http.StatusSeeOther, "withdrawing the copy")
	h.listsActs(t, officer, open)
	decider := h.staff(t, registrar)
	seen(decider, "/workbench/cases/"+done.ID+"/certificate")
	decider.want(decider.post("/workbench/cases/"+done.ID+"/certificate/revoke", "reason", "emitida por engano"), http.StatusSeeOther, "revoking")
}

// listsActs find cases, save a list, and deal with several at once.
func (h *house) listsActs(t *testing.T, officer *client, open application) {
	t.Helper()
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return officer.want(officer.post(path, pairs...), http.StatusSeeOther, path)
	}
	officer.want(officer.post("/workbench/find", "q", "Lima"), http.StatusOK, "finding by name")
	must("/workbench/lists", "filter", "queue=team", "name", "Todos")
	list := regexp.MustCompile(`/workbench/lists/[0-9a-f-]{36}`).FindString(officer.get("/workbench/lists").body)
	must(list+"/pin", "on", "0")
	must(list + "/remove")
	must("/workbench/keys", "on", "1")
	bulk := must("/workbench/bulk", "select", open.ID+"."+officer.rev(open)+".").location
	must(bulk+"/start", "kind", "release") // which changes nothing here, whenever the job runs
	here := "/workbench/cases/" + open.ID
	officer.want(officer.get(here+"/related"), http.StatusOK, "related cases")
	must(here+"/check", "verdict.mother_name", "no", "reason.mother_name", "Falta um apelido")
	chief := h.staff(t, registrar)
	chief.want(chief.post("/workbench/templates/new", "name", "Falta a data", "body.pt", "Falta a data, {name}."), http.StatusSeeOther, "a template")
	template := regexp.MustCompile(`/workbench/templates/[0-9a-f-]{36}`).FindString(chief.get("/workbench/templates").body)
	chief.want(chief.post(template+"/remove"), http.StatusSeeOther, "removing a template")
	holder := regexp.MustCompile(`<option value="([0-9a-f-]{36})"`).FindStringSubmatch(chief.get(here).body)
	if holder == nil {
		t.Fatal("nobody can be given the case")
	}
	chief.want(chief.post(here+"/give", "rev", officer.rev(open), "form", "give", "to", holder[1]), http.StatusSeeOther, "giving a case")
}

// accountsActs are those of people and staff about their accounts.
func (h *house) accountsActs(t *testing.T, c *client) {
	t.Helper()
	session := func(kind string) (account, session string) {
		t.Helper()
		err := h.one(t, `SELECT s.account_id::text, s.id::text FROM identity.session s JOIN identity.account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
			WHERE a.kind = $1 ORDER BY s.created_at DESC LIMIT 1`, []any{kind}, &account, &session)
		if err != nil {
			t.Fatal(err)
		}
		return account, session
	}
	other := h.citizen(t, "Alguém de Fora")
	person, ended := session("person")
	other.want(other.post("/profile/security/sessions/"+ended+"/end"), http.StatusSeeOther, "ending a session")

	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return admin.want(admin.post(path, pairs...), http.StatusSeeOther, path)
	}
	for _, path := range []string{"/console/people", "/console/people/" + person, "/console/messages"} {
		admin.want(admin.get(path), http.StatusOK, path)
	}
	made := strings.Split(must("/console/people/new", "name", "Lina Cabral", "email", "lina.cabral@demo.example", "lang", "pt").location, "?")[0]
	must(made+"/grants/new", "role", "registrar", "agency", "dgrni")
	grant := regexp.MustCompile(`/grants/[0-9a-f-]{36}/revoke`).FindString(admin.get(made).body)
	must(made + grant)
	must(made + "/suspend")
	must(made + "/restore")
	must("/console/roles/new", "code", "curator", "name.pt", "Conservador", "permissions", "audit:read")
	must("/console/roles/curator", "code", "curator", "name.pt", "Conservador", "permissions", "audit:read")
	leaving := h.visitor(t).signIn("/staff/sign-in", "lina.cabral@demo.example")
	_, ended = session("staff")
	leaving.want(leaving.post("/staff/security/sessions/"+ended+"/end"), http.StatusSeeOther, "ending a session")
}

// agencysActs are about agencies, offices, staff and services.
func (h *house) agencysActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return admin.want(admin.post(path, pairs...), http.StatusSeeOther, path)
	}
	var account string
	if err := h.one(t, `SELECT account_id::text FROM identity.session s JOIN identity.account a ON a.tenant_id = s.tenant_id AND a.id = s.account_id WHERE a.kind = 'staff' LIMIT 1`, nil, &account); err != nil {
		t.Fatal(err)
	}
	must("/console/agencies/new", "code", "museum", "name.pt", "Museu")
	must("/console/agencies/museum/edit", "code", "museum", "name.pt", "Museu Nacional")
	must("/console/agencies/museum/offices/new", "code", "praia", "name.pt", "Praia", "address", "Platô")
	must("/console/agencies/museum/offices/praia", "code", "praia", "name.pt", "Praia", "address", "Platô")
	must("/console/agencies/museum/staff/new", "account", account, "office", "praia", "title.pt", "Guarda")
	must("/console/agencies/museum/staff/" + account + "/dismiss")
	pack, err := os.ReadFile("../../internal/infra/servicespec/library/streetlight-complaint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	must("/console/services/publish", "source", strings.Replace(string(pack), "max: 200", "max: 201", 1))
	must("/console/services/streetlight-complaint/withdraw", "reason", "em renovação")
	must("/console/services/streetlight-complaint/restore")
}

// operatorsActs are about money, certificates, tenants and settings.
func (h *house) operatorsActs(t *testing.T, credential string) {
	t.Helper()
	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return admin.want(admin.post(path, pairs...), http.StatusSeeOther, path)
	}
	c := h.citizen(t, "Quem Paga a Mais")
	late := c.sent()
	card := c.charge(late)
	c.want(c.post("/requests/"+late.ID+"/withdraw"), http.StatusSeeOther, "withdrawing before paying")
	var surplus, demand string
	eventually(t, "the cancelled demand", func() bool {
		return h.one(t, `SELECT id::text FROM payment.demand WHERE subject_id = $1 AND status = 'cancelled'`, []any{late.ID}, &demand) == nil
	})
	c.want(c.post(card, goodCard...), http.StatusSeeOther, "paying all the same")
	eventually(t, "the surplus", func() bool {
		return h.one(t, `SELECT id::text, demand_id::text FROM payment.payment WHERE status = 'surplus'`, nil, &surplus, &demand) == nil
	})
	for _, path := range []string{"/console/payments", "/console/payments/" + demand, "/console/payments/received", "/console/certificates", "/console/certificates/" + credential} {
		admin.want(admin.get(path), http.StatusOK, path)
	}
	must("/console/payments/received/"+surplus+"/refund", "reason", "transferência 4711")
	other := h.citizen(t, "Mais Alguém")
	_, _, cred := h.issued(t, other)
	must("/console/certificates/"+cred+"/suspend", "reason", "a averiguar")
	apart := fmt.Sprintf("apart-%d", next())
	must("/console/tenants/new", "slug", apart, "kind", "sandbox", "name.pt", "À parte", "languages", "pt", "default_language", "pt", "currency", "CVE",
		"zone", "Atlantic/Cape_Verde", "phone_region", "CV", "accent", "#003893", "admin_name", "Rosa Évora", "admin_email", "rosa.evora@example.org")
	must("/console/tenants/" + apart + "/suspend")
	must("/console/tenants/" + apart + "/restore")
	must("/console/settings", "name.pt", "Cabo Verde", "name.en", "Cabo Verde", "name.ar", "الرأس الأخضر", "languages", "pt", "languages", "en", "languages", "ar",
		"default_language", "pt", "currency", "CVE", "zone", "Atlantic/Cape_Verde", "phone_region", "CV", "accent", "#003893", "staff_named", "no", "undo_seconds", "0")
	must("/console/clock", "by", "hour")
	const holidays = "/console/calendar/holidays/"
	must(holidays+"new", "day", "2031-03-17", "name.pt", "Dia da Jangada")
	must(holidays+"2031-03-17", "day", "2031-03-17", "name.pt", "Dia das Jangadas")
	must(holidays + "2031-03-17/remove")
	list := file{"file", "feriados.csv", "text/csv", []byte("day,pt,en,ar\n2032-05-03,Dia do Mar,,\n")}
	admin.want(admin.upload(holidays+"import", []file{list}), http.StatusSeeOther, "holidays from a file")
	must("/console/calendar/hours", "hours.mon", "08:00-12:00, 13:00-17:00", "hours.fri", "08:00-12:00")
}

// keysActs change keys, propose to destroy one, and use them for another system.
func (h *house) keysActs(t *testing.T) {
	t.Helper()
	admin := h.staff(t, administrator)
	must := func(path string, pairs ...string) string {
		t.Helper()
		to, _, _ := strings.Cut(admin.want(admin.post(path, pairs...), http.StatusSeeOther, path).location, "?")
		return to
	}
	var failed, made atomic.Int64
	machine := &traveller{doors: []*client{h.system(t)}, failed: &failed, made: &made}
	data := base64.StdEncoding.EncodeToString([]byte("x"))
	sealed := machine.api(t, "encrypt", "ciphertext", map[string]string{"plaintext": data, "associated_data": data})
	machine.api(t, "decrypt", "plaintext", map[string]string{"ciphertext": sealed, "associated_data": data})
	machine.api(t, "verify", "kid", map[string]string{"jws": machine.api(t, "sign", "jws", map[string]string{"payload": data})})

	must(must("/console/keys/index/rotate") + "/pause")
	var person, key string
	if err := h.one(t, `SELECT k.person_id::text FROM encryption.person_key k JOIN identity.account a ON a.id = k.person_id AND a.kind = 'person' WHERE k.wrapped IS NOT NULL LIMIT 1`, nil, &person); err != nil {
		t.Fatal(err)
	}
	must("/console/keys/people/" + person + "/rotate")
	if err := h.one(t, `SELECT kid FROM encryption.signing_key WHERE owner = 'dgrni' AND purpose = 'exchange' AND status = 'active'`, nil, &key); err != nil {
		t.Fatal(err)
	}
	must("/console/keys/signing/" + key + "/rotate")
	must(must("/console/keys/destroy?act=compromised_key&target="+key, "reason", "perdido") + "/withdraw")
}

// recordsActs are about the record itself.
func (h *house) recordsActs(t *testing.T) {
	t.Helper()
	a := h.staff(t, auditor)
	must := func(path string, pairs ...string) answer {
		t.Helper()
		return a.want(a.post(path, pairs...), http.StatusSeeOther, path)
	}
	list := a.want(a.get("/console/audit?action=identity.session.begin"), http.StatusOK, "the record")
	entry := regexp.MustCompile(`/console/audit/[0-9a-f-]{36}`).FindString(list.body)
	a.want(a.get(entry), http.StatusOK, "an entry")
	a.want(a.post(entry+"/origin", "reason", "incident"), http.StatusOK, "an address")
	must("/console/audit/sinks/add", "kind", "email", "address", "tribunal@example.org")
	must("/console/audit/sinks/push")
	page := a.want(a.get("/console/audit/checkpoints"), http.StatusOK, "checkpoints")
	must(regexp.MustCompile(`/console/audit/sinks/[0-9a-f-]{36}/remove`).FindString(page.body))
	must("/console/audit/verify")
	must("/console/audit/exports", "action", "identity.session.begin")
	var export string
	eventually(t, "the file", func() bool {
		export = regexp.MustCompile(`/console/audit/exports/[0-9a-f-]{36}`).FindString(a.get("/console/audit/exports").body)
		return export != ""
	})
	a.want(a.get(export), http.StatusOK, "the file")
}
>>>>>>> officer
