// Package hook takes in what other systems send on their own account: notices of payment gateways, what people
// write by telephone, answers of foreign
// agencies, and identity providers' word that somebody signed out there. Nobody signs in here; the message itself is signed, and the module that owns it checks.
package hook

import (
	"context"
	"errors"
	"net/http"

	"digit/internal/consumer/channel"
	"digit/internal/infra/exchange"
	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
)

// Deps is what the hooks call.
type Deps struct {
	Payments *payment.Service
	Exchange *exchange.Service
	Identity *identity.Service
	// Providers check and read what providers of telephony send, Talks answer it.
	Providers *notification.Service
	Talks     *channel.Service
}

// Hook holds the handlers.
type Hook struct{ deps Deps }

// New makes the hooks.
func New(d Deps) *Hook {
	if d.Payments == nil || d.Exchange == nil || d.Identity == nil || d.Providers == nil || d.Talks == nil {
		panic("hook.New: a dependency is missing")
	}
	return &Hook{deps: d}
}

// errNobody says that no gateway was ever told this address; for who pays, no gateway is an outage and not this.
var errNobody = fault.NotFound(payment.ErrNoGateway.Code)

// paymentLimit is more than any notice of a payment has.
const paymentLimit = 64 << 10

// Routes lists the doors for other systems.
func (h *Hook) Routes() []frame.Route {
	return append(h.talkRoutes(), []frame.Route{
		{
			Method: http.MethodPost, Pattern: "/hooks/payment/{gateway}", Permission: frame.Public, Kind: frame.Hook,
			Handler: h.payment, MaxBody: paymentLimit,
		},
		{
			Method: http.MethodPost, Pattern: "/hooks/identity/{provider}/logout", Permission: frame.Public, Kind: frame.Hook,
			Handler: h.logout, MaxBody: logoutLimit,
		},
		{Method: http.MethodPost, Pattern: "/hooks/exchange", Permission: frame.Public, Kind: frame.Hook, Handler: h.exchange},
	}...)
}

// payment takes a gateway's notice. One that has acted before is answered as done, so that the gateway stops sending.
func (h *Hook) payment(r *frame.Request) error {
	body, err := r.Body()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return h.deps.Payments.Receive(ctx, tx, r.Param("gateway"), r.Header, body)
	})
	switch {
	case errors.Is(err, payment.ErrReplayed):
		return r.JSON(http.StatusOK, answer{"replayed"})
	case errors.Is(err, payment.ErrNoGateway):
		return errNobody
	}
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, answer{"accepted"})
}

// exchange takes a foreign agency's answer to a request of ours.
func (h *Hook) exchange(r *frame.Request) error {
	body, err := r.Body()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return h.deps.Exchange.Accept(ctx, tx, r.Header, body)
	})
	if err != nil {
		return err
	}
	return r.JSON(http.StatusAccepted, answer{"accepted"})
}

// answer tells the sender what became of the message.
type answer struct {
	Status string `json:"status"`
}
