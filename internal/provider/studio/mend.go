package studio

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// mendings is how often a definition is compiled again at most after something wrong was taken out.
const mendings = 12

// Mended compiles what is right of a definition: texts that lack a language have those of another, and rules, questions, fees and the
// rest that are wrong are left out. It is for looking at a draft that is not finished. whole says that nothing was left
// out; the service is nil where nothing can be made of it.
func Mended(p *servicespec.Pack) (svc *servicespec.Service, whole bool) {
	body, err := encode(p)
	if err != nil {
		return nil, false
	}
	q, err := decode(body)
	if err != nil {
		return nil, false
	}
	q.Scenarios = nil
	translate(q)
	whole = true
	for range mendings {
		svc, err = servicespec.Compile(q)
		if err == nil {
			return svc, whole
		}
		whole = false
		fields := fault.Of(err).Fields
		slices.SortStableFunc(fields, func(a, b fault.Field) int { return -strings.Compare(padded(a.Path), padded(b.Path)) })
		for _, f := range slices.CompactFunc(fields, func(a, b fault.Field) bool { return a.Path == b.Path }) {
			mend(q, f.Path, f.Code)
		}
		translate(q)
	}
	return nil, false
}

// padded is a path by which later items of a list sort after earlier ones, so that they are taken out first.
func padded(path string) string {
	parts := strings.Split(path, ".")
	for i, part := range parts {
		if _, err := strconv.Atoi(part); err == nil {
			parts[i] = strings.Repeat("0", max(0, 4-len(part))) + part
		}
	}
	return strings.Join(parts, ".")
}

// translate fills texts that lack a language with those of another.
func translate(p *servicespec.Pack) {
	if len(p.Languages) == 0 {
		p.Languages = []string{"en"}
	}
	for _, t := range Texts(p) {
		for _, lang := range p.Languages {
			if strings.TrimSpace(t.Text[lang]) == "" {
				t.Text[lang] = t.Text.In(p.Languages[0], "en")
			}
		}
		for lang := range t.Text {
			if !slices.Contains(p.Languages, lang) {
				delete(t.Text, lang)
			}
		}
	}
}

// mend takes out the smallest thing around a path that can be left out: a rule, a text (which says "…" then), or an item of a list.
func mend(p *servicespec.Pack, path, code string) {
	if path == "number" {
		p.Number = numberOf("service")
		return
	}
	v, parts := reflect.ValueOf(p).Elem(), strings.Split(path, ".")
	var list reflect.Value
	item := -1
	for n, part := range parts {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				break
			}
			v = v.Elem()
		}
		switch v.Kind() {
		case reflect.Slice:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= v.Len() {
				cut(list, item)
				return
			}
			list, item, v = v, i, v.Index(i)
		case reflect.Struct:
			f := fieldOf(v, part)
			if !f.IsValid() {
				cut(list, item)
				return
			}
			if f.Type() == textType {
				if f.SetZero(); !strings.HasSuffix(code, "_unused") {
					f.Set(reflect.ValueOf(i18n.Text{p.Languages[0]: "…"}))
				}
				return
			}
			if n == len(parts)-1 && f.Kind() == reflect.String && slices.Contains(rules, part) && f.String() != "" {
				f.SetString("")
				return
			}
			v = f
		default:
			cut(list, item)
			return
		}
	}
	if parts[0] == "workflow" {
		p.Workflow = scaffold(p.Languages[0])
		return
	}
	if !list.IsValid() && v.Kind() == reflect.Slice {
		v.SetZero()
		return
	}
	cut(list, item)
}

// rules are the names of rules that may be left out.
var rules = []string{"when", "required", "valid", "guard", "pattern", "prefill", "of", "valid_until", "scheme"}

// scaffold is a workflow for looking at the rest.
func scaffold(lang string) servicespec.Workflow {
	name := i18n.Text{lang: "…"}
	return servicespec.Workflow{
		Start:   "open",
		States:  []servicespec.State{{Code: "open", Name: name, Role: "staff"}, {Code: "closed", Kind: servicespec.StateEnd, Outcome: "approved", Name: name}},
		Actions: []servicespec.Action{{Code: "close", From: servicespec.Codes{"open"}, To: "closed", Name: name}},
	}
}

func fieldOf(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if tag == name && v.Type().Field(i).IsExported() {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// cut takes an item out of a list.
func cut(list reflect.Value, item int) {
	if !list.IsValid() || item < 0 || item >= list.Len() || !list.CanSet() {
		return
	}
	list.Set(reflect.AppendSlice(list.Slice3(0, item, item), list.Slice(item+1, list.Len())))
}

// Preview is a page of the form as the citizen sees it when all of it is shown: conditions, checks and what is filled in from
// elsewhere are left out. whole says that nothing else was. It is nil where the page cannot be shown.
func Preview(p *servicespec.Pack, page string) (svc *servicespec.Service, whole bool) {
	q := *p
	q.Fees, q.Notices, q.Certificates, q.Letters, q.Records, q.Feedback, q.Scenarios, q.Rules, q.Tables, q.Lookups = nil, nil, nil, nil, nil, nil, nil, nil, nil, nil
	q.Eligibility, q.Target, q.Roles = servicespec.Eligibility{}, servicespec.Target{WorkingDays: 1}, nil
	if len(p.Languages) == 0 {
		return nil, false
	}
	q.Workflow = scaffold(p.Languages[0])
	q.Form.Pages = nil
	for _, pg := range p.Form.Pages {
		if pg.Code == page {
			pg.When = ""
			pg.Questions = shown(pg.Questions)
			q.Form.Pages = append(q.Form.Pages, alone(p, pg))
			q.Documents = documentsOf(p.Documents, pg)
		}
	}
	return Mended(&q)
}

// alone takes out of a page what only the others make sense of: what depends on an earlier answer, and in texts the answers
// themselves, in whose place stands what they are asked by.
func alone(p *servicespec.Pack, pg servicespec.Page) servicespec.Page {
	labels, here := map[string]i18n.Text{}, map[string]bool{}
	for _, other := range p.Form.Pages {
		for _, q := range other.Questions {
			labels[q.Code], here[q.Code] = q.Label, here[q.Code] || other.Code == pg.Code
		}
	}
	spell := func(t i18n.Text) i18n.Text {
		out := maps.Clone(t)
		for lang, words := range out {
			fields := map[string]string{}
			for code, label := range labels {
				if !here[code] && !label.IsZero() {
					fields[code] = "‹" + label.In(lang, p.Languages[0]) + "›"
				}
			}
			out[lang] = servicespec.Fill(words, fields)
		}
		return out
	}
	var settle func(list []servicespec.Question)
	settle = func(list []servicespec.Question) {
		for i := range list {
			q := &list[i]
			q.Label, q.Hint, q.RowTitle = spell(q.Label), spell(q.Hint), spell(q.RowTitle)
			if q.Message = spell(q.Message); q.Pattern == "" {
				q.Message = nil // it is said where a rule is not met, of which there are none here
			}
			if !here[q.Of] {
				q.Of = ""
			}
			settle(q.Fields)
		}
	}
	pg.Title, pg.Hint = spell(pg.Title), spell(pg.Hint)
	settle(pg.Questions)
	return pg
}

// documentsOf are the documents that a page asks for, always needed, and proved by what needs no register.
func documentsOf(all []servicespec.Document, pg servicespec.Page) (out []servicespec.Document) {
	for _, d := range all {
		if !slices.ContainsFunc(pg.Questions, func(q servicespec.Question) bool { return q.Kind == servicespec.KindDocument && q.Code == d.Code }) {
			continue
		}
		d.When = ""
		d.Proofs = slices.Clone(d.Proofs)
		for i := range d.Proofs {
			d.Proofs[i].Lookup = ""
		}
		out = append(out, d)
	}
	return out
}

// shown are questions without what hides them.
func shown(list []servicespec.Question) []servicespec.Question {
	out := slices.Clone(list)
	for i := range out {
		q := &out[i]
		q.When, q.Valid, q.Prefill = "", "", ""
		if q.Required != "false" {
			q.Required = ""
		}
		q.Options = slices.Clone(q.Options)
		for j := range q.Options {
			q.Options[j].When = ""
		}
		if q.Kind == servicespec.KindComputed {
			q.Kind, q.Value, q.As = servicespec.KindInfo, "", ""
		}
		q.Fields = shown(q.Fields)
	}
	return out
}
