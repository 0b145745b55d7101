package servicespec

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
)

// Shapes of texts, as the published schema says them. No text has space at its ends or control characters in it.
const (
	lineShape  = `^[^\p{Z}\p{Cc}](?:[^\p{Cc}]*[^\p{Z}\p{Cc}])?$`
	linesShape = `^[^\p{Z}\p{Cc}](?:(?:[^\p{Cc}]|\n)*[^\p{Z}\p{Cc}])?$`
	hasLetter  = `\p{L}`
	phoneShape = `^\+[1-9][0-9]{4,14}$`
	dateShape  = `^(?:1[89][0-9]{2}|2[0-9]{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$`
	monthShape = `^(?:1[89][0-9]{2}|2[0-9]{3})-(?:0[1-9]|1[0-2])$`
	timeJSON   = `^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`
	codeJSON   = `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`
	uuidShape  = `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
)

var (
	codePattern = regexp.MustCompile(codeJSON)
	uuidPattern = regexp.MustCompile(uuidShape)
)

// schemaNode is a JSON Schema, or a part of one.
type schemaNode map[string]any

// Schema returns the JSON Schema (2020-12) of the answers that a program sends for the service, with titles in a language.
// What it says is exactly what Take and Validate ask; what hangs on other answers, on the day or on what is only known to
// the state (rules, numbering plans, check digits, code lists, areas) it cannot say, and they ask that besides.
func (s *Service) Schema(lang string) map[string]any {
	w := schemaWriter{lang: lang, fallback: s.pack.Languages[0]}
	properties, required := map[string]any{}, []string{}
	for _, p := range s.pages {
		for _, q := range p.questions {
			if q.Kind == KindInfo || q.Kind == KindComputed {
				continue
			}
			properties[q.Code] = w.question(q)
			if p.when == nil && q.always() {
				required = append(required, q.Code)
			}
		}
	}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": w.text(s.pack.Name), "type": "object",
		"properties": properties, "required": required, "additionalProperties": false,
	}
}

// SchemaJSON is Schema as a document. Errors: none that a compiled service could cause.
func (s *Service) SchemaJSON(lang string) ([]byte, error) {
	return json.MarshalIndent(s.Schema(lang), "", "  ")
}

// always reports whether a question must be answered whatever else is.
func (q *question) always() bool {
	return q.when == nil && q.required == nil && !q.optional && q.needed == nil
}

type schemaWriter struct{ lang, fallback string }

func (w schemaWriter) text(t i18n.Text) string { return t.In(w.lang, w.fallback) }

func (w schemaWriter) question(q *question) schemaNode {
	n := w.shape(q)
	if title := w.text(q.Label); title != "" {
		n["title"] = title
	}
	if hint := w.text(q.Hint); hint != "" {
		n["description"] = hint
	}
	return n
}

func (w schemaWriter) shape(q *question) schemaNode {
	switch q.Kind {
	case KindText, KindID:
		return q.textShape()
	case KindLongText:
		return text(linesShape, q.MaxLength)
	case KindName:
		if len(q.Parts) > 0 {
			return q.nameShape()
		}
		return named(q.MaxLength)
	case KindEmail:
		return text(emailShape, maxEmail)
	case KindPhone:
		return text(phoneShape, 0)
	case KindNumber, KindMoney:
		return q.numberShape()
	case KindDate:
		n := text(dateShape, 0)
		n["format"] = "date"
		return n
	case KindMonth:
		return text(monthShape, 0)
	case KindTime:
		return text(timeJSON, 0)
	case KindYesNo:
		return schemaNode{"type": "boolean"}
	case KindDeclaration:
		if q.always() {
			return schemaNode{"const": true}
		}
		return schemaNode{"type": "boolean"}
	case KindBoundary:
		return text(codeJSON, 0)
	}
	return w.compound(q)
}

// compound is the shape of the kinds that are made of several things.
func (w schemaWriter) compound(q *question) schemaNode {
	switch q.Kind {
	case KindChoice:
		if q.RefData != "" {
			return text(codeJSON, 0)
		}
		return schemaNode{"oneOf": w.options(q)}
	case KindChoices:
		return w.choices(q)
	case KindAddress:
		if len(q.Levels) == 0 {
			return object(schemaNode{"lines": text(linesShape, q.MaxLength)}, "lines")
		}
		return object(schemaNode{"area": text(codeJSON, 0), "lines": text(linesShape, q.MaxLength)}, "area", "lines")
	case KindPoint:
		degrees := func(most float64) schemaNode {
			return schemaNode{"type": "number", "minimum": -most, "maximum": most}
		}
		return object(schemaNode{"lat": degrees(90), "lng": degrees(180)}, "lat", "lng")
	case KindFile:
		return files(q.Accept, q.MaxSize, q.MaxFiles)
	case KindDocument:
		return w.evidence(q)
	case KindSignature:
		return object(schemaNode{"signed": named(q.MaxLength), "drawing": file([]string{"image/png"}, maxDrawing)}, "signed")
	case KindGroup:
		return w.rows(q)
	}
	return schemaNode{}
}

func text(pattern string, maxLength int) schemaNode {
	n := schemaNode{"type": "string", "pattern": pattern}
	if maxLength > 0 {
		n["maxLength"] = maxLength
	}
	return n
}

// named is a text with a letter in it.
func named(maxLength int) schemaNode {
	n := text(lineShape, maxLength)
	n["allOf"] = []schemaNode{{"pattern": hasLetter}}
	return n
}

func object(properties schemaNode, required ...string) schemaNode {
	return schemaNode{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func (q *question) textShape() schemaNode {
	n := text(lineShape, q.MaxLength)
	var more []schemaNode
	if q.Pattern != "" {
		more = append(more, schemaNode{"pattern": "^(?:" + q.Pattern + ")$"})
	}
	if q.Scheme != "" {
		more = append(more, schemaNode{"pattern": "^" + schemes[q.Scheme].shape + "$"})
	}
	if more != nil {
		n["allOf"] = more
	}
	return n
}

func (q *question) nameShape() schemaNode {
	properties := schemaNode{}
	for _, part := range q.Parts {
		properties[part] = named(q.MaxLength)
	}
	return object(properties, q.Parts...)
}

// numberShape keeps within what JSON numbers carry unchanged everywhere, and within the digits that stay exact.
func (q *question) numberShape() schemaNode {
	n := schemaNode{"type": "integer"}
	most := float64(exactly53)
	if q.Places > 0 {
		n["type"] = "number"
		n["multipleOf"] = json.Number("0." + strings.Repeat("0", q.Places-1) + "1")
		most = math.Pow10(maxDigits-q.Places) - math.Pow10(-q.Places)
	}
	low, high := -most, most
	if q.Min != nil {
		low = max(low, *q.Min)
	}
	if q.Max != nil {
		high = min(high, *q.Max)
	}
	n["minimum"], n["maximum"] = jsonNumber(low), jsonNumber(high)
	return n
}

func jsonNumber(x float64) json.Number { return json.Number(strconv.FormatFloat(x, 'f', -1, 64)) }

func (w schemaWriter) options(q *question) []schemaNode {
	out := make([]schemaNode, len(q.Options))
	for i, o := range q.Options {
		out[i] = schemaNode{"const": o.Code, "title": w.text(o.Label)}
	}
	return out
}

func (w schemaWriter) choices(q *question) schemaNode {
	n := schemaNode{"type": "array", "uniqueItems": true, "minItems": 1}
	if q.RefData != "" {
		n["items"] = text(codeJSON, 0)
	} else {
		n["items"] = schemaNode{"oneOf": w.options(q)}
	}
	if q.Min != nil {
		n["minItems"] = max(1, int(*q.Min))
	}
	if q.Max != nil {
		n["maxItems"] = int(*q.Max)
	}
	var alone []schemaNode
	for _, o := range q.Options {
		if o.Alone {
			alone = append(alone, schemaNode{
				"if": schemaNode{"contains": schemaNode{"const": o.Code}}, "then": schemaNode{"maxItems": 1},
			})
		}
	}
	if alone != nil {
		n["allOf"] = alone
	}
	return n
}

// file is a file that was uploaded before, by its id.
func file(accept []string, maxSize int64) schemaNode {
	types := make([]string, len(accept))
	for i, a := range accept {
		types[i] = strings.ReplaceAll(regexp.QuoteMeta(a), `/\*`, `/[a-z0-9.+-]+`)
	}
	return object(schemaNode{
		"id": text(uuidShape, 0), "name": text(linesShape, 0),
		"media_type": text("^(?:"+strings.Join(types, "|")+")$", 0),
		"size":       schemaNode{"type": "integer", "minimum": 1, "maximum": maxSize},
	}, filePartNames...)
}

func files(accept []string, maxSize int64, maxFiles int) schemaNode {
	return schemaNode{"type": "array", "items": file(accept, maxSize), "minItems": 1, "maxItems": maxFiles}
}

func (w schemaWriter) evidence(q *question) schemaNode {
	var ways []schemaNode
	for _, p := range q.doc.Proofs {
		proof := schemaNode{"const": p.Code, "title": w.text(p.Name)}
		switch {
		case p.Credential != "":
			ways = append(ways, object(schemaNode{"proof": proof, "credential": text(codeJSON, 0)}, "proof", "credential"))
		case p.Lookup != "":
			ways = append(ways, object(schemaNode{"proof": proof}, "proof"))
		default:
			ways = append(ways, object(schemaNode{"proof": proof, "files": files(p.Accept, p.MaxSize, p.MaxFiles)}, "proof", "files"))
		}
	}
	return schemaNode{"oneOf": ways}
}

func (w schemaWriter) rows(q *question) schemaNode {
	properties, required := schemaNode{}, []string{}
	for _, f := range q.rows.fields {
		if f.Kind == KindInfo || f.Kind == KindComputed {
			continue
		}
		properties[f.Code] = w.question(f)
		if f.always() {
			required = append(required, f.Code)
		}
	}
	return schemaNode{
		"type": "array", "items": object(properties, required...), "minItems": max(1, q.MinRows()), "maxItems": q.MaxRows(),
	}
}
