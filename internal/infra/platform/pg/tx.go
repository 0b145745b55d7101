package pg

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
)

// Actor is who acts in a unit of work.
type Actor struct {
	ID       uuid.UUID `json:"id,omitzero"`
	Kind     string    `json:"kind"`               // person, staff, machine, system or anonymous
	OnBehalf uuid.UUID `json:"on_behalf,omitzero"` // whom the actor represents
	// Guests are people without an account as whom the actor acted before: what they have is the actor's.
	Guests    []uuid.UUID `json:"guests,omitempty"`
	Session   uuid.UUID   `json:"session,omitzero"`     // the sign-in it happened under
	IP        string      `json:"ip,omitempty"`         // personal data: limits and the audit record look at it, nothing keeps it in clear
	Origin    string      `json:"-"`                    // IP as the edge sealed it for the audit record; "" where it could not
	Purpose   string      `json:"purpose,omitempty"`    // why, as a code: "casework"; see package audit
	RequestID string      `json:"request_id,omitempty"` // joins log lines, audit records and jobs of one request
}

// Owns reports whether what belongs to a person is the actor's own: they are that person, or were it before they had an account.
func (a Actor) Owns(person uuid.UUID) bool {
	return person != uuid.Nil && (a.ID == person || slices.Contains(a.Guests, person))
}

// Persons are the people whose things the actor sees who asks for a person's: that person, and as whom they acted before they had
// an account where it is they who ask.
func (a Actor) Persons(person uuid.UUID) []uuid.UUID {
	if a.ID != person || a.OnBehalf != uuid.Nil {
		return []uuid.UUID{person}
	}
	return append([]uuid.UUID{person}, a.Guests...)
}

// System is the actor of work that no person does at this moment: jobs, sweeps, set-up.
func System() Actor { return Actor{Kind: "system"} }

// Scope says for whom a unit of work is done.
type Scope struct {
	Tenant uuid.UUID
	Actor  Actor
	// ReadOnly gives one snapshot for the whole unit and refuses writes.
	ReadOnly bool
	// Serializable makes concurrent units behave as if run one after the other; the closure is repeated, up to
	// five times in all, when the database says so, and must therefore change nothing outside the transaction.
	Serializable bool
}

// Tx is a transaction of one tenant. Do not keep it beyond the closure nor use it from two goroutines.
type Tx struct {
	pgx.Tx
	Scope
	Now  time.Time // the tenant's clock, one reading for the whole unit of work
	Wall time.Time // the machine's clock, for what the outside world dates: tokens, signatures, retries

	db     *DB
	before []func(ctx context.Context) error
	after  []func()
	local  map[any]any
}

const (
	attempts        = 5
	rollbackTimeout = 5 * time.Second
)

// InTx runs work in one transaction of scope's tenant and commits, or rolls back if work returns an error or panics.
// An error marked with Keep is returned after a commit.
// Beginning, naming the tenant and reading its clock cost one round trip.
// Errors: ErrUnknownTenant, ErrUnavailable, ErrContention, and whatever work returns.
func (db *DB) InTx(ctx context.Context, scope Scope, work func(ctx context.Context, tx *Tx) error) error {
	for attempt := 1; ; attempt++ {
		var tx *Tx
		err := db.again(func() (err error) {
			tx, err = db.begin(ctx, scope)
			return err
		})
		if err == nil {
			err = tx.run(ctx, work)
		}
		if err == nil || isKept(err) {
			for _, f := range tx.after {
				f()
			}
			return err
		}
		if !scope.Serializable || attempt == attempts || !contention(err) {
			return translate(err)
		}
		pause := time.Duration(5<<attempt+rand.IntN(10)) * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// again asks a second time what changed nothing, where the first time met a connection that the database had closed
// while it lay idle: after a restart of the server the pool is full of them, and nobody should be refused for each.
func (db *DB) again(ask func() error) error {
	err := ask()
	var connect *pgconn.ConnectError
	if err == nil || !lost(err) || errors.As(err, &connect) {
		return err // there is no database to ask
	}
	db.pool.Reset()
	return ask()
}

// begin sends BEGIN and the question that names the tenant and the actor and reads the clock, together.
func (db *DB) begin(ctx context.Context, scope Scope) (*Tx, error) {
	options := pgx.TxOptions{}
	if scope.ReadOnly {
		options = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	}
	if scope.Serializable {
		options.IsoLevel = pgx.Serializable
	}
	actor := ""
	if scope.Actor.ID != uuid.Nil {
		actor = scope.Actor.ID.String()
	}
	tx := &Tx{Scope: scope, Wall: clock.Now(), db: db}
	var offset time.Duration
	batch := &pgx.Batch{}
	batch.BeginTx(options)
	batch.Queue(`SELECT set_config('app.tenant', t.id::text, true), set_config('app.actor', $2, true), (extract(epoch FROM t.clock_offset) * 1000000)::bigint
		FROM platform.tenant t WHERE t.id = $1`, scope.Tenant, actor).QueryRow(func(row pgx.Row) error {
		var tenant, actor string
		var micros int64
		err := row.Scan(&tenant, &actor, &micros)
		offset = time.Duration(micros) * time.Microsecond
		return err
	})
	results := db.pool.SendBatch(ctx, batch)
	err := results.Close()
	tx.Tx = results.Tx()
	if err != nil {
		if tx.Tx != nil {
			tx.rollback(ctx)
		}
		if NotFound(err) {
			return nil, ErrUnknownTenant
		}
		return nil, err
	}
	tx.Now = tx.Wall.Add(offset)
	return tx, nil
}

func (tx *Tx) run(ctx context.Context, work func(ctx context.Context, tx *Tx) error) error {
	committed := false
	defer func() { // also when work panics
		if !committed {
			tx.rollback(ctx)
		}
	}()
	answer := work(ctx, tx)
	if answer != nil && !isKept(answer) {
		return answer
	}
	for _, f := range tx.before {
		if err := f(ctx); err != nil {
			return err
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	committed = true
	return answer
}

// rollback goes ahead when ctx is over, so that the connection can be used again.
func (tx *Tx) rollback(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if err := tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		tx.db.log.WarnContext(ctx, "rollback", "error", err)
	}
}

// BeforeCommit has f run as the last thing of the transaction, in the order of the calls, and not when it is rolled
// back; its error rolls back. It is for what is known only at the end, such as how many rows were read in all.
func (tx *Tx) BeforeCommit(f func(ctx context.Context) error) { tx.before = append(tx.before, f) }

// Local returns what is kept under key for the length of the transaction, made when first asked for. Keys are of a
// type of the caller's own, as those of a context are.
func (tx *Tx) Local(key any, make func() any) any {
	v, ok := tx.local[key]
	if !ok {
		if tx.local == nil {
			tx.local = map[any]any{}
		}
		v = make()
		tx.local[key] = v
	}
	return v
}

// AfterCommit has f run when the transaction has committed, in the order of the calls; never after a rollback. It
// is for wishes like waking a waiting page; what must not be lost is a job.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// translate turns what the database did to us, rather than what we did, into a fault that says "try again".
func translate(err error) error {
	var expected *fault.Error
	switch {
	case errors.As(err, &expected):
		return err
	case contention(err):
		return ErrContention.Because(err)
	case lost(err):
		return ErrUnavailable.Because(err)
	case unsound(err):
		return ErrText.Because(err)
	}
	return err
}

func contention(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == pgerrcode.SerializationFailure || pe.Code == pgerrcode.DeadlockDetected)
}

// unsound reports whether err says that a text has characters that no text has.
func unsound(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && (pe.Code == pgerrcode.CharacterNotInRepertoire || pe.Code == pgerrcode.UntranslatableCharacter)
}

// lost reports whether err says that there is no database at the other end. A cancelled or expired context is the
// caller's own doing and no loss.
func lost(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) { // whatever the reason: out of order, closed to us, or nobody there
		return true
	}
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		switch pe.Code {
		case pgerrcode.AdminShutdown, pgerrcode.CrashShutdown, pgerrcode.CannotConnectNow, pgerrcode.TooManyConnections:
			return true
		}
		return pgerrcode.IsConnectionException(pe.Code)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}
