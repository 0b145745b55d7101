// Package blocklist knows the passwords that are tried first, since most people choose them.
package blocklist

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sort"
	"strings"
	"sync"
)

//go:embed passwords.txt.gz
var packed []byte

// words are the lines of the list, unpacked when they are first asked for and kept as one text: a set of 49,000 strings
// would hold some megabytes for what is asked a few times an hour.
var words = sync.OnceValue(func() list {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic("blocklist: " + err.Error())
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic("blocklist: " + err.Error())
	}
	l := list{text: string(text), starts: make([]int32, 0, 50_000)}
	for at := 0; at < len(text); {
		l.starts = append(l.starts, int32(at))
		at += bytes.IndexByte(text[at:], '\n') + 1
	}
	return l
})

// list is a sorted text of lines, and where each begins.
type list struct {
	text   string
	starts []int32
}

func (l list) line(n int) string {
	rest := l.text[l.starts[n]:]
	return rest[:strings.IndexByte(rest, '\n')]
}

// Has reports whether the word, in small letters, is one of the list.
func Has(word string) bool {
	l := words()
	n := sort.Search(len(l.starts), func(n int) bool { return l.line(n) >= word })
	return n < len(l.starts) && l.line(n) == word
}
