package blocklist

import "unicode/utf8"

// Count is how many words of the list have so many letters at least.
func Count(letters int) (n int) {
	l := words()
	for at := range l.starts {
		if utf8.RuneCountInString(l.line(at)) >= letters {
			n++
		}
	}
	return n
}
