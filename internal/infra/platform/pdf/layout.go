package pdf

import (
	"strconv"
	"strings"
)

// A piece is the smallest part of a block that stays on one page.
type piece struct {
	height float64
	keep   bool                           // the next piece must be on the same page
	blank  bool                           // space: dropped at the top of a page
	head   *piece                         // drawn above the piece where it opens a page (a table's head)
	draw   func(p *painter, x, y float64) // y is the top of the piece
}

// layout is what blocks need to lay themselves out.
type layout struct {
	*engine
	theme  Theme
	lang   string
	rtl    bool
	height float64 // of the text area of a page
}

type block interface {
	// lay breaks the block into pieces for a width and adds its elements to the structure tree.
	lay(l *layout, parent *elem, width float64) []piece
}

func (l *layout) flow(f *Flow, parent *elem, width float64) []piece {
	var out []piece
	for _, b := range f.blocks {
		out = append(out, b.lay(l, parent, width)...)
	}
	return out
}

// frame is the place of the text on the page.
type frame struct{ left, top, width, bottom float64 }

func (d *Document) frame() frame {
	side, top, bottom := 20*mm, 18*mm, 20*mm
	if d.theme.Frame {
		side, top, bottom = 24*mm, 21*mm, 25*mm
	}
	return frame{left: side, top: top, width: pageWidth - 2*side, bottom: pageHeight - bottom}
}

// paginate lays the blocks out and draws them page by page.
func (d *Document) paginate(e *engine, root *elem) *painter {
	fr := d.frame()
	l := &layout{engine: e, theme: d.theme, lang: d.meta.Language, rtl: d.rtl(), height: fr.bottom - fr.top}
	p := &painter{fonts: make([]*usedFont, len(fonts()))}
	pieces := l.flow(d.Flow, root, fr.width)
	y := 0.0
	turn := func() {
		p.sheets = append(p.sheets, &sheet{})
		d.decorate(p)
		y = fr.top
	}
	turn()
	for i := 0; i < len(pieces); {
		j, h := i, 0.0 // pieces[i:j] belong together
		for more := true; more && j < len(pieces); j++ {
			h += pieces[j].height
			more = pieces[j].keep
		}
		if h > l.height {
			j, h = i+1, pieces[i].height
		}
		if y > fr.top && y+h > fr.bottom+0.01 {
			turn()
			if head := pieces[i].head; head != nil && h+head.height <= l.height {
				p.artifact(func() { head.draw(p, fr.left, y) })
				y += head.height
			}
		}
		for ; i < j; i++ {
			if pieces[i].blank && y == fr.top {
				continue
			}
			if pieces[i].draw != nil {
				pieces[i].draw(p, fr.left, y)
			}
			y += pieces[i].height
		}
	}
	d.footers(l, p, fr)
	return p
}

// footers draws the foot of each page, when the number of pages is known.
func (d *Document) footers(l *layout, p *painter, fr frame) {
	if d.footer == "" {
		return
	}
	all := p.sheets
	for i := range all {
		text := strings.NewReplacer("{page}", strconv.Itoa(i+1), "{pages}", strconv.Itoa(len(all))).Replace(d.footer)
		p.sheets = all[:i+1]
		p.artifact(func() {
			y := fr.bottom + 16
			for _, line := range l.lines(text, fr.width, 7.5, false, l.lang, l.rtl) {
				x := fr.left + (fr.width-line.width*7.5/unit)/2
				p.text(line, x, y, 7.5, muted)
				y += 10
			}
		})
	}
	p.sheets = all
}

// place gives the left end of a line of a given width in an area, by alignment and direction.
func (l *layout) place(a Align, x, area, width float64) float64 {
	switch {
	case a == Center:
		return x + (area-width)/2
	case (a == End) != l.rtl:
		return x + area - width
	}
	return x
}

// leading is the height of a line of text: more for scripts with marks above and below.
func leading(lines []textLine, size float64) float64 {
	for _, l := range lines {
		if l.tall {
			return size * 1.75
		}
	}
	return size * 1.42
}

// baseline is where the feet of the letters stand in a line of given height.
func baseline(y, height, size float64) float64 { return y + height/2 + 0.33*size }

// actual gives the element the text in reading order if the page holds it otherwise.
func actual(e *elem, text string, lines []textLine) {
	for _, l := range lines {
		if l.rtl {
			e.actual = clean(text)
		}
	}
}
