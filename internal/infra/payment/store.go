package payment

import (
	"context"
	"encoding/json"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/payment/internal/paymentdb"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
)

var db = paymentdb.New()

func orNil(u uuid.UUID) *uuid.UUID {
	if u == uuid.Nil {
		return nil
	}
	return &u
}

func orZero(u *uuid.UUID) uuid.UUID {
	if u == nil {
		return uuid.Nil
	}
	return *u
}

func known(err error) error {
	if pg.NotFound(err) {
		return ErrUnknown
	}
	return err
}

func payerPlace(demand uuid.UUID) encryption.Place {
	return encryption.Place{Table: "payment.demand", Column: "payer_name", Row: demand}
}

func toDemand(r paymentdb.PaymentDemand) Demand {
	return Demand{
		ID: r.ID, Number: r.Number, Payer: r.PayerID, Subject: r.Subject, SubjectID: r.SubjectID, Service: r.Service,
		Agency: r.Agency, Reference: r.Reference, Lang: r.Lang, Status: DemandStatus(r.Status),
		Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency}, RaisedAt: r.RaisedAt, DueAt: r.DueAt, PaidAt: r.PaidAt,
		CancelledAt: r.CancelledAt, CancelReason: r.CancelReason,
	}
}

// withLines reads the lines of all demands at once.
func withLines(ctx context.Context, tx *pg.Tx, list []Demand) error {
	if len(list) == 0 {
		return nil
	}
	ids, at := make([]uuid.UUID, len(list)), map[uuid.UUID]int{}
	for i, d := range list {
		ids[i], at[d.ID] = d.ID, i
	}
	rows, err := db.ListLines(ctx, tx, ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var name i18n.Text
		if err := json.Unmarshal(r.Name, &name); err != nil {
			return err
		}
		d := &list[at[r.DemandID]]
		d.Lines = append(d.Lines, Line{Code: r.Code, Name: name, Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency}})
	}
	return nil
}

func oneDemand(ctx context.Context, tx *pg.Tx, r paymentdb.PaymentDemand, err error) (Demand, error) {
	if err != nil {
		return Demand{}, known(err)
	}
	list := []Demand{toDemand(r)}
	err = withLines(ctx, tx, list)
	return list[0], err
}

func getDemand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (Demand, error) {
	r, err := db.GetDemand(ctx, tx, demand)
	return oneDemand(ctx, tx, r, err)
}

// lockDemand returns the demand without its lines and keeps others from changing it.
func lockDemand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (Demand, error) {
	r, err := db.LockDemand(ctx, tx, demand)
	return toDemand(r), known(err)
}

// demandOf finds the demand of a subject; until the end of the transaction nobody else makes one.
func (s *Service) demandOf(ctx context.Context, tx *pg.Tx, subject string, subjectID uuid.UUID) (Demand, bool, error) {
	if err := db.LockSubject(ctx, tx, "payment.demand:"+tx.Tenant.String()+":"+subject+":"+subjectID.String()); err != nil {
		return Demand{}, false, err
	}
	r, err := db.GetDemandBySubject(ctx, tx, paymentdb.GetDemandBySubjectParams{Subject: subject, SubjectID: subjectID})
	if pg.NotFound(err) {
		return Demand{}, false, nil
	}
	d, err := oneDemand(ctx, tx, r, err)
	return d, err == nil, err
}

func (s *Service) insertDemand(ctx context.Context, tx *pg.Tx, d Demand, payerName string) error {
	p := paymentdb.InsertDemandParams{
		ID: d.ID, Number: d.Number, PayerID: d.Payer, Subject: d.Subject, SubjectID: d.SubjectID,
		Service: d.Service, Agency: d.Agency, Reference: d.Reference, Lang: d.Lang, AmountMinor: d.Amount.Minor, Currency: d.Amount.Currency,
		RaisedAt: d.RaisedAt, DueAt: d.DueAt,
	}
	if payerName != "" {
		sealed, err := s.deps.Encryption.Seal(ctx, tx, d.Payer, payerPlace(d.ID), []byte(payerName))
		if err != nil {
			return err
		}
		p.PayerName = sealed
	}
	if err := db.InsertDemand(ctx, tx, p); err != nil {
		return err
	}
	l := paymentdb.InsertLinesParams{DemandID: d.ID, Currency: d.Amount.Currency}
	for i, line := range d.Lines {
		name, err := json.Marshal(line.Name)
		if err != nil {
			return err
		}
		l.Positions, l.Codes = append(l.Positions, int32(i)), append(l.Codes, line.Code)
		l.Names, l.Amounts = append(l.Names, name), append(l.Amounts, line.Amount.Minor)
	}
	return db.InsertLines(ctx, tx, l)
}

func payDemand(ctx context.Context, tx *pg.Tx, demand uuid.UUID) error {
	return db.PayDemand(ctx, tx, paymentdb.PayDemandParams{ID: demand, PaidAt: &tx.Now})
}

func cancelDemand(ctx context.Context, tx *pg.Tx, demand uuid.UUID, reason string) error {
	return db.CancelDemand(ctx, tx, paymentdb.CancelDemandParams{ID: demand, CancelledAt: &tx.Now, CancelReason: reason})
}

func listDemands(ctx context.Context, tx *pg.Tx, f DemandFilter, before uuid.UUID, limit int) ([]Demand, error) {
	rows, err := db.ListDemands(ctx, tx, paymentdb.ListDemandsParams{
		Payer: orNil(f.Payer), Status: string(f.Status), Agency: f.Agency,
		Number: f.Number, Before: orNil(before), Lim: int32(limit),
	})
	if err != nil {
		return nil, err
	}
	list := make([]Demand, len(rows))
	for i, r := range rows {
		list[i] = toDemand(r)
	}
	return list, withLines(ctx, tx, list)
}

func toCharge(r paymentdb.PaymentCharge) Charge {
	c := Charge{
		ID: r.ID, Demand: r.DemandID, Gateway: r.Gateway, Status: ChargeStatus(r.Status),
		Amount: money.Amount{Minor: r.AmountMinor, Currency: r.Currency}, ReturnURL: r.ReturnUrl, RedirectURL: r.RedirectUrl,
		Failure: r.Failure, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, SettledAt: r.SettledAt,
	}
	if r.GatewayRef != nil {
		c.Ref = *r.GatewayRef
	}
	return c
}

func getCharge(ctx context.Context, tx *pg.Tx, charge uuid.UUID) (Charge, error) {
	r, err := db.GetCharge(ctx, tx, charge)
	return toCharge(r), known(err)
}

func lockCharge(ctx context.Context, tx *pg.Tx, charge uuid.UUID) (Charge, error) {
	r, err := db.LockCharge(ctx, tx, charge)
	return toCharge(r), known(err)
}

func openCharge(ctx context.Context, tx *pg.Tx, demand uuid.UUID) (Charge, bool, error) {
	r, err := db.GetOpenCharge(ctx, tx, demand)
	if pg.NotFound(err) {
		return Charge{}, false, nil
	}
	return toCharge(r), err == nil, err
}

// findCharge finds the charge of a notice by our name for it, or the gateway's; both must agree where both are known.
func findCharge(ctx context.Context, tx *pg.Tx, gateway string, n Notice) (Charge, bool, error) {
	r, err := db.GetCharge(ctx, tx, n.Charge)
	if pg.NotFound(err) && n.Ref != "" {
		r, err = db.GetChargeByRef(ctx, tx, paymentdb.GetChargeByRefParams{Gateway: gateway, Ref: n.Ref})
	}
	if pg.NotFound(err) {
		return Charge{}, false, nil
	}
	c := toCharge(r)
	same := c.Gateway == gateway && (c.Ref == "" || c.Ref == n.Ref)
	return c, err == nil && same, err
}

func listCharges(ctx context.Context, tx *pg.Tx, demand uuid.UUID) ([]Charge, error) {
	rows, err := db.ListCharges(ctx, tx, demand)
	list := make([]Charge, len(rows))
	for i, r := range rows {
		list[i] = toCharge(r)
	}
	return list, err
}

func insertCharge(ctx context.Context, tx *pg.Tx, c Charge) error {
	return db.InsertCharge(ctx, tx, paymentdb.InsertChargeParams{
		ID: c.ID, DemandID: c.Demand, Gateway: c.Gateway,
		AmountMinor: c.Amount.Minor, Currency: c.Amount.Currency, ReturnUrl: c.ReturnURL, CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt,
	})
}

// beginCharge keeps what the gateway gave; false where it was kept before.
func beginCharge(ctx context.Context, tx *pg.Tx, charge uuid.UUID, b Begun) (bool, error) {
	n, err := db.BeginCharge(ctx, tx, paymentdb.BeginChargeParams{ID: charge, GatewayRef: &b.Ref, RedirectUrl: b.URL})
	return n > 0, err
}

func settleCharge(ctx context.Context, tx *pg.Tx, charge uuid.UUID, status ChargeStatus, failure, ref string) error {
	p := paymentdb.SettleChargeParams{ID: charge, Status: string(status), Failure: failure, SettledAt: &tx.Now}
	if ref != "" {
		p.Ref = &ref
	}
	return db.SettleCharge(ctx, tx, p)
}
