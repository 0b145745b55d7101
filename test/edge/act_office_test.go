package edge

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

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
