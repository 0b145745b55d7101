// Package sbom lists what the program is made of, as a software bill of materials in CycloneDX 1.6 (ECMA-424): the modules
// that were linked, as the program itself knows them, and what was taken over as files.
package sbom

import (
	"cmp"
	"encoding/json"
	"io"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Component is one thing that the program is made of, or the program.
type Component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Licenses   []licensed `json:"licenses,omitempty"`
	References []external `json:"externalReferences,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type licensed struct {
	License struct {
		Name string `json:"name"`
	} `json:"license"`
}

type external struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

type bill struct {
	Format   string `json:"bomFormat"`
	Spec     string `json:"specVersion"`
	Serial   string `json:"serialNumber"`
	Version  int    `json:"version"`
	Metadata struct {
		Component Component `json:"component"`
	} `json:"metadata"`
	Components   []Component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

// fonts are the files of platform/pdf, whose README says where they come from.
var fonts = Component{
	Type: "file", Ref: "fonts-noto-core@20201225-1", Name: "fonts-noto-core", Version: "20201225-1",
	PURL: "pkg:deb/debian/fonts-noto-core@20201225-1", Licenses: license("OFL-1.1"),
}

func license(name string) []licensed {
	var l licensed
	l.License.Name = name
	return []licensed{l}
}

// Write writes the bill of a program. Notice is the text that names what was taken over as files, a line each; the same
// program gives the same bill.
func Write(w io.Writer, info *debug.BuildInfo, version, notice string) error {
	b := bill{Format: "CycloneDX", Spec: "1.6", Version: 1}
	b.Metadata.Component = Component{Type: "application", Ref: "digit", Name: "digit", Version: version, Properties: []property{{"go:version", info.GoVersion}}}
	b.Components = append(modules(info), taken(notice)...)
	b.Components = append(b.Components, fonts)
	slices.SortFunc(b.Components, func(x, y Component) int { return cmp.Compare(x.Ref, y.Ref) })
	all := dependency{Ref: "digit"}
	var names strings.Builder
	for _, c := range b.Components {
		all.On = append(all.On, c.Ref)
		names.WriteString(c.Ref + "\n")
	}
	b.Dependencies = []dependency{all}
	b.Serial = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, []byte(version+"\n"+names.String())).String()
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(b)
}

// modules are the linked ones; one that was replaced is named as what it was replaced by.
func modules(info *debug.BuildInfo) (list []Component) {
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := Component{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		c.Ref = c.PURL
		if m.Sum != "" { // of the module's files as the Go checksum database has it, which is no hash of one file
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		list = append(list, c)
	}
	return append(list, Component{
		Type: "library", Ref: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Name: "std", Version: strings.TrimPrefix(info.GoVersion, "go"),
		PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Licenses: license("BSD-3-Clause"),
	})
}

var noticeLine = regexp.MustCompile(`(?m)^(@?[\w./-]+) (\d[\w.-]*) {2,}(https://\S+) {2,}(\S.*)$`)

// taken are the files named by a notice: "name version   address   licence".
func taken(notice string) (list []Component) {
	for _, m := range noticeLine.FindAllStringSubmatch(notice, -1) {
		list = append(list, Component{
			Type: "library", Ref: "pkg:npm/" + strings.Replace(m[1], "@", "%40", 1) + "@" + m[2], Name: m[1], Version: m[2],
			PURL: "pkg:npm/" + strings.Replace(m[1], "@", "%40", 1) + "@" + m[2], Licenses: license(m[4]),
			References: []external{{"website", m[3]}},
		})
	}
	return list
}
