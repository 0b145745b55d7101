// Package event carries facts from the module where they happened to the modules that want to hear of them. The
// event is a row written by the publisher's transaction (pg.Tx.Publish); each subscriber is told by a job of its own,
// retried on its own, so that one that fails holds up nobody.
//
// A subscriber hears of each event at least once, in no promised order. Its effects in the database are committed
// together with the mark that it has heard, so they happen once; what reaches beyond the database must be made
// idempotent with Envelope.ID, which stays the same when an event is delivered again.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
)

// ErrUnknownEvent says that there is no such event in this tenant.
var ErrUnknownEvent = fault.NotFound("event.unknown")

// Envelope is an event on its way: the fact and what is known about it. As JSON it is a CloudEvent 1.0.
type Envelope[E pg.Event] struct {
	ID     uuid.UUID
	Tenant uuid.UUID
	Time   time.Time // when it happened, on the tenant's clock
	Actor  pg.Actor  // who did it, without address and session
	Data   E
}

// cloudEvent is the JSON form of CloudEvents 1.0.
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject,omitempty"`
	Time        time.Time       `json:"time"`
	ContentType string          `json:"datacontenttype"`
	Data        json.RawMessage `json:"data"`
}

// MarshalJSON gives the CloudEvent. The source is the tenant; the actor stays inside.
func (e Envelope[E]) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return nil, err
	}
	return json.Marshal(cloudEvent{
		SpecVersion: "1.0", ID: e.ID.String(), Source: "urn:digit:tenant:" + e.Tenant.String(),
		Type: e.Data.EventName(), Subject: e.Data.EventSubject(), Time: e.Time.UTC(),
		ContentType: "application/json", Data: data,
	})
}

// Bus knows the subscribers. It is filled at start and then only read.
type Bus struct {
	byName map[string][]string // event name → subscribers, in the order of subscribing
	handle map[string]handler  // by event name and subscriber
}

type handler func(ctx context.Context, tx *pg.Tx, row stored) error

// stored is a row of platform.event.
type stored struct {
	id    uuid.UUID
	time  time.Time
	actor pg.Actor
	data  []byte
}

// Deliver is the job that tells one subscriber of one event.
type Deliver struct {
	job.Tenant
	EventID    uuid.UUID `json:"event_id"`
	Event      string    `json:"event"`
	Subscriber string    `json:"subscriber"`
}

// Kind names the job.
func (Deliver) Kind() string { return "platform.deliver_event" }

// NewBus returns a bus without subscribers and registers the job that delivers.
func NewBus(r *job.Registry) *Bus {
	b := &Bus{byName: map[string][]string{}, handle: map[string]handler{}}
	job.AddTx(r, b.deliver)
	return b
}

// Subscribe has handle called for each event of type E published after this, once per event, in a transaction of the
// event's tenant and as the system on behalf of whoever caused it. subscriber names the listener for good
// ("notification.demand"): deliveries under way refer to it. Two subscribers of a name are a programmer's error.
func Subscribe[E pg.Event](b *Bus, subscriber string, handle func(ctx context.Context, tx *pg.Tx, ev Envelope[E]) error) {
	if reflect.TypeFor[E]().Kind() != reflect.Struct {
		panic(fmt.Sprintf("event %v is not a plain struct", reflect.TypeFor[E]()))
	}
	var zero E
	name := zero.EventName()
	if slices.Contains(b.byName[name], subscriber) {
		panic(fmt.Sprintf("%q subscribes twice to %s", subscriber, name))
	}
	b.byName[name] = append(b.byName[name], subscriber)
	b.handle[name+" "+subscriber] = func(ctx context.Context, tx *pg.Tx, row stored) error {
		ev := Envelope[E]{ID: row.id, Tenant: tx.Tenant, Time: row.time, Actor: row.actor}
		if err := json.Unmarshal(row.data, &ev.Data); err != nil {
			return err
		}
		return handle(ctx, tx, ev)
	}
}

// Names lists the events that somebody listens to, in order.
func (b *Bus) Names() []string { return slices.Sorted(maps.Keys(b.byName)) }

// Deliveries returns a job for each subscriber of the event; pg.Tx.Publish stores them.
func (b *Bus) Deliveries(name string, eventID uuid.UUID) []river.JobArgs {
	var jobs []river.JobArgs
	for _, subscriber := range b.byName[name] {
		jobs = append(jobs, Deliver{EventID: eventID, Event: name, Subscriber: subscriber})
	}
	return jobs
}

func (b *Bus) deliver(ctx context.Context, tx *pg.Tx, args Deliver) (err error) {
	defer fault.Wrap(&err, "event.deliver(%s %s to %s)", args.Event, args.EventID, args.Subscriber)
	handle, ok := b.handle[args.Event+" "+args.Subscriber]
	if !ok { // an older process may not know a new subscriber: leave it to be tried again
		return fmt.Errorf("no such subscriber")
	}
	row := stored{id: args.EventID}
	var actor []byte
	err = tx.QueryRow(ctx, `SELECT time, actor, data FROM platform.event WHERE id = $1`, args.EventID).Scan(&row.time, &actor, &row.data)
	if pg.NotFound(err) {
		return ErrUnknownEvent
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(actor, &row.actor); err != nil {
		return err
	}
	return handle(ctx, tx, row)
}
