// Package job runs work outside the request: later, again after a failure, on whichever machine is free. Jobs are
// rows written by the transaction whose consequence they are (River), so none is lost and none is made up.
//
// A job runs at least once: whatever it does must bear being done twice. Work given to AddTx is committed together
// with the mark that the job is done, so that its effects in the database happen exactly once.
//
// Failures: an error of kind Invalid, NotFound, Conflict or Unsupported ends the job ("cancelled"), for trying again
// would not help; any other is tried again after 1 s, 16 s, 81 s … (the fourth power of the attempt), 25 times over
// three weeks unless the arguments' InsertOpts say otherwise. Panics are caught, logged and tried again.
package job

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/pg"
)

// Tenant is embedded by every job's arguments. pg.Tx.Enqueue fills it in. Arguments hold ids, never personal data:
// they are shown on the operator's queue page.
type Tenant struct {
	TenantID uuid.UUID `json:"tenant_id"`
	ActorID  uuid.UUID `json:"actor_id,omitzero"` // who caused the job
}

// FillTenant sets what is empty.
func (t *Tenant) FillTenant(tenant, actor uuid.UUID) {
	if t.TenantID == uuid.Nil {
		t.TenantID = tenant
	}
	if t.ActorID == uuid.Nil {
		t.ActorID = actor
	}
}

// JobTenant returns the tenant part of the arguments.
func (t Tenant) JobTenant() Tenant { return t }

// Args are a job's arguments: a struct, by value, that embeds Tenant, is plain JSON and has a Kind "<module>.<verb>". Two
// optional methods: InsertOpts() river.InsertOpts (queue, attempts, uniqueness) and JobTimeout() time.Duration, for
// work that may take longer than the usual minute.
type Args interface {
	river.JobArgs
	JobTenant() Tenant
}

// timeouter is the optional method of Args for long work.
type timeouter interface{ JobTimeout() time.Duration }

// Registry collects the workers of all modules before the client starts.
type Registry struct {
	kinds   map[string]entry
	regular []regular
}

type entry struct {
	decode func(raw []byte) (river.JobArgs, error)
	attach func(c *Client, workers *river.Workers)
}

type regular struct {
	every time.Duration
	args  river.JobArgs
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{kinds: map[string]entry{}} }

var kindShape = regexp.MustCompile(`^[a-z]+\.[a-z0-9_]+$`)

// Add registers work that is done outside a transaction: network, PDF, anything slow. It opens its own short
// transactions with db and Scope.
func Add[T Args](r *Registry, work func(ctx context.Context, db *pg.DB, j *river.Job[T]) error) {
	add(r, func(c *Client) func(context.Context, *river.Job[T]) error {
		return func(ctx context.Context, j *river.Job[T]) error { return work(ctx, c.db, j) }
	})
}

// AddTx registers work that is done inside one transaction of the job's tenant, as the system on behalf of whoever
// caused the job. No network in there.
func AddTx[T Args](r *Registry, work func(ctx context.Context, tx *pg.Tx, args T) error) {
	add(r, func(c *Client) func(context.Context, *river.Job[T]) error {
		return func(ctx context.Context, j *river.Job[T]) error {
			return c.db.InTx(ctx, Scope(j), func(ctx context.Context, tx *pg.Tx) error {
				if err := work(ctx, tx, j.Args); err != nil {
					return err
				}
				return complete(ctx, tx, j)
			})
		}
	})
}

// Every has one job for each active tenant stored at that interval, one hour say; a restart does not repeat an interval.
// The work itself is registered with Add or AddTx.
func Every[T Args](r *Registry, interval time.Duration, args T) {
	r.regular = append(r.regular, regular{every: interval, args: args})
}

// Scope is the scope in which a job works: its tenant, the system on behalf of whoever caused it.
func Scope[T Args](j *river.Job[T]) pg.Scope {
	t := j.Args.JobTenant()
	return pg.Scope{Tenant: t.TenantID, Actor: pg.Actor{Kind: "system", OnBehalf: t.ActorID, RequestID: fmt.Sprintf("job:%d", j.ID)}}
}

// Kinds lists the registered kinds in order.
func (r *Registry) Kinds() []string { return slices.Sorted(maps.Keys(r.kinds)) }

// Merge returns a registry with the workers of all.
func Merge(registries ...*Registry) *Registry {
	merged := NewRegistry()
	for _, r := range registries {
		for kind, e := range r.kinds {
			merged.put(kind, e)
		}
		merged.regular = append(merged.regular, r.regular...)
	}
	return merged
}

func (r *Registry) put(kind string, e entry) {
	if !kindShape.MatchString(kind) {
		panic(fmt.Sprintf("job kind %q is not of the form module.verb", kind))
	}
	if _, taken := r.kinds[kind]; taken {
		panic(fmt.Sprintf("job kind %q is registered twice", kind))
	}
	r.kinds[kind] = e
}

func add[T Args](r *Registry, bind func(c *Client) func(context.Context, *river.Job[T]) error) {
	var zero T
	r.put(zero.Kind(), entry{
		decode: func(raw []byte) (river.JobArgs, error) {
			var args T
			err := json.Unmarshal(raw, &args)
			return args, err
		},
		attach: func(c *Client, workers *river.Workers) {
			river.AddWorker(workers, &worker[T]{log: c.log, work: bind(c)})
		},
	})
}
