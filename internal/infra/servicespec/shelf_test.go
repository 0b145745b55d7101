package servicespec_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/schema"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

// likely draws an answer that fits a question as it is asked now.
func likely(t *rapid.T, q servicespec.QuestionView, name string) any {
	number := func() int {
		lo, hi := 0, 1000
		if q.Min != nil {
			lo = int(*q.Min)
		}
		if q.Max != nil {
			hi = int(*q.Max)
		}
		return rapid.IntRange(lo, hi).Draw(t, name)
	}
	switch q.Kind {
	case servicespec.KindNumber, servicespec.KindMoney:
		return number()
	case servicespec.KindYesNo:
		return rapid.Bool().Draw(t, name)
	case servicespec.KindDeclaration:
		return true
	case servicespec.KindChoice, servicespec.KindChoices:
		if len(q.Options) == 0 {
			return "nothing"
		}
		i := rapid.IntRange(0, len(q.Options)-1).Draw(t, name)
		if q.Kind == servicespec.KindChoices {
			return []any{q.Options[i].Code}
		}
		return q.Options[i].Code
	case servicespec.KindDate:
		return civil.Date{Year: 2026, Month: 11, Day: 22}.AddDays(rapid.IntRange(-30_000, 400).Draw(t, name)).String()
	case servicespec.KindMonth:
		return rapid.SampledFrom([]string{"2024-06", "2026-11", "2027-01"}).Draw(t, name)
	case servicespec.KindTime:
		return rapid.SampledFrom([]string{"09:00", "23:30", "03:15"}).Draw(t, name)
	case servicespec.KindID:
		return rapid.SampledFrom([]string{"123456789", "LC-2025-000123", "2026", "10234", "000300001234567890144"}).Draw(t, name)
	case servicespec.KindAddress:
		return map[string]any{"area": "CV-PR-01", "lines": "Rua 5"}
	case servicespec.KindBoundary:
		return "CV-PR-01"
	case servicespec.KindFile:
		return []any{changed(aFile, "media_type", "image/png")}
	case servicespec.KindDocument:
		p := rapid.SampledFrom(q.Document.Proofs).Draw(t, name)
		switch {
		case p.Credential != "":
			return map[string]any{"proof": p.Code, "credential": "x1"}
		case p.Lookup != "":
			return map[string]any{"proof": p.Code}
		}
		return map[string]any{"proof": p.Code, "files": []any{changed(aFile, "media_type", rapid.SampledFrom(p.Accept).Draw(t, name+" type"))}}
	case servicespec.KindGroup:
		rows := []any{}
		for range rapid.IntRange(1, 3).Draw(t, name) {
			row := map[string]any{}
			for i := range q.Fields {
				f := servicespec.QuestionView{Question: &q.Fields[i], Options: q.Fields[i].Options}
				if f.Kind != servicespec.KindComputed && f.Kind != servicespec.KindInfo && rapid.IntRange(0, 9).Draw(t, "asked "+f.Code) > 0 {
					row[f.Code] = likely(t, f, name+"."+f.Code)
				}
			}
			rows = append(rows, row)
		}
		return rows
	}
	return values(q.Question)[0] // which is a right one
}

// filledIn answers a service as one of its scenarios does, save for a few questions, and what its rules ask besides.
func filledIn(t *rapid.T, s *servicespec.Service) (map[string]any, servicespec.Facts) {
	doc, other := map[string]any{}, rapid.IntRange(0, 4).Draw(t, "others")
	story, facts := rapid.SampledFrom(s.Pack().Scenarios).Draw(t, "scenario"), facts
	day, err := civil.Parse(story.Today)
	if err != nil {
		t.Fatal(err)
	}
	told := story.Answers
	facts.Today = day
	for _, code := range slices.Sorted(maps.Keys(told)) {
		q := s.Question(code)
		if q == nil || q.Kind == servicespec.KindDocument || q.Kind == servicespec.KindFile {
			continue
		}
		switch n := rapid.IntRange(0, 40).Draw(t, "as told "+code); {
		case n >= other:
			doc[code] = told[code]
		case n == 0:
			doc[code] = rapid.SampledFrom(nonsense).Draw(t, code)
		}
	}
	for i := range s.Pack().Form.Pages {
		code := s.Pack().Form.Pages[i].Code
		for range 3 { // what is asked hangs on what was answered just before
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			a, _, err := s.Take(data)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range s.Pages(a, facts) {
				if p.Code != code {
					continue
				}
				for _, q := range p.Questions {
					if _, have := doc[q.Code]; !have && q.Kind != servicespec.KindInfo && q.Kind != servicespec.KindComputed && rapid.IntRange(0, 60).Draw(t, "answered "+q.Code) > 0 {
						doc[q.Code] = likely(t, q, q.Code)
					}
				}
			}
		}
	}
	return doc, facts
}

// ruled are faults that only rules find, which no schema can say.
var ruled = []string{"custom", "not_eligible", "required", "not_an_option", "unknown_field"}

// TestTheLibrarysFormsJSONAndSchemaAgree fills in the services of the library, mostly as their scenarios do. What the
// published schema refuses, the JSON path refuses; what that refuses for other reasons than rules, the schema refuses; and what
// it takes, the form takes page by page, and makes the same of it.
func TestTheLibrarysFormsJSONAndSchemaAgree(t *testing.T) {
	t.Parallel()
	for _, pack := range library.Packs() {
		s, err := servicespec.Compile(pack)
		if err != nil {
			t.Fatal(err)
		}
		source, err := s.SchemaJSON("en")
		if err != nil {
			t.Fatal(err)
		}
		published, err := schema.Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		taken := 0
		t.Run(pack.Code, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				if doc, f := filledIn(t, s); agrees(t, s, published, doc, f) {
					taken++
				}
			})
			if taken == 0 {
				t.Error("none was taken")
			}
			t.Logf("%d were taken", taken)
		})
	}
}

func agrees(t *rapid.T, s *servicespec.Service, published *schema.Schema, doc map[string]any, facts servicespec.Facts) (taken bool) {
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	violations, err := published.Check(data)
	if err != nil {
		t.Fatal(err)
	}
	answers, wrong, err := s.Take(data)
	if err != nil {
		t.Fatal(err)
	}
	wrong = append(wrong, s.Validate(answers, facts)...)
	hard := slices.ContainsFunc(wrong, func(f servicespec.FieldFault) bool { return !slices.Contains(ruled, f.Code) })
	if len(violations) > 0 && len(wrong) == 0 || hard && len(violations) == 0 {
		t.Fatalf("%s\nthe schema says %+v\nthe JSON path says %+v", data, violations, wrong)
	}
	if len(wrong) > 0 {
		return false
	}
	clean, before := s.Clean(answers, facts), servicespec.Answers{}
	for _, page := range s.Pages(clean, facts) {
		posted := map[string][]string{}
		for _, q := range page.Questions {
			maps.Copy(posted, servicespec.Posted(q.Code, q.Question, clean[q.Code], facts))
		}
		own := maps.Clone(before)
		maps.Copy(own, withFiles(clean))
		read, bad := s.Read(page.Code, posted, own, facts)
		if len(bad) > 0 {
			t.Fatalf("%s\nthe JSON path takes it, page %s says %+v\nposted %v", data, page.Code, bad, posted)
		}
		before = s.Merge(page.Code, before, read)
	}
	if got, want := fmt.Sprint(before), fmt.Sprint(clean); got != want {
		t.Fatalf("%s\nthe form makes of it\n%s\nand the JSON path\n%s", data, got, want)
	}
	return true
}
