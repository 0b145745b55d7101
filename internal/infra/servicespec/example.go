package servicespec

import (
	"strings"

	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
)

// Example returns answers as a program sends them, with the facts under which they can be judged: those of the first scenario whose
// form can be sent, or made-up ones. whole says that the service accepts them.
func (s *Service) Example(today civil.Date, currency string) (a Answers, f Facts, whole bool) {
	for i := range s.pack.Scenarios {
		sc := &s.pack.Scenarios[i]
		facts, err := sc.facts(s.pack)
		if err != nil {
			continue
		}
		r := &playing{svc: s, sc: sc, facts: facts}
		var faults []FieldFault
		if r.answers, faults = r.take(sc.Answers); len(faults) > 0 || len(r.answers) == 0 {
			continue
		}
		r.findRecords()
		if answers := s.Clean(r.answers, r.facts); len(s.Validate(answers, r.facts)) == 0 {
			return answers, r.facts, true
		}
	}
	f = Facts{Today: today, Currency: currency}
	a = Answers{}
	for range len(s.pages) + 1 { // an answer may bring up further questions
		for _, pg := range s.Pages(a, f) {
			for _, q := range pg.Questions {
				if _, have := a[q.Code]; !have {
					if v := sample(q.Question, q.Document, today); v != nil {
						a[q.Code] = v
					}
				}
			}
		}
	}
	return a, f, len(s.Validate(a, f)) == 0
}

// sample makes up an answer to a question; nil where nobody can.
func sample(q *Question, doc *Document, today civil.Date) any {
	number := func(x *float64, otherwise int64) int64 {
		if x != nil {
			return int64(*x)
		}
		return otherwise
	}
	picture := File{ID: uuid.MustParse("01890a5d-ac96-774b-bcce-b302099a8057"), Name: "document.pdf", MediaType: "application/pdf", Size: 20_480}
	switch q.Kind {
	case KindText, KindLongText:
		return cut("Example", q.MaxLength)
	case KindName:
		if len(q.Parts) > 0 {
			return Name{Given: "Ana", Family: "Lopes"}
		}
		return "Ana Lopes"
	case KindEmail:
		return "ana.lopes@example.org"
	case KindPhone:
		return "+2389912345"
	case KindNumber:
		if q.Places > 0 {
			return Decimal(number(q.Min, 1))
		}
		return number(q.Min, 1)
	case KindMoney:
		return number(q.Min, 1000)
	case KindDate:
		return today.AddDays(-20 * 365).String()
	case KindMonth:
		return today.AddDays(-40).String()[:7]
	case KindTime:
		return "10:30"
	case KindYesNo, KindDeclaration:
		return true
	case KindChoice:
		if len(q.Options) > 0 {
			return q.Options[0].Code
		}
	case KindChoices:
		if len(q.Options) > 0 {
			return []string{q.Options[0].Code}
		}
	case KindAddress:
		return Address{Lines: "Rua da Praia 1"}
	case KindPoint:
		return Point{Lat: 14.93, Lng: -23.51}
	case KindFile:
		if len(q.Accept) > 0 && !strings.Contains(q.Accept[0], "*") {
			picture.MediaType = q.Accept[0]
		}
		return []File{picture}
	case KindDocument:
		if doc != nil && len(doc.Proofs) > 0 && doc.Proofs[0].Credential == "" {
			return Evidence{Proof: doc.Proofs[0].Code, Files: []File{picture}}
		}
	case KindSignature:
		return Signature{Signed: "Ana Lopes"}
	case KindGroup:
		row := Answers{}
		for i := range q.Fields {
			if v := sample(&q.Fields[i], nil, today); v != nil {
				row[q.Fields[i].Code] = v
			}
		}
		return Rows{row}
	}
	return nil
}

func cut(text string, most int) string {
	if most > 0 && len(text) > most {
		return text[:most]
	}
	return text
}
