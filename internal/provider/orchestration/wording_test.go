package orchestration_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pdf/pdftest"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/orchestrationtest"
)

// TestOwnWordsOnPaper gives a state its own words, which then stand on its receipts, certificates and letters.
func TestOwnWordsOnPaper(t *testing.T) {
	t.Parallel()
	h := orchestrationtest.New(t)
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		for _, own := range [][3]string{
			{"pt", "receipt.title", "Talão da Fazenda"}, {"pt", "paper.number", "Número do assento"}, {"en", "paper.to", "Esteemed"},
		} {
			if _, err := h.Wording.Put(ctx, tx, own[0], own[1], i18n.Message{"other": own[2]}); err != nil {
				return err
			}
		}
		return nil
	})
	req := birthRequest()
	h.Send(req, orchestrationtest.Birth())
	demand := h.Responses()[1].Demand.ID
	h.Pay(demand)
	if err := h.Act(h.Staff("Clara Clerk", "registry-clerk", "dgrni", ""), req.ID, "verify", "Assento 1234"); err != nil {
		t.Fatal(err)
	}
	if err := h.Act(h.Staff("Rui Registrar", "registrar", "dgrni", ""), req.ID, "approve", ""); err != nil {
		t.Fatal(err)
	}
	h.Work()
	got := h.Responses()
	certified := slices.IndexFunc(got, func(r exchange.ServiceResponse) bool { return r.Kind == exchange.Certificate })
	var receipt, certificate uuid.UUID
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error {
		r, err := h.Payment.Receipt(ctx, tx, demand)
		if err != nil {
			return err
		}
		c, err := h.Certificate.Credential(ctx, tx, got[certified].CertificateID)
		receipt, certificate = r.Document, c.Document
		return err
	})
	if text := printed(h, receipt); !strings.Contains(text, "Talão da Fazenda") {
		t.Errorf("the receipt says %s", text)
	}
	if text := printed(h, certificate); !strings.Contains(text, "Número do assento") {
		t.Errorf("the certificate says %s", text)
	}

	p := lettered(t)
	offer(h, p)
	w := signing(t, h, p, crew(h, p, 3), 100)
	h.Responses()
	w.do("", 2, "refuse", servicespec.Doing{Comment: "The plan is missing.", Reasons: []string{"no-plan", "too-big"}})
	got = h.Responses()
	n := slices.IndexFunc(got, func(r exchange.ServiceResponse) bool { return r.Kind == exchange.Letter })
	if text := printed(h, got[n].Document); !strings.Contains(text, "Esteemed") {
		t.Errorf("the letter says %s", text)
	}
}

// printed is what a document says.
func printed(h *orchestrationtest.House, document uuid.UUID) string {
	h.T.Helper()
	var out bytes.Buffer
	h.In(pg.System(), func(ctx context.Context, tx *pg.Tx) error { return h.Documents.Read(ctx, tx, document, &out) })
	return pdftest.Text(h.T, out.Bytes())
}
