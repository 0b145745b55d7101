package app

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"digit/internal/consumer/channel"
	"digit/internal/consumer/wallet"
	"digit/internal/infra/notification"
	"digit/internal/infra/notification/africastalking"
	"digit/internal/infra/notification/whatsapp"
	"digit/internal/infra/platform/carrier"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/simulator"
	"digit/internal/provider/catalog"
)

// simulated carries messages to the simulated phones, whose provider brings what is written there as Africa's Talking does.
type simulated struct {
	simulator.Carrier
	line africastalking.Carrier
}

// Hear reads what the simulated provider brings.
func (s simulated) Hear(channel string, settings map[string]string, call carrier.Call) (carrier.Heard, error) {
	return s.line.Hear(channel, settings, call)
}

// counter is the catalogue as conversations ask for it.
type counter struct{ catalog *catalog.Service }

// mostOffers is how many services are told at once.
const mostOffers = 100

// Find returns the services on offer that have these words.
func (c counter) Find(ctx context.Context, tx *pg.Tx, words, lang string) (list []channel.Offer, err error) {
	found, err := c.catalog.Search(ctx, tx, catalog.Query{Text: words, Lang: lang}, page.Request{Size: mostOffers})
	for _, e := range found.Rows {
		list = append(list, channel.Offer{Code: e.Code, Name: e.Name})
	}
	return list, err
}

// Service returns what a service asks, where it takes new requests.
func (c counter) Service(ctx context.Context, tx *pg.Tx, code string, version int) (*servicespec.Service, error) {
	if _, err := c.catalog.Offered(ctx, tx, code); err != nil {
		return nil, err
	}
	return c.catalog.Service(ctx, tx, code, version)
}

// drawer is the wallet as conversations ask for it.
type drawer struct{ wallet *wallet.Service }

// Page is where a credential is in its holder's wallet.
func (d drawer) Page(ctx context.Context, tx *pg.Tx, person, credential uuid.UUID) (string, error) {
	i, err := d.wallet.Find(ctx, tx, person, credential)
	if errors.Is(err, wallet.ErrNotFound) {
		return "", nil
	}
	return "/wallet/" + i.ID.String(), err
}

// connectPhones puts the simulated telephony where a real tenant has providers: text messages, USSD and WhatsApp.
func (a *App) connectPhones(ctx context.Context, tx *pg.Tx) error {
	line, err := a.Simulator.Line(ctx, tx)
	if err != nil {
		return err
	}
	for _, p := range []notification.Provider{
		{Channel: notification.SMS, Kind: simulator.CarrierKind, Settings: map[string]string{"secret": line.Secret}},
		{Channel: notification.USSD, Kind: africastalking.Kind, Settings: map[string]string{"secret": line.Secret}},
		{Channel: notification.WhatsApp, Kind: whatsapp.Kind, Settings: map[string]string{
			"phone_number_id": line.PhoneID, "token": line.Token, "app_secret": line.AppSecret, "verify_token": line.VerifyToken, "api_url": line.APIURL,
			"templates": "* pt aviso pt_PT text\n* en notice en text\n* ar notice ar text\n* hi notice hi text",
		}},
	} {
		if err := a.Notification.PutProvider(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}
