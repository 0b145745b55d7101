package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

type newPasswordView struct {
	shell
	Min      int
	Has      bool
	Account  string // by which password managers know it
	Error    string
	Problems []ui.Problem
}

func (a *Auth) newPassword(r *frame.Request, s side) (v newPasswordView, rules identity.PasswordRules, err error) {
	v = newPasswordView{shell: s.under(r, r.T("security.password.title"))}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		if rules, err = a.deps.Identity.PasswordRules(ctx, tx); err != nil {
			return err
		}
		f, err := a.deps.Identity.Factors(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		v.Min, v.Has = rules.Min, f.Password != nil
		contacts, err := a.deps.Identity.Contacts(ctx, tx, r.Person())
		if len(contacts) > 0 {
			v.Account = contacts[0].Address
		}
		return err
	})
	return v, rules, err
}

func (a *Auth) askNewPassword(r *frame.Request, s side) error {
	v, _, err := a.newPassword(r, s)
	if err != nil {
		return err
	}
	return r.HTML(newPasswordPage(v))
}

// setPassword hashes between two transactions, since that takes a while.
func (a *Auth) setPassword(r *frame.Request, s side) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, rules, err := a.newPassword(r, s)
	if err != nil {
		return err
	}
	made, err := a.deps.Identity.MakePassword(r.Context(), rules, posted.Get("password"))
	if f := refusable(err); f != nil {
		v.Error = r.Sentence(f)
		if len(f.Fields) > 0 {
			v.Error = r.FieldSentence(f.Fields[0])
		}
		v.Problems = []ui.Problem{{Field: "password", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, newPasswordPage(v))
	}
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.SetPassword(ctx, tx, made) }); err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=security.password_set")
}

func (a *Auth) removePasswordAsk(r *frame.Request, s side) error { return s.ask(r, "password") }

func (a *Auth) removePassword(r *frame.Request, s side) error {
	if err := r.Write(a.deps.Identity.RemovePassword); err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=security.password_removed")
}

type newPasskeyView struct {
	shell
	Form      passkeyForm
	Name      string
	NameError string
	Problems  []ui.Problem
}

func (a *Auth) newPasskey(r *frame.Request, s side, next string) newPasskeyView {
	v := newPasskeyView{shell: s.under(r, r.T("security.passkey.title"))}
	v.Script = "passkey.js"
	v.Form = passkeyForm{
		Action: s.base + "/passkeys/new", Options: s.base + "/passkey/options", Make: true, Submit: r.T("security.passkey.make"), Primary: true,
		Hidden: [][2]string{{"next", frame.LocalPath(next)}},
	}
	if device := identity.DeviceOf(r.UserAgent()); device.System != "" {
		v.Name = device.System
	}
	return v
}

func (a *Auth) askPasskey(r *frame.Request, s side) error {
	return r.HTML(newPasskeyPage(a.newPasskey(r, s, r.Query("next"))))
}

func (a *Auth) newPasskeyOptions(r *frame.Request, _ side) error {
	var c identity.Ceremony
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		c, err = a.deps.Identity.BeginPasskey(ctx, tx, passkeySite(r))
		return err
	})
	if err != nil {
		return err
	}
	return challenge(r, c)
}

func (a *Auth) addPasskey(r *frame.Request, s side) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	next := posted.Get("next")
	id, err := uuid.Parse(posted.Get("ceremony"))
	if err != nil { // a browser without scripts sends nothing
		return r.Redirect(s.base + "/passkeys/new" + query(next))
	}
	var codes []string
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		codes, err = a.deps.Identity.AddPasskey(ctx, tx, passkeySite(r), id, posted.Get("name"), []byte(posted.Get("credential")))
		return err
	})
	if f := refusable(err); f != nil {
		v := a.newPasskey(r, s, next)
		v.Name = posted.Get("name")
		problem := ui.Problem{Text: r.Sentence(f)}
		if len(f.Fields) > 0 {
			problem = ui.Problem{Field: "name", Text: r.FieldSentence(f.Fields[0])}
			v.NameError = problem.Text
		}
		v.Problems = []ui.Problem{problem}
		v.Errors = 1
		return r.HTMLStatus(http.StatusUnprocessableEntity, newPasskeyPage(v))
	}
	if err != nil {
		return err
	}
	return a.made(r, s, codes, s.after(r, next, "security.passkey_added"))
}

// made goes on after a factor was made, past the recovery codes that came with it, if any.
func (a *Auth) made(r *frame.Request, s side, codes []string, next string) error {
	if len(codes) == 0 {
		return r.Redirect(next)
	}
	return r.HTML(codesPage(codesView{shell: s.shell(r, r.T("security.recovery.title")), Codes: codes, Next: next}))
}

type passkeyView struct {
	shell
	Href      string
	Name      string
	Text      string
	Suspect   bool
	NameError string
	Problems  []ui.Problem
}

func (a *Auth) onePasskey(r *frame.Request, s side) (v passkeyView, id uuid.UUID, err error) {
	if id, err = r.UUID("id"); err != nil {
		return v, id, err
	}
	var f identity.Factors
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		f, err = a.deps.Identity.Factors(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return v, id, err
	}
	for _, k := range f.Passkeys {
		if k.ID == id {
			return passkeyView{
				shell: s.under(r, k.Name), Href: s.base + "/passkeys/" + id.String(), Name: k.Name, Text: passkeyText(r, k), Suspect: k.Suspect != nil,
			}, id, nil
		}
	}
	return v, id, identity.ErrNoFactor
}

func (a *Auth) passkey(r *frame.Request, s side) error {
	v, _, err := a.onePasskey(r, s)
	if err != nil {
		return err
	}
	return r.HTML(passkeyPage(v))
}

func (a *Auth) renamePasskey(r *frame.Request, s side) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v, id, err := a.onePasskey(r, s)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return a.deps.Identity.RenamePasskey(ctx, tx, id, posted.Get("name"))
	})
	if f := refusable(err); f != nil && len(f.Fields) > 0 {
		v.Name, v.NameError = posted.Get("name"), r.FieldSentence(f.Fields[0])
		v.Problems, v.Errors = []ui.Problem{{Field: "name", Text: v.NameError}}, 1
		return r.HTMLStatus(http.StatusUnprocessableEntity, passkeyPage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=security.passkey_renamed")
}

func (a *Auth) removePasskeyAsk(r *frame.Request, s side) error {
	v, _, err := a.onePasskey(r, s)
	if err != nil {
		return err
	}
	return s.ask(r, "passkey", "name", v.Name)
}

func (a *Auth) removePasskey(r *frame.Request, s side) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.RemovePasskey(ctx, tx, id) }); err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=security.passkey_removed")
}

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
	if f := refusable(err); f != nil {
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
