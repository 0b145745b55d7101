package studio

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// library shows the services that come with the product, to begin with.
func (s *Studio) library(r *frame.Request) error {
	v := view(r, r.T("site.studio.library")).back("/studio/new", r.T("studio.begin"))
	v.Lead = r.T("studio.library.lead")
	for _, p := range library.Packs() {
		v.Cards = append(v.Cards, ui.CardView{
			Icon: "file-text", Title: p.Name.In(r.Lang, p.Languages[0]), Text: p.Summary.In(r.Lang, p.Languages[0]), Href: "/studio/library/" + p.Code,
			Meta: []string{
				r.T("studio.library.pages", "n", len(p.Form.Pages)), r.T("studio.library.states", "n", len(p.Workflow.States)), strings.Join(s.languageNames(p.Languages), ", "),
			},
		})
	}
	return r.HTML(plainPage(v))
}

func (s *Studio) languageNames(codes []string) (out []string) {
	for _, c := range codes {
		out = append(out, s.language(c))
	}
	return out
}

func (s *Studio) fromLibrary(code string) (*servicespec.Pack, error) {
	for _, p := range library.Packs() {
		if p.Code == code {
			return p, nil
		}
	}
	return nil, fault.NotFound("page.not_found")
}

func (s *Studio) libraryAsk(r *frame.Request) error {
	v, err := s.libraryForm(r)
	if err != nil {
		return err
	}
	return r.HTML(plainPage(v))
}

func (s *Studio) libraryForm(r *frame.Request) (v plainView, err error) {
	p, err := s.fromLibrary(r.Param("code"))
	if err != nil {
		return v, err
	}
	first := p.Languages[0]
	v = view(r, p.Name.In(r.Lang, first)).back("/studio/library", r.T("site.studio.library"))
	v.Lead = p.Summary.In(r.Lang, first)
	var fees, sources []string
	for _, f := range p.Fees {
		fees = append(fees, f.Name.In(r.Lang, first))
	}
	for _, x := range p.Sources {
		sources = append(sources, strings.TrimSpace(x.Title.In(r.Lang, first)+" "+x.URL))
	}
	v.Facts = []ui.Fact{
		{Key: r.T("studio.fact.languages"), Value: strings.Join(s.languageNames(p.Languages), ", ")},
		{Key: r.T("studio.fact.pages"), Value: strconv.Itoa(len(p.Form.Pages))},
		{Key: r.T("studio.fact.states"), Value: strconv.Itoa(len(p.Workflow.States))},
		{Key: r.T("studio.fact.fees"), Value: strings.Join(fees, ", ")},
		{Key: r.T("studio.fact.scenarios"), Value: strconv.Itoa(len(p.Scenarios))},
	}
	if len(sources) > 0 {
		v.Facts = append(v.Facts, ui.Fact{Key: r.T("studio.fact.sources"), Value: strings.Join(sources, "; ")})
	}
	agencies, err := s.own(r, r.PostForm.Get("agency"))
	if err != nil {
		return v, err
	}
	v.Form = &formView{
		FormPage: ui.FormPage{Action: r.URL.Path, Submit: r.T("studio.library.submit"), Secondary: &ui.Link{Label: r.T("studio.cancel"), Href: "/studio/library"}},
		Fields:   []field{input(r, "agency", "", options(selectField, agencies), hint(r.T("studio.library.agency")))},
	}
	return v, nil
}

func (s *Studio) beginLibrary(r *frame.Request) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	return s.begun(r, func(ctx context.Context, tx *pg.Tx) (studio.Draft, error) {
		return s.deps.Studio.BeginLibrary(ctx, tx, *r.Principal, r.Param("code"), posted.Get("agency"))
	}, func(problems []ui.Problem) error {
		v, err := s.libraryForm(r)
		if err != nil {
			return err
		}
		v.Form.wrong(problems)
		return r.HTMLStatus(http.StatusUnprocessableEntity, plainPage(v))
	})
}
