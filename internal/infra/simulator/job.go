package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"digit/internal/infra/platform/clock"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/job"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/webhook"
)

// WebhookArgs asks for a notice about a charge to be posted.
type WebhookArgs struct {
	job.Tenant
	Ref  uuid.UUID `json:"ref"`
	Type string    `json:"type"` // charge.paid, charge.failed, charge.disputed
}

// Kind is the job's name.
func (WebhookArgs) Kind() string { return "simulator.webhook" }

// SettleArgs asks for a charge to come to its late end.
type SettleArgs struct {
	job.Tenant
	Ref uuid.UUID    `json:"ref"`
	To  ChargeStatus `json:"to"`
}

// Kind is the job's name.
func (SettleArgs) Kind() string { return "simulator.settle" }

// AnswerArgs asks for a foreign agency's answer to be posted.
type AnswerArgs struct {
	job.Tenant
	Case uuid.UUID `json:"case"`
}

// Kind is the job's name.
func (AnswerArgs) Kind() string { return "simulator.answer" }

// ReceivedArgs asks for a foreign agency's word that a request has arrived.
type ReceivedArgs struct {
	job.Tenant
	Case uuid.UUID `json:"case"`
}

// Kind is the job's name.
func (ReceivedArgs) Kind() string { return "simulator.received" }

// Register registers the module's jobs.
func (s *Service) Register(r *job.Registry) {
	job.Add(r, s.tell)
	job.AddTx(r, s.settleLate)
	job.Add(r, s.postReceived)
	job.Add(r, s.postAnswer)
}

// parcel is a signed body on its way.
type parcel struct {
	url, id string
	key     []byte
	body    []byte
}

// tell posts a notice. Its id is the same at every try, its time is not, so that a late try is still fresh.
func (s *Service) tell(ctx context.Context, db *pg.DB, j *river.Job[WebhookArgs]) (err error) {
	defer fault.Wrap(&err, "simulator.webhook(%s)", j.Args.Ref)
	p := parcel{id: "evt_" + j.Args.Ref.String() + "_" + j.Args.Type}
	scope := job.Scope(j)
	err = db.InTx(ctx, scope, func(ctx context.Context, tx *pg.Tx) error {
		c, err := s.Charge(ctx, tx, j.Args.Ref)
		if err != nil {
			return err
		}
		p.url = c.webhookURL
		n := CardNotice{Type: j.Args.Type, Data: CardNoticeData{Ref: c.Ref, Reference: c.Reference, Amount: c.Amount, Failure: c.Failure}}
		if p.body, err = json.Marshal(n); err != nil {
			return err
		}
		p.key, err = s.key(ctx, tx, "cards.webhook")
		return err
	})
	if err != nil {
		return err
	}
	return s.post(ctx, p)
}

// post sends a signed body; anything but a 2xx answer is an error, so that the job tries again.
func (s *Service) post(ctx context.Context, p parcel) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.body))
	if err != nil {
		return err
	}
	req.Header = webhook.Sign(p.key, p.id, clock.Now(), p.body)
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s answered %s", req.URL.Host, resp.Status)
	}
	return nil
}

// settleLate pays what was processing, or disputes what was paid; whatever else it finds was settled before.
func (s *Service) settleLate(ctx context.Context, tx *pg.Tx, args SettleArgs) (err error) {
	defer fault.Wrap(&err, "simulator.settle(%s, %s)", args.Ref, args.To)
	if err := allowed(ctx, tx); err != nil {
		return err
	}
	c, err := s.lockCharge(ctx, tx, args.Ref)
	if err != nil {
		return err
	}
	late := args.To == ChargePaid && c.Status == ChargeProcessing
	disputed := args.To == ChargeDisputed && c.Status == ChargePaid
	if !late && !disputed {
		return nil
	}
	return s.settleAndTell(ctx, tx, args.Ref, args.To, "", "")
}
