package servicespec

import (
	"slices"
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/rule"
)

// caseVariables are what rules see once there is a case, besides the answers. The names are no codes of questions.
var caseVariables = map[string]rule.Type{
	"reference": rule.String, "service": rule.String, "agency": rule.String, "holder": rule.String,
	"submitted_on": rule.Date, "decided_on": rule.Date, "issued_on": rule.Date, "valid_until": rule.Date,
	"state": rule.String, "outcome": rule.String, "reasons": rule.Strings,
}

// NoticeFields are the merge fields of notices and letters beside the answers.
var NoticeFields = []string{"reference", "service", "state", "link", "name", "amount", "promised", "comment", "receipt", "certificate"}

// certificate is a compiled certificate; claims stand beside Certificate.Claims.
type certificate struct {
	Certificate
	when, until *use
	claims      []*use
}

type record struct {
	Record
	when, key *use
	fields    []*use
}

type letter struct {
	Letter
	when *use
}

type notice struct {
	Notice
	when *use
}

// ErrClaim is returned where a claim cannot be calculated.
var ErrClaim = fault.Invalid("servicespec.claim.failed")

// Issue is a certificate that is to be issued: its words with claims filled in are the caller's to write.
type Issue struct {
	Certificate *Certificate
	Claims      map[string]any // by name; dates as "2006-01-02"
	ValidUntil  civil.Date     // zero: for good
}

// Issues returns the certificates of this case whose condition holds, of one type or ("") of all. A claim that hangs on an
// unanswered question is left out. f.Case gives reference, service, agency, holder and the days. Errors: ErrClaim.
func (s *Service) Issues(kind string, a Answers, f Facts) ([]Issue, error) {
	sc := s.walk(a, &f, false).scope
	var out []Issue
	for i := range s.certificates {
		c := &s.certificates[i]
		if kind != "" && c.Type != kind || !sc.holds(c.when) {
			continue
		}
		is := Issue{Certificate: &c.Certificate}
		day := f.Today
		if f.Case != nil && !f.Case.IssuedOn.IsZero() {
			day = f.Case.IssuedOn
		}
		if c.ValidDays > 0 {
			is.ValidUntil = day.AddDays(c.ValidDays)
		}
		if c.until != nil {
			v, known, err := sc.value(c.until)
			if err != nil {
				return nil, ErrClaim.With("claim", "valid_until").Because(err)
			}
			if d, ok := v.(civil.Date); ok && known {
				is.ValidUntil = d
			}
		}
		if !is.ValidUntil.IsZero() {
			sc.vars["valid_until"] = is.ValidUntil
		}
		var err error
		if is.Claims, err = sc.claims(c.Claims, c.claims); err != nil {
			return nil, err
		}
		delete(sc.vars, "valid_until")
		out = append(out, is)
	}
	return out, nil
}

// Entry is what is to be written into a register. Update means that only an entry that is there is changed.
type Entry struct {
	Registry string
	Key      string
	Update   bool
	Fields   map[string]any
}

// Entries returns the records of this case whose condition holds, of one register or ("") of all. Errors: ErrClaim.
func (s *Service) Entries(registry string, a Answers, f Facts) ([]Entry, error) {
	sc := s.walk(a, &f, false).scope
	var out []Entry
	for i := range s.records {
		r := &s.records[i]
		if registry != "" && r.Registry != registry || !sc.holds(r.when) {
			continue
		}
		e := Entry{Registry: r.Registry, Update: r.Mode == ModeUpdate}
		v, _, err := sc.value(r.key)
		if err != nil {
			return nil, ErrClaim.With("claim", "key").Because(err)
		}
		e.Key, _ = v.(string)
		if e.Fields, err = sc.claims(r.Record.Fields, r.fields); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Modes of a record.
const (
	ModeWrite  = "write"
	ModeUpdate = "update"
)

func (sc *scope) claims(claims []Claim, uses []*use) (map[string]any, error) {
	out := make(map[string]any, len(claims))
	for i, c := range claims {
		v, known, err := sc.value(uses[i])
		if err != nil {
			return nil, ErrClaim.With("claim", c.Name).Because(err)
		}
		if known {
			out[c.Name] = plain(v)
		}
	}
	return out, nil
}

// LettersOf returns the letters of this case whose condition holds: the one of that code, or ("") all.
func (s *Service) LettersOf(code string, a Answers, f Facts) []Letter {
	sc := s.walk(a, &f, false).scope
	var out []Letter
	for i := range s.letters {
		if l := &s.letters[i]; (code == "" || l.Code == code) && sc.holds(l.when) {
			out = append(out, l.Letter)
		}
	}
	return out
}

// NoticesOn returns the notices of an event, such as "submitted" or "state:verification", whose condition holds.
func (s *Service) NoticesOn(event string, a Answers, f Facts) []Notice {
	var sc *scope
	var out []Notice
	for i := range s.notices {
		n := &s.notices[i]
		if n.On != event {
			continue
		}
		if n.when != nil && sc == nil {
			sc = s.walk(a, &f, false).scope
		}
		if n.when == nil || sc.holds(n.when) {
			out = append(out, n.Notice)
		}
	}
	return out
}

// To the person.
const ToCitizen = "citizen"

// For reports whether a notice goes to a recipient: citizen, agency, assignee or role:<role>.
func (n Notice) For(recipient string) bool { return slices.Contains(n.To, recipient) }

// AnswerFields writes the answers that a text speaks of, for its merge fields.
func (s *Service) AnswerFields(t i18n.Text, a Answers, f Facts, lang string, w Words) map[string]string {
	text := t.In(lang, w.Fallback)
	if !strings.Contains(text, "{") {
		return nil
	}
	says := &sayings{w: s.walk(a, &f, false)}
	out := map[string]string{}
	for _, name := range mergeFieldsOf(text) {
		if v, ok := says.answer(name, lang, w); ok {
			out[name] = v
		}
	}
	return out
}
