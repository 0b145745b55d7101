package servicespec

import "digit/internal/infra/platform/i18n"

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
	KindName        = "name"        // string, or Name where Parts are asked: the name of a person
	KindEmail       = "email"       // string
	KindPhone       = "phone"       // string, E.164: "+2389912345"
	KindID          = "id"          // string: a number with check digits by Scheme, without spaces
	KindNumber      = "number"      // int64, or Decimal where it has Places
	KindMoney       = "money"       // int64, minor units
	KindDate        = "date"        // string, "2006-01-02"
	KindMonth       = "month"       // string, "2006-01"; rules see its first day
	KindTime        = "time"        // string, "15:04"
	KindYesNo       = "yesno"       // bool
	KindChoice      = "choice"      // string: the code of an option
	KindChoices     = "choices"     // []string, in the order of the options
	KindBoundary    = "boundary"    // string: the code of an area of Level
	KindAddress     = "address"     // Address: an area of the last of Levels, and lines below it
	KindPoint       = "point"       // Point: a place on the map
	KindFile        = "file"        // []File
	KindDocument    = "document"    // Evidence: a proof of the document of the same code
	KindSignature   = "signature"   // Signature
	KindDeclaration = "declaration" // bool, true once declared
	KindGroup       = "group"       // Rows: the Fields again and again
	KindComputed    = "computed"    // nothing that is sent: Value, worked out
	KindInfo        = "info"        // nothing: words to read
)

// Question is one thing asked, or words to read between questions. Its texts may use answers given before as merge fields,
// {full_name}, and inside a group those of the row, {row.name}.
type Question struct {
	Code        string    `json:"code" yaml:"code"`
	Kind        string    `json:"kind" yaml:"kind"`
	Label       i18n.Text `json:"label,omitempty" yaml:"label"`
	Hint        i18n.Text `json:"hint,omitempty" yaml:"hint"`
	Required    string    `json:"required,omitempty" yaml:"required"`       // "true" (as when empty), "false" or a rule
	When        string    `json:"when,omitempty" yaml:"when"`               // rule: is it asked?
	Valid       string    `json:"valid,omitempty" yaml:"valid"`             // rule over this answer and earlier ones
	Message     i18n.Text `json:"message,omitempty" yaml:"message"`         // said where Valid is false, or Pattern does not match
	Sensitivity string    `json:"sensitivity,omitempty" yaml:"sensitivity"` // "", personal or special
	SeenBy      []string  `json:"seen_by,omitempty" yaml:"seen_by"`         // roles of staff that may read the answer; all where empty
	Prefill     string    `json:"prefill,omitempty" yaml:"prefill"`         // profile.name, subject.name, business.number, wallet.<type>.<claim>, lookup.<name>.<field>

	MaxLength int      `json:"max_length,omitempty" yaml:"max_length"` // text, longtext, name, id: characters
	Pattern   string   `json:"pattern,omitempty" yaml:"pattern"`       // text, id: regular expression that the whole answer matches
	Lines     int      `json:"lines,omitempty" yaml:"lines"`           // longtext, address: height on the page
	Scheme    string   `json:"scheme,omitempty" yaml:"scheme"`         // id: which check digits; see Schemes
	Parts     []string `json:"parts,omitempty" yaml:"parts"`           // name: given and family, in the order people write them
	Min       *float64 `json:"min,omitempty" yaml:"min"`               // number, money (minor units); choices, group: how many
	Max       *float64 `json:"max,omitempty" yaml:"max"`
	Places    int      `json:"places,omitempty" yaml:"places"` // number: decimals, 0 to 6
	Unit      string   `json:"unit,omitempty" yaml:"unit"`     // number: "m²"

	Options  []Option  `json:"options,omitempty" yaml:"options"`
	RefData  string    `json:"refdata,omitempty" yaml:"refdata"` // code list instead of options
	Of       string    `json:"of,omitempty" yaml:"of"`           // earlier question: only codes (attribute "of") or areas of its answer
	Level    string    `json:"level,omitempty" yaml:"level"`     // boundary: "concelho"
	Levels   []string  `json:"levels,omitempty" yaml:"levels"`   // address, boundary: the cascade, from the largest to the level asked for
	Within   string    `json:"within,omitempty" yaml:"within"`   // address, boundary: only areas inside this one
	Accept   []string  `json:"accept,omitempty" yaml:"accept"`   // file: media types
	MaxSize  int64     `json:"max_size,omitempty" yaml:"max_size"`
	MaxFiles int       `json:"max_files,omitempty" yaml:"max_files"`
	Value    string    `json:"value,omitempty" yaml:"value"`   // computed: the rule
	As       string    `json:"as,omitempty" yaml:"as"`         // computed: text, number, money, date or yesno
	Hidden   bool      `json:"hidden,omitempty" yaml:"hidden"` // computed: not shown
	Row      string    `json:"row,omitempty" yaml:"row"`       // group: name of one row, for rules and texts (member.age) beside row.age
	RowTitle i18n.Text `json:"row_title,omitempty" yaml:"row_title"`
	Layout   string    `json:"layout,omitempty" yaml:"layout"` // group: "pages" (one row a page) or "table"; by its size where empty

	Fields []Question `json:"fields,omitempty" yaml:"fields"` // group
}

// Option is one choice.
type Option struct {
	Code  string    `json:"code" yaml:"code"`
	Label i18n.Text `json:"label" yaml:"label"`
	Hint  i18n.Text `json:"hint,omitempty" yaml:"hint"`
	When  string    `json:"when,omitempty" yaml:"when"`   // rule: is it offered?
	Alone bool      `json:"alone,omitempty" yaml:"alone"` // choices: goes with no other ("none of these")
}

// Document is a paper that is needed, and what proves it. A question of kind document with the same code asks for it.
type Document struct {
	Code        string    `json:"code" yaml:"code"`
	Name        i18n.Text `json:"name" yaml:"name"`
	Hint        i18n.Text `json:"hint,omitempty" yaml:"hint"`
	When        string    `json:"when,omitempty" yaml:"when"` // rule: is it needed? always where empty
	Optional    bool      `json:"optional,omitempty" yaml:"optional"`
	Sensitivity string    `json:"sensitivity,omitempty" yaml:"sensitivity"`
	Proofs      []Proof   `json:"proofs,omitempty" yaml:"proofs"` // one of these; a file where empty
}

// Proof is one way to prove a document: files, a credential from the person's wallet, or a record found in a register.
type Proof struct {
	Code       string    `json:"code" yaml:"code"`
	Name       i18n.Text `json:"name" yaml:"name"`
	Accept     []string  `json:"accept,omitempty" yaml:"accept"`
	MaxSize    int64     `json:"max_size,omitempty" yaml:"max_size"`
	MaxFiles   int       `json:"max_files,omitempty" yaml:"max_files"`
	Credential string    `json:"credential,omitempty" yaml:"credential"` // type of the credential
	Lookup     string    `json:"lookup,omitempty" yaml:"lookup"`         // name of the lookup
}
