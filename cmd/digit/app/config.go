// Package app builds the platform: every module once, in plain code, and everything they stand on. The command and the
// browser journeys share it. It decides nothing.
package app

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"

	"digit/internal/infra/audit"
	"digit/internal/infra/encryption"
	"digit/internal/infra/platform/pg/cluster"
)

// Config is how a process is set up. Every field is a flag and an environment variable (DIGIT_LISTEN, …).
type Config struct {
	Listen       string   `default:"localhost:8080" help:"Address to serve on." placeholder:"ADDR"`
	Data         string   `help:"Data folder: the private database, the root key." placeholder:"DIR"`
	PublicURL    string   `name:"public-url" help:"Address people know this site by; http://LISTEN where not given." placeholder:"URL"`
	TLSCert      string   `name:"tls-cert" help:"Certificate chain (PEM), to serve https without a proxy; read anew when it changes." placeholder:"FILE"`
	TLSKey       string   `name:"tls-key" help:"Its private key (PEM)." placeholder:"FILE"`
	Redirect     string   `help:"Address on which pages asked for over http are sent to https, such as :80." placeholder:"ADDR"`
	DatabaseURL  string   `name:"database-url" env:"DATABASE_URL,DIGIT_DATABASE_URL" help:"PostgreSQL to use, as role digit_app; without it, a private one is run in the data folder." placeholder:"URL"`
	OwnerURL     string   `name:"owner-url" help:"The same PostgreSQL as role digit_owner, for migrations at start." placeholder:"URL"`
	Postgres     string   `help:"Folder of the PostgreSQL programs, where they are not found by themselves." placeholder:"DIR"`
	CheckpointTo []string `name:"checkpoint-to" help:"Where checkpoints of the audit log are sent: file:/FOLDER outside the data folder, https://…, mailto:ADDRESS; SLUG= before it for one tenant." placeholder:"PLACE,…"`
	RootKey      string   `name:"root-key" env:"DIGIT_ROOT_KEY_FROM" help:"Where the root key is kept: file:PATH, env, vault:https://HOST/MOUNT/KEY or pkcs11:URI; root.key in the data folder where not given." placeholder:"WHERE"`
	APIRate      int      `name:"api-rate" default:"600" help:"Calls a minute that one machine may make." placeholder:"N"`
	Scanner      string   `help:"ClamAV daemon that looks through what people hand in: unix:/run/clamav/clamd.ctl or tcp:HOST:3310." placeholder:"ADDR"`
	Log          string   `enum:"text,json" default:"text" help:"Form of the log (text or json)."`
	Proxies      []string `name:"trusted-proxies" default:"127.0.0.0/8,::1/128" help:"Addresses and networks of the proxies before this process, whose X-Forwarded-For is believed." placeholder:"CIDR"`
	// OutboundNetworks are what may be called besides the public internet: see package outbound.
	OutboundNetworks []netip.Prefix `name:"outbound-networks" help:"Networks besides the public internet in which identity providers, directories and agencies' systems may be called, by commas (10.0.0.0/8)." placeholder:"CIDR"`

	LogLevel string `name:"log-level" enum:"debug,info,warn,error" default:"info" help:"Least level logged."`

	Demo    bool      `kong:"-"`
	Version string    `kong:"-"`
	Program string    `kong:"-"` // this program's own file, run for each file that is looked into; in this process where ""
	LogTo   io.Writer `kong:"-"` // where the log goes; standard error where nil
	// KeyTimes are how long changes of keys wait for other processes; the defaults where zero.
	KeyTimes encryption.Times `kong:"-"`
}

// DataDir returns the data folder, with its default.
func (c Config) DataDir() (string, error) {
	if c.Data == "" {
		return cluster.DefaultDataDir(), nil
	}
	return filepath.Abs(c.Data)
}

// sinks are the places that checkpoints of the record are sent to. A file in the data folder is refused: who takes the
// folder would take it as well.
func (c Config) sinks() (all []audit.Sink, err error) {
	dir, err := c.DataDir()
	if err != nil {
		return nil, err
	}
	for _, text := range c.CheckpointTo {
		s, err := audit.ParseSink(text)
		if err != nil {
			return nil, fmt.Errorf("checkpoint-to %q is no place: %w", text, err)
		}
		if within, err := filepath.Rel(dir, s.Address); s.Kind == audit.SinkFile && err == nil && filepath.IsLocal(within) {
			return nil, fmt.Errorf("checkpoint-to %q is in the data folder, and must be outside of it", text)
		}
		all = append(all, s)
	}
	return all, nil
}

// Logger returns the process's log.
func (c Config) Logger() *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: level}
	to := c.LogTo
	if to == nil {
		to = os.Stderr
	}
	if c.Log == "json" {
		return slog.New(slog.NewJSONHandler(to, opt))
	}
	return slog.New(slog.NewTextHandler(to, opt))
}
