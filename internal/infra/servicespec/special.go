package servicespec

import (
	"slices"
	"strings"
)

// special is the sensitivity of answers that are nobody's business without a need: health, faith, origin (GDPR article 9).
const special = "special"

// Special returns the codes of the questions of the form whose answers are of a special kind, in the order of the form. A group
// is one as a whole when anything asked in its rows is, since rows tell who they are about; so is a value that is calculated
// from such answers.
func (s *Service) Special() (codes []string) {
	known := s.special()
	for _, p := range s.pages {
		for _, q := range p.questions {
			if known[q.Code] {
				codes = append(codes, q.Code)
			}
		}
	}
	return codes
}

func (s *Service) special() map[string]bool {
	known := map[string]bool{}
	for code, q := range s.questions {
		if q.Sensitivity == special || slices.ContainsFunc(q.Fields, func(f Question) bool { return f.Sensitivity == special }) {
			known[code] = true
		}
	}
	for more := len(known) > 0; more; { // values calculated from values calculated from them
		more = false
		for _, u := range s.uses {
			code, _, _ := strings.Cut(u.Code, ".")
			if u.Kind == "question" && u.How == "value" && s.questions[code] != nil && !known[code] && s.drawsOn(u, known) {
				known[code], more = true, true
			}
		}
	}
	return known
}

// drawsOn reports whether an expression hangs on the answer to one of these questions, or to one in its rows.
func (s *Service) drawsOn(u *use, questions map[string]bool) bool {
	return slices.ContainsFunc(u.names, func(name string) bool {
		owner := s.owners[name]
		if owner == "" {
			owner = name
		}
		code, _, _ := strings.Cut(owner, ".")
		return questions[code]
	})
}

// SpecialFields returns the names of the fields of a register's records that are drawn from answers of a special kind, in the
// order of the pack.
func (s *Service) SpecialFields(register string) (names []string) {
	known := s.special()
	if len(known) == 0 {
		return nil
	}
	for _, r := range s.records {
		if r.Registry != register {
			continue
		}
		for i, f := range r.Record.Fields {
			if s.drawsOn(r.fields[i], known) && !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}
