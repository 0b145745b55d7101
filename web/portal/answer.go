package portal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// application is a request with what is needed to show its form.
type application struct {
	request.Request
	spec  *servicespec.Service
	facts servicespec.Facts
	areas []refdata.Boundary // of the levels the form asks for
	names map[string]i18n.Text
	codes map[string][]refdata.Code
}

// open loads one of the reader's requests.
func (p *Portal) open(ctx context.Context, tx *pg.Tx, r *frame.Request) (a application, err error) {
	id, err := r.UUID("id")
	if err != nil {
		return a, err
	}
	if a.Request, err = p.deps.Requests.Request(ctx, tx, r.Person(), id); err != nil {
		return a, err
	}
	if a.spec, a.facts, err = p.deps.Requests.Spec(ctx, tx, a.Request); err != nil {
		return a, err
	}
	return a, p.lookUp(ctx, tx, &a)
}

// lookUp reads the areas and code lists that the form's questions choose from.
func (p *Portal) lookUp(ctx context.Context, tx *pg.Tx, a *application) (err error) {
	a.names, a.codes = map[string]i18n.Text{}, map[string][]refdata.Code{}
	asked := map[string]bool{}
	for _, page := range a.spec.Pack().Form.Pages {
		for _, q := range page.Questions {
			if q.Kind == servicespec.KindBoundary && !asked[q.Level] {
				asked[q.Level] = true
				level, err := p.deps.Refdata.Boundaries(ctx, tx, q.Level, "")
				if err != nil {
					return err
				}
				a.areas = append(a.areas, level...)
			}
			if q.RefData != "" && a.codes[q.RefData] == nil {
				if a.codes[q.RefData], err = p.deps.Refdata.Codes(ctx, tx, q.RefData); err != nil {
					return err
				}
			}
		}
	}
	if len(a.areas) == 0 {
		return nil
	}
	all, err := p.deps.Refdata.Boundaries(ctx, tx, "", "")
	for _, b := range all {
		a.names[b.Code] = b.Name
	}
	return err
}

// areaName is the area's name with the one it lies in, since parishes of different islands share names.
func (a application) areaName(r *frame.Request, code string) string {
	name := r.Text(a.names[code])
	for _, b := range a.areas {
		if b.Code == code && len(b.Path) > 3 {
			name += ", " + r.Text(a.names[b.Parent])
		}
	}
	return name
}

func (a application) areaOptions(r *frame.Request, level string) []ui.Option {
	var out []ui.Option
	for _, b := range a.areas {
		if b.Level == level {
			out = append(out, ui.Option{Value: b.Code, Label: a.areaName(r, b.Code)})
		}
	}
	slices.SortFunc(out, func(x, y ui.Option) int { return strings.Compare(x.Label, y.Label) })
	return out
}

func (a application) codeOptions(r *frame.Request, list string) []ui.Option {
	out := make([]ui.Option, 0, len(a.codes[list]))
	for _, c := range a.codes[list] {
		out = append(out, ui.Option{Value: c.Code, Label: r.Text(c.Name)})
	}
	return out
}

// display writes an answer for the reader.
func (a application) display(r *frame.Request, q *servicespec.Question, v any) string {
	return servicespec.Display(q, v, r.Lang, servicespec.Words{
		T:        func(key string) string { return r.T(key) },
		Boundary: func(code string) string { return a.areaName(r, code) },
		RefData: func(list, code string) string {
			for _, c := range a.codes[list] {
				if c.Code == code {
					return r.Text(c.Name)
				}
			}
			return code
		},
		Currency: r.Settings.Currency, Fallback: a.spec.Pack().Languages[0],
	})
}

// open pages of a correction are those with a question to be answered again.
func (a application) pages() []servicespec.PageView {
	pages := a.spec.Pages(a.Answers, a.facts)
	if a.Status != request.Correction {
		return pages
	}
	return slices.DeleteFunc(pages, func(p servicespec.PageView) bool {
		return !slices.ContainsFunc(p.Questions, func(q servicespec.QuestionView) bool { return a.Editable(q.Code) })
	})
}

func (a application) page(code string) (servicespec.PageView, int, bool) {
	for i, p := range a.pages() {
		if p.Code == code {
			return p, i, true
		}
	}
	return servicespec.PageView{}, 0, false
}

// nextPage is the code of the page after, "" at the end; after "" the first.
func nextPage(pages []servicespec.PageView, after string) string {
	for i, p := range pages {
		if after == "" {
			return p.Code
		}
		if p.Code == after && i+1 < len(pages) {
			return pages[i+1].Code
		}
	}
	return ""
}

func (a application) path() string { return "/requests/" + a.ID.String() }

// formView is the page's form for the reader; posted and wrong are set when it is shown again.
func (p *Portal) formView(r *frame.Request, a application, page servicespec.PageView, posted map[string][]string, wrong []fault.Field) form.View {
	errs := map[string]string{}
	for _, f := range wrong {
		if errs[f.Path] == "" {
			errs[f.Path] = r.FieldSentence(f)
		}
	}
	return form.View{
		Page: page, Caption: r.Text(a.spec.Pack().Name), Lang: r.Lang, Fallback: a.spec.Pack().Languages[0], Facts: a.facts, Posted: posted, Errors: errs,
		Editable: a.Editable,
		Areas:    func(level string) []ui.Option { return a.areaOptions(r, level) },
		Codes:    func(list string) []ui.Option { return a.codeOptions(r, list) },
		Display:  func(q *servicespec.Question, v any) string { return a.display(r, q, v) },
		File: func(question string, f servicespec.File) (string, string) {
			base := a.path() + "/files/" + question + "/" + f.ID.String()
			return base, base + "/remove?page=" + page.Code
		},
	}
}

type pageView struct {
	Site             ui.Site
	Name, Action     string
	Back             *ui.Link
	At, Of           int
	Form             form.View
	Problems         []ui.Problem
	Note             string
	Correction, Edit bool
}

func (v pageView) questions() templ.Component { return form.Questions(v.Form) }

func (p *Portal) viewPage(r *frame.Request, a application, code string, posted map[string][]string, wrong []fault.Field) (pageView, error) {
	page, at, ok := a.page(code)
	if !ok {
		return pageView{}, request.ErrUnknownPage.With("page", code)
	}
	pages := a.pages()
	v := pageView{
		Site: r.Site(frame.Portal), Name: r.Text(page.Title), Action: a.path() + "/pages/" + code, At: at + 1, Of: len(pages) + 1,
		Form: p.formView(r, a, page, posted, wrong), Problems: r.Problems(wrong), Note: a.Note, Correction: a.Status == request.Correction,
		Back: &ui.Link{Href: a.path()}, Edit: r.Query("edit") != "",
	}
	if at > 0 {
		v.Back.Href = a.path() + "/pages/" + pages[at-1].Code
	}
	if v.Edit {
		v.Back.Href, v.Action = a.path()+"/check", v.Action+"?edit=1"
	}
	return v, nil
}

// showPage shows one page of the form with what was answered so far.
func (p *Portal) showPage(r *frame.Request) error {
	var a application
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		a, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if a.Status != request.Draft && a.Status != request.Correction {
		return r.Redirect(a.path())
	}
	v, err := p.viewPage(r, a, r.Param("page"), nil, nil)
	if err != nil {
		return err
	}
	return r.HTML(questionPage(v))
}

// later is the button that keeps the page as it is, finished or not. No question can have its name.
const later = "later-"

// answerPage keeps what was answered. What is wrong is shown on the same page with everything typed still there; a
// question that appears only because of an answer just given is shown before anybody is blamed for not answering it.
func (p *Portal) answerPage(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	leaves := posted.Has(later)
	posted.Del(later)
	code := r.Param("page")
	var before, after application
	var wrong []fault.Field
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if before, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if wrong, err = p.attach(ctx, tx, r, before, code); err != nil {
			return err
		}
		more, err := p.deps.Requests.SavePage(ctx, tx, r.Person(), before.ID, code, r.Lang, posted)
		if err != nil {
			return err
		}
		wrong = mergeFields(wrong, more)
		after, err = p.open(ctx, tx, r)
		return err
	})
	if err != nil {
		return err
	}
	if leaves && !slices.ContainsFunc(wrong, func(f fault.Field) bool { return f.Code != "required" }) {
		return r.Redirect("/requests?done=request.saved")
	}
	if len(wrong) > 0 && allFresh(wrong, before, posted, code) {
		return r.Redirect(after.path() + "/pages/" + code + editQuery(r))
	}
	if len(wrong) > 0 {
		v, err := p.viewPage(r, after, code, posted, wrong)
		if err != nil {
			return err
		}
		return r.HTMLStatus(http.StatusUnprocessableEntity, questionPage(v))
	}
	if r.Query("edit") != "" && complete(after) {
		return r.Redirect(after.path() + "/check")
	}
	if next := nextPage(after.pages(), code); next != "" {
		return r.Redirect(after.path() + "/pages/" + next)
	}
	return r.Redirect(after.path() + "/check")
}

func editQuery(r *frame.Request) string {
	if r.Query("edit") != "" {
		return "?edit=1"
	}
	return ""
}

func complete(a application) bool {
	return !slices.ContainsFunc(a.pages(), func(p servicespec.PageView) bool { return !p.Complete })
}

// allFresh reports whether all faults are of questions that the page did not show when it was filled in.
func allFresh(wrong []fault.Field, before application, posted map[string][]string, code string) bool {
	page, _, ok := before.page(code)
	return ok && !slices.ContainsFunc(wrong, func(f fault.Field) bool {
		_, sent := posted[f.Path]
		return sent || f.Code != "required" || slices.ContainsFunc(page.Questions, func(q servicespec.QuestionView) bool { return q.Code == f.Path })
	})
}

// mergeFields keeps the first fault of each question.
func mergeFields(a, b []fault.Field) []fault.Field {
	for _, f := range b {
		if !slices.ContainsFunc(a, func(g fault.Field) bool { return g.Path == f.Path }) {
			a = append(a, f)
		}
	}
	return a
}

// attach stores the files that came with the page. A file that cannot be taken is a fault of its question.
func (p *Portal) attach(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, code string) (wrong []fault.Field, err error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	page, _, ok := a.page(code)
	if !ok {
		return nil, request.ErrUnknownPage.With("page", code)
	}
	for _, q := range page.Questions {
		for _, h := range r.MultipartForm.File[q.Code] {
			if h.Size == 0 && h.Filename == "" {
				continue
			}
			err := p.attachOne(ctx, tx, r, a.ID, q.Code, h)
			if refused := fault.Of(err); refused != nil && refused.Kind == fault.KindInvalid {
				wrong = mergeFields(wrong, []fault.Field{{Path: q.Code, Code: refused.Code, Args: refused.Args}})
				continue
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return wrong, nil
}

func (p *Portal) attachOne(ctx context.Context, tx *pg.Tx, r *frame.Request, id uuid.UUID, question string, h *multipart.FileHeader) error {
	content, err := h.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = p.deps.Requests.Attach(ctx, tx, r.Person(), id, question, h.Filename, content)
	return err
}

// file returns a file of an answer to whom it belongs.
func (p *Portal) file(r *frame.Request) error {
	var f document.File
	var body bytes.Buffer
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		a, err := p.open(ctx, tx, r)
		if err != nil {
			return err
		}
		attached, err := a.file(r)
		if err != nil {
			return err
		}
		if f, err = p.deps.Documents.File(ctx, tx, attached.ID); err != nil {
			return err
		}
		return p.deps.Documents.Read(ctx, tx, f.ID, &body)
	})
	if err != nil {
		return err
	}
	return r.File(f.Name, f.MediaType, true, body.Bytes())
}

// file returns the file that the path names, when it stands in the answers. Errors: document.ErrNotFound.
func (a application) file(r *frame.Request) (servicespec.File, error) {
	id, err := r.UUID("file")
	if err != nil {
		return servicespec.File{}, err
	}
	files, _ := a.Answers[r.Param("question")].([]servicespec.File)
	for _, f := range files {
		if f.ID == id {
			return f, nil
		}
	}
	return servicespec.File{}, document.ErrNotFound
}

type removeFileView struct {
	Site                 ui.Site
	Name, Action, Cancel string
}

func (p *Portal) removeFileAsk(r *frame.Request) error {
	var a application
	var f servicespec.File
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		f, err = a.file(r)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTML(removeFilePage(removeFileView{
		Site: r.Site(frame.Portal), Name: f.Name, Action: r.URL.RequestURI(), Cancel: a.path() + "/pages/" + r.Query("page"),
	}))
}

func (p *Portal) removeFile(r *frame.Request) error {
	var a application
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		f, err := a.file(r)
		if errors.Is(err, document.ErrNotFound) {
			return nil // removed already: the button was pressed twice
		}
		if err != nil {
			return err
		}
		return p.deps.Requests.Detach(ctx, tx, r.Person(), a.ID, r.Param("question"), f.ID)
	})
	if err != nil {
		return err
	}
	return r.Redirect(a.path() + "/pages/" + r.Query("page"))
}

// readAll reads a posted file within the route's limit.
func readAll(h *multipart.FileHeader) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
