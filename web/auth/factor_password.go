package auth

import (
	"context"
	"net/http"

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
	if f := refusable(r, err); f != nil {
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
