package servicespec

import (
	"fmt"
	"maps"
	"strings"
)

// Failure is one thing in which a scenario does not come out as it says. The catalogue has a sentence for each Code, under
// "spec.scenario." + Code with Args, and for At the words for when it was.
type Failure struct {
	At   string // form, submission or step; "" where the scenario cannot begin
	Step int    // which, from 1
	Did  string // what was done in it
	Code string
	Args map[string]any
}

// moment is when something is compared.
type moment struct {
	at   string
	step int
	did  string
}

var (
	atForm       = moment{at: "form"}
	atSubmission = moment{at: "submission"}
)

// failures are the sentences of failures, in English.
var failures = map[string]string{
	"wrong":          "{detail}",
	"form":           "the answers cannot be sent: {found}",
	"not_sent":       "the form cannot be sent, so the steps were not taken",
	"refused":        "it is refused ({why}): {detail}",
	"refused_other":  "it is refused because of the {why}, not of the {want}",
	"not_refused":    "it could be done, and should have been refused ({want})",
	"not_asked":      "{code} is not asked",
	"asked":          "{code} is asked",
	"problems":       "the problems are {found}, not {want}",
	"eligible":       "eligible is {found}",
	"value":          "{name} is {found}, not {want}",
	"fees":           "the fees are {found}, not {want}",
	"total":          "the total is {found}, not {want}",
	"state":          "the case is in {found}, not in {want}",
	"branches":       "the branches are {found}, not {want}",
	"opinions":       "the opinions are {found}, not {want}",
	"outcome":        "the outcome is \"{found}\", not \"{want}\"",
	"due":            "the promised day is {found}, not {want}",
	"overdue":        "overdue is {found}",
	"no_certificate": "there is no certificate {of}",
	"no_record":      "there is no entry in the register {of}",
	"certificate":    "{name} of the certificate {of} is {found}, not {want}",
	"record":         "{name} of the entry in the register {of} is {found}, not {want}",
	"documents":      "the documents needed are {found}, not {want}",
	"actions":        "the actions are {found}, not {want}",
	"notices":        "the notices are {found}, not {want}",
	"letters":        "the letters are {found}, not {want}",
}

// FailureSentences returns the English sentence of every code, for the catalogue.
func FailureSentences() map[string]string { return maps.Clone(failures) }

// String says the failure in English.
func (f Failure) String() string {
	text := failures[f.Code]
	for name, v := range f.Args {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(v))
	}
	switch f.At {
	case "":
		return text
	case "step":
		return fmt.Sprintf("step %d (%s): %s", f.Step, f.Did, text)
	}
	return "the " + f.At + ": " + text
}
