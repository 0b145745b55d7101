package simulator

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
)

// ChargeStatus is the state of a card payment: open → processing → paid or failed; paid → disputed.
type ChargeStatus string

// The states of a card payment at the simulated provider.
const (
	ChargeOpen       ChargeStatus = "open"
	ChargeProcessing ChargeStatus = "processing"
	ChargePaid       ChargeStatus = "paid"
	ChargeFailed     ChargeStatus = "failed"
	ChargeDisputed   ChargeStatus = "disputed"
)

// ChargeOrder is the body of POST /sim/cards/charges. Reference is the merchant's own and makes the order safe to
// repeat; the payer comes back to ReturnURL; what happened is told to WebhookURL.
type ChargeOrder struct {
	Reference   string       `json:"reference"`
	Amount      money.Amount `json:"amount"`
	Description string       `json:"description"`
	ReturnURL   string       `json:"return_url"`
	WebhookURL  string       `json:"webhook_url"`
}

func (o ChargeOrder) check() error {
	if o.Reference == "" || o.Amount.Minor <= 0 || len(o.Amount.Currency) != 3 || o.ReturnURL == "" || o.WebhookURL == "" {
		return ErrOrder
	}
	return nil
}

// CardCharge is a card payment as the API answers it. Failure is "declined" or "insufficient_funds" when failed.
type CardCharge struct {
	Ref         uuid.UUID    `json:"ref"`
	Reference   string       `json:"reference"`
	Amount      money.Amount `json:"amount"`
	Description string       `json:"description"`
	ReturnURL   string       `json:"return_url"`
	Status      ChargeStatus `json:"status"`
	Failure     string       `json:"failure,omitempty"`
	URL         string       `json:"url"` // the page on which to pay
	CreatedAt   time.Time    `json:"created_at"`

	webhookURL string
}

// CardNotice is the body of a webhook: Type is "charge.paid", "charge.failed" or "charge.disputed".
type CardNotice struct {
	Type string         `json:"type"`
	Data CardNoticeData `json:"data"`
}

// CardNoticeData says which charge a notice is about.
type CardNoticeData struct {
	Ref       uuid.UUID    `json:"ref"`
	Reference string       `json:"reference"`
	Amount    money.Amount `json:"amount"`
	Failure   string       `json:"failure,omitempty"`
}

// Card is what a payer types in. Month and Year are the expiry as printed (12, 2030).
type Card struct {
	Number string
	Month  int
	Year   int
	CVC    string
	Name   string
}

// behaviour is what a card does.
type behaviour struct {
	failure string
	late    bool // no answer now, paid later
	dispute bool
	lost    bool // the notice gets lost
}

// cards are the numbers with a behaviour of their own; every other valid number is declined.
var cards = map[string]behaviour{
	"4242424242424242": {},
	"4000000000000002": {failure: "declined"},
	"4000000000009995": {failure: "insufficient_funds"},
	"4000000000000119": {late: true},
	"4000000000000259": {dispute: true},
	"4000000000003220": {lost: true},
}

// check refuses what no bank would print and returns the number without spaces.
func (c Card) check(today time.Time) (string, error) {
	number := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, c.Number)
	var wrong []fault.Field
	if len(number) < 12 || len(number) > 19 || !luhn(number) {
		wrong = append(wrong, fault.Field{Path: "number", Code: "simulator.card.number"})
	}
	if c.Month < 1 || c.Month > 12 || time.Date(c.Year, time.Month(c.Month)+1, 1, 0, 0, 0, 0, time.UTC).Before(today) {
		wrong = append(wrong, fault.Field{Path: "expiry", Code: "simulator.card.expiry"})
	}
	if n, err := strconv.Atoi(c.CVC); err != nil || n < 0 || len(c.CVC) < 3 || len(c.CVC) > 4 {
		wrong = append(wrong, fault.Field{Path: "cvc", Code: "simulator.card.cvc"})
	}
	if len(wrong) > 0 {
		return "", ErrCard.WithFields(wrong...)
	}
	return number, nil
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1).
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}
