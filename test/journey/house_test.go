package journey_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"digit/test/browser"
)

// house is one running platform with the demonstration state.
type house struct {
	url, dir string
	cmd      *exec.Cmd
	ended    chan error
	doors    sync.Map // an address, and the mutex of those who sign in with it
}

var (
	binary string
	// shared is the platform that all journeys use but those that move its clock.
	shared *house
)

const (
	startTime = 90 * time.Second
	stopTime  = 20 * time.Second
	// memoryLimit is what the platform's own process may hold after the journeys.
	memoryLimit = 150 << 20
)

// chromium is looked for before anything is started: nothing here is skipped for want of it.
func chromium() error {
	for _, name := range []string{os.Getenv("DIGIT_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if _, err := exec.LookPath(name); name != "" && err == nil {
			return os.Setenv("DIGIT_BROWSER", "required")
		}
	}
	return errors.New("the journeys need Chromium: install the package chromium, or set DIGIT_CHROMIUM to the program")
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	if err := chromium(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "journey")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// PostgreSQL runs as another user where the tests run as root, and must be able to pass through.
	if err := os.Chmod(dir, 0o711); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if binary, err = findBinary(dir); err == nil {
		shared, err = startHouse(filepath.Join(dir, "shared"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code = browser.Run(m)
	rss, err := shared.memory()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		code = 1
	case rss > memoryLimit:
		fmt.Fprintf(os.Stderr, "FAIL: the process holds %d MiB after the journeys; %d MiB are allowed\n", rss>>20, memoryLimit>>20)
		code = 1
	default:
		fmt.Fprintf(os.Stderr, "the process holds %d MiB after the journeys\n", rss>>20)
	}
	found, err := shared.leaks()
	if err != nil {
		found = append(found, err.Error())
	}
	for _, leak := range found {
		fmt.Fprintln(os.Stderr, "FAIL:", leak)
		code = 1
	}
	if err := shared.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "FAIL:", err)
		code = 1
	}
	if code != 0 {
		shared.keepLog(os.Stderr)
	}
	return code
}

// findBinary returns DIGIT_BIN, or builds the product as make build does.
func findBinary(dir string) (string, error) {
	if bin := os.Getenv("DIGIT_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	bin := filepath.Join(dir, "digit")
	cmd := exec.Command("go", "build", "-o", bin, "digit/cmd/digit")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build digit: %w\n%s", err, out)
	}
	return bin, nil
}

// startHouse runs the product on a free port with an empty data folder and waits until it is ready.
func startHouse(dir string) (*house, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	h := &house{url: "http://localhost:" + port, dir: dir, ended: make(chan error, 1)}
	h.cmd = exec.Command(binary, "serve", "--demo", "--data", filepath.Join(dir, "data"), "--listen", "localhost:"+port)
	h.cmd.Stdout, h.cmd.Stderr = log, log
	for _, v := range os.Environ() {
		// A database of the surroundings must not become that of the journeys.
		if !strings.HasPrefix(v, "DATABASE_URL=") && !strings.HasPrefix(v, "DIGIT_") {
			h.cmd.Env = append(h.cmd.Env, v)
		}
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { h.ended <- h.cmd.Wait() }()
	err = h.ready()
	if err == nil {
		err = h.decisionsWait(0)
	}
	if err != nil {
		h.keepLog(os.Stderr)
		return nil, errors.Join(err, h.stop())
	}
	return h, nil
}

// decisionsWait sets for how many seconds decisions can be undone: most journeys go on with what comes of them at once.
func (h *house) decisionsWait(seconds int) error {
	super, err := h.database()
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(context.Background(), super)
	if err != nil {
		return err
	}
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), `UPDATE tenancy.setting SET undo_seconds = $1`, seconds)
	return err
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func (h *house) ready() error {
	deadline := time.Now().Add(startTime)
	for time.Now().Before(deadline) {
		select {
		case err := <-h.ended:
			h.ended <- err
			return fmt.Errorf("digit ended before it was ready: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+"/readyz", nil)
		if err != nil {
			cancel()
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			res.Body.Close()
		}
		cancel()
		if err == nil && res.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("digit is not ready after %s", startTime)
}

// stop asks the product to end as Ctrl-C does; it must end in good order and in time.
func (h *house) stop() error {
	if err := h.cmd.Process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case err := <-h.ended:
		if err != nil {
			return fmt.Errorf("digit did not end in good order: %w", err)
		}
		return nil
	case <-time.After(stopTime):
		return errors.Join(fmt.Errorf("digit did not end within %s", stopTime), h.cmd.Process.Kill())
	}
}

// keepLog copies what matters of the log: everything but the jobs that were done.
func (h *house) keepLog(w io.Writer) {
	text, err := os.ReadFile(filepath.Join(h.dir, "log"))
	if err != nil {
		fmt.Fprintln(w, err)
		return
	}
	lines := strings.Split(string(text), "\n")
	fmt.Fprintln(w, "--- the log of digit, without what went well ---")
	for _, l := range lines {
		if !strings.Contains(l, "level=INFO") {
			fmt.Fprintln(w, l)
		}
	}
}

// memory is what the platform's own process holds, in bytes.
func (h *house) memory() (int, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(h.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	for l := range strings.Lines(string(status)) {
		if f := strings.Fields(l); len(f) == 3 && f[0] == "VmRSS:" {
			kb, err := strconv.Atoi(f[1])
			return kb << 10, err
		}
	}
	return 0, errors.New("no VmRSS in /proc")
}
