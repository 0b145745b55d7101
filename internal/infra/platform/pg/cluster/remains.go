package cluster

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// clearRemains ends whatever an earlier run left working in the cluster, and removes the marks by which PostgreSQL
// would take a dead server for a living one. We hold the folder's lock, so no other DIGIT is using it.
func (c *Cluster) clearRemains(ctx context.Context) error {
	if pid, _ := readPidFile(c.dir.pgdata); pid != 0 && serves(pid, c.dir.pgdata) {
		c.log.Warn("Stopping the PostgreSQL that an earlier run left behind", "pid", pid)
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT} {
			if signalUntil(ctx, sig, []int{pid}, patience, func() bool { return !serves(pid, c.dir.pgdata) }) {
				break
			}
		}
	}
	// What is left now are the helpers of a server that was killed. They notice it by themselves, in a moment.
	idle := func() bool { return len(workers(c.dir.pgdata)) == 0 }
	if !signalUntil(ctx, 0, nil, 5*time.Second, idle) && !signalUntil(ctx, syscall.SIGQUIT, workers(c.dir.pgdata), patience, idle) {
		return problem(ErrStart, context.Cause(ctx), "A PostgreSQL of an earlier run still works in %s and will not end (processes %v). End it and start again.",
			c.dir.pgdata, workers(c.dir.pgdata))
	}
	marks := []string{
		filepath.Join(c.dir.pgdata, "postmaster.pid"),
		filepath.Join(c.dir.socket, socketName+".lock"),
	}
	for _, mark := range marks {
		if err := c.clearMark(mark); err != nil {
			return err
		}
	}
	return nil
}

// signalUntil sends sig to the processes and waits for done; it reports whether done came.
func signalUntil(ctx context.Context, sig syscall.Signal, pids []int, limit time.Duration, done func() bool) bool {
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig) // it may be gone by now, which is what we want
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for !done() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(readyEvery):
		}
	}
	return true
}

// clearMark removes a lock file that names a process which exists but is no server of ours: one that is dead and not
// yet reaped by its parent, or one that got the number later. PostgreSQL asks only whether the number exists and would
// refuse to start. A number that does not exist PostgreSQL clears itself, with more checks than we could make.
func (c *Cluster) clearMark(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if pid = max(pid, -pid); err == nil && pid != 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	c.log.Warn("Removing the mark of a PostgreSQL that is no more", "file", path, "pid", pid)
	return os.Remove(path)
}
