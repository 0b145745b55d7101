package console_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/web/hook/hooktest"
)

// TestCredits lists what is to be given back until somebody says how it was.
func TestCredits(t *testing.T) {
	t.Parallel()
	v := operator(t, "en")
	a := hooktest.App(t)
	reference, subject := "CR-"+strings.ToUpper(unique()), id.New()
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		return a.Payment.PutCredit(ctx, tx, payment.PutCredit{
			Payer: id.New(), Subject: "test", SubjectID: subject, Service: "birth-certificate", Agency: "dgrni", Reference: reference,
			Amount: money.Amount{Minor: 12_350, Currency: "CVE"},
		})
	})
	list := v.Get("/console/payments/credits", http.StatusOK)
	if s := hooktest.Text(list); !strings.Contains(s, reference) || !strings.Contains(s, "123.50") {
		t.Fatalf("the list is %s", s)
	}
	var credit payment.Credit
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		credit, err = a.Payment.Credit(ctx, tx, "test", subject)
		return err
	})
	page := "/console/payments/credits/" + credit.ID.String() + "/give-back"
	if !strings.Contains(list, page) {
		t.Error("the list does not lead to giving it back")
	}
	v.Post(page, url.Values{"reason": {" "}}, http.StatusUnprocessableEntity)
	v.Post(page, url.Values{"reason": {"Transfer 4711"}}, http.StatusSeeOther)
	if s := v.Get("/console/payments/credits", http.StatusOK); strings.Contains(s, reference) {
		t.Error("what was given back is still to be given back")
	}
	if s := hooktest.Text(v.Post(page, url.Values{"reason": {"Again"}}, http.StatusUnprocessableEntity)); !strings.Contains(s, "Nothing of this is left to give back") {
		t.Errorf("twice: %s", s)
	}
}
