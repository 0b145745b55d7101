package servicespec_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/platform/schema"
	"digit/internal/infra/servicespec"
)

func en(s string) i18n.Text { return i18n.Text{"en": s} }

func limit(t *rapid.T, name string, lo, hi int) *float64 {
	if rapid.Bool().Draw(t, name+"?") {
		return nil
	}
	x := float64(rapid.IntRange(lo, hi).Draw(t, name))
	return &x
}

// drawQuestion draws a question of a kind with limits of all sorts, and without rules.
func drawQuestion(t *rapid.T, code string, kinds []string) servicespec.Question {
	q := servicespec.Question{Code: code, Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Label: en(code)}
	if rapid.Bool().Draw(t, "optional") {
		q.Required = "false"
	}
	switch q.Kind {
	case servicespec.KindText, servicespec.KindLongText:
		q.MaxLength = rapid.IntRange(1, 12).Draw(t, "length")
		if q.Kind == servicespec.KindText && rapid.Bool().Draw(t, "pattern?") {
			q.Pattern, q.Message = "[a-z]+[0-9]*", en("Letters, then digits")
		}
	case servicespec.KindName:
		if rapid.Bool().Draw(t, "parts?") {
			q.Parts = rapid.SampledFrom([][]string{{"given", "family"}, {"family", "given"}, {"given"}}).Draw(t, "parts")
		}
	case servicespec.KindID:
		q.Scheme = "nif_cv"
	case servicespec.KindNumber:
		q.Places = rapid.IntRange(0, 3).Draw(t, "places")
		q.Min, q.Max = limit(t, "min", -5, 5), limit(t, "max", 5, 20)
	case servicespec.KindMoney:
		q.Min, q.Max = limit(t, "min", -5, 5), limit(t, "max", 5, 20)
	case servicespec.KindChoice, servicespec.KindChoices:
		for _, c := range []string{"a", "b", "c"} {
			q.Options = append(q.Options, servicespec.Option{Code: c, Label: en(c)})
		}
		if q.Kind == servicespec.KindChoices {
			q.Options[2].Alone = rapid.Bool().Draw(t, "alone")
			q.Min, q.Max = limit(t, "min", 0, 2), limit(t, "max", 2, 3)
		}
	case servicespec.KindBoundary:
		q.Level = "concelho"
	case servicespec.KindAddress:
		if rapid.Bool().Draw(t, "levels?") {
			q.Levels = []string{"ilha", "concelho"}
		}
	case servicespec.KindFile:
		q.MaxFiles, q.MaxSize, q.Accept = 2, 1000, []string{"application/pdf", "image/*"}
	case servicespec.KindGroup:
		q.Min, q.Max = limit(t, "min", 0, 2), limit(t, "max", 2, 4)
		for i := range rapid.IntRange(1, 3).Draw(t, "fields") {
			q.Fields = append(q.Fields, drawQuestion(t, fmt.Sprintf("f%d", i), slices.DeleteFunc(slices.Clone(kinds), func(k string) bool {
				return k == servicespec.KindGroup || k == servicespec.KindFile || k == servicespec.KindDocument
			})))
		}
	}
	return q
}

var answerable = slices.DeleteFunc(servicespec.Kinds(), func(k string) bool {
	return k == servicespec.KindInfo || k == servicespec.KindComputed || k == servicespec.KindDocument
})

// drawService draws a service that asks some questions on one page.
func drawService(t *rapid.T) *servicespec.Service {
	p := parsed(small)
	p.Form, p.Fees, p.Notices = servicespec.Form{Pages: []servicespec.Page{{Code: "all", Title: en("All")}}}, nil, nil
	p.Workflow.States, p.Workflow.Start = p.Workflow.States[1:], "work"
	p.Workflow.Actions = p.Workflow.Actions[1:]
	p.Workflow.Actions[0].Guard = ""
	page := &p.Form.Pages[0]
	for i := range rapid.IntRange(1, 4).Draw(t, "questions") {
		page.Questions = append(page.Questions, drawQuestion(t, fmt.Sprintf("q%d", i), answerable))
	}
	if rapid.Bool().Draw(t, "document?") {
		page.Questions = append(page.Questions, servicespec.Question{Code: "doc", Kind: servicespec.KindDocument})
		p.Documents = []servicespec.Document{{Code: "doc", Name: en("Doc"), Optional: rapid.Bool().Draw(t, "doc optional"), Proofs: []servicespec.Proof{
			{Code: "passport", Name: en("Passport")}, {Code: "wallet", Name: en("Wallet"), Credential: "id-card"},
		}}}
	}
	s, err := servicespec.Compile(p)
	if err != nil {
		t.Fatalf("%v\n%v", err, servicespec.Check(p))
	}
	return s
}

func parsed(src string) *servicespec.Pack {
	p, problems := servicespec.Parse([]byte(src))
	if len(problems) > 0 {
		panic(problems)
	}
	return p
}

var aFile = map[string]any{"id": "0190a1b2-0000-7000-8000-00000000000a", "name": "a.pdf", "media_type": "application/pdf", "size": 10}

func changed(m map[string]any, key string, v any) map[string]any {
	out := maps.Clone(m)
	if v == nil {
		delete(out, key)
	} else {
		out[key] = v
	}
	return out
}

// values are JSON values that an answer of a kind could be: right ones, near misses and nonsense.
func values(q *servicespec.Question) []any {
	switch q.Kind {
	case servicespec.KindText:
		return []any{"a", "abc", "abc1", "1", "x y", "ação", "a b c d e f g h"}
	case servicespec.KindLongText:
		return []any{"a", "a\nb", "a\tb", "a long story indeed", "\n"}
	case servicespec.KindName:
		if len(q.Parts) > 0 {
			whole := map[string]any{}
			for _, p := range q.Parts {
				whole[p] = "Ana"
			}
			return []any{whole, changed(whole, q.Parts[0], nil), changed(whole, q.Parts[0], ""), changed(whole, q.Parts[0], "12"), changed(whole, "middle", "x"), changed(whole, q.Parts[0], " Ana"), "Ana", changed(whole, "family", nil), changed(whole, "Given", "x")}
		}
		return []any{"Ana", "1234", "Ana  Maria", strings.Repeat("a", 201)}
	case servicespec.KindEmail:
		return []any{"ana@example.cv", "Ana.X@example.cv", "ana@EXAMPLE.cv", "ana@", "ana@x", "a..b@x.cv", "ana@x-.cv", "ã@x.cv", "a@" + strings.Repeat("b", 64) + ".cv"}
	case servicespec.KindPhone:
		return []any{"+2389912345", "9912345", "+0123456789"}
	case servicespec.KindID:
		return []any{"123456789", "12345678", "123 456 789", "12345678a"}
	case servicespec.KindNumber, servicespec.KindMoney:
		return []any{0, 1, 5, 6, -3, 20, 21, 2.5, 2.25, 2.125, 0.0625, json.Number("1e2"), json.Number("5.0"), json.Number("9007199254740993"), json.Number("123456789012.125"), json.Number("0.1000000000000000055"), "5", json.Number("1e400"), json.Number("-0")}
	case servicespec.KindDate:
		return []any{"2000-02-29", "2001-02-29", "2000-2-9", "1799-12-31", "3000-01-01", "2000-13-01"}
	case servicespec.KindMonth:
		return []any{"2000-02", "2000-13", "2000-2", "1700-01"}
	case servicespec.KindTime:
		return []any{"08:30", "8:30", "24:00", "23:59", "08:60"}
	case servicespec.KindYesNo, servicespec.KindDeclaration:
		return []any{true, false, "yes"}
	case servicespec.KindChoice:
		return []any{"a", "c", "d", "A"}
	case servicespec.KindChoices:
		return []any{[]any{"a"}, []any{"b", "a"}, []any{"a", "b", "c"}, []any{"c"}, []any{"a", "c"}, []any{}, []any{"a", "a"}, []any{"x"}, []any{1}, []any{"a", "b", "c", "a"}, []any{nil}}
	case servicespec.KindBoundary:
		return []any{"CV-PR", "CV/PR", "-x", strings.Repeat("x", 101)}
	case servicespec.KindAddress:
		a := map[string]any{"area": "CV-PR", "lines": "Rua 5\n2.º"}
		if len(q.Levels) == 0 {
			a = map[string]any{"lines": "Rua 5"}
		}
		return []any{a, changed(a, "lines", nil), changed(a, "lines", " x"), changed(a, "area", "CV-PR"), changed(a, "area", nil), changed(a, "zip", "1"), "Rua 5", changed(a, "lines", strings.Repeat("x", 501))}
	case servicespec.KindPoint:
		p := map[string]any{"lat": 14.93, "lng": -23.5}
		return []any{p, changed(p, "lat", 91), changed(p, "lng", nil), changed(p, "lat", "14"), changed(p, "alt", 1), changed(p, "lng", 180), map[string]any{"lat": 0, "lng": 0}}
	case servicespec.KindFile:
		return []any{[]any{aFile}, []any{aFile, aFile, aFile}, []any{}, []any{changed(aFile, "size", 1001)}, []any{changed(aFile, "media_type", "text/html")}, []any{changed(aFile, "media_type", "image/webp")}, []any{changed(aFile, "id", "x")}, []any{changed(aFile, "name", nil)}, []any{changed(aFile, "extra", 1)}, []any{changed(aFile, "size", 0)}, []any{changed(aFile, "media_type", "IMAGE/PNG")}, aFile}
	case servicespec.KindSignature:
		s := map[string]any{"signed": "Ana Tavares"}
		png := changed(aFile, "media_type", "image/png")
		return []any{s, map[string]any{"signed": "12"}, map[string]any{}, changed(s, "drawing", png), changed(s, "drawing", aFile), changed(s, "drawing", changed(png, "id", nil)), "Ana"}
	case servicespec.KindDocument:
		return []any{
			map[string]any{"proof": "passport", "files": []any{aFile}},
			map[string]any{"proof": "passport"},
			map[string]any{"proof": "wallet", "credential": "x1"},
			map[string]any{"proof": "wallet", "files": []any{aFile}},
			map[string]any{"proof": "other", "files": []any{aFile}},
			map[string]any{"proof": "passport", "files": []any{}},
			map[string]any{"proof": "passport", "files": []any{aFile}, "credential": "x"},
			map[string]any{"proof": "wallet", "credential": ""},
			map[string]any{"proof": "wallet", "credential": "x y"},
		}
	}
	return nil
}

var nonsense = []any{nil, "", " x", "x ", "a\x01b", 7, []any{}, map[string]any{}, true, []any{map[string]any{}}}

func drawAnswer(t *rapid.T, q *servicespec.Question) any {
	if rapid.IntRange(0, 5).Draw(t, "nonsense") == 0 {
		return rapid.SampledFrom(nonsense).Draw(t, "value")
	}
	if q.Kind != servicespec.KindGroup {
		return rapid.SampledFrom(values(q)).Draw(t, "value")
	}
	rows := []any{}
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		row := map[string]any{}
		for i := range q.Fields {
			if rapid.IntRange(0, 4).Draw(t, "field?") > 0 {
				row[q.Fields[i].Code] = drawAnswer(t, &q.Fields[i])
			}
		}
		if rapid.IntRange(0, 12).Draw(t, "stray") == 0 {
			row["stray"] = 1
		}
		rows = append(rows, row)
	}
	return rows
}

// TestFormJSONAndSchemaAgree draws services without rules and answers of all sorts, and asks the published schema, the JSON
// path and, for what a form can post, the form: they accept and refuse the same, save that a form mends what people write
// in harmless ways ("1 500", "ana@EXAMPLE.cv"), and then makes of it what the others accept.
func TestFormJSONAndSchemaAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawService(t)
		source, err := s.SchemaJSON("en")
		if err != nil {
			t.Fatal(err)
		}
		published, err := schema.Compile(source)
		if err != nil {
			t.Fatalf("%v\n%s", err, source)
		}
		doc := map[string]any{}
		for _, code := range s.Questions() {
			if rapid.IntRange(0, 5).Draw(t, "answered "+code) > 0 {
				doc[code] = drawAnswer(t, s.Question(code))
			}
		}
		if rapid.IntRange(0, 20).Draw(t, "stray") == 0 {
			doc["stray"] = "x"
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		violations, err := published.Check(data)
		if err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		answers, wrong, err := s.Take(data)
		if err != nil {
			t.Fatal(err)
		}
		wrong = append(wrong, s.Validate(answers, facts)...)
		if (len(violations) == 0) != (len(wrong) == 0) {
			t.Fatalf("%s\nthe schema says %+v\nthe JSON path says %+v\n%s", data, violations, wrong, source)
		}
		posted, postable := asForm(s, answers, doc)
		if !postable {
			return
		}
		read, bad := s.Read("all", posted, withFiles(answers), facts)
		same := fmt.Sprint(read) == fmt.Sprint(answers)
		switch {
		case len(wrong) == 0 && (len(bad) > 0 || !same):
			t.Fatalf("%s\nthe JSON path takes it, the form says %+v and makes %v of it\nposted %v", data, bad, read, posted)
		case len(wrong) > 0 && len(bad) == 0:
			// A form mends what people write in harmless ways; what it makes of it must be what the others take.
			mended, err := json.Marshal(read)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := published.Check(mended); same || err != nil || len(v) > 0 {
				t.Fatalf("%s\nthe JSON path says %+v, the form takes it as %s, of which the schema says %v", data, wrong, mended, v)
			}
		}
	})
}

// asForm writes answers as a form posts them; ok is false for values that no form can post: of another type than the
// question's, or with what a form mends by itself.
func asForm(s *servicespec.Service, answers servicespec.Answers, doc map[string]any) (map[string][]string, bool) {
	posted := map[string][]string{}
	for code := range doc {
		v, taken := answers[code]
		if !taken || s.Question(code) == nil {
			return nil, false // not of the right shape
		}
		if !postable(v, doc[code]) {
			return nil, false
		}
		maps.Copy(posted, servicespec.Posted(code, s.Question(code), v, facts))
	}
	return posted, true
}

// postable reports whether a form can post a value as it is: it ticks no box twice, and has no row without answers.
func postable(v, doc any) bool {
	switch x := v.(type) {
	case []string:
		seen := map[string]bool{}
		for _, c := range x {
			if seen[c] {
				return false
			}
			seen[c] = true
		}
	case servicespec.Rows:
		list, _ := doc.([]any)
		for i, row := range x {
			given, _ := list[i].(map[string]any)
			if len(row) == 0 || len(row) != len(given) {
				return false
			}
			for code, v := range row {
				if !postable(v, given[code]) {
					return false
				}
			}
		}
	}
	return true
}

// withFiles are the answers that uploads made before the page was posted.
func withFiles(answers servicespec.Answers) servicespec.Answers {
	out := servicespec.Answers{}
	for code, v := range answers {
		if len(servicespec.FilesIn(v)) > 0 {
			out[code] = v
		}
	}
	return out
}

func TestTakeRefuses(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	for _, src := range []string{`[]`, `{`, `{"word": "a", "word": "b"}`, `null`, ``, `{"word": }`} {
		if a, _, err := s.Take([]byte(src)); err == nil {
			t.Errorf("%s became %v", src, a)
		}
	}
	id := uuid.New().String()
	a, wrong, err := s.Take([]byte(`{"word": "ola", "uses": ["c", "a"], "note": "x", "papers": [{"id": "` + id + `", "name": "a", "media_type": "application/pdf", "size": 3}]}`))
	if err != nil || len(wrong) != 1 || wrong[0].Path != "note" || fmt.Sprint(a["uses"]) != "[a c]" || len(servicespec.FilesIn(a["papers"])) != 1 {
		t.Errorf("%v %v %v", a, wrong, err)
	}
}
