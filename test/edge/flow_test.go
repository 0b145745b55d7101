package edge

import (
	"net/http"
	"strings"
	"testing"
)

// TestStepsCannotBeSkipped: whoever knows the address of a later step does not come there before its time.
func TestStepsCannotBeSkipped(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	refused := func(what string, a answer, statuses ...int) {
		t.Helper()
		if !contains(statuses, a.status) {
			t.Errorf("%s: got %d (%s), want one of %v: %s", what, a.status, a.location, statuses, text(a.body))
		}
	}
	app := c.draft()
	at := "/requests/" + app.ID
	refused("a page before the one it depends on", c.post(at+"/pages/no-such-page", "a", "b"), http.StatusNotFound, http.StatusUnprocessableEntity)
	refused("sending what is not answered", c.post(at+"/submit"), http.StatusUnprocessableEntity, http.StatusSeeOther)
	refused("paying for what was not sent", c.post(at+"/pay"), http.StatusNotFound, http.StatusConflict, http.StatusSeeOther)
	refused("the receipt of what was not paid", c.get(at+"/receipt"), http.StatusNotFound)
	refused("withdrawing what was not sent", c.post(at+"/withdraw"), http.StatusConflict, http.StatusSeeOther)
	if n := h.count(t, `SELECT count(*) FROM request.request WHERE id = $1 AND status <> 'draft'`, app.ID); n != 0 {
		t.Error("the draft is no draft any more")
	}
	for what, sql := range map[string]string{
		"a case": `SELECT count(*) FROM workflow.instance WHERE id = $1`, "a demand": `SELECT count(*) FROM payment.demand WHERE subject_id = $1`,
		"a message to the provider": `SELECT count(*) FROM exchange.message WHERE request_id = $1`,
	} {
		if n := h.count(t, sql, app.ID); n != 0 {
			t.Errorf("a draft has %s", what)
		}
	}

	app = c.sent() // waits for its fee
	at = "/workbench/cases/" + app.ID
	officer, decider := h.staff(t, clerk), h.staff(t, registrar)
	refused("verifying what is not paid", officer.post(at+"/act/verify", append(checklist, "rev", "1")...), http.StatusConflict, http.StatusForbidden, http.StatusUnprocessableEntity)
	refused("approving what is not paid", decider.post(at+"/act/approve", "rev", "1"), http.StatusConflict, http.StatusForbidden, http.StatusUnprocessableEntity)
	refused("the system's own act by hand", officer.post(at+"/act/pay", "rev", "1"), http.StatusConflict, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity)
	refused("changing an answer after sending", c.post("/requests/"+app.ID+"/pages/person", answers()["person"]...), http.StatusConflict, http.StatusSeeOther)
	c.want(c.post(c.charge(app), goodCard...), http.StatusSeeOther, "paying")
	c.state(app, "verification")
	refused("approving what nobody verified", decider.post(at+"/act/approve", "rev", "2"), http.StatusConflict, http.StatusForbidden, http.StatusUnprocessableEntity)
	officer.claim(app)
	refused("verifying without the checklist", officer.post(at+"/act/verify", "rev", officer.rev(app)), http.StatusUnprocessableEntity)
	officer.act(app, "verify", checklist...)
	refused("approving by the one who verified", officer.post(at+"/act/approve", "rev", "9"), http.StatusConflict, http.StatusForbidden, http.StatusUnprocessableEntity)
	if n := h.count(t, `SELECT count(*) FROM certificate.credential WHERE subject_id = $1`, app.ID); n != 0 {
		t.Error("a certificate was issued without a decision")
	}
	if n := h.count(t, `SELECT count(*) FROM orchestration.decision WHERE application_id = $1`, app.ID); n != 0 {
		t.Error("something was decided")
	}
}

// TestFiftyAtOnce: fifty presses of the same button side by side do what one does: one reference, one charge, one payment,
// one decision, one certificate.
func TestFiftyAtOnce(t *testing.T) {
	t.Parallel()
	const presses = 50
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	app := c.filled()
	all := func(what string, act func(int) answer, statuses ...int) (done int) {
		t.Helper()
		for _, a := range atOnce(presses, act) {
			if !contains(statuses, a.status) {
				t.Errorf("%s: got %d %s", what, a.status, text(a.body))
			}
			if a.status == http.StatusSeeOther {
				done++
			}
		}
		return done
	}
	enough := http.StatusTooManyRequests // twenty a minute is what one person may send
	all("sending", func(int) answer { return c.form("/requests/" + app.ID + "/submit") }, http.StatusSeeOther, enough)
	c.billed(app)
	var page string
	for _, a := range atOnce(presses, func(int) answer { return c.form("/requests/" + app.ID + "/pay") }) {
		switch {
		case a.status == http.StatusSeeOther && (page == "" || page == a.location):
			page = a.location
		case a.status != enough:
			t.Errorf("going to pay: got %d %s, after %s", a.status, a.location, page)
		}
	}
	all("paying", func(int) answer { return c.form(page, goodCard...) }, http.StatusSeeOther)
	c.state(app, "verification")
	officer := h.staff(t, clerk)
	officer.claim(app)
	officer.act(app, "verify", checklist...)
	decider := h.staff(t, registrar)
	decider.claim(app)
	rev := decider.rev(app)
	if n := all("approving", func(int) answer { return decider.form("/workbench/cases/"+app.ID+"/act/approve", "rev", rev) }, http.StatusSeeOther, http.StatusConflict); n != 1 {
		t.Errorf("%d approvals went through", n)
	}
	c.state(app, "issued")
	eventually(t, "the wallet", func() bool {
		return h.count(t, `SELECT count(*) FROM wallet.item i JOIN certificate.credential c ON c.tenant_id = i.tenant_id AND c.id = i.credential_id WHERE c.subject_id = $1`, app.ID) > 0
	})
	h.paidOnce(t, app)
	for what, sql := range map[string]string{
		"references":   `SELECT count(DISTINCT reference) FROM request.request WHERE id = $1 AND reference <> ''`,
		"cases":        `SELECT count(*) FROM workflow.instance WHERE id = $1`,
		"demands":      `SELECT count(*) FROM payment.demand WHERE subject_id = $1`,
		"charges":      `SELECT count(*) FROM payment.charge c JOIN payment.demand d ON d.tenant_id = c.tenant_id AND d.id = c.demand_id WHERE d.subject_id = $1`,
		"decisions":    `SELECT count(*) FROM orchestration.decision WHERE application_id = $1`,
		"certificates": `SELECT count(*) FROM certificate.credential WHERE subject_id = $1`,
		"wallet items": `SELECT count(*) FROM wallet.item i JOIN certificate.credential c ON c.tenant_id = i.tenant_id AND c.id = i.credential_id WHERE c.subject_id = $1`,
	} {
		if n := h.count(t, sql, app.ID); n != 1 {
			t.Errorf("%d %s, want 1", n, what)
		}
	}
	if n := h.count(t, `SELECT count(*) FROM certificate.credential c JOIN certificate.credential d ON d.tenant_id = c.tenant_id AND d.list_id = c.list_id AND d.list_index = c.list_index AND d.id <> c.id`); n != 0 {
		t.Errorf("%d places in status lists are given twice", n)
	}
}

// TestRepeatedParameters: a value given twice, or in the address as well as in the body, is never taken twice or from the
// wrong place.
func TestRepeatedParameters(t *testing.T) {
	t.Parallel()
	h := open(t)
	c := h.citizen(t, "Joana Lima")
	c.want(c.post("/profile?name=Evil&lang=ar", "name", "Joana Lima", "lang", "en"), http.StatusSeeOther, "a name in the address as well")
	if a := c.get("/profile"); strings.Contains(a.body, "Evil") || !strings.Contains(a.body, "Joana Lima") {
		t.Error("the address decides over the form")
	}
	draft := c.draft()
	at := "/requests/" + draft.ID + "/pages/who"
	a := c.post(at+"?for_whom=me", "relationship", "neta")
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("an answer in the address: got %d", a.status)
	}
	a = c.post(at, "for_whom", "me", "for_whom", "other", "relationship", "neta")
	if a.status != http.StatusUnprocessableEntity && a.status != http.StatusSeeOther {
		t.Errorf("an answer twice: got %d", a.status)
	}
	var q struct {
		Answers map[string]any `json:"answers"`
	}
	c.read("/api/v1/requests/"+draft.ID, &q)
	if v, ok := q.Answers["for_whom"]; ok {
		if s, single := v.(string); !single || s != "me" && s != "other" {
			t.Errorf("an answer twice became %v", v)
		}
	}
	if p := c.problem(c.json("/api/v1/requests", `{"service":"birth-certificate","service":"streetlight-complaint","answers":{}}`), 422); p.Code == "" {
		t.Error("a key twice says nothing")
	}
	officer := h.staff(t, clerk)
	app := c.paid()
	officer.claim(app)
	a = officer.post("/workbench/cases/"+app.ID+"/act/verify?rev="+officer.rev(app), append([]string{"rev", "1"}, checklist...)...)
	if a.status != http.StatusConflict {
		t.Errorf("the revision in the address: got %d", a.status)
	}
}
