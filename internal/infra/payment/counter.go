package payment

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
)

// By what money is taken at a counter.
const (
	Cash   = "cash"
	Cheque = "cheque"
	Card   = "card" // at a terminal that stands there
)

// CollectionStatus is the state of money that was taken at a counter.
type CollectionStatus string

// The states of a collection: taken → reversed, on the same day and by a supervisor; a cheque also → cleared by its bank, or
// bounced, which it may after it was cleared.
const (
	Taken    CollectionStatus = "taken"
	Cleared  CollectionStatus = "cleared"
	Bounced  CollectionStatus = "bounced"
	Reversed CollectionStatus = "reversed"
)

// Collection is money that was taken at a counter for a demand.
type Collection struct {
	ID        uuid.UUID
	Demand    uuid.UUID
	Payer     uuid.UUID
	Number    string // the demand's
	Reference string // of the thing it was for
	Receipt   string // its number, also where it was cancelled since
	Till      uuid.UUID
	Place     string
	Means     string // Cash, Cheque or Card
	Status    CollectionStatus
	Amount    money.Amount
	Tendered  money.Amount // what was handed over
	Detail    Detail
	By        uuid.UUID
	TakenAt   time.Time
	SettledAt *time.Time
	Reason    string // of a return
}

// Detail tells a cheque by its number and bank, and a card payment by the terminal's slip.
type Detail struct {
	Cheque string `json:"cheque,omitempty"`
	Bank   string `json:"bank,omitempty"`
	Slip   string `json:"slip,omitempty"`
}

// Change is what was given back of what was handed over.
func (c Collection) Change() money.Amount {
	return money.Amount{Minor: c.Tendered.Minor - c.Amount.Minor, Currency: c.Amount.Currency}
}

// Collect takes money at a counter. ID is chosen by the counter before it asks, so that asking twice takes once. Tendered is what
// was handed over in cash, in the demand's currency; of a cheque and of a card it is left out, since they are of the exact sum.
type Collect struct {
	ID       uuid.UUID
	Demand   uuid.UUID
	Till     uuid.UUID
	Place    string
	Means    string
	Tendered money.Amount
	Detail   Detail
}

// detailMax is how long a number or the name of a bank may be.
const detailMax = 60

// check returns what was handed over and how it is told, or names the fields at fault.
func (in Collect) check(due money.Amount) (tendered money.Amount, d Detail, wrong []fault.Field) {
	say := func(path, code string) { wrong = append(wrong, fault.Field{Path: path, Code: code}) }
	clean := func(path, text string) string {
		text = strings.Join(strings.Fields(text), " ")
		if n := utf8.RuneCountInString(text); n == 0 || n > detailMax {
			say(path, "payment.counter."+path)
		}
		return text
	}
	tendered = due
	switch in.Means {
	case Cash:
		tendered = in.Tendered
		if in.Tendered.Currency != due.Currency || in.Tendered.Minor < due.Minor || in.Tendered.Minor > lineLimit {
			say("tendered", "payment.counter.tendered")
		}
	case Cheque:
		d.Cheque, d.Bank = clean("cheque", in.Detail.Cheque), clean("bank", in.Detail.Bank)
	case Card:
		d.Slip = clean("slip", in.Detail.Slip)
	default:
		say("means", "payment.counter.means")
	}
	return tendered, d, wrong
}

// The accounts of a counter. Cash, cheque and card are what lies in the drawer; revenue gives what people paid; the safe keeps
// change overnight; transit is on its way to the bank, and bank has come there; difference is what was missing or too much.
const (
	AccountCash       = "cash"
	AccountCheque     = "cheque"
	AccountCard       = "card"
	AccountRevenue    = "revenue"
	AccountSafe       = "safe"
	AccountTransit    = "transit"
	AccountBank       = "bank"
	AccountDifference = "difference"
)

// Entries are the sides of a posting by account, in minor units: what each got, below zero what it gave.
type Entries map[string]int64

// Sum is what the entries add up to: nothing, or they are no posting.
func (e Entries) Sum() (sum int64) {
	for _, minor := range e {
		sum += minor
	}
	return sum
}

// closing empties a drawer: cash as it was counted, the float back to the safe as far as it is there, the rest on its way to
// the bank. What the count differs from the books is said.
func closing(balance Entries, counted, float int64) Entries {
	back := min(float, counted)
	rest := counted - back + balance[AccountCheque] + balance[AccountCard]
	return Entries{
		AccountCash: -balance[AccountCash], AccountCheque: -balance[AccountCheque], AccountCard: -balance[AccountCard],
		AccountSafe: back, AccountTransit: rest, AccountDifference: balance[AccountCash] - counted,
	}
}
