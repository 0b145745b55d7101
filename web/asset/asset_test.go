package asset_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"digit/web/asset"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"digit.css": 22_000, "digit.js": 4_000, "htmx.js": 18_000} {
		plain, gzipped := asset.Size(name)
		if gzipped == 0 || gzipped > most {
			t.Errorf("%s takes %d bytes compressed (%d plain), at most %d are allowed", name, gzipped, plain, most)
		}
	}
}

func TestUnknownAsset(t *testing.T) {
	t.Parallel()
	if _, err := asset.Lookup("nothing.css"); err == nil {
		t.Error("an unknown name was accepted")
	}
	rec := httptest.NewRecorder()
	asset.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/assets/digit.css", nil))
	if rec.Code != http.StatusNotFound {
		t.Errorf("a name without its hash answers %d, want 404: it could be cached for ever", rec.Code)
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	path := asset.Path("digit.css")
	if !regexp.MustCompile(`^/assets/digit\.[0-9a-f]{12}\.css$`).MatchString(path) {
		t.Fatalf("path %q", path)
	}
	get := func(method string, headers map[string]string) *http.Response {
		req := httptest.NewRequest(method, path, nil)
		for k, v := range headers {
			req.Header.Set(k, v)
		}
		rec := httptest.NewRecorder()
		asset.Handler().ServeHTTP(rec, req)
		return rec.Result()
	}
	plain := get(http.MethodGet, map[string]string{"Accept-Encoding": "br, gzip;q=0"})
	if plain.Header.Get("Content-Encoding") != "" || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("plain: %v", plain.Header)
	}
	zipped := get(http.MethodGet, map[string]string{"Accept-Encoding": "br, gzip"})
	if zipped.Header.Get("Content-Encoding") != "gzip" || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("gzip: %v", zipped.Header)
	}
	if again := get(http.MethodGet, map[string]string{"If-None-Match": plain.Header.Get("ETag")}); again.StatusCode != http.StatusNotModified {
		t.Errorf("a known tag answers %d", again.StatusCode)
	}
	if post := get(http.MethodPost, nil); post.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST answers %d", post.StatusCode)
	}
}

func TestSheetHoldsNoDataAddress(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	asset.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, asset.Path("digit.css"), nil))
	if strings.Contains(rec.Body.String(), "url(") {
		t.Error("the sheet loads something, which the policy of the pages forbids")
	}
	if open, closed := strings.Count(rec.Body.String(), "{"), strings.Count(rec.Body.String(), "}"); open != closed {
		t.Errorf("%d braces open and %d close", open, closed)
	}
}

func TestThemeRefuses(t *testing.T) {
	t.Parallel()
	for _, accent := range []string{"", "blue", "#12345", "#gggggg", "red;}body{display:none"} {
		if _, err := asset.Theme(accent); err == nil {
			t.Errorf("accent %q was accepted", accent)
		}
	}
	var contrast *asset.ContrastError
	if _, err := asset.Theme("#ffcc00"); !errors.As(err, &contrast) || contrast.Ratio > 4.5 {
		t.Errorf("yellow: %v", err)
	}
}

// TestThemeContrast makes a theme of accents all over the colour wheel: each is refused, or readable everywhere.
func TestThemeContrast(t *testing.T) {
	t.Parallel()
	pairs := [][2]string{
		{"text-default", "background-default"},
		{"text-default", "surface-active"},
		{"text-subtle", "background-default"},
		{"text-subtle", "surface-tinted"},
		{"text-subtle", "surface-hover"},
		{"base-contrast-default", "base-default"},
		{"base-contrast-default", "base-hover"},
		{"base-contrast-default", "base-active"},
	}
	made := 0
	for r := 0; r < 256; r += 51 {
		for g := 0; g < 256; g += 51 {
			for b := 0; b < 256; b += 51 {
				accent := fmt.Sprintf("#%02x%02x%02x", r, g, b)
				css, err := asset.Theme(accent)
				if err != nil {
					continue
				}
				made++
				light, dark, _ := strings.Cut(css, "@media")
				for scheme, part := range map[string]string{"light": light, "dark": dark} {
					for _, p := range pairs {
						check(t, accent+" "+scheme, part, p[0], p[1], 4.5)
					}
					check(t, accent+" "+scheme, part, "border-default", "background-default", 3)
					check(t, accent+" "+scheme, part, "base-default", "background-default", 3)
				}
			}
		}
	}
	if made < 70 {
		t.Errorf("only %d accents of 216 were accepted", made)
	}
}

func check(t *testing.T, what, css, front, back string, least float64) {
	t.Helper()
	ratio, err := asset.Contrast(token(t, css, front), token(t, css, back))
	if err != nil {
		t.Fatal(err)
	}
	if ratio < least {
		t.Errorf("%s: %s on %s has %.2f:1, needs %.1f:1", what, front, back, ratio, least)
	}
}

func token(t *testing.T, css, name string) string {
	t.Helper()
	m := regexp.MustCompile(`--ds-color-accent-` + name + `:(#[0-9a-f]{6});`).FindStringSubmatch(css)
	if m == nil {
		t.Fatalf("no token %s", name)
	}
	return m[1]
}
