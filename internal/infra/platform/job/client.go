package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

const (
	schema     = "river"
	timeout    = time.Minute     // of one attempt, unless the arguments say otherwise
	rescue     = 2 * time.Minute // a job of a process that died is taken up again after this
	softStop   = 20 * time.Second
	sweepEvery = 15 * time.Second
)

// Options of NewClient; the zero value is good for a process that works.
type Options struct {
	MaxWorkers int          // jobs at the same time in this process; default 8
	Log        *slog.Logger // default slog.Default()
	InsertOnly bool         // store jobs, never work them
	// Test makes a client that works one queue, one job at a time, in order, and tries a failed job again at once. It
	// takes no part in leading, so there is no periodic work.
	Test *TestOptions
}

// TestOptions name a test's own queue, so that tests in one database do not take each other's jobs.
type TestOptions struct{ Queue string }

// Client stores jobs (it is the pg.Queue of a DB) and, when started, works them.
type Client struct {
	db       *pg.DB
	log      *slog.Logger
	registry *Registry
	river    *river.Client[pgx.Tx]
	queue    string // where a test's jobs go, or ""
}

// NewClient makes the client over db's connections. It does not call db.Use.
func NewClient(db *pg.DB, r *Registry, opt Options) (_ *Client, err error) {
	defer fault.Wrap(&err, "job.NewClient")
	c := &Client{db: db, log: cmp.Or(opt.Log, slog.Default()), registry: r}
	cfg := &river.Config{
		Schema:               schema,
		Logger:               slog.New(quiet{c.log.Handler()}),
		ErrorHandler:         guard{c.log},
		JobTimeout:           timeout,
		RescueStuckJobsAfter: rescue,
		SoftStopTimeout:      softStop,
		ReindexerIndexNames:  []string{}, // reindexing is the owner's right, and the application is not the owner
	}
	if !opt.InsertOnly {
		cfg.Workers = river.NewWorkers()
		for _, kind := range r.Kinds() {
			r.kinds[kind].attach(c, cfg.Workers)
		}
		river.AddWorker(cfg.Workers, &sweeper{c: c})
		river.AddWorker(cfg.Workers, &fanOut{c: c})
	}
	switch {
	case opt.Test != nil:
		c.queue = opt.Test.Queue
		cfg.MaxAttempts = 3
		cfg.SkipUnknownJobCheck = true
		cfg.TestOnly = true
		if !opt.InsertOnly {
			cfg.Queues = map[string]river.QueueConfig{c.queue: {MaxWorkers: 1}}
			cfg.LeaderElectionDisabled = true
			cfg.PollOnly = true
			cfg.FetchCooldown = time.Millisecond
			cfg.FetchPollInterval = 2 * time.Millisecond
			cfg.RetryPolicy = atOnce{}
		}
	case !opt.InsertOnly:
		cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: cmp.Or(opt.MaxWorkers, 8)}}
		cfg.PeriodicJobs = periodic(r)
	}
	c.river, err = river.NewClient(riverpgxv5.New(db.Pool()), cfg)
	return c, err
}

// River is the library's client, for the operator's queue page.
func (c *Client) River() *river.Client[pgx.Tx] { return c.river }

// Insert stores jobs in a transaction; pg.Tx.Enqueue calls it.
func (c *Client) Insert(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error {
	if c.queue != "" {
		for i, j := range jobs {
			var opts river.InsertOpts
			if j.InsertOpts != nil {
				opts = *j.InsertOpts
			}
			opts.Queue = c.queue
			jobs[i].InsertOpts = &opts
		}
	}
	_, err := c.river.InsertManyTx(ctx, tx, jobs)
	return err
}

// Start begins to work jobs and returns. It refuses a database whose queue tables are not of this version.
func (c *Client) Start(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "job.Start")
	m, err := rivermigrate.New(c.river.Driver(), &rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	v, err := m.Validate(ctx, nil)
	if err != nil {
		return err
	}
	if !v.OK {
		return fmt.Errorf("the queue's tables are not up to date, run `digit migrate up`: %v", v.Messages)
	}
	return c.river.Start(ctx)
}

// Stop takes no more jobs and waits for the running ones, 20 seconds at most; then their contexts are cancelled and
// they are tried again elsewhere.
func (c *Client) Stop(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "job.Stop")
	err = c.river.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return c.river.StopAndCancel(context.WithoutCancel(ctx))
	}
	return err
}

// quiet leaves out River's own chatter below warnings; the worker writes the line per job.
type quiet struct{ slog.Handler }

// Enabled is true from warnings up.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the threshold.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup keeps the threshold.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
