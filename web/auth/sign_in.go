package auth

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// signInView is a door: the page on which one says who one is.
type signInView struct {
	Site     ui.Site
	Staff    bool
	Lapsed   bool
	Next     string
	Address  string
	Error    string
	Problems []ui.Problem
	Ways     waysView
	Demo     bool
	Trials   []trialView
}

type trialView struct{ Address, Role string }

func (a *Auth) ask(staff bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		v, err := a.signInView(r, staff, r.Query("next"))
		if err != nil {
			return err
		}
		v.Lapsed = r.Query("lapsed") != "" && r.Principal == nil
		return r.HTML(signInPage(v))
	}
}

// signInView shows the ways in that there are, which says nothing about who has an account.
func (a *Auth) signInView(r *frame.Request, staff bool, next string) (v signInView, err error) {
	v = signInView{Site: r.Site(""), Staff: staff, Next: frame.LocalPath(next), Demo: r.Tenant.Kind != "production"}
	if v.Ways, err = a.ways(r, staff, v.Next); err != nil {
		return v, err
	}
	trials := a.deps.Trials[r.Tenant.Slug]
	if !staff || !v.Demo || len(trials) == 0 {
		return v, nil
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		v.Trials, err = a.trials(ctx, tx, r, trials)
		return err
	})
	return v, err
}

// trials are whom a demonstration may be looked at as, with the roles' names.
func (a *Auth) trials(ctx context.Context, tx *pg.Tx, r *frame.Request, trials []Trial) (list []trialView, err error) {
	roles, err := a.deps.Identity.Roles(ctx, tx)
	names := map[string]string{}
	for _, role := range roles {
		names[role.Code] = r.Text(role.Name)
	}
	for _, t := range trials {
		if names[t.Role] != "" {
			list = append(list, trialView{t.Address, names[t.Role]})
		}
	}
	return list, err
}

// sendCode sends a one-time code. The answer is the same whether the address is known or not.
func (a *Auth) sendCode(staff bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		posted, err := r.Form()
		if err != nil {
			return err
		}
		address, next := strings.TrimSpace(posted.Get("address")), frame.LocalPath(posted.Get("next"))
		channel := identity.ChannelSMS
		if strings.Contains(address, "@") {
			channel = identity.ChannelEmail
		}
		var id uuid.UUID
		err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
			id, err = a.deps.Identity.StartCode(ctx, tx, identity.StartCode{Channel: channel, Address: address, Lang: r.Lang, Staff: staff})
			return err
		})
		if f := refusable(r, err); f != nil {
			v, err := a.signInView(r, staff, next)
			if err != nil {
				return err
			}
			v.Address, v.Error = address, r.Sentence(f)
			v.Problems = []ui.Problem{{Field: "address", Text: v.Error}}
			return r.HTMLStatus(http.StatusUnprocessableEntity, signInPage(v))
		}
		if err != nil {
			return err
		}
		to := "/sign-in/code?id=" + id.String() + "&next=" + url.QueryEscape(next)
		if staff {
			to += "&staff=yes"
		}
		return r.Redirect(to)
	}
}

// codeView asks for a code. Hidden goes with it; Back and Again lead to where it was asked for.
type codeView struct {
	Site          ui.Site
	Action, Back  string
	Title, Submit string
	Hidden        [][2]string
	Error         string
	Problems      []ui.Problem
	Demo          bool
}

func signInCode(r *frame.Request, id, next string, staff bool) codeView {
	back := door(staff) + "?next=" + url.QueryEscape(next)
	return codeView{
		Site: r.Site(""), Action: "/sign-in/code", Back: back, Title: r.T("auth.code.title"), Submit: r.T("auth.code.submit"),
		Hidden: [][2]string{{"id", id}, {"next", next}, {"staff", yes(staff)}}, Demo: r.Tenant.Kind != "production",
	}
}

func (a *Auth) askCode(r *frame.Request) error {
	return r.HTML(codePage(signInCode(r, r.Query("id"), frame.LocalPath(r.Query("next")), r.Query("staff") != "")))
}

// takeCode signs in.
func (a *Auth) takeCode(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	next := frame.LocalPath(posted.Get("next"))
	v := signInCode(r, posted.Get("id"), next, posted.Get("staff") != "")
	id, err := uuid.Parse(posted.Get("id"))
	if err != nil {
		return r.Redirect("/sign-in")
	}
	var in admitted
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		signedIn, err := a.deps.Identity.FinishCode(ctx, tx, id, typedCode(posted))
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	if f := refusable(r, err); f != nil {
		v.Error = r.Sentence(f)
		v.Problems = []ui.Problem{{Field: "code", Text: v.Error}}
		return r.HTMLStatus(http.StatusUnprocessableEntity, codePage(v))
	}
	if err != nil {
		return err
	}
	return a.welcome(r, in, next)
}

func typedCode(posted url.Values) string { return strings.Join(strings.Fields(posted.Get("code")), "") }

// passwordView asks for an address and its password.
type passwordView struct {
	Site     ui.Site
	Staff    bool
	Next     string
	Address  string
	Error    string
	Problems []ui.Problem
}

func (a *Auth) askPassword(staff bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		return r.HTML(passwordPage(passwordView{Site: r.Site(""), Staff: staff, Next: frame.LocalPath(r.Query("next"))}))
	}
}

// takePassword signs in. The password is compared between two transactions, since that takes a while.
func (a *Auth) takePassword(staff bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		posted, err := r.Form()
		if err != nil {
			return err
		}
		v := passwordView{Site: r.Site(""), Staff: staff, Next: frame.LocalPath(posted.Get("next")), Address: strings.TrimSpace(posted.Get("address"))}
		in, err := a.byPassword(r, v.Address, posted.Get("password"), staff)
		if f := refusable(r, err); f != nil {
			v.Error = r.Sentence(f)
			v.Problems = []ui.Problem{{Field: "address", Text: v.Error}}
			return r.HTMLStatus(http.StatusUnprocessableEntity, passwordPage(v))
		}
		if err != nil {
			return err
		}
		return a.welcome(r, in, v.Next)
	}
}

func (a *Auth) byPassword(r *frame.Request, address, password string, staff bool) (in admitted, err error) {
	var try identity.PasswordTry
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		try, err = a.deps.Identity.StartPassword(ctx, tx, address, staff)
		return err
	})
	if err != nil {
		return in, err
	}
	if try, err = a.deps.Identity.CheckPassword(r.Context(), try, password); err != nil {
		return in, err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		signedIn, err := a.deps.Identity.FinishPassword(ctx, tx, try)
		if err != nil {
			return err
		}
		in, err = a.admit(ctx, tx, r, signedIn)
		return err
	})
	return in, err
}

// door is where somebody signs in.
func door(staff bool) string {
	if staff {
		return "/staff/sign-in"
	}
	return "/sign-in"
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
