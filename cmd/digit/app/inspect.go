package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/notification/smtp"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/cluster"
	"digit/internal/infra/tenancy"
	"digit/internal/provider/console"
	"digit/web/locale"
)

// Inspection looks at an installation without serving it, also beside a process that does.
type Inspection struct {
	DB           *pg.DB
	Encryption   *encryption.Service
	Notification *notification.Service
	Identity     *identity.Service
	Audit        *audit.Service
	database     Database
	console      *console.Service
	texts        *i18n.Catalog
}

// Inspect opens the configured database: the given one, the private one of a running process, or the private one
// itself, which is stopped again by Close. It migrates nothing.
func Inspect(ctx context.Context, c Config) (_ *Inspection, err error) {
	i := &Inspection{}
	defer func() {
		if err != nil {
			err = errors.Join(err, i.Close(context.WithoutCancel(ctx)))
		}
	}()
	log := c.Logger()
	dir, err := c.DataDir()
	if err != nil {
		return nil, err
	}
	i.database, err = OpenDatabase(ctx, c, log)
	if errors.Is(err, cluster.ErrRunning) {
		i.database, err = attach(dir)
	}
	if err != nil {
		return nil, err
	}
	if i.DB, err = i.database.Pool(ctx, log); err != nil {
		return nil, err
	}
	root, err := c.rootKey()
	if err != nil {
		return nil, err
	}
	if i.texts, err = locale.Catalog(); err != nil {
		return nil, err
	}
	i.Encryption = encryption.New(encryption.Deps{RootKey: root.Existing()})
	keys := i.Encryption
	unseal(ctx, keys, i.DB, log)
	i.Notification = notification.New(notification.Deps{Encryption: keys, Carriers: []notification.Carrier{smtp.New()}})
	scanner, err := c.scanner()
	if err != nil {
		return nil, err
	}
	at, err := newSite(c, c.Listen)
	if err != nil {
		return nil, err
	}
	sinks, err := c.sinks()
	if err != nil {
		return nil, err
	}
	i.Audit = audit.New(audit.Deps{Keys: ledger{keys}, Sinks: sinks})
	i.console = console.New(console.Deps{
		Encryption: keys, Notification: i.Notification, Audit: i.Audit, Scanner: pinged(scanner), PublicURL: at.public.String(), URL: i.database.AppURL, DataDir: dir,
	})
	at.db = i.DB
	settings, wording := tenancy.New(tenancy.Deps{}), tenancy.NewWording(i.texts)
	i.Identity = identity.New(identity.Deps{
		Encryption: keys, Tenancy: settings, Codes: codes{i.Notification, settings, wording}, Notices: notices{i.Notification, settings, wording, at.URL},
	})
	jobs := job.NewRegistry()
	i.Notification.Register(jobs)
	keys.Register(jobs)
	client, err := job.NewClient(i.DB, jobs, job.Options{Log: log, InsertOnly: true})
	if err != nil {
		return nil, err
	}
	i.DB.Use(client, nil)
	return i, nil
}

// attach finds the private server of a running process: PostgreSQL writes its socket's folder into line 5 of its pid file.
func attach(dir string) (Database, error) {
	b, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		return Database{}, fmt.Errorf("the platform runs on this folder, but its database does not: %w", err)
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 5 {
		return Database{}, errors.New("the platform is starting: ask again in a moment")
	}
	u := url.URL{Scheme: "postgres", User: url.User(migrate.AppRole), Path: "/" + databaseName, RawQuery: url.Values{"host": {lines[4]}}.Encode()}
	return Database{AppURL: u.String()}, nil
}

// Health checks everything.
func (i *Inspection) Health(ctx context.Context) []console.Check { return i.console.Health(ctx, i.DB) }

// Explain tells a check's result in English, for terminals.
func (i *Inspection) Explain(c console.Check) string { return i.texts.T("en", c.Key(), c.Args) }

// ExplainFinding tells in English what a walk over the audit log found, for terminals.
func (i *Inspection) ExplainFinding(f audit.Finding) string {
	return i.texts.T("en", "audit.finding."+f.Code, f.Args())
}

// Close ends what Inspect began.
func (i *Inspection) Close(ctx context.Context) error {
	if i.DB != nil {
		i.DB.Close()
	}
	return i.database.Close(ctx)
}
