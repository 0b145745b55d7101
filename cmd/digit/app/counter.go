package app

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/notification"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/desk"
)

// counterNotices tells people what a counter has to tell them, as messages.
type counterNotices struct {
	m   *Modules
	url func(ctx context.Context, tx *pg.Tx) (string, error)
}

// TellReturned tells the payer that money was taken back and the bill is open again.
func (n counterNotices) TellReturned(ctx context.Context, tx *pg.Tx, c payment.Collection) error {
	return n.tell(ctx, tx, c.Payer, "desk.returned."+string(c.Status), c.ID, func(lang string, args map[string]any) error {
		args["number"], args["amount"], args["receipt"] = c.Number, i18n.FormatMoney(lang, c.Amount), c.Receipt
		return nil
	})
}

// TellAppointment tells whose it is when and where they are expected.
func (n counterNotices) TellAppointment(ctx context.Context, tx *pg.Tx, a desk.Appointment, kind string) error {
	set, err := n.m.Tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	offices, err := n.m.Agency.Offices(ctx, tx, a.Place.Agency)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(offices, func(o agency.Office) bool { return o.Code == a.Place.Office })
	topics, err := n.m.Desk.Topics(ctx, tx, a.Place)
	if err != nil {
		return err
	}
	return n.tell(ctx, tx, a.Person, "desk.appointment."+kind, a.ID, func(lang string, args map[string]any) error {
		args["time"], args["office"], args["address"], args["topic"] = i18n.FormatDateTime(lang, a.At, set.Location()), a.Place.Office, "", a.Topic
		if i >= 0 {
			args["office"], args["address"] = offices[i].Name.In(lang, set.DefaultLanguage), offices[i].Address
		}
		for _, t := range topics {
			if t.Code == a.Topic {
				args["topic"] = t.Name.In(lang, set.DefaultLanguage)
			}
		}
		return nil
	})
}

// tell puts a message on its way to each address that a person has proved, once for what it is about.
func (n counterNotices) tell(ctx context.Context, tx *pg.Tx, person uuid.UUID, purpose string, about uuid.UUID, fill func(lang string, args map[string]any) error) error {
	set, err := n.m.Tenancy.Settings(ctx, tx)
	if err != nil {
		return err
	}
	texts, err := n.m.Wording.Texts(ctx, tx, set)
	if err != nil {
		return err
	}
	here, err := n.url(ctx, tx)
	if err != nil {
		return err
	}
	lang, contacts, err := n.reached(ctx, tx, person)
	if err != nil {
		return err
	}
	lang = i18n.Match(lang, set.Languages)
	args := map[string]any{"state": set.Name.In(lang, set.DefaultLanguage), "link": here}
	if err := fill(lang, args); err != nil {
		return err
	}
	for _, contact := range contacts {
		if !contact.Verified {
			continue
		}
		_, err := n.m.Notification.Send(ctx, tx, notification.Message{
			Person: person, Channel: contact.Channel, Address: contact.Address, Lang: lang, Purpose: purpose, Once: purpose + ":" + about.String() + ":" + contact.ID.String(),
			Subject: texts.T(lang, "message."+purpose+".subject", args), Text: texts.T(lang, "message."+purpose+".text", args),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// reached are a person's addresses, and the language in which they are written to. Who is gone is reached nowhere.
func (n counterNotices) reached(ctx context.Context, tx *pg.Tx, person uuid.UUID) (string, []identity.Contact, error) {
	lang, err := n.m.Identity.Language(ctx, tx, person)
	if errors.Is(err, identity.ErrNotFound) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	contacts, err := n.m.Identity.Contacts(ctx, tx, person)
	return lang, contacts, err
}
