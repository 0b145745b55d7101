package pdf

import "cmp"

// Align is a place across the line; start is the left in a left-to-right document and the right otherwise.
type Align int

// The alignments.
const (
	Start Align = iota
	Center
	End
)

// Style is how a paragraph is set. The zero value is body text.
type Style struct {
	Size  float64 // points; 0 takes 10.5
	Bold  bool
	Align Align
	Color Color  // 0 takes the ink of the body
	Lang  string // of the text, if other than the document's
}

// Flow is a sequence of blocks from top to bottom: the document itself, a column or a panel.
type Flow struct {
	blocks []block
	err    *error // the first failure, kept for WriteTo
}

func (f *Flow) add(b block) { f.blocks = append(f.blocks, b) }

func (f *Flow) fail(err error) {
	if *f.err == nil {
		*f.err = err
	}
}

// Heading adds a heading of level 1 (the title) to 3; other levels are taken to the nearest.
func (f *Flow) Heading(text string, level int) { f.add(heading{text, min(max(level, 1), 3)}) }

// Paragraph adds a text; a line break in it is kept.
func (f *Flow) Paragraph(text string, s Style) { f.add(paragraph{text, s}) }

// Space adds a gap in points, left out at the top of a page.
func (f *Flow) Space(pt float64) { f.add(space(pt)) }

// Rule adds a thin line across.
func (f *Flow) Rule() { f.add(rule{}) }

// Columns puts flows side by side, the first at the start of the line; weights share the width out. What
// does not fit on one page goes below one another.
func (f *Flow) Columns(weights []float64, fill ...func(*Flow)) {
	c := columns{weights: weights}
	for _, fn := range fill {
		sub := &Flow{err: f.err}
		fn(sub)
		c.flows = append(c.flows, sub)
	}
	f.add(c)
}

// Panel puts blocks into a tinted box with a stripe of the accent colour at its start.
func (f *Flow) Panel(fill func(*Flow)) {
	sub := &Flow{err: f.err}
	fill(sub)
	f.add(panel{sub})
}

// Signature adds a line to sign on with the lines of text under it: name, office.
func (f *Flow) Signature(lines ...string) { f.add(signature(lines)) }

type heading struct {
	text  string
	level int
}

func (h heading) lay(l *layout, parent *elem, width float64) []piece {
	size := []float64{21, 13, 11}[h.level-1]
	align := Start
	if l.theme.CenterHeadings {
		align = Center
	}
	out := []piece{{height: size * 0.55, blank: true, keep: true}}
	e := parent.add([]string{"H1", "H2", "H3"}[h.level-1])
	body := l.text(e, h.text, width, Style{Size: size, Bold: true, Align: align, Color: l.theme.Accent})
	for i := range body {
		body[i].keep = true
	}
	return append(append(out, body...), piece{height: size * 0.25, keep: true})
}

type paragraph struct {
	text  string
	style Style
}

func (b paragraph) lay(l *layout, parent *elem, width float64) []piece {
	e := parent.add("P")
	out := l.text(e, b.text, width, b.style)
	if n := len(out); n > 1 { // no line alone at the foot or the top of a page
		out[0].keep, out[n-2].keep = true, true
	}
	return append(out, piece{height: cmp.Or(b.style.Size, 10.5) * 0.35, blank: true})
}

// text lays out a text as one piece per line, all belonging to the element; nil for repeated text, which is
// drawn inside an artifact.
func (l *layout) text(e *elem, text string, width float64, s Style) []piece {
	s.Size, s.Color = cmp.Or(s.Size, 10.5), cmp.Or(s.Color, ink)
	if l.rtl {
		s.Size *= 1.12 // Naskh letters are small for their body
	}
	lines := l.lines(text, width, s.Size, s.Bold, cmp.Or(s.Lang, l.lang), l.rtl)
	if e != nil {
		e.lang = s.Lang
		actual(e, text, lines)
	}
	h := leading(lines, s.Size)
	var out []piece
	for _, line := range lines {
		out = append(out, piece{height: h, draw: func(p *painter, x, y float64) {
			p.tagged(e, func() {
				p.text(line, l.place(s.Align, x, width, line.width*s.Size/unit), baseline(y, h, s.Size), s.Size, s.Color)
			})
		}})
	}
	return out
}

type space float64

func (s space) lay(*layout, *elem, float64) []piece {
	return []piece{{height: float64(s), blank: true}}
}

type rule struct{}

func (rule) lay(_ *layout, _ *elem, width float64) []piece {
	return []piece{{height: 9, draw: func(p *painter, x, y float64) {
		p.artifact(func() { p.rule(x, y+4.5, width, 0.6, hair) })
	}}}
}

type columns struct {
	weights []float64
	flows   []*Flow
}

func (c columns) lay(l *layout, parent *elem, width float64) []piece {
	const gutter = 16
	total := 0.0
	for i := range c.flows {
		total += c.weight(i)
	}
	room := width - gutter*float64(len(c.flows)-1)
	var cols []stack
	tallest, left := 0.0, 0.0
	for i, f := range c.flows {
		w := room * c.weight(i) / total
		s := stack{pieces: l.flow(f, parent, w), x: left}
		if l.rtl {
			s.x = width - left - w
		}
		left += w + gutter
		tallest = max(tallest, s.height())
		cols = append(cols, s)
	}
	if tallest > l.height {
		return stacked(cols)
	}
	return []piece{{height: tallest, draw: func(p *painter, x, y float64) {
		for _, s := range cols {
			s.draw(p, x, y)
		}
	}}}
}

func (c columns) weight(i int) float64 {
	if i < len(c.weights) && c.weights[i] > 0 {
		return c.weights[i]
	}
	return 1
}

// stacked gives up the columns: each keeps its place across the page and stands below the one before.
func stacked(cols []stack) []piece {
	var out []piece
	for _, s := range cols {
		for _, pc := range s.pieces {
			if draw := pc.draw; draw != nil {
				pc.draw = func(p *painter, x, y float64) { draw(p, x+s.x, y) }
			}
			out = append(out, pc)
		}
	}
	return out
}

// stack is a run of pieces drawn as one.
type stack struct {
	pieces []piece
	x      float64
}

func (s stack) height() (h float64) {
	for _, p := range s.pieces {
		h += p.height
	}
	return h
}

func (s stack) draw(p *painter, x, y float64) {
	for _, pc := range s.pieces {
		if pc.draw != nil {
			pc.draw(p, x+s.x, y)
		}
		y += pc.height
	}
}

type panel struct{ flow *Flow }

func (b panel) lay(l *layout, parent *elem, width float64) []piece {
	const pad, stripe = 10, 3
	s := stack{pieces: l.flow(b.flow, parent, width-2*pad-stripe), x: pad + stripe}
	if l.rtl {
		s.x = pad
	}
	h := s.height() + 2*pad
	if h > l.height {
		return s.pieces
	}
	return []piece{{height: h, draw: func(p *painter, x, y float64) {
		p.artifact(func() {
			p.fill(x, y, width, h, l.theme.Accent.tint(0.06))
			p.fill(l.place(Start, x, width, stripe), y, stripe, h, l.theme.Accent)
		})
		s.draw(p, x, y+pad)
	}}, {height: 6, blank: true}}
}

type signature []string

func (b signature) lay(l *layout, parent *elem, width float64) []piece {
	w := min(width, 220)
	s := stack{pieces: []piece{{height: 34}}, x: (width - w) / 2}
	for i, text := range b {
		st := Style{Size: 8.5, Align: Center, Color: muted}
		if i == 0 {
			st = Style{Size: 10, Align: Center, Bold: true}
		}
		s.pieces = append(s.pieces, l.text(parent.add("P"), text, w, st)...)
	}
	return []piece{{height: s.height(), draw: func(p *painter, x, y float64) {
		p.artifact(func() { p.rule(x+s.x, y+31, w, 0.7, ink) })
		s.draw(p, x, y)
	}}}
}
