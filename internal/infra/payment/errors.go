package payment

import "digit/internal/infra/platform/fault"

// What this module refuses.
var (
	// ErrForbidden: only staff and the system may do this.
	ErrForbidden = fault.Forbidden("payment.forbidden")
	// ErrUnknown: there is no such demand, charge or payment, or it is somebody else's.
	ErrUnknown = fault.NotFound("payment.unknown")
	// ErrLines: a demand without lines, or a line without code, name or a sensible amount.
	ErrLines = fault.Invalid("payment.demand.lines")
	// ErrAmount: the lines do not add up to a positive amount of one currency.
	ErrAmount = fault.Invalid("payment.demand.amount")
	// ErrSubject: a demand that does not say what it is for and who pays.
	ErrSubject = fault.Invalid("payment.demand.subject")
	// ErrAlreadyPaid: the demand is paid.
	ErrAlreadyPaid = fault.Conflict("payment.demand.already_paid")
	// ErrCancelled: the demand is cancelled.
	ErrCancelled = fault.Conflict("payment.demand.cancelled")
	// ErrReason: cancelling or giving back needs a reason.
	ErrReason = fault.Invalid("payment.reason")
	// ErrOver: the attempt to pay is over; a new one may be started.
	ErrOver = fault.Conflict("payment.charge.over")
	// ErrNoGateway: the tenant has no way to take payments, or not this one.
	ErrNoGateway = fault.Unavailable("payment.gateway.none")
	// ErrGateway: the gateway does not answer, or not sensibly.
	ErrGateway = fault.Unavailable("payment.gateway.away")
	// ErrSignature: a notice that its gateway did not sign, or signed too long ago.
	ErrSignature = fault.Unauthenticated("payment.webhook.signature")
	// ErrNotice: a signed notice that cannot be read.
	ErrNotice = fault.Invalid("payment.webhook.notice")
	// ErrReplayed: a notice that has acted before; to its sender that is success.
	ErrReplayed = fault.Conflict("payment.webhook.replayed")
	// ErrNoReceipt: the demand is not paid.
	ErrNoReceipt = fault.NotFound("payment.receipt.none")
	// ErrNotSurplus: only a surplus can be marked as given back.
	ErrNotSurplus = fault.Conflict("payment.not_surplus")
	// ErrNoCredit: nothing of it is left to give back.
	ErrNoCredit = fault.Conflict("payment.no_credit")
	// ErrCounter says what of money that is handed over cannot be taken, one field each.
	ErrCounter = fault.Invalid("payment.counter.invalid")
	// ErrCollected says that something else was taken under this id.
	ErrCollected = fault.Conflict("payment.counter.collected")
	// ErrUnbalanced says that what is booked does not add up to nothing: a defect.
	ErrUnbalanced = fault.Invalid("payment.counter.unbalanced")
	// ErrNotCheque says that this cannot be done to what was taken: it is no cheque, or was settled otherwise.
	ErrNotCheque = fault.Conflict("payment.counter.not_cheque")
	// ErrNotBanked says that the cheque has not gone to the bank: its till is not closed.
	ErrNotBanked = fault.Conflict("payment.counter.not_banked")
	// ErrTillClosed says that what was taken has gone to the bank and cannot be given back out of the drawer.
	ErrTillClosed = fault.Conflict("payment.counter.till_closed")
)
