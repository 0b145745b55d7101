package studio

import (
	"bytes"
	"context"
	"encoding/csv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// drafts lists the services that are worked on.
func (s *Studio) drafts(r *frame.Request) error {
	v := view(r, r.T("site.studio.drafts"))
	v.Lead = r.T("studio.drafts.lead")
	var first *ui.ButtonView
	if r.Principal.May(studio.Design) {
		first = &ui.ButtonView{Label: r.T("studio.begin"), Href: "/studio/new", Icon: "plus"}
		v.Actions = append(v.Actions, *first)
	}
	return s.list(r, v, false, first)
}

// discarded lists the drafts that were thrown away, and can be taken back for a while.
func (s *Studio) discarded(r *frame.Request) error {
	v := view(r, r.T("site.studio.discarded"))
	v.Lead = r.T("studio.discarded.lead")
	return s.list(r, v, true, nil)
}

// rows is a page of drafts with the names that it speaks of.
type rows struct {
	page.Page[studio.Draft]
	names    map[uuid.UUID]string
	agencies map[string]i18n.Text
}

func (s *Studio) rows(r *frame.Request, discarded bool, req page.Request) (out rows, err error) {
	out.names = map[uuid.UUID]string{}
	q := studio.Query{Text: r.Query("q"), Agency: r.Query("agency"), Discarded: discarded, ByName: r.Query("sort") == "service"}
	return out, r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if out.Page, err = s.deps.Studio.Drafts(ctx, tx, *r.Principal, q, req); err != nil {
			return err
		}
		if out.agencies, err = s.agencies(ctx, tx); err != nil {
			return err
		}
		for _, d := range out.Rows {
			out.names[d.ChangedBy] = ""
		}
		return s.name(ctx, tx, out.names)
	})
}

// agencies are what agencies are called, by their codes.
func (s *Studio) agencies(ctx context.Context, tx *pg.Tx) (map[string]i18n.Text, error) {
	list, err := s.deps.Agencies.Agencies(ctx, tx)
	out := map[string]i18n.Text{}
	for _, a := range list {
		out[a.Code] = a.Name
	}
	return out, err
}

func (o rows) agency(r *frame.Request, code string) string {
	if name := r.Text(o.agencies[code]); name != "" {
		return name
	}
	return code
}

func (s *Studio) list(r *frame.Request, v plainView, discarded bool, first *ui.ButtonView) error {
	if r.Query("format") == "csv" {
		return s.draftsFile(r, discarded)
	}
	found, err := s.rows(r, discarded, r.Paging())
	if err != nil {
		return err
	}
	v.Search = &ui.SearchView{Action: r.URL.Path, Label: r.T("studio.drafts.search"), Value: r.Query("q")}
	for _, name := range []string{"sort", "agency"} {
		if x := r.Query(name); x != "" {
			v.Search.Hidden = append(v.Search.Hidden, [2]string{name, x})
		}
	}
	if a := r.Query("agency"); a != "" {
		v.Chips = []ui.Chip{{Label: found.agency(r, a), On: true, Remove: true, Href: r.With("agency", "")}}
	}
	v.Table = s.draftTable(r, found, discarded, first)
	v.Pager = r.Pager(found.Next)
	if len(found.Rows) > 0 {
		v.Actions = append(v.Actions, ui.ButtonView{Label: r.T("studio.export.list"), Href: r.With("format", "csv"), Icon: "download", Variant: "tertiary"})
	}
	return r.HTML(plainPage(v))
}

func (s *Studio) draftTable(r *frame.Request, found rows, discarded bool, first *ui.ButtonView) *ui.TableView {
	t := &ui.TableView{Caption: r.T("site.studio.drafts"), HideCaption: true, Stack: true, Columns: s.draftColumns(r, discarded), Empty: emptyDrafts(r, discarded, first)}
	for _, d := range found.Rows {
		name, href := d.Name.In(r.Lang, r.Settings.DefaultLanguage), "/studio/"+d.ID.String()
		if name == "" {
			name = d.Code
		}
		row := []ui.Cell{
			{Text: name, Href: href},
			{Text: d.Code},
			{Text: found.agency(r, d.Agency), Href: r.With("agency", d.Agency)},
			{Text: ui.DateTime(r.Context(), d.ChangedAt), Sub: found.names[d.ChangedBy]},
			{Tag: draftTag(r, d)},
		}
		if discarded {
			row[0].Href = ""
			row[4] = ui.Cell{Body: takeBackButton(r, d)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: row})
	}
	return t
}

func (s *Studio) draftColumns(r *frame.Request, discarded bool) []ui.Column {
	last := "state"
	if discarded {
		last = "act"
	}
	cols := []ui.Column{
		{Label: r.T("studio.column.service")},
		{Label: r.T("studio.column.code")},
		{Label: r.T("studio.column.agency")},
		{Label: r.T("studio.column.changed"), Date: true},
		{Label: r.T("studio.column." + last)},
	}
	cols[0].SortHref, cols[3].SortHref = r.With("sort", "service"), r.With("sort", "")
	if r.Query("sort") == "service" {
		cols[0].Sorted = "ascending"
	} else {
		cols[3].Sorted = "descending"
	}
	return cols
}

// draftTag says whether anything of the service is published.
func draftTag(r *frame.Request, d studio.Draft) *ui.TagView {
	if d.Base > 0 {
		return &ui.TagView{Text: r.T("studio.state.live", "version", d.Base), Kind: ui.Success}
	}
	return &ui.TagView{Text: r.T("studio.state.new"), Kind: ui.Neutral}
}

func takeBackButton(r *frame.Request, d studio.Draft) templ.Component {
	return postButton("/studio/"+d.ID.String()+"/take-back", ui.ButtonView{Label: r.T("studio.take_back"), Hidden: " " + d.Code, Variant: "secondary", Small: true})
}

func emptyDrafts(r *frame.Request, discarded bool, first *ui.ButtonView) *ui.EmptyView {
	switch {
	case r.Query("q") != "" || r.Query("agency") != "":
		return &ui.EmptyView{
			Icon: "search", Title: r.T("studio.none_found"), Text: r.T("studio.none_found.text"),
			Action: &ui.ButtonView{Label: r.T("studio.show_all"), Href: r.URL.Path, Variant: "secondary"},
		}
	case discarded:
		return &ui.EmptyView{Icon: "trash-2", Title: r.T("studio.discarded.none"), Text: r.T("studio.discarded.none.text")}
	}
	return &ui.EmptyView{Icon: "pencil", Title: r.T("studio.drafts.none"), Text: r.T("studio.drafts.none.text"), Action: first}
}

// exportMost is how many rows a file takes; who needs more narrows the filter.
const exportMost = 10000

// draftsFile is the list as CSV (RFC 4180), with the byte order mark by which spreadsheets know UTF-8.
func (s *Studio) draftsFile(r *frame.Request, discarded bool) error {
	var out bytes.Buffer
	out.WriteString("\ufeff")
	w := csv.NewWriter(&out)
	head := []string{}
	for _, c := range s.draftColumns(r, false) {
		head = append(head, c.Label)
	}
	if err := w.Write(head); err != nil {
		return err
	}
	for next, n := (page.Request{Size: 100}), 0; ; {
		found, err := s.rows(r, discarded, next)
		if err != nil {
			return err
		}
		for _, d := range found.Rows {
			line := []string{
				d.Name.In(r.Lang, r.Settings.DefaultLanguage), d.Code, found.agency(r, d.Agency),
				strings.TrimSpace(ui.DateTime(r.Context(), d.ChangedAt) + " " + found.names[d.ChangedBy]), draftTag(r, d).Text,
			}
			for i := range line {
				line[i] = frame.Cell(line[i])
			}
			if err := w.Write(line); err != nil {
				return err
			}
		}
		if n += len(found.Rows); found.Next == "" || n >= exportMost {
			break
		}
		next.After = found.Next
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return r.File("drafts.csv", "text/csv; charset=utf-8", false, out.Bytes())
}
