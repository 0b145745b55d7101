package portal

import (
	"context"
	"slices"
	"strings"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/provider/agency"
	"digit/web/frame"
	"digit/web/ui"
)

// wayCounter is the value of "way" that asks for agencies with an office where people can go. Everything in the catalogue can be
// asked for online.
const wayCounter = "counter"

// places are where agencies are to be found, and the areas that this concerns.
type places struct {
	list  []agency.Place
	areas []refdata.Boundary
}

func (p *Portal) places(ctx context.Context, tx *pg.Tx) (all places, err error) {
	if all.list, err = p.deps.Agencies.Places(ctx, tx); err != nil {
		return all, err
	}
	var codes []string
	for _, place := range all.list {
		if place.Boundary != "" {
			codes = append(codes, place.Boundary)
		}
	}
	slices.Sort(codes)
	all.areas, err = p.deps.Refdata.Around(ctx, tx, slices.Compact(codes))
	return all, err
}

// within reports whether an area lies in another, or is it.
func (p places) within(area, other string) bool {
	for _, b := range p.areas {
		if b.Code == area {
			return b.Within(other)
		}
	}
	return area == other
}

// serves reports whether somebody in an area ("" for anywhere) can go to a place: an office that lies there; or an agency that is
// responsible for it, for some of it, or for the whole state.
func (p places) serves(place agency.Place, area string) bool {
	if area == "" || !place.Counter && place.Boundary == "" {
		return true
	}
	return p.within(place.Boundary, area) || !place.Counter && p.within(area, place.Boundary)
}

// agencies returns the agencies that services are narrowed to; nil for all, and possible false where there are none.
func (p places) agencies(chosen, area string, counter bool) (codes []string, possible bool) {
	if area == "" && !counter {
		if chosen == "" {
			return nil, true
		}
		return []string{chosen}, true
	}
	for _, place := range p.list {
		if (chosen == "" || place.Agency == chosen) && (place.Counter || !counter) && p.serves(place, area) {
			codes = append(codes, place.Agency)
		}
	}
	return slices.Compact(codes), len(codes) > 0
}

// filters are the fields by which services are narrowed, each with what is chosen.
func filters(r *frame.Request, l lists) []ui.Field {
	life := choice(r, "event", "portal.find.event", l.facets.LifeEvents, func(code string) string { return r.T("life." + code) })
	audience := choice(r, "audience", "portal.find.audience", l.facets.Audiences, func(code string) string { return r.T("audience." + code) })
	agencies := choice(r, "agency", "portal.find.agency", l.facets.Agencies, func(code string) string { return r.Text(l.agencies[code].Name) })
	cost := choice(r, "cost", "portal.find.cost", l.facets.Costs, func(code string) string { return r.T("portal.find.cost." + code) })
	way := choice(r, "way", "portal.find.way", []string{wayCounter}, func(code string) string { return r.T("portal.find.way." + code) })
	fields := []ui.Field{life, audience, agencies}
	if len(l.places.areas) > 0 {
		fields = append(fields, area(r, l.places))
	}
	return append(fields, cost, way)
}

// unchosen is a filter that only "all" can be chosen of yet.
func unchosen(r *frame.Request, name, label string) ui.Field {
	value := r.Query(name)
	return ui.Field{Name: name, Label: r.T(label), Value: value, Options: []ui.Option{{Label: r.T("portal.find.any"), Checked: value == ""}}}
}

func choice(r *frame.Request, name, label string, values []string, text func(string) string) ui.Field {
	f := unchosen(r, name, label)
	for _, v := range values {
		f.Options = append(f.Options, ui.Option{Value: v, Label: text(v), Checked: v == f.Value})
	}
	slices.SortStableFunc(f.Options[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return f
}

// area lets people choose where they are; a place stands below the one around it.
func area(r *frame.Request, all places) ui.Field {
	f := unchosen(r, "place", "portal.find.place")
	areas := slices.Clone(all.areas)
	slices.SortStableFunc(areas, func(a, b refdata.Boundary) int { return slices.Compare(a.Path, b.Path) })
	for _, b := range areas {
		label := r.Text(b.Name)
		if depth := len(b.Path) - len(areas[0].Path); depth > 0 {
			label = strings.Repeat("\u2003", depth) + label
		}
		f.Options = append(f.Options, ui.Option{Value: b.Code, Label: label, Checked: b.Code == f.Value})
	}
	return f
}
