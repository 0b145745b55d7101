package gallery_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"digit/test/browser"
	"digit/web/asset"
	"digit/web/gallery"
	"digit/web/ui"
	"digit/web/ui/uitest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	flag.Parse()
	browser.Main(m)
}

var languages = []string{"pt", "en", "ar"}

func options(lang string) gallery.Options {
	names := map[string]string{"pt": "Português", "en": "English", "ar": "العربية"}
	o := gallery.Options{Base: "/dev/" + lang}
	for _, l := range languages {
		dir := "ltr"
		if l == "ar" {
			dir = "rtl"
		}
		o.Languages = append(o.Languages, ui.LangLink{Lang: l, Dir: dir, Name: names[l], Href: "/dev/" + l, Current: l == lang})
	}
	return o
}

// serve shows the gallery at /dev/<lang> and its samples below, under the policy that the product sends.
func serve(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/assets/", asset.Handler())
	show := func(w http.ResponseWriter, r *http.Request) {
		lang := r.PathValue("lang")
		view := gallery.Page(options(lang))
		if name := r.PathValue("name"); name != "" {
			view = gallery.Sample(name, options(lang))
		}
		if view == nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		templ.Handler(view).ServeHTTP(w, r.WithContext(ui.WithLocale(r.Context(), uitest.Locale(t, lang))))
	}
	mux.HandleFunc("/dev/{lang}", show)
	mux.HandleFunc("/dev/{lang}/{name}", show)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestStories compares the HTML of every group of components with testdata/<lang>/<name>.html.
func TestStories(t *testing.T) {
	t.Parallel()
	for _, lang := range languages {
		for _, s := range append(gallery.Stories(), gallery.Forms()...) {
			golden(t, filepath.Join("testdata", lang, s.Name+".html"), render(t, lang, s.View))
		}
	}
}

func render(t *testing.T, lang string, c templ.Component) string {
	t.Helper()
	rec := httptest.NewRecorder()
	if err := c.Render(ui.WithLocale(t.Context(), uitest.Locale(t, lang)), rec); err != nil {
		t.Fatal(err)
	}
	return rec.Body.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	got = breakTags(got)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got, -update to accept):\n%s", path, diff)
	}
}

// TestAccessible opens every page in every language, wide and narrow, light and dark.
func TestAccessible(t *testing.T) {
	t.Parallel()
	url := serve(t)
	b := browser.New(t)
	for i, lang := range languages {
		for j, name := range append([]string{""}, gallery.Samples()...) {
			t.Run(lang+"/"+name, func(t *testing.T) {
				o := browser.Options{JS: (i+j)%2 == 0, Width: []int{320, 768, 1280}[(i+j)%3], Lang: lang}
				p := b.Page(t, o)
				p.Open(url + "/dev/" + lang + slash(name))
				p.Fits()
				if lang == "en" { // the same page as in Portuguese, with other words
					return
				}
				p.Axe()
				if lang == "pt" { // colours are the same in every language
					p.Dark(true)
					p.Reload()
					p.Axe()
				}
			})
		}
	}
}

// TestShots writes pictures of all pages for people to look at; only where DIGIT_SHOTS names a directory.
func TestShots(t *testing.T) {
	if os.Getenv("DIGIT_SHOTS") == "" {
		t.Skip("DIGIT_SHOTS is not set")
	}
	url := serve(t)
	b := browser.New(t)
	for _, lang := range languages {
		for _, name := range append([]string{""}, gallery.Samples()...) {
			t.Run(lang+"/"+orGallery(name), func(t *testing.T) {
				for _, dark := range []bool{false, true} {
					p := b.Page(t, browser.Options{JS: true, Dark: dark, Lang: lang})
					p.Open(url + "/dev/" + lang + slash(name))
					for _, width := range []int{360, 768, 1280} {
						p.Screenshot(width, filepath.Join(os.Getenv("DIGIT_SHOTS"), fmt.Sprintf("%s-%s-%d%s.png", orGallery(name), lang, width, map[bool]string{true: "-dark"}[dark])))
					}
				}
			})
		}
	}
}

func orGallery(name string) string {
	if name == "" {
		return "gallery"
	}
	return name
}

func slash(name string) string {
	if name == "" {
		return ""
	}
	return "/" + name
}
