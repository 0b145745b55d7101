package migrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	gomigrate "github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	pgxmigrate "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/rivermigrate"
)

// locked runs work while this process alone migrates the database. The lock is polled: a process that blocked in
// pg_advisory_lock would hold a snapshot for which CREATE INDEX CONCURRENTLY waits for ever.
func locked(ctx context.Context, url string, work func(conn *pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // lets go of the lock, too
	for {
		var got bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(lockKey)).Scan(&got); err != nil {
			return err
		}
		if got {
			return work(conn)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("another process is migrating: %w", ctx.Err())
		case <-time.After(lockInterval):
		}
	}
}

// withModule opens one module's migrations on a connection of their own (the library closes it) with the settings of conn.
func withModule(ctx context.Context, conn *pgx.Conn, files fs.FS, module string, use func(*gomigrate.Migrate) error) (err error) {
	src, err := sourceOf(files, module)
	if err != nil {
		return err
	}
	inner, err := pgxmigrate.WithInstance(stdlib.OpenDB(*conn.Config()), &pgxmigrate.Config{SchemaName: versions, MigrationsTable: module})
	if err != nil {
		return err
	}
	m, err := gomigrate.NewWithInstance("embedded", src, "postgres", &driver{Driver: inner, module: module})
	if err != nil {
		return errors.Join(err, inner.Close())
	}
	stop := context.AfterFunc(ctx, func() { m.GracefulStop <- true })
	defer func() {
		stop()
		srcErr, dbErr := m.Close()
		err = errors.Join(err, srcErr, dbErr)
	}()
	return use(m)
}

// driver lets a transactional file lift its own "dirty" mark. The library marks the version before the file and
// clears it after, in statements of their own, so a crash between would leave a doubt; here mark and file are one.
type driver struct {
	database.Driver
	module string
}

// Run sends one file.
func (d *driver) Run(file io.Reader) error {
	body, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	if transactional(string(body)) {
		body = fmt.Appendf(body, "\n;UPDATE %s.%s SET dirty = false", versions, pgx.Identifier{d.module}.Sanitize())
	}
	return d.Driver.Run(bytes.NewReader(body))
}

func versionOf(ctx context.Context, conn *pgx.Conn, module string) (version int, dirty bool, err error) {
	table := versions + "." + pgx.Identifier{module}.Sanitize()
	var there bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass($1) IS NOT NULL`, table).Scan(&there); err != nil || !there {
		return 0, false, err
	}
	err = conn.QueryRow(ctx, `SELECT version, dirty FROM `+table).Scan(&version, &dirty)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return version, dirty, err
}

// upQueue brings the job queue's tables to the library's version and lets the application use them.
func upQueue(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `CREATE SCHEMA IF NOT EXISTS `+queueSchema); err != nil {
		return err
	}
	pool, err := poolLike(ctx, conn)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := queueMigrator(pool).Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `
		GRANT USAGE ON SCHEMA river TO digit_app;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA river TO digit_app;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA river TO digit_app;
		REVOKE INSERT, UPDATE, DELETE ON river.river_migration FROM digit_app`)
	return err
}

func queueStatus(ctx context.Context, conn *pgx.Conn) (ModuleStatus, error) {
	all := queueMigrator(nil).AllVersions()
	s := ModuleStatus{Module: queueSchema, Want: all[len(all)-1].Version}
	var there bool
	if err := conn.QueryRow(ctx, `SELECT to_regclass('river.river_migration') IS NOT NULL`).Scan(&there); err != nil || !there {
		return s, err
	}
	err := conn.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM river.river_migration`).Scan(&s.Have)
	return s, err
}

func poolLike(ctx context.Context, conn *pgx.Conn) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	cfg.ConnConfig = conn.Config()
	cfg.MaxConns = 2
	return pgxpool.NewWithConfig(ctx, cfg)
}
