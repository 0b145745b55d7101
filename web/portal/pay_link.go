package portal

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/payment"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// payLinkRoutes are the pages by which somebody lets another one pay, and on which that one does.
func (p *Portal) payLinkRoutes() []frame.Route {
	page := func(method, pattern, permission string, most int, h func(*frame.Request) error) frame.Route {
		own := permission == frame.Citizen
		return frame.Route{Method: method, Pattern: pattern, Permission: permission, Kind: frame.Page, Handler: h, PerMinute: most, Guest: own, Representative: own}
	}
	const get, post = http.MethodGet, http.MethodPost
	return []frame.Route{
		page(get, "/requests/{id}/pay/link", frame.Citizen, 0, p.payLinkAsk),
		page(post, "/requests/{id}/pay/link", frame.Citizen, sentPerMinute, p.makePayLink),
		page(post, "/requests/{id}/pay/link/end", frame.Citizen, sentPerMinute, p.endPayLink),
		page(get, "/pay/done", frame.Public, proofsPerMinute, p.payDone),
		page(get, "/pay/{token}", frame.Public, proofsPerMinute, p.payLinked),
		page(post, "/pay/{token}", frame.Public, sentPerMinute, p.payByLink),
	}
}

// returnTo is where the gateway sends whoever has paid for an application: a page that knows who may see what.
func returnTo(application uuid.UUID) string { return "/pay/done?for=" + application.String() }

type payLinkView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	ID, Name string
	Amount   money.Amount
	Made     *time.Time // when the link in force was made
	Link     string     // right after it was made
}

func (p *Portal) payLinkAsk(r *frame.Request) error {
	return p.payLink(r, "")
}

func (p *Portal) payLink(r *frame.Request, token string) error {
	var a application
	var made *time.Time
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || !a.ToPay() {
			return err
		}
		made, err = p.deps.Payments.LinkMade(ctx, tx, a.Demand.ID)
		return err
	})
	if err != nil {
		return err
	}
	if !a.ToPay() {
		return r.Redirect(a.path())
	}
	v := payLinkView{Site: r.Site(frame.Portal), Notice: r.Done(), ID: a.ID.String(), Name: r.Text(a.spec.Pack().Name), Amount: a.Demand.Amount, Made: made}
	if token != "" {
		v.Link = r.Origin() + "/pay/" + token
	}
	return r.HTML(payLinkPage(v))
}

// makePayLink shows a new link, this once.
func (p *Portal) makePayLink(r *frame.Request) error {
	var a application
	var token string
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || !a.ToPay() {
			return err
		}
		token, err = p.deps.Payments.MakeLink(ctx, tx, a.Demand.ID)
		return err
	})
	if errors.Is(err, payment.ErrAlreadyPaid) || errors.Is(err, payment.ErrCancelled) || err == nil && token == "" {
		return r.Redirect(a.path())
	}
	if err != nil {
		return err
	}
	return p.payLink(r, token)
}

func (p *Portal) endPayLink(r *frame.Request) error {
	var a application
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || a.Demand == nil {
			return err
		}
		return p.deps.Payments.EndLink(ctx, tx, a.Demand.ID)
	})
	if err != nil {
		return err
	}
	return r.Redirect(a.path() + "/pay/link?done=pay.link_ended")
}

// linkedView is what whoever has a link sees: what is paid, to whom and for which reference; nothing of the person.
type linkedView struct {
	Site                           ui.Site
	Token                          string
	Service, Agency                string
	Reference, Number, Receipt     string
	Lines                          []ui.BillLine
	Total                          money.Amount
	PaidAt                         *time.Time
	Paid, Pending, Failed, Unknown bool
	Failure                        string
}

func (p *Portal) linkedView(r *frame.Request, token string) (v linkedView, err error) {
	v = linkedView{Site: r.Site(frame.Portal), Token: token}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		l, err := p.deps.Payments.Linked(ctx, tx, token)
		if err != nil {
			return err
		}
		d := l.Demand
		v.Reference, v.Number, v.Receipt, v.Total, v.PaidAt, v.Paid = d.Reference, d.Number, l.Receipt, d.Amount, d.PaidAt, d.Status == payment.DemandPaidUp
		for _, line := range d.Lines {
			v.Lines = append(v.Lines, ui.BillLine{Label: r.Text(line.Name), Amount: line.Amount})
		}
		spec, err := p.deps.Catalog.Service(ctx, tx, d.Service, 0)
		if err != nil {
			return err
		}
		v.Service = r.Text(spec.Pack().Name)
		agency, err := p.deps.Agencies.Agency(ctx, tx, d.Agency)
		if err != nil {
			return err
		}
		v.Agency = r.Text(agency.Name)
		c, found, err := p.deps.Payments.LinkedCharge(ctx, tx, token)
		if found && !v.Paid {
			v.Failed = c.Status == payment.FailedPay || c.Status == payment.Expired
			v.Pending = !v.Failed
			if c.Failure != "" {
				v.Failure = r.T("pay.failure." + c.Failure)
			}
		}
		return err
	})
	return v, err
}

// payLinked shows what a link is for.
func (p *Portal) payLinked(r *frame.Request) error {
	v, err := p.linkedView(r, r.Param("token"))
	if err != nil {
		return err
	}
	v.Pending = false // whoever comes to the link wants to pay, or look
	return r.HTML(payLinkedPage(v))
}

// payLinkCookie tells the page after the payment by which link it was made; it goes with the browser.
const payLinkCookie = "paylink"

// payByLink sends whoever has the link to the gateway's page. Pressed twice, and by two people, it is the same one.
func (p *Portal) payByLink(r *frame.Request) error {
	token := r.Param("token")
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		l, err := p.deps.Payments.Linked(ctx, tx, token)
		if err != nil {
			return err
		}
		_, err = p.deps.Payments.StartLinked(ctx, tx, token, returnTo(l.Demand.SubjectID))
		return err
	})
	if errors.Is(err, payment.ErrAlreadyPaid) {
		return r.Redirect("/pay/" + token)
	}
	if err != nil {
		return err
	}
	to, err := p.deps.Payments.BeginLinked(r.Context(), r.DB(), r.Scope(false), token)
	if err != nil {
		return err
	}
	r.Remember(payLinkCookie, token)
	return r.RedirectOut(to)
}

// payDone is where the gateway sends people back to: who came by a link sees how it went, the applicant their application, and
// somebody whom nobody knows that it is being looked after.
func (p *Portal) payDone(r *frame.Request) error {
	if token := r.Recall(payLinkCookie); token != "" {
		v, err := p.linkedView(r, token)
		if err == nil {
			return r.HTML(payDonePage(v))
		}
		if !errors.Is(err, payment.ErrLink) {
			return err
		}
	}
	if id, err := uuid.Parse(r.Query("for")); err == nil && r.Principal != nil {
		return r.Redirect("/requests/" + id.String() + "/paid")
	}
	return r.HTML(payDonePage(linkedView{Site: r.Site(frame.Portal), Unknown: true}))
}
