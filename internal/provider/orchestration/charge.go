package orchestration

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/exchange"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/orchestration/internal/orchestrationdb"
)

// ChargeSubject is what demands for a difference are for; their subject id is the charge's. The first demand is for the application.
const ChargeSubject = "orchestration.charge"

// Charge is what was demanded for an application at one time: the first for the fees, later ones for the difference. Lines are minor units
// by fee, negative where a fee fell or a rebate grew. Status is open, paid or cancelled.
type Charge struct {
	ID       uuid.UUID
	Demand   uuid.UUID
	Lines    map[string]int64
	Minor    int64
	Status   string
	Receipt  string
	RaisedAt time.Time
}

// Charges returns what was demanded for an application, the first first. Whether the caller may see it is the caller's to decide.
func (s *Service) Charges(ctx context.Context, tx *pg.Tx, app Application) ([]Charge, error) {
	return chargeRows(ctx, tx, app.ID)
}

// reassess works the fees out as they are now and demands what is not paid of them: all at first, the difference later. A demand that is
// still open is withdrawn for one that is right. What is paid too much is the payer's credit: it is set against what is demanded later, of
// which it is paid, or given back.
func (s *Service) reassess(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service) error {
	facts, err := s.facts(ctx, tx, svc, *app, tx.Now)
	if err != nil {
		return err
	}
	fees, err := svc.Fees(app.Answers, facts)
	if err != nil {
		return err
	}
	charges, err := s.charges(ctx, tx, *app)
	if err != nil {
		return err
	}
	credit, err := s.deps.Payments.LockCredit(ctx, tx, Subject, app.ID)
	if err != nil {
		return err
	}
	due, sum := difference(fees, charges, credit.GivenBack.Minor)
	if err := s.putCredit(ctx, tx, *app, credit, money.Amount{Minor: max(0, -sum), Currency: facts.Currency}); err != nil {
		return err
	}
	switch open := openCharge(charges); {
	case open != nil && maps.Equal(open.Lines, due):
		return nil
	case open != nil:
		if err := s.cancel(ctx, tx, open.Demand, "reassessed"); err != nil {
			return err
		}
	}
	if sum <= 0 { // nothing is charged, rebates have taken all of it off, or all is paid
		if app.paid() {
			return nil
		}
		app.Demand, app.Receipt = paidDemand(charges)
		return setPaidDemand(ctx, tx, *app)
	}
	return s.raise(ctx, tx, app, svc, fees, due, facts.Currency, len(charges) == 0)
}

// putCredit notes what of the money paid is too much now, where that is otherwise than before.
func (s *Service) putCredit(ctx context.Context, tx *pg.Tx, app Application, have payment.Credit, now money.Amount) error {
	if have.Amount.Minor == now.Minor {
		return nil
	}
	return s.deps.Payments.PutCredit(ctx, tx, payment.PutCredit{
		Payer: app.Person, Subject: Subject, SubjectID: app.ID, Service: app.Service, Agency: app.Agency, Reference: app.Reference, Amount: now,
	})
}

// Credit returns what was paid too much for an application: what is to be given back or is set against what is demanded later. Whether the
// caller may see it is the caller's to decide.
func (s *Service) Credit(ctx context.Context, tx *pg.Tx, app Application) (payment.Credit, error) {
	return s.deps.Payments.Credit(ctx, tx, Subject, app.ID)
}

// charges are those of an application that nobody else changes meanwhile. One that was raised before there were charges, or by a process of
// the version before, is entered now.
func (s *Service) charges(ctx context.Context, tx *pg.Tx, app Application) ([]Charge, error) {
	list, err := chargeRows(ctx, tx, app.ID)
	if err != nil || len(list) > 0 || app.Demand == uuid.Nil {
		return list, err
	}
	d, err := s.deps.Payments.Demand(ctx, tx, app.Demand)
	if err != nil {
		return nil, err
	}
	c := Charge{ID: id.New(), Demand: d.ID, Lines: map[string]int64{}, Minor: d.Amount.Minor, RaisedAt: d.RaisedAt}
	for _, l := range d.Lines {
		c.Lines[l.Code] += l.Amount.Minor
	}
	if err := insertCharge(ctx, tx, app.ID, c); err != nil {
		return nil, err
	}
	switch {
	case app.Receipt != "":
		err = db.SetChargePaid(ctx, tx, orchestrationdb.SetChargePaidParams{DemandID: d.ID, Receipt: app.Receipt})
	case d.Status == payment.DemandCancelled:
		err = db.SetChargeCancelled(ctx, tx, d.ID)
	}
	if err != nil {
		return nil, err
	}
	return chargeRows(ctx, tx, app.ID)
}

// chargedFor returns the application that a demand was raised for, locked, and the charge; found is false where it is paid already.
func (s *Service) chargedFor(ctx context.Context, tx *pg.Tx, ev payment.DemandPaid) (app Application, found bool, err error) {
	application := ev.SubjectID
	if ev.Subject == ChargeSubject {
		of, err := db.GetCharge(ctx, tx, ev.Demand)
		if err != nil {
			return app, false, err
		}
		application = of.ApplicationID
	}
	if app, err = s.locked(ctx, tx, application); err != nil {
		return app, false, err
	}
	list, err := s.charges(ctx, tx, app)
	n := slices.IndexFunc(list, func(c Charge) bool { return c.Demand == ev.Demand })
	return app, err == nil && n >= 0 && list[n].Status != "paid", err
}

// givenBack stands among the fees for what was given back of what was paid; no fee has such a code.
const givenBack = "=given_back"

// difference is what of the fees is not paid, by fee, and in all, where back was given back of what was paid. What is zero is left out.
func difference(fees []servicespec.FeeLine, charges []Charge, back int64) (due map[string]int64, sum int64) {
	due = map[string]int64{givenBack: back}
	for _, f := range fees {
		due[f.Code] += f.Minor
	}
	for _, c := range charges {
		if c.Status == "paid" {
			for code, minor := range c.Lines {
				due[code] -= minor
			}
		}
	}
	maps.DeleteFunc(due, func(_ string, minor int64) bool { return minor == 0 })
	for _, minor := range due {
		sum += minor
	}
	return due, sum
}

func openCharge(charges []Charge) *Charge {
	for n := range charges {
		if charges[n].Status == "open" {
			return &charges[n]
		}
	}
	return nil
}

// paidDemand is the demand that was paid last, with its receipt.
func paidDemand(charges []Charge) (uuid.UUID, string) {
	for _, c := range slices.Backward(charges) {
		if c.Status == "paid" {
			return c.Demand, c.Receipt
		}
	}
	return uuid.Nil, ""
}

// raise demands what is due, and tells the applicant.
func (s *Service) raise(ctx context.Context, tx *pg.Tx, app *Application, svc *servicespec.Service, fees []servicespec.FeeLine, due map[string]int64, currency string, first bool) error {
	texts, err := s.deps.Texts(ctx, tx)
	if err != nil {
		return err
	}
	c := Charge{ID: id.New(), Lines: due, RaisedAt: tx.Now}
	in := payment.RaiseDemand{
		Payer: app.Person, PayerName: app.Name, Subject: ChargeSubject, SubjectID: c.ID, Service: app.Service, Agency: app.Agency,
		Reference: app.Reference, Lang: app.Lang, Lines: demandLines(svc, fees, due, currency, texts),
	}
	if first {
		in.Subject, in.SubjectID = Subject, app.ID
	}
	d, err := s.deps.Payments.Raise(ctx, tx, in)
	if err != nil {
		return err
	}
	c.Demand, c.Minor = d.ID, d.Amount.Minor
	app.Demand, app.Receipt = d.ID, ""
	if err := setDemand(ctx, tx, app.ID, d.ID); err != nil {
		return err
	}
	if err := insertCharge(ctx, tx, app.ID, c); err != nil {
		return err
	}
	return s.answer(ctx, tx, app.Case, svc, exchange.ServiceResponse{
		Kind: exchange.DemandMade, Demand: &exchange.DemandRef{ID: d.ID, Amount: d.Amount},
	})
}

// demandLines are the lines of a demand in the order of the fees; a fee that is asked no more comes last, as what is taken off, and after it
// what was given back and is asked for again.
func demandLines(svc *servicespec.Service, fees []servicespec.FeeLine, due map[string]int64, currency string, texts *i18n.Catalog) (lines []payment.Line) {
	add := func(code string, name i18n.Text) {
		if minor, ok := due[code]; ok && !slices.ContainsFunc(lines, func(l payment.Line) bool { return l.Code == code }) {
			lines = append(lines, payment.Line{Code: code, Name: name, Amount: money.Amount{Minor: minor, Currency: currency}})
		}
	}
	for _, f := range fees {
		add(f.Code, f.Name)
	}
	for _, f := range svc.Pack().Fees {
		add(f.Code, f.Name)
	}
	again := i18n.Text{}
	for _, lang := range svc.Pack().Languages {
		again[lang] = texts.T(lang, "payment.given_back", nil)
	}
	add(givenBack, again)
	return lines
}

// cancel withdraws a demand that is not paid.
func (s *Service) cancel(ctx context.Context, tx *pg.Tx, demand uuid.UUID, why string) error {
	if err := s.deps.Payments.Cancel(ctx, tx, demand, why); err != nil {
		return err
	}
	return db.SetChargeCancelled(ctx, tx, demand)
}

func chargeRows(ctx context.Context, tx *pg.Tx, application uuid.UUID) (list []Charge, err error) {
	rows, err := db.ListCharges(ctx, tx, application)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c := Charge{ID: r.ID, Demand: r.DemandID, Minor: r.Minor, Status: r.Status, Receipt: r.Receipt, RaisedAt: r.RaisedAt}
		if err := json.Unmarshal(r.Lines, &c.Lines); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func insertCharge(ctx context.Context, tx *pg.Tx, application uuid.UUID, c Charge) error {
	lines, err := json.Marshal(c.Lines)
	if err != nil {
		return err
	}
	return db.InsertCharge(ctx, tx, orchestrationdb.InsertChargeParams{
		ID: c.ID, ApplicationID: application, DemandID: c.Demand, Lines: lines, Minor: c.Minor, RaisedAt: c.RaisedAt,
	})
}

// setPaidDemand points the application at what was paid, after what was open has gone.
func setPaidDemand(ctx context.Context, tx *pg.Tx, app Application) error {
	if err := db.SetDemand(ctx, tx, orchestrationdb.SetDemandParams{ID: app.ID, DemandID: optional(app.Demand)}); err != nil {
		return err
	}
	return setReceipt(ctx, tx, app.ID, app.Receipt)
}

func optional(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
