package servicespec

// Known is what a state has, for checking a pack against it. Of a nil list nobody knows anything, and nothing is checked.
type Known struct {
	Roles       []string // roles that somebody can have
	Agencies    []string
	Levels      []string            // of areas
	Areas       func(string) bool   // does the area exist?
	Lists       map[string][]string // codes by code list
	Registers   []string
	Credentials []string // types that are issued
}
