// Package library has the services that come with the product: complete, in Portuguese, English and Arabic, ready
// to be published or taken as a pattern. Each names the real service it is modelled on.
package library

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"digit/internal/infra/servicespec"
)

//go:embed *.yaml
var files embed.FS

// Source returns the YAML of a service. Errors: fs.ErrNotExist.
func Source(code string) ([]byte, error) { return fs.ReadFile(files, code+".yaml") }

// Pack returns a service; it is the caller's own. It panics where there is none, or it cannot be read, which the tests of
// this package rule out.
func Pack(code string) *servicespec.Pack {
	data, err := Source(code)
	if err != nil {
		panic(err)
	}
	p, problems := servicespec.Parse(data)
	if len(problems) > 0 {
		panic(fmt.Sprintf("library: %s: %v", code, problems))
	}
	return p
}

// Codes returns the codes of the services, sorted.
func Codes() []string {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		panic(err)
	}
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".yaml")
	}
	return names
}

// Packs returns the services, by code. The packs are the caller's own.
func Packs() []*servicespec.Pack {
	var packs []*servicespec.Pack
	for _, code := range Codes() {
		packs = append(packs, Pack(code))
	}
	return packs
}
