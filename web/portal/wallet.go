package portal

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/consumer/wallet"
	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

type walletView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Cards  []ui.CardView
	Tabs   []ui.NavItem
	Hidden bool
	Pager  ui.Pager
}

// walletItems lists the credentials the reader holds.
func (p *Portal) walletItems(r *frame.Request) error {
	hidden := r.Query("show") == "hidden"
	var list page.Page[wallet.Item]
	var agencies map[string]agency.Agency
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if list, err = p.deps.Wallet.Items(ctx, tx, r.Person(), hidden, r.Paging()); err != nil {
			return err
		}
		agencies, err = p.agencies(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := walletView{Site: r.Site(frame.Portal), Notice: r.Done(), Hidden: hidden, Pager: r.Pager(list.Next), Tabs: []ui.NavItem{
		{Label: r.T("wallet.shown"), Href: "/wallet", Current: !hidden}, {Label: r.T("wallet.hidden"), Href: "/wallet?show=hidden", Current: hidden},
	}}
	for _, i := range list.Rows {
		tag := itemTag(r, i)
		v.Cards = append(v.Cards, ui.CardView{
			Icon: "file-check", Title: r.Text(i.Title), Text: r.Text(agencies[i.Agency].Name), Href: "/wallet/" + i.ID.String(), Tag: &tag,
			Meta: []string{i.Number, r.T("wallet.issued", "date", ui.Date(r.Context(), i.IssuedAt))},
		})
	}
	return r.HTML(walletPage(v))
}

func itemTag(r *frame.Request, i wallet.Item) ui.TagView {
	switch {
	case i.Status == certificate.Revoked:
		return ui.TagView{Text: r.T("verify.outcome.revoked"), Kind: ui.Danger}
	case i.Status == certificate.Suspended:
		return ui.TagView{Text: r.T("verify.outcome.suspended"), Kind: ui.Warning}
	case i.ExpiresAt != nil && r.Now.After(*i.ExpiresAt):
		return ui.TagView{Text: r.T("verify.outcome.expired"), Kind: ui.Warning}
	}
	return ui.TagView{Text: r.T("verify.outcome.valid"), Kind: ui.Success}
}

// walletHref is the page of a credential in its holder's wallet, "" before it has arrived there.
func (p *Portal) walletHref(ctx context.Context, tx *pg.Tx, r *frame.Request, credential uuid.UUID) (string, error) {
	i, err := p.deps.Wallet.Find(ctx, tx, r.Person(), credential)
	if errors.Is(err, wallet.ErrNotFound) {
		return "", nil
	}
	return "/wallet/" + i.ID.String(), err
}

type itemView struct {
	Site              ui.Site
	Notice            *ui.NoticeView
	ID, Title, Number string
	Agency            string
	Tag               ui.TagView
	Facts             []ui.Fact
	VerifyURL         string
	HasPDF, Hidden    bool
	Shares            []shareRow
	NewLink           string
	Choices           []ui.Option
	Always            string // what a share shows without being chosen
	Problems          []ui.Problem
	Purpose, Day      string
	Month, Year       string
	PurposeError      string
	ClaimsError       string
	UntilError        string
}

type shareRow struct {
	ID, Claims, Purpose, Until, Views string
	Open                              bool
}

func (p *Portal) item(r *frame.Request) (v itemView, c certificate.Credential, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return v, c, err
	}
	var i wallet.Item
	var shares []wallet.Share
	var url string
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if i, c, err = p.deps.Wallet.Item(ctx, tx, r.Person(), id); err != nil {
			return err
		}
		if url, err = p.deps.Certificates.VerifyURL(ctx, tx, c); err != nil {
			return err
		}
		shares, err = p.deps.Wallet.Shares(ctx, tx, r.Person(), id)
		return err
	})
	if err != nil {
		return v, c, err
	}
	v = itemView{
		Site: r.Site(frame.Portal), Notice: r.Done(), ID: i.ID.String(), Title: r.Text(i.Title), Number: i.Number, Agency: r.Text(c.AgencyName),
		Tag: itemTag(r, i), VerifyURL: url, HasPDF: c.Document != uuid.Nil, Hidden: i.Hidden,
		Facts: claimFacts(r, c.Claims),
	}
	v.Facts = append(v.Facts, ui.Fact{Key: r.T("paper.number"), Value: c.Number}, ui.Fact{Key: r.T("paper.issued"), Value: ui.Date(r.Context(), c.IssuedAt)})
	if c.ExpiresAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("paper.expires"), Value: ui.Date(r.Context(), *c.ExpiresAt)})
	}
	for _, s := range shares {
		v.Shares = append(v.Shares, shareRow{
			ID: s.ID.String(), Claims: claimNames(r, c, s.Claims), Purpose: s.Purpose, Until: ui.Date(r.Context(), s.Until),
			Views: r.T("wallet.share.views", "n", s.Views), Open: s.Open(r.Now),
		})
	}
	return v, c, nil
}

func claimFacts(r *frame.Request, claims []certificate.Claim) []ui.Fact {
	facts := make([]ui.Fact, 0, len(claims))
	for _, c := range claims {
		facts = append(facts, ui.Fact{Key: r.Text(c.Label), Value: c.Shown})
	}
	return facts
}

// always names the claims that cannot be kept back.
func always(r *frame.Request, c certificate.Credential) string {
	var names []string
	for _, cl := range c.Claims {
		if !cl.Disclosable {
			names = append(names, r.Text(cl.Label))
		}
	}
	return strings.Join(append(names, r.T("paper.number")), ", ")
}

func claimNames(r *frame.Request, c certificate.Credential, names []string) string {
	text := ""
	for _, cl := range c.Claims {
		for _, n := range names {
			if n == cl.Name {
				if text != "" {
					text += ", "
				}
				text += r.Text(cl.Label)
			}
		}
	}
	return text
}

// walletItem shows one credential, with its code to be scanned and who was allowed to see what of it.
func (p *Portal) walletItem(r *frame.Request) error {
	v, _, err := p.item(r)
	if err != nil {
		return err
	}
	return r.HTML(itemPage(v))
}

// walletPDF returns the certificate as it was issued.
func (p *Portal) walletPDF(r *frame.Request) error {
	_, c, err := p.item(r)
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if f, err = p.deps.Documents.File(ctx, tx, c.Document); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, false, body.Bytes())
}

func shareOptions(r *frame.Request, c certificate.Credential, chosen []string) []ui.Option {
	var out []ui.Option
	for _, cl := range c.Claims {
		if !cl.Disclosable {
			continue
		}
		o := ui.Option{Value: cl.Name, Label: r.Text(cl.Label), Hint: cl.Shown}
		for _, name := range chosen {
			o.Checked = o.Checked || name == cl.Name
		}
		out = append(out, o)
	}
	return out
}

func (p *Portal) shareAsk(r *frame.Request) error {
	v, c, err := p.item(r)
	if err != nil {
		return err
	}
	v.Choices, v.Always = shareOptions(r, c, nil), always(r, c)
	v.setUntil(civil.Of(r.Now.In(r.Settings.Location())).AddDays(7))
	return r.HTML(sharePage(v))
}

func (v *itemView) setUntil(d civil.Date) {
	at := d.In(time.UTC)
	v.Day, v.Month, v.Year = at.Format("2"), at.Format("1"), at.Format("2006")
}

// share makes a link that shows the chosen claims; the link itself is shown once, on the page that answers.
func (p *Portal) share(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, c, err := p.item(r)
	if err != nil {
		return err
	}
	chosen := posted["claims"]
	v.Choices, v.Always, v.Purpose = shareOptions(r, c, chosen), always(r, c), posted.Get("purpose")
	v.Day, v.Month, v.Year = posted.Get("until.day"), posted.Get("until.month"), posted.Get("until.year")
	until, err := parseDay(v.Day, v.Month, v.Year)
	if err != nil {
		v.UntilError = r.T("error.wallet.until")
		v.Problems = append(v.Problems, ui.Problem{Field: "until", Text: v.UntilError})
		return r.HTMLStatus(http.StatusUnprocessableEntity, sharePage(v))
	}
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var made wallet.Share
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		made, err = p.deps.Wallet.ShareClaims(ctx, tx, r.Person(), id, chosen, v.Purpose, until.AddDays(1).In(r.Settings.Location()))
		return err
	})
	if f := fault.Of(err); f != nil && f.Kind == fault.KindInvalid {
		field := "claims"
		if v.ClaimsError = r.Sentence(f); errors.Is(err, wallet.ErrUntil) {
			field, v.UntilError, v.ClaimsError = "until", v.ClaimsError, ""
		}
		v.Problems = []ui.Problem{{Field: field, Text: r.Sentence(f)}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, sharePage(v))
	}
	if err != nil {
		return err
	}
	v.NewLink = r.PublicURL() + "/shared/" + made.Token
	return r.HTML(sharedLinkPage(v))
}

func parseDay(day, month, year string) (civil.Date, error) {
	pad := func(s string, n int) string {
		for len(s) < n {
			s = "0" + s
		}
		return s
	}
	return civil.Parse(pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2))
}

func (p *Portal) endShare(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	share, err := r.UUID("share")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		given, err := p.deps.Wallet.Shares(ctx, tx, r.Person(), id)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(given, func(s wallet.Share) bool { return s.ID == share })
		switch {
		case at < 0:
			return wallet.ErrNotFound
		case given[at].EndedAt != nil: // the button was pressed twice
			return nil
		}
		return p.deps.Wallet.EndShare(ctx, tx, r.Person(), share)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/wallet/" + r.Param("id") + "?done=wallet.share_ended")
}

func (p *Portal) hideItem(r *frame.Request) error {
	return p.setHidden(r, p.deps.Wallet.Hide, "wallet.hidden")
}

func (p *Portal) restoreItem(r *frame.Request) error {
	return p.setHidden(r, p.deps.Wallet.Restore, "wallet.restored")
}

func (p *Portal) setHidden(r *frame.Request, do func(context.Context, *pg.Tx, uuid.UUID, uuid.UUID) error, done string) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return do(ctx, tx, r.Person(), id) }); err != nil {
		return err
	}
	return r.Redirect("/wallet/" + id.String() + "?done=" + done)
}
