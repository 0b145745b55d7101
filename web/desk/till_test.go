package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/web/hook/hooktest"
)

// billed raises a bill of 2,000.00 for somebody.
func billed(t *testing.T, payer uuid.UUID) (d payment.Demand) {
	t.Helper()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = hooktest.App(t).Payment.Raise(ctx, tx, payment.RaiseDemand{
			Payer: payer, Subject: "test", SubjectID: id.New(), Service: "trade-licence", Agency: "cmp", Reference: "LIC-TEST", Lang: "en",
			Lines: []payment.Line{{Code: "fee", Name: i18n.Text{"pt": "Taxa", "en": "Fee"}, Amount: money.Amount{Minor: 200_000, Currency: "CVE"}}},
		})
		return err
	})
	return d
}

// pay takes a bill from its number to what is shown afterwards.
func pay(t *testing.T, v *hooktest.Visitor, d payment.Demand, in url.Values) (taken string) {
	t.Helper()
	bill := v.Post("/desk/bills", url.Values{"number": {strings.ToLower(d.Number)}}, http.StatusSeeOther)
	in.Set("key", hidden(t, v.Get(bill, http.StatusOK), "key"))
	to := v.Post(bill, in, http.StatusSeeOther)
	if again := v.Post(bill, in, http.StatusSeeOther); again != to {
		t.Errorf("pressed twice it leads to %s, then to %s", to, again)
	}
	taken, _, _ = strings.Cut(to, "?")
	return taken
}

var slipNumber = regexp.MustCompile(`DEP-\d{4}-\d{6}`)

// TestTill opens a till, takes cash, a cheque and a card, closes with a difference that the supervisor approves, and has the cheque
// bounce: the bill is open again and the payer is told.
func TestTill(t *testing.T) {
	t.Parallel()
	v, other, boss := at(t, operator, "en"), at(t, second, "en"), at(t, supervisor, "en")
	who := somebody()
	person := registered(t, v, who)
	agreed(t, v, person, who)
	v.Post("/desk/visit/end", nil, http.StatusSeeOther)
	payer := uuid.MustParse(path.Base(person))
	cash, cheque, card, refused := billed(t, payer), billed(t, payer), billed(t, payer), billed(t, payer)

	want(t, v.Get("/desk/bills/"+cash.ID.String(), http.StatusOK), "You cannot take money now")
	want(t, v.Post("/desk/till", url.Values{"counter": {""}, "float": {"much"}}, http.StatusUnprocessableEntity), `href="#counter"`, `href="#float"`, `value="much"`)
	v.Post("/desk/till", url.Values{"counter": {"Counter 3"}, "float": {"1 000,00"}}, http.StatusSeeOther)
	want(t, other.Post("/desk/till", url.Values{"counter": {"Counter 3"}, "float": {"0"}}, http.StatusConflict), "Somebody else has the till of this counter")
	want(t, v.Post("/desk/till", url.Values{"counter": {"Counter 4"}, "float": {"0"}}, http.StatusConflict), "You have a till open already")
	want(t, v.Post("/desk/bills", url.Values{"number": {"FAT-0000-1"}}, http.StatusUnprocessableEntity), "There is no bill with this number")

	bill := "/desk/bills/" + cash.ID.String()
	want(t, v.Post(bill, url.Values{"key": {id.New().String()}, "means": {"cash"}, "tendered": {"1999"}}, http.StatusUnprocessableEntity), `href="#tendered"`, `value="1999"`)
	slip := v.Get(pay(t, v, cash, url.Values{"means": {"cash"}, "tendered": {"2500"}}), http.StatusOK)
	want(t, slip, "REC-", "Change", "500")
	want(t, v.Post(bill, url.Values{"key": {id.New().String()}, "means": {"cash"}, "tendered": {"2000"}}, http.StatusConflict), "This bill is paid already")
	paper := pay(t, v, cheque, url.Values{"means": {"cheque"}, "cheque": {"000123"}, "bank": {"Banco do Plateau"}})
	pay(t, v, card, url.Values{"means": {"card"}, "slip": {"4711"}})
	mistake := pay(t, v, refused, url.Values{"means": {"card"}, "slip": {"4712"}})
	v.Post(mistake+"/return", url.Values{"reason": {"x"}}, http.StatusForbidden)
	boss.Post(mistake+"/return", url.Values{"reason": {" "}}, http.StatusUnprocessableEntity)
	boss.Post(mistake+"/return", url.Values{"reason": {"wrong bill"}}, http.StatusSeeOther)
	want(t, boss.Get(mistake, http.StatusOK), "Given back", "/desk/bills/"+refused.ID.String())

	till := regexp.MustCompile(`/desk/tills/[0-9a-f-]{36}`).FindString(v.Get("/desk/till", http.StatusOK))
	other.Get(till, http.StatusForbidden)
	counts := url.Values{"n.200000": {"1"}, "n.50000": {"1"}, "n.20000": {"2"}, "n.5000": {"1"}} // 2,950 of 3,000
	want(t, v.Post(till+"/count", counts, http.StatusUnprocessableEntity), "The count differs", `name="reason"`)
	counts.Set("reason", "Wrong change given")
	v.Post(till+"/count", counts, http.StatusSeeOther)
	want(t, v.Post(bill, url.Values{"key": {id.New().String()}, "means": {"cash"}, "tendered": {"2000"}}, http.StatusConflict), "paid already")
	want(t, boss.Post(pathOf(slip)+"/return", url.Values{"reason": {"wrong bill"}}, http.StatusConflict), "The till has been counted")
	v.Post(till+"/approve", nil, http.StatusForbidden)
	want(t, boss.Get("/desk/till", http.StatusOK), till)
	boss.Post(till+"/back", nil, http.StatusSeeOther)
	v.Post(till+"/count", counts, http.StatusSeeOther)
	want(t, boss.Post(paper+"/clear", nil, http.StatusConflict), "has not gone to the bank")
	boss.Post(till+"/approve", nil, http.StatusSeeOther)
	report := boss.Get(till, http.StatusOK)
	want(t, report, "Wrong change given", "Zita Almeida", "Closed")
	if !slipNumber.MatchString(report) {
		t.Error("no deposit slip is numbered")
	}
	if a := v.Send(http.MethodGet, till+"/report.pdf", "", ""); a.Status != http.StatusOK || !strings.HasPrefix(a.Body, "%PDF-") {
		t.Errorf("the report: %d %.20s", a.Status, a.Body)
	}
	if a := v.Send(http.MethodGet, till+"/report.csv", "", ""); !strings.Contains(a.Body, cash.Number) || !strings.Contains(a.Body, "2000.00") {
		t.Errorf("the file: %s", a.Body)
	}
	if a := v.Send(http.MethodGet, pathOf(slip)+"/receipt.pdf", "", ""); a.Status == http.StatusInternalServerError {
		t.Errorf("the receipt: %d", a.Status)
	}

	want(t, boss.Get("/desk/cheques", http.StatusOK), "000123", "Banco do Plateau")
	v.Get("/desk/cheques", http.StatusForbidden)
	boss.Post(paper+"/clear", nil, http.StatusSeeOther)
	boss.Post(paper+"/bounce", url.Values{"reason": {"no funds"}}, http.StatusSeeOther)
	want(t, boss.Get("/desk/cheques?status=bounced", http.StatusOK), "000123")
	want(t, boss.Get("/desk/bills/"+cheque.ID.String(), http.StatusOK), "You cannot take money now")
	hooktest.Eventually(t, "the payer is told", func() string {
		s := hooktest.Text(v.Get("/simulator/messages?address="+url.QueryEscape(who.Get("phone")), http.StatusOK))
		if !strings.Contains(s, "The bank returned the cheque with which you paid bill "+cheque.Number) {
			return ""
		}
		return s
	})
}

// pathOf is where a receipt that is shown was taken.
func pathOf(page string) string {
	return regexp.MustCompile(`/desk/taken/[0-9a-f-]{36}`).FindString(page)
}
