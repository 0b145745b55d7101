package channel

import (
	"errors"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/payment"
	"digit/internal/infra/platform/i18n"
)

// links are what there is to open of a request, each below what it is: where to pay without signing in, and the certificate. elsewhere says that a
// link to pay is in force that was made on a page, which another would end: that is for its owner to wish.
func (c *call) links(r request.Request) (lines []string, elsewhere bool, err error) {
	site, err := c.s.deps.PublicURL(c.ctx, c.tx)
	if err != nil {
		return nil, false, err
	}
	if r.ToPay() {
		secret, err := c.payLink(r.Demand.ID)
		if err != nil {
			return nil, false, err
		}
		at := site + "/pay/" + secret
		if elsewhere = secret == ""; elsewhere {
			at = site + "/requests/" + r.ID.String() + "/pay"
		}
		lines = append(lines, c.say("talk.pay", "amount", i18n.FormatMoney(c.Lang, r.Demand.Amount))+"\n"+at)
	}
	if r.Certificate != zeroID {
		at, err := c.s.deps.Wallet.Page(c.ctx, c.tx, c.Person, r.Certificate)
		if err != nil {
			return nil, false, err
		}
		if at != "" {
			lines = append(lines, c.say("talk.certificate")+"\n"+site+at)
		}
	}
	return lines, elsewhere, nil
}

// payLink returns the secret of the link by which a demand is paid without signing in: the one that this conversation made, as long as it is in
// force, or a new one; "" where there is one that was made elsewhere.
func (c *call) payLink(demand uuid.UUID) (string, error) {
	if c.Bill == demand && c.BillLink != "" {
		_, err := c.s.deps.Payments.Linked(c.ctx, c.tx, c.BillLink)
		if err == nil {
			return c.BillLink, nil
		}
		if !errors.Is(err, payment.ErrLink) {
			return "", err
		}
	}
	made, err := c.s.deps.Payments.LinkMade(c.ctx, c.tx, demand)
	if err != nil || made != nil {
		return "", err
	}
	return c.makePayLink(demand)
}

// makePayLink makes a link; what was paid or is wanted no more meanwhile has none.
func (c *call) makePayLink(demand uuid.UUID) (string, error) {
	secret, err := c.s.deps.Payments.MakeLink(c.ctx, c.tx, demand)
	if errors.Is(err, payment.ErrAlreadyPaid) || errors.Is(err, payment.ErrCancelled) {
		return "", nil
	}
	c.Bill, c.BillLink = demand, secret
	return secret, err
}

// replacePayLink makes a link although there is one that was made elsewhere, which ends.
func (c *call) replacePayLink() error {
	r, found, err := c.sought()
	if err != nil || !found || !r.ToPay() {
		return err
	}
	if _, err := c.makePayLink(r.Demand.ID); err != nil {
		return err
	}
	c.note("talk.pay.replaced")
	return nil
}
