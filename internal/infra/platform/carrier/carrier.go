// Package carrier is the shape in which a text is handed to whoever carries it: a mail server, an SMS provider, the
// simulated world. It lets carriers be written without knowing the module that sends.
package carrier

import (
	"errors"

	"github.com/google/uuid"
)

// ErrRefused says that the carrier will never take this text, so that trying again is of no use. Every other failure
// of a carrier is tried again.
var ErrRefused = errors.New("carrier: refused for good")

// Out is one text on its way. ID names it for all attempts, so that a carrier can leave out what it has had already.
type Out struct {
	Tenant  uuid.UUID
	ID      uuid.UUID
	Channel string // "sms" or "email"
	To      string
	Subject string // "" for sms
	Text    string
	Lang    string
}
