package desk_test

import (
	"bytes"
	"html"
	"image"
	"image/png"
	"mime/multipart"
	"net/url"
	"regexp"
	"testing"
)

var (
	inputs  = regexp.MustCompile(`<input[^>]*name="([a-z_]+(?:\.[a-z_0-9]+)*)"[^>]*>`)
	value   = regexp.MustCompile(`value="([^"]*)"`)
	options = regexp.MustCompile(`(?s)<select[^>]*name="([a-z_.]+)".*?</select>`)
	chosen  = regexp.MustCompile(`<option[^>]*value="([^"]+)"`)
)

// filled answers the form of a birth certificate as the page has it, with what is not there yet typed in.
func filled(page string) url.Values {
	out := url.Values{}
	for _, m := range inputs.FindAllStringSubmatch(page, -1) {
		if v := value.FindStringSubmatch(m[0]); v != nil && m[1] != "q" {
			out.Set(m[1], html.UnescapeString(v[1]))
		}
	}
	for name, v := range map[string]string{
		"for_whom": "me", "full_name": "Leopoldina Lopes", "birth_date.day": "14", "birth_date.month": "2", "birth_date.year": "1958",
		"mother_name": "Bertina Lopes", "father_name": "", "first_copy": "no", "purpose": "identity", "delivery": "digital",
		"phone": "+2389912345", "email": "", "truth": "yes", "declaration": "yes",
	} {
		out.Set(name, v)
	}
	for _, m := range options.FindAllStringSubmatch(page, -1) {
		if v := chosen.FindStringSubmatch(m[0]); v != nil && !out.Has(m[1]) {
			out.Set(m[1], v[1])
		}
	}
	for name := range out { // what the form does not ask would be refused
		if !regexp.MustCompile(`name="` + regexp.QuoteMeta(name) + `"`).MatchString(page) {
			out.Del(name)
		}
	}
	return out
}

func hidden(t *testing.T, page, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("the page has no %s", name)
	}
	return html.UnescapeString(m[1])
}

// scanned is a signed paper as a browser sends it.
func scanned(t *testing.T) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile("paper", "paper.png")
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}
