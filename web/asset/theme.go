package asset

import (
	"fmt"
	"strings"
)

// DefaultAccent is the accent of a tenant that has not chosen one.
const DefaultAccent = "#0b4a8f"

// ContrastError tells that an accent cannot be used because text in it, or on it, could not be read by everybody.
type ContrastError struct {
	Accent string
	// Ratio is the contrast of the accent against white, Needed the least that WCAG 2.2 AA asks of text.
	Ratio, Needed float64
}

// Error implements error.
func (e *ContrastError) Error() string {
	return fmt.Sprintf("asset.Theme(%s): contrast with white is %.2f:1, at least %.1f:1 is needed", e.Accent, e.Ratio, e.Needed)
}

// theme is the scale of colours made from one accent.
type theme struct{ l, c, h float64 }

var defaultTheme = mustTheme(DefaultAccent)

func mustTheme(accent string) theme {
	t, err := newTheme(accent)
	if err != nil {
		panic(err)
	}
	return t
}

func newTheme(accent string) (theme, error) {
	rgb, err := parseHex(accent)
	if err != nil {
		return theme{}, err
	}
	if ratio := contrast(rgb, white); ratio < 4.5 {
		return theme{}, &ContrastError{Accent: accent, Ratio: ratio, Needed: 4.5}
	}
	l, c, h := rgb.oklch()
	return theme{l, c, h}, nil
}

// Theme returns the style sheet of a tenant whose accent is a colour such as "#0b4a8f": custom properties for light
// and dark screens, to be served after the main sheet. An accent that is no colour, or on which white text would miss
// WCAG AA, is refused (ContrastError). The scale keeps the accent's hue; every text colour of it is moved until it
// passes against the grounds it may stand on.
func Theme(accent string) (string, error) {
	t, err := newTheme(accent)
	if err != nil {
		return "", err
	}
	return ":root{" + t.light() + "}@media (prefers-color-scheme:dark){:root{" + t.dark() + "}}", nil
}

// Contrast returns the WCAG contrast ratio of two colours written as "#rrggbb" or "#rgb".
func Contrast(a, b string) (float64, error) {
	x, err := parseHex(a)
	if err != nil {
		return 0, err
	}
	y, err := parseHex(b)
	if err != nil {
		return 0, err
	}
	return contrast(x, y), nil
}

// light is the scale on a white page.
func (t theme) light() string {
	tinted := t.at(.95, .3, .03)
	accent := t.at(t.l, 1, .4)
	return declare([]token{
		{"background-default", white},
		{"background-tinted", t.at(.975, .2, .014)},
		{"surface-default", white},
		{"surface-tinted", tinted},
		{"surface-hover", t.at(.915, .4, .05)},
		{"surface-active", t.at(.875, .5, .07)},
		{"border-subtle", t.at(.84, .5, .07)},
		{"border-default", t.against(.62, 1, .16, white, 3.1)},
		{"border-strong", t.against(min(t.l, .5), 1, .2, tinted, 4.6)},
		{"text-subtle", t.against(min(t.l, .48), 1, .2, t.at(.875, .5, .07), 4.6)},
		{"text-default", t.at(.27, .6, .09)},
		{"base-default", accent},
		{"base-hover", t.at(t.l-.07, 1, .4)},
		{"base-active", t.at(t.l-.13, 1, .4)},
		{"base-contrast-subtle", t.at(.95, .3, .03)},
		{"base-contrast-default", white},
	}) + "--digit-band:" + t.at(min(t.l, .42), 1, .17).hex() + ";--digit-band-end:" + t.at(min(t.l, .42)+.06, 1, .17).hex() + ";--digit-band-text:#fff;--digit-band-soft:" + t.at(.93, .4, .05).hex() + ";"
}

// dark is the scale on a nearly black page.
func (t theme) dark() string {
	ground, active := t.at(.21, .2, .014), t.at(.37, .5, .06)
	return declare([]token{
		{"background-default", ground},
		{"background-tinted", t.at(.24, .25, .02)},
		{"surface-default", t.at(.26, .3, .025)},
		{"surface-tinted", t.at(.29, .35, .035)},
		{"surface-hover", t.at(.33, .4, .045)},
		{"surface-active", active},
		{"border-subtle", t.at(.42, .45, .06)},
		{"border-default", t.lighter(.6, .7, .1, t.at(.29, .35, .035), 3.1)},
		{"border-strong", t.lighter(.76, .6, .09, active, 4.6)},
		{"text-subtle", t.lighter(.8, .6, .09, active, 4.7)},
		{"text-default", t.at(.94, .2, .02)},
		{"base-default", t.lighter(.76, .75, .12, ground, 7)},
		{"base-hover", t.at(.83, .6, .09)},
		{"base-active", t.at(.88, .5, .07)},
		{"base-contrast-subtle", t.at(.25, .3, .03)},
		{"base-contrast-default", t.at(.17, .3, .03)},
	}) + "--digit-band:" + t.at(.31, .8, .09).hex() + ";--digit-band-end:" + t.at(.37, .8, .1).hex() + ";--digit-band-text:#fff;--digit-band-soft:" + t.at(.9, .3, .04).hex() + ";"
}

// at is the accent's hue at a lightness, with a share of its chroma but not more than most.
func (t theme) at(lightness, share, most float64) colour {
	return fromOKLCH(lightness, min(t.c*share, most), t.h)
}

// against darkens from a lightness until the colour has the ratio against the ground.
func (t theme) against(lightness, share, most float64, ground colour, ratio float64) colour {
	c := t.at(lightness, share, most)
	for contrast(c, ground) < ratio && lightness > 0 {
		lightness -= .01
		c = t.at(lightness, share, most)
	}
	return c
}

// lighter lightens from a lightness until the colour has the ratio against the ground.
func (t theme) lighter(lightness, share, most float64, ground colour, ratio float64) colour {
	c := t.at(lightness, share, most)
	for contrast(c, ground) < ratio && lightness < 1 {
		lightness += .01
		c = t.at(lightness, share, most)
	}
	return c
}

type token struct {
	name  string
	value colour
}

func declare(tokens []token) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteString("--ds-color-accent-" + t.name + ":" + t.value.hex() + ";")
	}
	return b.String()
}
