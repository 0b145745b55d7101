package servicespec

import "slices"

// businesses is the word of a pack's audience by which a service is open to businesses.
const businesses = "businesses"

// ForBusinesses reports whether a business can apply: the audience names businesses.
func (s *Service) ForBusinesses() bool { return slices.Contains(s.pack.Audience, businesses) }

// ForPeople reports whether a person can apply for themselves: the audience names somebody besides businesses, or nobody.
func (s *Service) ForPeople() bool {
	return len(s.pack.Audience) == 0 || slices.ContainsFunc(s.pack.Audience, func(a string) bool { return a != businesses })
}
