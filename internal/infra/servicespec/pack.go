package servicespec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"digit/internal/infra/platform/i18n"
)

// Pack is one version of a service as its agency wrote it.
type Pack struct {
	Code        string              `json:"code" yaml:"code"`
	Version     int                 `json:"version" yaml:"version"`
	Agency      string              `json:"agency" yaml:"agency"`
	Name        i18n.Text           `json:"name" yaml:"name"`
	Summary     i18n.Text           `json:"summary" yaml:"summary"`
	Description i18n.Text           `json:"description,omitempty" yaml:"description"`
	Audience    []string            `json:"audience,omitempty" yaml:"audience"`
	LifeEvents  []string            `json:"life_events,omitempty" yaml:"life_events"`
	Keywords    map[string][]string `json:"keywords,omitempty" yaml:"keywords"`       // by language
	Eligibility i18n.Text           `json:"eligibility,omitempty" yaml:"eligibility"` // what you need to know
	Needs       []i18n.Text         `json:"needs,omitempty" yaml:"needs"`             // what you need to have
	Languages   []string            `json:"languages" yaml:"languages"`               // the first is the language of the agency
	Form        Form                `json:"form" yaml:"form"`
	Fees        []Fee               `json:"fees,omitempty" yaml:"fees"`
	Workflow    Workflow            `json:"workflow" yaml:"workflow"`
	Target      Target              `json:"target,omitzero" yaml:"target"`
	Notices     []Notice            `json:"notices,omitempty" yaml:"notices"`
	Certificate *Certificate        `json:"certificate,omitempty" yaml:"certificate"`
	Registry    *RegistryEntry      `json:"registry,omitempty" yaml:"registry"`
	Number      string              `json:"number" yaml:"number"` // format of the reference, such as "RC-{yyyy}-{seq:6}"

	lines map[string]int // line of each path in the source it was parsed from
}

// Form is what the person is asked, page by page.
type Form struct {
	Pages []Page `json:"pages" yaml:"pages"`
}

// Page is a step of the form; When decides whether it is asked.
type Page struct {
	Code      string     `json:"code" yaml:"code"`
	Title     i18n.Text  `json:"title" yaml:"title"`
	Hint      i18n.Text  `json:"hint,omitempty" yaml:"hint"`
	When      string     `json:"when,omitempty" yaml:"when"`
	Questions []Question `json:"questions" yaml:"questions"`
}

// The kinds of questions, with the value an answer has.
const (
	KindText        = "text"        // string, one line
	KindLongText    = "longtext"    // string
	KindName        = "name"        // string: the name of a person
	KindEmail       = "email"       // string
	KindPhone       = "phone"       // string, E.164: "+2389912345"
	KindNumber      = "number"      // int64
	KindMoney       = "money"       // int64, minor units
	KindDate        = "date"        // string, "2006-01-02"
	KindYesNo       = "yesno"       // bool
	KindChoice      = "choice"      // string: the code of an option
	KindChoices     = "choices"     // []string, in the order of the options
	KindBoundary    = "boundary"    // string: the code of an area of Level
	KindFile        = "file"        // []File
	KindDeclaration = "declaration" // bool, true once declared
	KindInfo        = "info"        // nothing: words to read
)

// Question is one thing asked, or words to read between questions.
type Question struct {
	Code        string    `json:"code" yaml:"code"`
	Kind        string    `json:"kind" yaml:"kind"`
	Label       i18n.Text `json:"label" yaml:"label"`
	Hint        i18n.Text `json:"hint,omitempty" yaml:"hint"`
	Required    string    `json:"required,omitempty" yaml:"required"` // "true" (as when empty), "false" or a rule
	When        string    `json:"when,omitempty" yaml:"when"`         // rule: is it asked?
	Valid       string    `json:"valid,omitempty" yaml:"valid"`       // rule over this answer and earlier ones
	Message     i18n.Text `json:"message,omitempty" yaml:"message"`   // said where Valid is false
	Options     []Option  `json:"options,omitempty" yaml:"options"`
	RefData     string    `json:"refdata,omitempty" yaml:"refdata"`         // code list instead of options
	Level       string    `json:"level,omitempty" yaml:"level"`             // boundary: "concelho"
	Sensitivity string    `json:"sensitivity,omitempty" yaml:"sensitivity"` // "", personal or special
	MaxLength   int       `json:"max_length,omitempty" yaml:"max_length"`   // characters
	Min         *int64    `json:"min,omitempty" yaml:"min"`                 // number, money (minor units), choices (how many)
	Max         *int64    `json:"max,omitempty" yaml:"max"`
	Rows        int       `json:"rows,omitempty" yaml:"rows"`         // longtext: height on the page
	Accept      []string  `json:"accept,omitempty" yaml:"accept"`     // file: media types
	MaxSize     int64     `json:"max_size,omitempty" yaml:"max_size"` // file: bytes each
	MaxFiles    int       `json:"max_files,omitempty" yaml:"max_files"`
	Prefill     string    `json:"prefill,omitempty" yaml:"prefill"` // "profile.name"
}

// Option is one choice.
type Option struct {
	Code  string    `json:"code" yaml:"code"`
	Label i18n.Text `json:"label" yaml:"label"`
}

// Fee is one line of what is to pay: Amount is a rule in minor units, asked where When holds.
type Fee struct {
	Code   string    `json:"code" yaml:"code"`
	Name   i18n.Text `json:"name" yaml:"name"`
	When   string    `json:"when,omitempty" yaml:"when"`
	Amount string    `json:"amount" yaml:"amount"`
}

// Workflow is the way of a case through the agency.
type Workflow struct {
	Start   string   `json:"start" yaml:"start"`
	States  []State  `json:"states" yaml:"states"`
	Actions []Action `json:"actions" yaml:"actions"`
}

// State is where a case stands.
type State struct {
	Code        string    `json:"code" yaml:"code"`
	Name        i18n.Text `json:"name" yaml:"name"`                           // for staff
	CitizenName i18n.Text `json:"citizen_name,omitempty" yaml:"citizen_name"` // for the person; Name where empty
	CitizenText i18n.Text `json:"citizen_text,omitempty" yaml:"citizen_text"` // what happens next and when
	Kind        string    `json:"kind,omitempty" yaml:"kind"`                 // work (as when empty), payment, citizen, field, end
	Role        string    `json:"role,omitempty" yaml:"role"`                 // whose inbox: work and field
	Clock       string    `json:"clock,omitempty" yaml:"clock"`               // run, pause (as when empty for citizen and payment), stop (end)
	Outcome     string    `json:"outcome,omitempty" yaml:"outcome"`           // end: approved, rejected, withdrawn
	Target      string    `json:"target,omitempty" yaml:"target"`             // "2 working days", "4 working hours"
}

// Action takes a case from one state to another.
type Action struct {
	Code         string          `json:"code" yaml:"code"`
	From         string          `json:"from" yaml:"from"`
	To           string          `json:"to" yaml:"to"`
	Name         i18n.Text       `json:"name" yaml:"name"`                             // on the button
	Role         string          `json:"role,omitempty" yaml:"role"`                   // staff: the state's role where empty
	By           string          `json:"by,omitempty" yaml:"by"`                       // staff (as when empty), citizen, system
	On           string          `json:"on,omitempty" yaml:"on"`                       // event: paid, submitted, timer
	After        string          `json:"after,omitempty" yaml:"after"`                 // timer: "10 working days" in the state
	Comment      string          `json:"comment,omitempty" yaml:"comment"`             // none (as when empty), optional, required
	Checklist    []ChecklistItem `json:"checklist,omitempty" yaml:"checklist"`         // all to be ticked
	Guard        string          `json:"guard,omitempty" yaml:"guard"`                 // rule: may it be taken?
	Effect       []string        `json:"effect,omitempty" yaml:"effect"`               // issue_certificate, request_correction, raise_demand, record
	SeparateFrom string          `json:"separate_from,omitempty" yaml:"separate_from"` // action whose actor may not take this one
	Style        string          `json:"style,omitempty" yaml:"style"`                 // primary, secondary (as when empty), warning
}

// ChecklistItem is a thing to make sure of before an action.
type ChecklistItem struct {
	Code  string    `json:"code" yaml:"code"`
	Label i18n.Text `json:"label" yaml:"label"`
}

// Target is the promise to the person; a case is near due when WarnPercent of the time has gone.
type Target struct {
	WorkingDays int `json:"working_days,omitempty" yaml:"working_days"`
	WarnPercent int `json:"warn_percent,omitempty" yaml:"warn_percent"`
}

// Notice is a message to the person when something happens: submitted, paid, correction, approved, rejected,
// withdrawn, reminder, or state:<code>. The merge fields are {reference}, {service}, {state}, {link} and {name}.
type Notice struct {
	On      string    `json:"on" yaml:"on"`
	Channel []string  `json:"channel" yaml:"channel"` // sms, email, portal
	Subject i18n.Text `json:"subject,omitempty" yaml:"subject"`
	Text    i18n.Text `json:"text" yaml:"text"`
}

// Certificate is what an approval issues. Title and Body may use {claim} for each claim's name.
type Certificate struct {
	Type      string    `json:"type" yaml:"type"` // slug of the credential type
	Title     i18n.Text `json:"title" yaml:"title"`
	Body      i18n.Text `json:"body" yaml:"body"`
	Claims    []Claim   `json:"claims" yaml:"claims"`
	ValidDays int       `json:"valid_days,omitempty" yaml:"valid_days"` // 0: for good
}

// Claim is one fact in a certificate or register, taken by a rule from the answers and from reference, service,
// agency, holder, submitted_on, decided_on, issued_on and valid_until. A choice or area q is its code; q_label is
// what people call it, in the agency's language.
type Claim struct {
	Name        string    `json:"name" yaml:"name"`
	Label       i18n.Text `json:"label" yaml:"label"`
	From        string    `json:"from" yaml:"from"`
	Disclosable bool      `json:"disclosable,omitempty" yaml:"disclosable"` // the holder may leave it out
}

// RegistryEntry is the record that the effect "record" writes into a register.
type RegistryEntry struct {
	Registry string  `json:"registry" yaml:"registry"`
	Key      string  `json:"key" yaml:"key"` // rule: the record's natural key
	Fields   []Claim `json:"fields" yaml:"fields"`
}

// Hash returns the SHA-256 of the pack's canonical JSON in hexadecimal. Packs that say the same have the same
// hash, whether they were written in YAML or JSON.
func Hash(p *Pack) string {
	data, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings, numbers and maps with string keys always encode
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
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

// Fill replaces the merge fields {name} of a text; unknown ones stay as they are.
func Fill(text string, fields map[string]string) string {
	return mergeField.ReplaceAllStringFunc(text, func(m string) string {
		if v, ok := fields[strings.Trim(m, "{}")]; ok {
			return v
		}
		return m
	})
}

var mergeField = regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`)
