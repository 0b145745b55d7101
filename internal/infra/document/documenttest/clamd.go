package documenttest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Eicar is the string that every scanner takes for malicious (eicar.org), in two parts, for scanners read this too.
var Eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// Clamd starts a real ClamAV daemon that knows one signature, Eicar's, and returns its address. It ends with the test,
// which is skipped where there is no clamd.
func Clamd(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/clamd")
	}
	if err != nil {
		t.Skip("no clamd here: scripts/need.sh peers installs it")
	}
	dir, err := os.MkdirTemp("", "clamd") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("own.ndb", "Test.Eicar:0:*:"+hex.EncodeToString([]byte(Eicar))+"\n")
	config := write("clamd.conf", fmt.Sprintf(
		"DatabaseDirectory %s\nLocalSocket %s\nForeground yes\nTemporaryDirectory %s\nStreamMaxLength 2M\nAlertExceedsMax yes\nMaxScanSize 1M\nOfficialDatabaseOnly no\n", dir, socket, dir))
	var said bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "--config-file="+config)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
			return "unix:" + socket
		}
		if time.Now().After(deadline) {
			t.Fatalf("clamd does not come up: %v\n%s", err, said.String())
		}
	}
}
