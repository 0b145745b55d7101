package simulator

import (
	"context"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
)

// CarrierKind is how a notification provider names the simulated phones and mailboxes.
const CarrierKind = "simulator"

// Carrier carries messages into the simulated phones and mailboxes; it fits notification.Carrier.
type Carrier struct {
	service *Service
	db      *pg.DB
}

// Carrier returns the carrier over db, with which it begins a transaction of each message's tenant.
func (s *Service) Carrier(db *pg.DB) Carrier { return Carrier{service: s, db: db} }

// Kind returns "simulator".
func (Carrier) Kind() string { return CarrierKind }

// Deliver puts a message into the mailbox of its address. For a production tenant it is refused for good.
func (c Carrier) Deliver(ctx context.Context, _ map[string]string, out carrier.Out) (ref string, err error) {
	err = c.db.InTx(ctx, pg.Scope{Tenant: out.Tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		return c.service.Deliver(ctx, tx, out)
	})
	return "sim-" + out.ID.String(), err
}

// Deliver puts a message into the mailbox of its address; the same message again changes nothing.
// Errors: ErrProduction.
func (s *Service) Deliver(ctx context.Context, tx *pg.Tx, out carrier.Out) (err error) {
	defer fault.Wrap(&err, "simulator.Deliver(%s)", out.ID)
	if err := allowed(ctx, tx); err != nil {
		return err
	}
	return s.insertMessage(ctx, tx, out)
}

// Message is a text in a simulated phone or mailbox.
type Message struct {
	ID         uuid.UUID
	Channel    string
	Address    string
	Subject    string // of WhatsApp: the answers to choose from, a line each
	Text       string
	Lang       string
	ReceivedAt time.Time
	Written    bool // on the phone, rather than received
}

// MessageFilter chooses messages; zero fields choose all. Address is exact.
type MessageFilter struct {
	Channel string
	Address string
	Both    bool // also what was written on the phone
}

// Messages lists what arrived, the newest first. Permission simulator:use, or public in a demonstration: the phones
// are nobody's. Errors: ErrProduction, page.ErrCursor.
func (s *Service) Messages(ctx context.Context, tx *pg.Tx, f MessageFilter, r page.Request) (p page.Page[Message], err error) {
	defer fault.Wrap(&err, "simulator.Messages")
	if err := allowed(ctx, tx); err != nil {
		return p, err
	}
	before, err := r.AfterID()
	if err != nil {
		return p, err
	}
	rows, err := s.listMessages(ctx, tx, f, before, r.Limit()+1)
	if err != nil {
		return p, err
	}
	return page.Of(r, rows, func(m Message) []string { return []string{m.ID.String()} }), nil
}
