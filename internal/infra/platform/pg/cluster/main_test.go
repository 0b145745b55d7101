package cluster_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/internal/infra/platform/pg/cluster"
)

const (
	appDirVar   = "CLUSTER_TEST_APP_DIR"   // the test binary is to be an app with this data folder
	ordinaryVar = "CLUSTER_TEST_ORDINARY"  // the tests are running once more, as an ordinary user
	appAddress  = "http://localhost:12345" // what the app says of itself
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(appDirVar); dir != "" {
		if err := runApp(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if template.dir != "" {
		if err := os.RemoveAll(filepath.Dir(template.dir)); err != nil {
			fmt.Println("error:", err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// runApp is a small DIGIT: it starts its cluster, says so, and stops it last when it is told to end.
func runApp(dir string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	c, err := cluster.Start(ctx, options(dir))
	if err != nil {
		return err
	}
	if err := c.WriteAddress(appAddress); err != nil {
		return err
	}
	pid, err := postmaster(dir)
	if err != nil {
		return err
	}
	fmt.Println("ready", pid)
	select {
	case err := <-c.Done():
		return err
	case <-ctx.Done():
	}
	time.Sleep(300 * time.Millisecond) // requests drain
	conn, err := pgx.Connect(context.Background(), c.SuperURL())
	if err != nil {
		return fmt.Errorf("the database was gone before the app had finished: %w", err)
	}
	if err := conn.Close(context.Background()); err != nil {
		return err
	}
	return c.Stop(context.Background())
}

// app is a runApp in a process of its own.
type app struct {
	cmd        *exec.Cmd
	out        *bufio.Scanner
	postmaster int
}

func startApp(t *testing.T, dir string) *app {
	t.Helper()
	a := &app{cmd: exec.Command(os.Args[0])}
	a.cmd.Env = append(os.Environ(), appDirVar+"="+dir)
	a.cmd.Stderr = os.Stderr
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	pipe, err := a.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.cmd.Process.Kill() })
	a.out = bufio.NewScanner(pipe)
	a.out.Scan()
	pid, ok := strings.CutPrefix(a.out.Text(), "ready ")
	if !ok {
		t.Fatalf("the app says %q", a.out.Text())
	}
	if a.postmaster, err = strconv.Atoi(pid); err != nil {
		t.Fatal(err)
	}
	return a
}

// rest returns what the app still had to say, after it ended.
func (a *app) rest() (string, error) {
	var lines []string
	for a.out.Scan() {
		lines = append(lines, a.out.Text())
	}
	return strings.Join(lines, "\n"), a.cmd.Wait()
}

func options(dir string) cluster.Options {
	return cluster.Options{DataDir: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

// dataDir returns a fresh folder that any user can reach; t.TempDir is closed to the server's user.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cluster")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return filepath.Join(dir, "data")
}

// template is a cluster that was made once; initdb is what costs most in these tests.
var template struct {
	sync.Once
	dir string
	bin string
	err error
}

// madeDir returns the data folder of a cluster that was made before and stopped in good order.
func madeDir(t *testing.T) string {
	t.Helper()
	template.Do(func() {
		parent, err := os.MkdirTemp("", "cluster")
		if err != nil {
			template.err = err
			return
		}
		template.dir = filepath.Join(parent, "data")
		if template.err = os.Chmod(parent, 0o755); template.err != nil {
			return
		}
		c, err := cluster.Start(context.Background(), options(template.dir))
		if err != nil {
			template.err = err
			return
		}
		template.bin, template.err = c.Binaries(), c.Stop(context.Background())
	})
	if template.err != nil {
		t.Fatal(template.err)
	}
	dir := dataDir(t)
	if out, err := exec.Command("cp", "-Rp", template.dir, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

func start(t *testing.T, opt cluster.Options) *cluster.Cluster {
	t.Helper()
	begin := time.Now()
	c, err := cluster.Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started PostgreSQL %s in %s", c.Version(), time.Since(begin).Round(time.Millisecond))
	t.Cleanup(func() { _ = c.Stop(context.Background()) }) // most tests have stopped it and looked at the error
	return c
}

func stop(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	if err := c.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// query runs one statement over url and returns the one text it answers.
func query(t *testing.T, url, sql string) (answer string, err error) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.Background())
	err = conn.QueryRow(t.Context(), sql).Scan(&answer)
	return answer, err
}

func mustQuery(t *testing.T, url, sql string) string {
	t.Helper()
	answer, err := query(t, url, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

func exe(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// postmaster returns the server's process number.
func postmaster(dir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

func mustPostmaster(t *testing.T, dir string) int {
	t.Helper()
	pid, err := postmaster(dir)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// eventually waits for a condition that another process brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in 30 seconds it did not come true that %s", what)
		}
	}
}

func gone(pid int) bool { return syscall.Kill(pid, 0) != nil }
