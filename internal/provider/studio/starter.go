package studio

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"digit/internal/infra/platform/fault"
	"digit/internal/infra/platform/i18n"
	"digit/internal/infra/servicespec"
)

// The kinds of services that a blank draft can begin as.
const (
	KindCertificate = "certificate" // paid, then decided; a certificate is issued
	KindDecision    = "decision"    // somebody decides
	KindReport      = "report"      // somebody reports something that is then put right
)

// Kinds are the kinds of services, in the order in which they are offered.
var Kinds = []string{KindCertificate, KindDecision, KindReport}

// Blank is what must be known of a service to begin it: its name in the first of its languages, the agency, what kind it is, and the
// role whose work it will be. Code is made of the name where empty. Fee is in minor units of the tenant's currency,
// for KindCertificate.
type Blank struct {
	Name, Code, Agency, Kind, Role string
	Languages                      []string
	Fee                            int64
}

// check names what is missing.
func (b Blank) check() (fields []fault.Field) {
	wrong := func(path, code string) {
		fields = append(fields, fault.Field{Path: path, Code: "studio.field." + code})
	}
	if strings.TrimSpace(b.Name) == "" {
		wrong("name", "name")
	}
	if b.Agency == "" {
		wrong("agency", "agency")
	}
	if len(b.Languages) == 0 || slices.Contains(b.Languages, "") {
		wrong("language", "language")
	}
	if !slices.Contains(Kinds, b.Kind) {
		wrong("kind", "kind")
	}
	if b.Role == "" {
		wrong("role", "role")
	}
	if b.Code != "" && !codeShape.MatchString(b.Code) {
		wrong("code", "code")
	}
	return fields
}

var codeShape = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// maxCode is how long a code that is made of a name gets.
const maxCode = 40

// CodeOf makes a code of a name: "Licença de caça" becomes licenca-de-caca, and "service" where no letter is left.
func CodeOf(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	code := ""
	for _, word := range strings.Fields(b.String()) {
		if code == "" && word[0] >= '0' && word[0] <= '9' {
			word = "s" + word
		}
		if next := strings.TrimPrefix(code+"-"+word, "-"); len(next) <= maxCode {
			code = next
		}
	}
	if code == "" {
		return "service"
	}
	return code
}

// numberOf makes a format of reference numbers of a code: licenca-de-caca becomes LDC-{yyyy}-{seq:6}.
func numberOf(code string) string {
	letters := ""
	for _, word := range strings.Split(code, "-") {
		letters += strings.ToUpper(word[:1])
	}
	return letters[:min(len(letters), 4)] + "-{yyyy}-{seq:6}"
}

// starter makes a small service of a kind, which passes the check.
type starter struct {
	Blank
	texts *i18n.Catalog
}

// say returns words of the product in the languages of the service.
func (s starter) say(key string) i18n.Text {
	t := i18n.Text{}
	for _, lang := range s.Languages {
		t[lang] = s.texts.T(lang, "studio.start."+key, nil)
	}
	return t
}

// named is the service's name as it was typed, in all languages: whoever translates it sees what there is.
func (s starter) named() i18n.Text { return i18n.Text{s.Languages[0]: strings.TrimSpace(s.Name)} }

func (s starter) pack() *servicespec.Pack {
	p := &servicespec.Pack{
		Code: s.Code, Version: 1, Agency: s.Agency, Name: s.named(), Summary: s.say("summary." + s.Kind), Languages: s.Languages,
		Audience: []string{"people"}, Number: numberOf(s.Code), Target: servicespec.Target{WorkingDays: 5},
		Form: servicespec.Form{Pages: s.pages()}, Workflow: s.workflow(), Notices: s.notices(),
	}
	if s.Kind == KindCertificate {
		p.Fees = []servicespec.Fee{{Code: "fee", Name: s.say("fee"), Amount: amountOf(s.Fee)}}
		p.Certificates = []servicespec.Certificate{{
			Type: s.Code, Title: s.named(), Body: s.say("certificate.body"),
			Claims: []servicespec.Claim{{Name: "full_name", Label: s.say("full_name"), From: "full_name"}},
		}}
	}
	return p
}

func (s starter) pages() []servicespec.Page {
	about := servicespec.Question{Code: "details", Kind: servicespec.KindLongText, Label: s.say("details." + s.Kind), MaxLength: 1000}
	return []servicespec.Page{
		{Code: "applicant", Title: s.say("applicant"), Questions: []servicespec.Question{
			{Code: "full_name", Kind: servicespec.KindName, Label: s.say("full_name"), Sensitivity: "personal", Prefill: "profile.name"},
		}},
		{Code: "request", Title: s.say("request." + s.Kind), Questions: []servicespec.Question{about}},
	}
}

func (s starter) workflow() servicespec.Workflow {
	state := func(code, kind, outcome string) servicespec.State {
		st := servicespec.State{Code: code, Kind: kind, Outcome: outcome, Name: s.say("state." + code), CitizenText: s.say("state." + code + ".text")}
		if kind == servicespec.StateWork {
			st.Role, st.CitizenName = s.Role, s.say("state."+code+".citizen")
		}
		return st
	}
	w := servicespec.Workflow{Start: "review", States: []servicespec.State{
		state("review", servicespec.StateWork, ""), state("approved", servicespec.StateEnd, "approved"), state("rejected", servicespec.StateEnd, "rejected"),
	}}
	approve := servicespec.Action{Code: "approve", Kind: "approve", From: servicespec.Codes{"review"}, To: "approved", Name: s.say("action.approve." + s.Kind), Comment: "optional", Style: "primary"}
	reject := servicespec.Action{Code: "reject", Kind: "reject", From: servicespec.Codes{"review"}, To: "rejected", Name: s.say("action.reject." + s.Kind), Comment: "required", Style: "warning"}
	if s.Kind == KindReport {
		w.States[1].Name, w.States[1].CitizenText = s.say("state.solved"), s.say("state.solved.text")
	}
	if s.Kind == KindCertificate {
		w.Start, w.States = "payment", slices.Insert(w.States, 0, state("payment", servicespec.StatePayment, ""))
		approve.Effect = []string{servicespec.EffectCertificate}
		w.Actions = []servicespec.Action{{Code: "pay", From: servicespec.Codes{"payment"}, To: "review", By: servicespec.BySystem, On: servicespec.OnPaid, Name: s.say("action.pay")}}
	}
	w.Actions = append(w.Actions, approve, reject)
	return w
}

func (s starter) notices() []servicespec.Notice {
	var out []servicespec.Notice
	for _, on := range []string{"submitted", "approved", "rejected"} {
		out = append(out, servicespec.Notice{On: on, Channel: []string{"email", "portal"}, Subject: s.say("notice." + on + ".subject"), Text: s.say("notice." + on)})
	}
	return out
}
