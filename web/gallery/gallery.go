// Package gallery shows every component of the design system and a whole page of each surface, in the reader's
// language: for people who build pages, for screenshots, and for the accessibility tests. It is served in demo only.
package gallery

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"digit/web/ui"
)

// Options say where the gallery hangs.
type Options struct {
	// Base is the gallery's address, "/dev/ui" when empty; samples are below it.
	Base string
	// Languages lead to the same page in other languages; ThemeURL is the theme to show.
	Languages []ui.LangLink
	ThemeURL  string
}

func (o Options) base() string {
	if o.Base == "" {
		return "/dev/ui"
	}
	return o.Base
}

var samples = map[string]func(Options) templ.Component{
	"home":      home,
	"question":  question,
	"check":     check,
	"confirm":   confirmation,
	"status":    status,
	"tasks":     tasks,
	"workbench": workbench,
	"console":   console,
	"error":     failure,
}

// Samples lists the names of the sample pages, sorted.
func Samples() []string {
	names := make([]string, 0, len(samples))
	for name := range samples {
		names = append(names, name)
	}
	for _, s := range Forms() {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	return names
}

// Sample is a whole page as a surface would show it; nil for an unknown name.
func Sample(name string, o Options) templ.Component {
	if f, ok := samples[name]; ok {
		return f(o)
	}
	for _, s := range Forms() {
		if s.Name == name {
			return formSample(o, s)
		}
	}
	return nil
}

// say chooses among the gallery's own words; they are samples, not texts of the product, so they are not in the catalogue.
func say(ctx context.Context, pt, en, ar string) string {
	switch ui.LocaleOf(ctx).Lang {
	case "pt":
		return pt
	case "ar":
		return ar
	default:
		return en
	}
}

func site(ctx context.Context, o Options) ui.Site {
	return ui.Site{
		Name:          say(ctx, "República de Cabo Verde", "Republic of Cabo Verde", "جمهورية كابو فيردي"),
		Tagline:       say(ctx, "Serviços do Estado", "State services", "خدمات الدولة"),
		HomeURL:       o.base() + "/home",
		ThemeURL:      o.ThemeURL,
		Languages:     o.Languages,
		SignInURL:     "#sign-in",
		Demo:          true,
		SimulatorURL:  "#simulator",
		Clock:         say(ctx, "segunda-feira, 1 de junho de 2026, 09:30", "Monday 1 June 2026, 09:30", "الاثنين 1 يونيو 2026، 09:30"),
		FooterNote:    say(ctx, "Governo de Cabo Verde", "Government of Cabo Verde", "حكومة كابو فيردي"),
		SignOutAction: "#sign-out",
		Nav: []ui.NavItem{
			{Label: say(ctx, "Serviços", "Services", "الخدمات"), Href: "#services"},
			{Label: say(ctx, "Os meus pedidos", "My applications", "طلباتي"), Href: "#mine", Count: count(2)},
			{Label: say(ctx, "Ajuda", "Help", "مساعدة"), Href: "#help"},
		},
		Footer: []ui.Link{
			{Label: say(ctx, "Ajuda e contactos", "Help and contacts", "المساعدة وجهات الاتصال"), Href: "#help"},
			{Label: say(ctx, "Acessibilidade", "Accessibility", "إمكانية الوصول"), Href: "#accessibility"},
			{Label: say(ctx, "Privacidade", "Privacy", "الخصوصية"), Href: "#privacy"},
		},
	}
}

func signedIn(ctx context.Context, o Options) ui.Site {
	s := site(ctx, o)
	s.SignedIn = say(ctx, "Maria dos Santos", "Maria dos Santos", "ماريا دوس سانتوس")
	s.Account = []ui.NavItem{{Label: say(ctx, "Os meus dados", "My details", "بياناتي"), Href: "#account", Icon: "user"}}
	return s
}

func count(n int) *int { return &n }
