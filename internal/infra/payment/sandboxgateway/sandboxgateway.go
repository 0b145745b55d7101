// Package sandboxgateway takes payments at the simulated card provider, over HTTP, exactly as it would at a foreign
// one; only the address differs.
//
// Settings: base_url (the API is at {base_url}/sim/cards), key (bearer key), secret (whsec_…, of the webhooks).
package sandboxgateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/webhook"
)

// Code is how tenants name this gateway.
const Code = "sandbox"

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

// Gateway speaks to the simulated card provider.
type Gateway struct{ client *http.Client }

// New returns the gateway; client must have a time-out.
func New(client *http.Client) *Gateway { return &Gateway{client: client} }

// Code returns "sandbox".
func (*Gateway) Code() string { return Code }

// order is what the provider is asked; charge is what it answers. They are written down here as a foreign provider's
// would be, from its documentation.
type order struct {
	Reference   string       `json:"reference"`
	Amount      money.Amount `json:"amount"`
	Description string       `json:"description"`
	ReturnURL   string       `json:"return_url"`
	WebhookURL  string       `json:"webhook_url"`
}

type charge struct {
	Ref       string       `json:"ref"`
	Reference string       `json:"reference"`
	Amount    money.Amount `json:"amount"`
	Status    string       `json:"status"`
	Failure   string       `json:"failure"`
	URL       string       `json:"url"`
}

type notice struct {
	Type string `json:"type"`
	Data charge `json:"data"`
}

// Begin orders the payment. The charge's id is the reference, so ordering twice gives the same page.
// Errors: payment.ErrGateway.
func (g *Gateway) Begin(ctx context.Context, c payment.GatewayConfig, r payment.ChargeRequest) (payment.Begun, error) {
	body, err := json.Marshal(order{Reference: r.Charge.String(), Amount: r.Amount, Description: r.Description, ReturnURL: r.ReturnURL, WebhookURL: r.WebhookURL})
	if err != nil {
		return payment.Begun{}, err
	}
	got, err := g.call(ctx, c, http.MethodPost, "/sim/cards/charges", body)
	if err == nil && (got.Ref == "" || got.URL == "") {
		err = payment.ErrGateway.Because(errors.New("an answer without ref or url"))
	}
	return payment.Begun{URL: got.URL, Ref: got.Ref}, err
}

// Status asks how a charge stands. Errors: payment.ErrGateway.
func (g *Gateway) Status(ctx context.Context, c payment.GatewayConfig, ref string) (payment.Notice, error) {
	if _, err := uuid.Parse(ref); err != nil {
		return payment.Notice{}, payment.ErrGateway.Because(err)
	}
	got, err := g.call(ctx, c, http.MethodGet, "/sim/cards/charges/"+ref, nil)
	if err != nil {
		return payment.Notice{}, err
	}
	status := map[string]payment.ChargeStatus{
		"open": payment.Pending, "processing": payment.Pending, "paid": payment.Succeeded,
		"failed": payment.FailedPay, "disputed": payment.Disputed,
	}[got.Status]
	if status == "" {
		return payment.Notice{}, payment.ErrGateway.Because(fmt.Errorf("unknown status %q", got.Status))
	}
	return got.notice("", status)
}

// Notice reads a webhook. Errors: payment.ErrSignature, payment.ErrNotice.
func (g *Gateway) Notice(c payment.GatewayConfig, header map[string][]string, body []byte) (payment.Notice, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(c.Settings["secret"], "whsec_"))
	if err != nil {
		return payment.Notice{}, payment.ErrSignature.Because(errors.New("the secret in the settings is not base64"))
	}
	event, err := webhook.Verify(key, header, c.Wall, body)
	if err != nil {
		return payment.Notice{}, payment.ErrSignature.Because(err)
	}
	var n notice
	if err := json.Unmarshal(body, &n); err != nil {
		return payment.Notice{}, payment.ErrNotice.Because(err)
	}
	status := map[string]payment.ChargeStatus{"charge.paid": payment.Succeeded, "charge.failed": payment.FailedPay, "charge.disputed": payment.Disputed}[n.Type]
	if status == "" {
		return payment.Notice{}, payment.ErrNotice.Because(fmt.Errorf("unknown type %q", n.Type))
	}
	return n.Data.notice(event, status)
}

func (c charge) notice(event string, status payment.ChargeStatus) (payment.Notice, error) {
	ours, err := uuid.Parse(c.Reference)
	if err != nil || c.Amount.Minor <= 0 {
		return payment.Notice{}, payment.ErrNotice.Because(err)
	}
	return payment.Notice{EventID: event, Ref: c.Ref, Charge: ours, Status: status, Amount: c.Amount, Failure: c.Failure}, nil
}

func (g *Gateway) call(ctx context.Context, c payment.GatewayConfig, method, path string, body []byte) (got charge, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.Settings["base_url"]+path, bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Settings["key"])
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return got, payment.ErrGateway.Because(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return got, payment.ErrGateway.Because(err)
	}
	if resp.StatusCode/100 != 2 {
		return got, payment.ErrGateway.Because(fmt.Errorf("%s %s answered %s", method, path, resp.Status))
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		return got, payment.ErrGateway.Because(err)
	}
	return got, nil
}
