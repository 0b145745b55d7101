package servicespec_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/platform/civil"
	"digit/internal/infra/platform/fault"
	"digit/internal/infra/servicespec"
	"digit/internal/infra/servicespec/library"
)

var facts = servicespec.Facts{
	Today: civil.Date{Year: 2026, Month: 11, Day: 22}, Region: "CV", Currency: "CVE",
	Area: func(code string) (servicespec.Area, bool) { return servicespec.Area{}, strings.HasPrefix(code, "CV-") },
	Code: func(list, code string) (servicespec.Code, bool) {
		return servicespec.Code{}, list == "islands" && code == "fogo"
	},
}

// small is a service with a question of every kind.
const small = `
code: small
version: 1
agency: cmp
languages: [en]
number: "S-{seq:4}"
name: {en: Small}
summary: {en: A small service}
form:
  pages:
    - code: all
      title: {en: All}
      questions:
        - {code: note, kind: info, label: {en: Read this}}
        - {code: word, kind: text, label: {en: Word}, max_length: 5, required: false}
        - {code: story, kind: longtext, label: {en: Story}, max_length: 20, required: false}
        - {code: who, kind: name, label: {en: Who}, required: false}
        - {code: mail, kind: email, label: {en: Mail}, required: false}
        - {code: phone, kind: phone, label: {en: Phone}, required: false}
        - {code: rooms, kind: number, label: {en: Rooms}, min: 1, max: 1000000, required: false}
        - {code: rent, kind: money, label: {en: Rent}, min: 100, required: false}
        - {code: born, kind: date, label: {en: Born}, required: false, valid: born <= today, message: {en: Not in the future}}
        - {code: own, kind: yesno, label: {en: Own}, required: false}
        - {code: colour, kind: choice, label: {en: Colour}, required: false, options: [{code: red, label: {en: Red}}, {code: blue, label: {en: Blue}}]}
        - {code: uses, kind: choices, label: {en: Uses}, required: false, max: 2, options: [{code: a, label: {en: A}}, {code: b, label: {en: B}}, {code: c, label: {en: C}}]}
        - {code: island, kind: choice, label: {en: Island}, required: false, refdata: islands}
        - {code: place, kind: boundary, label: {en: Place}, level: concelho, required: false}
        - {code: papers, kind: file, label: {en: Papers}, required: own, max_files: 2, max_size: 1000, accept: [application/pdf, image/*]}
        - {code: red_why, kind: text, label: {en: Why red}, when: colour == "red"}
    - code: sign
      title: {en: Sign}
      when: rooms > 5
      questions:
        - {code: true_statement, kind: declaration, label: {en: It is true}}
fees:
  - {code: base, name: {en: Base}, when: rooms > 1, amount: rooms * 100 + rent}
  - {code: risky, name: {en: Risky}, when: 'colour == "blue"', amount: 10000 / (rooms - 7)}
workflow:
  start: pay
  states:
    - {code: pay, kind: payment, name: {en: Pay}}
    - {code: work, role: clerk, name: {en: Work}, target: 2 working days}
    - {code: done, kind: end, outcome: approved, name: {en: Done}}
  actions:
    - {code: paid, from: pay, to: work, by: system, on: paid, name: {en: Paid}}
    - {code: finish, from: work, to: done, name: {en: Finish}, guard: 'colour != "blue"'}
notices:
  - {on: "state:work", channel: [sms], text: {en: "{reference} is at work"}}
`

func parse(t testing.TB, src string) *servicespec.Pack {
	t.Helper()
	p, problems := servicespec.Parse([]byte(src))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func compile(t testing.TB, src string) *servicespec.Service {
	t.Helper()
	s, err := servicespec.Compile(parse(t, src))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, old, new, path, code string }{
		{"no code", "code: small", "code: ''", "code", "code_missing"},
		{"code", "code: small", "code: Small Service", "code", "code_malformed"},
		{"agency", "agency: cmp", "agency: c--mp", "agency", "code_malformed"},
		{"version", "version: 1", "version: 0", "version", "version_missing"},
		{"language", "languages: [en]", "languages: [en, xx1]", "languages.1", "language_malformed"},
		{"translation", "languages: [en]", "languages: [en, pt]", "form.pages.0.questions.8.message", "translation_missing"},
		{"stray language", "name: {en: Small}", "name: {en: Small, fr: Petit}", "name.fr", "language_unknown"},
		{"no text", "summary: {en: A small service}", "summary: {}", "summary", "text_missing"},
		{"number", `"S-{seq:4}"`, `"S-{sequence}"`, "number", "number_malformed"},
		{"question code", "code: word", "code: Word", "form.pages.0.questions.1.code", "name_malformed"},
		{"reserved", "code: word", "code: in", "form.pages.0.questions.1.code", "name_malformed"},
		{"taken", "code: word", "code: holder", "form.pages.0.questions.1.code", "code_reserved"},
		{"twice", "code: story", "code: word", "form.pages.0.questions.2.code", "code_twice"},
		{"kind", "kind: longtext", "kind: essay", "form.pages.0.questions.2.kind", "kind_unknown"},
		{"rule", "rooms > 5", "rooms > 'x'", "form.pages.1.when", "rule_wrong_types"},
		{"rule type", "rooms > 5", "rooms + 5", "form.pages.1.when", "rule_wrong_result"},
		{"unknown name", "rooms > 5", "romos > 5", "form.pages.1.when", "rule_unknown_name_near"},
		{"ahead", "required: own,", "required: 'red_why == \"x\"',", "form.pages.0.questions.14.required", "rule_looks_ahead"},
		{"itself", "when: colour == \"red\"", "when: red_why == \"x\"", "form.pages.0.questions.15.when", "rule_looks_ahead"},
		{"no options", "options: [{code: red, label: {en: Red}}, {code: blue, label: {en: Blue}}]", "options: []", "form.pages.0.questions.10.options", "options_missing"},
		{"options", "max_length: 5", "refdata: islands", "form.pages.0.questions.1.options", "options_unused"},
		{"level", "level: concelho, ", "", "form.pages.0.questions.13.level", "level_missing"},
		{"range", "min: 1, max: 1000000", "min: 3, max: 2", "form.pages.0.questions.6.min", "range_empty"},
		{"range of text", "max_length: 5", "min: 5", "form.pages.0.questions.1.min", "range_unused"},
		{"media type", "image/*", "images", "form.pages.0.questions.14.accept.1", "media_type_malformed"},
		{"fee", "rooms * 100 + rent", "rooms * 1.5", "fees.0.amount", "rule_wrong_types"},
		{"start", "start: pay", "start: begin", "workflow.start", "state_unknown"},
		{"role", "role: clerk, ", "", "workflow.states.1.role", "role_missing"},
		{"outcome", "outcome: approved, ", "", "workflow.states.2.outcome", "unknown_word"},
		{"target", "2 working days", "2 days", "workflow.states.1.target", "working_time_malformed"},
		{"to", "to: done", "to: gone", "workflow.actions.1.to", "state_unknown"},
		{"dead end", "to: done", "to: work", "workflow.states.1", "state_dead_end"},
		{"unreachable", "from: pay, to: work", "from: pay, to: done", "workflow.states.1", "state_unreachable"},
		{"from an end", "from: work, to: done", "from: done, to: work", "workflow.actions.1.from", "action_after_end"},
		{"stuck payment", "on: paid", "on: timer, after: 1 working day", "workflow.states.0", "payment_stuck"},
		{"timer", "on: paid", "on: timer", "workflow.actions.0.after", "working_time_malformed"},
		{"event", "by: system, on: paid", "by: system", "workflow.actions.0.on", "event_missing"},
		{"effect", "name: {en: Finish}", "name: {en: Finish}, effect: [issue_certificate]", "workflow.actions.1.effect.0", "output_missing"},
		{"effect word", "name: {en: Finish}", "name: {en: Finish}, effect: [explode]", "workflow.actions.1.effect.0", "unknown_word"},
		{"separation", "name: {en: Finish}", "name: {en: Finish}, separate_from: begin", "workflow.actions.1.separate_from", "action_unknown"},
		{"separation from itself", "name: {en: Finish}", "name: {en: Finish}, separate_from: finish", "workflow.actions.1.separate_from", "separation_from_itself"},
		{"guard", "guard: 'colour != \"blue\"'", "guard: colour", "workflow.actions.1.guard", "rule_wrong_result"},
		{"notice", `"state:work"`, `"state:play"`, "notices.0.on", "state_unknown"},
		{"notice event", `"state:work"`, `sent`, "notices.0.on", "unknown_word"},
		{"merge field", "{reference} is", "{refrence} is", "notices.0.text.en", "merge_field_unknown"},
		{"channel", "channel: [sms]", "channel: [pigeon]", "notices.0.channel.0", "unknown_word"},
		{"subject", "channel: [sms]", "channel: [email]", "notices.0.subject", "text_missing"},
		{"claim", "\nnotices:", "\ncertificates: [{type: t, title: {en: T}, body: {en: '{x}'}, claims: [{name: x, label: {en: X}}]}]\nnotices:", "certificates.0.claims.0.from", "source_missing"},
		{"certificate", "\nnotices:", "\ncertificates: [{type: t, title: {en: T}, body: {en: '{y}'}, claims: [{name: x, from: word, label: {en: X}}]}]\nnotices:", "certificates.0", "certificate_unused"},
		{"record", "\nnotices:", "\nrecords: [{registry: r, key: rooms, fields: []}]\nnotices:", "records.0.key", "rule_wrong_result"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(small, tc.old) {
				t.Fatalf("%q is not there to change", tc.old)
			}
			p := parse(t, strings.Replace(small, tc.old, tc.new, 1))
			problems := servicespec.Check(p)
			for _, pr := range problems {
				if pr.Path == tc.path && pr.Code == tc.code {
					if pr.Line == 0 || pr.Sentence == "" {
						t.Errorf("no place or sentence: %+v", pr)
					}
					_, err := servicespec.Compile(p)
					if !errors.Is(err, servicespec.ErrPack) || len(fault.Of(err).Fields) != len(servicespec.Errors(problems)) {
						t.Errorf("Compile: %v", err)
					}
					return
				}
			}
			t.Errorf("no %s at %s in %v", tc.code, tc.path, problems)
		})
	}
	if problems := servicespec.Errors(servicespec.Check(parse(t, small))); len(problems) != 0 {
		t.Error(problems)
	}
}

func TestCheckNamesTheLine(t *testing.T) {
	t.Parallel()
	p := parse(t, "code: x\n\n\nagency: NO\n")
	for _, pr := range servicespec.Check(p) {
		if pr.Path == "agency" && pr.Line == 4 {
			return
		}
	}
	t.Errorf("%v", servicespec.Check(p))
}

func TestParseFindsWhatIsNoPack(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		src, code, path string
		line            int
	}{
		{"code: x\ncolour: red\n", "unknown_key", "colour", 2},
		{"form:\n  pages:\n    - code: a\n      titel: {en: A}\n", "unknown_key", "form.pages.0.titel", 4},
		{"code: x\nversion: many\n", "wrong_type", "version", 2},
		{"name: Small\n", "wrong_type", "name", 1},
		{"code: [x\n", "syntax", "", 0},
		{"- a\n", "no_service", "", 0},
		{"", "no_service", "", 0},
		{"code: x\n---\ncode: y\n", "documents", "", 0},
		{"code: &a x\nagency: *a\n", "alias", "", 2},
		{strings.Repeat("x", 1<<20+1), "too_large", "", 0},
		{"code: " + strings.Repeat("[", 200) + strings.Repeat("]", 200), "alias", "", 1},
	} {
		_, problems := servicespec.Parse([]byte(tc.src))
		if len(problems) != 1 || problems[0].Code != tc.code || problems[0].Path != tc.path || tc.line != 0 && problems[0].Line != tc.line {
			t.Errorf("%.60q: %v", tc.src, problems)
		}
	}
}

func TestHashIsOfWhatThePackSays(t *testing.T) {
	t.Parallel()
	for _, p := range append(library.Packs(), parse(t, small)) {
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		again, problems := servicespec.Parse(data) // JSON is read too
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var stored servicespec.Pack
		if err := json.Unmarshal(data, &stored); err != nil {
			t.Fatal(err)
		}
		if h := servicespec.Hash(p); h != servicespec.Hash(again) || h != servicespec.Hash(&stored) || len(h) != 64 {
			t.Errorf("%s: hashes differ", p.Code)
		}
		before := servicespec.Hash(p)
		if _, err := servicespec.Compile(p); err != nil || servicespec.Hash(p) != before {
			t.Errorf("%s: compiling changed the pack (%v)", p.Code, err)
		}
		p.Version++
		if servicespec.Hash(p) == before {
			t.Errorf("%s: a new version has the old hash", p.Code)
		}
	}
}

func TestVisibility(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	codes := func(a servicespec.Answers) string {
		var out []string
		for _, p := range s.Pages(a, facts) {
			out = append(out, p.Code)
			for _, q := range p.Questions {
				if q.Code == "red_why" || q.Code == "true_statement" {
					out = append(out, q.Code)
				}
			}
		}
		return strings.Join(out, " ")
	}
	for _, tc := range []struct {
		a    servicespec.Answers
		want string
	}{
		{nil, "all"},
		{servicespec.Answers{"colour": "red"}, "all red_why"},
		{servicespec.Answers{"colour": "green"}, "all"},
		{servicespec.Answers{"rooms": int64(6)}, "all sign true_statement"},
		{servicespec.Answers{"rooms": int64(0)}, "all"},
		{servicespec.Answers{"rooms": "6"}, "all"},
		{servicespec.Answers{"rooms": int64(6), "colour": "red"}, "all red_why sign true_statement"},
	} {
		if got := codes(tc.a); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.a, got, tc.want)
		}
	}
	got := s.Clean(servicespec.Answers{"colour": "blue", "red_why": "x", "true_statement": true, "ghost": "x", "word": ""}, facts)
	if diff := cmp.Diff(servicespec.Answers{"colour": "blue"}, got); diff != "" {
		t.Error(diff)
	}
	if s.Pages(servicespec.Answers{"own": true}, facts)[0].Complete || !s.Pages(nil, facts)[0].Complete {
		t.Error("a page is complete when its required questions are answered")
	}
}

func TestFeesAndGuards(t *testing.T) {
	t.Parallel()
	s := compile(t, small)
	lines, err := s.Fees(servicespec.Answers{"rooms": int64(2), "rent": int64(500)}, facts)
	if err != nil || len(lines) != 1 || lines[0].Minor != 700 || lines[0].Name.In("en", "") != "Base" {
		t.Errorf("%v %v", lines, err)
	}
	if lines, err := s.Fees(nil, facts); lines != nil || err != nil {
		t.Errorf("%v %v", lines, err)
	}
	for _, a := range []servicespec.Answers{
		{"rooms": int64(2)}, // rent is not answered
		{"rooms": int64(7), "rent": int64(500), "colour": "blue"}, // division by zero
		{"rooms": int64(1), "colour": "blue", "rent": int64(500)}, // negative
	} {
		if lines, err := s.Fees(a, facts); !errors.Is(err, servicespec.ErrFee) {
			t.Errorf("%v: %v %v", a, lines, err)
		}
	}
	if s.Guard("finish", nil, facts) || s.Guard("nothing", nil, facts) || s.Guard("finish", servicespec.Answers{"colour": "blue"}, facts) {
		t.Error("a guard let through")
	}
	if !s.Guard("finish", servicespec.Answers{"colour": "red"}, facts) || !s.Guard("paid", nil, facts) {
		t.Error("a guard held back")
	}
	if a := s.ActionsFrom("work"); len(a) != 1 || a[0].Role != "clerk" || a[0].By != "staff" || s.StateOf("pay").Clock != "pause" || s.StateOf("x") != nil {
		t.Errorf("defaults: %+v", a)
	}
	if len(s.NoticesOn("state:work", nil, facts)) != 1 || s.NoticesOn("paid", nil, facts) != nil || s.Question("ghost") != nil || s.Question("word").MaxLength != 5 {
		t.Error("notices or questions")
	}
}

func TestFillAndWithin(t *testing.T) {
	t.Parallel()
	if got := servicespec.Fill("{reference}: {x} {reference}", map[string]string{"reference": "{x}"}); got != "{x}: {x} {x}" {
		t.Error(got)
	}
	if w, err := servicespec.ParseWithin("1 working day"); err != nil || w != (servicespec.Within{Days: 1}) {
		t.Error(w, err)
	}
	if w, err := servicespec.ParseWithin("12 working hours"); err != nil || w != (servicespec.Within{Hours: 12}) {
		t.Error(w, err)
	}
}
