package payment

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/payment/internal/paymentdb"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

func insertPayment(ctx context.Context, tx *pg.Tx, p Payment) error {
	return db.InsertPayment(ctx, tx, paymentdb.InsertPaymentParams{
		ID: p.ID, DemandID: p.Demand, ChargeID: orNil(p.Charge), Status: string(p.Status),
		Reason: p.Reason, AmountMinor: p.Amount.Minor, Currency: p.Amount.Currency, PaidAt: p.PaidAt,
	})
}

func lockPayment(ctx context.Context, tx *pg.Tx, payment uuid.UUID) (Payment, error) {
	r, err := db.LockPayment(ctx, tx, payment)
	return Payment{
		ID: r.ID, Demand: r.DemandID, Charge: orZero(r.ChargeID), Status: PaymentStatus(r.Status), Reason: r.Reason,
		Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency}, PaidAt: r.PaidAt, RefundedAt: r.RefundedAt,
	}, known(err)
}

func refundPayment(ctx context.Context, tx *pg.Tx, payment uuid.UUID, reason string) error {
	return db.RefundPayment(ctx, tx, paymentdb.RefundPaymentParams{ID: payment, Reason: reason, RefundedAt: &tx.Now})
}

func listPayments(ctx context.Context, tx *pg.Tx, f PaymentFilter, before uuid.UUID, limit int) ([]Payment, error) {
	rows, err := db.ListPayments(ctx, tx, paymentdb.ListPaymentsParams{Status: string(f.Status), Demand: orNil(f.Demand), Before: orNil(before), Lim: int32(limit)})
	list := make([]Payment, len(rows))
	for i, r := range rows {
		list[i] = Payment{
			ID: r.ID, Demand: r.DemandID, Charge: orZero(r.ChargeID), Number: r.Number, Reference: r.Reference, Agency: r.Agency,
			Service: r.Service, Status: PaymentStatus(r.Status), Reason: r.Reason, Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency},
			PaidAt: r.PaidAt, RefundedAt: r.RefundedAt,
		}
	}
	return list, err
}

func toReceipt(r paymentdb.PaymentReceipt) Receipt {
	return Receipt{
		ID: r.ID, Demand: r.DemandID, Number: r.Number, Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency},
		PaidAt: r.PaidAt, Document: orZero(r.DocumentID),
	}
}

func insertReceipt(ctx context.Context, tx *pg.Tx, r Receipt, payment uuid.UUID) error {
	return db.InsertReceipt(ctx, tx, paymentdb.InsertReceiptParams{
		ID: r.ID, DemandID: r.Demand, PaymentID: payment, Number: r.Number,
		AmountMinor: r.Amount.Minor, Currency: r.Amount.Currency, PaidAt: r.PaidAt,
	})
}

func getReceipt(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (Receipt, error) {
	r, err := db.GetReceipt(ctx, tx, demand)
	if pg.NotFound(err) {
		return Receipt{}, ErrNoReceipt
	}
	return toReceipt(r), err
}

func receiptByID(ctx context.Context, tx *pg.Tx, receipt uuid.UUID) (Receipt, error) {
	r, err := db.GetReceiptByID(ctx, tx, receipt)
	return toReceipt(r), known(err)
}

func lockReceipt(ctx context.Context, tx *pg.Tx, receipt uuid.UUID) (Receipt, error) {
	r, err := db.LockReceipt(ctx, tx, receipt)
	return toReceipt(r), known(err)
}

func setReceiptDocument(ctx context.Context, tx *pg.Tx, receipt, document uuid.UUID) error {
	return db.SetReceiptDocument(ctx, tx, paymentdb.SetReceiptDocumentParams{ID: receipt, DocumentID: &document})
}

// payerName opens the payer's name for the receipt; "" where none was given.
func (s *Service) payerName(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (string, error) {
	r, err := db.GetDemand(ctx, tx, demand)
	if err != nil || r.PayerName == nil {
		return "", known(err)
	}
	name, err := s.deps.Encryption.Open(ctx, tx, r.PayerID, payerPlace(demand), r.PayerName)
	return string(name), err
}

// insertWebhook keeps a notice; false where its event was kept before.
func insertWebhook(ctx context.Context, tx *pg.Tx, gateway string, n Notice) (bool, error) {
	rows, err := db.InsertWebhook(ctx, tx, paymentdb.InsertWebhookParams{Gateway: gateway, EventID: n.EventID, Status: string(n.Status), ReceivedAt: tx.Wall})
	return rows > 0, err
}

func closeWebhook(ctx context.Context, tx *pg.Tx, gateway, event string, charge uuid.UUID, outcome string) error {
	return db.CloseWebhook(ctx, tx, paymentdb.CloseWebhookParams{Gateway: gateway, EventID: event, ChargeID: orNil(charge), Outcome: outcome})
}

func settingsPlace(row uuid.UUID) encryption.Place {
	return encryption.Place{Table: "payment.gateway", Column: "settings", Row: row}
}

func (s *Service) putGateway(ctx context.Context, tx *pg.Tx, g GatewaySettings) error {
	plain, err := json.Marshal(g.Settings)
	if err != nil {
		return err
	}
	row := id.New()
	sealed, err := s.deps.Encryption.Seal(ctx, tx, uuid.Nil, settingsPlace(row), plain)
	if err != nil {
		return err
	}
	return db.PutGateway(ctx, tx, paymentdb.PutGatewayParams{Code: g.Code, ID: row, Settings: sealed, Active: g.Active, ChangedAt: tx.Now})
}

// gateway returns a gateway and how this tenant reaches it.
func (s *Service) gateway(ctx context.Context, tx *pg.Tx, code string) (Gateway, GatewayConfig, error) {
	g := s.gateways[code]
	r, err := db.GetGateway(ctx, tx, code)
	if g == nil || pg.NotFound(err) {
		return nil, GatewayConfig{}, ErrNoGateway.With("gateway", code)
	}
	if err != nil {
		return nil, GatewayConfig{}, err
	}
	plain, err := s.deps.Encryption.Open(ctx, tx, uuid.Nil, settingsPlace(r.ID), r.Settings)
	if err != nil {
		return nil, GatewayConfig{}, err
	}
	c := GatewayConfig{Wall: tx.Wall}
	err = json.Unmarshal(plain, &c.Settings)
	return g, c, err
}

func (s *Service) activeGateway(ctx context.Context, tx *pg.Tx) (string, error) {
	rows, err := db.ListGateways(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		if r.Active && s.gateways[r.Code] != nil {
			return r.Code, nil
		}
	}
	return "", ErrNoGateway
}
