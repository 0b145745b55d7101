package studio

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	webform "digit/web/form"
	"digit/web/frame"
	"digit/web/ui"
)

// formPart is the form designer.
func (s *Studio) formPart() part {
	return part{
		code: "form", icon: "list", group: "design", areas: []string{"form"}, spot: formSpot, show: s.formShow,
		posts: []action{
			{path: "/page", do: s.pageSave},
			{path: "/page/add", do: s.pageAdd},
			{path: "/page/move", do: s.pageMove},
			{path: "/page/duplicate", do: s.pageDuplicate},
			{path: "/page/remove", do: s.pageRemove},
			{path: "/question", do: s.questionSave},
			{path: "/question/add", do: s.questionAdd},
			{path: "/question/move", do: s.questionMove},
			{path: "/question/duplicate", do: s.questionDuplicate},
			{path: "/question/remove", do: s.questionRemove},
		},
	}
}

// itemView is a page or a question in its list, with what can be done to it.
type itemView struct {
	Code, Label, Sub, Href string
	Tags                   []ui.TagView
	Current                bool
	Acts                   string // the address below which move, duplicate and remove are
	Hidden                 [][2]string
	First, Last            bool
	Moved                  string // said where it was just moved
	Edge                   string // said where it cannot be moved further
	Wrong                  int
}

// listView is a list of items with the form by which dragging moves them, and the form that adds one.
type listView struct {
	ID, Title string
	Items     []itemView
	Move      string // where moving posts to
	Hidden    [][2]string
	Add       *formView
	AddLabel  string
	ReadOnly  bool
	Empty     string
}

// formCanvas is what the form designer shows in the middle.
type formCanvas struct {
	Pages     listView
	Questions *listView
	Up        *ui.Link // out of a group, to the page
	Preview   *previewView
}

// previewView is a page of the form as the citizen sees it.
type previewView struct {
	Lang, Dir        string
	Languages, Sizes []ui.Chip
	Size             string // phone or wide
	Body             templ.Component
	Partly           bool
}

// at is the spot that is chosen, corrected to what there is: the first page where none is named.
func (d *desk) at(r *frame.Request) spot {
	at := spotOf(r.URL.Query())
	if at.page(d.Pack) == nil {
		at = spot{}
		if len(d.Pack.Form.Pages) > 0 {
			at.Page = d.Pack.Form.Pages[0].Code
		}
		return at
	}
	if at.Question != "" && (spot{Page: at.Page, Question: at.Question}).question(d.Pack) == nil {
		at.Question, at.Field = "", ""
	}
	if at.Field != "" && at.question(d.Pack) == nil {
		at.Field = ""
	}
	return at
}

// formShow is the form designer at a page, or at one of its questions.
func (s *Studio) formShow(r *frame.Request, d *desk) error {
	at := d.at(r)
	c := formCanvas{Pages: s.pageList(r, d, at)}
	l := look{Chosen: at.Question != "" || r.Query("page") != "" && r.Query("at") == "page"}
	if pg := at.page(d.Pack); pg != nil {
		questions := s.questionList(r, d, at)
		c.Questions = &questions
		if q := (spot{Page: at.Page, Question: at.Question}).question(d.Pack); q != nil && q.Kind == servicespec.KindGroup {
			fields := s.fieldList(r, d, at, q)
			c.Up = &ui.Link{Label: pg.Title.In(r.Lang, d.lang()), Href: d.here(spot{Page: at.Page}.query())}
			c.Questions = &fields
		}
		var err error
		if c.Preview, err = s.preview(r, d, at); err != nil {
			return err
		}
		if q := at.question(d.Pack); q != nil {
			l.Properties, l.PropertiesTitle = s.questionProperties(r, d, at, q), r.T("studio.question.title", "name", isolate(r, questionTitle(r, d, q)))
		} else {
			l.Properties, l.PropertiesTitle = s.pageProperties(r, d, at, pg), r.T("studio.page.title", "name", isolate(r, pg.Title.In(r.Lang, d.lang())))
		}
	}
	l.Canvas = formCanvasView(c)
	return s.render(r, d, l)
}

// questionTitle is what a question is called in lists.
func questionTitle(r *frame.Request, d *desk, q *servicespec.Question) string {
	for _, t := range []i18n.Text{q.Label, q.Hint} {
		if words := t.In(r.Lang, d.lang()); words != "" {
			return words
		}
	}
	return q.Code
}

func (s *Studio) errorsBelow(d *desk, path string) (n int) {
	for _, p := range servicespec.Errors(d.problems) {
		if !untranslated(p) && (p.Path == path || strings.HasPrefix(p.Path, path+".")) {
			n++
		}
	}
	return n
}

func (s *Studio) pageList(r *frame.Request, d *desk, at spot) listView {
	v := listView{ID: "pages", Title: r.T("studio.pages"), Move: d.here("/page/move"), Hidden: [][2]string{revField(d)}, AddLabel: r.T("studio.page.add"), ReadOnly: !d.design, Empty: r.T("studio.pages.none")}
	for i, pg := range d.Pack.Form.Pages {
		here := spot{Page: pg.Code}
		item := itemView{
			Code: pg.Code, Label: pg.Title.In(r.Lang, d.lang()), Sub: r.T("studio.library.questions", "n", len(pg.Questions)), Href: d.here(here.query() + "&at=page"), Current: pg.Code == at.Page,
			Acts: d.here("/page"), Hidden: [][2]string{revField(d), {"code", pg.Code}}, First: i == 0, Last: i == len(d.Pack.Form.Pages)-1, Wrong: s.errorsBelow(d, here.path(d.Pack)),
			Edge: r.T("studio.edge"),
		}
		if item.Label == "" {
			item.Label = pg.Code
		}
		if r.Query("moved") == pg.Code {
			item.Moved = r.T("studio.moved", "name", item.Label, "place", i+1, "of", len(d.Pack.Form.Pages))
		}
		if pg.When != "" {
			item.Tags = append(item.Tags, ui.TagView{Text: r.T("studio.conditional"), Kind: ui.Info})
		}
		v.Items = append(v.Items, item)
	}
	add := d.form(r, "/page/add")
	add.Quiet, add.Submit = true, r.T("studio.page.add")
	title := input(r, "page_title", "")
	title.ID = "new-page"
	add.Fields = []field{title}
	v.Add = &add
	return v
}

// questionItems are the questions of a list.
func (s *Studio) questionItems(r *frame.Request, d *desk, at spot, list []servicespec.Question, spotFor func(code string) spot) (out []itemView) {
	for i := range list {
		q := &list[i]
		here := spotFor(q.Code)
		item := itemView{
			Code: q.Code, Label: questionTitle(r, d, q), Sub: r.T("studio.qkind." + kindKey(q.Kind)), Href: d.here(here.query() + "#properties"), Current: here == at,
			Acts: d.here("/question"), First: i == 0, Last: i == len(list)-1, Wrong: s.errorsBelow(d, here.path(d.Pack)), Edge: r.T("studio.edge"),
			Hidden: [][2]string{revField(d), {"code", q.Code}, {"page", here.Page}},
		}
		if here.Field != "" {
			item.Hidden = append(item.Hidden, [2]string{"question", here.Question})
		}
		if q.Required == "false" {
			item.Tags = append(item.Tags, ui.TagView{Text: r.T("studio.optional"), Kind: ui.Neutral})
		}
		if q.When != "" {
			item.Tags = append(item.Tags, ui.TagView{Text: r.T("studio.conditional"), Kind: ui.Info})
		}
		if r.Query("moved") == q.Code {
			item.Moved = r.T("studio.moved", "name", item.Label, "place", i+1, "of", len(list))
		}
		out = append(out, item)
	}
	return out
}

func kindKey(kind string) string {
	if slices.Contains(servicespec.Kinds(), kind) {
		return kind
	}
	return "text"
}

func (s *Studio) questionList(r *frame.Request, d *desk, at spot) listView {
	pg := at.page(d.Pack)
	v := listView{
		ID: "questions", Title: r.T("studio.questions"), Move: d.here("/question/move"), Hidden: [][2]string{revField(d), {"page", at.Page}}, AddLabel: r.T("studio.question.add"), ReadOnly: !d.design,
		Items: s.questionItems(r, d, at, pg.Questions, func(code string) spot { return spot{Page: at.Page, Question: code} }), Empty: r.T("studio.questions.none"),
	}
	v.Add = s.addQuestion(r, d, spot{Page: at.Page}, servicespec.Kinds())
	return v
}

// fieldList are the questions that are asked for each row of a group.
func (s *Studio) fieldList(r *frame.Request, d *desk, at spot, q *servicespec.Question) listView {
	v := listView{
		ID: "questions", Title: r.T("studio.fields", "name", isolate(r, questionTitle(r, d, q))), Move: d.here("/question/move"), Hidden: [][2]string{revField(d), {"page", at.Page}, {"question", at.Question}},
		AddLabel: r.T("studio.question.add"), ReadOnly: !d.design, Empty: r.T("studio.questions.none"),
		Items: s.questionItems(r, d, at, q.Fields, func(code string) spot { return spot{at.Page, at.Question, code} }),
	}
	var kinds []string
	for _, k := range servicespec.Kinds() {
		if !slices.Contains([]string{servicespec.KindGroup, servicespec.KindDocument, servicespec.KindSignature}, k) {
			kinds = append(kinds, k)
		}
	}
	v.Add = s.addQuestion(r, d, spot{Page: at.Page, Question: at.Question}, kinds)
	return v
}

func (s *Studio) addQuestion(r *frame.Request, d *desk, at spot, kinds []string) *formView {
	add := d.form(r, "/question/add")
	add.Quiet, add.Submit = true, r.T("studio.question.add")
	add.Hidden = append(add.Hidden, [2]string{"page", at.Page})
	if at.Question != "" {
		add.Hidden = append(add.Hidden, [2]string{"question", at.Question})
	}
	label := input(r, "label", "")
	label.ID, label.Name = "new-label", "new_label"
	kind := input(r, "qkind", "", options(selectField, choose(r, "studio.qkind.", servicespec.KindText, kinds...)))
	kind.ID, kind.Name = "new-kind", "new_kind"
	add.Fields = []field{label, kind}
	return &add
}

// preview is the page as the citizen sees it, all of it shown.
func (s *Studio) preview(r *frame.Request, d *desk, at spot) (*previewView, error) {
	lang := s.previewLang(r, d)
	v := &previewView{Lang: lang, Dir: i18n.Dir(lang), Languages: s.languageChips(r, d, lang), Size: r.Query("size")}
	if v.Size != "wide" {
		v.Size = "phone"
	}
	for _, size := range []string{"phone", "wide"} {
		v.Sizes = append(v.Sizes, ui.Chip{Label: r.T("studio.preview." + size), Href: d.here("?" + with(r, "size", size)), On: v.Size == size})
	}
	svc, whole := studio.Preview(d.Pack, at.Page)
	if svc == nil {
		v.Partly = true
		return v, nil
	}
	v.Partly = !whole
	facts := servicespec.Facts{Today: civil.Of(r.Now.In(r.Settings.Location())), Region: r.Settings.PhoneRegion, Currency: r.Settings.Currency}
	pages := svc.Pages(nil, facts)
	if len(pages) == 0 {
		return v, nil
	}
	page := pages[0]
	words := servicespec.Words{T: func(key string) string { return s.deps.Texts.T(lang, key, nil) }, Boundary: func(code string) string { return code }, RefData: func(_, code string) string { return code }, Currency: facts.Currency, Fallback: d.lang()}
	fv := webform.View{Page: page, Caption: d.Pack.Name.In(lang, d.lang()), Lang: lang, Words: words, Facts: facts, Prefix: previewPrefix, Purposes: map[string]string{}}
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) error { return s.choices(ctx, tx, r, &fv) }); err != nil {
		return nil, err
	}
	v.Body = webform.Questions(fv)
	return v, nil
}

// previewPrefix stands before the names of the preview's inputs, which share the page with those of the properties.
const previewPrefix = "preview."

// choices reads what the page's questions are answered from.
func (s *Studio) choices(ctx context.Context, tx *pg.Tx, r *frame.Request, v *webform.View) error {
	v.Areas, v.Codes = map[webform.AreaList][]ui.Option{}, map[string][]webform.Code{}
	for _, list := range v.Lists() {
		found, err := s.deps.Refdata.Choices(ctx, tx, list.Level, list.Within)
		if err != nil {
			return err
		}
		for _, c := range found {
			v.Areas[list] = append(v.Areas[list], ui.Option{Value: c.Code, Label: r.Text(c.Name)})
		}
	}
	for _, list := range v.CodeLists() {
		found, err := s.deps.Refdata.Codes(ctx, tx, list)
		if err != nil {
			return err
		}
		for _, c := range found {
			if of, _ := c.Attributes["of"].(string); c.Active {
				v.Codes[list] = append(v.Codes[list], webform.Code{Code: c.Code, Label: r.Text(c.Name), Of: of})
			}
		}
	}
	return nil
}
