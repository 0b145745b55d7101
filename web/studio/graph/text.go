package graph

import "strings"

// labelChars is how much of a way's name is shown; all of it is in its title and in the table.
const labelChars = 26

// textWidth is about how wide a text is in the fonts of the pages; the picture is drawn without asking a browser.
func textWidth(s string, size float64) float64 {
	w := 0.0
	for _, r := range s {
		switch {
		case r > 0x2E80: // wide scripts
			w += 1
		case strings.ContainsRune("iljtfrI.,:;'’|!() ", r):
			w += 0.34
		case strings.ContainsRune("mwMW@", r):
			w += 0.88
		case r >= 'A' && r <= 'Z':
			w += 0.68
		default:
			w += 0.56
		}
	}
	return w * size
}

func labelWidth(s string) float64 { return textWidth(cut(s, labelChars), 13) + 12 }

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return strings.TrimRight(string(runes[:most-1]), " ,.") + "…"
}

func cutAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = cut(s, labelChars)
	}
	return out
}

// wrap breaks a text into lines of that width, at most so many, the last one cut.
func wrap(s string, width, size float64, most int) []string {
	words := strings.Fields(s)
	var lines []string
	line := ""
	for i, word := range words {
		longer := strings.TrimSpace(line + " " + word)
		if line == "" || textWidth(longer, size) <= width {
			line = longer
			continue
		}
		if len(lines) == most-1 {
			line = strings.Join(append([]string{line}, words[i:]...), " ")
			break
		}
		lines = append(lines, line)
		line = word
	}
	for textWidth(line, size) > width {
		line = cut(line, len([]rune(line))-1)
		if len([]rune(line)) < 4 {
			break
		}
	}
	return append(lines, line)
}
