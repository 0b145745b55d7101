package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/pg/cluster"
)

// databaseName is the database's name in the private cluster.
const databaseName = "digit"

// Database is where the process keeps everything: a server of its own, or one it was given.
type Database struct {
	AppURL   string
	OwnerURL string           // "" where migrations are the operator's
	Cluster  *cluster.Cluster // nil for a given server
}

// OpenDatabase starts the private server, or takes the given one, without migrating.
func OpenDatabase(ctx context.Context, c Config, log *slog.Logger) (d Database, err error) {
	if c.DatabaseURL != "" {
		return Database{AppURL: c.DatabaseURL, OwnerURL: c.OwnerURL}, nil
	}
	dir, err := c.DataDir()
	if err != nil {
		return d, err
	}
	d.Cluster, err = cluster.Start(ctx, cluster.Options{DataDir: dir, Binaries: c.Postgres, Fsync: true, Log: log})
	if err != nil {
		return d, err
	}
	if err := migrate.InitDB(ctx, d.Cluster.SuperURL(), databaseName); err != nil {
		return d, errors.Join(err, d.Close(ctx))
	}
	d.AppURL, d.OwnerURL = d.Cluster.URL(migrate.AppRole, databaseName), d.Cluster.URL(migrate.OwnerRole, databaseName)
	return d, nil
}

// Migrate brings the database to this version, or says that somebody has to.
func (d Database) Migrate(ctx context.Context) error {
	if d.OwnerURL != "" {
		return migrate.Up(ctx, d.OwnerURL)
	}
	status, err := migrate.Status(ctx, d.AppURL)
	if err != nil {
		return err
	}
	for _, s := range status {
		if !s.Current() {
			return fmt.Errorf("the database is not at this version (%s): run digit migrate --owner-url=URL, or start with --owner-url", s.Module)
		}
	}
	return nil
}

// Pool opens the connections of the process.
func (d Database) Pool(ctx context.Context, log *slog.Logger) (*pg.DB, error) {
	return pg.Open(ctx, d.AppURL, pg.Options{Log: log})
}

// Died yields an error when the private server stops by itself; it never does for a given server.
func (d Database) Died() <-chan error {
	if d.Cluster == nil {
		return nil
	}
	return d.Cluster.Done()
}

// Close stops the private server.
func (d Database) Close(ctx context.Context) error {
	if d.Cluster == nil {
		return nil
	}
	return d.Cluster.Stop(ctx)
}
