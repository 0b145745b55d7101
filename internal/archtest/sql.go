package archtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	sqlComment  = regexp.MustCompile(`(?s)--[^\n]*|/\*.*?\*/`)
	sqlLiteral  = regexp.MustCompile(`(?s)'(?:[^']|'')*'`)
	sqlRelation = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES|ONLY|USING|ON)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"?([a-z_][a-z0-9_]*)"?\s*\.\s*"?[a-z_][a-z0-9_]*"?`)
	sqlFunction = regexp.MustCompile(`(?i)"?\b([a-z_][a-z0-9_]*)"?\s*\.\s*"?[a-z_][a-z0-9_]*"?\s*\(`)
)

// CheckSQL returns the schemas that a module's SQL names although they are another's. Everybody may use the
// platform's.
func CheckSQL(module, file, body string) []string {
	body = sqlLiteral.ReplaceAllString(sqlComment.ReplaceAllString(body, " "), "''")
	var broken []string
	for _, pattern := range []*regexp.Regexp{sqlRelation, sqlFunction} {
		for _, match := range pattern.FindAllStringSubmatch(body, -1) {
			schema := strings.ToLower(match[1])
			if schema != module && isModule(schema) {
				broken = append(broken, fmt.Sprintf("%s: module %s reaches into the schema of %s", file, module, schema))
			}
		}
	}
	slices.Sort(broken)
	return slices.Compact(broken)
}

// isModule reports whether name is a module's, and so a schema's; an alias in a query is none.
func isModule(name string) bool {
	if _, ok := floors[name]; ok {
		return true
	}
	return slices.Contains(modules["consumer"], name) || slices.Contains(modules["provider"], name)
}
