// Package pg is the door to PostgreSQL. Tenant data is reached through InTx alone: it hands out a *Tx, which
// cannot exist without a tenant, so that code which forgets the tenant does not compile, and row level security
// in the database answers for the rest.
package pg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/multitracer"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
)

// Errors of this package.
var (
	ErrUnknownTenant = fault.NotFound("tenancy.unknown")
	// ErrUnavailable stands for a database that cannot be reached or went away; the work may be tried again.
	ErrUnavailable = fault.Unavailable("database.unavailable")
	// ErrText stands for a text with characters that no text has, a zero byte for one; only a broken or hostile program
	// sends them.
	ErrText = fault.Invalid("database.text")
	// ErrContention stands for a transaction that lost against others each time it was tried.
	ErrContention = fault.Unavailable("database.contention")
)

// Options of Open; the zero value is good.
type Options struct {
	MaxConns int             // default 4 per core
	Log      *slog.Logger    // default slog.Default()
	Tracer   pgx.QueryTracer // sees every statement; metrics and traces hang here
	AppName  string          // shown in pg_stat_activity; default "digit"
}

// Queue stores jobs inside the caller's transaction. Package job implements it.
type Queue interface {
	Insert(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error
}

// Subscribers knows who wants to hear of an event. Package event implements it.
type Subscribers interface {
	// Deliveries returns one job for each subscriber of the named event.
	Deliveries(name string, eventID uuid.UUID) []river.JobArgs
}

// DB is a pool of connections as the application's role. It is safe for concurrent use.
type DB struct {
	pool        *pgxpool.Pool
	log         *slog.Logger
	queue       Queue
	subscribers Subscribers
}

// Open connects as the application's role. It refuses a role that row level security does not bind.
// Errors: ErrUnavailable, or a plain error for a bad URL or a wrong role.
func Open(ctx context.Context, url string, opt Options) (_ *DB, err error) {
	defer fault.Wrap(&err, "pg.Open")
	cfg, err := configure(url, opt)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var role string
	var exempt bool
	err = pool.QueryRow(ctx, `SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user`).Scan(&role, &exempt)
	if err == nil && exempt {
		err = fmt.Errorf("role %q is exempt from row level security: connect as digit_app", role)
	}
	if err != nil {
		pool.Close()
		return nil, translate(err)
	}
	db := &DB{pool: pool, log: opt.Log}
	if db.log == nil {
		db.log = slog.Default()
	}
	return db, nil
}

func configure(url string, opt Options) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = int32(opt.MaxConns)
	if cfg.MaxConns == 0 {
		cfg.MaxConns = int32(4 * runtime.NumCPU())
	}
	cfg.MaxConnIdleTime = 5 * time.Minute
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	params := cfg.ConnConfig.RuntimeParams
	params["timezone"] = "UTC"
	// the guards against work that does not belong in a transaction
	params["statement_timeout"] = "15s"
	params["idle_in_transaction_session_timeout"] = "30s"
	params["application_name"] = opt.AppName
	if opt.AppName == "" {
		params["application_name"] = "digit"
	}
	cfg.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		types := conn.TypeMap() // pgx would hand out times in the machine's zone
		types.RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
		types.RegisterType(&pgtype.Type{Name: "_timestamptz", OID: pgtype.TimestamptzArrayOID, Codec: &pgtype.ArrayCodec{ElementType: &pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		}}})
		return nil
	}
	tracers := []pgx.QueryTracer{tripTracer{}}
	if opt.Tracer != nil {
		tracers = append(tracers, opt.Tracer)
	}
	cfg.ConnConfig.Tracer = multitracer.New(tracers...)
	return cfg, nil
}

// Use sets where jobs go and who hears of events. It is called before traffic, since the queue needs the pool and
// the pool's users need the queue; a nil argument leaves what was set.
func (db *DB) Use(queue Queue, subscribers Subscribers) {
	if queue != nil {
		db.queue = queue
	}
	if subscribers != nil {
		db.subscribers = subscribers
	}
}

// Pool gives the job queue and the health checks the connections themselves. Under row level security a
// connection without InTx sees no tenant's rows.
func (db *DB) Pool() *pgxpool.Pool { return db.pool }

// Close waits for connections in use and closes the pool.
func (db *DB) Close() { db.pool.Close() }

// NotFound reports whether err says that a query returned no row.
func NotFound(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// Constraint returns the name of the constraint that err says was violated, or "".
func Constraint(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && len(pe.Code) == 5 && pe.Code[:2] == "23" {
		return pe.ConstraintName
	}
	return ""
}

// Trips counts the round trips to the database that were made under a context.
type Trips struct{ n atomic.Int64 }

// N is the number so far.
func (t *Trips) N() int { return int(t.n.Load()) }

type tripsKey struct{}

// CountRoundTrips returns a context under which round trips are counted, for tests and traces.
func CountRoundTrips(ctx context.Context) (context.Context, *Trips) {
	t := new(Trips)
	return context.WithValue(ctx, tripsKey{}, t), t
}

// tripTracer counts statements, batches and preparations: each is one round trip.
type tripTracer struct{}

func count(ctx context.Context) context.Context {
	if t, ok := ctx.Value(tripsKey{}).(*Trips); ok {
		t.n.Add(1)
	}
	return ctx
}

func (tripTracer) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return count(ctx)
}
func (tripTracer) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
func (tripTracer) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return count(ctx)
}
func (tripTracer) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (tripTracer) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}
func (tripTracer) TracePrepareStart(ctx context.Context, _ *pgx.Conn, data pgx.TracePrepareStartData) context.Context {
	return count(ctx)
}
func (tripTracer) TracePrepareEnd(context.Context, *pgx.Conn, pgx.TracePrepareEndData) {}
