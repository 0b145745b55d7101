package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
)

// DeliverArgs names the message to deliver.
type DeliverArgs struct {
	job.Tenant
	Message uuid.UUID `json:"message"`
}

// Kind is the job's name.
func (DeliverArgs) Kind() string { return "exchange.deliver" }

// Register registers the delivery job: tried again with growing pauses while the other side is away.
func (s *Service) Register(r *job.Registry) { job.Add(r, s.deliver) }

// deliver hands one message over. A local handler runs in the transaction that marks the message as delivered, so a
// crash in between undoes both; what the handler refuses for good is kept with the message as its failure, and so is
// what still fails at the last attempt, lest it hold up those behind it for ever.
func (s *Service) deliver(ctx context.Context, db *pg.DB, j *river.Job[DeliverArgs]) (err error) {
	defer fault.Wrap(&err, "exchange.deliver(%s)", j.Args.Message)
	scope := job.Scope(j)
	var out *outgoing
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		out, err = s.hand(ctx, tx, j.Args.Message)
		return err
	})
	if err == nil && out != nil {
		if err = s.post(ctx, out); err == nil {
			return db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
				return s.done(ctx, tx, out.message, "")
			})
		}
	}
	if f := fault.Of(err); f != nil && (final(f.Kind) || j.Attempt >= j.MaxAttempts) {
		failed := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
			m, err := getMessage(ctx, tx, j.Args.Message)
			if err != nil {
				return err
			}
			return s.done(ctx, tx, m, f.Code)
		})
		if failed != nil {
			return failed
		}
	}
	return err
}

// final reports whether trying again cannot help.
func final(k fault.Kind) bool {
	return k == fault.KindInvalid || k == fault.KindNotFound || k == fault.KindConflict || k == fault.KindForbidden || k == fault.KindUnsupported
}

// outgoing is a message for a foreign agency.
type outgoing struct {
	message message
	url     string
	key     []byte
	body    []byte
}

// hand delivers locally, or returns what is to be posted. A message that is not the first of its request's queue is
// left alone: the one before it, when it is done, calls it. That it cannot be missed is due to the lock on the first
// one, for which both of them wait.
func (s *Service) hand(ctx context.Context, tx *pg.Tx, id uuid.UUID) (*outgoing, error) {
	m, err := getMessage(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	first, err := head(ctx, tx, m.requestID, m.direction)
	if err != nil {
		return nil, err
	}
	if first != id { // or it was delivered before: the queue says so, read under the lock
		return nil, nil
	}
	plain, err := s.deps.Encryption.Open(ctx, tx, m.person, place(id), m.payload)
	if err != nil {
		return nil, err
	}
	if m.direction == response {
		var r ServiceResponse
		if err := json.Unmarshal(plain, &r); err != nil {
			return nil, err
		}
		if err := s.onResponse(ctx, tx, r); err != nil {
			return nil, err
		}
		return nil, s.done(ctx, tx, m, "")
	}
	return s.handRequest(ctx, tx, m, plain)
}

// done takes a message out of its queue, as delivered or, with a failure's code, as failed, and calls the next one.
func (s *Service) done(ctx context.Context, tx *pg.Tx, m message, failure string) error {
	if err := finish(ctx, tx, m.id, failure); err != nil {
		return err
	}
	next, err := head(ctx, tx, m.requestID, m.direction)
	if err != nil || next == uuid.Nil {
		return err
	}
	return tx.Enqueue(ctx, &DeliverArgs{Message: next})
}

func (s *Service) handRequest(ctx context.Context, tx *pg.Tx, m message, plain []byte) (*outgoing, error) {
	route, err := s.route(ctx, tx, m.service)
	if err != nil {
		return nil, err
	}
	if route.Endpoint != Local {
		return &outgoing{message: m, url: route.Endpoint, key: route.Key, body: plain}, nil
	}
	var r ServiceRequest
	if err := json.Unmarshal(plain, &r); err != nil {
		return nil, err
	}
	if err := s.onRequest(ctx, tx, r); err != nil {
		return nil, err
	}
	return nil, s.done(ctx, tx, m, "")
}

// post sends a request to a foreign agency, signed by the shared secret. The message's id lets the other side know a
// second delivery of the same message.
func (s *Service) post(ctx context.Context, o *outgoing) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, bytes.NewReader(o.body))
	if err != nil {
		return err
	}
	req.Header = webhook.Sign(o.key, o.message.id.String(), clock.Now(), o.body)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.deps.Client.Do(req)
	if err != nil {
		return ErrForeign.Because(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return ErrForeign.Because(fmt.Errorf("%s answered %s", req.URL.Host, resp.Status))
	}
	return nil
}
