package edge

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
)

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
	var payer uuid.UUID
	if err := h.one(t, `SELECT payer_id FROM payment.demand WHERE id = $1`, []any{demand}, &payer); err != nil {
		t.Fatal(err)
	}
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		return h.Payment.PutCredit(ctx, tx, payment.PutCredit{
			Payer: payer, Subject: orchestration.Subject, SubjectID: uuid.MustParse(late.ID), Service: "trade-licence", Agency: "cmp",
			Amount: money.Amount{Minor: 5000, Currency: "CVE"},
		})
	})
	admin.want(admin.get("/console/payments/credits"), http.StatusOK, "what is to be given back")
	c.want(c.get("/requests/"+late.ID), http.StatusOK, "what was paid too much")
	var credit string
	if err := h.one(t, `SELECT id::text FROM payment.credit WHERE subject_id = $1`, []any{late.ID}, &credit); err != nil {
		t.Fatal(err)
	}
	must("/console/payments/credits/"+credit+"/give-back", "reason", "transferência 4712")
	other := h.citizen(t, "Mais Alguém")
	_, _, cred := h.issued(t, other)
	must("/console/certificates/"+cred+"/suspend", "reason", "a averiguar")
	apart := fmt.Sprintf("apart-%d", next())
	must("/console/tenants/new", "slug", apart, "kind", "sandbox", "name.pt", "À parte", "languages", "pt", "default_language", "pt", "currency", "CVE",
		"zone", "Atlantic/Cape_Verde", "phone_region", "CV", "accent", "#003893", "admin_name", "Rosa Évora", "admin_email", "rosa.evora@example.org")
	must("/console/tenants/" + apart + "/suspend")
	must("/console/tenants/" + apart + "/restore")
	must("/console/settings", "name.pt", "Cabo Verde", "name.en", "Cabo Verde", "name.ar", "الرأس الأخضر", "languages", "pt", "languages", "en", "languages", "ar",
		"default_language", "pt", "currency", "CVE", "zone", "Atlantic/Cape_Verde", "phone_region", "CV", "accent", "#003893", "staff_named", "no", "undo_seconds", "0", "kept_decided_years", "5", "kept_paid_years", "10")
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
