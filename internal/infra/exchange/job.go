package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/outbound"
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
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.deliver)
	job.Add(r, s.ping)
	job.Add(r, s.fetchAll)
	job.Every(r, keysEvery, KeysArgs{})
}

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
	if err != nil && out != nil {
		noted := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error { return noteAttempt(ctx, tx, out.message.id, out.problem) })
		if noted != nil {
			return noted
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
	header  http.Header
	body    []byte
	problem string // of an attempt in vain
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
		hear := s.onResponse
		if GivesOpinions(m.service) != "" {
			hear = s.onOpinion
		}
		if err := hear(ctx, tx, r); err != nil {
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
	if route.Provider != "" {
		return s.handProvider(ctx, tx, route, m, plain)
	}
	if route.Endpoint != Local {
		return &outgoing{message: m, url: route.Endpoint, header: webhook.Sign(route.Key, m.id.String(), tx.Wall, plain), body: plain}, nil
	}
	var r ServiceRequest
	if err := json.Unmarshal(plain, &r); err != nil {
		return nil, err
	}
	if r.Opinion != nil {
		r.Person = m.person
	}
	if err := s.onRequest(ctx, tx, r); err != nil {
		return nil, err
	}
	return nil, s.done(ctx, tx, m, "")
}

// handProvider returns what is to be posted to a registered provider. While it is suspended, messages wait for ResumeProvider.
func (s *Service) handProvider(ctx context.Context, tx *pg.Tx, route Route, m message, plain []byte) (*outgoing, error) {
	p, err := getProvider(ctx, tx, route.Provider)
	if err != nil || p.State == ProviderSuspended {
		return nil, err
	}
	if err := noteProvider(ctx, tx, m.id, p.Code); err != nil {
		return nil, err
	}
	header, err := s.signed(ctx, tx, p, m.id.String(), plain)
	if err != nil {
		return nil, err
	}
	return &outgoing{message: m, url: p.Endpoint, header: header, body: plain}, nil
}

// post sends a request to a foreign agency, signed. The message's id lets the other side know a second delivery of the same
// message.
func (s *Service) post(ctx context.Context, o *outgoing) error {
	status, _, _, err := s.call(ctx, o)
	if err != nil {
		o.problem = ProblemUnreachable
		if errors.Is(err, outbound.ErrAddress) || errors.Is(err, outbound.ErrScheme) {
			o.problem = ProblemAddress
		}
		return ErrForeign.Because(err)
	}
	if status/100 != 2 {
		o.problem = "HTTP " + strconv.Itoa(status)
		return ErrForeign.Because(fmt.Errorf("%s answered %d", parsed(o.url).Host, status))
	}
	return nil
}
