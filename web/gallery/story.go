package gallery

import "github.com/a-h/templ"

// Story is a group of components under its name.
type Story struct {
	Name string
	View templ.Component
}

// Stories are the groups of the gallery, in its order; the golden tests compare the HTML of each.
func Stories() []Story {
	return []Story{
		{"button", buttons()},
		{"field", fields()},
		{"error-summary", errors()},
		{"notice", notices()},
		{"capacity", capacities()},
		{"tag", tags()},
		{"list", lists()},
		{"table", tables()},
		{"tree", trees()},
		{"filter", filters()},
		{"card", cards()},
		{"chart", charts()},
		{"graph", stateGraph()},
		{"part", confirms()},
		{"thread", threads()},
	}
}
