package servicespec

import "digit/internal/infra/platform/i18n"

// Opinion is what another agency is asked when a case comes into a state: whether it objects. It is sent what Shows names and
// nothing else of the case. Guards read opinion.<code>: what it answered, "" until then.
type Opinion struct {
	Code     string    `json:"code" yaml:"code"`
	Agency   string    `json:"agency" yaml:"agency"`     // whom: the code of an agency of the state, which may work in a system elsewhere
	Name     i18n.Text `json:"name" yaml:"name"`         // for staff and for the person
	Question i18n.Text `json:"question" yaml:"question"` // what is to be looked at
	When     string    `json:"when,omitempty" yaml:"when"`
	Shows    []string  `json:"shows" yaml:"shows"`         // questions of the form, those that ask for documents too, whose answers the agency sees
	Due      string    `json:"due" yaml:"due"`             // "5 working days"
	Late     string    `json:"late,omitempty" yaml:"late"` // remind (as when empty), consent: silence counts as no objection
}

// What another agency answers.
const (
	OpinionClear      = "no_objection"
	OpinionConditions = "conditions" // no objection if something is done, which it says
	OpinionObjection  = "objection"  // and why
	OpinionSilent     = "silent"     // nothing, in time: the service takes that for consent
)

// Opinions returns what another agency can answer.
func Opinions() []string { return []string{OpinionClear, OpinionConditions, OpinionObjection} }

// What happens where an opinion is late.
const (
	LateRemind  = "remind"  // the agency is asked again, MostReminders times
	LateConsent = "consent" // silence is consent
)

// MostReminders is how often an agency is asked again; then it is for the state to escalate and for staff to go on.
const MostReminders = 3
