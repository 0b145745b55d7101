package payment

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/money"
)

// DemandRaised tells that somebody has to pay something.
type DemandRaised struct {
	Demand    uuid.UUID    `json:"demand"`
	Number    string       `json:"number"`
	Payer     uuid.UUID    `json:"payer"`
	Subject   string       `json:"subject"`
	SubjectID uuid.UUID    `json:"subject_id"`
	Service   string       `json:"service"`
	Agency    string       `json:"agency"`
	Amount    money.Amount `json:"amount"`
}

// EventName returns the event's name and version.
func (DemandRaised) EventName() string { return "payment.demand.raised.v1" }

// EventSubject returns the demand's id.
func (e DemandRaised) EventSubject() string { return e.Demand.String() }

// DemandPaid tells that a demand is paid; it is published once a demand, and once more where it was reopened since.
type DemandPaid struct {
	Demand    uuid.UUID    `json:"demand"`
	Subject   string       `json:"subject"`
	SubjectID uuid.UUID    `json:"subject_id"`
	Service   string       `json:"service"`
	Agency    string       `json:"agency"`
	Amount    money.Amount `json:"amount"`
	Receipt   string       `json:"receipt"` // its number
	PaidAt    time.Time    `json:"paid_at"`
}

// EventName returns the event's name and version.
func (DemandPaid) EventName() string { return "payment.demand.paid.v1" }

// EventSubject returns the demand's id.
func (e DemandPaid) EventSubject() string { return e.Demand.String() }

// ChargeFailed tells that an attempt to pay failed; the demand stays open.
type ChargeFailed struct {
	Charge    uuid.UUID `json:"charge"`
	Demand    uuid.UUID `json:"demand"`
	Subject   string    `json:"subject"`
	SubjectID uuid.UUID `json:"subject_id"`
	Failure   string    `json:"failure"`
}

// EventName returns the event's name and version.
func (ChargeFailed) EventName() string { return "payment.charge.failed.v1" }

// EventSubject returns the demand's id.
func (e ChargeFailed) EventSubject() string { return e.Demand.String() }

// ChargeDisputed tells that a payer takes money back through the bank; a person has to look.
type ChargeDisputed struct {
	Charge    uuid.UUID    `json:"charge"`
	Demand    uuid.UUID    `json:"demand"`
	Subject   string       `json:"subject"`
	SubjectID uuid.UUID    `json:"subject_id"`
	Amount    money.Amount `json:"amount"`
}

// EventName returns the event's name and version.
func (ChargeDisputed) EventName() string { return "payment.charge.disputed.v1" }

// EventSubject returns the demand's id.
func (e ChargeDisputed) EventSubject() string { return e.Demand.String() }

// DemandReopened tells that a demand that was paid at a counter is to be paid again, since the money was not there; Receipt is the
// number of the receipt that was cancelled.
type DemandReopened struct {
	Demand    uuid.UUID    `json:"demand"`
	Subject   string       `json:"subject"`
	SubjectID uuid.UUID    `json:"subject_id"`
	Service   string       `json:"service"`
	Agency    string       `json:"agency"`
	Amount    money.Amount `json:"amount"`
	Receipt   string       `json:"receipt"`
}

// EventName returns the event's name and version.
func (DemandReopened) EventName() string { return "payment.demand.reopened.v1" }

// EventSubject returns the demand's id.
func (e DemandReopened) EventSubject() string { return e.Demand.String() }
