package app

import (
	"context"
	"time"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// alerts writes identity's alerts and sends them as messages.
type alerts struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	wording      *tenancy.Wording
	url          func(ctx context.Context, tx *pg.Tx) (string, error)
	agency       func(ctx context.Context, tx *pg.Tx, code string) (i18n.Text, error)
}

// SendAlert puts the alert on its way, in the reader's language.
func (a alerts) SendAlert(ctx context.Context, tx *pg.Tx, in identity.Alert) error {
	set, err := a.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := a.wording.Texts(ctx, tx, set)
	if err != nil {
		return err
	}
	here, err := a.url(ctx, tx)
	if err != nil {
		return err
	}
	lang := i18n.Match(in.Lang, set.Languages)
	args := map[string]any{"state": set.Name.In(lang, set.DefaultLanguage), "link": here, "where": set.Name.In(lang, set.DefaultLanguage)}
	for name, v := range in.Args {
		switch x := v.(type) {
		case i18n.Text:
			v = x.In(lang, set.DefaultLanguage)
		case time.Time:
			v = i18n.FormatDateTime(lang, x, set.Location())
		}
		args[name] = v
	}
	if code, ok := in.Args["agency"].(string); ok && code != "" {
		name, err := a.agency(ctx, tx, code)
		if err != nil {
			return err
		}
		args["where"] = name.In(lang, set.DefaultLanguage)
	}
	_, err = a.notification.Send(ctx, tx, notification.Message{
		Person: in.Account, Channel: in.Channel, Address: in.Address, Lang: lang, Purpose: "identity." + in.Kind, Once: in.Once,
		Subject: texts.T(lang, "message.alert."+in.Kind+".subject", args), Text: texts.T(lang, "message.alert."+in.Kind+".text", args),
	})
	return err
}
