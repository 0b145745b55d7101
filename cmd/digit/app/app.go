package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"riverqueue.com/riverui"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/web"
	"digit/web/auth"
	"digit/web/frame"
	"digit/web/locale"
)

// DefaultTenant is the tenant that answers where the host names none: the demonstration's, and the first one that an
// operator creates.
const DefaultTenant = "cv"

// App is a running platform.
type App struct {
	*Modules
	Config   Config
	DB       *pg.DB
	Client   *job.Client
	Database Database
	Listener *pg.Listener
	Handler  http.Handler
	Routes   []frame.Route // the whole route table

	log      *slog.Logger
	listener net.Listener
	plain    net.Listener // leads from http to https; nil for none
	jobsUI   *riverui.Handler
	texts    *i18n.Catalog
	site     *site
	served   bool // there are acts whose record is to be brought outside when the process stops
}

// memoryLimit makes the collector work harder before the process grows beyond what a small machine has to spare. Some 25 MB are in use at
// rest; the program itself, of which the system keeps what it reads, comes on top with up to 70.
const memoryLimit = 72 << 20

// Open starts the database, migrates it and builds everything; nothing is served yet. The caller runs the App or
// closes it.
func Open(ctx context.Context, c Config) (_ *App, err error) {
	debug.SetMemoryLimit(memoryLimit)
	a := &App{Config: c, log: c.Logger()}
	slog.SetDefault(a.log)
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close(context.WithoutCancel(ctx)))
		}
	}()
	if a.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", c.Listen, err)
	}
	if a.site, err = newSite(c, a.listener.Addr().String()); err != nil {
		return nil, err
	}
	if err := a.secure(); err != nil {
		return nil, err
	}
	proxies, err := c.proxies()
	if err != nil {
		return nil, err
	}
	if _, err := c.scanner(); err != nil {
		return nil, err
	}
	sinks, err := c.sinks()
	if err != nil {
		return nil, err
	}
	if a.Database, err = OpenDatabase(ctx, c, a.log); err != nil {
		return nil, err
	}
	if err := a.Database.Migrate(ctx); err != nil {
		return nil, err
	}
	if a.DB, err = a.Database.Pool(ctx, a.log); err != nil {
		return nil, err
	}
	a.site.db = a.DB
	root, err := c.rootKey()
	if err != nil {
		return nil, err
	}
	texts, err := locale.Catalog()
	if err != nil {
		return nil, err
	}
	dir, err := c.DataDir()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { // with a database elsewhere nobody has made it yet
		return nil, err
	}
	a.texts = texts
	if a.Modules, err = build(c, a.DB, root, texts, a.site, a.site.outbound(c), sinks, a.Database.AppURL, dir); err != nil {
		return nil, err
	}
	unseal(ctx, a.Encryption, a.DB, a.log)
	a.Listener = pg.NewListener(a.DB)
	a.Encryption.Listen(a.Listener)
	if a.Client, err = job.NewClient(a.DB, a.Jobs, job.Options{Log: a.log}); err != nil {
		return nil, err
	}
	a.DB.Use(a.Client, a.Events)
	if c.Demo {
		if err := a.seedDemo(ctx); err != nil {
			return nil, fmt.Errorf("filling the demonstration state: %w", err)
		}
	}
	if err := a.renewRoles(ctx); err != nil {
		return nil, fmt.Errorf("bringing roles up to date: %w", err)
	}
	trials, err := a.trials()
	if err != nil {
		return nil, err
	}
	doors := auth.New(auth.Deps{Identity: a.Identity, Profiles: a.Profile, Trials: trials})
	f := frame.New(frame.Deps{
		DB: a.DB, Tenancy: a.Tenancy, Identity: a.Identity, Origins: a.Audit, Catalog: texts, Wording: a.Wording, Log: a.log, PublicURL: a.site.public.String(), DefaultTenant: DefaultTenant,
		Spend:   a.spend,
		Confirm: doors.ConfirmPost,
	})
	a.jobsUI, err = riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(a.Client.River(), nil), JobListHideArgsByDefault: true, Logger: a.log, Prefix: "/console/jobs",
	})
	if err != nil {
		return nil, err
	}
	a.Routes = a.routes(doors)
	a.Handler = web.New(web.Config{
		Frame: f, Routes: a.Routes, Jobs: a.jobsUI, Log: a.log, Secure: a.site.public.Scheme == "https", Proxies: proxies, Healthz: a.healthz, Readyz: a.readyz,
		JobsGuard: frame.Route{Method: http.MethodGet, Pattern: "/console/jobs/*", Permission: "console:jobs", Kind: frame.Page},
	})
	return a, nil
}

// secure puts TLS around the listener, and opens the door that leads there from http, where that is configured.
func (a *App) secure() (err error) {
	config, err := a.Config.tls(a.log)
	if err != nil {
		return err
	}
	if config == nil && a.Config.Redirect != "" {
		return errors.New("redirect leads to https, which needs tls-cert and tls-key")
	}
	if config == nil {
		return nil
	}
	a.listener = tls.NewListener(a.listener, config)
	if a.Config.Redirect == "" {
		return nil
	}
	if a.plain, err = net.Listen("tcp", a.Config.Redirect); err != nil {
		return fmt.Errorf("cannot listen on %s: %w", a.Config.Redirect, err)
	}
	return nil
}

func newSite(c Config, listening string) (*site, error) {
	public := c.PublicURL
	if public == "" {
		host, port, err := net.SplitHostPort(listening)
		if err != nil {
			return nil, err
		}
		if ip := net.ParseIP(host); ip == nil || ip.IsLoopback() || ip.IsUnspecified() {
			host = "localhost"
		}
		public = "http://" + net.JoinHostPort(host, port)
		if c.TLSCert != "" {
			public = "https://" + net.JoinHostPort(host, port)
		}
	}
	u, err := url.Parse(public)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("public-url %q must be like https://services.example.gov", public)
	}
	if c.TLSCert != "" && u.Scheme != "https" {
		return nil, fmt.Errorf("public-url %q must be https where this process serves TLS", public)
	}
	u.Path, u.RawQuery = "", ""
	return &site{public: u, listen: listening, defaultTenant: DefaultTenant}, nil
}

// Address is where the process listens.
func (a *App) Address() string { return a.site.listen }

// Plain is where the process listens for who comes without encryption, "" for nowhere.
func (a *App) Plain() string {
	if a.plain == nil {
		return ""
	}
	return a.plain.Addr().String()
}

// URL is the address people know.
func (a *App) URL() string { return a.site.public.String() }

// Run serves until ctx is over or something it stands on fails, then stops in order: requests, jobs, connections,
// database.
func (a *App) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, a.Close(context.WithoutCancel(ctx))) }()
	watching, rest := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	defer func() { rest(); watchers.Wait() }()
	watchers.Go(func() { a.Listener.Run(watching) })
	watchers.Go(func() { a.Encryption.Watch(watching, a.DB, a.log) })
	if err := a.Client.Start(ctx); err != nil {
		return err
	}
	if err := a.jobsUI.Start(ctx); err != nil {
		return err
	}
	a.served = true
	server := a.server(a.Handler)
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(a.listener) }()
	plain := a.server(toHTTPS(a.URL()))
	if a.plain != nil {
		go func() { failed <- plain.Serve(a.plain) }()
	}
	a.log.Info("ready", "url", a.URL(), "version", a.Config.Version)
	if a.Database.Cluster != nil {
		if err := a.Database.Cluster.WriteAddress(a.URL()); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		a.log.Info("stopping")
	case err = <-failed:
	case err = <-a.Database.Died():
		err = fmt.Errorf("the database stopped: %w", err)
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return errors.Join(err, plain.Shutdown(stop), server.Shutdown(stop))
}

// maxHeader is what the head of a request may take: many times a session's cookie and the longest address of a page.
const maxHeader = 32 << 10

// server is an HTTP server that nobody can hold up by being slow.
func (a *App) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
}

// finishing is how long the last sequencing and sending of the record may take.
const finishing = 10 * time.Second

// finish brings the record of all tenants outside. What fails is logged: the next process makes it up.
func (a *App) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, finishing)
	defer cancel()
	tenants, err := a.DB.Tenants(ctx)
	for _, t := range tenants {
		err = errors.Join(err, a.Audit.Finish(ctx, a.DB, t.ID))
	}
	if err != nil {
		a.log.Warn("the end of the audit log was not sent outside", "error", err)
	}
}

// Close stops what Open started.
func (a *App) Close(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	if a.Client != nil {
		err = errors.Join(err, a.Client.Stop(ctx))
		a.Client = nil
	}
	if a.served && a.DB != nil {
		a.finish(ctx)
		a.served = false
	}
	for _, l := range []*net.Listener{&a.listener, &a.plain} {
		if *l == nil {
			continue
		}
		if closed := (*l).Close(); !errors.Is(closed, net.ErrClosed) {
			err = errors.Join(err, closed)
		}
		*l = nil
	}
	if a.DB != nil {
		a.DB.Close()
		a.DB = nil
	}
	err = errors.Join(err, a.Database.Close(ctx))
	a.Database = Database{}
	return err
}
