package hook

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/consumer/channel"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/platform/quota"
	"digit/web/frame"
)

// talkLimit is more than any message by telephone has; Meta bundles several.
const talkLimit = 256 << 10

func (h *Hook) talkRoutes() []frame.Route {
	route := func(method, pattern string, handler func(*frame.Request) error) frame.Route {
		return frame.Route{Method: method, Pattern: pattern, Permission: frame.Public, Kind: frame.Hook, Handler: handler, MaxBody: talkLimit}
	}
	return []frame.Route{
		route(http.MethodPost, "/hooks/sms/{secret}", h.sms),
		route(http.MethodPost, "/hooks/ussd/{secret}", h.ussd),
		route(http.MethodGet, "/hooks/whatsapp", h.whatsapp),
		route(http.MethodPost, "/hooks/whatsapp", h.whatsapp),
	}
}

// hear takes in a call of a channel's provider, and returns what it brought with the ids of what was heard. What a number writes too often is
// dropped: the provider would only send it again.
func (h *Hook) hear(r *frame.Request, ch string) (brought carrier.Heard, heard []uuid.UUID, err error) {
	body, err := r.Body()
	if err != nil {
		return brought, nil, err
	}
	call := carrier.Call{Header: r.Header, Query: r.URL.Query(), Body: body, Secret: r.Param("secret")}
	scope := pg.Scope{Tenant: r.Tenant.ID, Actor: pg.System()}
	scope.Actor.RequestID = r.ID
	err = r.DB().InTx(r.Context(), scope, func(ctx context.Context, tx *pg.Tx) (err error) {
		heard = nil
		if brought, err = h.deps.Providers.Hear(ctx, tx, ch, call); err != nil {
			return err
		}
		for _, in := range brought.In {
			id, err := h.deps.Talks.Hear(ctx, tx, channel.Message{
				Channel: ch, Number: in.From, Ref: in.Ref, Text: in.Text, Session: in.Session, Sent: in.Sent, File: in.File, Strange: in.Strange,
			})
			if err != nil {
				return err
			}
			heard = append(heard, id)
		}
		return nil
	})
	return brought, heard, err
}

// sms takes a text message or a delivery report.
func (h *Hook) sms(r *frame.Request) error {
	_, _, err := h.hear(r, notification.SMS)
	return h.took(r, err)
}

// whatsapp takes what Meta sends, and answers its question whether the address is ours.
func (h *Hook) whatsapp(r *frame.Request) error {
	brought, _, err := h.hear(r, notification.WhatsApp)
	if err == nil && brought.Answer != "" {
		return plain(r, brought.Answer)
	}
	return h.took(r, err)
}

func (h *Hook) took(r *frame.Request, err error) error {
	switch {
	case errors.Is(err, quota.ErrSpent):
		r.Refused(err)
		return r.JSON(http.StatusOK, answer{"dropped"})
	case err != nil:
		return err
	}
	return r.JSON(http.StatusOK, answer{"accepted"})
}

// ussd answers a step of a dialogue at once: CON goes on, END closes it (Africa's Talking).
func (h *Hook) ussd(r *frame.Request) error {
	_, heard, err := h.hear(r, notification.USSD)
	if errors.Is(err, quota.ErrSpent) {
		r.Refused(err)
		return plain(r, "END "+r.T("talk.too_often"))
	}
	if err != nil {
		return err
	}
	reply := channel.Reply{End: true}
	for _, id := range heard {
		if reply, err = h.deps.Talks.Answer(r.Context(), r.DB(), r.Tenant.ID, id); err != nil {
			return err
		}
	}
	if reply.End {
		return plain(r, "END "+reply.Text)
	}
	return plain(r, "CON "+reply.Text)
}

// plain writes a text, and nothing a browser would take for more.
func plain(r *frame.Request, text string) error {
	r.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
	r.W.Header().Set("Cache-Control", "no-store")
	_, err := r.W.Write([]byte(text))
	return err
}
