package console

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"digit/internal/infra/encryption"
	"digit/internal/infra/exchange"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

// providerPageMessages is how many of its messages the page of a provider shows; the list has them all.
const providerPageMessages = 10

// outsider is what the page of a provider shows.
type outsider struct {
	exchange.Provider
	keys     []exchange.ProviderKey
	own      []encryption.SigningKey
	messages []exchange.MessageRow
	counts   map[string]int64
	site     string
	known    names
	wall     time.Time
}

func (c *Console) outsider(r *frame.Request) (o outsider, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if o.Provider, err = c.deps.Exchange.Provider(ctx, tx, r.Param("provider")); err != nil {
			return err
		}
		if o.keys, err = c.deps.Exchange.ProviderKeys(ctx, tx, o.Code); err != nil {
			return err
		}
		if o.own, err = c.deps.Encryption.SigningKeys(ctx, tx, encryption.SigningFilter{Owner: o.Agency, Use: encryption.UseWebhook}); err != nil {
			return err
		}
		found, err := c.deps.Exchange.Messages(ctx, tx, exchange.Filter{Provider: o.Code}, page.Request{Size: providerPageMessages})
		if err != nil {
			return err
		}
		counts, err := c.deps.Exchange.Delivered(ctx, tx)
		if err != nil {
			return err
		}
		o.messages, o.counts, o.wall = found.Rows, counts[o.Code], tx.Wall
		if o.site, err = c.deps.Exchange.Site(ctx, tx); err != nil {
			return err
		}
		o.known, err = c.names(ctx, tx, r)
		return err
	})
	return o, err
}

// exchangeProvider shows a provider: how the connection stands, whose keys are believed, and what was sent of late.
func (c *Console) exchangeProvider(r *frame.Request) error {
	o, err := c.outsider(r)
	if err != nil {
		return err
	}
	here := providersPath + "/" + o.Code
	v := view(r, o.Name).back(providersPath, r.T("console.exchange.providers"))
	v.Caption, v.Tag = o.Code, providerState(r, o.Provider)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.agency"), Value: o.known.agency(o.Agency)},
		{Key: r.T("console.exchange.provider.services"), Value: orText(serviceNames(o.known, o.Services), r.T("console.exchange.provider.no_services"))},
		{Key: r.T("console.exchange.provider.endpoint"), Value: o.Endpoint},
		{Key: r.T("console.exchange.provider.sent"), Value: r.T("console.exchange.provider.counts", "delivered", ui.Number(r.Context(), o.counts["delivered"]), "queued", ui.Number(r.Context(), o.counts["queued"]), "failed", ui.Number(r.Context(), o.counts["failed"]))},
	}
	v.Notes = []ui.NoticeView{connectionNotice(r, o.Provider)}
	v.Live, v.Refresh = here, o.Test.Result == exchange.TestRunning && o.wall.Sub(*o.Test.At) < 2*time.Minute
	if mayExchange(r) {
		v.Actions = []ui.ButtonView{{Label: r.T("console.edit"), Href: here + "/edit", Icon: "pencil", Variant: "secondary"}}
		if o.State == exchange.ProviderActive {
			v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.exchange.suspend"), Href: here + "/suspend", Icon: "pause", Variant: "tertiary"})
		}
	}
	v.Sections = []section{connectionSection(r, o, here), ourKeySection(r, o), theirKeySection(r, o, here), c.deliverySection(r, o)}
	return r.HTML(consolePage(v))
}

// connectionNotice says how the connection stands, in words.
func connectionNotice(r *frame.Request, p exchange.Provider) ui.NoticeView {
	switch p.Test.Result {
	case exchange.TestOK:
		return ui.NoticeView{Kind: ui.Success, Title: r.T("console.exchange.test.ok"), Text: r.T("console.exchange.test.ok.text", "at", ui.DateTime(r.Context(), *p.Test.At))}
	case exchange.TestFailed:
		return ui.NoticeView{Kind: ui.Danger, Title: r.T("console.exchange.test.failed"), Text: r.T("console.exchange.problem."+p.Test.Problem, "detail", p.Test.Detail)}
	case exchange.TestRunning:
		return ui.NoticeView{Kind: ui.Info, Title: r.T("console.exchange.test.running"), Text: r.T("console.exchange.test.running.text")}
	default:
		return ui.NoticeView{Kind: ui.Info, Title: r.T("console.exchange.test.none"), Text: r.T("console.exchange.test.none.text")}
	}
}

func connectionSection(r *frame.Request, o outsider, here string) section {
	s := section{Title: r.T("console.exchange.connection"), Text: r.T("console.exchange.connection.text")}
	if !mayExchange(r) {
		return s
	}
	s.Posts = []postView{{Action: here + "/test", Label: r.T("console.exchange.test")}}
	if o.State == exchange.ProviderSuspended {
		s.Posts = append(s.Posts, postView{Action: here + "/resume", Label: r.T("console.exchange.resume")})
	}
	return s
}

// ourKeySection is what the provider needs to know us: who signs, and where the keys are published.
func ourKeySection(r *frame.Request, o outsider) section {
	shown := func(name, value string) field {
		return input(r, name, value, readOnly(true), label(r.T("console.exchange.ours."+name)), func(f *field) { f.Code, f.NoSpellcheck = true, true })
	}
	s := section{Title: r.T("console.exchange.ours"), Text: r.T("console.exchange.ours.text"), Shown: []field{
		shown("issuer", o.site), shown("keys", o.site+"/.well-known/jwks/"+o.Agency+".json"), shown("did", o.site+"/agencies/"+o.Agency+"/did.json"), shown("answers", o.site+"/hooks/exchange"),
	}}
	for _, k := range o.own {
		if k.State == encryption.KeyActive {
			s.Shown = append(s.Shown, shown("kid", k.ID))
		}
	}
	if r.Principal.MayIn("encryption:read", "") || r.Principal.MayIn("encryption:manage", "") {
		s.Actions = []ui.ButtonView{{Label: r.T("console.exchange.ours.rotate"), Href: "/console/keys/signing?owner=" + o.Agency + "&use=webhook", Icon: "key", Variant: "secondary"}}
	}
	return s
}

func theirKeySection(r *frame.Request, o outsider, here string) section {
	s := section{Title: r.T("console.exchange.theirs"), Text: r.T("console.exchange.theirs.text"), Table: &ui.TableView{
		Caption: r.T("console.exchange.theirs"), HideCaption: true, Stack: true, Columns: columns(r, "key", "source", "since", "until", "act"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("console.exchange.theirs.none"), Text: r.T("console.exchange.theirs.none.text")},
	}}
	for _, k := range o.keys {
		source, until := r.T("console.exchange.theirs.entered"), r.T("console.exchange.theirs.now")
		if k.Fetched {
			source = r.T("console.exchange.theirs.fetched")
		}
		if k.Until != nil {
			until = ui.DateTime(r.Context(), *k.Until)
		}
		cells := []ui.Cell{{Text: k.ID}, {Text: source}, {Text: ui.DateTime(r.Context(), k.AddedAt)}, {Text: until}, {}}
		if mayExchange(r) && !k.Fetched {
			cells[4] = ui.Cell{Text: r.T("console.exchange.theirs.remove"), Href: here + "/keys/" + k.ID + "/remove"}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: cells})
	}
	if mayExchange(r) {
		s.Actions = []ui.ButtonView{{Label: r.T("console.exchange.theirs.add"), Href: here + "/keys/new", Icon: "plus", Variant: "secondary"}}
	}
	return s
}

func (c *Console) deliverySection(r *frame.Request, o outsider) section {
	s := section{Title: r.T("console.exchange.messages"), Table: &ui.TableView{
		Caption: r.T("console.exchange.messages"), HideCaption: true, Stack: true, Columns: columns(r, "sent", "direction", "kind", "service", "state", "problem", "act"),
		Empty: &ui.EmptyView{Icon: "arrow-up-down", Title: r.T("console.exchange.messages.none"), Text: r.T("console.exchange.messages.none.text")},
	}}
	for _, m := range o.messages {
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: c.messageCells(r, m, o.known)})
	}
	s.Actions = []ui.ButtonView{{Label: r.T("console.exchange.messages.all"), Href: "/console/exchange/messages?provider=" + o.Code, Icon: "search", Variant: "tertiary"}}
	return s
}

// messageCells are a message in a list: with what went wrong the last time and, where it failed for good, the way to send it again.
func (c *Console) messageCells(r *frame.Request, m exchange.MessageRow, known names) []ui.Cell {
	kind := map[string]ui.Kind{"delivered": ui.Success, "failed": ui.Danger, "queued": ui.Info}[m.Status]
	problem := ui.Cell{Text: m.Failure}
	if m.Attempts > 0 {
		problem = ui.Cell{Text: problemWords(r, m.Problem), Sub: r.T("console.exchange.attempts", "n", strconv.Itoa(m.Attempts))}
	}
	act := ui.Cell{}
	if m.Status == "failed" && mayExchange(r) {
		act = ui.Cell{Text: r.T("console.exchange.resend"), Href: "/console/exchange/messages/" + m.ID.String() + "/resend"}
	}
	return []ui.Cell{
		{Text: ui.DateTime(r.Context(), m.SentAt)},
		{Text: r.T("console.direction." + m.Direction)},
		{Text: c.word(r, "console.exchange.kind.", m.Kind)},
		{Text: known.service(m.Service), Sub: known.agency(m.Agency)},
		{Tag: &ui.TagView{Text: r.T("console.delivery." + m.Status), Kind: kind}},
		problem, act,
	}
}

// problemWords says what went wrong with an attempt: a status as it is, the rest in words.
func problemWords(r *frame.Request, problem string) string {
	switch problem {
	case exchange.ProblemAddress, exchange.ProblemUnreachable:
		return r.T("console.exchange.problem." + problem)
	default:
		return problem
	}
}

// overlaps are how many days the keys before may be believed longer.
var overlaps = []string{"7", "0", "1", "30"}

func (c *Console) exchangeKeyForm(r *frame.Request, p exchange.Provider, text, days string) pageView {
	v := view(r, r.T("console.exchange.theirs.add")).back(providersPath+"/"+p.Code, p.Name)
	v.Caption, v.Lead = p.Name, r.T("console.exchange.theirs.lead")
	var choices []ui.Option
	for _, d := range overlaps {
		choices = append(choices, ui.Option{Value: d, Label: r.T("console.exchange.overlap." + d), Checked: d == days})
	}
	keys := input(r, "keys", text, long, label(r.T("console.exchange.theirs.jwk")), hint(r.T("console.exchange.theirs.jwk.hint")))
	keys.Rows, keys.NoSpellcheck, keys.Attrs = 8, true, map[string]any{"dir": "ltr"}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.exchange.theirs.add")}, Fields: []field{
		keys, input(r, "overlap", "", options(radioField, choices), label(r.T("console.exchange.overlap"))),
	}}
	return v
}

func (c *Console) exchangeKeyAsk(r *frame.Request) error {
	p, err := c.exchangeProviderHere(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.exchangeKeyForm(r, p, "", overlaps[0])))
}

func (c *Console) exchangeKeyAdd(r *frame.Request) error {
	p, err := c.exchangeProviderHere(r)
	if err != nil {
		return err
	}
	posted, err := r.Form()
	if err != nil {
		return err
	}
	v := c.exchangeKeyForm(r, p, posted.Get("keys"), posted.Get("overlap"))
	days, err := strconv.Atoi(posted.Get("overlap"))
	if err != nil || !contains(overlaps, posted.Get("overlap")) {
		v.Form.wrong("overlap", r.T("console.exchange.overlap.choose"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Exchange.AddProviderKeys(ctx, tx, p.Code, []byte(posted.Get("keys")), time.Duration(days)*24*time.Hour)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(providersPath + "/" + p.Code + "?done=console.saved")
}

func (c *Console) exchangeKeyDropAsk(r *frame.Request) error {
	p, err := c.exchangeProviderHere(r)
	if err != nil {
		return err
	}
	return confirm(r, r.T("console.exchange.theirs.remove.title"), r.T("console.exchange.theirs.remove.text", "key", r.Param("kid")), r.T("console.exchange.theirs.remove"), providersPath+"/"+p.Code)
}

func (c *Console) exchangeKeyDrop(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Exchange.DropProviderKey(ctx, tx, r.Param("provider"), r.Param("kid"))
	})
	if err != nil {
		return err
	}
	return r.Redirect(providersPath + "/" + r.Param("provider") + "?done=console.saved")
}
