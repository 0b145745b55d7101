package servicespec

import (
	"maps"
	"slices"
	"strings"
)

// Asked reports whether a question may be answered again where these items are asked to be corrected: it is one of them, or
// in a group that is.
func Asked(items []string, path string) bool {
	if slices.Contains(items, path) {
		return true
	}
	group, _, _, inRow := SplitPath(path)
	return inRow && slices.Contains(items, group)
}

// Touches reports whether any of the items is the question, or in one of its rows.
func Touches(items []string, question string) bool {
	return slices.ContainsFunc(items, func(i string) bool { return i == question || strings.HasPrefix(i, question+".") })
}

// Corrected returns the answers after a correction: of what was answered before only what was asked about changes, question
// by question and inside rows; what was not answered before is new, and is taken as it is.
func Corrected(before, sent Answers, asked []string) Answers {
	out := maps.Clone(before)
	if out == nil {
		out = Answers{}
	}
	for _, code := range asked {
		if _, _, _, inRow := SplitPath(code); !inRow {
			delete(out, code)
		}
	}
	for code, v := range sent {
		if _, locked := out[code]; !locked {
			out[code] = v
		}
	}
	for code, v := range out {
		if rows, ok := v.(Rows); ok && !slices.Contains(asked, code) {
			out[code] = correctedRows(code, rows, sent[code], asked)
		}
	}
	return out
}

// correctedRows replaces what was asked about in the rows of a group; no row comes or goes.
func correctedRows(group string, before Rows, sent any, asked []string) Rows {
	new, _ := sent.(Rows)
	out := slices.Clone(before)
	for i := range out {
		if i >= len(new) {
			break
		}
		var fields []string
		for _, item := range asked {
			if g, row, field, ok := SplitPath(item); ok && g == group && row == i {
				fields = append(fields, field)
			}
		}
		out[i] = Corrected(out[i], new[i], fields)
	}
	return out
}
