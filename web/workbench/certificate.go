package workbench

import (
	"bytes"
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/certificate"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// errRevoke says that the officer's right to revoke does not reach this agency or area.
var errRevoke = fault.Forbidden("workbench.revoke")

type certificateView struct {
	Title                       string
	Tag                         ui.TagView
	Facts                       []ui.Fact
	PDF, VerifyHref, RevokeHref string
}

func certificateOf(r *frame.Request, c opened) *certificateView {
	cred := c.credential
	if cred == nil {
		return nil
	}
	v := &certificateView{Title: r.Text(cred.Title), Tag: certificateTag(r, *cred), VerifyHref: c.verifyURL, Facts: []ui.Fact{
		{Key: r.T("workbench.certificate.number"), Value: cred.Number},
		{Key: r.T("workbench.certificate.issued"), Value: ui.Date(r.Context(), cred.IssuedAt)},
	}}
	if cred.ExpiresAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("workbench.certificate.until"), Value: ui.Date(r.Context(), *cred.ExpiresAt)})
	}
	if cred.Reason != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("workbench.certificate.reason"), Value: cred.Reason})
	}
	if cred.Document != uuid.Nil {
		v.PDF = casePath(c.Application.ID) + "/certificate"
	}
	if cred.Status != certificate.Revoked && c.Application.Case.Reached(*r.Principal, revokePermission, r.Now) {
		v.RevokeHref = casePath(c.Application.ID) + "/certificate/revoke"
	}
	return v
}

func certificateTag(r *frame.Request, c certificate.Credential) ui.TagView {
	text := r.T("workbench.certificate." + string(c.Status))
	switch {
	case c.Status == certificate.Revoked:
		return ui.TagView{Text: text, Kind: ui.Danger, Icon: "ban"}
	case c.Status == certificate.Suspended:
		return ui.TagView{Text: text, Kind: ui.Warning, Icon: "pause"}
	case c.ExpiresAt != nil && r.Now.After(*c.ExpiresAt):
		return ui.TagView{Text: r.T("workbench.certificate.expired"), Kind: ui.Neutral}
	}
	return ui.TagView{Text: text, Kind: ui.Success}
}

// certificate shows the PDF of what the case has issued.
func (w *Workbench) certificate(r *frame.Request) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	var f document.File
	var body bytes.Buffer
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		app, err := w.deps.Applications.Application(ctx, tx, id, *r.Principal)
		if err != nil {
			return err
		}
		cred, err := w.deps.Certificates.Credential(ctx, tx, app.Credential)
		if err != nil {
			return err
		}
		if f, err = w.deps.Documents.File(ctx, tx, cred.Document); err != nil {
			return err
		}
		return w.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

type revokeView struct {
	Site                    ui.Site
	Title, Number, Holder   string
	Action, Back, Reference string
	Reason                  ui.Field
	Problems                []ui.Problem
}

func (w *Workbench) revokeAsk(r *frame.Request) error {
	var c opened
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = w.revocable(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	if c.credential.Status == certificate.Revoked {
		return r.Redirect(casePath(c.Application.ID))
	}
	return r.HTML(revokePage(revokeOf(r, c, "", "")))
}

// revocable opens the case whose certificate the officer may revoke. Errors: certificate.ErrNotFound, errRevoke, and
// those of reading the case.
func (w *Workbench) revocable(ctx context.Context, tx *pg.Tx, r *frame.Request) (c opened, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return c, err
	}
	if c, err = w.open(ctx, tx, r, id); err != nil {
		return c, err
	}
	if c.credential == nil {
		return c, certificate.ErrNotFound
	}
	if !c.Application.Case.Reached(*r.Principal, revokePermission, tx.Now) {
		return c, errRevoke
	}
	return c, nil
}

func revokeOf(r *frame.Request, c opened, reason, wrong string) revokeView {
	v := revokeView{
		Site: r.Site(frame.Workbench), Title: r.Text(c.credential.Title), Number: c.credential.Number, Holder: c.Application.Name,
		Action: casePath(c.Application.ID) + "/certificate/revoke", Back: casePath(c.Application.ID), Reference: c.Application.Reference,
		Reason: ui.Field{Name: "reason", Label: r.T("workbench.revoke.reason"), Hint: r.T("workbench.revoke.reason_hint"), Rows: 3, MaxLength: 500, Value: reason, Error: wrong},
	}
	if wrong != "" {
		v.Problems = []ui.Problem{{Field: "reason", Text: wrong}}
	}
	return v
}

func (w *Workbench) revoke(r *frame.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	reason := form.Get("reason")
	var c opened
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if c, err = w.revocable(ctx, tx, r); err != nil {
			return err
		}
		return w.deps.Certificates.Revoke(ctx, tx, c.credential.ID, reason)
	})
	if errors.Is(err, certificate.ErrReason) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, revokePage(revokeOf(r, c, reason, r.Sentence(fault.Of(err)))))
	}
	if err != nil {
		return err
	}
	return r.Redirect(casePath(c.Application.ID) + "?done=workbench.revoked")
}
