package portal_test

import (
	"context"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"digit/internal/infra/platform/pg"
	"digit/internal/infra/servicespec"
	"digit/web/hook/hooktest"
)

// TestOtherLanguages: what agencies have not translated is marked with the language and direction that it is in, wherever it shows.
func TestOtherLanguages(t *testing.T) {
	t.Parallel()
	packs := map[string]servicespec.Pack{}
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		for _, code := range []string{"streetlight-complaint", "trade-licence"} {
			p, err := hooktest.App(t).Catalog.Pack(ctx, tx, code, 0)
			if err != nil {
				return err
			}
			packs[code] = p
		}
		return nil
	})
	light, trade := packs["streetlight-complaint"], packs["trade-licence"]
	if light.Name["hi"] != "" {
		t.Fatal("the service is translated: nothing is shown in another language")
	}
	v := hooktest.Visit(t, "hi")
	marked := func(path string, texts ...string) {
		t.Helper()
		page := v.Get(path, http.StatusOK)
		for _, text := range texts {
			plain, right := 0, 0
			text = html.EscapeString(text)
			for _, m := range regexp.MustCompile(`(<[^<>]*>)[^<>]*`+regexp.QuoteMeta(text)).FindAllStringSubmatch(page, -1) {
				if strings.Contains(m[1], `lang="pt" dir="ltr"`) {
					right++
				} else if !strings.HasPrefix(m[1], "<title") && !strings.HasPrefix(m[1], "<script") { // with the name of the site after it; for machines
					plain++
				}
			}
			if right == 0 || plain > 0 {
				t.Errorf("%s: %q is marked %d times and %d times not", path, text, right, plain)
			}
		}
		if s := v.Get(path, http.StatusOK); strings.Contains(s, `lang="hi" dir="ltr"><span`) {
			t.Errorf("%s: the page's own language is marked", path)
		}
	}
	marked("/", light.Name["pt"])
	marked("/services", light.Name["pt"], trade.Name["pt"])
	marked("/services/trade-licence", trade.Name["pt"], trade.Summary["pt"], trade.Eligibility.Text["pt"])
	marked("/services/trade-licence/check", trade.Eligibility.Questions[0].Label["pt"], trade.Eligibility.Questions[1].Label["pt"])
	request := "/requests/" + uuidShape.FindString(v.Post("/services/streetlight-complaint/guest", nil, http.StatusSeeOther))
	page := light.Form.Pages[0]
	texts := []string{page.Title["pt"]}
	for _, q := range page.Questions {
		if q.When == "" {
			texts = append(texts, q.Label["pt"])
		}
		for _, o := range q.Options {
			if o.When == "" && q.When == "" {
				texts = append(texts, o.Label["pt"])
			}
		}
	}
	marked(request+"/pages/"+page.Code, texts...)
	marked(request+"/pages/place", "Nossa Senhora da Graça, Praia") // to choose from
	// A page whose language everything is written in has no such marks.
	if s := hooktest.Visit(t, "pt").Get("/services/trade-licence", http.StatusOK); strings.Contains(s, `<span lang="`) {
		t.Error("the page's own language is marked")
	}
}
