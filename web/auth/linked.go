package auth

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// linkedView is the part of a page that shows by which providers and directories the reader is known, and lets them link
// and unlink. Read it with linkedTo.
type linkedView struct {
	Notice *ui.NoticeView
	Rows   []linkedRow
	Offers []wayView
	Next   string // the page that it stands on
}

type linkedRow struct {
	Code, Name, Linked, Used string
	Unlink                   bool // a directory is the administrator's to unlink
}

// linkedTo reads what the part shows of the reader; the page that it stands on is where they come back to. Offers are the
// providers that they could be known by as well.
func linkedTo(r *frame.Request, people *identity.Service) (v linkedView, err error) {
	v = linkedView{Next: r.URL.Path, Notice: linkNotice(r)}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		links, err := people.Links(ctx, tx, r.Person())
		if err != nil {
			return err
		}
		providers, err := people.Providers(ctx, tx)
		if err != nil {
			return err
		}
		directories, err := people.Directories(ctx, tx)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, p := range providers {
			names[p.Source()] = r.Text(p.Name)
			serves := p.Enabled && (r.Principal.Kind == identity.KindStaff && p.Staff || r.Principal.Kind == identity.KindPerson && p.People)
			if serves && !slices.ContainsFunc(links, func(l identity.Link) bool { return l.Source == p.Source() }) {
				v.Offers = append(v.Offers, wayView{Code: p.Code, Name: r.Text(p.Name)})
				r.AllowForms(p.AuthorizeURL)
			}
		}
		for _, d := range directories {
			names[d.Source()] = r.Text(d.Name)
		}
		for _, l := range links {
			sort, code, _ := strings.Cut(l.Source, ":")
			row := linkedRow{Code: code, Name: names[l.Source], Linked: ui.Date(r.Context(), l.Linked), Unlink: sort == "provider"}
			if !l.Used.IsZero() {
				row.Used = ui.DateTime(r.Context(), l.Used)
			}
			v.Rows = append(v.Rows, row)
		}
		return nil
	})
	return v, err
}

// linkWhys are the reasons for which a link came to nothing, as they stand in the address.
var linkWhys = []string{"away", "refused", "cancelled", "link_taken", "link_twice", "last_way"}

func linkNotice(r *frame.Request) *ui.NoticeView {
	why := r.Query("link")
	if !slices.Contains(linkWhys, why) {
		return nil
	}
	return &ui.NoticeView{Kind: ui.Danger, Title: r.T("auth.link.failed"), Text: r.T("auth.link." + why)}
}

// link sends who is signed in to a provider, to be known by it from then on.
func (a *Auth) link(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	next := frame.LocalPath(posted.Get("next"))
	p, err := a.provider(r, r.Param("provider"))
	if err != nil {
		return err
	}
	if err := a.deps.Identity.Reach(r.Context(), p); err != nil {
		r.Refused(err)
		return r.Redirect(withQuery(next, "link", "away"))
	}
	return a.leave(r, next, func(ctx context.Context, tx *pg.Tx) (string, string, error) {
		return a.deps.Identity.BeginLink(ctx, tx, p.Code, r.Origin()+callbackPath)
	})
}

type unlinkView struct {
	Site       ui.Site
	Code, Name string
	Next       string
}

// unlinkAsk asks before a link is undone.
func (a *Auth) unlinkAsk(r *frame.Request) error {
	p, err := a.provider(r, r.Param("provider"))
	if err != nil {
		return err
	}
	return r.HTML(unlinkPage(unlinkView{Site: r.Site(""), Code: p.Code, Name: r.Text(p.Name), Next: frame.LocalPath(r.Query("next"))}))
}

func (a *Auth) unlink(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	next := frame.LocalPath(posted.Get("next"))
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return a.deps.Identity.Unlink(ctx, tx, r.Person(), r.Param("provider"))
	})
	if f := fault.Of(err); f != nil && f.Code == identity.ErrLastWay.Code {
		return r.Redirect(withQuery(next, "link", "last_way"))
	}
	if err != nil {
		return err
	}
	return r.Redirect(withQuery(next, "done", "profile.unlinked"))
}

func unlinkPath(code, next string) string {
	return "/sign-in/unlink/" + code + "?next=" + url.QueryEscape(next)
}

// localPath leads to the door here.
func localPath(staff bool, next string) string {
	return door(staff) + query(next)
}

// linkPath leads to the door here, and then to where one links.
func linkPath(staff bool) string {
	if staff {
		return localPath(true, "/staff/security")
	}
	return localPath(false, "/profile/security")
}

func directoryPath(code, next string) string {
	return "/staff/sign-in/at/" + code + "?next=" + url.QueryEscape(next)
}
