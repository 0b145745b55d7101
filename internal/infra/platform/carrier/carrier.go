// Package carrier is the shape in which a text is handed to whoever carries it: a mail server, an SMS provider, the
// simulated world. It lets carriers be written without knowing the module that sends.
package carrier

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// ErrRefused says that the carrier will never take this text, so that trying again is of no use. Every other failure
// of a carrier is tried again.
var ErrRefused = errors.New("carrier: refused for good")

// ErrTemplate says that the provider takes a text of an approved template alone, and that there is none for this one.
var ErrTemplate = fmt.Errorf("carrier: no template: %w", ErrRefused)

// Out is one text on its way. ID names it for all attempts, so that a carrier can leave out what it has had already.
type Out struct {
	Tenant  uuid.UUID
	ID      uuid.UUID
	Channel string // "sms", "email" or "whatsapp"
	To      string
	Subject string // "" for sms
	Text    string
	Lang    string
	Choices []string // "whatsapp": answers to choose from, by their number; nil for none
	// "whatsapp": what it is for, what the parameters of a template are filled with, and whether the receiver has not written lately, so that an
	// approved template is needed.
	Purpose string
	Fill    map[string]string
	Unasked bool
}

// The ways in which what a provider sends is refused.
var (
	// ErrForged says that it is not signed with the tenant's key, or came to an address that is not the tenant's.
	ErrForged = errors.New("carrier: not the provider's")
	// ErrUnreadable says that it is nothing the provider sends.
	ErrUnreadable = errors.New("carrier: cannot be read")
	// ErrLarge says that a file is larger than was asked for.
	ErrLarge = errors.New("carrier: too large")
)

// Call is a request of a provider to this site.
type Call struct {
	Header http.Header
	Query  url.Values
	Body   []byte
	Secret string // the part of the address that only the provider knows
}

// Heard is what a provider brings: what people wrote, and what became of what was sent to them.
type Heard struct {
	In      []In
	Reports []Report
	Answer  string // what the provider waits for, as when an address is set up; "" for nothing
}

// In is a message that somebody wrote. Ref is the provider's own name for it.
type In struct {
	Ref     string
	From    string // a telephone number, as the provider writes it
	Text    string
	Session string    // of a USSD dialogue; Text is then all that was typed in it
	Sent    time.Time // by the provider's clock; zero where it does not say
	File    *File     // a picture, say; nil for none
	Strange bool      // of a kind that nothing can be read from: a sticker, a contact
}

// File is what somebody sent as a file; the provider keeps it until it is fetched. Ref is the provider's own name for it.
type File struct {
	Ref       string `json:"ref"`
	Name      string `json:"name,omitempty"` // as its owner calls it; pictures have none
	MediaType string `json:"media_type"`
}

// Report says what became of a message that was sent; of those that only say it is on its way there are none.
type Report struct {
	Ref       string // as Deliver returned it
	Delivered bool   // it arrived; otherwise it never will
	Read      bool   // it was opened, too
}

// Setting is something a carrier must be told to work for a tenant.
type Setting struct {
	Name             string
	Secret, Required bool
	Lines            bool                    // several lines
	Check            func(value string) bool // whether a value can be read; nil for any
}
