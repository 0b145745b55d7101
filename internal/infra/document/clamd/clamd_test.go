package clamd_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"digit/internal/infra/document/clamd"
)

// eicar is the string that every scanner takes for malicious (eicar.org), in two parts, for scanners read this too.
var eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// daemon starts a real clamd with one signature of its own, and returns its address.
func daemon(t *testing.T) string {
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
	write("own.ndb", "Test.Eicar:0:*:"+hex.EncodeToString([]byte(eicar))+"\n")
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

func client(t *testing.T, address string) *clamd.Client {
	t.Helper()
	c, err := clamd.New(address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestDaemon asks the real one.
func TestDaemon(t *testing.T) {
	t.Parallel()
	c := client(t, daemon(t))
	version, err := c.Version(t.Context())
	if err != nil || !strings.HasPrefix(version, "ClamAV") {
		t.Errorf("it says it is %q, %v", version, err)
	}
	for name, in := range map[string]struct {
		content string
		want    string
	}{
		"nothing":             {"", ""},
		"a word":              {"bom dia", ""},
		"many pieces":         {strings.Repeat("bom dia ", 100_000), ""},
		"the test file":       {eicar, "Test.Eicar.UNOFFICIAL"},
		"the test file later": {strings.Repeat("x", 200_000) + eicar, "Test.Eicar.UNOFFICIAL"},
		"more than it scans":  {strings.Repeat("y", 1_500_000), "Heuristics.Limits.Exceeded.MaxScanSize"},
	} {
		got, err := c.Scan(t.Context(), iotest.HalfReader(strings.NewReader(in.content)))
		if err != nil || got != in.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, in.want)
		}
	}
	if _, err := c.Scan(t.Context(), strings.NewReader(strings.Repeat("z", 5<<20))); !errors.Is(err, clamd.ErrAway) {
		t.Errorf("more than it listens to: %v", err)
	}
	broke := errors.New("broke")
	if _, err := c.Scan(t.Context(), iotest.ErrReader(broke)); !errors.Is(err, broke) {
		t.Errorf("content that cannot be read: %v", err)
	}
}

// TestNoVerdict: whatever does not say OK or names what it found has not said that a file is clean.
func TestNoVerdict(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{
		"nothing": "", "half a word": "stream: O", "no end": "stream: OK", "an error": "INSTREAM size limit exceeded. ERROR\x00",
		"something else": "PONG\x00", "another language": "HTTP/1.1 200 OK\r\n\r\n\x00",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = io.ReadAtLeast(conn, make([]byte, 64), 15)
				_, _ = io.WriteString(conn, says)
				conn.Close()
			}
		}()
		c := client(t, "tcp:"+listener.Addr().String())
		if finding, err := c.Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, clamd.ErrAway) || finding != "" {
			t.Errorf("it says %s: %q, %v", name, finding, err)
		}
		listener.Close()
		if _, err := c.Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, clamd.ErrAway) {
			t.Errorf("nobody is there: %v", err)
		}
		if _, err := c.Version(context.Background()); !errors.Is(err, clamd.ErrAway) {
			t.Errorf("nobody is there: %v", err)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, good := range map[string]bool{
		"unix:/run/clamav/clamd.ctl": true, "tcp:scanner.example:3310": true, "": false, "unix:": false, "/run/clamav/clamd.ctl": false, "http://scanner": false,
	} {
		if _, err := clamd.New(address); good != (err == nil) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
