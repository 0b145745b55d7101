package certificate

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/policy"
)

// Policy lists the permissions of this module.
var Policy = []policy.Permission{
	{Code: "certificate:read", Roles: []string{"registrar", "licence-manager", "agency-admin", "auditor", "administrator"}},
	{Code: "certificate:revoke", Roles: []string{"registrar", "licence-manager", "administrator"}},
}

// Status is whether a credential is in force. Expiry is not a status: it follows from the date.
type Status string

// The statuses. Revoked is for good.
const (
	Valid     Status = "valid"
	Suspended Status = "suspended"
	Revoked   Status = "revoked"
)

// What callers must expect.
var (
	// ErrNotFound says that there is no such credential.
	ErrNotFound = fault.NotFound("certificate.not_found")
	// ErrRevoked says that a revoked credential's status cannot change again.
	ErrRevoked = fault.Conflict("certificate.revoked")
	// ErrReason says that a reason must be given.
	ErrReason = fault.Invalid("certificate.reason")
	// ErrClaim says that two claims have one name, or that one has a name which means something else in a credential.
	ErrClaim = fault.Invalid("certificate.claim")
)

// Claim is one thing that is certified: Name is its name in the credential, Label and Shown are for people.
// A disclosable claim can be left out by the holder when showing the credential.
type Claim struct {
	Name        string    `json:"name"`
	Label       i18n.Text `json:"label"`
	Value       any       `json:"value"`
	Shown       string    `json:"shown"`
	Disclosable bool      `json:"disclosable"`
}

// Issue says what is to be certified. Number is the certificate's number for people, given by the caller; Subject and
// SubjectID name what it is issued for, and there is one certificate of a type for each.
type Issue struct {
	Type       string // the last part of the credential type's URL
	Number     string
	Agency     string
	AgencyName i18n.Text
	Holder     uuid.UUID
	HolderName string
	Subject    string
	SubjectID  uuid.UUID
	Reference  string
	Title      i18n.Text
	Body       i18n.Text
	Claims     []Claim
	ValidDays  int // 0: no end
	Lang       string
}

// Credential is a certificate that was issued. Body, HolderName, Reference, Claims and SDJWT are empty in lists.
type Credential struct {
	ID         uuid.UUID
	Number     string
	Type       string
	Agency     string
	AgencyName i18n.Text
	Title      i18n.Text
	Body       i18n.Text
	Holder     uuid.UUID
	HolderName string
	Subject    string
	SubjectID  uuid.UUID
	Reference  string
	Lang       string
	Claims     []Claim
	SDJWT      string
	Status     Status
	Reason     string
	IssuedAt   time.Time
	ExpiresAt  *time.Time
	Document   uuid.UUID // the PDF; uuid.Nil until it is made
	pdfSum     []byte
	list       uuid.UUID
	index      int
}

// Outcome is what a check of a certificate found.
type Outcome string

// The outcomes. Altered also means: not signed by an agency of this state.
const (
	OutcomeValid     Outcome = "valid"
	OutcomeRevoked   Outcome = "revoked"
	OutcomeSuspended Outcome = "suspended"
	OutcomeExpired   Outcome = "expired"
	OutcomeAltered   Outcome = "altered"
	OutcomeUnknown   Outcome = "unknown"
)

// Verification answers somebody who was shown a certificate. Claims are those the proof shown entitles to see: all
// of them for the code printed on the certificate, the disclosed ones for a credential, none for a bare number.
type Verification struct {
	Outcome    Outcome
	Number     string
	Title      i18n.Text
	AgencyName i18n.Text
	Claims     []Claim
	IssuedAt   time.Time
	ExpiresAt  *time.Time
}

// outcome returns how the credential stands at the moment.
func (c Credential) outcome(now time.Time) Outcome {
	switch {
	case c.Status == Revoked:
		return OutcomeRevoked
	case c.Status == Suspended:
		return OutcomeSuspended
	case c.ExpiresAt != nil && now.After(*c.ExpiresAt):
		return OutcomeExpired
	}
	return OutcomeValid
}

// verification returns the answer for a credential whose proof was good.
func (c Credential) verification(now time.Time, claims []Claim) Verification {
	return Verification{
		Outcome: c.outcome(now), Number: c.Number, Title: c.Title, AgencyName: c.AgencyName, Claims: claims,
		IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt,
	}
}

// Issued says that a certificate was issued to a holder.
type Issued struct {
	Credential uuid.UUID  `json:"credential"`
	Holder     uuid.UUID  `json:"holder"`
	Type       string     `json:"type"`
	Number     string     `json:"number"`
	Title      i18n.Text  `json:"title"`
	Agency     string     `json:"agency"`
	SubjectID  uuid.UUID  `json:"subject_id"`
	IssuedAt   time.Time  `json:"issued_at"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
}

// EventName returns the event's name and version.
func (Issued) EventName() string { return "certificate.issued.v1" }

// EventSubject is the credential's id.
func (e Issued) EventSubject() string { return e.Credential.String() }

// Rendered says that a certificate's PDF is there.
type Rendered struct {
	Credential uuid.UUID `json:"credential"`
	SubjectID  uuid.UUID `json:"subject_id"`
}

// EventName returns the event's name and version.
func (Rendered) EventName() string { return "certificate.rendered.v1" }

// EventSubject is the credential's id.
func (e Rendered) EventSubject() string { return e.Credential.String() }

// StatusChanged says that a certificate was suspended, restored or revoked.
type StatusChanged struct {
	Credential uuid.UUID `json:"credential"`
	Holder     uuid.UUID `json:"holder"`
	Status     Status    `json:"status"`
}

// EventName returns the event's name and version.
func (StatusChanged) EventName() string { return "certificate.status_changed.v1" }

// EventSubject is the credential's id.
func (e StatusChanged) EventSubject() string { return e.Credential.String() }

// Verification returns how the credential stands at now, with the claims that show selects.
func (c Credential) Verification(now time.Time, show func(Claim) bool) Verification {
	return c.verification(now, slices.DeleteFunc(slices.Clone(c.Claims), func(cl Claim) bool { return !show(cl) }))
}
