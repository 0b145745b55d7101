package gallery_test

import (
	"bytes"
	"compress/gzip"
	"regexp"
	"strings"
	"testing"

	"digit/web/asset"
	"digit/web/gallery"
)

// TestWeight keeps the first view of a portal page, with its style and script, within what a slow phone can carry.
func TestWeight(t *testing.T) {
	t.Parallel()
	_, css := asset.Size("digit.css")
	_, js := asset.Size("digit.js")
	for _, name := range []string{"home", "question", "check", "status"} {
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		if _, err := w.Write([]byte(render(t, "pt", gallery.Sample(name, options("pt"))))); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if sum := zipped.Len() + css + js; sum > 45_000 {
			t.Errorf("%s weighs %d bytes (page %d, style %d, script %d)", name, sum, zipped.Len(), css, js)
		}
	}
}

// TestStrictPolicy finds what a strict policy would block: style attributes, inline scripts and handlers.
func TestStrictPolicy(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`<[^>]+\s(style|on[a-z]+)="|<style|<script(?:\s+defer)?>|javascript:|src="data:`)
	for _, name := range gallery.Samples() {
		if found := inline.FindString(render(t, "en", gallery.Sample(name, options("en")))); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}

// TestErrorInTitle says the error before anything else, also to those who hear only the title.
func TestErrorInTitle(t *testing.T) {
	t.Parallel()
	for lang, prefix := range map[string]string{"pt": "Erro:", "en": "Error:", "ar": "خطأ:"} {
		html := render(t, lang, gallery.Sample("question", options(lang)))
		_, title, _ := strings.Cut(html, "<title>")
		if !strings.HasPrefix(strings.TrimSpace(title), prefix) {
			t.Errorf("%s: title begins %.40q", lang, title)
		}
		if !strings.Contains(html, `href="#born"`) || !strings.Contains(html, `id="born"`) {
			t.Errorf("%s: the summary does not lead to the field", lang)
		}
	}
	if gallery.Sample("nothing", gallery.Options{}) != nil {
		t.Error("an unknown sample was shown")
	}
}
