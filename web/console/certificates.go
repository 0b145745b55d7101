package console

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// certificates lists what was issued, without what it says.
func (c *Console) certificates(r *frame.Request) error {
	within, err := reach(r, "certificate:read", r.Query("agency"))
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.certificates"))
	v.Lead = r.T("console.certificates.lead")
	v.Search = search(r, "console.certificates.search")
	v.Chips = chips(r, "status", "console.certificate.", string(certificate.Valid), string(certificate.Suspended), string(certificate.Revoked))
	filter := certificate.Filter{Agency: within, Status: certificate.Status(r.Query("status")), Number: r.Query("q")}
	var known names
	l := list[certificate.Credential]{
		name: "certificates", columns: []string{"number", "certificate", "agency", "state", "issued", "until"}, empty: empty(r, "certificates", "scroll-text", nil),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[certificate.Credential], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return c.deps.Certificates.Credentials(ctx, tx, filter, p)
		},
		cells: func(x certificate.Credential) []ui.Cell {
			until := r.T("console.none")
			if x.ExpiresAt != nil {
				until = ui.Date(r.Context(), *x.ExpiresAt)
			}
			return []ui.Cell{
				{Text: x.Number, Href: "/console/certificates/" + x.ID.String()},
				{Text: r.Text(x.Title)},
				{Text: known.agency(x.Agency)},
				{Tag: certificateTag(r, x.Status)},
				{Text: ui.DateTime(r.Context(), x.IssuedAt)},
				{Text: until},
			}
		},
	}
	return l.serve(r, v)
}

func certificateTag(r *frame.Request, s certificate.Status) *ui.TagView {
	kind := map[certificate.Status]ui.Kind{certificate.Valid: ui.Success, certificate.Suspended: ui.Warning, certificate.Revoked: ui.Danger}[s]
	return &ui.TagView{Text: r.T("console.certificate." + string(s)), Kind: kind}
}

// credential returns a certificate of an agency in which the reader has the permission.
func (c *Console) credential(r *frame.Request, permission string) (x certificate.Credential, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return x, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if x, err = c.deps.Certificates.Credential(ctx, tx, id); err != nil {
			return err
		}
		_, err = reach(r, permission, x.Agency)
		return err
	})
	return x, err
}

// certificate shows how a certificate stands. What it says is the holder's, and not shown here.
func (c *Console) certificate(r *frame.Request) error {
	x, err := c.credential(r, "certificate:read")
	if err != nil {
		return err
	}
	here := "/console/certificates/" + x.ID.String()
	v := view(r, x.Number).back("/console/certificates", r.T("site.console.certificates"))
	v.Caption, v.Tag = r.Text(x.Title), certificateTag(r, x.Status)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.agency"), Value: r.Text(x.AgencyName)},
		{Key: r.T("console.column.issued"), Value: ui.DateTime(r.Context(), x.IssuedAt)},
		{Key: r.T("console.column.reference"), Value: x.Reference},
	}
	if x.ExpiresAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.column.until"), Value: ui.Date(r.Context(), *x.ExpiresAt)})
	}
	if x.Reason != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.field.reason"), Value: x.Reason})
	}
	if !r.Principal.MayIn("certificate:revoke", x.Agency) {
		return r.HTML(consolePage(v))
	}
	switch x.Status {
	case certificate.Valid:
		v.Actions = []ui.ButtonView{
			{Label: r.T("console.certificate.suspend"), Href: here + "/suspend", Variant: "secondary"},
			{Label: r.T("console.certificate.revoke"), Href: here + "/revoke", Variant: "warning"},
		}
	case certificate.Suspended:
		v.Actions = []ui.ButtonView{
			{Label: r.T("console.certificate.restore"), Href: here + "/restore"},
			{Label: r.T("console.certificate.revoke"), Href: here + "/revoke", Variant: "warning"},
		}
	}
	return r.HTML(consolePage(v))
}

// certificateActs are what can be done to a certificate, by the last part of the address.
func (c *Console) certificateActs() map[string]func(context.Context, *pg.Tx, uuid.UUID, string) error {
	s := c.deps.Certificates
	return map[string]func(context.Context, *pg.Tx, uuid.UUID, string) error{"revoke": s.Revoke, "suspend": s.Suspend, "restore": s.Restore}
}

func (c *Console) certificateForm(r *frame.Request, x certificate.Credential, reason string) pageView {
	act := r.Param("act")
	v := reasonForm(r, r.T("console.certificate."+act+".title", "number", x.Number), r.T("console.certificate."+act+".text"),
		r.T("console.certificate."+act), "/console/certificates/"+x.ID.String(), reason)
	v.Form.Warning = act != "restore"
	return v
}

func (c *Console) certificateAsk(r *frame.Request) error {
	if c.certificateActs()[r.Param("act")] == nil {
		return frame.Lost(r)
	}
	x, err := c.credential(r, "certificate:revoke")
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.certificateForm(r, x, "")))
}

func (c *Console) certificateAct(r *frame.Request) error {
	act := c.certificateActs()[r.Param("act")]
	if act == nil {
		return frame.Lost(r)
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	x, err := c.credential(r, "certificate:revoke")
	if err != nil {
		return err
	}
	reason := trimmed(posted, "reason")
	v := c.certificateForm(r, x, reason)
	if reason == "" {
		v.Form.wrong("reason", r.T("console.reason.missing"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, x.ID, reason) })
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/certificates/" + x.ID.String() + "?done=console.saved")
}
