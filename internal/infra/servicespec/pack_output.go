package servicespec

import "digit/internal/infra/platform/i18n"

// Notice is a message when something happens: submitted, demand, paid, correction, approved, rejected, withdrawn, reminder,
// reopened, appealed, state:<code>, action:<code> or escalation:<code>. The merge fields are those of NoticeFields, and
// the answers of the form by their code.
type Notice struct {
	On      string    `json:"on" yaml:"on"`
	When    string    `json:"when,omitempty" yaml:"when"`
	To      []string  `json:"to,omitempty" yaml:"to"` // citizen (as when empty), role:<role>, agency, assignee
	Channel []string  `json:"channel" yaml:"channel"` // sms, email, portal
	Subject i18n.Text `json:"subject,omitempty" yaml:"subject"`
	Text    i18n.Text `json:"text" yaml:"text"`
}

// Certificate is a credential that an action issues. Title and Body may use {claim} for each claim's name.
type Certificate struct {
	Type       string    `json:"type" yaml:"type"`           // slug of the credential type
	When       string    `json:"when,omitempty" yaml:"when"` // rule: is it issued?
	Title      i18n.Text `json:"title" yaml:"title"`
	Body       i18n.Text `json:"body" yaml:"body"`
	Claims     []Claim   `json:"claims" yaml:"claims"`
	ValidDays  int       `json:"valid_days,omitempty" yaml:"valid_days"`   // 0: for good, or as ValidUntil says
	ValidUntil string    `json:"valid_until,omitempty" yaml:"valid_until"` // rule: a date
	Number     string    `json:"number,omitempty" yaml:"number"`           // format; the tenant's own where empty
}

// Claim is one fact in a certificate or record, taken by a rule from the answers and from reference, service,
// agency, holder, submitted_on, decided_on, issued_on and valid_until. A choice or area q is its code; q_label is
// what people call it, in the agency's language.
type Claim struct {
	Name        string    `json:"name" yaml:"name"`
	Label       i18n.Text `json:"label" yaml:"label"`
	From        string    `json:"from" yaml:"from"`
	Disclosable bool      `json:"disclosable,omitempty" yaml:"disclosable"` // the holder may leave it out
}

// Letter is a document in words that an action sends: a decision, an invitation. Title and Body may use what notices may.
type Letter struct {
	Code   string    `json:"code" yaml:"code"`
	When   string    `json:"when,omitempty" yaml:"when"`
	Title  i18n.Text `json:"title" yaml:"title"`
	Body   i18n.Text `json:"body" yaml:"body"`
	Number string    `json:"number,omitempty" yaml:"number"` // format; without number where empty
}

// Record is an entry in a register that the effect "record" writes, as a new version where its key is there already.
type Record struct {
	Registry string  `json:"registry" yaml:"registry"`
	When     string  `json:"when,omitempty" yaml:"when"`
	Mode     string  `json:"mode,omitempty" yaml:"mode"` // write (as when empty): new or new version; update: only what is there
	Key      string  `json:"key" yaml:"key"`             // rule: the record's natural key
	Fields   []Claim `json:"fields" yaml:"fields"`
}

// Feedback is what the person is asked once the case is over. The answers are nobody's in particular.
type Feedback struct {
	Text      i18n.Text  `json:"text,omitempty" yaml:"text"`
	Questions []Question `json:"questions" yaml:"questions"`
}
