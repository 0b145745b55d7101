// Package axe embeds axe-core, the accessibility checker that browser tests run inside each page.
package axe

import _ "embed"

// Source is axe-core 4.14.1, minified (MPL-2.0, see LICENSE beside it).
//
//go:embed axe.min.js
var Source string
