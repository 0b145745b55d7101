package servicespec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"

	"digit/internal/infra/platform/i18n"
)

// Pack is one version of a service as its agency wrote it: everything about the service is in it. docs/service-pack.md
// is the reference of the language.
type Pack struct {
	Code         string              `json:"code" yaml:"code"`
	Version      int                 `json:"version" yaml:"version"`
	Agency       string              `json:"agency" yaml:"agency"`
	Name         i18n.Text           `json:"name" yaml:"name"`
	Summary      i18n.Text           `json:"summary" yaml:"summary"`
	Description  i18n.Text           `json:"description,omitempty" yaml:"description"`
	Audience     []string            `json:"audience,omitempty" yaml:"audience"` // whom it is for: people, businesses, and what else a search may name; a business can apply where it names businesses, people where it names nobody or somebody else too
	LifeEvents   []string            `json:"life_events,omitempty" yaml:"life_events"`
	Places       []string            `json:"places,omitempty" yaml:"places"`     // codes of the areas where it is offered; everywhere where empty
	Keywords     map[string][]string `json:"keywords,omitempty" yaml:"keywords"` // by language
	Sources      []Source            `json:"sources,omitempty" yaml:"sources"`   // the laws it stands on and the services it is modelled on
	Needs        []i18n.Text         `json:"needs,omitempty" yaml:"needs"`       // what you need to have, besides the documents
	Languages    []string            `json:"languages" yaml:"languages"`         // the first is the language of the agency
	Roles        []Role              `json:"roles,omitempty" yaml:"roles"`       // names of the roles that the workflow speaks of
	Rules        []Rule              `json:"rules,omitempty" yaml:"rules"`
	Tables       []Table             `json:"tables,omitempty" yaml:"tables"`
	Lookups      []Lookup            `json:"lookups,omitempty" yaml:"lookups"`
	Eligibility  Eligibility         `json:"eligibility,omitzero" yaml:"eligibility"`
	Form         Form                `json:"form" yaml:"form"`
	Documents    []Document          `json:"documents,omitempty" yaml:"documents"`
	Fees         []Fee               `json:"fees,omitempty" yaml:"fees"`
	Workflow     Workflow            `json:"workflow" yaml:"workflow"`
	Target       Target              `json:"target,omitzero" yaml:"target"`
	Notices      []Notice            `json:"notices,omitempty" yaml:"notices"`
	Certificates []Certificate       `json:"certificates,omitempty" yaml:"certificates"`
	Letters      []Letter            `json:"letters,omitempty" yaml:"letters"`
	Records      []Record            `json:"records,omitempty" yaml:"records"`
	Feedback     *Feedback           `json:"feedback,omitempty" yaml:"feedback"`
	Number       string              `json:"number" yaml:"number"` // format of the reference, such as "RC-{yyyy}-{seq:6}"
	Scenarios    []Scenario          `json:"scenarios,omitempty" yaml:"scenarios"`

	lines map[string]int // line of each path in the source it was parsed from
}

// Source is a law, or a published service, that a pack follows.
type Source struct {
	Title i18n.Text `json:"title" yaml:"title"`
	URL   string    `json:"url,omitempty" yaml:"url"`
}

// Role names a role of the agency's staff, for states where nobody has made it yet.
type Role struct {
	Code string    `json:"code" yaml:"code"`
	Name i18n.Text `json:"name" yaml:"name"`
}

// Hash returns the SHA-256 of the pack's canonical JSON in hexadecimal. Packs that say the same have the same
// hash, whether they were written in YAML or JSON.
func Hash(p *Pack) string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings, numbers and maps with string keys always encode
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Fill replaces the merge fields {name} of a text; unknown ones stay as they are.
func Fill(text string, fields map[string]string) string {
	return mergeField.ReplaceAllStringFunc(text, func(m string) string {
		if v, ok := fields[strings.Trim(m, "{}")]; ok {
			return v
		}
		return m
	})
}

var mergeField = regexp.MustCompile(`\{[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?\}`)

// mergeFieldsOf returns the names of the merge fields of a text.
func mergeFieldsOf(text string) []string {
	var names []string
	for _, m := range mergeField.FindAllString(text, -1) {
		names = append(names, strings.Trim(m, "{}"))
	}
	return names
}

// Copy returns a copy of a pack, or of a part of one, that shares nothing with it.
func Copy[T any](part *T) *T {
	data, err := json.Marshal(part)
	out := new(T)
	if err == nil {
		err = json.Unmarshal(data, out)
	}
	if err != nil {
		panic(err) // parts of packs are plain data, which JSON carries whole
	}
	return out
}
