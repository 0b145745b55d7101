package portal

import (
	"context"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// home shows the search, the moments of life that services exist for, and the services that most people ask for.
func (p *Portal) home(r *frame.Request) error {
	var popular []catalog.Entry
	var facets catalog.Facets
	var agencies map[string]agency.Agency
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if popular, err = p.deps.Catalog.Popular(ctx, tx, r.Lang, popularShown); err != nil {
			return err
		}
		if facets, err = p.deps.Catalog.Facets(ctx, tx, r.Lang); err != nil {
			return err
		}
		agencies, err = p.agencies(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	v := homeView{Site: r.Site(frame.Portal), Notice: r.Done()}
	for i, e := range popular {
		v.Services = append(v.Services, serviceCard(r, e, agencies))
		if i < 3 {
			v.Popular = append(v.Popular, ui.Link{Label: r.Text(e.Name), Href: "/services/" + e.Code})
		}
	}
	for _, e := range facets.LifeEvents {
		v.Events = append(v.Events, ui.CardView{
			Title: r.T("life." + e), Text: r.T("life." + e + ".text"), Icon: lifeIcon(e), Href: "/services?event=" + e,
		})
	}
	return r.HTML(homePage(v))
}

// popularShown is how many services the pages show that most people ask for.
const popularShown = 8

type homeView struct {
	Site     ui.Site
	Notice   *ui.NoticeView
	Popular  []ui.Link
	Events   []ui.CardView
	Services []ui.CardView
}

// lifeIcon is the picture of a moment of life, where there is one.
func lifeIcon(event string) string {
	icon := map[string]string{
		"having-a-child": "baby", "studying": "graduation-cap", "marrying": "heart-handshake", "moving-abroad": "plane",
		"starting-a-business": "store", "running-a-business": "briefcase", "living-here": "house", "building-a-home": "building-2",
		"growing-old": "leaf", "making-ends-meet": "hand-coins", "knowing-your-rights": "shield-check", "reporting-a-problem": "triangle-alert",
	}[event]
	if !ui.HasIcon(icon) {
		return ""
	}
	return icon
}

func (p *Portal) agencies(ctx context.Context, tx *pg.Tx) (map[string]agency.Agency, error) {
	list, err := p.deps.Agencies.Agencies(ctx, tx)
	by := make(map[string]agency.Agency, len(list))
	for _, a := range list {
		by[a.Code] = a
	}
	return by, err
}

func serviceCard(r *frame.Request, e catalog.Entry, agencies map[string]agency.Agency) ui.CardView {
	c := ui.CardView{Title: r.Text(e.Name), Text: r.Text(agencies[e.Agency].Name), Href: "/services/" + e.Code}
	if len(e.Fee) == 0 {
		c.Meta = append(c.Meta, r.T("service.free"))
	} else {
		c.Meta = append(c.Meta, r.T("service.has_fee"))
	}
	if e.Days > 0 {
		c.Meta = append(c.Meta, r.T("service.days", "n", e.Days))
	}
	return c
}

// service is the start page of a service: what it is for, what is needed, what it costs, how long it takes.
func (p *Portal) service(r *frame.Request) error {
	var spec *servicespec.Service
	var entry catalog.Entry
	var a agency.Agency
	var offices []agency.Office
	var more about
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if entry, err = p.deps.Catalog.Offered(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if spec, err = p.deps.Catalog.Service(ctx, tx, entry.Code, entry.Version); err != nil {
			return err
		}
		if a, err = p.deps.Agencies.Agency(ctx, tx, entry.Agency); err != nil {
			return err
		}
		if offices, err = p.deps.Agencies.Offices(ctx, tx, entry.Agency); err != nil {
			return err
		}
		more, err = p.about(ctx, tx, entry, r.Lang)
		return err
	})
	if err != nil {
		return err
	}
	pack := spec.Pack()
	v := serviceView{
		Anonymous: r.Principal == nil,
		Site:      r.Site(frame.Portal), Code: entry.Code, Name: r.Text(pack.Name), Summary: r.Text(pack.Summary), Description: r.Text(pack.Description),
		Eligibility: r.Text(pack.Eligibility.Text), Agency: r.Text(a.Name), AgencyCode: a.Code, Fee: feeText(r, spec), Days: entry.Days, Phone: a.Phone, Email: a.Email,
		Certificate: len(pack.Certificates) > 0, Screens: len(pack.Eligibility.Questions) > 0,
	}
	for _, d := range pack.Documents {
		v.Needs = append(v.Needs, needOf(r, d))
	}
	for _, n := range pack.Needs {
		v.Needs = append(v.Needs, need{Name: r.Text(n)})
	}
	v.Rated = ratedText(r, more.measure)
	v.Steps = steps(r, pack, entry.Days, v.Certificate)
	v.Real, v.Languages, v.Related, v.Offices = realTime(r, more), languages(v.Site, pack), relatedLinks(r, more.related), officeViews(r, offices)
	v.URL, v.Linked = r.Origin()+"/services/"+entry.Code, described(r, entry, pack, a, offices)
	return r.HTML(servicePage(v))
}

// need is something to have at hand: a document, with the ways to prove it where there are several.
type need struct {
	Name      string
	Sometimes bool // it depends on the answers
	Proofs    []string
}

func needOf(r *frame.Request, d servicespec.Document) need {
	n := need{Name: r.Text(d.Name), Sometimes: d.When != "" || d.Optional}
	if len(d.Proofs) > 1 {
		for _, p := range d.Proofs {
			n.Proofs = append(n.Proofs, r.Text(p.Name))
		}
	}
	return n
}

type serviceView struct {
	Site                                                       ui.Site
	Code, Name, Summary, Description, Eligibility, Agency, Fee string
	AgencyCode                                                 string
	Phone, Email                                               string
	Days                                                       int
	Certificate, Screens                                       bool
	Anonymous                                                  bool // nobody is signed in
	Needs                                                      []need
	Offices                                                    []officeView
	URL, Real, Rated, Languages                                string
	Steps                                                      []string
	Related                                                    []ui.Link
	Linked                                                     []byte
}
