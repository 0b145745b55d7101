package servicespec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
)

// Answers are the answers to a form by question code, in normal form: string, bool, int64, []string or []File,
// as the kind of each question says. They keep their types through JSON.
type Answers map[string]any

// File is an uploaded document that answers a question of kind file.
type File struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"` // bytes
}

// Facts are what a form depends on besides its answers. The zero value works: no day, no region, nothing looked up.
type Facts struct {
	Today        civil.Date                     // the tenant's day
	Region       string                         // ISO 3166 country in which phone numbers without a prefix are read
	Currency     string                         // of fields of kind money; its decimals count
	Boundary     func(code string) bool         // does the area exist? nil: any code passes
	BoundaryName func(code string) string       // name of an area, for certificates; nil: its code
	RefData      func(list, code string) bool   // is the code in the code list? nil: any code passes
	RefDataLabel func(list, code string) string // label of a code, for certificates; nil: the code
}

// ErrAnswers is returned for stored or posted answers that are none.
var ErrAnswers = fault.Invalid("servicespec.answers.malformed")

// DecodeAnswers reads answers from JSON. Errors: ErrAnswers.
func DecodeAnswers(data []byte) (Answers, error) {
	var a Answers
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, ErrAnswers.Because(err)
	}
	return a, nil
}

// UnmarshalJSON restores the types that Answers have: whole numbers as int64, lists of texts and of files.
func (a *Answers) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw == nil {
		*a = nil
		return nil
	}
	out := make(Answers, len(raw))
	for code, r := range raw {
		v, err := decodeValue(r)
		if err != nil {
			return fmt.Errorf("servicespec: answer %q: %w", code, err)
		}
		if v != nil {
			out[code] = v
		}
	}
	*a = out
	return nil
}

func decodeValue(r json.RawMessage) (any, error) {
	switch r = bytes.TrimSpace(r); r[0] {
	case 'n':
		return nil, nil
	case '"':
		return decodeAs[string](r)
	case 't', 'f':
		return decodeAs[bool](r)
	case '[':
		if inner := bytes.TrimSpace(r[1:]); len(inner) > 0 && inner[0] == '{' {
			return decodeAs[[]File](r)
		}
		return decodeAs[[]string](r)
	case '{':
		return nil, fmt.Errorf("an answer is no object")
	}
	return decodeAs[int64](r)
}

func decodeAs[T any](r json.RawMessage) (any, error) {
	var v T
	if err := json.Unmarshal(r, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// empty reports whether a value counts as no answer.
func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []string:
		return len(x) == 0
	case []File:
		return len(x) == 0
	}
	return false
}

// Merge returns a with the answers of one page replaced by what Read returned for it, so that an answer the
// person took back goes away.
func (s *Service) Merge(page string, a, read Answers) Answers {
	out := maps.Clone(a)
	if out == nil {
		out = Answers{}
	}
	if i, ok := s.pageIndex[page]; ok {
		for _, q := range s.pages[i].questions {
			delete(out, q.Code)
		}
	}
	maps.Copy(out, read)
	return out
}

// Clean returns the answers that count: those to visible questions, without empty ones.
func (s *Service) Clean(a Answers, f Facts) Answers {
	seen := s.walk(a, f).seen
	out := Answers{}
	for code, v := range a {
		if seen[code] && !empty(v) {
			out[code] = v
		}
	}
	return out
}
