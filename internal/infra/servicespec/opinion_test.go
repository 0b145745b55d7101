package servicespec_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

const asking = `
code: works
version: 1
agency: city
languages: [en]
number: "ST-{yyyy}-{seq:4}"
name: {en: Works}
summary: {en: Works in the street}
target: {working_days: 30}
form:
  pages:
    - code: p
      title: {en: Works}
      questions:
        - {code: place, kind: text, label: {en: Where}}
        - {code: phone, kind: phone, label: {en: Phone}, required: "false"}
        - {code: big, kind: yesno, label: {en: Big}}
        - {code: illness, kind: text, label: {en: Illness}, required: "false", sensitivity: special}
workflow:
  start: review
  states:
    - code: review
      role: clerk
      name: {en: Review}
      join: JOIN
      opinions:
        - {code: fire, agency: fire-service, name: {en: Fire service}, question: {en: "Is it safe?"}, shows: [place], due: 5 working days, late: LATE}
        - {code: water-board, agency: water, name: {en: Water board}, question: {en: "Are there pipes?"}, when: big, shows: [place, big], due: 10 working days}
    - {code: fix, kind: citizen, name: {en: To correct}}
    - {code: decision, role: clerk, name: {en: Decision}}
    - {code: yes, kind: end, outcome: approved, name: {en: Allowed}}
    - {code: gone, kind: end, outcome: withdrawn, name: {en: Withdrawn}}
  actions:
    - {code: heard, from: review, to: decision, by: system, on: opinions, name: {en: Heard}}
    - {code: back, from: [review, decision], to: fix, name: {en: Send back}, effect: [request_correction], kind: send_back}
    - {code: fixed, from: fix, to: review, by: citizen, on: submitted, name: {en: Corrected}}
    - {code: allow, from: [review, decision], to: yes, name: {en: Allow}, guard: 'opinion.fire != "" && opinion.fire != "objection"'}
    - {code: withdraw, from: [review, fix, decision], to: gone, by: citizen, kind: withdraw, name: {en: Withdraw}}
`

// asks is the pack, with some of its text replaced.
func asks(t *testing.T, join, late string, change ...string) *servicespec.Pack {
	t.Helper()
	text := strings.NewReplacer("JOIN", join, "LATE", late).Replace(asking)
	if len(change) == 2 {
		text = strings.Replace(text, change[0], change[1], 1)
	}
	pack, problems := servicespec.Parse([]byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return pack
}

// consulted is a service that asks other agencies, begun with a case of which the second is asked too where it is big.
func consulted(t *testing.T, join, late string, big bool) *servicespec.Simulation {
	t.Helper()
	svc, err := servicespec.Compile(asks(t, join, late))
	if err != nil {
		t.Fatal(err)
	}
	m, err := svc.BeginScenario(&servicespec.Scenario{Name: "x", Today: "2026-11-23", Answers: map[string]any{"place": "Rua 5", "big": big}})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func opinionsAre(t *testing.T, m *servicespec.Simulation, state string, want map[string]string) {
	t.Helper()
	if got := m.Opinions(); m.State != state || !maps.Equal(got, want) {
		t.Fatalf("in %s with %v, not in %s with %v", m.State, got, state, want)
	}
}

func TestOpinionsAreWaitedFor(t *testing.T) {
	t.Parallel()
	asked := map[string]string{"fire": "asked", "water-board": "asked"}
	for join, after := range map[string]string{"all": "review", "any": "decision", "1": "decision", "2": "review"} {
		m := consulted(t, join, "remind", true)
		opinionsAre(t, m, "review", asked)
		if slices.Contains(m.Can(), "allow") {
			t.Error("it may be allowed without the fire service")
		}
		if err := m.Say(map[string]string{"fire": servicespec.OpinionObjection}); err != nil {
			t.Fatal(err)
		}
		if m.State != after || slices.Contains(m.Can(), "allow") {
			t.Errorf("%s: in %s, and one can %v", join, m.State, m.Can())
		}
		if _, open := m.Opinions()["water-board"]; open == (after == "decision") {
			t.Errorf("%s: once the case has gone on, what is missing is recalled: %v", join, m.Opinions())
		}
	}
	m := consulted(t, "all", "remind", false) // the water board has no say
	opinionsAre(t, m, "review", map[string]string{"fire": "asked"})
	if err := m.Say(map[string]string{"fire": servicespec.OpinionConditions}); err != nil {
		t.Fatal(err)
	}
	opinionsAre(t, m, "decision", map[string]string{"fire": "conditions"})
	if err := m.Say(map[string]string{"fire": servicespec.OpinionObjection}); err == nil {
		t.Error("it is answered twice")
	}
}

func TestLateOpinions(t *testing.T) {
	t.Parallel()
	m := consulted(t, "all", "consent", false)
	if err := m.Wait("6 working days"); err != nil {
		t.Fatal(err)
	}
	if err := m.Do(servicespec.Doing{Action: "allow"}); err != nil {
		t.Fatalf("silence is consent: %v", err)
	}
	m = consulted(t, "all", "remind", true)
	if err := m.Wait("60 working days"); err != nil {
		t.Fatal(err)
	}
	opinionsAre(t, m, "review", map[string]string{"fire": "asked", "water-board": "asked"})
	again := 0
	for _, e := range m.Log {
		if e.Kind == "reminded" && e.Code == "fire" {
			again++
		}
	}
	if again != servicespec.MostReminders {
		t.Errorf("asked again %d times", again)
	}
}

func TestOpinionsAfterACorrection(t *testing.T) {
	t.Parallel()
	m := consulted(t, "all", "remind", true)
	say := func(answers map[string]string) {
		t.Helper()
		if err := m.Say(answers); err != nil {
			t.Fatal(err)
		}
	}
	send := func(items []string, change servicespec.Answers) {
		t.Helper()
		if err := m.Do(servicespec.Doing{Action: "back", Items: items}); err != nil {
			t.Fatal(err)
		}
		all := maps.Clone(m.Answers())
		maps.Copy(all, change)
		if err := m.Correct(all); err != nil {
			t.Fatal(err)
		}
	}
	say(map[string]string{"fire": servicespec.OpinionClear})
	send([]string{"phone"}, servicespec.Answers{"phone": "+2389912345"})
	opinionsAre(t, m, "review", map[string]string{"fire": "no_objection", "water-board": "asked"}) // neither has seen the number
	send([]string{"place"}, servicespec.Answers{"place": "Rua 7"})
	opinionsAre(t, m, "review", map[string]string{"fire": "asked", "water-board": "asked"})
	if err := m.Do(servicespec.Doing{Action: "withdraw"}); err != nil {
		t.Fatal(err)
	}
	opinionsAre(t, m, "gone", map[string]string{})
}

func TestShownTo(t *testing.T) {
	t.Parallel()
	svc, err := servicespec.Compile(asks(t, "all", "remind"))
	if err != nil {
		t.Fatal(err)
	}
	got := svc.ShownTo(svc.Opinion("fire"), servicespec.Answers{"place": "Rua 5", "big": true, "phone": "+2389912345", "illness": "flu"}, servicespec.Facts{Region: "CV"})
	if len(got) != 1 || got["place"] != "Rua 5" {
		t.Errorf("the fire service sees %v", got)
	}
	if svc.Opinion("nobody") != nil {
		t.Error("an opinion that nobody asks for")
	}
}

func TestOpinionsChecked(t *testing.T) {
	t.Parallel()
	for code, change := range map[string][2]string{
		"opinion_of_itself":      {"agency: fire-service", "agency: city"},
		"opinion_agency_missing": {"agency: fire-service, ", ""},
		"opinion_shows_nothing":  {"shows: [place], ", ""},
		"opinion_shows_special":  {"shows: [place],", "shows: [illness],"},
		"opinion_due_missing":    {"due: 5 working days, ", ""},
		"join_malformed":         {"join: all", "join: 3"},
		"code_twice":             {"code: water-board", "code: fire"},
		"opinions_missing":       {"from: review, to: decision, by: system", "from: [review, decision], to: decision, by: system"},
		"opinions_never_join":    {"by: system, on: opinions", "by: staff"},
		"unknown_word":           {"late: remind", "late: sulk"},
		"opinions_unused":        {"role: clerk\n      name: {en: Review}", "kind: citizen\n      name: {en: Review}"},
		"working_time_malformed": {"due: 5 working days", "due: soon"},
		"scenario_answer":        {"shows: [place],", "shows: [colour],"},
	} {
		if found := servicespec.Check(asks(t, "all", "remind", change[:]...)); !slices.ContainsFunc(found, func(p servicespec.Problem) bool { return p.Code == code }) {
			t.Errorf("%s is not found: %v", code, found)
		}
	}
}

func TestOpinionRenamed(t *testing.T) {
	t.Parallel()
	pack := asks(t, "all", "remind")
	after, _, err := servicespec.Rename(pack, servicespec.Renaming{Kind: servicespec.NamesOpinion, From: "fire", To: "fire-brigade"})
	if err != nil {
		t.Fatal(err)
	}
	if guard := after.Workflow.Actions[3].Guard; !strings.Contains(guard, "opinion.fire_brigade") || after.Workflow.States[0].Opinions[0].Code != "fire-brigade" {
		t.Errorf("the guard is %s", guard)
	}
	if after, _, err = servicespec.Rename(pack, servicespec.Renaming{Kind: servicespec.NamesQuestion, From: "place", To: "spot"}); err != nil || after.Workflow.States[0].Opinions[1].Shows[0] != "spot" {
		t.Errorf("what they see is not renamed: %v", err)
	}
}

// TestOpinionDiff tells opinions apart by their codes, and takes what is left away as what it means.
func TestOpinionDiff(t *testing.T) {
	t.Parallel()
	before, after := asks(t, "all", "remind"), asks(t, "all", "remind")
	said := after.Workflow.States[0].Opinions
	said[0].Late = ""
	if got := servicespec.Diff(before, after); len(got) != 0 {
		t.Errorf("being asked again, in fewer words: %v", got)
	}
	said[0].Due, said[0].Name = "7 working days", i18n.Text{"en": "Fire brigade"}
	said[1].Shows, said[1].When = []string{"place"}, ""
	after.Workflow.States[0].Opinions = append(said, servicespec.Opinion{
		Code: "parks", Agency: "parks", Name: i18n.Text{"en": "Parks"}, Question: i18n.Text{"en": "Are there trees?"}, Shows: []string{"place"}, Due: "3 working days",
	})
	const at = "workflow › states › review › opinions › "
	want := []string{
		"+ " + at + "parks (Parks)", "- " + at + `water-board › when "big"`, "~ " + at + `fire › due: "5 working days" → "7 working days"`,
		"~ " + at + `fire › name › en: "Fire service" → "Fire brigade"`, "~ " + at + `water-board › shows: ["place","big"] → ["place"]`,
	}
	var got []string
	for _, c := range servicespec.Diff(before, after) {
		got = append(got, c.String())
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	after.Workflow.States[0].Opinions = nil
	gone := servicespec.Diff(before, after)
	if len(gone) < 2 || gone[0].What != servicespec.Removed || !slices.Equal(gone[0].Path, []string{"workflow", "states", "review", "opinions", "fire"}) {
		t.Errorf("without opinions: %v", gone)
	}
}

// TestSchemaHasNoOpinions: the schema is of what the applicant sends. What other agencies answer is none of it, and is refused there.
func TestSchemaHasNoOpinions(t *testing.T) {
	t.Parallel()
	svc, err := servicespec.Compile(asks(t, "all", "remind"))
	if err != nil {
		t.Fatal(err)
	}
	schema := svc.Schema("en")
	properties := schema["properties"].(map[string]any)
	if got := slices.Sorted(maps.Keys(properties)); !slices.Equal(got, []string{"big", "illness", "phone", "place"}) || schema["additionalProperties"] != false {
		t.Errorf("the schema has %v", got)
	}
	_, wrong, err := svc.Take([]byte(`{"place": "Rua 5", "big": true, "opinion": {"fire": "no_objection"}}`))
	if err != nil || len(wrong) != 1 {
		t.Errorf("an applicant answers for the fire service: %v, %v", wrong, err)
	}
}
