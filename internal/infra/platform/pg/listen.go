package pg

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/fault"
)

const (
	listenRetry = time.Second
	// listenPing is how often a silent connection is asked whether it is still there: a line that broke without a word
	// would keep notices from us for as long as TCP waits.
	listenPing = 10 * time.Second
)

// Notify tells every process that listens on channel, once this transaction has committed; never after a rollback.
// Notices are wishes, such as to forget a cached value: what must not be lost is a job.
func (tx *Tx) Notify(ctx context.Context, channel, payload string) (err error) {
	defer fault.Wrap(&err, "pg.Notify(%s)", channel)
	_, err = tx.Exec(ctx, `SELECT pg_notify($1, $2)`, channel, payload)
	return err
}

// Listener hears the notices of all processes, this one included, over one connection of its own.
type Listener struct {
	db    *DB
	heard map[string]func(payload string)
	gaps  []func()
}

// NewListener makes a listener; On and OnGap come before Run.
func NewListener(db *DB) *Listener {
	return &Listener{db: db, heard: map[string]func(string){}}
}

// On has f called for each notice on a channel, one after the other. It panics when a channel is taken.
func (l *Listener) On(channel string, f func(payload string)) {
	if l.heard[channel] != nil {
		panic("pg: channel " + channel + " is listened on twice")
	}
	l.heard[channel] = f
}

// OnGap has f called whenever notices may have been missed: the connection was made, or made anew.
func (l *Listener) OnGap(f func()) { l.gaps = append(l.gaps, f) }

// Run listens until ctx is over. A lost connection is made anew.
func (l *Listener) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		l.db.log.WarnContext(ctx, "listening for notices", "error", err)
		for _, f := range l.gaps { // from here on nothing is heard
			f()
		}
		select {
		case <-ctx.Done():
		case <-time.After(listenRetry):
		}
	}
}

func (l *Listener) listen(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, l.db.pool.Config().ConnConfig.Copy())
	if err != nil {
		return err
	}
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
		defer cancel()
		_ = conn.Close(ending) // it is of no further use either way
	}()
	for channel := range l.heard {
		listen := `LISTEN ` + pgx.Identifier{channel}.Sanitize()
		if _, err := conn.Exec(ctx, listen); err != nil {
			return err
		}
	}
	for _, f := range l.gaps { // what was said before we listened
		f()
	}
	for {
		waiting, cancel := context.WithTimeout(ctx, listenPing)
		notice, err := conn.WaitForNotification(waiting)
		cancel()
		switch {
		case err == nil:
			l.heard[notice.Channel](notice.Payload)
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, context.DeadlineExceeded):
			return err
		default:
			if err := ping(ctx, conn); err != nil {
				return err
			}
		}
	}
}

func ping(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, rollbackTimeout)
	defer cancel()
	return conn.Ping(ctx)
}
