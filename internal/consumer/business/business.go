package business

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/nyaruka/phonenumbers"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
)

// Errors of this module.
var (
	// ErrNotFound says that there is no such business or claim, or not for who asks.
	ErrNotFound = fault.NotFound("business.not_found")
	// ErrForbidden says that the actor may not do that with the business.
	ErrForbidden = fault.Forbidden("business.forbidden")
	// ErrBusiness says what about a business cannot be accepted, one field each.
	ErrBusiness = fault.Invalid("business.invalid")
	// ErrTaken says that the number is registered already, by somebody who manages the business.
	ErrTaken = fault.Conflict("business.taken")
	// ErrWaiting says that a claim on the number waits to be decided.
	ErrWaiting = fault.Conflict("business.waiting")
	// ErrMany says that the claimant has as many open claims as one may have; argument: max.
	ErrMany = fault.Conflict("business.many")
	// ErrDecided says that the claim was decided the other way already.
	ErrDecided = fault.Conflict("business.decided")
	// ErrLapsed says that the authority that is claimed has ended already.
	ErrLapsed = fault.Conflict("business.lapsed")
	// ErrReason says that a refusal needs a reason, of so many characters at most; argument: max.
	ErrReason = fault.Invalid("business.reason")
)

// Register is the state's register of businesses: where it has an entry of the number whose holder is the claimant, no paper is needed.
const Register = "businesses"

// The bounds of what is told about a business.
const (
	nameMax    = 120
	addressMax = 400
	reasonMax  = 1000
	openMost   = 5 // claims of one person that wait
	mineMost   = 100
)

// Forms are the legal forms that a business can have.
var Forms = []string{"company", "sole-trader", "partnership", "cooperative", "association", "ngo", "other"}

// The states of a business.
const (
	Unconfirmed = "unconfirmed" // nobody may act for it yet
	Confirmed   = "confirmed"
	Refused     = "refused" // also of a claim
)

// Open is the state of a claim that waits for an office, which then is Confirmed or Refused.
const Open = "open"

// Business is an organisation that applies for services.
type Business struct {
	Account      uuid.UUID // in identity: the applicant of its requests
	Form         string    // one of Forms
	Name         string
	Number       string // of its registration, without spaces and hyphens
	Status       string
	RegisteredAt time.Time // tenant's clock
	Reach
}

// Reach is where a business is and how it is reached, which its managers keep up to date.
type Reach struct {
	Boundary string // code of the area of its seat; "" where not told
	Address  string // a few lines
	Email    string
	Phone    string
}

// Claim is somebody's word that they may act for a business.
type Claim struct {
	ID        uuid.UUID
	Business  Business
	Claimant  uuid.UUID
	Proof     string     // identity.ProofDocument or identity.ProofRegister
	Document  uuid.UUID  // the scanned paper; uuid.Nil where the register is the proof
	Until     *time.Time // when the authority ends, tenant's clock, excluded
	Status    string     // Open, Confirmed or Refused
	Reason    string     // why it was refused
	ClaimedAt time.Time
	DecidedAt *time.Time
	DecidedBy uuid.UUID
}

// about is how what is told of a business is sealed.
type about struct {
	Name    string `json:"name"`
	Number  string `json:"number"`
	Address string `json:"address,omitempty"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
}

func (b Business) about() about { return about{b.Name, b.Number, b.Address, b.Email, b.Phone} }

func aboutPlace(account uuid.UUID) encryption.Place {
	return encryption.Place{Table: "business.business", Column: "about", Row: account}
}

func reasonPlace(claim uuid.UUID) encryption.Place {
	return encryption.Place{Table: "business.claim", Column: "reason", Row: claim}
}

// numberSchemes are the check digits of registration numbers, by country (ISO 3166-1). Elsewhere a number is letters and digits.
var numberSchemes = map[string]string{"CV": "nif_cv", "PT": "nif_pt"}

// normal returns the business in the form in which it is kept, and what cannot be accepted of it in a country.
func (b Business) normal(region string) (Business, []fault.Field) {
	b.Name = strings.Join(strings.Fields(b.Name), " ")
	var wrong []fault.Field
	switch n := utf8.RuneCountInString(b.Name); {
	case n == 0:
		wrong = append(wrong, fault.Field{Path: "name", Code: "business.name"})
	case n > nameMax:
		wrong = append(wrong, fault.Field{Path: "name", Code: "business.name_long", Args: map[string]any{"max": nameMax}})
	}
	if !slices.Contains(Forms, b.Form) {
		wrong = append(wrong, fault.Field{Path: "form", Code: "business.form"})
	}
	number, ok := servicespec.Number(numberSchemes[region], b.Number)
	if b.Number = number; !ok {
		wrong = append(wrong, fault.Field{Path: "number", Code: "business.number"})
	}
	var more []fault.Field
	b.Reach, more = b.Reach.normal(region)
	return b, append(wrong, more...)
}

func (r Reach) normal(region string) (Reach, []fault.Field) {
	r.Boundary, r.Email, r.Phone = strings.TrimSpace(r.Boundary), strings.TrimSpace(r.Email), strings.TrimSpace(r.Phone)
	var lines []string
	for line := range strings.Lines(r.Address) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	r.Address = strings.Join(lines, "\n")
	var wrong []fault.Field
	if utf8.RuneCountInString(r.Address) > addressMax {
		wrong = append(wrong, fault.Field{Path: "address", Code: "business.address_long", Args: map[string]any{"max": addressMax}})
	}
	if a, err := mail.ParseAddress(r.Email); r.Email != "" && (err != nil || a.Address != r.Email || len(r.Email) > 254) {
		wrong = append(wrong, fault.Field{Path: "email", Code: "business.email"})
	}
	if r.Phone != "" {
		parsed, err := phonenumbers.Parse(r.Phone, region)
		if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
			wrong = append(wrong, fault.Field{Path: "phone", Code: "business.phone"})
		} else {
			r.Phone = phonenumbers.Format(parsed, phonenumbers.E164)
		}
	}
	return r, wrong
}
