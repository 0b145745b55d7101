package asset

import (
	"fmt"
	"math"
	"strconv"
)

// colour is an sRGB colour, each part from 0 to 1.
type colour struct{ r, g, b float64 }

var white = colour{1, 1, 1}

func parseHex(s string) (colour, error) {
	digits := s
	if len(digits) == 4 && digits[0] == '#' {
		digits = string([]byte{'#', s[1], s[1], s[2], s[2], s[3], s[3]})
	}
	if len(digits) != 7 || digits[0] != '#' {
		return colour{}, fmt.Errorf("asset: %q is no colour such as #0b4a8f", s)
	}
	n, err := strconv.ParseUint(digits[1:], 16, 32)
	if err != nil {
		return colour{}, fmt.Errorf("asset: %q is no colour such as #0b4a8f", s)
	}
	return colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, nil
}

func (c colour) hex() string {
	part := func(v float64) int { return int(math.Round(min(max(v, 0), 1) * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

func linear(v float64) float64 {
	if v <= .04045 {
		return v / 12.92
	}
	return math.Pow((v+.055)/1.055, 2.4)
}

func gamma(v float64) float64 {
	if v <= .0031308 {
		return v * 12.92
	}
	return 1.055*math.Pow(v, 1/2.4) - .055
}

// luminance is the relative luminance of WCAG 2.2.
func (c colour) luminance() float64 {
	return .2126*linear(c.r) + .7152*linear(c.g) + .0722*linear(c.b)
}

// contrast is the ratio of WCAG 2.2, from 1 to 21.
func contrast(a, b colour) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + .05) / (min(x, y) + .05)
}

// oklch returns lightness, chroma and hue (radians) in the OKLCH space, where equal steps look equal.
func (c colour) oklch() (lightness, chroma, hue float64) {
	r, g, b := linear(c.r), linear(c.g), linear(c.b)
	l := math.Cbrt(.4122214708*r + .5363325363*g + .0514459929*b)
	m := math.Cbrt(.2119034982*r + .6806995451*g + .1073969566*b)
	s := math.Cbrt(.0883024619*r + .2817188376*g + .6299787005*b)
	lightness = .2104542553*l + .7936177850*m - .0040720468*s
	x := 1.9779984951*l - 2.4285922050*m + .4505937099*s
	y := .0259040371*l + .7827717662*m - .8086757660*s
	return lightness, math.Hypot(x, y), math.Atan2(y, x)
}

// fromOKLCH returns the nearest colour a screen can show: chroma is lowered until all parts fit.
func fromOKLCH(lightness, chroma, hue float64) colour {
	lightness = min(max(lightness, 0), 1)
	for {
		c, fits := tryOKLCH(lightness, chroma, hue)
		if fits || chroma <= .001 {
			return colour{min(max(c.r, 0), 1), min(max(c.g, 0), 1), min(max(c.b, 0), 1)}
		}
		chroma -= .002
	}
}

func tryOKLCH(lightness, chroma, hue float64) (c colour, fits bool) {
	x, y := chroma*math.Cos(hue), chroma*math.Sin(hue)
	l := math.Pow(lightness+.3963377774*x+.2158037573*y, 3)
	m := math.Pow(lightness-.1055613458*x-.0638541728*y, 3)
	s := math.Pow(lightness-.0894841775*x-1.2914855480*y, 3)
	c = colour{
		gamma(4.0767416621*l - 3.3077115913*m + .2309699292*s),
		gamma(-1.2684380046*l + 2.6097574011*m - .3413193965*s),
		gamma(-.0041960863*l - .7034186147*m + 1.7076147010*s),
	}
	within := func(v float64) bool { return v >= -.0005 && v <= 1.0005 }
	return c, within(c.r) && within(c.g) && within(c.b)
}
