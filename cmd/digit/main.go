// Command digit is the whole platform: one binary beside PostgreSQL. See README.md for the two commands to begin with.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"digit/cmd/digit/app"
	"digit/cmd/digit/sbom"
	"digit/web/asset"
)

// version is set by the build (make build).
var version = "development"

// cli is the command line; every flag is also an environment variable with the prefix DIGIT_.
type cli struct {
	app.Config

	Serve   serveCmd   `cmd:"" help:"Run the platform."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to this version, or show where it stands."`
	Doctor  doctorCmd  `cmd:"" help:"Say what works and what does not; exits with 1 when something is wrong."`
	Admin   adminCmd   `cmd:"" help:"Acts of the operator."`
	Audit   auditCmd   `cmd:"" help:"Check the audit trail."`
	SBOM    sbomCmd    `cmd:"" name:"sbom" help:"Print what the program is made of (CycloneDX)."`
	Keys    keysCmd    `cmd:"" help:"See and change keys."`
	Pack    packCmd    `cmd:"" help:"Check, test and compare services written as files."`
	Version versionCmd `cmd:"" help:"Print the version."`

	InspectFile inspectFileCmd `cmd:"" hidden:""`
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("digit", version)
	return nil
}

type sbomCmd struct{}

// Run prints the bill of materials.
func (sbomCmd) Run() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program does not know what it was built from")
	}
	return sbom.Write(os.Stdout, info, version, asset.Notice())
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	k := kong.Parse(&c, kong.Name("digit"), kong.UsageOnError(), kong.DefaultEnvars("DIGIT"),
		kong.Description("Public service delivery for a small state: one binary and PostgreSQL."))
	k.BindTo(ctx, (*context.Context)(nil))
	c.Config.Version = version
	if program, err := os.Executable(); err == nil {
		c.Program = program
	}
	err := k.Run(&c.Config)
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "digit:", err)
		os.Exit(1)
	}
}
