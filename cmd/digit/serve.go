package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

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
	if err := ownTemp(cfg); err != nil {
		return errors.Join(err, a.Close(context.WithoutCancel(ctx)))
	}
	return a.Run(ctx)
}

// leftover is how old a temporary file is that nobody can be using any more: a request takes minutes at most.
const leftover = time.Hour

// ownTemp has what is uploaded wait for its inspection in a folder that nobody else can open. Files go with their request;
// those that a crash left are removed here.
func ownTemp(cfg *app.Config) error {
	dir, err := cfg.DataDir()
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, "tmp")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(temp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftover {
			if err := os.RemoveAll(filepath.Join(temp, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.Setenv("TMPDIR", temp)
}
