package servicespec

import (
	"fmt"
	"regexp"
	"strconv"

	"digit/internal/infra/platform/i18n"
)

// Workflow is the way of a case through the agency.
type Workflow struct {
	Start   string   `json:"start" yaml:"start"`
	States  []State  `json:"states" yaml:"states"`
	Actions []Action `json:"actions" yaml:"actions"`
	Reasons []Reason `json:"reasons,omitempty" yaml:"reasons"` // coded reasons that actions let staff choose from
}

// The kinds of states.
const (
	StateWork     = "work"     // staff acts
	StateField    = "field"    // staff acts, outside the office
	StatePayment  = "payment"  // waits for the payment
	StateCitizen  = "citizen"  // waits for the person; the clock stands
	StateParallel = "parallel" // the case is in several branches at once
	StateDone     = "done"     // of a branch: it has come to its end, with an outcome
	StateEnd      = "end"      // the case is over
)

// State is where a case, or a branch of it, stands.
type State struct {
	Code        string       `json:"code" yaml:"code"`
	Name        i18n.Text    `json:"name" yaml:"name"`                           // for staff
	CitizenName i18n.Text    `json:"citizen_name,omitempty" yaml:"citizen_name"` // for the person; Name where empty
	CitizenText i18n.Text    `json:"citizen_text,omitempty" yaml:"citizen_text"` // what happens next and when
	Kind        string       `json:"kind,omitempty" yaml:"kind"`                 // work as when empty
	Role        string       `json:"role,omitempty" yaml:"role"`                 // whose inbox: work and field
	Clock       string       `json:"clock,omitempty" yaml:"clock"`               // run, pause (as when empty for citizen and payment), stop (end)
	Outcome     string       `json:"outcome,omitempty" yaml:"outcome"`           // end: approved, rejected, withdrawn; done: a word of the service's own
	Target      string       `json:"target,omitempty" yaml:"target"`             // "2 working days", "4 working hours"
	WarnPercent int          `json:"warn_percent,omitempty" yaml:"warn_percent"` // of the state's target; the service's where 0
	Assign      *Assignment  `json:"assign,omitempty" yaml:"assign"`
	Escalate    []Escalation `json:"escalate,omitempty" yaml:"escalate"`
	Branches    []Branch     `json:"branches,omitempty" yaml:"branches"` // parallel
	Opinions    []Opinion    `json:"opinions,omitempty" yaml:"opinions"` // work and field: what other agencies are asked when the case comes here
	Join        string       `json:"join,omitempty" yaml:"join"`         // parallel, opinions: all (as when empty), any, or how many branches must be done or opinions be there
}

// Branch is one of several ways a case goes at once, with states of its own. It begins where When holds; the state is
// joined when enough branches are done, and the others end with it. Guards read branch.<code>: the outcome of the state in
// which the branch was done.
type Branch struct {
	Code   string    `json:"code" yaml:"code"`
	Name   i18n.Text `json:"name" yaml:"name"`
	When   string    `json:"when,omitempty" yaml:"when"`
	Start  string    `json:"start" yaml:"start"`
	States []State   `json:"states" yaml:"states"`
}

// Assignment says to whom the work of a state goes when a case comes into it. Without one it waits for whoever takes it.
type Assignment struct {
	By   string `json:"by" yaml:"by"`               // load (who has least), round_robin, named, same (who took an earlier action)
	Area string `json:"area,omitempty" yaml:"area"` // question (boundary or address) by which the jurisdiction is found; the case's own where empty
	To   string `json:"to,omitempty" yaml:"to"`     // named: the position
	As   string `json:"as,omitempty" yaml:"as"`     // same: the action
	When string `json:"when,omitempty" yaml:"when"` // rule: otherwise it waits
}

// Escalation is what happens where a state lasts too long: after some working time in it, or at some working time before
// the promised date. It tells people, gives the work to another role, or takes an action.
type Escalation struct {
	Code   string   `json:"code" yaml:"code"`
	After  string   `json:"after,omitempty" yaml:"after"`   // "3 working days" in the state
	Before string   `json:"before,omitempty" yaml:"before"` // "1 working day" before the promise is due
	Notify []string `json:"notify,omitempty" yaml:"notify"` // recipients as in notices; they get the notice on escalation:<code>
	Role   string   `json:"role,omitempty" yaml:"role"`     // the role that gets the work
	Action string   `json:"action,omitempty" yaml:"action"` // the action of the system that is taken
}

// Who takes an action.
const (
	ByStaff   = "staff"
	ByCitizen = "citizen"
	BySystem  = "system"
)

// What an action of the system waits for.
const (
	OnPaid      = "paid"      // what was to pay is paid
	OnSubmitted = "submitted" // the person has sent the form in again
	OnTimer     = "timer"     // After some working time in the state
	OnCondition = "condition" // the Guard has become true
	OnJoined    = "joined"    // enough branches of the state are done
	OnOpinions  = "opinions"  // enough of the opinions that the state asks for are there
)

// Action takes a case, or a branch of it, from one state to another.
type Action struct {
	Code         string          `json:"code" yaml:"code"`
	From         Codes           `json:"from" yaml:"from"`
	To           string          `json:"to" yaml:"to"`
	Name         i18n.Text       `json:"name" yaml:"name"`                             // on the button
	Kind         string          `json:"kind,omitempty" yaml:"kind"`                   // what it means: approve, reject, send_back, withdraw, reopen, appeal
	Role         string          `json:"role,omitempty" yaml:"role"`                   // staff: the state's role where empty
	By           string          `json:"by,omitempty" yaml:"by"`                       // staff (as when empty), citizen, system
	On           string          `json:"on,omitempty" yaml:"on"`                       // event
	After        string          `json:"after,omitempty" yaml:"after"`                 // timer: "10 working days" in the state
	Within       string          `json:"within,omitempty" yaml:"within"`               // reopen, appeal: "15 working days" after the end
	Comment      string          `json:"comment,omitempty" yaml:"comment"`             // none (as when empty), optional, required
	Reasons      []string        `json:"reasons,omitempty" yaml:"reasons"`             // codes of reasons, of which one or more must be chosen
	Checklist    []ChecklistItem `json:"checklist,omitempty" yaml:"checklist"`         // all to be ticked
	Documents    []ActionFile    `json:"documents,omitempty" yaml:"documents"`         // files that staff attach
	Questions    []Question      `json:"questions,omitempty" yaml:"questions"`         // what staff find out; rules see the answers from then on
	Guard        string          `json:"guard,omitempty" yaml:"guard"`                 // rule: may it be taken?
	Message      i18n.Text       `json:"message,omitempty" yaml:"message"`             // said to staff where the guard holds it back
	Effect       []string        `json:"effect,omitempty" yaml:"effect"`               // see Effects
	SeparateFrom string          `json:"separate_from,omitempty" yaml:"separate_from"` // action whose actor may not take this one
	Style        string          `json:"style,omitempty" yaml:"style"`                 // primary, secondary (as when empty), warning
}

// What an action can bring about. A certificate, letter or record is named after a colon; without a name it is all those
// whose condition holds.
const (
	EffectCorrection  = "request_correction" // the person is asked to correct some answers
	EffectDemand      = "raise_demand"       // the fees are demanded
	EffectReassess    = "reassess_fees"      // the fees are worked out anew, and the difference demanded
	EffectCertificate = "issue_certificate"  // issue_certificate:<type>
	EffectLetter      = "send_letter"        // send_letter:<code>
	EffectRecord      = "record"             // record:<registry>
)

// Reason is a coded reason for a refusal or a sending back, with the words that the person reads.
type Reason struct {
	Code string    `json:"code" yaml:"code"`
	Name i18n.Text `json:"name" yaml:"name"`           // for staff to choose
	Text i18n.Text `json:"text,omitempty" yaml:"text"` // for the person; Name where empty
}

// ChecklistItem is a thing to make sure of before an action.
type ChecklistItem struct {
	Code  string    `json:"code" yaml:"code"`
	Label i18n.Text `json:"label" yaml:"label"`
	When  string    `json:"when,omitempty" yaml:"when"` // rule: does it apply?
}

// ActionFile is a file that staff attach to an action, such as a report.
type ActionFile struct {
	Code     string    `json:"code" yaml:"code"`
	Label    i18n.Text `json:"label" yaml:"label"`
	Accept   []string  `json:"accept,omitempty" yaml:"accept"`
	Optional bool      `json:"optional,omitempty" yaml:"optional"`
}

// Each calls see for every state, those of branches after the state they belong to. path leads to it in the pack; parent
// and branch are empty for states that are in no branch.
func (w *Workflow) Each(see func(path string, st *State, parent, branch string)) {
	for i := range w.States {
		st := &w.States[i]
		path := fmt.Sprintf("workflow.states.%d", i)
		see(path, st, "", "")
		for j := range st.Branches {
			b := &st.Branches[j]
			for k := range b.States {
				see(fmt.Sprintf("%s.branches.%d.states.%d", path, j, k), &b.States[k], st.Code, b.Code)
			}
		}
	}
}

// Within is a length of working time.
type Within struct{ Days, Hours int }

var withinPattern = regexp.MustCompile(`^([1-9][0-9]{0,2}) working (day|hour)s?$`)

// ParseWithin reads "2 working days" or "4 working hours".
func ParseWithin(s string) (Within, error) {
	m := withinPattern.FindStringSubmatch(s)
	if m == nil {
		return Within{}, fmt.Errorf("servicespec: %q is no working time; write it as \"2 working days\" or \"4 working hours\"", s)
	}
	n, err := strconv.Atoi(m[1])
	if m[2] == "hour" {
		return Within{Hours: n}, err
	}
	return Within{Days: n}, err
}
