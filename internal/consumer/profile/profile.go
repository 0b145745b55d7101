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
	Channels []string // "sms", "email": ways to be told of news
}

// normal returns the profile in the form in which it is stored.
func (p Profile) normal() Profile {
	p.Name = strings.Join(strings.Fields(p.Name), " ")
	p.Boundary = strings.TrimSpace(p.Boundary)
	p.Channels = slices.Clone(p.Channels)
	slices.Sort(p.Channels)
	p.Channels = slices.Compact(p.Channels)
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
	for _, channel := range p.Channels {
		if channel != "sms" && channel != "email" {
			wrong = append(wrong, fault.Field{Path: "channels", Code: "profile.channel"})
		}
	}
	if len(wrong) > 0 {
		return ErrProfile.WithFields(wrong...)
	}
	return nil
}
