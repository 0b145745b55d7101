// Package library has the services that come with the product: complete, in Portuguese, English and Arabic, ready
// to be published or taken as a pattern. Each names the real service it is modelled on.
package library

import (
	"embed"
	"fmt"
	"io/fs"

	"digit/internal/infra/servicespec"
)

//go:embed *.yaml
var files embed.FS

// Source returns the YAML of a service. Errors: fs.ErrNotExist.
func Source(code string) ([]byte, error) { return fs.ReadFile(files, code+".yaml") }

// Packs returns the services, by code. The packs are the caller's own. It panics if one of them cannot be read,
// which the tests of this package rule out.
func Packs() []*servicespec.Pack {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err)
	}
	packs := make([]*servicespec.Pack, 0, len(names))
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		p, problems := servicespec.Parse(data)
		if len(problems) > 0 {
			panic(fmt.Sprintf("library: %s: %v", name, problems))
		}
		packs = append(packs, p)
	}
	return packs
}
