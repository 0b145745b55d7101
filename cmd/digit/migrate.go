package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"digit/cmd/digit/app"
	"digit/internal/infra/platform/migrate"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" default:"1" help:"Bring the database to this version."`
	Status migrateStatusCmd `cmd:"" help:"Show where each module's schema stands."`
	Force  migrateForceCmd  `cmd:"" help:"Say that a module's schema stands at a version, after mending it by hand."`
}

type migrateUpCmd struct{}

// Run migrates.
func (migrateUpCmd) Run(ctx context.Context, c *app.Config) error {
	return withDatabase(ctx, c, func(ctx context.Context, d app.Database) error {
		if d.OwnerURL == "" {
			return errors.New("give the database as its owner: --owner-url=postgres://digit_owner@…")
		}
		return migrate.Up(ctx, d.OwnerURL)
	})
}

type migrateStatusCmd struct{}

// Run prints a line for each module.
func (migrateStatusCmd) Run(ctx context.Context, c *app.Config) error {
	return withDatabase(ctx, c, func(ctx context.Context, d app.Database) error {
		status, err := migrate.Status(ctx, d.AppURL)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "MODULE\tHAS\tWANTS\tSTATE")
		for _, s := range status {
			state := "current"
			if s.Dirty {
				state = "dirty"
			} else if !s.Current() {
				state = "behind"
			}
			fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", s.Module, s.Have, s.Want, state)
		}
		return w.Flush()
	})
}

type migrateForceCmd struct {
	Module  string `arg:"" help:"Module, such as payment."`
	Version int    `arg:"" help:"Version its schema stands at."`
}

// Run records the version.
func (f migrateForceCmd) Run(ctx context.Context, c *app.Config) error {
	return withDatabase(ctx, c, func(ctx context.Context, d app.Database) error {
		return migrate.Force(ctx, d.OwnerURL, f.Module, f.Version)
	})
}

// withDatabase runs work beside the configured database, and stops it again where it is the process's own.
func withDatabase(ctx context.Context, c *app.Config, work func(context.Context, app.Database) error) (err error) {
	d, err := app.OpenDatabase(ctx, *c, c.Logger())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close(context.WithoutCancel(ctx))) }()
	return work(ctx, d)
}
