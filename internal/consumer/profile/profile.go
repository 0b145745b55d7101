package profile

import (
	"slices"
	"strings"
	"unicode/utf8"

	"digit/internal/infra/platform/fault"
)

// Errors of this module.
var (
	// ErrNotFound says that the account has no profile.
	ErrNotFound = fault.NotFound("profile.not_found")
	// ErrForbidden says that the profile is somebody else's.
	ErrForbidden = fault.Forbidden("profile.forbidden")
	// ErrProfile says what of a profile cannot be accepted, one field each.
	ErrProfile = fault.Invalid("profile.invalid")
)

const nameMax = 120

// Profile is what somebody told about himself.
type Profile struct {
	Name     string
	Lang     string   // one of the tenant's languages
	Boundary string   // code of the area where he lives; "" where not told
	Channels []string // "sms", "email", "whatsapp": ways to be told of news
	// Reminders are the ways to be reminded of what was begun; in Quiet hours nothing is sent.
	Reminders []string
	Quiet     Quiet
}

// normal returns the profile in the form in which it is stored.
func (p Profile) normal() Profile {
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	p.Boundary = strings.TrimSpace(p.Boundary)
	for _, list := range []*[]string{&p.Channels, &p.Reminders} {
		*list = slices.Clone(*list)
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return p
}

// check names what cannot be accepted in a tenant of these languages.
func (p Profile) check(languages []string) error {
	var wrong []fault.Field
	if p.Name == "" {
		wrong = append(wrong, fault.Field{Path: "name", Code: "profile.name_missing"})
	}
	if utf8.RuneCountInString(p.Name) > nameMax {
		wrong = append(wrong, fault.Field{Path: "name", Code: "profile.name_long", Args: map[string]any{"max": nameMax}})
	}
	if !slices.Contains(languages, p.Lang) {
		wrong = append(wrong, fault.Field{Path: "lang", Code: "profile.lang"})
	}
	if p.Quiet.From < 0 || p.Quiet.From > 23 || p.Quiet.To < 0 || p.Quiet.To > 23 {
		wrong = append(wrong, fault.Field{Path: "quiet", Code: "profile.quiet"})
	}
	for _, channel := range slices.Concat(p.Channels, p.Reminders) {
		if channel != "sms" && channel != "email" && channel != "whatsapp" {
			wrong = append(wrong, fault.Field{Path: "channels", Code: "profile.channel"})
		}
	}
	if len(wrong) > 0 {
		return ErrProfile.WithFields(wrong...)
	}
	return nil
}
