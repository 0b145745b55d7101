package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
)

const (
	sendTimeout = 15 * time.Second
	// mailEvery is how often an e-mail address gets a checkpoint at most; files and URLs get one an hour.
	mailEvery = 24 * time.Hour
)

// What keeps a checkpoint from arriving.
const (
	failWrite       = "unwritable"  // the file cannot be written
	failUnreachable = "unreachable" // nobody answers at the URL
	failRefused     = "refused"     // whoever answers does not take it
	failMail        = "mail"        // no message could be written
)

// parcel is a checkpoint on its way.
type parcel struct {
	slug       string
	checkpoint Checkpoint
	keys       []PublicKey
	sinks      []SinkState
}

// Push sends the latest checkpoint to every place outside that does not have it yet. What does not arrive is noted and
// tried again next time; that is no error of Push.
func (s *Service) Push(ctx context.Context, db *pg.DB, tenant uuid.UUID) (err error) {
	defer fault.Wrap(&err, "audit.Push(%s)", tenant)
	scope := pg.Scope{Tenant: tenant, Actor: pg.System()}
	var p parcel
	err = db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System(), ReadOnly: true}, func(ctx context.Context, tx *pg.Tx) error {
		p, err = s.pack(ctx, tx)
		return err
	})
	if err != nil || p.checkpoint.Size == 0 {
		return err
	}
	for _, sink := range p.sinks {
		failure := ""
		if sink.Kind != SinkEmail {
			failure = s.send(ctx, sink.Sink, p)
		}
		err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
			if sink.Kind == SinkEmail {
				if err := s.deps.Mail.SendCheckpoint(ctx, tx, sink.Address, p.checkpoint, p.keys); err != nil {
					return err
				}
			}
			return insertDelivery(ctx, tx, sink.Label(), p.checkpoint.Size, failure)
		})
		if err != nil && sink.Kind == SinkEmail {
			err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
				return insertDelivery(ctx, tx, sink.Label(), p.checkpoint.Size, failMail)
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pack gathers what is to be sent, and where to.
func (s *Service) pack(ctx context.Context, tx *pg.Tx) (p parcel, err error) {
	p.checkpoint, err = latestCheckpoint(ctx, tx)
	if errors.Is(err, ErrPending) {
		return parcel{}, nil
	}
	if err != nil {
		return p, err
	}
	if p.keys, err = s.Keys(ctx, tx); err != nil {
		return p, err
	}
	var all []Sink
	if p.slug, all, err = s.sinks(ctx, tx); err != nil {
		return p, err
	}
	states, err := sinkStates(ctx, tx, all)
	for _, sink := range states {
		switch {
		case sink.Failure == "" && sink.Size == p.checkpoint.Size: // it has it
		case sink.Kind == SinkEmail && (s.deps.Mail == nil || tx.Wall.Sub(sink.Arrived) < mailEvery):
		case sink.Kind == SinkHTTPS && s.deps.Client == nil:
		default:
			p.sinks = append(p.sinks, sink)
		}
	}
	return p, err
}

// send hands a checkpoint over and returns the code of what went wrong.
func (s *Service) send(ctx context.Context, sink Sink, p parcel) string {
	if sink.Kind == SinkFile {
		if err := writeOut(sink.Address, p); err != nil {
			return failWrite
		}
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, sink.Address, strings.NewReader(p.checkpoint.Note))
	if err != nil {
		return failUnreachable
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	res, err := s.deps.Client.Do(req)
	if err != nil {
		return failUnreachable
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
	switch {
	case err != nil:
		return failUnreachable
	case res.StatusCode < 200 || res.StatusCode > 299:
		return failRefused
	}
	return ""
}

// writeOut appends the checkpoint to the tenant's file in a folder and leaves the keys beside it, each in a file that is
// written once: a folder that only lets files grow takes both.
func writeOut(folder string, p parcel) error {
	for i, key := range p.keys {
		name := filepath.Join(folder, fmt.Sprintf("%s-%s.pem", p.slug, strings.Split(key.Line, "+")[1]))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := writeAll(f, p.keys[i].PEM); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(filepath.Join(folder, p.slug+".checkpoints"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return writeAll(f, p.checkpoint.Note+"\n")
}

func writeAll(f *os.File, text string) error {
	_, err := f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// Finish brings the log of a tenant up to date and sends its checkpoint outside, before a process stops: nothing is left
// that only the database tells of.
func (s *Service) Finish(ctx context.Context, db *pg.DB, tenant uuid.UUID) (err error) {
	defer fault.Wrap(&err, "audit.Finish(%s)", tenant)
	err = db.InTx(ctx, pg.Scope{Tenant: tenant, Actor: pg.System()}, func(ctx context.Context, tx *pg.Tx) error {
		_, err := s.Sequence(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return s.Push(ctx, db, tenant)
}
