package frame

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/web/ui"
)

// Surfaces, by the first part of their paths.
const (
	Portal    = "portal"
	Workbench = "workbench"
	Console   = "console"
	Studio    = "studio"
	Desk      = "desk"
)

// Site returns what the pages of a surface share; "" is for pages outside of surfaces.
func (r *Request) Site(surface string) ui.Site {
	s := ui.Site{
		Name: r.Text(r.Settings.Name), Tagline: r.Text(r.Settings.Tagline), HomeURL: "/",
		Languages: r.languageLinks(), FooterNote: r.Text(r.Settings.Name),
		Footer: []ui.Link{
			{Label: r.T("site.footer.agencies"), Href: "/agencies"},
			{Label: r.T("site.footer.verify"), Href: "/verify"},
			{Label: r.T("site.footer.help"), Href: "/help"},
			{Label: r.T("site.footer.accessibility"), Href: "/accessibility"},
			{Label: r.T("site.footer.privacy"), Href: "/privacy"},
		},
	}
	if s.Name == "" {
		s.Name = "DIGIT"
	}
	if r.Settings.Accent != "" {
		s.ThemeURL = "/theme/" + strings.TrimPrefix(r.Settings.Accent, "#") + ".css"
	}
	if r.Tenant.Kind == "demo" || r.Tenant.Kind == "sandbox" {
		s.Demo, s.SimulatorURL, s.Clock = true, "/simulator", i18n.FormatDateTime(r.Lang, r.Now, r.Settings.Location())
	}
	s.SignInURL = "/sign-in"
	if surface == Workbench || surface == Console || surface == Studio || surface == Desk {
		s.SignInURL, s.HomeURL = "/staff/sign-in", "/"+surface
	}
	if r.Principal != nil {
		s.SignedIn, s.SignOutAction = r.Principal.Name, "/sign-out"
		if s.SignedIn == "" {
			s.SignedIn = r.T("site.account")
		}
		if r.Principal.Guest {
			s.SignedIn = r.T("site.guest")
		}
		s.Account, s.Capacities = r.accountMenu(), r.capacities()
	}
	switch surface {
	case Portal:
		s.Nav = r.current(r.portalNav())
	case Workbench:
		s.Nav = r.current(r.staffNav())
	case Console:
		s.Nav = r.current(r.consoleNav())
	case Studio:
		s.Nav = r.current(r.studioNav())
	case Desk:
		s.Nav = r.current(r.deskNav())
	}
	return s
}

func (r *Request) portalNav() []ui.NavItem {
	nav := []ui.NavItem{{Label: r.T("site.nav.services"), Href: "/services"}}
	if r.Principal != nil && (r.Principal.Kind == identity.KindPerson || r.Principal.Acting != nil) {
		nav = append(nav, ui.NavItem{Label: r.T("site.nav.requests"), Href: "/requests"}, ui.NavItem{Label: r.T("site.nav.wallet"), Href: "/wallet"})
	}
	return append(nav, ui.NavItem{Label: r.T("site.nav.verify"), Href: "/verify"})
}

// staffSurfaces are where staff work, in the order in which they begin.
var staffSurfaces = []struct{ permission, key, href string }{
	{"desk:use", "site.nav.desk", "/desk"},
	{"workbench:use", "site.nav.workbench", "/workbench"},
	{"field:use", "field.nav", "/field"},
	{"studio:design", "site.nav.studio", "/studio"},
	{"studio:approve", "site.nav.approvals", "/studio/proposals"},
	{"analytics:read", "site.nav.insight", "/insight"},
	{"console:use", "site.nav.console", "/console"},
}

// StaffHome is where a member of staff begins: the console for who administers, else the first surface they may open.
func StaffHome(p identity.Principal) string {
	for _, s := range staffSurfaces {
		if p.May(s.permission) && (s.permission != "analytics:read" || !p.May("console:use")) {
			return s.href
		}
	}
	return "/"
}

func (r *Request) staffNav() []ui.NavItem {
	var nav []ui.NavItem
	for _, n := range staffSurfaces {
		if r.Principal != nil && r.Principal.May(n.permission) {
			nav = append(nav, ui.NavItem{Label: r.T(n.key), Href: n.href})
		}
	}
	return nav
}

// consoleNav lists the console's pages that this person may open.
func (r *Request) consoleNav() []ui.NavItem {
	var nav []ui.NavItem
	for _, n := range []struct{ permission, key, href, icon string }{
		{"console:use", "site.console.home", "/console", "layout-dashboard"},
		{"tenancy:create", "site.console.tenants", "/console/tenants", "building-2"},
		{"agency:read", "site.console.agencies", "/console/agencies", "landmark"},
		{"refdata:read", "site.console.calendar", "/console/calendar", "calendar"},
		{"refdata:read", "site.console.reference", "/console/reference", "list"},
		{"catalog:read", "site.console.services", "/console/services", "list"},
		{"catalog:read", "site.console.elsewhere", "/console/elsewhere", "external-link"},
		{"identity:read", "site.console.people", "/console/people", "users"},
		{"identity:businesses", "console.businesses", "/console/businesses", "store"},
		{"identity:read", "site.console.sign_in", "/console/sign-in", "shield-check"},
		{"identity:read", "site.console.access", "/console/access", "key"},
		{"field:manage", "field.nav.devices", "/console/devices", "phone"},
		{"notification:read", "site.console.messages", "/console/messages", "mail"},
		{"payment:read", "site.console.payments", "/console/payments", "hand-coins"},
		{"certificate:read", "site.console.certificates", "/console/certificates", "file-check"},
		{"exchange:read", "site.console.exchange", "/console/exchange", "arrow-up-down"},
		{"console:jobs", "site.console.jobs", "/console/queue", "clock"},
		{"audit:read", "site.console.audit", "/console/audit", "scroll-text"},
		{"encryption:read", "site.console.keys", "/console/keys", "lock"},
		{"console:use", "site.console.health", "/console/health", "stethoscope"},
		{"tenancy:change", "site.console.settings", "/console/settings", "settings"},
		{"tenancy:translate", "site.console.languages", "/console/languages", "globe"},
		{"studio:read", "site.nav.studio", "/studio", "pencil"},
		{"workbench:use", "site.nav.workbench", "/workbench", "inbox"},
		{"analytics:read", "site.nav.insight", "/insight", "chart-column"},
	} {
		if r.Principal != nil && r.Principal.May(n.permission) && (n.href != "/console/sign-in" && n.href != "/console/businesses" || r.Principal.MayIn(n.permission, "")) {
			icon := n.icon
			if !ui.HasIcon(icon) {
				icon = ""
			}
			nav = append(nav, ui.NavItem{Label: r.T(n.key), Href: n.href, Icon: icon})
		}
	}
	return nav
}

// studioNav lists the pages of the Studio around the drafts themselves.
func (r *Request) studioNav() []ui.NavItem {
	nav := []ui.NavItem{{Label: r.T("site.studio.drafts"), Href: "/studio", Icon: "pencil"}}
	if r.Principal != nil && r.Principal.May("studio:design") {
		nav = append(nav, ui.NavItem{Label: r.T("site.studio.library"), Href: "/studio/library", Icon: "list"})
	}
	return append(nav,
		ui.NavItem{Label: r.T("site.studio.proposals"), Href: "/studio/proposals", Icon: "circle-check"},
		ui.NavItem{Label: r.T("site.studio.discarded"), Href: "/studio/discarded", Icon: "trash-2"},
	)
}

// deskNav lists the pages of the counter.
func (r *Request) deskNav() []ui.NavItem {
	nav := []ui.NavItem{
		{Label: r.T("site.desk.home"), Href: "/desk", Icon: "house"},
		{Label: r.T("site.desk.queue"), Href: "/desk/queue", Icon: "users"},
		{Label: r.T("site.desk.till"), Href: "/desk/till", Icon: "hand-coins"},
		{Label: r.T("site.desk.visits"), Href: "/desk/visits", Icon: "history"},
		{Label: r.T("site.desk.calls"), Href: "/desk/calls", Icon: "phone"},
	}
	if r.Principal != nil && r.Principal.May("desk:supervise") {
		nav = append(nav, ui.NavItem{Label: r.T("site.desk.cheques"), Href: "/desk/cheques", Icon: "receipt"})
	}
	return nav
}

// beside are pages of the console that stand as tabs beside the entry of another one.
var beside = map[string]string{
	"roles": "/console/access", "grants": "/console/access", "policies": "/console/access", "emergencies": "/console/access", "machines": "/console/access",
}

// counterPages are pages of the counter to which another one's entry leads.
var counterPages = map[string]string{"tills": "/desk/till", "bills": "/desk/till", "taken": "/desk/till"}

// current marks the entry whose page, or the nearest page above it, the reader is on.
func (r *Request) current(nav []ui.NavItem) []ui.NavItem {
	best, path := -1, r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/console/"); ok {
		part, _, _ := strings.Cut(rest, "/")
		path = cmp.Or(beside[part], path)
	}
	if rest, ok := strings.CutPrefix(path, "/desk/"); ok {
		part, _, _ := strings.Cut(rest, "/")
		path = cmp.Or(counterPages[part], path)
	}
	for i, n := range nav {
		if (path == n.Href || strings.HasPrefix(path, n.Href+"/")) && (best < 0 || len(n.Href) > len(nav[best].Href)) {
			best = i
		}
	}
	if best >= 0 {
		nav[best].Current = true
	}
	return nav
}

func (r *Request) accountMenu() []ui.NavItem {
	if r.Principal.Guest {
		return []ui.NavItem{{Label: r.T("site.guest.sign_in"), Href: "/sign-in?next=/requests"}}
	}
	represent := ui.NavItem{Label: r.T("site.account.representing"), Href: "/representing"}
	if r.Principal.Kind == identity.KindPerson {
		return []ui.NavItem{
			{Label: r.T("site.account.profile"), Href: "/profile"},
			{Label: r.T("site.account.access"), Href: "/profile/access"},
			{Label: r.T("site.account.appointments"), Href: "/appointments"},
			{Label: r.T("site.account.security"), Href: "/profile/security"},
			{Label: r.T("site.account.representatives"), Href: "/profile/representatives"},
			represent,
			{Label: r.T("business.title"), Href: "/businesses"},
		}
	}
	menu := append(r.staffNav(), ui.NavItem{Label: r.T("site.account.absences"), Href: "/staff/absences"}, ui.NavItem{Label: r.T("site.account.security"), Href: "/staff/security"}, represent)
	if r.Principal.May("identity:break-glass") {
		menu = append(menu, ui.NavItem{Label: r.T("site.account.emergency"), Href: "/staff/emergency"})
	}
	return menu
}

// capacities are the banners that say for whom and under what the reader acts.
func (r *Request) capacities() (list []ui.CapacityView) {
	if a := r.Principal.Acting; a != nil {
		name := a.Name
		if name == "" {
			name = r.T("site.account")
		}
		list = append(list, ui.CapacityView{
			Icon: "users", Text: r.T("site.capacity.acting", "name", name), Action: "/representing/leave", Label: r.T("site.capacity.leave"),
		})
	}
	if emergency, until := r.Principal.InEmergency(); emergency != uuid.Nil {
		list = append(list, ui.CapacityView{
			Icon: "triangle-alert", Text: r.T("site.capacity.emergency", "until", i18n.FormatDateTime(r.Lang, until, r.Settings.Location())),
			Action: "/staff/emergency/end", Label: r.T("site.capacity.end"),
		})
	}
	return list
}

// homePath is where a reader who is lost begins again.
func (r *Request) homePath() string {
	if strings.HasPrefix(r.URL.Path, "/workbench") || strings.HasPrefix(r.URL.Path, "/console") || strings.HasPrefix(r.URL.Path, "/studio") || strings.HasPrefix(r.URL.Path, "/desk") {
		return "/" + strings.Split(r.URL.Path, "/")[1]
	}
	return "/"
}

// languageCookie remembers the language chosen, for people who are not signed in.
const languageCookie = "lang"

// chooseLanguage takes what the reader chose last, here or in their profile, else what their browser asks for, else
// the tenant's own. A program asks for the language it wants, so there that comes first.
func (r *Request) chooseLanguage() string {
	have := r.Settings.Languages
	if len(have) == 0 {
		have = r.languages()
	}
	ordered := append([]string{r.Settings.DefaultLanguage}, have...)
	accept := r.Header.Get("Accept-Language")
	if accept != "" && (r.Route.Kind == API || r.Route.Kind == Hook) {
		return i18n.Match(accept, ordered)
	}
	if chosen := r.Recall(languageCookie); slices.Contains(have, chosen) {
		return chosen
	}
	if r.Principal != nil && slices.Contains(have, r.Principal.Lang) {
		return r.Principal.Lang
	}
	if accept != "" {
		return i18n.Match(accept, ordered)
	}
	return r.Settings.DefaultLanguage
}

// languageLinks lead to this page in the tenant's other languages.
func (r *Request) languageLinks() []ui.LangLink {
	var links []ui.LangLink
	for _, l := range r.texts.Languages() {
		if len(r.Settings.Languages) > 0 && !slices.Contains(r.Settings.Languages, l.Code) {
			continue
		}
		links = append(links, ui.LangLink{
			Lang: l.Code, Dir: l.Dir, Name: l.Name, Current: l.Code == r.Lang,
			Href: "/language/" + l.Code + "?next=" + url.QueryEscape(r.URL.RequestURI()),
		})
	}
	return links
}

// Done returns the notice that stands in the address after a form was taken ("?done=profile.saved"), nil for none.
// Only keys of the catalogue speak, so that nobody can be shown words from a link.
func (r *Request) Done() *ui.NoticeView {
	key := "done." + r.Query("done")
	if r.Query("done") == "" || !r.texts.Has(r.Lang, key) {
		return nil
	}
	return &ui.NoticeView{Kind: ui.Success, Title: r.T(key)}
}

// Ago returns how long before now a time was, in whole days; negative for what is to come.
func (r *Request) Ago(t time.Time) int { return int(r.Now.Sub(t).Hours() / 24) }

// With returns this page's address with one value of the query changed, "" taking it away; a change begins at the first page.
func (r *Request) With(name, value string) string {
	q := r.URL.Query()
	q.Del("after")
	q.Del("trail")
	q.Del("done")
	if q.Set(name, value); value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}

// trailMost is how many pages back a list can be followed step by step; from there the next step is its beginning.
const trailMost = 20

// Pager returns the links to the pages of a list before and after this one; next is the cursor that the list gave. A
// cursor leads forward only, so the address also carries the cursors of the pages passed on the way here.
func (r *Request) Pager(next string) ui.Pager {
	here := r.Query("after")
	trail := strings.FieldsFunc(r.Query("trail"), func(c rune) bool { return c == '.' })
	var p ui.Pager
	if n := len(trail); here != "" && n > 0 {
		p.PreviousHref = r.pageAt(trail[n-1], trail[:n-1])
	} else if here != "" {
		p.PreviousHref = r.pageAt("", nil)
	}
	if next != "" {
		if here != "" {
			trail = append(trail, here)
		}
		p.NextHref = r.pageAt(next, trail[max(0, len(trail)-trailMost):])
	}
	return p
}

// pageAt is the address of this list at a cursor, "" for its first page.
func (r *Request) pageAt(after string, trail []string) string {
	q := r.URL.Query()
	for name, value := range map[string]string{"done": "", "after": after, "trail": strings.Join(trail, ".")} {
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
	}
	if len(q) == 0 {
		return r.URL.Path
	}
	return r.URL.Path + "?" + q.Encode()
}
