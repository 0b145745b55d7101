package payment

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/money"
)

// DemandStatus is the state of a demand: open → paid or cancelled; paid → open where a cheque bounced.
type DemandStatus string

// The states of a demand.
const (
	DemandOpen      DemandStatus = "open"
	DemandPaidUp    DemandStatus = "paid"
	DemandCancelled DemandStatus = "cancelled"
)

// lineLimit bounds a line, in minor units: far above any fee, far below what a sum of lines could overflow.
const lineLimit = 100_000_000_000

const maxLines = 100

// Line is one fee, or a rebate where the amount is negative.
type Line struct {
	Code   string
	Name   i18n.Text
	Amount money.Amount
}

// Demand is what somebody has to pay. Amount is the sum of the lines.
type Demand struct {
	ID           uuid.UUID
	Number       string // for people, such as FAT-2026-000123
	Payer        uuid.UUID
	Subject      string
	SubjectID    uuid.UUID
	Service      string
	Agency       string
	Reference    string // of the thing it is for, for people
	Lang         string
	Status       DemandStatus
	Amount       money.Amount
	Lines        []Line
	RaisedAt     time.Time
	DueAt        *time.Time
	PaidAt       *time.Time
	CancelledAt  *time.Time
	CancelReason string
}

// payable tells why a demand cannot be paid, nil if it can.
func (d Demand) payable() error {
	switch d.Status {
	case DemandPaidUp:
		return ErrAlreadyPaid.With("number", d.Number)
	case DemandCancelled:
		return ErrCancelled.With("number", d.Number)
	}
	return nil
}

// total adds lines up: at least one, one currency, rebates smaller than fees.
func total(lines []Line) (money.Amount, error) {
	if len(lines) == 0 || len(lines) > maxLines {
		return money.Amount{}, ErrLines
	}
	sum := money.Amount{Currency: lines[0].Amount.Currency}
	for _, l := range lines {
		if l.Code == "" || len(l.Name) == 0 || l.Amount.Minor > lineLimit || l.Amount.Minor < -lineLimit {
			return money.Amount{}, ErrLines.With("code", l.Code)
		}
		var err error
		if sum, err = sum.Add(l.Amount); err != nil {
			return money.Amount{}, ErrAmount.Because(err)
		}
	}
	if sum.Minor <= 0 || len(sum.Currency) != 3 {
		return money.Amount{}, ErrAmount
	}
	return sum, nil
}
