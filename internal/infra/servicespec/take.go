package servicespec

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/platform/fault"
)

// Take reads answers that a program sends as JSON, by question code, in the shapes that Schema publishes. Unlike a form it
// takes them in one way only. It returns the answers in normal form and what is no answer to its question; Validate
// judges the rest. Errors: ErrAnswers for what is no JSON object.
func (s *Service) Take(data []byte) (Answers, []fault.Field, error) {
	raw, err := jsonObject(data)
	if err != nil {
		return nil, nil, ErrAnswers.Because(err)
	}
	out, fields := Answers{}, []fault.Field(nil)
	for _, code := range slices.Sorted(maps.Keys(raw)) {
		q := s.questions[code]
		if q == nil || q.Kind == KindInfo || q.Kind == KindComputed {
			fields = append(fields, fault.Field{Path: code, Code: "unknown_field"})
			continue
		}
		v, bad := q.decode(raw[code])
		if rows, ok := v.(Rows); ok && bad == nil {
			fields = append(fields, q.takeRows(rows, raw[code])...)
		}
		if bad != nil {
			fields = append(fields, *bad)
			continue
		}
		out[code] = v
	}
	return out, fields, nil
}

// jsonObject reads a JSON object without repeated keys, of which encoding/json would keep the last in silence.
func jsonObject(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, ErrAnswers
	}
	out := map[string]json.RawMessage{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		if _, twice := out[key]; twice {
			return nil, ErrAnswers.With("field", key)
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return nil, err
		}
		out[key] = v
	}
	_, err := dec.Token()
	return out, err
}

// decode reads one JSON value as an answer to the question, in the one shape that the schema has for it.
func (q *question) decode(r json.RawMessage) (any, *fault.Field) {
	wrong := func() (any, *fault.Field) { return nil, q.fault("wrong_shape", "kind", q.Kind) }
	switch q.Kind {
	case KindYesNo, KindDeclaration:
		if v, err := strictly[bool](r); err == nil {
			return v, nil
		}
		return wrong()
	case KindNumber, KindMoney:
		return q.decodeNumber(r)
	case KindChoices:
		v, err := strictly[[]string](r)
		if err != nil || len(v) == 0 {
			return wrong()
		}
		if slices.ContainsFunc(v, func(s string) bool { return !plainText(s, false) }) {
			return wrong()
		}
		return q.ordered(v), nil
	case KindFile:
		return decoded[[]File](q, r)
	case KindAddress:
		return decoded[Address](q, r)
	case KindPoint:
		return decoded[Point](q, r)
	case KindDocument:
		return decoded[Evidence](q, r)
	case KindSignature:
		return decoded[Signature](q, r)
	case KindGroup:
		return q.decodeRows(r)
	case KindName:
		if len(q.Parts) > 0 {
			return decoded[Name](q, r)
		}
	}
	s, err := strictly[string](r)
	if err != nil || s == "" || !plainText(s, q.Kind == KindLongText) {
		return wrong()
	}
	return norm.NFC.String(s), nil
}

// strictly decodes a value of exactly one type; null is none.
func strictly[T any](r json.RawMessage) (v T, err error) {
	if bytes.Equal(bytes.TrimSpace(r), []byte("null")) {
		return v, ErrAnswers
	}
	d := json.NewDecoder(bytes.NewReader(r))
	d.DisallowUnknownFields()
	return v, d.Decode(&v)
}

// decoded decodes an answer with parts: every part that there is, and no other; texts as texts are.
func decoded[T any](q *question, r json.RawMessage) (any, *fault.Field) {
	v, err := strictly[T](r)
	if err != nil || !wellFormed(r) || empty(v) {
		return nil, q.fault("wrong_shape", "kind", q.Kind)
	}
	if bad := q.missingParts(r); bad {
		return nil, q.fault("wrong_shape", "kind", q.Kind)
	}
	return v, nil
}

// missingParts reports whether parts that the schema demands are not there, or parts are that it does not know. (JSON is
// case-insensitive in Go and nowhere else.)
func (q *question) missingParts(r json.RawMessage) bool {
	var list []map[string]json.RawMessage
	if q.Kind == KindFile {
		if json.Unmarshal(r, &list) != nil {
			return true
		}
	} else {
		var one map[string]json.RawMessage
		if json.Unmarshal(r, &one) != nil {
			return true
		}
		list = append(list, one)
	}
	need, may := q.partsOfJSON()
	for _, m := range list {
		if !hasParts(m, need, may) || q.Kind == KindFile && !fileShape(m) {
			return true
		}
		for _, inner := range []string{"files", "drawing"} {
			if !fileParts(m[inner]) {
				return true
			}
		}
	}
	return false
}

func hasParts(m map[string]json.RawMessage, need, may []string) bool {
	for _, n := range need {
		if _, ok := m[n]; !ok {
			return false
		}
	}
	for k, v := range m {
		if !slices.Contains(need, k) && !slices.Contains(may, k) || bytes.Equal(bytes.TrimSpace(v), []byte("null")) {
			return false
		}
	}
	return true
}

var filePartNames = []string{"id", "name", "media_type", "size"}

// fileParts reports whether the files within an answer are whole.
func fileParts(r json.RawMessage) bool {
	if r == nil {
		return true
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(r, &list) != nil {
		var one map[string]json.RawMessage
		if json.Unmarshal(r, &one) != nil {
			return false
		}
		list = append(list, one)
	}
	return !slices.ContainsFunc(list, func(m map[string]json.RawMessage) bool { return !hasParts(m, filePartNames, nil) || !fileShape(m) })
}

// fileShape reports whether the id and the type of a file are written in the one way the schema has for them.
func fileShape(m map[string]json.RawMessage) bool {
	var id, mediaType string
	return json.Unmarshal(m["id"], &id) == nil && uuidPattern.MatchString(id) &&
		json.Unmarshal(m["media_type"], &mediaType) == nil && exactType.MatchString(mediaType)
}

var exactType = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+$`)

// partsOfJSON returns the parts that an answer must and may have.
func (q *question) partsOfJSON() (need, may []string) {
	switch q.Kind {
	case KindFile:
		return filePartNames, nil
	case KindName:
		return q.Parts, nil
	case KindAddress:
		if len(q.Levels) == 0 {
			return []string{"lines"}, nil
		}
		return []string{"area", "lines"}, nil
	case KindPoint:
		return []string{"lat", "lng"}, nil
	case KindDocument:
		return []string{"proof"}, []string{"files", "credential"}
	case KindSignature:
		return []string{"signed"}, []string{"drawing"}
	}
	return nil, nil
}

// wellFormed reports whether every text in a value is a text as answers are.
func wellFormed(r json.RawMessage) bool {
	var v any
	return json.Unmarshal(r, &v) == nil && wellFormedValue(v)
}

func wellFormedValue(v any) bool {
	switch x := v.(type) {
	case string:
		return plainText(x, true)
	case []any:
		return !slices.ContainsFunc(x, func(v any) bool { return !wellFormedValue(v) })
	case map[string]any:
		for _, v := range x {
			if !wellFormedValue(v) {
				return false
			}
		}
	}
	return true
}

// plainText reports whether a text has no space at its ends and no control characters, as the schema's pattern says.
func plainText(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return s == tidy(s, lines) || norm.NFC.String(s) == tidy(s, lines)
}

// exactly53 is the largest whole number that JSON numbers carry unchanged everywhere.
const exactly53 = 1<<53 - 1

// maxLiteral is the most characters of a number that is sent; what is longer is no number of ours, and costs time to read.
const maxLiteral = 60

func (q *question) decodeNumber(r json.RawMessage) (any, *fault.Field) {
	n, err := strictly[json.Number](r)
	if err != nil || bytes.HasPrefix(bytes.TrimSpace(r), []byte(`"`)) {
		return nil, q.fault("wrong_shape", "kind", q.Kind)
	}
	x, err := n.Float64()
	if err != nil || x > exactly53 || x < -exactly53 || len(n) > maxLiteral || x != 0 && math.Abs(x) < 1e-9 {
		return nil, q.fault("not_a_number")
	}
	if x == 0 {
		x = 0 // and not -0
	}
	exact, ok := new(big.Rat).SetString(n.String())
	if !ok || new(big.Rat).Abs(exact).Cmp(new(big.Rat).SetInt64(exactly53)) > 0 {
		return nil, q.fault("not_a_number")
	}
	scale := new(big.Rat).SetInt64(int64(math.Pow10(q.Places)))
	if q.Kind == KindNumber && q.Places > 0 {
		if !exact.Mul(exact, scale).IsInt() {
			return nil, q.fault("too_many_places", "places", q.Places)
		}
		return Decimal(x), nil
	}
	if !exact.IsInt() {
		return nil, q.fault("not_a_number")
	}
	return int64(x), nil
}

// decodeRows reads the rows of a group.
func (q *question) decodeRows(r json.RawMessage) (any, *fault.Field) {
	list, err := strictly[[]json.RawMessage](r)
	if err != nil {
		return nil, q.fault("wrong_shape", "kind", q.Kind)
	}
	rows := make(Rows, len(list))
	for i := range list {
		rows[i] = Answers{}
	}
	if len(rows) == 0 {
		return nil, q.fault("wrong_shape", "kind", q.Kind)
	}
	return rows, nil
}

// takeRows fills rows with their answers and returns what is none.
func (q *question) takeRows(rows Rows, r json.RawMessage) []fault.Field {
	var list []json.RawMessage
	if json.Unmarshal(r, &list) != nil {
		return nil
	}
	var fields []fault.Field
	for i, item := range list[:min(len(list), maxRows+1)] {
		raw, err := jsonObject(item)
		if err != nil {
			fields = append(fields, fault.Field{Path: fieldPath(q.Code, i, ""), Code: "wrong_shape", Args: map[string]any{"question": q.Label, "kind": q.Kind}})
			continue
		}
		for _, code := range slices.Sorted(maps.Keys(raw)) {
			f := q.rows.field(code)
			if f == nil || f.Kind == KindInfo || f.Kind == KindComputed {
				fields = append(fields, fault.Field{Path: fieldPath(q.Code, i, code), Code: "unknown_field"})
				continue
			}
			v, bad := f.decode(raw[code])
			if bad != nil {
				bad.Path = fieldPath(q.Code, i, code)
				fields = append(fields, *bad)
				continue
			}
			rows[i][code] = v
		}
	}
	return fields
}
