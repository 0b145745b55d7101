// Package locale holds the catalogue: the product's own texts in every language. They stand in parts/<part>.<language>.json,
// one part for each area that writes texts; a new part needs nothing but its files.
package locale

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"digit/internal/infra/platform/i18n"
)

//go:embed parts/*.json
var embedded embed.FS

// Parts holds the parts as they are written: <part>.<language>.json.
var Parts = must(fs.Sub(embedded, "parts"))

// Catalog returns the catalogue of all parts, made once.
// Errors: for a part that cannot be read, and for a key that two parts say differently.
var Catalog = sync.OnceValues(func() (*i18n.Catalog, error) { return Load(Parts) })

// Load joins the parts in files to one catalogue. A key may stand in two parts as long as both say the same.
func Load(files fs.FS) (*i18n.Catalog, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("locale.Load: %w", err)
	}
	langs := map[string]*language{}
	for _, name := range names {
		part, lang, ok := strings.Cut(strings.TrimSuffix(path.Base(name), ".json"), ".")
		if !ok {
			return nil, fmt.Errorf("locale.Load: %s is not called <part>.<language>.json", name)
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("locale.Load: %w", err)
		}
		if langs[lang] == nil {
			langs[lang] = newLanguage()
		}
		if err := langs[lang].add(part, b); err != nil {
			return nil, fmt.Errorf("locale.Load(%s): %w", name, err)
		}
	}
	joined := memory{}
	for lang, l := range langs {
		if joined[lang+".json"], err = l.json(); err != nil {
			return nil, fmt.Errorf("locale.Load(%s): %w", lang, err)
		}
	}
	return i18n.Load(joined)
}

// partOf is the part in which each key stands, made once.
var partOf = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	names, err := fs.Glob(Parts, "*.en.json")
	for _, name := range names {
		l := newLanguage()
		var b []byte
		if b, err = fs.ReadFile(Parts, name); err == nil {
			err = l.add(strings.TrimSuffix(name, ".en.json"), b)
		}
		for key, part := range l.from {
			out[key] = part
		}
		must(nil, err)
	}
	must(nil, err)
	return out
})

// Part returns the part of the catalogue in which a key stands, the last by name where it stands in several; "" for no key.
func Part(key string) string { return partOf()[key] }

func must(files fs.FS, err error) fs.FS {
	if err != nil {
		panic(err)
	}
	return files
}
