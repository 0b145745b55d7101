package console

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// messages lists what was sent to people, without what it said.
func (c *Console) messages(r *frame.Request) error {
	v := view(r, r.T("site.console.messages"))
	v.Lead = r.T("console.messages.lead")
	v.Chips = append(chips(r, "channel", "console.channel.", notification.SMS, notification.Email, notification.WhatsApp),
		chips(r, "status", "console.message.", string(notification.Waiting), string(notification.Queued), string(notification.Sent), string(notification.Failed))...)
	filter := notification.Filter{Channel: r.Query("channel"), Status: notification.Status(r.Query("status"))}
	filter.Person, _ = uuid.Parse(r.Query("person")) // anything else narrows nothing
	filter.Related, _ = uuid.Parse(r.Query("related"))
	whose := r.Query("q")
	if r.Principal.MayIn("identity:read", "") {
		v.Search = search(r, "console.messages.search")
	} else {
		whose = ""
	}
	l := list[notification.Row]{
		name: "messages", people: true, columns: []string{"to", "purpose", "channel", "state", "tries#", "sent"}, empty: empty(r, "messages", "mail", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[notification.Row], err error) {
			if whose != "" {
				if !strings.ContainsAny(whose, "@0123456789") { // a name, which may be that of many
					return out, nil
				}
				found, err := c.deps.Identity.Accounts(ctx, tx, identity.Filter{Query: whose}, page.Request{Size: 1})
				if err != nil || len(found.Rows) == 0 {
					return out, err
				}
				filter.Person = found.Rows[0].ID
			}
			return c.deps.Notification.Messages(ctx, tx, filter, p)
		},
		cells: func(m notification.Row) []ui.Cell {
			return []ui.Cell{
				{Text: m.Address},
				{Text: c.purpose(r, m.Purpose)},
				{Text: r.T("console.channel." + m.Channel)},
				{Body: messageState(r, m), Text: r.T("console.message." + string(m.Status))},
				{Text: ui.Number(r.Context(), m.Tries)},
				{Text: ui.DateTime(r.Context(), m.Created)},
			}
		},
	}
	if err := c.providerFacts(r, &v); err != nil {
		return err
	}
	return l.serve(r, v)
}

// word is the catalogue's word for a code, or the code where nobody has written one.
func (c *Console) word(r *frame.Request, prefix, code string) string {
	if c.deps.Texts.Has(r.Lang, prefix+code) {
		return r.T(prefix + code)
	}
	return code
}

// purpose says why a message was sent. Authors of services may have messages sent at any state of theirs.
func (c *Console) purpose(r *frame.Request, code string) string {
	if strings.HasPrefix(code, "request.state:") {
		return r.T("purpose.request.step")
	}
	return c.word(r, "purpose.", code)
}

// providerFacts says who carries the messages of each channel.
func (c *Console) providerFacts(r *frame.Request, v *pageView) error {
	return r.Read(func(ctx context.Context, tx *pg.Tx) error {
		providers, err := c.deps.Notification.Providers(ctx, tx)
		for _, p := range providers {
			v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.channel." + p.Channel), Value: c.word(r, "console.carrier.", p.Kind)})
		}
		if r.Principal.MayIn("notification:manage", "") {
			for _, channel := range messageChannels {
				v.Actions = append(v.Actions, ui.ButtonView{
					Label: r.T("console.carriers.change", "channel", r.T("console.channel."+channel)), Href: messageProviderPath(channel), Variant: "secondary", Small: true,
				})
			}
		}
		return err
	})
}

func messageKind(s notification.Status) ui.Kind {
	return map[notification.Status]ui.Kind{
		notification.Sent: ui.Success, notification.Failed: ui.Danger, notification.Waiting: ui.Warning, notification.Queued: ui.Info,
	}[s]
}
