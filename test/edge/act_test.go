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
