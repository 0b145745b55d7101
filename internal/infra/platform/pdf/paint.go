package pdf

import (
	"bytes"
	"fmt"
	"strconv"

	gofont "github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
)

// A4 in points, and millimetres to points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	mm         = 72 / 25.4
)

// Color is 0xRRGGBB.
type Color uint32

// The inks of the documents, apart from the accent.
const (
	ink   Color = 0x1B1F24
	muted Color = 0x5B6470
	hair  Color = 0xD5D9DE
)

func (c Color) operands() string {
	return num(float64(c>>16&255)/255) + " " + num(float64(c>>8&255)/255) + " " + num(float64(c&255)/255)
}

// tint mixes the colour with white; 0 is white, 1 the colour itself.
func (c Color) tint(part float64) Color {
	mix := func(v Color) Color { return Color(255 - (255-float64(v&255))*part) }
	return mix(c>>16)<<16 | mix(c>>8)<<8 | mix(c)
}

// sheet is one page: its content and the structure elements of its marked pieces.
type sheet struct {
	content bytes.Buffer
	marks   []*elem
}

// painter draws on the pages. Places are in points from the top left corner of the page.
type painter struct {
	sheets []*sheet
	fonts  []*usedFont // by fontID, nil while unused
	pics   []*Picture
	forms  []form
	inside bool // an artifact
}

// form is a drawing used more than once in the document.
type form struct {
	name string
	size float64 // of its square
	data []byte  // compressed
}

func (p *painter) page() *sheet { return p.sheets[len(p.sheets)-1] }

func (p *painter) op(format string, args ...any) {
	for i, a := range args {
		if v, ok := a.(float64); ok { // measures are printed with %s
			args[i] = num(v)
		}
	}
	fmt.Fprintf(&p.page().content, format+"\n", args...)
}

// tagged draws a piece that belongs to a structure element; nil for none, inside an artifact.
func (p *painter) tagged(e *elem, draw func()) {
	if e == nil {
		draw()
		return
	}
	s := p.page()
	p.op("/%s<</MCID %d>>BDC", e.typ, len(s.marks))
	e.kids = append(e.kids, kid{page: len(p.sheets) - 1, mcid: len(s.marks)})
	s.marks = append(s.marks, e)
	draw()
	p.op("EMC")
}

// artifact draws what is decoration or repetition and not read out.
func (p *painter) artifact(draw func()) {
	if p.inside {
		draw()
		return
	}
	p.inside = true
	p.op("/Artifact BMC")
	draw()
	p.op("EMC")
	p.inside = false
}

func (p *painter) fill(x, y, w, h float64, c Color) {
	p.op("%s rg %s %s %s %s re f", c.operands(), x, pageHeight-y-h, w, h)
}

func (p *painter) box(x, y, w, h, stroke float64, c Color) {
	p.op("%s RG %s w %s %s %s %s re S", c.operands(), stroke, x, pageHeight-y-h, w, h)
}

func (p *painter) rule(x, y, w, stroke float64, c Color) {
	p.op("%s RG %s w %s %s m %s %s l S", c.operands(), stroke, x, pageHeight-y, x+w, pageHeight-y)
}

// text draws a shaped line with its left end at x on a baseline.
func (p *painter) text(l textLine, x, baseline, size float64, c Color) {
	if len(l.runs) == 0 {
		return
	}
	p.op("BT %s rg %s %s Td", c.operands(), x, pageHeight-baseline)
	t := typist{out: &p.page().content, size: size}
	for _, r := range l.runs {
		if p.fonts[r.font] == nil {
			p.fonts[r.font] = newUsedFont(fonts()[r.font])
		}
		t.font = p.fonts[r.font]
		fmt.Fprintf(t.out, "/F%d %s Tf\n", r.font, num(size))
		t.run(r)
	}
	p.op("ET")
}

// typist writes the glyphs of a line. All its measures are thousandths of an em.
type typist struct {
	out  *bytes.Buffer
	font *usedFont
	size float64
	pen  float64 // where shaping has put the pen
	at   float64 // where the reader's pen is
	rise float64
	open bool // inside a TJ array
}

func (t *typist) run(r textRun) {
	for i := 0; i < len(r.glyphs); {
		j := i + 1
		for j < len(r.glyphs) && r.glyphs[j].TextIndex() == r.glyphs[i].TextIndex() {
			j++
		}
		at := r.glyphs[i].TextIndex()
		t.cluster(r.glyphs[i:j], r.text[at:at+r.glyphs[i].RunesCount()], r.rtl)
		i = j
	}
	t.close()
	if t.rise != 0 {
		t.rise = 0
		t.out.WriteString("0 Ts\n")
	}
}

// cluster writes the glyphs of one cluster so that the text can be had back.
func (t *typist) cluster(glyphs []shaping.Glyph, text []rune, rtl bool) {
	switch {
	case rtl && len(glyphs)+len(text) > 2:
		t.rtlCluster(glyphs, text)
	case len(glyphs) == 1:
		t.glyph(glyphs[0], string(text))
	default: // the text belongs to the group and not to any one of its glyphs
		t.span(string(text), glyphs...)
	}
}

// rtlCluster writes a ligature, or a letter with marks, of right-to-left text. Readers turn such text round
// code by code and would turn round the inside of a code that stands for several characters. So the widest
// glyph claims the share of the last character alone and is followed by a blank for each of the others; the
// marks stand for nothing.
func (t *typist) rtlCluster(glyphs []shaping.Glyph, text []rune) {
	widest := 0
	for i, g := range glyphs {
		if g.Advance > glyphs[widest].Advance {
			widest = i
		}
	}
	n := len(text)
	for i, g := range glyphs {
		if i != widest || g.GlyphID == gofont.EmptyGlyph {
			t.span("", g)
			continue
		}
		t.move(g)
		for k := range text {
			t.code(glyphKey{gid: uint32(g.GlyphID), text: string(text[n-1-k]), share: uint8(min(n, 255)), blank: k > 0})
		}
		t.pen += float64(g.Advance) / 64
	}
}

// span writes glyphs whose text is said beside them.
func (t *typist) span(text string, glyphs ...shaping.Glyph) {
	t.close()
	fmt.Fprintf(t.out, "/Span<</ActualText<FEFF%s>>>BDC\n", hexUTF16(text))
	for _, g := range glyphs {
		t.glyph(g, "")
	}
	t.close()
	t.out.WriteString("EMC\n")
}

func (t *typist) glyph(g shaping.Glyph, text string) {
	if g.GlyphID != gofont.EmptyGlyph {
		t.move(g)
		t.code(glyphKey{gid: uint32(g.GlyphID), text: text, share: 1})
	}
	t.pen += float64(g.Advance) / 64
}

// move makes ready to write a glyph at its offset from the pen.
func (t *typist) move(g shaping.Glyph) {
	dx, dy := float64(g.XOffset)/64, float64(g.YOffset)/64
	if dy != t.rise {
		t.close()
		t.rise = dy
		fmt.Fprintf(t.out, "%s Ts\n", num(dy*t.size/unit))
	}
	if !t.open {
		t.out.WriteByte('[')
		t.open = true
	}
	if d := t.pen + dx - t.at; d > 0.5 || d < -0.5 {
		v := int(-d)
		t.out.WriteString(strconv.Itoa(v))
		t.at -= float64(v)
	}
}

func (t *typist) code(k glyphKey) {
	fmt.Fprintf(t.out, "<%04X>", t.font.cid(k))
	t.at += float64(t.font.advance(k))
}

func (t *typist) close() {
	if t.open {
		t.out.WriteString("]TJ\n")
		t.open = false
	}
}
