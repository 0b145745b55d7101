package agency

import "slices"

// Branch is an agency in the tree of agencies, with how many stand above it.
type Branch struct {
	Agency
	Level int
}

// Tree puts agencies below those that they stand under, and otherwise leaves them in their order. One whose agency above is not in the
// list stands at the top.
func Tree(all []Agency) []Branch {
	listed := map[string]bool{}
	for _, a := range all {
		listed[a.Code] = true
	}
	below := map[string][]Agency{}
	for _, a := range all {
		if !listed[a.Parent] {
			a.Parent = ""
		}
		below[a.Parent] = append(below[a.Parent], a)
	}
	out := make([]Branch, 0, len(all))
	var walk func(parent string, level int)
	walk = func(parent string, level int) {
		for _, a := range below[parent] {
			out = append(out, Branch{a, level})
			walk(a.Code, level+1)
		}
	}
	walk("", 0)
	return out
}

// Path returns the agencies above one, the outermost first.
func Path(all []Agency, code string) (above []Agency) {
	by := map[string]Agency{}
	for _, a := range all {
		by[a.Code] = a
	}
	for at := by[by[code].Parent]; at.Code != "" && len(above) < len(all); at = by[at.Parent] {
		above = append(above, at)
	}
	slices.Reverse(above)
	return above
}

// circle reports whether something would stand above itself by way of others: above says what stands above what, "" for nothing.
func circle(code string, above map[string]string) bool {
	seen := map[string]bool{}
	for ; code != ""; code = above[code] {
		if seen[code] {
			return true
		}
		seen[code] = true
	}
	return false
}
