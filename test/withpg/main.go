// Command withpg runs a command beside a throw-away PostgreSQL: go run ./test/withpg -- go test ./...
//
// The command finds a superuser's URL in DIGIT_TEST_SERVER. The server is as fast as a server can be that may lose
// everything, and is gone when the command ends, whose exit status becomes ours. If DIGIT_TEST_SERVER is set already,
// the command simply runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"digit/internal/infra/platform/pg/cluster"
)

const env = "DIGIT_TEST_SERVER"

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "usage: withpg [--] COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	code, err := run(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpg:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(args []string) (code int, err error) {
	// Ctrl-C reaches the command by itself; we wait for it to end, and only then stop what it stands on.
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	if os.Getenv(env) != "" {
		return command(ctx, args, nil, nil)
	}
	c, dir, err := startServer(ctx)
	defer func() {
		if dir != "" {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err != nil {
		return 1, err
	}
	code, err = command(ctx, args, c.Done(), []string{env + "=" + c.SuperURL()})
	return code, errors.Join(err, c.Stop(context.Background()))
}

// startServer tries the system's folders for temporary files until one can hold the server: root's own may be closed
// to the user that PostgreSQL runs as.
func startServer(ctx context.Context) (*cluster.Cluster, string, error) {
	var failed error
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir, err := os.MkdirTemp(parent, "digit-test-")
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		if err := os.Chmod(dir, 0o711); err != nil {
			return nil, dir, err
		}
		c, err := cluster.Start(ctx, cluster.Options{
			DataDir: dir,
			Log:     slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
			Settings: map[string]string{
				"max_connections":      "300", // every test package has pools of its own, and they run side by side
				"shared_buffers":       "128MB",
				"max_worker_processes": "8",
			},
		})
		if err == nil || !errors.Is(err, cluster.ErrFolder) {
			return c, dir, err
		}
		failed = errors.Join(failed, err, os.RemoveAll(dir))
	}
	return nil, "", failed
}

// command runs args and returns its exit status. It is ended when the server dies under it, or when we are told to end.
func command(ctx context.Context, args []string, died <-chan error, more []string) (int, error) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), more...)
	if err := cmd.Start(); err != nil {
		return 127, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var lost error
	select {
	case err := <-ended:
		return exitCode(err)
	case lost = <-died:
	case <-ctx.Done():
	}
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may be gone by now
	code, err := exitCode(<-ended)
	return code, errors.Join(lost, err)
}

func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	return 0, err
}
