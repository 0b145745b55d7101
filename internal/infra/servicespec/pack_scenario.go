package servicespec

// Scenario is the story of one case, told beforehand: who applies, what they answer, what is done, and what must come of
// it. RunScenario plays it. Scenarios stand in the pack, or in a file of their own beside it.
type Scenario struct {
	Name    string                               `json:"name" yaml:"name"`
	Today   string                               `json:"today" yaml:"today"`                 // "2026-11-22": the day of submission, by 9 o'clock
	Holder  string                               `json:"holder,omitempty" yaml:"holder"`     // name of the person
	Answers map[string]any                       `json:"answers,omitempty" yaml:"answers"`   // by question code, in the form of the JSON API
	Lookups map[string]map[string]any            `json:"lookups,omitempty" yaml:"lookups"`   // what registers say, by name of the lookup
	RefData map[string]map[string]map[string]any `json:"refdata,omitempty" yaml:"refdata"`   // attributes, by list and code
	Areas   map[string]string                    `json:"areas,omitempty" yaml:"areas"`       // level by code of an area; any code passes where empty
	Holiday []string                             `json:"holidays,omitempty" yaml:"holidays"` // days on which nobody works
	Expect  *Expect                              `json:"expect,omitempty" yaml:"expect"`     // once the form is filled in and sent
	Steps   []Step                               `json:"steps,omitempty" yaml:"steps"`
}

// Step is one thing that happens; exactly one of Do, Wait, Correct, Opinions and Signal says what.
type Step struct {
	Do       string            `json:"do,omitempty" yaml:"do"`         // code of an action
	Role     string            `json:"role,omitempty" yaml:"role"`     // in which role; the action's where empty
	Person   string            `json:"person,omitempty" yaml:"person"` // which member of staff, for separation of duties; the role's name where empty
	Comment  string            `json:"comment,omitempty" yaml:"comment"`
	Reasons  []string          `json:"reasons,omitempty" yaml:"reasons"`
	Items    []string          `json:"items,omitempty" yaml:"items"`       // send back: the questions to correct
	Unticked []string          `json:"unticked,omitempty" yaml:"unticked"` // of the checklist; everything else is ticked
	Findings map[string]any    `json:"findings,omitempty" yaml:"findings"` // answers to the action's questions
	Wait     string            `json:"wait,omitempty" yaml:"wait"`         // "3 working days" (to the end of the third), "2 working hours"
	Correct  map[string]any    `json:"correct,omitempty" yaml:"correct"`   // answers that the person sends in again
	Opinions map[string]string `json:"opinions,omitempty" yaml:"opinions"` // what other agencies answer, by opinion: no_objection, conditions, objection
	Signal   string            `json:"signal,omitempty" yaml:"signal"`     // paid
	Refused  string            `json:"refused,omitempty" yaml:"refused"`   // the step must not be possible: why (role, guard, separation, comment, checklist, reasons, state, time)
	Expect   *Expect           `json:"expect,omitempty" yaml:"expect"`
}

// Expect is what must be so at a moment of a scenario. What is left out is not looked at; where nothing is expected of the case
// but of the form alone, the form need not be complete.
type Expect struct {
	Visible      []string                  `json:"visible,omitempty" yaml:"visible"`   // questions (and group.row.question) that are asked, among others
	Hidden       []string                  `json:"hidden,omitempty" yaml:"hidden"`     // questions that are not
	Problems     map[string]string         `json:"problems,omitempty" yaml:"problems"` // code of the fault by question; {} for none
	Eligible     *bool                     `json:"eligible,omitempty" yaml:"eligible"`
	Values       map[string]any            `json:"values,omitempty" yaml:"values"` // computed questions, rules (rule.x) and tables (table.x)
	Documents    []string                  `json:"documents,omitempty" yaml:"documents"`
	Fees         map[string]int64          `json:"fees,omitempty" yaml:"fees"` // minor units by fee; exactly these
	Total        *int64                    `json:"total,omitempty" yaml:"total"`
	State        string                    `json:"state,omitempty" yaml:"state"`
	Branches     map[string]string         `json:"branches,omitempty" yaml:"branches"` // state by branch
	Opinions     map[string]string         `json:"opinions,omitempty" yaml:"opinions"` // of those asked for: asked, or what came
	Actions      []string                  `json:"actions,omitempty" yaml:"actions"`   // what staff and the person can do, exactly
	Outcome      string                    `json:"outcome,omitempty" yaml:"outcome"`
	Notices      []string                  `json:"notices,omitempty" yaml:"notices"`           // events of notices sent since the step before, exactly
	Certificates map[string]map[string]any `json:"certificates,omitempty" yaml:"certificates"` // claims by type, among others
	Records      map[string]map[string]any `json:"records,omitempty" yaml:"records"`
	Letters      []string                  `json:"letters,omitempty" yaml:"letters"`
	Due          string                    `json:"due,omitempty" yaml:"due"` // the promised day
	Overdue      *bool                     `json:"overdue,omitempty" yaml:"overdue"`
}
