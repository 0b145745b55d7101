package main

import (
	"context"

	"digit/cmd/digit/app"
)

type serveCmd struct {
	Demo bool `help:"Fill an empty database with the demonstration state, with simulators for everything outside."`
}

// Run runs the platform until it is told to stop.
func (c serveCmd) Run(ctx context.Context, cfg *app.Config) error {
	cfg.Demo = c.Demo
	a, err := app.Open(ctx, *cfg)
	if err != nil {
		return err
	}
	return a.Run(ctx)
}
