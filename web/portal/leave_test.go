package portal_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"digit/internal/infra/identity"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/pg"
	"digit/internal/provider/catalog"
	"digit/web/hook/hooktest"
)

// TestElsewhere finds a service of another site in the catalogue, beside its agency and by a moment of life, and is told before leaving.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	var which uuid.UUID
	c := hooktest.App(t).Catalog
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) (err error) {
		which, err = c.PutElsewhere(ctx, tx, identity.Principal{}, catalog.Elsewhere{
			Agency: "dgrni", Name: i18n.Text{"pt": "Zanzibarium", "en": "Zanzibarium permit"}, Summary: i18n.Text{"pt": "Licenças raras", "en": "Rare permits"},
			Languages: []string{"pt", "en"}, LifeEvents: []string{"knowing-your-rights"}, URL: "https://zanzibarium.example.org/apply?from=digit&x=1",
		})
		return err
	})
	path := "/elsewhere/" + which.String()
	v := hooktest.Visit(t, "en")
	for _, at := range []string{"/services", "/services?q=zanzibarium", "/services?q=zanzibariun", "/services?agency=dgrni", "/services?event=knowing-your-rights", "/agencies/dgrni", "/what-do-i-need?event=knowing-your-rights"} {
		if s := v.Get(at, http.StatusOK); !strings.Contains(s, `href="`+path+`"`) {
			t.Errorf("%s does not show it", at)
		}
	}
	for _, at := range []string{"/services?q=passport", "/services?agency=cmp", "/services?cost=free", "/services?way=counter"} {
		if s := v.Get(at, http.StatusOK); strings.Contains(s, path) {
			t.Errorf("%s shows it", at)
		}
	}
	s := v.Get(path, http.StatusOK)
	for _, want := range []string{
		`href="https://zanzibarium.example.org/apply?from=digit&amp;x=1"`, `rel="noreferrer external"`, "zanzibarium.example.org", "You leave this site", "Rare permits", "English", "Português",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("the page lacks %q:\n%s", want, hooktest.Text(s))
		}
	}
	for _, lang := range []string{"pt", "ar", "hi"} {
		hooktest.Visit(t, lang).Get(path, http.StatusOK)
	}
	v.Get("/elsewhere/"+uuid.NewString(), http.StatusNotFound)
	v.Get("/elsewhere/x", http.StatusNotFound)
	hooktest.In(t, func(ctx context.Context, tx *pg.Tx) error {
		return c.WithdrawElsewhere(ctx, tx, identity.Principal{}, which)
	})
	v.Get(path, http.StatusNotFound)
	if s := v.Get("/services?q=zanzibarium", http.StatusOK); strings.Contains(s, path) {
		t.Error("withdrawn and shown")
	}
}
