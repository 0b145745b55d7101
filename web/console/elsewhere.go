package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// elsewheres lists the services that are delivered on other sites, withdrawn ones too.
func (c *Console) elsewheres(r *frame.Request) error {
	v := view(r, r.T("site.console.elsewhere")).back("/console/services", r.T("site.console.services"))
	v.Lead = r.T("console.elsewhere.lead")
	v.Search = search(r, "console.elsewhere.search")
	var first *ui.ButtonView
	if r.Principal.May(catalog.Publish) {
		first = &ui.ButtonView{Label: r.T("console.elsewhere.new"), Href: "/console/elsewhere/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	var known names
	l := list[catalog.Elsewhere]{
		name: "elsewhere", columns: []string{"service", "agency", "site", "state", "changed"}, empty: empty(r, "elsewhere", "external-link", first),
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (out page.Page[catalog.Elsewhere], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return all(c.deps.Catalog.Elsewheres(ctx, tx, catalog.Query{Text: r.Query("q"), Lang: r.Lang, Withdrawn: true}))
		},
		cells: func(e catalog.Elsewhere) []ui.Cell {
			return []ui.Cell{
				{Text: r.Text(e.Name), Href: "/console/elsewhere/" + e.ID.String()},
				{Text: known.agency(e.Agency)},
				{Text: e.Host()},
				{Tag: serviceTag(r, e.Status)},
				{Text: ui.Date(r.Context(), e.ChangedAt)},
			}
		},
		orders: map[string]func(a, b catalog.Elsewhere) int{
			"service": words(func(e catalog.Elsewhere) string { return r.Text(e.Name) }),
			"agency":  words(func(e catalog.Elsewhere) string { return known.agency(e.Agency) }),
			"site":    words(catalog.Elsewhere.Host),
			"state":   words(func(e catalog.Elsewhere) string { return e.Status }),
			"changed": func(a, b catalog.Elsewhere) int { return a.ChangedAt.Compare(b.ChangedAt) },
		},
	}
	return l.serve(r, v)
}

func (c *Console) elsewhereOf(r *frame.Request) (e catalog.Elsewhere, known names, facets catalog.Facets, err error) {
	which, err := r.UUID("id")
	if err != nil {
		return e, known, facets, err
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if e, err = c.deps.Catalog.Elsewhere(ctx, tx, which); err != nil {
			return err
		}
		if facets, err = c.deps.Catalog.Facets(ctx, tx, r.Lang); err != nil {
			return err
		}
		known, err = c.names(ctx, tx, r)
		return err
	})
	return e, known, facets, err
}

// elsewhere shows one, with what can be done to it.
func (c *Console) elsewhere(r *frame.Request) error {
	e, known, _, err := c.elsewhereOf(r)
	if err != nil {
		return err
	}
	here := "/console/elsewhere/" + e.ID.String()
	v := view(r, r.Text(e.Name)).back("/console/elsewhere", r.T("site.console.elsewhere"))
	v.Tag, v.Lead = serviceTag(r, e.Status), r.Text(e.Summary)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.agency"), Value: known.agency(e.Agency)},
		{Key: r.T("console.elsewhere.url"), Value: e.URL},
		{Key: r.T("console.column.changed"), Value: ui.DateTime(r.Context(), e.ChangedAt)},
	}
	if e.Status == catalog.StatusPublished {
		v.Actions = []ui.ButtonView{{Label: r.T("console.elsewhere.see"), Href: "/elsewhere/" + e.ID.String(), Variant: "secondary", IconAfter: "external-link"}}
	}
	if r.Principal.MayIn(catalog.Publish, e.Agency) {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.edit"), Href: here + "/edit", Variant: "secondary"})
		act := postView{Action: here + "/withdraw", Label: r.T("console.elsewhere.withdraw")}
		if e.Status == catalog.StatusWithdrawn {
			act = postView{Action: here + "/restore", Label: r.T("console.elsewhere.restore")}
		}
		v.Sections = []section{{Title: r.T("console.elsewhere.shown"), Text: r.T("console.elsewhere.shown." + e.Status), Posts: []postView{act}}}
	}
	return r.HTML(consolePage(v))
}

func (c *Console) elsewhereAsk(r *frame.Request) error {
	var e catalog.Elsewhere
	var known names
	var facets catalog.Facets
	var err error
	if r.Param("id") != "" {
		e, known, facets, err = c.elsewhereOf(r)
	} else {
		known, facets, err = c.elsewhereChoices(r)
	}
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.elsewhereForm(r, e, known, facets)))
}

func (c *Console) elsewhereChoices(r *frame.Request) (known names, facets catalog.Facets, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if facets, err = c.deps.Catalog.Facets(ctx, tx, r.Lang); err != nil {
			return err
		}
		known, err = c.names(ctx, tx, r)
		return err
	})
	return known, facets, err
}

func (c *Console) elsewhereForm(r *frame.Request, e catalog.Elsewhere, known names, facets catalog.Facets) pageView {
	v := view(r, r.T("console.elsewhere.new")).back("/console/elsewhere", r.T("site.console.elsewhere"))
	if id := r.Param("id"); id != "" {
		v = view(r, r.T("console.edit")).back("/console/elsewhere/"+id, r.T("console.elsewhere.back"))
		v.Caption = r.Text(e.Name)
	}
	agencies := []ui.Option{{Label: r.T("console.choose")}}
	for code, name := range known.agencies {
		if r.Principal.MayIn(catalog.Publish, code) {
			agencies = append(agencies, ui.Option{Value: code, Label: name, Checked: code == e.Agency})
		}
	}
	slices.SortFunc(agencies[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	var languages, events []ui.Option
	for _, l := range r.Texts().Languages() {
		if slices.Contains(r.Settings.Languages, l.Code) {
			languages = append(languages, ui.Option{Value: l.Code, Label: l.Name, Checked: slices.Contains(e.Languages, l.Code)})
		}
	}
	moments := append(slices.Clone(facets.LifeEvents), e.LifeEvents...)
	slices.Sort(moments)
	for _, code := range slices.Compact(moments) {
		events = append(events, ui.Option{Value: code, Label: r.T("life." + code), Checked: slices.Contains(e.LifeEvents, code)})
	}
	fields := append(c.texts(r, "name", e.Name), c.texts(r, "summary", e.Summary, long)...)
	fields = append(fields, input(r, "agency", "", options(selectField, agencies)),
		input(r, "url", e.URL, label(r.T("console.elsewhere.url")), hint(r.T("console.elsewhere.url.hint")), func(f *field) { f.Type, f.InputMode, f.NoSpellcheck = "url", "url", true }),
		input(r, "languages", "", optional, options(checkField, languages), hint(r.T("console.elsewhere.languages.hint"))))
	if len(events) > 0 {
		fields = append(fields, input(r, "life_events", "", optional, options(checkField, events), hint(r.T("console.elsewhere.events.hint"))))
	}
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

func (c *Console) elsewhereSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	e := catalog.Elsewhere{
		Name: textOf(posted, "name"), Summary: textOf(posted, "summary"), Agency: posted.Get("agency"), URL: trimmed(posted, "url"),
		Languages: posted["languages"], LifeEvents: posted["life_events"],
	}
	if r.Param("id") != "" {
		if e.ID, err = r.UUID("id"); err != nil {
			return err
		}
	}
	known, facets, err := c.elsewhereChoices(r)
	if err != nil {
		return err
	}
	v := c.elsewhereForm(r, e, known, facets)
	if e.Agency == "" { // before it is asked whether the reader may speak for it
		v.Form.wrong("agency", r.T("error.catalog.elsewhere.agency"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	which := uuid.Nil
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if _, err = c.deps.Agencies.Agency(ctx, tx, e.Agency); err != nil {
			return err
		}
		which, err = c.deps.Catalog.PutElsewhere(ctx, tx, *r.Principal, e)
		return err
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/elsewhere/" + which.String() + "?done=console.saved")
}

// elsewhereAct withdraws one or puts it back, which undoes it.
func (c *Console) elsewhereAct(r *frame.Request) error {
	which, err := r.UUID("id")
	if err != nil {
		return err
	}
	act, done := c.deps.Catalog.WithdrawElsewhere, "console.elsewhere.withdrawn"
	switch r.Param("act") {
	case "withdraw":
	case "restore":
		act, done = c.deps.Catalog.RestoreElsewhere, "console.elsewhere.restored"
	default:
		return catalog.ErrUnknown
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error { return act(ctx, tx, *r.Principal, which) }); err != nil {
		return err
	}
	return r.Redirect("/console/elsewhere/" + which.String() + "?done=" + done)
}
