package journey_test

import (
	"testing"

	"digit/test/browser"
)

// TestFind looks for services with slips of the pen in three languages, narrows the list, and finds nothing; without JavaScript.
func TestFind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		lang, typed, words, finds string
		width                     int
	}{
		{"pt", "serteza certidao de nacimento", "certidao nascimento", "Certidão de nascimento", phone},
		{"en", "birth sertificate", "birth certificate", "birth certificate", desk},
		{"ar", "رخضة تجارية", "رخصة تجارية", "الرخصة التجارية", phone},
	} {
		p := shared.somebody(t, "", browser.Options{Width: tt.width, Lang: tt.lang})
		p.visit("/")
		p.Fill("q", tt.typed)
		p.Submit("q")
		p.See(tt.words)
		p.See(tt.finds)
		p.checked()
		p.Fits()
		p.Shot("portal-find-" + tt.lang)
	}
	p := shared.somebody(t, "", browser.Options{Width: phone, Lang: "en"})
	p.visit("/services")
	p.Unfold("Narrow the services")
	p.checked()
	p.Fill("audience", "businesses")
	p.Fill("cost", "free")
	p.Press("Show services")
	p.See("Street light")
	p.DontSee("Trade licence")
	p.checked()
	p.Shot("portal-find-narrowed")
	p.Fill("q", "xyzzyx")
	p.Submit("q")
	p.See("We found no service")
	p.See("Services most people ask for")
	p.See("Businesses")
	p.checked()
	p.Shot("portal-find-none")
	for width, lang := range map[int]string{phone: "ar", desk: "pt"} {
		p := shared.somebody(t, "", browser.Options{Width: width, Lang: lang})
		p.visit("/services/trade-licence")
		p.checked()
		p.Fits()
		p.Shot("portal-service-" + lang)
		p.visit("/what-do-i-need?event=building-a-home")
		p.checked()
		p.Press(map[string]string{"ar": "اعرض لي الخدمات", "pt": "Mostrar os serviços"}[lang])
		p.checked()
		p.Shot("portal-need-" + lang)
	}
}
