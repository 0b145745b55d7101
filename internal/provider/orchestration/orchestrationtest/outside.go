package orchestrationtest

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
)

// till is a card company whose notices are plain JSON.
type till struct{}

func (till) Code() string { return "till" }

func (till) Begin(_ context.Context, _ payment.GatewayConfig, r payment.ChargeRequest) (payment.Begun, error) {
	return payment.Begun{URL: "https://till.example/" + r.Charge.String(), Ref: r.Charge.String()}, nil
}

func (till) Notice(_ payment.GatewayConfig, _ map[string][]string, body []byte) (n payment.Notice, err error) {
	return n, json.Unmarshal(body, &n)
}

func (till) Status(_ context.Context, _ payment.GatewayConfig, ref string) (payment.Notice, error) {
	return payment.Notice{Ref: ref, Status: payment.Pending}, nil
}

// shelf takes receipts and keeps none.
type shelf struct{}

func (shelf) Keep(context.Context, *pg.Tx, string, uuid.UUID, []byte) (uuid.UUID, error) {
	return id.New(), nil
}

// noCodes is the way by which nobody signs in.
type noCodes struct{}

func (noCodes) SendCode(context.Context, *pg.Tx, identity.CodeMessage) error { return nil }

// Birth are right answers for the birth certificate, of an adult born in Praia.
func Birth() servicespec.Answers {
	return servicespec.Answers{
		"for_whom": "me", "full_name": "Maria Évora", "birth_date": "1985-03-27", "birth_place": "CV-PR-NSG",
		"mother_name": "Ana Évora", "purpose": "school", "delivery": "digital", "phone": "+2389912345", "true_statement": true,
	}
}
