package catalog

import (
	"time"

	"github.com/google/uuid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// States of a service in the catalogue.
const (
	StatusPublished = "published"
	StatusWithdrawn = "withdrawn"
)

// Entry is a service as the catalogue shows it. Fee names what is to pay, one line a fee, by language; it is empty for
// a free service. Days is the promise in working days, 0 for none. Reason says why a withdrawn service was withdrawn.
type Entry struct {
	Code        string
	Version     int
	Agency      string
	Status      string
	Reason      string
	Name        i18n.Text
	Summary     i18n.Text
	Fee         i18n.Text
	Days        int
	Audiences   []string
	LifeEvents  []string
	PublishedAt time.Time
}

// Version is one published version of a service. By is the account that published it.
type Version struct {
	Service     string
	Version     int
	Hash        string
	PublishedAt time.Time
	By          uuid.UUID
}

// What a service costs, for searches.
const (
	CostFree = "free"
	CostFee  = "fee" // some fee, at least in some cases
)

// Query narrows a search; empty fields do not narrow. Text is what a person typed. Lang is the reader's language. Agencies are
// alternatives; Cost is CostFree or CostFee. Withdrawn shows withdrawn services too.
type Query struct {
	Text      string
	Lang      string
	Agencies  []string
	LifeEvent string
	Audience  string
	Cost      string
	Withdrawn bool
}

// Facets are the values by which services can be narrowed.
type Facets struct {
	Agencies, Audiences, Costs, LifeEvents []string
}

// feeText says in words what a service costs, by language: the names of its fees. The sum depends on the answers.
func feeText(p *servicespec.Pack) i18n.Text {
	t := i18n.Text{}
	for _, lang := range p.Languages {
		for _, f := range p.Fees {
			if t[lang] != "" {
				t[lang] += "\n"
			}
			t[lang] += f.Name.In(lang, p.Languages[0])
		}
	}
	if len(p.Fees) == 0 {
		return i18n.Text{}
	}
	return t
}
