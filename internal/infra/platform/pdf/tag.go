package pdf

import (
	"fmt"
	"strings"
)

// elem is an element of the structure tree, the reading order of the document for screen readers.
type elem struct {
	typ    string // P, H1, Table, TR, TH, TD, Figure, …
	kids   []kid
	alt    string // what a figure shows
	actual string // the text in reading order, where the page holds it from right to left
	lang   string // if other than the document's
	attrs  string // attribute dictionary
	num    int    // object number
}

// kid is an element below, or a marked piece of a page.
type kid struct {
	e          *elem
	page, mcid int
}

func (e *elem) add(typ string) *elem {
	c := &elem{typ: typ}
	e.kids = append(e.kids, kid{e: c})
	return c
}

// number gives object numbers to the element and all below.
func (e *elem) number(f *file) {
	e.num = f.alloc()
	for _, k := range e.kids {
		if k.e != nil {
			k.e.number(f)
		}
	}
}

// write writes the element and all below; pages are the page objects' numbers.
func (e *elem) write(f *file, parent int, pages []int) {
	var b strings.Builder
	fmt.Fprintf(&b, "<</S/%s/P %d 0 R", e.typ, parent)
	for _, t := range []struct{ key, val string }{{"Alt", e.alt}, {"ActualText", e.actual}, {"Lang", e.lang}} {
		if t.val != "" {
			b.WriteString("/" + t.key + textString(t.val))
		}
	}
	if e.attrs != "" {
		b.WriteString("/A" + e.attrs)
	}
	page := -1
	for _, k := range e.kids {
		if k.e == nil && page < 0 {
			page = k.page
			fmt.Fprintf(&b, "/Pg %d 0 R", pages[page])
		}
	}
	b.WriteString("/K[")
	for i, k := range e.kids {
		if i > 0 {
			b.WriteByte(' ')
		}
		switch {
		case k.e != nil:
			fmt.Fprintf(&b, "%d 0 R", k.e.num)
		case k.page == page:
			fmt.Fprint(&b, k.mcid)
		default:
			fmt.Fprintf(&b, "<</Type/MCR/Pg %d 0 R/MCID %d>>", pages[k.page], k.mcid)
		}
	}
	b.WriteString("]>>")
	f.object(e.num, b.String())
	for _, k := range e.kids {
		if k.e != nil {
			k.e.write(f, e.num, pages)
		}
	}
}
