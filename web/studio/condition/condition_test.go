package condition_test

import (
	"bytes"
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
	"digit/web/locale"
	"digit/web/studio/condition"
	"digit/web/ui"
)

func text(s string) i18n.Text { return i18n.Text{"en": s} }

func pack() *servicespec.Pack {
	return &servicespec.Pack{
		Languages: []string{"en"},
		Rules:     []servicespec.Rule{{Name: "poor", Text: text("The household is poor"), When: "income < 100000"}},
		Form: servicespec.Form{Pages: []servicespec.Page{{Code: "you", Title: text("About you"), Questions: []servicespec.Question{
			{Code: "whom", Kind: servicespec.KindChoice, Label: text("For whom?"), Options: []servicespec.Option{{Code: "me", Label: text("Me")}, {Code: "other", Label: text("Another person")}}},
			{Code: "born", Kind: servicespec.KindDate, Label: text("Date of birth")},
			{Code: "income", Kind: servicespec.KindMoney, Label: text("Income")},
			{Code: "area", Kind: servicespec.KindNumber, Places: 2, Label: text("Area")},
			{Code: "rooms", Kind: servicespec.KindNumber, Label: text("Rooms")},
			{Code: "owner", Kind: servicespec.KindYesNo, Label: text("Do you own it?")},
			{Code: "members", Kind: servicespec.KindGroup, Label: text("Who lives with you?"), Fields: []servicespec.Question{
				{Code: "age", Kind: servicespec.KindNumber, Label: text("Age")}, {Code: "pay", Kind: servicespec.KindMoney, Label: text("Pay")},
			}},
		}}}},
	}
}

func place(t testing.TB, p *servicespec.Pack) condition.Place {
	texts, err := locale.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return condition.Place{
		Name: "when", Label: "When", Lead: "Asked when", Pack: p, Path: "fees.0.when", Today: civil.Date{Year: 2026, Month: 11, Day: 26},
		Saying: locale.Saying{Texts: texts, Lang: "en", Fallback: "en", Currency: "CVE"},
	}
}

func render(t testing.TB, f *condition.Field) string {
	var b bytes.Buffer
	ctx := ui.WithLocale(context.Background(), ui.Locale{Lang: "en", Dir: "ltr", T: func(key string, args map[string]any) string { return f.Saying.Texts.T("en", key, args) }})
	if err := condition.View(f).Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	inputs   = regexp.MustCompile(`<input[^>]*>`)
	selects  = regexp.MustCompile(`(?s)<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>`)
	selected = regexp.MustCompile(`<option value="([^"]*)" selected>`)
	areas    = regexp.MustCompile(`(?s)<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>`)
	attr     = func(tag, name string) string {
		m := regexp.MustCompile(`\b` + name + `="([^"]*)"`).FindStringSubmatch(tag)
		if m == nil {
			return ""
		}
		return unescape(m[1])
	}
)

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// posted is what a browser would send of the form.
func posted(html string) url.Values {
	out := url.Values{}
	for _, tag := range inputs.FindAllString(html, -1) {
		if attr(tag, "type") == "checkbox" && !strings.Contains(tag, " checked") {
			continue
		}
		out.Add(attr(tag, "name"), attr(tag, "value"))
	}
	for _, m := range selects.FindAllStringSubmatch(html, -1) {
		if v := selected.FindStringSubmatch(m[2]); v != nil {
			out.Add(m[1], unescape(v[1]))
		} else {
			out.Add(m[1], "")
		}
	}
	for _, m := range areas.FindAllStringSubmatch(html, -1) {
		out.Add(m[1], unescape(m[2]))
	}
	return out
}

// TestShownAndPostedIsTheSame: a condition that is shown and sent back unchanged is the same condition.
func TestShownAndPostedIsTheSame(t *testing.T) {
	t.Parallel()
	exprs := []string{
		``, `whom == "other"`, `whom in ["me", "other"] && !owner`, `born <= today`, `born < date("2000-01-31") || income >= 150050`,
		`age(born, today) >= 18`, `between(rooms, 2, 5)`, `area > 12.5`, `area > 12.0`, `members.any(m, m.age < 18 || m.pay > 100)`, `!members.any(m, m.age < 18)`,
		`members.sum(m, m.pay) > 5000`, `size(members) >= 2`, `rule.poor && !(owner || rooms > 3)`, `!answered(income)`, `rooms * 2 > 5`,
		`owner && rooms * 2 > 5`, `unknown == "x" && owner`, `income == 12.5 || owner`, `whom == "gone"`,
		`whom ==`, `!between(born, date("2000-01-01"), today)`, `rooms in [1, 2, 3]`, `whom == " me" && owner`,
	}
	for _, expr := range exprs {
		p := place(t, pack())
		want := servicespec.ReadClause(expr)
		f, acted := condition.Read(p, posted(render(t, condition.Show(p, expr))), "")
		got, ok := f.Expr()
		if !ok || acted || servicespec.ReadClause(got).CEL() != want.CEL() {
			t.Errorf("%s came back as %s (%v, %v)", expr, got, ok, f.Problems())
		}
	}
	for _, lib := range library.Packs() {
		for _, d := range lib.Documents {
			p := place(t, lib)
			f, _ := condition.Read(p, posted(render(t, condition.Show(p, d.When))), "")
			if got, _ := f.Expr(); servicespec.ReadClause(got).CEL() != servicespec.ReadClause(d.When).CEL() && got != "rule."+d.When {
				t.Errorf("%s: %s came back as %s", lib.Code, d.When, got)
			}
		}
	}
}

// TestPutTogether puts a condition together as a person does without script: one button after the other.
func TestPutTogether(t *testing.T) {
	t.Parallel()
	p := place(t, pack())
	f := condition.Show(p, "")
	press := func(do string, set ...string) {
		t.Helper()
		form := posted(render(t, f))
		for i := 0; i+1 < len(set); i += 2 {
			form.Set(set[i], set[i+1])
		}
		if do != "" {
			form.Set("when.do", do)
		}
		var acted bool
		if f, acted = condition.Read(p, form, ""); acted != (do != "") {
			t.Fatalf("%s acted %v", do, acted)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got, _ := f.Expr(); got != want {
			t.Fatalf("it says %s, want %s", got, want)
		}
	}
	press("add:0")
	press("refresh", "when.0.0.what", "whom")
	press("refresh", "when.0.0.op", servicespec.OpIs, "when.0.0.value", "other")
	expect(`whom == "other"`)
	press("group:0")
	press("refresh", "when.0.1.0.what", "age:born")
	press("add:0.1", "when.0.1.0.op", servicespec.OpLess, "when.0.1.0.value", "18")
	press("refresh", "when.0.1.1.what", "rule.poor")
	expect(`whom == "other" && (age(born, today) < 18 || rule.poor)`)
	press("", "when.0.1.0.value", "old")
	if _, ok := f.Expr(); ok || len(f.Problems()) != 1 || !strings.Contains(render(t, f), `value="old"`) {
		t.Fatalf("a wrong number is kept and said: %v", f.Problems())
	}
	press("add:0", "when.0.1.0.value", "18")
	press("refresh", "when.0.2.what", "rows:members")
	press("refresh", "when.0.2.join", "none", "when.0.2.0.0.what", "m.age")
	press("", "when.0.2.0.0.op", servicespec.OpAtLeast, "when.0.2.0.0.value", "65")
	expect(`whom == "other" && (age(born, today) < 18 || rule.poor) && !members.any(m, m.age >= 65)`)
	press("remove:0.1")
	press("text")
	expect(`whom == "other" && !members.any(m, m.age >= 65)`)
	press("refresh", "when.text", `whom == "me" && cars > 2`)
	press("rows")
	expect(`whom == "me" && (cars > 2)`)
	press("", "when.0.join", "any")
	expect(`whom == "me" || (cars > 2)`)
}

func TestRefuseShowsThePlace(t *testing.T) {
	t.Parallel()
	p := place(t, pack())
	f, _ := condition.Read(p, url.Values{"when.mode": {"text"}, "when.text": {`whom == "me" && cars > 2`}, "when.do": {"try"}}, "")
	html := render(t, f)
	if !strings.Contains(html, "<mark>cars</mark>") {
		t.Errorf("the place is not shown: %s", html)
	}
	if !strings.Contains(html, "rule.poor") {
		t.Error("the names are not offered")
	}
}

func TestTrial(t *testing.T) {
	t.Parallel()
	p := place(t, pack())
	form := posted(render(t, condition.Show(p, `rule.poor && whom == "other"`)))
	form.Set("when.do", "try")
	for answers, want := range map[string]string{
		"when.try.income=500&when.try.whom=other": "It holds", "when.try.income=500&when.try.whom=me": "It does not hold",
		"when.try.whom=other": "Not decided: an answer is missing",
	} {
		q, err := url.ParseQuery(answers)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range form {
			if !q.Has(k) {
				q[k] = v
			}
		}
		f, _ := condition.Read(p, q, "")
		_, after, _ := strings.Cut(render(t, f), `role="status"`)
		if !strings.Contains(after, want) {
			t.Errorf("%s: %s, want %s", answers, after, want)
		}
	}
}

// TestAnyPost: whatever is posted, the condition can be shown, and what it says can be read again.
func TestAnyPost(t *testing.T) {
	t.Parallel()
	p := place(t, pack())
	rapid.Check(t, func(rt *rapid.T) {
		form := url.Values{"when.mode": {rapid.SampledFrom([]string{"rows", "text", "x"}).Draw(rt, "mode")}}
		for range rapid.IntRange(0, 12).Draw(rt, "n") {
			name := "when." + rapid.SampledFrom([]string{"0", "0.0", "0.1", "0.0.0"}).Draw(rt, "path") + "." +
				rapid.SampledFrom([]string{"kind", "n", "join", "what", "op", "value", "to", "with", "raw", "each"}).Draw(rt, "part")
			form.Add(name, rapid.SampledFrom([]string{
				"group", "test", "rows", "raw", "2", "99", "all", "none", "whom", "rows:members", "age:born", "sum:members.pay", "size:members", "is", "between", "in", "other", "5", "today", `a"b`, "",
			}).Draw(rt, "value"))
		}
		form.Set("when.do", rapid.SampledFrom([]string{"", "add:0", "group:0.0", "remove:0.0", "remove:0", "text", "rows", "try", "x:y"}).Draw(rt, "do"))
		f, _ := condition.Read(p, form, "")
		html := render(t, f)
		expr, ok := f.Expr()
		again, _ := condition.Read(p, posted(html), "")
		if got, ok2 := again.Expr(); ok && ok2 && servicespec.ReadClause(got).CEL() != servicespec.ReadClause(expr).CEL() {
			rt.Fatalf("%s, shown and sent again, is %s", expr, got)
		}
	})
}

func TestSentence(t *testing.T) {
	t.Parallel()
	p := place(t, pack())
	f := condition.Show(p, `whom == "other"`)
	var said []string
	for _, s := range f.Sentence() {
		said = append(said, s.Text)
	}
	if !slices.Equal(said, []string{"Asked when ", "For whom", " is ", "Another person", "."}) {
		t.Errorf("%q", said)
	}
}
