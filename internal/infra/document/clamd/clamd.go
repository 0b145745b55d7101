// Package clamd asks a ClamAV daemon whether content is malicious, by the INSTREAM command of its protocol (clamd(8)): the
// daemon need not see our files, and may run on another machine.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
)

// ErrAway says that the daemon cannot be reached or gives no verdict.
var ErrAway = fault.Unavailable("document.scanner_away")

const (
	patience  = 2 * time.Minute // for one file: daemons load their signatures anew at times
	pieceSize = 64 << 10
)

// Client is a daemon's address.
type Client struct{ network, address string }

// New reads an address: "unix:/run/clamav/clamd.ctl" or "tcp:scanner.example:3310".
func New(address string) (*Client, error) {
	network, rest, ok := strings.Cut(address, ":")
	if !ok || rest == "" || network != "unix" && network != "tcp" {
		return nil, fmt.Errorf("scanner %q must be like unix:/run/clamav/clamd.ctl or tcp:scanner.example:3310", address)
	}
	return &Client{network, rest}, nil
}

// Scan returns the name of what was found in the content, "" for nothing. Errors: ErrAway, and what r answers.
func (c *Client) Scan(ctx context.Context, r io.Reader) (finding string, err error) {
	defer fault.Wrap(&err, "clamd.Scan")
	conn, err := c.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return "", ErrAway.Because(err)
	}
	if err := send(conn, r); err != nil {
		return "", err
	}
	return verdict(conn)
}

// send writes the content in pieces with their lengths; a length of nothing ends it. The daemon may stop listening when it
// has heard enough: what it says then stands in its answer.
func send(conn net.Conn, r io.Reader) error {
	piece := make([]byte, 4+pieceSize)
	for {
		n, err := io.ReadFull(r, piece[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		binary.BigEndian.PutUint32(piece, uint32(n))
		if _, write := conn.Write(piece[:4+n]); write != nil {
			return nil
		}
		if n == 0 {
			return nil
		}
	}
}

func verdict(conn net.Conn) (string, error) {
	said, err := bufio.NewReader(conn).ReadString(0)
	if err != nil {
		return "", ErrAway.Because(err)
	}
	said = strings.TrimPrefix(strings.TrimSuffix(said, "\x00"), "stream: ")
	switch name, found := strings.CutSuffix(said, " FOUND"); {
	case found:
		return name, nil
	case said == "OK":
		return "", nil
	}
	return "", ErrAway.Because(fmt.Errorf("the scanner says %q", said))
}

// Version asks the daemon what it is and how old its signatures are, such as "ClamAV 1.4.3/27812/Mon Nov  2 09:45:32 2026".
// Errors: ErrAway.
func (c *Client) Version(ctx context.Context) (version string, err error) {
	defer fault.Wrap(&err, "clamd.Version")
	conn, err := c.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "zVERSION\x00"); err != nil {
		return "", ErrAway.Because(err)
	}
	version, err = bufio.NewReader(conn).ReadString(0)
	if err != nil {
		return "", ErrAway.Because(err)
	}
	return strings.TrimSuffix(version, "\x00"), nil
}

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return nil, ErrAway.Because(err)
	}
	if err := conn.SetDeadline(clock.Now().Add(patience)); err != nil {
		return nil, errors.Join(ErrAway.Because(err), conn.Close())
	}
	return conn, nil
}
