package locale_test

import (
	"slices"
	"testing"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/web/locale"
)

// TestClause says conditions in each language.
func TestClause(t *testing.T) {
	t.Parallel()
	text := func(en, pt, ar string) i18n.Text { return i18n.Text{"en": en, "pt": pt, "ar": ar} }
	names := []servicespec.Variable{
		{Name: "for_whom", Kind: servicespec.KindChoice, Label: text("For whom?", "Para quem?", "لمن؟"), Options: []servicespec.Option{
			{Code: "me", Label: text("me", "mim", "لي")}, {Code: "other", Label: text("another person", "outra pessoa", "شخص آخر")},
		}},
		{Name: "born", Kind: servicespec.KindDate, Label: text("Date of birth", "Data de nascimento", "تاريخ الميلاد")},
		{Name: "rent", Kind: servicespec.KindMoney, Label: text("Rent", "Renda", "الإيجار")},
		{Name: "rule.poor", Kind: servicespec.KindRule, Label: text("The household is poor", "O agregado é pobre", "الأسرة فقيرة")},
		{Name: "members", Kind: servicespec.KindGroup, Label: text("Who lives with you?", "Quem vive consigo?", "من يعيش معك؟"), Fields: []servicespec.Variable{
			{Name: "age", Kind: servicespec.KindNumber, Label: text("Age", "Idade", "العمر")},
		}},
		{Name: "today", Kind: servicespec.KindToday},
	}
	for expr, want := range map[string][3]string{
		`for_whom == "other"`: {"[For whom] is [another person]", "[Para quem] é [outra pessoa]", "[لمن]: [شخص آخر]"},
		`for_whom in ["me", "other"] && born < date("2000-01-31")`: {
			"[For whom] is [me] or [another person] and [Date of birth] is before [31 January 2000]",
			"[Para quem] é [mim] ou [outra pessoa] e [Data de nascimento] é antes de [31 de janeiro de 2000]",
			"[لمن]: [لي] أو [شخص آخر] و[تاريخ الميلاد] قبل [31 يناير 2000]",
		},
		`age(born, today) >= 18 && (rent > 150000 || !rule.poor)`: {
			"[age by Date of birth] is at least [18] and ([Rent] is more than [CVE\u00a01,500.00] or it is not so that “[The household is poor]”)",
			"[idade segundo Data de nascimento] é pelo menos [18] e ([Renda] é mais de [1\u00a0500,00\u00a0CVE] ou não se verifica: «[O agregado é pobre]»)",
			"[العمر حسب تاريخ الميلاد] لا يقل عن [18] و([الإيجار] أكثر من [1,500.00\u00a0CVE] أو غير متحقق: «[الأسرة فقيرة]»)",
		},
		`members.any(m, m.age < 18)`: {
			"for at least one of [Who lives with you]: [Age] is less than [18]",
			"para pelo menos um de [Quem vive consigo]: [Idade] é menos de [18]",
			"لواحد على الأقل من [من يعيش معك]: [العمر] أقل من [18]",
		},
		`born <= today`:   {"[Date of birth] is on or before [today]", "[Data de nascimento] é até [hoje]", "[تاريخ الميلاد] في موعد أقصاه [اليوم]"},
		`rent * 2 > 5`:    {"[rent * 2 > 5]", "[rent * 2 > 5]", "[rent * 2 > 5]"},
		`unknown == "x"`:  {"[unknown] is [x]", "[unknown] é [x]", "[unknown]: [x]"},
		`!(born == rent)`: {"[Date of birth] is not [Rent]", "[Data de nascimento] não é [Renda]", "[تاريخ الميلاد] ليس [الإيجار]"},
		``:                {"", "", ""},
	} {
		for i, lang := range []string{"en", "pt", "ar"} {
			s := locale.Saying{Texts: catalog(t), Lang: lang, Fallback: "en", Currency: "CVE", Names: names}
			got := ""
			for _, span := range s.Clause(servicespec.ReadClause(expr)) {
				if span.Strong {
					span.Text = "[" + span.Text + "]"
				}
				got += span.Text
			}
			if got != want[i] {
				t.Errorf("%s in %s:\n%q, want\n%q", expr, lang, got, want[i])
			}
		}
	}
}

// TestClauseWordsAreWhole wants words for every operator and measure of every kind of question.
func TestClauseWordsAreWhole(t *testing.T) {
	t.Parallel()
	texts := catalog(t)
	for _, kind := range append(servicespec.Kinds(), servicespec.KindRule, servicespec.KindToday) {
		x := servicespec.Variable{Name: "x", Kind: kind}
		for _, measure := range append(slices.Clone(x.Measures()), servicespec.MeasureSum) {
			for _, op := range append(slices.Clone(x.Ops(measure)), servicespec.OpNotBetween, servicespec.OpStartsNot) {
				before := texts.Missing()
				s := locale.Saying{Texts: texts, Lang: "ar", Names: []servicespec.Variable{x}}
				c := servicespec.Clause{Kind: servicespec.ClauseTest, Name: "x", Measure: measure, Op: op, Values: make([]servicespec.Operand, max(1, servicespec.Arity(op)))}
				if said := s.Plain(c) + s.Op(x, measure, op); texts.Missing() != before {
					t.Errorf("%s of %s by %q lacks words: %s", op, kind, measure, said)
				}
			}
		}
	}
}
