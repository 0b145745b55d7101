package auth

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/tenancy"
	"digit/web/frame"
	"digit/web/ui"
)

// side is for whom the pages of one's own security are: the same for people and for staff, in the frame of each.
type side struct {
	base, permission string
	portal           bool
}

var (
	people = side{"/profile/security", frame.Citizen, true}
	staff  = side{"/staff/security", frame.Staff, false}
)

// securityRoutes are the pages on which one looks after what one signs in with.
func (a *Auth) securityRoutes(s side) []frame.Route {
	const get, post = http.MethodGet, http.MethodPost
	route := func(method, path string, h func(*frame.Request, side) error) frame.Route {
		return page(method, s.base+path, s.permission, func(r *frame.Request) error { return h(r, s) })
	}
	enrol := func(method, path string, h func(*frame.Request, side) error) frame.Route {
		return onlyOne(fresh(route(method, path, h)))
	}
	options := enrol(post, "/passkey/options", a.newPasskeyOptions)
	options.Kind = frame.API
	return []frame.Route{
		route(get, "", a.security),
		fresh(route(get, "/password", a.askNewPassword)),
		fresh(route(post, "/password", a.setPassword)),
		fresh(route(get, "/password/remove", a.removePasswordAsk)),
		fresh(route(post, "/password/remove", a.removePassword)),
		enrol(get, "/passkeys/new", a.askPasskey),
		options,
		enrol(post, "/passkeys/new", a.addPasskey),
		route(get, "/passkeys/{id}", a.passkey),
		route(post, "/passkeys/{id}", a.renamePasskey),
		fresh(route(get, "/passkeys/{id}/remove", a.removePasskeyAsk)),
		fresh(route(post, "/passkeys/{id}/remove", a.removePasskey)),
		enrol(get, "/app", a.askApp),
		enrol(post, "/app", a.addApp),
		fresh(route(get, "/app/remove", a.removeAppAsk)),
		fresh(route(post, "/app/remove", a.removeApp)),
		fresh(route(get, "/recovery", a.recovery)),
		fresh(route(post, "/recovery", a.newRecovery)),
		fresh(route(post, "/sessions/{id}/end", a.endSession)), // or who stole one could lock the owner out
		fresh(route(post, "/sessions/end-others", a.endOthers)),
	}
}

// shell is what the pages of one's own security have around them.
type shell struct {
	Site   ui.Site
	Side   side
	Title  string
	Back   *ui.Link
	Notice *ui.NoticeView
	Errors int
	Script string
}

func (s side) shell(r *frame.Request, title string) shell {
	surface := ""
	if s.portal {
		surface = frame.Portal
	}
	return shell{Site: r.Site(surface), Side: s, Title: title, Notice: r.Done()}
}

// under is a page below the overview.
func (s side) under(r *frame.Request, title string) shell {
	sh := s.shell(r, title)
	sh.Back = &ui.Link{Href: s.base, Label: r.T("security.title")}
	return sh
}

type securityView struct {
	shell
	Warnings []ui.NoticeView
	Passkeys []passkeyRow
	App      *ui.TagView
	AppText  string
	HasApp   bool
	Recovery string // how many codes are left, "" where there is nothing that they could stand in for
	Password string
	HasPass  bool
	Linked   linkedView
	Sessions []sessionRow
	Others   bool // there are sessions besides this one
}

type passkeyRow struct {
	Name, Href, Text string
	Suspect          bool
}

type sessionRow struct {
	ID, Device, By, Started, Seen, IP string
	Current                           bool
}

// security shows what one signs in with, and where one is signed in.
func (a *Auth) security(r *frame.Request, s side) error {
	var f identity.Factors
	var sessions []identity.Session
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if f, err = a.deps.Identity.Factors(ctx, tx, r.Person()); err != nil {
			return err
		}
		sessions, err = a.deps.Identity.Sessions(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	v := securityView{shell: s.shell(r, r.T("security.title"))}
	v.Back = &ui.Link{Href: "/profile", Label: r.T("site.account.profile")}
	if !s.portal {
		v.Back = &ui.Link{Href: frame.StaffHome(*r.Principal)}
	}
	v.Warnings = warnings(r, s, f)
	for _, k := range f.Passkeys {
		v.Passkeys = append(v.Passkeys, passkeyRow{Name: k.Name, Href: s.base + "/passkeys/" + k.ID.String(), Text: passkeyText(r, k), Suspect: k.Suspect != nil})
	}
	v.HasApp, v.AppText = f.TOTP != nil, r.T("security.app.none")
	if f.TOTP != nil {
		v.AppText = r.T("security.app.since", "date", ui.Date(r.Context(), *f.TOTP))
	}
	if f.Strong() {
		v.Recovery = r.T("security.recovery.left", "n", f.Recovery)
	}
	v.HasPass, v.Password = f.Password != nil, r.T("security.password.none")
	if f.Password != nil {
		v.Password = r.T("security.password.since", "date", ui.Date(r.Context(), *f.Password))
	}
	if v.Linked, err = linkedTo(r, a.deps.Identity); err != nil {
		return err
	}
	for _, x := range sessions {
		v.Sessions = append(v.Sessions, sessionOf(r, x))
		v.Others = v.Others || !x.Current
	}
	return r.HTML(securityPage(v))
}

// warnings say what the owner should do something about.
func warnings(r *frame.Request, s side, f identity.Factors) (list []ui.NoticeView) {
	if slices.ContainsFunc(f.Passkeys, func(k identity.Passkey) bool { return k.Suspect != nil }) {
		list = append(list, ui.NoticeView{Kind: ui.Danger, Title: r.T("security.suspect.title"), Text: r.T("security.suspect.text")})
	}
	if f.Strong() && f.Recovery <= identity.RecoveryFew && (f.TOTP != nil || !s.portal) {
		list = append(list, ui.NoticeView{
			Kind: ui.Warning, Title: r.T("security.recovery.few", "n", f.Recovery), Text: r.T("security.recovery.few.text"),
			Link: &ui.Link{Label: r.T("security.recovery.new"), Href: s.base + "/recovery"},
		})
	}
	if s.portal && !f.Strong() {
		list = append(list, ui.NoticeView{Kind: ui.Info, Title: r.T("security.risk.title"), Text: r.T("security.risk.text")})
	}
	if !s.portal && !f.Strong() && r.Settings.StaffSecondFactor != tenancy.Required {
		list = append(list, ui.NoticeView{Kind: ui.Info, Title: r.T("security.advice.title"), Text: r.T("security.advice.text")})
	}
	return list
}

func passkeyText(r *frame.Request, k identity.Passkey) string {
	text := []string{r.T("security.passkey.made", "date", ui.Date(r.Context(), k.Created))}
	if k.Used != nil {
		text = append(text, r.T("security.passkey.used", "date", ui.DateTime(r.Context(), *k.Used)))
	}
	if k.Synced {
		text = append(text, r.T("security.passkey.synced"))
	}
	if k.Host != r.Hostname() {
		text = append(text, r.T("security.passkey.host", "host", k.Host))
	}
	return strings.Join(text, " · ")
}

func sessionOf(r *frame.Request, x identity.Session) sessionRow {
	device := r.T("session.device", "browser", x.Device.Browser, "system", x.Device.System)
	switch {
	case x.Device.Browser == "" && x.Device.System == "":
		device = r.T("session.device.unknown")
	case x.Device.Browser == "" || x.Device.System == "":
		device = x.Device.Browser + x.Device.System
	}
	var by []string
	for _, m := range x.Methods {
		by = append(by, r.T("session.method."+m))
	}
	return sessionRow{
		ID: x.ID.String(), Device: device, By: strings.Join(by, ", "), IP: x.IP, Current: x.Current,
		Started: ui.DateTime(r.Context(), x.Created), Seen: ui.DateTime(r.Context(), x.Seen),
	}
}

func (a *Auth) endSession(r *frame.Request, s side) error {
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return a.deps.Identity.EndSession(ctx, tx, r.Person(), id) }); err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=session.ended")
}

func (a *Auth) endOthers(r *frame.Request, s side) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := a.deps.Identity.EndOtherSessions(ctx, tx, r.Person())
		return err
	})
	if err != nil {
		return err
	}
	return r.Redirect(s.base + "?done=session.others_ended")
}

// askView asks before something is taken away.
type askView struct {
	Site   ui.Site
	Portal bool
	ui.ConfirmActView
}

// ask asks before a factor is taken away.
func (s side) ask(r *frame.Request, what string, args ...any) error {
	surface := ""
	if s.portal {
		surface = frame.Portal
	}
	return r.HTML(askPage(askView{Site: r.Site(surface), Portal: s.portal, ConfirmActView: ui.ConfirmActView{
		Title: r.T("security."+what+".remove.title", args...), Text: r.T("security." + what + ".remove.text"), Action: r.URL.Path,
		Submit: r.T("security." + what + ".remove"), Cancel: ui.Link{Label: r.T("security.cancel"), Href: s.base},
	}}))
}

// after leads on after a factor was made: to where the reader was going, or back to the overview.
func (s side) after(r *frame.Request, next, done string) string {
	if next = frame.LocalPath(next); next != "/" {
		return next
	}
	return s.base + "?done=" + done
}

func query(next string) string {
	if next = frame.LocalPath(next); next == "/" {
		return ""
	}
	return "?next=" + url.QueryEscape(next)
}
