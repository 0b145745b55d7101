package clamd_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"

	"digit/internal/infra/document/clamd"
	"digit/internal/infra/document/documenttest"
)

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
	c := client(t, documenttest.Clamd(t))
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
		"the test file":       {documenttest.Eicar, "Test.Eicar.UNOFFICIAL"},
		"the test file later": {strings.Repeat("x", 200_000) + documenttest.Eicar, "Test.Eicar.UNOFFICIAL"},
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
