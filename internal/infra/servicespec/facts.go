package servicespec

import (
	"maps"
	"slices"
	"strings"
	"time"

	"digit/internal/infra/platform/calendar"
	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
)

// Facts are what a form depends on besides its answers. Whoever evaluates reads them before: evaluation itself waits for
// nothing. The zero value works: no day, no region, nothing looked up.
type Facts struct {
	Today    civil.Date // the tenant's day
	Region   string     // ISO 3166 country in which phone numbers without a prefix are read
	Currency string     // of fields of kind money; its decimals count

	// Area tells of an area by its code; nil: any code passes.
	Area func(code string) (Area, bool)
	// Code tells of a code in a code list; nil: any code passes.
	Code func(list, code string) (Code, bool)
	// Calendar is the agency's working time; nil: every day is a working day.
	Calendar *calendar.Calendar
	// Found are the records that lookups have found, by name of the lookup and key. A lookup that was made and found
	// nothing is there with nil.
	Found map[LookupKey]map[string]any
	// Case is what is known once the case runs; nil before.
	Case *Case
}

// Area is what Facts know of an area.
type Area struct {
	Level  string // "" where nobody knows: any level passes
	Within []string
	Name   i18n.Text
}

// Code is what Facts know of a code in a code list. A dependent question offers it where its attribute "of" is the answer
// that the question depends on; one that is Retired is named still, and offered no more.
type Code struct {
	Name       i18n.Text
	Attributes map[string]any
	Retired    bool
}

// LookupKey names a record that a lookup asks for.
type LookupKey struct{ Lookup, Key string }

// Case is what rules of guards, fees, certificates and notices see of a case besides the answers.
type Case struct {
	Reference   string
	Service     string // name, for certificates
	Agency      string
	Holder      string
	SubmittedOn civil.Date
	DecidedOn   civil.Date
	IssuedOn    civil.Date
	ValidUntil  civil.Date
	State       string
	Outcome     string
	Branches    map[string]string // outcome by branch that is done
	Opinions    map[string]string // answer by opinion that is there
	Findings    Answers           // answers to questions of actions
	Reasons     []string          // coded reasons of the last action
}

// world answers what rules ask about calendar and code lists.
type world struct{ f *Facts }

// Ref is part of rule.World.
func (w world) Ref(list, code string) map[string]any {
	if w.f.Code == nil {
		return nil
	}
	c, ok := w.f.Code(list, code)
	if !ok {
		return nil
	}
	if c.Attributes == nil {
		return map[string]any{}
	}
	return c.Attributes
}

// IsWorkingDay is part of rule.World.
func (w world) IsWorkingDay(day civil.Date) bool {
	return w.f.Calendar == nil || w.f.Calendar.IsWorking(day)
}

// AddWorkingDays is part of rule.World.
func (w world) AddWorkingDays(day civil.Date, n int) civil.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for tries := 0; n > 0 && tries < maxWorkingSearch; tries++ {
		if day = day.AddDays(step); w.IsWorkingDay(day) {
			n--
		}
	}
	return day
}

// maxWorkingSearch bounds the search in a calendar of nothing but holidays.
const maxWorkingSearch = 40 * 366

// WorkingDays is part of rule.World.
func (w world) WorkingDays(from, to civil.Date) int {
	if to.Before(from) {
		return -w.WorkingDays(to, from)
	}
	if w.f.Calendar == nil {
		return to.Sub(from)
	}
	return w.f.Calendar.WorkingDays(from.In(w.zone()), to.In(w.zone()))
}

func (w world) zone() *time.Location {
	if w.f.Calendar.Zone == nil {
		return time.UTC
	}
	return w.f.Calendar.Zone
}

// AreasIn returns the codes of areas that answers and a post speak of, right or wrong, for Facts to look up.
func (s *Service) AreasIn(a Answers, posted map[string][]string) []string {
	seen := map[string]bool{}
	add := func(code string) {
		if code != "" && len(code) <= maxCode {
			seen[code] = true
		}
	}
	var from func(a Answers, fields func(code string) *question)
	from = func(a Answers, fields func(code string) *question) {
		for code, v := range a {
			q := fields(code)
			switch x := v.(type) {
			case string:
				if q != nil && q.Kind == KindBoundary {
					add(x)
				}
			case Address:
				add(x.Area)
			case Rows:
				for _, row := range x {
					from(row, s.groups[code].field)
				}
			}
		}
	}
	from(a, func(code string) *question { return s.questions[code] })
	from(a, func(code string) *question { return s.screening[code] })
	for name, values := range posted {
		if s.namesArea(name) {
			for _, v := range values {
				add(strings.TrimSpace(v))
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// namesArea reports whether a posted name belongs to a question that asks for an area.
func (s *Service) namesArea(name string) bool {
	code, _, _ := strings.Cut(name, ".")
	q := s.questions[code]
	if q == nil {
		q = s.screening[code]
	}
	if group, _, rest, inRow := splitFirst(name); inRow && s.groups[group] != nil {
		field, _, _ := strings.Cut(rest, ".")
		q = s.groups[group].field(field)
	}
	return q != nil && (q.Kind == KindBoundary || q.Kind == KindAddress)
}
