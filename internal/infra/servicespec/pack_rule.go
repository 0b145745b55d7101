package servicespec

import "digit/internal/infra/platform/i18n"

// Rule is a named condition: written once, used wherever a condition stands as rule.<name>, or by its name alone where
// it is the whole condition. Its Text says in a sentence what is the case where it holds, for the person who asks why.
type Rule struct {
	Name string    `json:"name" yaml:"name"`
	Text i18n.Text `json:"text" yaml:"text"`
	When string    `json:"when" yaml:"when"`
	Each string    `json:"each,omitempty" yaml:"each"` // a group: the rule is about one of its rows (row.age) and used inside it
}

// Table is a decision table: the first row all of whose cells match gives the value, which rules read as table.<name>.
//
// A cell is empty or "-" (anything), a value ("retail", 5, true), several with commas between, a comparison ("<= 25",
// "!= 3"), a range with both ends ("[26..100]"), or "not" before values.
type Table struct {
	Name      string     `json:"name" yaml:"name"`
	Text      i18n.Text  `json:"text,omitempty" yaml:"text"` // what it decides
	Inputs    []string   `json:"inputs" yaml:"inputs"`       // expressions, mostly names of questions
	Rows      []TableRow `json:"rows" yaml:"rows"`
	Otherwise string     `json:"otherwise,omitempty" yaml:"otherwise"` // expression; without it no match is undecided
}

// TableRow is a row of a table: a cell for each input, and the expression that gives the value.
type TableRow struct {
	If   []string `json:"if" yaml:"if"`
	Then string   `json:"then" yaml:"then"`
}

// Lookup is a register that the service may look at for the person's own record, for a stated purpose and only with
// their consent. Rules read lookup.<name>.<field> and lookup.<name>.found.
type Lookup struct {
	Name     string        `json:"name" yaml:"name"`
	Registry string        `json:"registry" yaml:"registry"`
	Key      string        `json:"key" yaml:"key"`         // rule: the record's key
	Purpose  i18n.Text     `json:"purpose" yaml:"purpose"` // why, in a sentence for the person
	Consent  string        `json:"consent" yaml:"consent"` // question (yesno or declaration) by which the person agrees
	Fields   []LookupField `json:"fields" yaml:"fields"`
}

// LookupField is a field of a record that may be read.
type LookupField struct {
	Name string `json:"name" yaml:"name"`
	As   string `json:"as" yaml:"as"` // text, number, money, date or yesno
}

// Eligibility is who may have the service. The questions are asked before anybody signs in, and their answers are carried
// over to questions of the form with the same code.
type Eligibility struct {
	Text      i18n.Text   `json:"text,omitempty" yaml:"text"` // what you need to know
	Questions []Question  `json:"questions,omitempty" yaml:"questions"`
	Rules     []Condition `json:"rules,omitempty" yaml:"rules"`
}

// Condition is one thing that must be so. Where it is decided that it is not, the person reads No and Instead, and goes no
// further unless it is Advisory.
type Condition struct {
	When     string    `json:"when" yaml:"when"`
	Yes      i18n.Text `json:"yes,omitempty" yaml:"yes"`
	No       i18n.Text `json:"no" yaml:"no"`
	Instead  i18n.Text `json:"instead,omitempty" yaml:"instead"` // what to do instead
	Link     string    `json:"link,omitempty" yaml:"link"`       // where to do it
	Advisory bool      `json:"advisory,omitempty" yaml:"advisory"`
}
