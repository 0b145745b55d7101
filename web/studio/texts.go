package studio

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/provider/studio"
	"digit/web/frame"
	"digit/web/ui"
)

// textAreas are the paths of the definition that this part edits.
var textAreas = []string{
	"name", "summary", "description", "audience", "life_events", "keywords", "needs", "number", "languages", "roles", "agency", "code", "sources", "version",
}

// seq is the counter in a format of numbers.
var seq = regexp.MustCompile(`\{seq:\d\}`)

// blocksView is the canvas of the texts.
type blocksView struct {
	Languages []ui.Chip
	Card      *cardView
	Sections  []section
}

// cardView is a service as the catalogue shows it, with an example of its numbers.
type cardView struct{ Lang, Dir, Name, Summary, Description, Number string }

// fieldFault names a field of a form that is at fault.
func fieldFault(path, code string) fault.Field {
	return fault.Field{Path: path, Code: "studio.field." + code}
}

// audiences are for whom services can be.
var audiences = []string{"people", "businesses", "organisations", "agencies"}

// lifeEvents are the occasions on which people look for services.
var lifeEvents = []string{
	"having-a-child", "studying", "marrying", "moving-abroad", "living-here", "reporting-a-problem", "starting-a-business", "running-a-business",
}

// union is a list with what another has besides.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// texts edits what the service says of itself in the catalogue.
func (s *Studio) texts(r *frame.Request, d *desk) error {
	p := d.Pack
	f := d.form(r, "")
	f.Auto = true
	f.Fields = append(f.Fields, s.text(r, d, "name", p.Name, "name")...)
	f.Fields = append(f.Fields, s.text(r, d, "summary", p.Summary, "summary", long, hint(r.T("studio.field.summary.hint")))...)
	f.Fields = append(f.Fields, s.text(r, d, "description", p.Description, "description", long, optional)...)
	var who []ui.Option
	for _, a := range audiences {
		who = append(who, ui.Option{Value: a, Label: r.T("studio.audience." + a), Checked: slices.Contains(d.list("audience", p.Audience), a)})
	}
	f.Fields = append(f.Fields, input(r, "audience", "", options(boxesField, who), optional))
	var events []ui.Option
	for _, e := range union(lifeEvents, p.LifeEvents) {
		o := ui.Option{Value: e, Label: e, Checked: slices.Contains(d.list("life_events", p.LifeEvents), e)}
		if key := "life." + e; s.deps.Texts.Has(r.Lang, key) {
			o.Label = r.T(key)
		}
		events = append(events, o)
	}
	f.Fields = append(f.Fields, input(r, "life_events", "", options(boxesField, events), optional, hint(r.T("studio.field.life_events.hint"))))
	for _, lang := range p.Languages {
		k := input(r, "keywords."+lang, d.value("keywords."+lang, strings.Join(p.Keywords[lang], ", ")), optional, hint(r.T("studio.field.keywords.hint")))
		k.Label += " (" + s.language(lang) + ")"
		k.Attrs = map[string]any{"lang": lang, "dir": i18n.Dir(lang)}
		f.Fields = append(f.Fields, k)
	}
	for _, lang := range p.Languages {
		n := input(r, "needs."+lang, d.value("needs."+lang, lines(p.Needs, lang)), optional, long, hint(r.T("studio.field.needs.hint")))
		n.Label += " (" + s.language(lang) + ")"
		n.Attrs = map[string]any{"lang": lang, "dir": i18n.Dir(lang)}
		f.Fields = append(f.Fields, n)
	}
	number := input(r, "number", d.value("number", p.Number), code, hint(r.T("studio.field.number.hint", "year", "{yyyy}", "counter", "{seq:6}")))
	number.Error = s.wrongAt(r, d, "number", "number")
	f.Fields = append(f.Fields, number)
	f.wrong(d.wrong)
	return s.render(r, d, look{Canvas: textCanvas(s.textBlocks(r, d)), Properties: form(f), PropertiesTitle: r.T("studio.part.texts")})
}

// list is what is ticked of several boxes.
func (d *desk) list(name string, otherwise []string) []string {
	if d.posted != nil {
		return d.posted[name]
	}
	return otherwise
}

// lines writes texts below each other in a language.
func lines(list []i18n.Text, lang string) string {
	var out []string
	for _, t := range list {
		out = append(out, t[lang])
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n")
}

// textsOf reads texts that stand below each other in each language.
func textsOf(posted url.Values, name string, languages []string) (out []i18n.Text) {
	for _, lang := range languages {
		for i, words := range strings.Split(trimmed(posted, name+"."+lang), "\n") {
			words = strings.TrimSpace(words)
			if words == "" {
				continue
			}
			for len(out) <= i {
				out = append(out, i18n.Text{})
			}
			out[i][lang] = words
		}
	}
	return slices.DeleteFunc(out, i18n.Text.IsZero)
}

func (s *Studio) textsSave(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	what := studio.Step{Code: "texts.save", Part: []string{"name"}}
	for _, area := range textAreas[1:8] {
		what.Also = append(what.Also, []string{area})
	}
	return s.change(r, d, what, d.here("?done=studio.saved"), func(p *servicespec.Pack) error {
		p.Name, p.Summary, p.Description = textOf(posted, "name", p.Name), textOf(posted, "summary", p.Summary), textOf(posted, "description", p.Description)
		p.Audience, p.LifeEvents, p.Number = posted["audience"], posted["life_events"], trimmed(posted, "number")
		p.Needs = textsOf(posted, "needs", p.Languages)
		p.Keywords = nil
		for _, lang := range p.Languages {
			if k := words(posted.Get("keywords." + lang)); len(k) > 0 {
				if p.Keywords == nil {
					p.Keywords = map[string][]string{}
				}
				p.Keywords[lang] = k
			}
		}
		return nil
	})
}

// languagesSave sets the languages of the service: the first is the agency's, in which it is written.
func (s *Studio) languagesSave(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	what := studio.Step{Code: "languages.save", Part: []string{"languages"}}
	return s.change(r, d, what, d.here("?done=studio.saved"), func(p *servicespec.Pack) error {
		first := posted.Get("first")
		if first == "" {
			return studio.ErrBegin.WithFields(fieldFault("first", "language"))
		}
		list := []string{first}
		for _, l := range posted["languages"] {
			if !slices.Contains(list, l) {
				list = append(list, l)
			}
		}
		for _, gone := range p.Languages {
			if !slices.Contains(list, gone) {
				forget(p, gone)
			}
		}
		p.Languages = list
		return nil
	})
}

// forget takes a language out of all texts.
func forget(p *servicespec.Pack, lang string) {
	for _, t := range studio.Texts(p) {
		studio.SetText(p, t.Keys, lang, "")
	}
	delete(p.Keywords, lang)
}

// rolesSave names the roles of the workflow.
func (s *Studio) rolesSave(r *frame.Request, d *desk) error {
	posted, err := r.Form()
	if err != nil {
		return err
	}
	return s.change(r, d, studio.Step{Code: "roles.save", Part: []string{"roles"}}, d.here("?done=studio.saved"), func(p *servicespec.Pack) error {
		for _, code := range rolesIn(p) {
			i := slices.IndexFunc(p.Roles, func(x servicespec.Role) bool { return x.Code == code })
			var before i18n.Text
			if i >= 0 {
				before = p.Roles[i].Name
			}
			name := textOf(posted, "role-"+code, before)
			switch {
			case i < 0 && name != nil:
				p.Roles = append(p.Roles, servicespec.Role{Code: code, Name: name})
			case i >= 0 && name == nil:
				p.Roles = slices.Delete(p.Roles, i, i+1)
			case i >= 0:
				p.Roles[i].Name = name
			}
		}
		return nil
	})
}

// rolesIn are the roles that the workflow speaks of.
func rolesIn(p *servicespec.Pack) (out []string) {
	add := func(code string) {
		if code != "" && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	p.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) { add(st.Role) })
	for _, a := range p.Workflow.Actions {
		add(a.Role)
	}
	for _, x := range p.Roles {
		add(x.Code)
	}
	return out
}

// textBlocks show the service as the catalogue will, its languages, and what its roles are called.
func (s *Studio) textBlocks(r *frame.Request, d *desk) blocksView {
	lang := s.previewLang(r, d)
	v := blocksView{Card: &cardView{
		Lang: lang, Dir: i18n.Dir(lang), Name: d.Pack.Name.In(lang, d.lang()), Summary: d.Pack.Summary.In(lang, d.lang()), Description: d.Pack.Description.In(lang, d.lang()),
		Number: strings.NewReplacer("{yyyy}", strconv.Itoa(r.Now.Year()), "{yy}", strconv.Itoa(r.Now.Year()%100), "{mm}", "06").Replace(seq.ReplaceAllString(d.Pack.Number, "000123")),
	}, Languages: s.languageChips(r, d, lang)}
	if !d.design {
		return v
	}
	first, all := []ui.Option{}, []ui.Option{}
	for _, l := range r.Texts().Languages() {
		first = append(first, ui.Option{Value: l.Code, Label: l.Name, Checked: l.Code == d.lang()})
		all = append(all, ui.Option{Value: l.Code, Label: l.Name, Checked: slices.Contains(d.Pack.Languages, l.Code)})
	}
	langs := d.form(r, "/languages")
	langs.Quiet = true
	langs.Fields = []field{
		input(r, "first", "", options(selectField, first)), input(r, "languages", "", options(boxesField, all), hint(r.T("studio.field.languages.hint"))),
	}
	v.Sections = append(v.Sections, section{Title: r.T("studio.fact.languages"), Form: &langs})
	names := d.form(r, "/roles")
	names.Quiet = true
	for _, code := range rolesIn(d.Pack) {
		var t i18n.Text
		for _, x := range d.Pack.Roles {
			if x.Code == code {
				t = x.Name
			}
		}
		names.Fields = append(names.Fields, s.text(r, d, "role-"+code, t, "", optional, label(r.T("studio.field.role_name", "code", code)))...)
	}
	if len(names.Fields) > 0 {
		v.Sections = append(v.Sections, section{Title: r.T("studio.roles"), Text: r.T("studio.roles.text"), Form: &names})
	}
	return v
}

// previewLang is the language in which the canvas shows the service.
func (s *Studio) previewLang(r *frame.Request, d *desk) string {
	for _, want := range []string{r.Query("lang"), r.Lang} {
		if slices.Contains(d.Pack.Languages, want) {
			return want
		}
	}
	return d.lang()
}

// languageChips switch the language of the canvas.
func (s *Studio) languageChips(r *frame.Request, d *desk, chosen string) (out []ui.Chip) {
	for _, l := range d.Pack.Languages {
		out = append(out, ui.Chip{Label: s.language(l), Href: d.here("?" + with(r, "lang", l)), On: l == chosen})
	}
	return out
}

// with is the page's query with one value changed.
func with(r *frame.Request, name, value string) string {
	q := r.URL.Query()
	q.Del("done")
	q.Set(name, value)
	return q.Encode()
}
