package servicespec

import (
	"encoding/json"
	"slices"
	"strings"
)

// Prefills returns the sources that answers are filled in from, by question: profile.name, subject.name (of whom it is for), business.number (of the business that applies), wallet.<type>.<claim>,
// lookup.<name>.<field>.
func (s *Service) Prefills() map[string]string {
	out := map[string]string{}
	for code, q := range s.questions {
		if q.Prefill != "" {
			out[code] = q.Prefill
		}
	}
	return out
}

// Fit brings what a source knows into the normal form of an answer to a question; ok is false where it is no answer to it.
func (s *Service) Fit(question string, v any, f Facts) (answer any, ok bool) {
	q := s.questions[question]
	if q == nil || v == nil {
		return nil, false
	}
	sc := s.scope(&f)
	if text, isText := v.(string); isText {
		posted := map[string][]string{question: {text}}
		if q.Kind == KindName && len(q.Parts) > 0 {
			posted = nameParts(question, text)
		}
		parsed, bad := q.parse(input{posted: posted, name: question}, sc)
		if bad != nil || empty(parsed) {
			return nil, false
		}
		v = parsed
	} else {
		data, err := json.Marshal(v)
		if err != nil {
			return nil, false
		}
		var bad *FieldFault
		if v, bad = q.decode(data); bad != nil {
			return nil, false
		}
	}
	if q.check(v, sc) != nil {
		return nil, false
	}
	return v, true
}

// nameParts takes a whole name apart at its last space, since nobody knows better; the person sees it and can change it.
func nameParts(question, name string) map[string][]string {
	words := strings.Fields(name)
	if len(words) < 2 {
		return map[string][]string{question + "." + PartGiven: {name}}
	}
	last := len(words) - 1
	return map[string][]string{question + "." + PartGiven: {strings.Join(words[:last], " ")}, question + "." + PartFamily: {words[last]}}
}

// Credentials returns the types of credentials that prove a document, or fill in answers.
func (s *Service) Credentials() []string {
	var types []string
	for _, d := range s.pack.Documents {
		for _, p := range d.Proofs {
			if p.Credential != "" {
				types = append(types, p.Credential)
			}
		}
	}
	for _, source := range s.Prefills() {
		if rest, ok := strings.CutPrefix(source, "wallet."); ok {
			kind, _, _ := strings.Cut(rest, ".")
			types = append(types, kind)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// Shown returns the credentials that answers show as proofs, by the question.
func (s *Service) Shown(a Answers) map[string]Proven {
	out := map[string]Proven{}
	for code, v := range a {
		e, ok := v.(Evidence)
		q := s.questions[code]
		if !ok || q == nil || q.doc == nil || e.Credential == "" {
			continue
		}
		for _, p := range q.doc.Proofs {
			if p.Code == e.Proof && p.Credential != "" {
				out[code] = Proven{Type: p.Credential, Credential: e.Credential}
			}
		}
	}
	return out
}

// Proven is a credential that is shown as a proof, with the type that it must have.
type Proven struct{ Type, Credential string }
