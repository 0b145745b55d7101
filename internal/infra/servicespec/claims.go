package servicespec

import (
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/rule"
)

// extras are what a claim can draw on besides the answers. The dates are civil.Date or "2006-01-02".
var extras = map[string]rule.Type{
	"reference": rule.String, "service": rule.String, "agency": rule.String, "holder": rule.String,
	"submitted_on": rule.Date, "decided_on": rule.Date, "issued_on": rule.Date, "valid_until": rule.Date,
}

// labelSuffix makes the name under which a claim reads the label of a choice or the name of an area, in the
// agency's language: birth_place_label beside birth_place.
const labelSuffix = "_label"

// labelled reports whether a question's answer is a code that has a label.
func labelled(kind string) bool { return kind == KindChoice || kind == KindBoundary }

// ErrClaim is returned where a claim cannot be calculated.
var ErrClaim = fault.Invalid("servicespec.claim.failed")

// Claims returns what the certificate of this case says, by claim name; dates as "2006-01-02". extra gives
// reference, service, agency, holder, submitted_on, decided_on, issued_on and valid_until. A claim that hangs
// on an unanswered question is left out. It is nil for a service without certificate. Errors: ErrClaim.
func (s *Service) Claims(a Answers, f Facts, extra map[string]any) (map[string]any, error) {
	if s.pack.Certificate == nil {
		return nil, nil
	}
	return s.evaluate(s.pack.Certificate.Claims, s.claims, s.with(a, f, extra))
}

// Record returns key and fields of the record that the effect "record" writes; "" and nil for a service without
// register. Errors: ErrClaim.
func (s *Service) Record(a Answers, f Facts, extra map[string]any) (key string, fields map[string]any, err error) {
	if s.pack.Registry == nil {
		return "", nil, nil
	}
	vars := s.with(a, f, extra)
	if key, err = s.recordKey.Str(vars); err != nil {
		return "", nil, ErrClaim.With("claim", "key").Because(err)
	}
	fields, err = s.evaluate(s.pack.Registry.Fields, s.record, vars)
	return key, fields, err
}

// SpecialFields returns the names of the record's fields that are drawn from answers of a special kind, in the order of the pack.
func (s *Service) SpecialFields() (names []string) {
	if s.pack.Registry == nil {
		return nil
	}
	special := s.Special()
	for i, f := range s.pack.Registry.Fields {
		if i < len(s.record) && slices.ContainsFunc(s.record[i].Names(), func(name string) bool {
			return slices.Contains(special, strings.TrimSuffix(name, labelSuffix))
		}) {
			names = append(names, f.Name)
		}
	}
	return names
}

func (s *Service) with(a Answers, f Facts, extra map[string]any) map[string]any {
	vars := s.walk(a, f).vars
	for code, q := range s.questions {
		if answer, ok := vars[code].(string); ok && labelled(q.Kind) {
			vars[code+labelSuffix] = Display(q.Question, answer, s.pack.Languages[0], Words{Boundary: f.BoundaryName, RefData: f.RefDataLabel})
		}
	}
	for name := range extras {
		if v, ok := extra[name]; ok {
			vars[name] = v
		}
	}
	return vars
}

func (s *Service) evaluate(claims []Claim, programs []*rule.Program, vars map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(claims))
	for i, c := range claims {
		v, known, err := programs[i].Value(vars)
		if err != nil {
			return nil, ErrClaim.With("claim", c.Name).Because(err)
		}
		if !known {
			continue
		}
		if d, ok := v.(civil.Date); ok {
			v = d.String()
		}
		out[c.Name] = v
	}
	return out, nil
}
