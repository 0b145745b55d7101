package studio

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/money"
	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// beginAsk offers the ways in which a service can begin.
func (s *Studio) beginAsk(r *frame.Request) error {
	v := view(r, r.T("studio.begin")).back("/studio", r.T("site.studio.drafts"))
	v.Lead = r.T("studio.begin.lead")
	for _, way := range [][3]string{
		{"blank", "/studio/new/blank", "plus"}, {"library", "/studio/library", "list"}, {"version", "/studio/new/version", "history"}, {"file", "/studio/new/file", "upload"},
	} {
		v.Cards = append(v.Cards, ui.CardView{Icon: way[2], Title: r.T("studio.begin." + way[0]), Text: r.T("studio.begin." + way[0] + ".text"), Href: way[1]})
	}
	return r.HTML(plainPage(v))
}

// own are the agencies for which the reader may design, as options.
func (s *Studio) own(r *frame.Request, chosen string) (out []ui.Option, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		list, err := s.deps.Agencies.Agencies(ctx, tx)
		for _, a := range list {
			if r.Principal.MayIn(studio.Design, a.Code) {
				out = append(out, ui.Option{Value: a.Code, Label: r.Text(a.Name), Checked: a.Code == chosen})
			}
		}
		return err
	})
	if len(out) == 1 {
		out[0].Checked = true
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out, err
}

// roles are the roles that staff can have, as options.
func (s *Studio) roles(r *frame.Request, chosen string) (out []ui.Option, err error) {
	err = r.Read(func(ctx context.Context, tx *pg.Tx) error {
		list, err := s.deps.Identity.Roles(ctx, tx)
		for _, x := range list {
			if slices.Contains(x.Permissions, "workbench:use") {
				out = append(out, ui.Option{Value: x.Code, Label: r.Text(x.Name), Checked: x.Code == chosen})
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return out, err
}

func (s *Studio) blankAsk(r *frame.Request) error {
	v, err := s.blankForm(r, url.Values{})
	if err != nil {
		return err
	}
	return r.HTML(plainPage(v))
}

func (s *Studio) blankForm(r *frame.Request, posted url.Values) (plainView, error) {
	v := view(r, r.T("studio.begin.blank")).back("/studio/new", r.T("studio.begin"))
	v.Lead = r.T("studio.begin.blank.lead")
	agencies, err := s.own(r, posted.Get("agency"))
	if err != nil {
		return v, err
	}
	roles, err := s.roles(r, posted.Get("role"))
	if err != nil {
		return v, err
	}
	first := posted.Get("language")
	if first == "" {
		first = r.Settings.DefaultLanguage
	}
	languages, others := []ui.Option{}, []ui.Option{}
	for _, l := range r.Texts().Languages() {
		if len(r.Settings.Languages) > 0 && !slices.Contains(r.Settings.Languages, l.Code) {
			continue
		}
		languages = append(languages, ui.Option{Value: l.Code, Label: l.Name, Checked: l.Code == first})
		others = append(others, ui.Option{Value: l.Code, Label: l.Name, Checked: slices.Contains(posted["others"], l.Code)})
	}
	kinds := choose(r, "studio.kind.", posted.Get("kind"), studio.Kinds...)
	for i := range kinds {
		kinds[i].Hint = r.T("studio.kind." + kinds[i].Value + ".text")
	}
	fee := input(r, "fee", posted.Get("fee"), optional, hint(r.T("studio.field.fee.hint")))
	fee.InputMode, fee.Width, fee.Suffix = "decimal", "10", r.Settings.Currency
	v.Form = &formView{
		FormPage: ui.FormPage{Action: "/studio/new/blank", Submit: r.T("studio.begin.submit"), Secondary: &ui.Link{Label: r.T("studio.cancel"), Href: "/studio/new"}},
		Fields: []field{
			input(r, "name", posted.Get("name"), hint(r.T("studio.field.name.hint"))),
			input(r, "agency", "", options(selectField, agencies)),
			input(r, "language", "", options(radioField, languages), hint(r.T("studio.field.language.hint"))),
			input(r, "others", "", options(boxesField, others), optional, hint(r.T("studio.field.others.hint"))),
			input(r, "kind", "", options(radioField, kinds)), fee,
			input(r, "role", "", options(selectField, roles), hint(r.T("studio.field.role.hint"))),
		},
	}
	return v, nil
}

func (s *Studio) beginBlank(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	in := studio.Blank{
		Name: trimmed(posted, "name"), Agency: posted.Get("agency"), Kind: posted.Get("kind"), Role: posted.Get("role"), Languages: []string{posted.Get("language")},
	}
	for _, l := range posted["others"] {
		if l != in.Languages[0] {
			in.Languages = append(in.Languages, l)
		}
	}
	var wrong []ui.Problem
	if in.Kind == studio.KindCertificate {
		amount, err := money.Parse(strings.ReplaceAll(trimmed(posted, "fee"), ",", "."), r.Settings.Currency)
		if err != nil || amount.Minor < 0 {
			wrong = append(wrong, ui.Problem{Field: "fee", Text: r.T("error.studio.field.fee")})
		}
		in.Fee = amount.Minor
	}
	return s.begun(r, func(ctx context.Context, tx *pg.Tx) (studio.Draft, error) {
		if len(wrong) > 0 {
			return studio.Draft{}, studio.ErrBegin
		}
		return s.deps.Studio.BeginBlank(ctx, tx, *r.Principal, in)
	}, func(problems []ui.Problem) error {
		v, err := s.blankForm(r, posted)
		if err != nil {
			return err
		}
		v.Form.wrong(append(wrong, problems...))
		return r.HTMLStatus(http.StatusUnprocessableEntity, plainPage(v))
	})
}

// begun begins a draft and opens it; who begins what is there already is led there.
func (s *Studio) begun(r *frame.Request, begin func(context.Context, *pg.Tx) (studio.Draft, error), again func([]ui.Problem) error) error {
	var d studio.Draft
	err := r.Write(func(ctx context.Context, tx *pg.Tx) (err error) {
		d, err = begin(ctx, tx)
		return err
	})
	if err == nil {
		return r.Redirect("/studio/" + d.ID.String() + "?done=studio.begun")
	}
	if standing, ok := studio.StandingDraft(err); ok {
		return s.standing(r, standing)
	}
	e := fault.Of(err)
	if e.Kind != fault.KindInvalid && e.Kind != fault.KindConflict {
		return err
	}
	problems := r.Problems(e.Fields)
	if len(problems) == 0 && e.Code != studio.ErrBegin.Code {
		problems = []ui.Problem{{Text: r.Sentence(e)}}
	}
	return again(problems)
}

// standing says that somebody works on the service already, and leads there.
func (s *Studio) standing(r *frame.Request, draft uuid.UUID) error {
	v := view(r, r.T("studio.standing")).back("/studio/new", r.T("studio.begin"))
	v.Lead = r.T("studio.standing.text")
	v.Actions = []ui.ButtonView{{Label: r.T("studio.standing.open"), Href: "/studio/" + draft.String()}}
	return r.HTMLStatus(http.StatusConflict, plainPage(v))
}

func (s *Studio) fileAsk(r *frame.Request) error { return r.HTML(plainPage(s.fileForm(r))) }

func (s *Studio) fileForm(r *frame.Request) plainView {
	v := view(r, r.T("studio.begin.file")).back("/studio/new", r.T("studio.begin"))
	v.Lead = r.T("studio.begin.file.text")
	f := input(r, "file", "", hint(r.T("studio.field.file.hint")))
	f.Kind, f.Accept = fileField, ".yaml,.yml,.json"
	v.Form = &formView{
		FormPage: ui.FormPage{Action: "/studio/new/file", Submit: r.T("studio.begin.file.submit"), Multipart: true, Icon: "upload", Secondary: &ui.Link{Label: r.T("studio.cancel"), Href: "/studio/new"}},
		Fields:   []field{f},
	}
	return v
}

func (s *Studio) beginFile(r *frame.Request) error {
	if _, err := r.Form(); err != nil {
		return err
	}
	source, err := uploaded(r, "file")
	if err != nil {
		return err
	}
	again := func(problems []ui.Problem) error {
		v := s.fileForm(r)
		v.Form.wrong(problems)
		return r.HTMLStatus(http.StatusUnprocessableEntity, plainPage(v))
	}
	if len(source) == 0 {
		return again([]ui.Problem{{Field: "file", Text: r.T("error.studio.field.file")}})
	}
	var broken []ui.Problem
	return s.begun(r, func(ctx context.Context, tx *pg.Tx) (studio.Draft, error) {
		d, err := s.deps.Studio.BeginFile(ctx, tx, *r.Principal, source)
		broken = s.fileProblems(r, err)
		return d, err
	}, func(problems []ui.Problem) error {
		if len(broken) > 0 {
			problems = broken
		}
		return again(problems)
	})
}

// versions lists the published services of the reader's agencies, each of which can be worked on.
func (s *Studio) versions(r *frame.Request) error {
	v := view(r, r.T("studio.begin.version")).back("/studio/new", r.T("studio.begin"))
	v.Lead = r.T("studio.begin.version.text")
	v.Search = &ui.SearchView{Action: r.URL.Path, Label: r.T("studio.versions.search"), Value: r.Query("q")}
	v.Table = &ui.TableView{
		Caption: v.Title, HideCaption: true, Stack: true, Empty: &ui.EmptyView{Icon: "search", Title: r.T("studio.versions.none"), Text: r.T("studio.versions.none.text")},
		Columns: []ui.Column{{Label: r.T("studio.column.service")}, {Label: r.T("studio.column.version"), Num: true}, {Label: r.T("studio.column.published"), Date: true}, {Label: r.T("studio.column.act")}},
	}
	err := r.Read(func(ctx context.Context, tx *pg.Tx) error {
		found, err := page.Keep(r.Paging(), func(p page.Request) (page.Page[catalog.Entry], error) {
			found, err := s.deps.Catalog.Search(ctx, tx, catalog.Query{Text: r.Query("q"), Lang: r.Lang, Withdrawn: true}, p)
			return found.Page, err
		}, func(e catalog.Entry) bool { return r.Principal.MayIn(studio.Design, e.Agency) })
		if err != nil {
			return err
		}
		v.Pager = r.Pager(found.Next)
		for _, e := range found.Rows {
			act := ui.Cell{Body: postButton("/studio/new/version/"+e.Code, ui.ButtonView{Label: r.T("studio.begin.version.submit"), Hidden: " " + r.Text(e.Name), Variant: "secondary", Small: true})}
			d, drafted, err := s.deps.Studio.DraftOf(ctx, tx, *r.Principal, e.Code)
			if err != nil {
				return err
			}
			if drafted {
				act = ui.Cell{Text: r.T("studio.standing.open"), Href: "/studio/" + d.ID.String()}
			}
			v.Table.Rows = append(v.Table.Rows, ui.Row{Cells: []ui.Cell{
				{Text: r.Text(e.Name), Sub: e.Code}, {Text: strconv.Itoa(e.Version)}, {Text: ui.Date(r.Context(), e.PublishedAt)}, act,
			}})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.HTML(plainPage(v))
}

func (s *Studio) beginVersion(r *frame.Request) error {
	return s.begun(r, func(ctx context.Context, tx *pg.Tx) (studio.Draft, error) {
		return s.deps.Studio.BeginVersion(ctx, tx, *r.Principal, r.Param("code"), 0)
	}, func(problems []ui.Problem) error {
		v := view(r, r.T("studio.begin.version")).back("/studio/new/version", r.T("studio.begin.version"))
		for _, p := range problems {
			v.Notes = append(v.Notes, ui.NoticeView{Kind: ui.Danger, Text: p.Text})
		}
		return r.HTMLStatus(http.StatusUnprocessableEntity, plainPage(v))
	})
}
