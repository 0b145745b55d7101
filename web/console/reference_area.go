package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

// areas lists what lies in an area, the whole tree's roots without one, or what a search finds anywhere.
func (c *Console) areas(r *frame.Request) error {
	in := r.Query("in")
	var tree []refdata.Boundary
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		tree, err = c.deps.Refdata.Boundaries(ctx, tx, "", "")
		return err
	}); err != nil {
		return err
	}
	by := map[string]refdata.Boundary{}
	below := map[string]int{}
	for _, b := range tree {
		by[b.Code] = b
		below[b.Parent]++
	}
	here, ok := by[in]
	if in != "" && !ok {
		return frame.Lost(r)
	}
	v := view(r, r.T("site.console.reference"))
	v.Lead, v.Tabs = r.T("console.areas.lead"), referenceTabs(r, areasPath)
	if in != "" {
		v = view(r, r.Text(here.Name)).back(areasOf(here.Parent), orText(r.Text(by[here.Parent].Name), r.T("console.reference.areas")))
		v.Caption = here.Level + " " + here.Code
	}
	v.Search = search(r, "console.areas.search")
	var first *ui.ButtonView
	if mayReference(r) {
		first = &ui.ButtonView{Label: r.T("console.areas.new"), Href: areasPath + "/new?in=" + url.QueryEscape(in), Icon: "plus"}
		v.Actions = append(v.Actions, *first)
		if in != "" {
			v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.edit"), Href: areasPath + "/" + in, Icon: "pencil", Variant: "secondary"})
		} else {
			v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.reference.import"), Href: areasPath + "/import", Icon: "upload", Variant: "secondary"})
		}
	}
	v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.reference.import.template"), Href: areasPath + ".csv", Icon: "download", Variant: "tertiary"})
	l := list[refdata.Boundary]{
		name: "areas", columns: []string{"area", "code", "level", "within", "below#", "state"}, empty: empty(r, "areas", "map-pin", first),
		orders: map[string]func(a, b refdata.Boundary) int{
			"area": words(func(b refdata.Boundary) string { return r.Text(b.Name) }), "code": words(func(b refdata.Boundary) string { return b.Code }),
			"level": words(func(b refdata.Boundary) string { return b.Level }), "below": func(a, b refdata.Boundary) int { return below[a.Code] - below[b.Code] },
		},
		fetch: func(context.Context, *pg.Tx, page.Request) (page.Page[refdata.Boundary], error) {
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(slices.Clone(tree), func(b refdata.Boundary) bool {
				if q == "" {
					return b.Parent != in
				}
				return !b.Within(in) && in != "" || !strings.Contains(strings.ToLower(b.Code+" "+r.Text(b.Name)), q)
			}), nil)
		},
		cells: func(b refdata.Boundary) []ui.Cell {
			return []ui.Cell{
				{Text: r.Text(b.Name), Href: areasOf(b.Code)}, {Text: b.Code}, {Text: b.Level}, {Text: r.Text(by[b.Parent].Name)}, {Text: ui.Number(r.Context(), below[b.Code])}, {Tag: openTag(r, b.Closed)},
			}
		},
	}
	return l.serve(r, v)
}

func areasOf(code string) string {
	if code == "" {
		return areasPath
	}
	return areasPath + "?in=" + url.QueryEscape(code)
}

func (c *Console) areaForm(r *frame.Request, b refdata.Boundary, known names) pageView {
	code0 := r.Param("area")
	v := view(r, r.T("console.areas.new")).back(areasOf(b.Parent), r.T("console.reference.areas"))
	if code0 != "" {
		v = view(r, r.T("console.edit")).back(areasOf(code0), r.Text(b.Name))
		v.Caption = r.Text(b.Name)
	}
	parents := known.areaOptions(r, b.Parent)
	parents[0].Label = r.T("console.areas.root")
	fields := []field{input(r, "code", b.Code, code, readOnly(code0 != ""), hint(r.T("console.codes.code")))}
	fields = append(fields, c.texts(r, "name", b.Name)...)
	fields = append(fields, input(r, "level", b.Level, code, label(r.T("console.column.level")), hint(r.T("console.areas.level"))),
		input(r, "parent", "", options(selectField, parents), label(r.T("console.column.within")), hint(r.T("console.areas.parent"))),
		input(r, "closed", "", optional, options(checkField, []ui.Option{{Value: "yes", Label: r.T("console.codes.closed"), Hint: r.T("console.codes.closed.hint"), Checked: b.Closed}})))
	v.Form = &formView{FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("console.save")}, Fields: fields}
	return v
}

func (c *Console) areaHere(r *frame.Request) (b refdata.Boundary, err error) {
	b.Parent = r.Query("in")
	if r.Param("area") == "" {
		return b, nil
	}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		b, err = c.deps.Refdata.Boundary(ctx, tx, r.Param("area"))
		return err
	})
	return b, err
}

func (c *Console) areaAsk(r *frame.Request) error {
	b, err := c.areaHere(r)
	if err != nil {
		return err
	}
	known, err := c.known(r)
	if err != nil {
		return err
	}
	return r.HTML(consolePage(c.areaForm(r, b, known)))
}

func (c *Console) areaSave(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	if _, err := c.areaHere(r); err != nil {
		return err
	}
	known, err := c.known(r)
	if err != nil {
		return err
	}
	b := refdata.Boundary{Code: trimmed(posted, "code"), Parent: posted.Get("parent"), Level: trimmed(posted, "level"), Name: textOf(posted, "name"), Closed: posted.Get("closed") == "yes"}
	if r.Param("area") != "" {
		b.Code = r.Param("area")
	}
	v := c.areaForm(r, b, known)
	if _, taken := known.areas[b.Code]; taken && r.Param("area") == "" {
		v.Form.wrong("code", r.T("error.console.reference.taken"))
	}
	if b.Name[r.Settings.DefaultLanguage] == "" {
		v.Form.wrong("name", r.T("console.reference.name"))
	}
	if b.Level == "" {
		v.Form.wrong("level", r.T("console.areas.level.wrong"))
	}
	if len(v.Form.Problems) > 0 {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error {
		if err := c.deps.Refdata.PutBoundaries(ctx, tx, []refdata.Boundary{b}); err != nil {
			return err
		}
		return c.deps.Refdata.CloseBoundary(ctx, tx, b.Code, b.Closed)
	})
	if v.refused(r, err) {
		return r.HTMLStatus(http.StatusUnprocessableEntity, consolePage(v))
	}
	if err != nil {
		return err
	}
	return r.Redirect(areasPath + "?in=" + url.QueryEscape(b.Parent) + "&done=console.saved")
}
