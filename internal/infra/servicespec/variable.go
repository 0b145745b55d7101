package servicespec

import (
	"strings"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/rule"
)

// labelSuffix makes the name under which rules read the label of a choice or the name of an area, in the
// agency's language: birth_place_label beside birth_place.
const labelSuffix = rule.LabelSuffix

// computedTypes are the types of computed values and of fields that lookups read, by the word of the language.
var computedTypes = map[string]rule.Type{
	"text": rule.String, "number": rule.Int, "decimal": rule.Decimal, "money": rule.Money, "date": rule.Date, "yesno": rule.Bool,
}

// plainTypes are the types that rules see for the kinds whose answer is one value; files are seen by their names.
var plainTypes = map[string]rule.Type{
	KindText: rule.String, KindLongText: rule.String, KindName: rule.String, KindEmail: rule.String, KindPhone: rule.String,
	KindID: rule.String, KindMoney: rule.Money, KindDate: rule.Date, KindMonth: rule.Date, KindTime: rule.String,
	KindYesNo: rule.Bool, KindChoice: rule.String, KindChoices: rule.Strings, KindBoundary: rule.String, KindAddress: rule.String,
	KindPoint: rule.String, KindFile: rule.Strings, KindDocument: rule.String, KindSignature: rule.Bool, KindDeclaration: rule.Bool,
	KindGroup: rule.Rows,
}

// variablesOf returns the variables under which rules see the answer to a question: by suffix, "" being the question's
// own name. Labels come besides.
func variablesOf(q *Question) map[string]rule.Type {
	t, ok := plainTypes[q.Kind]
	switch q.Kind {
	case KindNumber:
		t, ok = rule.Int, true
		if q.Places > 0 {
			t = rule.Decimal
		}
	case KindComputed:
		t, ok = computedTypes[q.As]
	}
	if !ok {
		return nil
	}
	vars := map[string]rule.Type{"": t}
	switch q.Kind {
	case KindName:
		for _, part := range q.Parts {
			vars["."+part] = rule.String
		}
	case KindAddress:
		vars[".area"], vars[".lines"] = rule.String, rule.String
	case KindPoint:
		vars[".lat"], vars[".lng"] = rule.Decimal, rule.Decimal
	}
	return vars
}

// labelled reports whether a question's answer is a code that has a label, and under which suffix the code stands.
func labelled(q *Question) (suffix string, ok bool) {
	switch q.Kind {
	case KindChoice, KindBoundary, KindChoices:
		return "", true
	case KindAddress:
		return ".area", true
	}
	return "", false
}

// ruleValues returns an answer as rules see it, by suffix.
func (q *question) ruleValues(v any, sc *scope) map[string]any {
	one := func(x any) map[string]any { return map[string]any{"": x} }
	switch x := v.(type) {
	case Decimal:
		return one(float64(x))
	case []File:
		return one(fileNames(x))
	case Name:
		return map[string]any{"": x.In(q.Parts), "." + PartGiven: x.Given, "." + PartFamily: x.Family}
	case Address:
		return map[string]any{"": oneLine(x, sc), ".area": x.Area, ".lines": x.Lines}
	case Point:
		return map[string]any{"": x.String(), ".lat": x.Lat, ".lng": x.Lng}
	case Evidence:
		return one(x.Proof)
	case Signature:
		return one(true)
	case string:
		if q.Kind == KindMonth {
			return one(x + "-01")
		}
	case civil.Date:
		return one(x.String())
	}
	return one(v)
}

func fileNames(files []File) []string {
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = file.Name
	}
	return names
}

// oneLine writes an address on one line, with the name of its area in the agency's language.
func oneLine(a Address, sc *scope) string {
	parts := strings.Split(a.Lines, "\n")
	if a.Area != "" {
		parts = append(parts, sc.areaName(a.Area))
	}
	return strings.Join(parts, ", ")
}

// rowValue gives rules the answers of a row, the labels of its choices among them.
func (g *group) rowValue(row Answers, sc *scope) rule.Row {
	return func(field string) any {
		if q := g.field(field); q != nil {
			return q.ruleValues(row[field], sc)[""]
		}
		code, isLabel := strings.CutSuffix(field, labelSuffix)
		if q := g.field(code); isLabel && q != nil && !empty(row[code]) {
			return sc.label(&q.Question, row[code])
		}
		return nil
	}
}
