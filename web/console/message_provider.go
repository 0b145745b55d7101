package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/notification"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// messageChannels are the channels that have a provider.
var messageChannels = []string{notification.SMS, notification.Email, notification.WhatsApp, notification.USSD}

var errNoChannel = fault.NotFound("page.not_found")

const messagesHome = "/console/messages"

func messageProviderPath(channel string) string { return messagesHome + "/providers/" + channel }

// messageProvider shows who carries the messages of a channel, with what the carrier must be told, and lets a message be tried.
func (c *Console) messageProvider(r *frame.Request) error {
	channel := r.Param("channel")
	if !slices.Contains(messageChannels, channel) {
		return errNoChannel
	}
	var p notification.Provider
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, _, err = c.deps.Notification.ProviderOf(ctx, tx, channel)
		return err
	})
	if err != nil {
		return err
	}
	known := p.Kind
	if kind := r.Query("kind"); kind != "" && kind != known {
		p = notification.Provider{Channel: channel, Kind: kind}
	}
	return r.HTML(consolePage(c.messageProviderPage(r, channel, known, p, nil)))
}

// messageProviderPage is the page with a form for the carrier's settings. known is the carrier that is chosen already.
func (c *Console) messageProviderPage(r *frame.Request, channel, known string, p notification.Provider, posted url.Values) pageView {
	v := view(r, r.T("console.carriers.change", "channel", r.T("console.channel."+channel))).back(messagesHome, r.T("site.console.messages"))
	chosen := r.T("console.carriers.none")
	if known != "" {
		chosen = c.word(r, "console.carrier.", known)
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.carriers.kind"), Value: chosen})
	offers := c.deps.Notification.Offers(channel)
	if p.Kind == "" && len(offers) > 0 {
		p.Kind = offers[0].Kind
	}
	for _, o := range offers {
		v.Chips = append(v.Chips, ui.Chip{Label: c.word(r, "console.carrier.", o.Kind), On: o.Kind == p.Kind, Href: messageProviderPath(channel) + "?kind=" + o.Kind})
	}
	for _, o := range offers {
		if o.Kind == p.Kind {
			v.Form = c.messageProviderForm(r, channel, known, o, p, posted)
		}
	}
	if channel != notification.Email {
		v.Sections = append(v.Sections, section{Title: r.T("console.carriers.hook"), Facts: []ui.Fact{
			{Key: r.T("console.channel." + channel), Value: r.Origin() + messageHook(channel)},
		}})
	}
	if channel != notification.USSD && known != "" {
		v.Sections = append(v.Sections, section{Title: r.T("console.carriers.test"), Form: &formView{
			FormPage: ui.FormPage{Action: messageProviderPath(channel) + "/test", Submit: r.T("console.carriers.test")},
			Fields:   []field{input(r, "to", "", plain, label(r.T("console.carriers.test.to")))},
		}})
	}
	return v
}

// messageHook is where a channel's provider posts what people write; {secret} is the secret part of the settings.
func messageHook(channel string) string {
	if channel == notification.WhatsApp {
		return "/hooks/whatsapp"
	}
	return "/hooks/" + channel + "/{secret}"
}

func (c *Console) messageProviderForm(r *frame.Request, channel, known string, o notification.Offer, p notification.Provider, posted url.Values) *formView {
	f := &formView{FormPage: ui.FormPage{Action: messageProviderPath(channel) + "?kind=" + o.Kind, Submit: r.T("console.carriers.save")}}
	for _, setting := range o.Settings {
		value := p.Settings[setting.Name]
		if posted != nil && !setting.Secret {
			value = posted.Get(setting.Name)
		}
		with := []func(*field){plain, label(r.T("console.setting." + setting.Name))}
		if setting.Secret {
			value = ""
			if with = append(with, password); known == o.Kind {
				with = append(with, hint(r.T("console.carriers.secret.kept")))
			}
		}
		if setting.Lines {
			with = append(with, long, code, hint(r.T("console.setting."+setting.Name+".hint")))
		}
		if !setting.Required {
			with = append(with, optional)
		}
		f.Fields = append(f.Fields, input(r, setting.Name, value, with...))
	}
	return f
}

// messageProviderSave chooses the carrier of a channel.
func (c *Console) messageProviderSave(r *frame.Request) error {
	channel := r.Param("channel")
	if !slices.Contains(messageChannels, channel) {
		return errNoChannel
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	p := notification.Provider{Channel: channel, Kind: r.Query("kind"), Settings: map[string]string{}}
	for name := range posted {
		p.Settings[name] = posted.Get(name)
	}
	known := ""
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		have, _, err := c.deps.Notification.ProviderOf(ctx, tx, channel)
		if err != nil {
			return err
		}
		known = have.Kind
		return c.deps.Notification.ChangeProvider(ctx, tx, p)
	})
	if err == nil {
		return r.Redirect(messageProviderPath(channel) + "?done=provider.saved")
	}
	v := c.messageProviderPage(r, channel, known, p, posted)
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	return err
}

// messageProviderTest sends a message to an address.
func (c *Console) messageProviderTest(r *frame.Request) error {
	channel := r.Param("channel")
	if !slices.Contains(messageChannels, channel) {
		return errNoChannel
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		m := notification.Message{
			Channel: channel, Address: strings.ReplaceAll(trimmed(posted, "to"), " ", ""), Lang: r.Lang, Text: r.T("console.carriers.test.text", "state", r.Text(r.Settings.Name)),
		}
		if channel == notification.Email {
			m.Subject = r.T("console.carriers.test.subject")
		}
		return c.deps.Notification.Test(ctx, tx, m)
	})
	if err != nil {
		return err
	}
	return r.Redirect(messagesHome + "?channel=" + channel + "&done=provider.tested")
}
