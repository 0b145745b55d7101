package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"digit/internal/infra/platform/clock"
)

// The database and the role that every new cluster has.
const superuser = "postgres"

// Options say where the cluster lives and how careful it is. The zero value of Fsync is for tests: data that
// matters needs Fsync true.
type Options struct {
	DataDir  string            // DIGIT's data folder; "" means DefaultDataDir()
	Binaries string            // the folder of the programs postgres and initdb; "" means search
	Fsync    bool              // false: fast, and a power cut may destroy the data
	Log      *slog.Logger      // nil means slog.Default()
	Settings map[string]string // postgresql.conf settings on top of ours
}

// Cluster is a running PostgreSQL that belongs to this process.
type Cluster struct {
	log    *slog.Logger
	dir    layout
	acc    accounts
	bin    binaries
	conf   string
	lock   *lock
	server *server
	stop   sync.Once
}

// layout is where the parts of a data folder are.
type layout struct{ data, pgdata, socket, log string }

// Start makes the cluster if there is none yet, clears up after a run that was killed, starts PostgreSQL and
// returns once it takes connections. While ctx lasts it waits as long as a recovery takes. A missing PostgreSQL
// is fetched with npm where that is possible. The caller must Stop what it started.
// Errors: ErrRunning, ErrNoServer, ErrVersion, ErrFolder, ErrUser, ErrStart, each in a *Problem.
func Start(ctx context.Context, opt Options) (_ *Cluster, err error) {
	defer func() { wrap(&err, "cluster.Start(%s)", opt.DataDir) }()
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	c := &Cluster{log: opt.Log}
	if c.conf, err = renderConf(opt); err != nil {
		return nil, err
	}
	if c.dir, err = makeDataDir(opt.DataDir); err != nil {
		return nil, err
	}
	if c.lock, err = takeLock(c.dir.data); err != nil {
		return nil, err
	}
	if err = c.prepare(ctx, opt); err == nil {
		err = c.launch(ctx)
	}
	if err != nil {
		c.lock.release()
		return nil, err
	}
	if !opt.Fsync {
		c.log.Warn("PostgreSQL runs without fsync: fit for tests, not for data that matters", "data", c.dir.data)
	}
	return c, nil
}

// prepare does everything that comes before the server's start.
func (c *Cluster) prepare(ctx context.Context, opt Options) (err error) {
	if c.acc, err = findAccounts(c.dir.pgdata); err != nil {
		return err
	}
	if err = c.acc.server.checkReach(c.dir.data); err != nil {
		return err
	}
	if c.dir.socket, err = makeSocketDir(c.dir.data, c.acc.server); err != nil {
		return err
	}
	if err = c.clearRemains(ctx); err != nil {
		return err
	}
	if c.bin, err = chooseBinaries(ctx, opt.Binaries, c.dir, c.log); err != nil {
		return err
	}
	if err = c.acc.server.checkReach(c.bin.dir); err != nil {
		return err
	}
	if err = c.initialise(ctx, opt.Fsync); err != nil {
		return err
	}
	return c.configure()
}

// launch starts the server and waits until it is ready.
func (c *Cluster) launch(ctx context.Context) error {
	logFile, err := openLog(c.dir.log)
	if err != nil {
		return err
	}
	defer logFile.Close()
	begin := clock.Now()
	c.server, err = startServer(c.bin, c.dir, c.acc, logFile)
	if err != nil {
		return problem(ErrStart, err, "PostgreSQL (%s) could not be started as user %s.", c.bin.postgres(), c.acc.server.name)
	}
	if err := c.server.waitReady(ctx, c.log); err != nil {
		return errors.Join(err, c.server.halt(context.WithoutCancel(ctx)))
	}
	c.log.Info("PostgreSQL is ready", "version", c.bin.version.String(), "data", c.dir.pgdata,
		"user", c.acc.server.name, "pid", c.server.pid(), "took", clock.Now().Sub(begin).Round(time.Millisecond).String())
	return nil
}

// URL returns the address of a database for a role, over the socket; pgx and libpq both read it.
func (c *Cluster) URL(role, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(role), Path: "/" + database,
		RawQuery: url.Values{"host": {c.dir.socket}, "port": {port}}.Encode(),
	}
	return u.String()
}

// SuperURL returns the address of the database postgres for the superuser.
func (c *Cluster) SuperURL() string { return c.URL(superuser, superuser) }

// Version returns the server's version, such as "15.18".
func (c *Cluster) Version() string { return c.bin.version.String() }

// Binaries returns the folder that holds the server's programs.
func (c *Cluster) Binaries() string { return c.bin.dir }

// DataDir returns DIGIT's data folder, absolute and with symbolic links resolved.
func (c *Cluster) DataDir() string { return c.dir.data }

// WriteAddress notes in the lock file where this DIGIT answers, so that a second start can say so.
func (c *Cluster) WriteAddress(addr string) error { return c.lock.write(addr) }

// Done yields the reason, and is then closed, when PostgreSQL ends without having been asked to: the process
// has lost its data and should end too. After Stop it stays silent. Errors: ErrDied.
func (c *Cluster) Done() <-chan error { return c.server.died }

// Stop ends PostgreSQL: connections are cut and the data is written out. A server that does not heed within 20
// seconds, or before ctx ends, is told to quit at once and recovers at its next start. Close the pools first.
// The data folder is free for another process afterwards. Calling it again does nothing.
func (c *Cluster) Stop(ctx context.Context) (err error) {
	c.stop.Do(func() {
		begin := clock.Now()
		err = c.server.halt(ctx)
		c.lock.release()
		c.log.Info("PostgreSQL has stopped", "took", clock.Now().Sub(begin).Round(time.Millisecond).String())
	})
	return err
}

// DefaultDataDir returns the folder for an installation that names none: /var/lib/digit for root, because nobody
// else can pass through root's home, else digit in the user's XDG data folder.
func DefaultDataDir() string {
	if os.Getuid() == 0 {
		return "/var/lib/digit"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "digit")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "digit")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("digit-%d", os.Getuid()))
}
