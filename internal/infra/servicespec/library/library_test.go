package library_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

var facts = servicespec.Facts{Today: civil.Date{Year: 2026, Month: 11, Day: 22}, Region: "CV", Currency: "CVE"}

func service(t *testing.T, code string) *servicespec.Service {
	t.Helper()
	data, err := library.Source(code)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := servicespec.Parse(data)
	for _, pr := range append(problems, servicespec.Check(p)...) {
		t.Error(pr)
	}
	s, err := servicespec.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPacksHaveNoProblems(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, p := range library.Packs() {
		codes = append(codes, p.Code)
		service(t, p.Code)
		if !slices.Equal(p.Languages, []string{"pt", "en", "ar"}) {
			t.Errorf("%s speaks %v", p.Code, p.Languages)
		}
	}
	if diff := cmp.Diff([]string{
		"birth-certificate", "building-permit", "event-permit", "grievance", "income-certificate", "property-tax", "right-to-information",
		"social-pension", "streetlight-complaint", "trade-licence", "water-connection",
	}, codes); diff != "" {
		t.Error(diff)
	}
	if _, err := library.Source("nothing"); err == nil {
		t.Error("a service that is not there has a source")
	}
}

// TestComplete: each service names its sources and the roles that work on it, refuses for coded reasons, tells the person of what
// happens, asks how it was, and leaves something behind: a certificate, a letter or a record.
func TestComplete(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		if len(p.Sources) == 0 || slices.ContainsFunc(p.Sources, func(s servicespec.Source) bool { return !strings.HasPrefix(s.URL, "http") }) {
			t.Errorf("%s does not say where all of it is from: %v", p.Code, p.Sources)
		}
		if p.Target.WorkingDays == 0 || len(p.Notices) < 3 || p.Feedback == nil || len(p.LifeEvents) == 0 || len(p.Keywords) != len(p.Languages) {
			t.Errorf("%s: target %+v, %d notices, feedback %v, life events %v", p.Code, p.Target, len(p.Notices), p.Feedback, p.LifeEvents)
		}
		if p.Code == "streetlight-complaint" {
			continue // the small one, which the others of its kind extend
		}
		if len(p.Certificates)+len(p.Letters) == 0 || len(p.Records) == 0 {
			t.Errorf("%s: %d certificates, %d letters, %d records", p.Code, len(p.Certificates), len(p.Letters), len(p.Records))
		}
		s := service(t, p.Code)
		for _, a := range s.Pack().Workflow.Actions {
			if st := s.StateOf(a.To); a.By == servicespec.ByStaff && st.Outcome == "rejected" && a.Comment != "required" {
				t.Errorf("%s refuses by %s without saying why", p.Code, a.Code)
			}
		}
		if len(p.Workflow.Reasons) < 4 {
			t.Errorf("%s has %d reasons", p.Code, len(p.Workflow.Reasons))
		}
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		s := service(t, p.Code).Pack()
		want := map[string]bool{}
		s.Workflow.Each(func(_ string, st *servicespec.State, _, _ string) { want[st.Role] = true })
		for _, a := range s.Workflow.Actions {
			want[a.Role] = true
		}
		delete(want, "")
		have := map[string]bool{}
		for _, r := range s.Roles {
			have[r.Code] = true
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("%s: (-works +named)\n%s", p.Code, diff)
		}
	}
}

// fill answers a form page by page, as a browser does, and fails on the first answer that is refused.
func fill(t *testing.T, s *servicespec.Service, posts map[string]string, files servicespec.Answers) servicespec.Answers {
	t.Helper()
	a := servicespec.Answers{}
	for code, v := range files {
		a[code] = v
	}
	for done := map[string]bool{}; ; {
		i := slices.IndexFunc(s.Pages(a, facts), func(p servicespec.PageView) bool { return !done[p.Code] })
		if i < 0 {
			break
		}
		p := s.Pages(a, facts)[i]
		posted := map[string][]string{}
		for _, q := range s.Pack().Form.Pages[slices.IndexFunc(s.Pack().Form.Pages, func(x servicespec.Page) bool { return x.Code == p.Code })].Questions {
			if v, ok := posts[q.Code]; ok {
				posted[q.Code] = strings.Split(v, "|")
			}
		}
		read, bad := s.Read(p.Code, posted, a, facts)
		if len(bad) > 0 {
			t.Fatalf("page %s: %+v", p.Code, bad)
		}
		a = s.Merge(p.Code, a, read)
		done[p.Code] = true
	}
	if bad := s.Validate(a, facts); len(bad) > 0 {
		t.Fatalf("the whole: %+v", bad)
	}
	return a
}

func fees(t *testing.T, s *servicespec.Service, a servicespec.Answers) string {
	t.Helper()
	lines, err := s.Fees(a, facts)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprint(l.Code, " ", l.Minor))
	}
	return strings.Join(out, ", ")
}

// walk takes a case through actions and returns the states it comes to.
func walk(t *testing.T, s *servicespec.Service, a servicespec.Answers, actions ...string) (states []string, effects []string) {
	t.Helper()
	state := s.Pack().Workflow.Start
	states = []string{state}
	for _, code := range actions {
		act := s.Action(code)
		if act == nil || !act.From.Has(state) || !s.Guard(code, a, facts) {
			t.Fatalf("the action %s cannot be taken in %s", code, state)
		}
		state = act.To
		states, effects = append(states, state), append(effects, act.Effect...)
	}
	return states, effects
}

var birth = map[string]string{
	"for_whom": "me", "full_name": "Ana Lopes Tavares", "birth_date": "1985-03-27", "birth_place": "CV-PR-1", "mother_name": "Maria Lopes",
	"purpose": "other", "purpose_text": "Concurso público", "delivery": "digital", "phone": "991 23 45", "true_statement": "yes",
	"relationship": "neta", "applicant_name": "João Pires", "first_copy": "yes",
}

// issued returns the claims of the one certificate of a service.
func issued(t *testing.T, s *servicespec.Service, a servicespec.Answers, f servicespec.Facts) map[string]any {
	t.Helper()
	list, err := s.Issues("", a, f)
	if err != nil || len(list) != 1 {
		t.Fatalf("certificates %v, %v", list, err)
	}
	return list[0].Claims
}

func with(base map[string]string, pairs ...string) map[string]string {
	out := map[string]string{}
	for k, v := range base {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func TestBirthCertificate(t *testing.T) {
	t.Parallel()
	s := service(t, "birth-certificate")
	a := fill(t, s, birth, nil)
	if got := fees(t, s, a); got != "certificate 25000" {
		t.Errorf("fees %q", got)
	}
	states, effects := walk(t, s, a, "pay", "ask-correction", "send-correction", "send-to-field", "confirm-in-field", "approve")
	if got := strings.Join(states, " "); got != "payment verification correction verification field approval issued" {
		t.Errorf("walked %s", got)
	}
	if got := strings.Join(effects, " "); got != "request_correction issue_certificate record" {
		t.Errorf("effects %s", got)
	}
	walk(t, s, a, "pay", "verify", "return-to-clerk", "verify", "reject")
	walk(t, s, a, "pay", "send-to-field", "report-from-field", "withdraw")
	walk(t, s, a, "expire-unpaid")
	if s.Action("approve").SeparateFrom != "verify" || s.StateOf("correction").Clock != "pause" || s.StateOf("issued").Outcome != "approved" {
		t.Error("separation, clock or outcome")
	}
	named := facts
	named.Area = func(code string) (servicespec.Area, bool) {
		return servicespec.Area{Name: i18n.Text{"pt": "Nossa Senhora da Graça (" + code + ")"}}, true
	}
	decided := named
	decided.Case = &servicespec.Case{Reference: "RC-2026-000001", DecidedOn: civil.Date{Year: 2026, Month: 11, Day: 24}}
	claims := issued(t, s, a, decided)
	if diff := cmp.Diff(map[string]any{
		"certificate_number": "RC-2026-000001", "full_name": "Ana Lopes Tavares", "birth_date": "1985-03-27",
		"birth_place": "Nossa Senhora da Graça (CV-PR-1)", "parents": "Maria Lopes", "purpose": "Concurso público",
	}, claims); diff != "" {
		t.Error(diff)
	}
	entries, err := s.Entries("", a, decided)
	if err != nil || len(entries) != 1 || entries[0].Key != "RC-2026-000001" || entries[0].Fields["issued_on"] != "2026-11-24" || entries[0].Fields["birth_place"] != "CV-PR-1" {
		t.Errorf("records %+v %v", entries, err)
	}
}

func TestBirthCertificateForOthers(t *testing.T) {
	t.Parallel()
	s := service(t, "birth-certificate")
	if got := fees(t, s, fill(t, s, with(birth, "for_whom", "my_child", "birth_date", "2026-05-01"), nil)); got != "" {
		t.Errorf("a first certificate in the first year costs %q", got)
	}
	if got := fees(t, s, fill(t, s, with(birth, "for_whom", "my_child", "birth_date", "2026-05-01", "first_copy", "no"), nil)); got != "certificate 25000" {
		t.Errorf("a second certificate costs %q", got)
	}
	a := servicespec.Answers{"for_whom": "other"}
	_, bad := s.Read("documents", nil, a, facts)
	if len(bad) != 1 || bad[0].Path != "identity_document" || bad[0].Code != "required" {
		t.Errorf("without the identity document: %+v", bad)
	}
	card := servicespec.File{ID: uuid.New(), Name: "bi.jpg", MediaType: "image/jpeg", Size: 80_000}
	got := fill(t, s, with(birth, "for_whom", "other"), servicespec.Answers{"identity_document": servicespec.Evidence{Proof: "card", Files: []servicespec.File{card}}})
	if got["relationship"] != "neta" || got["applicant_name"] != "João Pires" {
		t.Errorf("answers %v", got)
	}
	for _, q := range []string{"full_name", "birth_date", "identity_document", "phone"} {
		if !s.Personal(q) {
			t.Errorf("%s is not protected", q)
		}
	}
}

var trade = map[string]string{
	"request_kind": "new", "applicant_kind": "person", "applicant_name": "João Pires", "nif": "123456789", "trade_name": "Loja Pires", "activity": "retail",
	"opening_date": "2026-12-01", "place": "CV-PR-1", "address": "Plateau, Rua 5 de Julho 12", "area": "25", "tenure": "leased",
	"phone": "+238 991 23 45", "true_statement": "yes", "sells_alcohol": "yes", "seats": "30", "grease_trap": "yes", "company_name": "Pires, Lda.",
}

func TestTradeLicence(t *testing.T) {
	t.Parallel()
	s := service(t, "trade-licence")
	pdf := servicespec.Evidence{Proof: "file", Files: []servicespec.File{{ID: uuid.New(), Name: "x.pdf", MediaType: "application/pdf", Size: 1}}}
	partners := servicespec.Rows{{"partner_name": "João Pires", "partner_nif": "123456789", "share": servicespec.Decimal(100)}}
	files := servicespec.Answers{"nif_proof": pdf, "lease": pdf, "company_register": pdf, "health_certificate": pdf, "title_deed": pdf, "partners": partners}
	for _, tc := range []struct {
		activity, area, want string
	}{
		{"retail", "25", "licence 250000"},
		{"services", "26", "licence 500000"},
		{"retail", "600", "licence 1100000"},
		{"wholesale", "500", "licence 2000000, alcohol 300000"},
		{"food", "25", "licence 250000, inspection 150000, alcohol 300000"},
		{"restaurant", "100", "licence 1000000, inspection 150000, alcohol 300000"},
	} {
		a := s.Clean(fillDropping(t, s, with(trade, "activity", tc.activity, "area", tc.area), files), facts)
		if got := fees(t, s, a); got != tc.want {
			t.Errorf("%s of %s m²: %q, want %q", tc.activity, tc.area, got, tc.want)
		}
	}
	shop := fillDropping(t, s, trade, files)
	walk(t, s, shop, "pay", "forward", "grant")
	kitchen := fillDropping(t, s, with(trade, "activity", "restaurant", "applicant_kind", "company"), files)
	if s.Guard("forward", kitchen, facts) {
		t.Error("a restaurant needs no inspection")
	}
	walk(t, s, kitchen, "pay", "order-inspection", "fail-inspection", "send-correction", "order-inspection", "pass-inspection", "refuse")
	numbered := facts
	numbered.Case = &servicespec.Case{Reference: "LC-2026-000001", IssuedOn: numbered.Today}
	claims := issued(t, s, kitchen, numbered)
	if claims["holder_name"] != "Pires, Lda." || claims["activity"] != "Restaurante, café ou bar" || claims["alcohol"] != true {
		t.Errorf("claims %v", claims)
	}
	if list, err := s.Issues("", kitchen, numbered); err != nil || list[0].ValidUntil != numbered.Today.AddDays(365) {
		t.Errorf("validity: %v, %v", list, err)
	}
}

// fillDropping is fill for more files than the answers call for.
func fillDropping(t *testing.T, s *servicespec.Service, posts map[string]string, files servicespec.Answers) servicespec.Answers {
	t.Helper()
	a := servicespec.Answers{}
	for range 2 { // the files that count are known once the form has been filled
		for _, p := range s.Pages(a, facts) {
			posted := map[string][]string{}
			for _, q := range p.Questions {
				if f, ok := files[q.Code]; ok {
					a[q.Code] = f
				}
				if v, ok := posts[q.Code]; ok {
					posted[q.Code] = []string{v}
				}
			}
			read, _ := s.Read(p.Code, posted, a, facts)
			a = s.Merge(p.Code, a, read)
		}
	}
	return fill(t, s, posts, s.Clean(a, facts))
}

// TestScenarios plays the stories that the packs tell of themselves.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, p := range library.Packs() {
		s := service(t, p.Code)
		if len(p.Scenarios) < 4 && p.Code != "streetlight-complaint" {
			t.Errorf("%s tells %d scenarios", p.Code, len(p.Scenarios))
		}
		for i := range p.Scenarios {
			for _, f := range s.RunScenario(&p.Scenarios[i]).Failures {
				t.Errorf("%s: %s: %s", p.Code, p.Scenarios[i].Name, f)
			}
		}
	}
}

func TestStreetlightComplaint(t *testing.T) {
	t.Parallel()
	s := service(t, "streetlight-complaint")
	a := fill(t, s, map[string]string{
		"problem": "wires", "danger": "yes", "lights": "2", "place": "CV-PR-1", "landmark": "Achada de Santo António\nem frente à padaria",
	}, nil)
	if got := fees(t, s, a); got != "" {
		t.Errorf("fees %q", got)
	}
	states, _ := walk(t, s, a, "assign", "start-work", "resolve", "reopen", "reassign", "start-work", "need-parts", "start-work", "resolve", "close")
	if states[len(states)-1] != "closed" {
		t.Errorf("walked %v", states)
	}
	walk(t, s, a, "assign", "hand-back", "dismiss")
	walk(t, s, a, "assign", "start-work", "resolve", "confirm")
	if c, err := s.Issues("", a, facts); c != nil || err != nil {
		t.Errorf("certificates %v %v", c, err)
	}
}
