package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// dieWithUs has the system send sig to a child when the thread that starts it ends, as it does when we are killed.
func dieWithUs(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// serves reports whether the process is alive and a server in this cluster.
func serves(pid int, pgdata string) bool { return slices.Contains(workers(pgdata), pid) }

// workers returns the processes of PostgreSQL that work in the cluster. They have it as their working folder; a dead
// one that nobody has reaped yet has none.
func workers(pgdata string) []int {
	procs, _ := filepath.Glob("/proc/[0-9]*") // fails only for a bad pattern
	var pids []int
	for _, proc := range procs {
		if cwd, err := os.Readlink(filepath.Join(proc, "cwd")); err != nil || cwd != pgdata {
			continue
		}
		// Somebody's shell may stand in the folder too.
		name, err := os.ReadFile(filepath.Join(proc, "comm"))
		if pid, numErr := strconv.Atoi(filepath.Base(proc)); err == nil && numErr == nil && strings.HasPrefix(string(name), "postgres") {
			pids = append(pids, pid)
		}
	}
	return pids
}
