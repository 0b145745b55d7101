package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// provider shows an OpenID provider: where it is, whom it lets in, what it must know of us, its rules.
func (c *Console) provider(r *frame.Request) error {
	var p identity.Provider
	var rules []identity.Rule
	var known called
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if p, err = c.deps.Identity.Provider(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if rules, err = c.deps.Identity.Rules(ctx, tx, p.Source()); err != nil {
			return err
		}
		known, err = c.called(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	here := providers.href(p.Code)
	v := view(r, r.Text(p.Name)).back(signInHome, r.T("site.console.sign_in"))
	v.Caption, v.Tag = p.Code, offered(r, p.Enabled)
	v.Facts = providerFacts(r, p)
	if p.Problem != "" {
		v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Warning, Title: r.T("console.problem." + p.Problem), Text: r.T("console.problem." + p.Problem + ".text")})
	}
	v.Sections = append(v.Sections, section{Title: r.T("console.provider.register"), Text: r.T("console.provider.register.text"), Facts: []ui.Fact{
		{Key: r.T("console.provider.callback"), Value: r.Origin() + "/sign-in/callback"},
		{Key: r.T("console.provider.logout"), Value: r.Origin() + "/hooks/identity/" + p.Code + "/logout"},
		{Key: r.T("console.provider.signed_out"), Value: r.Origin() + "/signed-out"},
	}})
	v.Sections = append(v.Sections, ruleSection(r, providers, p.Code, rules, known))
	if manages(r) {
		v.Actions = []ui.ButtonView{{Label: r.T("console.edit"), Href: here + "/edit", Icon: "pencil", Variant: "secondary"}}
		v.Sections = append(v.Sections, actSections(r, here, p.Enabled, "console.provider.remove.text")...)
	}
	return r.HTML(consolePage(v))
}

// actSections have what can be done with a provider or a directory.
func actSections(r *frame.Request, here string, enabled bool, remove string) []section {
	s := section{Title: r.T("console.acts"), Posts: []postView{{Action: here + "/test", Label: r.T("console.test")}}}
	if enabled {
		s.Posts = append(s.Posts, postView{Action: here + "/disable", Label: r.T("console.disable")})
	} else {
		s.Posts = append(s.Posts, postView{Action: here + "/enable", Label: r.T("console.enable")})
	}
	return []section{s, {
		Title: r.T("console.remove"), Text: r.T(remove), Actions: []ui.ButtonView{{Label: r.T("console.remove"), Href: here + "/remove", Variant: "warning"}},
	}}
}

func providerFacts(r *frame.Request, p identity.Provider) []ui.Fact {
	yes := func(on bool) string {
		if on {
			return r.T("console.yes")
		}
		return r.T("console.no")
	}
	checked := r.T("console.checked.never")
	if !p.Checked.IsZero() {
		checked = ui.DateTime(r.Context(), p.Checked)
	}
	facts := []ui.Fact{
		{Key: r.T("console.field.issuer"), Value: p.Issuer},
		{Key: r.T("console.field.client_id"), Value: p.ClientID},
		{Key: r.T("console.column.for"), Value: whoFor(r, p)},
		{Key: r.T("console.provider.create"), Value: whoGets(r, p)},
		{Key: r.T("console.provider.trust"), Value: yes(p.TrustEmail)},
	}
	if p.Staff {
		facts = append(facts, ui.Fact{Key: r.T("console.provider.staff_by_email"), Value: yes(p.StaffByEmail)})
	}
	return append(facts, ui.Fact{Key: r.T("console.column.checked"), Value: checked})
}

// whoGets says who gets an account at the first sign-in.
func whoGets(r *frame.Request, p identity.Provider) string {
	p.People, p.Staff = p.CreatePeople, p.CreateStaff
	return whoFor(r, p)
}

// providerAsk asks for the settings of a provider, a new one or one that is there.
func (c *Console) providerAsk(r *frame.Request) error {
	p := identity.Provider{Discovery: true, People: true, CreatePeople: true, Scopes: []string{"profile", "email"}}
	if code := r.Param("code"); code != "" {
		err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
			p, err = c.deps.Identity.Provider(ctx, tx, code)
			return err
		})
		if err != nil {
			return err
		}
	}
	return r.HTML(consolePage(c.providerForm(r, p)))
}

func (c *Console) providerForm(r *frame.Request, p identity.Provider) pageView {
	known := r.Param("code")
	v := view(r, r.T("console.providers.new")).back(signInHome, r.T("site.console.sign_in"))
	v.Lead = r.T("console.provider.lead")
	secret := hint(r.T("console.provider.secret.hint"))
	if known != "" {
		v = view(r, r.Text(p.Name)).back(providers.href(known), r.Text(p.Name))
		v.Caption = known
		secret = hint(r.T("console.provider.secret.keep"))
	}
	choice := func(value, key string, checked bool) ui.Option {
		return ui.Option{Value: value, Label: r.T(key), Hint: r.T(key + ".hint"), Checked: checked}
	}
	fields := []field{input(r, "code", p.Code, code, readOnly(known != ""), hint(r.T("console.code.hint")))}
	fields = append(fields, c.texts(r, "name", p.Name)...)
	fields = append(
		fields,
		input(r, "issuer", p.Issuer, address, hint(r.T("console.provider.issuer.hint"))),
		input(r, "client_id", p.ClientID, plain),
		input(r, "client_secret", "", password, optional, secret),
		input(r, "scopes", strings.Join(p.Scopes, " "), plain, optional, hint(r.T("console.provider.scopes.hint"))),
		input(r, "for", "", options(checkField, []ui.Option{choice("people", "console.for.people", p.People), choice("staff", "console.for.staff", p.Staff)})),
		input(r, "create", "", options(checkField, []ui.Option{
			choice("people", "console.create.people", p.CreatePeople), choice("staff", "console.create.staff", p.CreateStaff),
		})),
		input(r, "trust", "", options(checkField, []ui.Option{
			choice("email", "console.trust.email", p.TrustEmail), choice("staff", "console.trust.staff", p.StaffByEmail),
		})),
		field{Kind: headingField, Field: ui.Field{Label: r.T("console.provider.level")}},
		input(r, "acr", strings.Join(p.ACR, " "), plain, optional, hint(r.T("console.provider.acr.hint"))),
		input(r, "levels", levelLines(p.Levels), long, plain, optional, hint(r.T("console.provider.levels.hint"))),
		field{Kind: headingField, Field: ui.Field{Label: r.T("console.provider.addresses")}},
		input(r, "discovery", "", options(radioField, []ui.Option{
			choice("yes", "console.discovery.yes", p.Discovery), choice("no", "console.discovery.no", !p.Discovery),
		})),
	)
	for name, value := range ordered("authorize_url", p.AuthorizeURL, "token_url", p.TokenURL, "keys_url", p.KeysURL, "userinfo_url", p.UserInfoURL, "end_session_url", p.EndSessionURL) {
		fields = append(fields, input(r, name, value, address, optional))
	}
	fields = append(
		fields,
		input(r, "token_auth", "", options(radioField, []ui.Option{
			choice("basic", "console.token_auth.basic", p.TokenAuth != "post"), choice("post", "console.token_auth.post", p.TokenAuth == "post"),
		})),
		input(r, "iss", "", options(checkField, []ui.Option{choice("yes", "console.iss.yes", p.IssRequired)})),
	)
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

// ordered walks through pairs of a name and a value, in order.
func ordered(pairs ...string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if !yield(pairs[i], pairs[i+1]) {
				return
			}
		}
	}
}

// address is an input for an address of the web, plain one for other names that no dictionary has.
func address(f *field) { plain(f); f.Type = "url" }

func plain(f *field) {
	f.Autocomplete, f.NoSpellcheck, f.Attrs = "off", true, map[string]any{"dir": "ltr"}
}
func password(f *field) { f.Type, f.Autocomplete = "password", "new-password" }

func levelLines(levels map[string]int) string {
	var lines []string
	for value, level := range levels {
		lines = append(lines, value+" = "+strconv.Itoa(level))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// levelsOf reads lines like "urn:example:high = 2"; what is none gets a level that is refused.
func levelsOf(text string) map[string]int {
	levels := map[string]int{}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		at := strings.LastIndex(line, "=")
		level, err := strconv.Atoi(strings.TrimSpace(line[at+1:]))
		if at < 0 || err != nil {
			levels[strings.TrimSpace(line)] = -1
			continue
		}
		levels[strings.TrimSpace(line[:at])] = level
	}
	return levels
}

func providerFrom(r *frame.Request, posted url.Values) identity.Provider {
	p := identity.Provider{
		Code: trimmed(posted, "code"), Name: textOf(posted, "name"), Issuer: trimmed(posted, "issuer"), ClientID: trimmed(posted, "client_id"),
		ClientSecret: trimmed(posted, "client_secret"), Scopes: strings.Fields(posted.Get("scopes")),
		People: contains(posted["for"], "people"), Staff: contains(posted["for"], "staff"),
		CreatePeople: contains(posted["create"], "people"), CreateStaff: contains(posted["create"], "staff"),
		TrustEmail: contains(posted["trust"], "email"), StaffByEmail: contains(posted["trust"], "staff"),
		ACR: strings.Fields(posted.Get("acr")), Levels: levelsOf(posted.Get("levels")), Discovery: posted.Get("discovery") == "yes",
		AuthorizeURL: trimmed(posted, "authorize_url"), TokenURL: trimmed(posted, "token_url"), KeysURL: trimmed(posted, "keys_url"),
		UserInfoURL: trimmed(posted, "userinfo_url"), EndSessionURL: trimmed(posted, "end_session_url"), TokenAuth: posted.Get("token_auth"),
		IssRequired: contains(posted["iss"], "yes"),
	}
	if p.TokenAuth != "post" {
		p.TokenAuth = "basic"
	}
	if known := r.Param("code"); known != "" {
		p.Code = known
	}
	return p
}

// providerSave makes or changes a provider. Its addresses are asked for first where the provider tells them; a new one is
// not offered before somebody says so.
func (c *Console) providerSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	p := providerFrom(r, posted)
	v := c.providerForm(r, p)
	if p.Discovery {
		p, err = c.deps.Identity.Discover(r.Context(), p)
	}
	if unanswered(r, err, identity.ErrProviderAway, v.Form, "issuer", "away") {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err == nil {
		err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
			if known := r.Param("code"); known != "" {
				have, err := c.deps.Identity.Provider(ctx, tx, known)
				if err != nil {
					return err
				}
				p.Enabled = have.Enabled
			}
			return c.deps.Identity.PutProvider(ctx, tx, p)
		})
	}
	if v.refused(r, renamed(err, map[string]string{"staff_by_email": "trust"})) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(providers.href(p.Code) + "?done=console.saved")
}

// providerTest asks a provider now, as is done every hour, and keeps what it says.
func (c *Console) providerTest(r *frame.Request) error {
	var p identity.Provider
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = c.deps.Identity.Provider(ctx, tx, r.Param("code"))
		return err
	})
	if err != nil {
		return err
	}
	found, problem := c.deps.Identity.CheckProvider(r.Context(), p)
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Identity.NoteCheck(ctx, tx, found, problem) })
	if err != nil {
		return err
	}
	if problem != "" {
		return r.Redirect(providers.href(p.Code))
	}
	return r.Redirect(providers.href(p.Code) + "?done=console.tested")
}

func (c *Console) providerEnable(yes bool) func(*frame.Request) error {
	return func(r *frame.Request) error {
		return c.changeSource(r, providers, "console.saved", func(ctx context.Context, tx *pg.Tx, code string) error {
			return c.deps.Identity.EnableProvider(ctx, tx, code, yes)
		})
	}
}

// changeSource does one act on a provider or directory and goes back to its page.
func (c *Console) changeSource(r *frame.Request, s source, done string, act func(ctx context.Context, tx *pg.Tx, code string) error) error {
	code := r.Param("code")
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, code) }); err != nil {
		return err
	}
	return r.Redirect(s.href(code) + "?done=" + done)
}

// providerRemoveAsk says what goes with the provider before it goes.
func (c *Console) providerRemoveAsk(r *frame.Request) error {
	var p identity.Provider
	var loss identity.Loss
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if p, err = c.deps.Identity.Provider(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		loss, err = c.deps.Identity.ProviderLoss(ctx, tx, p.Code)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(consolePage(removeView(r, providers.href(p.Code), r.Text(p.Name), "console.provider.remove.text", loss)))
}

func removeView(r *frame.Request, here, name, text string, loss identity.Loss) pageView {
	v := view(r, r.T("console.remove.title", "name", name))
	v.Facts = lossFacts(r, loss)
	v.Confirm = &ui.ConfirmActView{
		Title: v.Title, Text: r.T(text), Action: here + "/remove", Submit: r.T("console.remove"), Cancel: ui.Link{Label: r.T("console.cancel"), Href: here},
	}
	return v
}

func (c *Console) providerRemove(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Identity.RemoveProvider(ctx, tx, r.Param("code"))
	})
	if err != nil {
		return err
	}
	return r.Redirect(signInHome + "?done=console.removed")
}
