package console

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/web/frame"
	"digit/web/ui"
)

const (
	referencePath = "/console/reference"
	listsPath     = referencePath + "/lists"
	areasPath     = referencePath + "/areas"
	numbersPath   = referencePath + "/numbers"
)

// referenceRoutes are the pages about what many services lean on: code lists, areas and number formats.
func (c *Console) referenceRoutes(page, whole func(method, pattern, permission string, h func(*frame.Request) error) frame.Route) []frame.Route {
	const get, post, read, manage = http.MethodGet, http.MethodPost, "refdata:read", "refdata:manage"
	routes := []frame.Route{
		page(get, "/reference", read, c.codeLists),
		whole(get, "/reference/lists/new", manage, c.codeListAsk),
		whole(post, "/reference/lists/new", manage, c.codeListSave),
		page(get, "/reference/lists/{list}", read, c.codeList),
		page(get, "/reference/lists/{list}/codes.csv", read, c.codeFile),
		whole(get, "/reference/lists/{list}/edit", manage, c.codeListAsk),
		whole(post, "/reference/lists/{list}/edit", manage, c.codeListSave),
		whole(get, "/reference/lists/{list}/import", manage, c.codeImportAsk),
		whole(post, "/reference/lists/{list}/import", manage, c.codeImport),
		whole(get, "/reference/lists/{list}/codes/new", manage, c.codeAsk),
		whole(post, "/reference/lists/{list}/codes/new", manage, c.codeSave),
		whole(get, "/reference/lists/{list}/codes/{code}", manage, c.codeAsk),
		whole(post, "/reference/lists/{list}/codes/{code}", manage, c.codeSave),
		whole(get, "/reference/lists/{list}/codes/{code}/remove", manage, c.codeRemoveAsk),
		whole(post, "/reference/lists/{list}/codes/{code}/remove", manage, c.codeRemove),

		page(get, "/reference/areas", read, c.areas),
		page(get, "/reference/areas.csv", read, c.areaFile),
		whole(get, "/reference/areas/new", manage, c.areaAsk),
		whole(post, "/reference/areas/new", manage, c.areaSave),
		whole(get, "/reference/areas/import", manage, c.areaImportAsk),
		whole(post, "/reference/areas/import", manage, c.areaImport),
		whole(get, "/reference/areas/{area}", manage, c.areaAsk),
		whole(post, "/reference/areas/{area}", manage, c.areaSave),

		page(get, "/reference/numbers", read, c.numbers),
		whole(get, "/reference/numbers/new", manage, c.numberAsk),
		whole(post, "/reference/numbers/new", manage, c.numberSave),
		whole(get, "/reference/numbers/{format}", manage, c.numberAsk),
		whole(post, "/reference/numbers/{format}", manage, c.numberSave),
	}
	return routes
}

func referenceTabs(r *frame.Request, current string) []ui.NavItem {
	return []ui.NavItem{
		{Label: r.T("console.reference.lists"), Href: referencePath, Current: current == referencePath},
		{Label: r.T("console.reference.areas"), Href: areasPath, Current: current == areasPath},
		{Label: r.T("console.reference.numbers"), Href: numbersPath, Current: current == numbersPath},
	}
}

func mayReference(r *frame.Request) bool { return r.Principal.MayIn("refdata:manage", "") }

// listRow is a code list with how many codes it has and which services use it.
type listRow struct {
	refdata.CodeList
	refdata.CodeCount
	users []string
}

// codeLists lists the lists of codes.
func (c *Console) codeLists(r *frame.Request) error {
	v := view(r, r.T("site.console.reference"))
	v.Lead, v.Tabs = r.T("console.reference.lead"), referenceTabs(r, referencePath)
	v.Search = search(r, "console.lists.search")
	var first *ui.ButtonView
	if mayReference(r) {
		first = &ui.ButtonView{Label: r.T("console.lists.new"), Href: listsPath + "/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	var known names
	l := list[listRow]{
		name: "code-lists", columns: []string{"list", "code", "offered#", "closed_codes#", "used_by"}, empty: empty(r, "lists", "list", first),
		orders: map[string]func(a, b listRow) int{
			"list": words(func(x listRow) string { return r.Text(x.Name) }), "code": words(func(x listRow) string { return x.Code }),
			"offered": func(a, b listRow) int { return a.Active - b.Active },
		},
		fetch: func(ctx context.Context, tx *pg.Tx, _ page.Request) (out page.Page[listRow], err error) {
			if known, err = c.names(ctx, tx, r); err != nil {
				return out, err
			}
			return all(c.listRows(ctx, tx, r))
		},
		cells: func(x listRow) []ui.Cell {
			return []ui.Cell{
				{Text: r.Text(x.Name), Href: listsPath + "/" + x.Code},
				{Text: x.Code},
				{Text: ui.Number(r.Context(), x.Active)},
				{Text: ui.Number(r.Context(), x.All-x.Active)},
				{Text: orText(serviceNames(known, x.users), r.T("console.lists.unused"))},
			}
		},
	}
	return l.serve(r, v)
}

func (c *Console) listRows(ctx context.Context, tx *pg.Tx, r *frame.Request) (rows []listRow, err error) {
	lists, err := c.deps.Refdata.CodeLists(ctx, tx)
	if err != nil {
		return nil, err
	}
	counts, err := c.deps.Refdata.CodeCounts(ctx, tx)
	if err != nil {
		return nil, err
	}
	uses, err := c.deps.Refdata.Uses(ctx, tx)
	if err != nil {
		return nil, err
	}
	q := strings.ToLower(r.Query("q"))
	for _, x := range lists {
		if !strings.Contains(strings.ToLower(x.Code+" "+r.Text(x.Name)), q) {
			continue
		}
		rows = append(rows, listRow{CodeList: x, CodeCount: counts[x.Code], users: uses[x.Code]})
	}
	return rows, nil
}

// listHere is the list of the path with its codes. Errors: page.not_found.
func (c *Console) listHere(r *frame.Request) (row listRow, codes []refdata.Code, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		lists, err := c.deps.Refdata.CodeLists(ctx, tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(lists, func(x refdata.CodeList) bool { return x.Code == r.Param("list") })
		if i < 0 {
			return frame.Lost(r)
		}
		row.CodeList = lists[i]
		uses, err := c.deps.Refdata.Uses(ctx, tx)
		if err != nil {
			return err
		}
		row.users = uses[row.Code]
		codes, err = c.deps.Refdata.Codes(ctx, tx, row.Code)
		return err
	})
	return row, codes, err
}

// codeList shows the codes of a list.
func (c *Console) codeList(r *frame.Request) error {
	row, codes, err := c.listHere(r)
	if err != nil {
		return err
	}
	known, err := c.known(r)
	if err != nil {
		return err
	}
	here := listsPath + "/" + row.Code
	v := view(r, r.Text(row.Name)).back(referencePath, r.T("console.reference.lists"))
	v.Caption = row.Code
	v.Facts = []ui.Fact{{Key: r.T("console.column.used_by"), Value: orText(serviceNames(known, row.users), r.T("console.lists.unused"))}}
	v.Search, v.Chips = search(r, "console.codes.search"), []ui.Chip{chip(r, "state", "open", r.T("console.status.open")), chip(r, "state", "closed", r.T("console.status.closed"))}
	var first *ui.ButtonView
	if mayReference(r) {
		first = &ui.ButtonView{Label: r.T("console.codes.new"), Href: here + "/codes/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first,
			ui.ButtonView{Label: r.T("console.lists.rename"), Href: here + "/edit", Icon: "pencil", Variant: "secondary"},
			ui.ButtonView{Label: r.T("console.reference.import"), Href: here + "/import", Icon: "upload", Variant: "secondary"})
	}
	v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("console.reference.import.template"), Href: here + "/codes.csv", Icon: "download", Variant: "tertiary"})
	place := map[string]int{}
	for i, x := range codes {
		place[x.Code] = i + 1
	}
	l := list[refdata.Code]{
		name: row.Code, columns: []string{"rank#", "label", "code", "attributes", "state"}, empty: empty(r, "codes", "list", first),
		orders: map[string]func(a, b refdata.Code) int{
			"rank": func(a, b refdata.Code) int { return place[a.Code] - place[b.Code] }, "code": words(func(x refdata.Code) string { return x.Code }),
			"label": words(func(x refdata.Code) string { return r.Text(x.Name) }),
		},
		fetch: func(context.Context, *pg.Tx, page.Request) (page.Page[refdata.Code], error) {
			q := strings.ToLower(r.Query("q"))
			return all(slices.DeleteFunc(slices.Clone(codes), func(x refdata.Code) bool {
				return !strings.Contains(strings.ToLower(x.Code+" "+r.Text(x.Name)), q) || r.Query("state") == "open" && !x.Active || r.Query("state") == "closed" && x.Active
			}), nil)
		},
		cells: func(x refdata.Code) []ui.Cell {
			label := ui.Cell{Text: r.Text(x.Name)}
			if mayReference(r) {
				label.Href = here + "/codes/" + x.Code
			}
			return []ui.Cell{{Text: ui.Number(r.Context(), place[x.Code])}, label, {Text: x.Code}, {Text: strings.ReplaceAll(attributesText(x.Attributes), "\n", ", ")}, {Tag: openTag(r, !x.Active)}}
		},
	}
	return l.serve(r, v)
}
