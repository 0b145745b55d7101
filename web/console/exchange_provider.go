package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const providersPath = "/console/exchange/providers"

// exchangeRoutes are the pages about who provides services elsewhere, and what goes to and fro.
func (c *Console) exchangeRoutes(whole func(method, pattern, permission string, h func(*frame.Request) error) frame.Route) []frame.Route {
	const get, post, read, manage = http.MethodGet, http.MethodPost, "exchange:read", "exchange:manage"
	return []frame.Route{
		whole(get, "/exchange", read, c.routesList),
		whole(get, "/exchange/messages", read, c.exchangeMessages),
		whole(get, "/exchange/messages/{id}/resend", manage, c.resendAsk),
		whole(post, "/exchange/messages/{id}/resend", manage, c.resend),
		whole(get, "/exchange/providers", read, c.exchangeProviders),
		fresh(whole(get, "/exchange/providers/new", manage, c.exchangeProviderAsk)),
		fresh(whole(post, "/exchange/providers/new", manage, c.exchangeProviderSave)),
		whole(get, "/exchange/providers/{provider}", read, c.exchangeProvider),
		fresh(whole(get, "/exchange/providers/{provider}/edit", manage, c.exchangeProviderAsk)),
		fresh(whole(post, "/exchange/providers/{provider}/edit", manage, c.exchangeProviderSave)),
		whole(post, "/exchange/providers/{provider}/test", manage, c.exchangeProviderTest),
		whole(get, "/exchange/providers/{provider}/suspend", manage, c.exchangeSuspendAsk),
		whole(post, "/exchange/providers/{provider}/suspend", manage, c.exchangeSuspend),
		whole(post, "/exchange/providers/{provider}/resume", manage, c.exchangeResume),
		fresh(whole(get, "/exchange/providers/{provider}/keys/new", manage, c.exchangeKeyAsk)),
		fresh(whole(post, "/exchange/providers/{provider}/keys/new", manage, c.exchangeKeyAdd)),
		fresh(whole(get, "/exchange/providers/{provider}/keys/{kid}/remove", manage, c.exchangeKeyDropAsk)),
		fresh(whole(post, "/exchange/providers/{provider}/keys/{kid}/remove", manage, c.exchangeKeyDrop)),
	}
}

func mayExchange(r *frame.Request) bool { return r.Principal.MayIn("exchange:manage", "") }

// exchangeProviders lists the systems of others that provide services.
func (c *Console) exchangeProviders(r *frame.Request) error {
	v := view(r, r.T("site.console.exchange"))
	v.Lead, v.Tabs = r.T("console.exchange.providers.lead"), exchangeTabs(r, tabProviders)
	v.Search = search(r, "console.exchange.providers.search")
	v.Chips = chips(r, "state", "console.exchange.provider.", exchange.ProviderActive, exchange.ProviderSuspended)
	var first *ui.ButtonView
	if mayExchange(r) {
		first = &ui.ButtonView{Label: r.T("console.exchange.provider.new"), Href: providersPath + "/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	var known names
	l := list[exchange.Provider]{
		name: "providers", columns: []string{"name", "agency", "services", "state", "connection"}, empty: empty(r, "exchange.providers", "arrow-up-down", first),
		orders: map[string]func(a, b exchange.Provider) int{
			"name":   words(func(p exchange.Provider) string { return p.Name }),
			"agency": words(func(p exchange.Provider) string { return known.agency(p.Agency) }),
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (out page.Page[exchange.Provider], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			found, err := c.deps.Exchange.Providers(ctx, tx)
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(found, func(p exchange.Provider) bool {
				text := strings.ToLower(strings.Join([]string{p.Code, p.Name, known.agency(p.Agency), p.Endpoint}, " "))
				return !strings.Contains(text, q) || r.Query("state") != "" && p.State != r.Query("state")
			}), err)
		},
		cells: func(p exchange.Provider) []ui.Cell {
			return []ui.Cell{
				{Text: p.Name, Sub: p.Code, Href: providersPath + "/" + p.Code},
				{Text: known.agency(p.Agency)},
				{Text: serviceNames(known, p.Services)},
				{Tag: providerState(r, p)},
				{Tag: testTag(r, p.Test)},
			}
		},
	}
	return l.serve(r, v)
}

func serviceNames(known names, codes []string) string {
	var list []string
	for _, code := range codes {
		list = append(list, known.service(code))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func providerState(r *frame.Request, p exchange.Provider) *ui.TagView {
	kind := ui.Success
	if p.State == exchange.ProviderSuspended {
		kind = ui.Warning
	}
	return &ui.TagView{Text: r.T("console.exchange.provider." + p.State), Kind: kind}
}

// testTag says in a word how the last test of a connection went.
func testTag(r *frame.Request, t exchange.Test) *ui.TagView {
	kind := map[string]ui.Kind{exchange.TestOK: ui.Success, exchange.TestFailed: ui.Danger, exchange.TestRunning: ui.Info, "": ui.Neutral}[t.Result]
	return &ui.TagView{Text: r.T("console.exchange.test." + orText(t.Result, "none")), Kind: kind}
}

func (c *Console) exchangeProviderHere(r *frame.Request) (p exchange.Provider, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		p, err = c.deps.Exchange.Provider(ctx, tx, r.Param("provider"))
		return err
	})
	return p, err
}

// exchangeProviderForm asks who provides what, and where.
func (c *Console) exchangeProviderForm(r *frame.Request, p exchange.Provider) (v pageView, err error) {
	known := r.Param("provider")
	v = view(r, r.T("console.exchange.provider.new")).back(providersPath, r.T("console.exchange.providers"))
	if known != "" {
		v = view(r, r.T("console.edit")).back(providersPath+"/"+known, p.Name)
		v.Caption = p.Name
	}
	v.Lead = r.T("console.exchange.provider.lead")
	agencies, services := []ui.Option{{Label: r.T("console.choose")}}, []ui.Option{}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		names, err := c.names(ctx, tx, r)
		if err != nil {
			return err
		}
		for code, name := range names.agencies {
			agencies = append(agencies, ui.Option{Value: code, Label: name, Checked: code == p.Agency})
		}
		routes, err := c.deps.Exchange.Routes(ctx, tx)
		for code := range names.agencies { // opinions are given here where the directory says nothing
			of := exchange.OpinionsOf(code)
			if !slices.ContainsFunc(routes, func(x exchange.Route) bool { return x.Service == of }) {
				routes = append(routes, exchange.Route{Service: of, Agency: code})
			}
		}
		for _, x := range routes {
			if known == "" || x.Agency == p.Agency {
				services = append(services, ui.Option{
					Value: x.Service, Label: names.service(x.Service), Hint: names.agency(x.Agency), Checked: slices.Contains(p.Services, x.Service),
				})
			}
		}
		return err
	})
	slices.SortFunc(agencies[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	slices.SortFunc(services, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	ltr := func(f *field) { f.Attrs = map[string]any{"dir": "ltr"}; f.Type, f.NoSpellcheck = "url", true }
	agency := input(r, "agency", p.Agency, options(selectField, agencies))
	if known != "" {
		agency = input(r, "agency", p.Agency, readOnly(true), label(r.T("console.column.agency")))
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: []field{
		input(r, "code", p.Code, code, readOnly(known != ""), hint(r.T("console.exchange.provider.code"))),
		input(r, "name", p.Name, label(r.T("console.exchange.provider.name")), hint(r.T("console.exchange.provider.name.hint"))),
		agency,
		input(r, "endpoint", p.Endpoint, ltr, label(r.T("console.exchange.provider.endpoint")), hint(r.T("console.exchange.provider.endpoint.hint"))),
		input(r, "jwks", p.JWKS, ltr, optional, label(r.T("console.exchange.provider.jwks")), hint(r.T("console.exchange.provider.jwks.hint"))),
	}}
	if len(services) > 0 {
		v.Form.Fields = append(v.Form.Fields, input(r, "services", "", optional, options(checkField, services), label(r.T("console.exchange.provider.services")), hint(r.T("console.exchange.provider.services.hint"))))
	}
	return v, err
}

func (c *Console) exchangeProviderAsk(r *frame.Request) error {
	var p exchange.Provider
	var err error
	if r.Param("provider") != "" {
		if p, err = c.exchangeProviderHere(r); err != nil {
			return err
		}
	}
	v, err := c.exchangeProviderForm(r, p)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(v))
}

func providerOf(posted url.Values) exchange.Provider {
	return exchange.Provider{
		Code: trimmed(posted, "code"), Name: trimmed(posted, "name"), Agency: posted.Get("agency"), Endpoint: trimmed(posted, "endpoint"),
		JWKS: trimmed(posted, "jwks"), Services: posted["services"],
	}
}

func (c *Console) exchangeProviderSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	p, save := providerOf(posted), c.deps.Exchange.RegisterProvider
	if r.Param("provider") != "" {
		have, err := c.exchangeProviderHere(r)
		if err != nil {
			return err
		}
		p.Code, p.Agency, save = have.Code, have.Agency, c.deps.Exchange.ChangeProvider
	}
	v, err := c.exchangeProviderForm(r, p)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return save(ctx, tx, p) })
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(providersPath + "/" + p.Code + "?done=console.saved")
}

func (c *Console) exchangeProviderTest(r *frame.Request) error {
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Exchange.TestProvider(ctx, tx, r.Param("provider"))
	}); err != nil {
		return err
	}
	return r.Redirect(providersPath + "/" + r.Param("provider"))
}

func (c *Console) exchangeSuspendAsk(r *frame.Request) error {
	p, err := c.exchangeProviderHere(r)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.exchange.suspend.title", "name", p.Name), r.T("console.exchange.suspend.text"), r.T("console.exchange.suspend"), providersPath+"/"+p.Code)
}

func (c *Console) exchangeSuspend(r *frame.Request) error {
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Exchange.SuspendProvider(ctx, tx, r.Param("provider"))
	}); err != nil {
		return err
	}
	return r.Redirect(providersPath + "/" + r.Param("provider") + "?done=console.saved")
}

func (c *Console) exchangeResume(r *frame.Request) error {
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Exchange.ResumeProvider(ctx, tx, r.Param("provider"))
	}); err != nil {
		return err
	}
	return r.Redirect(providersPath + "/" + r.Param("provider") + "?done=console.saved")
}

func (c *Console) resendAsk(r *frame.Request) error {
	if _, err := r.UUID("id"); err != nil {
		return err
	}
	return confirm(r, r.T("console.exchange.resend.title"), r.T("console.exchange.resend.text"), r.T("console.exchange.resend"), "/console/exchange/messages?status=failed")
}

func (c *Console) resend(r *frame.Request) error {
	message, err := r.UUID("id")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return c.deps.Exchange.Resend(ctx, tx, message) }); err != nil {
		return err
	}
	return r.Redirect("/console/exchange/messages?done=console.exchange.resent")
}
