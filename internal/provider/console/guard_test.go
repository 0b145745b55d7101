package console_test

import (
	"context"
	"errors"
	"testing"

	"digit/internal/infra/platform/migrate"
	"digit/internal/infra/platform/pg/pgtest"
	"digit/internal/provider/console"
)

// scanner plays one that is there, or away.
type scanner struct{ err error }

func (s scanner) Version(context.Context) (string, error) { return "ClamAV 1.4.3", s.err }

// TestGuards: what keeps people safe and is the operator's to set up is asked for where real people come.
func TestGuards(t *testing.T) {
	t.Parallel()
	owner, app := pgtest.Scratch(t)
	if err := migrate.Up(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	db := pgtest.Open(t, app)
	look := func(d console.Deps) map[string]string {
		t.Helper()
		d.Encryption, d.Notification, d.Audit, d.URL = outside{}, outside{}, outside{}, app
		said := map[string]string{}
		for _, c := range console.New(d).Health(t.Context(), db) {
			if c.Tenant == "" {
				said[c.Name] = string(c.State) + " " + c.Code
			}
		}
		return said
	}
	demo := look(console.Deps{PublicURL: "http://localhost:8080"})
	if demo["scanner"] != "ok scanner.unneeded" || demo["address"] != "ok address.ok" {
		t.Errorf("a demonstration: %v", demo)
	}
	pgtest.Tenant(t, db) // a real state
	for name, c := range map[string]struct {
		deps             console.Deps
		scanner, address string
	}{
		"nothing set up":  {console.Deps{PublicURL: "http://services.example"}, "warn scanner.none", "warn address.clear"},
		"all set up":      {console.Deps{PublicURL: "https://services.example", Scanner: scanner{}}, "ok scanner.ok", "ok address.ok"},
		"a scanner away":  {console.Deps{PublicURL: "https://services.example", Scanner: scanner{errors.New("away")}}, "fail scanner.away", "ok address.ok"},
		"nothing is told": {console.Deps{Scanner: scanner{}}, "ok scanner.ok", "warn address.clear"},
	} {
		if got := look(c.deps); got["scanner"] != c.scanner || got["address"] != c.address {
			t.Errorf("%s: %s, %s", name, got["scanner"], got["address"])
		}
	}
	if got := demo["database"]; got != "ok database.ok" {
		t.Errorf("the database on this machine: %s", got)
	}
}
