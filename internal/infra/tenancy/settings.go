package tenancy

import (
	"cmp"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are known on a machine that has none installed
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
)

// Settings are what a tenant is called, speaks, pays in and looks like.
type Settings struct {
	Name            i18n.Text // of the authority; at least in DefaultLanguage
	Tagline         i18n.Text
	Languages       []string // BCP 47, in the order in which people are offered them
	DefaultLanguage string   // one of Languages
	Currency        string   // ISO 4217
	Zone            string   // IANA: "Atlantic/Cape_Verde"
	PhoneRegion     string   // ISO 3166-1: telephone numbers without prefix are of this country
	Accent          string   // "#rrggbb"; whether it contrasts enough is the design system's to see
	ContactEmail    string   // of the authority
	ContactPhone    string
	// StaffSecondFactor says whether staff must prove two factors before they can work: Optional or Required. Left empty,
	// a new production tenant requires it.
	StaffSecondFactor string
	// ApprovalStepUpOver is the paid fee, in minor units of Currency, from which a decision on a case asks for a fresh proof
	// of who decides; nil for never.
	ApprovalStepUpOver *int64
	StaffNamed         bool // people who ask who looked at their data are told the officer's name, not the office and post alone
	// UndoSeconds is how long a decision on a case waits before it takes effect, in which it can be undone; 0 for not at all, MostUndo at most.
	UndoSeconds int
	// KeptDecidedYears and KeptPaidYears are for how many years what was decided, and what was paid for, stays although its person is
	// erased: so that a decision can be contested and checked, and for the books of the state (Regulation (EU) 2016/679, article 17(3)).
	// 0 stands for UsualKeptDecided and UsualKeptPaid; see LeastKeptDecided, LeastKeptPaid and MostKept for what is accepted.
	KeptDecidedYears, KeptPaidYears int
	// Wording is the version of the tenant's own wording, uuid.Nil where it never had any. Wording changes it, not Change.
	Wording uuid.UUID
}

const (
	// UsualUndo is the UndoSeconds that new tenants begin with.
	UsualUndo = 60
	// MostUndo is the longest that a decision can be made to wait, in seconds.
	MostUndo = 600
)

// For how many years records stay: what new tenants begin with, and within which bounds a tenant can say otherwise. Less than the least
// would take from people what they contest a decision by, and from courts of auditors the vouchers of a year that is still open.
const (
	UsualKeptDecided = 5
	UsualKeptPaid    = 10
	LeastKeptDecided = 1
	LeastKeptPaid    = 5
	MostKept         = 100
)

// The values of StaffSecondFactor.
const (
	Optional = "optional"
	Required = "required"
)

const (
	nameMax    = 120
	taglineMax = 240
)

var accentShape = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// Location is the zone as Go's time knows it; UTC where it is none.
func (s Settings) Location() *time.Location {
	if loc, err := time.LoadLocation(s.Zone); err == nil {
		return loc
	}
	return time.UTC
}

// normal returns the settings in the form in which they are stored.
func (s Settings) normal() Settings {
	s.Languages = slices.Clone(s.Languages)
	for i, lang := range s.Languages {
		s.Languages[i] = strings.TrimSpace(lang)
	}
	s.DefaultLanguage = strings.TrimSpace(s.DefaultLanguage)
	s.Currency = strings.ToUpper(strings.TrimSpace(s.Currency))
	s.Zone = strings.TrimSpace(s.Zone)
	s.PhoneRegion = strings.ToUpper(strings.TrimSpace(s.PhoneRegion))
	s.Accent = strings.ToLower(strings.TrimSpace(s.Accent))
	s.ContactEmail = strings.TrimSpace(s.ContactEmail)
	s.ContactPhone = strings.TrimSpace(s.ContactPhone)
	s.StaffSecondFactor = cmp.Or(s.StaffSecondFactor, Optional)
	s.KeptDecidedYears = cmp.Or(s.KeptDecidedYears, UsualKeptDecided)
	s.KeptPaidYears = cmp.Or(s.KeptPaidYears, UsualKeptPaid)
	return s
}

// check names every setting that cannot be accepted.
func (s Settings) check() error {
	var wrong []fault.Field
	refuse := func(path, code string) { wrong = append(wrong, fault.Field{Path: path, Code: code}) }
	if strings.TrimSpace(s.Name[s.DefaultLanguage]) == "" {
		refuse("name", "tenancy.name_missing")
	}
	if tooLong(s.Name, nameMax) {
		refuse("name", "tenancy.too_long")
	}
	if tooLong(s.Tagline, taglineMax) {
		refuse("tagline", "tenancy.too_long")
	}
	seen := map[string]bool{}
	for _, lang := range s.Languages {
		if tag, err := language.Parse(lang); err != nil || tag.String() != lang || seen[lang] {
			refuse("languages", "tenancy.language")
		}
		seen[lang] = true
	}
	if !seen[s.DefaultLanguage] {
		refuse("default_language", "tenancy.default_language")
	}
	if _, err := currency.ParseISO(s.Currency); err != nil {
		refuse("currency", "tenancy.currency")
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		refuse("zone", "tenancy.zone")
	}
	if phonenumbers.GetCountryCodeForRegion(s.PhoneRegion) == 0 {
		refuse("phone_region", "tenancy.phone_region")
	} else if _, err := phonenumbers.Parse(s.ContactPhone, s.PhoneRegion); s.ContactPhone != "" && err != nil {
		refuse("contact_phone", "tenancy.contact_phone")
	}
	if !accentShape.MatchString(s.Accent) {
		refuse("accent", "tenancy.accent")
	}
	if a, err := mail.ParseAddress(s.ContactEmail); s.ContactEmail != "" && (err != nil || a.Address != s.ContactEmail) {
		refuse("contact_email", "tenancy.contact_email")
	}
	if s.StaffSecondFactor != Optional && s.StaffSecondFactor != Required {
		refuse("staff_second_factor", "tenancy.staff_second_factor")
	}
	if s.ApprovalStepUpOver != nil && *s.ApprovalStepUpOver < 0 {
		refuse("approval_step_up_over", "tenancy.approval_step_up_over")
	}
	if s.UndoSeconds < 0 || s.UndoSeconds > MostUndo {
		wrong = append(wrong, fault.Field{Path: "undo_seconds", Code: "tenancy.undo_seconds", Args: map[string]any{"most": MostUndo}})
	}
	wrong = append(wrong, checkKept("kept_decided_years", s.KeptDecidedYears, LeastKeptDecided)...)
	wrong = append(wrong, checkKept("kept_paid_years", s.KeptPaidYears, LeastKeptPaid)...)
	if len(wrong) > 0 {
		return ErrSettings.WithFields(wrong...)
	}
	return nil
}

func checkKept(path string, years, least int) []fault.Field {
	if years >= least && years <= MostKept {
		return nil
	}
	return []fault.Field{{Path: path, Code: "tenancy.kept_years", Args: map[string]any{"least": least, "most": MostKept}}}
}

func tooLong(t i18n.Text, limit int) bool {
	for _, text := range t {
		if utf8.RuneCountInString(text) > limit {
			return true
		}
	}
	return false
}
