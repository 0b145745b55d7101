package gallery_test

import "strings"

// breakTags puts every element on a line of its own, so that a difference in a golden file can be read.
func breakTags(html string) string {
	return strings.ReplaceAll(html, "><", ">\n<") + "\n"
}
