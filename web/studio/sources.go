package studio

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/infra/refdata"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

func lookupKey(list []servicespec.Lookup, i int) string { return list[i].Name }

// sourcesPart has where answers come from that need not be typed, registers with their purpose among them, and the areas in which
// the service is offered.
func (s *Studio) sourcesPart() part {
	sh := shelve("lookup", "lookups", func(p *servicespec.Pack) *[]servicespec.Lookup { return &p.Lookups }, lookupKey,
		func(p *servicespec.Pack, code string, called i18n.Text) servicespec.Lookup {
			return servicespec.Lookup{Name: identifier(code), Registry: studio.CodeOf(called[p.Languages[0]])}
		}, func(x *servicespec.Lookup, code string) { x.Name = identifier(code) })
	sh.names = servicespec.NamesLookup
	sh.label = func(r *frame.Request, d *desk, k string) (string, string) {
		x := find(d.Pack.Lookups, lookupKey, k)
		if x == nil {
			return k, ""
		}
		return k, r.T("studio.lookup.sub", "register", x.Registry, "purpose", s.say(r, d, x.Purpose, "…"))
	}
	sh.fields, sh.take = s.lookupFields, takeLookup
	posts := append(s.shelfPosts(sh), action{path: "", do: s.keepPlaces})
	return part{
		code: "sources", icon: "landmark", group: "design", areas: []string{"lookups", "places"}, spot: shelfSpot(sh), posts: posts,
		show: func(r *frame.Request, d *desk) error { return s.showSources(r, d, sh) },
	}
}

// fieldTypes are what a field of a register can be.
var fieldTypes = []string{"text", "number", "decimal", "money", "date", "yesno"}

func (s *Studio) lookupFields(r *frame.Request, d *desk, k, path string) []field {
	x := find(d.Pack.Lookups, lookupKey, k)
	var consents []ui.Option
	for _, pg := range d.Pack.Form.Pages {
		for _, q := range pg.Questions {
			if q.Kind == servicespec.KindYesNo || q.Kind == servicespec.KindDeclaration {
				consents = append(consents, ui.Option{Value: q.Code, Label: s.say(r, d, q.Label, q.Code), Checked: q.Code == d.value("lookup_consent", x.Consent)})
			}
		}
	}
	var rows [][]string
	for _, f := range x.Fields {
		rows = append(rows, []string{f.Name, f.As})
	}
	register := input(r, "lookup_register", d.value("lookup_register", x.Registry), code, hint(r.T("studio.lookup.register.hint")))
	register.Error = s.wrongAt(r, d, "lookup_register", path+".registry")
	out := append([]field{register}, s.text(r, d, "lookup_purpose", x.Purpose, path+".purpose", long, hint(r.T("studio.lookup.purpose.hint")))...)
	return append(out,
		s.rule(r, d, "lookup_key", x.Key, path+".key", ruleSubject{Path: []string{"lookups", k, "key"}, Want: "text"}, hint(r.T("studio.lookup.key.hint"))),
		input(r, "lookup_consent", "", hint(r.T("studio.lookup.consent.hint")), options(selectField, orNone(r, consents)), wrongText(s.wrongAt(r, d, "lookup_consent", path+".consent"))),
		s.checked(r, d, gridView{Name: "fields", Label: r.T("studio.field.lookup_fields"), Hint: r.T("studio.lookup.fields.hint", "name", k), Values: rows, Columns: []gridColumn{
			{Name: "name", Label: r.T("studio.col.lookup_field"), Code: true, Path: path + ".fields.%d.name"},
			{Name: "as", Label: r.T("studio.col.lookup_as"), Options: choose(r, "studio.fieldtype.", "", fieldTypes...), Path: path + ".fields.%d.as"},
		}}))
}

func takeLookup(_ *frame.Request, posted url.Values, p *servicespec.Pack, k string) error {
	x := find(p.Lookups, lookupKey, k)
	x.Registry, x.Key, x.Consent = trimmed(posted, "lookup_register"), trimmed(posted, "lookup_key"), posted.Get("lookup_consent")
	x.Purpose, x.Fields = textOf(posted, "lookup_purpose", x.Purpose), nil
	for _, row := range gridRows(posted, "fields") {
		as := row["as"]
		if as == "" {
			as = "text"
		}
		x.Fields = append(x.Fields, servicespec.LookupField{Name: identifier(row["name"]), As: as})
	}
	return nil
}

// filledView is an answer that is filled in, with where from.
type filledView struct{ Question, Href, From string }

// showSources shows the registers, what is filled in from where, and, where no register is chosen, the areas.
func (s *Studio) showSources(r *frame.Request, d *desk, sh shelf) error {
	var filled []filledView
	for _, pg := range d.Pack.Form.Pages {
		for i := range pg.Questions {
			if q := &pg.Questions[i]; q.Prefill != "" {
				filled = append(filled, filledView{
					Question: s.say(r, d, q.Label, q.Code), Href: d.href("form") + spot{Page: pg.Code, Question: q.Code}.query() + "#properties", From: s.sourceName(r, q.Prefill),
				})
			}
		}
	}
	l := look{Canvas: shelfCanvas(s.shelfView(r, d, sh), sourcesFilled(filled, d.href("form")))}
	l.Properties, l.PropertiesTitle = s.properties(r, d, sh)
	l.Chosen = l.Properties != nil
	if l.Properties == nil {
		f, err := s.placesForm(r, d)
		if err != nil {
			return err
		}
		l.Properties, l.PropertiesTitle = shelfForm(f, s.otherProblems(r, d, "places", nil)), r.T("studio.places")
	}
	return s.render(r, d, l)
}

// sourceName says in words where an answer is filled in from.
func (s *Studio) sourceName(r *frame.Request, source string) string {
	kind, rest, _ := strings.Cut(source, ".")
	switch kind {
	case "profile":
		return r.T("studio.source.profile", "field", s.word(r, "studio.profile.", rest))
	case "wallet":
		of, claim, _ := strings.Cut(rest, ".")
		return r.T("studio.source.wallet", "type", of, "claim", claim)
	case "lookup":
		of, name, _ := strings.Cut(rest, ".")
		return r.T("studio.source.lookup", "register", of, "field", name)
	}
	return source
}

// placesForm asks where the service is offered: nowhere in particular, or in some of the state's areas.
func (s *Studio) placesForm(r *frame.Request, d *desk) (formView, error) {
	f := d.form(r, "")
	chosen := d.list("places", d.Pack.Places)
	var areas []refdata.Boundary
	if err := r.Read(func(ctx context.Context, tx *pg.Tx) (err error) {
		areas, err = s.deps.Refdata.Boundaries(ctx, tx, "", "")
		return err
	}); err != nil {
		return f, err
	}
	where := "all"
	if len(d.Pack.Places) > 0 {
		where = "some"
	}
	f.Fields = []field{input(r, "places_where", "", hint(r.T("studio.places.hint")), options(radioField, choose(r, "studio.places.", d.value("places_where", where), "all", "some")))}
	known := map[string]bool{}
	depth := 1
	if slices.ContainsFunc(areas, func(a refdata.Boundary) bool { return len(a.Path) == 2 }) {
		depth = 2 // the whole state needs no box
	}
	for _, top := range areas {
		if len(top.Path) != depth {
			continue
		}
		boxes := areaBoxes(r, areas, top, chosen)
		open := slices.ContainsFunc(boxes, func(o ui.Option) bool { return o.Checked })
		for _, o := range boxes {
			known[o.Value] = true
		}
		fold := input(r, "places", "", optional, label(r.Text(top.Name)), options(boxesField, boxes))
		fold.ID = "places-" + top.Code
		f.Fields = append(f.Fields, foldOf(r.Text(top.Name), open, fold))
	}
	var others []ui.Option
	for _, code := range chosen {
		if !known[code] {
			others = append(others, ui.Option{Value: code, Label: code, Checked: true})
		}
	}
	if len(others) > 0 {
		f.Fields = append(f.Fields, input(r, "places", "", optional, label(r.T("studio.places.unknown")), options(boxesField, others)))
	}
	f.wrong(d.wrong)
	return f, nil
}

// areaBoxes are an area and those directly in it.
func areaBoxes(r *frame.Request, areas []refdata.Boundary, top refdata.Boundary, chosen []string) (out []ui.Option) {
	for _, a := range areas {
		if !a.Within(top.Code) || len(a.Path) > len(top.Path)+1 {
			continue
		}
		o := ui.Option{Value: a.Code, Label: r.Text(a.Name), Checked: slices.Contains(chosen, a.Code)}
		if a.Code == top.Code {
			o.Label = r.T("studio.places.whole", "name", o.Label)
			out = slices.Insert(out, 0, o)
			continue
		}
		out = append(out, o)
	}
	return out
}

// keepPlaces takes where the service is offered.
func (s *Studio) keepPlaces(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	return s.change(r, d, studio.Step{Code: "places", Part: []string{"places"}}, d.here("?done=studio.kept"), func(p *servicespec.Pack) error {
		p.Places = nil
		if posted.Get("places_where") == "some" {
			if p.Places = posted["places"]; len(p.Places) == 0 {
				return refused(fieldFault("places_where", "places_where"))
			}
		}
		return nil
	})
}

// prefillFields ask where an answer is filled in from.
func (s *Studio) prefillFields(r *frame.Request, d *desk, q *servicespec.Question, path string) []field {
	now := d.value("prefill", q.Prefill)
	wallet := strings.TrimPrefix(q.Prefill, "wallet.")
	list := []ui.Option{{Value: "none", Label: r.T("studio.source.none"), Checked: now == "" || now == "none"}}
	add := func(source string) {
		list = append(list, ui.Option{Value: source, Label: s.sourceName(r, source), Checked: source == now})
	}
	for _, name := range servicespec.ProfileFields() {
		add("profile." + name)
	}
	for _, l := range d.Pack.Lookups {
		for _, f := range l.Fields {
			add("lookup." + l.Name + "." + f.Name)
		}
	}
	inWallet := strings.HasPrefix(now, "wallet")
	list = append(list, ui.Option{Value: "wallet", Label: r.T("studio.source.wallet.any"), Checked: inWallet})
	if now != "" && now != "none" && !inWallet && !slices.ContainsFunc(list, func(o ui.Option) bool { return o.Checked }) {
		add(now)
	}
	from := input(r, "prefill", "", optional, options(selectField, list), wrongText(s.wrongAt(r, d, "prefill", path+".prefill")))
	if !strings.HasPrefix(q.Prefill, "wallet.") {
		wallet = ""
	}
	claim := input(r, "prefill_wallet", d.value("prefill_wallet", wallet), optional, code, hint(r.T("studio.source.wallet.hint")))
	return []field{from, claim}
}

// prefill reads where an answer is filled in from.
func (p *reading) prefill(otherwise string) string {
	switch v := p.text("prefill", otherwise); v {
	case "none":
		return ""
	case "wallet":
		return strings.TrimSuffix("wallet."+trimmed(p.Values, "prefill_wallet"), ".")
	default:
		return v
	}
}
