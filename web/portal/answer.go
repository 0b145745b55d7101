package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/consumer/request"
	"digit/internal/infra/document"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
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
	scans map[uuid.UUID]document.Scan // of the files among the answers
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
	a.scans, err = p.deps.Documents.Scans(ctx, tx, a.fileIDs()...)
	return a, err
}

// fileIDs are the files among the answers.
func (a application) fileIDs() (ids []uuid.UUID) {
	for _, answer := range a.Answers {
		for _, f := range servicespec.FilesIn(answer) {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// infected names the questions whose files were found malicious and removed, those in rows by their path.
func (a application) infected(prefix string, questions []servicespec.QuestionView) (wrong []fault.Field) {
	for _, q := range questions {
		servicespec.EachFile(prefix+q.Code, q.Value, func(path string, f servicespec.File) {
			if a.scans[f.ID] == document.Infected {
				wrong = form.MergeFields(wrong, []fault.Field{{Path: path, Code: document.ErrInfected.Code}})
			}
		})
	}
	return wrong
}

// pages are those of the form; of a correction, those with a question to be answered again.
func (a application) pages() []servicespec.PageView {
	pages := a.spec.Pages(a.Answers, a.facts)
	if a.Status != request.Correction {
		return pages
	}
	return slices.DeleteFunc(pages, func(p servicespec.PageView) bool {
		return !slices.ContainsFunc(p.Questions, func(q servicespec.QuestionView) bool { return a.Touches(q.Code) })
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

type pageView struct {
	Site             ui.Site
	Name, Action     string
	Back             *ui.Link
	At, Of           int // of the steps; no steps where Of is 0
	Form             form.View
	Problems         []ui.Problem
	Note             string
	Correction, Edit bool
	Device           form.DeviceView
}

func (v pageView) questions() templ.Component { return form.Questions(v.Form) }

// shown is how a page, or a row of it, is shown: again with what was typed and what is wrong with it, with more rows.
type shown struct {
	posted        url.Values
	wrong         []fault.Field
	extra         map[string]int
	prefix, title string // of a row
}

func (p *Portal) viewPage(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, code string, in shown) (pageView, error) {
	page, at, ok := a.page(code)
	if !ok {
		return pageView{}, request.ErrUnknownPage.With("page", code)
	}
	pages := a.pages()
	v := pageView{
		Site: r.Site(frame.Portal), Name: page.Text(page.Title, r.Lang, a.words(r)), Action: a.path() + "/pages/" + code, At: at + 1, Of: len(pages) + 1,
		Note: a.Note, Correction: a.Status == request.Correction, Back: &ui.Link{Href: a.path()}, Edit: r.Query("edit") != "",
	}
	var err error
	if v.Form, err = p.formView(ctx, tx, r, a, page, in); err != nil {
		return v, err
	}
	v.Problems = problems(r, v.Form, in.wrong)
	next := a.path() + "/check"
	if code := nextPage(pages, code); code != "" {
		next = a.path() + "/pages/" + code
	}
	v.Device = a.device(r, v.Action, next)
	if at > 0 {
		v.Back.Href = a.path() + "/pages/" + pages[at-1].Code
	}
	if v.Edit {
		v.Back.Href, v.Action = a.path()+"/check", v.Action+"?edit=1"
	}
	return v, nil
}

// device tells the page's script where it stands.
func (a application) device(r *frame.Request, path, next string) form.DeviceView {
	return form.DeviceView{
		Person: person(r), Request: a.path(), Path: path, Next: next, Rev: rev(a.UpdatedAt), Later: later, Itself: byItself,
	}
}

// person is whose answers a device keeps: the reader's, or those of whom they act for, which are apart.
func person(r *frame.Request) string {
	who := r.Person().String()
	if r.Principal != nil {
		who += "/" + r.Principal.Account.String()
	}
	return who
}

// problems are the lines of the error summary, each leading to what the page has for it.
func problems(r *frame.Request, v form.View, wrong []fault.Field) []ui.Problem {
	out := r.Problems(wrong)
	for i := range out {
		out[i].Field = v.Anchor(out[i].Field)
	}
	return out
}

// showPage shows one page of the form with what was answered so far.
func (p *Portal) showPage(r *frame.Request) error {
	var a application
	var v pageView
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.open(ctx, tx, r); err != nil || !a.answerable() {
			return err
		}
		var in shown
		if page, _, ok := a.page(r.Param("page")); ok {
			in.wrong = a.infected("", page.Questions)
		}
		v, err = p.viewPage(ctx, tx, r, a, r.Param("page"), in)
		return err
	})
	if err != nil {
		return err
	}
	if !a.answerable() {
		return r.Redirect(a.path())
	}
	return r.HTML(questionPage(v))
}

func (a application) answerable() bool {
	return a.Status == request.Draft || a.Status == request.Correction
}

// later is the button that keeps the page as it is, finished or not. No question can have its name.
const later = "later-"

// byItself is its value where the page is saved by a script while somebody fills it in; the answer is not a page.
const byItself = "auto"

// answerPage keeps what was answered. What is wrong is shown on the same page with everything typed still there; a
// question that appears only because of an answer just given is shown before anybody is blamed for not answering it.
func (p *Portal) answerPage(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	leaves, itself := posted.Has(later), posted.Get(later) == byItself
	posted.Del(later)
	base := posted.Get(baseInput)
	code := r.Param("page")
	act, acted := form.TakeAct(posted)
	at, file, takes := form.TakeEarlier(posted)
	var before, after application
	var wrong []fault.Field
	var preview *pageView
	uploads, err := p.inspect(r)
	if err != nil {
		return err
	}
	err = r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		if itself {
			if err := p.unchanged(ctx, tx, r, base); err != nil {
				return err
			}
		}
		if before, err = p.open(ctx, tx, r); err != nil {
			return err
		}
		if acted && before.onPage(act) {
			preview, err = p.previewPage(ctx, tx, r, before, code, posted, act)
			return err
		}
		if wrong, err = p.attachPage(ctx, tx, r, before, code, uploads); err != nil {
			return err
		}
		if takes {
			if wrong, err = p.reuse(ctx, tx, r, before, posted, wrong, at, file); err != nil {
				return err
			}
		}
		more, err := p.deps.Requests.SavePage(ctx, tx, r.Person(), before.ID, code, r.Lang, posted)
		if err != nil {
			return err
		}
		wrong = form.MergeFields(wrong, more)
		after, err = p.open(ctx, tx, r)
		return err
	})
	switch {
	case itself:
		return savedItself(r, err, after, wrong)
	case err != nil:
		return err
	case preview != nil:
		return r.HTML(questionPage(*preview))
	case leaves && !serious(wrong, ""):
		return r.Redirect("/requests?done=request.saved")
	case takes && !serious(wrong, ""):
		return r.Redirect(r.URL.RequestURI() + "#" + at)
	case acted && !serious(wrong, act.Group):
		return r.Redirect(after.rowPath(code, act) + editQuery(r))
	case len(wrong) > 0 && allFresh(wrong, before, posted, code):
		return r.Redirect(after.path() + "/pages/" + code + editQuery(r))
	case len(wrong) > 0:
		return p.pageAgain(r, after, code, shown{posted: posted, wrong: wrong})
	}
	return p.onward(r, after, code)
}

// baseInput is since when a page that is saved by a script was on the screen; questions have other names.
const baseInput = "_base"

// unchanged refuses what a script saves over answers that it has not seen.
func (p *Portal) unchanged(ctx context.Context, tx *pg.Tx, r *frame.Request, base string) error {
	at, err := strconv.ParseInt(base, 10, 64)
	if err != nil { // the page did not say
		return nil
	}
	id, err := r.UUID("id")
	if err != nil {
		return err
	}
	return p.deps.Requests.Unchanged(ctx, tx, r.Person(), id, time.UnixMicro(at))
}

// savedItself answers a script: how many answers are at fault, and which revision the request has now. Where it was changed
// meanwhile the script asks the person.
func savedItself(r *frame.Request, err error, after application, wrong []fault.Field) error {
	if errors.Is(err, request.ErrChanged) {
		return r.JSON(http.StatusConflict, map[string]string{"code": request.ErrChanged.Code})
	}
	if err != nil {
		return err
	}
	return r.JSON(http.StatusOK, map[string]any{"wrong": len(wrong), "rev": rev(after.UpdatedAt)})
}

// pageAgain shows a page with what is wrong with it.
func (p *Portal) pageAgain(r *frame.Request, a application, code string, in shown) error {
	var v pageView
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		v, err = p.viewPage(ctx, tx, r, a, code, in)
		return err
	})
	if err != nil {
		return err
	}
	return r.HTMLStatus(http.StatusUnprocessableEntity, questionPage(v))
}

// onward leads to what comes after a page that is done.
func (p *Portal) onward(r *frame.Request, a application, code string) error {
	if !a.eligible() {
		return r.Redirect(a.path() + "/stop")
	}
	if r.Query("edit") != "" && complete(a) {
		return r.Redirect(a.path() + "/check")
	}
	if next := nextPage(a.pages(), code); next != "" {
		return r.Redirect(a.path() + "/pages/" + next)
	}
	return r.Redirect(a.path() + "/check")
}

// serious reports whether anything is wrong besides what is not answered yet, and besides what is in a group that the reader
// is about to go on with.
func serious(wrong []fault.Field, group string) bool {
	return slices.ContainsFunc(wrong, func(f fault.Field) bool {
		root, _, _ := strings.Cut(f.Path, ".")
		return f.Code != "required" && (group == "" || root != group)
	})
}

// onPage reports whether a button is answered by the same page as it is typed.
func (a application) onPage(act form.Act) bool {
	if act.Name == form.Refresh {
		return true
	}
	q := a.spec.Question(act.Group)
	return act.Name != form.Change && q != nil && q.Kind == servicespec.KindGroup && q.AsTable() && a.Editable(act.Group)
}

// previewPage shows the page with what hangs on what was typed, and keeps nothing.
func (p *Portal) previewPage(ctx context.Context, tx *pg.Tx, r *frame.Request, a application, code string, posted url.Values, act form.Act) (*pageView, error) {
	in := shown{posted: posted}
	switch act.Name {
	case form.Add:
		in.extra = map[string]int{act.Group: 1}
	case form.Remove:
		form.DropRow(posted, act.Group, act.Row)
	}
	var err error
	if a.Request, a.spec, a.facts, err = p.deps.Requests.Preview(ctx, tx, a.Request, code, posted); err != nil {
		return nil, err
	}
	v, err := p.viewPage(ctx, tx, r, a, code, in)
	return &v, err
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
func allFresh(wrong []fault.Field, before application, posted url.Values, code string) bool {
	page, _, ok := before.page(code)
	return ok && !slices.ContainsFunc(wrong, func(f fault.Field) bool {
		root, _, _ := strings.Cut(f.Path, ".")
		return posted.Has(f.Path) || f.Code != "required" || slices.ContainsFunc(page.Questions, func(q servicespec.QuestionView) bool { return q.Code == root })
	})
}
