// Package locale embeds the catalogue: one flat file of texts per language, one key per line, sorted.
package locale

import "embed"

// FS holds <lang>.json for every language of the product.
//
//go:embed *.json
var FS embed.FS
