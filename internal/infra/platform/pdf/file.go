package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf16"
)

// file is a PDF being assembled: numbered objects, then the table of their places. Its layout is the one
// Attachment reads back: one cross-reference table, no object streams, no encryption.
type file struct {
	buf     bytes.Buffer
	offsets []int // by object number - 1
}

func newFile() *file {
	f := &file{}
	f.buf.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	return f
}

// alloc reserves an object number.
func (f *file) alloc() int {
	f.offsets = append(f.offsets, 0)
	return len(f.offsets)
}

func (f *file) object(n int, body string) {
	f.offsets[n-1] = f.buf.Len()
	f.buf.WriteString(strconv.Itoa(n))
	f.buf.WriteString(" 0 obj\n")
	f.buf.WriteString(body)
	f.buf.WriteString("\nendobj\n")
}

// stream writes a compressed stream; dict holds its further entries.
func (f *file) stream(n int, dict string, data []byte) {
	f.packed(n, dict+"/Filter/FlateDecode", deflate(data))
}

// packed writes a stream whose data is encoded already, as dict says.
func (f *file) packed(n int, dict string, data []byte) {
	f.offsets[n-1] = f.buf.Len()
	fmt.Fprintf(&f.buf, "%d 0 obj\n<</Length %d%s>>\nstream\n", n, len(data), dict)
	f.buf.Write(data)
	f.buf.WriteString("\nendstream\nendobj\n")
}

// finish writes the cross-reference table and the trailer and returns the whole file.
func (f *file) finish(root, info int) []byte {
	id := sha256.Sum256(f.buf.Bytes())
	start := f.buf.Len()
	fmt.Fprintf(&f.buf, "xref\n0 %d\n0000000000 65535 f \n", len(f.offsets)+1)
	for _, o := range f.offsets {
		fmt.Fprintf(&f.buf, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&f.buf, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(f.offsets)+1, root, info, id[:16], id[:16], start)
	return f.buf.Bytes()
}

var deflaters = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func deflate(data []byte) []byte {
	var out bytes.Buffer
	z := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(z)
	z.Reset(&out)
	z.Write(data) // a bytes.Buffer takes everything
	z.Close()
	return out.Bytes()
}

// hexUTF16 is a text as hexadecimal UTF-16BE, without a byte order mark.
func hexUTF16(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// textString is a PDF text string: literal if plain ASCII, else UTF-16 with a byte order mark.
func textString(s string) string {
	for _, r := range s {
		if r < 0x20 || r > 0x7E {
			return "<FEFF" + hexUTF16(s) + ">"
		}
	}
	return "(" + strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(s) + ")"
}

// nameObject is a PDF name; characters other than letters, digits, "-", "+" and "." are written as #xx.
func nameObject(s string) string {
	var b strings.Builder
	b.WriteByte('/')
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "#%02X", c)
		}
	}
	return b.String()
}

func dateString(t time.Time) string { return t.UTC().Format("(D:20060102150405Z)") }

// num writes a measure with up to two decimals.
func num(v float64) string {
	s := strconv.FormatFloat(v, 'f', 2, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}
