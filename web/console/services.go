package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/catalog"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/locale"
	"digit/web/ui"
)

// services lists what is published, withdrawn services too.
func (c *Console) services(r *frame.Request) error {
	v := view(r, r.T("site.console.services"))
	v.Lead = r.T("console.services.lead")
	v.Search = search(r, "console.services.search")
	var first *ui.ButtonView
	if r.Principal.May(studio.Publish) {
		first = &ui.ButtonView{Label: r.T("console.services.publish"), Href: "/console/services/publish", Icon: "upload"}
		v.Actions = append(v.Actions, *first)
	}
	var known names
	l := list[catalog.Entry]{
		name: "services", columns: []string{"service", "code", "agency", "version#", "state", "published"}, empty: empty(r, "services", "file-text", first),
		fetch: func(ctx context.Context, tx *pg.Tx, p page.Request) (out page.Page[catalog.Entry], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			found, err := c.deps.Catalog.Search(ctx, tx, catalog.Query{Text: r.Query("q"), Lang: r.Lang, Agencies: []string{r.Query("agency")}, Withdrawn: true}, p)
			return found.Page, err
		},
		cells: func(e catalog.Entry) []ui.Cell {
			return []ui.Cell{
				{Text: r.Text(e.Name), Href: "/console/services/" + e.Code},
				{Text: e.Code},
				{Text: known.agency(e.Agency)},
				{Text: strconv.Itoa(e.Version)},
				{Tag: serviceTag(r, e.Status)},
				{Text: ui.Date(r.Context(), e.PublishedAt)},
			}
		},
	}
	if a := r.Query("agency"); a != "" {
		known, err := c.known(r)
		if err != nil {
			return err
		}
		v.Chips = []ui.Chip{chip(r, "agency", a, known.agency(a))}
	}
	return l.serve(r, v)
}

func serviceTag(r *frame.Request, status string) *ui.TagView {
	kind := ui.Success
	if status == catalog.StatusWithdrawn {
		kind = ui.Warning
	}
	return &ui.TagView{Text: r.T("console.status." + status), Kind: kind}
}

// service shows one service with its versions.
func (c *Console) service(r *frame.Request) error {
	var e catalog.Entry
	var versions []catalog.Version
	var spec *servicespec.Service
	publishers := map[string]string{}
	var known names
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if e, err = c.deps.Catalog.Entry(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if known, err = c.names(ctx, tx, r); err != nil {
			return err
		}
		if spec, err = c.deps.Catalog.Service(ctx, tx, e.Code, e.Version); err != nil {
			return err
		}
		if versions, err = c.deps.Catalog.Versions(ctx, tx, *r.Principal, e.Code); err != nil {
			return err
		}
		for _, x := range versions {
			if name, err := c.deps.Identity.Name(ctx, tx, x.By); err == nil {
				publishers[x.By.String()] = name
			} else if fault.Of(err).Kind != fault.KindNotFound {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	pack := spec.Pack()
	v := view(r, r.Text(e.Name)).back("/console/services", r.T("site.console.services"))
	v.Caption, v.Tag, v.Lead = e.Code, serviceTag(r, e.Status), r.Text(e.Summary)
	v.Facts = []ui.Fact{
		{Key: r.T("console.column.agency"), Value: known.agency(e.Agency)},
		{Key: r.T("console.column.version"), Value: strconv.Itoa(e.Version)},
		{Key: r.T("console.service.pages"), Value: ui.Number(r.Context(), len(pack.Form.Pages))},
		{Key: r.T("console.service.states"), Value: ui.Number(r.Context(), len(pack.Workflow.States))},
		{Key: r.T("console.service.fee"), Value: orNone(r, r.Text(e.Fee))},
		{Key: r.T("console.service.promise"), Value: r.T("console.service.days", "n", e.Days)},
	}
	if e.Reason != "" {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("console.service.reason"), Value: e.Reason})
	}
	here := "/console/services/" + e.Code
	v.Actions = []ui.ButtonView{{Label: r.T("console.service.see"), Href: "/services/" + e.Code, Variant: "secondary", IconAfter: "external-link"}}
	table := &ui.TableView{Caption: r.T("console.service.versions"), HideCaption: true, Stack: true, Columns: columns(r, "version#", "published", "by", "hash")}
	for _, x := range versions {
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{
			{Text: strconv.Itoa(x.Version)}, {Text: ui.DateTime(r.Context(), x.PublishedAt)}, {Text: orNone(r, publishers[x.By.String()])}, {Text: x.Hash[:min(12, len(x.Hash))]},
		}})
	}
	s := section{Title: r.T("console.service.versions"), Table: table}
	if r.Principal.MayIn(studio.Publish, e.Agency) {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.services.publish"), Href: "/console/services/publish", Icon: "upload", Variant: "secondary"})
	}
	if r.Principal.MayIn(catalog.Publish, e.Agency) {
		if e.Status == catalog.StatusWithdrawn {
			s.Posts = []postView{{Action: here + "/restore", Label: r.T("console.service.restore")}}
		} else {
			s.Actions = []ui.ButtonView{{Label: r.T("console.service.withdraw"), Href: here + "/withdraw", Variant: "warning"}}
		}
	}
	v.Sections = []section{s}
	return r.HTML(consolePage(v))
}

func (c *Console) withdrawAsk(r *frame.Request) error {
	known, err := c.known(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(withdrawForm(r, known, r.Param("code"))))
}

func withdrawForm(r *frame.Request, known names, code string) pageView {
	return reasonForm(r, r.T("console.service.withdraw.title", "name", known.service(code)), r.T("console.service.withdraw.text"),
		r.T("console.service.withdraw"), "/console/services/"+code, "")
}

// reasonForm asks why something is to be taken away, and so whether.
func reasonForm(r *frame.Request, title, text, submit, cancel, reason string) pageView {
	v := view(r, title)
	v.Lead = text
	v.Form = &formView{
		FormPage: ui.FormPage{Action: r.URL.Path, Submit: submit, Warning: true, Secondary: &ui.Link{Label: r.T("console.cancel"), Href: cancel}},
		Fields:   []field{input(r, "reason", reason, long, hint(r.T("console.reason.hint")))},
	}
	return v
}

func (c *Console) withdraw(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	code, reason := r.Param("code"), trimmed(posted, "reason")
	if reason == "" {
		known, err := c.known(r)
		if err != nil {
			return err
		}
		v := withdrawForm(r, known, code)
		v.Form.wrong("reason", r.T("console.reason.missing"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Catalog.Withdraw(ctx, tx, *r.Principal, code, reason)
	})
	if err != nil {
		return err
	}
	return r.Redirect("/console/services/" + code + "?done=console.withdrawn")
}

func (c *Console) restoreService(r *frame.Request) error {
	err := r.Write(func(ctx context.Context, tx *pg.Tx) error {
		return c.deps.Catalog.Restore(ctx, tx, *r.Principal, r.Param("code"))
	})
	if err != nil {
		return err
	}
	return r.Redirect("/console/services/" + r.Param("code") + "?done=console.restored")
}

func (c *Console) publishAsk(r *frame.Request) error {
	return r.HTML(consolePage(c.publishForm(r, "")))
}

func (c *Console) publishForm(r *frame.Request, source string) pageView {
	v := view(r, r.T("console.services.publish")).back("/console/services", r.T("site.console.services"))
	v.Lead = r.T("console.publish.lead")
	file := input(r, "pack", "", optional, hint(r.T("console.publish.file.hint")))
	file.Kind, file.Accept = fileField, ".yaml,.yml,.json"
	text := input(r, "source", source, long, optional, hint(r.T("console.publish.source.hint")))
	text.Rows, text.NoSpellcheck = 14, true
	text.Attrs = map[string]any{"dir": "ltr"}
	v.Form = &formView{
		FormPage: ui.FormPage{Action: "/console/services/publish", Submit: r.T("console.services.publish"), Multipart: true, Icon: "upload"},
		Fields:   []field{file, text},
	}
	return v
}

// publish takes a service written in the language of services, and publishes it or tells everything that is wrong with
// it, line by line.
func (c *Console) publish(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	source, err := uploaded(r, "pack")
	if err != nil {
		return err
	}
	if len(source) == 0 {
		source = []byte(posted.Get("source"))
	}
	v := c.publishForm(r, string(source))
	if strings.TrimSpace(string(source)) == "" {
		v.Form.wrong("pack", r.T("console.publish.missing"))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	pack, problems := servicespec.Parse(source)
	if pack != nil {
		known, err := c.vocabulary(r)
		if err != nil {
			return err
		}
		problems = append(problems, servicespec.CheckIn(pack, known)...)
	}
	if errs := servicespec.Errors(problems); len(errs) > 0 {
		v.Sections = []section{c.problemTable(r, problems)}
		v.Form.wrong("source", r.T("console.publish.problems", "n", len(errs)))
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		_, err := c.deps.Studio.PublishFile(ctx, tx, *r.Principal, pack)
		return err
	})
	if e := fault.Of(err); e != nil && e.Kind == fault.KindForbidden {
		v.Form.wrong("source", r.Sentence(e))
		return r.HTMLStatus(http.StatusForbidden, consolePage(v))
	}
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect("/console/services/" + pack.Code + "?done=console.published")
}

// uploaded returns the content of a posted file, nothing where none was chosen.
func uploaded(r *frame.Request, name string) ([]byte, error) {
	f, _, err := r.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(f)
}

// vocabulary is what the state has that a service can speak of.
func (c *Console) vocabulary(r *frame.Request) (*servicespec.Known, error) {
	known := &servicespec.Known{}
	return known, r.Read(func(ctx context.Context, tx *pg.Tx) error {
		roles, err := c.deps.Identity.Roles(ctx, tx)
		if err != nil {
			return err
		}
		for _, role := range roles {
			known.Roles = append(known.Roles, role.Code)
		}
		agencies, err := c.deps.Agencies.Agencies(ctx, tx)
		for _, a := range agencies {
			known.Agencies = append(known.Agencies, a.Code)
		}
		return err
	})
}

// problemTable says what is wrong, and what is doubtful, in the reader's language.
func (c *Console) problemTable(r *frame.Request, problems []servicespec.Problem) section {
	s := section{Title: r.T("console.publish.problems.title"), Table: &ui.TableView{
		Caption: r.T("console.publish.problems.title"), HideCaption: true, Stack: true, Columns: columns(r, "line#", "where", "problem"),
	}}
	for _, p := range problems {
		at := ""
		if p.Line > 0 {
			at = strconv.Itoa(p.Line)
		}
		tag := ui.TagView{Text: r.T("console.publish.error"), Kind: ui.Danger}
		if p.Warning {
			tag = ui.TagView{Text: r.T("console.publish.warning"), Kind: ui.Warning}
		}
		s.Table.Rows = append(s.Table.Rows, ui.Row{Cells: []ui.Cell{{Text: at}, {Text: p.Path}, {Tag: &tag, Sub: locale.Problem(c.deps.Texts, r.Lang, p)}}})
	}
	return s
}
