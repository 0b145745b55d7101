package servicespec_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
)

func TestWholeHasNoProblems(t *testing.T) {
	t.Parallel()
	for _, pr := range servicespec.Check(parse(t, whole)) {
		t.Error(pr)
	}
}

// poorHousehold are answers to the whole service that a poor household with two children gives.
func poorHousehold(t *testing.T, s *servicespec.Service) servicespec.Answers {
	t.Helper()
	a, wrong, err := s.Take([]byte(`{
		"applicant": {"given": "Ana", "family": "Tavares"}, "region": "inner",
		"members": [
			{"name": "Ana", "age": 40, "works": true, "income": 900000, "relation": "other"},
			{"name": "Bia", "age": 12, "relation": "child"}, {"name": "Caio", "age": 9, "relation": "child"}],
		"rooms": 2.5, "home": {"area": "CV-PR", "lines": "Rua 5"}, "since": "2020-01", "nif": "123456789",
		"helps": ["food"], "health": "Asthma", "agree": true, "school_number": "P-1",
		"identity": {"proof": "wallet", "credential": "01890000-0000-7000-8000-000000000000"}, "signature": {"signed": "Ana Tavares"}}`))
	if err != nil || len(wrong) > 0 {
		t.Fatal(wrong, err)
	}
	return a
}

// not sees every question but one.
func not(code string) func(q *servicespec.Question) bool {
	return func(q *servicespec.Question) bool { return q.Code != code }
}

func TestAffects(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	said := func(question string) string {
		var list []string
		for _, x := range s.Affects(question) {
			list = append(list, x.Kind+" "+x.Code)
		}
		return strings.Join(list, "\n") + "\n"
	}
	income := said("members.income")
	for _, want := range []string{"rule poor", "rule needy", "fee poor", "document income_proof", "action grant", "question total_income"} {
		if !strings.Contains(income, want+"\n") {
			t.Errorf("the income of a member affects no %s:\n%s", want, income)
		}
	}
	if got := said("call_at"); got != "\n" {
		t.Errorf("nothing hangs on the time of the call, but:\n%s", got)
	}
	for _, x := range s.Affects("members.income") {
		if x.Kind == "action" && x.Code == "grant" && !slices.Contains(x.Through, "rule.needy") {
			t.Errorf("by way of %v", x.Through)
		}
	}
}

// TestWhy asks why something was charged, and lets a reader see no more than the answers that they may.
func TestWhy(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	a := poorHousehold(t, s)
	_, log, err := s.TracedFees(a, facts)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(log, func(b servicespec.Because) bool {
		return b.Code == "poor" && b.How == "shown" || b.Code == "poor" && b.Rule == "poor"
	})
	if i < 0 {
		t.Fatalf("no reason for the rebate: %+v", log)
	}
	if b := log[i]; b.Result != true || b.Text["en"] != "The household earns little" || s.Named(b.Subject)["en"] != "For the poor" {
		t.Errorf("%+v", b)
	}
	asked := s.Trace(a, facts)
	find := func(log []servicespec.Because, code, how string) servicespec.Because {
		i := slices.IndexFunc(log, func(b servicespec.Because) bool { return b.Kind == "question" && b.Code == code && b.How == how })
		if i < 0 {
			t.Fatalf("no decision on %s (%s)", code, how)
		}
		return log[i]
	}
	if b := find(asked, "health", "required"); b.Result != true || !slices.Equal(b.Names(), []string{"helps"}) || s.Asker("helps").Code != "helps" {
		t.Errorf("why was the illness asked: %+v", b)
	}
	if b := find(s.SeenWhy(asked, not("helps")), "health", "required"); b.Saw["helps"] != "…" {
		t.Errorf("an answer is seen that may not be: %+v", b)
	}
	if b := find(s.SeenWhy(asked, not("income")), "total_income", "value"); b.Saw["members"] != "…" {
		t.Errorf("rows are seen with an answer that may not be: %+v", b)
	}
	if why := servicespec.Why(asked); len(why) == 0 || len(why) >= len(asked)+1 || slices.ContainsFunc(why, func(b servicespec.Because) bool { return b.Result == nil && !b.Failed }) {
		t.Errorf("%d of %d decisions made a difference", len(why), len(asked))
	}
	for _, b := range asked {
		if b.Kind == "option" && s.Named(b.Subject).IsZero() {
			t.Errorf("%+v has no name", b)
		}
	}
}

// TestConcealed takes answers out of what a member of staff reads.
func TestConcealed(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	a := poorHousehold(t, s)
	seen := s.Seen(a, not("health"))
	if _, there := seen["health"]; there || seen["region"] != "inner" {
		t.Errorf("%v", seen)
	}
	rows := s.Seen(a, not("income"))["members"].(servicespec.Rows)
	if _, there := rows[0]["income"]; there || rows[0]["name"] != "Ana" || a["members"].(servicespec.Rows)[0]["income"] == nil {
		t.Errorf("%v", rows)
	}
	pages := servicespec.Conceal(s.Pages(a, facts), not("applicant"))
	if q := pages[0].Questions[0]; !q.Concealed || q.Value != nil {
		t.Errorf("%+v", q)
	}
	for _, p := range pages {
		if p.Code == "home" && strings.Contains(p.Text(p.Title, "en", servicespec.Words{}), "Ana") {
			t.Errorf("a title tells the name: %s", p.Text(p.Title, "en", servicespec.Words{}))
		}
	}
}

func TestFilePlaces(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	a := servicespec.Answers{}
	first, second := servicespec.File{ID: uuid.New(), Name: "a.pdf", Size: 1}, servicespec.File{ID: uuid.New(), Name: "b.png", Size: 2}
	for _, c := range []struct {
		at, path string
		max      int
	}{{"photos", "photos", 3}, {"identity.passport", "identity", 2}, {"signature.drawing", "signature", 1}, {"income_proof.file", "income_proof", 1}} {
		p, ok := s.FilePlace(c.at)
		if !ok || p.Path != c.path || p.MaxFiles != c.max || !p.Fits(a) {
			t.Fatalf("%s: %+v, %v", c.at, p, ok)
		}
		a = p.Put(a, []servicespec.File{first})
		if got := p.Files(a); !slices.Equal(got, []servicespec.File{first}) {
			t.Errorf("%s holds %v", c.at, got)
		}
	}
	if got := servicespec.FilesIn(servicespec.Rows{a}); len(got) != 4 {
		t.Errorf("%d files are among the answers", len(got))
	}
	p, _ := s.FilePlace("photos")
	if a = p.Put(a, []servicespec.File{first, second}); len(p.Files(a)) != 2 {
		t.Error("a second photograph takes the place of the first")
	}
	if a = p.Put(a, nil); a["photos"] != nil {
		t.Error("no photograph is left, and yet an answer")
	}
	for _, at := range []string{"region", "identity", "identity.wallet", "identity.nothing", "members.0.age", "members.0.nothing", "members.x.age", "photos.1", "nothing", ""} {
		if _, ok := s.FilePlace(at); ok {
			t.Errorf("files go to %q", at)
		}
	}
	if s.PageOf("members.2.age") != "household" || s.PageOf("nothing") != "" {
		t.Error("the page of a question in rows")
	}
}

func TestReadRow(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	a := poorHousehold(t, s)
	read, wrong := s.ReadRow("members", 1, map[string][]string{
		"members.1.name": {"Bia"}, "members.1.age": {"12"}, "members.1.relation": {"other"}, "members.1.works": {"yes"}, "members.1.extra": {"x"},
	}, a, facts)
	codes := map[string]string{}
	for _, f := range wrong {
		codes[f.Path] = f.Code
	}
	// A child inland is nobody's "other" (a condition of the option), and is not asked whether it works.
	if codes["members.1.relation"] != "not_an_option" || codes["members.1.extra"] != "unknown_field" || read["name"] != "Bia" || read["works"] != nil {
		t.Errorf("%v, %v", read, codes)
	}
	view, _, ok := s.RowView("members", 1, a, facts)
	if !ok || view.Title("en", servicespec.Words{}) != "Bia (12)" || len(view.Questions) == 0 {
		t.Errorf("%+v, %v", view, ok)
	}
	if _, _, ok := s.RowView("members", 9, a, facts); ok {
		t.Error("a row far behind the last is shown")
	}
	twice := append(slices.Clone(a["members"].(servicespec.Rows)), servicespec.Answers{"name": "Bia", "age": int64(3), "relation": "child"})
	a["members"] = twice
	wrong = s.Validate(a, facts)
	if !slices.ContainsFunc(wrong, func(f fault.Field) bool { return f.Path == "members" && f.Args["message"] != nil }) {
		t.Errorf("the same name twice: %v", wrong)
	}
}

func TestScreening(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	a, wrong := s.ReadScreening(map[string][]string{"region": {"abroad"}, "other": {"x"}}, facts)
	if len(wrong) != 1 || wrong[0].Path != "other" || a["region"] != "abroad" {
		t.Errorf("%v, %v", a, wrong)
	}
	v := s.Eligible(a, facts)
	if v.Eligible || v.Reasons[0].Instead["en"] != "Ask the embassy" {
		t.Errorf("%+v", v)
	}
	if v, log := s.TracedEligible(a, facts); v.Eligible || len(log) == 0 || s.Named(log[0].Subject)["en"] != "Only for residents" {
		t.Errorf("why not: %+v", log)
	}
	if v := s.Eligible(servicespec.Answers{"region": "inner"}, facts); !v.Eligible || v.Decided {
		t.Errorf("the income is not known yet: %+v", v)
	}
	if got := s.Carried(servicespec.Answers{"region": "inner", "other": true}); len(got) != 1 || got["region"] != "inner" {
		t.Errorf("%v", got)
	}
}

func TestSourcesOfAnswers(t *testing.T) {
	t.Parallel()
	s := compile(t, whole)
	if diff := cmp.Diff(map[string]string{"applicant": "profile.name", "school": "lookup.pupil.school"}, s.Prefills()); diff != "" {
		t.Error(diff)
	}
	if got := s.Credentials(); !slices.Equal(got, []string{"id-card"}) {
		t.Errorf("credentials: %v", got)
	}
	if v, ok := s.Fit("applicant", "Ana Maria Tavares", facts); !ok || v != (servicespec.Name{Given: "Ana Maria", Family: "Tavares"}) {
		t.Errorf("a name in parts: %v, %v", v, ok)
	}
	for question, v := range map[string]any{"rooms": 0.25, "region": "nowhere", "nothing": "x", "school": nil, "since": "yesterday"} {
		if got, ok := s.Fit(question, v, facts); ok {
			t.Errorf("%v is taken for %s: %v", v, question, got)
		}
	}
	a := poorHousehold(t, s)
	want := s.Wanted(a, facts)
	if len(want) != 1 || want[0].Lookup.Name != "pupil" || want[0].Key != "P-1" {
		t.Errorf("wanted: %+v", want)
	}
	a["agree"] = false
	if got := s.Wanted(a, facts); len(got) != 0 {
		t.Errorf("wanted without consent: %+v", got)
	}
	if shown := s.Shown(a); shown["identity"].Type != "id-card" {
		t.Errorf("shown: %+v", shown)
	}
	areas := s.AreasIn(a, map[string][]string{"home.area": {"CV-BV"}})
	if !slices.Contains(areas, "CV-PR") || !slices.Contains(areas, "CV-BV") {
		t.Errorf("areas: %v", areas)
	}
}

func TestCompiledOnce(t *testing.T) {
	t.Parallel()
	p := parse(t, whole)
	hash := servicespec.Hash(p)
	loads := 0
	load := func() (*servicespec.Pack, error) { loads++; return p, nil }
	first, err := servicespec.Compiled(hash, load)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := servicespec.Compiled(hash, load); err != nil || again != first || loads != 1 {
		t.Errorf("compiled anew (%d loads), %v", loads, err)
	}
	gone := errors.New("gone")
	if _, err := servicespec.Compiled("another", func() (*servicespec.Pack, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	before := parse(t, whole)
	after := parse(t, strings.NewReplacer(
		"{code: rooms, kind: number, places: 1, unit: rooms, min: 0.5, max: 50, label: {en: Rooms}}", "{code: rooms, kind: number, places: 1, unit: rooms, min: 0.5, max: 60, label: {en: How many rooms}}",
		"        - {code: spot, kind: point, label: {en: On the map}, required: false}\n", "",
		"least: 20, most: 500", "least: 30, most: 500",
		"- {code: refuse, kind: reject, from: decide", "- {code: hold, from: decide, to: decide, name: {en: Hold}}\n    - {code: refuse, kind: reject, from: decide",
	).Replace(whole))
	var said []string
	for _, c := range servicespec.Diff(before, after) {
		said = append(said, c.String())
	}
	want := []string{
		"- form › pages › home › questions › spot (On the map)",
		"~ form › pages › home › questions › rooms › label › en: \"Rooms\" → \"How many rooms\"",
		"~ form › pages › home › questions › rooms › max: 50 → 60",
		"~ fees › stamp › least: 20 → 30",
		"+ workflow › actions › hold (Hold)",
	}
	slices.Sort(said)
	slices.Sort(want)
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	if got := servicespec.Diff(before, before); len(got) != 0 {
		t.Errorf("a pack differs from itself: %v", got)
	}
}

// TestSchemes holds check digits to published examples.
func TestSchemes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scheme, right, wrong string }{
		{"luhn", "4539 1488 0343 6467", "4539148803436468"},           // ISO/IEC 7812-1, a card number for tests
		{"verhoeff", "2363", "2364"},                                  // Verhoeff's own example, 236 with its digit
		{"mod11", "501964843", "501964842"},                           // a company of Portugal
		{"mod11_2", "0000-0002-1825-0097", "0000000218250098"},        // the example of ORCID
		{"mod97", "WEST12345698765432GB82", "WEST12345698765432GB83"}, // the worked example of the IBAN registry
		{"nif_pt", "501964843", "001964843"},
		{"nif_cv", "123456789", "12345678"},
	} {
		s := compile(t, strings.Replace(small, "{code: word, kind: text, label: {en: Word}, max_length: 5, required: false}",
			"{code: word, kind: id, scheme: "+c.scheme+", label: {en: Word}, required: false}", 1))
		if read, wrong := s.Read("all", map[string][]string{"word": {c.right}, "own": {"no"}}, nil, facts); read["word"] == nil {
			t.Errorf("%s refuses %s: %v", c.scheme, c.right, wrong)
		}
		if read, _ := s.Read("all", map[string][]string{"word": {c.wrong}, "own": {"no"}}, nil, facts); read["word"] != nil {
			t.Errorf("%s takes %s", c.scheme, c.wrong)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	f := servicespec.File{ID: uuid.New(), Name: "a"}
	different := []any{
		nil, "a", true, int64(1), servicespec.Decimal(1),
		[]string{"a"},
		[]servicespec.File{f},
		servicespec.Name{Given: "a"},
		servicespec.Address{Lines: "a"},
		servicespec.Point{Lat: 1},
		servicespec.Evidence{Proof: "a"},
		servicespec.Evidence{Proof: "a", Files: []servicespec.File{f}},
		servicespec.Signature{Signed: "a"},
		servicespec.Signature{Signed: "a", Drawing: &f},
		servicespec.Rows{{"a": "b"}},
		servicespec.Rows{{"a": "c"}, {}},
	}
	for i, a := range different {
		for j, b := range different {
			if got := servicespec.Same(a, b); got != (i == j) {
				t.Errorf("%#v and %#v: %v", a, b, got)
			}
		}
	}
	if !servicespec.Same(servicespec.Rows{{"a": "b", "c": nil}}, servicespec.Rows{{"a": "b"}}) || !servicespec.Same(nil, "") {
		t.Error("what is empty is what is not there")
	}
}

func TestCorrected(t *testing.T) {
	t.Parallel()
	items := []string{"region", "members.1.age"}
	if !servicespec.Asked(items, "members.1.age") || servicespec.Asked(items, "members.0.age") || !servicespec.Asked([]string{"members"}, "members.0.age") {
		t.Error("what is asked")
	}
	if !servicespec.Touches(items, "members") || servicespec.Touches(items, "rooms") {
		t.Error("what is touched")
	}
	before := servicespec.Answers{"region": "inner", "rooms": int64(1), "members": servicespec.Rows{{"name": "A", "age": int64(1)}, {"name": "B", "age": int64(2)}}}
	sent := servicespec.Answers{"region": "coast", "rooms": int64(9), "new": "x", "members": servicespec.Rows{{"name": "X", "age": int64(8)}, {"name": "Y", "age": int64(9)}, {"name": "Z"}}}
	want := servicespec.Answers{"region": "coast", "rooms": int64(1), "new": "x", "members": servicespec.Rows{{"name": "A", "age": int64(1)}, {"name": "B", "age": int64(9)}}}
	if diff := cmp.Diff(want, servicespec.Corrected(before, sent, items)); diff != "" {
		t.Error(diff)
	}
}

func TestScenariosBeside(t *testing.T) {
	t.Parallel()
	list, problems := servicespec.ParseScenarios([]byte("scenarios:\n  - {name: a, today: 2026-11-23}\n  - {name: b, todai: x}\n"))
	if len(list) == 0 || list[0].Name != "a" || len(problems) != 1 || problems[0].Line != 3 {
		t.Errorf("%v, %v", list, problems)
	}
	if _, problems := servicespec.ParseScenarios([]byte("[")); len(problems) == 0 {
		t.Error("no problem with what is no source")
	}
	if !strings.Contains(problems[0].String(), "todai") {
		t.Error(problems[0])
	}
}
