package pg

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/id"
)

// Event is a fact that one module publishes and others may hear of. Its name never changes meaning
// ("payment.demand.raised.v1"), its subject is the id of the thing it happened to.
type Event interface {
	EventName() string
	EventSubject() string
}

// tenantArgs are job arguments that carry their tenant; job.Tenant, embedded, makes them so.
type tenantArgs interface {
	FillTenant(tenant, actor uuid.UUID)
}

// Enqueue stores a job with this transaction: it runs after commit, at least once, and never if the transaction
// is rolled back. The tenant and the actor are filled into args where they are empty. InsertOpts.ScheduledAt is on
// the machine's clock; for a moment on the tenant's clock use At.
func (tx *Tx) Enqueue(ctx context.Context, args river.JobArgs, opts ...*river.InsertOpts) (err error) {
	defer fault.Wrap(&err, "pg.Enqueue(%s)", args.Kind())
	args, err = tx.fill(args)
	if err != nil {
		return err
	}
	params := river.InsertManyParams{Args: args}
	if len(opts) > 0 {
		params.InsertOpts = opts[0]
	}
	return tx.insert(ctx, params)
}

func (tx *Tx) insert(ctx context.Context, jobs ...river.InsertManyParams) error {
	if tx.db.queue == nil {
		return errors.New("no queue: call DB.Use first")
	}
	return tx.db.queue.Insert(ctx, tx.Tx, jobs)
}

// fill returns args with the tenant set; args given by value are copied.
func (tx *Tx) fill(args river.JobArgs) (river.JobArgs, error) {
	actor := tx.Actor.ID
	if actor == uuid.Nil { // a job's own job keeps the person who began it all
		actor = tx.Actor.OnBehalf
	}
	if t, ok := args.(tenantArgs); ok {
		t.FillTenant(tx.Tenant, actor)
		return args, nil
	}
	pointer := reflect.New(reflect.TypeOf(args))
	t, ok := pointer.Interface().(tenantArgs)
	if !ok {
		return nil, fmt.Errorf("%T carries no tenant: embed job.Tenant", args)
	}
	pointer.Elem().Set(reflect.ValueOf(args))
	t.FillTenant(tx.Tenant, actor)
	return pointer.Elem().Interface().(river.JobArgs), nil
}

// Publish records the event and stores one job for each subscriber, so that each hears of it on its own.
func (tx *Tx) Publish(ctx context.Context, ev Event) (err error) {
	defer fault.Wrap(&err, "pg.Publish(%s, %s)", ev.EventName(), ev.EventSubject())
	data, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	who := tx.Actor
	who.IP, who.Origin, who.Session = "", "", uuid.Nil
	actor, err := json.Marshal(who)
	if err != nil {
		return err
	}
	eventID := id.New()
	if _, err := tx.Exec(ctx, `INSERT INTO platform.event (id, name, subject, time, actor, data) VALUES ($1, $2, $3, $4, $5, $6)`,
		eventID, ev.EventName(), ev.EventSubject(), tx.Now, actor, data); err != nil {
		return err
	}
	if tx.db.subscribers == nil {
		return nil
	}
	var jobs []river.InsertManyParams
	for _, args := range tx.db.subscribers.Deliveries(ev.EventName(), eventID) {
		filled, err := tx.fill(args)
		if err != nil {
			return err
		}
		jobs = append(jobs, river.InsertManyParams{Args: filled})
	}
	if len(jobs) == 0 {
		return nil
	}
	return tx.insert(ctx, jobs...)
}

// At has a job run once the tenant's clock shows due; a timer of the same key is replaced. The job comes within
// seconds after due, and at once when a demonstration's clock is moved past it.
func (tx *Tx) At(ctx context.Context, due time.Time, key string, args river.JobArgs) (err error) {
	defer fault.Wrap(&err, "pg.At(%s, %s)", key, args.Kind())
	args, err = tx.fill(args)
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO platform.timer (key, due_at, kind, args) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, key) DO UPDATE SET due_at = EXCLUDED.due_at, kind = EXCLUDED.kind, args = EXCLUDED.args`,
		key, due, args.Kind(), encoded)
	return err
}

// CancelTimer forgets the timer of that key, if it has not fired yet.
func (tx *Tx) CancelTimer(ctx context.Context, key string) (err error) {
	defer fault.Wrap(&err, "pg.CancelTimer(%s)", key)
	_, err = tx.Exec(ctx, `DELETE FROM platform.timer WHERE key = $1`, key)
	return err
}

// SweepTimers is the job that turns a tenant's due timers into jobs; with no tenant, those of all tenants.
type SweepTimers struct {
	TenantID uuid.UUID `json:"tenant_id,omitzero"`
}

// Kind names the job.
func (SweepTimers) Kind() string { return "platform.sweep_timers" }

// FillTenant is called when the job is stored.
func (a *SweepTimers) FillTenant(tenant, _ uuid.UUID) { a.TenantID = tenant }
