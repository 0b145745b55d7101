//go:build !linux

package cluster

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// dieWithUs does nothing: there is no such service here. A child lives on when we are killed, and the next start ends it.
func dieWithUs(*syscall.SysProcAttr, syscall.Signal) {}

// serves reports whether the process is alive and a server in this cluster.
func serves(pid int, pgdata string) bool { return slices.Contains(workers(pgdata), pid) }

// workers returns the servers that were started on the cluster. Their helpers cannot be told from those of another
// cluster here; PostgreSQL finds them by their shared memory when it starts.
func workers(pgdata string) []int {
	out, err := exec.Command("ps", "-axo", "pid=,stat=,args=").Output()
	if err != nil {
		return nil
	}
	var pids []int
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.HasPrefix(fields[1], "Z") || !strings.Contains(line, "postgres -D "+pgdata+" ") {
			continue
		}
		if pid, err := strconv.Atoi(fields[0]); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
