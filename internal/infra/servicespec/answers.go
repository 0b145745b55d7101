package servicespec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
)

// Answers are the answers to a form by question code, in normal form: string, bool, int64, Decimal, []string, []File, Name,
// Address, Point, Evidence, Signature or Rows, as the kind of each question says. They keep their types through JSON.
type Answers map[string]any

// Rows are the answers of a repeating group, row by row.
type Rows []Answers

// Decimal is a number with decimals. It is written with a point always, so that it stays one through JSON.
type Decimal float64

// String writes the number without needless zeros.
func (d Decimal) String() string { return strconv.FormatFloat(float64(d), 'f', -1, 64) }

// MarshalJSON writes 12 as 12.0.
func (d Decimal) MarshalJSON() ([]byte, error) {
	s := d.String()
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return []byte(s), nil
}

// File is an uploaded document that answers a question of kind file.
type File struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name"`
	MediaType string    `json:"media_type"`
	Size      int64     `json:"size"` // bytes
}

// Name is the name of a person in parts.
type Name struct {
	Given  string `json:"given,omitempty"`
	Family string `json:"family,omitempty"`
}

// In writes the name whole, its parts in an order such as given, family.
func (n Name) In(parts []string) string {
	var words []string
	for _, p := range parts {
		words = append(words, n.part(p))
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func (n Name) part(p string) string {
	if p == PartFamily {
		return n.Family
	}
	return n.Given
}

// The parts of a name.
const (
	PartGiven  = "given"
	PartFamily = "family"
)

// Address is an area and the lines below it: street, house, landmark.
type Address struct {
	Area  string `json:"area,omitempty"`
	Lines string `json:"lines"`
}

// Point is a place on the map, in degrees (WGS 84).
type Point struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// String writes the point as maps take it.
func (p Point) String() string { return degrees(p.Lat) + ", " + degrees(p.Lng) }

func degrees(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// Evidence is what proves a document: one of its proofs, with files or a credential of the person's wallet.
type Evidence struct {
	Proof      string `json:"proof"`
	Files      []File `json:"files,omitempty"`
	Credential string `json:"credential,omitempty"` // id of the credential that is shown
}

// Signature is the name under a form, typed as a declaration or drawn.
type Signature struct {
	Signed  string `json:"signed"`            // the name
	Drawing *File  `json:"drawing,omitempty"` // PNG
}

// ErrAnswers is returned for stored or posted answers that are none.
var ErrAnswers = fault.Invalid("servicespec.answers.malformed")

// DecodeAnswers reads answers from the JSON that Answers are written in. Errors: ErrAnswers.
func DecodeAnswers(data []byte) (Answers, error) {
	var a Answers
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, ErrAnswers.Because(err)
	}
	return a, nil
}

// UnmarshalJSON restores the types that Answers have.
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
		return decodeList(r)
	case '{':
		return decodeObject(r)
	}
	if bytes.ContainsAny(r, ".eE") {
		return decodeAs[Decimal](r)
	}
	return decodeAs[int64](r)
}

// decodeList tells texts, files and rows apart. No question of a group is called as the fields of a file are.
func decodeList(r json.RawMessage) (any, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(r, &items); err != nil {
		return nil, err
	}
	if len(items) == 0 || bytes.TrimSpace(items[0])[0] != '{' {
		return decodeAs[[]string](r)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(items[0], &keys); err != nil {
		return nil, err
	}
	if _, isFile := keys[fileMark]; isFile {
		return decodeAs[[]File](r)
	}
	return decodeAs[Rows](r)
}

// fileMark is the field by which a file is known among rows.
const fileMark = "media_type"

// decodeObject tells the answers that have parts apart by their parts.
func decodeObject(r json.RawMessage) (any, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(r, &keys); err != nil {
		return nil, err
	}
	has := func(key string) bool { _, ok := keys[key]; return ok }
	switch {
	case has("given") || has("family"):
		return decodeAs[Name](r)
	case has("area") || has("lines"):
		return decodeAs[Address](r)
	case has("lat") || has("lng"):
		return decodeAs[Point](r)
	case has("proof"):
		return decodeAs[Evidence](r)
	case has("signed") || has("drawing"):
		return decodeAs[Signature](r)
	}
	return nil, fmt.Errorf("no answer has such parts")
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
	case Rows:
		return len(x) == 0
	case Name:
		return x == Name{}
	case Address:
		return x == Address{}
	case Evidence:
		return x.Proof == ""
	case Signature:
		return x.Signed == "" && x.Drawing == nil
	}
	return false
}

// Same reports whether two answers are the same.
func Same(a, b any) bool {
	if empty(a) || empty(b) {
		return empty(a) == empty(b)
	}
	switch x := a.(type) {
	case []string:
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	case []File:
		y, ok := b.([]File)
		return ok && slices.Equal(x, y)
	case Rows:
		y, ok := b.(Rows)
		return ok && slices.EqualFunc(x, y, sameAnswers)
	case Evidence:
		y, ok := b.(Evidence)
		return ok && x.Proof == y.Proof && x.Credential == y.Credential && slices.Equal(x.Files, y.Files)
	case Signature:
		y, ok := b.(Signature)
		return ok && x.Signed == y.Signed && (x.Drawing == nil) == (y.Drawing == nil) && (x.Drawing == nil || *x.Drawing == *y.Drawing)
	}
	switch b.(type) {
	case []string, []File, Rows, Evidence:
		return false
	}
	return a == b
}

func sameAnswers(a, b Answers) bool {
	for code := range a {
		if !Same(a[code], b[code]) {
			return false
		}
	}
	for code := range b {
		if _, ok := a[code]; !ok && !empty(b[code]) {
			return false
		}
	}
	return true
}

// FilesIn returns the files that an answer holds, those of rows too.
func FilesIn(v any) []File {
	switch x := v.(type) {
	case []File:
		return x
	case Evidence:
		return x.Files
	case Signature:
		if x.Drawing != nil {
			return []File{*x.Drawing}
		}
	case Rows:
		var all []File
		for _, row := range x {
			for _, code := range slices.Sorted(maps.Keys(row)) {
				all = append(all, FilesIn(row[code])...)
			}
		}
		return all
	case Answers:
		return FilesIn(Rows{x})
	}
	return nil
}

// EachFile calls see with every file of an answer and the path of the question that it answers: code, or members.2.photo in rows.
func EachFile(code string, v any, see func(path string, f File)) {
	rows, ok := v.(Rows)
	if !ok {
		for _, f := range FilesIn(v) {
			see(code, f)
		}
		return
	}
	for i, row := range rows {
		for _, field := range slices.Sorted(maps.Keys(row)) {
			EachFile(RowPath(code, i, field), row[field], see)
		}
	}
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
