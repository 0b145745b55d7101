package main

import (
	"context"
	"os"

	"digit/internal/infra/document/inspect"
)

// inspectFileCmd is the other side of inspect.Child: the platform runs it for each file that somebody hands in.
type inspectFileCmd struct{}

// Run looks into the file on standard input.
func (inspectFileCmd) Run(ctx context.Context) error { return inspect.Serve(ctx, os.Stdin, os.Stdout) }
