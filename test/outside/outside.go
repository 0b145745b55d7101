// Package outside runs, for tests, programs by others that ours has to get on with: OpenID providers, a directory server,
// libraries that check what we sign. What comes from npm is listed with exact versions in package.json and installed by
// make needs; what is written in Go is built by it; the rest is the system's.
//
// Where a program is not installed its tests are skipped, except where they were asked for: in continuous integration
// (CI) and where DIGIT_OUTSIDE is set they fail.
package outside

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a program may take to answer for the first time, on a busy machine.
const patience = 60 * time.Second

// here is this folder, in which npm's packages lie, found from where go test runs a package's tests: inside the module.
func here() string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "test", "outside")
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// miss skips a test whose program is not there, or fails it where it was asked for.
func miss(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" || os.Getenv("DIGIT_OUTSIDE") != "" {
		t.Fatalf("%s is not installed, and this test was asked for: run make needs", what)
	}
	t.Skipf("%s is not installed: run make needs", what)
}

// node returns a command that runs a script of this folder, with its input as JSON.
func node(ctx context.Context, t testing.TB, script string, input any) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		miss(t, "node")
	}
	if _, err := os.Stat(filepath.Join(here(), "node_modules", ".package-lock.json")); err != nil {
		miss(t, "what package.json in test/outside lists")
	}
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, program, script)
	cmd.Dir, cmd.Stdin = here(), bytes.NewReader(text)
	return cmd
}

// Ask runs a script of this folder on an input and reads its answer, both JSON.
func Ask(t testing.TB, script string, input, answer any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := node(ctx, t, script, input)
	var said, complained bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complained
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", script, err, said.String(), complained.String())
	}
	if err := json.Unmarshal(said.Bytes(), answer); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, said.String())
	}
}

// child is a program at work.
type child struct {
	cmd   *exec.Cmd
	said  *record
	ended chan struct{} // closed when it has ended
}

// run starts a program and waits until ready says that it answers. It ends with the test at the latest.
func run(t testing.TB, cmd *exec.Cmd, ready func() error) *child {
	t.Helper()
	c := &child{cmd: cmd, said: &record{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = c.said, c.said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait() // how it ends is no concern: it is killed
		close(c.ended)
	}()
	t.Cleanup(func() {
		c.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), c.said.String())
		}
	})
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case <-c.ended:
			t.Fatalf("%s ended at once:\n%s", cmd.Path, c.said.String())
		default:
		}
		if err = ready(); err == nil {
			return c
		}
	}
	t.Fatalf("%s does not answer: %v\n%s", cmd.Path, err, c.said.String())
	return nil
}

// stop ends the program and waits until it has.
func (c *child) stop() {
	_ = c.cmd.Process.Kill() // it may have ended by itself
	<-c.ended
}

// record keeps what a program says.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes some of it.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// freePort is a port that nobody listens at.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}

// answers reports whether a page is there.
func answers(url string) error {
	res, err := http.Get(url) //nolint:noctx // the caller counts the time
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		err = errors.New(res.Status)
	}
	return errors.Join(err, res.Body.Close())
}

// lines joins lines of a configuration.
func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }
