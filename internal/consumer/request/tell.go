package request

import (
	"context"
	"maps"
	"slices"
	"strings"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/pg"
)

// tell sends a notice in words of the product, or what the state says instead, where a service's author writes none: what is its name in the catalogue, moment what
// keeps it from being sent twice. The words say that there is news, and where; never what.
func (s *Service) tell(ctx context.Context, tx *pg.Tx, r Request, what, moment string) error {
	to, err := s.recipients(ctx, tx, r, purpose(what))
	if err != nil || len(to) == 0 {
		return err
	}
	site, err := s.deps.PublicURL(ctx, tx)
	if err != nil {
		return err
	}
	spec, err := s.deps.Services.Service(ctx, tx, r.Service, r.Version)
	if err != nil {
		return err
	}
	texts, err := s.deps.Texts(ctx, tx)
	if err != nil {
		return err
	}
	args := map[string]any{
		"reference": r.Reference, "service": spec.Pack().Name.In(r.Lang, spec.Pack().Languages[0]), "link": site + "/requests/" + r.ID.String(),
	}
	for _, who := range to {
		for _, channel := range slices.Sorted(maps.Keys(who.contacts)) {
			if _, err := s.deps.Notification.Send(ctx, tx, byPhone(notification.Message{
				Person: who.person, Channel: channel, Address: who.contacts[channel], Lang: r.Lang, Purpose: "request." + what,
				Subject: line(texts.T(r.Lang, "notice."+what+".subject", args)), Text: texts.T(r.Lang, "notice."+what+".text", args),
				Once: who.once(r, what, moment, channel), Related: r.ID, After: who.after,
			}, map[string]string{"reference": r.Reference, "service": args["service"].(string), "link": args["link"].(string)})); err != nil {
				return err
			}
		}
	}
	return nil
}

// byPhone makes a message by WhatsApp ready for approved templates, whose parameters are filled from what is known of the request, and for a text
// message where WhatsApp does not carry it. Others stay what they are.
func byPhone(m notification.Message, fields map[string]string) notification.Message {
	if m.Channel == notification.WhatsApp {
		m.Subject, m.Fill = "", maps.Clone(fields)
		m.Instead = &notification.Instead{Channel: notification.SMS, Once: strings.TrimSuffix(m.Once, notification.WhatsApp) + notification.SMS}
	}
	return m
}
