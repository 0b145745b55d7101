package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/id"
	"digit/internal/infra/platform/migrate"
)

const (
	templatePrefix = "digit_test_"
	clonePrefix    = "digit_clone_"
	ready          = "ready" // comment on a template that is complete
	templateLock   = 0x74656d706c
)

// clone is a database that lives as long as this process. A session lock, held by conn, tells others that it is in use.
type clone struct {
	server *url.URL
	name   string
	conn   *pgx.Conn
}

// url is the address of the clone for a role; "" is the server's superuser.
func (c *clone) url(role string) string { return urlOf(c.server, role, c.name) }

func urlOf(server *url.URL, role, db string) string {
	u := *server
	u.Path = "/" + db
	if role != "" {
		u.User = url.User(role)
		if password, ok := server.User.Password(); ok {
			u.User = url.UserPassword(role, password) // see shareAuth
		}
	}
	return u.String()
}

// ensureTemplate returns the name of the database that is migrated to this binary's schema, making it first if need be.
func ensureTemplate(ctx context.Context, server *url.URL) (string, error) {
	name := templatePrefix + migrate.Hash()[:12]
	conn, err := pgx.Connect(ctx, server.String())
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := lock(ctx, conn, templateLock); err != nil {
		return "", err
	}
	var comment string
	err = conn.QueryRow(ctx, `SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = $1`, name).Scan(&comment)
	if err == nil && comment == ready {
		return name, sweep(ctx, conn)
	}
	if _, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+name); err != nil {
		return "", err
	}
	if err := migrate.InitDB(ctx, server.String(), name); err != nil {
		return "", err
	}
	if err := shareAuth(ctx, conn, server); err != nil {
		return "", err
	}
	if err := migrate.Up(ctx, urlOf(server, migrate.OwnerRole, name)); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, `COMMENT ON DATABASE `+name+` IS '`+ready+`'`)
	return name, err
}

// shareAuth gives the roles the superuser's password, where the test server asks for one.
func shareAuth(ctx context.Context, conn *pgx.Conn, server *url.URL) error {
	password, ok := server.User.Password()
	if !ok {
		return nil
	}
	for _, role := range []string{migrate.OwnerRole, migrate.AppRole} {
		if _, err := conn.Exec(ctx, fmt.Sprintf(`ALTER ROLE %s PASSWORD '%s'`, role, strings.ReplaceAll(password, "'", "''"))); err != nil {
			return err
		}
	}
	return nil
}

// newClone makes a database from template, or an empty one.
func newClone(ctx context.Context, server *url.URL, template string) (_ *clone, err error) {
	c := &clone{server: server, name: fmt.Sprintf("%s%d_%s", clonePrefix, os.Getpid(), strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(id.Token(9))))}
	if c.conn, err = pgx.Connect(ctx, server.String()); err != nil {
		return nil, err
	}
	if err := lock(ctx, c.conn, cloneLock(c.name)); err != nil { // before it exists, or a neighbour could sweep it away
		return nil, err
	}
	if template == "" {
		if err := migrate.InitDB(ctx, server.String(), c.name); err != nil {
			return nil, err
		}
		return c, shareAuth(ctx, c.conn, server)
	}
	for _, statement := range []string{ // a template does not pass on rights to the database itself
		fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s OWNER %s`, c.name, template, migrate.OwnerRole),
		fmt.Sprintf(`REVOKE ALL ON DATABASE %s FROM PUBLIC`, c.name),
		fmt.Sprintf(`GRANT CONNECT ON DATABASE %s TO %s`, c.name, migrate.AppRole),
	} {
		if _, err = c.conn.Exec(ctx, statement); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// drop removes the clone with whatever is still connected to it.
func (c *clone) drop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	defer c.conn.Close(ctx)
	_, err := c.conn.Exec(ctx, `DROP DATABASE IF EXISTS `+c.name+` WITH (FORCE)`)
	return err
}

// sweep drops the clones whose process is gone.
func sweep(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE datname LIKE $1`, clonePrefix+"%")
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		var free bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, cloneLock(name)).Scan(&free); err != nil {
			return err
		}
		if !free {
			continue
		}
		if _, err := conn.Exec(ctx, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, cloneLock(name)); err != nil {
			return err
		}
	}
	return nil
}

func lock(ctx context.Context, conn *pgx.Conn, key int64) error {
	_, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, key)
	return err
}

// cloneLock is FNV-1a of the name.
func cloneLock(name string) int64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return int64(h)
}
