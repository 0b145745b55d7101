package portal

import (
	"context"

	"digit/internal/consumer/request"
	"digit/internal/consumer/wallet"
	"digit/internal/infra/identity"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// consentView are the agreements that the reader has given, with what each is for and how it is taken back.
type consentView struct {
	Site                     ui.Site
	Links, Registers, Acts   ui.TableView
	AnyLinks, AnyReg, AnyAct bool
}

// consentsShown is how many applications are looked through for registers.
const consentsShown = 100

// consents lists them: links to certificates, looks into registers, and who may act for the reader.
func (p *Portal) consents(r *frame.Request) error {
	v := consentView{Site: r.Site(frame.Portal)}
	v.Links = ui.TableView{ID: "links", Caption: r.T("consent.links"), HideCaption: true, Stack: true, Columns: columns(r, "consent.what", "consent.purpose", "consent.until")}
	v.Registers = ui.TableView{ID: "registers", Caption: r.T("consent.registers"), HideCaption: true, Stack: true, Columns: columns(r, "request.service", "consent.purpose", "consent.back")}
	v.Acts = ui.TableView{ID: "acts", Caption: r.T("represent.title"), HideCaption: true, Stack: true, Columns: columns(r, "consent.who", "consent.until")}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		open, err := p.deps.Wallet.OpenShares(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		for _, s := range open {
			v.Links.Rows = append(v.Links.Rows, linkRow(r, s))
		}
		may, err := p.deps.Identity.Representatives(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		for _, d := range may {
			if d.Status == identity.Active {
				v.Acts.Rows = append(v.Acts.Rows, actRow(r, d))
			}
		}
		return p.registers(ctx, tx, r, &v)
	})
	if err != nil {
		return err
	}
	v.AnyLinks, v.AnyReg, v.AnyAct = len(v.Links.Rows) > 0, len(v.Registers.Rows) > 0, len(v.Acts.Rows) > 0
	return r.HTML(consentPage(v))
}

func columns(r *frame.Request, keys ...string) (out []ui.Column) {
	for _, key := range keys {
		out = append(out, ui.Column{Label: r.T(key)})
	}
	return out
}

func linkRow(r *frame.Request, s wallet.OpenShare) ui.Row {
	return ui.Row{Cells: []ui.Cell{
		{Text: r.Text(s.Title), Sub: s.Number, Href: "/wallet/" + s.Item.String()}, {Text: s.Purpose}, {Text: ui.DateLong(r.Context(), s.Until)},
	}}
}

func actRow(r *frame.Request, d identity.Delegation) ui.Row {
	until := r.T("consent.no_end")
	if d.Until != nil {
		until = ui.DateLong(r.Context(), *d.Until)
	}
	return ui.Row{Cells: []ui.Cell{{Text: d.Name, Href: "/profile/representatives"}, {Text: until}}}
}

// registers finds the registers that were looked into for the reader's applications.
func (p *Portal) registers(ctx context.Context, tx *pg.Tx, r *frame.Request, v *consentView) error {
	list, err := p.deps.Requests.Mine(ctx, tx, r.Person(), request.Filter{}, page.Request{Size: consentsShown})
	if err != nil {
		return err
	}
	for _, q := range list.Rows {
		spec, err := p.deps.Catalog.Service(ctx, tx, q.Service, q.Version)
		if err != nil {
			return err
		}
		for _, l := range spec.Pack().Lookups {
			if q.Answers[l.Consent] != true {
				continue
			}
			back := r.T("consent.back.sent")
			if q.Status == request.Draft {
				back = r.T("consent.back.draft")
			}
			v.Registers.Rows = append(v.Registers.Rows, ui.Row{Cells: []ui.Cell{
				{Text: r.Text(spec.Pack().Name), Sub: q.Reference, Href: "/requests/" + q.ID.String()}, {Text: r.Text(l.Purpose)}, {Text: back},
			}})
		}
	}
	return nil
}
