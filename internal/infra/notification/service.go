package notification

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/pg"
)

// Out is a message as a carrier gets it.
type Out = carrier.Out

// Carrier takes messages to their address over the network; it is called outside transactions and may be called again
// for the same Out.ID. ref is the carrier's own name for the message. An error that wraps carrier.ErrRefused is final.
type Carrier interface {
	Kind() string
	Deliver(ctx context.Context, settings map[string]string, out Out) (ref string, err error)
}

// Encryption is what is needed of the encryption module.
type Encryption interface {
	Seal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, plain []byte) ([]byte, error)
	Open(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
	Reseal(ctx context.Context, tx *pg.Tx, person uuid.UUID, p encryption.Place, sealed []byte) ([]byte, error)
}

// Deps are the things this module needs from others.
type Deps struct {
	Encryption Encryption
	Carriers   []Carrier
	// LastWord returns when somebody last wrote by a channel, by the provider's clock; zero where they have not lately. Nil where nobody knows: then
	// the provider says whether it takes a message.
	LastWord func(ctx context.Context, tx *pg.Tx, channel, address string) (time.Time, error)
}

// window is for how long after somebody's last word Meta takes messages that are no approved templates.
const window = 24 * time.Hour

// Service is the module's face.
type Service struct {
	keys     Encryption
	carriers map[string]Carrier
	lastWord func(ctx context.Context, tx *pg.Tx, channel, address string) (time.Time, error)
}

// New builds the service; it panics where a dependency is missing or two carriers have one kind.
func New(d Deps) *Service {
	if d.Encryption == nil {
		panic("notification: Deps.Encryption is missing")
	}
	s := &Service{keys: d.Encryption, carriers: map[string]Carrier{}, lastWord: d.LastWord}
	for _, c := range d.Carriers {
		if s.carriers[c.Kind()] != nil {
			panic("notification: two carriers of kind " + c.Kind())
		}
		s.carriers[c.Kind()] = c
	}
	return s
}

// mayManage refuses people and strangers; which staff may is decided at the door, by notification:read and :manage.
func mayManage(tx *pg.Tx) error {
	if tx.Actor.Kind == "person" || tx.Actor.Kind == "anonymous" {
		return ErrForbidden
	}
	return nil
}

// Carries reports whether a channel has a provider, for what is offered to people. Anybody may ask.
func (s *Service) Carries(ctx context.Context, tx *pg.Tx, channel string) (bool, error) {
	_, err := db.GetProvider(ctx, tx, channel)
	if pg.NotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Send writes a message and has it carried after commit. Without a provider for its channel it waits for one. With a
// Once key used before, nothing is written and the first message's id is returned.
// Errors: ErrChannel, ErrMessage.
func (s *Service) Send(ctx context.Context, tx *pg.Tx, m Message) (message uuid.UUID, err error) {
	defer fault.Wrap(&err, "notification.Send(%s)", m.Purpose)
	if err := m.check(); err != nil {
		return uuid.Nil, err
	}
	_, has, err := s.provider(ctx, tx, m.Channel)
	if err != nil {
		return uuid.Nil, err
	}
	status := Waiting
	if has {
		status = Queued
	}
	message = id.New()
	fresh, err := s.insert(ctx, tx, message, m, status)
	if err != nil {
		return uuid.Nil, err
	}
	if !fresh {
		return idByOnce(ctx, tx, m.Once)
	}
	if status == Queued && m.After.After(tx.Now) {
		return message, tx.At(ctx, m.After, "notification.deliver:"+message.String(), &DeliverArgs{Message: message})
	}
	if status == Queued {
		return message, tx.Enqueue(ctx, &DeliverArgs{Message: message})
	}
	return message, nil
}
