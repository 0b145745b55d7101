package workbench

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	bench "digit/internal/provider/workbench"
	"digit/internal/provider/workflow"
	"digit/web/frame"
	"digit/web/ui"
)

type templatesView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Queues []ui.NavItem
	List   []templateItem
	New    string // where a new one is written; "" for who may not
	Empty  ui.EmptyView
}

type templateItem struct {
	Name, Note, Text, Edit, Remove string
}

// supervised are the agencies whose work the reader supervises, sorted.
func supervised(r *frame.Request) (agencies []string) {
	for _, code := range r.Principal.Agencies() {
		if r.Principal.MayIn(workflow.Release, code) {
			agencies = append(agencies, code)
		}
	}
	return agencies
}

// serviceNames are the services of the reader's open work by code: for those a template can be written.
func serviceNames(r *frame.Request, n nav) map[string]string {
	names := map[string]string{}
	for _, s := range n.counts.ByState {
		names[s.Service] = nameOr(r, s.ServiceName, s.Service)
	}
	return names
}

func (w *Workbench) templates(r *frame.Request) error {
	var n nav
	var list []bench.Template
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if list, err = w.deps.Workbench.Templates(ctx, tx, *r.Principal); err != nil {
			return err
		}
		n, err = w.nav(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := templatesView{
		Site: r.Site(frame.Workbench), Notice: r.Done(), Queues: queues(r, n, bench.Filter{Queue: "templates"}),
		Empty: ui.EmptyView{Icon: "message-square", Title: r.T("bench.templates.empty"), Text: r.T("bench.templates.empty_text")},
	}
	if len(supervised(r)) > 0 {
		v.New = "/workbench/templates/new"
		v.Empty.Action = &ui.ButtonView{Label: r.T("bench.template.new"), Href: v.New}
	}
	names := serviceNames(r, n)
	for _, t := range list {
		item := templateItem{Name: t.Name, Note: r.T("bench.template.all_services"), Text: r.Text(t.Body)}
		if t.Service != "" {
			if item.Note = names[t.Service]; item.Note == "" {
				item.Note = t.Service
			}
		}
		if r.Principal.MayIn(workflow.Release, t.Agency) {
			item.Edit, item.Remove = "/workbench/templates/"+t.ID.String(), "/workbench/templates/"+t.ID.String()+"/remove"
		}
		v.List = append(v.List, item)
	}
	return r.HTML(templatesPage(v))
}

type templateView struct {
	Site     ui.Site
	Queues   []ui.NavItem
	Title    string
	Problems []ui.Problem
	Action   string
	Name     ui.Field
	Agency   *ui.Field
	Service  ui.Field
	Bodies   []ui.Field
	Fields   string
}

func (w *Workbench) template(r *frame.Request) error {
	if r.Param("template") == "new" {
		return w.showTemplate(r, http.StatusOK, bench.Template{}, nil)
	}
	id, err := r.UUID("template")
	if err != nil {
		return err
	}
	var list []bench.Template
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		list, err = w.deps.Workbench.Templates(ctx, tx, *r.Principal)
		return err
	}); err != nil {
		return err
	}
	n := slices.IndexFunc(list, func(t bench.Template) bool { return t.ID == id })
	if n < 0 || !r.Principal.MayIn(workflow.Release, list[n].Agency) {
		return bench.ErrNoTemplate
	}
	return w.showTemplate(r, http.StatusOK, list[n], nil)
}

func (w *Workbench) showTemplate(r *frame.Request, status int, t bench.Template, refused *fault.Error) error {
	var n nav
	var agencies map[string]i18n.Text
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if agencies, err = w.agencyNames(ctx, tx, r); err != nil {
			return err
		}
		n, err = w.nav(ctx, tx, r)
		return err
	}); err != nil {
		return err
	}
	v := templateView{
		Site: r.Site(frame.Workbench), Queues: queues(r, n, bench.Filter{Queue: "templates"}), Title: r.T("bench.template.new"), Action: "/workbench/templates/new",
		Name: ui.Field{Name: "name", Label: r.T("bench.template.name"), MaxLength: 60, Value: t.Name}, Fields: "{" + strings.Join(bench.TemplateFields, "} {") + "}",
		Service: ui.Field{Name: "service", Label: r.T("workbench.service"), Options: []ui.Option{{Value: "", Label: r.T("bench.template.all_services"), Checked: t.Service == ""}}},
	}
	if t.ID != uuid.Nil {
		v.Title, v.Action = r.T("bench.template.change"), "/workbench/templates/"+t.ID.String()
	} else if mine := supervised(r); len(mine) > 1 {
		v.Agency = &ui.Field{Name: "agency", Label: r.T("bench.template.agency")}
		for n, code := range mine {
			v.Agency.Options = append(v.Agency.Options, ui.Option{Value: code, Label: nameOr(r, agencies[code], code), Checked: t.Agency == code || t.Agency == "" && n == 0})
		}
	}
	names := serviceNames(r, n)
	if t.Service != "" && names[t.Service] == "" {
		names[t.Service] = t.Service
	}
	var options []ui.Option
	for code, name := range names {
		options = append(options, ui.Option{Value: code, Label: name, Checked: t.Service == code})
	}
	slices.SortFunc(options, func(a, b ui.Option) int { return strings.Compare(a.Label+a.Value, b.Label+b.Value) })
	v.Service.Options = append(v.Service.Options, options...)
	own := map[string]string{} // what languages call themselves
	for _, l := range v.Site.Languages {
		own[l.Lang] = l.Name
	}
	for _, lang := range r.Settings.Languages {
		v.Bodies = append(v.Bodies, ui.Field{
			Name: "body." + lang, Label: r.T("bench.template.body", "language", cmp.Or(own[lang], lang)), Rows: 5, MaxLength: 2000, Value: t.Body[lang], Optional: lang != r.Settings.DefaultLanguage,
		})
	}
	if refused != nil {
		for _, f := range refused.Fields {
			if f.Path == "body" {
				f.Path = "body." + r.Settings.DefaultLanguage
			}
			sentence := r.FieldSentence(f)
			v.Problems = append(v.Problems, ui.Problem{Field: f.Path, Text: sentence})
			if f.Path == "name" {
				v.Name.Error = sentence
			}
			for n := range v.Bodies {
				if v.Bodies[n].Name == f.Path {
					v.Bodies[n].Error = sentence
				}
			}
		}
	}
	return r.HTMLStatus(status, templatePage(v))
}

// putTemplate keeps a template.
func (w *Workbench) putTemplate(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	t := bench.Template{Agency: posted.Get("agency"), Service: posted.Get("service"), Name: posted.Get("name"), Body: bodies(posted, r.Settings.Languages)}
	if r.Param("template") != "new" {
		if t.ID, err = r.UUID("template"); err != nil {
			return err
		}
	}
	if mine := supervised(r); t.Agency == "" && len(mine) > 0 {
		t.Agency = mine[0]
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if t.ID != uuid.Nil { // it stays with its agency
			list, err := w.deps.Workbench.Templates(ctx, tx, *r.Principal)
			if err != nil {
				return err
			}
			n := slices.IndexFunc(list, func(have bench.Template) bool { return have.ID == t.ID })
			if n < 0 {
				return bench.ErrNoTemplate
			}
			t.Agency = list[n].Agency
		}
		_, err := w.deps.Workbench.PutTemplate(ctx, tx, *r.Principal, t)
		return err
	})
	if e := fault.Of(err); e != nil && e.Kind == fault.KindInvalid {
		return w.showTemplate(r, http.StatusUnprocessableEntity, t, e)
	}
	if err != nil {
		return err
	}
	return r.Redirect("/workbench/templates?done=bench.template")
}

func bodies(posted url.Values, languages []string) i18n.Text {
	body := i18n.Text{}
	for _, lang := range languages {
		body[lang] = posted.Get("body." + lang)
	}
	return body
}

func (w *Workbench) removeTemplate(r *frame.Request) error {
	id, err := r.UUID("template")
	if err != nil {
		return err
	}
	if err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return w.deps.Workbench.RemoveTemplate(ctx, tx, *r.Principal, id)
	}); err != nil {
		return err
	}
	return r.Redirect("/workbench/templates?done=bench.template_removed")
}

// written begins an action's message with a template, in the citizen's language; what the address asks for and there is not, is left alone.
func written(r *frame.Request, c opened) (in typed) {
	id, err := uuid.Parse(r.Query("template"))
	n := slices.IndexFunc(c.templates, func(t bench.Template) bool { return t.ID == id })
	if err != nil || n < 0 || !offered(c.Choice, r.Query("act")) {
		return in
	}
	app := c.Application
	promised := ""
	if app.Case.TotalDueAt != nil {
		promised = i18n.FormatDateLong(app.Lang, *app.Case.TotalDueAt, r.Settings.Location())
	}
	in.action = r.Query("act")
	in.comment = c.templates[n].Filled(app.Lang, c.Spec.Pack().Languages[0], map[string]string{
		"reference": app.Reference, "name": app.Name, "service": c.Spec.Pack().Name.In(app.Lang, c.Spec.Pack().Languages[0]),
		"state": c.State.Name.In(app.Lang, c.Spec.Pack().Languages[0]), "promised": promised, "officer": r.Principal.Name,
	})
	return in
}

// templateLinks lead to an action's form with a template in it.
func templateLinks(c opened, action string) (links []ui.Link) {
	for _, t := range c.templates {
		links = append(links, ui.Link{Label: t.Name, Href: casePath(c.Application.ID) + "?" + url.Values{"act": {action}, "template": {t.ID.String()}}.Encode() + "#work"})
	}
	return links
}
