package portal

import (
	"context"
	"slices"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// linkCard shows a service that is delivered on another site, which its page leads to.
func linkCard(r *frame.Request, e catalog.Elsewhere, agencies map[string]agency.Agency) ui.CardView {
	return ui.CardView{
		Title: r.Text(e.Name), Text: r.Text(agencies[e.Agency].Name), Href: "/elsewhere/" + e.ID.String(), Icon: "external-link",
		Meta: []string{r.T("leave.tag"), "\u2066" + e.Host() + "\u2069"}, // the host reads from left to right on any page
	}
}

type leaveView struct {
	Site                                   ui.Site
	Name, Summary, Agency, AgencyHref, URL string
	Host                                   string
	Languages                              string
}

// leave says what a service on another site is, and that people leave this one; the link is theirs to follow.
func (p *Portal) leave(r *frame.Request) error {
	which, err := r.UUID("id")
	if err != nil {
		return err
	}
	var e catalog.Elsewhere
	var agencies map[string]agency.Agency
	err = r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if e, err = p.deps.Catalog.Elsewhere(ctx, tx, which); err != nil {
			return err
		}
		agencies, err = p.agencies(ctx, tx)
		return err
	})
	if err == nil && e.Status != catalog.StatusPublished {
		err = catalog.ErrUnknown
	}
	if err != nil {
		return err
	}
	v := leaveView{Site: r.Site(frame.Portal), Name: r.Text(e.Name), Summary: r.Text(e.Summary), URL: e.URL, Host: e.Host()}
	if a, known := agencies[e.Agency]; known && !a.Closed {
		v.Agency, v.AgencyHref = r.Text(a.Name), "/agencies/"+a.Code
	}
	var names []string
	for _, l := range v.Site.Languages {
		if slices.Contains(e.Languages, l.Lang) {
			names = append(names, l.Name)
		}
	}
	v.Languages = strings.Join(names, " · ")
	return r.HTML(leavePage(v))
}

// elsewheres are the services on other sites that a search is for; they stand on its first page.
func (p *Portal) elsewheres(ctx context.Context, tx *pg.Tx, r *frame.Request, q catalog.Query, f catalog.Found) ([]catalog.Elsewhere, error) {
	if r.Query("after") != "" || r.Query("way") == wayCounter {
		return nil, nil
	}
	list, err := p.deps.Catalog.Elsewheres(ctx, tx, q)
	if err != nil || len(list) > 0 || f.Instead == "" {
		return list, err
	}
	q.Text = f.Instead
	return p.deps.Catalog.Elsewheres(ctx, tx, q)
}

func leaveFacts(ctx context.Context, v leaveView) []ui.Fact {
	facts := []ui.Fact{{Key: ui.T(ctx, "leave.site"), Value: "\u2066" + v.Host + "\u2069"}}
	if v.Languages != "" {
		facts = append(facts, ui.Fact{Key: ui.T(ctx, "service.languages"), Value: v.Languages})
	}
	return facts
}
