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
// crash in between undoes both; what the handler refuses for good is kept with the message as its failure.
func (s *Service) deliver(ctx context.Context, db *pg.DB, j *river.Job[DeliverArgs]) error {
	scope := pg.Scope{Tenant: j.Args.TenantID, Actor: pg.Actor{Kind: "system"}}
	var out *outgoing
	err := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		out, err = s.hand(ctx, tx, j.Args.Message)
		return err
	})
	if err == nil && out != nil {
		if err = s.post(ctx, out); err == nil {
			return db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
				return setDelivered(ctx, tx, j.Args.Message)
			})
		}
	}
	if f := fault.Of(err); f != nil && final(f.Kind) {
		failed := db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
			return setFailed(ctx, tx, j.Args.Message, f.Code)
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
	id   uuid.UUID
	url  string
	key  []byte
	body []byte
}

// hand delivers locally, or returns what is to be posted. A message that is not the first of its request's queue
// waits for those before it.
func (s *Service) hand(ctx context.Context, tx *pg.Tx, id uuid.UUID) (*outgoing, error) {
	m, err := getMessage(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	first, err := head(ctx, tx, m.requestID, m.direction)
	if err != nil {
		return nil, err
	}
	// The row was read before the lock was held: whether it is still queued is what the queue says.
	if first != id {
		if again, err := getMessage(ctx, tx, id); err != nil || !again.queued {
			return nil, err
		}
		return nil, river.JobSnooze(patience)
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
		return nil, setDelivered(ctx, tx, id)
	}
	return s.handRequest(ctx, tx, m, plain)
}

func (s *Service) handRequest(ctx context.Context, tx *pg.Tx, m message, plain []byte) (*outgoing, error) {
	route, err := s.route(ctx, tx, m.service)
	if err != nil {
		return nil, err
	}
	if route.Endpoint != Local {
		return &outgoing{id: m.id, url: route.Endpoint, key: route.Key, body: plain}, nil
	}
	var r ServiceRequest
	if err := json.Unmarshal(plain, &r); err != nil {
		return nil, err
	}
	if err := s.onRequest(ctx, tx, r); err != nil {
		return nil, err
	}
	return nil, setDelivered(ctx, tx, m.id)
}

// post sends a request to a foreign agency, signed by the shared secret. The message's id lets the other side know a
// second delivery of the same message.
func (s *Service) post(ctx context.Context, o *outgoing) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.url, bytes.NewReader(o.body))
	if err != nil {
		return err
	}
	req.Header = webhook.Sign(o.key, o.id.String(), clock.Now(), o.body)
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
