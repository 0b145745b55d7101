package console

import (
	"context"
	"errors"
	"net/http"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/web/frame"
	"digit/web/ui"
)

const signInHome = "/console/sign-in"

// signInRoutes are the pages about signing in through others: providers, directories, and who of the staff may do without.
func (c *Console) signInRoutes(whole func(method, pattern, permission string, h func(*frame.Request) error) frame.Route) []frame.Route {
	const get, post, read, manage = http.MethodGet, http.MethodPost, "identity:read", "identity:manage"
	routes := []frame.Route{
		whole(get, "/sign-in", read, c.signIn),
		fresh(whole(get, "/sign-in/door", manage, c.doorAsk)),
		fresh(whole(post, "/sign-in/door", manage, c.door)),
		fresh(whole(post, "/sign-in/emergency", manage, c.emergencyAdd)),
		fresh(whole(post, "/sign-in/emergency/{account}/remove", manage, c.emergencyRemove)),

		fresh(whole(get, "/sign-in/providers/new", manage, c.providerAsk)),
		fresh(whole(post, "/sign-in/providers/new", manage, c.providerSave)),
		whole(get, "/sign-in/providers/{code}", read, c.provider),
		fresh(whole(get, "/sign-in/providers/{code}/edit", manage, c.providerAsk)),
		fresh(whole(post, "/sign-in/providers/{code}/edit", manage, c.providerSave)),
		whole(post, "/sign-in/providers/{code}/test", manage, c.providerTest),
		fresh(whole(post, "/sign-in/providers/{code}/enable", manage, c.providerEnable(true))),
		fresh(whole(post, "/sign-in/providers/{code}/disable", manage, c.providerEnable(false))),
		fresh(whole(get, "/sign-in/providers/{code}/remove", manage, c.providerRemoveAsk)),
		fresh(whole(post, "/sign-in/providers/{code}/remove", manage, c.providerRemove)),

		fresh(whole(get, "/sign-in/directories/new", manage, c.directoryAsk)),
		fresh(whole(post, "/sign-in/directories/new", manage, c.directorySave)),
		whole(get, "/sign-in/directories/{code}", read, c.directory),
		fresh(whole(get, "/sign-in/directories/{code}/edit", manage, c.directoryAsk)),
		fresh(whole(post, "/sign-in/directories/{code}/edit", manage, c.directorySave)),
		whole(post, "/sign-in/directories/{code}/test", manage, c.directoryTest),
		fresh(whole(post, "/sign-in/directories/{code}/enable", manage, c.directoryEnable(true))),
		fresh(whole(post, "/sign-in/directories/{code}/disable", manage, c.directoryEnable(false))),
		fresh(whole(get, "/sign-in/directories/{code}/remove", manage, c.directoryRemoveAsk)),
		fresh(whole(post, "/sign-in/directories/{code}/remove", manage, c.directoryRemove)),
		whole(post, "/sign-in/directories/{code}/sync", manage, c.syncStart(false)),
		whole(post, "/sign-in/directories/{code}/preview", manage, c.syncStart(true)),
		whole(get, "/sign-in/directories/{code}/syncs", read, c.syncs),
		whole(get, "/sign-in/directories/{code}/syncs/{sync}", read, c.sync),
		fresh(whole(get, "/sign-in/directories/{code}/syncs/{sync}/approve", manage, c.syncApproveAsk)),
		fresh(whole(post, "/sign-in/directories/{code}/syncs/{sync}/approve", manage, c.syncApprove)),
		whole(post, "/sign-in/directories/{code}/syncs/{sync}/drop", manage, c.syncDrop),
	}
	for _, sort := range []source{providers, directories} {
		at := "/sign-in/" + sort.path + "/{code}"
		routes = append(
			routes,
			fresh(whole(get, at+"/rules/new", manage, c.ruleAsk(sort))),
			fresh(whole(post, at+"/rules/new", manage, c.ruleSave(sort))),
			fresh(whole(get, at+"/rules/{rule}", manage, c.ruleAsk(sort))),
			fresh(whole(post, at+"/rules/{rule}", manage, c.ruleSave(sort))),
			fresh(whole(post, at+"/rules/{rule}/remove", manage, c.ruleRemove(sort))),
			whole(get, at+"/try", read, c.tryAsk(sort)),
			whole(post, at+"/try", read, c.try(sort)),
		)
	}
	return routes
}

// source is a sort of what roles follow from: providers and directories are shown alike.
type source struct {
	sort string // of the source's name: "provider"
	path string // of its pages: "providers"
}

var (
	providers   = source{"provider", "providers"}
	directories = source{"directory", "directories"}
)

// name is what identity calls a source.
func (s source) name(code string) string { return s.sort + ":" + code }

// href is the page of a source.
func (s source) href(code string) string { return signInHome + "/" + s.path + "/" + code }

// signIn shows by what one signs in besides a code: providers, directories, and how far staff may do without them.
func (c *Console) signIn(r *frame.Request) error {
	var in signInData
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		in, err = c.signInData(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := view(r, r.T("site.console.sign_in"))
	v.Lead = r.T("console.sign_in.lead")
	v.Sections = []section{c.providerList(r, in.providers), c.directoryList(r, in), c.doorSection(r, in), c.emergencySection(r, in)}
	return r.HTML(consolePage(v))
}

// signInData is what the first page shows.
type signInData struct {
	providers   []identity.Provider
	directories []identity.Directory
	latest      map[string]identity.Sync // by directory
	door        string
	emergency   []identity.AccountRow
}

func (c *Console) signInData(ctx context.Context, tx *pg.Tx) (in signInData, err error) {
	people := c.deps.Identity
	if in.providers, err = people.Providers(ctx, tx); err != nil {
		return in, err
	}
	if in.directories, err = people.Directories(ctx, tx); err != nil {
		return in, err
	}
	in.latest = map[string]identity.Sync{}
	for _, d := range in.directories {
		syncs, err := people.Syncs(ctx, tx, d.Code, page.Request{Size: 1})
		if err != nil {
			return in, err
		}
		if len(syncs.Rows) > 0 {
			in.latest[d.Code] = syncs.Rows[0]
		}
	}
	if in.door, err = people.StaffDoor(ctx, tx); err != nil {
		return in, err
	}
	in.emergency, err = people.EmergencyAccounts(ctx, tx)
	return in, err
}

// manages reports whether the reader may change who signs in how.
func manages(r *frame.Request) bool { return r.Principal.MayIn("identity:manage", "") }

func (c *Console) providerList(r *frame.Request, list []identity.Provider) section {
	s := section{Title: r.T("console.providers"), Text: r.T("console.providers.text"), Table: &ui.TableView{
		Caption: r.T("console.providers"), HideCaption: true, Stack: true, Columns: columns(r, "name", "issuer", "for", "state", "checked"),
		Empty: &ui.EmptyView{Icon: "key", Title: r.T("console.providers.none"), Text: r.T("console.providers.none.text")},
	}}
	for _, p := range list {
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.Text(p.Name), Href: providers.href(p.Code)},
			{Text: p.Issuer},
			{Text: whoFor(r, p)},
			{Tag: offered(r, p.Enabled)},
			providerChecked(r, p),
		}})
	}
	if manages(r) {
		s.Actions = []ui.ButtonView{{Label: r.T("console.providers.new"), Href: signInHome + "/providers/new", Icon: "plus", Variant: "secondary"}}
	}
	return s
}

// whoFor says who may sign in by a provider.
func whoFor(r *frame.Request, p identity.Provider) string {
	switch {
	case p.People && p.Staff:
		return r.T("console.for.both")
	case p.Staff:
		return r.T("console.for.staff")
	case p.People:
		return r.T("console.for.people")
	}
	return r.T("console.none")
}

func offered(r *frame.Request, yes bool) *ui.TagView {
	if yes {
		return &ui.TagView{Text: r.T("console.offered"), Kind: ui.Success}
	}
	return &ui.TagView{Text: r.T("console.not_offered"), Kind: ui.Neutral}
}

// providerChecked says how the provider answered when it was last asked.
func providerChecked(r *frame.Request, p identity.Provider) ui.Cell {
	if p.Checked.IsZero() {
		return ui.Cell{Text: r.T("console.checked.never")}
	}
	if p.Problem != "" {
		return ui.Cell{Tag: &ui.TagView{Text: r.T("console.problem." + p.Problem), Kind: ui.Danger}, Sub: ui.DateTime(r.Context(), p.Checked)}
	}
	return ui.Cell{Tag: &ui.TagView{Text: r.T("console.checked.good"), Kind: ui.Success}, Sub: ui.DateTime(r.Context(), p.Checked)}
}

func (c *Console) directoryList(r *frame.Request, in signInData) section {
	s := section{Title: r.T("console.directories"), Text: r.T("console.directories.text"), Table: &ui.TableView{
		Caption: r.T("console.directories"), HideCaption: true, Stack: true, Columns: columns(r, "name", "address", "state", "latest"),
		Empty: &ui.EmptyView{Icon: "users", Title: r.T("console.directories.none"), Text: r.T("console.directories.none.text")},
	}}
	for _, d := range in.directories {
		latest := ui.Cell{Text: r.T("console.checked.never")}
		if sync, ok := in.latest[d.Code]; ok {
			latest = ui.Cell{Tag: syncTag(r, sync), Sub: ui.DateTime(r.Context(), sync.Started)}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: r.Text(d.Name), Href: directories.href(d.Code)}, {Text: d.URL}, {Tag: offered(r, d.Enabled)}, latest,
		}})
	}
	if manages(r) {
		s.Actions = []ui.ButtonView{{Label: r.T("console.directories.new"), Href: signInHome + "/directories/new", Icon: "plus", Variant: "secondary"}}
	}
	return s
}

// lossFacts say what goes with a provider or directory.
func lossFacts(r *frame.Request, l identity.Loss) []ui.Fact {
	var facts []ui.Fact
	for _, f := range []struct {
		key string
		n   int
	}{{"accounts", l.Accounts}, {"stranded", l.Stranded}, {"suspended", l.Suspended}, {"grants", l.Grants}, {"sessions", l.Sessions}} {
		if f.n > 0 || f.key == "accounts" {
			facts = append(facts, ui.Fact{Key: r.T("console.loss." + f.key), Value: ui.Number(r.Context(), f.n)})
		}
	}
	return facts
}

// renamed gives the fields at fault the names that the form has for them.
func renamed(err error, names map[string]string) error {
	f := fault.Of(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	fields := make([]fault.Field, 0, len(f.Fields))
	for _, x := range f.Fields {
		if name, ok := names[x.Path]; ok {
			x.Path = name
		}
		fields = append(fields, x)
	}
	again := *f
	again.Fields = fields
	return &again
}

// unanswered turns an outage of what was asked into a word at a field, so that what was typed is kept.
func unanswered(r *frame.Request, err error, away *fault.Error, form *formView, at, problem string) bool {
	if !errors.Is(err, away) {
		return false
	}
	form.wrong(at, r.T("console.problem."+problem+".text"))
	return true
}
