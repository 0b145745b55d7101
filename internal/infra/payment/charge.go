package payment

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/money"
)

// ChargeStatus is the state of an attempt to pay.
type ChargeStatus string

// The states of a charge: created (nothing asked of the gateway yet) → pending (the payer is at the gateway) →
// succeeded, failed or expired (nobody paid within 90 minutes); succeeded → disputed. The gateway's word counts more
// than our patience: failed and expired become succeeded when the money came after all.
const (
	Created   ChargeStatus = "created"
	Pending   ChargeStatus = "pending"
	Succeeded ChargeStatus = "succeeded"
	FailedPay ChargeStatus = "failed"
	Expired   ChargeStatus = "expired"
	Disputed  ChargeStatus = "disputed"
)

// payWithin is how long a payer has, on the tenant's clock.
const payWithin = 90 * time.Minute

var moves = map[ChargeStatus][]ChargeStatus{
	Created:   {Pending, Succeeded, FailedPay, Expired},
	Pending:   {Succeeded, FailedPay, Expired},
	Expired:   {Succeeded, FailedPay},
	FailedPay: {Succeeded},
	Succeeded: {Disputed},
}

// May reports whether a charge in this state can come into the next.
func (s ChargeStatus) May(next ChargeStatus) bool { return slices.Contains(moves[s], next) }

// Open reports whether the payer may still pay with this charge.
func (s ChargeStatus) Open() bool { return s == Created || s == Pending }

// Charge is one attempt to pay a demand through a gateway.
type Charge struct {
	ID          uuid.UUID
	Demand      uuid.UUID
	Gateway     string
	Status      ChargeStatus
	Amount      money.Amount
	ReturnURL   string
	RedirectURL string // the gateway's page, "" until begun
	Ref         string // the gateway's name for it, "" until begun
	Failure     string // code of why it failed
	CreatedAt   time.Time
	ExpiresAt   time.Time
	SettledAt   *time.Time
}

// PaymentStatus is the state of money that came in.
type PaymentStatus string

// The states of a payment: applied to its demand, or surplus → refunded; applied → reversed where it was taken at a counter and
// is not there.
const (
	Applied  PaymentStatus = "applied"
	Surplus  PaymentStatus = "surplus"
	Refunded PaymentStatus = "refunded"
	Undone   PaymentStatus = "reversed"
)

// Why money is surplus.
const (
	reasonPaid      = "already_paid"
	reasonCancelled = "cancelled"
	reasonAmount    = "amount"
)

// Payment is money that came in with a charge, or at a counter, where Charge is uuid.Nil.
type Payment struct {
	ID         uuid.UUID
	Demand     uuid.UUID
	Charge     uuid.UUID
	Number     string // the demand's
	Reference  string
	Agency     string
	Service    string
	Status     PaymentStatus
	Reason     string // of a surplus: already_paid, cancelled, amount; of a refund: what was noted
	Amount     money.Amount
	PaidAt     time.Time
	RefundedAt *time.Time
}

// judge says what becomes of money that came in for a demand.
func judge(d Demand, c Charge, came money.Amount) (PaymentStatus, string) {
	switch {
	case came != c.Amount:
		return Surplus, reasonAmount
	case d.Status == DemandPaidUp:
		return Surplus, reasonPaid
	case d.Status == DemandCancelled:
		return Surplus, reasonCancelled
	}
	return Applied, ""
}

// Receipt proves that a demand was paid. Document is the PDF, uuid.Nil until it is made.
type Receipt struct {
	ID       uuid.UUID
	Demand   uuid.UUID
	Number   string
	Amount   money.Amount
	PaidAt   time.Time
	Document uuid.UUID
}
