package auth

import (
	"context"
	"errors"
	"net/http"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type appView struct {
	shell
	Secret   identity.TOTPSecret
	Next     string
	Error    string
	Problems []ui.Problem
}

// newApp shows the secret that the reader's app needs; it stays the same while the page is looked at again.
func (a *Auth) newApp(r *frame.Request, s side, next string) (v appView, err error) {
	v = appView{shell: s.under(r, r.T("security.app.title")), Next: frame.LocalPath(next)}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		v.Secret, err = a.deps.Identity.BeginTOTP(ctx, tx)
		return err
	})
	return v, err
}

func (a *Auth) askApp(r *frame.Request, s side) error {
	v, err := a.newApp(r, s, r.Query("next"))
	if errors.Is(err, identity.ErrTOTPThere) { // in another window, perhaps
		return r.Redirect(s.base)
	}
	if err != nil {
		return err
	}
	return r.HTML(appPage(v))
}

func (a *Auth) addApp(r *frame.Request, s side) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	var in identity.SignedIn
	var codes []string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		in, codes, err = a.deps.Identity.ActivateTOTP(ctx, tx, typedCode(posted))
		return err
	})
	if f := refusable(r, err); f != nil {
		v, err := a.newApp(r, s, posted.Get("next"))
		if err != nil {
			return err
		}
		v.Error = r.Sentence(f)
		v.Problems, v.Errors = []ui.Problem{{Field: "code", Text: v.Error}}, 1
		return r.HTMLStatus(http.StatusUnprocessableEntity, appPage(v))
	}
	if err != nil {
		return err
	}
	r.StartSession(in.Token)
	return a.made(r, s, codes, s.after(r, posted.Get("next"), "security.app_added"))
}

func (a *Auth) removeAppAsk(r *frame.Request, s side) error { return s.ask(r, "app") }

func (a *Auth) removeApp(r *frame.Request, s side) error {
	if err := r.Write(a.deps.Identity.RemoveTOTP); err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=security.app_removed")
}

type codesView struct {
	shell
	Codes []string
	Next  string
}

// recovery asks before new codes make the old ones worthless.
func (a *Auth) recovery(r *frame.Request, s side) error {
	surface := ""
	if s.portal {
		surface = frame.Portal
	}
	return r.HTML(askPage(askView{Site: r.Site(surface), Portal: s.portal, ConfirmActView: ui.ConfirmActView{
		Title: r.T("security.recovery.title"), Text: r.T("security.recovery.text"), Action: r.URL.Path, Submit: r.T("security.recovery.new"),
		Cancel: ui.Link{Label: r.T("security.cancel"), Href: s.base},
	}}))
}

func (a *Auth) newRecovery(r *frame.Request, s side) error {
	var codes []string
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		codes, err = a.deps.Identity.NewRecoveryCodes(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	return a.made(r, s, codes, s.base)
}
