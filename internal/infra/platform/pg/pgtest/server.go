package pgtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"testing"

	"digit/internal/infra/platform/pg/cluster"
)

// serverURL is the superuser's address of the test server, which is started if none is named. The caller holds the
// process's lock.
func serverURL(ctx context.Context, t testing.TB) *url.URL {
	t.Helper()
	if !process.main {
		t.Fatal("pgtest: add `func TestMain(m *testing.M) { pgtest.Main(m) }` to this package's tests, so that its database is dropped at the end")
	}
	if process.server == nil && process.err == nil {
		process.server, process.err = findServer(ctx)
	}
	if process.err != nil {
		t.Fatalf("pgtest: %v", process.err)
	}
	return process.server
}

func findServer(ctx context.Context) (*url.URL, error) {
	raw := os.Getenv(Env)
	if raw == "" {
		if err := startServer(ctx); err != nil {
			return nil, fmt.Errorf("%s is not set, and no server could be started: %w", Env, err)
		}
		raw = process.cluster.SuperURL()
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return nil, fmt.Errorf("%s is not a postgres:// URL", Env)
	}
	return u, nil
}

// startServer runs a PostgreSQL that may lose everything, in a folder for temporary files that its user can reach.
func startServer(ctx context.Context) error {
	var failed error
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir, err := os.MkdirTemp(parent, "digit-pgtest-")
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL may run as somebody else
			return err
		}
		process.cluster, err = cluster.Start(ctx, cluster.Options{DataDir: dir, Log: slog.New(slog.DiscardHandler)})
		if err == nil {
			process.dir = dir
			return nil
		}
		failed = errors.Join(failed, err, os.RemoveAll(dir))
	}
	return failed
}

// stopServer ends what startServer began.
func stopServer() error {
	if process.cluster == nil {
		return nil
	}
	return errors.Join(process.cluster.Stop(context.Background()), os.RemoveAll(process.dir))
}
