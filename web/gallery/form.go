package gallery

import (
	"context"
	_ "embed"
	"io"
	"net/url"
	"sync"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/form"
	"digit/web/ui"
)

//go:embed form.yaml
var formSource []byte

// kinds is the service that asks a question of every kind.
var kinds = sync.OnceValue(func() *servicespec.Service {
	pack, problems := servicespec.Parse(formSource)
	if len(problems) > 0 {
		panic(problems[0].Sentence)
	}
	s, err := servicespec.Compile(pack)
	if err != nil {
		panic(err)
	}
	return s
})

var formFacts = servicespec.Facts{
	Today: civil.Date{Year: 2026, Month: 6, Day: 1}, Region: "CV", Currency: "CVE",
	Area: func(code string) (servicespec.Area, bool) {
		a, ok := map[string]servicespec.Area{
			"ST": {Level: "ilha", Within: []string{"ST"}, Name: i18n.Text{"pt": "Santiago"}},
			"PR": {Level: "concelho", Within: []string{"ST", "PR"}, Name: i18n.Text{"pt": "Praia"}},
			"NG": {Level: "freguesia", Within: []string{"ST", "PR", "NG"}, Name: i18n.Text{"pt": "Nossa Senhora da Graça"}},
		}[code]
		return a, ok
	},
}

var plan = servicespec.File{ID: uuid.MustParse("018f0000-0000-7000-8000-000000000001"), Name: "cartao-frente-e-verso.pdf", MediaType: "application/pdf", Size: 1_300_000}

// formAnswers are what somebody has answered so far.
var formAnswers = servicespec.Answers{
	"whole": servicespec.Name{Given: "Maria Celeste Évora", Family: "Tavares dos Santos"}, "nif": "123456789", "rooms": servicespec.Decimal(42.5),
	"rent": int64(1850000), "since": "2019-03", "help": []string{"food"}, "home": servicespec.Address{Area: "NG", Lines: "Rua 5 de Julho, 12\nAchada"},
	"kind": "flat", "spot": servicespec.Point{Lat: 14.91771, Lng: -23.50934},
	"members": servicespec.Rows{
		{"member_name": "João Baptista Lopes", "born": "1990-02-28", "works": true},
		{"member_name": "Ana Rita Gomes", "works": false},
	},
	"income": servicespec.Rows{{"origin": "work", "amount": int64(4500000), "steady": true}, {"origin": "pension", "amount": int64(1200000), "steady": false}},
	"proof":  servicespec.Evidence{Proof: "card", Files: []servicespec.File{plan}},
	"mark":   servicespec.Signature{Signed: "Maria Celeste Évora Tavares dos Santos"}, "truth": true,
}

func words(ctx context.Context) servicespec.Words {
	return servicespec.Words{
		T: func(key string) string { return ui.T(ctx, key) }, Currency: "CVE", Fallback: "pt",
		Boundary: func(code string) string {
			a, _ := formFacts.Area(code)
			return a.Name.In(ui.LocaleOf(ctx).Lang, "pt")
		},
		RefData: func(_, code string) string {
			return map[string]string{"flat": say(ctx, "Apartamento", "Flat", "شقة"), "house": say(ctx, "Moradia", "House", "بيت")}[code]
		},
	}
}

// formPage is a page of the service as somebody sees it who has answered some of it.
func formPage(ctx context.Context, code string) form.View {
	v := form.View{
		Caption: kinds().Pack().Name.In(ui.LocaleOf(ctx).Lang, "pt"), Lang: ui.LocaleOf(ctx).Lang, Words: words(ctx), Facts: formFacts,
		Answers: formAnswers, Sources: map[string]string{"whole": "profile.name"},
		Areas: map[form.AreaList][]ui.Option{
			{Level: "ilha"}:                    {{Value: "ST", Label: "Santiago"}, {Value: "SV", Label: "São Vicente"}},
			{Level: "concelho", Within: "ST"}:  {{Value: "PR", Label: "Praia"}, {Value: "RG", Label: "Ribeira Grande de Santiago"}},
			{Level: "freguesia", Within: "PR"}: {{Value: "NG", Label: "Nossa Senhora da Graça"}},
		},
		Codes: map[string][]form.Code{
			"homes": {{Code: "flat", Label: words(ctx).RefData("", "flat")}, {Code: "house", Label: words(ctx).RefData("", "house")}},
			"parts": {{Code: "room", Of: "flat", Label: say(ctx, "Um quarto", "One room", "غرفة واحدة")}, {Code: "whole", Of: "flat", Label: say(ctx, "Toda", "All of it", "كله")}},
		},
		Wallet: map[string][]ui.Option{"identity": {{Value: "1", Label: say(ctx, "Cartão Nacional de Identificação", "National identity card", "بطاقة الهوية الوطنية") + " · 123"}}},
		File:   func(string, servicespec.File) ui.FileItem { return ui.FileItem{Href: "#file", RemoveHref: "#remove"} },
	}
	for _, p := range kinds().Pages(formAnswers, formFacts) {
		if p.Code == code {
			v.Page = p
		}
	}
	return v
}

// wrongPage is the same after something was typed that will not do.
func wrongPage(ctx context.Context) form.View {
	v := formPage(ctx, "person")
	v.Posted = url.Values{"whole.given": {"Maria"}, "nif": {"12"}, "rooms": {"42,55"}, "since.month": {"13"}, "since.year": {"2019"}}
	v.Errors = map[string]string{
		"whole": say(ctx, "Escreva as duas partes do nome.", "Enter both parts of the name.", "أدخل جزأي الاسم."),
		"nif":   say(ctx, "Escreva os nove algarismos.", "Enter all nine digits.", "أدخل الأرقام التسعة."),
		"since": say(ctx, "Escreva um mês que existe.", "Enter a month that exists.", "أدخل شهرًا موجودًا."),
		"help":  say(ctx, "Escolha pelo menos um.", "Choose at least one.", "اختر واحدًا على الأقل."),
	}
	return v
}

// Forms are the pages of a form, in a frame of their own as samples; the golden tests compare the HTML of each.
func Forms() []Story {
	var out []Story
	for _, name := range []string{"person", "home", "people", "papers"} {
		out = append(out, Story{"form-" + name, later(func(ctx context.Context) templ.Component { return form.Questions(formPage(ctx, name)) })})
	}
	return append(out,
		Story{"form-wrong", later(func(ctx context.Context) templ.Component { return form.Questions(wrongPage(ctx)) })},
		Story{"form-answers", later(func(ctx context.Context) templ.Component { return answers(ctx) })})
}

// later makes a component of what only the reader's language decides.
func later(make func(ctx context.Context) templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return make(ctx).Render(ctx, w) })
}

// answers shows everything that was answered, as somebody reads it.
func answers(ctx context.Context) templ.Component {
	r := form.Reader{Lang: ui.LocaleOf(ctx).Lang, Words: words(ctx), File: func(string, servicespec.File) ui.FileItem { return ui.FileItem{Href: "#file"} }}
	var facts []ui.Fact
	pages := servicespec.Conceal(kinds().Pages(formAnswers, formFacts), func(q *servicespec.Question) bool { return q.Code != "help" })
	for _, p := range pages {
		for _, q := range p.Questions {
			if form.Said(q) {
				facts = append(facts, r.Fact(ctx, q))
			}
		}
	}
	return ui.SummaryList(facts, false)
}
