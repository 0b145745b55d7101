package asset

import (
	"bytes"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// components lists the design system's files in the order of their own index; the rest of it is not used.
var components = []string{
	"base", "link", "label", "validation-message", "button", "input", "field", "fieldset", "alert", "error-summary",
	"tag", "table",
}

// bundleCSS joins the vendored components and our own sheets into one. The components sit in a cascade layer of
// their own, so that a rule of ours wins whatever its specificity. Their icons are data addresses, which the pages'
// policy forbids (img-src 'self'); they are taken out, and our components draw icons inline.
func bundleCSS() []byte {
	var out bytes.Buffer
	out.WriteString("@layer ds{")
	for _, name := range components {
		out.WriteString(dataURL.ReplaceAllString(string(read("vendor/designsystemet/"+name+".css")), "none"))
	}
	out.WriteString("}\n")
	own, err := fs.Glob(source, "css/*.css")
	if err != nil {
		panic(err)
	}
	slices.Sort(own)
	out.WriteString(":root{" + defaultTheme.light() + "}@media (prefers-color-scheme:dark){:root{" + defaultTheme.dark() + "}}\n")
	for _, name := range own {
		out.WriteString(squeeze(string(read(name))))
	}
	return out.Bytes()
}

var (
	dataURL = regexp.MustCompile(`url\("data:[^"]*"\)`)
	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	space   = regexp.MustCompile(`\s+`)
	around  = regexp.MustCompile(` ?([{};,]) ?`)
)

// squeeze takes comments and needless space out of our own sheets. They hold no strings with spaces beside
// punctuation, which is all this would spoil (a test compares the counts of rules).
func squeeze(css string) string {
	css = comment.ReplaceAllString(css, "")
	css = space.ReplaceAllString(css, " ")
	css = around.ReplaceAllString(css, "$1")
	return strings.TrimSpace(strings.ReplaceAll(css, ";}", "}"))
}
