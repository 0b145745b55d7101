package servicespec_test

import (
	"strings"
	"testing"

	"digit/internal/infra/servicespec"
)

// TestLettersTellWhatWasFoundOut: the agency writes its letters itself, and so may say what its staff found out. A message is
// written where that is not known.
func TestLettersTellWhatWasFoundOut(t *testing.T) {
	t.Parallel()
	s := compile(t, strings.Replace(whole, "Dear {applicant}, {comment}", "Dear {applicant}, after {distance} km: {leaks}", 1))
	a, f := poorHousehold(t, s), facts
	f.Case = &servicespec.Case{Findings: servicespec.Answers{"distance": int64(7)}}
	letters := s.LettersOf("grant", a, f)
	if len(letters) != 1 {
		t.Fatalf("letters: %v", letters)
	}
	got := s.AnswerFields(letters[0].Body, a, f, "en", servicespec.Words{})
	if got["distance"] != "7" || got["applicant"] == "" || got["leaks"] != "" {
		t.Errorf("the letter says %q", got)
	}
	if got := s.AnswerFields(letters[0].Body, a, facts, "en", servicespec.Words{}); got["distance"] != "" {
		t.Errorf("before there is a case the letter says %q", got)
	}
	p, _ := servicespec.Parse([]byte(strings.Replace(whole, "{applicant}: {reference}", "{distance}: {reference}", 1)))
	for _, pr := range servicespec.Check(p) {
		if pr.Code == "merge_field_unknown" && pr.Path == "notices.0.text.en" {
			return
		}
	}
	t.Error("a message may say what staff found out")
}
