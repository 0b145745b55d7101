package portal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/orchestration"
	"digit/web/hook/hooktest"
)

// TestPaidTooMuch tells the applicant what they have paid too much, and that it was given back.
func TestPaidTooMuch(t *testing.T) {
	t.Parallel()
	v := hooktest.Visit(t, "en")
	request := demanded(v, "paga.demais@example.org")
	a, subject := hooktest.App(t), uuid.MustParse(strings.TrimPrefix(request, "/requests/"))
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		var person uuid.UUID
		if err := tx.QueryRow(ctx, `SELECT person_id FROM request.request WHERE id = $1`, subject).Scan(&person); err != nil {
			return err
		}
		return a.Payment.PutCredit(ctx, tx, payment.PutCredit{
			Payer: person, Subject: orchestration.Subject, SubjectID: subject, Service: "birth-certificate", Agency: "dgrni", Reference: "RC",
			Amount: money.Amount{Minor: 12_350, Currency: "CVE"},
		})
	})
	if s := hooktest.Text(v.Get(request, http.StatusOK)); !strings.Contains(s, "too much") || !strings.Contains(s, "123.50") {
		t.Errorf("the page does not say what was paid too much: %s", s)
	}
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		c, err := a.Payment.Credit(ctx, tx, orchestration.Subject, subject)
		if err != nil {
			return err
		}
		return a.Payment.GiveBack(ctx, tx, c.ID, "Transfer 4712")
	})
	if s := hooktest.Text(v.Get(request, http.StatusOK)); strings.Contains(s, "too much") || !strings.Contains(s, "was given back to you") {
		t.Errorf("the page does not say that it was given back: %s", s)
	}
}
