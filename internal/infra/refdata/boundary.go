package refdata

import (
	"regexp"
	"slices"

	"digit/internal/infra/platform/i18n"
)

// Boundary is a place of the tree. Path holds the codes from the root to the place, itself included. A Closed one is no longer
// offered, but still named where it was chosen; only CloseBoundary changes that.
type Boundary struct {
	Code   string
	Parent string
	Level  string
	Name   i18n.Text
	Path   []string
	Closed bool
}

// Within reports whether the place lies within ancestor, or is it.
func (b Boundary) Within(ancestor string) bool { return slices.Contains(b.Path, ancestor) }

// codes have no slash, which separates the codes of a path on its way to the database.
var codeShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// grow returns the put places with their paths, and those places of the tree whose path changes with them. The order
// of put is free: a child may stand before its parent.
func grow(tree, put []Boundary) ([]Boundary, error) {
	all := make(map[string]Boundary, len(tree)+len(put))
	for _, b := range tree {
		all[b.Code] = b
	}
	changed := make(map[string]bool, len(put))
	order := make([]string, 0, len(put))
	for _, b := range put {
		if !codeShape.MatchString(b.Code) || b.Level == "" {
			return nil, ErrCode.With("code", b.Code)
		}
		if len(b.Name) == 0 {
			return nil, ErrName.With("code", b.Code)
		}
		if !changed[b.Code] {
			order = append(order, b.Code)
		}
		changed[b.Code] = true
		all[b.Code] = Boundary{Code: b.Code, Parent: b.Parent, Level: b.Level, Name: b.Name}
	}
	var rows []Boundary
	for _, code := range order {
		path, err := pathOf(all, code)
		if err != nil {
			return nil, err
		}
		b := all[code]
		b.Path = path
		rows = append(rows, b)
	}
	for _, b := range tree {
		if changed[b.Code] {
			continue
		}
		path, err := pathOf(all, b.Code)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(path, b.Path) {
			b.Path = path
			rows = append(rows, b)
		}
	}
	return rows, nil
}

func pathOf(all map[string]Boundary, code string) ([]string, error) {
	var path []string
	for at := code; at != ""; {
		b, ok := all[at]
		if !ok {
			return nil, ErrParent.With("code", code, "parent", at)
		}
		if slices.Contains(path, at) {
			return nil, ErrCircle.With("code", code)
		}
		path = append(path, at)
		at = b.Parent
	}
	slices.Reverse(path)
	return path, nil
}
