package notification

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Channels of messages.
const (
	SMS      = "sms"
	Email    = "email"
	WhatsApp = "whatsapp"
	USSD     = "ussd" // carries no messages: who dials is answered at once
)

// Status is how far a message came.
type Status string

// The states of a message: waiting (no provider yet) → queued → sent or failed.
const (
	Waiting Status = "waiting"
	Queued  Status = "queued"
	Sent    Status = "sent"
	Failed  Status = "failed"
)

// Message is a text for somebody. Person is whose data it is (uuid.Nil: nobody we know); a message with the same
// Once key as one before is not sent again; Related is what it is about, for the history of that thing.
type Message struct {
	Person  uuid.UUID
	Channel string
	Address string
	Subject string
	Text    string
	Lang    string
	Purpose string
	Once    string
	Related uuid.UUID
	Thread  uuid.UUID // messages of one conversation are carried in the order in which they were written
	Choices []string  // WhatsApp: answers to choose from, by their number
	After   time.Time // on the tenant's clock: not before then; zero for at once
	// WhatsApp: what the parameters of an approved template are filled with, by their names; "text" is the whole of it.
	Fill map[string]string
	// Instead says how it goes where WhatsApp does not carry it: as a text message to the same number. Nil for not at all.
	Instead *Instead
}

// Instead is another way for a message, which is sent once under a key of its own.
type Instead struct {
	Channel string // SMS
	Once    string
}

func (m Message) check() error {
	if m.Channel != SMS && m.Channel != Email && m.Channel != WhatsApp {
		return ErrChannel.With("channel", m.Channel)
	}
	if (len(m.Choices) > 0 || m.Fill != nil || m.Instead != nil) && m.Channel != WhatsApp || m.Instead != nil && m.Instead.Channel != SMS {
		return ErrMessage
	}
	// A line break in an address or a subject would become a header of its own in a mail.
	if m.Address == "" || m.Text == "" || m.Purpose == "" || strings.ContainsAny(m.Address+m.Subject, "\r\n") {
		return ErrMessage
	}
	return nil
}

// Mask hides all of an address but what its owner needs to recognise it: "ma•••@posta.cv", "+238•••••67".
func Mask(address string) string {
	if name, host, ok := strings.Cut(address, "@"); ok {
		return firstRunes(name, 2) + "•••@" + host
	}
	r := []rune(address)
	if len(r) < 8 {
		return "•••" + string(r[max(len(r)-2, 0):])
	}
	return string(r[:4]) + strings.Repeat("•", len(r)-6) + string(r[len(r)-2:])
}

func firstRunes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return string(r[:min(1, len(r))])
	}
	return string(r[:n])
}
