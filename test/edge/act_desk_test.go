package edge

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

// deskActs are what is done at a counter: somebody is registered and served, waits, and pays.
func (h *house) deskActs(t *testing.T) {
	t.Helper()
	operator, boss := h.staff(t, deskOperator), h.staff(t, deskSupervisor)
	operator.must("/desk/place", "place", "cmp/balcao")
	person := h.visitActs(t, operator, boss)
	h.queueActs(t, operator, boss)
	h.tillActs(t, operator, boss, uuid.MustParse(strings.TrimPrefix(person, "/desk/people/")))
	operator.seen("/desk/visits", "/desk/calls", person)
}

// visitActs register somebody who agrees by a code to be applied for, and on paper another time, and who asks something. It returns
// the page of the person.
func (h *house) visitActs(t *testing.T, operator, boss *client) (person string) {
	t.Helper()
	number := phone()
	to := operator.must("/desk/people/new", "name", "Leopoldina Lopes", "born.day", "14", "born.month", "2", "born.year", "1958", "phone", number, "lang", "pt")
	person, _, _ = strings.Cut(to, "?")
	operator.want(operator.post("/desk/find", "text", number), http.StatusOK, "finding who was registered")
	operator.must(person+"/calls", "way", "phone_in", "outcome", "follow_up", "text", "Pergunta pela certidão")
	operator.seen(person + "/calls")

	sent := mustURL(t, operator.must(person+"/code", "address", number)).Query().Get("code")
	operator.must(person+"/code/check", "code", sent, "text", operator.code(number, 0))
	form := operator.must("/desk/visit/start/birth-certificate")
	page := operator.want(operator.get(form), http.StatusOK, "the form").body
	operator.must(form, append(formOf(page, form),
		"for_whom", "me", "full_name", "Leopoldina Lopes", "birth_date.day", "14", "birth_date.month", "2", "birth_date.year", "1958", "birth_place", "CV-PR-01",
		"mother_name", "Bertina Lopes", "purpose", "identity", "delivery", "digital", "phone", number, "true_statement", "yes")...)
	operator.must("/desk/visit/end")

	paper := file{"paper", "acordo.png", "image/png", picture()}
	boss.want(boss.upload(person+"/paper", []file{paper}), http.StatusSeeOther, "consent on paper")
	boss.must("/desk/visit/end")
	return person
}

var freeTime = regexp.MustCompile(`type="radio"[^>]*value="(\d+)"|value="(\d+)"[^>]*type="radio"`)

// queueActs: tokens are taken at the kiosk and from home; an appointment is given back, and for another somebody arrives; all are
// called, the last but one being served when the last is.
func (h *house) queueActs(t *testing.T, operator, boss *client) {
	t.Helper()
	boss.must("/desk/queue/topics", "code", "Q", "name.pt", "Perguntas", "minutes", "10", "places", "1")
	c := h.citizen(t, "Quintino Dias")
	for _, waits := range []*client{h.visitor(t), c} {
		waits.must("/queue/cmp/balcao/take", "topic", "Q")
	}
	if n := h.count(t, `SELECT count(*) FROM audit.entry WHERE action = 'desk.ticket.take'`); n != 2 {
		t.Errorf("%d of 2 tokens are on record", n)
	}

	const at = "/appointments/new/cmp/balcao/Q"
	book := func() (appointment string) {
		t.Helper()
		slot := freeTime.FindStringSubmatch(c.want(c.get(at), http.StatusOK, at).body)
		if slot == nil {
			t.Fatal("no time is free")
		}
		c.must(at, "at", slot[1]+slot[2])
		appointment = c.led("/appointments", `/appointments/[0-9a-f-]{36}/cancel`)
		return strings.TrimSuffix(appointment, "/cancel")
	}
	c.must(book() + "/cancel")
	due := book()
	pool := h.look(t) // its time has come, whatever the hour is
	if _, err := pool.Exec(t.Context(), `UPDATE desk.appointment SET at = now() WHERE id = $1`, strings.TrimPrefix(due, "/appointments/")); err != nil {
		t.Fatal(err)
	}
	operator.seen("/desk/queue")
	operator.must("/desk" + due + "/arrive")
	next := func() { t.Helper(); operator.must("/desk/queue/next", "counter", "Balcão 1", "topic", "Q") }
	next()
	operator.must("/desk/queue/end/waiting")
	operator.must("/desk/queue/end/absent")
	next()
	next()
	operator.must("/desk/queue/end/served")
}

// tillActs open a till, take cash, give it back, take a cheque instead, and close the till at the second count. The bank honours the
// cheque and thinks better of it.
func (h *house) tillActs(t *testing.T, operator, boss *client, payer uuid.UUID) {
	t.Helper()
	number := h.counterBill(t, payer)
	operator.must("/desk/till", "counter", "Balcão 1", "float", "1000")
	bill := operator.must("/desk/bills", "number", number)
	pay := func(pairs ...string) (taken string) {
		t.Helper()
		operator.seen(bill)
		taken, _, _ = strings.Cut(operator.must(bill, append(pairs, "key", newID())...), "?")
		operator.seen(taken)
		return taken
	}
	boss.must(pay("means", "cash", "tendered", "2500")+"/return", "reason", "conta errada")
	cheque := pay("means", "cheque", "cheque", "000123", "bank", "Banco do Platô")

	till := operator.led("/desk/till", `/desk/tills/[0-9a-f-]{36}`)
	operator.must(till+"/count", "n.100000", "1")
	boss.must(till + "/back")
	operator.must(till+"/count", "n.50000", "2")
	boss.must(till + "/approve")
	boss.seen("/desk/cheques", till)
	boss.must(cheque + "/clear")
	boss.must(cheque+"/bounce", "reason", "sem provisão")
}

// counterBill raises a bill of 2,000.00 for somebody and returns its number.
func (h *house) counterBill(t *testing.T, payer uuid.UUID) (number string) {
	t.Helper()
	h.do(t, "", func(ctx context.Context, tx *pg.Tx) error {
		d, err := h.Payment.Raise(ctx, tx, payment.RaiseDemand{
			Payer: payer, Subject: "test", SubjectID: id.New(), Service: "trade-licence", Agency: "cmp", Reference: "LIC-TEST", Lang: "pt",
			Lines: []payment.Line{{Code: "fee", Name: i18n.Text{"pt": "Taxa"}, Amount: money.Amount{Minor: 200_000, Currency: "CVE"}}},
		})
		number = d.Number
		return err
	})
	return number
}
