package portal

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/platform/page"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/agency"
	"digit/internal/provider/catalog"
	"digit/web/frame"
	"digit/web/ui"
)

// agenciesView is the page of all agencies.
type agenciesView struct {
	Site   ui.Site
	Search ui.SearchView
	Area   *ui.Field
	Kept   [][2]string // what the form of the area carries along: the words
	Chips  []ui.Chip
	Found  []ui.Node
}

// agencyList shows the open agencies: in their tree, or those that words or a place leave.
func (p *Portal) agencyList(r *frame.Request) error {
	var list []agency.Agency
	var where places
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if list, err = p.openAgencies(ctx, tx, r); err != nil {
			return err
		}
		where, err = p.places(ctx, tx)
		return err
	}); err != nil {
		return err
	}
	v := agenciesView{Site: r.Site(frame.Portal), Search: ui.SearchView{Action: "/agencies", Label: r.T("portal.agencies.search"), Value: r.Query("q")}}
	if len(where.areas) > 0 {
		f := area(r, where)
		v.Area = &f
		for _, o := range f.Options[1:] {
			if o.Checked {
				v.Chips = append(v.Chips, ui.Chip{Label: strings.TrimSpace(o.Label), On: true, Remove: true, Href: r.With("place", "")})
				v.Search.Hidden = append(v.Search.Hidden, [2]string{"place", o.Value})
			}
		}
	}
	if words := r.Query("q"); words != "" {
		v.Kept = [][2]string{{"q", words}}
	}
	if r.Query("q") == "" && r.Query("place") == "" {
		v.Found = agencyNodes(r, list, "")
	} else {
		v.Found = foundAgencies(r, list, where)
	}
	return r.HTML(agenciesPage(v))
}

// openAgencies are the agencies that are not closed, by name.
func (p *Portal) openAgencies(ctx context.Context, tx *pg.Tx, r *frame.Request) ([]agency.Agency, error) {
	list, err := p.deps.Agencies.Agencies(ctx, tx)
	list = slices.DeleteFunc(list, func(a agency.Agency) bool { return a.Closed })
	slices.SortStableFunc(list, func(a, b agency.Agency) int { return strings.Compare(folded(r.Text(a.Name)), folded(r.Text(b.Name))) })
	return list, err
}

// foundAgencies are those with all the words, somebody's place among what they serve; each with what it stands under.
func foundAgencies(r *frame.Request, list []agency.Agency, where places) (nodes []ui.Node) {
	codes, any := where.agencies("", r.Query("place"), false)
	for _, a := range list {
		text := folded(r.Text(a.Name) + " " + r.Text(a.Purpose) + " " + a.Code)
		missing := slices.ContainsFunc(strings.Fields(folded(r.Query("q"))), func(word string) bool { return !strings.Contains(text, word) })
		if missing || !any || codes != nil && !slices.Contains(codes, a.Code) {
			continue
		}
		n := ui.Node{Text: r.Text(a.Name), Href: "/agencies/" + a.Code, Sub: r.Text(a.Purpose)}
		if above := agency.Path(list, a.Code); len(above) > 0 {
			n.Sub = strings.TrimSpace(r.Text(above[len(above)-1].Name) + "\n" + n.Sub)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// folded is a text as it is compared: without case and accents.
func folded(text string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), text)
	if err != nil {
		plain = text
	}
	return strings.ToLower(plain)
}

func agencyNodes(r *frame.Request, list []agency.Agency, parent string) (nodes []ui.Node) {
	for _, a := range list {
		if a.Parent == parent {
			nodes = append(nodes, ui.Node{Text: r.Text(a.Name), Sub: r.Text(a.Purpose), Href: "/agencies/" + a.Code, Below: agencyNodes(r, list, a.Code)})
		}
	}
	return nodes
}

// agencyView is the page of one agency.
type agencyView struct {
	Site                ui.Site
	Name, Purpose, Area string
	Phone, Email, URL   string
	Above               []ui.Link
	Below               []ui.Node
	Services            []ui.CardView
	Offices             []officeView
	Linked              []byte
}

// agency shows what an agency is for, where people find it and what it offers. It names nobody who works there.
func (p *Portal) agency(r *frame.Request) error {
	var list []agency.Agency
	var a agency.Agency
	var offices []agency.Office
	var services []catalog.Entry
	var others []catalog.Elsewhere
	area := r.Text(r.Settings.Name)
	err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		if a, err = p.deps.Agencies.Agency(ctx, tx, r.Param("code")); err != nil {
			return err
		}
		if a.Closed {
			return agency.ErrUnknown
		}
		if list, err = p.openAgencies(ctx, tx, r); err != nil {
			return err
		}
		if offices, err = p.deps.Agencies.Offices(ctx, tx, a.Code); err != nil {
			return err
		}
		if a.Boundary != "" {
			b, err := p.deps.Refdata.Boundary(ctx, tx, a.Boundary)
			if err != nil {
				return err
			}
			area = r.Text(b.Name)
		}
		if services, err = p.offers(ctx, tx, r, a.Code); err != nil {
			return err
		}
		others, err = p.deps.Catalog.Elsewheres(ctx, tx, catalog.Query{Lang: r.Lang, Agencies: []string{a.Code}})
		return err
	})
	if err != nil {
		return err
	}
	v := agencyView{
		Site: r.Site(frame.Portal), Name: r.Text(a.Name), Purpose: r.Text(a.Purpose), Area: area, Phone: a.Phone, Email: a.Email,
		URL: r.Origin() + "/agencies/" + a.Code, Below: agencyNodes(r, list, a.Code), Offices: officeViews(r, offices),
	}
	for _, above := range agency.Path(list, a.Code) {
		v.Above = append(v.Above, ui.Link{Label: r.Text(above.Name), Href: "/agencies/" + above.Code})
	}
	for _, e := range services {
		card := serviceCard(r, e, nil)
		card.Text = r.Text(e.Summary)
		v.Services = append(v.Services, card)
	}
	for _, e := range others {
		card := linkCard(r, e, nil)
		card.Text = r.Text(e.Summary)
		v.Services = append(v.Services, card)
	}
	v.Linked = describedAgency(r, a, list, offices, area)
	return r.HTML(agencyPage(v))
}

// offers are the services of an agency.
func (p *Portal) offers(ctx context.Context, tx *pg.Tx, r *frame.Request, code string) (list []catalog.Entry, err error) {
	for next := (page.Request{Size: 100}); ; {
		found, err := p.deps.Catalog.Search(ctx, tx, catalog.Query{Lang: r.Lang, Agencies: []string{code}}, next)
		if err != nil {
			return nil, err
		}
		list = append(list, found.Rows...)
		if next.After = found.Next; next.After == "" {
			return list, nil
		}
	}
}

// governmentOrganization is schema.org's, as far as it can be said of an agency.
type governmentOrganization struct {
	Context     string  `json:"@context"`
	Type        string  `json:"@type"`
	ID          string  `json:"@id"`
	URL         string  `json:"url"`
	Name        string  `json:"name"`
	Description string  `json:"description,omitempty"`
	Telephone   string  `json:"telephone,omitempty"`
	Email       string  `json:"email,omitempty"`
	Area        thing   `json:"areaServed"`
	Parent      *thing  `json:"parentOrganization,omitempty"`
	Below       []thing `json:"subOrganization,omitempty"`
	Places      []thing `json:"location,omitempty"`
}

// describedAgency describes an agency for programs, as schema.org's GovernmentOrganization in JSON-LD.
func describedAgency(r *frame.Request, a agency.Agency, all []agency.Agency, offices []agency.Office, area string) []byte {
	address := r.Origin() + "/agencies/"
	o := governmentOrganization{
		Context: "https://schema.org", Type: "GovernmentOrganization", ID: address + a.Code, URL: address + a.Code, Name: r.Text(a.Name),
		Description: r.Text(a.Purpose), Telephone: a.Phone, Email: a.Email, Area: thing{Type: "AdministrativeArea", Name: area},
	}
	for _, other := range all {
		t := thing{Type: "GovernmentOrganization", ID: address + other.Code, Name: r.Text(other.Name)}
		if other.Code == a.Parent {
			o.Parent = &t
		}
		if other.Parent == a.Code {
			o.Below = append(o.Below, t)
		}
	}
	for _, f := range offices {
		if !f.Closed {
			o.Places = append(o.Places, thing{Type: "GovernmentOffice", Name: r.Text(f.Name), Address: f.Address, Telephone: f.Phone, Email: f.Email})
		}
	}
	body, err := json.Marshal(o) // with <, > and & escaped, so that no text ends the script
	if err != nil {
		return nil
	}
	return body
}
