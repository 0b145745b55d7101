package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	patience   = 20 * time.Second // for a fast stop, before the server is told to quit
	readyEvery = 10 * time.Millisecond
)

// server is the postgres process, our child.
type server struct {
	cmd      *exec.Cmd
	dir      layout
	logStart int64         // where this run's part of the log begins
	ended    chan struct{} // closed when the process is gone and reaped
	died     chan error    // see Cluster.Done

	mu      sync.Mutex
	halting bool
	cause   error // how it ended
}

func startServer(bin binaries, dir layout, acc accounts, logFile *os.File) (*server, error) {
	start, err := logFile.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	// The socket and the absence of TCP stand on the command line, where no file can overrule them.
	cmd := exec.Command(bin.postgres(), "-D", dir.pgdata, "-k", dir.socket, "-p", port, "-c", "listen_addresses=", "-c", "logging_collector=off")
	cmd.Dir, cmd.Env = "/", serverEnv()
	cmd.Stdout, cmd.Stderr = logFile, logFile
	// A process group of its own: Ctrl-C at the terminal must not reach the server before we have finished.
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: acc.credential(), Setpgid: true}
	dieWithUs(cmd.SysProcAttr, syscall.SIGINT)
	s := &server{cmd: cmd, dir: dir, logStart: start, ended: make(chan struct{}), died: make(chan error, 1)}
	started := make(chan error, 1)
	go func() {
		// The system counts the thread that forked as the child's parent: were that thread to end before the
		// process does, the child would get its parent's-death signal. So the thread stays with us to the end.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			s.end(cmd.Wait())
		}
	}()
	return s, <-started
}

func (s *server) pid() int { return s.cmd.Process.Pid }

// end notes how the process ended and tells those who watch, unless it was asked to end.
func (s *server) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		err = errors.New("exit status 0")
	}
	s.cause = err
	if !s.halting {
		s.died <- problem(ErrDied, err, "PostgreSQL has ended by itself; its last words are in %s.", s.dir.log)
		close(s.died)
	}
	close(s.ended)
}

// waitReady returns when the server takes connections. It reads the status that the server keeps in postmaster.pid,
// since attempts to connect would fill the log with refusals.
func (s *server) waitReady(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	slow := time.NewTicker(10 * time.Second)
	defer slow.Stop()
	for {
		select {
		case <-s.ended:
			return problem(ErrStart, s.cause, "PostgreSQL would not start. The end of its log %s:\n%s", s.dir.log, s.logTail())
		case <-ctx.Done():
			return problem(ErrStart, context.Cause(ctx), "PostgreSQL was not ready in time. The end of its log %s:\n%s", s.dir.log, s.logTail())
		case <-slow.C:
			log.Info("PostgreSQL is still getting ready; after a crash it has work to catch up on", "log", s.dir.log)
		case <-tick.C:
			if pid, status := readPidFile(s.dir.pgdata); pid == s.pid() && status == "ready" {
				return nil
			}
		}
	}
}

// halt asks the server to stop and sees to it that it does. It returns nil if the server stopped in good order
// or had ended before.
func (s *server) halt(ctx context.Context) error {
	s.mu.Lock()
	s.halting = true
	s.mu.Unlock()
	select {
	case <-s.ended:
		return nil
	default:
	}
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if s.signalAndWait(wait, syscall.SIGINT) {
		if s.cmd.ProcessState.Success() {
			return nil
		}
		return fmt.Errorf("PostgreSQL stopped with an error, see %s: %w", s.dir.log, s.cause)
	}
	quit, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience/2)
	defer cancel()
	if !s.signalAndWait(quit, syscall.SIGQUIT) {
		s.signalAndWait(context.WithoutCancel(ctx), syscall.SIGKILL)
	}
	return errors.New("PostgreSQL did not stop in time and was cut off; it will recover at its next start")
}

func (s *server) signalAndWait(ctx context.Context, sig syscall.Signal) bool {
	_ = s.cmd.Process.Signal(sig) // fails only if it is gone, and then ended is closed
	select {
	case <-s.ended:
		return true
	case <-ctx.Done():
		return false
	}
}

// logTail returns the end of what this run wrote into the log.
func (s *server) logTail() string {
	f, err := os.Open(s.dir.log)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, s.logStart, 1<<20))
	if err != nil {
		return err.Error()
	}
	return lastLines(string(text), 15)
}

// readPidFile returns the process number and the status that the server wrote into postmaster.pid; 0 if there is none.
func readPidFile(pgdata string) (pid int, status string) {
	text, err := os.ReadFile(filepath.Join(pgdata, "postmaster.pid"))
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, _ = strconv.Atoi(strings.TrimSpace(lines[0]))
	if len(lines) > 7 {
		status = strings.TrimSpace(lines[7])
	}
	return max(pid, -pid), status // a single-user server writes its number negated
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
