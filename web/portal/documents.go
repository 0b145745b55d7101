package portal

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// earlier offers what the reader handed in before at the page's questions, and says of what is there out of which it was taken.
func (p *Portal) earlier(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, v *form.View) error {
	places := v.Places()
	if len(places) == 0 {
		return nil
	}
	offers, from, err := p.deps.Requests.Earlier(ctx, tx, r.Person(), a.ID, places...)
	if err != nil {
		return err
	}
	names := services{portal: p, known: map[string]string{}}
	v.Earlier = map[string][]ui.EarlierFile{}
	for at, list := range offers {
		for _, u := range list {
			used := u.Uses[0]
			name, err := names.of(ctx, tx, r, used.Service)
			if err != nil {
				return err
			}
			v.Earlier[at] = append(v.Earlier[at], ui.EarlierFile{
				Name: u.Name, Size: form.Size(u.Size), Note: r.T("documents.given", "date", ui.Date(ctx, used.Since), "service", name),
				Take: ui.ButtonView{
					Label: r.T("ui.file.take"), Hidden: " " + u.Name, Name: form.Take, Value: at + ":" + used.File.String(), Variant: "secondary", Small: true,
				},
			})
		}
	}
	notes := map[uuid.UUID]string{}
	for file, o := range from {
		name, err := names.of(ctx, tx, r, o.Service)
		if err != nil {
			return err
		}
		notes[file] = r.T("documents.from", "date", ui.Date(ctx, o.At), "service", name)
	}
	plain := v.File
	v.File = func(place string, f servicespec.File) ui.FileItem {
		item := plain(place, f)
		item.Note = notes[f.ID]
		return item
	}
	return nil
}

// services says what services are called, each asked for once.
type services struct {
	portal *Portal
	known  map[string]string
}

func (s services) of(ctx context.Context, tx *pg.Tx, r *frame.Request, code string) (string, error) {
	if name, ok := s.known[code]; ok {
		return name, nil
	}
	spec, err := s.portal.deps.Catalog.Service(ctx, tx, code, 0)
	switch e := fault.Of(err); {
	case err == nil:
		s.known[code] = r.Text(spec.Pack().Name)
	case e != nil && e.Kind == fault.KindNotFound: // not offered any more
		s.known[code] = code
	default:
		return "", err
	}
	return s.known[code], nil
}

// reuse gives an earlier file once more. One that cannot be taken is a fault of its question; the proof that it is for counts as chosen.
func (p *Portal) reuse(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, posted url.Values, wrong []fault.Field, at string, file uuid.UUID) ([]fault.Field, error) {
	place, ok := a.spec.FilePlace(at)
	if !ok {
		return wrong, request.ErrUnknownQuestion.With("question", at)
	}
	if proof, of := strings.CutPrefix(at, place.Path+"."); of {
		posted.Set(place.Path, proof)
	}
	err := p.deps.Requests.Reuse(ctx, tx, r.Person(), a.ID, at, file)
	refused := fault.Of(err)
	if refused == nil || refused.Kind != fault.KindInvalid && !errors.Is(err, document.ErrNotFound) {
		return wrong, err
	}
	return form.MergeFields(wrong, []fault.Field{{Path: place.Path, Code: refused.Code, Args: form.RefusedWords(r.T, refused)}}), nil
}

type documentsView struct {
	Site   ui.Site
	Notice *ui.NoticeView
	Search ui.SearchView
	Found  string
	Table  ui.TableView
	Pager  ui.Pager
}

// documents lists what the reader handed in with applications. Words that are looked for may name people and stay out of the address.
func (p *Portal) documents(r *frame.Request) error {
	words, paging := "", r.Paging()
	if r.Method == "POST" {
		posted, err := r.Form()
		if err != nil {
			return err
		}
		if words = strings.TrimSpace(posted.Get("q")); words != "" {
			paging = page.Request{Size: 100}
		}
	}
	v := documentsView{
		Site: r.Site(frame.Portal), Notice: r.Done(),
		Search: ui.SearchView{Action: "/documents", Label: r.T("documents.search"), Value: words, Post: true},
		Table: ui.TableView{
			ID: "documents", Caption: r.T("documents.title"), HideCaption: true, Stack: true,
			Columns: []ui.Column{
				sorted(r, r.T("documents.name"), request.ByName, "ascending"), sorted(r, r.T("documents.date"), request.ByDate, "descending"),
				sorted(r, r.T("documents.size"), request.BySize, "descending"),
				{Label: r.T("documents.where")},
				{Label: r.T("documents.act")},
			},
			Empty: &ui.EmptyView{Icon: "file-text", Title: r.T("documents.none"), Text: r.T("documents.none_text"), Action: &ui.ButtonView{Label: r.T("request.list.find"), Href: "/services"}},
		},
	}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		list, err := p.deps.Requests.Uploads(ctx, tx, r.Person(), request.UploadFilter{Words: words, Sort: r.Query("sort")}, paging)
		if err != nil {
			return err
		}
		v.Pager = r.Pager(list.Next)
		if words != "" {
			v.Pager, v.Found = ui.Pager{}, r.T("documents.found", "n", len(list.Rows))
			v.Table.Empty = nil
		}
		names := services{portal: p, known: map[string]string{}}
		for _, u := range list.Rows {
			row, err := p.documentRow(ctx, tx, r, names, u)
			if err != nil {
				return err
			}
			v.Table.Rows = append(v.Table.Rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.HTML(documentsPage(v))
}

// sorted is a column by which the list can be sorted, in the one order that people want.
func sorted(r *frame.Request, label, by, order string) ui.Column {
	c := ui.Column{Label: label, SortHref: "/documents"}
	if by != "" {
		c.SortHref += "?sort=" + by
	}
	if r.Query("sort") == by {
		c.Sorted = order
	}
	return c
}

func (p *Portal) documentRow(ctx context.Context, tx *pg.Tx, r *frame.Request, names services, u request.Upload) (ui.Row, error) {
	uses, err := usesOf(ctx, tx, r, names, u, func(request.Use) bool { return true })
	if err != nil {
		return ui.Row{}, err
	}
	name := ui.Cell{Text: u.Name, Tag: form.ScanTag(ctx, u.Scan)}
	if name.Tag == nil {
		name.Href = "/requests/" + u.Uses[0].Request.String() + "/files/" + u.Uses[0].At + "/" + u.Uses[0].File.String()
	}
	return ui.Row{Cells: []ui.Cell{
		name,
		{Text: ui.Date(ctx, u.CreatedAt)},
		{Text: form.Size(u.Size)},
		{Text: strings.Join(uses, "; ")},
		{Body: removeLink("/documents/"+u.ID.String()+"/remove", u.Name)},
	}}, nil
}

// usesOf names the applications that hold an upload, each once.
func usesOf(ctx context.Context, tx *pg.Tx, r *frame.Request, names services, u request.Upload, of func(request.Use) bool) (out []string, err error) {
	for _, use := range u.Uses {
		if !of(use) {
			continue
		}
		name, err := names.of(ctx, tx, r, use.Service)
		if err != nil {
			return nil, err
		}
		if use.Reference != "" {
			name += " (" + use.Reference + ")"
		} else {
			name += " (" + r.T("documents.draft") + ")"
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out, nil
}

type removeDocumentView struct {
	Site          ui.Site
	Name, Action  string
	Drafts, Stays []string
}

// removeDocumentAsk says what removing comes to: what a draft holds goes, what was sent stays where it is.
func (p *Portal) removeDocumentAsk(r *frame.Request) error {
	id, err := r.UUID("file")
	if err != nil {
		return err
	}
	v := removeDocumentView{Site: r.Site(frame.Portal), Action: r.URL.RequestURI()}
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		u, err := p.deps.Requests.Upload(ctx, tx, r.Person(), id)
		if err != nil {
			return err
		}
		names := services{portal: p, known: map[string]string{}}
		v.Name = u.Name
		if v.Drafts, err = usesOf(ctx, tx, r, names, u, func(use request.Use) bool { return use.Status == request.Draft }); err != nil {
			return err
		}
		v.Stays, err = usesOf(ctx, tx, r, names, u, func(use request.Use) bool { return use.Status != request.Draft })
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(removeDocumentPage(v))
}

func (p *Portal) removeDocument(r *frame.Request) error {
	id, err := r.UUID("file")
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) error { return p.deps.Requests.Remove(ctx, tx, r.Person(), id) })
	if err != nil && !errors.Is(err, document.ErrNotFound) { // pressed twice
		return err
	}
	return r.Redirect("/documents?done=documents.removed")
}
