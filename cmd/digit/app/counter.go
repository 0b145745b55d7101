package app

import (
	"context"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
)

// counterNotices tells people what a counter has to tell them, as messages.
type counterNotices struct {
	notification *notification.Service
	tenancy      *tenancy.Service
	identity     *identity.Service
	texts        *i18n.Catalog
	url          func(ctx context.Context, tx *pg.Tx) (string, error)
}

// TellReturned puts a message on its way to each address that the payer has proved.
func (n counterNotices) TellReturned(ctx context.Context, tx *pg.Tx, c payment.Collection) error {
	set, err := n.tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	here, err := n.url(ctx, tx)
	if err != nil {
		return err
	}
	visitor, err := n.identity.Visitor(ctx, tx, c.Payer)
	if err != nil {
		return err
	}
	lang := i18n.Match(visitor.Lang, set.Languages)
	args := map[string]any{
		"state": set.Name.In(lang, set.DefaultLanguage), "number": c.Number, "amount": i18n.FormatMoney(lang, c.Amount), "receipt": c.Receipt, "link": here + "/requests",
	}
	for _, contact := range visitor.Contacts {
		if !contact.Verified {
			continue
		}
		_, err := n.notification.Send(ctx, tx, notification.Message{
			Person: c.Payer, Channel: contact.Channel, Address: contact.Address, Lang: lang, Purpose: "desk.returned",
			Once:    "desk.returned:" + c.ID.String() + ":" + contact.ID.String(),
			Subject: n.texts.T(lang, "message.desk.returned."+string(c.Status)+".subject", args), Text: n.texts.T(lang, "message.desk.returned."+string(c.Status)+".text", args),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
