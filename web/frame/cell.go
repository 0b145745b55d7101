package frame

import (
	"regexp"
	"strings"
)

// number is what may begin with a sign and is no formula.
var number = regexp.MustCompile(`^[+-]?\d+([.,]\d+)?$`)

// Cell returns a text for a file that is opened as a spreadsheet, in which what begins like a formula would be reckoned:
// a quotation mark before it makes it words again (OWASP ASVS 1.2.10). Commas, quotes and lines are encoding/csv's.
func Cell(text string) string {
	trimmed := strings.TrimLeft(text, " \u00a0\ufeff")
	if trimmed == "" || number.MatchString(text) {
		return text
	}
	if strings.ContainsRune("=+-@\t\r\n\x00|", []rune(trimmed)[0]) || strings.ContainsRune("＝＋－＠", []rune(trimmed)[0]) {
		return "'" + text
	}
	return text
}
