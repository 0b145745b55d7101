package console

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
)

// State is what a check found.
type State string

// The states: a warning works but wants looking at; a failure keeps somebody from being served.
const (
	OK   State = "ok"
	Warn State = "warn"
	Fail State = "fail"
)

// Check is one thing that was looked at. Name is what ("database"), Code what was found ("database.ok"), of which the
// catalogue has the sentence under "console.health." + Code, filled with Args. Tenant is the short name of the tenant
// it was found for, "" for the whole installation. Nothing in it is personal or secret.
type Check struct {
	Name   string
	State  State
	Code   string
	Args   map[string]any
	Tenant string
}

// Key is the key of the check's sentence in the message catalogue.
func (c Check) Key() string { return "console.health." + c.Code }

// Names are the names of all checks, in the order in which they are made.
var Names = []string{"database", "role", "migrations", "root", "queue", "keys", "messages", "record", "scanner", "address", "storage", "clock"}

// Limits beyond which a check warns.
const (
	oldestJob    = 5 * time.Minute
	leastFree    = 1 << 30 // bytes
	oldestServer = 150000  // server_version_num
)

func check(name string, state State, found string, args ...any) Check {
	c := Check{Name: name, State: state, Code: name + "." + found, Args: map[string]any{}}
	for i := 0; i+1 < len(args); i += 2 {
		c.Args[args[i].(string)] = args[i+1]
	}
	return c
}

// Worst returns the worst state among checks.
func Worst(checks []Check) State {
	worst := OK
	for _, c := range checks {
		if c.State == Fail || c.State == Warn && worst == OK {
			worst = c.State
		}
	}
	return worst
}

// Ready makes the checks without which no request can be served: database, migrations, root key, queue. A process that is
// not ready gets no requests until it is.
func (s *Service) Ready(ctx context.Context, db *pg.DB) []Check {
	checks := []Check{s.database(ctx, db)}
	if checks[0].State == Fail {
		return checks
	}
	return append(checks, s.migrations(ctx), s.root(), s.queue(ctx, db))
}

// Health makes all checks, those of the tenants for each tenant. What fails is told by its check, never by an error.
// Permission: console:use, which the page asks for.
func (s *Service) Health(ctx context.Context, db *pg.DB) []Check {
	checks := []Check{s.database(ctx, db)}
	if checks[0].State == Fail {
		return checks
	}
	checks = append(checks, s.role(ctx, db), s.migrations(ctx), s.root(), s.queue(ctx, db))
	tenants, err := db.Tenants(ctx)
	if err != nil {
		return append(checks, check("database", Fail, "away"))
	}
	for _, t := range tenants {
		checks = append(checks, s.tenant(ctx, db, t)...)
	}
	checks = append(checks, s.scanner(ctx, tenants), s.address(tenants))
	return append(checks, s.storage(ctx, db)...)
}

// scanner asks the scanner of what people hand in. Where there is none, production tenants take files that nobody looked
// through; where it is away, what is handed in waits.
func (s *Service) scanner(ctx context.Context, tenants []pg.TenantRow) Check {
	if s.deps.Scanner == nil {
		if slices.ContainsFunc(tenants, inProduction) {
			return check("scanner", Warn, "none")
		}
		return check("scanner", OK, "unneeded")
	}
	version, err := s.deps.Scanner.Version(ctx)
	if err != nil {
		return check("scanner", Fail, "away")
	}
	return check("scanner", OK, "ok", "version", version)
}

func inProduction(t pg.TenantRow) bool { return t.Kind == "production" && t.Status == "active" }

// address looks at how people come here: to a real state over encrypted lines alone.
func (s *Service) address(tenants []pg.TenantRow) Check {
	if !strings.HasPrefix(s.deps.PublicURL, "https://") && slices.ContainsFunc(tenants, inProduction) {
		return check("address", Warn, "clear", "url", s.deps.PublicURL)
	}
	return check("address", OK, "ok", "url", s.deps.PublicURL)
}

func (s *Service) database(ctx context.Context, db *pg.DB) Check {
	var version, at string
	var number int
	var encrypted bool
	row := db.Directory().QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::int,
		coalesce(host(inet_server_addr()), ''), coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false)`)
	if err := row.Scan(&version, &number, &at, &encrypted); err != nil {
		return check("database", Fail, "away")
	}
	version, _, _ = strings.Cut(version, " ") // without the packager's own
	if ip, err := netip.ParseAddr(at); err == nil && !ip.IsLoopback() && !encrypted {
		return check("database", Warn, "clear", "version", version)
	}
	if number < oldestServer {
		return check("database", Warn, "old", "version", version)
	}
	return check("database", OK, "ok", "version", version)
}

func (s *Service) role(ctx context.Context, db *pg.DB) Check {
	var name string
	var free bool
	row := db.Directory().QueryRow(ctx, `SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user`)
	if err := row.Scan(&name, &free); err != nil {
		return check("role", Fail, "unknown")
	}
	if free {
		return check("role", Fail, "unbound", "role", name)
	}
	return check("role", OK, "ok", "role", name)
}

// root tells where the root key is kept and whether it is open. A process without it serves nothing personal.
func (s *Service) root() Check {
	c := s.deps.Encryption.Custody()
	switch {
	case c.Sealed:
		return check("root", Fail, "sealed", "kept", c.Kept, "code", fault.Of(c.Why).Code)
	case c.Moved():
		return check("root", Warn, "moved", "kept", c.Kept, "root", c.Root, "active", c.Active)
	}
	return check("root", OK, "ok", "kept", c.Kept, "root", c.Root)
}

func (s *Service) migrations(ctx context.Context) Check {
	all, err := migrate.Status(ctx, s.deps.URL)
	if err != nil {
		return check("migrations", Fail, "unknown")
	}
	for _, m := range all {
		if !m.Current() {
			return check("migrations", Fail, "behind", "module", m.Module, "have", m.Have, "want", m.Want)
		}
	}
	return check("migrations", OK, "ok", "n", len(all))
}

// tenant makes the checks of one tenant.
func (s *Service) tenant(ctx context.Context, db *pg.DB, t pg.TenantRow) []Check {
	if t.Status != "active" {
		return nil
	}
	var checks []Check
	err := db.InTx(ctx, pg.Scope{Tenant: t.ID, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		if s.deps.Encryption.Custody().Sealed { // that is told once, and nothing else can be told of the tenant
			return nil
		}
		checks = append(checks, s.keys(ctx, tx))
		messages, err := s.messages(ctx, tx, t.Kind == "production")
		if checks = append(checks, messages...); err != nil {
			return err
		}
		checks = append(checks, s.record(ctx, tx, t.Kind == "production")...)
		return nil
	})
	if err != nil {
		checks = append(checks, check("messages", Fail, "unknown"))
	}
	if t.Offset != 0 {
		checks = append(checks, check("clock", OK, "ahead", "n", int(t.Offset.Hours()/24), "hours", int(t.Offset.Hours())))
	}
	for i := range checks {
		checks[i].Tenant = t.Slug
	}
	return checks
}

func (s *Service) keys(ctx context.Context, tx *pg.Tx) Check {
	if err := s.deps.Encryption.CheckRoot(ctx, tx); err != nil {
		return check("keys", Fail, "locked", "code", fault.Of(err).Code)
	}
	return check("keys", OK, "ok")
}

// messages looks at what could not be sent. Where no provider carries a channel of a production tenant, nobody can sign
// in by it.
func (s *Service) messages(ctx context.Context, tx *pg.Tx, production bool) ([]Check, error) {
	providers, err := s.deps.Notification.Providers(ctx, tx)
	if err != nil {
		return nil, err
	}
	backlogs, err := s.deps.Notification.Backlogs(ctx, tx)
	if err != nil {
		return nil, err
	}
	has := map[string]bool{}
	for _, p := range providers {
		has[p.Channel] = true
	}
	var checks []Check
	for _, channel := range []string{notification.SMS, notification.Email} {
		if !has[channel] && production {
			checks = append(checks, check("messages", Warn, "no_provider", "channel", channel))
		}
	}
	for _, b := range backlogs {
		if b.Count > 0 && b.Status != notification.Queued {
			checks = append(checks, check("messages", Warn, string(b.Status), "channel", b.Channel, "n", b.Count))
		}
	}
	if checks == nil {
		checks = append(checks, check("messages", OK, "ok"))
	}
	return checks, nil
}
