package auth

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

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
	if f := refusable(r, err); f != nil {
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
	if f := refusable(r, err); f != nil && len(f.Fields) > 0 {
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
